"""Queries compiled for the index, once per process and text."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Union

from bot.errors import TopicError
from bot.topics.index import LONGEST_GRAM, SPLIT
from bot.topics.parsing import parse
from bot.topics.tree import NAMES, All, Fact, Node, Not, Phrase, Some

MOST = 1_000_000  # texts remembered; beyond it the memory starts anew

_log = logging.getLogger(__name__)


class Leaf:
    """A phrase or fact as the index asks for it; equal ones are the same object."""

    __slots__ = ("_node", "keys", "scope", "whole")

    def __init__(self, node: Phrase | Fact | str) -> None:
        # A topic that is one phrase keeps only its text: there may be hundreds of thousands.
        self._node = node
        phrase = parse(node).root if isinstance(node, str) else node
        self.scope = phrase.scope if isinstance(phrase, Phrase) else None
        # Grams of which a matching paper holds at least one; None: look at the positions.
        self.keys, self.whole = _grams(phrase) if isinstance(phrase, Phrase) else (None, False)

    @property
    def node(self) -> Phrase | Fact:
        """What is asked for."""
        node = parse(self._node).root if isinstance(self._node, str) else self._node
        assert isinstance(node, (Phrase, Fact))
        return node


Program = Union[Leaf, tuple[str, tuple["Program", ...]]]  # noqa: UP007  (it names itself)


def _grams(phrase: Phrase) -> tuple[tuple[str, ...] | None, bool]:
    """The keys of a phrase of plain words, and whether a gram alone is the whole phrase."""
    routes: list[tuple[int, tuple[str, ...]]] = [(0, ())]
    done: list[tuple[str, ...]] = []
    split: dict[str, None] = {}
    whole = True
    while routes:
        here, route = routes.pop()
        if here == len(phrase.plan) or len(route) == LONGEST_GRAM:
            whole = whole and here == len(phrase.plan)
            done.append(route)
            continue
        for taken, unit in phrase.plan[here]:
            if unit.kind not in ("plain", "joined") or unit.cased:
                return None, False
            if unit.kind == "plain" and not phrase.words[here].unspaced:
                split[SPLIT + unit.key] = None
            routes.append((here + taken, (*route, unit.key)))
    return (*dict.fromkeys(map(" ".join, done)), *split), whole


class Programs:
    """All texts compiled so far."""

    def __init__(self) -> None:
        self.by_text: dict[str, Program] = {}
        self.split_keys: set[str] = set()  # words that some text would also find written apart
        self._leaves: dict[Phrase | Fact, Leaf] = {}
        self._never: Program = ("some", ())

    def learn(self, texts: Iterable[str]) -> None:
        """Compile the texts that are new. One that cannot be read is logged; it never matches."""
        if len(self.by_text) > MOST:
            self.by_text.clear()
            self.split_keys.clear()
            self._leaves.clear()
        for text in texts:
            if text not in self.by_text:
                self.by_text[text] = self._topic(text)

    def _topic(self, text: str) -> Program:
        try:
            root = parse(text).root
        except TopicError as error:
            _log.warning("a stored topic cannot be read: %s", error)
            return self._never
        if isinstance(root, Phrase):
            return self._known(Leaf(text))
        return self.program(root)

    def _known(self, leaf: Leaf) -> Leaf:
        if leaf.scope not in NAMES and leaf.keys is not None:
            self.split_keys.update(key for key in leaf.keys if key[0] == SPLIT)
        return leaf

    def program(self, node: Node) -> Program:
        """The program of a part of a query."""
        if isinstance(node, (Phrase, Fact)):
            if (leaf := self._leaves.get(node)) is None:
                leaf = self._leaves[node] = self._known(Leaf(node))
            return leaf
        if isinstance(node, Not):
            return "not", (self.program(node.part),)
        if isinstance(node, (All, Some)):
            name = "all" if isinstance(node, All) else "some"
            return name, tuple(map(self.program, node.parts))
        raise TypeError(node)


PROGRAMS = Programs()
