"""Messages that wait for others, those that ring, and a platform that ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.channels import DeliveryState, Kind, Outcome, Verdict
from bot.errors import Refused
from storage import check
from tests.wires.mail import Call, Part

if TYPE_CHECKING:
    from tests.bot.conftest import Town

REFUSED = Outcome(Verdict.CONTENT_REFUSED, error="It is too long.")
THREAD_GONE = Outcome(Verdict.THREAD_GONE, error="message thread not found")
THREAD = (
    Part(cards=False),
    Part(Kind.OPEN_THREAD, waits_for=0, cards=False),
    Part(waits_for=1),
    Part(waits_for=1),
)
REPLIES = (Part(cards=False), Part(waits_for=0), Part(waits_for=0))
FORUM = (Part(Kind.FORUM_POST), Part(waits_for=0))


def only(beginning: str, outcome: Outcome) -> object:
    """The outcome for calls whose text begins so."""

    def answer(call: Call) -> Outcome | None:
        return outcome if call.text.startswith(beginning) else None

    return answer


async def test_cards_go_into_the_thread_that_was_opened_on_their_index(town: Town) -> None:
    town.mail.parts = THREAD
    await town.subscribe()
    await town.round("2026-01-06 09:00")
    index, thread, first, second = town.mail.accepted
    assert (index.address.thread, index.reply_to) == (None, None)
    assert (thread.address.thread, thread.reply_to) == (None, "m1")
    assert [one.address.thread for one in (first, second)] == ["t2", "t2"]
    assert [one.reply_to for one in (first, second)] == [None, None]


async def test_cards_that_answer_their_index_name_its_message(town: Town) -> None:
    town.mail.parts = REPLIES
    await town.subscribe(thread="7")
    await town.round("2026-01-06 09:00")
    assert [one.reply_to for one in town.mail.accepted] == [None, "m1", "m1"]
    assert {one.address.thread for one in town.mail.accepted} == {"7"}


async def test_cards_go_into_the_forum_post_of_the_day(town: Town) -> None:
    town.mail.parts = FORUM
    await town.subscribe()
    await town.round("2026-01-06 09:00")
    assert [one.address.thread for one in town.mail.accepted] == [None, "t1"]


@pytest.mark.parametrize("outcome", [REFUSED, Outcome(Verdict.CHAT_GONE, missing=("Threads",))])
async def test_where_no_thread_can_be_opened_the_cards_go_to_the_channel(
    town: Town, outcome: Outcome
) -> None:
    town.mail.parts = THREAD
    town.mail.answer = only("open-thread", outcome)  # type: ignore[assignment]
    channel = await town.subscribe()
    await town.round("2026-01-06 09:00")
    assert town.mail.texts("lab") == ["post", "post 2601.00001", "post 2601.00002"]
    assert {one.address.thread for one in town.mail.accepted} == {None}
    assert await town.unsettled() == []
    assert (await town.channel(channel)).suspended_at is None


async def test_a_thread_that_was_deleted_meanwhile_costs_no_card(town: Town) -> None:
    town.mail.parts = THREAD
    town.mail.answer = lambda call: THREAD_GONE if call.address.thread else None
    channel = await town.subscribe()
    await town.round("2026-01-06 09:00")
    assert await town.ledger(channel) == {"1": "shown", "2": "shown"}
    assert not (await town.channel(channel)).paused


async def test_when_the_index_is_refused_its_cards_go_alone(town: Town) -> None:
    town.mail.parts = REPLIES
    refusals = iter([REFUSED, REFUSED])
    town.mail.answer = lambda call: next(refusals, None)
    await town.subscribe()
    await town.round("2026-01-06 09:00")
    cards = [one for one in town.mail.accepted if one.address.chat == "lab"]
    assert [one.reply_to for one in cards] == [None, None]
    assert await town.unsettled() == []


async def test_when_the_index_is_refused_no_thread_is_opened_and_the_cards_go_alone(
    town: Town,
) -> None:
    town.mail.parts = THREAD
    refusals = iter([REFUSED, REFUSED])
    town.mail.answer = lambda call: next(refusals, None)
    await town.subscribe()
    await town.round("2026-01-06 09:00")
    assert town.mail.texts("lab") == ["post 2601.00001", "post 2601.00002"]
    assert await town.unsettled() == []


async def test_the_cards_of_a_refused_forum_post_come_with_a_later_digest(town: Town) -> None:
    town.mail.parts = FORUM
    town.mail.answer = only("forum-post", REFUSED)  # type: ignore[assignment]
    channel = await town.subscribe()
    await town.round("2026-01-06 09:00")
    assert await town.ledger(channel) == {"1": "refused"}
    assert await town.unsettled() == []
    town.mail.answer = lambda _: None
    await town.round("2026-01-07 09:00")
    assert town.mail.texts("lab") == ["forum-post 2601.00002", "post"]


@pytest.mark.parametrize(
    ("sound", "silent"),
    [("first", [False, True, True]), ("all", [False] * 3), ("none", [True] * 3)],
)
async def test_messages_ring_as_the_channel_chose(
    town: Town, sound: str, silent: list[bool]
) -> None:
    town.mail.parts = REPLIES
    await town.subscribe(sound=sound)
    await town.round("2026-01-06 09:00")
    assert [one.silent for one in town.mail.accepted] == silent


async def test_a_notice_never_rings(town: Town) -> None:
    from bot.channels import Empty

    await town.subscribe("lab", "nothing of this", sound="all", empty=Empty.ALWAYS)
    await town.round("2026-01-06 09:00")
    assert [one.silent for one in town.mail.accepted] == [True]


@pytest.mark.parametrize("verdict", [Verdict.TOKEN_REFUSED, Verdict.SECOND_INSTANCE])
async def test_a_refused_token_ends_the_round_and_touches_no_chat(
    town: Town, verdict: Verdict
) -> None:
    channels = [await town.subscribe(chat) for chat in ("lab", "hall", "roof")]
    town.mail.answer = lambda _: Outcome(verdict, error="The token was refused.")
    with pytest.raises(Refused, match="The token was refused"):
        await town.round("2026-01-06 09:00")
    waiting = await town.unsettled()
    assert [one.state for one in waiting] == [DeliveryState.READY] * 3
    assert [one.attempts for one in waiting] == [0] * 3
    assert {(await town.channel(one)).suspended_at for one in channels} == {None}
    town.mail.answer = lambda _: None
    await town.round("2026-01-06 09:01")
    assert len(town.mail.accepted) == 3


async def test_a_pause_of_the_token_holds_the_whole_platform(town: Town) -> None:
    for chat in ("lab", "hall"):
        await town.subscribe(chat)
    town.mail.answer = lambda _: Outcome(Verdict.TOO_FAST, retry_after=30, everywhere=True)
    await town.round("2026-01-06 09:00")
    before = len(town.mail.calls)
    await town.round("2026-01-06 09:00:20")
    assert len(town.mail.calls) == before
    town.mail.answer = lambda _: None
    await town.round("2026-01-06 09:01")
    assert len(town.mail.accepted) == 2


async def test_a_refused_message_is_told_to_the_operator_by_channel_and_papers(
    town: Town,
) -> None:
    town.mail.answer = lambda call: REFUSED if call.address.chat == "lab" else None
    await town.subscribe(name="The Lab")
    await town.round("2026-01-06 09:00")
    for minute in (1, 2):
        await town.round(f"2026-01-06 09:{minute:02}")
    assert len(town.told()) == 2
    for paper, said in zip(("2601.00001", "2601.00002"), town.told(), strict=True):
        for part in ("The Lab", "mail:lab", paper, "It is too long."):
            assert part in said


async def test_nothing_waits_for_what_never_comes(town: Town, tmp_path: object) -> None:
    town.mail.parts = THREAD
    town.mail.answer = only("open-thread", Outcome(Verdict.UNKNOWN))  # type: ignore[assignment]
    await town.subscribe()
    for minute in range(0, 60, 15):
        await town.round(f"2026-01-06 09:{minute:02}")
    assert await town.unsettled() == []
    assert town.mail.texts("lab") == ["post", "post 2601.00001", "post 2601.00002"]
    assert await check(f"sqlite:///{tmp_path}/paperboy.db") == []
