"""What answers tell those who watch, and which number of an error stands where."""

from __future__ import annotations

import logging
import re
from dataclasses import replace

import pytest

from bot.errors import SourceFailed, StoreBusy
from bot.ports import Rights
from bot.replies import dispatch
from tests.bot.replies.conftest import Chat
from tests.wires.meter import Recording


@pytest.fixture
def meter(chat: Chat) -> Recording:
    meter = Recording()
    chat.desk = replace(chat.desk, meter=meter)
    return meter


def ends(meter: Recording) -> list[tuple[str, str, str]]:
    assert all(0 <= seconds < 60 for _, _, seconds, _ in meter.of("answered"))
    return [(platform, command, ended) for platform, command, _, ended in meter.of("answered")]


async def test_an_answer_is_told_with_its_command_and_how_it_ended(
    chat: Chat, meter: Recording
) -> None:
    await chat.say("/help")
    await chat.refused("/topics add (")
    chat.private, chat.rights = False, Rights(manage=False, missing="Manage Server")
    await chat.refused("/subscribe agents")
    assert ends(meter) == [
        ("board", "help", "done"),
        ("board", "topics", "refused"),
        ("board", "subscribe", "refused"),
    ]


async def test_what_people_make_up_is_no_name_of_a_command(chat: Chat, meter: Recording) -> None:
    await chat.refused("/zzz-made-up")
    assert ends(meter) == [("board", "other", "refused")]


async def test_silence_is_no_answer(chat: Chat, meter: Recording) -> None:
    chat.private = False
    await chat.ask("/of_another_bot")
    assert meter.told == []


@pytest.mark.parametrize(
    "error", [RuntimeError("a fault"), SourceFailed("arXiv is away."), StoreBusy("locked")]
)
async def test_the_number_that_a_person_sees_is_a_fact_of_one_line_of_the_log(
    chat: Chat,
    meter: Recording,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    async def failing(asked: object) -> None:
        raise error

    monkeypatch.setitem(dispatch.HANDLERS, "status", failing)
    with caplog.at_level(logging.WARNING):
        said = await chat.refused("/status")
    [number] = re.findall(r"\b[0-9a-f]{6}\b", said)
    [line] = [vars(one) for one in caplog.records if one.getMessage() == "a command failed"]
    assert (line["id"], line["command"], line["platform"]) == (number, "status", "board")
    assert str(error) in line["error"]
    assert ends(meter) == [("board", "status", "failed")]
