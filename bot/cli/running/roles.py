"""What a process does in its role, as tasks that work side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.cli.fence import SENDING, on_server
from bot.cli.running import Role
from bot.cli.running.fenced import Work, fenced
from bot.errors import SetUpWrong
from bot.health import BELL, CHAT, Pulse

if TYPE_CHECKING:
    from bot.courier import Courier
    from bot.desk import Desk
    from bot.ports import Fence, Jobs
    from bot.settings import Settings

GRACE = 20.0  # seconds for what is under way to end: no call to a platform takes longer
_JOBS = "jobs"
_READING = "reading"
_LOOP = "loop"


def check(role: Role, settings: Settings) -> None:
    """Raises SetUpWrong for a role that this database has no room for."""
    if not on_server(settings) and role is not Role.ALL:
        raise SetUpWrong(
            f"--role {role} needs PostgreSQL, for one process alone works with a SQLite file: "
            "leave --role away, or set PAPERBOY_DATABASE_URL=postgresql://…"
        )


class Shift:
    """The tasks of one process."""

    def __init__(
        self,
        desk: Desk,
        role: Role,
        clock: Callable[[], datetime],
        stop: asyncio.Event,
        *,
        many: bool,
        jobs: Jobs | None,
        pulse: Pulse | None = None,
    ) -> None:
        """`many`: other processes may work with the same database. `jobs`: None where digests
        are opened in this one. `pulse` is told what is at work."""
        self._desk = desk
        self._role = role
        self._clock = clock
        self._stop = stop
        self._many = many
        self._jobs = jobs
        self._pulse = pulse or Pulse()
        self._couriers: dict[str, Courier] = {}
        self._does: dict[str, set[str]] = {}  # platform: what of its token's work is done here

    def works(self) -> dict[str, Coroutine[Any, Any, object]]:
        """The tasks by name."""
        found: dict[str, Coroutine[Any, Any, object]] = {}
        if self._has(Role.WORKER):
            found[BELL] = self._alone(BELL, self._ring, GRACE)
            if self._jobs is not None:
                found[_JOBS] = self._work(self._jobs)
            if self._desk.room is not None:
                found[_READING] = self._alone(_READING, self._read, GRACE)
        if self._has(Role.COURIER):
            for name in self._desk.platforms:
                found[SENDING + name] = self._alone(SENDING + name, self._carry(name), GRACE)
        if self._has(Role.CHAT):
            for name in self.listening():
                found[CHAT + name] = self._alone(CHAT + name, self._listen(name), 0.0)
        self._pulse.works.update(dict.fromkeys(found, False))
        found[_LOOP] = self._pulse.feel(self._stop)
        return found

    @staticmethod
    def gently(names: Iterable[str]) -> set[str]:
        """Those of the tasks that watch the stop themselves, and end when they may."""
        return {name for name in names if name in (BELL, _READING) or name.startswith(SENDING)}

    def listening(self) -> list[str]:
        """The platforms where people are listened to."""
        # The console's keyboard is that of `paperboy chat`.
        return [name for name in self._desk.platforms if name != "console"]

    def wake(self) -> None:
        """There is something to carry."""
        for courier in self._couriers.values():
            courier.wake()

    def _has(self, role: Role) -> bool:
        return self._role in (role, Role.ALL)

    async def _ring(self, fence: Fence, leave: asyncio.Event) -> None:
        from bot.rounds import run_bell

        await run_bell(self._desk, self._clock, leave, wake=self.wake, jobs=self._jobs)

    async def _read(self, fence: Fence, leave: asyncio.Event) -> None:
        from bot.digest.ahead import run_reading

        await run_reading(self._desk, self._clock, leave, wake=self.wake, jobs=self._jobs)

    async def _work(self, jobs: Jobs) -> None:
        from bot.digest.ahead import READING, read_ahead
        from bot.rounds import OPENING, open_deferred

        async def opening(now: datetime) -> None:
            if await open_deferred(self._desk, max(now, self._clock()), jobs):
                self.wake()

        async def reading(now: datetime) -> None:
            await read_ahead(self._desk, self._clock)

        tasks = {OPENING: opening}
        if self._desk.room is not None:
            tasks[READING] = reading
        with self._pulse.at(_JOBS):
            await jobs.work(tasks)

    async def _alone(self, name: str, work: Work, patience: float) -> None:
        """The work, by this process alone."""

        async def seen(fence: Fence, leave: asyncio.Event) -> None:
            with self._pulse.at(name):
                await work(fence, leave)

        if self._many:
            await fenced(self._desk.store, name, seen, self._stop, patience=patience)
        else:
            async with self._desk.store.fence(name) as fence:
                assert fence is not None
                await seen(fence, self._stop)

    def _carry(self, name: str) -> Work:
        async def carry(fence: Fence, leave: asyncio.Event) -> None:
            from bot.courier import Courier

            # Alone it need not look for what others opened.
            courier = Courier(self._desk, name, self._clock, fence=fence if self._many else None)
            with self._doing(name, "courier"):
                self._couriers[name] = courier
                try:
                    await courier.run(leave)
                finally:
                    del self._couriers[name]

        return carry

    def _listen(self, name: str) -> Work:
        async def listen(fence: Fence, leave: asyncio.Event) -> None:
            from bot.replies import Talk

            with self._doing(name, "chat"):
                await self._desk.platforms[name].serve(Talk(self._desk))

        return listen

    @contextmanager
    def _doing(self, name: str, what: str) -> Iterator[None]:
        """The pacer knows how much of the token's pace is this process's."""
        does = self._does.setdefault(name, set())
        does.add(what)
        self._share(name)
        try:
            yield
        finally:
            does.discard(what)
            self._share(name)

    def _share(self, name: str) -> None:
        does = self._does[name]
        if does:
            pacer = self._desk.pacer(name)
            pacer.share(courier="courier" in does, chat="chat" in does)
