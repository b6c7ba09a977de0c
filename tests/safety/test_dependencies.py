"""Everything that is installed is pinned by a hash, and known holes fail the build."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted(ROOT.glob("requirements/*.txt"))


@pytest.fixture(scope="module")
def auditing() -> ModuleType:
    """scripts/auditing.py as a module; scripts/ is no package."""
    spec = importlib.util.spec_from_file_location("auditing", ROOT / "scripts/auditing.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("lock", LOCKS, ids=[lock.name for lock in LOCKS])
def test_every_requirement_has_one_version_and_a_hash(lock: Path) -> None:
    """What is installed tomorrow is what was tested today, byte by byte."""
    whole = lock.read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in whole.splitlines() if line and not line.startswith("#")]
    assert lines
    for line in lines:
        assert re.match(r"[a-z0-9._-]+(\[[\w,-]+\])?==\S+ ", line), line
        assert re.search(r" --hash=sha256:[0-9a-f]{64}(\s|$)", line), line


def test_whatever_installs_from_a_lock_asks_for_the_hashes() -> None:
    """pip takes a lock without them too, when it is not told."""
    places = [*(ROOT / "scripts").iterdir(), ROOT / "Dockerfile", *(ROOT / ".ci").iterdir()]
    installs = 0
    for place in places:
        if not place.is_file():
            continue
        whole = place.read_text("utf-8", errors="replace").replace("\\\n", " ")
        for line in whole.splitlines():
            if re.search(r"pip(3)? (install|sync)|pip -?[\w ]*install", line):
                if line.lstrip().startswith("#") or "--no-deps" in line:
                    continue  # words, and the checkout itself, of which there is no hash
                assert "--require-hashes" in line, f"{place.name}: {line}"
                installs += 1
    assert installs


def test_the_audit_belongs_to_what_a_change_must_pass() -> None:
    assert "scripts/audit || status=1" in (ROOT / ".ci/run").read_text("utf-8")


def known(*vulns: dict[str, Any], name: str = "urllib3") -> dict[str, Any]:
    return {"name": name, "version": "1.0", "vulns": [*vulns]}


SKIPPED = {"name": "httpx", "skip_reason": "not found"}
HOLE = {"id": "CVE-2099-1", "fix_versions": ["1.1", "2.0"]}


@pytest.mark.parametrize(
    ("found", "said", "code", "sentence"),
    [
        ([known()], "", 0, "no known vulnerability in 1 packages"),
        ([known(), SKIPPED], "", 0, "not known there: httpx"),
        ([known(HOLE)], "", 1, "urllib3 1.0: CVE-2099-1, mended in 1.1, 2.0"),
        ([known(), known({"id": "GHSA-x"}, name="a"), SKIPPED], "", 1, "a 1.0: GHSA-x"),
        ([SKIPPED], "No known vulnerabilities found", None, "no network"),
        ([], "", None, "no network"),
        (None, "requests.exceptions.ConnectionError: Max retries exceeded", None, "no network"),
        (None, "ERROR: invalid requirements input", 1, "pip-audit itself failed"),
    ],
)
def test_an_answer_of_the_audit_is_worth_what_it_knows(
    auditing: ModuleType, found: list[Any] | None, said: str, code: int | None, sentence: str
) -> None:
    """ "None found" of a service that knows nothing is no all-clear, and no failure either."""
    report = None if found is None else {"dependencies": found}
    assert auditing.judged(report, said)[0] == code
    assert sentence in auditing.judged(report, said)[1]


def test_where_nobody_answers_it_says_so_and_goes_on(
    auditing: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tool = tmp_path / "pip-audit"
    tool.write_text("#!/bin/sh\necho 'ConnectionError: Max retries exceeded' >&2\nexit 1\n")
    tool.chmod(0o755)
    assert auditing.main(str(tool), "requirements/run.txt") == 0
    assert capsys.readouterr().out == "not audited: no network\n"


def test_a_hole_that_the_tool_finds_fails_the_build(
    auditing: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tool = tmp_path / "pip-audit"
    report = '{"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "CVE-1"}]}]}'
    tool.write_text(
        f"#!/bin/sh\nfor one; do last=$one; done\nprintf '%s' '{report}' > \"$last\"\nexit 1\n"
    )
    tool.chmod(0o755)
    assert auditing.main(str(tool), "requirements/run.txt") == 1
    assert "a 1: CVE-1" in capsys.readouterr().out
