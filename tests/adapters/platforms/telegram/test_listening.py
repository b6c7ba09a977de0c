"""Conversations over the wire: asked in a chat, answered there, whatever happens to others."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from bot.cards import Paragraph
from bot.ports import Reply
from tests.wires.telegram import FakeTelegram, Trouble, echo, served


def says(text: str, **more: Any) -> Reply:
    return Reply((Paragraph.of(text),), "en", **more)


async def test_what_is_asked_alone_is_answered_without_quoting():
    async with served() as at:
        ann = at.wire.person("Ann")
        at.wire.type(at.wire.private(ann), ann, "/paper 2512.15716")
        answer = await at.wire.hear(at.wire.private(ann))
        assert answer.text == "paper: 2512.15716"
        assert answer.reply_to is None
        assert at.asked[0].rights.manage


async def test_in_a_topic_the_answer_comes_in_the_topic_and_to_the_question():
    async with served() as at:
        ann = at.wire.person("Ann")
        forum = at.wire.supergroup("Lab", ann, topics=("Papers",))
        forum.members[at.wire.bot.id] = "member"
        (topic,) = forum.topics
        question = at.wire.type(forum, ann, "/settings", thread=topic)
        answer = await at.wire.hear(forum)
        assert (answer.thread, answer.reply_to) == (topic, question.id)
        question = at.wire.type(forum, ann, "/settings", thread=1)
        answer = await at.wire.hear(forum)
        assert (answer.thread, answer.reply_to) == (None, question.id)


@pytest.mark.parametrize(
    ("status", "manages"), [("administrator", True), ("creator", True), ("member", False)]
)
async def test_in_groups_rights_are_looked_up_at_that_moment(status, manages):
    async with served() as at:
        ann, owner = at.wire.person("Ann"), at.wire.person("Owner")
        chat = at.wire.supergroup("Lab", owner, ann)
        chat.members |= {at.wire.bot.id: "member", ann.id: status}
        at.wire.type(chat, ann, "/settings hour 9")
        await at.wire.hear(chat)
        rights = at.asked[0].rights
        assert (rights.manage, rights.missing) == (manages, None if manages else "Administrator")


async def test_rights_that_decide_nothing_are_not_looked_up():
    async with served() as at:
        ann = at.wire.person("Ann")
        chat = at.wire.supergroup("Lab", ann)
        chat.members[at.wire.bot.id] = "member"
        at.wire.type(chat, ann, "/paper 2512.15716")
        await at.wire.hear(chat)
        at.wire.type(chat, ann, "/nonsense")
        await at.wire.hear(chat)
        at.wire.type(chat, ann, "/settings", anonymous=True)
        await at.wire.hear(chat)
        assert not at.wire.made("getChatMember")
        assert [request.rights.manage for request in at.asked] == [False, False, True]


async def test_operators_are_operators_in_every_chat():
    wire = FakeTelegram()
    ann = wire.person("Ann")
    async with served(wire=wire, operators=frozenset({str(ann.id)})) as at:
        wire.type(wire.private(ann), ann, "/health")
        await wire.hear(wire.private(ann))
        assert at.asked[0].rights.operate


async def test_no_words_mean_silence():
    async def answer(request):
        return Reply((), "en") if request.command == "nonsense" else says("here")

    async with served(answer) as at:
        ann = at.wire.person("Ann")
        chat = at.wire.private(ann)
        at.wire.type(chat, ann, "/nonsense")
        at.wire.type(chat, ann, "/help")
        assert (await at.wire.hear(chat)).text == "here"
        assert len(at.asked) == 2
        assert len(chat.spoken) == 1


async def test_one_persons_error_is_said_with_a_number_and_reaches_nobody_else(caplog):
    async def answer(request):
        if request.command == "help":
            raise RuntimeError("broken on purpose")
        return await echo(request)

    async with served(answer) as at:
        ann, bob = at.wire.person("Ann"), at.wire.person("Bob", language="zh-hans")
        at.wire.type(at.wire.private(ann), ann, "/help")
        at.wire.type(at.wire.private(bob), bob, "/status")
        sorry = await at.wire.hear(at.wire.private(ann))
        assert (await at.wire.hear(at.wire.private(bob))).text == "status:"
        assert "Something went wrong" in sorry.text
        assert "broken" not in sorry.text
        (record,) = [each for each in caplog.records if each.levelno == logging.ERROR]
        number = vars(record)["id"]
        assert str(number) in sorry.text
        assert not at.listening.done()


async def test_many_people_at_once_are_all_answered():
    async with served() as at:
        people = [at.wire.person(f"P{number}") for number in range(20)]
        for person in people:
            at.wire.type(at.wire.private(person), person, "/help")
        for person in people:
            assert (await at.wire.hear(at.wire.private(person))).text == "help:"


async def test_slow_answers_show_that_work_began():
    wire = FakeTelegram()

    async def slow(request):
        await wire.until(lambda: bool(wire.made("sendChatAction")))
        return await echo(request)

    async with served(slow, wire=wire, slow=0.0) as at:
        ann = wire.person("Ann")
        forum = wire.supergroup("Lab", ann, topics=("Papers",))
        forum.members[wire.bot.id] = "member"
        (topic,) = forum.topics
        wire.type(forum, ann, "/paper 1", thread=topic)
        await wire.hear(forum)
        params = wire.made("sendChatAction")[0].params
        assert params == {"chat_id": forum.id, "action": "typing", "message_thread_id": topic}
        assert len(at.asked) == 1


async def test_quick_answers_show_nothing_first():
    async with served() as at:
        ann = at.wire.person("Ann")
        at.wire.type(at.wire.private(ann), ann, "/help")
        await at.wire.hear(at.wire.private(ann))
        assert not at.wire.made("sendChatAction")


async def test_a_short_429_is_waited_once():
    async with served() as at:
        ann = at.wire.person("Ann")
        chat = at.wire.private(ann)
        at.wire.fail("sendMessage", Trouble(429, "Too Many Requests", {"retry_after": 1}))
        at.wire.type(chat, ann, "/help")
        assert (await at.wire.hear(chat)).text == "help:"
        assert len(at.wire.made("sendMessage")) == 2


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble(429, "Too Many Requests", {"retry_after": 600}),
        Trouble(502, "Bad Gateway"),
        Trouble(cut=True),
        Trouble(403, "Forbidden: bot was blocked by the user"),
    ],
)
async def test_an_answer_that_is_lost_is_not_sent_again(trouble, caplog):
    caplog.set_level(logging.INFO, "adapters")
    async with served() as at:
        ann = at.wire.person("Ann")
        chat = at.wire.private(ann)
        at.wire.fail("sendMessage", trouble)
        at.wire.type(chat, ann, "/help")
        await at.wire.until(lambda: bool(at.wire.made("sendMessage")))
        at.wire.type(chat, ann, "/status")
        assert (await at.wire.hear(chat)).text == "status:"
        assert len(at.wire.made("sendMessage")) == 2
    assert any("was not sent" in record.getMessage() for record in caplog.records)


async def test_an_answer_follows_a_group_that_just_moved():
    async with served() as at:
        ann = at.wire.person("Ann")
        group = at.wire.group("Lab", ann)
        group.members[at.wire.bot.id] = "member"
        at.wire.type(group, ann, "/paper 1")
        new = at.wire.migrate(group, ann, ())
        assert (await at.wire.hear(new)).text == "paper: 1"


async def test_text_of_people_never_becomes_markup():
    async with served() as at:
        ann = at.wire.person("Ann")
        chat = at.wire.private(ann)
        nasty = "<b>x</b> &amp; [a](b) </details> @everyone"
        at.wire.type(chat, ann, f"/search {nasty}")
        shown = (await at.wire.hear(chat)).text
        assert shown.replace("\u2060", "") == f"search: {nasty}"  # it may hold joiners of words


async def test_what_is_under_way_at_the_end_may_still_end():
    begun, go = asyncio.Event(), asyncio.Event()

    async def slow(request):
        begun.set()
        await go.wait()
        return await echo(request)

    async with served(slow) as at:
        ann = at.wire.person("Ann")
        at.wire.type(at.wire.private(ann), ann, "/help")
        await begun.wait()
        at.listening.cancel()
        await asyncio.sleep(0)
        go.set()
        with pytest.raises(asyncio.CancelledError):
            await at.listening
        assert (await at.wire.hear(at.wire.private(ann))).text == "help:"
        assert at.wire.made("getUpdates")[-1].params["offset"] == 1001


async def test_a_long_answer_is_read_in_order():
    async def answer(request):
        return Reply(tuple(Paragraph.of(f"{n} " + "word " * 700) for n in range(4)), "en")

    async with served(answer) as at:
        ann = at.wire.person("Ann")
        chat = at.wire.private(ann)
        at.wire.type(chat, ann, "/help")
        texts = [(await at.wire.hear(chat)).text]
        while "3 word" not in texts[-1]:
            texts.append((await at.wire.hear(chat)).text)
        whole = " ".join(texts)
        assert len(texts) > 1
        assert sorted(whole.index(f"{n} word") for n in range(4)) == [
            whole.index(f"{n} word") for n in range(4)
        ]


async def test_words_behind_the_bots_name_find_papers():
    from bot.cards import CardBlock
    from bot.cards.formatter import card
    from bot.papers import Paper

    paper = Paper("2512.15716", "Spatia <b>& co</b>", "An abstract. Of two sentences.")
    async with served() as at:
        at.talk.found = [CardBlock(card(paper, None, "en"))]
        ann = at.wire.person("Ann")
        query = at.wire.seek(ann, "spatia")
        await at.wire.until(lambda: query in at.wire.found)
        found = at.wire.found[query]
        assert found["is_personal"]
        (result,) = found["results"]
        assert result["title"] == "Spatia <b>& co</b>"
        assert "&lt;b&gt;&amp; co" in result["input_message_content"]["message_text"]
        assert at.asked[0].text == "spatia"
        at.talk.found = []
        query = at.wire.seek(ann, "")
        await at.wire.until(lambda: query in at.wire.found)
        assert at.wire.found[query]["results"] == []


async def test_a_failing_inline_search_is_silent(caplog, monkeypatch):
    async with served() as at:

        async def cards(request):
            raise RuntimeError("broken on purpose")

        monkeypatch.setattr(at.talk, "cards", cards)
        ann = at.wire.person("Ann")
        at.wire.seek(ann, "x")
        at.wire.type(at.wire.private(ann), ann, "/help")
        assert (await at.wire.hear(at.wire.private(ann))).text == "help:"
    assert any(record.levelno == logging.ERROR for record in caplog.records)
