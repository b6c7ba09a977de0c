"""What the outbox promises: order, claims, bodies."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from bot.channels import Address, Body, Channel, Delivery, DeliveryState, Drawn, Kind
from bot.errors import NotFound
from bot.ports import Transaction
from storage import SqlStore, open_store
from storage.store import SqlTransaction
from tests.storage.samples import (
    DAY,
    HOUR,
    NOW,
    TODAY,
    channel,
    digest,
    drawn,
    post,
    subscribe,
)

LEASE = NOW + HOUR


async def claim(t: Transaction, limit: int = 100, platform: str = "console") -> list[Delivery]:
    """What the courier does: wake, look, take."""
    await t.deliveries.wake(platform, NOW)
    ids = [one.id for one in await t.deliveries.next(platform, limit=limit)]
    return [one for one, *_ in await t.deliveries.claim(ids, at=NOW, lease_until=LEASE)]


async def chats(t: Transaction, limit: int = 100) -> list[str]:
    """The chats and orders of what a claim takes."""
    return [f"{one.address.chat}{one.order}" for one in await claim(t, limit)]


async def settle(t: Transaction, *deliveries: Delivery, **words: Any) -> None:
    words = {"state": DeliveryState.SENT, "leased_until": None, **words}
    for delivery in deliveries:
        await t.deliveries.settle(replace(delivery, **words))


async def opened(t: Transaction, place: Channel, *bodies: bytes, **words: Any) -> list[int]:
    """The deliveries of a digest of today."""
    [own] = await t.digests.add([digest(place.id)])
    return await post(t, place, *bodies, digest_id=own, **words)


async def test_what_became_a_message_is_found_by_its_id(store: SqlStore) -> None:
    async with store.transaction() as t:
        lab, other = await subscribe(t, "lab", "other")
        one, two = await opened(t, lab, b"one", b"two")
        [there] = await post(t, other, b"there")
        for number, ids in ((one, ("41", "142")), (two, ("42",)), (there, ("42",))):
            delivery = await t.deliveries.get(number)
            assert delivery is not None
            await settle(t, delivery, platform_ids=ids)
    async with store.snapshot() as t:
        found = [
            await t.deliveries.of_message(place.id, message)
            for place, message in ((lab, "42"), (lab, "142"), (other, "42"))
        ]
        assert [one and one.id for one in found] == [two, one, there]
        for nothing in ("4", "43", "4%", '","', ""):
            assert await t.deliveries.of_message(lab.id, nothing) is None


async def test_an_edit_is_not_what_became_a_message(store: SqlStore) -> None:
    async with store.transaction() as t:
        [lab] = await subscribe(t, "lab")
        [posted] = await opened(t, lab, b"one")
        edit = Delivery(lab.id, lab.address, kind=Kind.EDIT)
        [edited] = await t.deliveries.add([(edit, drawn(b"edit"))])
        for number in (posted, edited):
            delivery = await t.deliveries.get(number)
            assert delivery is not None
            await settle(t, delivery, platform_ids=("42",))
        found = await t.deliveries.of_message(lab.id, "42")
    assert found is not None
    assert found.id == posted


async def test_a_delivery_comes_back_as_it_was_added(store: SqlStore) -> None:
    async with store.transaction() as t:
        [lab] = await subscribe(t, "lab")
        [own] = await t.digests.add([digest(lab.id)])
        [before] = await post(t, lab, b"before", digest_id=own)
        one = Delivery(
            lab.id,
            lab.address,
            Kind.EDIT,
            digest_id=own,
            order=3,
            papers=("2512.00002", "astro-ph/0601001"),
            waits_for=before,
            state=DeliveryState.UNKNOWN,
            silent=True,
            turn=2**62,
            attempts=2,
            unknowns=1,
            tried_at=NOW - HOUR,
            created=NOW,
            not_before=NOW + HOUR,
            stale_at=NOW + DAY,
            leased_until=NOW - HOUR,
            platform_ids=("1", "2"),
            sent_at=NOW,
            error="It did not answer.",
            plain=True,
            due=digest(lab.id).due,
        )
        [new] = await t.deliveries.add([(one, drawn())])
        assert await t.deliveries.get(new) == replace(one, id=new)
        assert (await t.deliveries.of_digest(own))[1] == replace(one, id=new)


async def test_what_a_delivery_leaves_open_is_taken_from_what_was_drawn(store: SqlStore) -> None:
    async with store.transaction() as t:
        [lab] = await subscribe(t, "lab")
        what = drawn(kind=Kind.OPEN_THREAD, papers=("2512.00001",), silent=True)
        await t.deliveries.add([(Delivery(lab.id, lab.address), what)])
        [found] = await t.deliveries.unsettled()
        assert (found.kind, found.papers, found.silent) == (what.kind, what.papers, True)


async def test_a_claim_takes_what_is_ready_and_counts_the_attempt(store: SqlStore) -> None:
    async with store.transaction() as t:
        [lab] = await subscribe(t, "lab")
        [own] = await post(t, lab, b"one")
        [taken] = await claim(t)
        assert (taken.id, taken.state, taken.attempts) == (own, DeliveryState.IN_FLIGHT, 1)
        assert taken.leased_until == LEASE
        assert await claim(t) == []
        await settle(t, taken, state=DeliveryState.READY)
        assert [again.attempts for again in await claim(t)] == [2]


async def test_every_chat_gets_its_first_before_any_gets_its_second(store: SqlStore) -> None:
    async with store.transaction() as t:
        lab, hall, attic = await subscribe(t, "lab", "hall", "attic")
        for place in (lab, hall, attic):
            await post(t, place, b"0", b"1", b"2")
        seen = []
        while taken := await claim(t, 2):
            seen += [f"{one.address.chat}{one.order}" for one in taken]
            await settle(t, *taken)
        assert seen == [
            *("lab0", "hall0", "attic0"),
            *("lab1", "hall1", "attic1"),
            *("lab2", "hall2", "attic2"),
        ]


async def test_what_waits_already_in_a_chat_puts_the_new_behind(store: SqlStore) -> None:
    async with store.transaction() as t:
        lab, hall = await subscribe(t, "lab", "hall")
        [own, later] = await t.digests.add([digest(lab.id), digest(lab.id, TODAY + DAY)])
        await post(t, lab, b"0", b"1", digest_id=own)
        await post(t, lab, b"0", digest_id=later)
        await post(t, hall, b"0", b"1")
        order = []
        while taken := await claim(t, 1):
            order.append(taken[0].id)
            await settle(t, *taken)
    assert order == [1, 4, 2, 5, 3]


async def test_the_threads_of_one_chat_share_its_turns(store: SqlStore) -> None:
    async with store.transaction() as t:
        one, two = [
            await t.channels.add(channel(address=Address("console", "forum", thread)))
            for thread in ("1", "2")
        ]
        hall = await t.channels.add(channel("hall"))
        await post(t, one, b"0")
        await post(t, two, b"0")
        await post(t, hall, b"0")
        assert await chats(t) == ["forum0", "hall0", "forum0"]


@pytest.mark.parametrize(
    ("state", "goes_on"),
    [
        (DeliveryState.READY, False),
        (DeliveryState.IN_FLIGHT, False),
        (DeliveryState.UNKNOWN, False),
        (DeliveryState.SENT, True),
        (DeliveryState.REFUSED, True),
        (DeliveryState.STALE, True),
    ],
)
async def test_a_message_waits_until_the_one_before_it_is_settled(
    store: SqlStore, state: DeliveryState, goes_on: bool
) -> None:
    async with store.transaction() as t:
        lab, hall = await subscribe(t, "lab", "hall")
        await opened(t, lab, b"0", b"1", b"2")
        await opened(t, hall, b"0")
        first, other = await claim(t)
        assert (first.address, other.address) == (lab.address, hall.address)
        await settle(t, first, state=state, not_before=NOW + HOUR)
        assert await chats(t) == (["lab1"] if goes_on else [])


async def test_a_digest_waits_for_the_one_before_it_and_loose_ones_for_both(
    store: SqlStore,
) -> None:
    async with store.transaction() as t:
        [lab] = await subscribe(t, "lab")
        days = [digest(lab.id), digest(lab.id, TODAY + DAY)]
        first, second = await t.digests.add(days)
        [a] = await post(t, lab, b"0", digest_id=second)
        [b] = await post(t, lab, b"loose")
        [c] = await post(t, lab, b"0", digest_id=first)
        [d] = await post(t, lab, b"0", digest_id=second)
        seen = []
        while taken := await claim(t):
            [one] = taken
            seen.append(one.id)
            await settle(t, one)
        # What is next stays the next, whatever comes meanwhile.
        assert seen == [a, c, d, b]


@pytest.mark.parametrize("state", list(DeliveryState))
async def test_who_needs_the_result_of_another_goes_after_it_is_settled(
    store: SqlStore, state: DeliveryState
) -> None:
    """What becomes of those whose result never comes is the courier's to say."""
    async with store.transaction() as t:
        [lab] = await subscribe(t, "lab")
        thread = await t.deliveries.add(
            [(Delivery(lab.id, lab.address, Kind.OPEN_THREAD), drawn(b"thread"))]
        )
        follower = Delivery(lab.id, lab.address, waits_for=thread[0])
        await t.deliveries.add([(follower, drawn(b"card"))])
        [first] = await claim(t)
        assert first.kind is Kind.OPEN_THREAD
        await settle(t, first, state=state, not_before=NOW + HOUR)
        taken = await claim(t)
        over = state in (DeliveryState.SENT, DeliveryState.REFUSED, DeliveryState.STALE)
        assert [one.waits_for for one in taken] == (thread if over else [])


async def test_a_message_cannot_wait_for_one_that_does_not_go_before_it(store: SqlStore) -> None:
    """It would never go, and nothing behind it."""
    async with store.transaction() as t:
        lab, hall = await subscribe(t, "lab", "hall")
        [other] = await post(t, hall, b"0")
        [own] = await post(t, lab, b"0")
        [today] = await t.digests.add([digest(lab.id)])
        loose = Delivery(lab.id, lab.address)
        wrong: list[list[tuple[Delivery, Drawn]]] = [
            [(replace(loose, waits_for=other), drawn())],
            [(replace(loose, waits_for=own + 99), drawn())],
            [(replace(loose, waits_for=own, digest_id=today), drawn())],  # that goes before it
            [(replace(loose, order=0), drawn(waits_for=1)), (replace(loose, order=1), drawn())],
            [(replace(loose, order=1), drawn()), (replace(loose, order=0), drawn(waits_for=0))],
        ]
        for rows in wrong:
            with pytest.raises(ValueError, match="goes before"):
                await t.deliveries.add(rows)
        assert len(await t.deliveries.unsettled()) == 2
        [first] = [one for one in await claim(t) if one.id == own]
        await settle(t, first)
        await t.deliveries.add([(replace(loose, waits_for=own, digest_id=today), drawn())])


async def test_waiting_is_drawn_as_a_place_within_the_digest(store: SqlStore) -> None:
    async with store.transaction() as t:
        places = await subscribe(t, "lab", "hall")
        digests = await t.digests.add([digest(place.id) for place in places])
        rows = [
            (
                Delivery(place.id, place.address, digest_id=own, order=order),
                drawn(b"x", waits_for=waits_for),
            )
            for order, waits_for in ((0, None), (1, 0), (2, 0), (3, 1))
            for place, own in zip(places, digests, strict=True)
        ]
        ids = await t.deliveries.add(rows)
        for number, own in enumerate(digests):
            own_ids = ids[number::2]
            assert [one.waits_for for one in await t.deliveries.of_digest(own)] == [
                *(None, own_ids[0], own_ids[0], own_ids[1])
            ]


async def test_only_what_is_ready_and_not_parked_beyond_now_is_claimed(store: SqlStore) -> None:
    async with store.transaction() as t:
        places = await subscribe(t, *"abcdef")
        times: list[dict[str, Any]] = [
            {"not_before": NOW},
            {"not_before": NOW + HOUR},
            {"stale_at": NOW},
            {"state": DeliveryState.UNKNOWN},
            {"state": DeliveryState.SENT},
            {},
        ]
        for place, words in zip(places, times, strict=True):
            await post(t, place, b"0", **words)
        assert await chats(t) == ["a0", "c0", "f0"]


async def test_each_platform_has_its_own_line(store: SqlStore) -> None:
    async with store.transaction() as t:
        await post(t, await t.channels.add(channel(address=Address("telegram", "1"))), b"0")
        await post(t, await t.channels.add(channel("lab")), b"0")
        assert await chats(t) == ["lab0"]
        assert [one.address.chat for one in await claim(t, platform="telegram")] == ["1"]
        assert await claim(t, platform="discord") == []


async def test_the_address_is_the_one_the_channel_has_now(store: SqlStore) -> None:
    async with store.transaction() as t:
        [lab] = await subscribe(t, "lab")
        await post(t, lab, b"0")
        moved = Address("console", "moved", "9")
        await t.channels.put(replace(lab, address=moved))
        assert [one.address for one in await claim(t)] == [moved]


async def test_a_delivery_is_never_claimed_twice_at_once(url: str) -> None:
    """Eight tasks over two stores, as two processes would be."""
    async with open_store(url) as one, open_store(url) as two:
        async with one.transaction() as t:
            places = await subscribe(t, *(f"chat {number}" for number in range(60)))
            for place in places:
                await opened(t, place, b"0", b"1")
        taken: list[int] = []
        mistakes: list[str] = []

        async def carry(store: SqlStore) -> None:
            while True:
                async with store.transaction() as t:
                    if not await t.deliveries.any_open("console"):
                        return
                    claimed = await claim(t, 7)
                for own in claimed:
                    if own.order == 1 and own.id - 1 not in taken:
                        mistakes.append(f"{own.id} before its first")
                taken.extend(own.id for own in claimed)
                await asyncio.sleep(0)
                async with store.transaction() as t:
                    await settle(t, *claimed)

        await asyncio.gather(*(carry(store) for store in (one, two) * 4))
        async with one.snapshot() as t:
            assert await t.deliveries.waiting() == 0
    assert mistakes == []
    assert len(taken) == len(set(taken)) == 120


async def test_expired_overdue_and_unsettled_deliveries_are_found(store: SqlStore) -> None:
    async with store.transaction() as t:
        lab, hall = await subscribe(t, "lab", "hall")
        words: list[dict[str, Any]] = [
            {"state": DeliveryState.IN_FLIGHT, "leased_until": NOW},
            {"state": DeliveryState.IN_FLIGHT, "leased_until": LEASE, "stale_at": NOW},
            {"stale_at": NOW},
            {"stale_at": LEASE},
            {"state": DeliveryState.UNKNOWN, "stale_at": NOW},
            {"state": DeliveryState.SENT, "stale_at": NOW, "leased_until": NOW},
            {"state": DeliveryState.STALE, "stale_at": NOW},
            {"state": DeliveryState.REFUSED, "stale_at": NOW},
        ]
        ids = [(await post(t, lab, b"0", **one))[0] for one in words]
        [other] = await post(t, hall, b"0")

        def which(found: list[Delivery]) -> list[int]:
            return [one.id for one in found]

        assert which(await t.deliveries.expired(NOW, limit=9)) == [ids[0]]
        assert which(await t.deliveries.overdue(NOW, limit=9)) == [ids[2], ids[4]]
        assert which(await t.deliveries.unsettled()) == [*ids[:5], other]
        assert which(await t.deliveries.unsettled([hall.id, 99])) == [other]
        assert await t.deliveries.unsettled([]) == []
        assert await t.deliveries.waiting() == 6


async def test_settling_writes_what_became_of_it(store: SqlStore) -> None:
    async with store.transaction() as t:
        [lab] = await subscribe(t, "lab")
        [own] = await opened(t, lab, b"0")
        [taken] = await claim(t)
        after = replace(
            taken,
            state=DeliveryState.READY,
            attempts=0,
            unknowns=1,
            tried_at=NOW - HOUR,
            sent_at=NOW + HOUR,
            not_before=LEASE,
            stale_at=NOW + DAY,
            leased_until=None,
            platform_ids=("77",),
            error="Too fast.",
            plain=True,
        )
        await t.deliveries.settle(after)
        assert after.digest_id is not None
        assert await t.deliveries.of_digest(after.digest_id) == [after]
        assert after.id == own


# Bodies -------------------------------------------------------------------------------------------


async def test_a_body_comes_back_fragment_by_fragment(store: SqlStore) -> None:
    long = b"a sentence that is long enough to be squeezed. " * 50
    fragments = (b"", b"\x00\xff", long, b"", bytes(range(256)) * 9, long)
    async with store.transaction() as t:
        [lab] = await subscribe(t, "lab")
        what = Drawn(Body(fragments), fallback=Body((b"plain", long)))
        ids = await t.deliveries.add(
            [(Delivery(lab.id, lab.address), what), (Delivery(lab.id, lab.address), drawn(b"x"))]
        )
        assert await t.deliveries.body(ids[0]) == (what.body, what.fallback)
        assert await t.deliveries.body(ids[1]) == (Body((b"x",)), None)
    async with store.snapshot() as t:
        assert await t.deliveries.body(ids[0]) == (what.body, what.fallback)
        with pytest.raises(NotFound):
            await t.deliveries.body(ids[1] + 1)


async def test_an_empty_body_stays_empty(store: SqlStore) -> None:
    async with store.transaction() as t:
        [lab] = await subscribe(t, "lab")
        what = Drawn(Body(()), fallback=Body(()))
        [own] = await t.deliveries.add([(Delivery(lab.id, lab.address), what)])
        assert await t.deliveries.body(own) == (Body(()), Body(()))


async def test_a_card_that_many_channels_share_is_stored_once(url: str) -> None:
    """Over transactions, stores and a restart."""
    card = b"card " * 200
    async with open_store(url) as one, open_store(url) as two:
        async with one.transaction() as t:
            places = await subscribe(t, *(f"chat {number}" for number in range(40)))
        for number, place in enumerate(places):
            async with (one if number % 3 else two).transaction() as t:
                what = drawn(f"head {number}".encode(), card, b"foot")
                await t.deliveries.add([(Delivery(place.id, place.address), what)])
    async with open_store(url) as one, one.transaction() as t:
        await post(t, places[0], card)
        assert await fragments(t) == 42


async def test_a_removed_channel_takes_its_own_fragments_but_no_shared_one(
    store: SqlStore,
) -> None:
    """`/forget` leaves nothing of a chat, and breaks nothing of the others."""
    async with store.transaction() as t:
        lab, hall = await subscribe(t, "lab", "hall")
        await post(t, lab, b"own head of lab", b"shared")
    async with store.transaction() as t:
        await t.deliveries.add([(Delivery(hall.id, hall.address), drawn(b"shared"))])
        await t.channels.remove(lab.id)
        assert await fragments(t) == 1
    async with store.transaction() as t:
        [own] = await post(t, hall, b"shared")
        assert await t.deliveries.body(own) == (Body((b"shared",)), None)


async def test_what_was_taken_back_is_not_remembered(store: SqlStore) -> None:
    """A fragment of a failed transaction has no row, so its id must not be used."""
    async with store.transaction() as t:
        lab, hall = await subscribe(t, "lab", "hall")

    async def fail() -> None:
        async with store.transaction() as t:
            await post(t, lab, b"shared")
            await post(t, hall, b"shared")
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    async with store.transaction() as t:
        [own] = await post(t, hall, b"shared")
    async with store.snapshot() as t:
        assert await t.deliveries.body(own) == (Body((b"shared",)), None)


async def test_two_who_store_the_same_new_card_at_once_share_it(url: str) -> None:
    async with open_store(url) as one, open_store(url) as two:
        async with one.transaction() as t:
            places = await subscribe(t, *(f"chat {number}" for number in range(8)))

        async def add(store: SqlStore, place: Channel) -> None:
            async with store.transaction() as t:
                await t.deliveries.add([(Delivery(place.id, place.address), drawn(*CARDS))])

        await asyncio.gather(
            *(add(one if number % 2 else two, place) for number, place in enumerate(places))
        )
        async with one.snapshot() as t:
            assert await fragments(t) == len(CARDS)
            for delivery in await t.deliveries.unsettled():
                assert (await t.deliveries.body(delivery.id))[0] == Body(CARDS)


CARDS = tuple(f"card {number}".encode() for number in range(20))


async def fragments(t: SqlTransaction) -> int:
    """How many fragments the database holds."""
    return int(await t.work.value(text("SELECT count(*) FROM bodies")))
