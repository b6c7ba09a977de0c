"""What a topic would have brought lately: counts by day, examples, and how to make it better."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from bot.cards import Block, Paragraph, Span, Table
from bot.cards.cut import clean, cut
from bot.cards.formatter import address
from bot.cards.phrases import behind
from bot.cards.tex import readable
from bot.desk import Desk
from bot.papers import Paper
from bot.replies.asked import code, strong
from bot.replies.recent import ensure_lists, last_days
from bot.texts import Texts, texts
from bot.topics import Advice, Query, advise, mark, parse

DAYS = 7  # that a new topic is tried on
_TITLE = 160  # graphemes of a title among examples


@dataclass(frozen=True, slots=True)
class ExampleData:
    """A paper that the topic matches."""

    id: str
    title: str  # readable
    day: date  # of the newest list that holds it
    places: tuple[str, ...]  # "title" first
    spans: tuple[tuple[int, int], ...]  # of the matching words in `title`, code points
    url: str


@dataclass(frozen=True, slots=True)
class AdviceData:
    """The same facts as the blocks, as data."""

    query: str
    canonical: str
    translated: tuple[tuple[str, str], ...]  # (term as typed, English query searched too)
    foreign: bool  # holds a term in a script that the term list does not know
    days: tuple[tuple[date, int], ...]  # matching papers by day of their list, oldest first
    matched: int  # each paper once
    papers: int  # all of these days, each once
    examples: tuple[ExampleData, ...]
    too_few: bool  # under one match a week
    too_wide: bool  # over half of everything
    wider: str | None  # a wider query, when there are too few
    wider_matched: int

    def json(self) -> dict[str, Any]:
        """Plain values for a line of JSON; days as ISO dates."""
        data = asdict(self)
        data["days"] = {day.isoformat(): count for day, count in self.days}
        data["translated"] = dict(self.translated)
        data["examples"] = [
            {**example, "day": example["day"].isoformat()} for example in data["examples"]
        ]
        return {"kind": "advice", **data}


async def advice_data(
    desk: Desk, query_text: str, now: datetime, days: int, language: str
) -> AdviceData:
    """Try a topic on the lists of the last `days` days; those never read are read first.

    Raises TopicError for a text that cannot be read.
    """
    query = parse(query_text)
    await ensure_lists(desk, now, days)
    advice = await _advice(desk, query, now, days)
    return AdviceData(
        query=query.text,
        canonical=query.canonical,
        translated=query.translated,
        foreign=query.foreign,
        days=advice.days,
        matched=advice.total,
        papers=advice.papers,
        examples=tuple(_example(query, one.paper, one.day, one.places) for one in advice.examples),
        too_few=advice.too_few,
        too_wide=advice.too_wide,
        wider=advice.wider.text if advice.wider else None,
        wider_matched=advice.wider_total,
    )


async def _advice(desk: Desk, query: Query, now: datetime, days: int) -> Advice:
    async with desk.store.snapshot() as tx:
        listed, window = await last_days(tx, desk, now, days)
    return advise(query, listed, window)


def _example(query: Query, paper: Paper, day: date, places: tuple[str, ...]) -> ExampleData:
    title = cut(clean(readable(paper.title)), _TITLE) or paper.id
    return ExampleData(paper.id, title, day, places, mark(query, title), address(paper.id, "arxiv"))


async def advice_blocks(
    desk: Desk,
    query_text: str,
    now: datetime,
    days: int,
    language: str,
    *,
    by_day: bool = True,
) -> tuple[Block, ...]:
    """The answer to a topic that is tried or new; `by_day`: with the counts of each day.

    Raises TopicError for a text that cannot be read.
    """
    data = await advice_data(desk, query_text, now, days, language)
    return advised(data, days, texts(language), by_day=by_day)


def advised(data: AdviceData, days: int, t: Texts, *, by_day: bool) -> tuple[Block, ...]:
    """The facts in words."""
    blocks: list[Block] = [Paragraph.of(strong(data.query), t(": "), _count(data, days, t))]
    for term, english in data.translated:
        blocks.append(
            Paragraph.of(t("{term} is searched in English too: ", term=term), code(english))
        )
    if data.foreign:
        blocks.append(
            Paragraph.of(
                t(
                    "Stored papers are written in English, and no translation is known for this "
                    "topic: it will hardly ever match. Name it in English."
                )
            )
        )
    if not data.papers:
        return tuple(blocks)
    if by_day and any(count for _, count in data.days):
        rows = tuple((t.day(day), t.number(count)) for day, count in data.days)
        blocks.append(Table(rows, (t("List of"), t("papers"))))
    blocks += [example_line(example, t) for example in data.examples]
    if data.too_few and (data.wider is not None or not data.foreign):
        blocks.append(_too_few(data, days, t))
    elif data.too_wide:
        blocks.append(
            Paragraph.of(
                t("That is more than half of everything. Narrower, for example: "),
                code(_narrower(data.query)),
            )
        )
    return tuple(blocks)


def _count(data: AdviceData, days: int, t: Texts) -> str:
    if not data.papers:
        return t("no list of these days is known yet, so nothing can be counted.")
    return t.plural(
        "{matched} of {n} paper in {days} days.",
        "{matched} of {n} papers in {days} days.",
        data.papers,
        matched=t.number(data.matched),
        days=days,
    )


def example_line(example: ExampleData, t: Texts) -> Paragraph:
    """A title with the matching words marked; where else it matches, when not in the title."""
    spans = marked(example.title, example.spans, url=example.url)
    if not example.spans and example.places:
        spans.append(Span(behind(example.places[0], t)))
    return Paragraph((Span("· "), *spans))


def marked(text: str, places: tuple[tuple[int, int], ...], *, url: str | None = None) -> list[Span]:
    """The text in spans, those at `places` marked."""
    spans: list[Span] = []
    end = 0
    for start, stop in places:
        if text[end:start]:
            spans.append(Span(text[end:start], url=url))
        spans.append(Span(text[start:stop], "mark", url))
        end = stop
    if text[end:]:
        spans.append(Span(text[end:], url=url))
    return spans


def _too_few(data: AdviceData, days: int, t: Texts) -> Paragraph:
    if data.wider is None:
        return Paragraph.of(t("That is under one paper a week; no wider query brings more."))
    return Paragraph.of(
        t("That is under one paper a week. Wider: "),
        code(data.wider),
        " ",
        t.plural("({n} in {days} days)", "({n} in {days} days)", data.wider_matched, days=days),
    )


def _narrower(query: str) -> str:
    words = query.split()
    plain = len(words) == 1 and words[0].isalnum()
    return f"title:{query}" if plain else f"({query}) AND has:code"
