"""The list of one day alone, as it would be drawn: consumes nothing, may be repeated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.cards import Block, Heading, ListCovered, NoticeBlock
from bot.channels import Notice
from bot.desk import Desk
from bot.digest.choose import Choice, choose
from bot.digest.compose import (
    CardShelf,
    digest_blocks,
    next_closing,
    no_match_notice,
    none_listed_notice,
    not_yet_notice,
    unread_notice,
)
from bot.digest.pool import WHOLE_LIST, Pool, View
from bot.editions import DUE_AGE, read_day
from bot.errors import Usage
from bot.papers import Edition, EditionState
from bot.texts import Texts, texts

_BACK = 10  # days: how far the newest list that holds something is looked for


@dataclass(frozen=True, slots=True)
class Preview:
    """What a day holds for some topics."""

    day: date
    blocks: tuple[Block, ...]
    papers: int
    matched: int
    shown: int
    hidden: int
    passed: int
    notice: Notice | None  # why it holds nothing, or what is missing
    failure: str | None = None  # the sentence of a source that could not be read just now


async def preview(
    desk: Desk,
    *,
    day: date | None,
    topics: Sequence[str],
    language: str,
    links: str,
    limit: int,
    now: datetime,
    zone: str = "UTC",
    page: int = 1,
    list_lines: int | None = 40,
    sources_all: bool = False,
) -> Preview:
    """The list of `day` (None: the newest that is not empty), for the topics.

    Reads it from the sources where it is not closed or not known. `page` 2 and up give the
    papers beyond the cards, `list_lines` (or 40) at a time. Raises Usage for a day in the
    future and TopicError for a wrong query.
    """
    names = _followed(desk, topics, sources_all)
    today = now.date()
    past = day if day is not None and day < today else None
    if day is None:
        day, editions = await _newest(desk, names, now)
    elif day > today:
        raise Usage(f"{day.isoformat()} lies in the future; the newest list is of {today}.")
    else:
        editions = [await _known(desk, name, day, now) for name in names]
    async with desk.store.snapshot() as tx:
        listings = [one for name in names for one in await tx.editions.listings_on(name, day)]
        papers = await tx.papers.get({one.paper_id for one in listings})
        readings = await tx.readings.get(list(papers), language)
    pool = Pool(desk, papers, listings, editions)
    lists = tuple(
        ListCovered(e.source, e.day, e.state is not EditionState.OPEN)
        for e in editions
        if pool.holds(e.source, e.day)
    )
    everything = (1 << len(pool.papers)) - 1
    lines = None if page > 1 else list_lines
    choice = choose(
        pool,
        View(everything, 0, everything, lists),
        topics,
        {},
        limit=limit,
        list_lines=lines,
        now=now,
    )
    if page > 1:
        choice = _page(choice, page, list_lines or 40)
    failed = [edition for edition in editions if edition.failure]
    t = texts(language)
    notice = _notice(t, desk, choice, editions, failed, now, zone, past)
    if choice.shown:
        shelf = CardShelf({(one, language): reading for one, reading in readings.items()})
        blocks = digest_blocks(
            choice,
            shelf,
            local_date=day,
            lists=lists,
            topics=topics,
            language=language,
            links=links,
            missing=notice,
            missing_sources=tuple(e.source for e in failed),
            rest_day=day,
        )
    else:
        heading = Heading(day, lists, choice.papers, choice.matched, ())
        blocks = (heading, notice) if notice else (heading,)
    return Preview(
        day,
        blocks,
        choice.papers,
        choice.matched,
        choice.shown,
        choice.hidden,
        len(choice.passed),
        notice.state if notice else None,
        failed[-1].failure if failed else None,
    )


def _followed(desk: Desk, topics: Sequence[str], sources_all: bool) -> list[str]:
    everything = bool(topics) or sources_all
    return [name for name in desk.sources if everything or name == WHOLE_LIST]


async def _known(desk: Desk, name: str, day: date, now: datetime) -> Edition:
    """The edition as stored when it is closed or was just read; else read now."""
    async with desk.store.snapshot() as tx:
        edition = await tx.editions.get(name, day)
    if edition is not None and edition.read_at is not None and edition.failure is None:
        fresh = timedelta(0) <= now - edition.read_at < DUE_AGE
        if edition.state is not EditionState.OPEN or fresh:
            return edition
    return await read_day(desk, name, day, now)


async def _newest(desk: Desk, names: list[str], now: datetime) -> tuple[date, list[Edition]]:
    """The newest day on which some list holds papers; today when none was found."""
    first: tuple[date, list[Edition]] | None = None
    for back in range(_BACK):
        day = now.date() - timedelta(days=back)
        if not any(desk.sources[name].expects(day) for name in names):
            continue
        editions = [await _known(desk, name, day, now) for name in names]
        if any(edition.count for edition in editions):
            return day, editions
        first = first or (day, editions)
        if all(edition.failure for edition in editions) and first[0] != day:
            break  # two days in a row that cannot be read: the source is down
    return first or (now.date(), [])


def _page(choice: Choice, page: int, lines: int) -> Choice:
    """The papers beyond the cards, one page of lines at a time; page 2 is the first."""
    start = (page - 2) * lines
    rest = choice.lines
    return Choice(
        choice.papers, choice.matched, (), rest[start : start + lines], rest[start + lines :]
    )


def _notice(
    t: Texts,
    desk: Desk,
    choice: Choice,
    editions: Sequence[Edition],
    failed: Sequence[Edition],
    now: datetime,
    zone: str,
    past: date | None,
) -> NoticeBlock | None:
    if failed:
        return unread_notice(t, [edition.source for edition in failed])
    if choice.shown or choice.matched:
        return None
    if choice.papers:
        return no_match_notice(t, choice.hidden)
    still_open = [e for e in editions if e.state is EditionState.OPEN and e.closes > now]
    if still_open and desk.sources[still_open[0].source].expects(still_open[0].day):
        return not_yet_notice(t, still_open[0].closes, zone)
    return none_listed_notice(t, next_closing(desk, now), zone, past)
