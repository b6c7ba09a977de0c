"""Which message of a channel is next, what is parked, and the order among channels."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.channels import Address, Channel, Delivery, DeliveryState, Kind
from bot.ports import Transaction
from bot.ports.outbox import Next
from storage import SqlStore, check, open_store
from storage.repositories import outgoing
from storage.store import SqlTransaction
from tests.storage.samples import (
    DAY,
    HOUR,
    NOW,
    TODAY,
    channel,
    digest,
    drawn,
    entry,
    post,
    subscribe,
)

OVER = (DeliveryState.SENT, DeliveryState.REFUSED, DeliveryState.STALE)


async def names(t: Transaction, platform: str = "console", limit: int = 100) -> list[str]:
    """The chats and orders of what could go now."""
    found = []
    for one in await t.deliveries.next(platform, limit=limit):
        delivery = await t.deliveries.get(one.id)
        assert delivery is not None
        found.append(f"{delivery.address.chat}{delivery.order}")
    return found


async def take(t: Transaction, *ids: int) -> list[Delivery]:
    taken = await t.deliveries.claim(ids, at=NOW, lease_until=NOW + HOUR)
    return [delivery for delivery, *_ in taken]


async def test_what_is_next_tells_what_decides_whether_it_goes(store: SqlStore) -> None:
    async with store.transaction() as t:
        lab = await t.channels.add(
            channel("lab", quiet_from=NOW.time(), quiet_to=(NOW + HOUR).time())
        )
        [own] = await post(t, lab, b"0", created=NOW, stale_at=NOW + DAY)
        assert await t.deliveries.next("console", limit=9) == [
            Next(own, lab.address, NOW, NOW + DAY, lab.zone, lab.quiet_from, lab.quiet_to)
        ]


async def test_looking_at_what_is_next_changes_nothing_and_keeps_its_limit(store: SqlStore) -> None:
    async with store.transaction() as t:
        for place in await subscribe(t, *"abc"):
            await post(t, place, b"0", b"1")
        assert await names(t) == await names(t) == ["a0", "b0", "c0"]
        assert await names(t, limit=2) == ["a0", "b0"]


async def test_of_one_round_the_smaller_turn_goes_first(store: SqlStore) -> None:
    async with store.transaction() as t:
        a, b, c = await subscribe(t, *"abc")
        await post(t, a, b"0", b"1", turn=2**61)
        await post(t, b, b"0", turn=7)
        await post(t, c, b"0", turn=7)
        assert await names(t) == ["b0", "c0", "a0"]
        [first] = await take(t, (await t.deliveries.next("console", limit=3))[2].id)
        await t.deliveries.settle(replace(first, state=DeliveryState.SENT))
        assert await names(t) == ["b0", "c0", "a1"]  # a second comes after every first


async def test_a_claim_gives_what_is_to_be_sent_in_the_order_asked_for(store: SqlStore) -> None:
    async with store.transaction() as t:
        a, b = await subscribe(t, *"ab")
        [one] = await post(t, a, b"of a")
        [two] = await t.deliveries.add(
            [(Delivery(b.id, b.address), drawn(b"of", b" b", fallback=drawn(b"plain").body))]
        )
        claimed = await t.deliveries.claim([two, one, two], at=NOW, lease_until=NOW + HOUR)
        assert [(own.id, body.fragments, plain) for own, body, plain in claimed] == [
            (two, (b"of", b" b"), drawn(b"plain").body),
            (one, (b"of a",), None),
        ]
        for own, _, _ in claimed:
            assert own == await t.deliveries.get(own.id)
            assert (own.state, own.attempts, own.tried_at, own.leased_until) == (
                *(DeliveryState.IN_FLIGHT, 1, NOW, NOW + HOUR),
            )


async def test_the_first_try_is_remembered_over_later_ones(store: SqlStore) -> None:
    async with store.transaction() as t:
        [lab] = await subscribe(t, "lab")
        [own] = await post(t, lab, b"0")
        [first] = await take(t, own)
        await t.deliveries.settle(replace(first, state=DeliveryState.READY))
        [(again, _, _)] = await t.deliveries.claim([own], at=NOW + DAY, lease_until=NOW + DAY)
        assert (again.tried_at, again.attempts) == (NOW, 2)


async def test_a_claim_takes_only_what_is_still_next(store: SqlStore) -> None:
    async with store.transaction() as t:
        places = await subscribe(t, *"abcd")
        ids = [await post(t, place, b"0", b"1") for place in places]
        await take(t, ids[0][0])
        await t.deliveries.park({ids[1][0]: NOW + HOUR})
        [gone] = await take(t, ids[2][0])
        await t.deliveries.settle(replace(gone, state=DeliveryState.STALE))
        wanted = [one for both in ids for one in both]
        assert [one.id for one in await take(t, *wanted, 4711)] == [ids[2][1], ids[3][0]]
        assert await take(t) == []


async def test_a_parked_chat_is_passed_over_and_wakes_in_its_time(store: SqlStore) -> None:
    async with store.transaction() as t:
        a, b, c = await subscribe(t, *"abc")
        ids = [(await post(t, place, b"0", b"1"))[0] for place in (a, b, c)]
        await t.deliveries.park({ids[0]: NOW + 2 * HOUR, ids[1]: NOW + HOUR})
        assert await names(t) == ["c0"]
        assert await t.deliveries.next_waking("console") == NOW + HOUR
        assert await t.deliveries.wake("console", NOW) == 0
        assert await t.deliveries.wake("telegram", NOW + DAY) == 0
        assert await t.deliveries.wake("console", NOW + HOUR) == 1
        assert await names(t) == ["b0", "c0"]
        assert await t.deliveries.next_waking("console") == NOW + 2 * HOUR
        assert await t.deliveries.wake("console", NOW + DAY) == 1
        assert await names(t) == ["a0", "b0", "c0"]
        assert await t.deliveries.next_waking("console") is None


async def test_what_was_parked_behind_another_wakes_when_it_is_next(store: SqlStore) -> None:
    async with store.transaction() as t:
        [lab] = await subscribe(t, "lab")
        first, second = await post(t, lab, b"0", b"1")
        await t.deliveries.park({second: NOW})
        assert await t.deliveries.next_waking("console") is None
        [one] = await take(t, first)
        await t.deliveries.settle(replace(one, state=DeliveryState.SENT))
        assert await names(t) == []
        assert await t.deliveries.next_waking("console") == NOW
        assert await t.deliveries.wake("console", NOW) == 1
        assert await names(t) == ["lab1"]


async def test_only_what_is_ready_can_be_parked(store: SqlStore) -> None:
    async with store.transaction() as t:
        [lab] = await subscribe(t, "lab")
        [own] = await post(t, lab, b"0")
        await take(t, own)
        await t.deliveries.park({own: NOW + HOUR, 4711: NOW})
        found = await t.deliveries.get(own)
        assert found is not None
        assert found.not_before is None
        await t.deliveries.park({})


async def test_many_wake_a_part_at_a_time_the_earliest_first(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred thousand whose quiet hours end together must not hold up the sending."""
    monkeypatch.setattr(outgoing, "WOKEN", 3)
    async with store.transaction() as t:
        places = await subscribe(t, *"abcdefg")
        for number, place in enumerate(places):
            times = {} if number == 6 else {"not_before": NOW - min(number, 4) * HOUR}
            await post(t, place, b"0", turn=9 - number, **times)
        waking = []
        while woken := await t.deliveries.wake("console", NOW):
            waking.append((woken, await names(t)))
        assert waking == [
            (3, ["g0", "f0", "e0", "d0"]),  # of those whose time came together, by turn
            (3, ["g0", "f0", "e0", "d0", "c0", "b0", "a0"]),
        ]


@pytest.mark.parametrize("state", OVER)
async def test_a_waiting_one_that_is_settled_does_not_bring_the_next_before_its_time(
    store: SqlStore, state: DeliveryState
) -> None:
    """Where one is under way, no other of its channel goes, whatever became of those between."""
    async with store.transaction() as t:
        [lab] = await subscribe(t, "lab")
        ids = await post(t, lab, b"0", b"1", b"2")
        [first] = await take(t, ids[0])
        middle = await t.deliveries.get(ids[1])
        assert middle is not None
        await t.deliveries.settle(replace(middle, state=state))
        assert await names(t) == []
        await t.deliveries.settle(replace(first, state=DeliveryState.SENT))
        assert await names(t) == ["lab2"]


async def test_one_that_is_opened_again_waits_behind_who_is_next(store: SqlStore) -> None:
    async with store.transaction() as t:
        [lab] = await subscribe(t, "lab")
        ids = await post(t, lab, b"0", b"1")
        [first] = await take(t, ids[0])
        await t.deliveries.settle(replace(first, state=DeliveryState.STALE))
        assert await names(t) == ["lab1"]
        await t.deliveries.settle(replace(first, state=DeliveryState.READY, leased_until=None))
        assert await names(t) == ["lab1"]
        [second] = await take(t, ids[1])
        await t.deliveries.settle(replace(second, state=DeliveryState.SENT))
        assert await names(t) == ["lab0"]
        [first] = await take(t, ids[0])
        await t.deliveries.settle(replace(first, state=DeliveryState.STALE))
        await t.deliveries.settle(replace(first, state=DeliveryState.READY, leased_until=None))
        assert await names(t) == ["lab0"]  # nobody was next: it is again


async def test_after_merging_the_kept_channel_goes_on_alone(store: SqlStore, url: str) -> None:
    async with store.transaction() as t:
        kept, gone = await subscribe(t, "kept", "gone")
        [yesterday] = await t.digests.add([digest(gone.id, TODAY - DAY)])
        await post(t, kept, b"0", b"1")
        theirs = await post(t, gone, b"0", b"1", digest_id=yesterday)
        await t.ledger.reserve([entry(gone.id, 1, delivery_id=theirs[0])])
        await take(t, theirs[0])
        await t.channels.merge(kept.id, gone.id)
        assert await names(t) == ["kept0"]
    assert await check(url) == []


async def test_nothing_of_a_removed_channel_is_next(store: SqlStore) -> None:
    async with store.transaction() as t:
        lab, hall = await subscribe(t, "lab", "hall")
        await post(t, lab, b"0")
        await post(t, hall, b"0")
        await t.channels.remove(lab.id)
        assert await names(t) == ["hall0"]


async def test_a_notice_to_all_lets_every_digest_go_first(store: SqlStore) -> None:
    """However many chats wait for it: the day's papers are not held up for an hour."""
    async with store.transaction() as t:
        a, b, c = await subscribe(t, *"abc")
        told = [(await post(t, one, b"0", kind=Kind.NOTICE, turn=1))[0] for one in (a, b, c)]
        assert await names(t) == ["a0", "b0", "c0"]
        await t.deliveries.park({told[1]: NOW + HOUR})  # its quiet hours
        await take(t, told[2])  # it is under way: nothing overtakes that
    async with store.transaction() as t:
        days = await t.digests.add([digest(one.id) for one in (a, b, c)])
        for place, own in zip((a, b, c), days, strict=True):
            await post(t, place, b"1", b"2", digest_id=own, turn=2)
        following = [one.id for one in await t.deliveries.next("console", limit=9)]
        assert told[0] not in following
        assert [one.address.chat for one in await take(t, *following)] == ["a", "b"]
        for one in following:
            await t.deliveries.settle(
                replace(await _read(t, one), state=DeliveryState.SENT, leased_until=None)
            )
        assert [one.address.chat for one in await t.deliveries.next("console", limit=9)] == [
            *("a", "b")  # the second messages of the digests
        ]
        seconds = [one.id for one in await t.deliveries.next("console", limit=9)]
        await t.deliveries.sent(await take(t, *seconds))
        assert [one.id for one in await t.deliveries.next("console", limit=9)] == [told[0]]
        assert await t.deliveries.wake("console", NOW + HOUR) == 1
        assert [one.id for one in await t.deliveries.next("console", limit=9)] == told[:2]


async def test_a_notice_that_comes_back_unsent_lets_the_digest_go_first_that_came_meanwhile(
    store: SqlStore,
) -> None:
    """And a later digest does not overtake that one."""
    async with store.transaction() as t:
        [lab] = await subscribe(t, "lab")
        today, tomorrow = await t.digests.add([digest(lab.id), digest(lab.id, TODAY + DAY)])
        [told] = await post(t, lab, b"0", kind=Kind.NOTICE)
        [claimed] = await take(t, told)
        first, second = await post(t, lab, b"1", b"2", digest_id=today)
        back = replace(claimed, state=DeliveryState.READY, leased_until=None, not_before=NOW + HOUR)
        await t.deliveries.settle(back)  # the platform asked for a pause
        assert [one.id for one in await t.deliveries.next("console", limit=9)] == [first]
        [later] = await post(t, lab, b"3", digest_id=tomorrow)
        went = []
        while following := [one.id for one in await t.deliveries.next("console", limit=9)]:
            went += following
            await t.deliveries.sent(await take(t, *following))
        assert went == [first, second, later]
        assert await t.deliveries.wake("console", NOW + HOUR) == 1
        assert [one.id for one in await t.deliveries.next("console", limit=9)] == [told]


async def test_a_second_notice_does_not_overtake_the_first(store: SqlStore) -> None:
    async with store.transaction() as t:
        [lab] = await subscribe(t, "lab")
        [one] = await post(t, lab, b"0", kind=Kind.NOTICE)
        [two] = await post(t, lab, b"0", kind=Kind.NOTICE)
        assert [own.id for own in await t.deliveries.next("console", limit=9)] == [one]
        await t.deliveries.sent(await take(t, one))
        assert [own.id for own in await t.deliveries.next("console", limit=9)] == [two]


async def test_a_notice_that_waits_puts_its_chat_behind_no_other(store: SqlStore) -> None:
    """The first message of its next digest is the first, as in every other chat."""
    async with store.transaction() as t:
        a, b = await subscribe(t, *"ab")
        await post(t, a, b"0", kind=Kind.NOTICE)
        days = await t.digests.add([digest(one.id) for one in (a, b)])
        await post(t, a, b"1", digest_id=days[0], turn=1)
        await post(t, b, b"1", digest_id=days[1], turn=2)
        following = await t.deliveries.next("console", limit=9)
        assert [one.address.chat for one in following] == ["a", "b"]


async def test_a_notice_goes_behind_the_second_message_of_another_chats_digest(
    store: SqlStore,
) -> None:
    async with store.transaction() as t:
        a, b = await subscribe(t, *"ab")
        [own] = await t.digests.add([digest(a.id)])
        first, second = await post(t, a, b"0", b"1", digest_id=own, turn=9)
        [told] = await post(t, b, b"0", kind=Kind.NOTICE, turn=1)
        assert [one.id for one in await t.deliveries.next("console", limit=9)] == [first, told]
        await t.deliveries.sent(await take(t, first))
        assert [one.id for one in await t.deliveries.next("console", limit=9)] == [second, told]


async def test_a_digest_that_is_opened_while_its_notice_is_claimed_leaves_one_next(
    url: str,
) -> None:
    async with open_store(url) as one, open_store(url) as two:
        for day in range(6):
            async with one.transaction() as t:
                [lab] = await subscribe(t, f"lab{day}")
                [told] = await post(t, lab, b"0", kind=Kind.NOTICE)

            async def claim(told: int = told) -> None:
                async with one.transaction() as t:
                    await take(t, told)
                    await asyncio.sleep(0.005)

            async def open_day(lab: Channel = lab) -> None:
                async with two.transaction() as t:
                    [own] = await t.digests.add([digest(lab.id)])
                    await post(t, lab, b"1", digest_id=own)

            await asyncio.gather(*((claim(), open_day()) if day % 2 else (open_day(), claim())))
            assert await check(url) == []
            async with one.transaction() as t:
                assert await raw(t, WRONG) == 0


async def _read(t: Transaction, own: int) -> Delivery:
    found = await t.deliveries.get(own)
    assert found is not None
    return found


WRONG = (  # channels with anything unsettled that have none or two, and marks where none may be
    "SELECT count(*) FROM (SELECT sum(CASE WHEN head THEN 1 ELSE 0 END) AS marked, sum(CASE WHEN "
    "state IN ('ready', 'in-flight', 'unknown') THEN 1 ELSE 0 END) AS waiting "
    "FROM deliveries GROUP BY channel_id) AS each "
    "WHERE marked <> (CASE WHEN waiting > 0 THEN 1 ELSE 0 END)"
)


async def test_whatever_happens_each_channel_that_waits_has_one_next(
    store: SqlStore, url: str
) -> None:
    """Random adding, taking, parking, settling, splitting."""
    chance = random.Random(11)
    async with store.transaction() as t:
        places = await subscribe(t, *"abc")
        ids = [
            await t.digests.add([digest(one.id, TODAY + n * DAY) for n in range(3)])
            for one in places
        ]
    for _ in range(60):
        async with store.transaction() as t:
            number = chance.randrange(3)
            place: Channel = places[number]
            waiting = await t.deliveries.unsettled([place.id])
            match chance.choice(("add", "take", "park", "settle", "settle", "sent", "split")):
                case "add":
                    own = chance.choice([None, *ids[number]])
                    kind = chance.choice([Kind.POST, Kind.NOTICE])
                    await post(t, place, b"0", b"1", digest_id=own, kind=kind)
                case "take":
                    looked = await t.deliveries.next("console", limit=2)
                    await take(t, *(one.id for one in looked))
                case "park" if waiting:
                    await t.deliveries.park({chance.choice(waiting).id: NOW})
                case "settle" if waiting:
                    state = chance.choice(list(DeliveryState))
                    until = NOW + HOUR if state is DeliveryState.IN_FLIGHT else None
                    one = replace(chance.choice(waiting), state=state, leased_until=until)
                    await t.deliveries.settle(one)
                case "sent" if waiting:
                    await t.deliveries.sent(chance.sample(waiting, min(2, len(waiting))))
                case "split" if waiting:
                    await t.deliveries.split(chance.choice(waiting), [drawn(b"a"), drawn(b"b")])
            assert await raw(t, WRONG) == 0
    assert await check(url) == []
    async with store.transaction() as t:  # and all of it ends
        for _ in range(500):
            for lost in await t.deliveries.in_flight(limit=99):
                await t.deliveries.settle(replace(lost, state=DeliveryState.SENT))
            for lost in await t.deliveries.unknown("console", NOW, limit=99):
                await t.deliveries.settle(replace(lost, state=DeliveryState.SENT))
            await t.deliveries.wake("console", NOW)
            if not await take(t, *(one.id for one in await t.deliveries.next("console", limit=9))):
                break
        assert not await t.deliveries.any_open()


async def test_who_settles_and_who_adds_at_once_leave_one_next(url: str) -> None:
    """Neither sees the other's rows: without a lock the channel would stand still for ever."""
    async with open_store(url) as one, open_store(url) as two:
        async with one.transaction() as t:
            [lab] = await subscribe(t, "lab")
        for _ in range(10):
            async with one.transaction() as t:
                [own] = await post(t, lab, b"0")
                [first] = await take(t, own)
            started = asyncio.Event()

            async def add(started: asyncio.Event = started) -> None:
                async with two.transaction() as t:
                    await t.notes.get("x")
                    started.set()
                    await post(t, lab, b"1")

            async def settle(first: Delivery = first, started: asyncio.Event = started) -> None:
                async with one.transaction() as t:
                    await started.wait() if not url.startswith("sqlite") else None
                    await t.deliveries.sent([first])
                    await asyncio.sleep(0.005)

            await asyncio.gather(settle(), add())
            assert await check(url) == []
            async with one.transaction() as t:
                [left] = await t.deliveries.next("console", limit=9)
                await t.deliveries.sent(await take(t, left.id))


async def test_the_platforms_of_old_and_unknown_ones_are_kept_apart(store: SqlStore) -> None:
    async with store.transaction() as t:
        phone = await t.channels.add(channel(address=Address("telegram", "1")))
        [lab] = await subscribe(t, "lab")
        words: list[dict[str, Any]] = [
            {"state": DeliveryState.IN_FLIGHT, "leased_until": NOW - HOUR},
            {"state": DeliveryState.UNKNOWN, "stale_at": NOW - 2 * HOUR},
            {"stale_at": NOW - HOUR},
            {"state": DeliveryState.UNKNOWN, "not_before": NOW + HOUR, "stale_at": NOW - HOUR},
            {"state": DeliveryState.IN_FLIGHT, "leased_until": NOW + HOUR},
        ]
        theirs = [(await post(t, phone, b"0", **one))[0] for one in words]
        ours = [(await post(t, lab, b"0", **one))[0] for one in words]
        out = t.deliveries

        def which(found: list[Delivery]) -> list[int]:
            return [one.id for one in found]

        assert which(await out.expired(NOW, limit=9, platform="telegram")) == theirs[:1]
        assert which(await out.expired(NOW, limit=9)) == [theirs[0], ours[0]]
        assert which(await out.in_flight(limit=9, platform="console")) == [ours[0], ours[4]]
        assert which(await out.in_flight(limit=3)) == [theirs[0], theirs[4], ours[0]]
        assert which(await out.unknown("telegram", NOW, limit=9)) == theirs[1:2]
        assert which(await out.unknown("telegram", NOW + HOUR, limit=9)) == [theirs[1], theirs[3]]
        assert which(await out.overdue(NOW, limit=9, platform="console")) == ours[1:4]
        assert which(await out.overdue(NOW, limit=9)) == theirs[1:4] + ours[1:4]
        assert which(await out.overdue(NOW, limit=1, platform="console")) == ours[1:2]
        assert len(await out.overdue(NOW, limit=4)) == 4
        assert len(await out.expired(NOW, limit=1)) == len(await out.in_flight(limit=1)) == 1


async def test_whether_anything_is_open_is_told_for_all_and_for_each(store: SqlStore) -> None:
    async with store.transaction() as t:
        [lab] = await subscribe(t, "lab")
        assert not await t.deliveries.any_open()
        [own] = await post(t, lab, b"0")
        for state in DeliveryState:
            found = await t.deliveries.get(own)
            assert found is not None
            await t.deliveries.settle(replace(found, state=state))
            is_open = state not in OVER
            assert await t.deliveries.any_open() is is_open
            assert await t.deliveries.any_open("console") is is_open
            assert not await t.deliveries.any_open("telegram")


async def test_when_the_days_usually_arrive_is_told(store: SqlStore) -> None:
    minute = timedelta(minutes=1)
    async with store.transaction() as t:
        lab, hall = await subscribe(t, "lab", "hall")
        days = [digest(lab.id, TODAY + n * DAY, spoke=n != 3) for n in range(6)]
        ids = await t.digests.add([replace(one, due=NOW + n * DAY) for n, one in enumerate(days)])
        for number, own in enumerate(ids):
            if number == 3:  # a silent day
                continue
            deliveries = await post(t, lab, b"0", b"1", digest_id=own)
            for place, delivery_id in enumerate(deliveries):
                found = await t.deliveries.get(delivery_id)
                assert found is not None
                arrived = NOW + number * DAY + (place + 1) * minute
                await t.deliveries.sent([replace(found, sent_at=arrived)])
        await post(t, lab, b"0", digest_id=ids[5])  # not whole yet
        assert await t.digests.arrivals(lab.id, limit=3) == [
            (NOW + n * DAY, NOW + n * DAY + 2 * minute) for n in (4, 2, 1)
        ]
        assert await t.digests.arrivals(hall.id, limit=3) == []


async def raw(t: SqlTransaction, query: str) -> int:
    return int(await t.work.value(text(query)))


async def test_one_row_of_a_channel_is_marked(store: SqlStore) -> None:
    async with store.transaction() as t:
        [lab] = await subscribe(t, "lab")
        await post(t, lab, *[b"x"] * 20)
        assert await raw(t, "SELECT count(*) FROM deliveries WHERE head") == 1
