"""Papers as BibTeX entries, as arXiv wants to be cited.

Fields after https://info.arxiv.org/help/hypertex/bibstyles/index.html: `eprint`,
`archivePrefix`, `primaryClass`. A paper that is also in the lists of Hugging Face stays an
arXiv paper.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from bot.papers import Paper

_MATH = re.compile(r"(?<!\\)\$[^$\n]+?(?<!\\)\$")
_SCRIPT = re.compile(r"(?<=[\w)])([_^])(\{[^{}$]*\}|[A-Za-z0-9](?![A-Za-z]))")
_SPECIAL = re.compile(r"(?<!\\)([&%#$])")
_INNER_CAPITAL = re.compile(r"(?<=[^\W_]|&)[A-Z]|(?<![^\W_])[A-Z](?=[\d·$])")
_TYPED = re.compile(r"[\w'’-]+")
_SKIPPED = frozenset("a an the on of in for to and with towards toward is are how what why".split())
_BREAK = re.compile(r"\\\\(?![a-zA-Z])|[\r\n\t]+")


def bibtex(papers: Iterable[Paper]) -> str:
    """The entries of the papers, with a blank line between them; every key once."""
    taken: set[str] = set()
    entries = []
    for paper in papers:
        key = _free(_key(paper), taken)
        taken.add(key)
        entries.append(_entry(paper, key))
    return "\n\n".join(entries)


def _entry(paper: Paper, key: str) -> str:
    fields = [("title", _title(paper.title) or paper.id)]
    if paper.authors:
        fields.append(("author", " and ".join(_author(name) for name in paper.authors)))
    fields += [
        ("year", str(_year(paper))),
        ("eprint", paper.id),
        ("archivePrefix", "arXiv"),
    ]
    if primary := _primary_class(paper):
        fields.append(("primaryClass", primary))
    fields.append(("url", f"https://arxiv.org/abs/{paper.id}"))
    width = max(len(name) for name, _ in fields)
    lines = ",\n".join(f"  {name:<{width}} = {{{value}}}" for name, value in fields)
    return f"@misc{{{key},\n{lines}\n}}"


def _year(paper: Paper) -> int:
    """Of the first submission; the id tells it where the source did not."""
    if paper.published is not None:
        return paper.published.year
    digits = paper.id.rpartition("/")[2][:2]
    return (1900 if "/" in paper.id and int(digits) > 90 else 2000) + int(digits)


def _primary_class(paper: Paper) -> str | None:
    if paper.categories:
        return paper.categories[0]
    return paper.id.partition("/")[0] if "/" in paper.id else None


def _key(paper: Paper) -> str:
    names = paper.authors[0].split() if paper.authors else []
    surname = _ascii(names[-1]) if names else ""
    words = (_ascii(word) for word in _TYPED.findall(paper.title))
    first = next((word for word in words if len(word) > 1 and word not in _SKIPPED), "")
    return f"{surname}{_year(paper)}{first}" if surname or first else f"arxiv{paper.id}"


def _ascii(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text).casefold()
    return "".join(sign for sign in parts if sign.isascii() and sign.isalnum())


def _free(key: str, taken: set[str]) -> str:
    if key not in taken:
        return key
    return next(name for n in range(len(taken) + 1) if (name := f"{key}{_letters(n)}") not in taken)


def _letters(n: int) -> str:
    return chr(ord("a") + n % 26) if n < 26 else _letters(n // 26 - 1) + _letters(n % 26)


def _author(name: str) -> str:
    """One name; what BibTeX would take for two, or for "Last, First", is held together."""
    text = _text(name)
    held = "," in text or re.search(r"\band\b", text, re.I) is not None
    return f"{{{text}}}" if held else text


def _title(title: str) -> str:
    """The title with its mathematics, capitals kept where a style that lowers them would err."""
    words = _split(_text(title))
    later = [word for word in words[1:] if len(word) > 3 and word[0].isalpha()]
    # In Title Case a capital says nothing; among small words it marks a name.
    names = sum(word[0].isupper() for word in later) * 2 < len(later)
    return " ".join(_kept(word, names=names and n > 0) for n, word in enumerate(words))


def _split(text: str) -> list[str]:
    """Words at spaces that lie outside braces and mathematics."""
    words, depth, math, start = [], 0, False, 0
    for here, sign in enumerate(text):
        escaped = here > 0 and text[here - 1] == "\\"
        if sign == "{" and not escaped:
            depth += 1
        elif sign == "}" and not escaped:
            depth -= 1
        elif sign == "$" and not escaped:
            math = not math
        elif sign == " " and depth == 0 and not math:
            words.append(text[start:here])
            start = here + 1
    return [word for word in [*words, text[start:]] if word]


def _kept(word: str, *, names: bool) -> str:
    """The word in braces when its capitals are its own; punctuation stays outside."""
    core = word.rstrip(".,:;!?")
    bare = _MATH.sub("·", core)
    own = _INNER_CAPITAL.search(bare) or (names and bare[:1].isupper())
    if not own or (core[0] == "{" and core[-1] == "}"):
        return word
    return f"{{{core}}}{word[len(core) :]}"


def _text(text: str) -> str:
    """Text for a BibTeX field: mathematics as it is, the rest escaped, braces balanced."""
    text = " ".join(_BREAK.sub(" ", text).split())
    text = _paired(text)
    pieces: list[str] = []
    end = 0
    for found in _MATH.finditer(text):
        pieces += [_outside(text[end : found.start()]), found[0]]
        end = found.end()
    pieces.append(_outside(text[end:]))
    # A lone backslash at the end would escape the closing brace of the field.
    return re.sub(r"(?<!\\)((?:\\\\)*)\\$", r"\1", "".join(pieces))


def _outside(text: str) -> str:
    """Text outside of mathematics; what can only be a sub- or superscript becomes one."""
    pieces: list[str] = []
    end = 0
    for found in _SCRIPT.finditer(text):
        pieces += [_escaped(text[end : found.start()]), f"${found[1]}{found[2]}$"]
        end = found.end()
    return "".join([*pieces, _escaped(text[end:])])


def _escaped(text: str) -> str:
    text = _SPECIAL.sub(r"\\\1", text)
    text = re.sub(r"(?<!\\)_", r"\\_", text)
    return re.sub(r"(?<!\\)\^", r"\\^{}", text)


def _paired(text: str) -> str:
    """The text without the braces that have no partner; BibTeX counts escaped ones too."""
    opened: list[int] = []
    stray: set[int] = set()
    for here, sign in enumerate(text):
        if sign == "{":
            opened.append(here)
        elif sign == "}":
            if opened:
                opened.pop()
            else:
                stray.add(here)
    stray.update(opened)
    stray |= {here - 1 for here in stray if here and text[here - 1] == "\\"}
    return "".join(sign for here, sign in enumerate(text) if here not in stray)
