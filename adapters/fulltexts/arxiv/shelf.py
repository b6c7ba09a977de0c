"""Full texts kept on disk, so that no page is asked for twice.

What is kept, and for how long:

- a text of a version stays as it is: until it was not used for 90 days;
- which version is the latest is known for a day;
- that there is no text, or that its page cannot be used, is known for an hour;
- when everything together is more than 300 MB or 10,000 files, what was used the longest time ago
  goes first. That is looked at when the shelf is first written to, and after every 200 writes.

A file that cannot be read, or was written by another version of the program, is as good as none.
Times are those of the files and of the clock that is given, seconds since 1970.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.ports.reading import Section, Whole

HOUR, DAY = 3_600.0, 86_400.0  # seconds
UNUSED = 90 * DAY
MOST_BYTES = 300_000_000
MOST_FILES = 10_000
LARGEST = 100_000_000  # bytes of one text, unpacked
_BETWEEN = 200  # writes from one clearing to the next
_FORM = 1  # counts up when pages are understood anew, so that old texts are read again
_END = ".json.z"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Missing:
    """That there is nothing to be read, and why."""

    why: str
    unusable: bool = False  # there is a page, but it cannot be used


class Shelf:
    """One folder of texts; several processes may use the same."""

    def __init__(
        self,
        folder: Path,
        *,
        clock: Callable[[], float],
        most_bytes: int = MOST_BYTES,
        most_files: int = MOST_FILES,
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._most_bytes = most_bytes
        self._most_files = most_files
        self._writes = 0
        self._told = False

    def find(self, paper_id: str, version: int | None) -> Whole | Missing | None:
        """What is known of that version, or of the latest; None: nothing. Never raises."""
        file = self._file(paper_id, version)
        try:
            with suppress(OSError, ValueError, KeyError, TypeError, zlib.error):
                said = self._read(file)
                age = self._clock() - float(said["at"])
                if "why" in said and -HOUR < age < HOUR:
                    return Missing(str(said["why"]), bool(said["unusable"]))
                if "see" in said and -HOUR < age < DAY:
                    return self.find(paper_id, int(said["see"]))
                if "whole" in said and (version is not None or -HOUR < age < DAY):
                    whole = _whole(said["whole"])
                    if whole.paper_id == paper_id:
                        os.utime(file, (self._clock(), self._clock()))
                        return whole
        except RecursionError:  # a damaged file that nests brackets, or points to itself
            pass
        return None

    def keep(self, paper_id: str, version: int | None, found: Whole | Missing) -> None:
        """Keep what was found for the question. Never raises; a full disk keeps nothing."""
        said: dict[str, Any] = {"form": _FORM, "at": self._clock()}
        try:
            if isinstance(found, Missing):
                self._write(self._file(paper_id, version), said | asdict(found))
                return
            text = said | {"whole": asdict(found)}
            self._write(self._file(paper_id, found.version), text)
            if found.version != version:
                about = {"see": found.version} if found.version else text
                self._write(self._file(paper_id, version), said | about)
        except OSError as error:
            if not self._told:
                log.warning(
                    "full texts are not kept: %s cannot be written: %s", self._folder, error
                )
            self._told = True

    def clear(self) -> None:
        """Take away what is too old or too much. Never raises."""
        with suppress(OSError):
            files = []
            for entry in os.scandir(self._folder):
                with suppress(OSError):
                    told = entry.stat()
                    if entry.name.endswith((_END, ".part")):
                        files.append((told.st_mtime, told.st_size, entry.path))
            now, total = self._clock(), 0
            for count, (used, size, path) in enumerate(sorted(files, reverse=True), 1):
                total += size
                old = now - used > (HOUR if path.endswith(".part") else UNUSED)
                if old or total > self._most_bytes or count > self._most_files:
                    with suppress(OSError):
                        os.unlink(path)

    def _file(self, paper_id: str, version: int | None) -> Path:
        name = paper_id.replace("/", "_")
        return self._folder / (f"{name}v{version}{_END}" if version else f"{name}{_END}")

    def _read(self, file: Path) -> dict[str, Any]:
        unpacking = zlib.decompressobj()
        said = json.loads(unpacking.decompress(file.read_bytes(), LARGEST))
        if not isinstance(said, dict) or said["form"] != _FORM:
            raise ValueError("another form")
        return said

    def _write(self, file: Path, said: dict[str, Any]) -> None:
        if self._writes % _BETWEEN == 0:
            self.clear()
        self._writes += 1
        packed = zlib.compress(json.dumps(said, ensure_ascii=True).encode(), 6)
        self._folder.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(suffix=".part", dir=self._folder)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(packed)
            os.utime(part, (self._clock(), self._clock()))
            os.replace(part, file)
        except BaseException:
            with suppress(OSError):
                os.unlink(part)
            raise


def _whole(said: dict[str, Any]) -> Whole:
    sections = tuple(Section(**each) for each in said.pop("sections"))
    texts = [said["title"], said["abstract"]]
    for section in sections:
        texts += [section.title, section.text]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("not a text")
    return Whole(**{**said, "sections": sections, "unseen": tuple(said["unseen"])})
