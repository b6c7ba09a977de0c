"""Asks the services of known vulnerabilities about a lock, and says what their answer is worth."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

SERVICES = ("pypi", "osv")  # pip-audit's names; the second is asked where the first does not know
_UNREACHED = re.compile(
    r"ConnectionError|ConnectTimeout|ReadTimeout|ProxyError|SSLError|Max retries|NameResolution"
    r"|ServiceError|timed out|unreachable",
)
Told = dict[str, Any]


def judged(found: Told | None, said: str) -> tuple[int | None, str]:
    """(exit code, sentence) for the report of the tool (None: it wrote none) and its other words.

    None for a code: the service could not be reached. A service that knows not one of the packages
    is none either: a mirror without that knowledge answers so, and it looks like "all is well".
    """
    dependencies = (found or {}).get("dependencies", [])
    known = [one for one in dependencies if "skip_reason" not in one]
    if not known:
        if found is None and not _UNREACHED.search(said):
            return 1, f"pip-audit itself failed:\n{said.strip()}"
        return None, "no network"
    holes = [
        f"{one['name']} {one['version']}: {hole['id']}"
        + (f", mended in {', '.join(hole['fix_versions'])}" if hole.get("fix_versions") else "")
        for one in known
        for hole in one.get("vulns", ())
    ]
    if holes:
        return 1, "known vulnerabilities:\n  " + "\n  ".join(holes)
    unknown = [one["name"] for one in dependencies if "skip_reason" in one]
    rest = f" (not known there: {', '.join(unknown)})" if unknown else ""
    return 0, f"no known vulnerability in {len(known)} packages{rest}"


def asked(tool: str, lock: str, service: str) -> tuple[int | None, str]:
    """What one service says about the lock."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        done = subprocess.run(
            [
                *(tool, "--requirement", lock, "--require-hashes", "--disable-pip"),
                *("--progress-spinner", "off", "--vulnerability-service", service),
                *("--format", "json", "--output", str(report)),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        found = json.loads(report.read_text("utf-8")) if report.exists() else None
    return judged(found, done.stdout + done.stderr)


def main(tool: str, lock: str) -> int:
    """The exit code; the sentence is printed."""
    for service in SERVICES:
        code, sentence = asked(tool, lock, service)
        if code is not None:
            print(f"{lock}: {sentence}")
            return code
    print("not audited: no network")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
