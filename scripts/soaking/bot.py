"""The bot of a soak, as the one that watches it sees it: a process that can be asked."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from scripts.soaking.clock import Clock

ROOT = Path(__file__).resolve().parents[2]
_PATIENCE = 120.0  # seconds for an answer


class Died(Exception):
    """The bot ended by itself."""


class Bot:
    """`async with` starts and stops it. Its output is in the file `log`."""

    def __init__(
        self, clock: Clock, surroundings: Mapping[str, str], log: Path, plant: str | None = None
    ) -> None:
        self._clock, self._surroundings, self._plant = clock, dict(surroundings), plant
        self.log = log
        self.code: int | None = None  # of its exit
        self._process: asyncio.subprocess.Process | None = None
        self._answers: asyncio.StreamReader | None = None

    async def __aenter__(self) -> Self:
        reading, writing = os.pipe()
        order = {"clock": self._clock.told(), "answers": writing, "plant": self._plant}
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "scripts.soaking.child", json.dumps(order)),
                stdin=asyncio.subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=self._surroundings,
                cwd=ROOT,
                pass_fds=(writing,),
            )
        os.close(writing)
        self._answers = asyncio.StreamReader(limit=2**24)
        pipe = os.fdopen(reading, "rb")
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(self._answers),  # type: ignore[arg-type]
            pipe,
        )
        await self._answer("ready")
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self._process.wait(), 30)
            except TimeoutError:
                self._process.kill()
        self.code = await self._process.wait()

    @property
    def lives(self) -> bool:
        """Whether it has not ended."""
        return self._process is not None and self._process.returncode is None

    async def tell_clock(self) -> None:
        """The clock was changed."""
        await self._say({"clock": self._clock.told()})

    async def sample(self) -> dict[str, Any]:
        """What it holds now. Raises Died."""
        await self._say({"sample": True})
        return dict(await self._answer("sample"))

    async def _say(self, told: Mapping[str, Any]) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(told).encode() + b"\n")
            await self._process.stdin.drain()
        except OSError as error:
            raise self._died() from error

    async def _answer(self, name: str) -> Any:
        assert self._answers is not None
        async with asyncio.timeout(_PATIENCE):
            line = await self._answers.readline()
        if not line:
            raise self._died()
        return json.loads(line)[name]

    def _died(self) -> Died:
        end = self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""
        return Died(f"The bot ended by itself; the last it said:\n{end}")
