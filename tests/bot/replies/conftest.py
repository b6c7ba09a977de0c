"""A chat on a real SQLite store, with a scripted source: type a line, read the answer."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.cards import (
    Block,
    Buttons,
    CardBlock,
    File,
    Heading,
    ListBlock,
    NoticeBlock,
    Paragraph,
    Table,
)
from bot.channels import Address, Channel, PlaceKind
from bot.desk import Desk
from bot.editions import read_lists
from bot.ports import Person, Quoted, Reply, Request, Rights
from bot.replies import reply
from bot.rounds import Round, make_round
from storage import open_store
from tests.wires.board import Board
from tests.wires.lists import ScriptedSource, a_paper

NOW = datetime(2026, 1, 9, 15, tzinfo=UTC)  # a Friday; Thursday's list is closed


def text_of(blocks: tuple[Block, ...]) -> str:
    """Everything that the blocks say, one line each."""
    lines: list[str] = []
    for block in blocks:
        if isinstance(block, Paragraph):
            lines.append(block.text)
        elif isinstance(block, Table):
            lines += [" | ".join(row) for row in (block.head, *block.rows) if row]
        elif isinstance(block, CardBlock):
            lines.append(f"[{block.card.id}] {block.card.title}")
        elif isinstance(block, ListBlock):
            lines += [f"- {line.id} {line.title}" for line in block.lines]
        elif isinstance(block, NoticeBlock):
            lines.append(block.text)
        elif isinstance(block, Buttons):
            lines += [
                f"({one.label}: {one.action or one.url})" for row in block.rows for one in row
            ]
        elif isinstance(block, File):
            lines.append(block.text)
        elif isinstance(block, Heading):
            lines.append(f"# {block.papers} papers, {block.matched} matched")
    return "\n".join(lines)


@dataclass
class Chat:
    """One place, and what a person types there."""

    desk: Desk
    source: ScriptedSource
    board: Board
    now: datetime = NOW
    address: Address = Address("board", "lab")  # noqa: RUF009
    person: Person = Person("7", "Ada")  # noqa: RUF009
    rights: Rights = Rights(manage=True)  # noqa: RUF009
    language: str | None = None
    private: bool = True
    kind: PlaceKind = PlaceKind.PRIVATE
    heard: list[Reply] = field(default_factory=list)

    async def ask(self, line: str, quoted: Quoted | None = None) -> Reply:
        """Type a line such as "/topics add agents"; in answer to a message of the bot."""
        command, _, text = line.removeprefix("/").partition(" ")
        answer = await reply(
            self.desk,
            Request(
                command,
                text.strip(),
                self.address,
                self.person,
                self.now,
                self.rights,
                self.language,
                self.private,
                kind=self.kind,
                quoted=quoted,
            ),
        )
        self.heard.append(answer)
        return answer

    async def say(self, line: str) -> str:
        """Type a line that must work; what is answered, as text."""
        answer = await self.ask(line)
        said = text_of(answer.blocks)
        assert not answer.failed, said
        return said

    async def press(self, action: str) -> Reply:
        """Press a button whose action this is."""
        command, _, text = action.partition(" ")
        answer = await reply(
            self.desk,
            Request(
                command,
                text,
                self.address,
                self.person,
                self.now,
                self.rights,
                self.language,
                self.private,
                kind=self.kind,
                pressed=True,
            ),
        )
        self.heard.append(answer)
        return answer

    def with_buttons(self, **limits: object) -> Chat:
        """The same chat on a platform whose buttons can be pressed."""
        self.board.limits = replace(self.board.limits, buttons=True, **limits)  # type: ignore[arg-type]
        return self

    async def refused(self, line: str) -> str:
        """Type a line that must be refused; what is answered, as text."""
        answer = await self.ask(line)
        said = text_of(answer.blocks)
        assert answer.failed, said
        return said

    def elsewhere(self, chat: str, **other: object) -> Chat:
        """The same bot in another chat."""
        return replace(self, address=Address("board", chat), heard=[], **other)  # type: ignore[arg-type]

    async def channel(self) -> Channel | None:
        """As stored."""
        async with self.desk.store.snapshot() as tx:
            return await tx.channels.find(self.address)

    async def followed(self) -> list[str]:
        """The texts of the chat's topics."""
        channel = await self.channel()
        assert channel is not None
        async with self.desk.store.snapshot() as tx:
            return [one.text for one in (await tx.topics.of([channel.id])).get(channel.id, ())]

    async def read(self) -> None:
        """Read the lists of the last week."""
        await read_lists(self.desk, self.now, first=(self.now - timedelta(days=9)).date())

    async def round(self) -> Round:
        """One bell."""
        return await make_round(self.desk, self.now)


TITLES = (
    (date(2026, 1, 6), 1, "Long Video Generation with a Spatial Memory", ("video generation",)),
    (date(2026, 1, 6), 2, "Small Language Models as Agents", ("agents", "language models")),
    (date(2026, 1, 7), 3, "A World Model for Robots", ("world models", "robotics")),
    (date(2026, 1, 7), 4, "Generating Videos from Sound", ("video generation",)),
    (date(2026, 1, 8), 5, "Agents that Read Papers", ("agents",)),
    (date(2026, 1, 8), 6, "Faster Sampling for Image Diffusion", ("diffusion models",)),
)


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database to copy: migrating takes longer than most tests here."""
    file = tmp_path_factory.mktemp("store") / "paperboy.sqlite3"

    async def migrate() -> None:
        async with open_store(f"sqlite:///{file}"):
            pass

    asyncio.run(migrate())
    return file


@pytest.fixture
async def chat(tmp_path: Path, empty_store: Path) -> AsyncIterator[Chat]:
    """A private chat; the lists hold six papers of three days."""
    source, board = ScriptedSource(), Board()
    for day, number, title, keywords in TITLES:
        source.show(day, a_paper(number, title, upvotes=10 * number, keywords=keywords))
    shutil.copy(empty_store, tmp_path / "paperboy.sqlite3")
    async with open_store(f"sqlite:///{tmp_path / 'paperboy.sqlite3'}") as store:
        desk = Desk(store, {source.name: source}, {source.name: source}, {"board": board})
        yield Chat(desk, source, board)
