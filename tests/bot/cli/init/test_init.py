"""`paperboy init` asks, tries what it was told, and writes what `paperboy` then reads."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from dotenv import dotenv_values

from bot.__main__ import main
from bot.cli.init import machine
from bot.settings import Settings
from tests.bot.cli.conftest import beside
from tests.wires.discordian.people import FakeDiscord
from tests.wires.llm.server import FakeModel
from tests.wires.telegram import FakeTelegram

WRONG = "424242:" + "B" * 35
Answering = Callable[..., tuple[int, str, str]]


@pytest.fixture
def answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Answering]:
    """Run `paperboy init …` with these lines as the input."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.setenv("TZ", "Asia/Seoul")
    monkeypatch.setattr(main.__module__ + ".sys.argv", ["paperboy"])
    root = logging.getLogger()
    handlers, level = [*root.handlers], root.level

    def run(*options: str, lines: tuple[str, ...] = ()) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        capsys.readouterr()
        code = main(["init", *options])
        out, err = capsys.readouterr()
        return code, out, err

    yield run
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def telegram(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeTelegram]:
    with beside(FakeTelegram()) as server:
        monkeypatch.setenv("PAPERBOY_TELEGRAM_API_URL", server.url)
        yield server


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a way out."""
    for name in ("TELEGRAM", "DISCORD"):
        monkeypatch.setenv(f"PAPERBOY_{name}_API_URL", "http://127.0.0.1:9")


def written() -> dict[str, str | None]:
    return dotenv_values(".env")


def test_a_token_is_tried_and_the_bot_named_and_nothing_secret_is_shown(
    answer: Answering, telegram: FakeTelegram
) -> None:
    lines = ("telegram", WRONG, telegram.token, "nobody", "12345", "", "zh", "8am", "", "")
    code, out, err = answer(lines=lines)
    assert (code, err) == (0, "")
    assert "Telegram refuses this token." in out
    assert f"This is @{telegram.bot.username}." in out
    assert f"https://t.me/{telegram.bot.username}" in out
    assert '"nobody" is no id of Telegram' in out
    assert telegram.token not in out
    assert WRONG not in out
    assert written() == {
        "PAPERBOY_TELEGRAM_TOKEN": telegram.token,
        "PAPERBOY_ADMINS": "telegram:12345",
        "PAPERBOY_ZONE": "Asia/Seoul",
        "PAPERBOY_LANGUAGE": "zh",
        "PAPERBOY_HOUR": "08:00",
    }
    settings = Settings.load()
    assert (settings.zone, settings.admins) == ("Asia/Seoul", ("telegram:12345",))


def test_run_again_it_changes_only_what_is_answered(
    answer: Answering, telegram: FakeTelegram
) -> None:
    first = f"# mine\nPAPERBOY_TELEGRAM_TOKEN={telegram.token}\nOTHER=1\nPAPERBOY_HOUR=07:00\n"
    Path(".env").write_text(first, encoding="utf-8")
    code, out, _ = answer(lines=("", "", "", "", "", "6:30"))
    assert code == 0
    assert "Token of Telegram (not shown) [set]" in out
    assert telegram.token not in out
    said = Path(".env").read_text("utf-8")
    assert said.startswith(first.replace("07:00", "06:30"))
    assert Path(".env.old").read_text("utf-8") == first
    again = answer("--yes")
    assert "Nothing is new; .env stays as it is." in again[1]
    assert Path(".env").read_text("utf-8") == said
    assert Path(".env.old").read_text("utf-8") == first


def test_discord_names_the_bot_and_the_link_that_invites_it(
    answer: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    with beside(FakeDiscord()) as world:
        monkeypatch.setenv("PAPERBOY_DISCORD_API_URL", world.api_url)
        code, out, _ = answer(lines=("discord", world.token or "", "123456789012345678"))
    assert code == 0
    assert "oauth2/authorize?client_id=" in out
    assert "permissions=309237763072" in out
    assert written()["PAPERBOY_ADMINS"] == "discord:123456789012345678"


def test_without_a_network_it_says_so_and_goes_on(answer: Answering, nobody: None) -> None:
    code, out, _ = answer(lines=("both", WRONG, "a.b.c"))
    assert code == 0
    assert "Telegram did not answer" in out
    assert "Discord did not answer" in out
    assert out.count("It could not be tried, and is kept as it is.") == 2
    assert written()["PAPERBOY_TELEGRAM_TOKEN"] == WRONG
    assert written()["PAPERBOY_DISCORD_TOKEN"] == "a.b.c"


def test_a_model_is_tried_by_one_small_question(answer: Answering) -> None:
    with beside(FakeModel(key="sk-good")) as model:
        lines = ("none", "", "", "", "a-model", model.url, "sk-good", "data")
        code, out, _ = answer(lines=lines)
        assert code == 0
        assert "It answers, by a JSON schema" in out
        assert len(model.calls) == 1
        assert "sk-good" not in out
        assert written()["PAPERBOY_LLM_MODEL"] == "a-model"
        assert written()["OPENAI_BASE_URL"] == model.url
        assert written()["PAPERBOY_HOME"] == "data"
        refused = answer(lines=("", "", "", "", "", "", "sk-wrong"))
        assert refused[0] == 0
        assert "OPENAI_API_KEY" in refused[1]
        taken_out = answer(lines=("", "", "", "", "-"))
    assert taken_out[0] == 0
    assert "PAPERBOY_LLM_MODEL" not in written()


def test_options_answer_for_scripts_and_secrets_stay_in_their_files(
    answer: Answering, telegram: FakeTelegram, tmp_path: Path
) -> None:
    secret = tmp_path / "token"
    secret.write_text(f"{telegram.token}\n", encoding="utf-8")
    options = ("--yes", "--telegram-token-file", "token", "--admin", "telegram:7")
    code, out, _ = answer(*options, "--zone", "Busan", "--hour", "7", "--file", "other.env")
    assert code == 0
    assert f"This is @{telegram.bot.username}." in out
    said = dotenv_values("other.env")
    assert said["PAPERBOY_TELEGRAM_TOKEN_FILE"] == str(secret)
    assert "PAPERBOY_TELEGRAM_TOKEN" not in said
    assert (said["PAPERBOY_ZONE"], said["PAPERBOY_HOUR"]) == ("Asia/Seoul", "07:00")
    assert not Path(".env").exists()
    assert "docker run --env-file" in out


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--zone", "Atlantis"), "Atlantis"),
        (("--admin", "me"), "'me' is no operator"),
        (("--base-url", "ftp://x", "--model", "m"), "http://"),
        (("--telegram-token-file", "nowhere"), "nowhere cannot be read"),
        (("--file", "."), "is a folder"),
    ],
)
def test_a_wrong_option_is_one_sentence_and_writes_nothing(
    answer: Answering, nobody: None, options: tuple[str, ...], says: str
) -> None:
    code, _, err = answer("--yes", *options)
    assert code == 2
    assert says in err
    assert len(err.splitlines()) == 1
    assert not Path(".env").exists()


def test_an_interruption_leaves_everything_as_it_was(
    answer: Answering, nobody: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(".env").write_text("PAPERBOY_HOUR=07:00\n", encoding="utf-8")

    def interrupted() -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("bot.cli.init.questions.language_here", interrupted)
    code, out, _ = answer(lines=("telegram", WRONG, "7", "Seoul"))
    assert code == 130
    assert "Nothing was written." in out
    assert Path(".env").read_text("utf-8") == "PAPERBOY_HOUR=07:00\n"
    assert not Path(".env.old").exists()


def test_the_zone_and_the_language_are_those_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TZ", raising=False)
    named, linked = tmp_path / "timezone", tmp_path / "localtime"
    assert machine.zone_here(named, linked) == "UTC"
    linked.symlink_to("/usr/share/zoneinfo/Europe/Paris")
    assert machine.zone_here(named, linked) == "Europe/Paris"
    named.write_text("Asia/Tokyo\n", encoding="utf-8")
    assert machine.zone_here(named, linked) == "Asia/Tokyo"
    monkeypatch.setenv("TZ", ":America/New_York")
    assert machine.zone_here(named, linked) == "America/New_York"
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    assert machine.language_here() == "ko"
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    assert machine.language_here() == "en"
