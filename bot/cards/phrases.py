"""What every platform says round the cards of a digest, in the same words."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards.blocks import Badge, Card, Foot, Heading, ListBlock, ListCovered, Rung
from bot.cards.cut import clean
from bot.papers import source_name
from bot.texts import N_, Texts

_MODEL = 60  # letters of a model's name
_SIGNS = {"upvotes": "▲", "stars": "★", "comments": "💬"}
_RUNGS = {
    Rung.FULL_TEXT: N_("full text"),
    Rung.ABSTRACT: N_("abstract"),
    Rung.READY_MADE: N_("ready-made line"),
    Rung.SENTENCES: N_("sentences of the abstract"),
    Rung.NONE: N_("title only"),
}
_PLACES = {
    "title": N_("title"),
    "abstract": N_("abstract"),
    "keywords": N_("keywords"),
    "keyword": N_("keywords"),
    "author": N_("authors"),
    "authors": N_("authors"),
    "organization": N_("organisation"),
    "org": N_("organisation"),
    "category": N_("category"),
    "categories": N_("category"),
    "cat": N_("category"),
    "source": N_("source"),
    "upvotes": N_("votes"),
    "code": N_("code"),
    "project": N_("project page"),
}


def rung_name(rung: Rung, t: Texts) -> str:
    """What the text of a card came from."""
    return t(_RUNGS[rung])


def place_name(place: str, t: Texts) -> str:
    """Where a topic was found; the name itself for a place of another version."""
    return t(_PLACES[place]) if place in _PLACES else place


def place_names(places: str, t: Texts) -> str:
    """The same for several, as they are written: "title, abstract"."""
    return t.list(place_name(one, t) for one in places.split(", "))


def behind(places: str, t: Texts) -> str:
    """Behind a topic or a title: where it was found, in parentheses."""
    return t(" ({place})", place=place_names(places, t))


def badge(one: Badge, t: Texts) -> str:
    """A count with its sign: "▲20"."""
    return f"{_SIGNS.get(one.kind, '')}{t.number(one.count)}"


def rising(counts: tuple[int, int] | None, t: Texts) -> str:
    """From how many votes to how many, for a paper that was shown in one line before."""
    return " → ".join([f"▲{t.number(count)}" for count in counts or ()])


def covered(lists: Sequence[ListCovered], t: Texts) -> list[str]:
    """For each source its list or lists: the day or days, and whether they are closed."""
    by_source: dict[str, list[ListCovered]] = {}
    for one in sorted(lists, key=lambda each: each.day):
        by_source.setdefault(one.source, []).append(one)
    names = {one.source: None for one in lists}
    return [_covered(by_source[name], t) for name in names]


def _covered(lists: Sequence[ListCovered], t: Texts) -> str:
    first, last = lists[0].day, lists[-1].day
    days = t.day(first) if first == last else f"{t.day(first)} – {t.day(last)}"
    name = source_name(lists[0].source)
    if all(one.closed for one in lists):
        return t("{source}, {days}, closed", source=name, days=days)
    return t("{source}, {days}, still open", source=name, days=days)


def counts(block: Heading, t: Texts, topics: str, *, unread: bool) -> str:
    """How many papers came and how many match `topics` (their names, joined, as they fit).

    Empty when nothing can be counted: no paper came, and a list was not read. `unread`: a notice
    below tells that.
    """
    if not block.papers and (block.missing or unread):
        return ""
    said = t.plural("{n} new paper", "{n} new papers", block.papers)
    if block.topics:
        return f"{said} · " + t.plural(
            "{n} matches: {topics}", "{n} match: {topics}", block.matched, topics=topics
        )
    if block.matched != block.papers:
        return f"{said} · " + t.plural("{n} matches", "{n} match", block.matched)
    return said


def more(block: ListBlock, t: Texts) -> str:
    """How many papers stand beyond the list, and how to see them; empty for none."""
    if not block.passed:
        return ""
    if block.day is None:
        return t.plural("{n} more paper", "{n} more papers", block.passed)
    return t.plural(
        "{n} more paper: /today {date}",
        "{n} more papers: /today {date}",
        block.passed,
        date=block.day.isoformat(),
    )


def exceptions(card: Card, common: Rung | None, t: Texts) -> list[str]:
    """What has to be said of this card alone: another origin, numbers that nobody found, …"""
    said = []
    if card.rung is not common:
        said.append(t("from: {rung}", rung=rung_name(card.rung, t)))
    if card.unfound:
        said.append(
            t.plural(
                "⚠ {n} number is not in the paper",
                "⚠ {n} numbers are not in the paper",
                card.unfound,
            )
        )
    if card.flagged:
        said.append(t("⚠ the paper holds instructions for language models; they were not followed"))
    return said


def foot(block: Foot, t: Texts) -> str:
    """What is common to the cards, and how many papers no topic matches; may be empty."""
    parts: list[str] = []
    if block.rung is not None:
        name = rung_name(block.rung, t)
        if block.version is not None:
            name = t("{rung} v{version}", rung=name, version=block.version)
        parts.append(t("From: {rung}", rung=name))
        if block.share is not None and block.share < 0.995:
            parts.append(t("{share} % of it read", share=round(100 * block.share)))
    if block.model is not None:
        parts.append(clean(block.model)[:_MODEL])
    if block.read_on is not None:
        parts.append(t.day(block.read_on))
    if block.checked:
        parts.append(t("every number found in the paper"))
    if block.spent:
        parts.append(t("the model's tokens for today are spent"))
    if block.hidden:
        parts.append(t.plural("{n} paper hidden: /why", "{n} papers hidden: /why", block.hidden))
    return " · ".join(parts)
