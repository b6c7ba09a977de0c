"""Why a paper matches or not: term by term, with the words as they stand in the paper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.cards.phrases import place_name
from bot.papers import Paper
from bot.topics.parsing import parse
from bot.topics.seeing import PLACES, finds, holds, is_so, spans
from bot.topics.tree import TEXT, All, Fact, Node, Not, Phrase, Query, Some, Word, leaves

if TYPE_CHECKING:
    from bot.texts import Texts

_APART = 12  # words of a phrase that are looked for one by one; a longer one is hardly meant so
_LITTLE = {"and": "AND", "or": "OR", "not": "NOT"}


class Near(StrEnum):
    """What comes nearest to a term that was not found."""

    LOWER = "lower"  # the letters are there, but not in capitals
    FORM = "form"  # of a quoted term another form is there
    OPERATOR = "operator"  # it holds "and", "or" or "not" in small letters
    ELSEWHERE = "elsewhere"  # it stands outside the field that was asked for
    APART = "apart"  # all its words are there, but not one behind the other
    SOME = "some"  # some of its words are missing
    VALUE = "value"  # of a fact: the paper has something else
    UNKNOWN = "unknown"  # of a fact: the source said nothing about it
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Found:
    """Where a term stands in the paper."""

    place: str  # "title", "abstract", "keywords", "author", "org"
    text: str  # the whole text of that place, as the source wrote it
    spans: tuple[tuple[int, int], ...]  # of the words, code points in `text`

    @property
    def words(self) -> tuple[str, ...]:
        """The matching words as they stand there, each once."""
        return tuple(dict.fromkeys(self.text[start:end] for start, end in self.spans))


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one term of the query."""

    term: str  # as typed, with its field
    wanted: bool  # False: it stands behind NOT
    holds: bool  # whether it is found, or true
    found: tuple[Found, ...] = ()  # in reading order; () for facts
    near: Near | None = None  # when it does not hold
    detail: tuple[str, ...] = ()  # missing words, other words, the other place or value


@dataclass(frozen=True, slots=True)
class Why:
    """The whole explanation; the terms stand as in the query, from left to right."""

    query: Query
    paper: Paper
    matches: bool
    findings: tuple[Finding, ...]

    @property
    def decisive(self) -> tuple[Finding, ...]:
        """The findings that speak for the result: found ones for a match, the rest for a miss."""
        return tuple(
            finding
            for finding in self.findings
            if (finding.holds == finding.wanted) == self.matches
            and (finding.wanted or not self.matches)
        )


def why(query: Query | str, paper: Paper) -> Why:
    """Explain the match or the miss. Raises TopicError for a text that cannot be read."""
    if isinstance(query, str):
        query = parse(query)
    findings = tuple(_finding(leaf, wanted, paper) for leaf, wanted in _terms(query.root))
    return Why(query, paper, holds(query.root, paper), findings)


def mark(query: Query | str, text: str) -> tuple[tuple[int, int], ...]:
    """(start, end) in code points of the words of `text` that the query looks for, in order.

    Every wanted term is marked, whatever field it asks for; spans that touch are one.
    """
    if isinstance(query, str):
        query = parse(query)
    found = sorted(
        span
        for leaf in leaves(query.root)
        if isinstance(leaf, Phrase)
        for span in spans(leaf, text)
        if span[0] < span[1]  # a word that TeX alone shows stands nowhere in the text
    )
    merged: list[tuple[int, int]] = []
    for start, end in found:
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return tuple(merged)


def _terms(node: Node, wanted: bool = True) -> Iterator[tuple[Phrase | Fact, bool]]:
    if isinstance(node, Not):
        yield from _terms(node.part, not wanted)
    elif isinstance(node, (All, Some)):
        for part in node.parts:
            yield from _terms(part, wanted)
    else:
        yield node, wanted


def _finding(term: Phrase | Fact, wanted: bool, paper: Paper) -> Finding:
    if isinstance(term, Fact):
        if is_so(term, paper):
            return Finding(term.typed, wanted, True)
        value = _value(term, paper)
        near = Near.VALUE if value else Near.UNKNOWN
        return Finding(term.typed, wanted, False, near=near, detail=value)
    typed = f'"{term.typed}"' if term.exact else term.typed
    label = typed if term.scope == TEXT else f"{term.scope}:{typed}"
    by_text: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for scope, text, start, end in finds(term, paper):
        by_text.setdefault((PLACES.get(scope, scope), text), []).append((start, end))
    if by_text:
        found = tuple(Found(place, text, tuple(where)) for (place, text), where in by_text.items())
        return Finding(label, wanted, True, found)
    near, detail = _nearest(term, paper)
    return Finding(label, wanted, False, near=near, detail=detail)


def _value(fact: Fact, paper: Paper) -> tuple[str, ...]:
    if fact.name == "upvotes":
        return () if paper.upvotes is None else (str(paper.upvotes),)
    if fact.name == "cat":
        return paper.categories
    return paper.sources if fact.name == "source" else ()


def _nearest(phrase: Phrase, paper: Paper) -> tuple[Near, tuple[str, ...]]:
    """What would have matched with the least change, and the words it is about."""
    quiet = tuple(
        replace(word, cased=word.folded) if word.shouted else word for word in phrase.words
    )
    if quiet != phrase.words and (other := _standing(replace(phrase, words=quiet), paper)):
        return Near.LOWER, other
    if phrase.exact and (other := _standing(replace(phrase, exact=False), paper)):
        return Near.FORM, other
    if little := [
        word.cased for word in phrase.words if word.cased in _LITTLE and not phrase.exact
    ]:
        return Near.OPERATOR, (little[0], _LITTLE[little[0]])
    for scope in (TEXT, "author", "org"):
        if scope != phrase.scope:
            for place, *_ in finds(replace(phrase, scope=scope), paper):
                return Near.ELSEWHERE, (PLACES.get(place, place),)
    if 1 < len(phrase.words) <= _APART and not any(word.unspaced for word in phrase.words):
        missing = tuple(word.cased for word in phrase.words if not _alone(phrase, word, paper))
        if not missing:
            return Near.APART, tuple(word.cased for word in phrase.words)
        if len(missing) < len(phrase.words):
            return Near.SOME, missing
    return Near.NOTHING, ()


def _standing(phrase: Phrase, paper: Paper) -> tuple[str, ...]:
    """The words of the paper that the phrase finds."""
    return tuple(dict.fromkeys(text[start:end] for _, text, start, end in finds(phrase, paper)))


def _alone(phrase: Phrase, word: Word, paper: Paper) -> bool:
    return bool(_standing(replace(phrase, words=(word,)), paper))


def sentences(reason: Why, t: Texts) -> tuple[str, ...]:
    """The explanation in a person's language: the result first, then a sentence for each term."""
    head = t("It matches.") if reason.matches else t("It does not match.")
    return (head, *(_sentence(finding, t) for finding in reason.findings))


def _sentence(finding: Finding, t: Texts) -> str:
    term = finding.term
    if finding.holds:
        if not finding.found:
            if finding.wanted:
                return t("“{term}” is true of it.", term=term)
            return t("“{term}” is true of it, which the topic excludes.", term=term)
        words = t.list([f"“{word}”" for word in finding.found[0].words])
        place = place_name(finding.found[0].place, t)
        if finding.wanted:
            return t(
                "“{term}” stands in the {place}: {words}.", term=term, place=place, words=words
            )
        return t(
            "“{term}” stands in the {place}, which the topic excludes: {words}.",
            term=term,
            place=place,
            words=words,
        )
    if not finding.wanted:
        return t("“{term}”, which the topic excludes, is not in it.", term=term)
    listed = t.list([f"“{word}”" for word in finding.detail])
    match finding.near:
        case Near.LOWER:
            return t(
                "“{term}” in capitals is not in it, only {words}; type it in small letters to "
                "match both.",
                term=term,
                words=listed,
            )
        case Near.FORM:
            return t(
                "{term} is not in it exactly so, only {words}; leave out the quotes to match both.",
                term=term,
                words=listed,
            )
        case Near.OPERATOR:
            small, large = finding.detail
            return t(
                "“{term}” is not in it. “{small}” counts as an ordinary word; the operator is "
                "written {large}.",
                term=term,
                small=small,
                large=large,
            )
        case Near.ELSEWHERE:
            place = place_name(finding.detail[0], t)
            return t("“{term}” is not there, but in the {place}.", term=term, place=place)
        case Near.APART:
            return t(
                "The words of “{term}” are all in it, but not one behind the other; join them "
                "with AND to match that too.",
                term=term,
            )
        case Near.SOME:
            return t("“{term}” is not in it: {words} is missing.", term=term, words=listed)
        case Near.VALUE:
            values = t.list(finding.detail)
            return t("“{term}” is not true of it: it has {values}.", term=term, values=values)
        case Near.UNKNOWN:
            return t("“{term}” is not true of it as far as the source tells.", term=term)
        case _:
            return t("“{term}” is not in it.", term=term)
