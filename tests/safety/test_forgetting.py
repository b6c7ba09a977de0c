"""Section 11: /forget removes all of a chat's data, from every column of every table."""

from __future__ import annotations

import json
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from bot.channels import Address, PlaceKind
from bot.courier import recover
from bot.desk import Desk
from bot.moving import move
from bot.ports import Event, EventKind, Person
from bot.replies.talk import Talk
from storage import open_store
from tests.bot.replies.conftest import NOW, TITLES, Chat
from tests.wires.board import Board
from tests.wires.databases import ENGINES, database
from tests.wires.lists import ScriptedSource, a_paper

CHAT, GROUP = "-100776655443322", "-100223344556677"
PERSON, NAME = "900000077", "Zebediah Quux"
TOPIC = "agents OR xylophonic"
TRACES = (CHAT, GROUP, PERSON, NAME, "Quuxian Lab", "xylophon")


def cells_of_sqlite(url: str) -> list[tuple[str, Any]]:
    import sqlite3

    found = []
    with sqlite3.connect(urlsplit(url).path) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for (table,) in tables.fetchall():
            for row in connection.execute(f'SELECT * FROM "{table}"').fetchall():
                found += [(table, cell) for cell in row]
    connection.close()
    return found


def cells_of_postgresql(url: str) -> list[tuple[str, Any]]:
    found = []
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for (table,) in tables:
            for row in connection.execute(f"SELECT * FROM {table}").fetchall():
                found += [(table, cell) for cell in row]
    return found


CELLS: dict[str, Callable[[str], list[tuple[str, Any]]]] = {
    "sqlite": cells_of_sqlite,
    "postgresql": cells_of_postgresql,
}


def traces(engine: str, url: str) -> list[str]:
    """Where anything of the chat stands: "table: what"."""
    found = set()
    for table, cell in CELLS[engine](url):
        said = str(cell)
        if isinstance(cell, bytes | memoryview):
            raw = bytes(cell)
            said = raw.decode("latin-1")
            try:
                said += zlib.decompress(raw).decode("latin-1")
            except zlib.error:
                said += json.dumps(said)
        found |= {f"{table}: {trace}" for trace in TRACES if trace in said}
    return sorted(found)


@pytest.fixture(params=ENGINES)
async def stored(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Any]:
    """(engine, URL, a chat of the board with lists to read)."""
    source, board = ScriptedSource(), Board()
    for day, number, title, keywords in TITLES:
        source.show(day, a_paper(number, title, upvotes=10 * number, keywords=keywords))
    with ExitStack() as stack:
        url = stack.enter_context(database(request.param, tmp_path))
        async with open_store(url) as store:
            desk = Desk(
                store, {source.name: source}, {source.name: source}, {"board": board},
                admins=(Address("board", "@1"),),
            )  # fmt: skip
            chat = Chat(
                desk, source, board, address=Address("board", CHAT), person=Person(PERSON, NAME)
            )
            yield request.param, url, chat


async def a_full_life(chat: Chat) -> Chat:
    """Everything that a chat can leave behind; gives it as it is at the end."""
    await chat.read()
    await chat.say(f"/subscribe {TOPIC}, robots")
    await chat.say("/settings hour 15:30")
    await chat.say("/save 2601.00005")
    await chat.say("/paper 2601.00006")
    await chat.say("/why 2601.00005")
    await chat.say("/today")
    await chat.say("/pause 3")
    await chat.say("/resume")
    desk, talk = chat.desk, Talk(chat.desk)
    async with desk.store.transaction() as tx:
        channel = await tx.channels.find(chat.address)
        assert channel is not None
        await tx.channels.put(replace(channel, name="Quuxian Lab"))
        yesterday = chat.now.date() - timedelta(days=1)
        await tx.spending.reserve(yesterday, f"{chat.address.platform}:{PERSON}", 10, None)
    for hours in (1, 25, 73, 97):  # digests, shown and waiting
        chat = replace(chat, now=NOW + timedelta(hours=hours))
        await chat.round()
    await recover(desk, chat.now, alone=True)
    assert chat.board.pinned
    event = Event(EventKind.RENAMED, chat.address, chat.now, name="Quuxian Lab")
    await talk.happened(event)
    async with desk.store.transaction() as tx:
        await move(tx, chat.address, Address("board", GROUP), chat.now)
    chat = replace(chat, address=Address("board", GROUP))
    await chat.say("/save 2601.00006")
    await chat.say("/unsubscribe yes")
    await chat.say(f"/subscribe {TOPIC}")
    return chat


async def test_after_forget_nothing_of_the_chat_is_in_any_table(stored: Any) -> None:
    """Its ids, its people, its names and its topics: neither in plain nor compressed."""
    engine, url, chat = stored
    chat = await a_full_life(chat)
    before = traces(engine, url)
    for table in ("channels", "topics", "saved", "bodies"):
        assert any(table in one for one in before), f"{table} held nothing: {before}"
    await chat.say("/forget yes")
    assert traces(engine, url) == []


async def test_the_others_keep_everything(stored: Any) -> None:
    """What is forgotten is one chat's own."""
    _, _, chat = stored
    other = replace(chat, address=Address("board", "-1005"), person=Person("55", "Bob"))
    await chat.read()
    await other.say("/subscribe agents")
    await other.say("/save 2601.00005")
    chat = await a_full_life(chat)
    await chat.say("/forget yes")
    assert await other.followed() == ["agents"]
    assert "2601.00005" in await other.say("/saved")


async def test_who_waits_for_an_invitation_can_be_forgotten_too(stored: Any) -> None:
    """A chat that was never let in has left its name with the operators' list."""
    engine, url, chat = stored
    chat = replace(chat, desk=replace(chat.desk, access="invite"))
    await chat.ask(f"/subscribe {TOPIC}")
    assert traces(engine, url)
    await chat.say("/forget yes")
    assert traces(engine, url) == []


async def test_a_group_forgets_what_its_members_put_aside_there(stored: Any) -> None:
    """The group's own list, and nobody's private one."""
    engine, url, chat = stored
    await chat.read()
    group = replace(
        chat, address=Address("board", GROUP), private=False, kind=PlaceKind.GROUP,
        person=Person("55", "Bob"),
    )  # fmt: skip
    await group.say(f"/subscribe {TOPIC}")
    await group.ask("/today")
    await group.say("/forget yes")
    assert not [one for one in traces(engine, url) if GROUP in one or "xylo" in one]
