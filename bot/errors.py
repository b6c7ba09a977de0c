"""Errors, sorted by what the catcher does.

PaperboyError
├── Stop                 the process ends; `code` says why
│   ├── SetUpWrong       2: a setting, a file or the database is not usable
│   │   └── FolderShut   this user may not write where the bot keeps its things
│   └── Refused          3: the token was refused, or a second instance runs
├── Answer               the person is told this sentence; nothing else happens
│   ├── Usage            what was typed is wrong: where, and an example
│   │   └── TopicError   a wrong query, with the place of the error
│   └── NotFound         there is no such paper, date, topic or channel
├── Skip                 one record is unusable; it is counted and named, the rest goes on
│   └── Unusable         what a model answered, with what it cost
│       └── TooLong      it takes no text of that length
├── Retry                not now: a source or the database did not answer; later it may
│   ├── SourceFailed     a source could not be read
│   ├── StoreBusy        the database is locked by another process
│   ├── FenceLost        another process does this now
│   └── OverBudget       the tokens of the day, or of a person's day, are spent
└── GiveUp               asking again cannot help: the source refuses this very question
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.ports import Fetched


class PaperboyError(Exception):
    """Every error of ours; its text is one sentence for the person who can fix it."""

    def __str__(self) -> str:
        return " ".join(str(part) for part in self.args) or (self.__doc__ or "").split("\n")[0]


class Stop(PaperboyError):
    """The process ends."""

    code = 1


class SetUpWrong(Stop):
    """Something that the operator set up cannot be used."""

    code = 2


class FolderShut(SetUpWrong):
    """A folder, or a file in it, that this user may not write to."""

    def __init__(self, folder: Path) -> None:
        user = os.geteuid() if hasattr(os, "geteuid") else None
        if user is None:
            super().__init__(f"The folder {folder} cannot be written to: choose another with")
        elif (outside := _mounted(folder)) is None:
            make = f"install -d -o {user}" if not os.path.exists(folder) else f"chown -R {user}"
            super().__init__(
                f"The folder {folder} cannot be written to by this user (id {user}): run "
                f"`sudo {make} {folder}`, or choose another with"
            )
        else:
            super().__init__(
                f"The folder {folder} cannot be written to by this user (id {user}): run `sudo "
                f"chown -R {user} {outside}` on the machine that lends it to this container (a "
                "folder of another disk stands there under another path), or choose another with"
            )
        self.args = (f"{self.args[0]} PAPERBOY_HOME or PAPERBOY_DATABASE_URL.",)

    @classmethod
    def found(cls, *paths: Path) -> FolderShut | None:
        """The error for the first of the folders and files that this user may not write to;
        None: none of them. What does not exist yet is no obstacle where it can be made."""
        for path in paths:
            there = path
            while not os.path.exists(there) and there != there.parent:
                there = there.parent
            wanted = os.W_OK | os.X_OK if os.path.isdir(there) else os.W_OK
            if not os.access(there, wanted | os.R_OK, effective_ids=_EFFECTIVE):
                return cls(path.parent if os.path.isfile(path) else path)
        return None


_EFFECTIVE = os.access in os.supports_effective_ids


def _mounted(folder: Path) -> str | None:
    """Where the machine has a folder that it lends to this container; None outside of one, and
    for a folder of its own (proc(5), mountinfo: the fourth word is the path on the disk)."""
    if not any(os.path.exists(mark) for mark in ("/.dockerenv", "/run/.containerenv")):
        return None
    found = None
    try:
        for line in Path("/proc/self/mountinfo").read_text("utf-8").splitlines():
            disk, point = line.split()[3:5]
            if point != "/" and disk != "/" and folder.is_relative_to(point):
                found = (Path(disk) / folder.relative_to(point)).as_posix()
    except (OSError, ValueError):
        return None
    return found


class Refused(Stop):
    """A platform refused the token, or another instance uses it."""

    code = 3


class Answer(PaperboyError):
    """A sentence for the person who asked.

    It is ready to be said; or, with `values`, a msgid with their names in braces, for who can
    say it in another language.
    """

    def __init__(self, what: str = "", **values: str) -> None:
        super().__init__(what.format(**values) if values else what)
        self.what = what
        self.values = values


class Usage(Answer):
    """What was typed cannot be understood."""


class TopicError(Usage):
    """A topic query is wrong at one place."""

    def __init__(
        self, what: str, *, query: str, position: int, example: str, **values: str
    ) -> None:
        super().__init__(what, **values)
        self.query = query
        self.position = position  # offset in code points from the start of `query`
        self.example = example  # a query that works

    def __str__(self) -> str:
        shown, place = self.query, self.position
        if len(shown) > 60:
            first = max(0, place - 25)
            last = place + 25
            shown = ("…" if first else "") + self.query[first:last].strip()
            shown += "…" if last < len(self.query) else ""
        where = f"At character {place + 1} of “{shown}”" if shown.strip() else "In an empty topic"
        return f"{super().__str__()} ({where}.) For example: {self.example}"


class NotFound(Answer):
    """There is nothing of that name."""


class Skip(PaperboyError):
    """One record cannot be used."""


class Unusable(Skip):
    """What a model answered cannot be used."""

    def __init__(self, message: str, *, tokens_in: int = 0, tokens_out: int = 0) -> None:
        super().__init__(message)
        self.tokens_in = tokens_in  # spent all the same
        self.tokens_out = tokens_out


class TooLong(Unusable):
    """A text is longer than the model takes; a shorter one may do."""

    def __init__(
        self, message: str, *, takes: int | None = None, tokens_in: int = 0, tokens_out: int = 0
    ) -> None:
        super().__init__(message, tokens_in=tokens_in, tokens_out=tokens_out)
        self.takes = takes  # tokens, question and answer together, when the service told


class Retry(PaperboyError):
    """It did not work now; it may later."""


class SourceFailed(Retry):
    """A source could not be read."""

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        partial: Fetched | None = None,
        told: str = "",
    ) -> None:
        super().__init__(message)
        self.told = told  # for the person who asked, in their language and without the details
        self.retry_after = retry_after  # seconds, when the source said so
        self.partial = partial  # what of a list came whole before it broke off


class StoreBusy(Retry):
    """The database is locked by another process."""


class FenceLost(Retry):
    """Another process does this now."""


class OverBudget(Retry):
    """The tokens of the day are spent."""

    def __init__(self, *, personal: bool) -> None:
        super().__init__("The tokens of the day are spent.")
        self.personal = personal  # whether those of one person, not of everybody


class GiveUp(PaperboyError):
    """The source refuses this very question."""
