"""How long `paperboy demo` takes, and how much memory at its peak."""

from __future__ import annotations

import os
import subprocess
import sys
from time import perf_counter
from typing import Any

SECONDS = 5.0
MEGABYTES = 150.0


def run(quick: bool = False) -> dict[str, Any]:
    """The best of three (quick: one) for time, the worst for memory."""
    runs = [_one() for _ in range(1 if quick else 3)]
    seconds = min(seconds for seconds, _ in runs)
    megabytes = max(megabytes for _, megabytes in runs)
    return {
        "name": "demo",
        "figures": {},
        "bounds": [
            {
                "what": "paperboy demo, seconds",
                "value": seconds,
                "bound": f"under {SECONDS:g}",
                "ok": seconds < SECONDS,
            },
            {
                "what": "its peak memory, MB",
                "value": megabytes,
                "bound": f"under {MEGABYTES:g}",
                "ok": megabytes < MEGABYTES,
            },
        ],
    }


def _one() -> tuple[float, float]:
    """Seconds and peak resident megabytes of one demo in its own process."""
    began = perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "bot", "demo"], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"paperboy demo ended with code {process.returncode}")
    unit = 1 if sys.platform == "darwin" else 1024  # ru_maxrss: bytes there, kilobytes here
    return seconds, usage.ru_maxrss * unit / 1_000_000
