"""The `.env` file keeps what is in it, and says the same to every program that reads it."""

from __future__ import annotations

import os
import re
import stat
import sys
from io import StringIO
from pathlib import Path

import pytest
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from bot.cli.init import env_file
from bot.cli.init.env_file import EnvFile, plain
from bot.errors import SetUpWrong, Usage

OLD = """# my own words

A='kept = as it is'  # and this
export PAPERBOY_ZONE="Asia/Seoul"

# the hour
PAPERBOY_HOUR=9
LONG="two
lines"
no line of a setting
PAPERBOY_HOUR=10"""


def as_docker(text: str) -> dict[str, str]:
    """As `docker run --env-file` reads it: everything behind the first = is the value."""
    lines = [line for line in text.split("\n") if line and not line.lstrip().startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def test_other_lines_and_comments_stay_and_values_are_replaced_where_they_stand(
    tmp_path: Path,
) -> None:
    path = tmp_path / ".env"
    path.write_text(OLD, encoding="utf-8")
    env = EnvFile(path)
    assert env.values["PAPERBOY_ZONE"] == "Asia/Seoul"
    env.write({"PAPERBOY_ZONE": "Europe/Paris", "PAPERBOY_HOUR": "08:00", "NEW": "x", "NONE": None})
    said = path.read_text("utf-8")
    assert said == (
        OLD.replace('export PAPERBOY_ZONE="Asia/Seoul"', "PAPERBOY_ZONE=Europe/Paris")
        .replace("PAPERBOY_HOUR=9\n", "PAPERBOY_HOUR=08:00\n")
        .replace("PAPERBOY_HOUR=10", "PAPERBOY_HOUR=08:00\nNEW=x\n")
    )
    assert (tmp_path / ".env.old").read_text("utf-8") == OLD
    EnvFile(path).write({"PAPERBOY_HOUR": None})
    assert "PAPERBOY_HOUR" not in dotenv_values(path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such rights")
def test_nobody_else_can_read_it_or_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "new" / ".env"
    EnvFile(path).write({"A": "1"})
    path.chmod(0o644)
    EnvFile(path).write({"A": "2"})
    for one in (path, path.with_name(".env.old")):
        assert stat.S_IMODE(one.stat().st_mode) == 0o600


def test_a_write_that_fails_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / ".env"
    path.write_text("A=1\n", encoding="utf-8")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SetUpWrong, match="No space left"):
        EnvFile(path).write({"A": "2"})
    assert path.read_text("utf-8") == "A=1\n"
    assert sorted(one.name for one in tmp_path.iterdir()) == [".env"]


SIGNS = st.characters(
    exclude_categories=("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"),
    exclude_characters="\"'\\$#`",
)


@given(st.text(SIGNS | st.just(" "), min_size=1, max_size=40).map(str.strip).filter(bool))
def test_what_is_written_is_read_alike_by_dotenv_and_docker(value: str) -> None:
    assert plain(value) == value
    text = EnvFile(Path("/nowhere/.env")).changed({"A": value, "B": "1"})
    assert dotenv_values(stream=StringIO(text)) == {"A": value, "B": "1"}
    assert as_docker(text) == {"A": value, "B": "1"}
    assert not re.search(r"[\"'\\$#]", value)  # what systemd and compose would take for more


@pytest.mark.parametrize("value", ["", " a", "a ", "a\nb", "it's", 'a"b', "a$b", "a\\b", "a #b"])
def test_what_would_be_read_differently_is_refused(value: str) -> None:
    with pytest.raises(Usage):
        plain(value)


@pytest.mark.parametrize(
    "value",
    ["123456:AAH-x_y", "MTIz.Gx.a-b_c", "sk-proj-1=+/", "a folder/b", "http://h:1/v1?a=b&c"],
)
def test_tokens_keys_folders_and_addresses_are_plain(value: str) -> None:
    assert plain(value) == value


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(SetUpWrong, match="cannot be read"):
        EnvFile(path)
    assert env_file.EnvFile(tmp_path / "none").is_new
