"""The command over the recorded services: real days, every paper once."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

NINE = "huggingface/one_day_nine_fetches"


@pytest.fixture(autouse=True)
def _recorded(home: Path, replay_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", replay_url)
    monkeypatch.setenv("PAPERBOY_ARXIV_URL", replay_url)


def test_the_matching_papers_of_a_real_day_are_printed_each_once(command, recordings: Path) -> None:
    done = command(
        "digest", "--date", "2026-06-12", "--topics", "video generation, agents",
        "--now", "2026-06-13T12:00Z", "--json",
    )  # fmt: skip
    assert done.code == 0
    records = json.loads((recordings / "huggingface/days/2026-06-12.json").read_text("utf-8"))
    listed = {record["paper"]["id"] for record in records}
    *found, summary = done.objects
    ids = [one["id"] for one in found if one["kind"] == "card"]
    ids += [paper_id for one in found if one["kind"] == "list" for paper_id in one["ids"]]
    assert summary["papers"] == len(listed)
    assert 0 < len(ids) == len(set(ids)) == summary["matched"] == summary["shown"]
    assert set(ids) <= listed
    assert all(one["topics"] for one in found if one["kind"] == "card")


@pytest.mark.parametrize("when", ["fresh", "closed"])
def test_over_nine_fetches_of_one_day_every_paper_is_shown_once(
    command, recordings: Path, replay_url: str, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """The bot looks once an hour of the recorded time and on the days after."""
    files = sorted((recordings / NINE).glob("*.json"))
    moments = [
        datetime.strptime(file.stem, "%Y-%m-%dT%H%M%SZ").replace(tzinfo=UTC) for file in files
    ]
    command(
        "channels", "add", "console:lab", "--at", "06:30", "--limit", "1000", "--when", when,
        "--now", "2025-01-08T06:00Z",
    )  # fmt: skip
    shown: list[str] = []
    later = [datetime(2025, 1, day, 6, 30, tzinfo=UTC) for day in (10, 11, 13)]
    for number, moment in enumerate([*moments, *later]):
        fetch = min(number, len(files) - 1)
        monkeypatch.setenv("HF_ENDPOINT", f"{replay_url}/fetch/{fetch}")
        done = command("once", "--now", moment.isoformat(), "--json")
        assert done.code == 0, done.err
        for one in done.objects:
            shown += [one["id"]] if one["kind"] == "card" else one.get("ids", [])
    final = [record["paper"]["id"] for record in json.loads(files[-1].read_text("utf-8"))]
    assert len(shown) == len(set(shown))
    assert set(shown) >= set(final)


def test_from_friday_to_monday_nothing_is_repeated_and_nothing_said(command) -> None:
    """2025-12-26 was a Friday; no list of Monday 29 December is recorded."""
    command("channels", "add", "console:lab", "--limit", "1000", "--now", "2025-12-26T08:00Z")
    told = {}
    for day in (26, 27, 28, 29):
        done = command("once", "--now", f"2025-12-{day}T09:00Z", "--json")
        assert done.code == 0, done.err
        told[day] = [one["id"] for one in done.objects if one["kind"] == "card"]
        if day in (28, 29):
            assert done.out == ""
    everything = [paper_id for ids in told.values() for paper_id in ids]
    assert told[26]
    assert told[27]
    assert len(everything) == len(set(everything))
