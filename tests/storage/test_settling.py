"""What is written when calls end: many accepted ones together, late ones, parts of refused ones."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.channels import Delivery, DeliveryState, Kind, LedgerState
from bot.ports import Transaction
from storage import SqlStore, check
from tests.storage.samples import DAY, HOUR, NOW, digest, drawn, entry, post, subscribe
from tests.storage.test_heads import names, take


def accepted(one: Delivery, *ids: str) -> Delivery:
    return replace(one, platform_ids=ids or (f"m{one.id}",), sent_at=NOW + HOUR)


async def states(t: Transaction, channel_id: int) -> dict[str, str]:
    """The last figure of each paper in the ledger, with its state."""
    rows = await t.ledger.of_channel(channel_id, limit=99)
    return {row.paper_id[-1]: row.state.value for row in rows}


async def test_many_are_settled_together_and_their_channels_go_on(store: SqlStore) -> None:
    async with store.transaction() as t:
        places = await subscribe(t, *"abcde")
        ids = [await post(t, place, b"0", b"1") for place in places]
        for place, (first, _) in zip(places, ids, strict=True):
            await t.ledger.reserve(
                [
                    entry(place.id, 1, delivery_id=first),
                    entry(place.id, 2, delivery_id=first, becomes=LedgerState.LISTED),
                    entry(place.id, 3, delivery_id=99),
                ]
            )
        taken = await take(t, *(first for first, _ in ids))
        written = await t.deliveries.sent([accepted(one) for one in taken])
        assert [one.id for one in written] == [first for first, _ in ids]
        await t.ledger.shown([(one.channel_id, one.id) for one in written[:4]])
        for one in written:
            assert one == await t.deliveries.get(one.id)
            assert (one.state, one.platform_ids, one.sent_at, one.leased_until) == (
                *(DeliveryState.SENT, (f"m{one.id}",), NOW + HOUR, None),
            )
        assert await names(t) == ["a1", "b1", "c1", "d1", "e1"]
        for place in places[:4]:
            assert await states(t, place.id) == {"1": "shown", "2": "listed", "3": "reserved"}
        assert set((await states(t, places[4].id)).values()) == {"reserved"}
        assert await t.deliveries.sent([]) == []
        await t.ledger.shown([])


LATE = [  # what the row became while nobody knew of the answer: (state, attempts), is it sent?
    (DeliveryState.IN_FLIGHT, 1, True),
    (DeliveryState.IN_FLIGHT, 2, False),  # on its way again: that attempt will tell
    (DeliveryState.READY, 1, True),  # the sweeper was quicker
    (DeliveryState.READY, 0, True),
    (DeliveryState.READY, 2, True),  # a newer attempt did not arrive, this one did
    (DeliveryState.UNKNOWN, 1, True),
    (DeliveryState.UNKNOWN, 2, True),
    (DeliveryState.STALE, 1, True),
    (DeliveryState.REFUSED, 1, True),
    (DeliveryState.SENT, 1, False),
]


@pytest.mark.parametrize(("state", "attempts", "is_sent"), LATE)
async def test_a_late_acceptance_is_the_truth_unless_another_attempt_is_under_way(
    store: SqlStore, url: str, state: DeliveryState, attempts: int, is_sent: bool
) -> None:
    async with store.transaction() as t:
        [lab] = await subscribe(t, "lab")
        [own, _] = await post(t, lab, b"0", b"1")
        [one] = await take(t, own)
        until = NOW + HOUR if state is DeliveryState.READY else None
        now = replace(
            one, state=state, attempts=attempts, platform_ids=("old",), not_before=until, error="?"
        )
        await t.deliveries.settle(now)
        written = await t.deliveries.sent([accepted(one)])
        found = await t.deliveries.get(own)
        if is_sent:
            assert [replace(one, attempts=attempts) for one in written] == [found]
            assert found is not None
            assert (found.state, found.not_before) == (DeliveryState.SENT, None)
            assert found.error is None
        else:
            assert (written, found) == ([], now)
        waits = state is DeliveryState.IN_FLIGHT and not is_sent
        assert await names(t) == ([] if waits else ["lab1"])
    assert await check(url) == []


async def test_one_that_is_gone_is_passed_over(store: SqlStore) -> None:
    async with store.transaction() as t:
        lab, hall = await subscribe(t, "lab", "hall")
        ids = [*(await post(t, lab, b"0")), *(await post(t, hall, b"0"))]
        taken = await take(t, *ids)
        await t.channels.remove(lab.id)
        written = await t.deliveries.sent([accepted(one) for one in taken])
        assert [one.id for one in written] == ids[1:]


async def test_one_that_a_merging_took_along_is_sent_in_its_new_channel(store: SqlStore) -> None:
    """The ledger of that channel is told: what arrived does not come again."""
    async with store.transaction() as t:
        kept, gone = await subscribe(t, "kept", "gone")
        [own] = await t.digests.add([digest(gone.id)])
        [waiting] = await post(
            t, gone, b"0", digest_id=own, papers=("2512.00001", "2512.00002", "2512.00003")
        )
        await t.ledger.reserve([entry(gone.id, n, delivery_id=waiting) for n in (1, 2, 3)])
        await t.ledger.reserve([entry(kept.id, 2, state=LedgerState.PASSED)])
        [one] = await take(t, waiting)
        await t.channels.merge(kept.id, gone.id)
        assert await states(t, kept.id) == {"2": "passed"}
        [written] = await t.deliveries.sent([accepted(one)])
        assert written.channel_id == kept.id
        await t.ledger.shown([(written.channel_id, written.id)])
        assert await states(t, kept.id) == {"1": "shown", "2": "passed", "3": "shown"}


async def test_parts_take_the_place_of_what_was_refused(store: SqlStore, url: str) -> None:
    async with store.transaction() as t:
        [lab] = await subscribe(t, "lab")
        [own] = await t.digests.add([digest(lab.id)])
        ids = await t.deliveries.add(
            [
                (
                    Delivery(
                        *(lab.id, lab.address),
                        digest_id=own,
                        order=order,
                        turn=5,
                        silent=True,
                        created=NOW,
                        stale_at=NOW + DAY,
                    ),
                    drawn(b"x", waits_for=waits_for, papers=papers),
                )
                for order, (waits_for, papers) in enumerate(
                    [
                        (None, ()),
                        (0, ("2512.00001", "2512.00002", "2512.00003")),
                        (1, ("2512.00004",)),
                    ]
                )
            ]
        )
        await t.papers.put([])
        await t.ledger.reserve(
            [
                entry(lab.id, 1, delivery_id=ids[1], becomes=LedgerState.LISTED),
                entry(lab.id, 2, delivery_id=ids[1]),
                entry(lab.id, 3, delivery_id=ids[1]),
                entry(lab.id, 4, delivery_id=ids[2]),
            ]
        )
        [first] = await take(t, ids[0])
        await t.deliveries.sent([accepted(first)])
        [refused] = await take(t, ids[1])
        parts = [
            drawn(b"one", papers=("2512.00001",)),
            drawn(b"two", papers=("2512.00002",)),
        ]
        new = await t.deliveries.split(replace(refused, error="Bad.", plain=True), parts)
        made = [await t.deliveries.get(one) for one in new]
        for one, what in zip(made, parts, strict=True):
            assert one is not None
            assert one == Delivery(
                *(lab.id, lab.address, Kind.POST, one.id, own, 1, what.papers, ids[0]),
                silent=True,
                turn=5,
                created=NOW,
                stale_at=NOW + DAY,
                due=digest(lab.id).due,
            )
            assert await t.deliveries.body(one.id) == (what.body, None)
        over = await t.deliveries.get(ids[1])
        assert over is not None
        assert (over.state, over.error, over.leased_until) == (DeliveryState.REFUSED, "Bad.", None)
        after = await t.deliveries.get(ids[2])
        assert after is not None
        assert after.waits_for is None
        rows = {row.paper_id[-1]: row for row in await t.ledger.of_channel(lab.id, limit=9)}
        assert {n: row.delivery_id for n, row in rows.items()} == {  # 3 is in no part: it is free
            "1": new[0],
            "2": new[1],
            "4": ids[2],
        }
        assert rows["1"].becomes is LedgerState.LISTED
        order = []
        while looked := await t.deliveries.next("console", limit=1):
            [one] = await take(t, looked[0].id)
            order.append(one.id)
            await t.deliveries.sent([accepted(one)])
            await t.ledger.shown([(one.channel_id, one.id)])
        assert order == [*new, ids[2]]
        assert await states(t, lab.id) == {"1": "listed", "2": "shown", "4": "shown"}
    assert [line for line in await check(url) if "heads" in line or "next" in line] == []


async def test_parts_of_one_that_was_settled_before_still_go_first(store: SqlStore) -> None:
    async with store.transaction() as t:
        [lab] = await subscribe(t, "lab")
        [own] = await t.digests.add([digest(lab.id)])
        ids = await post(t, lab, b"0", b"1", digest_id=own)
        [refused] = await take(t, ids[0])
        after = replace(refused, state=DeliveryState.REFUSED)
        await t.deliveries.settle(after)
        [new] = await t.deliveries.split(after, [drawn(b"part")])
        assert [one.id for one in await t.deliveries.next("console", limit=9)] == [new]


async def test_what_is_gone_is_not_split_and_nothing_is_left_of_no_parts(store: SqlStore) -> None:
    async with store.transaction() as t:
        [lab] = await subscribe(t, "lab")
        ids = await post(t, lab, b"0", b"1")
        [one] = await take(t, ids[0])
        assert await t.deliveries.split(replace(one, id=4711), [drawn(b"part")]) == []
        assert await t.deliveries.split(one, []) == []
        assert await names(t) == ["lab1"]
        assert len(await t.deliveries.unsettled()) == 1
