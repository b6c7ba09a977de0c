"""A question in answer to a message of the bot: about its paper, or about which of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cards import Buttons
from bot.channels import Address, Body, Delivery, DeliveryState, Digest, Drawn, PlaceKind
from bot.ports import Quoted, Request, Rights
from bot.reading.money import Budget
from bot.replies import reply
from bot.replies.rate import Rates
from tests.bot.replies.conftest import Chat, text_of
from tests.bot.replies.test_ask import PAPER, TOLD, with_room
from tests.wires.readers import ScriptedReader

ONE = Quoted("9", "A card", (f"https://arxiv.org/abs/{PAPER}",))
TWO = Quoted(
    "9",
    "6. A World Model\n7. Small Language Models",
    ("https://arxiv.org/abs/2601.00003", "https://arxiv.org/abs/2601.00002"),
)
BLANK = Quoted("9")


def about(reader: ScriptedReader) -> str:
    """The title of the paper that was put before the model last."""
    text = reader.forms[-1].text
    return next(line for line in text.splitlines() if "Paper 2601." in line).strip("# ")


def in_group(chat: Chat) -> Chat:
    return replace(chat, private=False, kind=PlaceKind.GROUP)


async def posted(chat: Chat, *ids: str) -> list[str]:
    """A digest of two messages with two papers each was sent; the second has these ids."""
    await chat.say("/subscribe everything")
    await chat.read()
    papers = [f"2601.0000{number}" for number in (1, 2, 3, 4)]
    channel = await chat.channel()
    assert channel is not None
    digest = Digest(channel.id, chat.now.date(), chat.now, chat.now)
    body = Body((b"{}",))
    async with chat.desk.store.transaction() as tx:
        (number,) = await tx.digests.add([digest])
        one = Delivery(channel.id, chat.address, digest_id=number)
        added = await tx.deliveries.add(
            [(replace(one, order=at), Drawn(body, tuple(papers[at : at + 2]))) for at in (0, 2)]
        )
        for own, names in zip(added, (("40",), ids), strict=True):
            delivery = await tx.deliveries.get(own)
            assert delivery is not None
            await tx.deliveries.settle(
                replace(delivery, state=DeliveryState.SENT, platform_ids=names, sent_at=chat.now)
            )
    return papers


async def test_words_to_a_card_are_answered_when_they_ask(chat: Chat) -> None:
    reader = ScriptedReader(TOLD)
    there = with_room(chat, reader)
    group = in_group(there)
    for words in ("nice one", "thanks!", "谢谢", "👍", "hello?"):
        assert (await group.ask(f"/replied {words}", ONE)).blocks == ()
    for words in ("thanks a lot!", "감사합니다"):
        assert (await there.ask(f"/replied {words}", ONE)).blocks == ()
    assert not reader.forms
    for place, words in ((group, "Which GPUs?"), (group, "用了哪些数据"), (there, "tell more")):
        said = text_of((await place.ask(f"/replied {words}", ONE)).blocks)
        assert "It is trained on 8 GPUs" in said
        assert about(reader) == f"Paper {PAPER}"


async def test_without_a_model_nobody_in_a_group_is_answered(chat: Chat) -> None:
    assert (await in_group(chat).ask("/replied Why?", ONE)).blocks == ()
    assert "What shall I do" in text_of((await chat.ask("/replied maps", ONE)).blocks)


async def test_which_paper_of_several_is_asked_back_and_the_button_answers(chat: Chat) -> None:
    reader = ScriptedReader(TOLD)
    there = in_group(with_room(chat, reader)).with_buttons()
    asked = await there.ask("/replied Which data?", TWO)
    assert not reader.forms
    assert "Which paper do you mean?" in text_of(asked.blocks)
    (choice,) = [one for one in asked.blocks if isinstance(one, Buttons)]
    labels = [one.label for row in choice.rows for one in row]
    assert [label[:2] for label in labels] == ["6.", "7."]
    actions = [one.action for row in choice.rows for one in row]
    assert all(len(action.encode()) <= 64 for action in actions)
    answer = await there.press(actions[1])
    assert "It is trained on 8 GPUs" in text_of(answer.blocks)
    assert answer.replaces
    assert about(reader) == "Paper 2601.00002"
    assert "Which data?" in reader.forms[-1].instructions


async def test_a_question_is_kept_for_an_hour(chat: Chat) -> None:
    there = with_room(chat, ScriptedReader(TOLD)).with_buttons()
    asked = await there.ask("/replied Which data?", TWO)
    (choice,) = [one for one in asked.blocks if isinstance(one, Buttons)]
    later = replace(there, now=there.now + timedelta(hours=2))
    answer = await later.press(choice.rows[0][0].action)
    assert answer.toast == "That question is not kept any more: please ask it again."


async def test_where_nothing_can_be_pressed_the_command_is_told(chat: Chat) -> None:
    there = with_room(chat, ScriptedReader(TOLD))
    said = text_of((await there.ask("/replied Which data?", TWO)).blocks)
    assert "/ask 2601.00003 Which data?" in said


@pytest.mark.parametrize(
    ("words", "paper"),
    [
        ("7: which data?", "2601.00002"),
        ("which data in #6?", "2601.00003"),
        ("do the small language models use GPUs?", "2601.00002"),
        ("and 2601.00005, which data?", "2601.00005"),
    ],
)
async def test_the_paper_that_the_question_names_is_taken(
    chat: Chat, words: str, paper: str
) -> None:
    reader = ScriptedReader(TOLD)
    there = in_group(with_room(chat, reader))
    await chat.read()
    assert "It is trained" in text_of((await there.ask(f"/replied {words}", TWO)).blocks)
    assert about(reader) == f"Paper {paper}"


async def test_the_papers_of_a_sent_message_are_remembered_with_their_numbers(chat: Chat) -> None:
    reader = ScriptedReader(TOLD)
    there = in_group(with_room(chat, reader).with_buttons())
    papers = await posted(chat, "41", "42")
    asked = await there.ask("/replied Which data?", Quoted("42"))
    (choice,) = [one for one in asked.blocks if isinstance(one, Buttons)]
    assert [row[0].label[:2] for row in choice.rows] == ["3.", "4."]
    assert [row[0].action.split()[1] for row in choice.rows] == papers[2:]
    assert "It is trained" in text_of((await there.ask("/replied 4: why?", Quoted("41"))).blocks)
    assert about(reader) == f"Paper {papers[3]}"


async def test_of_an_old_message_it_is_said_that_nobody_remembers(chat: Chat) -> None:
    there = in_group(with_room(chat, ScriptedReader(TOLD)))
    await posted(chat, "42")
    answer = await there.ask("/replied Which data?", Quoted("4"))
    assert "do not remember" in text_of(answer.blocks)
    assert (await there.ask("/replied nice", Quoted("4"))).blocks == ()
    elsewhere = there.elsewhere("other")
    assert "do not remember" in text_of((await elsewhere.ask("/replied why?", BLANK)).blocks)


async def test_a_message_that_shows_no_paper_is_none_to_ask_about(chat: Chat) -> None:
    there = with_room(chat, ScriptedReader(TOLD))
    status = Quoted("9", "Next: tomorrow")
    assert (await in_group(there).ask("/replied why?", status)).blocks == ()
    assert "What shall I do" in text_of((await there.ask("/replied maps", status)).blocks)


async def test_an_id_alone_shows_its_card(chat: Chat) -> None:
    there = with_room(chat, ScriptedReader())
    await chat.read()
    said = text_of((await there.ask("/replied 2601.00002", ONE)).blocks)
    assert "[2601.00002]" in said


async def test_a_reply_costs_the_share_of_who_asks(chat: Chat) -> None:
    reader = ScriptedReader(TOLD)
    there = in_group(with_room(chat, reader, budget=Budget(person=100)))
    answer = await there.ask("/replied Which data?", ONE)
    assert answer.failed
    assert "share of the model's tokens" in text_of(answer.blocks)
    assert not reader.forms


async def test_strangers_are_sent_to_an_admin_before_anything_is_read(chat: Chat) -> None:
    reader = ScriptedReader(TOLD)
    there = in_group(with_room(chat, reader))
    there = replace(there, desk=replace(there.desk, access="invite"), address=Address("board", "x"))
    await there.ask("/replied Which data?", ONE)
    assert not reader.forms


async def test_replies_are_counted_as_commands_are(chat: Chat) -> None:
    reader, rates = ScriptedReader(TOLD), Rates()
    there = in_group(with_room(chat, reader))
    request = Request(
        "replied", "Which data?", there.address, there.person, there.now, Rights(False),
        private=False, quoted=ONE,
    )  # fmt: skip
    told = [await reply(there.desk, request, rates) for _ in range(14)]
    assert len(reader.forms) == 10
    assert [one.failed for one in told[10:]] == [True, False, False, False]
    assert "Ask again in" in text_of(told[10].blocks)
    assert not told[11].blocks  # others read along: once is enough


async def test_people_who_talk_among_themselves_are_neither_counted_nor_let_in(chat: Chat) -> None:
    """What they say below a card costs them no command, and no operator is asked for it."""
    reader, rates = ScriptedReader(TOLD), Rates()
    there = in_group(with_room(chat, reader))
    request = Request(
        "replied", "nice one", there.address, there.person, there.now, Rights(False),
        private=False, quoted=ONE,
    )  # fmt: skip
    for _ in range(14):
        assert not (await reply(there.desk, request, rates)).blocks
    assert len(rates) == 0
    closed = replace(there.desk, access="invite")
    stranger = replace(request, address=Address("board", "x"))
    assert not (await reply(closed, stranger)).blocks
    unread = replace(closed, room=None)
    assert not (await reply(unread, replace(stranger, text="Which data?"))).blocks
    assert (await reply(closed, replace(stranger, text="Which data?"))).blocks
