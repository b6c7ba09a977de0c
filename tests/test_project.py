"""Promises about the checkout itself: the wheel's content, the locks, the scripts."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("bot", "adapters", "storage")
LOCKS = ("requirements/run.txt", "requirements/image.txt", "requirements/dev.txt")
SCRIPTS = (
    "setup", "demo", "test", "lint", "bench", "lock", "catalogues", "settings-reference",
    "platforms-table", "scale",
)  # fmt: skip
CATALOGUE = """
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\n"

msgid "paper"
msgstr "artikolo"
"""


# The wheel ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, frozenset[str]]:
    """Build the wheel offline, in a copy: its path, and the packages' files it was made from."""
    copy = tmp_path_factory.mktemp("checkout")
    ignored = shutil.ignore_patterns("__pycache__", "*.mo", "*.sqlite3*", "*.log", ".DS_Store")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, copy / package, ignore=ignored)
    for name in ("pyproject.toml", "hatch_build.py", "LICENSE", "README.md", ".gitignore"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, copy)
    catalogue = copy / "bot" / "locale" / "eo" / "LC_MESSAGES" / "sample.po"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text(CATALOGUE, "utf-8")
    files = [path for package in PACKAGES for path in (copy / package).rglob("*")]
    wanted = frozenset(path.relative_to(copy).as_posix() for path in files if path.is_file())
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", "out"]
    done = subprocess.run(build, cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = (copy / "out").glob("*.whl")
    return wheel, wanted


def _names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as opened:
        return opened.namelist()


def test_the_wheel_holds_three_packages_and_nothing_else(
    built: tuple[Path, frozenset[str]],
) -> None:
    """These names are an application's: a fourth one would land in somebody's site-packages."""
    tops = {name.split("/")[0] for name in _names(built[0])}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)
    assert len(tops) == len(PACKAGES) + 1


def test_the_wheel_holds_every_file_of_the_packages(built: tuple[Path, frozenset[str]]) -> None:
    """Migrations, bundled editions and grammars are no modules and are easily forgotten."""
    wheel, wanted = built
    assert not wanted - set(_names(wheel))
    assert {f"{package}/py.typed" for package in PACKAGES} <= wanted


def test_the_wheel_holds_a_compiled_catalogue_for_each_one(
    built: tuple[Path, frozenset[str]],
) -> None:
    """The .mo files are not kept in git, so a wheel without them would speak only English."""
    names = _names(built[0])
    sources = [name for name in names if name.endswith(".po")]
    assert "bot/locale/eo/LC_MESSAGES/sample.po" in sources
    assert not {f"{name.removesuffix('.po')}.mo" for name in sources} - set(names)


def test_the_wheel_brings_the_command(built: tuple[Path, frozenset[str]]) -> None:
    """`paperboy` is how everyone starts it."""
    with zipfile.ZipFile(built[0]) as opened:
        (points,) = [name for name in opened.namelist() if name.endswith("entry_points.txt")]
        assert "paperboy = bot.__main__:main" in opened.read(points).decode().splitlines()


# The locks ----------------------------------------------------------------------------------------

PINNED = re.compile(r"[a-z0-9][a-z0-9._-]*(\[[a-z0-9,-]+\])?==[0-9][\w.!+]*( ; [^:@/]+)? \\")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")


@pytest.fixture(scope="module")
def fingerprint() -> ModuleType:
    """scripts/fingerprint.py as a module; scripts/ is no package."""
    spec = importlib.util.spec_from_file_location("fingerprint", ROOT / "scripts/fingerprint.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_only_names_versions_markers_and_hashes(name: str) -> None:
    """No index and no path: the same lock serves behind any mirror and on any machine."""
    first, *lines = (ROOT / name).read_text("utf-8").splitlines()
    assert first.startswith("# scripts/lock ")
    assert [line for line in lines if not (PINNED.fullmatch(line) or HASH.fullmatch(line))] == []


def _pins(name: str) -> dict[str, str]:
    lines = (ROOT / name).read_text("utf-8").splitlines()
    return dict(line.split("==", 1) for line in lines if PINNED.fullmatch(line))


def test_people_run_the_versions_that_were_tested() -> None:
    """Everything the bot runs on is in the developers' lock in the same version."""
    for name in LOCKS:
        assert _pins(name).items() <= _pins("requirements/dev.txt").items()


@pytest.mark.parametrize("name", ["requirements/run.txt", "requirements/dev.txt"])
def test_a_lock_can_build_the_checkout_it_belongs_to(name: str) -> None:
    """`pip install --no-deps --no-build-isolation .` needs the backend and asks no index for it."""
    assert {"hatchling", "babel"} <= _pins(name).keys()


def test_the_locks_belong_to_the_dependencies_as_they_stand(fingerprint: ModuleType) -> None:
    """Otherwise people install something other than what pyproject.toml asks for."""
    assert fingerprint.stale(ROOT) == []


def test_a_changed_dependency_makes_the_locks_stale(
    fingerprint: ModuleType, tmp_path: Path
) -> None:
    """And nothing else does: neither the version nor the tools' settings, nor a new release."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    (tmp_path / "requirements").mkdir()
    for name in LOCKS:
        shutil.copy(ROOT / name, tmp_path / name)

    changed = tmp_path / "pyproject.toml"
    changed.write_text(text.replace('version = "0.1.0"', 'version = "9.9.9"') + "\n# new\n")
    assert fingerprint.stale(tmp_path) == []
    changed.write_text(text.replace('    "httpx",', '    "httpx>=0.28",'))
    assert fingerprint.stale(tmp_path) == list(LOCKS)
    changed.write_text(text.replace(">=3.11", ">=3.12"))
    assert fingerprint.stale(tmp_path) == list(LOCKS)


# The scripts --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*(f"scripts/{name}" for name in SCRIPTS), ".ci/run"])
def test_a_script_can_be_run_and_read_at_once(name: str) -> None:
    """Under twenty lines, and started without naming an interpreter."""
    script = ROOT / name
    lines = script.read_text("utf-8").splitlines()
    assert lines[0] == "#!/usr/bin/env bash"
    assert lines[1].startswith("# ")
    assert len(lines) < 20
    assert os.access(script, os.X_OK)


def test_a_machine_without_python_is_told_what_is_missing(tmp_path: Path) -> None:
    """One sentence and exit code 2, not a shell's complaint."""
    (tmp_path / "tools").mkdir()
    for tool in ("bash", "dirname", "cat", "cksum"):
        found = shutil.which(tool)
        assert found is not None
        (tmp_path / "tools" / tool).symlink_to(found)
    (tmp_path / "scripts").mkdir()
    setup = shutil.copy(ROOT / "scripts" / "setup", tmp_path / "scripts")
    done = subprocess.run(
        [setup], env={"PATH": str(tmp_path / "tools")}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "Python 3.11" in done.stderr
    assert len(done.stderr.splitlines()) == 1
