"""`paperboy export`: days as files; what is stored needs no source, what is equal stays."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.cards.blocks import Rung
from bot.papers import Reading
from bot.reports import Report
from storage import open_store
from tests.bot.cli.conftest import beside
from tests.wires.daily import Daily, record

DAY = "2025-12-26"
NAMES = {
    "reading-report": "reading-report_2025-12-26.md",
    "brief": "brief_2025-12-26.md",
    "ranking": "ranking_2025-12-26.md",
    "json": "papers_2025-12-26.json",
}


@pytest.fixture
def daily(monkeypatch: pytest.MonkeyPatch, home: Path) -> Iterator[Daily]:
    """A source whose lists a test writes down."""
    server = Daily()
    with beside(server):
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        yield server


def a_record(paper_id: str, day: date, upvotes: int) -> dict:
    stamp = f"{day.isoformat()}T00:00:00.000Z"
    return record(paper_id, f"Paper {paper_id}", upvotes=upvotes, submittedOnDailyAt=stamp)


@pytest.mark.parametrize("form", NAMES)
def test_a_day_becomes_a_file_and_stays_as_it_is(command, tmp_path: Path, form: str) -> None:
    ask = ("export", "--form", form, "--date", DAY, "--out", "out/deep")
    done = command(*ask)
    assert (done.code, done.err) == (0, "")
    assert done.out == f"out/deep/{NAMES[form]}  7 papers\n"
    file = tmp_path / "out" / "deep" / NAMES[form]
    before = (file.read_bytes(), file.stat().st_mtime_ns, file.stat().st_ino)
    again = command(*ask)
    assert again.out == f"out/deep/{NAMES[form]}  7 papers, unchanged\n"
    assert (file.read_bytes(), file.stat().st_mtime_ns, file.stat().st_ino) == before
    assert [one.name for one in file.parent.iterdir()] == [file.name]


def test_json_tells_one_object_a_file(command) -> None:
    done = command("export", "--form", "brief", "--date", DAY, "--out", "out", "--json")
    assert done.code == 0
    assert done.objects == [
        {
            "kind": "file",
            "date": DAY,
            "form": "brief",
            "lang": "en",
            "file": "out/brief_2025-12-26.md",
            "papers": 7,
            "rungs": {"ready-made": 4, "sentences": 3},
            "closed": True,
            "state": "written",
        }
    ]


def test_a_file_that_differs_is_replaced_whole(command, tmp_path: Path) -> None:
    file = tmp_path / "out" / NAMES["brief"]
    file.parent.mkdir()
    file.write_text("mine")
    done = command("export", "--form", "brief", "--date", DAY, "--out", "out")
    assert done.out == f"out/{NAMES['brief']}  7 papers\n"
    assert file.read_text("utf-8").startswith("# HF Daily Papers - 2025-12-26\n")


def test_what_is_stored_needs_no_source(command, monkeypatch: pytest.MonkeyPatch) -> None:
    command("digest", "--date", DAY)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    done = command("export", "--form", "brief", "--date", DAY, "--out", "out")
    assert (done.code, done.err) == (0, "")
    assert "7 papers" in done.out


async def _put_reading(home: Path) -> None:
    async with (
        open_store(f"sqlite:///{home / 'paperboy.sqlite3'}") as store,
        store.transaction() as tx,
    ):
        read = Reading(
            "2512.15716",
            "zh",
            Rung.FULL_TEXT,
            ("一句话。",),
            model="a-model",
            read_at=datetime(2025, 12, 27, tzinfo=UTC),
            unfound=("9",),
            report=Report(contribution="记住 9 个地方。"),
        )
        await tx.readings.put(read)


def test_readings_are_those_of_the_language_and_none_is_made(
    command, home: Path, tmp_path: Path
) -> None:
    def export(language: str) -> str:
        ask = ("--form", "reading-report", "--date", DAY, "--lang", language, "--out", language)
        assert command("export", *ask).code == 0
        return (tmp_path / language / NAMES["reading-report"]).read_text("utf-8")

    assert "- **阅读来源**: HTML\n" not in export("zh")
    asyncio.run(_put_reading(home))
    chinese = export("zh")
    assert "记住 9⁽?⁾ 个地方。" in chinese
    assert chinese.count("- **阅读来源**: HTML\n") == 1
    assert "记住" not in export("ko")


def test_papers_stand_by_votes_and_then_as_the_source_lists_them(command, daily: Daily) -> None:
    day = date(2025, 12, 26)
    votes = {"2512.00003": 5, "2512.00009": 7, "2512.00001": 5, "2512.00002": 5}
    daily.lists = {day: [a_record(one, day, count) for one, count in votes.items()]}
    command("export", "--form", "json", "--date", DAY, "--out", "out")
    held = json.loads(Path("out", NAMES["json"]).read_text("utf-8"))
    order = [paper["id"] for paper in held["papers"]]
    assert order == ["2512.00009", "2512.00003", "2512.00001", "2512.00002"]


def test_many_days_go_in_one_command(command, daily: Daily) -> None:
    first = date(2025, 12, 1)
    days = [first + timedelta(days=one) for one in range(21)]
    working = [day for day in days if day.weekday() < 5]
    daily.lists = {day: [a_record(f"2512.{day:%d}001", day, 1)] for day in working[1:]}
    ask = ("export", "--form", "ranking", "--date", "2025-12-01", "--to", "2025-12-21")
    done = command(*ask, "--out", "out")
    assert (done.code, done.err) == (0, "")
    files = [f"out/ranking_{day}.md  1 paper" for day in working[1:]]
    assert done.out.splitlines() == [*files, "7 days without papers"]
    told = command(*ask, "--out", "out", "--json").objects
    assert [one["date"] for one in told] == [day.isoformat() for day in days]
    states = [one["state"] for one in told if date.fromisoformat(one["date"]) in working]
    assert states == ["none-listed", *["unchanged"] * 14]
    assert {one["state"] for one in told} == {"none-listed", "unchanged"}


@pytest.mark.parametrize(
    ("day", "says"),
    [
        ("2025-12-24", "No papers were listed for 2025-12-24.\n"),
        ("2025-12-27", "No list is made on Saturdays (2025-12-27).\n"),
        ("2025-12-29", "No papers are listed for 2025-12-29 yet.\n"),
    ],
)
def test_a_day_without_papers_is_said_and_gets_no_file(command, day: str, says: str) -> None:
    now = ("--now", "2025-12-29T08:00Z")
    done = command("export", "--form", "brief", "--date", day, "--out", "out", *now)
    assert (done.code, done.out, done.err) == (0, says, "")
    assert not Path("out").exists()


def test_a_source_that_fails_is_said_once_and_what_is_stored_is_written(
    command, refusing_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    command("digest", "--date", DAY)
    monkeypatch.setenv("HF_ENDPOINT", refusing_url)
    days = ("--date", "2025-12-22", "--to", DAY)
    done = command("export", "--form", "brief", *days, "--out", "out", "--json")
    assert done.code == 1
    states = [one["state"] for one in done.objects]
    assert states == ["source-failed"] * 4 + ["written"]
    assert "were not asked for" in done.objects[3]["text"]
    assert len(done.err.splitlines()) == len({one["text"] for one in done.objects[:4]})


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--form", "poster"], '"poster" is not a form. Choose one of: reading-report, brief,'),
        (["--date", "soon"], '"soon" is not a date.'),
        (["--date", "2999-01-01"], "lies in the future"),
        (["--to", "2025-12-01"], "--to 2025-12-01 lies before --date 2025-12-26"),
        (["--date", "2020-01-01", "--to", DAY], "at most 366 go into one command"),
        (["--lang", "fr"], '"fr" is not known here.'),
        (["--out", "a-file"], "--out a-file is a file"),
    ],
)
def test_what_is_typed_wrong_is_one_sentence_and_code_2(command, arguments, says: str) -> None:
    Path("a-file").write_text("")
    asked = {"--form": "brief", "--date": DAY, "--out": "out"}
    asked |= dict(zip(arguments[::2], arguments[1::2], strict=True))
    done = command("export", *(word for pair in asked.items() for word in pair))
    assert done.code == 2
    assert done.out == ""
    assert says in done.err
    assert len(done.err.splitlines()) == 1
    assert not Path("out").exists()


def test_a_file_that_cannot_be_written_is_said_and_leaves_nothing(command) -> None:
    Path("out", NAMES["brief"]).mkdir(parents=True)
    done = command("export", "--form", "brief", "--date", DAY, "--out", "out")
    assert done.code == 1
    assert done.err.startswith("paperboy: The system refused: ")
    assert [one.name for one in Path("out").iterdir()] == [NAMES["brief"]]
