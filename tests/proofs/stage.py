"""A digest's life between deaths: fakes that remember what they recorded and when, real bots."""

from __future__ import annotations

import asyncio
import json
import os
import random
import sqlite3
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import psycopg
from aiohttp import web

from adapters.platforms.telegram.sandbox import Call
from adapters.sources.bundled import BundledServer
from adapters.sources.huggingface import HuggingFace
from bot.channels import Address, Layout, PlaceKind
from bot.desk import Desk
from bot.digest.subscription import new_channel
from storage import open_store
from tests.proofs.deaths import Death
from tests.proofs.forks import Bot, Order, start
from tests.wires.databases import database
from tests.wires.discordian.people import FakeDiscord
from tests.wires.replay import Replay
from tests.wires.telegram import FakeTelegram

ROOT = Path(__file__).resolve().parents[2]
MORNING = datetime(2025, 12, 27, 8, tzinfo=UTC)  # the list of the 26th is closed
NINE = datetime(2025, 12, 27, 9, 0, 1, tzinfo=UTC)  # the hour of those who chose none
PAPERS = 7  # on the bundled list
_TAKEN = 3  # exit code of `once` while another process has the right to send
# Waits of the product that would only make the tests longer, in seconds. On SQLite a bot knows
# that it is alone, so what it finds in flight is a dead one's; on PostgreSQL it waits for the
# lease's end, which comes sooner here.
SHORTER = {"bot.courier.settling:_FIRST_PAUSE": 0.02, "bot.cli.once:_PAUSE": 0.1}
LEASE = {"bot.courier.picking:LEASE": 1.0}


@dataclass(frozen=True)
class Recorded:
    """A message that a platform took: it stands in the chat, whoever learns of it."""

    life: int  # of the bot: how often it had been started
    place: str  # the chat that is subscribed, as in the address
    words: str  # what tells it from the others of its digest


@dataclass
class Record:
    """What both platforms recorded, in order."""

    life: int = 0
    since: int = 0  # messages that were recorded before the last death
    begun: int = 0  # calls that make a message, which arrived since the last start
    messages: list[Recorded] = field(default_factory=list)
    strike: Callable[[str], None] = lambda _: None  # called with the kind when one is recorded
    slow: float = 0.0  # seconds at most, before a message is recorded and once more behind it
    dice: random.Random = field(default_factory=random.Random)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, kind: str, place: str, words: str) -> None:
        """A message was recorded."""
        self.messages.append(Recorded(self.life, place, words))
        self.strike(kind)

    async def arrive(self) -> None:
        """A call arrived; it takes its time."""
        self.begun += 1
        self.arrived.set()
        await self.pause()

    async def pause(self) -> None:
        """As slow as it is."""
        if self.slow:
            await asyncio.sleep(self.dice.uniform(0, self.slow))

    def of(self, place: str) -> list[str]:
        """What a chat was sent, in order, doubles included."""
        return [one.words for one in self.messages if one.place == place]


class Telegram(FakeTelegram):
    """Records what it is sent."""

    def __init__(self, record: Record, **options: Any) -> None:
        super().__init__(**options)
        self.record = record

    async def meddle(self, call: Call, writer: asyncio.StreamWriter) -> bool:
        if call.method == "sendMessage":
            await self.record.arrive()
        return await super().meddle(call, writer)

    async def after(self, call: Call, writer: asyncio.StreamWriter) -> bool:
        if call.method == "sendMessage":
            self.record.add("post", str(call.params["chat_id"]), str(call.params["text"]))
            await self.record.pause()
        return await super().after(call, writer)


class Discord(FakeDiscord):
    """The same; what it knows by its nonce is no new message."""

    def __init__(self, record: Record, **options: Any) -> None:
        super().__init__(**options)
        self.record = record

    async def _take(self, request: web.Request) -> web.StreamResponse:
        makes = request.method == "POST" and request.path.endswith(("/messages", "/threads"))
        if makes:
            await self.record.arrive()
        try:
            answer = await super()._take(request)
        except OSError:
            return web.Response()  # the bot died before it was taken
        if makes:
            await self.record.pause()
        return answer

    def _answer(self, method: str, path: str, body: Any, *more: Any) -> tuple[int, Any]:
        known = self._known_nonce(method, path, body)
        status, said = super()._answer(method, path, body, *more)
        if method == "POST" and status < 300 and known is None:
            if path.endswith("/messages"):
                self.record.add("post", self._subscribed(path), _words(body))
            elif path.endswith("/threads"):
                kind = "open-thread" if "/messages/" in path else "forum-post"
                self.record.add(kind, self._subscribed(path), f"{kind} {_words(body)}")
        return status, said

    def _subscribed(self, path: str) -> str:
        channel = self.backend.get_channel(int(path.split("/")[2]))
        parent = channel.parent_id if int(channel.type) in (10, 11, 12) else None
        return str(parent or channel.id)


def _words(body: dict[str, Any]) -> str:
    own = body.get("message", body)
    told = {name: own.get(name) for name in ("content", "embeds", "name") if own.get(name)}
    return json.dumps(told, ensure_ascii=False, sort_keys=True)


@dataclass(frozen=True)
class Row:
    """A delivery of a digest, as it stands in the database."""

    place: str
    order: int
    state: str
    kind: str
    attempts: int
    papers: tuple[str, ...]


_ROWS = (
    'SELECT c.chat, d."order", d.state, d.kind, d.attempts, d.papers FROM deliveries d '
    "JOIN channels c ON c.id = d.channel_id WHERE d.digest_id IS NOT NULL "
    'ORDER BY d.channel_id, d.digest_id, d."order"'
)


_OPEN = {"ready", "in-flight", "unknown"}


def rows_of(url: str) -> list[Row]:
    """What the outbox holds of digests, read beside the product."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=20)) as connection:
            found = connection.execute(_ROWS).fetchall()
    else:
        with psycopg.connect(url) as server:
            found = server.execute(_ROWS).fetchall()
    return [
        Row(place, order, state, kind, attempts, tuple(papers.split()))
        for place, order, state, kind, attempts, papers in found
    ]


@dataclass
class Stage:
    """One database, both fakes, the list of one day, and bots that live one after the other."""

    forks: str
    folder: Path
    url: str
    telegram: Telegram
    discord: Discord
    record: Record
    surroundings: dict[str, str] = field(repr=False)
    constants: dict[str, float] = field(default_factory=lambda: {**SHORTER, **LEASE})
    bots: list[Bot] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)  # chat: its group, as it was subscribed
    golden: dict[str, list[str]] = field(default_factory=dict)  # group: its digest's messages
    # By chat and order in the digest: the attempts that a kill left in flight by the database
    # (doubtful), and the number of kills in whose instant the platform had the call as well.
    doubtful: dict[tuple[str, int], set[int]] = field(default_factory=lambda: defaultdict(set))
    on_the_wire: Counter[tuple[str, int]] = field(default_factory=Counter)
    began: float = field(default_factory=monotonic)

    def use(self, url: str) -> None:
        """Work with another database from now on."""
        self.url = self.surroundings["PAPERBOY_DATABASE_URL"] = url

    # Who is subscribed

    async def subscribe(self, group: str, count: int) -> list[str]:
        """So many chats of one kind, all due at nine; gives their ids. `group` is the platform,
        the kind of place and the layout, as "discord text thread"."""
        platform, kind, layout = group.split()
        source = HuggingFace()
        made = []
        async with open_store(self.url) as store:
            desk = Desk(store, {source.name: source}, {source.name: source})
            for number in range(count):
                chat, place = self._place(platform, kind, number)
                async with store.transaction() as tx:
                    await new_channel(
                        desk, tx, Address(platform, chat), MORNING,
                        layout=Layout(layout), kind=place, limit=PAPERS,
                    )  # fmt: skip
                self.places[chat] = group
                made.append(chat)
        return made

    def _place(self, platform: str, kind: str, number: int) -> tuple[str, PlaceKind]:
        if platform == "discord":
            if not self.discord.backend.guilds:
                self.discord.add_guild("Lab")
            guild = next(iter(self.discord.backend.guilds))
            channel = self.discord.add_channel(guild, f"papers-{number}", kind)
            return str(channel), PlaceKind.FORUM if kind == "forum" else PlaceKind.GROUP
        ada = self.telegram.person(f"Reader {number}")
        if kind == "private":
            self.telegram.private(ada).members[self.telegram.bot.id] = "member"
            return str(ada.id), PlaceKind.PRIVATE
        group = self.telegram.supergroup(f"Lab {number}", ada)
        group.members[self.telegram.bot.id] = "member"
        return str(group.id), PlaceKind.GROUP

    # Bots

    @property
    def now(self) -> datetime:
        """What the next bot takes for now: time goes on from life to life."""
        return NINE + timedelta(seconds=monotonic() - self.began)

    async def bot(
        self, *arguments: str, death: Death | None = None, home: str = "home", **more: str
    ) -> Bot:
        """A bot that has just begun, in a life of its own."""
        self.record.life += 1
        self.record.begun = 0
        order = Order(
            (*arguments, "--now", self.now.isoformat()),
            {**self.surroundings, "PAPERBOY_HOME": str(self.folder / home), **more},
            str(self.folder / "here"),
            str(self.folder / f"log-{len(self.bots)}"),
            None if death is None else asdict(death),
            self.constants,
        )
        self.bots.append(await start(self.forks, order))
        return self.bots[-1]

    async def once(self) -> None:
        """Everything that is due is delivered."""
        async with asyncio.timeout(90):
            while True:
                bot = await self.bot("once")
                code = await bot.end()
                if code != _TAKEN:
                    assert code == 0, bot.log
                    return
                await asyncio.sleep(0.1)  # the server has not seen the death yet

    async def dies(self, bot: Bot, *, or_ends: bool = False) -> None:
        """Wait for its death; with `or_ends` it may have had nothing to do, and ended before."""
        code = await bot.end()
        if or_ends and code == 0:
            return
        assert code == -9, f"it ended with {code} before it could be killed:\n{bot.log}"

    async def dead(self, bot: Bot, *, or_ends: bool = False) -> None:
        """Wait for its death, and until the platforms have done with what it had said; then take
        down what was in flight."""
        await self.dies(bot, or_ends=or_ends)
        before = self._in_flight()
        await asyncio.sleep(2 * self.record.slow + 0.05)
        # What another bot has in flight is settled meanwhile; nobody does so for the dead one's.
        recorded = {(one.place, one.words) for one in self.record.messages[self.record.since :]}
        for place, order, attempt in before & self._in_flight():
            self.doubtful[place, order].add(attempt)
            if (place, self.golden[self.places[place]][order]) in recorded:
                self.on_the_wire[place, order] += 1
        self.record.since = len(self.record.messages)

    def _in_flight(self) -> set[tuple[str, int, int]]:
        flying = [row for row in rows_of(self.url) if row.state == "in-flight"]
        return {(row.place, row.order, row.attempts) for row in flying}

    async def end(self) -> None:
        """Nothing of it lives on."""
        for bot in self.bots:
            bot.kill()
        await asyncio.gather(*(bot.ended for bot in self.bots))

    # Judgement

    async def settled(self, seconds: float = 60.0) -> None:
        """Until nothing of any digest waits. Raises AssertionError with what the bots said."""
        for _ in range(round(10 * seconds)):
            rows = rows_of(self.url)
            open_ = [row for row in rows if row.state in _OPEN]
            if rows and not open_:
                return
            await asyncio.sleep(0.1)
        said = "\n".join(bot.log for bot in self.bots if not bot.ended.done())
        raise AssertionError(f"unsettled: {open_}\n{said}")

    def judge(self) -> list[str]:
        """What is wrong with what the platforms recorded; empty: all of it is as promised.

        Every message of every chat's day is there, first copies in order. There is a copy more
        only for each kill that found the message on the wire, and none in text channels of
        Discord. Where nothing remembers a message (Telegram), one that was twice in doubt may be
        missing: its papers must be in what the chat was sent since.
        """
        wrong: list[str] = []
        rows: dict[tuple[str, int], Row] = {}
        for row in rows_of(self.url):
            rows.setdefault((row.place, row.order), row)  # of the first digest
        for place, group in self.places.items():
            said, due = self.record.of(place), self.golden[group]
            firsts = [
                words for n, words in enumerate(said) if words in due and words not in said[:n]
            ]
            lost = [n for n, words in enumerate(due) if words not in said]
            for order in lost:
                found = rows.get((place, order))
                given_back = found is not None and found.state == "stale" and group[0] == "t"
                if not given_back or len(self.doubtful[place, order]) < 2 or found is None:
                    wrong.append(f"{place} ({group}) never got message {order}")
                elif missing := [one for one in found.papers if not _holds(said, one)]:
                    wrong.append(f"{place} ({group}) never got {missing}")
            if firsts != [words for n, words in enumerate(due) if n not in lost]:
                wrong.append(f"{place} ({group}) got its messages in another order")
            once = group.startswith("discord text")
            for order, words in enumerate(due):
                allowed = 1 if once else 1 + self.on_the_wire[place, order]
                if (copies := said.count(words)) > allowed:
                    wrong.append(
                        f"{place} ({group}) got message {order} {copies} times, {allowed} allowed"
                    )
        return wrong

    def doubles(self) -> int:
        """How many messages more than the days have were recorded."""
        return sum(
            max(0, self.record.of(place).count(words) - 1)
            for place, group in self.places.items()
            for words in self.golden[group]
        )

    @property
    def left(self) -> int:
        """How many messages of the day the platforms have not recorded."""
        return sum(
            words not in said
            for place, group in self.places.items()
            for said in [set(self.record.of(place))]
            for words in self.golden[group]
        )


def _holds(said: list[str], paper: str) -> bool:
    return any(paper in words for words in said)


@asynccontextmanager
async def staged(forks: str, engine: str, folder: Path, *, seed: int = 0) -> AsyncIterator[Stage]:
    """An empty stage; at the end nothing lives on."""
    for name in ("user", "temporary", "here", "nothing", "home"):
        (folder / name).mkdir(parents=True)
    record = Record(dice=random.Random(seed))
    async with (
        Telegram(record) as telegram,
        Discord(record) as discord,
        BundledServer() as source,
        Replay(folder / "nothing") as arxiv,
    ):
        with database(engine, folder) as url:
            stage = Stage(
                forks,
                folder,
                url,
                telegram,
                discord,
                record,
                {
                    **{name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ},
                    "HOME": str(folder / "user"),
                    "TMPDIR": str(folder / "temporary"),
                    "PAPERBOY_DATABASE_URL": url,
                    "PAPERBOY_MONITOR": "off",
                    "PAPERBOY_TELEGRAM_PER_SECOND": "1000",
                    "HF_ENDPOINT": source.url,
                    "PAPERBOY_ARXIV_URL": arxiv.url,
                    "PAPERBOY_TELEGRAM_TOKEN": telegram.token,
                    "PAPERBOY_TELEGRAM_API_URL": telegram.url,
                    "PAPERBOY_DISCORD_TOKEN": discord.token or "",
                    "PAPERBOY_DISCORD_API_URL": discord.api_url,
                },
            )
            try:
                yield stage
            finally:
                await stage.end()


_learnt: dict[str, list[str]] = {}  # by group; the same in every run


async def learnt(group: str, forks: str, folder: Path) -> list[str]:
    """The messages of the group's digest, in order, as an undisturbed one tells them."""
    if group not in _learnt:
        async with staged(forks, "sqlite", folder / f"undisturbed {group}") as stage:
            [chat, other] = await stage.subscribe(group, 2)
            await stage.once()
            messages = stage.record.of(chat)
            assert messages == stage.record.of(other)
            assert len(set(messages)) == len(messages) == len(rows_of(stage.url)) // 2 > 0
            _learnt[group] = messages
    return _learnt[group]
