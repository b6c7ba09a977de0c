"""One conversation on every platform: the same meaning, whatever the wire."""

from __future__ import annotations

import asyncio
import io
import re
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.platforms.console import Console
from bot.cards import Block, CardBlock, File, ListBlock, NoticeBlock, Paragraph, Table
from bot.channels import Address
from bot.commands import BY_NAME
from bot.desk import Desk
from bot.editions import read_lists
from bot.ports import Person, Reply, Request, Rights
from bot.replies import Talk
from storage import open_store
from tests.wires.chats import CHATS, Overheard, Wired
from tests.wires.lists import ScriptedSource, a_paper

NOW = datetime(2026, 1, 9, 15, tzinfo=UTC)  # a Friday; Thursday's list is closed
TITLES = (
    (date(2026, 1, 6), 1, "Long Video Generation with a Spatial Memory", ("video generation",)),
    (date(2026, 1, 6), 2, "Small Language Models as Agents", ("agents", "language models")),
    (date(2026, 1, 7), 3, "A World Model for <b>Robots</b> & *You*", ("world models",)),
    (date(2026, 1, 7), 4, "Generating Videos from Sound", ("video generation",)),
    (date(2026, 1, 8), 5, "Agents that Read @everyone's Papers", ("agents",)),
    (date(2026, 1, 8), 6, "Faster Sampling for Image Diffusion", ("diffusion models",)),
)
_PATIENCE = 10.0  # seconds; only what never comes waits so long
CONVERSATION = (
    "/start",
    "/status",
    "/subscribe",
    "/subscribe video generation, agents",
    "/start",
    "/topics",
    "/topics add title:robots",
    "/topics add (agents",  # a wrong query
    "/topics remove 3",
    "/topics remove 9",
    "/topics test diffusion",
    "/settings",
    "/settings hour 9:30",
    "/settings zone seoul",
    "/settings days mon-fri",
    "/settings layout compact",
    "/settings hour never",
    "/settings language ko",
    "/status",
    "/settings language zh",
    "/status",
    "/settings language en",
    "/today",
    "/today 2026-01-07",
    "/today tomorrow",
    "/paper 2601.00003",
    "/paper 2601.99999",
    "/why 2601.00006",
    "/search agents",
    "/save 2601.00003",
    "/save 2601.00001",
    "/saved",
    "/saved bibtex",
    "/saved remove 2601.00001",
    "/help",
    "/help topics",
    "/nonsense",
    "/pause 3",
    "/status",
    "/resume",
    "/export",
    "/unsubscribe",
    "/unsubscribe yes",
    "/subscribe",
    "/topics",
    "/forget",
    "/forget yes",
    "/saved",
    "/topics",
)


@asynccontextmanager
async def a_desk(file: Path, empty: Path, **platforms: Any) -> AsyncIterator[Desk]:
    """A desk whose lists hold six papers of three days, all read."""
    source = ScriptedSource()
    for day, number, title, keywords in TITLES:
        source.show(day, a_paper(number, title, upvotes=10 * number, keywords=keywords))
    shutil.copy(empty, file)
    async with open_store(f"sqlite:///{file}") as store:
        desk = Desk(store, {source.name: source}, {source.name: source}, platforms)
        await read_lists(desk, NOW, first=(NOW - timedelta(days=9)).date())
        yield desk


@dataclass
class Talking:
    """A chat on a platform, what the bot says there, and what it keeps."""

    chat: Wired
    desk: Desk
    heard: Overheard

    async def say(self, line: str) -> tuple[Reply, str]:
        """Type a line; the core's reply and what could be read, once all of it can."""
        return await self._after(lambda: self.chat.type(line), line)

    async def press(self, label: str) -> tuple[Reply, str]:
        """Press a button; likewise."""
        return await self._after(lambda: self.chat.press(label), label)

    async def _after(self, act: Callable[[], None], what: str) -> tuple[Reply, str]:
        count = len(self.heard.told)
        act()
        try:
            async with asyncio.timeout(_PATIENCE):
                _, reply = await self.heard.nth(count + 1)
                await self.chat.until(lambda: not lost(reply, self.chat.read()))
        except TimeoutError:
            said = self.chat.read()
            missing = lost(reply, said) if len(self.heard.told) > count else "everything"
            pytest.fail(f"{what}: {missing!r} cannot be read in {said!r}")
        return reply, self.chat.read()


def meaning(blocks: tuple[Block, ...]) -> Iterator[str]:
    """Every word that must reach the person, block by block."""
    for block in blocks:
        if isinstance(block, Paragraph):
            yield block.text
        elif isinstance(block, Table):
            for row in (block.head, *block.rows):
                yield from row
        elif isinstance(block, CardBlock):
            yield block.card.title
        elif isinstance(block, ListBlock):
            yield from (" ".join(line.title.split()[:3]) for line in block.lines)
        elif isinstance(block, NoticeBlock | File):
            yield block.text


def words(text: str) -> list[str]:
    """Without signs, spaces and line breaks."""
    return re.findall(r"\w+", text)


def lost(reply: Reply, read: str) -> str | None:
    """The first part of a reply that cannot be read on the wire; None when all can."""
    seen = "".join(words(read))
    for part in meaning(reply.blocks):
        said = "".join(words(part))
        if said not in seen:
            return part
    return None


async def kept(desk: Desk, address: Address, person: str) -> dict[str, Any]:
    """What is stored about a chat, without what platforms name in their own way."""
    async with desk.store.snapshot() as tx:
        channel = await tx.channels.find(address)
        saved = await tx.saved.of(address, person)
        if channel is None:
            return {"saved": saved}
        topics = (await tx.topics.of([channel.id])).get(channel.id, ())
    plain = replace(channel, id=0, address=Address("any", "chat"), name=None)
    return {"channel": plain, "topics": [one.text for one in topics], "saved": saved}


async def reference(file: Path, empty: Path) -> list[tuple[str, dict[str, Any], bool]]:
    """The same conversation without any wire."""
    found = []
    address, person = Address("console", "chat"), Person("me")
    console = Console(io.StringIO(), as_json=False)
    async with a_desk(file, empty, console=console) as desk:
        talk = Talk(desk)
        for line in CONVERSATION:
            command, _, text = line.removeprefix("/").partition(" ")
            reply = await talk.reply(
                Request(command, text, address, person, NOW, Rights(manage=True))
            )
            found.append((line, await kept(desk, address, "me"), reply.failed))
    return found


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database to copy: migrating takes longer than most tests here."""
    file = tmp_path_factory.mktemp("store") / "paperboy.sqlite3"

    async def migrate() -> None:
        async with open_store(f"sqlite:///{file}"):
            pass

    asyncio.run(migrate())
    return file


@pytest.fixture(params=list(CHATS))
async def talking(
    request: pytest.FixtureRequest, tmp_path: Path, empty_store: Path
) -> AsyncIterator[Talking]:
    """A private chat with the bot on each platform."""
    async with CHATS[request.param](NOW) as chat:
        places = {chat.platform.name: chat.platform}
        async with a_desk(tmp_path / "db", empty_store, **places) as desk:
            heard = Overheard(Talk(desk))
            serving = asyncio.create_task(chat.platform.serve(heard), name="serve")
            try:
                await chat.ready()
                yield Talking(chat, desk, heard)
            finally:
                serving.cancel()
                await asyncio.gather(serving, return_exceptions=True)


async def test_the_same_conversation_means_the_same(
    talking: Talking, tmp_path: Path, empty_store: Path
) -> None:
    chat = talking.chat
    for line, expected, failed in await reference(tmp_path / "reference", empty_store):
        command = line.removeprefix("/").partition(" ")[0]
        if command not in BY_NAME and not chat.can_type_anything:
            continue
        reply, _ = await talking.say(line)
        now = await kept(talking.desk, chat.address, chat.person)
        if "channel" in now:
            now["channel"] = replace(
                now["channel"],
                kind=expected["channel"].kind,
                empty=expected["channel"].empty,  # the console speaks of empty days
            )
        assert (line, now) == (line, expected)
        assert (line, reply.failed) == (line, failed)
    assert "\n".join(chat.problems()) == ""
