"""/status: last and next, lists, topics, and why it was silent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.cards import Table
from bot.channels import Body, Delivery, DeliveryState, Digest, Drawn, Outcome, Verdict
from bot.ports import Rights
from tests.bot.replies.conftest import Chat


async def facts(chat: Chat) -> dict[str, str]:
    """The rows of /status by name."""
    answer = await chat.ask("/status")
    table = answer.blocks[0]
    assert isinstance(table, Table)
    return {row[0]: row[1] for row in table.rows}


async def test_a_new_chat_says_that_the_first_digest_is_still_to_come(chat: Chat):
    await chat.read()
    await chat.say("/subscribe agents, video generation")
    told = await facts(chat)
    assert told["Last"] == "none yet"
    assert told["Next"] == "Sat 10 Jan 09:00 (UTC)"
    assert "Thu 8 Jan closed with 2 papers" in told["List"]
    assert "the next, of Fri 9 Jan, closes Sat 10 Jan 02:45" in told["List"]
    assert told["Topics"] == "2, 4 matches and 2 hidden in 7 days"
    assert "no model" in told["Summaries"]
    assert told["Silent because"] == "the first digest is still to come"


async def test_after_a_digest_it_says_when_it_came_with_how_many_and_that_it_was_on_time(
    chat: Chat,
):
    await chat.read()
    await chat.say("/subscribe agents")
    chat.now = datetime(2026, 1, 10, 9, 0, 5, tzinfo=UTC)
    await chat.round()
    told = await facts(chat)
    assert told["Last"] == "Sat 10 Jan 09:00, 1 paper, on time"
    assert "Silent because" not in told
    assert "Trouble" not in told


async def test_a_digest_after_a_down_time_says_how_late_it_was(chat: Chat):
    await chat.read()
    await chat.say("/subscribe agents")
    chat.now = datetime(2026, 1, 10, 11, 30, tzinfo=UTC)
    await chat.round()
    assert (await facts(chat))["Last"] == "Sat 10 Jan 09:00, 1 paper, late by 2:30"


async def test_at_the_weekend_it_says_that_there_are_no_lists(chat: Chat):
    await chat.read()
    await chat.say("/subscribe agents")
    for day in (10, 11):
        chat.now = datetime(2026, 1, day, 9, tzinfo=UTC)
        await chat.round()
    told = await facts(chat)
    assert told["Silent because"].startswith("no lists at the weekend")
    assert "/settings empty" in told["Silent because"]


async def test_when_nothing_matched_it_says_how_many_papers_were_new(chat: Chat):
    await chat.read()
    await chat.say("/subscribe zebras")
    chat.now = datetime(2026, 1, 10, 9, tzinfo=UTC)
    await chat.round()
    told = await facts(chat)
    assert told["Silent because"].startswith("none of the 2 new papers matches your topics")


async def test_a_failing_source_is_named_with_its_next_try(chat: Chat):
    await chat.read()
    await chat.say("/subscribe agents")
    start = chat.now + timedelta(hours=10)
    chat.source.outages.append((start, start + timedelta(days=2)))
    chat.now = start + timedelta(hours=9)
    await chat.round()
    told = await facts(chat)
    assert "Hugging Face could not be read since" in told["Trouble"]
    assert "next try" in told["Trouble"]
    assert "HTTP 503" not in told["Trouble"]  # nothing that the people of a chat can mend
    chat.rights = Rights(manage=True, operate=True)
    assert "HTTP 503" in (await facts(chat))["Trouble"]


async def test_a_message_that_did_not_arrive_is_told_with_the_reason(chat: Chat):
    await chat.read()
    await chat.say("/subscribe agents")
    chat.board.answer = lambda _: Outcome(Verdict.NOT_SENT, error="The line is dead.")
    chat.now = datetime(2026, 1, 10, 9, tzinfo=UTC)
    await chat.round()
    told = await facts(chat)
    assert "1 message not sent" in told["Last"]
    assert "The line is dead." in told["Trouble"]


async def test_a_chat_without_topics_counts_the_whole_list(chat: Chat):
    await chat.read()
    await chat.say("/subscribe everything")
    assert (await facts(chat))["Topics"] == "none (Hugging Face's whole list), 6 papers in 7 days"


async def had(chat: Chat, *days: tuple[float, float]) -> None:
    """A digest for each of the last days, the newest first: minutes from its hour to its opening
    and to its only message."""
    channel = await chat.channel()
    assert channel is not None
    async with chat.desk.store.transaction() as tx:
        for back, (opened, arrived) in enumerate(days):
            due = datetime(2026, 1, 9, 9, tzinfo=UTC) - timedelta(days=back)
            after = due + timedelta(minutes=opened)
            digest = Digest(channel.id, due.date(), due, after, spoke=True)
            (number,) = await tx.digests.add([digest])
            one = Delivery(channel.id, channel.address, digest_id=number, created=after)
            (one_id,) = await tx.deliveries.add([(one, Drawn(Body((b"x",))))])
            await tx.deliveries.settle(
                replace(
                    one,
                    id=one_id,
                    state=DeliveryState.SENT,
                    sent_at=due + timedelta(minutes=arrived),
                )
            )


async def test_it_says_by_when_the_digest_is_usually_there(chat: Chat):
    await chat.say("/subscribe agents")
    await had(chat, (0, 5.5), (0, 4), (0.5, 3), (0, 5), (0, 30))
    assert (await facts(chat))["Next"] == "Sat 10 Jan 09:00, usually by 09:06 (UTC)"


async def test_a_usual_arrival_is_told_on_the_clock_of_the_chat(chat: Chat):
    await chat.say("/subscribe agents")
    await chat.say("/settings zone Asia/Seoul")
    await chat.say("/settings hour 23:58")
    await had(chat, (0, 3), (0, 3), (0, 3))
    assert (await facts(chat))["Next"] == "Sat 10 Jan 23:58, usually by Sun 11 Jan 00:01 (Seoul)"


async def test_digests_that_were_opened_late_tell_nothing_of_the_usual_arrival(chat: Chat):
    await chat.say("/subscribe agents")
    await had(chat, (0, 6), (150, 156), (40, 46), (0, 6))
    assert (await facts(chat))["Next"] == "Sat 10 Jan 09:00 (UTC)"


async def test_they_do_not_hide_the_days_that_do(chat: Chat):
    await chat.say("/subscribe agents")
    await had(chat, (0, 6), (150, 156), (40, 46), (0, 6), (0, 6))
    assert (await facts(chat))["Next"] == "Sat 10 Jan 09:00, usually by 09:06 (UTC)"


async def test_a_digest_that_comes_within_the_minute_is_told_without_more(chat: Chat):
    await chat.say("/subscribe agents")
    await had(chat, *[(0, 0.5)] * 14)
    assert (await facts(chat))["Next"] == "Sat 10 Jan 09:00 (UTC)"


async def test_a_digest_of_which_a_message_is_missing_is_not_counted(chat: Chat):
    await chat.say("/subscribe agents")
    await had(chat, (0, 6), (0, 6), (0, 6))
    channel = await chat.channel()
    assert channel is not None
    async with chat.desk.store.transaction() as tx:
        digest = (await tx.digests.last([channel.id]))[channel.id]
        lost = Delivery(channel.id, channel.address, digest_id=digest.id, order=1)
        await tx.deliveries.add([(lost, Drawn(Body((b"y",))))])
    assert (await facts(chat))["Next"] == "Sat 10 Jan 09:00 (UTC)"
