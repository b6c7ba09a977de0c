"""One conversation on every platform: the same meaning, whatever the wire."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.cards import Block, CardBlock, File, ListBlock, NoticeBlock, Paragraph, Table
from bot.channels import Address, Limits
from bot.commands import BY_NAME
from bot.desk import Defaults, Desk
from bot.editions import read_lists
from bot.ports import Person, Reply, Request, Rights
from bot.replies import Talk
from storage import open_store
from tests.wires.board import Board
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
SHORT = (
    "/start",
    "/help",
    "/subscribe 视频生成，agents",
    "/topics",
    "/topics add (agents",
    "/settings",
    "/settings days mon-fri",
    "/status",
    "/today 2026-01-07",
    "/paper 2601.00003",
    "/why 2601.00006",
    "/save 2601.00003",
    "/saved",
    "/pause 3",
    "/resume",
    "/unsubscribe",
    "/forget yes",
)
PRESSED = (  # what begins with > is pressed
    "/subscribe",
    ">subscribe agents",
    ">subscribe video generation",
    "/topics",
    ">topics drop 1",
    "/settings",
    ">settings hour",
    ">settings hour 10:00",
    ">settings",
    ">settings language",
    ">settings language ko",
    ">settings language zh",
    ">settings language en",
    ">settings",
    ">settings layout",
    ">settings layout compact",
    "/pause 3",
    ">resume",
    "/paper 2601.00003",
    ">save 2601.00003",
    "/paper 2601.00001",
    ">abstract 2601.00001",
    "/search agents",
    ">card 2601.00005",
    "/saved",
    "/unsubscribe",
    ">unsubscribe yes",
    ">subscribe",
    "/forget",
    ">forget yes",
)


class Clock:
    """Goes on by half a minute with every line, so that nobody is too fast."""

    def __init__(self) -> None:
        self.lines = 0

    def __call__(self) -> datetime:
        return NOW + timedelta(seconds=30 * self.lines)


@asynccontextmanager
async def a_desk(file: Path, empty: Path, language: str, **platforms: Any) -> AsyncIterator[Desk]:
    """A desk whose lists hold six papers of three days, all read."""
    source = ScriptedSource()
    for day, number, title, keywords in TITLES:
        source.show(day, a_paper(number, title, upvotes=10 * number, keywords=keywords))
    shutil.copy(empty, file)
    async with open_store(f"sqlite:///{file}") as store:
        sources = {source.name: source}
        desk = Desk(store, sources, sources, platforms, Defaults(language=language))
        await read_lists(desk, NOW, first=(NOW - timedelta(days=9)).date())
        yield desk


@dataclass
class Talking:
    """A chat on a platform, what the bot says there, and what it keeps."""

    chat: Wired
    desk: Desk
    heard: Overheard

    clock: Clock

    async def say(self, line: str) -> tuple[Reply, str]:
        """Type a line, press what stands behind ">", or answer what the bot said last by what
        stands behind "<"; the core's reply and what could be read,
        once all of it can."""
        count = len(self.heard.told)
        self.clock.lines += 1
        if line.startswith(">"):
            self.chat.press(line[1:])
        elif line.startswith("<"):
            self.chat.answer(line[1:])
        else:
            self.chat.type(line)
        try:
            async with asyncio.timeout(_PATIENCE):
                _, reply = await self.heard.nth(count + 1)
                await self.chat.until(lambda: not lost(reply, self.chat.read()))
        except TimeoutError:
            said = self.chat.read()
            missing = "everything"
            if len(self.heard.told) > count:
                missing = lost(self.heard.told[count][1], said) or missing
            pytest.fail(f"{line}: {missing!r} cannot be read in {said!r}")
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


async def reference(
    lines: tuple[str, ...], file: Path, empty: Path, language: str = "en", *, buttons: bool = False
) -> list[tuple[str, dict[str, Any], bool]]:
    """The same conversation without any wire."""
    found = []
    limits = Limits(most_cards=50, list_lines=40, buttons=buttons)
    board = Board(limits=limits)
    address, person, clock = Address("board", "chat"), Person("me"), Clock()
    async with a_desk(file, empty, language, board=board) as desk:
        talk = Talk(desk)
        for line in lines:
            clock.lines += 1
            command, _, text = line[1:].partition(" ")
            reply = await talk.reply(
                Request(
                    command,
                    text,
                    address,
                    person,
                    clock(),
                    Rights(manage=True),
                    language,
                    pressed=line.startswith(">"),
                )
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


@asynccontextmanager
async def talking(name: str, tmp_path: Path, empty: Path, language: str) -> AsyncIterator[Talking]:
    """A private chat with the bot on that platform."""
    clock = Clock()
    async with CHATS[name](clock, language) as chat:
        places = {chat.platform.name: chat.platform}
        async with a_desk(tmp_path / "db", empty, language, **places) as desk:
            heard = Overheard(Talk(desk))
            serving = asyncio.create_task(chat.platform.serve(heard), name="serve")
            try:
                await chat.ready()
                yield Talking(chat, desk, heard, clock)
            finally:
                serving.cancel()
                await asyncio.gather(serving, return_exceptions=True)


async def agrees(there: Talking, expected: list[tuple[str, dict[str, Any], bool]]) -> None:
    """Hold the conversation; what is stored and what fails is as without a wire."""
    chat = there.chat
    for line, wanted, failed in expected:
        if line[1:].partition(" ")[0] not in BY_NAME and not chat.can_type_anything:
            there.clock.lines += 1
            continue
        reply, _ = await there.say(line)
        now = await kept(there.desk, chat.address, chat.person)
        if "channel" in now and "channel" in wanted:
            now["channel"] = replace(
                now["channel"],
                kind=wanted["channel"].kind,
                empty=wanted["channel"].empty,  # the console speaks of empty days
            )
        assert (line, now) == (line, wanted)
        assert (line, reply.failed) == (line, failed)
    assert "\n".join(chat.problems()) == ""


@pytest.mark.parametrize("name", list(CHATS))
async def test_the_same_conversation_means_the_same(
    name: str, tmp_path: Path, empty_store: Path
) -> None:
    expected = await reference(CONVERSATION, tmp_path / "reference", empty_store)
    async with talking(name, tmp_path, empty_store, "en") as there:
        await agrees(there, expected)


@pytest.mark.parametrize("language", ["zh", "ko"])
@pytest.mark.parametrize("name", list(CHATS))
async def test_so_it_does_in_every_language(
    name: str, language: str, tmp_path: Path, empty_store: Path
) -> None:
    expected = await reference(SHORT, tmp_path / "reference", empty_store, language)
    async with talking(name, tmp_path, empty_store, language) as there:
        await agrees(there, expected)
        assert {reply.language for _, reply in there.heard.told} == {language}


@pytest.mark.parametrize("name", ["telegram", "discord"])
async def test_the_same_buttons_mean_the_same(name: str, tmp_path: Path, empty_store: Path) -> None:
    expected = await reference(PRESSED, tmp_path / "reference", empty_store, buttons=True)
    assert not any(failed for _, _, failed in expected)
    async with talking(name, tmp_path, empty_store, "en") as there:
        await agrees(there, expected)
        assert all(
            request.pressed == line.startswith(">")
            for (request, _), line in zip(there.heard.told, PRESSED, strict=True)
        )
