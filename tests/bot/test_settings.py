"""The operator's choices come from the environment, from files and from `.env`, or are refused."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from bot.errors import SetUpWrong
from bot.settings import SECRETS, Settings, reference, take_proxies, unknown_variables, variable


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_without_any_setting_everything_has_its_default() -> None:
    settings = Settings.load()
    assert settings.zone == "UTC"
    assert settings.hour == time(9)
    assert settings.arxiv_categories == ()
    assert settings.telegram_token is None
    assert settings.database.startswith("sqlite:///")


def test_lists_are_written_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERBOY_ARXIV_CATEGORIES", " cs.CV, cs.CL ,")
    assert Settings.load().arxiv_categories == ("cs.CV", "cs.CL")


def test_the_names_of_the_ecosystem_have_no_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "https://mirror.example/hf/")
    monkeypatch.setenv("HF_TOKEN", "hf_abc")
    settings = Settings.load()
    assert settings.hf_endpoint == "https://mirror.example/hf"
    assert settings.hf_token is not None
    assert settings.hf_token.get_secret_value() == "hf_abc"


def test_an_empty_variable_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERBOY_ZONE", "")
    monkeypatch.setenv("HF_ENDPOINT", "")
    settings = Settings.load()
    assert settings.zone == "UTC"
    assert settings.hf_endpoint is None


def test_the_environment_comes_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("PAPERBOY_ZONE=Asia/Seoul\nPAPERBOY_LANGUAGE=ko\n")
    monkeypatch.setenv("PAPERBOY_LANGUAGE", "zh")
    settings = Settings.load()
    assert (settings.zone, settings.language) == ("Asia/Seoul", "zh")


@pytest.mark.parametrize("field", SECRETS)
def test_every_secret_can_stand_in_a_file(
    field: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").write_text("sqlite:///from-a-file\n")
    monkeypatch.setenv(f"{variable(field)}_FILE", str(tmp_path / "secret"))
    value = getattr(Settings.load(), field)
    assert value.get_secret_value() == "sqlite:///from-a-file"


def test_the_path_of_a_secret_can_stand_in_dotenv(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("12345:abc")
    (tmp_path / ".env").write_text(f"PAPERBOY_TELEGRAM_TOKEN_FILE={tmp_path / 'secret'}\n")
    token = Settings.load().telegram_token
    assert token is not None
    assert token.get_secret_value() == "12345:abc"


def test_a_secret_file_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN_FILE", "nowhere/token")
    with pytest.raises(SetUpWrong, match="HF_TOKEN_FILE names a file that cannot be read"):
        Settings.load()


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PAPERBOY_ZONE", "Asia/Soul", "PAPERBOY_ZONE is not usable: there is no zone"),
        ("PAPERBOY_ZONE", "../../etc/passwd", "PAPERBOY_ZONE is not usable"),
        ("PAPERBOY_LANGUAGE", "fr", "PAPERBOY_LANGUAGE is not usable"),
        ("PAPERBOY_HOUR", "25:00", "PAPERBOY_HOUR is not usable: '25:00' is no hour"),
        ("PAPERBOY_ADMINS", "12345", "PAPERBOY_ADMINS is not usable"),
        ("PAPERBOY_ARXIV_CATEGORIES", "x y z", "PAPERBOY_ARXIV_CATEGORIES is not usable: 'x y z'"),
        ("PAPERBOY_READING_LANGUAGES", "en,xx", "PAPERBOY_READING_LANGUAGES is not usable: 'xx'"),
        ("HF_ENDPOINT", "mirror.example", "HF_ENDPOINT is not usable: an address begins with"),
        ("PAPERBOY_LLM_DAILY_TOKENS", "-1", "PAPERBOY_LLM_DAILY_TOKENS is not usable"),
        ("PAPERBOY_DEBUG", "perhaps", "PAPERBOY_DEBUG is not usable"),
    ],
)
def test_a_wrong_value_is_refused_by_the_name_of_its_variable(
    name: str, value: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SetUpWrong) as caught:
        Settings.load()
    assert str(caught.value).startswith(says)
    assert "\n" not in str(caught.value)


def test_a_dotenv_that_is_no_text_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"PAPERBOY_ZONE=\xff\xfe\n")
    with pytest.raises(SetUpWrong, match=r"The file \.env cannot be read"):
        Settings.load()


def test_categories_of_every_kind_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERBOY_ARXIV_CATEGORIES", "cs.AI, hep-th, cond-mat.mes-hall, math")
    assert Settings.load().arxiv_categories == ("cs.AI", "hep-th", "cond-mat.mes-hall", "math")


def test_an_hour_may_be_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERBOY_HOUR", "9")
    assert Settings.load().hour == time(9)


def test_secrets_do_not_show_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERBOY_TELEGRAM_TOKEN", "12345:secret-token")
    monkeypatch.setenv("PAPERBOY_DATABASE_URL", "postgresql://me:secret-word@host/db")
    settings = Settings.load()
    assert "secret-" not in repr(settings)
    assert "secret-" not in str(settings)
    assert settings.secrets() == ("12345:secret-token",)
    assert settings.database == "postgresql://me:secret-word@host/db"


def test_settings_alone_look_at_nothing_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("PAPERBOY_ZONE=Asia/Seoul\n")
    monkeypatch.setenv("HF_ENDPOINT", "https://mirror.example")
    monkeypatch.setenv("HF_TOKEN_FILE", "nowhere")
    settings = Settings.alone(language="ko")
    assert (settings.zone, settings.hf_endpoint, settings.language) == ("UTC", None, "ko")


def test_a_proxy_may_stand_in_dotenv(tmp_path: Path) -> None:
    """The HTTP clients look only at the environment, in which an empty one counts as none."""
    (tmp_path / ".env").write_text("HTTPS_PROXY=http://a:1\nno_proxy=b\nHTTP_PROXY=http://c:1\n")
    environment = {"http_proxy": "http://d:1", "NO_PROXY": "", "HOME": "/home/ann"}
    take_proxies(environment)
    assert environment == {
        "http_proxy": "http://d:1",
        "HTTPS_PROXY": "http://a:1",
        "NO_PROXY": "b",
        "HOME": "/home/ann",
    }


def test_a_misspelt_variable_is_found() -> None:
    names = {"PAPERBOY_ZNE": "x", "PAPERBOY_ZONE": "UTC", "PAPERBOY_TELEGRAM_TOKEN_FILE": "x"}
    assert unknown_variables(names) == ["PAPERBOY_ZNE"]


def test_every_setting_has_a_description() -> None:
    assert len(reference()) == len(Settings.model_fields)
    assert all(text.endswith(".") for _, _, text, _ in reference())
