"""The `.env` file: what stands in it is kept, changed values are replaced, all of it at once."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from io import StringIO
from pathlib import Path

from bot.errors import SetUpWrong, Usage

_HEAD = "# Settings of Paperboy, written by `paperboy init`; docs/settings.md names them all.\n"
# What python-dotenv, `docker --env-file`, compose and systemd's EnvironmentFile read alike without
# quotes: no quote, backslash, dollar or hash, no white space at the ends.
_PLAIN = re.compile(r"[^\s\"'\\$#`](?:[^\"'\\$#`\x00-\x1f\x7f]*[^\s\"'\\$#`])?")


def plain(value: str) -> str:
    """The value, if every reader of such files reads it alike. Raises Usage."""
    if not _PLAIN.fullmatch(value) or not value.isprintable():
        raise Usage(
            "This cannot be written so that every program reads it alike: quotes, $, #, "
            "backslashes and line breaks must not be in it. Secrets may stand in files of their "
            "own: PAPERBOY_…_FILE names them."
        )
    return value


class EnvFile:
    """One `.env` file, read now and written by `write`."""

    def __init__(self, path: Path) -> None:
        """Raises SetUpWrong for a file that cannot be read."""
        self.path = path
        try:
            self._text = path.read_text(encoding="utf-8") if path.exists() else None
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or error
            raise SetUpWrong(f"The file {path} cannot be read: {why}.") from None
        self.values: dict[str, str] = self._values()

    @property
    def is_new(self) -> bool:
        """Whether there is no such file yet."""
        return self._text is None

    def _values(self) -> dict[str, str]:
        from dotenv import dotenv_values

        found = dotenv_values(stream=StringIO(self._text or ""))
        return {name: value for name, value in found.items() if value}

    def changed(self, changes: Mapping[str, str | None]) -> str:
        """The text with these values in it; those that are None are left out."""
        from dotenv.parser import parse_stream

        lines = []
        left = dict(changes)
        for one in parse_stream(StringIO(self._text if self._text is not None else _HEAD)):
            said = one.original.string
            if one.key is None or one.key not in changes:
                lines.append(said)
                continue
            before = said[: len(said) - len(said.lstrip("\r\n"))]  # empty lines belong to it
            value = changes[one.key]
            left.pop(one.key, None)
            lines.append(before if value is None else f"{before}{one.key}={plain(value)}\n")
        text = "".join(lines)
        for name, value in left.items():
            if value is not None:
                text += "" if not text or text.endswith("\n") else "\n"
                text += f"{name}={plain(value)}\n"
        return text

    def write(self, changes: Mapping[str, str | None]) -> None:
        """Put the changes into the file, which only its owner can read then; the one before
        stands beside it as `.env.old`. Raises SetUpWrong, and then the file is as it was."""
        text = self.changed(changes)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self._text is not None:
                _put(self.path.with_name(self.path.name + ".old"), self._text)
            _put(self.path, text)
        except OSError as error:
            raise SetUpWrong(f"The file {self.path} cannot be written: {error.strerror}.") from None


def _put(path: Path, text: str) -> None:
    """All of it or nothing; nobody else can read it at any moment."""
    target = path.resolve()  # a link stays one
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, target)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
