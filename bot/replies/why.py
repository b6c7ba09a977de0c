"""/why: what decides whether a paper comes here, fact by fact."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta

from bot import library
from bot.cards import Block, Paragraph, Span
from bot.cards.cut import clean, cut
from bot.cards.formatter import address
from bot.cards.tex import readable
from bot.channels import Channel, Follow, LedgerRow, LedgerState, When
from bot.digest import subscription as times
from bot.digest.pool import WHOLE_LIST, horizon
from bot.errors import TopicError, Usage
from bot.papers import EditionState, Listing, Paper, source_name
from bot.ports import Reply
from bot.replies.advice import marked
from bot.replies.asked import Asked, strong
from bot.topics import Query, Why, mark, sentences, why

_BACK = timedelta(days=40)  # how far listings are looked for: any horizon and a week more
_AROUND = 70  # code points of an abstract shown on either side of a match
_SHOWN = 5  # topics that are explained


async def explain(asked: Asked) -> Reply:
    """Whether the paper came, comes or cannot come here, and for which reason."""
    t = asked.t
    if not asked.text:
        raise Usage(t("Why what? Give a paper's arXiv id or link. Example: /why 2512.15716"))
    paper = await library.paper(asked.desk, asked.text, asked.now, t)
    title = cut(clean(readable(paper.title)), 160) or paper.id
    blocks: list[Block | str] = [
        Paragraph.of(Span(title, "strong", address(paper.id, asked.links)), f" ({paper.id})")
    ]
    channel = asked.channel
    async with asked.desk.store.snapshot() as tx:
        listings = [
            one
            for one in await tx.editions.listings_between(asked.now - _BACK, asked.now)
            if one.paper_id == paper.id and one.source in asked.desk.sources
        ]
        closed: set[tuple[str, date]] = set()
        for one in listings:
            edition = await tx.editions.get(one.source, one.day)
            if edition is not None and edition.state is not EditionState.OPEN:
                closed.add((one.source, one.day))
        rows = await tx.ledger.known([channel.id], [paper.id]) if channel else {}
    if channel is None:
        blocks.append(t("This chat is not subscribed, so nothing comes by itself."))
        return asked.reply(*blocks, *_listed(asked, listings))
    row = rows.get(channel.id, {}).get(paper.id)
    if row is not None:
        blocks.append(_shown(asked, channel, row))
    explained, matches = _topics(asked, paper)
    blocks += explained
    blocks += _listed(asked, listings)
    if row is None:
        blocks += _verdict(asked, channel, listings, closed, matches=matches)
    return asked.reply(*blocks)


def _shown(asked: Asked, channel: Channel, row: LedgerRow) -> str:
    """What became of the paper here."""
    t = asked.t
    at = asked.moment(row.at, channel)
    if row.state is LedgerState.SHOWN:
        return t("It was shown here: {time}.", time=at)
    if row.state is LedgerState.LISTED:
        return t(
            "It was one line of the list here: {time}. It gets a card when its votes rise "
            "within 7 days.",
            time=at,
        )
    if row.state is LedgerState.PASSED:
        return t("It matched, but stood beyond the list: {time}.", time=at)
    if row.state is LedgerState.REFUSED:
        return t("The platform refused its message: {time}.", time=at)
    return t("It is in the digest of {time}, which is being sent.", time=at)


def _topics(asked: Asked, paper: Paper) -> tuple[list[Block | str], bool]:
    """Which topics match and where; else the nearest miss. And whether the paper is wanted."""
    t = asked.t
    if not asked.topics:
        return [t("This chat follows no topics: every paper of the list comes.")], True
    reasons = list(_reasons(asked, paper))
    if not reasons:
        return [], False
    hits = [reason for reason in reasons if reason.matches]
    if hits:
        return [block for hit in hits[:_SHOWN] for block in _hit(asked, hit)], True
    nearest = max(reasons, key=_nearness)
    head = t.plural(
        "Your topic does not match it.", "None of your {n} topics matches it.", len(reasons)
    )
    said = Paragraph.of(
        t("Nearest: "), strong(nearest.query.text), " – ", " ".join(sentences(nearest, t)[1:])
    )
    return [head, said], False


def _reasons(asked: Asked, paper: Paper) -> Iterator[Why]:
    """The explanations of the topics; one that can no longer be read matches nothing."""
    for one in asked.topics:
        with suppress(TopicError):
            yield why(one.text, paper)


def _hit(asked: Asked, reason: Why) -> list[Block]:
    """The topic, where it matches, and the words as they stand there."""
    told = " ".join(sentences(reason, asked.t)[1:])
    blocks: list[Block] = [Paragraph.of(strong(reason.query.text), " – ", told)]
    found = next((one.found[0] for one in reason.decisive if one.found), None)
    if found is not None and found.place in ("title", "abstract"):
        blocks.append(Paragraph(tuple(excerpt(reason.query, found.text))))
    return blocks


def excerpt(query: Query, text: str) -> list[Span]:
    """A stretch of the text round the first match, with the matching words marked."""
    text = clean(readable(text))
    places = mark(query, text)
    if not places:
        return [Span(cut(text, 2 * _AROUND))]
    start = max(0, places[0][0] - _AROUND)
    end = min(len(text), places[0][1] + _AROUND)
    if start:
        start = text.find(" ", start, places[0][0]) + 1 or places[0][0]
    if end < len(text):
        end = max(text.rfind(" ", places[0][1], end), places[0][1])
    inside = tuple((a - start, b - start) for a, b in places if start <= a and b <= end)
    spans = marked(text[start:end], inside)
    return [*([Span("… ")] if start else []), *spans, *([Span(" …")] if end < len(text) else [])]


def _nearness(reason: Why) -> tuple[float, int]:
    """How much of a topic is fulfilled; then how much of its first missing term is there."""
    held = sum(one.holds == one.wanted for one in reason.findings)
    near = sum(one.near is not None and one.near != "nothing" for one in reason.findings)
    return held / max(1, len(reason.findings)), near


def _listed(asked: Asked, listings: list[Listing]) -> list[Block | str]:
    t = asked.t
    if not listings:
        return [t("No list of the last {n} days holds it.", n=_BACK.days)]
    return [
        t(
            "Listed by {source} for {day}; first seen {time}.",
            source=source_name(one.source),
            day=t.day(one.day),
            time=asked.moment(one.instant),
        )
        for one in listings[:3]
    ]


def _verdict(
    asked: Asked,
    channel: Channel,
    listings: list[Listing],
    closed: set[tuple[str, date]],
    *,
    matches: bool,
) -> list[Block | str]:
    """Why a paper without a ledger row did not come yet, or that it will."""
    t = asked.t
    if not listings or not matches:
        return [t("So it does not come here.")]
    whole = not asked.topics and channel.follow is Follow.DEFAULT
    followed = [one for one in listings if not whole or one.source == WHOLE_LIST]
    if not followed:
        return [
            t(
                "Without topics this chat follows Hugging Face's list, which does not hold it: "
                "/settings sources all"
            )
        ]
    newest = max(followed, key=lambda one: one.instant)
    if newest.instant <= channel.since:
        return [
            t(
                "It was listed before this chat began to follow, at {time}.",
                time=asked.moment(channel.since, channel),
            )
        ]
    after = horizon(channel, asked.now)
    if newest.instant <= after:
        return [
            t(
                "It was listed before the time that the next digest looks back to: {time}.",
                time=asked.moment(after, channel),
            )
        ]
    if channel.suspended_at is not None or times.is_paused(channel, asked.now):
        return [t("It would come, but this chat is paused.")]
    ready = channel.when is When.FRESH or any((o.source, o.day) in closed for o in followed)
    if not ready:
        port = asked.desk.sources[newest.source]
        return [
            t(
                "Its list is not closed yet: it closes on {time}, and then the paper can come.",
                time=asked.moment(port.closes(newest.day), channel),
            )
        ]
    return [t("It comes with the next digest."), asked.next_line(channel)]
