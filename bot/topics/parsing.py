"""From what people type to a Query: separate topics, read one, translate its terms of art."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from bot.texts import N_
from bot.topics import grammar, terms
from bot.topics.tree import (
    NAMES,
    TEXT,
    All,
    Fact,
    Node,
    Not,
    Phrase,
    Query,
    Some,
    Word,
    leaves,
    spaced,
    words_of,
)

LONGEST = 300  # code points of one topic
MOST_TERMS = 30  # phrases and facts of one topic
SHORTEST_PREFIX = 2  # letters before *

_TEX = re.compile(r"[\\${}^_]")
# Nothing but words: most topics are, and need no parser. Each chunk begins with a letter or digit.
_PLAIN = re.compile(
    r"\s*[^\W_][^\s()\"+:<>=≥≤|*,;\\${}^_]*(?:\s+[^\W_][^\s()\"+:<>=≥≤|*,;\\${}^_]*)*\s*"
)
_OPERATOR = re.compile(r"(?<!\S)(?:AND|OR|NOT)(?!\S)")
_SOURCES = {"hf": "huggingface", "hugging face": "huggingface", "hugging-face": "huggingface"}


def split(text: str) -> tuple[str, ...]:
    """The topics of a text, in order, each once.

    Commas, semicolons and line breaks separate, full-width ones too, but not within quotes or
    parentheses.
    """
    found: dict[str, str] = {}
    start = depth = 0
    quoted = False
    plain = grammar.folded(text)
    for here, sign in enumerate((*plain, "\n")):
        last = here == len(plain)
        if sign == '"':
            quoted = not quoted
        elif not quoted and sign in "()":
            depth = max(0, depth + (1 if sign == "(" else -1))
        elif last or (sign in ",;\n\r\u2028" and not quoted and not depth):
            topic = text[start:here].strip()
            start = here + 1
            if topic:
                found.setdefault(_alike(topic), topic)
    return tuple(found.values())


def _alike(topic: str) -> str:
    """Topics that differ only in spaces and in case where it counts for nothing."""
    words = grammar.folded(topic).split()
    return " ".join(word if word.isupper() else word.casefold() for word in words)


@lru_cache(maxsize=16_384)
def parse(text: str) -> Query:
    """One topic, understood.

    Raises TopicError with the place of the mistake and an example when it is empty, longer than
    300 characters, has more than 30 terms or cannot be read.
    """
    if len(text) > LONGEST:
        grammar.fail(
            N_("A topic has at most {most} characters, this one has {count}."),
            text,
            LONGEST,
            "video generation AND agents",
            most=LONGEST,
            count=len(text),
        )
    plain = grammar.folded(text)
    if not plain.strip():
        grammar.fail(N_("A topic needs at least one word."), text, 0, "video generation")
    reading = _Reading(text)
    if _PLAIN.fullmatch(plain) and not _OPERATOR.search(plain):
        start = len(text) - len(text.lstrip())
        root = reading.phrase(start, len(text.rstrip()), TEXT, exact=False)
    else:
        root = reading.node(grammar.read(text), TEXT)
    if sum(1 for side in (True, False) for _ in leaves(root, wanted=side)) > MOST_TERMS * 2 or (
        reading.terms > MOST_TERMS
    ):
        what = N_("A topic has at most {most} terms.")
        grammar.fail(what, text, 0, "video OR image", most=MOST_TERMS)
    if not _wants(root):
        place = len(plain) - len(plain.lstrip())
        what = N_("This only excludes; say also what is wanted.")
        grammar.fail(what, text, place, _with_wish(plain))
    return Query(text, root, tuple(reading.translated), reading.foreign)


def _with_wish(text: str) -> str:
    """The excluding query behind a wish, if that can be read, else a short one."""
    example = f"video {text.strip()}"
    if " OR " in text or len(example) > 60:
        return "video -survey"
    return example


def _wants(node: Node) -> bool:
    """Whether a paper must hold something to match; without, nearly every paper would."""
    if isinstance(node, Not):
        return _refuses(node.part)
    if isinstance(node, All):
        return any(map(_wants, node.parts))
    if isinstance(node, Some):
        return all(map(_wants, node.parts))
    return True


def _refuses(node: Node) -> bool:
    """Whether the opposite of the node wants something."""
    if isinstance(node, Not):
        return _wants(node.part)
    if isinstance(node, All):
        return all(map(_refuses, node.parts))
    if isinstance(node, Some):
        return any(map(_refuses, node.parts))
    return False


@dataclass
class _Reading:
    """The making of one query."""

    text: str
    translated: list[tuple[str, str]] = field(default_factory=list)
    foreign: bool = False
    terms: int = 0

    def node(self, tree: Any, scope: str) -> Node:
        """The meaning of a part of the parse tree within a field."""
        children = tree.children
        if tree.data == "start":
            return self.node(children[0], scope)
        if tree.data in ("some", "all"):
            kind = Some if tree.data == "some" else All
            parts = [self.node(part, scope) for part in children if hasattr(part, "data")]
            return parts[0] if len(parts) == 1 else kind(tuple(parts))
        if tree.data == "not":
            return Not(self.node(children[1], scope))
        if tree.data == "group":
            return self.node(children[1], scope)
        if tree.data == "field":
            return self._field(tree, scope)
        self.terms += 1
        if tree.data == "fact":
            return self._fact(*children)
        if tree.data == "votes":
            return self._votes(children[0])
        first, last = children[0], children[-1]
        if tree.data == "quoted":
            return self.phrase(first.start_pos + 1, first.end_pos - 1, scope, exact=True)
        starred = any(child.type == "STARRED" for child in children)
        if starred or not _TEX.search(self.text[first.start_pos : last.end_pos]):
            for child in children:  # nothing typed may vanish
                self._word(child.start_pos, child.end_pos, str(child))
        if starred:
            return self._starred(children, scope)
        return self.phrase(first.start_pos, last.end_pos, scope, exact=False)

    def _word(self, start: int, end: int, shown: str) -> tuple[Word, ...]:
        if not (words := words_of(self.text[start:end])):
            if shown.startswith("&"):
                what = N_("“{sign}” has no letter or digit; write AND for both.")
                grammar.fail(what, self.text, start, "video AND agents", sign=shown)
            what = N_("“{sign}” has no letter or digit; remove it.")
            grammar.fail(what, self.text, start, "video generation", sign=shown)
        return words

    def phrase(self, start: int, end: int, scope: str, *, exact: bool) -> Node:
        """The words between two places, with what the term list makes of them."""
        typed = self.text[start:end]
        words = words_of(typed)
        if not words:
            what = (
                N_("There is no word in these quotes.")
                if exact
                else N_("There is no word in “{sign}”.")
            )
            grammar.fail(what, self.text, start, '"video generation"', sign=typed)
        if exact and (star := re.search(r"\w\w\*(?!\w)", grammar.folded(typed))):
            grammar.fail(
                N_("“*” means nothing within quotes; write it without them."),
                self.text,
                start + star.end() - 1,
                "diffus*",
            )
        return self._known(Phrase(words, scope, exact, typed, start))

    def _starred(self, children: list[Any], scope: str) -> Node:
        words: list[Word] = []
        for child in children:
            if child.type != "STARRED":
                words += words_of(self.text[child.start_pos : child.end_pos])
                continue
            found = self._word(child.start_pos, child.end_pos - 1, str(child))
            if found[-1].unspaced:  # a stretch of such a script matches within words anyway
                words += found
                continue
            letters = sum(len(word.folded) for word in found)
            if letters < SHORTEST_PREFIX:
                grammar.fail(
                    N_(
                        "“{sign}” would match nearly everything; give at least {n} letters "
                        "before *."
                    ),
                    self.text,
                    child.start_pos,
                    "diffus*",
                    sign=child,
                    n=SHORTEST_PREFIX,
                )
            words += (*found[:-1], replace(found[-1], prefix=True))
        typed = self.text[children[0].start_pos : children[-1].end_pos]
        return self._known(Phrase(tuple(words), scope, False, typed, children[0].start_pos))

    def _known(self, phrase: Phrase) -> Node:
        """The phrase, or it and its English when the term list knows it."""
        if all(_is_latin(word.folded) for word in phrase.words):
            return phrase
        if phrase.scope in NAMES or (parts := terms.cover(phrase.words)) is None:
            self.foreign = True
            return phrase
        english: list[Node] = []
        for words, query in parts:
            if query is None:
                english.append(replace(phrase, words=words, typed=spaced(words)))
                continue
            self.translated.append((spaced(words) if len(parts) > 1 else phrase.typed, query))
            english.append(_scoped(parse(query).root, phrase.scope))
        return Some((phrase, english[0] if len(english) == 1 else All(tuple(english))))

    def _field(self, tree: Any, scope: str) -> Node:
        name, value = tree.children
        inner = str(name).rstrip(":").casefold()
        if scope not in (TEXT, inner):
            grammar.fail(
                N_("“{name}” stands within {outer}; fields cannot hold each other."),
                self.text,
                name.start_pos,
                "title:(video OR image) AND author:Li",
                name=name,
                outer=f"{scope}:(…)",
            )
        return self.node(value, inner)

    def _fact(self, name: Any, value: Any) -> Node:
        field_name = str(name).rstrip(":").casefold()
        typed = self.text[name.start_pos : value.end_pos]
        wanted = str(value).strip('"').strip().casefold()
        place = value.start_pos
        if field_name == "has" and wanted not in ("code", "project"):
            grammar.fail(
                N_(
                    "“{sign}” is nothing that can be asked for; there are has:code and has:project."
                ),
                self.text,
                place,
                "has:code",
                sign=value,
            )
        if field_name == "cat":
            wanted = wanted.removesuffix("*").rstrip(".")
            if not re.fullmatch(r"[a-z][a-z-]*(?:\.[a-z][a-z-]*)?", wanted):
                what = N_("“{sign}” is no arXiv category.")
                grammar.fail(what, self.text, place, "cat:cs.CV", sign=value)
        if field_name == "source":
            wanted = _SOURCES.get(wanted, wanted)
            if not re.fullmatch(r"[a-z][a-z0-9_-]*", wanted):
                what = N_("“{sign}” is no name of a source.")
                grammar.fail(what, self.text, place, "source:huggingface", sign=value)
        return Fact(field_name, wanted, ":", typed, name.start_pos)

    def _votes(self, token: Any) -> Node:
        found = re.fullmatch(r"upvotes\s*([<>=≥≤:]+)\s*(.*)", str(token), re.IGNORECASE)
        sign, number = found.groups() if found else ("", "")
        sign = {"≥": ">=", "≤": "<=", "=>": ">=", "=<": "<=", "==": "="}.get(sign, sign)
        place = token.start_pos
        if sign not in (">=", ">", "<=", "<", "="):
            what = N_("“{sign}” does not compare votes; there are {signs}.")
            grammar.fail(what, self.text, place, "upvotes>=20", sign=sign, signs=">= > <= < =")
        if not re.fullmatch(r"[0-9]{1,9}", number):
            what = N_("“{sign}” is not a whole number.") if number else grammar.NOTHING_FOLLOWS
            grammar.fail(what, self.text, place, f"upvotes{sign}20", sign=number or token)
        typed = self.text[token.start_pos : token.end_pos]
        return Fact("upvotes", str(int(number)), sign, typed, place)


def _scoped(node: Node, scope: str) -> Node:
    """The same query within a field."""
    if isinstance(node, Phrase):
        return replace(node, scope=scope)
    if isinstance(node, Not):
        return Not(_scoped(node.part, scope))
    if isinstance(node, (All, Some)):
        return type(node)(tuple(_scoped(part, scope) for part in node.parts))
    return node


@lru_cache(maxsize=4096)
def _is_latin(word: str) -> bool:
    """Whether papers in English use the script of the word."""
    return word.isascii() or all(
        unicodedata.name(letter, "").startswith(("LATIN", "GREEK", "MATHEMATICAL"))
        for letter in word
        if letter.isalpha()
    )
