"""Which of some papers match: every distinct term is looked up once, queries work on bit masks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from bot.papers import Paper
from bot.topics.fold import as_is, stem
from bot.topics.index import SPLIT, Index
from bot.topics.parsing import parse
from bot.topics.programs import PROGRAMS, Leaf, Program, Programs
from bot.topics.seeing import PLACES, stretches
from bot.topics.tree import NAMES, TEXT, All, Fact, Node, Not, Phrase, Query, Some

_ORDER = ("title", "abstract", "keywords", "author", "org", "cat", "source", "code", "project")


class Matcher:
    """The papers, indexed once. Bit i of a mask stands for `papers[i]`."""

    def __init__(self, papers: Sequence[Paper], programs: Programs = PROGRAMS) -> None:
        self.papers = tuple(papers)
        self._programs = programs
        self._full = (1 << len(self.papers)) - 1
        self._indexes: dict[str, Index] = {}
        self._masks: dict[Leaf, int] = {}
        self._queries: dict[str, int] = {}  # by canonical text
        self._split: set[str] = set()  # of `programs.split_keys`: what these papers hold so
        self._asked: set[str] = set()  # of `programs.split_keys`: what was looked up

    def mask(self, query: Query | str) -> int:
        """The papers that match. Raises TopicError for a text that cannot be read."""
        if isinstance(query, str):
            query = parse(query)
        if (found := self._queries.get(query.canonical)) is None:
            found = self._run(self._programs.program(query.root))
            self._queries[query.canonical] = found
        return found

    def masks(self, channels: Sequence[Sequence[str]]) -> list[int]:
        """For the topics of each channel: the papers that one of them matches.

        A stored topic that can no longer be read matches nothing, and the log says so.
        """
        topics = set(chain.from_iterable(channels))
        known = self._programs.by_text
        if new := topics - known.keys():
            self._programs.learn(new)
        held = self._held()
        nothing = held.isdisjoint
        found: dict[str, int] = {}
        run = self._run
        for topic in topics:
            program = known[topic]
            if (
                program.__class__ is Leaf
                and program.keys is not None
                and program.scope not in NAMES
                and nothing(program.keys)
            ):
                continue
            if mask := run(program):
                found[topic] = mask
        masks = []
        get = found.get
        for channel in channels:
            union = 0
            for topic in channel:
                if mask := get(topic, 0):
                    union |= mask
            masks.append(union)
        return masks

    def places(self, query: Query | str, i: int) -> tuple[str, ...]:
        """Where `papers[i]` matches: "title" first, then "abstract", "keywords", "author", …

        Empty when it does not match.
        """
        if isinstance(query, str):
            query = parse(query)
        bit = 1 << i
        if not self.mask(query) & bit:
            return ()
        found = set(self._places(query.root, self.papers[i], bit))
        return tuple(place for place in (*_ORDER, "upvotes") if place in found)

    def _places(self, node: Node, paper: Paper, bit: int) -> Iterator[str]:
        """The places of the wanted parts that hold."""
        if isinstance(node, Not) or not self._run(self._programs.program(node)) & bit:
            return
        if isinstance(node, (All, Some)):
            for part in node.parts:
                yield from self._places(part, paper, bit)
        elif isinstance(node, Fact):
            yield node.value if node.name == "has" else node.name
        elif isinstance(node, Phrase):
            for scope in dict.fromkeys(scope for scope, _ in stretches(node.scope, paper)):
                alone = Phrase(node.words, scope, node.exact)
                if scope == node.scope or self._run(self._programs.program(alone)) & bit:
                    yield PLACES.get(scope, scope)

    def _index(self, scope: str) -> Index:
        """The index that a scope is looked up in; parts of papers share that of the whole."""
        scope = scope if scope in NAMES else TEXT
        if (index := self._indexes.get(scope)) is None:
            texts = (
                (1 << i, field, text)
                for i, paper in enumerate(self.papers)
                for field, text in stretches(scope, paper)
            )
            index = self._indexes[scope] = Index(texts, as_is if scope in NAMES else stem)
        return index

    def _held(self) -> set[str]:
        """All grams of these papers, and the words that they hold written apart."""
        index = self._index(TEXT)
        wanted = self._programs.split_keys
        if new := wanted - self._asked:
            self._asked |= new
            self._split.update(key for key in new if index.split(key[1:]))
        return self._split.union(index.grams)

    def _run(self, program: Program) -> int:
        if isinstance(program, Leaf):
            if (found := self._masks.get(program)) is None:
                found = self._masks[program] = self._leaf(program)
            return found
        name, parts = program
        if name == "not":
            return self._full & ~self._run(parts[0])
        if name == "some":
            mask = 0
            for part in parts:
                mask |= self._run(part)
            return mask
        mask = self._full
        for part in parts:
            if not (mask := mask & self._run(part)):
                break
        return mask

    def _leaf(self, leaf: Leaf) -> int:
        if leaf.scope is None:
            return self._fact(leaf.node)
        index = self._index(leaf.scope)
        part = None if leaf.scope in NAMES or leaf.scope == TEXT else leaf.scope
        if leaf.keys is not None:
            mask = 0
            apart = False
            for key in leaf.keys:
                if key[0] == SPLIT:
                    apart = apart or bool(index.split(key[1:]))
                else:
                    mask |= index.grams.get(key, 0)
            if not apart and (not mask or (leaf.whole and part is None)):
                return mask
        phrase = leaf.node
        assert isinstance(phrase, Phrase)
        return index.mask(phrase, part)

    def _fact(self, fact: Phrase | Fact) -> int:
        assert isinstance(fact, Fact)
        mask = 0
        for i, paper in enumerate(self.papers):
            if _true(fact, paper):
                mask |= 1 << i
        return mask


def _true(fact: Fact, paper: Paper) -> bool:
    if fact.name == "has":
        return (paper.code_url if fact.value == "code" else paper.project_url) not in (None, "")
    if fact.name == "source":
        return fact.value in paper.sources
    if fact.name == "cat":
        names = {name.casefold() for name in paper.categories}
        return fact.value in names | {name.split(".")[0] for name in names}
    if paper.upvotes is None:
        return False
    more, number = paper.upvotes, int(fact.value)
    return (
        (more > number and ">" in fact.sign)
        or (more < number and "<" in fact.sign)
        or (more == number and "=" in fact.sign)
    )
