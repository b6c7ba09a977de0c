"""One line an event, as text or as JSON, and never a secret in it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from bot.logs import masked, set_up


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = [*root.handlers], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.NOTSET)


def test_a_text_line_holds_time_level_event_place_and_facts() -> None:
    out = io.StringIO()
    set_up("text", level=logging.INFO, stream=out)
    logging.getLogger("bot.rounds").info("digest opened", extra={"channel": 3, "name_of": "a b"})
    (line,) = out.getvalue().splitlines()
    time, level, rest = line.split(maxsplit=2)
    assert time.endswith("Z")
    assert level == "info"
    assert rest == 'digest opened [bot.rounds] channel=3 name_of="a b"'


def test_a_json_line_is_one_object() -> None:
    out = io.StringIO()
    set_up("json", level=logging.INFO, stream=out)
    logging.getLogger("bot.rounds").info("read %d papers\nof %s", 7, "2025-12-26")
    (line,) = out.getvalue().splitlines()
    record = json.loads(line)
    assert record["event"] == "read 7 papers\nof 2025-12-26"
    assert (record["level"], record["logger"]) == ("info", "bot.rounds")


def test_a_text_event_cannot_forge_a_second_line() -> None:
    out = io.StringIO()
    set_up("text", stream=out)
    logging.getLogger("bot").warning("title: %s", "x\n2025-01-01T00:00:00Z error forged")
    assert len(out.getvalue().splitlines()) == 1


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_traceback_is_written_without_the_secrets_in_it(form: str) -> None:
    out = io.StringIO()
    set_up(form, stream=out, secrets=["s3cret-value"])
    try:
        raise RuntimeError("asked https://api.telegram.org/bot1234567:" + "A" * 35 + "/getMe")
    except RuntimeError:
        logging.getLogger("bot").exception("failed with s3cret-value")
    assert "RuntimeError" in out.getvalue()
    assert "A" * 35 not in out.getvalue()
    assert "s3cret-value" not in out.getvalue()


def test_a_second_set_up_replaces_the_first() -> None:
    first, second = io.StringIO(), io.StringIO()
    set_up(stream=first)
    set_up(stream=second)
    logging.getLogger("bot").warning("once")
    assert first.getvalue() == ""
    assert second.getvalue().count("once") == 1


def test_the_addresses_that_httpx_tells_at_info_are_not_heard() -> None:
    out = io.StringIO()
    set_up(level=logging.INFO, stream=out)
    logging.getLogger("httpx").info("HTTP Request: GET https://api.example/bot/secret")
    assert out.getvalue() == ""


def test_one_shot_commands_hear_warnings_only() -> None:
    out = io.StringIO()
    set_up(stream=out)
    logging.getLogger("bot").info("quiet")
    logging.getLogger("bot").warning("loud")
    assert "loud" in out.getvalue()
    assert "quiet" not in out.getvalue()


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("https://api.telegram.org/bot123456789:" + "Ab-_" * 9 + "/sendMessage", "Ab-_"),
        ("Authorization: Bearer abcdef0123456789", "abcdef"),
        ("{'Authorization': 'Bot abcdef0123456789'}", "abcdef"),
        ("Authorization: xyz0123456789", "xyz"),
        ("postgresql://me:pass-word@host/db", "pass-word"),
        ("https://host/x?a=1&api_key=abc123&b=2", "abc123"),
        ("token hf_" + "a" * 30, "aaaa"),
        ("key sk-proj-" + "b" * 30, "bbbb"),
        ("M" * 24 + "." + "abcdef" + "." + "x" * 38, "xxxx"),
    ],
)
def test_what_looks_like_a_secret_is_masked(text: str, secret: str) -> None:
    assert secret not in masked(text)
    assert "***" in masked(text)


def test_ordinary_words_are_left_alone() -> None:
    text = "list not read: source=huggingface day=2025-12-26 https://huggingface.co/papers?date=x"
    assert masked(text, ["", "abc"]) == text
