"""The console as a platform: outcomes, and the conversation over the keyboard."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from adapters.platforms.console import Console
from adapters.platforms.console.keyboard import keyboard
from bot.cards import Block, CardBlock, Heading, Line, ListBlock, Paragraph
from bot.cards.formatter import card
from bot.channels import Address, Body, Layout, Verdict
from bot.papers import Paper
from bot.ports import Reply, Request
from tests.wires.talks import Answering

LAB = Address("console", "lab")
NOW = datetime(2025, 12, 26, 3, tzinfo=UTC)


class _Closed(io.StringIO):
    def write(self, text):
        raise BrokenPipeError(32, "Broken pipe")


class _Full(io.StringIO):
    def flush(self):
        raise OSError(28, "No space left on device")


class _Counting(io.StringIO):
    writes = 0

    def write(self, text):
        self.writes += 1
        return super().write(text)


class _Terminal(io.StringIO):
    def isatty(self):
        return True


def body(console: Console) -> Body:
    (drawn,) = console.draw([Paragraph.of("hello")], Layout.CARDS, "en")
    return drawn.body


async def lines(*typed: str) -> AsyncIterator[str]:
    for line in typed:
        yield line


async def echo(request: Request) -> Reply:
    return Reply((Paragraph.of(f"{request.command}|{request.text}"),), "en")


@pytest.mark.parametrize("output", [_Closed(), _Full()])
async def test_a_closed_or_full_output_is_not_sent_so_that_nothing_is_lost(output):
    console = Console(output, as_json=True)
    outcome = await console.send(LAB, body(console), "k", silent=False)
    assert outcome.verdict is Verdict.NOT_SENT
    assert outcome.error


async def test_an_output_that_we_closed_is_not_sent():
    output = io.StringIO()
    console = Console(output, as_json=False)
    output.close()
    assert (await console.send(LAB, body(console), "k", silent=True)).verdict is Verdict.NOT_SENT
    assert (await console.probe(LAB)).verdict is Verdict.NOT_SENT


async def test_a_body_of_another_version_is_refused_not_raised():
    console = Console(io.StringIO(), as_json=False)
    outcome = await console.send(LAB, Body((b'{"v": 2}',)), "k", silent=True)
    assert outcome.verdict is Verdict.CONTENT_REFUSED


@pytest.mark.parametrize("as_json", [False, True])
async def test_a_body_leaves_in_one_write(as_json):
    output = _Counting()
    console = Console(output, as_json=as_json)
    blocks: list[Block] = [
        CardBlock(card(Paper(f"2512.{n}", "T" * 90), None, "en")) for n in range(30)
    ]
    (drawn,) = console.draw(blocks, Layout.PACKED, "en")
    await console.send(LAB, drawn.body, "k", silent=True)
    assert output.writes == 1


async def test_a_digest_is_one_message_that_names_its_papers_in_order():
    console = Console(io.StringIO(), as_json=False)
    blocks: list[Block] = [
        Heading(NOW.date(), (), 3, 3, ()),
        CardBlock(card(Paper("2512.2", "T"), None, "en")),
        CardBlock(card(Paper("2512.1", "T"), None, "en")),
        ListBlock((Line("2512.3", "U", "https://x.org"),)),
    ]
    (drawn,) = console.draw(blocks, Layout.PACKED, "en")
    assert drawn.papers == ("2512.2", "2512.1", "2512.3")


async def test_commands_are_handed_on_and_their_answers_shown():
    output = io.StringIO()
    asked = []

    async def handle(request):
        asked.append(request)
        return await echo(request)

    console = Console(
        output, as_json=False, chat="me", now=lambda: NOW,
        lines=lines("/Topics  add video generation \n", "\n", "/help\n", "/quit\n", "/never\n"),
    )  # fmt: skip
    await console.serve(Answering(handle))
    assert output.getvalue() == "topics|add video generation\n\nhelp|\n\n"
    assert asked[0].address == Address("console", "me")
    assert asked[0].now == NOW
    assert asked[0].rights.manage
    assert asked[0].rights.operate
    assert asked[0].person.id == "me"


async def test_words_without_a_slash_get_a_hint():
    output = io.StringIO()
    await Console(output, as_json=False, lines=lines("hello", "/")).serve(Answering(echo))
    assert output.getvalue().count("/help") == 2


async def test_talking_ends_when_nobody_can_read_the_answer():
    console = Console(_Closed(), as_json=False, lines=lines("/a", "/b"))
    asked = []

    async def handle(request):
        asked.append(request.command)
        return await echo(request)

    await console.serve(Answering(handle))
    assert asked == ["a"]


async def test_the_keyboard_gives_lines_until_the_end_with_a_prompt_before_each():
    shown = io.StringIO()
    typed = [line async for line in keyboard(shown, io.StringIO("/a\n/b"))]
    assert typed == ["/a\n", "/b"]
    assert shown.getvalue() == "> > > "


async def test_a_prompt_is_only_for_a_terminal(monkeypatch):
    for output, prompts in ((_Terminal(), 2), (io.StringIO(), 0)):
        monkeypatch.setattr("sys.stdin", io.StringIO("/a\n"))
        await Console(output, as_json=False, color=False, width=80).serve(Answering(echo))
        assert output.getvalue().count("> ") == prompts


async def test_a_terminal_is_colored_unless_it_asks_for_none(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    block = [CardBlock(card(Paper("2512.1", "T"), None, "en"))]

    async def text() -> str:
        output = _Terminal()
        console = Console(output, as_json=False)
        (drawn,) = console.draw(block, Layout.CARDS, "en")
        await console.send(LAB, drawn.body, "k", silent=True)
        return output.getvalue()

    assert "\x1b" in await text()
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in await text()


async def test_waiting_for_the_keyboard_can_be_cancelled():
    never = asyncio.Event()

    async def waiting() -> AsyncIterator[str]:
        await never.wait()
        yield ""

    talk = asyncio.create_task(
        Console(io.StringIO(), as_json=False, lines=waiting()).serve(Answering(echo))
    )
    await asyncio.sleep(0)
    talk.cancel()
    with pytest.raises(asyncio.CancelledError):
        await talk
