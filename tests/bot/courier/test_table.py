"""The table of outcomes, row by row, over a platform that answers as the test says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.channels import (
    Body,
    Channel,
    Delivery,
    DeliveryState,
    Drawn,
    Kind,
    Outcome,
    Verdict,
)
from tests.bot.conftest import MONDAY, at
from tests.wires.lists import a_paper
from tests.wires.mail import Call, Part

if TYPE_CHECKING:
    from tests.bot.conftest import Town

TUESDAY = "2026-01-06 09:00"
REFUSED = Outcome(Verdict.CONTENT_REFUSED, error="can't parse entities")
LOST = Outcome(Verdict.UNKNOWN, error="No answer in time.")
UNREACHED = Outcome(Verdict.NOT_SENT, error="No connection.")
Answer = Callable[[Call], Outcome | None]


def marked(call: Call) -> Outcome | None:
    """Whatever is not plain text is refused."""
    return None if call.text.endswith("plain") else REFUSED


def in_turn(*outcomes: Outcome | None) -> Answer:
    """These outcomes, one for each call; what comes after them is accepted."""
    waiting = iter(outcomes)
    return lambda _: next(waiting, None)


def of_kind(town: Town, **changes: object) -> None:
    """The platform with other limits."""
    town.mail.limits = replace(town.mail.limits, **changes)  # type: ignore[arg-type]


async def whole(town: Town, channel: Channel) -> list[Delivery]:
    """Every delivery of Tuesday's digest."""
    async with town.desk.store.snapshot() as tx:
        digest = await tx.digests.get(channel.id, at(TUESDAY).date())
        assert digest is not None
        return await tx.deliveries.of_digest(digest.id)


# --- content refused -----------------------------------------------------------------------------


async def test_a_refused_message_is_sent_once_as_its_frozen_plain_text(town: Town) -> None:
    town.mail.answer = marked
    channel = await town.subscribe()
    await town.round(TUESDAY)
    assert [one.text for one in town.mail.calls] == [
        "post 2601.00001 2601.00002",
        "post 2601.00001 2601.00002 plain",
    ]
    assert await town.ledger(channel) == {"1": "shown", "2": "shown"}


async def test_a_message_that_is_refused_plain_too_goes_paper_by_paper(town: Town) -> None:
    town.mail.answer = lambda call: REFUSED if "00001 2601" in call.text else None
    channel = await town.subscribe()
    await town.round(TUESDAY)
    assert [papers_of(one) for one in town.mail.accepted] == [["2601.00001"], ["2601.00002"]]
    assert await town.ledger(channel) == {"1": "shown", "2": "shown"}
    assert await town.unsettled() == []
    assert not town.told()


async def test_only_the_paper_that_is_refused_alone_is_given_up(town: Town) -> None:
    town.mail.answer = lambda call: (
        REFUSED if "2601.00001" in call.text and call.address.chat == "lab" else None
    )
    channel = await town.subscribe()
    await town.round(TUESDAY)
    assert await town.ledger(channel) == {"1": "refused", "2": "shown"}
    assert await town.unsettled() == []
    [told] = town.told()
    assert "2601.00001" in told
    assert "2601.00002" not in told


async def test_the_pieces_of_a_refused_message_come_before_what_stood_behind_it(
    town: Town,
) -> None:
    await town.subscribe()
    town.mail.answer = lambda call: REFUSED if "00001 2601" in call.text else None
    original = town.mail.draw

    def drawn_with_a_foot(*args: object, **words: object) -> tuple[Drawn, ...]:
        found = original(*args, **words)  # type: ignore[arg-type]
        return (*found, replace(found[0], papers=(), body=_body("the foot"), fallback=None))

    town.mail.draw = drawn_with_a_foot  # type: ignore[method-assign]
    await town.round(TUESDAY)
    texts = town.mail.texts("lab")
    assert [papers(text) for text in texts] == [["2601.00001"], ["2601.00002"], []]


async def test_what_was_to_stand_in_a_forum_post_that_went_in_pieces_comes_later(
    town: Town,
) -> None:
    town.source.show(MONDAY, a_paper(3, upvotes=1))
    town.mail.parts = (Part(Kind.FORUM_POST), Part(waits_for=0))
    original = town.mail.draw

    def two_in_the_post(*args: object, **words: object) -> tuple[Drawn, ...]:
        found = original(*args, **words)  # type: ignore[arg-type]
        if len(found) < 2:
            return found
        ids = [one for part in found for one in part.papers]
        post = replace(
            found[0], papers=tuple(ids[:2]), fallback=_body(f"post {ids[0]} {ids[1]} plain")
        )
        return (post, replace(found[1], papers=tuple(ids[2:])))

    town.mail.draw = two_in_the_post  # type: ignore[method-assign]
    town.mail.answer = lambda call: (
        REFUSED if call.text.startswith("forum-post") or "00001 2601" in call.text else None
    )
    channel = await town.subscribe()
    await town.round(TUESDAY)
    assert await town.ledger(channel) == {"1": "shown", "2": "shown"}
    assert await town.unsettled() == []


async def test_a_message_without_a_fallback_is_refused_at_once(town: Town) -> None:
    original = town.mail.draw
    town.mail.draw = lambda *args, **words: tuple(  # type: ignore[method-assign]
        replace(one, fallback=None) for one in original(*args, **words)
    )
    town.mail.answer = lambda call: REFUSED if call.address.chat == "lab" else None
    channel = await town.subscribe()
    await town.round(TUESDAY)
    assert len([one for one in town.mail.calls if one.address.chat == "lab"]) == 1
    assert await town.ledger(channel) == {"1": "refused", "2": "refused"}


# --- nobody knows --------------------------------------------------------------------------------


async def test_where_nobody_can_be_asked_an_unknown_message_is_sent_once_more(town: Town) -> None:
    town.mail.answer = in_turn(LOST)
    channel = await town.subscribe()
    await town.round(TUESDAY)
    [waiting] = await town.unsettled()
    assert (waiting.state, waiting.unknowns) == (DeliveryState.READY, 1)
    assert waiting.not_before is not None
    assert waiting.not_before > at(TUESDAY)
    await town.round("2026-01-06 09:01")
    assert len(town.mail.calls) == 2
    assert {one.key for one in town.mail.calls} == {town.mail.calls[0].key}
    assert await town.ledger(channel) == {"1": "shown", "2": "shown"}


async def test_what_stays_unknown_comes_with_the_next_digest(town: Town) -> None:
    town.mail.answer = in_turn(LOST, LOST)
    channel = await town.subscribe()
    await town.round(TUESDAY)
    await town.round("2026-01-06 09:01")
    assert await town.unsettled() == []
    assert await town.ledger(channel) == {}
    await town.round("2026-01-06 09:30")
    assert len(town.mail.calls) == 2
    await town.round("2026-01-07 09:00")
    assert await town.ledger(channel) == {"1": "shown", "2": "shown"}


async def test_what_was_surely_not_sent_does_not_count_as_a_try_that_may_double(
    town: Town,
) -> None:
    town.mail.answer = in_turn(UNREACHED, UNREACHED, UNREACHED, LOST)
    channel = await town.subscribe()
    for minute in (0, 5, 20, 50):
        await town.round(f"2026-01-06 09:{minute:02}")
    [waiting] = await town.unsettled()
    assert (waiting.attempts, waiting.unknowns) == (4, 1)
    await town.round("2026-01-06 10:30")
    assert await town.ledger(channel) == {"1": "shown", "2": "shown"}


async def test_a_platform_that_remembers_the_key_is_sent_it_again_until_it_answers(
    town: Town,
) -> None:
    of_kind(town, remembers=1000.0)
    town.mail.answer = in_turn(LOST, LOST, LOST, LOST)
    channel = await town.subscribe()
    for minute in range(5):
        await town.round(f"2026-01-06 09:{minute:02}")
    assert len(town.mail.calls) == 5
    assert len({one.key for one in town.mail.calls}) == 1
    assert not town.mail.asked
    assert await town.ledger(channel) == {"1": "shown", "2": "shown"}


FINDS = frozenset({"probe", "find"})


async def test_an_old_unknown_message_that_is_found_is_sent(town: Town) -> None:
    of_kind(town, verbs=FINDS)
    town.mail.answer = in_turn(LOST)
    town.mail.look = lambda _: Outcome(Verdict.ACCEPTED, ("m77",))
    channel = await town.subscribe()
    await town.round(TUESDAY)
    [waiting] = await town.unsettled()
    assert waiting.state is DeliveryState.UNKNOWN
    await town.round("2026-01-06 09:01")
    assert len(town.mail.calls) == 1
    [asked] = town.mail.asked
    assert (asked.text, asked.key) == (town.mail.calls[0].text, town.mail.calls[0].key)
    [sent] = await whole(town, channel)
    assert (sent.state, sent.platform_ids) == (DeliveryState.SENT, ("m77",))
    assert await town.ledger(channel) == {"1": "shown", "2": "shown"}


async def test_one_that_is_surely_not_there_is_sent_however_often_that_happens(
    town: Town,
) -> None:
    of_kind(town, verbs=FINDS)
    town.mail.answer = in_turn(LOST, LOST, LOST)
    town.mail.look = lambda _: Outcome(Verdict.NOT_SENT)
    channel = await town.subscribe()
    for minute in range(8):
        await town.round(f"2026-01-06 09:{minute:02}")
    assert len(town.mail.calls) == 4
    assert await town.ledger(channel) == {"1": "shown", "2": "shown"}


async def test_where_the_look_tells_nothing_it_is_sent_once_more_and_then_given_back(
    town: Town,
) -> None:
    of_kind(town, verbs=FINDS)
    town.mail.answer = in_turn(LOST, LOST)
    channel = await town.subscribe()
    for minute in range(6):
        await town.round(f"2026-01-06 09:{minute:02}")
    assert len(town.mail.calls) == 2
    assert len(town.mail.asked) == 2
    assert await town.unsettled() == []
    assert await town.ledger(channel) == {}


async def test_a_look_that_fails_is_made_again(town: Town) -> None:
    of_kind(town, verbs=FINDS)
    town.mail.answer = in_turn(LOST)
    looks = iter([LOST, Outcome(Verdict.TOO_FAST, retry_after=30.0)])
    town.mail.look = lambda _: next(looks, Outcome(Verdict.ACCEPTED, ("m9",)))
    channel = await town.subscribe()
    for minute in range(0, 12, 2):
        await town.round(f"2026-01-06 09:{minute:02}")
    assert len(town.mail.asked) == 3
    assert len(town.mail.calls) == 1
    assert await town.ledger(channel) == {"1": "shown", "2": "shown"}


async def test_a_message_in_doubt_that_the_platform_has_forgotten_is_looked_for_first(
    town: Town,
) -> None:
    of_kind(town, remembers=1000.0, verbs=FINDS)
    town.mail.answer = in_turn(LOST)
    await town.subscribe()
    await town.round(TUESDAY)
    of_kind(town, remembers=0.0, verbs=FINDS)  # as after hours without this process
    town.mail.look = lambda _: Outcome(Verdict.ACCEPTED, ("m5",))
    for minute in (1, 2, 3):
        await town.round(f"2026-01-06 09:{minute:02}")
    assert len(town.mail.calls) == 1
    assert await town.unsettled() == []


# --- too fast ------------------------------------------------------------------------------------


async def test_a_chat_that_asks_for_half_a_day_is_put_aside_and_holds_nobody(town: Town) -> None:
    pause = Outcome(Verdict.TOO_FAST, retry_after=12 * 3600.0, error="Too Many Requests")
    town.mail.answer = lambda call: pause if call.address.chat == "lab" else None
    await town.subscribe("lab")
    hall = await town.subscribe("hall")
    await town.round(TUESDAY)
    [waiting] = await town.unsettled()
    assert waiting.not_before == at("2026-01-06 21:00")
    assert waiting.attempts == 0
    assert await town.ledger(hall) == {"1": "shown", "2": "shown"}
    before = len(town.mail.calls)
    await town.round("2026-01-06 20:59")
    assert len(town.mail.calls) == before
    town.mail.answer = lambda _: None
    await town.round("2026-01-06 21:01")
    assert len(town.mail.texts("lab")) == 1


async def test_a_pause_of_the_whole_token_outlives_the_process(town: Town) -> None:
    town.mail.answer = in_turn(
        Outcome(Verdict.TOO_FAST, retry_after=1800.0, everywhere=True, error="slow down")
    )
    for chat in ("lab", "hall", "roof"):
        await town.subscribe(chat)
    await town.round(TUESDAY)
    before = len(town.mail.calls)
    assert len(town.mail.accepted) < 3
    await town.round("2026-01-06 09:10")
    assert len(town.mail.calls) == before
    await town.round("2026-01-06 09:31")
    assert {one.address.chat for one in town.mail.accepted} == {"lab", "hall", "roof"}


# --- edits ---------------------------------------------------------------------------------------


async def test_an_edit_waits_for_its_message_and_is_made_in_its_place(town: Town) -> None:
    channel = await town.subscribe()
    await town.round(TUESDAY)
    await add_edit(town, channel)
    await town.round("2026-01-06 09:10")
    assert (town.mail.calls[-1].edits, town.mail.calls[-1].text) == ("m1", "better")


async def test_an_edit_of_a_message_in_a_thread_is_made_there(town: Town) -> None:
    """In a forum the day's cards stand in the post's thread, not in the forum."""
    town.mail.parts = (Part(Kind.FORUM_POST, cards=False), Part(waits_for=0))
    channel = await town.subscribe()
    await town.round(TUESDAY)
    await add_edit(town, channel)
    await town.round("2026-01-06 09:10")
    post, cards, edit = town.mail.calls
    assert (post.address.thread, cards.address.thread) == (None, "t1")
    assert (edit.address, edit.edits) == (cards.address, "m2")


async def test_an_edit_of_which_nobody_knows_is_made_again(town: Town) -> None:
    channel = await town.subscribe()
    await town.round(TUESDAY)
    await add_edit(town, channel)
    town.mail.answer = in_turn(LOST, LOST, LOST)
    for minute in range(10, 50, 5):
        await town.round(f"2026-01-06 09:{minute:02}")
    assert [one.edits for one in town.mail.calls[1:]] == ["m1"] * 4
    assert await town.unsettled() == []


async def test_an_edit_of_a_message_that_is_gone_ends_quietly(town: Town) -> None:
    channel = await town.subscribe()
    await town.round(TUESDAY)
    await add_edit(town, channel)
    town.mail.answer = lambda call: REFUSED if call.edits else None
    await town.round("2026-01-06 09:10")
    assert await town.unsettled() == []
    assert not town.told()
    assert await town.ledger(channel) == {"1": "shown", "2": "shown"}


async def add_edit(town: Town, channel: Channel, plain: str | None = None) -> None:
    """A better text for the message of Tuesday."""
    sent = (await whole(town, channel))[-1]
    edit = Delivery(channel.id, channel.address, Kind.EDIT, waits_for=sent.id, created=at(TUESDAY))
    async with town.desk.store.transaction() as tx:
        fallback = _body(plain) if plain else None
        await tx.deliveries.add([(edit, Drawn(_body("better"), (), fallback, Kind.EDIT))])


# --- a platform that ends ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Kind.POST, Kind.FORUM_POST])
async def test_a_mistake_of_ours_with_one_message_holds_up_no_other(town: Town, kind: Kind) -> None:
    town.mail.parts = (Part(kind),)

    def answer(call: Call) -> Outcome | None:
        if call.address.chat == "lab":
            raise ZeroDivisionError
        return None

    town.mail.answer = answer
    await town.subscribe("lab")
    hall = await town.subscribe("hall")
    await town.round(TUESDAY)
    assert await town.ledger(hall) == {"1": "shown", "2": "shown"}
    [waiting] = await town.unsettled()
    assert waiting.unknowns == 1


async def test_a_message_that_is_out_of_date_is_not_sent(town: Town) -> None:
    town.mail.answer = lambda _: UNREACHED
    channel = await town.subscribe()
    await town.round(TUESDAY)
    before = len(town.mail.calls)
    town.mail.answer = lambda _: None
    await town.round("2026-01-07 09:00")
    assert [one.text for one in town.mail.calls[before:]] == ["post 2601.00001 2601.00002"]
    first = await whole(town, channel)
    assert [one.state for one in first] == [DeliveryState.STALE]


async def test_quiet_hours_hold_a_retry_until_their_end(town: Town) -> None:
    from datetime import time

    channel = await town.subscribe()
    await town.change(channel, quiet_from=time(9, 1), quiet_to=time(11))
    town.mail.answer = in_turn(Outcome(Verdict.TOO_FAST, retry_after=120.0))
    await town.round(TUESDAY)
    [waiting] = await town.unsettled()
    assert waiting.not_before == at("2026-01-06 11:00")
    await town.round("2026-01-06 10:59")
    assert not town.mail.accepted
    await town.round("2026-01-06 11:00")
    assert len(town.mail.accepted) == 1


def papers_of(call: Call) -> list[str]:
    """The ids that a call shows."""
    return papers(call.text)


def papers(text: str) -> list[str]:
    """The ids in a text."""
    return [word for word in text.split() if word.startswith("2601.")]


def _body(text: str) -> Body:
    return Body((text.encode(),))
