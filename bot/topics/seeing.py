"""The naive evaluator: one query against one paper, straight from the tree."""

from __future__ import annotations

from collections.abc import Iterator

from bot.papers import Paper
from bot.topics.fold import Token, spells, tokens
from bot.topics.parsing import parse
from bot.topics.tree import LONGEST_JOIN, TEXT, All, Fact, Node, Not, Phrase, Query, Some, Unit

# Words of a text that are compared with those of one phrase, so that a text and a phrase of one
# word again and again cost no time by their product; real ones need a tenth.
_COMPARED, _COMPARED_EACH = 10_000, 4
PLACES = {"keyword": "keywords"}  # scopes whose place has another name


def matches(query: Query | str, paper: Paper) -> bool:
    """Whether the paper matches. Raises TopicError for a wrong text."""
    return holds((parse(query) if isinstance(query, str) else query).root, paper)


def holds(node: Node, paper: Paper) -> bool:
    """Whether the paper matches this part of a query."""
    if isinstance(node, Not):
        return not holds(node.part, paper)
    if isinstance(node, All):
        return all(holds(part, paper) for part in node.parts)
    if isinstance(node, Some):
        return any(holds(part, paper) for part in node.parts)
    if isinstance(node, Fact):
        return is_so(node, paper)
    return any(True for _ in finds(node, paper))


def stretches(scope: str, paper: Paper) -> Iterator[tuple[str, str]]:
    """(scope, text) of each stretch that a scope searches; phrases never cross from one on."""
    if scope in (TEXT, "title"):
        yield "title", paper.title
    if scope in (TEXT, "abstract"):
        yield "abstract", paper.abstract
    if scope in (TEXT, "keyword"):
        yield from (("keyword", keyword) for keyword in paper.keywords)
    if scope == "author":
        yield from (("author", author) for author in paper.authors)
    if scope == "org" and paper.organization:
        yield "org", paper.organization


def finds(phrase: Phrase, paper: Paper) -> Iterator[tuple[str, str, int, int]]:
    """(scope, text, start, end) of every place where the phrase stands, in reading order."""
    for scope, text in stretches(phrase.scope, paper):
        for start, end in spans(phrase, text):
            yield scope, text, start, end


def spans(phrase: Phrase, text: str) -> Iterator[tuple[int, int]]:
    """(start, end) in code points of every place of a text where the phrase stands."""
    words = tokens(text)
    left = [_COMPARED + _COMPARED_EACH * len(words)]
    for first in range(len(words)):
        for last in sorted(_ends(phrase, words, 0, first, left)):
            yield words[first].start, words[last - 1].end
        if left[0] < 0:
            return


def _ends(
    phrase: Phrase, words: tuple[Token, ...], word: int, here: int, left: list[int]
) -> set[int]:
    """Where the rest of the phrase, from its given word on, can end when it begins `here`."""
    if word == len(phrase.plan):
        return {here}
    found: set[int] = set()
    for taken, unit in phrase.plan[word]:
        for length in range(1, LONGEST_JOIN + 1):
            if here + length > len(words):
                break
            left[0] -= 1
            if left[0] < 0:
                return found
            if _is(unit, words[here : here + length], phrase):
                found |= _ends(phrase, words, word + taken, here + length, left)
    return found


def _is(unit: Unit, words: tuple[Token, ...], phrase: Phrase) -> bool:
    """Whether tokens that follow each other are the unit."""
    if len(words) == 1:
        token = words[0]
        if unit.kind == "shout":
            return token.cased in (unit.key, f"{unit.key}s")
        if not all(token.cased.startswith(text, offset) for offset, text in unit.cased):
            return False
        if unit.kind == "exact":
            return token.folded == unit.key
        if unit.kind == "prefix":
            return token.folded.startswith(unit.key)
        return phrase.stemmed(token.folded) == unit.key
    if unit.kind in ("exact", "joined") or any(token.unspaced for token in words):
        return False
    join = "".join(token.folded for token in words)
    head = join[: -len(words[-1].folded)]
    cased = "".join(token.cased for token in words)
    if unit.kind == "shout":
        return not join.isdigit() and cased in (unit.key, f"{unit.key}s")
    if unit.kind == "prefix":
        return (
            len(head) < len(unit.key)
            and join.startswith(unit.key)
            and not join.isdigit()
            and all(cased.startswith(text, offset) for offset, text in unit.cased)
        )
    return spells(head, join, unit.key, phrase.stemmed)


def is_so(fact: Fact, paper: Paper) -> bool:
    """Whether the fact is true of the paper; of what is not known nothing is true."""
    if fact.name == "has":
        return bool(paper.code_url if fact.value == "code" else paper.project_url)
    if fact.name == "cat":
        return any(in_category(name, fact.value) for name in paper.categories)
    if fact.name == "source":
        return fact.value in paper.sources
    if paper.upvotes is None:
        return False
    wanted = int(fact.value)
    return {
        ">=": paper.upvotes >= wanted,
        ">": paper.upvotes > wanted,
        "<=": paper.upvotes <= wanted,
        "<": paper.upvotes < wanted,
        "=": paper.upvotes == wanted,
    }[fact.sign]


def in_category(name: str, wanted: str) -> bool:
    """Whether the category is the wanted one or belongs to it (`cs.CV` to `cs`)."""
    name = name.casefold()
    return name == wanted or name.startswith(f"{wanted}.")
