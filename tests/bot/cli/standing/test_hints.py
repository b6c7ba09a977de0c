"""What needs a look is said plainly; what is well is not talked about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from rich.console import Console

from bot.cli.standing.drawing import drawn
from bot.cli.standing.hints import View, hints, record, span
from bot.cli.standing.trend import Trend
from bot.cli.top import screen
from bot.ports import Failing, Standing

NOW = datetime(2025, 12, 27, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
VIEW = View("/data/paperboy.sqlite3", "Asia/Seoul", budget=1000)
FAILING = Failing("huggingface", NOW - 5 * HOUR, "it answered 503")
WELL = Standing(
    at=NOW,
    editions={("huggingface", "closed"): 20, ("huggingface", "open"): 1},
    papers=6296,
    readings={"full-text": 40},
    tokens_today=999,
    calls_today=1,
    channels={("telegram", "active"): 1200, ("telegram", "suspended"): 3},
    digests_today={"telegram": 1100},
    outbox={("telegram", "ready"): 7, ("telegram", "in-flight"): 2},
    oldest={"telegram": NOW - 40 * timedelta(seconds=1)},
    next_due=NOW + HOUR,
    last_round=NOW - MINUTE,
)
TROUBLES = {
    "rounds": (replace(WELL, last_round=NOW - 6 * MINUTE), "was 6 min ago, so no bot runs"),
    "digests": (replace(WELL, next_due=NOW - 30 * MINUTE), "due at 11:30 (30 min ago)"),
    "messages:telegram": (
        replace(WELL, oldest={"telegram": NOW - 16 * MINUTE}),
        "Telegram: a message waits since 11:44 (16 min)",
    ),
    "source:huggingface": (
        replace(WELL, failing=(FAILING,)),
        "Hugging Face cannot be read since 07:00 (5 h): it answered 503",
    ),
    "tokens": (replace(WELL, tokens_today=1000), "The day's 1,000 tokens are spent"),
}


def _seen(standing: Standing, width: int = 80) -> str:
    console = Console(file=StringIO(), width=width, highlight=False)
    with console.capture() as taken:
        console.print(drawn(standing, VIEW))
    return taken.get()


def test_when_all_is_well_nothing_needs_a_look() -> None:
    assert hints(WELL, VIEW) == ()
    assert "All is well." in _seen(WELL)


@pytest.mark.parametrize("key", list(TROUBLES))
def test_what_is_wrong_is_one_sentence(key: str) -> None:
    standing, said = TROUBLES[key]
    [one] = hints(standing, VIEW)
    assert one.key == key
    assert said in one.said
    assert "All is well" not in _seen(standing)
    assert record(standing, VIEW)["well"] is False


def test_a_bot_that_never_ran_and_a_clock_that_went_back_are_said() -> None:
    [never] = hints(replace(WELL, last_round=None), VIEW)
    assert "No bot has run" in never.said
    [ahead] = hints(replace(WELL, last_round=NOW + HOUR), VIEW)
    assert "check this machine's clock" in ahead.said


def test_small_things_are_shown_and_no_trouble() -> None:
    """One read that failed; a digest that waits some minutes for its readings."""
    small = replace(
        WELL, failing=(replace(FAILING, since=NOW - 20 * MINUTE),), next_due=NOW - 9 * MINUTE
    )
    assert hints(small, VIEW) == ()
    assert "cannot be read since 11:40: it answered 503" in _seen(small)


def test_where_cron_makes_the_rounds_an_older_one_is_well() -> None:
    hourly = replace(VIEW, rounds=timedelta(hours=1))
    assert hints(replace(WELL, last_round=NOW - 50 * MINUTE), hourly) == ()


@pytest.mark.parametrize("width", [24, 40, 80, 200])
def test_every_fact_stands_in_the_picture_at_every_width(width: int) -> None:
    seen = _seen(WELL, width)
    assert max(len(line) for line in seen.splitlines()) <= width
    words = " ".join(seen.split())
    for fact in ("6,296", "1,200 active", "3 suspended", "7 ready", "2 in flight", "1,100"):
        assert fact in words
    assert "20 closed" in words
    assert "999 of 1,000" in words


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (-5, "0 s"), (59, "59 s"), (60, "1 min"), (3600, "1 h"), (4980, "1 h 23 min")],
)
def test_a_span_is_said_in_its_greatest_units(seconds: int, said: str) -> None:
    assert span(timedelta(seconds=seconds)) == said
    assert span(timedelta(days=3, hours=2, minutes=5)) == "3 d 2 h"


def test_a_standing_is_one_object() -> None:
    told = record(replace(WELL, failing=(FAILING,)), VIEW)
    assert told["kind"] == "status"
    assert told["outbox"] == {"telegram": {"in-flight": 2, "ready": 7}}
    assert told["channels"] == {"telegram": {"active": 1200, "suspended": 3}}
    assert told["lists"] == {"huggingface": {"closed": 20, "open": 1}}
    assert told["tokens"] == {"today": 999, "calls": 1, "budget": 1000}
    assert told["oldest"] == {"telegram": "2025-12-27T02:59:20Z"}
    assert told["failing"] == [
        {"source": "huggingface", "since": "2025-12-26T22:00:00Z", "why": "it answered 503"}
    ]


def test_rates_are_the_differences_of_looks() -> None:
    """100 messages were put in, and the outbox grew by 40 only: 60 went in 3 seconds."""
    trend = Trend()
    trend.add(replace(WELL, written=1000), VIEW, 10.0)
    assert trend.settled is None
    grown = {("telegram", "ready"): 49}
    trend.add(replace(WELL, written=1100, outbox=grown), VIEW, 13.0)
    assert trend.settled == pytest.approx(20)
    assert trend.added == pytest.approx(100 / 3)
    assert trend.curve(10) == "▁█"


def test_what_goes_wrong_while_somebody_looks_is_listed() -> None:
    trend = Trend()
    trend.add(WELL, VIEW, 0)
    worse = replace(
        WELL,
        failing=(FAILING,),
        channels={**WELL.channels, ("telegram", "suspended"): 5},
        outbox={**WELL.outbox, ("telegram", "unknown"): 1},
    )
    trend.add(worse, VIEW, 1)
    trend.add(worse, VIEW, 2)
    trend.add(WELL, VIEW, 3)
    said = [sentence for _, sentence in trend.events]
    assert said == [
        "Hugging Face cannot be read since 07:00 (5 h): it answered 503",
        "Telegram: 1 more messages that may have arrived or not",
        "Telegram: 2 more channels out of reach",
        "over: Hugging Face cannot be read since 07:00 (5 h): it answered 503",
    ]
    console = Console(file=StringIO(), width=40, highlight=False)
    with console.capture() as taken:
        console.print(screen(WELL, VIEW, trend, 40, "the database is locked"))
    seen = taken.get()
    assert "While you look" in seen
    assert "the database is locked" in seen
    assert max(len(line) for line in seen.splitlines()) <= 40
