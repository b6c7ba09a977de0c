"""What the platform says of itself, and what it promises without being asked."""

from __future__ import annotations

from datetime import UTC, datetime

from adapters.platforms.telegram import Telegram
from bot.cards import Paragraph
from bot.channels import Address, Body, Layout
from tests.wires.talks import Answering
from tests.wires.telegram import FakeTelegram, echo


def test_its_limits_are_known_without_a_connection():
    limits = Telegram("1:token").limits
    assert limits.most_cards == 50
    assert limits.list_lines == 40
    assert limits.verbs == {"edit", "probe", "rights", "serve", "look_up"}
    assert limits.buttons
    assert not limits.private_answers
    assert not limits.links_heard
    assert limits.settings == {"previews"}


async def test_whether_links_are_heard_is_what_telegram_says_of_the_bot():
    import asyncio

    for hears in (True, False):
        async with (
            FakeTelegram(reads_all=hears) as wire,
            Telegram(wire.token, api_url=wire.url) as platform,
        ):
            serving = asyncio.create_task(platform.serve(Answering(echo)))
            await wire.until(lambda wire=wire: bool(wire.made("getUpdates")))  # type: ignore[misc]
            assert platform.limits.links_heard is hears
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)


async def test_entering_and_leaving_ask_nothing():
    async with FakeTelegram() as wire:
        async with Telegram(wire.token, api_url=wire.url):
            pass
        assert wire.calls == []


async def test_history_is_never_looked_into():
    address, since = Address("telegram", "1"), datetime(2025, 12, 26, tzinfo=UTC)
    assert await Telegram("1:t").find(address, Body((b"",)), "pb1", since) is None


def test_drawing_needs_no_connection():
    (drawn,) = Telegram("1:t").draw((Paragraph.of("x"),), Layout.PACKED, "en")
    assert drawn.body.fragments


async def test_the_same_platform_can_be_entered_again():
    async with FakeTelegram() as wire:
        platform = Telegram(wire.token, api_url=wire.url)
        for _ in range(2):
            async with platform:
                assert await platform.look_up("@nobody_here") is None
        assert len(wire.made("getChat")) == 2
