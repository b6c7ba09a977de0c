"""Doors that lead through everything: commands, options and buttons; a damaged database file."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import strategies as st

import storage
from adapters.platforms.discord import Discord
from adapters.platforms.telegram import Telegram
from bot.channels import Address, Layout, PlaceKind
from bot.commands import BY_NAME
from bot.desk import Desk
from bot.editions import read_lists
from bot.ports import Person, Request, Rights
from bot.replies import reply
from bot.replies.asked import load
from bot.replies.suggest import suggestions
from storage import open_store
from tests.bot.replies.conftest import NOW, TITLES
from tests.safety.doors import Door
from tests.safety.doors_of_wires import Meets, looping
from tests.safety.strangers import Enter, damaged, hostile
from tests.wires.board import Board
from tests.wires.databases import database
from tests.wires.lists import ScriptedSource, a_paper

OPTIONS = sorted({one.name for command in BY_NAME.values() for one in command.options})
SAID = st.tuples(
    st.sampled_from(sorted(BY_NAME)) | hostile(20),
    hostile(400)
    | st.sampled_from(["", "yes", "1", "add agents", "remove 1", "2601.00001", "hour 9:30"])
    | st.tuples(st.sampled_from(["add ", "test ", "zone ", "hour ", "days "]), hostile(60)).map(
        "".join
    ),
    st.booleans(),
    st.booleans(),
    st.sampled_from(OPTIONS),
)
PLATFORMS = (
    Telegram("4242:" + "A" * 35),
    Discord("no.such.token"),
)


@asynccontextmanager
async def chats() -> AsyncIterator[Meets]:
    """A chat on a store; what is answered is drawn by both platforms, offline."""
    source, board = ScriptedSource(), Board()
    for day, number, title, keywords in TITLES:
        source.show(day, a_paper(number, title, upvotes=10 * number, keywords=keywords))
    with TemporaryDirectory() as folder, ExitStack() as stack:
        async with open_store(stack.enter_context(database("sqlite", Path(folder)))) as store:
            desk = Desk(store, {source.name: source}, {source.name: source}, {"board": board})
            await read_lists(desk, NOW, first=(NOW - timedelta(days=9)).date())

            async def meets(value: Any) -> None:
                if not isinstance(value, tuple):
                    value = ("topics", f"test {value}", False, True, "query")
                command, text, pressed, manage, option = value
                request = Request(
                    command, text, Address("board", "lab"), Person("7", "Ada"), NOW,
                    Rights(manage=manage), "en", True, kind=PlaceKind.PRIVATE, pressed=pressed,
                )  # fmt: skip
                said = await reply(desk, request)
                for platform in PLATFORMS:
                    platform.draw(said.blocks, Layout.PACKED, said.language)
                await suggestions(await load(desk, request), option, text)

            yield meets


@contextmanager
def files() -> Iterator[Enter]:
    """A database file as it comes back from a bad disk: every look at it ends in our own words."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        url = stack.enter_context(database("sqlite", Path(folder)))
        file = Path(url.removeprefix("sqlite:///"))

        def enter(body: Any) -> None:
            for rest in Path(folder).glob("*"):
                rest.unlink()
            file.write_bytes(body if isinstance(body, bytes) else str(body).encode())
            asyncio.run(storage.check(url))

        yield enter


def a_database() -> bytes:
    """The bytes of a small one."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        url = stack.enter_context(database("sqlite", Path(folder)))
        file = Path(url.removeprefix("sqlite:///"))
        with sqlite3.connect(file) as connection:
            connection.execute("VACUUM")
        connection.close()
        return file.read_bytes()


DOORS = [
    Door("commands, options and buttons", print, SAID, open=partial(looping, chats),
         longest=20_000, value_of=lambda text: ("search", text, False, True, "words")),
    Door("topics typed in a chat", print, SAID, open=partial(looping, chats), longest=20_000,
         value_of=lambda text: ("topics", f"add {text}", False, True, "query"), share=0.1,
         ordinary=False),
    Door("imports in a chat", print, SAID, open=partial(looping, chats), longest=20_000,
         value_of=lambda text: ("import", text, False, True, "text"), share=0.1, ordinary=False),
    Door("a damaged database", print, st.deferred(lambda: damaged([a_database()])), open=files,
         share=0.2),
]  # fmt: skip
