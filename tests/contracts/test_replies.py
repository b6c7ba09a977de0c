"""A question in answer to a message of the bot, on every platform that people can reply on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bot.cards import Buttons
from bot.reading.shelf import Room
from bot.replies import Talk
from tests.contracts.test_conversations import Clock, Talking, a_desk, empty_store
from tests.wires.chats import CHATS, Overheard
from tests.wires.readers import ScriptedReader, ScriptedTexts

TOLD = {"answered": True, "answer": "It is trained on 8 GPUs.", "quotations": []}
REPLYING = ("telegram", "discord")

__all__ = ["empty_store"]  # the fixture


@asynccontextmanager
async def reading(
    name: str, tmp_path: Path, empty: Path, reader: ScriptedReader
) -> AsyncIterator[Talking]:
    """A private chat with a bot that has a model."""
    clock = Clock()
    async with CHATS[name](clock, "en") as chat:
        places = {chat.platform.name: chat.platform}
        async with a_desk(tmp_path / "db", empty, "en", **places) as desk:
            desk = replace(desk, room=Room(desk.store, reader, ScriptedTexts()))
            heard = Overheard(Talk(desk))
            serving = asyncio.create_task(chat.platform.serve(heard), name="serve")
            try:
                await chat.ready()
                yield Talking(chat, desk, heard, clock)
            finally:
                serving.cancel()
                await asyncio.gather(serving, return_exceptions=True)


@pytest.mark.parametrize("name", REPLYING)
async def test_a_reply_to_several_papers_is_asked_back_and_the_button_answers(
    name: str, tmp_path: Path, empty_store: Path
) -> None:
    reader = ScriptedReader(TOLD)
    async with reading(name, tmp_path, empty_store, reader) as there:
        await there.say("/today 2026-01-07")
        asked, seen = await there.say("<Which data is used?")
        assert "Which paper do you mean?" in seen
        assert not reader.forms
        (choice,) = [one for one in asked.blocks if isinstance(one, Buttons)]
        actions = [one.action for row in choice.rows for one in row]
        assert {action.split()[1] for action in actions} == {"2601.00003", "2601.00004"}
        _, seen = await there.say(f">{actions[0]}")
        assert "It is trained on 8 GPUs." in seen
        assert "Which data is used?" in reader.forms[0].instructions
        assert "\n".join(there.chat.problems()) == ""


@pytest.mark.parametrize("name", REPLYING)
async def test_a_reply_that_names_its_paper_is_answered_and_so_is_one_to_the_answer(
    name: str, tmp_path: Path, empty_store: Path
) -> None:
    reader = ScriptedReader(TOLD)
    async with reading(name, tmp_path, empty_store, reader) as there:
        await there.say("/today 2026-01-07")
        _, seen = await there.say("<How are the generating videos from sound trained?")
        assert "It is trained on 8 GPUs." in seen
        assert "Paper 2601.00004" in reader.forms[0].text
        _, seen = await there.say("<And on which data?")
        assert "It is trained on 8 GPUs." in seen
        assert "Paper 2601.00004" in reader.forms[1].text
        assert "\n".join(there.chat.problems()) == ""


@pytest.mark.parametrize("name", REPLYING)
async def test_thanks_are_not_answered(name: str, tmp_path: Path, empty_store: Path) -> None:
    reader = ScriptedReader(TOLD)
    async with reading(name, tmp_path, empty_store, reader) as there:
        await there.say("/paper 2601.00003")
        reply, _ = await there.say("<thanks!")
        assert not reply.blocks
