"""`paperboy sandbox`: people type into the real bot, and see what it says."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.platforms.telegram.sandbox import Chat, Message
from bot.cli.sandbox.clock import Movable
from bot.cli.sandbox.screen import Screen, styled


@pytest.fixture
def typed(command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Type lines into the sandbox; gives what it shows."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))

    def run(*lines: str, end: str = ":quit", lang: str = "en") -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO("\n".join([*lines, end, ""])))
        done = command("sandbox", "--lang", lang)
        assert (done.code, done.err) == (0, "")
        assert not any(temporary.iterdir())
        return str(done.out)

    return run


def test_a_digest_comes_with_buttons_that_can_be_pressed(typed) -> None:
    shown = typed("/subscribe VLM", ":next", "#1")
    subscribed, digest, pressed = [shown.index(f"private > {line}") for line in (
        "/subscribe VLM", ":next", "#1")]  # fmt: skip
    assert "Subscribed to VLM." in shown[subscribed:digest]
    assert "GTR-Turbo" in shown[digest:pressed]
    assert "[1 Abstract] [2 Save]" in shown[digest:pressed]
    assert len(shown[pressed:].splitlines()) > 4


def test_in_a_group_a_button_opens_the_private_chat(typed) -> None:
    shown = typed(":group", "/paper 2512.15716", "#1", ":next")
    assert "(You make a group, Lab, and add the bot.)" in shown
    assert "[1 Abstract ↗]" in shown
    assert "(It opens the private chat with the bot.)" in shown
    assert "private > :next" in shown
    assert "(No digest is due: /subscribe first.)" in shown


def test_the_end_of_the_input_ends_it_and_what_is_no_verb_is_said(typed) -> None:
    shown = typed(":dance", "#7", end="/help")
    assert "(There is no such thing to do.)" in shown
    assert "(There is no button 7 now.)" in shown
    assert "/subscribe" in shown


def test_it_speaks_the_language_of_the_one_who_types(typed) -> None:
    assert "12月27日" in typed("/subscribe VLM", lang="zh")


def test_operator_commands_are_there_too(typed) -> None:
    assert "/health" in typed("/help")


def test_markup_becomes_style_and_never_text() -> None:
    text = styled('<b>A &lt;b&gt;</b> <a href="https://x.org">link</a>\n'
                  "<blockquote expandable>one\ntwo</blockquote>")  # fmt: skip
    assert text.plain == "A <b> link\n▏ one\n▏ two"
    assert any("bold" in str(span.style) for span in text.spans)


def test_long_lines_of_a_quotation_keep_its_bar() -> None:
    out = io.StringIO()
    chat = Chat(1, "private", "Ada")
    words = "word " * 40
    params = {"text": f"<blockquote>{words}</blockquote>", "parse_mode": "HTML"}
    Screen(out, echo=False).message(Message(1, chat, None, words, 0, params=params), 1)
    lines = out.getvalue().splitlines()
    assert len(lines) > 2
    assert all(line.startswith("│ ▏") for line in lines if line)


def test_a_silent_message_and_a_changed_one_are_marked() -> None:
    chat = Chat(1, "private", "Ada")
    out = io.StringIO()
    screen = Screen(out, echo=False)
    params = {"text": "hush", "disable_notification": True}
    screen.message(Message(1, chat, None, "hush", 0, params=params), 1)
    screen.message(Message(1, chat, None, "hush", 0, params=params, edits=1), 1)
    assert out.getvalue().count("(silent)") == 1
    assert out.getvalue().count("(changed in place)") == 1


def test_the_clock_goes_forward_only() -> None:
    begin = datetime(2025, 12, 27, 8, tzinfo=UTC)
    clock = Movable(begin)
    clock.put_forward(begin + timedelta(hours=1))
    assert clock() >= begin + timedelta(hours=1)
    clock.put_forward(begin)
    assert clock() >= begin + timedelta(hours=1)
