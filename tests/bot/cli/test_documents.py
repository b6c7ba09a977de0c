"""README and the page of the command line say what the command really does."""

from __future__ import annotations

import io
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from bot.topics import parse

ROOT = Path(__file__).resolve().parents[3]
README = (ROOT / "README.md").read_text("utf-8")
PAGE = (ROOT / "docs/command-line.md").read_text("utf-8")
SECONDS = re.compile(r"delivered once · [\d.]+ s")
COMMANDS = (
    "demo", "sandbox", "chat", "digest", "paper", "read", "export", "topics test", "channels add",
    "channels list", "channels remove", "channels export", "channels import", "once", "run",
    "db upgrade", "db backup", "db restore", "db copy", "db check", "db prune", "init", "doctor",
    "status", "top", "announce", "health",
)  # fmt: skip
WITHOUT_JSON = {"demo", "sandbox", "chat", "init", "run", "top"}  # somebody looks, or talks


def test_the_picture_in_the_readme_is_what_the_demo_prints(command) -> None:
    picture = README.split("```\n$ ./scripts/demo\n", 1)[1].split("\n```", 1)[0]
    done = command("demo")
    assert done.code == 0
    assert SECONDS.sub("", done.out.rstrip()) == SECONDS.sub("", picture)


def test_the_picture_of_the_sandbox_is_what_it_shows(
    command, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = README.split("```\n$ .venv/bin/paperboy sandbox\n", 1)[1].split("\n```", 1)[0]
    lines = re.findall(r"^private > (.+)$", picture, re.MULTILINE)
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join([*lines, ""])))
    shown = command("sandbox").out
    for part in picture.split("…\n"):
        assert part.rstrip("\n") in shown


def _commands(text: str) -> list[str]:
    return sorted(
        set(re.findall(r"^(?:\.venv/bin/)?paperboy (.+?)(?:\s+#.*)?$", text, re.MULTILINE))
    )


@pytest.mark.parametrize("line", _commands(README))
def test_every_command_of_the_readme_is_understood(command, line: str) -> None:
    done = command(*shlex.split(line), "--help")
    assert (done.code, done.err) == (0, "")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_stands_on_its_page_with_options_that_exist(command, name: str) -> None:
    shown = command(*name.split(), "--help")
    assert shown.code == 0
    told = [part for part in PAGE.split("\n\n") if part.startswith("**`paperboy ")]
    (paragraph,) = [part for part in told if _names(part.split("`")[1], name)]
    for option in set(re.findall(r"--[a-z]+", paragraph)):
        assert option in shown.out, option


def _names(heading: str, name: str) -> bool:
    """Whether `paperboy channels list | remove ADDRESS` is the heading of "channels remove"."""
    words = re.findall(r"[a-z]+", heading)
    return words[1] == name.split()[0] and name.split()[-1] in words


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - WITHOUT_JSON))
def test_every_command_but_six_takes_json(command, name: str) -> None:
    assert "--json" in command(*name.split(), "--help").out


@pytest.mark.parametrize(
    "name", ["digest", "paper", "topics test", "channels add", "once", "run", "sandbox"]
)
def test_what_depends_on_time_takes_an_instant(command, name: str) -> None:
    assert "--now" in command(*name.split(), "--help").out


def test_the_topics_that_the_readme_shows_are_topics() -> None:
    line = README.split("Topics as you would type them", 1)[1].split(";", 1)[0]
    topics = re.findall(r"`([^`]+)`", line)
    assert len(topics) >= 5
    for topic in topics:
        parse(topic)


def test_links_between_the_documents_lead_somewhere() -> None:
    for page in (ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), target


def test_the_page_of_the_platforms_and_that_of_the_settings_are_not_behind_the_code() -> None:
    for script in ("platforms_table", "settings_reference"):
        done = subprocess.run(
            [sys.executable, f"scripts/{script}.py", "--check"],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout


def test_the_permissions_of_the_invitation_are_those_that_a_set_up_asks_for() -> None:
    from adapters.platforms.discord import places

    page = (ROOT / "docs/platforms.md").read_text("utf-8")
    (number,) = re.findall(r"permissions=(\d+)", page)
    for bit, name in places._NAMES.items():
        assert int(number) & bit, name
        assert f"| {name} |" in page
    assert not int(number) & places.ADMINISTRATOR
