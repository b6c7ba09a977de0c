"""TeX of a formula as LaTeXML writes it into `alttext`, made short; what it hides is taken out."""

from __future__ import annotations

import re

LONGEST = 20_000  # code points; what is longer is no formula
_ENDED_LINE = re.compile(r"(\\[A-Za-z]+)?(?<!\\)%[ \t]*\n\s*(?=([A-Za-z])?)")
_STYLES = re.compile(r"^\s*(?:\\(?:displaystyle|textstyle|scriptstyle)(?![A-Za-z])\s*)+")
_HIDES = re.compile(r"\\[hv]?phantom(?![A-Za-z])\s*")
_COLOUR = re.compile(r"\\color(?:\[(\w+)\])?\{([^{}]*)\}")
_DEFINES = re.compile(r"\\definecolor(?:\[\w+\])?(?:\{[^{}]*\}){3}")
_NESTED = re.compile(r"(?<!\\)\$")
_WHITES = frozenset({"white", "#ffffff", "#fff"})


def cleaned(alttext: str) -> tuple[str, tuple[str, ...]]:
    """The formula's TeX in one line, without dollar signs; and what of it no reader would see.

    Line ends that LaTeXML escapes are joined, colours and the outer style are left out; dollar
    signs within text become `\\(` and `\\)`, so that those around the formula stay its only ones.
    """
    tex = alttext[:LONGEST]
    if "%" in tex:
        tex = _ENDED_LINE.sub(_joined, tex)
    tex = _STYLES.sub("", tex)
    unseen: list[str] = []
    if "phantom" in tex:
        tex = _without_phantoms(tex, unseen)
    if "color" in tex:
        tex = _without_colours(_DEFINES.sub("", tex), unseen)
    if "$" in tex:
        tex = _one_by_one(tex)
    return " ".join(tex.split()), tuple(unseen)


def _joined(found: re.Match[str]) -> str:
    word = found[1] or ""
    return f"{word} " if word and found[2] else word


def _without_phantoms(tex: str, unseen: list[str]) -> str:
    kept, place = [], 0
    while found := _HIDES.search(tex, place):
        end = _end_of_group(tex, found.end())
        kept.append(tex[place : found.start()])
        unseen.append(tex[found.end() : end].removeprefix("{").removesuffix("}"))
        place = end
    kept.append(tex[place:])
    return "".join(kept)


def _without_colours(tex: str, unseen: list[str]) -> str:
    kept, place = [], 0
    while found := _COLOUR.search(tex, place):
        kept.append(tex[place : found.start()])
        place = found.end()
        if _is_white(found[1] or "", found[2]):
            place = _end_of_group(tex, found.end(), inside=True)
            unseen.append(tex[found.end() : place].strip())
    kept.append(tex[place:])
    return "".join(kept)


def _is_white(model: str, value: str) -> bool:
    try:
        parts = [float(part) for part in value.split(",")]
    except ValueError:
        return value.strip().casefold() in _WHITES
    match model:
        case "rgb" | "gray":
            return all(part >= 0.9 for part in parts)
        case "RGB":
            return all(part >= 230 for part in parts)
        case "cmyk" | "cmy":
            return all(part <= 0.1 for part in parts)
    return False


def _end_of_group(tex: str, start: int, *, inside: bool = False) -> int:
    """Where the group that begins at `start` ends; `inside`: the one that holds `start`."""
    if not inside and tex[start : start + 1] != "{":
        return min(start + 1, len(tex))
    depth, place = 0, start
    while place < len(tex):
        sign = tex[place]
        if sign == "\\":
            place += 2
            continue
        if sign == "{":
            depth += 1
        elif sign == "}":
            depth -= 1
            if inside and depth < 0:
                return place
            if not inside and depth == 0:
                return place + 1
        place += 1
    return len(tex)


def _one_by_one(tex: str) -> str:
    parts = _NESTED.split(tex)
    signs = ("\\(", "\\)")
    return parts[0] + "".join(f"{signs[i % 2]}{part}" for i, part in enumerate(parts[1:]))
