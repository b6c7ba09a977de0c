"""Every ending has its code, and every error becomes one sentence without secrets."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable

import pytest

from bot.__main__ import main
from bot.cli.exits import Exit, fault_id, guarded
from bot.errors import (
    GiveUp,
    NotFound,
    Refused,
    SetUpWrong,
    SourceFailed,
    Stop,
    StoreBusy,
    TopicError,
    Usage,
)


def _raising(error: BaseException) -> Callable[[], object]:
    def command() -> object:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Stop("stopped"), 1),
        (SetUpWrong("set-up"), 2),
        (Refused("refused"), 3),
        (Usage("usage"), 2),
        (TopicError("topic", query="x", position=0, example="y"), 2),
        (NotFound("not found"), 2),
        (SourceFailed("source"), 1),
        (StoreBusy("busy"), 1),
        (GiveUp("give up"), 1),
    ],
)
def test_each_error_of_ours_has_its_code_and_is_said(
    error: Exception, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert guarded(_raising(error)) == code
    assert capsys.readouterr().err == f"paperboy: {error}\n"


def test_an_error_out_of_a_group_of_tasks_is_said_as_itself(
    capsys: pytest.CaptureFixture[str],
) -> None:
    group = ExceptionGroup("tasks", [ExceptionGroup("more", [Refused("two of them run")])])
    assert guarded(_raising(group)) == 3
    assert capsys.readouterr().err == "paperboy: two of them run\n"


def test_secrets_do_not_reach_the_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    guarded(_raising(SourceFailed("https://api.example/bot123456:" + "A" * 35 + "/getMe failed")))
    assert "A" * 35 not in capsys.readouterr().err


def test_ctrl_c_is_130() -> None:
    assert guarded(_raising(KeyboardInterrupt())) == int(Exit.INTERRUPTED) == 130


def test_a_reader_that_went_away_is_quiet(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.cli.exits._let_go", lambda: None)
    assert guarded(_raising(BrokenPipeError())) == 1
    assert capsys.readouterr().err == ""


def test_a_fault_of_ours_has_a_short_number_and_no_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert guarded(_raising(RuntimeError("inner detail"))) == 1
    said = capsys.readouterr().err
    assert "A fault of Paperboy's own (RuntimeError, id " in said
    assert "Traceback" not in said
    assert "inner detail" not in said


def test_the_same_fault_has_the_same_number() -> None:
    numbers = set()
    for text in ("one", "two"):
        try:
            _raising(RuntimeError(text))()
        except RuntimeError as error:
            numbers.add(fault_id(error))
    assert len(numbers) == 1


def test_debugging_shows_where_a_fault_lies(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAPERBOY_DEBUG", "1")
    with caplog.at_level(logging.ERROR):
        guarded(_raising(RuntimeError("inner detail")))
    assert "inner detail" in caplog.text
    assert "test_exits.py" in caplog.text


def test_a_closed_output_gets_nothing_delivered(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout", None)
    assert guarded(_raising(AssertionError("it was begun"))) == 2
    assert "The output is closed" in capsys.readouterr().err


def test_a_closed_input_is_an_empty_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    assert guarded(lambda: len(sys.stdin.read())) == 0
    sys.stdin.close()


def test_a_refusal_of_the_system_names_the_file(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.cli.exits._let_go", lambda: None)
    assert guarded(_raising(OSError(28, "No space left on device", "there.txt"))) == 1
    assert capsys.readouterr().err == (
        "paperboy: The system refused: No space left on device (there.txt).\n"
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nonsense"], "No such command 'nonsense'"),
        (["digest", "--date"], "--date"),
        (["channels", "nonsense"], "No such command 'nonsense'"),
        (["paper"], "PAPER"),
    ],
)
def test_a_wrong_command_line_is_one_sentence_that_points_to_the_help(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert says in said
    assert said.rstrip().endswith("--help")
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]])
def test_the_help_names_every_command_and_the_exit_codes(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 0
    said = capsys.readouterr().out
    for name in (
        "demo", "chat", "digest", "paper", "topics", "run", "once", "channels", "doctor", "db",
    ):  # fmt: skip
        assert f"\n  {name} " in said
    assert "Exit codes: 0 done" in said


def test_bytes_that_are_no_text_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["digest", "--topics", "caf\udce9"]) == 2
    assert capsys.readouterr().err == (
        "paperboy: 'caf\\udce9' is no text in UTF-8; type it again.\n"
    )


@pytest.mark.parametrize("group", ["channels", "topics", "db"])
def test_a_group_alone_shows_its_help(group: str, capsys: pytest.CaptureFixture[str]) -> None:
    main([group])
    both = capsys.readouterr()
    assert "Commands:" in both.out + both.err


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("paperboy ")
