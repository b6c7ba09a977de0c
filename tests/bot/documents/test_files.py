"""A file is whole, old or new: never a part, never touched without need."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.documents import put


def test_an_equal_file_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "new" / "day.md"
    assert put(file, "오늘\n") is True
    before = file.stat()
    assert put(file, "오늘\n") is False
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    assert file.read_bytes() == "오늘\n".encode()


def test_what_breaks_off_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "day.md"
    put(file, "old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            put(file, "new")
    assert [one.name for one in tmp_path.iterdir()] == ["day.md"]
    assert file.read_text() == "old"
    assert put(file, "new") is True
    assert file.read_text() == "new"


def test_half_a_letter_is_no_reason_to_fail(tmp_path: Path) -> None:
    put(tmp_path / "day.md", "a\ud800b")
    assert (tmp_path / "day.md").read_text("utf-8") == "a?b"
