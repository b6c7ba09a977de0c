"""Run the measurements of this folder; each module gives its figures and the bounds they keep."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def names() -> list[str]:
    """The measurements, by the names of their modules."""
    return sorted(file.stem for file in HERE.glob("*.py") if not file.stem.startswith("_"))


def show(result: dict[str, Any]) -> None:
    """One measurement as text: its figures, then each bound with a word."""
    print(f"\n{result['name']}")
    for what, value in result["figures"].items():
        print(f"  {what:<44} {_number(value):>14}")
    for bound in result["bounds"]:
        word = "ok" if bound["ok"] else "MISSED"
        print(f"  {bound['what']:<44} {_number(bound['value']):>14}   {word}: {bound['bound']}")


def _number(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.3f}" if abs(value) < 100 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def main() -> int:
    """Measure what is asked for; 1 when a bound is missed, 2 for an unknown name."""
    known = names()
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("name", nargs="*", help=f"of: {', '.join(known)}; default: all")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--quick", action="store_true", help="smaller, for a first look")
    asked = parser.parse_args()
    if unknown := [name for name in asked.name if name not in known]:
        parser.error(f"there is no measurement {unknown[0]!r}; there are: {', '.join(known)}")
    kept = True
    for name in asked.name or known:
        result: dict[str, Any] = importlib.import_module(name).run(quick=asked.quick)
        kept = kept and all(bound["ok"] for bound in result["bounds"])
        if asked.json:
            print(json.dumps(result, ensure_ascii=False), flush=True)
        else:
            show(result)
            sys.stdout.flush()
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
