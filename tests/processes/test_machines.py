"""Many `paperboy run` on one PostgreSQL: any of them may die, and the bot goes on."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bot.channels import Address, Channel
from storage import open_store
from tests.processes.conftest import (
    GTR,
    MORNING,
    NINE,
    SPATIA,
    TOPICS,
    Group,
    Running,
    Stage,
    stage_of,
)
from tests.wires import postgres
from tests.wires.databases import database

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

LONG = 60.0  # seconds: what is waited for takes a few, but the machine may be busy
MANY = 1200  # channels: more than one batch


@pytest.fixture
def url(tmp_path: Path, stage: Stage) -> Iterator[str]:
    """A database on a server, which is that of every process."""
    with database("postgresql", tmp_path) as found:
        stage.surroundings["PAPERBOY_DATABASE_URL"] = found
        yield found


class Places:
    """A group and a channel of Discord that follow the same topics."""

    def __init__(self, stage: Stage, bot: Running) -> None:
        self.stage, self.bot = stage, bot
        self.group = Group(stage, bot, LONG)
        self.channel = stage.discord.add_channel(guild := stage.discord.add_guild("Lab"))
        self.eva = stage.discord.add_member(guild, "Eva", manages=True)
        self.said = self.posted = 0

    async def subscribe(self) -> None:
        self.stage.telegram.set_bot(self.group.chat, self.group.ada, "member")
        await self.group.ask(f"/subscribe@paperboy_sandbox_bot {TOPICS}", "Subscribed to", GTR)
        await self._slash("subscribe", topics=TOPICS)
        self.said = len(self.group.chat.spoken)
        self.posted = len(self.stage.discord.read(self.channel))

    async def answered_by(self, bot: Running) -> None:
        """Both answer a command, which this process does, for it listens."""
        self.bot = self.group.bot = bot
        await self.group.ask("/help@paperboy_sandbox_bot", "/subscribe")
        assert "/subscribe" in (await self._slash("help")).text

    async def digests(self) -> None:
        """Until both have theirs; each paper came once."""
        await self.stage.of(
            self.bot,
            self.stage.telegram.until(lambda: GTR in self.told() and SPATIA in self.told(), LONG),
            self.stage.discord.until(lambda: GTR in self.read() and SPATIA in self.read(), LONG),
        )
        assert [self.told().count(SPATIA), self.told().count(GTR)] == [1, 1]
        assert [self.read().count(SPATIA), self.read().count(GTR)] == [1, 1]

    def told(self) -> str:
        return "".join(one.text for one in self.group.chat.spoken[self.said :])

    def read(self) -> str:
        return self.stage.discord.read(self.channel)[self.posted :]

    async def _slash(self, command: str, **options: Any) -> Any:
        discord = self.stage.discord
        return await stage_of(
            self.stage, self.bot, discord.slash(self.eva, self.channel, command, **options)
        )


@pytest.mark.kill
async def test_of_two_that_do_everything_the_second_takes_over_when_the_first_is_killed(
    stage: Stage, url: str
) -> None:
    discord = stage.discord
    async with stage.bot(MORNING) as first:
        places = Places(stage, first)
        await stage.listening(first, LONG)
        await places.subscribe()
        async with stage.bot(NINE) as second:
            await second.said("running [bot.cli.run]")
            for right in ("bell", "chat:telegram", "courier:telegram", "courier:discord"):
                await second.said(f"waiting as a standby: fence={right}")
            async with stage.bot(NINE, command="once") as once:
                assert await once.ended(LONG) == 3
                assert "sends the digests of" in once.log
            await places.answered_by(first)
            assert discord.gateway.identified == 1  # nobody else listens
            assert (first.process.returncode, second.process.returncode) == (None, None)

            first.process.kill()
            await first.process.wait()
            await stage.of(second, discord.until(lambda: discord.gateway.identified == 2, LONG))
            await places.answered_by(second)
            await places.digests()
            assert await second.stopped() == 0
            for bot in (first, second):
                assert "Traceback" not in bot.log
    assert "\n".join(stage.problems()) == ""


@pytest.mark.kill
async def test_three_with_a_role_each_are_one_bot_also_when_their_connections_break(
    stage: Stage, url: str
) -> None:
    async with (
        stage.bot(NINE, role="worker") as worker,
        stage.bot(NINE, role="courier") as courier,
        stage.bot(MORNING, role="chat") as chat,
    ):
        places = Places(stage, chat)
        await stage.listening(chat, LONG)
        for bot in (worker, courier):
            await bot.said("running [bot.cli.run]")
        await places.subscribe()
        await _break_connections(stage, url, chat)
        await places.digests()
        await _break_connections(stage, url, chat)
        await places.answered_by(chat)
        for bot in (worker, courier, chat):
            assert await bot.stopped() == 0
            assert "Traceback" not in bot.log
    assert "\n".join(stage.problems()) == ""


async def _break_connections(stage: Stage, url: str, chat: Running) -> None:
    """Break all connections to the database, until it listens again."""
    polls = len(stage.telegram.made("getUpdates"))
    sessions = stage.discord.gateway.identified
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    await stage.of(
        chat,
        stage.telegram.until(lambda: len(stage.telegram.made("getUpdates")) > polls, LONG),
        stage.discord.until(lambda: stage.discord.gateway.identified > sessions, LONG),
    )


@pytest.mark.kill
async def test_asked_to_stop_it_waits_for_the_message_on_its_way_and_nobody_sends_it_again(
    stage: Stage, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = {"PAPERBOY_DISCORD_TOKEN": None}
    arrived, answer = asyncio.Event(), asyncio.Event()

    async def held_up(call: Any, writer: Any) -> bool:
        if call.method.lower() == "sendmessage" and GTR in str(call.params):
            arrived.set()
            await answer.wait()
        return False

    async with stage.bot(MORNING, alone) as first:
        group = Group(stage, first, LONG)
        stage.telegram.set_bot(group.chat, group.ada, "member")
        await group.ask(f"/subscribe@paperboy_sandbox_bot {TOPICS}", "Subscribed to", GTR)
        assert await first.stopped() == 0
    said = len(group.chat.spoken)
    monkeypatch.setattr(stage.telegram, "after", held_up)
    async with stage.bot(NINE, alone, role="all") as one, stage.bot(NINE, alone) as two:
        async with asyncio.timeout(LONG):
            await arrived.wait()
        one, two = await _sender_and_standby(one, two)
        one.process.send_signal(signal.SIGTERM)
        await one.said("stopping; what is under way may end")
        answer.set()
        assert await one.ended(LONG) == 0
        async with open_store(url) as store, store.snapshot() as tx:
            assert not await tx.deliveries.any_open()  # the answer was waited for and written
        await two.said("took over: fence=courier:telegram")
        group.bot = two
        await group.ask("/help@paperboy_sandbox_bot", "/subscribe")
        posted = "".join(message.text for message in group.chat.spoken[said:])
        assert [posted.count(SPATIA), posted.count(GTR)] == [1, 1]
        assert await two.stopped() == 0


async def _sender_and_standby(one: Running, two: Running) -> tuple[Running, Running]:
    """Which of both has the right to send."""
    waits = {
        asyncio.create_task(bot.said("waiting as a standby: fence=courier:telegram")): bot
        for bot in (one, two)
    }
    done, running = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for task in running:
        task.cancel()
    await asyncio.wait(running)
    standby = waits[done.pop()]
    return (two, one) if standby is one else (one, two)


@pytest.mark.nightly
async def test_a_server_that_is_away_for_a_while_is_waited_for(stage: Stage) -> None:
    with postgres.own_server() as server:
        stage.surroundings["PAPERBOY_DATABASE_URL"] = server.url
        async with stage.bot(MORNING) as first:
            places = Places(stage, first)
            await stage.listening(first, LONG)
            await places.subscribe()
            async with stage.bot(NINE) as second:
                await second.said("waiting as a standby: fence=bell")
                sessions = stage.discord.gateway.identified
                await asyncio.to_thread(server.stop)
                await asyncio.sleep(8)  # longer than any pause between two tries
                await asyncio.to_thread(server.start)
                again = stage.discord.until(
                    lambda: stage.discord.gateway.identified > sessions, LONG
                )
                await stage.of(first, again)
                await places.answered_by(first)
                assert await first.stopped() == 0
                places.bot = places.group.bot = second
                await places.digests()
                await places.answered_by(second)
                assert await second.stopped() == 0
            for bot in (first, second):
                assert "Traceback" not in bot.log
    assert "\n".join(stage.problems()) == ""


@pytest.mark.kill
async def test_many_digests_are_opened_by_two_workers_once_each(stage: Stage, url: str) -> None:
    due = datetime(2025, 12, 27, 9, tzinfo=UTC)
    since = datetime(2025, 12, 26, tzinfo=UTC)
    async with open_store(url) as store:
        async with store.transaction() as tx:
            for number in range(MANY):
                await tx.channels.add(
                    Channel(
                        Address("console", f"lab-{number}"),
                        "UTC",
                        "en",
                        since,
                        hour=time(9),
                        next_due=due,
                    )
                )
        async with (
            stage.bot(NINE, role="worker") as first,
            stage.bot(NINE, role="worker") as second,
        ):
            async with asyncio.timeout(LONG):
                while await _due(store, due):  # noqa: ASYNC110 - other processes write
                    await asyncio.sleep(0.2)
            for bot in (first, second):
                assert await bot.stopped() == 0
                assert "Traceback" not in bot.log
        async with store.snapshot() as tx:
            channels = await tx.channels.all()
            digests = await tx.digests.last([one.id for one in channels])
            open_now = await tx.deliveries.unsettled()
    assert len(digests) == MANY
    assert len({one.digest_id for one in open_now}) == MANY
    shown = sorted(paper for one in open_now for paper in one.papers if one.channel_id == 1)
    assert len(shown) == len(set(shown)) == 7


async def _due(store: Any, due: datetime) -> bool:
    async with store.snapshot() as tx:
        nearest = await tx.channels.next_due()
    return bool(nearest is not None and nearest <= due)
