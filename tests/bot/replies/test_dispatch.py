"""Rights, unknown commands, and errors that never become a traceback."""

from __future__ import annotations

import logging
import re
from dataclasses import replace

import pytest

from bot.commands import COMMANDS
from bot.errors import SetUpWrong, SourceFailed, StoreBusy
from bot.ports import Rights
from bot.replies import dispatch
from bot.suspension import suspend
from tests.bot.replies.conftest import Chat, text_of

MEMBER = Rights(manage=False, missing="Manage Server")
CHANGING = [
    "/subscribe agents",
    "/unsubscribe yes",
    "/topics add agents",
    "/topics remove 1",
    "/settings hour 9",
    "/pause",
    "/resume",
    "/export",
    "/import {}",
    "/forget yes",
]


async def test_who_may_not_manage_changes_nothing_and_hears_which_right_is_missing(chat: Chat):
    await chat.say("/subscribe video generation")
    before = await chat.channel()
    chat.private, chat.rights = False, MEMBER
    for line in CHANGING:
        assert "Manage Server" in await chat.refused(line)
    assert await chat.channel() == before
    assert await chat.followed() == ["video generation"]


async def test_who_may_not_manage_can_still_look(chat: Chat):
    await chat.read()
    await chat.say("/subscribe agents")
    chat.private, chat.rights = False, MEMBER
    for line in ("/topics", "/settings", "/settings hour", "/status", "/today", "/help"):
        assert await chat.say(line)
    assert await chat.say("/topics test video generation")


async def test_help_shows_only_what_this_person_may_use_here(chat: Chat):
    everything = await chat.say("/help")
    usable = [one for one in COMMANDS if one.who != "operator" and one.needs is None]
    assert all(command.usage in everything for command in usable)
    chat.private, chat.rights = False, MEMBER
    shown = await chat.say("/help")
    assert "/paper" in shown
    assert not any(c.usage in shown for c in COMMANDS if c.who == "manager")
    assert "/help" in await chat.refused("/help forget")
    assert "/today" in shown
    chat.board.limits = replace(chat.board.limits, private_answers=False)
    assert "/today" not in await chat.say("/help")  # all would read it: it is an admin's there


async def test_an_unknown_command_gets_the_nearest_in_private(chat: Chat):
    assert "/subscribe" in await chat.refused("/subscrbe agents")
    assert "/help" in await chat.refused("/zzz")
    assert await chat.channel() is None


async def test_an_unknown_command_gets_silence_in_a_group(chat: Chat):
    chat.private = False
    answer = await chat.ask("/subscrbe agents")
    assert answer.blocks == ()
    assert not answer.failed


async def test_an_error_of_ours_is_one_sentence_with_a_number_that_stands_in_the_log(
    chat: Chat, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    async def broken(asked):
        raise RuntimeError("secret details of the machine")

    monkeypatch.setitem(dispatch.HANDLERS, "status", broken)
    with caplog.at_level(logging.WARNING):
        said = await chat.refused("/status")
    number = re.search(r"\b[0-9a-f]{6}\b", said)
    assert number
    assert "secret" not in said
    assert "Traceback" not in said
    assert "\n" not in said
    assert number[0] in [vars(one).get("id") for one in caplog.records]
    assert "secret details" in caplog.text


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (SourceFailed("arXiv did not answer."), "arXiv did not answer. (number "),
        (SourceFailed("HTTP 503; check A_SETTING.", told="arXiv is away."), "arXiv is away. ("),
        (StoreBusy("/srv/paperboy.sqlite3 is locked."), "The database is busy just now;"),
    ],
)
async def test_what_may_work_later_says_what_failed_as_far_as_it_concerns_the_asker(
    chat: Chat, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
):
    async def failing(asked):
        raise error

    monkeypatch.setitem(dispatch.HANDLERS, "status", failing)
    told = await chat.refused("/status")
    assert told.startswith(said)
    assert "A_SETTING" not in told
    assert "/srv" not in told


async def test_what_the_operator_must_mend_is_told_in_full_to_the_operator_only(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
):
    async def full(asked):
        raise SetUpWrong("The disk of /srv/paperboy is full.")

    monkeypatch.setitem(dispatch.HANDLERS, "status", full)
    assert "/srv" not in await chat.refused("/status")
    chat.rights = Rights(manage=True, operate=True)
    assert "/srv/paperboy is full" in await chat.refused("/status")


async def test_one_persons_error_does_not_reach_another(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
):
    async def broken(asked):
        raise ValueError

    monkeypatch.setitem(dispatch.HANDLERS, "status", broken)
    await chat.refused("/status")
    assert await chat.elsewhere("other").say("/help")


async def test_a_command_in_capitals_is_understood(chat: Chat):
    assert await chat.say("/HELP")


@pytest.mark.parametrize(
    "text", ["", "yes", "\x00", "a" * 30_000, "{}", "((", '"', "٣", "<b>&amp;</b> @everyone 🧵"]
)
async def test_no_text_behind_a_command_gives_more_than_a_sentence(chat: Chat, text: str):
    for command in COMMANDS:
        for subscribed in (False, True):
            if subscribed:
                await chat.ask("/subscribe agents")
            said = text_of((await chat.ask(f"/{command.name} {text}")).blocks)
            assert said
            assert "Something went wrong" not in said


async def test_the_name_of_a_setting_is_no_command_but_leads_there(chat: Chat):
    assert "/settings language" in await chat.refused("/lang")
    assert "/settings zone" in await chat.refused("/timezone")


async def test_a_chat_that_was_out_of_reach_goes_on_when_somebody_speaks_there(chat: Chat):
    await chat.read()
    await chat.say("/subscribe agents")
    channel = await chat.channel()
    assert channel is not None
    async with chat.desk.store.transaction() as tx:
        await suspend(tx, channel, chat.now, "The bot was kicked.")
    assert (await chat.channel()).suspended_at is not None  # type: ignore[union-attr]
    await chat.say("/status")
    channel = await chat.channel()
    assert channel is not None
    assert channel.suspended_at is None
    assert channel.next_due is not None


async def test_an_operators_command_is_not_offered_to_anybody_else(chat: Chat):
    for line in ("/access", "/acces", "/health"):
        assert "/access" not in (said := await chat.refused(line))
        assert "/health" not in said


@pytest.mark.parametrize("line", ["hint", "topics add", "subscribe", "paper", "search", "settings"])
async def test_half_a_letter_breaks_no_answer(chat: Chat, line: str):
    answer = await chat.with_buttons().ask(f"/{line} a\ud800b")
    assert "number" not in text_of(answer.blocks)
    assert "\ud800" not in repr(answer)
