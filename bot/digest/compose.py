"""The blocks of a digest: heading, cards, list, notice and foot out of what was chosen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from bot.cards import (
    Block,
    Card,
    CardBlock,
    Foot,
    Heading,
    Line,
    ListBlock,
    ListCovered,
    NoticeBlock,
)
from bot.cards.formatter import card
from bot.channels import Notice
from bot.desk import Desk
from bot.digest.choose import Choice, Pick
from bot.papers import Paper, Reading, source_name
from bot.schedule import local_date
from bot.texts import Texts


class CardShelf:
    """Cards made once per (paper, language, links) and shared by every channel of a round."""

    def __init__(self, readings: Mapping[tuple[str, str], Reading] | None = None) -> None:
        self._readings = readings or {}
        self._cards: dict[tuple[str, str, str], Card] = {}
        self._blocks: dict[tuple[object, ...], CardBlock] = {}

    def card(self, paper: Paper, language: str, links: str) -> Card:
        """The card of a paper, from its reading where one is known."""
        key = (paper.id, language, links)
        made = self._cards.get(key)
        if made is None:
            reading = self._readings.get((paper.id, language))
            made = self._cards[key] = card(paper, reading, language, links=links)
        return made

    def block(self, pick: Pick, language: str, links: str) -> CardBlock:
        """The card with what differs from channel to channel, shared where nothing does."""
        key = (pick.paper.id, pick.topics, pick.late, pick.rising, language, links)
        made = self._blocks.get(key)
        if made is None:
            made = self._blocks[key] = CardBlock(
                self.card(pick.paper, language, links),
                pick.topics,
                pick.places,
                pick.late,
                pick.rising,
            )
        return made

    def line(self, paper: Paper, language: str, links: str) -> Line:
        """The paper as one line of the compact list."""
        made = self.card(paper, language, links)
        return Line(made.id, made.title, made.url, made.upvotes)


def digest_blocks(
    choice: Choice,
    shelf: CardShelf,
    *,
    local_date: date,
    lists: tuple[ListCovered, ...],
    topics: Iterable[str],
    language: str,
    links: str,
    missing: NoticeBlock | None = None,
    missing_sources: tuple[str, ...] = (),
    rest_day: date | None = None,
    spent: bool = False,
) -> tuple[Block, ...]:
    """Everything that a digest with papers says, in order.

    `topics` are all of the channel's; the heading names those that matched something. `spent`:
    the tokens of the day are, so that some texts come from lower rungs.
    """
    hit = {topic for pick in (*choice.cards, *choice.lines) for topic in pick.topics}
    cards = [shelf.block(pick, language, links) for pick in choice.cards]
    blocks: list[Block] = [
        Heading(
            local_date,
            lists,
            choice.papers,
            choice.matched,
            tuple(topic for topic in topics if topic in hit),
            missing_sources,
        ),
        *cards,
    ]
    if choice.lines or choice.passed:
        lines = tuple(shelf.line(pick.paper, language, links) for pick in choice.lines)
        blocks.append(ListBlock(lines, len(choice.passed), rest_day))
    if missing is not None:
        blocks.append(missing)
    blocks.append(foot([block.card for block in cards], choice.hidden, spent=spent))
    return tuple(blocks)


def foot(cards: Sequence[Card], hidden: int, *, spent: bool = False) -> Foot:
    """What is common to the cards: where most of the texts come from, and the model that read."""
    rungs = Counter(one.rung for one in cards).most_common(1)
    common = rungs[0][0] if rungs and rungs[0][1] * 2 > len(cards) else None
    read = [one for one in cards if one.model is not None]
    models = Counter(one.model for one in read).most_common(1)
    return Foot(
        common,
        hidden,
        models[0][0] if models else None,
        checked=bool(read) and not any(one.unfound for one in read),
        spent=spent and len(read) < len(cards),
    )


def origin(card: Card, reading: Reading | None, zone: str) -> Foot:
    """All that can be said of where the text of a card that stands alone came from."""
    if reading is None or card.model is None:
        return Foot(card.rung, 0)
    return Foot(
        card.rung,
        0,
        card.model,
        checked=not card.unfound,
        version=reading.paper_version,
        share=reading.share,
        read_on=local_date(zone, reading.read_at) if reading.read_at else None,
    )


def put_off_notice(t: Texts, sources: Iterable[str], again: datetime, zone: str) -> NoticeBlock:
    """That a digest waits for sources, and when they are tried again."""
    text = t(
        "{sources} could not be read. Next try at {time}; nothing is lost.",
        sources=_names(t, sources),
        time=t.moment(again, zone),
    )
    return NoticeBlock(Notice.SOURCE_FAILED, text)


def missing_notice(t: Texts, sources: Iterable[str], again: datetime, zone: str) -> NoticeBlock:
    """That a digest comes without what sources listed, and when they are tried again."""
    text = t(
        "{sources} could not be read and is tried again from {time} on; what is missing comes with "
        "the next digest.",
        sources=_names(t, sources),
        time=t.moment(again, zone),
    )
    return NoticeBlock(Notice.SOURCE_FAILED, text)


def unread_notice(t: Texts, sources: Iterable[str]) -> NoticeBlock:
    """That a list shown on demand could not be read just now."""
    text = t(
        "{sources} could not be read just now, so this may not be all. Ask again in a few minutes.",
        sources=_names(t, sources),
    )
    return NoticeBlock(Notice.SOURCE_FAILED, text)


def _names(t: Texts, sources: Iterable[str]) -> str:
    return t.list([source_name(source) for source in sources])


def no_match_notice(t: Texts, hidden: int) -> NoticeBlock:
    """That papers came, but none for the topics."""
    text = t.plural(
        "Nothing new for your topics; {n} other paper is hidden.",
        "Nothing new for your topics; {n} other papers are hidden.",
        hidden,
    )
    return NoticeBlock(Notice.NO_MATCH, text)


def not_yet_notice(t: Texts, closes: datetime, zone: str) -> NoticeBlock:
    """That the list is still open and empty."""
    text = t(
        "Today's list is not closed yet and holds nothing so far; it closes on {time}.",
        time=t.moment(closes, zone),
    )
    return NoticeBlock(Notice.NOT_YET, text)


def none_listed_notice(
    t: Texts, next_closes: datetime, zone: str, day: date | None = None
) -> NoticeBlock:
    """That there was no list, and when the next is due; or that a past `day` had none."""
    text = t(
        "No new papers were listed. The next list closes on {time}.",
        time=t.moment(next_closes, zone),
    )
    if day is not None:
        text = t("No papers were listed on {day}.", day=t.day(day, year=True))
    return NoticeBlock(Notice.NONE_LISTED, text)


def nothing_new_notice(t: Texts, next_closes: datetime, zone: str) -> NoticeBlock:
    """That everything listed was shown before."""
    text = t(
        "Everything listed was already shown. The next list closes on {time}.",
        time=t.moment(next_closes, zone),
    )
    return NoticeBlock(Notice.NONE_LISTED, text)


def next_closing(desk: Desk, now: datetime) -> datetime:
    """When the next list that is expected closes (first source)."""
    port = next(iter(desk.sources.values()))
    day = now.date() - timedelta(days=2)
    while not (port.expects(day) and port.closes(day) > now):
        day += timedelta(days=1)
    return port.closes(day)
