"""How long `paperboy demo` takes, and how much memory at its peak."""

from __future__ import annotations

import subprocess
import sys
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


# Linux counts a process's memory from before its exec: it must be started by a small one.
_LAUNCHER = """
import resource, subprocess, sys, time
began = time.perf_counter()
done = subprocess.run([sys.executable, "-m", "bot", "demo"], stdout=subprocess.DEVNULL)
seconds = time.perf_counter() - began
print(done.returncode, seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def _one() -> tuple[float, float]:
    """Seconds and peak resident megabytes of one demo in its own process."""
    told = subprocess.run(
        [sys.executable, "-c", _LAUNCHER], stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    code, seconds, peak = told.split()
    if code != "0":
        raise SystemExit(f"paperboy demo ended with code {code}")
    unit = 1 if sys.platform == "darwin" else 1024  # ru_maxrss: bytes there, kilobytes here
    return float(seconds), int(peak) * unit / 1_000_000
