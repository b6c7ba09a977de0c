"""A notice to all channels is put into the outbox once for each, and goes behind digests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.platforms.discord import Discord
from adapters.platforms.telegram import Telegram
from bot import announcing
from bot.announcing import (
    KEPT,
    MOST,
    Chosen,
    Drawings,
    Words,
    announce,
    audience,
    seconds,
    written,
)
from bot.channels import (
    Address,
    Channel,
    Delivery,
    DeliveryState,
    Digest,
    Drawn,
    Kind,
    Outcome,
    Pace,
    PlaceKind,
    Verdict,
)
from bot.courier import carry
from bot.desk import Desk
from bot.errors import Usage
from bot.ports import Platform
from bot.replies.asked import note_left
from storage import SqlStore, open_store
from tests.storage.samples import drawn
from tests.wires.databases import ENGINES, database
from tests.wires.mail import Mail

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
HELLO = Words("Hello", {"zh": "你好"})
ALL = Chosen()


@pytest.fixture(params=ENGINES)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SqlStore]:
    """An empty store on each engine."""
    with database(request.param, tmp_path) as url:
        async with open_store(url) as opened:
            yield opened


@pytest.fixture
def mail() -> Mail:
    return Mail()


async def subscribe(store: SqlStore, *chats: str, **words: Any) -> list[Channel]:
    """Stored channels, one for each chat."""
    language = words.pop("language", "en")
    async with store.transaction() as tx:
        return [
            await tx.channels.add(
                Channel(Address("mail", chat), "UTC", language, NOW, created=NOW, **words)
            )
            for chat in chats
        ]


async def say(store: SqlStore, mail: Mail, words: Words = HELLO, chosen: Chosen = ALL) -> int:
    return await announce(store, {"mail": mail}, words, chosen, NOW)


async def deliver(store: SqlStore, mail: Mail, now: datetime = NOW) -> None:
    await carry(Desk(store, {}, {}, {"mail": mail}), now)


async def test_every_channel_gets_it_once_in_its_language_without_a_sound(
    store: SqlStore, mail: Mail
) -> None:
    await subscribe(store, "a", "b")
    await subscribe(store, "c", language="zh")
    await subscribe(store, "d", language="ko")
    assert await say(store, mail) == 4
    await deliver(store, mail)
    assert {call.address.chat: call.text for call in mail.accepted} == {
        **dict.fromkeys("abd", "Hello"),
        "c": "你好",
    }
    assert all(call.silent for call in mail.accepted)
    assert await say(store, mail) == 0
    assert await say(store, mail, Words("Hello again")) == 4


async def test_broken_off_and_begun_again_it_goes_on_where_it_stopped(
    store: SqlStore, mail: Mail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcing, "_BATCH", 2)
    chats = [f"chat{n}" for n in range(5)]
    await subscribe(store, *chats)
    seen = []

    def step(count: int) -> None:
        seen.append(count)
        if len(seen) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await announce(store, {"mail": mail}, HELLO, ALL, NOW, step=step)
    assert await say(store, mail) == 1
    await deliver(store, mail)
    assert sorted(call.address.chat for call in mail.accepted) == chats


async def test_two_who_announce_at_once_tell_nobody_twice(
    store: SqlStore, mail: Mail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcing, "_BATCH", 3)
    await subscribe(store, *(f"chat{n}" for n in range(10)))
    assert sum(await asyncio.gather(say(store, mail), say(store, mail))) == 10
    async with store.snapshot() as tx:
        assert len(await tx.deliveries.unsettled()) == 10


async def test_who_is_suspended_or_pauses_meanwhile_is_passed_over(
    store: SqlStore, mail: Mail, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the choosing and the last batch many minutes may pass."""
    monkeypatch.setattr(announcing, "_BATCH", 1)
    _, b, c, _ = await subscribe(store, *"abcd")

    async def between(seconds: float) -> None:
        async with store.transaction() as tx:
            await tx.channels.put(replace(b, suspended_at=NOW))
            await tx.channels.put(replace(c, paused=True))

    monkeypatch.setattr("bot.announcing.asyncio.sleep", between)
    assert await say(store, mail) == 2
    async with store.snapshot() as tx:
        waiting = await tx.deliveries.unsettled()
    assert [one.address.chat for one in waiting] == ["a", "d"]


async def test_telling_one_channel_again_forgets_no_other_that_has_it(
    store: SqlStore, mail: Mail
) -> None:
    await subscribe(store, "a", "b", "c")
    assert await say(store, mail) == 3
    one = Chosen(address=Address("mail", "a"), again=True)
    assert await say(store, mail, chosen=one) == 1
    assert await say(store, mail) == 0


async def test_what_was_sent_to_a_part_goes_to_the_others_later(
    store: SqlStore, mail: Mail
) -> None:
    await subscribe(store, "a")
    await subscribe(store, "z", language="zh")
    assert await say(store, mail, chosen=Chosen(language="zh")) == 1
    assert await say(store, mail, chosen=Chosen(platform="telegram")) == 0
    assert await say(store, mail, chosen=Chosen(address=Address("mail", "a"))) == 1
    assert await say(store, mail) == 0
    assert await say(store, mail, chosen=Chosen(again=True)) == 2
    with pytest.raises(Usage, match="no channel mail:nowhere"):
        await say(store, mail, chosen=Chosen(address=Address("mail", "nowhere")))


async def test_who_pauses_left_or_is_out_of_reach_is_passed_over_and_counted(
    store: SqlStore, mail: Mail
) -> None:
    await subscribe(store, "reads")
    await subscribe(store, "pauses", paused=True)
    await subscribe(store, "rests", paused_until=NOW + HOUR)
    [left] = await subscribe(store, "left", paused=True)
    await subscribe(store, "gone", suspended_at=NOW)
    async with store.transaction() as tx:
        await note_left(tx, left.id, NOW)
        await tx.channels.add(Channel(Address("other", "x"), "UTC", "en", NOW))
    async with store.snapshot() as tx:
        found = await audience(tx, HELLO, ALL, {"mail"}, NOW)
        assert [one.address.chat for one in found.channels] == ["reads"]
        assert found.skipped == {"paused": 3, "suspended": 1, "unserved": 1}
        assert found.missing == {"other"}
        also = await audience(tx, HELLO, Chosen(paused=True), {"mail"}, NOW)
        assert [one.address.chat for one in also.channels] == ["reads", "pauses", "rests"]


async def test_looking_at_who_gets_it_changes_nothing(store: SqlStore, mail: Mail) -> None:
    await subscribe(store, "a", quiet_from=time(11), quiet_to=time(13))
    async with store.snapshot() as tx:
        found = await audience(tx, HELLO, ALL, {"mail"}, NOW)
        assert found.counts() == {("mail", "en"): 1}
        assert found.quiet == 1
        assert await tx.notes.starting("") == {}
        assert await tx.deliveries.unsettled() == []


async def test_quiet_hours_are_kept_and_after_three_days_it_is_not_sent(
    store: SqlStore, mail: Mail
) -> None:
    await subscribe(store, "sleeps", quiet_from=time(11), quiet_to=time(13))
    await subscribe(store, "off")
    mail.answer = lambda call: (
        Outcome(Verdict.NOT_SENT, error="No way.") if call.address.chat == "off" else None
    )
    await say(store, mail)
    await deliver(store, mail)
    assert mail.accepted == []
    await deliver(store, mail, NOW + HOUR)
    assert [call.address.chat for call in mail.accepted] == ["sleeps"]
    await deliver(store, mail, NOW + KEPT)
    async with store.snapshot() as tx:
        assert await tx.deliveries.unsettled() == []


async def test_a_paused_chat_that_asks_for_a_pause_gets_it_after_that(
    store: SqlStore, mail: Mail
) -> None:
    """It would be given back as a digest is, were it not the operator who tells."""
    await subscribe(store, "pauses", paused=True)
    mail.answer = lambda _: Outcome(Verdict.TOO_FAST, retry_after=600.0)
    await say(store, mail, chosen=Chosen(paused=True))
    await deliver(store, mail)
    mail.answer = lambda _: None
    await deliver(store, mail, NOW + HOUR)
    assert mail.texts("pauses") == ["Hello"]


async def test_a_digest_that_is_opened_meanwhile_goes_first(store: SqlStore, mail: Mail) -> None:
    _, b = await subscribe(store, "a", "b")
    await say(store, mail)
    async with store.transaction() as tx:
        [own] = await tx.digests.add([Digest(b.id, NOW.date(), NOW, NOW)])
        post = Delivery(b.id, b.address, digest_id=own, created=NOW, turn=2**62)
        await tx.deliveries.add([(post, drawn(b"digest"))])
    await deliver(store, mail)
    assert [call.text for call in mail.accepted if call.address.chat == "b"] == ["digest", "Hello"]
    assert mail.accepted[0].text == "digest"
    assert mail.texts("a") == ["Hello"]


async def test_in_a_forum_a_notice_of_which_nobody_knows_is_looked_for_and_not_posted_twice(
    store: SqlStore, mail: Mail
) -> None:
    """It opens a thread there, and no platform takes two of those for one, whatever their key."""
    mail.bounded(verbs=frozenset({"probe", "find"}), remembers=1000.0)
    lost = [Outcome(Verdict.UNKNOWN, error="No answer in time.")] * 2
    mail.answer = lambda _: lost.pop() if lost else None
    mail.look = lambda _: Outcome(Verdict.ACCEPTED, ("m77",))
    await subscribe(store, "forum", kind=PlaceKind.FORUM)
    await subscribe(store, "group", kind=PlaceKind.GROUP)
    await say(store, mail)
    for minute in range(3):
        await deliver(store, mail, NOW + minute * timedelta(minutes=1))
    assert [one.address.chat for one in mail.calls].count("forum") == 1
    assert [one.address.chat for one in mail.asked] == ["forum"]
    assert mail.texts("group") == ["Hello"]
    async with store.snapshot() as tx:
        assert await tx.deliveries.waiting() == 0


async def test_the_bodies_are_shared_by_the_channels_of_one_kind(
    store: SqlStore, mail: Mail, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawings = 0
    draw = mail.draw

    def count(*words: Any) -> tuple[Drawn, ...]:
        nonlocal drawings
        drawings += 1
        return draw(*words)

    monkeypatch.setattr(mail, "draw", count)
    await subscribe(store, *"abcdef", ping="77")
    await subscribe(store, *"xyz", language="zh")
    await say(store, mail)
    assert drawings == 2
    async with store.snapshot() as tx:
        rows = await tx.deliveries.unsettled()
        assert {(one.kind, one.digest_id, one.state) for one in rows} == {
            (Kind.NOTICE, None, DeliveryState.READY)
        }


def test_the_time_it_takes_is_that_of_the_slowest_platform() -> None:
    platforms = {
        "mail": Mail().bounded(pace=Pace(per_second=20.0)),
        "post": Mail(name="post").bounded(pace=Pace(per_second=1.0)),
        "air": Mail(name="air"),
    }
    places = ["mail"] * 100 + ["post"] * 7 + ["air"] * 1000
    channels = [Channel(Address(name, "x"), "UTC", "en", NOW) for name in places]
    assert seconds(platforms, channels) == 7.0


def test_a_text_is_cleaned_and_bounded() -> None:
    assert written(" Hello \r\n\n\n\nyou\x1b[31m\u202e!  ") == "Hello\n\nyou!"
    with pytest.raises(Usage, match="no text"):
        written(" \n ")
    assert len(written("x" * MOST)) == MOST
    with pytest.raises(Usage, match="2,000"):
        written("x" * (MOST + 1))


@pytest.mark.parametrize("kind", list(PlaceKind))
@pytest.mark.parametrize("text", ["字" * MOST, "&<*_" * (MOST // 4), "a\n\n" * (MOST // 3)])
def test_the_longest_text_is_one_message_everywhere_and_calls_nobody(
    kind: PlaceKind, text: str
) -> None:
    platforms: dict[str, Platform] = {
        "telegram": Telegram("0:never"),
        "discord": Discord("never"),
    }
    for name in platforms:
        place = Channel(Address(name, "1"), "UTC", "en", NOW, kind=kind, ping="9", crosspost=True)
        (one,) = Drawings(platforms).of(replace(place), written(text))
        assert (one.kind, one.silent, one.papers) == (Kind.NOTICE, True, ())
        assert b"<@&9>" not in b"".join(one.body.fragments)
        assert b"crosspost" not in b"".join(one.body.fragments)
