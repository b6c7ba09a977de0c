"""What `once` tells of the chats it sent to: the same objects as of the console."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from adapters.platforms.console import Console
from bot.cards import Badge, Block, Card, CardBlock, Foot, Heading, Line, ListBlock, Rung
from bot.channels import Address, Body, Drawn, Layout, Limits, Outcome, Place, Verdict
from bot.cli.told import Told

HERE = Address("telegram", "-100")
ANYWHERE = Place()


class Wire:
    """A platform that draws a message per card and accepts what it is told to."""

    name = "telegram"
    limits = Limits(most_cards=50, list_lines=10)

    def __init__(self) -> None:
        self.verdict = Verdict.ACCEPTED

    def draw(
        self, blocks: Sequence[Block], layout: Layout, language: str, place: Place = ANYWHERE
    ) -> tuple[Drawn, ...]:
        drawn = []
        for block in blocks:
            if isinstance(block, CardBlock):
                body = Body((block.card.id.encode(),))
                plain = Body((b"plain", block.card.id.encode()))
                drawn.append(Drawn(body, (block.card.id,), fallback=plain))
            elif isinstance(block, ListBlock):
                drawn.append(Drawn(Body((b"list",)), tuple(line.id for line in block.lines)))
        return tuple(drawn) or (Drawn(Body((b"nothing",))),)

    async def send(
        self, address: Address, body: Body, key: str, *, silent: bool, reply_to: str | None = None
    ) -> Outcome:
        return Outcome(self.verdict)


class NoStore:
    """A memory that is not to be asked."""


def _card(number: int) -> CardBlock:
    card = Card(
        key=f"{number}", id=f"2512.0000{number}", language="en", title=f"Paper {number}",
        url="https://arxiv.org/abs/2512.00001", authors=("A",), byline="A", organization=None,
        upvotes=1, comments=None, badges=(Badge("upvotes", 1),), links=(), lines=("A line.",),
        sections=(), rung=Rung.SENTENCES,
    )  # fmt: skip
    return CardBlock(card, ("topic",))


BLOCKS: tuple[Block, ...] = (
    Heading(date(2025, 12, 27), (), 9, 4, ("topic",)),
    _card(1),
    _card(2),
    ListBlock((Line("2512.00003", "Three", "https://arxiv.org/abs/2512.00003"),), passed=1),
    Foot(None, 5),
)


@pytest.fixture
def wire() -> Wire:
    return Wire()


def _told(wire: Wire, *, as_json: bool = True) -> Told:
    return Told(wire, NoStore(), as_json=as_json, clock=lambda: 0.0)  # type: ignore[arg-type]


async def _send(told: Told, drawn: Drawn, address: Address = HERE) -> None:
    await told.send(address, drawn.body, "pb1", silent=False)


async def test_a_digest_in_a_chat_tells_the_same_objects_as_on_the_console(
    wire: Wire, capsys: pytest.CaptureFixture[str]
) -> None:
    told = _told(wire)
    for drawn in told.draw(BLOCKS, Layout.CARDS, "en"):
        await _send(told, drawn)
    told.finish()
    in_chat = capsys.readouterr().out
    console = Console(sys.stdout, as_json=True, clock=lambda: 0.0)
    (drawn,) = console.draw(BLOCKS, Layout.CARDS, "en")
    await console.send(HERE, drawn.body, "pb1", silent=False)
    assert in_chat == capsys.readouterr().out
    kinds = [json.loads(line)["kind"] for line in in_chat.splitlines()]
    assert kinds == ["card", "card", "list", "summary"]


async def test_two_chats_with_equal_messages_are_told_each_by_its_name(
    wire: Wire, capsys: pytest.CaptureFixture[str]
) -> None:
    told = _told(wire)
    for _ in range(2):
        drawn = told.draw(BLOCKS, Layout.CARDS, "en")
    for address in (HERE, replace(HERE, thread="7")):
        for one in drawn:
            await _send(told, one, address)
    objects = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["channel"] for one in objects] == ["telegram:-100"] * 4 + ["telegram:-100:7"] * 4


async def test_cards_in_a_thread_that_the_first_message_made_are_the_channels(
    wire: Wire, capsys: pytest.CaptureFixture[str]
) -> None:
    told = _told(wire)
    index, *cards = told.draw(BLOCKS, Layout.THREAD, "en")
    await _send(told, index)
    for one in cards:
        await _send(told, one, replace(HERE, thread="99"))
    objects = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {one["channel"] for one in objects} == {"telegram:-100"}
    assert objects[-1]["kind"] == "summary"


async def test_only_what_was_accepted_is_told(
    wire: Wire, capsys: pytest.CaptureFixture[str]
) -> None:
    told = _told(wire)
    first, second, listed = told.draw(BLOCKS, Layout.CARDS, "en")
    await _send(told, first)
    wire.verdict = Verdict.TOO_FAST
    await _send(told, second)
    wire.verdict = Verdict.ACCEPTED
    await _send(told, listed)
    told.finish()
    objects = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["kind"] for one in objects] == ["card", "list", "summary"]
    assert objects[-1]["shown"] == 2


async def test_a_message_sent_plain_is_told_all_the_same(
    wire: Wire, capsys: pytest.CaptureFixture[str]
) -> None:
    told = _told(wire)
    first = told.draw(BLOCKS, Layout.CARDS, "en")[0]
    assert first.fallback is not None
    await told.send(HERE, first.fallback, "pb1", silent=False)
    assert json.loads(capsys.readouterr().out)["id"] == "2512.00001"


async def test_a_person_reads_one_line_for_a_digest(
    wire: Wire, capsys: pytest.CaptureFixture[str]
) -> None:
    told = _told(wire, as_json=False)
    drawn = told.draw(BLOCKS, Layout.CARDS, "en")
    for one in drawn:
        await _send(told, one)
    assert capsys.readouterr().out == "telegram:-100  2025-12-27: 3 papers in 3 messages\n"
    await _send(told, drawn[0], replace(HERE, chat="5"))
    told.finish()
    said = capsys.readouterr().out
    assert said == "telegram:5  2025-12-27: 1 paper in 1 message, 2 not sent yet\n"


async def test_answers_and_alerts_are_nobodys_digest(
    wire: Wire, capsys: pytest.CaptureFixture[str]
) -> None:
    told = _told(wire)
    await told.send(HERE, Body((b"hello",)), "alert", silent=False)
    assert capsys.readouterr().out == ""


async def test_a_reader_that_went_away_does_not_make_a_sent_message_unsent(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Gone:
        encoding = "utf-8"

        def write(self, text: str) -> None:
            raise BrokenPipeError

    told = _told(wire)
    (first, *_) = told.draw(BLOCKS, Layout.CARDS, "en")
    monkeypatch.setattr("sys.stdout", Gone())
    outcome = await told.send(HERE, first.body, "pb1", silent=False)
    assert outcome.verdict is Verdict.ACCEPTED
