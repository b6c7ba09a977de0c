"""How long `paperboy --help` takes, and how much of it is Python's own start."""

from __future__ import annotations

import subprocess
import sys
from statistics import median
from time import perf_counter
from typing import Any

BOUND = 0.4  # seconds


def run(quick: bool = False) -> dict[str, Any]:
    """The median of several starts."""
    times = 3 if quick else 9
    shown = _median([sys.executable, "-m", "bot", "--help"], times)
    bare = _median([sys.executable, "-c", "pass"], times)
    return {
        "name": "help",
        "figures": {"python -c pass, seconds": bare, "ratio to it": shown / bare},
        "bounds": [
            {
                "what": "paperboy --help, seconds",
                "value": shown,
                "bound": f"under {BOUND}",
                "ok": shown < BOUND,
            }
        ],
    }


def _median(command: list[str], times: int) -> float:
    taken = []
    for _ in range(times + 1):  # the first fills the system's cache
        began = perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        taken.append(perf_counter() - began)
    return median(taken[1:])
