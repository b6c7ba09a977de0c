"""The pace that Telegram allows, and answers that keep it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from adapters.platforms.telegram import Telegram, frozen, pace_of
from bot.channels import Address, Verdict
from bot.pacing import Pacer
from tests.wires.telegram import FakeTelegram, Trouble, served

BODY = frozen.freeze(["Hi"], [], marked=True)


@pytest.mark.parametrize(
    ("per_second", "any_second"),
    [(1, 2), (28, 29), (29, 30), (30, 30), (31, 32), (300, 304), (995, 1000), (1000, 1000)],
)
def test_no_second_has_more_than_telegram_allows_paid_for_or_not(per_second, any_second):
    pace = pace_of(per_second)
    assert (pace.per_second, pace.any_second) == (per_second, any_second)
    assert Telegram("1:t", per_second=per_second).limits.pace == pace


@pytest.mark.parametrize(
    ("chat", "in_a_minute"),
    [("12345", 60), ("@12345", 60), ("-12345", 20), ("-1001234567890", 20), ("@a_channel", 20)],
)
def test_people_get_one_a_second_all_others_twenty_a_minute_too(chat, in_a_minute):
    allowed = pace_of().of_chat(Address("telegram", chat, "7"))
    assert min(one.calls * 60 / one.seconds for one in allowed) == in_a_minute
    assert min(one.calls for one in allowed) == 1


class Counting(Pacer):
    """Notes what it is told."""

    def __init__(self) -> None:
        super().__init__(pace_of())
        self.answered: list[str] = []
        self.heard: list[object] = []

    @asynccontextmanager
    async def answer(self, address: Address) -> AsyncIterator[None]:
        async with super().answer(address):
            self.answered.append(address.chat)
            yield

    def too_fast(self, address: Address, seconds: float, everywhere: bool = False) -> None:
        self.heard.append((address.chat, seconds, everywhere))
        super().too_fast(address, seconds, everywhere)

    def accepted(self, address: Address) -> None:
        self.heard.append(address.chat)
        super().accepted(address)


async def test_every_answer_has_its_turn_at_the_pacer_that_hears_what_came_of_it():
    pacer = Counting()
    async with served(pacer=pacer) as it:
        ann = it.wire.person("Ann")
        chat = it.wire.private(ann)
        name = str(chat.id)
        it.wire.fail("sendMessage", Trouble(429, "Too Many Requests", {"retry_after": 1}))
        it.wire.type(chat, ann, "/paper 2512.1")
        await it.wire.hear(chat)
    assert pacer.answered == [name, name]
    assert pacer.heard == [(name, 1, False), name]
    assert pacer.free_in(Address("telegram", name)) > 0


async def test_answers_wait_while_the_token_is_paused():
    pacer = Counting()
    pacer.too_fast(Address("telegram", "5"), 3600.0, True)
    async with served(pacer=pacer) as it:
        ann = it.wire.person("Ann")
        it.wire.type(it.wire.private(ann), ann, "/paper 2512.1")
        await it.wire.until(lambda: bool(it.asked))
        await asyncio.sleep(0.05)
        assert it.wire.made("sendMessage") == []


@pytest.mark.parametrize(("per_second", "paid"), [(28, False), (30, False), (31, True)])
async def test_what_is_faster_than_telegram_allows_for_nothing_is_paid_for(per_second, paid):
    async with (
        FakeTelegram() as wire,
        Telegram(wire.token, api_url=wire.url, per_second=per_second) as platform,
    ):
        chat = wire.private(wire.person("Ann"))
        chat.members[wire.bot.id] = "member"
        for body in (BODY, frozen.freeze_file("a.bib", "@a")):
            found = await platform.send(Address("telegram", str(chat.id)), body, "p", silent=True)
            assert found.verdict is Verdict.ACCEPTED
        assert [call.params.get("allow_paid_broadcast", False) for call in wire.calls] == [paid] * 2
        assert wire.problems() == []


async def test_answers_are_never_paid_for():
    async with served(per_second=1000) as it:
        ann = it.wire.person("Ann")
        it.wire.type(it.wire.private(ann), ann, "/paper 2512.1")
        await it.wire.hear(it.wire.private(ann))
        assert "allow_paid_broadcast" not in it.wire.made("sendMessage")[-1].params
