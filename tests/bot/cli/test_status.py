"""`paperboy status` and `paperboy top`: one look, beside whatever runs."""

from __future__ import annotations

import asyncio
import os
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

import storage
from tests.bot.cli.conftest import Command

NOW = "2025-12-27T03:00Z"


def test_without_a_database_there_is_nothing_to_look_at(command: Command, home: Path) -> None:
    done = command("status")
    assert (done.code, done.out) == (2, "")
    assert "There is no database" in done.err
    done = command("status", "--json")
    [told] = done.objects
    assert (done.code, told["kind"], told["well"]) == (2, "status", False)
    assert not home.exists()


def test_after_a_round_all_is_well_and_later_no_bot_runs(command: Command) -> None:
    command("channels", "add", "console:lab", "--now", "2025-12-25T00:00Z")
    assert command("once", "--now", NOW).code == 0
    well = command("status", "--now", NOW)
    assert (well.code, "All is well." in well.out) == (0, True), well.out
    assert "Console: 1 active" in well.out
    [told] = command("status", "--json", "--now", NOW).objects
    assert told["well"] is True
    assert told["digests_24h"] == {"console": 1}
    assert told["papers"] > 0
    later = command("status", "--now", "2025-12-27T03:10Z")
    assert later.code == 1
    assert "The last round was 10 min ago, so no bot runs" in later.out
    assert command("status", "--now", "2025-12-27T03:10Z", "--rounds", "1h").code == 0


def test_it_looks_while_another_writes(command: Command, home: Path) -> None:
    command("db", "upgrade")

    async def both() -> None:
        async with storage.open_store(f"sqlite:///{home / 'paperboy.sqlite3'}") as store:
            async with store.transaction() as tx:
                await tx.notes.put("last-round", "2025-12-27T02:59:00+00:00")
                done = await asyncio.to_thread(_status)
                assert "No bot has run" in done  # what is not committed is not seen
            assert "All is well." in await asyncio.to_thread(_status)

    def _status() -> str:
        return command("status", "--now", NOW).out

    asyncio.run(both())


def test_top_without_a_terminal_is_one_look(command: Command) -> None:
    command("db", "upgrade")
    done = command("top", "--now", NOW)
    assert done.code == 1
    assert "No bot has run" in done.out
    assert "no terminal" in done.err


@pytest.mark.skipif(sys.platform == "win32", reason="terminals of this kind are Unix's")
@pytest.mark.parametrize("key", [b"q", b"\x03"])
def test_top_ends_by_its_keys_and_leaves_the_terminal_as_it_was(
    command: Command, home: Path, key: bytes
) -> None:
    import pty
    import termios

    command("db", "upgrade")
    ours, theirs = pty.openpty()
    before = termios.tcgetattr(theirs)
    running = subprocess.Popen(
        [sys.executable, "-m", "bot", "top", "--every", "0.2"],
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        env=os.environ | {"TERM": "xterm", "PYTHONPATH": str(Path(__file__).parents[3])},
        preexec_fn=_own_terminal,
    )  # fmt: skip
    try:
        seen = b""
        until = time.monotonic() + 60
        while b"q ends" not in seen and time.monotonic() < until:
            if select.select([ours], [], [], 1)[0]:
                seen += os.read(ours, 65536)
        assert b"No bot has run" in seen
        os.write(ours, key)
        while running.poll() is None and time.monotonic() < until:
            if select.select([ours], [], [], 0.1)[0]:
                os.read(ours, 65536)  # what it says at its end needs room
        assert running.poll() == 0
        assert termios.tcgetattr(theirs) == before
    finally:
        running.kill()
        running.wait()
        os.close(ours)
        os.close(theirs)


def _own_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # so that Ctrl-C reaches it
