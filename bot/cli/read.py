"""`paperboy read`: the papers of one day read now, or what that would cost."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.lines import emit
from bot.cli.options import Json, Now
from bot.errors import SetUpWrong
from bot.papers import Paper

if TYPE_CHECKING:
    from bot.desk import Desk
    from bot.settings import Settings


def read(
    day: Annotated[
        str | None,
        typer.Option("--date", metavar="D", help="As 2025-12-26, today or yesterday; else today."),
    ] = None,
    lang: Annotated[
        str | None, typer.Option("--lang", metavar="en|zh|ko", help="Language of the readings.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what it would cost; ask no model.")
    ] = False,
    now: Now = None,
    as_json: Json = False,
) -> int:
    """Have a day's papers read by the model, or tell the cost.

    Every paper that the sources list for the day. What is read already costs nothing. Code 1:
    not every paper could be read by the model.
    """
    from bot import choices
    from bot.cli.options import language, standing
    from bot.cli.work import begin, perform

    settings = begin()
    if settings.llm_model is None and not dry_run:
        raise SetUpWrong("No model is set; an example: PAPERBOY_LLM_MODEL=gpt-5-mini.")
    moment = standing(now, settings.now)
    listed = choices.day(day, moment.date()) if day is not None else moment.date()
    spoken = language(lang, settings.language)

    async def work() -> int:
        from bot.app import open_desk

        async with open_desk(settings, platforms={}, reading=not dry_run) as desk:
            papers = await _listed(desk, listed, moment)
            cost = await _cost(desk, settings, listed, papers, spoken, moment)
            if dry_run:
                _tell_cost(cost, as_json=as_json)
                return 0
            return await _read(desk, papers, cost, moment, as_json=as_json)

    return perform(work())


@dataclass(frozen=True, slots=True)
class Cost:
    """What reading a day costs at most."""

    day: date
    language: str
    papers: int
    unread: int
    tokens: int  # in and out, of the unread ones
    spent: int  # tokens of today so far
    daily: int | None  # that today may cost


async def _listed(desk: Desk, day: date, now: datetime) -> list[Paper]:
    """The papers of the day by votes; lists that are not closed are read first."""
    from bot.cli.exits import say
    from bot.cli.progress import progress
    from bot.editions import read_day
    from bot.papers import EditionState

    for name in desk.sources:
        async with desk.store.snapshot() as tx:
            edition = await tx.editions.get(name, day)
        if edition is None or edition.state is EditionState.OPEN:
            with progress("Reading the list"):
                edition = await read_day(desk, name, day, now)
            if edition.failure:
                say(edition.failure)
    async with desk.store.snapshot() as tx:
        listings = [
            one for name in desk.sources for one in await tx.editions.listings_on(name, day)
        ]
        papers = await tx.papers.get({one.paper_id for one in listings})
    return sorted(papers.values(), key=lambda one: (-(one.upvotes or 0), one.id))


async def _cost(
    desk: Desk, settings: Settings, day: date, papers: list[Paper], language: str, now: datetime
) -> Cost:
    from bot.reading.asking import report_form

    async with desk.store.snapshot() as tx:
        readings = await tx.readings.get([one.id for one in papers], language)
        spent = (await tx.spending.of(now.date(), "")).tokens
    unread = sum(one.id not in readings for one in papers)
    each = settings.reading_tokens + report_form("", language).most_tokens
    daily = settings.llm_daily_tokens
    return Cost(day, language, len(papers), unread, unread * each, spent, daily)


async def _read(
    desk: Desk, papers: list[Paper], cost: Cost, now: datetime, *, as_json: bool
) -> int:
    from bot.cards import Rung
    from bot.cli.exits import say
    from bot.cli.progress import progress
    from bot.reading.shelf import SPENT

    room = desk.room
    assert room is not None
    if not room.reads(cost.language):
        raise SetUpWrong(f"PAPERBOY_READING_LANGUAGES leaves {cost.language} out.")
    with progress("Reading the papers", len(papers)) as step:
        readings = await room.read_all([(one, cost.language) for one in papers], lambda: now, step)
    rungs = Counter(str(one.rung) for one in readings)
    tokens = (await room.purse.spent(now)).tokens - cost.spent
    by_model = sum(rungs[rung] for rung in (Rung.FULL_TEXT, Rung.ABSTRACT))
    if as_json:
        emit(
            {
                "kind": "read",
                "date": cost.day.isoformat(),
                "lang": cost.language,
                "papers": cost.papers,
                "rungs": dict(sorted(rungs.items())),
                "tokens": tokens,
            }
        )
    elif not papers:
        print(f"{cost.day}: no paper of this day is known; --date names another day")
    else:
        print(
            f"{cost.day}: {_count(cost.papers)}, {rungs[Rung.FULL_TEXT]} read from the full text, "
            f"{rungs[Rung.ABSTRACT]} from the abstract; {tokens:,} tokens"
        )
    if by_model < len(papers):
        missing = len(papers) - by_model
        said = f"{_count(missing)} {'was' if missing == 1 else 'were'} not read by the model"
        async with desk.store.snapshot() as tx:
            spent = await tx.notes.get(SPENT) == now.date().isoformat()
        say(f"{said}: the day's {cost.daily or 0:,} tokens are spent." if spent else f"{said}.")
        return 1
    return 0


def _tell_cost(cost: Cost, *, as_json: bool) -> None:
    share = round(cost.tokens / cost.daily, 3) if cost.daily else None
    if as_json:
        emit(
            {
                "kind": "cost",
                "date": cost.day.isoformat(),
                "lang": cost.language,
                "papers": cost.papers,
                "unread": cost.unread,
                "tokens": cost.tokens,
                "spent": cost.spent,
                "daily": cost.daily,
                "share": share,
            }
        )
        return
    if not cost.papers:
        print(f"{cost.day}: no paper of this day is known; --date names another day")
        return
    print(
        f"{cost.day}: {_count(cost.papers)}, {cost.unread} not yet read in {cost.language}; "
        f"at most {cost.tokens:,} tokens, in and out"
    )
    if cost.daily is not None:
        print(
            f"That is {share or 0:.1%} of the {cost.daily:,} that a day may cost; "
            f"{cost.spent:,} of today's are spent."
        )


def _count(papers: int) -> str:
    return f"{papers:,} {'paper' if papers == 1 else 'papers'}"
