"""Which parts of a full text a model is given when not all of it fits.

First the title and the abstract, then what tells most about the work: method, introduction,
experiments and results, conclusion; then the other sections in their order; appendices last. What
is given stands in the paper's own order, and a section that does not fit is cut behind a paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.ports.reading import Section, Whole

MOST_TOKENS = 12_000  # of input for one reading, with its instructions
_LEFT_OUT = "[…]"
_LEAST = 60  # tokens; a smaller rest of a section is not worth its heading
_SMALL = 400  # tokens; so short a section is taken whole
_SOME = 0.45  # share of its kind's room that one section may take while others wait
_TABLE = re.compile(r"\t")

# The order of importance; a section is of the first kind that its title names.
_KINDS = {
    "no": r"^(?:acknowledg|references?$|bibliograph|funding|author contribution|competing|ethic"
    r"|impact statement|broader impact|reproducibility|checklist|llm usage|use of llm)",
    "related": r"related|prior work|previous work|literature|preliminar|background|notation",
    "method": r"method|approach|model|architecture|framework|algorithm|design|system|pipeline"
    r"|training|objective|formulation|construction|our |proposed|overview",
    "results": r"experiment|result|evaluation|ablation|analysis|comparison|benchmark|performance"
    r"|empirical|findings|implementation|setup|study",
    "introduction": r"introduc|motivation",
    "conclusion": r"conclu|discussion|limitation|summary|future",
}
_PATTERNS = [(kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _KINDS.items()]
_SHARES = {0: 0.2, 1: 0.4, 2: 0.3, 3: 0.1}  # of the room, by rank, in the first round
_RANKS = {"introduction": 0, "method": 1, "results": 2, "conclusion": 3, "": 4, "related": 5}
_APPENDIX = 6
_NEVER = 7


@dataclass(frozen=True, slots=True)
class Fitted:
    """What of a full text goes to the model."""

    text: str  # sections behind headings of "#"; left-out places are marked […]
    share: float  # of the characters of the whole text, from 0 to 1
    titles: tuple[str, ...]  # of the sections that are in it, whole or in part
    tokens: int  # as the counter counts them


@dataclass(slots=True)
class _Part:
    section: Section
    rank: int
    text: str = ""
    whole: bool = False


def fit(whole: Whole, most_tokens: int, tokens: Callable[[str], int]) -> Fitted:
    """The best of the text in at most `most_tokens`, as `tokens` counts them.

    The title and as much of the abstract as fits are always in it. Sections under one heading
    have its kind, unless their own title names one. Never raises; a budget of nothing gives the
    title alone, cut.
    """
    head = _head(whole, most_tokens, tokens)
    left = most_tokens - tokens(head)
    parts = _ranked(whole.sections)
    wanted = sorted((part for part in parts if part.rank < _NEVER), key=lambda part: part.rank)
    left = _take(wanted, left, tokens)
    text = _joined(head, parts)
    while tokens(text) > most_tokens and (taken := [part for part in wanted if part.text]):
        taken[-1].text, taken[-1].whole = "", False  # joined it is more than its parts were
        text = _joined(head, parts)
    if tokens(text) > most_tokens:
        text = head  # there is no room even for the marks of what is left out
    read = len(whole.title) + min(len(head), len(whole.abstract))
    read += sum(len(part.text) for part in parts)
    size = len(whole.title) + len(whole.abstract) + sum(len(s.text) for s in whole.sections)
    return Fitted(
        text,
        min(1.0, read / size) if size else 1.0,
        tuple(part.section.title for part in parts if part.text and part.section.title),
        tokens(text),
    )


def _ranked(sections: tuple[Section, ...]) -> list[_Part]:
    """Every section with its rank; a subsection goes with what it stands under."""
    parts: list[_Part] = []
    above: list[tuple[int, int]] = []  # (level, rank)
    for place, section in enumerate(sections):
        while above and above[-1][0] >= section.level:
            above.pop()
        own = _kind(section.title)
        if own == "no":
            rank = _NEVER
        elif section.appendix:
            rank = _APPENDIX
        elif above and above[-1][1] >= _RANKS["related"]:
            rank = above[-1][1]
        elif own:
            rank = _RANKS[own]
        elif above:
            rank = above[-1][1]
        else:
            # The first section introduces, whatever it is called; the ones behind are the work.
            rank = _RANKS["introduction"] if place == 0 else _RANKS["method"]
        above.append((section.level, rank))
        parts.append(_Part(section, rank))
    return parts


def _kind(title: str) -> str:
    for kind, pattern in _PATTERNS:
        if pattern.search(title):
            return kind
    return ""


def _head(whole: Whole, most: int, tokens: Callable[[str], int]) -> str:
    title = f"# {whole.title.strip()}" if whole.title.strip() else ""
    if tokens(title) > most:
        return _cut_words(title, most, tokens)
    abstract = whole.abstract.strip()
    if not abstract:
        return title
    head = f"{title}\n\n## Abstract\n\n".lstrip()
    rest = _cut(abstract, max(0, most - tokens(head)), tokens)
    return f"{head}{rest}" if rest else title


def _take(parts: list[_Part], left: int, tokens: Callable[[str], int]) -> int:
    """Fill the parts in their order; what is left is told.

    A first round gives each kind of the core its share of the room, and no section more than about
    half of that, so that a long one does not take the place of all others; a second goes on with
    those that were cut; what is left then goes to the rest.
    """
    sizes = {id(part): tokens(_block(part.section, part.section.text)) for part in parts}
    if sum(sizes.values()) <= left:
        for part in parts:
            part.text, part.whole = part.section.text.strip(), True
        return left - sum(sizes.values())
    used = {id(part): 0 for part in parts}

    def give(part: _Part, room: int, share: float) -> int:
        """Put in as much of the part as the room allows; what it costs more than before."""
        room += used[id(part)]
        size = sizes[id(part)]
        if part.whole or room < min(size, _LEAST):
            return 0
        allowed = room if size <= _SMALL else max(int(room * share), min(room, _LEAST))
        if size <= allowed:
            part.text, part.whole, cost = part.section.text.strip(), True, size
        else:
            title = tokens(_block(part.section, _LEFT_OUT))
            text = _cut(part.section.text.strip(), allowed - title, tokens)
            if len(text) <= len(part.text):
                return 0
            part.text, cost = text, tokens(_block(part.section, f"{text}\n\n{_LEFT_OUT}"))
        more, used[id(part)] = cost - used[id(part)], cost
        return more

    start = left
    for rank, share in _SHARES.items():
        room = min(left, int(start * share))
        for part in parts:
            if part.rank == rank:
                cost = give(part, room, _SOME)
                room, left = room - cost, left - cost
    core = [part for part in parts if part.rank < _RANKS["related"]]
    for part in (*core, *parts):
        left -= give(part, left, 1.0)
    return left


def _cut(text: str, most: int, tokens: Callable[[str], int]) -> str:
    """As many paragraphs from the start as fit; of the first, as many sentences."""
    if most <= 0:
        return ""
    if tokens(text) <= most:
        return text
    paragraphs = text.split("\n\n")
    kept = _most_of(paragraphs, "\n\n", most, tokens)
    if kept:
        return kept
    first = paragraphs[0]
    if _TABLE.search(first):
        return _most_of(first.split("\n"), "\n", most, tokens)
    return _most_of(re.split(r"(?<=[.!?。！？])\s+", first), " ", most, tokens)


def _most_of(pieces: list[str], joint: str, most: int, tokens: Callable[[str], int]) -> str:
    """The longest beginning that fits, found by halving."""
    low, high = 0, len(pieces)
    while low < high:
        middle = (low + high + 1) // 2
        if tokens(joint.join(pieces[:middle])) <= most:
            low = middle
        else:
            high = middle - 1
    return joint.join(pieces[:low]).strip()


def _cut_words(text: str, most: int, tokens: Callable[[str], int]) -> str:
    return _most_of(text.split(" "), " ", max(0, most), tokens)


def _block(section: Section, text: str) -> str:
    marks = "#" * min(6, max(2, section.level + 1))
    return f"\n\n{marks} {section.title}\n\n{text}" if section.title else f"\n\n{text}"


def _joined(head: str, parts: list[_Part]) -> str:
    """What was taken, in the paper's order; a heading above a taken part is kept with it."""
    made = [head]
    needed = _headings_above(parts)
    left_out = False
    for place, part in enumerate(parts):
        if part.text:
            text = part.text if part.whole else f"{part.text}\n\n{_LEFT_OUT}"
            made.append(_block(part.section, text))
            left_out = False
        elif place in needed:
            made.append(_block(part.section, "").rstrip())
        elif part.section.text.strip() and not left_out and part.rank < _NEVER:
            made.append(f"\n\n{_LEFT_OUT}")
            left_out = True
    return "".join(made).strip()


def _headings_above(parts: list[_Part]) -> set[int]:
    """Places of sections without a text of their own under which a taken part stands."""
    needed: set[int] = set()
    above: list[int] = []
    for place, part in enumerate(parts):
        while above and parts[above[-1]].section.level >= part.section.level:
            above.pop()
        if part.text:
            needed.update(above)
        above.append(place)
    return needed
