"""Queries a little wider than a given one, the smallest change first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.errors import TopicError
from bot.topics.fold import stem
from bot.topics.parsing import LONGEST, parse
from bot.topics.tree import NAMES, TEXT, All, Fact, Node, Not, Phrase, Query, Some, spaced

MOST = 12  # candidates
_SHORTEST_STEM = 4  # letters that a prefix keeps

# What a change costs: the cheaper, the nearer to what was asked.
_QUOTES, _FIELD, _CASE, _FACT, _NOT, _APART, _PREFIX, _FEWER, _PART = range(9)


def wider(query: Query | str) -> tuple[Query, ...]:
    """Wider queries to be tried, the nearest first; never the same meaning twice.

    Quotes, a field, capitals, a fact or an exclusion left out; all words instead of the phrase;
    the beginning of a word instead of the word; one word or part fewer.
    """
    if isinstance(query, str):
        query = parse(query)
    found = {query.canonical: query}
    root = _in_english(query.root)
    for _, node in sorted(_steps(root), key=lambda step: step[0]):
        text = written(node)
        if len(text) > LONGEST:
            continue
        try:
            candidate = parse(text)
        except TopicError:  # what is left wants nothing any more
            continue
        found.setdefault(candidate.canonical, candidate)
    return tuple(found.values())[1 : MOST + 1]


def _in_english(node: Node) -> Node:
    """Without the terms that the term list translated: their English is what widening can widen."""
    if isinstance(node, Not):
        return Not(_in_english(node.part))
    if isinstance(node, Some) and len(node.parts) == 2 and _is_translated(node.parts[0]):
        return _in_english(node.parts[1])
    if isinstance(node, (All, Some)):
        return type(node)(tuple(map(_in_english, node.parts)))
    return node


def _is_translated(node: Node) -> bool:
    from bot.topics import terms

    return (
        isinstance(node, Phrase)
        and any(word.unspaced for word in node.words)
        and node.scope not in NAMES
        and terms.cover(node.words) is not None
    )


def _steps(node: Node) -> Iterator[tuple[int, Node]]:
    """(cost, the node with one change)."""
    if isinstance(node, Phrase):
        yield from _of_phrase(node)
    elif isinstance(node, Some):
        for here, part in enumerate(node.parts):
            for cost, changed in _steps(part):
                yield cost, Some((*node.parts[:here], changed, *node.parts[here + 1 :]))
    elif isinstance(node, All):
        for here, part in enumerate(node.parts):
            before, after = node.parts[:here], node.parts[here + 1 :]
            for cost, changed in _steps(part):
                yield cost, All((*before, changed, *after))
            rest = (*before, *after)
            dropped = rest[0] if len(rest) == 1 else All(rest)
            if isinstance(part, Not):
                yield _NOT, dropped
            else:
                yield (_FACT if isinstance(part, Fact) else _PART), dropped


def _of_phrase(phrase: Phrase) -> Iterator[tuple[int, Node]]:
    words = phrase.words
    free = replace(phrase, exact=False, typed="")
    if phrase.exact:
        yield _QUOTES, free
    if phrase.scope in ("title", "abstract", "keyword"):
        yield _FIELD, replace(phrase, scope=TEXT)
    quiet = tuple(replace(word, cased=word.folded) if word.shouted else word for word in words)
    if quiet != words and phrase.scope not in NAMES:
        yield _CASE, replace(free, words=quiet)
    if len(words) > 1:
        yield _APART, All(tuple(replace(free, words=(word,)) for word in words))
        # The last word of an English term says what it is, the first what kind: drop that first.
        # A word from the middle would leave another phrase, not a wider one.
        for fewer in (words[1:], words[:-1]):
            yield _FEWER, replace(free, words=fewer)
    last = words[-1]
    start = stem(last.folded)
    if not (last.prefix or last.unspaced or last.shouted) and phrase.scope not in NAMES:
        begins = start[:-1] if len(start) > _SHORTEST_STEM and start[-1] in "aeiouy" else start
        if len(begins) >= _SHORTEST_STEM and begins.isalpha() and last.folded.startswith(begins):
            cut = replace(last, folded=begins, cased=begins, prefix=True)
            yield _PREFIX, replace(free, words=(*words[:-1], cut))


def written(node: Node) -> str:
    """A query as people type it that means this node."""
    if isinstance(node, Phrase):
        text = node.typed.strip() or spaced(node.words)
        if node.exact:
            text = f'"{text}"'
        return text if node.scope == TEXT else f"{node.scope}:{text}"
    if isinstance(node, Fact):
        return node.typed
    if isinstance(node, Not):
        return f"NOT {_held(node.part)}"
    return (" AND " if isinstance(node, All) else " OR ").join(map(_held, node.parts))


def _held(node: Node) -> str:
    text = written(node)
    return f"({text})" if isinstance(node, (All, Some)) else text
