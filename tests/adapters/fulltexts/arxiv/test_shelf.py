"""Promises of the shelf: bounded, and what was used last stays."""

from __future__ import annotations

from pathlib import Path

from adapters.fulltexts.arxiv.shelf import DAY, UNUSED, Missing, Shelf
from bot.ports.reading import Section, Whole


def text(paper_id: str, version: int | None = 1) -> Whole:
    return Whole(paper_id, version, "T", "A", (Section(1, "S", "word " * 50, True),), ("veiled",))


def test_what_was_kept_comes_back_the_same(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, clock=lambda: 0.0)
    shelf.keep("math/0601001", 1, text("math/0601001"))
    assert shelf.find("math/0601001", 1) == text("math/0601001")
    assert shelf.find("math/0601001", 2) is None
    shelf.keep("2601.00001", None, Missing("none"))
    assert shelf.find("2601.00001", None) == Missing("none")


def test_the_longest_unused_goes_first(tmp_path: Path) -> None:
    now = [0.0]
    shelf = Shelf(tmp_path, clock=lambda: now[0], most_files=2)
    for name in ("2601.00001", "2601.00002", "2601.00003"):
        now[0] += 10
        shelf.keep(name, 1, text(name))
    now[0] += 10
    assert shelf.find("2601.00001", 1) is not None
    shelf.clear()
    kept = [shelf.find(f"2601.0000{n}", 1) is not None for n in (1, 2, 3)]
    assert kept == [True, False, True]


def test_what_nobody_used_for_long_goes(tmp_path: Path) -> None:
    now = [0.0]
    shelf = Shelf(tmp_path, clock=lambda: now[0])
    shelf.keep("2601.00001", 1, text("2601.00001"))
    now[0] += UNUSED - DAY
    shelf.clear()
    assert len(list(tmp_path.iterdir())) == 1
    now[0] += 2 * DAY
    shelf.clear()
    assert list(tmp_path.iterdir()) == []
