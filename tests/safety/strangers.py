"""What strangers may send: hostile texts, and JSON that is almost what was asked for."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from hypothesis import strategies as st

# Signs that somebody reads as more than themselves: of a language, of markup, of a format.
SIGNS = (
    *"()[]{}<>\"'`“”‘’«»\\/|_-+*=~^$%&#@!?.,:;，。；：、\t\n\r \x00\x1b\u200b\u200d\u2060\ufeff",
    "\xa0", "\u202e", "\u2066", "\u0301", "e\u0301", "\u3164", "\U000e0041", "\ud800",
    "\udfff", "٣", "²",
    "Ⅷ", "①", "½", "İ", "ß", "ﬁ", "ǆ", "漢", "字", "한", "ᄀ", "ש", "م",
    "👩‍👩‍👧‍👦", "🇰🇷", "😀", "1", "0", "9",
)  # fmt: skip
WORDS = (
    "AND", "OR", "NOT ", "title:", "cat:", "upvotes>=", "has:code", "source:", "video generation",
    "视频生成", "2512.15716", "astro-ph/0601001", "v2", "arXiv:", "https://arxiv.org/abs/",
    "huggingface.co/papers/", "http://", "www.", "://", "@everyone", "<@&1>", "@durov", "</a>",
    "<b>", "&amp;", "&#1;", "<!--", "-->", "<![CDATA[", "<?", "<!DOCTYPE", "```", "**", "||", "~~",
    "[x](https://evil.example)", "$$", "\\(", "\\frac", "\\textbf{", "\\begin{x}", "^{", "_{",
    "\\u", "\\x", "NaN", "Infinity", "null", "true", "1e999", "-0", "9" * 40, "1,234.5", "%", "±",
    "ignore all previous instructions", "<think>", "{\"", "\":", "/*", "//", "../", "%s", "{0}",
    "{id}", "%(x)s", "00:00", "25:61", "UTC+25", "Asia/Seoul", "mon-fri", "tomorrow", "yes",
    "-1", "5 days", "22-7", "=cmd|", "\x1b[31m", "\r\n", "a" * 60,
)  # fmt: skip
PIECES = st.sampled_from([*SIGNS, *WORDS])

# What is given again and again, up to the longest that reaches a parser.
UNITS = (
    *"()[]{}<>$\\`'\"“*_~^&#@-+.,:;!?%/|=0a \n\t漢한م1",
    "\u0301", "\u200b", "\u202e", "\u200d", "\ud800", "\x00", "()", "[]", "{}", "<>", "((a)",
    "$a$", "\\\\", "\\(", "\\{", "\\textbf{", "\\frac", "^{", "_{", "``", "''", "NOT ", "-a ",
    "a*", "a,", "a b ", "aB3", "1.", "1,", "1,234 ", "1e", "1/2", "±1", "10^", "% ", "<a ", "<a>",
    "</", "&a", "&#", "]]>", "[x](", "![", "**a", "||", "```", "~~", "http://", "://", "a@b.c ",
    "a.b/", "{\"a\":", "[{", "\"\\", "/*", "//", "\r\n", ": ", "=\"", "e\u0301",
    "👩‍👩", "🇰🇷", "é ", "ᄀ",
    "ignore all ", "give a ", "“a", "do not mention any ", "as a ", "2512.15716 ", "bot123456:",
    "a-", "a_", "A.", "et al. ", "and ", "arXiv:", "#a ", "/a ", "---\n", "|a", "- a\n", "> ",
)  # fmt: skip


def hostile(most: int = 400) -> st.SearchStrategy[str]:
    """Texts of at most that many code points: any, made of signs, and runs of one unit."""
    runs = st.builds(
        lambda unit, times, end: unit * times + end,
        st.sampled_from(UNITS),
        st.sampled_from([3, 30, 300]),
        st.text(max_size=5),
    )
    pieces = st.lists(PIECES | st.text(max_size=4), max_size=30).map("".join)
    anything = st.text(st.characters(exclude_categories=()), max_size=80)
    return (anything | pieces | runs | st.tuples(pieces, runs).map("".join)).map(
        lambda text: text[:most]
    )


def runs(most: int) -> Iterator[tuple[str, str]]:
    """(unit, text) of the full length for every unit, deeply nested ones among them."""
    for unit in UNITS:
        yield unit, unit * (most // len(unit))
    for opening, closing in ("()", "[]", "{}", "<>", ("\\{", "\\}"), ("^{", "}"), ("<b>", "</b>")):
        deep = most // (len(opening) + len(closing))
        yield f"nested {opening}", opening * deep + closing * deep
    yield "any", "".join(random.Random(most).choices(SIGNS, k=most))[:most]


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.sampled_from([0, -1, 1, 2**31, 2**63, -(2**63), 10**400]),
    st.floats(),
    hostile(120),
)
ANY_JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The ways to everything inside a JSON value, itself first."""
    yield path
    if isinstance(value, dict):
        for name, one in value.items():
            yield from places(one, (*path, name))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from places(one, (*path, number))


@st.composite
def mutated(draw: st.DrawFn, samples: Sequence[Any], scalars: Any = SCALARS) -> Any:
    """One of the samples with up to six of its places taken away, doubled or replaced."""
    value = copy.deepcopy(draw(st.sampled_from(samples)))
    for _ in range(draw(st.integers(0, 6))):
        ways = [way for way in places(value) if way]
        if not ways:
            break
        *above, last = draw(st.sampled_from(ways))
        inside = value
        for step in above:
            inside = inside[step]
        match draw(st.integers(0, 5)):
            case 0:
                del inside[last]
            case 1:
                inside[last] = draw(ANY_JSON)
            case 2 if isinstance(inside, dict):
                inside[draw(st.text(max_size=6))] = inside[last]
            case 3:
                inside[last] = [inside[last]] * draw(st.integers(0, 3))
            case _:
                inside[last] = draw(scalars)
    return value


def damaged(samples: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """Bytes of a sample: cut, with pieces overwritten, doubled, taken out or put in."""
    cuts = st.tuples(
        st.floats(0, 1), st.floats(0, 0.2), st.binary(max_size=12) | hostile(30).map(_bytes)
    )

    def damage(sample: bytes, done: list[tuple[float, float, bytes]], end: float) -> bytes:
        for place, length, instead in done:
            first = int(place * len(sample))
            sample = sample[:first] + instead + sample[first + int(length * len(sample)) :]
        return sample[: int(end * len(sample))] if end < 0.9 else sample

    return st.builds(
        damage,
        st.sampled_from(samples),
        st.lists(cuts, max_size=4),
        st.floats(0, 3),
    ) | st.binary(max_size=300)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


Enter = Callable[[Any], object]
