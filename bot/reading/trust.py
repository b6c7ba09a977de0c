"""What a reading may not bring in: links, addresses, mentions and markup its source does not have.

Readings are plain text, and every platform escapes them anyway; but an address that a model made
up is a trap even as text, and `**bold**` is noise.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.cards.cut import clean, graphemes
from bot.cards.tex import readable
from bot.reports import Brief, Guide, Innovation, Report

LINE = 400  # graphemes of a one-sentence field
TEXT = 2_400  # of a field with several sentences
WORD = 160  # of a name, a task, a data set
DATASETS = 12
INNOVATIONS = 4
_LONGEST = 40_000  # code points of a field that are looked at
_SHORTEST = 3  # letters of a name between tags or marks that is worth keeping

_HIDDEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u2060-\u2064\ufeff\U000e0000-\U000e007f]"
)
_TLDS = (
    r"com|org|net|io|ai|dev|edu|gov|app|co|info|xyz|cn|kr|jp|uk|de|fr|eu|ru|tech|cloud|site|top"
    r"|tv|gg|ly|online|store|shop|club"
)
_WORDS = r"to|us|in|me|so|is|it|at|be|link|click|live|page"  # "results.In" is a lost space
_MARKDOWN_LINK = re.compile(
    r"!?\[([^\[\]\n]{0,300})\]\(\s{0,3}<?([^\s()<>]{1,500})>?(?:\s[^()\n]{0,200})?\)"
)
_STOPS = r"\s<>\"'，。；、）】」』“”《》"
_LINK = re.compile(
    r"(?:\b(?:https?|ftp|tg|discord|file|steam|ton|intent)://|\bwww\.|\bmailto:|\bjavascript:"
    rf"|\bdata:[a-z]+/)[^{_STOPS}]{{1,500}}"
    rf"|(?<![\w@.-])(?:[a-z0-9-]{{1,63}}\.){{1,5}}(?:(?:{_TLDS}|{_WORDS})(?=/)/[^{_STOPS}]{{0,300}}"
    rf"|(?:{_TLDS})\b(?![-.]?\w))",
    re.IGNORECASE | re.ASCII,
)
_MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,5}[A-Za-z]{2,24}")
_MENTION = re.compile(
    r"<(?:@[!&]?|#|a?:\w{1,32}:|/[\w -]{1,32}:|t:)\d{1,24}(?::\w)?>|(?<![\w.@])@[A-Za-z_]\w{1,31}"
)
_TAG = re.compile(
    r"</?[A-Za-z][A-Za-z0-9-]{0,20}(?:\s[^<>=\n]{0,60}=[^<>\n]{0,300}|\s?/)?>|<!--|-->|&(?:#\d{1,6}"
    r"|#x[0-9a-fA-F]{1,6}|[a-z]{2,8});"
)
_FENCE = re.compile(r"`{3,}[A-Za-z0-9_+-]{0,20}|~{3,}")
_HEADING = re.compile(
    r"^[ \t]{0,3}(?:#{1,6}[ \t]+|>[ \t]?|[-*+•][ \t]+|[-*_]{3,}[ \t]*$)", re.MULTILINE
)
_STRONG = re.compile(r"(\*\*|__|\|\||~~)(?=\S)([^\n]{1,500}?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*\\])([*_])(?=[^\s*_])([^*_\n]{1,300}?)(?<=\S)\1(?![\w*])")
_CODE = re.compile(r"(?<!`)`([^`\n]{1,300})`(?!`)")
_LOOSE = re.compile(r"\*\*|``?|(?<!\S)#{1,6}(?=\s)")
_EMPTY = re.compile(r"\(\s*[:：,，]?\s*\)|\[\s*\]|（\s*[:：]?\s*）|【\s*】|<\s*>")
_BEFORE_STOP = re.compile(r"\s+(?=[,.;:!?，。；：！？)）])")
_SPACES = re.compile(r"[ \t]{2,}")
_END = re.compile(r"[.!?。！？…;；](?=\s|$|[^\x00-\x7f])")


class Source:
    """What the source has of links, addresses, names behind @ and tags, to be asked for."""

    def __init__(self, text: str | Sequence[str]) -> None:
        whole = text if isinstance(text, str) else "\n".join(text)
        self._text = _HIDDEN.sub("", whole).casefold()

    def has(self, piece: str) -> bool:
        """Whether the source writes this very piece; for links, with or without their scheme."""
        piece = re.sub(r"^(?:https?://)?(?:www\.)?", "", piece.casefold()).rstrip("/.,;:)>")
        at = self._text.find(piece) if piece else -1
        while at >= 0:
            behind = self._text[at + len(piece) : at + len(piece) + 1]
            if not (behind.isalnum() or behind in ("-", "_")):
                return True
            at = self._text.find(piece, at + 1)
        return False


def plain(text: str, source: Source | str | Sequence[str], most: int = TEXT) -> str:
    """One field as one line of plain text, at most `most` graphemes, cut at a sentence's end.

    What the source writes too stays, as text. Any text will do; never raises.
    """
    has = (source if isinstance(source, Source) else Source(source)).has
    text = _HIDDEN.sub("", text[:_LONGEST])

    def kept(found: re.Match[str]) -> str:
        return found[0] if has(found[0]) else " "

    text = _MARKDOWN_LINK.sub(lambda found: _shown(found[1], found[2], has), text)
    text = _FENCE.sub(" ", text)
    text = _MENTION.sub(kept, text)
    text = _TAG.sub(kept, text)
    text = _MAIL.sub(kept, text)
    text = _LINK.sub(kept, text)
    text = _HEADING.sub("", text)
    for _ in range(2):
        text = _STRONG.sub(lambda found: found[2], text)
    text = _EMPHASIS.sub(lambda found: found[2], text)
    text = readable(_CODE.sub(lambda found: found[1], text))  # it knows ``quotes''
    text = clean(_LOOSE.sub("", text))
    text = _SPACES.sub(" ", _BEFORE_STOP.sub("", _EMPTY.sub("", text))).strip()
    return shortened(text, most)


def shortened(text: str, most: int) -> str:
    """The text in at most `most` graphemes, cut behind a sentence when one ends past the middle."""
    if len(text) <= most:
        return text
    letters = list(graphemes(text))
    if len(letters) <= most:
        return text
    head = "".join(letters[: most - 1])
    ends = [found.end() for found in _END.finditer(head, len(head) // 2)]
    return head[: ends[-1]].rstrip() if ends else head.rstrip(" ,，、;；:：-") + "…"


def trusted(report: Report, source: Source | str | Sequence[str]) -> Report:
    """The report with every field plain, bounded and without what the source does not have."""
    known = source if isinstance(source, Source) else Source(source)

    def short(text: str) -> str:
        return plain(text, known, WORD)

    def long(text: str) -> str:
        return plain(text, known)

    innovations = [
        Innovation(short(one.name), long(one.text)) for one in report.innovations[:INNOVATIONS]
    ]
    guide, brief = report.guide, report.brief
    datasets = [short(one) for one in brief.datasets[:DATASETS]]
    return replace(
        report,
        field=short(report.field),
        contribution=plain(report.contribution, known, LINE),
        guide=Guide(
            long(guide.input),
            long(guide.output),
            long(guide.procedure),
            long(guide.resources),
            long(guide.code),
        ),
        innovations=tuple(one for one in innovations if one.name or one.text),
        results=long(report.results),
        brief=Brief(
            short(brief.task),
            plain(brief.input, known, LINE),
            plain(brief.output, known, LINE),
            plain(brief.backbone, known, LINE),
            tuple(dict.fromkeys(one for one in datasets if one)),
            long(brief.problem),
            long(brief.method),
        ),
    )


def _shown(label: str, target: str, has: object) -> str:
    """[label](target) becomes its label, and its target where the source has that."""
    if callable(has) and has(target) and target not in label:
        return f"{label} ({target})"
    return label
