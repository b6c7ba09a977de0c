"""The courier: at Telegram's pace, unpaced beside a bare bot, and two of which one is killed."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from time import monotonic, perf_counter, process_time, sleep
from typing import Any

from _office import TOKEN, Office, ceiling, office
from _opened import Kind, a_desk, groups, open_for, people, unbounded
from digests import NOW, list_papers

from adapters.platforms.telegram import Telegram
from adapters.platforms.telegram.connection import CONNECTIONS
from adapters.platforms.telegram.frozen import thaw
from bot.channels import Layout, Limits, Pace
from bot.courier import Courier
from bot.desk import Desk
from scripts.simulation import Simulation, World
from storage import open_store

PACE = 28.0  # messages a second that one token is to have
SUSTAINED = 27.0  # messages a second, at least
RATIO = 0.8  # of a bare loop, at least
GAP = 5.0  # seconds, at most
_ON_THE_WIRE = 8  # messages at most that a courier has in flight at Telegram's pace
_PATIENCE = 60.0  # seconds
_FAR = (0.03, 0.08)  # seconds of an answer of Telegram's own server
_NEAR = (0.02, 0.02)  # of an own Bot API server


def run(quick: bool = False) -> dict[str, Any]:
    """Three measurements against a Bot API in another process, each beside its reference."""
    figures: dict[str, Any] = {}
    bounds: list[dict[str, Any]] = []
    for measure in (_at_the_pace, _unpaced, _killed):
        more, kept = asyncio.run(measure(quick))
        figures |= more
        bounds += kept
    return {"name": "courier", "figures": figures, "bounds": bounds}


_Measured = tuple[dict[str, Any], list[dict[str, Any]]]


def _at_least(what: str, value: float, least: float) -> dict[str, Any]:
    return {"what": what, "value": value, "bound": f"at least {least:g}", "ok": value >= least}


def _at_most(what: str, value: float, most: float) -> dict[str, Any]:
    return {"what": what, "value": value, "bound": f"at most {most:g}", "ok": value <= most}


# At Telegram's pace


async def _at_the_pace(quick: bool) -> _Measured:
    """A morning of people and groups: most get one message, some ten, some groups 26 of which
    they may have 20 a minute. Beside it, at the same time, a bare bot with a smooth limiter that
    writes to people only, once to each."""
    seconds = 15.0 if quick else 60.0
    scale = 0.25 if quick else 1.0
    kinds = (
        Kind(people(0, int(1300 * scale))),
        Kind(groups(0, int(200 * scale))),
        Kind(people(10_000, int(100 * scale)), Layout.CARDS, limit=10),
        Kind(groups(10_000, int(10 * scale)), Layout.CARDS, limit=25, topics=0),
    )
    with office() as our_office, office() as bare_office:
        our_office.begin(latency=_FAR, limits=True)
        bare_office.begin(latency=_FAR, limits=True)
        async with (
            _store() as (store, url),
            Telegram(TOKEN, api_url=our_office.url) as telegram,
        ):
            desk = a_desk(store, telegram)
            await list_papers(desk)
            await open_for(desk, url, NOW, *kinds)
            simulated = await _simulated(desk, telegram.limits.pace, seconds)
            stop = asyncio.Event()
            began, spent = monotonic(), process_time()

            def clock() -> datetime:
                return NOW + timedelta(seconds=monotonic() - began)

            bare = asyncio.create_task(_limited(bare_office.url, seconds + 2))
            carrying = asyncio.create_task(Courier(desk, "telegram", clock).run(stop))
            await asyncio.sleep(seconds + 2)
            spent = process_time() - spent
            stop.set()
            await asyncio.gather(carrying, bare)
        ours, other = our_office.came(), bare_office.came()
    rate = ours.in_the_first(seconds) / seconds
    figures = {
        "paced: seconds": seconds,
        "paced: the pace itself, messages/s": PACE,
        "paced: as simulated, messages/s": simulated,
        "paced: a bare bot with a limiter, messages/s": other.in_the_first(seconds) / seconds,
        "paced: processor of both, ms a message": 1000 * spent / len(ours.times + other.times),
        "paced: a bare bot's refusals (429)": len(other.violations),
        "paced: longest gap, s": ours.longest_gap(),
    }
    return figures, [
        _at_least("paced: messages/s, sustained", rate, SUSTAINED),
        _at_most("paced: refusals (429)", len(ours.violations), 0),
    ]


async def _simulated(desk: Desk, pace: Pace, seconds: float) -> float:
    """Messages a second for the same digests in virtual time."""
    async with desk.store.snapshot() as tx:
        waiting = Counter(one.address for one in await tx.deliveries.unsettled())
    day = Simulation(World(pace, _FAR), list(waiting.items())).run()
    return sum(at - day.first < seconds for at in day.accepted) / seconds


async def _limited(url: str, seconds: float) -> None:
    """A bare bot that keeps the pace on its own: one call each 1/28 s."""
    from aiolimiter import AsyncLimiter

    limiter = AsyncLimiter(1, 1 / PACE)
    end = monotonic() + seconds
    chats = iter(people(50_000, 10_000))
    async with _bare_bot(url) as bot:

        async def send() -> None:
            while monotonic() < end:
                async with limiter:
                    await bot.send_message(next(chats).chat, "A day's papers. " * 60)

        await asyncio.gather(*(send() for _ in range(8)))


# Unpaced


class _Unbounded(Telegram):
    """Telegram as an own Bot API server or paid broadcast has it: no bounds."""

    @property
    def limits(self) -> Limits:
        return unbounded(super().limits)


async def _unpaced(quick: bool) -> _Measured:
    """Digests of one message each; ours and a bare bot's loop in turn, with the same texts, the
    same number of calls at a time and the same settings of the same HTTP client."""
    rounds, each = (3, 400) if quick else (4, 1000)
    ours: list[float] = []
    bare: list[float] = []
    own_processor: list[float] = []
    bare_processor: list[float] = []
    with office() as post:
        post.begin(latency=_NEAR)
        most = await ceiling(post.url, each, connections=CONNECTIONS, size=2000)
        async with (
            _store() as (store, url),
            _Unbounded(TOKEN, api_url=post.url) as telegram,
            _bare_bot(post.url) as bot,
        ):
            desk = a_desk(store, telegram)
            await list_papers(desk)
            for number in range(-1, rounds):  # the first one warms up
                due = NOW + timedelta(minutes=number + 2)
                count = each if number >= 0 else each // 3
                await open_for(desk, url, due, Kind(people(100_000 * (number + 1), count)))
                texts = await _texts(desk)
                assert len(texts) == count, len(texts)
                gc.collect()
                slots = 0
                for rates, processor in ((ours, own_processor), (bare, bare_processor)):
                    post.begin(latency=_NEAR)
                    began, spent = perf_counter(), process_time()
                    if rates is ours:
                        await _ours(desk, due)
                        slots = desk.pacer("telegram").slots
                    else:
                        await _bare(bot, texts, slots)
                    seconds, spent = perf_counter() - began, process_time() - spent
                    came = post.came()
                    assert came.chats == {"1": count}, came.chats
                    if number >= 0:
                        rates.append(each / seconds)
                        processor.append(1000 * spent / each)
    figures = {
        "unpaced: digests each, of one message": each,
        "unpaced: rounds": rounds,
        "unpaced: calls at a time": slots,
        "unpaced: what the fake can take, messages/s": most,
        "unpaced: a bare bot, messages/s": median(bare),
        "unpaced: the courier, messages/s": median(ours),
        "unpaced: a bare bot, processor ms a message": median(bare_processor),
        "unpaced: the courier, processor ms a message": median(own_processor),
    }
    ratio = median(ours) / median(bare)
    return figures, [_at_least("unpaced: the courier to a bare bot", ratio, RATIO)]


async def _ours(desk: Desk, due: datetime) -> None:
    carried = await Courier(desk, "telegram", lambda: due).drain()
    assert not carried.ended, carried


async def _texts(desk: Desk) -> list[dict[str, Any]]:
    """What a bare bot is to say: the same calls, with their keyboards made."""
    from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions

    found = []
    async with desk.store.snapshot() as tx:
        for one in await tx.deliveries.unsettled():
            call = thaw((await tx.deliveries.body(one.id))[0])
            words = dict(call.params)
            words["link_preview_options"] = LinkPreviewOptions(**words["link_preview_options"])
            if call.buttons:
                rows = [
                    [InlineKeyboardButton(b.label, callback_data=b.action) for b in row]
                    for row in call.buttons
                ]
                words["reply_markup"] = InlineKeyboardMarkup(rows)
            found.append({"chat_id": one.address.chat, **words})
    return found


async def _bare(bot: Any, texts: Sequence[dict[str, Any]], slots: int) -> None:
    """The loop that one writes first: so many at a time, nothing is remembered."""
    waiting = iter(texts)

    async def send() -> None:
        for words in waiting:
            await bot.send_message(**words)

    await asyncio.gather(*(send() for _ in range(slots)))


@asynccontextmanager
async def _bare_bot(url: str) -> AsyncIterator[Any]:
    """python-telegram-bot with the time limits and connections that ours has."""
    from telegram import Bot
    from telegram.request import HTTPXRequest

    from adapters.platforms.telegram import connection

    request = HTTPXRequest(
        connection_pool_size=connection.CONNECTIONS,
        read_timeout=connection.READ_TIMEOUT,
        write_timeout=connection.READ_TIMEOUT,
        connect_timeout=connection.CONNECT_TIMEOUT,
        pool_timeout=connection.POOL_TIMEOUT,
    )
    async with Bot(TOKEN, base_url=f"{url}/bot", request=request) as bot:
        yield bot


@asynccontextmanager
async def _store() -> AsyncIterator[tuple[Any, str]]:
    """A SQLite file of its own, as the bot has it; and SQLAlchemy's URL of it."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.sqlite3'}"
        async with open_store(url) as store:
            yield store, url


# Two couriers, one killed


async def _killed(quick: bool) -> _Measured:
    """`paperboy run --role courier` twice on PostgreSQL: first nobody is killed, then the one that
    sends, half-way, by SIGKILL. What it had on the wire is left out: it comes when leases end."""
    from tests.wires.postgres import database

    each = 200 if quick else 300
    gaps: list[float] = []
    with office() as post, database() as plain:
        url = plain.replace("postgresql://", "postgresql+psycopg://", 1)
        async with open_store(plain) as store, Telegram("0:never") as telegram:
            desk = a_desk(store, telegram)
            await list_papers(desk)
            for number, kill in enumerate((False, True)):
                await open_for(desk, url, NOW, Kind(people(100_000 * number, each)))
                post.begin(latency=_FAR, limits=True)
                gaps.append(await asyncio.to_thread(_longest_gap, plain, post, each, kill))
    figures = {
        "killed: digests each": each,
        "killed: longest gap without a kill, s": gaps[0],
    }
    return figures, [_at_most("killed: longest gap, s", gaps[1], GAP)]


def _longest_gap(database: str, post: Office, number: int, kill: bool) -> float:
    """Seconds without a message, of `number` that are open, carried by two processes."""
    with ExitStack() as stack:
        couriers = {
            name: stack.enter_context(_courier(database, post.url + name)) for name in ("/a", "/b")
        }
        most = number - _ON_THE_WIRE
        _wait(lambda: len(post.came().times) >= number // 2)
        killed = post.came().last if kill else None
        if killed is not None:
            couriers[killed].kill()
        _wait(lambda: len(post.came().times) >= most)
        assert post.came().last != killed
    return post.came().longest_gap(most)


def _wait(ready: Callable[[], bool]) -> None:
    end = monotonic() + _PATIENCE
    while not ready():
        assert monotonic() < end, "it does not go on"
        sleep(0.05)


@contextmanager
def _courier(database: str, url: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that sends when it has the right to, until the end."""
    with tempfile.TemporaryDirectory() as home:
        named = {
            "PAPERBOY_HOME": home,
            "PAPERBOY_MONITOR": "off",
            "PAPERBOY_DATABASE_URL": database,
            "PAPERBOY_TELEGRAM_TOKEN": TOKEN,
            "PAPERBOY_TELEGRAM_API_URL": url,
            "PAPERBOY_NOW": NOW.isoformat(),
        }
        outside = {key: value for key, value in os.environ.items() if key[:9] != "PAPERBOY_"}
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run", "--role", "courier"],
            env={**outside, **named},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()
