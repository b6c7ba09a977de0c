"""`paperboy export`: stored days as documents; what is not stored is read from the source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.channels import Notice
from bot.cli.exits import say
from bot.cli.lines import emit
from bot.cli.options import Json, Now
from bot.errors import Usage
from bot.papers import EditionState

if TYPE_CHECKING:
    from bot.desk import Desk
    from bot.documents import Form, ListedDay

MOST_DAYS = 366
_DOWN = 2  # days in a row that cannot be read, after which the source is not asked again


def export(
    form: Annotated[
        str,
        typer.Option(
            metavar="reading-report|brief|ranking|json", help="What the document looks like."
        ),
    ],
    day: Annotated[
        str, typer.Option("--date", metavar="D", help="As 2025-12-26, today or yesterday.")
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the files; made if missing.")],
    to: Annotated[
        str | None, typer.Option(metavar="D", help="Every day from --date to this one.")
    ] = None,
    lang: Annotated[
        str | None,
        typer.Option("--lang", metavar="en|zh|ko", help="Language of the readings."),
    ] = None,
    now: Now = None,
    as_json: Json = False,
) -> int:
    """Write days as documents, one file each.

    Readings are taken as they are stored; none is made. Days that are not stored are read first.
    """
    from bot.cli.options import language, standing
    from bot.cli.work import begin, perform

    settings = begin()
    moment = standing(now, settings.now)
    shape = _form(form)
    spoken = language(lang, settings.language)
    days = _days(day, to, moment.date())
    if out.exists() and not out.is_dir():
        raise Usage(f"--out {out} is a file; it has to be a folder.")

    async def work() -> int:
        from bot.app import open_desk
        from bot.cli.progress import progress

        outcome = Outcome(shape, spoken)
        try:
            async with open_desk(settings) as desk:
                with progress("Writing the days", len(days)) as step:
                    await _write(desk, days, out, moment, outcome, step)
        finally:  # what was written before it broke off is told as well
            outcome.tell(as_json=as_json)
        return 1 if any(one.state == Notice.SOURCE_FAILED for one in outcome.missing) else 0

    return perform(work())


@dataclass(frozen=True, slots=True)
class File:
    """A day that has its file."""

    day: date
    path: Path
    papers: int
    rungs: dict[str, int]  # how many of its readings come from what
    closed: bool  # its list grows no more
    new: bool  # False: it was there, and equal


@dataclass(frozen=True, slots=True)
class Missing:
    """A day without a file."""

    day: date
    state: Notice
    text: str


@dataclass(slots=True)
class Outcome:
    """What became of the days, told at the end: a progress bar and lines do not mix."""

    form: Form
    language: str
    files: list[File] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)  # of days that are stored all the same

    def tell(self, *, as_json: bool) -> None:
        """Print it: the files on the output stream, for people what is missing on the other."""
        if as_json:
            self._emit()
        else:
            self._print()
        failed = [one.text for one in self.missing if one.state == Notice.SOURCE_FAILED]
        for text in dict.fromkeys([*self.failures, *failed]):
            say(text)

    def _emit(self) -> None:
        every: list[File | Missing] = [*self.files, *self.missing]
        for one in sorted(every, key=lambda each: each.day):
            day = one.day.isoformat()
            if isinstance(one, Missing):
                emit({"kind": "notice", "date": day, "state": one.state, "text": one.text})
                continue
            emit(
                {
                    "kind": "file",
                    "date": day,
                    "form": self.form,
                    "lang": self.language,
                    "file": str(one.path),
                    "papers": one.papers,
                    "rungs": one.rungs,
                    "closed": one.closed,
                    "state": "written" if one.new else "unchanged",
                }
            )

    def _print(self) -> None:
        for one in self.files:
            papers = "1 paper" if one.papers == 1 else f"{one.papers} papers"
            print(f"{one.path}  {papers}{'' if one.new else ', unchanged'}")
        empty = [one for one in self.missing if one.state != Notice.SOURCE_FAILED]
        if empty and not self.files:
            print("\n".join(one.text for one in empty[-1:]))
        elif empty:
            print(f"{len(empty)} {'day' if len(empty) == 1 else 'days'} without papers")


def _form(typed: str) -> Form:
    from bot.documents import Form

    try:
        return Form(typed.strip().lower())
    except ValueError:
        known = ", ".join(Form)
        raise Usage(f'"{typed[:40]}" is not a form. Choose one of: {known}.') from None


def _days(first: str, last: str | None, today: date) -> list[date]:
    """Every day from the first to the last; a day alone without a last."""
    from bot import choices

    begin = choices.day(first, today)
    end = begin if last is None else choices.day(last, today)
    if end < begin:
        raise Usage(f"--to {end} lies before --date {begin}; give the earlier day as --date.")
    count = (end - begin).days + 1
    if count > MOST_DAYS:
        raise Usage(f"{count} days are too many at once; at most {MOST_DAYS} go into one command.")
    return [begin + timedelta(days=one) for one in range(count)]


async def _write(
    desk: Desk,
    days: list[date],
    out: Path,
    now: datetime,
    outcome: Outcome,
    step: Callable[[], None],
) -> None:
    from bot.documents import file_name, listed, put, written

    failed = 0  # in a row
    for day in days:
        held = await listed(desk, day, outcome.language, now, ask=failed < _DOWN)
        edition = held.edition
        if edition is not None and edition.tried_at == now:
            failed = failed + 1 if edition.failure else 0
        if held.entries:
            path = out / file_name(outcome.form, day)
            rungs = Counter(str(one.reading.rung) for one in held.entries)
            closed = edition is not None and edition.state is not EditionState.OPEN
            new = put(path, written(outcome.form, held))
            outcome.files.append(
                File(day, path, len(held.entries), dict(sorted(rungs.items())), closed, new)
            )
            if edition is not None and edition.failure:
                outcome.failures.append(f"{edition.failure} What is stored was written.")
        else:
            outcome.missing.append(_missing(desk, held, now))
        step()


def _missing(desk: Desk, held: ListedDay, now: datetime) -> Missing:
    """Why there is nothing to write."""
    from bot.digest.pool import WHOLE_LIST

    day, edition = held.day, held.edition
    if not desk.sources[WHOLE_LIST].expects(day):
        return Missing(day, Notice.NONE_LISTED, f"No list is made on {day:%A}s ({day}).")
    if edition is None:
        text = "The source does not answer; the days behind were not asked for."
        return Missing(day, Notice.SOURCE_FAILED, text)
    if edition.failure:
        return Missing(day, Notice.SOURCE_FAILED, edition.failure)
    if edition.state is EditionState.OPEN and edition.closes > now:
        return Missing(day, Notice.NOT_YET, f"No papers are listed for {day} yet.")
    return Missing(day, Notice.NONE_LISTED, f"No papers were listed for {day}.")
