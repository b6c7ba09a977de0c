"""Bad weather over a town of chats: two storming fakes, the real platforms, courier and store.

Days are virtual, the seconds within a digest are real: every limit of pace holds as it is written.
The token of Telegram is one that pays for speed, which lifts only the bound of the token.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from adapters.platforms.discord import Discord
from adapters.platforms.telegram import Telegram
from adapters.platforms.telegram.sandbox import Call, Refusal
from bot.channels import Address, Channel, Layout, PlaceKind
from bot.courier import Courier
from bot.desk import Desk
from bot.digest.subscription import new_channel
from bot.errors import Refused
from bot.rounds import open_round
from storage import open_store
from tests.wires.databases import database
from tests.wires.discordian.people import FakeDiscord
from tests.wires.discordian.server import Fault
from tests.wires.limits import TelegramLimits
from tests.wires.lists import ScriptedSource, a_paper
from tests.wires.telegram import FakeTelegram, Trouble

BEGIN = datetime(2026, 1, 6, 9, tzinfo=UTC)  # Tuesday's digest is due
PER_SECOND = 150  # of the token, paid for: what two cores and everything in one process can do
PAPERS = 3  # of a day
_ID = re.compile(r"2601\.\d{5}")
_DAY = timedelta(days=1)
# Waits of the product that would only make the test longer, in seconds.
SHORTER = {
    "bot.courier.calls.LONGEST": 2.0,  # a call that hangs
    "bot.courier.settling._FIRST_PAUSE": 0.2,
    "bot.courier.loop._SWEEP": 1.0,
}


def paper_id(day: int, number: int) -> str:
    """The id of one of a day's papers."""
    return a_paper(10 * day + number).id


NOT_HTML = paper_id(0, 2)  # Telegram refuses every message with markup that shows it
NOT_AT_ALL = paper_id(0, 3)  # likewise every message that shows it, plain ones too


@dataclass
class Sky:
    """What the weather is now, and what it did."""

    dice: random.Random
    storm: float = 0.0  # chance of each kind of trouble, of one call
    floods: bool = False  # whether now and then every call is answered 429 for a second
    flood_until: float = 0.0  # monotonic
    said: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)  # chat, papers shown
    lost: Counter[tuple[str, str]] = field(default_factory=Counter)  # answers, by chat and paper
    did: Counter[str] = field(default_factory=Counter)

    def kind(self, *kinds: str) -> str | None:
        """What happens to a call, if anything."""
        if monotonic() < self.flood_until:
            return self._note("flood")
        if self.floods and self.dice.random() < self.storm / 5:
            self.flood_until = monotonic() + 1.0
            return self._note("flood")
        if self.dice.random() < self.storm * len(kinds):
            return self._note(self.dice.choice(kinds))
        return None

    def _note(self, kind: str) -> str:
        self.did[kind] += 1
        return kind

    def show(self, chat: str, papers: tuple[str, ...], *, lost: bool) -> None:
        """A message was recorded."""
        self.said.append((chat, papers))
        if lost:
            self.lost.update((chat, one) for one in papers)


_TROUBLES = {
    "drop": Trouble(cut=True),
    "hang": Trouble(hang=True),
    "error": Trouble(502, "Bad Gateway"),
    "accept and drop": Trouble(cut=True, late=True),
    "accept and error": Trouble(502, "Bad Gateway", late=True),
    "accept and hang": Trouble(hang=True, late=True),
    "too fast": Trouble(429, "Too Many Requests: retry after 1", {"retry_after": 1}),
    "flood": Trouble(429, "Too Many Requests: retry after 1", {"retry_after": 1}),
}


class StormyTelegram(FakeTelegram):
    """Draws the trouble of every message."""

    def __init__(self, sky: Sky) -> None:
        super().__init__(limits=TelegramLimits(per_second=PER_SECOND + 2))
        self.sky = sky

    async def meddle(self, call: Call, writer: asyncio.StreamWriter) -> bool:
        if call.method == "sendMessage":
            papers = _ID.findall(str(call.params["text"]))
            marked = call.params.get("parse_mode") is not None
            if NOT_AT_ALL in papers or (NOT_HTML in papers and marked):
                self._count(call)
                raise Refusal(400, "Bad Request: can't parse entities: a test refuses it")
            kind = self.sky.kind(*(name for name in _TROUBLES if name != "flood"))
            if kind is not None:
                self.troubles[call.method].append(_TROUBLES[kind])
        return await super().meddle(call, writer)

    async def after(self, call: Call, writer: asyncio.StreamWriter) -> bool:
        if call.method == "sendMessage":
            papers = tuple(dict.fromkeys(_ID.findall(str(call.params["text"]))))
            chat = str(call.params["chat_id"])
            self.sky.show(chat, papers, lost=id(call) in self._held)
        return await super().after(call, writer)


_FAULTS: dict[str, dict[str, Any]] = {
    "drop": {"drop": True},
    "hang": {"hang": True},
    "error": {"status": 502},
    "accept and drop": {"lose": True},
    "accept and hang": {"mute": True},
    "too fast": {"status": 429, "retry_after": 0.7},
    "flood": {"status": 429, "retry_after": 0.7, "everywhere": True},
}


class StormyDiscord(FakeDiscord):
    """The same; a message that it knows by its nonce is no new one."""

    def __init__(self, sky: Sky) -> None:
        super().__init__(enforce=True)
        self.sky = sky
        self.threaded: set[int] = (
            set()
        )  # channels with cards in threads: what they hold is an index
        self._drawn = Fault()

    def _fault(self, method: str, path: str) -> Fault:
        self._drawn = super()._fault(method, path)
        if method == "POST" and path.endswith(("/messages", "/threads")):
            kind = self.sky.kind(*(name for name in _FAULTS if name != "flood"))
            if kind is not None:
                self._drawn = Fault(**_FAULTS[kind])
        return self._drawn

    def _answer(self, method: str, path: str, body: Any, *more: Any) -> tuple[int, Any]:
        known = self._known_nonce(method, path, body)
        status, said = super()._answer(method, path, body, *more)
        made = method == "POST" and path.endswith(("/messages", "/threads")) and status < 300
        channel = self.backend.get_channel(int(path.split("/")[2])) if made else None
        if channel is not None and known is None and channel.id not in self.threaded:
            parent = channel.parent_id if int(channel.type) in (10, 11, 12) else None
            papers = tuple(dict.fromkeys(_ID.findall(str(body))))
            lost = self._drawn.lose or self._drawn.mute
            self.sky.show(f"d{parent or channel.id}", papers, lost=lost)
        return status, said


@dataclass
class Town:
    """A desk, its chats by what happens to them, and the time."""

    desk: Desk
    source: ScriptedSource
    sky: Sky
    telegram: StormyTelegram
    discord: StormyDiscord
    chats: dict[str, list[Channel]] = field(default_factory=lambda: defaultdict(list))
    day: int = 0
    ended: int = 0  # couriers whose token was refused
    _began: float = field(default_factory=monotonic)

    def now(self) -> datetime:
        """The day's nine o'clock, and the real seconds since it came."""
        return BEGIN + self.day * _DAY + timedelta(seconds=monotonic() - self._began)

    # Who lives there

    async def settle(self, count: int) -> None:
        """So many chats: people and groups in several layouts, some with a fate of their own."""
        guild = self.discord.add_guild("Lab")
        ada = self.telegram.person("Ada")
        me = self.telegram.bot.id
        async with self.desk.store.transaction() as tx:
            for number in range(count):
                fate = FATES.get(number % 50, "people")
                layout = Layout.PACKED if number % 5 else Layout.CARDS
                thread = None
                kind = PlaceKind.GROUP
                if fate.startswith("discord"):
                    forum = fate.endswith("forum")
                    chat = str(self.discord.add_channel(guild, f"c{number}", fate.split()[1]))
                    kind = PlaceKind.FORUM if forum else kind
                    if fate == "discord text" and number % 4 == 0:
                        layout = Layout.THREAD
                        self.discord.threaded.add(int(chat))
                elif fate in ("people", "blocks"):
                    person = self.telegram.person(f"Reader {number}")
                    self.telegram.private(person).members[me] = "member"
                    chat, kind = str(person.id), PlaceKind.PRIVATE
                elif fate == "migrates":
                    group = self.telegram.group(f"Group {number}", ada)
                    group.members[me] = "member"
                    chat = str(group.id)
                else:
                    topics = ("Papers",) if fate == "topic" else ()
                    forum_chat = self.telegram.supergroup(f"Lab {number}", ada, topics=topics)
                    forum_chat.members[me] = "member"
                    chat = str(forum_chat.id)
                    if topics:
                        thread, kind = str(next(iter(forum_chat.topics))), PlaceKind.TOPIC
                platform = "discord" if fate.startswith("discord") else "telegram"
                channel = await new_channel(
                    self.desk, tx, Address(platform, chat, thread), BEGIN - timedelta(hours=1),
                    layout=layout, kind=kind,
                )  # fmt: skip
                self.chats[fate].append(channel)

    # What happens

    async def live(self, *, deadline: float, later: Callable[[], None] = lambda: None) -> None:
        """One day: its digests open, and are carried until nothing waits; then `later` happens.

        Raises AssertionError when that takes more than so many seconds.
        """
        self._began = monotonic()
        stop = asyncio.Event()
        couriers = {name: Courier(self.desk, name, self.now) for name in self.desk.platforms}
        carrying = {name: asyncio.create_task(one.run(stop)) for name, one in couriers.items()}
        try:
            for at in (0, 2, 7, 12):  # hours: the later ones try the suspended
                self._began = monotonic() - at * 3600
                await open_round(self.desk, self.now())
                for one in couriers.values():
                    one.wake()
                await self._carried(couriers, carrying, stop, deadline)
                if at == 0:
                    later()
        finally:
            stop.set()
            await asyncio.gather(*carrying.values(), return_exceptions=True)
        self.day += 1

    async def _carried(
        self,
        couriers: dict[str, Courier],
        carrying: dict[str, asyncio.Task[None]],
        stop: asyncio.Event,
        deadline: float,
    ) -> None:
        ends = monotonic() + deadline
        while True:
            async with self.desk.store.snapshot() as tx:
                if not await tx.deliveries.any_open():
                    return
                waiting = await tx.deliveries.waiting()
            assert monotonic() < ends, f"{waiting} messages still wait: {self.sky.did}"
            for name, task in carrying.items():
                if task.done():  # as the process would end, and its keeper start it again
                    error = task.exception()
                    assert isinstance(error, Refused), error
                    self.ended += 1
                    self.telegram.token = self._token
                    couriers[name] = Courier(self.desk, name, self.now)
                    carrying[name] = asyncio.create_task(couriers[name].run(stop))
            await asyncio.sleep(0.1)

    _token = ""

    def revoke_token(self) -> None:
        """Telegram knows the token no more, until a courier ended because of it."""
        self._token, self.telegram.token = self.telegram.token, "4242:another"

    def block(self, *, status: str = "kicked") -> None:
        """Those who block the bot do so; "member": they let it in again."""
        for channel in self.chats["blocks"]:
            chat = self.telegram.chats[int(channel.address.chat)]
            chat.members[self.telegram.bot.id] = status

    def migrate(self) -> None:
        """Groups become supergroups; nobody tells the bot before it calls."""
        for channel in self.chats["migrates"]:
            group = self.telegram.chats[int(channel.address.chat)]
            self.telegram.migrate(group, next(iter(self.telegram.people.values())), order=())

    def delete_topics(self) -> None:
        """The topics that are subscribed are gone."""
        for channel in self.chats["topic"]:
            self.telegram.chats[int(channel.address.chat)].topics.clear()

    # What came of it

    def shown(self, channel: Channel) -> Counter[str]:
        """How often each paper stood in the chat, its former id included."""
        found: Counter[str] = Counter()
        for name in self.names(channel):
            for chat, papers in self.sky.said:
                if chat == name:
                    found.update(papers)
        return found

    def names(self, channel: Channel) -> list[str]:
        """What the sky calls the chat."""
        if channel.address.platform == "discord":
            return [f"d{channel.address.chat}"]
        chat = self.telegram.chats[int(channel.address.chat)]
        return [str(chat.id), *([str(chat.moved_to)] if chat.moved_to else [])]

    def lost(self, channel: Channel, paper: str) -> int:
        """How many messages with the paper were accepted without the bot's knowing."""
        return sum(self.sky.lost[name, paper] for name in self.names(channel))

    def judge(self, channel: Channel, due: Collection[str]) -> list[str]:
        """What is wrong with what the chat got, `due` being its papers."""
        shown = self.shown(channel)
        wrong = [f"{channel.address} never got {one}" for one in due if one not in shown]
        wrong += [f"{channel.address} got {one}" for one in shown if one not in due]
        text = channel.address.platform == "discord" and channel.kind is not PlaceKind.FORUM
        for one, copies in shown.items():
            allowed = 1 if text else 1 + self.lost(channel, one)
            if copies > allowed:
                wrong.append(f"{channel.address} got {one} {copies} times, {allowed} allowed")
        return wrong


# By the last two digits of a chat's number, below 50; the others are people.
FATES = {
    1: "blocks",
    2: "migrates",
    3: "topic",
    4: "group",
    5: "group",
    6: "group",
    7: "discord text",
    8: "discord text",
    9: "discord forum",
    10: "group",
    11: "discord text",
    12: "discord news",
}


@asynccontextmanager
async def town(folder: Path, chats: int, days: int, seed: int) -> AsyncIterator[Town]:
    """A town of so many chats, on the morning of the first of so many days."""
    sky = Sky(random.Random(seed))
    source = ScriptedSource()
    for day in range(days):
        listed: date = (BEGIN - _DAY + day * _DAY).date()
        for number in range(1, PAPERS + 1):
            source.show(listed, a_paper(10 * day + number))
    async with StormyTelegram(sky) as telegram, StormyDiscord(sky) as discord:
        with database("sqlite", folder) as url:
            async with (
                open_store(url) as store,
                Telegram(telegram.token, api_url=telegram.url, per_second=PER_SECOND) as one,
                Discord(discord.token or "", api_url=discord.api_url) as other,
            ):
                desk = Desk(
                    store,
                    {source.name: source},
                    {source.name: source},
                    {one.name: one, other.name: other},
                )
                made = Town(desk, source, sky, telegram, discord)
                await made.settle(chats)
                yield made
