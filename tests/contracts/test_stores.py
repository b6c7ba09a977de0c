"""What bot.ports.memory promises, repository by repository; the outbox has tests of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

import storage
from bot.channels import (
    Address,
    Delivery,
    DeliveryState,
    Follow,
    Kind,
    Layout,
    LedgerState,
    Notice,
    Topic,
)
from bot.errors import NotFound, Usage
from bot.papers import Edition, EditionState, Listing, Reading
from bot.ports import Spent, Store
from bot.reports import Innovation, Report
from tests.storage.samples import (
    DAY,
    HOUR,
    NOW,
    TODAY,
    channel,
    digest,
    drawn,
    entry,
    paper,
    post,
    subscribe,
)
from tests.wires.databases import ENGINES, database


@pytest.fixture(params=ENGINES)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """An open, empty store."""
    with database(request.param, tmp_path) as url:
        async with storage.open_store(url) as opened:
            yield opened


# Papers, editions, readings -----------------------------------------------------------------------


async def test_a_paper_is_stored_in_place_of_what_was_there(store: Store) -> None:
    async with store.transaction() as t:
        await t.papers.put([paper(1, upvotes=3, authors=("A", "B")), paper(2)])
        await t.papers.put([paper(1, upvotes=5), paper(1, upvotes=6)])
        assert await t.papers.get(["2512.00001", "2512.00009"]) == {
            "2512.00001": paper(1, upvotes=6)
        }
        assert await t.papers.get([]) == {}
        assert await t.papers.count() == 2


async def test_thousands_of_papers_go_in_and_come_out(store: Store) -> None:
    many = [paper(number) for number in range(1200)]
    async with store.transaction() as t:
        await t.papers.put(many)
        assert len(await t.papers.get([one.id for one in many])) == 1200


async def test_an_edition_is_replaced_and_found_by_its_day(store: Store) -> None:
    opened = Edition("huggingface", TODAY, NOW)
    closed = replace(opened, state=EditionState.CLOSED, count=7, read_at=NOW, validator='W/"1"')
    before = Edition("arxiv", TODAY - DAY, NOW - DAY, count=3)
    beside = Edition("arxiv", TODAY, NOW, state=EditionState.EMPTY)
    async with store.transaction() as t:
        for edition in (opened, before, beside, closed):
            await t.editions.put(edition)
        assert await t.editions.get("huggingface", TODAY) == closed
        assert await t.editions.get("huggingface", TODAY - DAY) is None
        assert await t.editions.between(TODAY - DAY, TODAY) == [before, beside, closed]
        assert await t.editions.between(TODAY + DAY, TODAY + DAY) == []
        assert await t.editions.latest("arxiv", holding=False) == beside
        assert await t.editions.latest("arxiv", holding=True) == before
        assert await t.editions.latest("nowhere", holding=False) is None


async def test_a_listing_keeps_its_first_instant(store: Store) -> None:
    first = [Listing(f"2512.{n:05}", "arxiv", TODAY, NOW) for n in (3, 1, 2)]
    again = [replace(listing, instant=NOW + HOUR) for listing in first]
    late = Listing("2512.00004", "arxiv", TODAY, NOW + HOUR)
    async with store.transaction() as t:
        assert await t.editions.add_listings(first) == 3
        assert await t.editions.add_listings([*again, late, late]) == 1
        assert await t.editions.add_listings([]) == 0
        assert await t.editions.listings_on("arxiv", TODAY) == [*first, late]
        assert await t.editions.listings_on("huggingface", TODAY) == []


async def test_listings_between_leave_the_first_instant_out(store: Store) -> None:
    at = [Listing(f"2512.{n:05}", "arxiv", TODAY, NOW + n * HOUR) for n in range(4)]
    async with store.transaction() as t:
        await t.editions.add_listings(reversed(at))
        assert await t.editions.listings_between(NOW, NOW + 2 * HOUR) == at[1:3]
        assert await t.editions.listings_between(NOW + DAY, NOW + 2 * DAY) == []


async def test_there_is_one_reading_for_a_paper_and_language(store: Store) -> None:
    rough = Reading("2512.00001", "en", "abstract", ("It works.",))
    better = replace(
        rough,
        rung="full-text",
        sections=(("Method", "They try."), ("Method", "Again.")),
        model="m",
        read_at=NOW,
        unfound=("12%",),
        derived=("3",),
        flags=("instructions",),
        share=0.8,
        report=Report("Vision", "It works.", innovations=(Innovation("A", "B"),)),
    )
    other = replace(rough, language="ko", lines=("된다.",))
    async with store.transaction() as t:
        for reading in (rough, better, other):
            await t.readings.put(reading)
        assert await t.readings.get(["2512.00001", "2512.00002"], "en") == {"2512.00001": better}
        assert await t.readings.get(["2512.00001"], "zh") == {}


async def claim(store: Store, at: datetime, now: datetime = NOW, most: int = 3) -> int | None:
    async with store.transaction() as t:
        return await t.readings.claim("2512.00001", "en", now, at=at, until=at + HOUR, most=most)


async def to_try(store: Store, now: datetime) -> list[tuple[str, str]]:
    async with store.snapshot() as t:
        return await t.readings.to_try(now, most=3, limit=9)


async def end(store: Store, attempt: int, again: datetime | None) -> bool:
    async with store.transaction() as t:
        return await t.readings.done("2512.00001", "en", attempt, again=again)


async def test_one_of_many_at_once_may_read_a_paper(store: Store) -> None:
    given = await asyncio.gather(*(claim(store, NOW) for _ in range(8)))
    assert sorted(given, key=str) == [1, *[None] * 7]
    async with store.transaction() as t:
        other = await t.readings.claim("2512.00001", "ko", NOW, at=NOW, until=NOW, most=3)
        assert other == 1


async def test_what_is_read_for_good_is_never_claimed_again(store: Store) -> None:
    assert await claim(store, NOW) == 1
    assert await end(store, 1, None)
    assert await claim(store, NOW + 9 * DAY, NOW + 9 * DAY) is None
    async with store.snapshot() as t:
        (work,) = (await t.readings.work(["2512.00001", "2512.00002"], "en")).values()
        assert (work.since, work.attempts, work.claimed_until, work.not_before) == (
            NOW,
            1,
            None,
            None,
        )


async def test_what_failed_is_claimed_again_from_its_time_on_and_not_for_ever(
    store: Store,
) -> None:
    for attempt in (1, 2, 3):
        now = NOW + attempt * DAY
        assert await claim(store, now, now) == attempt
        assert await claim(store, now, now) is None
        assert await to_try(store, now + HOUR) == []
        assert await end(store, attempt, now + HOUR)
        assert await claim(store, now, now) is None
        assert await to_try(store, now) == []
        again = [("2512.00001", "en")] if attempt < 3 else []
        assert await to_try(store, now + HOUR) == again
    assert await claim(store, NOW + 9 * DAY, NOW + 9 * DAY) is None


async def test_the_claim_of_one_who_died_passes_to_another_who_alone_can_end_it(
    store: Store,
) -> None:
    assert await claim(store, NOW) == 1
    assert await claim(store, NOW + HOUR) == 2
    assert not await end(store, 1, None)
    async with store.snapshot() as t:
        (work,) = (await t.readings.work(["2512.00001"], "en")).values()
        assert work.claimed_until == NOW + 2 * HOUR
    assert await end(store, 2, None)
    assert not await end(store, 2, NOW)


async def test_tokens_are_reserved_up_to_the_most_and_not_beyond(store: Store) -> None:
    async def reserve(tokens: int, who: str = "") -> bool:
        async with store.transaction() as t:
            return await t.spending.reserve(TODAY, who, tokens, 100)

    assert not await reserve(101)
    assert sorted(await asyncio.gather(*(reserve(40) for _ in range(4)))) == [
        False,
        False,
        True,
        True,
    ]
    assert not await reserve(21)
    assert await reserve(100, "console:ann")
    async with store.transaction() as t:
        await t.spending.settle(TODAY, "", -50)
        assert await t.spending.of(TODAY, "") == Spent(30, 2)
        assert await t.spending.of(TODAY + DAY, "") == Spent()
        assert await t.spending.reserve(TODAY, "", 10**9, None)
    assert not await reserve(1)


async def test_what_persons_spent_is_forgotten_after_the_day(store: Store) -> None:
    async with store.transaction() as t:
        for day in (TODAY - DAY, TODAY):
            for who in ("", "console:ann"):
                await t.spending.reserve(day, who, 7, None)
        await t.spending.forget(TODAY)
        assert await t.spending.of(TODAY - DAY, "") == Spent(7, 1)
        assert await t.spending.of(TODAY - DAY, "console:ann") == Spent()
        assert await t.spending.of(TODAY, "console:ann") == Spent(7, 1)


# Channels and topics ------------------------------------------------------------------------------


async def test_a_channel_is_found_by_id_and_address(store: Store) -> None:
    forum = channel(address=Address("telegram", "-1009999999999", "17"), layout=Layout.CARDS)
    async with store.transaction() as t:
        first = await t.channels.add(channel("lab"))
        second = await t.channels.add(forum)
        assert second == replace(forum, id=second.id)
        assert 0 < first.id < second.id
        assert await t.channels.get(second.id) == second
        assert await t.channels.find(forum.address) == second
        assert await t.channels.find(Address("telegram", "-1009999999999")) is None
        assert await t.channels.get(second.id + 1) is None
        assert await t.channels.all() == [first, second]
        assert await t.channels.all(platform="telegram") == [second]


async def test_an_address_has_one_channel(store: Store) -> None:
    async with store.transaction() as t:
        await subscribe(t, "lab")
        with pytest.raises(Usage, match="console:lab"):
            await t.channels.add(channel("lab"))
        assert len(await t.channels.all()) == 1


async def test_all_settings_of_a_channel_are_replaced(store: Store) -> None:
    async with store.transaction() as t:
        place = await t.channels.add(channel("lab", name="Lab", next_due=NOW))
        changed = replace(
            place,
            address=Address("console", "lab", "thread"),
            days=frozenset({0, 4}),
            follow=Follow.ALL,
            next_due=None,
            name=None,
            suspended_at=NOW,
        )
        await t.channels.put(changed)
        assert await t.channels.get(place.id) == changed


async def test_a_channel_cannot_move_to_an_address_that_is_taken(store: Store) -> None:
    async with store.transaction() as t:
        lab, hall = await subscribe(t, "lab", "hall")
        with pytest.raises(Usage, match="console:hall"):
            await t.channels.put(replace(lab, address=hall.address))
        assert await t.channels.get(lab.id) == lab


async def test_a_former_address_leads_to_the_channel(store: Store) -> None:
    old, new = Address("telegram", "-1"), Address("telegram", "-100")
    async with store.transaction() as t:
        place = await t.channels.add(channel(address=old))
        moved = replace(place, address=new)
        await t.channels.put(moved)
        assert await t.channels.find(old) is None
        await t.channels.add_alias(place.id, old)
        await t.channels.add_alias(place.id, old)
        assert await t.channels.find(old) == moved
        assert await t.channels.find(new) == moved
        with pytest.raises(Usage):
            await t.channels.add(channel(address=old))


async def test_the_channels_of_a_chat_are_those_of_its_threads_too(store: Store) -> None:
    async with store.transaction() as t:
        thread = await t.channels.add(channel(address=Address("telegram", "-1", "7")))
        await t.channels.add(channel(address=Address("telegram", "-11")))
        await t.channels.add(channel(address=Address("discord", "-1")))
        chat = await t.channels.add(channel(address=Address("telegram", "-1")))
        assert await t.channels.of_chat("telegram", "-1") == [thread, chat]
        assert await t.channels.of_chat("telegram", "-2") == []


async def test_the_channels_of_a_community_are_found_together(store: Store) -> None:
    async with store.transaction() as t:
        first = await t.channels.add(channel(address=Address("discord", "1"), community="9"))
        await t.channels.add(channel(address=Address("discord", "2"), community="8"))
        await t.channels.add(channel(address=Address("telegram", "3"), community="9"))
        second = await t.channels.add(channel(address=Address("discord", "4"), community="9"))
        assert await t.channels.of_community("discord", "9") == [first, second]
        assert await t.channels.of_community("discord", "7") == []


async def test_of_two_channels_one_is_made_that_has_what_both_had(store: Store) -> None:
    async with store.transaction() as t:
        kept, gone, other = await subscribe(t, "kept", "gone", "other")
        await t.topics.add(Topic("agents", 0, kept.id))
        await t.topics.add(Topic("robots", 0, gone.id))
        await t.channels.add_alias(gone.id, Address("console", "older"))
        [both] = await t.digests.add([digest(kept.id)])
        theirs, yesterday = await t.digests.add([digest(gone.id), digest(gone.id, TODAY - DAY)])
        [sent] = await post(t, gone, b"yesterday", digest_id=yesterday)
        waiting = await post(t, gone, b"a", b"b", digest_id=theirs)
        found = await t.deliveries.get(sent)
        assert found is not None
        await t.deliveries.settle(replace(found, state=DeliveryState.SENT))
        own = entry(kept.id, 1, state=LedgerState.LISTED)
        await t.ledger.reserve(
            [
                own,
                entry(gone.id, 1, state=LedgerState.SHOWN),
                entry(gone.id, 2, state=LedgerState.SHOWN, delivery_id=sent),
                entry(gone.id, 3, delivery_id=waiting[0]),
                entry(gone.id, 4, state=LedgerState.LISTED, becomes=LedgerState.LISTED),
                entry(other.id, 3, delivery_id=99),
            ]
        )
        await t.ledger.reserve([entry(gone.id, 4, delivery_id=waiting[1])])  # about to rise
        for _ in range(2):  # the second time there is nothing to do
            await t.channels.merge(kept.id, gone.id)
            await t.channels.merge(kept.id, kept.id)
            await t.channels.merge(gone.id, other.id)
        assert await t.channels.all() == [kept, other]
        for former in ("gone", "older"):
            assert await t.channels.find(Address("console", former)) == kept
        assert [one.text for one in await t.topics.all()] == ["agents"]
        ledger = await t.ledger.known([kept.id], [f"2512.{n:05}" for n in range(1, 5)])
        states = {one.paper_id[-1]: one.state.value for one in ledger[kept.id].values()}
        assert states == {"1": "listed", "2": "shown", "4": "listed"}
        assert len(await t.ledger.of_channel(other.id, limit=9)) == 1
        assert [one.id for one in await t.digests.recent(kept.id, limit=9)] == [both, yesterday]
        assert [one.id for one in await t.deliveries.of_digest(yesterday)] == [sent]
        assert (await t.deliveries.body(sent))[0].fragments == (b"yesterday",)
        assert await t.deliveries.unsettled() == []
        assert await t.deliveries.get(waiting[0]) is None


async def test_channels_are_due_in_the_order_of_their_times(store: Store) -> None:
    async with store.transaction() as t:
        late = await t.channels.add(channel("late", next_due=NOW))
        early = await t.channels.add(channel("early", next_due=NOW - HOUR))
        await t.channels.add(channel("coming", next_due=NOW + HOUR))
        await t.channels.add(channel("paused", next_due=NOW - DAY, paused=True))
        await t.channels.add(channel("gone", next_due=NOW - DAY, suspended_at=NOW))
        await t.channels.add(channel("never"))
        phone = await t.channels.add(
            channel(address=Address("telegram", "1"), next_due=NOW - 2 * HOUR)
        )
        assert await t.channels.due(NOW, limit=10) == [phone, early, late]
        assert await t.channels.due(NOW, limit=2) == [phone, early]
        assert await t.channels.due(NOW, limit=10, platforms={"console"}) == [early, late]
        assert await t.channels.due(NOW, limit=10, platforms=set()) == []
        assert await t.channels.next_due() == phone.next_due


async def test_nothing_is_due_without_channels(store: Store) -> None:
    async with store.snapshot() as t:
        assert await t.channels.due(NOW, limit=10) == []
        assert await t.channels.next_due() is None
        assert await t.channels.horizon_floor() is None


async def test_the_floor_is_the_earliest_previous_due_or_since(store: Store) -> None:
    async with store.transaction() as t:
        new, old = await subscribe(t, "new", "old", since=NOW - DAY)
        await t.channels.add(channel("gone", since=NOW - 9 * DAY, suspended_at=NOW))
        assert await t.channels.horizon_floor() == NOW - DAY
        await t.channels.put(replace(old, previous_due=NOW - 3 * DAY))
        assert await t.channels.horizon_floor() == NOW - 3 * DAY
        await t.channels.reschedule([(old.id, NOW, None), (new.id, NOW - HOUR, None)])
        assert await t.channels.horizon_floor() == NOW - HOUR


async def test_many_are_rescheduled_and_no_longer_put_off(store: Store) -> None:
    async with store.transaction() as t:
        places = await subscribe(t, "a", "b", "c", put_off_from=NOW, next_due=NOW)
        a, b, c = places
        await t.channels.reschedule([(a.id, NOW, NOW + DAY), (b.id, NOW, None)])
        await t.channels.reschedule([])
        assert await t.channels.all() == [
            replace(a, previous_due=NOW, next_due=NOW + DAY, put_off_from=None),
            replace(b, previous_due=NOW, next_due=None, put_off_from=None),
            c,
        ]


async def test_topics_come_in_the_order_they_were_added(store: Store) -> None:
    async with store.transaction() as t:
        lab, hall, other = await subscribe(t, "lab", "hall", "other")
        texts = ["video generation", "视频生成", '"RAG" -survey']
        added = [await t.topics.add(Topic(text, 0, lab.id, NOW)) for text in texts]
        one = await t.topics.add(Topic("agents", 0, hall.id))
        assert await t.topics.of([lab.id, hall.id, other.id]) == {
            lab.id: tuple(added),
            hall.id: (one,),
        }
        await t.topics.remove(added[1].id)
        await t.topics.remove(added[1].id)
        assert await t.topics.all() == [added[0], added[2], one]
        assert await t.topics.of([]) == {}


async def test_a_topic_of_no_channel_is_refused(store: Store) -> None:
    async with store.transaction() as t:
        with pytest.raises(NotFound):
            await t.topics.add(Topic("agents", 0, 4711))
        assert await t.topics.all() == []


# Digests and ledger -------------------------------------------------------------------------------


async def test_a_channel_has_one_digest_for_a_local_date(store: Store) -> None:
    async with store.transaction() as t:
        lab, hall = await subscribe(t, "lab", "hall")
        first = digest(lab.id, horizon=NOW - DAY, papers=9, matched=4, shown=3, passed=1)
        [own] = await t.digests.add([first])
        with pytest.raises(ValueError, match="already"):
            await t.digests.add([digest(hall.id), digest(lab.id)])
        assert await t.digests.get(hall.id, TODAY) is None
        assert await t.digests.get(lab.id, TODAY) == replace(first, id=own)
        ids = await t.digests.add([digest(hall.id), digest(lab.id, TODAY + DAY)])
        assert own < ids[0] < ids[1]
        assert await t.digests.add([]) == []


async def test_the_last_and_the_recent_digests_are_told(store: Store) -> None:
    async with store.transaction() as t:
        lab, hall, new = await subscribe(t, "lab", "hall", "new")
        days = [TODAY + n * DAY for n in (1, 0, 2)]
        ids = await t.digests.add([digest(lab.id, day, notice=Notice.NO_MATCH) for day in days])
        [other] = await t.digests.add([digest(hall.id, missing=("arxiv", "huggingface"))])
        last = await t.digests.last([lab.id, hall.id, new.id])
        assert {key: found.id for key, found in last.items()} == {lab.id: ids[2], hall.id: other}
        assert last[hall.id].missing == ("arxiv", "huggingface")
        assert [found.id for found in await t.digests.recent(lab.id, limit=2)] == [ids[2], ids[0]]


async def test_a_paper_is_reserved_once_in_a_channel(store: Store) -> None:
    async with store.transaction() as t:
        lab, hall = await subscribe(t, "lab", "hall")
        await t.ledger.reserve([entry(lab.id, 1), entry(hall.id, 1), entry(lab.id, 2)])
        with pytest.raises(ValueError, match="already"):
            await t.ledger.reserve([entry(lab.id, 3), entry(lab.id, 1)])
        known = await t.ledger.known([lab.id, 99], ["2512.00001", "2512.00003"])
        assert known == {lab.id: {"2512.00001": entry(lab.id, 1)}}
        assert await t.ledger.known([lab.id], []) == {}


@pytest.mark.parametrize("state", [state for state in LedgerState if state != LedgerState.LISTED])
async def test_only_a_listed_paper_may_rise(store: Store, state: LedgerState) -> None:
    async with store.transaction() as t:
        [lab] = await subscribe(t, "lab")
        listed = entry(lab.id, 1, state=LedgerState.LISTED, upvotes=2)
        await t.ledger.reserve([listed, entry(lab.id, 2, state=state)])
        risen = entry(lab.id, 1, at=NOW + DAY, delivery_id=5, upvotes=60)
        await t.ledger.reserve([risen])
        with pytest.raises(ValueError, match="already"):
            await t.ledger.reserve([entry(lab.id, 2, at=NOW + DAY)])
        assert await t.ledger.of_channel(lab.id, limit=9) == [
            risen,
            entry(lab.id, 2, state=state),
        ]


async def test_what_a_delivery_reserved_takes_the_state_it_was_to_become(store: Store) -> None:
    async with store.transaction() as t:
        lab, hall = await subscribe(t, "lab", "hall")
        rows = [
            entry(lab.id, 1, delivery_id=7),
            entry(lab.id, 2, delivery_id=7, becomes=LedgerState.LISTED),
            entry(lab.id, 3, delivery_id=8),
            entry(lab.id, 4, delivery_id=7, state=LedgerState.PASSED),
            entry(hall.id, 1, delivery_id=7),
        ]
        await t.ledger.reserve(rows)
        await t.ledger.settle(lab.id, 7, None)
        await t.ledger.settle(lab.id, 8, LedgerState.REFUSED)
        found = await t.ledger.known([lab.id, hall.id], [row.paper_id for row in rows])
        states = {row.paper_id[-1]: row.state.value for row in found[lab.id].values()}
        assert states == {"1": "shown", "2": "listed", "3": "refused", "4": "passed"}
        assert found[hall.id]["2512.00001"].state is LedgerState.RESERVED


async def test_what_many_deliveries_reserved_is_shown_at_once(store: Store) -> None:
    async with store.transaction() as t:
        lab, hall = await subscribe(t, "lab", "hall")
        rows = [
            entry(lab.id, 1, delivery_id=7),
            entry(lab.id, 2, delivery_id=8, becomes=LedgerState.LISTED),
            entry(lab.id, 3, delivery_id=9),
            entry(lab.id, 4, delivery_id=7, state=LedgerState.REFUSED),
            entry(hall.id, 1, delivery_id=7),
            entry(hall.id, 2, delivery_id=10),
        ]
        await t.ledger.reserve(rows)
        await t.ledger.shown([(lab.id, 7), (lab.id, 8), (hall.id, 10), (hall.id, 11)])
        found = await t.ledger.known([lab.id, hall.id], [row.paper_id for row in rows])
        states = {row.paper_id[-1]: row.state.value for row in found[lab.id].values()}
        assert states == {"1": "shown", "2": "listed", "3": "reserved", "4": "refused"}
        states = {row.paper_id[-1]: row.state.value for row in found[hall.id].values()}
        assert states == {"1": "reserved", "2": "shown"}


async def test_released_papers_are_candidates_again(store: Store) -> None:
    async with store.transaction() as t:
        [lab] = await subscribe(t, "lab")
        shown = entry(lab.id, 1, delivery_id=7, state=LedgerState.SHOWN)
        other = entry(lab.id, 2, delivery_id=8)
        await t.ledger.reserve([shown, other, entry(lab.id, 3, delivery_id=7)])
        await t.ledger.release(lab.id, 7)
        known = await t.ledger.known([lab.id], [f"2512.{n:05}" for n in (1, 2, 3)])
        assert set(known[lab.id].values()) == {shown, other}
        await t.ledger.reserve([entry(lab.id, 3, delivery_id=9)])


async def test_the_ledger_of_a_channel_is_told_newest_first(store: Store) -> None:
    async with store.transaction() as t:
        [lab] = await subscribe(t, "lab")
        rows = [entry(lab.id, n, at=NOW + n * HOUR) for n in range(4)]
        await t.ledger.reserve(rows)
        assert await t.ledger.of_channel(lab.id, limit=3) == [rows[3], rows[2], rows[1]]


# Saved papers, notes, forgetting ------------------------------------------------------------------


async def test_a_saved_paper_belongs_to_a_person_in_a_place(store: Store) -> None:
    lab, thread = Address("console", "lab"), Address("console", "lab", "1")
    async with store.transaction() as t:
        assert await t.saved.add(lab, "ann", "2512.00001", NOW)
        assert await t.saved.add(lab, "ann", "2512.00002", NOW + HOUR)
        assert await t.saved.add(lab, "bob", "2512.00003", NOW)
        assert await t.saved.add(thread, "ann", "2512.00004", NOW)
        assert not await t.saved.add(lab, "ann", "2512.00001", NOW + DAY)
        assert await t.saved.of(lab, "ann") == ["2512.00002", "2512.00001"]
        assert await t.saved.remove(lab, "ann", "2512.00002")
        assert not await t.saved.remove(lab, "ann", "2512.00002")
        await t.saved.forget(lab)
        assert await t.saved.of(lab, "ann") == await t.saved.of(lab, "bob") == []
        assert await t.saved.of(thread, "ann") == ["2512.00004"]


async def test_what_was_saved_moves_with_the_chat(store: Store) -> None:
    old, new = Address("telegram", "-1"), Address("telegram", "-100")
    async with store.transaction() as t:
        await t.saved.add(old, "ann", "2512.00001", NOW)
        await t.saved.add(old, "ann", "2512.00002", NOW)
        await t.saved.add(Address("telegram", "-1", "7"), "ann", "2512.00001", NOW)
        await t.saved.add(Address("telegram", "-11"), "ann", "2512.00009", NOW)
        await t.saved.add(new, "ann", "2512.00002", NOW + HOUR)
        for _ in range(2):
            await t.saved.move(old, new)
        await t.saved.move(new, new)
        assert await t.saved.of(old, "ann") == []
        assert await t.saved.of(new, "ann") == ["2512.00002", "2512.00001"]
        assert await t.saved.of(Address("telegram", "-100", "7"), "ann") == ["2512.00001"]
        assert await t.saved.of(Address("telegram", "-11"), "ann") == ["2512.00009"]


async def test_notes_are_found_by_name_and_by_the_beginning_of_it(store: Store) -> None:
    async with store.transaction() as t:
        for name in ("told:b", "told:a", "Told:c", "told_x", "tol%"):
            await t.notes.put(name, name.upper())
        await t.notes.put("told:a", "again")
        await t.notes.put("told_x", None)
        await t.notes.put("nothing", None)
        assert await t.notes.get("told:a") == "again"
        assert await t.notes.get("told_x") is None
        assert await t.notes.starting("told:") == {"told:a": "again", "told:b": "TOLD:B"}
        assert await t.notes.starting("tol%") == {"tol%": "TOL%"}


async def test_removing_a_channel_removes_all_that_is_its_own(store: Store) -> None:
    async with store.transaction() as t:
        lab, hall = await subscribe(t, "lab", "hall")
        for place in (lab, hall):
            await t.channels.add_alias(place.id, Address("console", f"{place.address.chat}-old"))
            await t.topics.add(Topic("agents", 0, place.id))
            [own] = await t.digests.add([digest(place.id)])
            [sent] = await post(t, place, b"head", digest_id=own)
            await t.ledger.reserve([entry(place.id, 1, delivery_id=sent)])
        await t.channels.remove(lab.id)
        await t.channels.remove(lab.id)
        assert await t.channels.all() == [hall]
        assert await t.channels.find(Address("console", "lab-old")) is None
        assert await t.channels.find(Address("console", "hall-old")) == hall
        assert [topic.channel_id for topic in await t.topics.all()] == [hall.id]
        assert await t.digests.get(lab.id, TODAY) is None
        assert [one.channel_id for one in await t.deliveries.unsettled()] == [hall.id]
        assert await t.ledger.of_channel(lab.id, limit=9) == []
        assert len(await t.ledger.of_channel(hall.id, limit=9)) == 1


async def test_a_new_channel_never_gets_the_id_of_a_removed_one(store: Store) -> None:
    async with store.transaction() as t:
        [lab] = await subscribe(t, "lab")
        await t.channels.remove(lab.id)
        [again] = await subscribe(t, "lab")
        assert again.id > lab.id


async def test_rows_for_a_channel_that_is_gone_are_refused(store: Store) -> None:
    nowhere = replace(channel("gone"), id=4711)
    async with store.transaction() as t:
        with pytest.raises(NotFound):
            await t.digests.add([digest(nowhere.id)])
        with pytest.raises(NotFound):
            await t.ledger.reserve([entry(nowhere.id, 1)])
        with pytest.raises(NotFound):
            await t.deliveries.add(
                [(Delivery(nowhere.id, nowhere.address, Kind.NOTICE), drawn(b"hi"))]
            )
        await t.channels.put(nowhere)
        assert await t.channels.all() == []


async def test_an_instant_without_a_zone_is_refused(store: Store) -> None:
    naive = (NOW + timedelta(hours=9)).replace(tzinfo=None)
    with pytest.raises(ValueError, match="no zone"):
        async with store.transaction() as t:
            await t.channels.add(channel("lab", next_due=naive))


async def test_a_fence_that_nobody_has_is_had_and_its_holder_may_commit(store: Store) -> None:
    for wait in (True, False):
        async with store.fence("courier:console", wait=wait) as fence:
            assert fence is not None
            async with store.transaction() as t:
                await fence.check(t)
                await t.notes.put("told", "yes")
    async with store.snapshot() as t:
        assert await t.notes.get("told") == "yes"
