"""What updates mean: commands, links, presses and changes, as people and Telegram say them."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.platforms.telegram.addresses import deep_link
from adapters.platforms.telegram.links import paper_links
from adapters.platforms.telegram.sandbox import Chat, Member
from adapters.platforms.telegram.updates import (
    Asked,
    Happened,
    Listener,
    Pressed,
    needed,
)
from bot.channels import Address, PlaceKind
from bot.ports import EventKind, Person, Quoted
from tests.wires.telegram import FakeTelegram, served

NOW = datetime(2025, 12, 26, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[4]
RECORDED = ROOT.parent / "shared" / "recordings" / "telegram" / "nutgram" / "Updates"
LISTENER = Listener("telegram", "paperboy_sandbox_bot")


@pytest.fixture
def world():
    return FakeTelegram(reads_all=True)


@pytest.fixture
def ann(world):
    return world.person("Ann", language="ko")


def last(world: FakeTelegram) -> Any:
    from telegram import Update

    return LISTENER.meaning(Update.de_json(world.updates[-1], None), NOW)


def room(world: FakeTelegram, ann: Member, **options: Any) -> Chat:
    chat = world.supergroup("Lab", ann, **options)
    chat.members[world.bot.id] = "member"
    return chat


def said(world: FakeTelegram, chat: Chat, person: Member, text: str, **options: Any) -> Any:
    world.updates.clear()
    world.type(chat, person, text, **options)
    return last(world)


@pytest.mark.parametrize(
    ("text", "command", "rest"),
    [
        ("/help", "help", ""),
        ("/Paper 2512.15716", "paper", "2512.15716"),
        ("/topics add a,\nb", "topics", "add a,\nb"),
        ("/topics\nadd a", "topics", "add a"),
        ("/help@paperboy_sandbox_bot", "help", ""),
        ("/help@Paperboy_Sandbox_Bot settings", "help", "settings"),
        ("  /help  ", "help", ""),
        ("/nonsense x", "nonsense", "x"),
        ("2512.15716", "paper", "2512.15716"),
        ("look: https://arxiv.org/abs/2512.15716v2!", "paper", "https://arxiv.org/abs/2512.15716v2"),
        ("what is 2512.15716?", "paper", "2512.15716"),
        ("（https://huggingface.co/papers/2512.15716）", "paper",
         "https://huggingface.co/papers/2512.15716"),
        ("good morning", "hint", "good morning"),
        ("/ 3", "hint", "/ 3"),
        ("/path/to/file", "hint", "/path/to/file"),
        ("/start", "start", ""),
        ("/start anything", "start", ""),
        ("/start c2V0dGluZ3MgaG91ciAwOTowMA", "start", ""),  # "settings hour 09:00": not personal
        ("/start YWJzdHJhY3QgMjUxMi4xNTcxNg", "abstract", "2512.15716"),
    ],
)  # fmt: skip
def test_alone_with_the_bot_every_text_means_something(world, ann, text, command, rest):
    meaning = said(world, world.private(ann), ann, text)
    assert isinstance(meaning, Asked)
    request = meaning.request
    assert (request.command, request.text) == (command, rest)
    assert request.private
    assert request.kind is PlaceKind.PRIVATE
    assert request.address == Address("telegram", str(ann.id))
    assert request.person == Person(str(ann.id), "Ann")
    assert (request.language, request.name, request.now) == ("ko", "Ann", NOW)
    assert request.key == str(world.updates[-1]["update_id"])


def replying(world: FakeTelegram, chat: Chat, person: Member, text: str, *urls: str) -> Any:
    """Words in answer to a message of the bot whose titles lead to these addresses."""
    world.updates.clear()
    world.type(chat, person, text)
    raw = world.updates[-1]
    card = {**raw["message"], "message_id": 1, "text": "T" * len(urls)}
    card["from"] = {
        "id": 9, "is_bot": True, "first_name": "P", "username": "Paperboy_sandbox_bot"
    }  # fmt: skip
    card["entities"] = [
        {"type": "text_link", "offset": at, "length": 1, "url": url} for at, url in enumerate(urls)
    ]
    raw["message"]["reply_to_message"] = {**card, "reply_to_message": {"message_id": "broken"}}
    from telegram import Update

    read = needed(raw)
    assert read is not None
    return LISTENER.meaning(Update.de_json(read, None), NOW)


@pytest.mark.parametrize("private", [True, False])
@pytest.mark.parametrize("papers", [1, 2, 0])
def test_words_in_answer_to_the_bot_come_with_what_they_answer(world, ann, private, papers):
    chat = world.private(ann) if private else room(world, ann)
    shown = [f"https://arxiv.org/abs/2512.1571{number}" for number in range(papers)]
    request = replying(world, chat, ann, "Which data?", *shown, "https://github.com/a/b").request
    assert (request.command, request.text) == ("replied", "Which data?")
    assert request.quoted == Quoted("1", "T" * (papers + 1), tuple(shown))
    assert replying(world, chat, ann, "/help", *shown).request.command == "help"
    assert replying(world, chat, ann, "/help", *shown).request.quoted is None


def test_words_in_answer_to_others_are_not_said_to_the_bot(world, ann):
    chat = room(world, ann)
    world.type(chat, ann, "Which data?")
    raw = world.updates[-1]
    raw["message"]["reply_to_message"] = {**raw["message"], "message_id": 1}
    from telegram import Update

    read = needed(raw)
    assert read is not None
    assert LISTENER.meaning(Update.de_json(read, None), NOW) is None


@pytest.mark.parametrize(
    "text",
    ["good morning", "2512.15716", "/help@OtherBot", "see https://evil.org/abs/2512.15716", "/"],
)
def test_in_groups_the_bot_minds_its_own_business(world, ann, text):
    assert said(world, room(world, ann), ann, text) is None


def test_a_command_in_a_group_is_the_groups(world, ann):
    chat = room(world, ann)
    request = said(world, chat, ann, "/help").request
    assert request.address == Address("telegram", str(chat.id))
    assert (request.kind, request.private, request.name) == (PlaceKind.GROUP, False, "Lab")


def test_a_command_in_a_topic_is_the_topics(world, ann):
    forum = room(world, ann, topics=("Papers",))
    (topic,) = forum.topics
    request = said(world, forum, ann, "/help", thread=topic).request
    assert request.address == Address("telegram", str(forum.id), str(topic))
    assert request.kind is PlaceKind.TOPIC


def test_general_is_the_forum_itself(world, ann):
    forum = room(world, ann, topics=("Papers",))
    for thread in (None, 1):
        request = said(world, forum, ann, "/help", thread=thread).request
        assert (request.address.thread, request.kind) == (None, PlaceKind.GROUP)


def test_a_thread_of_replies_in_a_group_without_topics_is_no_topic(world, ann):
    chat = room(world, ann)
    assert said(world, chat, ann, "/help", thread=33).request.address.thread is None


def test_an_anonymous_administrator_is_the_group(world, ann):
    chat = room(world, ann)
    request = said(world, chat, ann, "/settings", anonymous=True).request
    assert request.person == Person(str(chat.id), "Lab")


def test_links_to_papers_in_a_group_are_noticed(world, ann):
    chat = room(world, ann)
    text = (
        "both https://arxiv.org/abs/2512.15716, and hf.co/papers/2512.1571 (hf.co/papers/2512.1571)"
    )
    request = said(world, chat, ann, text).request
    assert request.command == "linked"
    assert request.text == "https://arxiv.org/abs/2512.15716 hf.co/papers/2512.1571"


def test_a_link_behind_words_is_noticed(world, ann):
    link = {
        "type": "text_link",
        "offset": 0,
        "length": 4,
        "url": "https://arxiv.org/abs/2512.15716",
    }
    request = said(world, room(world, ann), ann, "this paper", entities=[link]).request
    assert request.text == "https://arxiv.org/abs/2512.15716"


def test_a_link_below_a_picture_is_noticed_but_a_command_there_is_none(world, ann):
    link = "https://arxiv.org/abs/2512.15716"
    alone, chat = world.private(ann), room(world, ann)
    assert said(world, alone, ann, "", caption=f"read {link}").request.command == "paper"
    assert said(world, chat, ann, "", caption=f"read {link}").request.text == link
    assert said(world, chat, ann, "", caption="/unsubscribe yes") is None


@pytest.mark.parametrize(
    "extra",
    [
        {"via_bot": {"id": 4242, "is_bot": True, "first_name": "Paperboy"}},
        {"is_automatic_forward": True},
    ],
)
def test_what_the_bot_itself_brought_is_not_answered(world, ann, extra):
    text = "https://arxiv.org/abs/2512.15716"
    assert said(world, room(world, ann), ann, text, **extra) is None


def test_a_forwarded_command_is_no_command(world, ann):
    origin = {"type": "hidden_user", "date": 1, "sender_user_name": "Bob"}
    chat = room(world, ann)
    assert said(world, chat, ann, "/unsubscribe yes", forward_origin=origin) is None


def test_what_is_posted_in_a_channel_is_for_its_readers(world, ann):
    channel = world.channel("News", ann)
    channel.members[world.bot.id] = "administrator"
    world.post(channel, "/unsubscribe yes")
    assert last(world) is None


def test_data_that_is_no_command_has_no_request(world, ann):
    for data in ("", "p1|old|data", "nonsense 1", None):
        message = world.type(world.private(ann), ann, "x")
        world.tap(ann, message, data)
        meaning = last(world)
        assert isinstance(meaning, Pressed)
        assert meaning.request is None


def test_a_press_names_who_pressed_and_where(world, ann):
    forum = room(world, ann, topics=("Papers",))
    (topic,) = forum.topics
    bob = world.person("Bob")
    message = world.type(forum, ann, "x", thread=topic)
    world.tap(bob, message, "settings hour 09:00")
    pressed = last(world)
    assert pressed.request.address == Address("telegram", str(forum.id), str(topic))
    assert pressed.request.person == Person(str(bob.id), "Bob")
    assert (pressed.request.command, pressed.request.text) == ("settings", "hour 09:00")
    assert pressed.request.pressed
    assert pressed.reachable
    world.tap(bob, message, "settings", old=True)
    assert not last(world).reachable


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("left", "member", EventKind.ADDED),
        ("kicked", "member", EventKind.ADDED),
        ("left", "administrator", EventKind.ADDED),
        ("member", "administrator", None),
        ("administrator", "member", None),
        ("member", "left", EventKind.REMOVED),
        ("administrator", "kicked", EventKind.REMOVED),
        ("left", "kicked", None),
    ],
)
def test_whether_the_bot_may_post_decides_what_happened(world, ann, before, after, kind):
    chat = world.supergroup("Lab", ann)
    chat.members[world.bot.id] = before
    world.set_bot(chat, ann, after)
    meaning = last(world)
    assert (meaning.event.kind if meaning else None) is kind
    if meaning:
        assert meaning.event.address == Address("telegram", str(chat.id))
        assert meaning.event.person == Person(str(ann.id), "Ann")
        assert meaning.event.name == "Lab"


def test_a_bot_that_may_no_longer_write_is_as_good_as_removed(world, ann):
    chat = room(world, ann)
    world.set_bot(chat, ann, "restricted", "can_send_messages")
    assert last(world).event.kind is EventKind.REMOVED
    world.set_bot(chat, ann, "member")
    assert last(world).event.kind is EventKind.ADDED


def test_blocking_and_coming_back_are_told(world, ann):
    chat = world.private(ann)
    chat.members[world.bot.id] = "member"
    world.set_bot(chat, ann, "kicked")
    assert (last(world).event.kind, last(world).event.place) == (
        EventKind.REMOVED,
        PlaceKind.PRIVATE,
    )
    world.set_bot(chat, ann, "member")
    assert last(world).event.kind is EventKind.ADDED


def test_of_a_channel_its_administrator_is_told_in_private(world, ann):
    channel = world.channel("News", ann)
    world.set_bot(channel, ann, "administrator")
    meaning = last(world)
    assert isinstance(meaning, Happened)
    assert meaning.event.place is PlaceKind.BROADCAST
    assert meaning.tell == Address("telegram", f"@{ann.id}")
    world.set_bot(channel, ann, "administrator", "can_post_messages")
    assert last(world).event.kind is EventKind.REMOVED


@pytest.mark.parametrize("which", ["to", "from"])
def test_both_messages_of_a_migration_say_the_same(world, ann, which):
    group = world.group("Lab", ann)
    group.members[world.bot.id] = "member"
    new = world.migrate(group, ann, (which,))
    event = last(world).event
    assert event.kind is EventKind.MOVED
    assert event.address == Address("telegram", str(group.id))
    assert event.moved_to == Address("telegram", str(new.id))


def test_a_new_title_is_told_in_groups_and_channels(world, ann):
    for chat in (room(world, ann), world.channel("News", ann)):
        world.rename(chat, ann, "Other")
        event = last(world).event
        assert (event.kind, event.name) == (EventKind.RENAMED, "Other")
        assert event.address == Address("telegram", str(chat.id))


def test_a_topic_that_is_opened_again_is_told_and_answered_there(world, ann):
    forum = room(world, ann, topics=("Papers",))
    (topic,) = forum.topics
    world.reopen(forum, ann, topic)
    happened = last(world)
    here = Address("telegram", str(forum.id), str(topic))
    assert (happened.event.kind, happened.event.address) == (EventKind.REOPENED, here)
    assert happened.tell == here


def test_a_deep_link_holds_what_telegram_allows():
    assert deep_link("bot", "abstract astro-ph/0601001") is not None
    assert deep_link("bot", "x" * 60) is None


def test_bare_ids_are_no_links():
    assert paper_links("2512.15716 arXiv:2512.15716") == []


def test_what_the_library_cannot_read_beside_a_command_does_not_cost_the_command(world, ann):
    from telegram import Update

    world.type(world.private(ann), ann, "/help", poll={"id": "1"}, reply_to_message={"poll": 3})
    raw = needed(world.updates[-1])
    assert raw is not None
    meaning = LISTENER.meaning(Update.de_json(raw, None), NOW)
    assert isinstance(meaning, Asked)
    assert meaning.request.command == "help"
    assert needed({"update_id": 1, "poll": {"id": "1"}}) is None


def recorded() -> list[Path]:
    return sorted(RECORDED.glob("*.json")) if RECORDED.is_dir() else []


@pytest.mark.skipif(not recorded(), reason="the recordings are not beside this checkout")
async def test_all_recorded_updates_pass_without_an_unhandled_error(caplog, monkeypatch):
    caplog.set_level(logging.WARNING)
    async with served() as at:
        # Telegram would keep back what was not asked for; here everything comes.
        monkeypatch.setattr(at.wire.methods, "wanted", lambda update: True)
        kinds = set()
        for file in recorded():
            content = json.loads(file.read_text("utf-8"))
            for update in content if isinstance(content, list) else [content]:
                for kind in update.keys() - {"update_id"}:
                    kinds.add(kind)
                    at.wire.tell(kind, update[kind])
        await at.wire.until(lambda: not at.wire.updates)
        person = at.wire.person("Ann")
        at.wire.type(at.wire.private(person), person, "/help")
        assert (await at.wire.hear(at.wire.private(person))).text == "help:"
    assert len(kinds) > 20
    said = [record.getMessage() for record in caplog.records]
    assert [text for text in said if "failed" in text or "could not be read" in text] == []
