"""The grammar of a topic, and the sentence that a wrong one is answered with."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NoReturn

from bot.errors import TopicError
from bot.texts import N_
from bot.topics.tree import FACTS, FIELDS, SCOPES

if TYPE_CHECKING:
    from lark import Lark, Token, Tree

DEEPEST = 8  # parentheses within parentheses

# Every sign that may open something is folded one to one, so that places stay what they are.
_FOLDS = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_FOLDS |= dict.fromkeys(map(ord, "“”„‟«»「」『』〝〞"), ord('"'))
_FOLDS |= dict.fromkeys(map(ord, "‐‑‒–—−﹣"), ord("-"))
_FOLDS |= {ord("\u3000"): ord(" "), ord("、"): ord(","), ord("∗"): ord("*"), ord("﹕"): ord(":")}

_AFTER = r"(?=[\s()\"]|$)"  # what ends a word
_FIRST = r"[^\s()\"+:<>=≥≤|*,;!\-]"
_NEXT = r"(?:[^\s()\"+:<>=≥≤|*,;]|(?<=\d):(?=\d))"
_GRAMMAR = rf"""
start: some
some: all (OR all)*
all: one (AND? one)*
?one: item | not
not: NOT one | MINUS tight
?item: phrase | quoted | group | field | fact | votes | wrong
?tight: single | quoted | group | field | fact | votes | wrong
phrase: (WORD | STARRED)+
single: WORD | STARRED
quoted: QUOTED
group: LEFT some RIGHT
field: FIELD (phrase | quoted | group)
fact: FACT (WORD | STARRED | QUOTED)
votes: VOTES
wrong: NO_FIELD | NO_END | COMMA | STRAY

AND.5: /AND{_AFTER}|\+/
OR.5: /OR{_AFTER}/
NOT.5: /NOT{_AFTER}/
MINUS.5: /(?<![^\s(:])-(?=[^\s\-)])/
LEFT: "("
RIGHT: ")"
VOTES.4: /upvotes\s*(?:[<>=≥≤]+|:)\s*[^\s()"]*/i
FIELD.4: /(?:{"|".join(SCOPES)}):/i
FACT.4: /(?:{"|".join(FACTS)}):/i
NO_FIELD.3: /[^\W\d][\w\-]*\s*[<>=≥≤]+|[^\W\d][\w\-]*:/
QUOTED.3: /"[^"]*"/
NO_END.2: /"/
STARRED.2: /{_FIRST}{_NEXT}*\*{_AFTER}/
WORD.1: /[A-Za-z]\+\+(?![\w+])|{_FIRST}{_NEXT}*/
COMMA.1: /[,;]/
STRAY.-1: /./s
%ignore /\s+/
"""
NOTHING_FOLLOWS = N_("Nothing follows “{sign}”.")
_NOTHING_BEFORE = N_("Nothing stands before “{sign}”.")
_OPERATORS = ("AND", "OR", "NOT", "MINUS")


def folded(text: str) -> str:
    """Full-width signs, typographic quotes and dashes as their plain ones, place by place."""
    return text.translate(_FOLDS)


@lru_cache(maxsize=1)
def _parser() -> Lark:
    from lark import Lark

    return Lark(_GRAMMAR, parser="lalr", lexer="basic", maybe_placeholders=False)


def read(typed: str) -> Tree[Token]:
    """The parse tree of a query. Raises TopicError with the first mistake in it."""
    from lark.exceptions import UnexpectedToken

    text = folded(typed)
    unquoted = re.sub(r'"[^"]*"', lambda quoted: " " * len(quoted[0]), text)
    depth = 0
    for place, sign in enumerate(unquoted):
        depth += (sign == "(") - (sign == ")")
        if depth > DEEPEST:
            what = N_("More than {most} parentheses stand within each other.")
            fail(what, typed, place, "(video OR image) AND agents", most=DEEPEST)
    try:
        tree = _parser().parse(text)
    except UnexpectedToken as error:
        _refuse_wrong(typed)
        _unexpected(typed, error)
    if next(tree.find_data("wrong"), None) is not None:
        _refuse_wrong(typed)
    return tree


def _refuse_wrong(typed: str) -> None:
    for token in _parser().lex(folded(typed)):
        if token.type in ("NO_FIELD", "NO_END", "COMMA", "STRAY"):
            _wrong(typed, token)


def _wrong(text: str, token: Any) -> NoReturn:
    """A stretch of text that is no part of any query."""
    sign, place = str(token), token.start_pos
    if token.type == "NO_END":
        rest = re.sub(r'[\s"():*+<>=|,;]+', " ", folded(text)[place:]).strip()
        words = " ".join(rest.split()[:3]) if re.search(r"[^\W_]", rest) else "video generation"
        fail(N_("The quote that opens here is never closed."), text, place, f'"{words}"')
    if token.type == "NO_FIELD":
        name = re.sub(r"[\s<>=≥≤:]+$", "", sign)
        near = get_close_matches(name.casefold(), FIELDS, n=1, cutoff=0.5)
        if near and near[0] != "upvotes" and not sign.endswith(":"):
            what = N_("Only upvotes can be compared, not “{name}”.")
            fail(what, text, place, "upvotes>=20", name=name)
        if near:
            what = N_(
                "There is no field “{name}”; did you mean {near}? Text with a colon goes in quotes."
            )
            fail(what, text, place, _EXAMPLES[near[0]], name=name, near=f"{near[0]}:")
        what = N_(
            "There is no field “{name}”; there are {fields}. Text with a colon goes in quotes."
        )
        fail(what, text, place, "title:video", name=name, fields=", ".join(FIELDS))
    if token.type == "COMMA":
        fail(
            N_("A comma or semicolon separates topics, so it cannot stand inside one; write OR."),
            text,
            place,
            "(video OR image) AND generation",
        )
    if sign == "-" and place and not text[place - 1].isspace():
        fail(N_("“-” excludes a word only after a space."), text, place, "video -survey")
    what, example = {
        "|": (N_("“{sign}” is no operator; write OR."), "video OR image"),
        "*": (N_("“{sign}” stands only at the end of a word."), "diffus*"),
        "-": (
            N_("“{sign}” stands alone; put it directly before a word to exclude it."),
            "video -survey",
        ),
        "!": (N_("“{sign}” is no operator; exclude a word with - or NOT."), "video -survey"),
        ":": (N_("“{sign}” follows no field; put text with a colon in quotes."), '"GPT: a review"'),
    }.get(sign, (N_("“{sign}” cannot stand here; put text with such a sign in quotes."), '"a < b"'))
    fail(what, text, place, example, sign=sign)


_EXAMPLES = {
    "title": "title:video",
    "abstract": "abstract:benchmark",
    "author": 'author:"Kaiming He"',
    "org": "org:Berkeley",
    "keyword": "keyword:agents",
    "cat": "cat:cs.CV",
    "source": "source:huggingface",
    "has": "has:code",
    "upvotes": "upvotes>=20",
}


def _unexpected(text: str, error: Any) -> NoReturn:
    """What the parser met, in words, by what stands before it."""
    token = error.token
    ended = token.type == "$END"
    place = len(text.rstrip()) if ended else token.start_pos
    before = None
    opened: list[int] = []
    for seen in _parser().lex(folded(text)):
        here = seen.start_pos or 0
        if here >= place:
            break
        before = seen
        if seen.type == "LEFT":
            opened.append(here)
        elif seen.type == "RIGHT" and opened:
            opened.pop()
    sign = str(before) if before is not None else ""
    if before is None and token.type in ("AND", "OR"):
        fail(_NOTHING_BEFORE, text, place, f"video {_name(token)} agents", sign=token)
    if before is not None and before.type in (*_OPERATORS, "FIELD", "FACT"):
        if before.type in ("FIELD", "FACT"):
            example = _EXAMPLES[sign.rstrip(":").casefold()]
        elif before.type in ("NOT", "MINUS"):
            example = "video NOT survey" if before.type == "NOT" else "video -survey"
        else:
            example = f"video {_name(before)} agents"
        fail(NOTHING_FOLLOWS, text, place, example, sign=sign)
    if token.type == "RIGHT" and not opened:
        fail(N_("This parenthesis closes none."), text, place, "(video OR image) AND agents")
    if before is not None and before.type == "LEFT" and not ended:
        what = (
            N_("There is nothing in these parentheses.")
            if token.type == "RIGHT"
            else _NOTHING_BEFORE
        )
        fail(what, text, place, "(video OR image) AND agents", sign=token)
    if opened:
        what = N_("The parenthesis that opens here is never closed.")
        fail(what, text, opened[-1], "(video OR image)")
    fail(N_("“{sign}” cannot stand here."), text, place, "video generation AND agents", sign=token)


def _name(token: Any) -> str:
    return "OR" if token.type == "OR" else "AND"


def fail(what: str, text: str, place: int, example: str, **values: object) -> NoReturn:
    """Raise the TopicError: what is wrong (a msgid and its values), where, a query that works."""
    raise TopicError(
        what,
        query=text,
        position=place,
        example=example,
        **{name: str(value) for name, value in values.items()},
    )
