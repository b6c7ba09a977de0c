"""Says whether requirements/*.txt were compiled from the dependency tables as they stand now.

`fingerprint.py` prints the line that each lock begins with; `fingerprint.py check` compares.
Nothing is resolved: a newer release somewhere never makes an untouched checkout fail.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tomllib
from pathlib import Path

LOCKS = ("requirements/run.txt", "requirements/image.txt", "requirements/dev.txt")


def fingerprint(pyproject: str) -> str:
    """Give a lock's first line for this text of pyproject.toml; order and layout do not count."""
    content = tomllib.loads(pyproject)
    project = content["project"]
    extras = project.get("optional-dependencies", {})
    tables = {
        "build": sorted(content["build-system"]["requires"]),
        "python": project["requires-python"],
        "run": sorted(project["dependencies"]),
        "extras": {name: sorted(wanted) for name, wanted in extras.items()},
    }
    digest = hashlib.sha256(json.dumps(tables, sort_keys=True).encode()).hexdigest()
    return f"# scripts/lock wrote this from the tables {digest[:32]}"


def stale(root: Path) -> list[str]:
    """Name the locks under `root` that do not begin with the line they should begin with."""
    wanted = fingerprint((root / "pyproject.toml").read_text("utf-8"))
    return [name for name in LOCKS if not _begins_with(root / name, wanted)]


def _begins_with(lock: Path, wanted: str) -> bool:
    return lock.is_file() and lock.read_text("utf-8").splitlines()[:1] == [wanted]


def main(arguments: list[str]) -> int:
    """Print the line, or with `check` name every stale lock and give 1."""
    root = Path(__file__).resolve().parents[1]
    if arguments != ["check"]:
        print(fingerprint((root / "pyproject.toml").read_text("utf-8")))
        return 0
    old = stale(root)
    for name in old:
        print(f"{name} is older than pyproject.toml: run scripts/lock and commit the result")
    return 1 if old else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
