"""Who lives in a soak: chats on both platforms in all colours, and fakes that write down."""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from time import monotonic
from typing import Any

from adapters.platforms.telegram.sandbox import Call
from adapters.sources.huggingface import HuggingFace
from bot.channels import Address, Channel, Empty, Follow, Layout, PlaceKind, Topic, When
from bot.desk import Desk
from bot.digest.subscription import new_channel
from bot.errors import Usage
from scripts.soaking.press import SUBJECTS
from scripts.soaking.storm import Storm
from storage import open_store
from tests.wires.discordian.people import FakeDiscord, Member
from tests.wires.discordian.server import Fault
from tests.wires.telegram import FakeTelegram, Trouble

ZONES = (
    *("UTC", "Asia/Seoul", "Europe/Berlin", "America/New_York", "America/Los_Angeles"),
    *("Asia/Shanghai", "Asia/Kolkata", "Australia/Lord_Howe", "America/Santiago"),
)
_WEEKDAYS = (frozenset(range(7)), frozenset(range(5)), frozenset({0, 3}), frozenset({6}))
_KINDS = {"text": PlaceKind.GROUP, "news": PlaceKind.BROADCAST, "forum": PlaceKind.FORUM}
_ID = re.compile(r"(?<![\d.])2\d{3}\.1\d{4}(?!\d)")


@dataclass
class Record:
    """What arrived in each chat: papers of messages that are no answer, and lost answers."""

    said: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    lost: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    messages: int = 0

    def add(self, chat: str, words: str, *, lost: bool) -> None:
        """A message stands in the chat."""
        self.messages += 1
        papers = set(_ID.findall(words))
        self.said[chat].update(papers)
        if lost:
            self.lost[chat].update(papers)


class SoakTelegram(FakeTelegram):
    """In the storm; records."""

    def __init__(self, storm: Storm, record: Record) -> None:
        super().__init__()
        self.storm, self.record = storm, record
        self._conflict = 0.0  # monotonic

    async def conflict(self, seconds: float) -> None:
        """For so long somebody else polls with the token."""
        self._conflict = monotonic() + seconds

    async def meddle(self, call: Call, writer: asyncio.StreamWriter) -> bool:
        if call.method == "getUpdates" and monotonic() < self._conflict:
            await asyncio.sleep(0.1)
            self.troubles[call.method].append(Trouble(409, "Conflict: terminated by other"))
        elif (trouble := self.storm.telegram(call.method)) is not None:
            self.troubles[call.method].append(trouble)
        return await super().meddle(call, writer)

    async def after(self, call: Call, writer: asyncio.StreamWriter) -> bool:
        if call.method == "sendMessage":
            chat, lost = str(call.params["chat_id"]), id(call) in self._held
            self.record.add(chat, str(call.params["text"]), lost=lost)
        return await super().after(call, writer)


class SoakDiscord(FakeDiscord):
    """The same; a message that it knows by its nonce is no new one."""

    def __init__(self, storm: Storm, record: Record) -> None:
        super().__init__()
        self.storm, self.record = storm, record
        self._drawn = Fault()

    def _fault(self, method: str, path: str) -> Fault:
        self._drawn = super()._fault(method, path)
        own = path.startswith(("/gateway", "/applications", "/users"))
        if not own and (drawn := self.storm.discord(method)) is not None:
            self._drawn = Fault(**drawn)
        return self._drawn

    def _answer(self, method: str, path: str, body: Any, *more: Any) -> tuple[int, Any]:
        known = self._known_nonce(method, path, body)
        status, said = super()._answer(method, path, body, *more)
        made = method == "POST" and path.endswith(("/messages", "/threads")) and status < 300
        if made and known is None and path.startswith("/channels/"):
            channel = self.backend.get_channel(int(path.split("/")[2]))
            thread = int(channel.type) in (10, 11, 12)
            if "/messages/" not in path:  # a thread that is opened on a message is none
                chat = f"{channel.parent_id if thread else channel.id}"
                # The index of a thread names what stands in the thread: it is counted apart.
                place = chat if thread or path.endswith("/threads") else f"{chat} itself"
                lost = self._drawn.lose or self._drawn.mute
                self.record.add(place, str(body), lost=lost)
        return status, said


@dataclass
class Home:
    """One chat, and who lives there."""

    channel: Channel
    quiet: bool  # nobody talks there: what arrives is digests alone
    fate: str  # people, group, topic, moves, comes and goes, discord text …
    chat: Any = None  # Telegram's
    person: Any = None  # Telegram's or Discord's
    place: int = 0  # Discord's channel
    guild: int = 0

    @property
    def address(self) -> Address:
        return self.channel.address


@dataclass
class Town:
    """All of them."""

    storm: Storm
    record: Record
    telegram: SoakTelegram
    discord: SoakDiscord
    homes: list[Home] = field(default_factory=list)

    async def settle(self, database: str, count: int, seed: int, now: datetime) -> None:
        """So many chats, subscribed before the bot begins."""
        dice = random.Random(f"{seed} town")
        source = HuggingFace()
        async with open_store(database) as store:
            desk = Desk(store, {source.name: source}, {source.name: source})
            guilds: list[int] = []
            for number in range(count):
                home = self._home(number, guilds)
                for _ in range(20):
                    try:
                        async with store.transaction() as tx:
                            words = _choices(dice, home)
                            topics = words.pop("topics")
                            home.channel = await new_channel(desk, tx, home.address, now, **words)
                            for text in topics:
                                await tx.topics.add(
                                    Topic(text, channel_id=home.channel.id, created=now)
                                )
                        break
                    except Usage:  # an hour inside the quiet hours: other ones
                        continue
                self.homes.append(home)

    def _home(self, number: int, guilds: list[int]) -> Home:
        fate = FATES[number % len(FATES)]
        quiet = (number // len(FATES)) % 2 == 0 and fate not in ("moves", "comes and goes")
        me = self.telegram.bot.id
        if fate.startswith("discord"):
            if len(guilds) * 12 <= len([one for one in self.homes if one.place]):
                guilds.append(self.discord.add_guild(f"Lab {len(guilds)}"))
            kind = fate.split()[1]
            who = self.discord.add_member(guilds[-1], f"Bob {number}", manages=True)
            if kind == "private":
                place = self.discord.private_chat(Member(who.id, None))
                who = Member(who.id, None)
                where = PlaceKind.PRIVATE
            else:
                place = self.discord.add_channel(guilds[-1], f"papers-{number}", kind)
                where = _KINDS[kind]
            address = Address("discord", str(place))
            return Home(
                _blank(address, where), quiet, fate, person=who, place=place, guild=guilds[-1]
            )
        ada = self.telegram.person(f"Ada {number}")
        where, thread = PlaceKind.GROUP, None
        if fate in ("people", "comes and goes"):
            chat, where = self.telegram.private(ada), PlaceKind.PRIVATE
        elif fate == "moves":
            chat = self.telegram.group(f"Group {number}", ada)
        else:
            topics = ("Papers",) if fate == "topic" else ()
            chat = self.telegram.supergroup(f"Lab {number}", ada, topics=topics)
            if topics:
                where, thread = PlaceKind.TOPIC, str(next(iter(chat.topics)))
        chat.members[me] = "member"
        address = Address("telegram", str(chat.id), thread)
        return Home(_blank(address, where), quiet, fate, chat=chat, person=ada)

    def forget(self) -> None:
        """What the fakes need no more, so that they do not grow either."""
        self.telegram.calls.clear()
        self.telegram.taps.clear()
        self.discord.calls.clear()
        for chat in self.telegram.chats.values():
            del chat.spoken[:-20]


def _blank(address: Address, kind: PlaceKind) -> Channel:
    return Channel(address, "UTC", "en", datetime(2000, 1, 1, tzinfo=UTC), kind=kind)


# In turn; the more often one stands here the more of them there are.
FATES = (
    *("people", "group", "discord text", "people", "people", "topic", "discord forum"),
    *("people", "comes and goes", "discord text", "moves", "people", "discord news"),
    *("group", "people", "discord private"),
)


def _choices(dice: random.Random, home: Home) -> dict[str, Any]:
    kind = home.channel.kind
    layouts = [Layout.PACKED, Layout.PACKED, Layout.CARDS, Layout.COMPACT]
    if home.fate in ("discord text", "discord news"):
        layouts.append(Layout.THREAD)
    chosen: dict[str, Any] = {
        "kind": kind,
        "zone": dice.choice(ZONES),
        "language": dice.choice(("en", "zh", "ko")),
        "hour": time(dice.randrange(24), dice.choice((0, 15, 30, 45))),
        "days": dice.choice((_WEEKDAYS[0], _WEEKDAYS[0], *_WEEKDAYS)),
        "layout": dice.choice(layouts),
        "limit": 50 if home.quiet else dice.choice((3, 10, 20)),
        "when": dice.choice(list(When)),
        "empty": dice.choice(list(Empty)),
        "topics": [],
    }
    if home.quiet and dice.random() < 0.2:
        chosen["quiet_from"], chosen["quiet_to"] = time(23), time(7)
    if not home.quiet and dice.random() < 0.6:
        chosen["topics"] = dice.sample(SUBJECTS, dice.randint(1, 4))
    elif dice.random() < 0.3:
        chosen["follow"] = dice.choice(list(Follow))
    return chosen
