"""Let the bot live for simulated weeks among the fakes, and judge what it holds on to.

The exit code is 0 when memory stays flat within 5 % after the warm-up (the first third), no task,
handle, thread or row is left over, and every quiet chat got each paper once; else 1.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from scripts.soaking import report
from scripts.soaking.soak import Plan, Soak


def main() -> int:
    """Gives the exit code."""
    parser = argparse.ArgumentParser(prog="scripts/soak", description=__doc__)
    plan = Plan()
    parser.add_argument("--weeks", type=float, default=plan.weeks, help="simulated; default 3")
    parser.add_argument("--speed", type=float, default=plan.speed, help="default 1000")
    parser.add_argument("--chats", type=int, default=plan.chats, help=f"default {plan.chats}")
    parser.add_argument("--acts", type=int, default=plan.acts, help="of people, a simulated day")
    parser.add_argument("--samples", type=int, default=plan.samples, help="at equal distances")
    parser.add_argument("--seed", type=int, default=plan.seed)
    parser.add_argument("--no-model", action="store_true", help="without a language model")
    parser.add_argument("--calm", action="store_true", help="without faults")
    parser.add_argument("--plant", choices=("memory", "task", "socket"), help="a leak to be found")
    parser.add_argument("--keep", type=Path, help="folder for the database and the bot's log")
    parser.add_argument("--json", action="store_true", help="one object instead of a table")
    given = parser.parse_args()
    plan = Plan(
        given.weeks,
        given.speed,
        given.chats,
        given.acts,
        given.seed,
        given.samples,
        not given.no_model,
        not given.calm,
        given.plant,
    )
    if given.keep is not None:
        given.keep.mkdir(parents=True, exist_ok=True)
        return _run(plan, given.keep, as_json=given.json)
    with tempfile.TemporaryDirectory(prefix="paperboy-soak-") as folder:
        return _run(plan, Path(folder), as_json=given.json)


def _run(plan: Plan, folder: Path, *, as_json: bool) -> int:
    def say(said: str) -> None:
        print(said, file=sys.stderr, flush=True)

    say(f"seed {plan.seed}; the bot's log is {folder / 'bot.log'}")
    outcome = asyncio.run(Soak(plan, folder, say).run())
    print(report.as_json(outcome) if as_json else report.text(outcome))
    return 0 if outcome.verdict.passes else 1


if __name__ == "__main__":
    sys.exit(main())
