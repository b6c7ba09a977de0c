"""What the doctor sees of the machine: Python, zones, settings, disk, clock."""

from __future__ import annotations

import os
import platform
import shutil
import stat
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

from bot.cli.doctor.finding import Finding
from bot.settings import Settings, unknown_variables

_LITTLE = 1_000_000_000  # bytes free: below it the disk is soon full
_TOO_LITTLE = 50_000_000  # bytes free: below it a day may not be stored
_COUNTED = 20_000  # full texts that are counted
_FAST_OR_SLOW = timedelta(minutes=2)  # a clock this far off makes digests late or early
_WRONG = timedelta(hours=1)  # a clock this far off takes lists for closed that are not


def look_at_machine() -> list[Finding]:
    """Python and the zone data."""
    release = platform.python_version()
    old = sys.version_info < (3, 11)
    python = Finding(
        "python",
        "bad" if old else "ok",
        f"Python {release} on {platform.system()} {platform.machine()}.",
        "Paperboy needs Python 3.11 or newer." if old else "",
    )
    return [python, _zones()]


def _zones() -> Finding:
    from importlib.metadata import PackageNotFoundError, version
    from zoneinfo import ZoneInfo, available_timezones

    try:
        package = f", tzdata {version('tzdata')}"
    except PackageNotFoundError:
        package = ""
    try:
        for name in ("America/New_York", "Asia/Seoul"):
            ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        return Finding(
            "zones", "bad", "The zone data is missing.", "Install it: pip install tzdata"
        )
    return Finding("zones", "ok", f"{len(available_timezones())} zones{package}.")


def look_at_settings(settings: Settings, environment: dict[str, str]) -> list[Finding]:
    """What is misspelt."""
    findings = [
        Finding("settings", "warn", f"{name} is no setting.", f"See docs/settings.md{near}")
        for name, near in _nearest(unknown_variables(environment))
    ]
    return findings or [
        Finding("settings", "ok", f"Zone {settings.zone}, language {settings.language}.")
    ]


def _nearest(names: Sequence[str]) -> list[tuple[str, str]]:
    from difflib import get_close_matches

    from bot.settings import reference

    known = [name for name, *_ in reference()]
    found = []
    for name in names:
        close = get_close_matches(name, known, n=1)
        found.append((name, f"; meant is perhaps {close[0]}." if close else "."))
    return found


def look_at_disk(settings: Settings) -> list[Finding]:
    """Whether the home can be written to, and how much room there is."""
    folder = _existing(settings.folder)
    if not os.access(folder, os.W_OK | os.X_OK):
        return [
            Finding(
                "disk",
                "bad",
                f"{folder} cannot be written to.",
                "Make it writable, or choose another folder by PAPERBOY_HOME.",
            )
        ]
    free = shutil.disk_usage(folder).free
    state = "ok" if free >= _LITTLE else "warn" if free >= _TOO_LITTLE else "bad"
    todo = "" if state == "ok" else "Free some space, or choose another folder by PAPERBOY_HOME."
    texts = _full_texts(settings.folder / "fulltexts")
    return [Finding("disk", state, f"{free / 1e9:,.1f} GB free at {folder}{texts}.", todo)]


def _full_texts(folder: Path) -> str:
    """How much the full texts take, counted of the first many."""
    size = count = 0
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in islice(entries, _COUNTED):
            with suppress(OSError):
                size += entry.stat().st_size
                count += 1
    return f"; {count:,} full texts take {size / 1e6:,.0f} MB" if count else ""


def look_at_secrets(path: Path = Path(".env")) -> list[Finding]:
    """Whether others on this machine can read the file with the tokens."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return []
    if os.name == "nt" or not mode & (stat.S_IRGRP | stat.S_IROTH):
        return []
    says = f"{path} can be read by others on this machine, and may hold tokens."
    return [Finding("secrets", "warn", says, f"chmod 600 {path}")]


def look_at_proxy() -> list[Finding]:
    """By which proxy requests leave; a name and password of it are not told."""
    from urllib.request import getproxies

    found = getproxies()
    proxy = found.get("https") or found.get("all")
    if not proxy:
        return []
    try:
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        host, port = parts.hostname or "?", parts.port
    except ValueError:
        todo = "An example: HTTPS_PROXY=http://proxy.example.org:3128"
        return [Finding("proxy", "bad", "The environment's proxy is no address.", todo)]
    without = f", but not to {found['no']}" if found.get("no") else ""
    says = f"Requests leave by the proxy {host}{f':{port}' if port else ''}{without}."
    return [Finding("proxy", "ok", says)]


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    folder = folder.absolute()
    while not folder.is_dir() and folder != folder.parent:
        folder = folder.parent
    return folder


def look_at_clock(differences: Sequence[timedelta | None]) -> Finding:
    """How far this clock is from those of the sources: the smallest difference counts."""
    known = [difference for difference in differences if difference is not None]
    if not known:
        return Finding("clock", "warn", "No source told its time, so the clock was not compared.")
    off = min(known, key=abs)
    seconds = abs(off.total_seconds())
    if abs(off) < _FAST_OR_SLOW:
        return Finding("clock", "ok", f"Within {max(seconds, 1):.0f} s of the sources'.")
    way = "fast" if off > timedelta(0) else "slow"
    return Finding(
        "clock",
        "warn" if abs(off) < _WRONG else "bad",
        f"This clock is {seconds / 60:,.0f} min {way}.",
        "Set it by the network's time (for example: timedatectl set-ntp true).",
    )
