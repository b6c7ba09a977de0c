"""One soak from its first simulated day to its verdict."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import storage
from scripts.soaking import arrivals, books
from scripts.soaking.bot import Bot, Died
from scripts.soaking.clock import Clock
from scripts.soaking.judge import Verdict, judge
from scripts.soaking.people import People
from scripts.soaking.press import Press
from scripts.soaking.samples import Sample
from scripts.soaking.storm import Storm
from scripts.soaking.town import Record, SoakDiscord, SoakTelegram, Town
from tests.wires.llm.server import FakeModel

BEGIN = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday; clocks change in the weeks that follow
_REST = 30.0  # seconds in which the bot comes to rest
_LATE = 1800.0  # simulated seconds by which a digest may be late before the clock waits
_ADMIN = 4711


@dataclass(frozen=True)
class Plan:
    """What is to be done."""

    weeks: float = 3.0  # each third of it holds every weekday
    speed: float = 1000.0
    chats: int = 96
    acts: int = 150  # of people, a simulated day
    seed: int = 1
    samples: int = 30
    model: bool = True
    storm: bool = True
    plant: str | None = None  # a leak that is to be found


@dataclass
class Outcome:
    """What came of it."""

    plan: Plan
    samples: list[Sample] = field(default_factory=list)
    verdict: Verdict = field(default_factory=Verdict)
    days: float = 0.0  # simulated
    seconds: float = 0.0  # real
    messages: int = 0
    states: dict[str, int] = field(default_factory=dict)
    troubles: Counter[str] = field(default_factory=Counter)
    acts: Counter[str] = field(default_factory=Counter)
    logged: Counter[str] = field(default_factory=Counter)  # warnings and errors of the bot
    scraped: int = 0  # answers to who watches
    restless: int = 0  # samples before which it did not come to rest in time

    @property
    def speed(self) -> float:
        """Simulated seconds of a real one, the pauses for samples included."""
        return self.days * 86_400 / self.seconds if self.seconds else 0.0


class _Model(FakeModel):
    """In the storm."""

    def __init__(self, storm: Storm) -> None:
        super().__init__()
        self._storm = storm

    def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super()._greet(reader, writer)

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        if not self.script and (behaviour := self._storm.model()) is not None:
            self.script.append(behaviour)
        return await super()._one(reader, writer)


@dataclass
class Soak:
    """A plan that is carried out in a folder. `say` is told how it goes on."""

    plan: Plan
    folder: Path
    say: Callable[[str], None] = lambda said: None

    async def run(self) -> Outcome:
        """Raises nothing: a bot that ended is told of in the verdict."""
        plan = self.plan
        self.outcome = Outcome(plan)
        self.clock = Clock(BEGIN)
        self.end = BEGIN + timedelta(weeks=plan.weeks)
        self.monitor = _free_port()
        self.file = self.folder / "paperboy.sqlite3"
        self.storm = Storm(plan.seed, self.clock, BEGIN, self.end, self.file)
        self.press = Press(plan.seed, self.clock, self.storm.source)
        record = Record()
        await storage.upgrade(self.database)
        began = monotonic()
        async with AsyncExitStack() as stack:
            telegram = await stack.enter_async_context(SoakTelegram(self.storm, record))
            discord = await stack.enter_async_context(SoakDiscord(self.storm, record))
            await stack.enter_async_context(self.press)
            self.model = await stack.enter_async_context(_Model(self.storm))
            self.town = Town(self.storm, record, telegram, discord)
            operator = telegram.private(telegram.person("Operator", id=_ADMIN))
            operator.members[telegram.bot.id] = "member"
            await self.town.settle(self.database, plan.chats, plan.seed, BEGIN)
            self.people = People(self.town, self.press, self.clock, plan.seed, plan.acts)
            self.bot = Bot(self.clock, self._surroundings(), self.folder / "bot.log", plan.plant)
            began = monotonic()
            try:
                async with self.bot, self._alive(telegram, discord):
                    await self._weeks()
            except Died as error:
                self.outcome.verdict.wrong.append(str(error))
        self.outcome.seconds = monotonic() - began
        self.outcome.days = (self.clock() - BEGIN) / timedelta(days=1)
        self._conclude()
        return self.outcome

    @property
    def database(self) -> str:
        return f"sqlite:///{self.file}"

    async def _scrape(self) -> None:
        """Ask for the bot's figures again and again, as a Prometheus does."""
        asked = b"GET /metrics HTTP/1.1\r\nHost: soak\r\nConnection: close\r\n\r\n"
        while True:
            await asyncio.sleep(0.5)
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(5):
                    reader, writer = await asyncio.open_connection("127.0.0.1", self.monitor)
                    writer.write(asked)
                    self.outcome.scraped += b" 200 " in (await reader.read())[:40]
                    writer.close()

    def _surroundings(self) -> dict[str, str]:
        telegram, discord = self.town.telegram, self.town.discord
        found = {
            **{name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ},
            "HOME": str(self.folder),
            "TMPDIR": str(self.folder),
            "MALLOC_ARENA_MAX": "2",  # as in the image and in the unit of systemd
            "PAPERBOY_HOME": str(self.folder),
            "PAPERBOY_DATABASE_URL": self.database,
            "HF_ENDPOINT": self.press.url,
            "PAPERBOY_ARXIV_URL": self.press.url,
            "PAPERBOY_ARXIV_CATEGORIES": "cs.CV,cs.CL",
            "PAPERBOY_TELEGRAM_TOKEN": telegram.token,
            "PAPERBOY_TELEGRAM_API_URL": telegram.url,
            "PAPERBOY_DISCORD_TOKEN": discord.token or "",
            "PAPERBOY_DISCORD_API_URL": discord.api_url,
            "PAPERBOY_ADMINS": f"telegram:{_ADMIN}",
            "PAPERBOY_ACCESS": "open",
            "PAPERBOY_MONITOR": f"127.0.0.1:{self.monitor}",
            "PAPERBOY_KEEP_MESSAGES_DAYS": "14",
        }
        if self.plan.model:
            found |= {
                "PAPERBOY_LLM_MODEL": "fake",
                "OPENAI_BASE_URL": self.model.url,
                "OPENAI_API_KEY": "sk-fake",
                "PAPERBOY_PERSON_DAILY_TOKENS": "200000",
            }
        return found

    @asynccontextmanager
    async def _alive(self, telegram: SoakTelegram, discord: SoakDiscord) -> AsyncIterator[None]:
        living = [
            asyncio.create_task(self.people.live(), name="people"),
            asyncio.create_task(self._scrape(), name="scraper"),
            asyncio.create_task(
                self.storm.blow(telegram, discord, self.bot.tell_clock), name="storm"
            ),
        ]
        try:
            yield
            for task in living:
                if task.done():
                    task.result()
        finally:
            for task in living:
                task.cancel()
            await asyncio.gather(*living, return_exceptions=True)

    # The days

    async def _weeks(self) -> None:
        each = (self.end - BEGIN) / self.plan.samples
        calm = min(timedelta(days=1, hours=12), (self.end - BEGIN) / 6)
        for number in range(1, self.plan.samples + 1):
            until = BEGIN + number * each
            peaceful = until > self.end - calm  # the last day is calm: everything can end well
            self.storm.on = self.plan.storm and not peaceful
            self.people.going = not peaceful
            if peaceful:
                self.people.all_back()
            await self._go_until(until)
            await self._sample()
        await self._end_well()

    async def _end_well(self) -> None:
        """What was put back for a moment just before the end may still go."""
        self.storm.on, self.people.going = False, False
        await self._go(100)
        ends = monotonic() + _REST
        while monotonic() < ends and books.open_deliveries(self.file):  # noqa: ASYNC110
            await asyncio.sleep(0.2)  # a database sets no event
        await self._go(0)

    async def _go_until(self, until: datetime) -> None:
        """At the speed that the machine can keep: nothing may be late because of it."""
        looked = monotonic()
        await self._go(self.plan.speed)
        while self.clock() < until:
            await asyncio.sleep(0.05)
            if not self.bot.lives:
                await self.bot.sample()  # says what happened
            if monotonic() - looked > 0.5:
                looked = monotonic()
                if books.late(self.file, self.clock()) > _LATE:
                    await self._go(0)
                    ends = looked + _REST
                    while monotonic() < ends and self._is_late():  # noqa: ASYNC110
                        await asyncio.sleep(0.1)  # a database sets no event
                    looked = monotonic()
                    await self._go(self.plan.speed)
        await self._go(0)

    def _is_late(self) -> bool:
        return books.late(self.file, self.clock()) > 0 and self.bot.lives

    async def _go(self, speed: float) -> None:
        self.clock.go(speed)
        await self.bot.tell_clock()

    async def _sample(self) -> None:
        stormy, self.storm.on = self.storm.on, False
        going, self.people.going = self.people.going, False
        rested = await self._rest()
        self.outcome.restless += not rested
        told = await self.bot.sample()
        day = (self.clock() - BEGIN) / timedelta(days=1)
        sample = Sample.of(
            {"day": day, **told}, rows=books.rows(self.file), wrong=books.wrong(self.file)
        )
        self.outcome.samples.append(sample)
        with (self.folder / "samples.jsonl").open("a") as kept:
            kept.write(json.dumps(asdict(sample)) + "\n")
        self.town.forget()
        self.press.asked.clear()
        self.model.calls.clear()
        self.storm.on, self.people.going = stormy, going
        self.say(
            f"day {day:5.1f}  {sample.memory / 1e6:6.1f} MB  {sum(sample.tasks.values())} tasks  "
            f"{sum(sample.handles.values())} handles  {sum(sample.threads.values())} threads  "
            f"{sample.rows['deliveries']} deliveries"
            + ("" if rested else "  (not at rest)")
            + (f"  wrong: {dict(sample.wrong)}" if sample.wrong else "")
        )

    async def _rest(self) -> bool:
        """Wait until nothing is under way; gives whether that came to be."""
        ends, calm = monotonic() + _REST, 0
        while monotonic() < ends:
            await asyncio.sleep(0.25)
            calm = calm + 1 if books.at_rest(self.file, self.clock()) else 0
            if calm >= 6:  # calls of people, edits and connections end too
                return True
        return False

    # The end

    def _conclude(self) -> None:
        found = self.outcome
        died = list(found.verdict.wrong)
        found.verdict = judge(found.samples)
        found.verdict.wrong = [*died, *found.verdict.wrong]
        found.messages = self.town.record.messages
        found.troubles, found.acts = self.storm.did, self.people.did
        found.states = books.states(self.file)
        if not died:
            wrong = arrivals.judge(
                self.town, self.press, books.shown(self.file), BEGIN, self.clock()
            )
            wrong += [f"open at the end: {one}" for one in books.open_deliveries(self.file)]
            wrong += [f"refused: {one}" for one in books.refused(self.file)]
            found.verdict.wrong += wrong[:20]
            if len(wrong) > 20:
                found.verdict.wrong.append(f"and {len(wrong) - 20} more of these")
            if self.bot.code not in (0, None):
                found.verdict.wrong.append(f"the bot's exit code was {self.bot.code}")
        found.logged = logged(self.bot.log)
        faults = sum(n for said, n in found.logged.items() if "Traceback" in said)
        if faults:
            found.verdict.wrong.append(f"{faults} tracebacks in the bot's log ({self.bot.log})")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def logged(log: Path) -> Counter[str]:
    """Warnings, errors and tracebacks in a log, without their numbers."""
    found: Counter[str] = Counter()
    for line in log.read_text(errors="replace").splitlines():
        if line.startswith("Traceback"):
            found["Traceback"] += 1
        elif match := re.match(r"\S+ (warning|error) +(.*)", line):
            found[f"{match[1]} {re.sub(r'[0-9]+', '#', match[2])[:90]}"] += 1
    return found
