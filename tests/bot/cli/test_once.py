"""`paperboy once`: everything due, once; honest about what could not be done."""

from __future__ import annotations

import pytest

from bot.cli.fence import alone
from bot.cli.once import seconds
from bot.errors import StoreBusy, Usage
from bot.settings import Settings

BEFORE = ("--now", "2025-12-27T08:00Z")
DUE = ("--now", "2025-12-27T09:00Z")


def test_what_channels_are_shown_is_told_to_the_letter(command) -> None:
    command("channels", "add", "console:lab", "--topics", "VLM", *BEFORE)
    done = command("once", *DUE, "--json")
    assert (done.code, done.err) == (0, "")
    card, summary = done.objects
    place = {"channel": "console:lab", "date": "2025-12-27"}
    assert list(card) == [
        "kind", "id", "title", "url", "authors", "organization", "upvotes", "comments", "topics",
        "rung", "lines", "late", "channel", "date",
    ]  # fmt: skip
    assert card["id"] == "2512.13043"
    assert card.items() >= place.items()
    assert summary.pop("seconds") >= 0
    assert summary == {
        "kind": "summary", "papers": 7, "matched": 1, "shown": 1, "hidden": 6, "passed": 0, **place,
    }  # fmt: skip


def test_a_second_run_shows_nothing(command) -> None:
    command("channels", "add", "console:lab", *BEFORE)
    assert len(command("once", *DUE, "--json").objects) == 8
    again = command("once", *DUE, "--json")
    assert (again.code, again.out, again.err) == (0, "", "")


def test_a_database_that_is_busy_when_all_is_sent_spoils_nothing(
    command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Old rows go another day."""

    async def busy(*_: object, **__: object) -> int:
        raise StoreBusy("locked")

    monkeypatch.setattr("bot.keeping._notes", busy)
    command("channels", "add", "console:lab", *BEFORE)
    done = command("once", *DUE, "--json")
    assert (done.code, len(done.objects), done.err) == (0, 8, "")


def test_nothing_due_is_nothing_done(command) -> None:
    command("channels", "add", "console:lab", *BEFORE)
    done = command("once", *BEFORE)
    assert (done.code, done.out) == (0, "")


def test_the_instant_can_come_from_the_environment(
    command, monkeypatch: pytest.MonkeyPatch
) -> None:
    command("channels", "add", "console:lab", *BEFORE)
    monkeypatch.setenv("PAPERBOY_NOW", "2025-12-27T10:00+01:00")
    assert command("once", "--json").objects[-1]["shown"] == 7


def test_over_the_weekend_nothing_is_said_and_nothing_repeated(command) -> None:
    command("channels", "add", "console:lab", "--topics", "VLM", *BEFORE)
    command("once", *DUE)
    for day in ("2025-12-28", "2025-12-29"):
        done = command("once", "--now", f"{day}T09:00Z", "--json")
        assert (done.code, done.out) == (0, "")


def test_a_digest_that_waits_for_a_failing_source_is_said(
    command, refusing_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    command("channels", "add", "console:lab", *BEFORE)
    monkeypatch.setenv("HF_ENDPOINT", refusing_url)
    done = command("once", *DUE, "--json")
    assert done.code == 1
    (notice,) = done.objects
    assert notice.pop("text")
    assert notice == {
        "kind": "notice",
        "state": "source-failed",
        "channel": "console:lab",
        "date": "2025-12-27",
    }
    assert "refuses to answer (HTTP 403)" in done.err


def test_a_put_off_digest_comes_when_the_source_answers_again(
    command, edition_url: str, refusing_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    command("channels", "add", "console:lab", *BEFORE)
    monkeypatch.setenv("HF_ENDPOINT", refusing_url)
    done = command("once", *DUE)
    assert done.code == 1
    assert "paperboy: console:lab: " in done.err
    monkeypatch.setenv("HF_ENDPOINT", edition_url)
    later = command("once", "--now", "2025-12-27T09:11Z", "--json")
    assert later.code == 0
    assert later.objects[-1]["shown"] == 7


def test_it_refuses_to_work_beside_a_live_run(command) -> None:
    command("channels", "add", "console:lab", *BEFORE)
    with alone(Settings.load(), "paperboy run"):
        done = command("once", *DUE)
        assert done.code == 3
        assert "Another paperboy (paperboy run, process" in done.err
    assert command("once", *DUE).code == 0


def test_a_holder_that_died_holds_nothing(command, home) -> None:
    command("channels", "add", "console:lab", *BEFORE)
    (home / "paperboy.sqlite3.lock-run").write_text("paperboy run 4711\n")
    assert command("once", *DUE).code == 0


def test_every_channel_gets_its_own(command) -> None:
    command("channels", "add", "console:one", "--topics", "VLM", *BEFORE)
    command("channels", "add", "console:two", "--topics", "video generation", *BEFORE)
    done = command("once", *DUE, "--json")
    cards = {one["channel"]: one["id"] for one in done.objects if one["kind"] == "card"}
    assert cards == {"console:one": "2512.13043", "console:two": "2512.15716"}


@pytest.mark.parametrize(("text", "wanted"), [("90s", 90), ("10m", 600), ("1h", 3600), ("5", 5)])
def test_patience_is_a_span_of_time(text: str, wanted: int) -> None:
    assert seconds(text) == wanted


@pytest.mark.parametrize("text", ["", "soon", "-5m", "1d", "10 m"])
def test_what_is_no_span_of_time_is_refused(text: str) -> None:
    with pytest.raises(Usage, match="an example: 10m"):
        seconds(text)
