"""What a query means: phrases, facts, AND, OR, NOT; and the units that a phrase is matched by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Union

from bot.topics.fold import as_is, is_shout, singular, stem, words

TEXT = "text"  # the scope of bare words: title, abstract and the source's keywords
NAMES = frozenset({"author", "org"})  # scopes of names: no word forms, capitals never count
SCOPES = ("title", "abstract", "keyword", "author", "org")  # fields that hold words
FACTS = ("cat", "source", "has")  # fields with one value
FIELDS = (*SCOPES, *FACTS, "upvotes")
LONGEST_JOIN = 3  # words that may be written together or apart


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a phrase."""

    folded: str
    cased: str
    unspaced: bool = False  # a character of a script without spaces
    prefix: bool = False  # typed with * behind it

    @property
    def shouted(self) -> bool:
        """Typed in capitals, so that only capitals match."""
        return is_shout(self.cased)


@dataclass(frozen=True, slots=True)
class Unit:
    """One stretch of text without a border: a word, or words written together."""

    kind: str  # "plain", "shout", "exact", "prefix" or "joined" (words typed apart)
    key: str  # what the tokens are compared with
    cased: tuple[tuple[int, str], ...] = ()  # (offset in the token, capitals that stand there)


# For each word of a phrase: how many of its words a unit takes, and the unit.
Plan = tuple[tuple[tuple[int, Unit], ...], ...]


@dataclass(frozen=True)
class Phrase:
    """Words that follow each other."""

    words: tuple[Word, ...]
    scope: str = TEXT
    exact: bool = False  # typed in quotes
    typed: str = field(default="", compare=False)  # as it stands in the query
    start: int = field(default=0, compare=False)  # its place there

    @property
    def stemmed(self) -> Callable[[str], str]:
        """How words of this scope are folded."""
        return as_is if self.scope in NAMES else stem

    @cached_property
    def plan(self) -> Plan:
        """What to look for, word by word."""
        return tuple(
            tuple(
                (count, unit)
                for count in range(1, min(LONGEST_JOIN, len(self.words) - here) + 1)
                if (unit := self._unit(self.words[here : here + count])) is not None
            )
            for here in range(len(self.words))
        )

    def _unit(self, words: tuple[Word, ...]) -> Unit | None:
        loud = self.scope not in NAMES
        if len(words) == 1:
            word = words[0]
            cased = ((0, singular(word.cased)),) if loud and word.shouted else ()
            if word.unspaced:
                return Unit("plain", word.folded)
            if self.exact:
                return Unit("exact", word.folded, ((0, word.cased),) if cased else ())
            if word.prefix:
                return Unit("prefix", word.folded, ((0, word.cased),) if cased else ())
            if cased:
                return Unit("shout", cased[0][1])
            return Unit("plain", self.stemmed(word.folded))
        if self.exact or any(
            word.unspaced or (word.prefix and word is not words[-1]) for word in words
        ):
            return None
        together, capitals = "", []
        for word in words:
            letters = word.folded
            if loud and word.shouted:
                # In a compound the plural s of capitals says no more than in a word alone.
                shout = word.cased if word.prefix else singular(word.cased)
                capitals.append((len(together), shout))
                letters = shout.casefold()
            together += letters
        if together.isdigit():
            return None
        if words[-1].prefix:
            return Unit("prefix", together, tuple(capitals))
        return Unit("joined", self.stemmed(together), tuple(capitals))

    @cached_property
    def canonical(self) -> str:
        """The shortest usual spelling with the same plan."""
        words = self.words
        if not self.exact:
            words = tuple(_usual(word, self.scope in NAMES) for word in words)
            stems = tuple(_stemmed(word, self.stemmed) for word in words)
            if Phrase(stems, self.scope).plan == self.plan:
                words = stems
        else:
            words = tuple(_usual(word, self.scope in NAMES, plural=True) for word in words)
        text = spaced(words)
        if self.exact:
            text = f'"{text}"'
        return text if self.scope == TEXT else f"{self.scope}:{text}"


def _usual(word: Word, named: bool, *, plural: bool = False) -> Word:
    if word.shouted and not named:
        cased = word.cased if word.prefix or plural else singular(word.cased)
        return Word(cased.casefold(), cased, word.unspaced, word.prefix)
    return Word(word.folded, word.folded, word.unspaced, word.prefix)


def _stemmed(word: Word, stemmed: Callable[[str], str]) -> Word:
    if word.unspaced or word.prefix or word.shouted:
        return word
    return Word(stemmed(word.folded), stemmed(word.folded))


def spaced(words: tuple[Word, ...]) -> str:
    """The words as a query that has the same words again."""
    text = ""
    for here, word in enumerate(words):
        if here and not (word.unspaced and words[here - 1].unspaced):
            # A hyphen keeps AND, OR and NOT words: `x-AND-y` is a phrase of three.
            text += "-" if {word.cased, words[here - 1].cased} & {"AND", "OR", "NOT"} else " "
        text += word.cased + ("*" if word.prefix else "")
    return text


@dataclass(frozen=True, slots=True)
class Fact:
    """A field with one value: category, source, what a paper has, votes."""

    name: str  # "cat", "source", "has" or "upvotes"
    value: str  # folded; the number as text
    sign: str = ":"  # ":" or one of >= > <= < =
    typed: str = field(default="", compare=False)
    start: int = field(default=0, compare=False)

    @property
    def canonical(self) -> str:
        """The fact as it is usually typed."""
        return f"{self.name}{self.sign}{self.value}"


@dataclass(frozen=True, slots=True)
class Not:
    """What must not match."""

    part: Node

    @property
    def canonical(self) -> str:
        """With NOT before it; twice is not at all."""
        if isinstance(part := _plain(self.part), Not):
            return part.part.canonical
        return f"NOT {_held(part)}"


@dataclass(frozen=True, slots=True)
class All:
    """Parts that must all match."""

    parts: tuple[Node, ...]

    @property
    def canonical(self) -> str:
        """The parts in order of their text, each once."""
        return _sorted(self, " AND ")


@dataclass(frozen=True, slots=True)
class Some:
    """Parts of which one must match."""

    parts: tuple[Node, ...]

    @property
    def canonical(self) -> str:
        """The parts in order of their text, each once."""
        return _sorted(self, " OR ")


Node = Union[Phrase, Fact, Not, All, Some]  # noqa: UP007  (it names itself)


def _plain(node: Node) -> Node:
    """Without what says nothing: NOT twice, a group of one part or of the same part again."""
    while isinstance(node, Not) and isinstance(node.part, Not):
        node = node.part.part
    if isinstance(node, (All, Some)) and len(parts := _parts(node)) == 1:
        return next(iter(parts.values()))
    return node


def _parts(node: All | Some) -> dict[str, Node]:
    """The different parts of a group and of such groups within it, by their text."""
    found: dict[str, Node] = {}
    for part in map(_plain, node.parts):
        if type(part) is type(node):
            found |= _parts(part)
        else:
            found[part.canonical] = part
    return found


def _sorted(node: All | Some, between: str) -> str:
    parts = _parts(node)
    if len(parts) == 1:
        return next(iter(parts))
    return between.join(_held(parts[text]) for text in sorted(parts))


def _held(part: Node) -> str:
    """The text of a part, in parentheses where it would fall apart."""
    text = part.canonical
    return f"({text})" if " AND " in text or " OR " in text else text


@dataclass(frozen=True)
class Query:
    """One topic, understood."""

    text: str  # as typed
    root: Node
    translated: tuple[tuple[str, str], ...] = ()  # (term as typed, English query searched too)
    foreign: bool = False  # holds a term in another script that the term list does not know

    @cached_property
    def canonical(self) -> str:
        """The normal form: equal texts mean the same. A query too, if not too long for one."""
        return self.root.canonical

    @property
    def words(self) -> tuple[str, ...]:
        """The wanted words as typed, in order, each once; not those behind NOT."""
        found = (part.typed for part in leaves(self.root) if isinstance(part, Phrase))
        return tuple(dict.fromkeys(found))


def leaves(node: Node, *, wanted: bool = True) -> Iterator[Phrase | Fact]:
    """The phrases and facts that count for a match, from left to right; `wanted=False`: against."""
    if isinstance(node, Not):
        yield from leaves(node.part, wanted=not wanted)
    elif isinstance(node, (All, Some)):
        for part in node.parts:
            yield from leaves(part, wanted=wanted)
    elif wanted:
        yield node


def words_of(text: str) -> tuple[Word, ...]:
    """The words that a stretch of a query holds."""
    return tuple(Word(token.folded, token.cased, token.unspaced) for token in words(text))
