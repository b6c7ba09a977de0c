"""What human eyes do not see of a page: told by attributes, styles, sizes and colours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

Colour = tuple[int, int, int]
WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)
SMALLEST = 0.2  # of the page's own size; LaTeX's \tiny is 0.5
_NEAR = 24  # of 255; colours that differ less in every channel are one to the eye
_POINTS = {"px": 16.0, "pt": 12.0, "em": 1.0, "rem": 1.0, "ex": 2.0, "%": 100.0, "": 16.0}
_NAMED: dict[str, Colour] = {
    "white": WHITE, "black": BLACK, "snow": (255, 250, 250), "ivory": (255, 255, 240),
    "ghostwhite": (248, 248, 255), "floralwhite": (255, 250, 240),
    "whitesmoke": (245, 245, 245), "azure": (240, 255, 255), "mintcream": (245, 255, 250),
    "red": (255, 0, 0), "green": (0, 128, 0), "blue": (0, 0, 255), "gray": (128, 128, 128),
    "grey": (128, 128, 128), "yellow": (255, 255, 0), "currentcolor": BLACK,
}  # fmt: skip
_UNKNOWN: Colour = (128, 128, 128)
_LENGTH = re.compile(r"(-?\d*\.?\d+)\s*(px|pt|em|rem|ex|%|vw|vh|)", re.ASCII)
_SCALE = re.compile(r"scale(?:3d|[xy])?\(\s*(-?\d*\.?\d+)", re.ASCII)
_MOVES = re.compile(r"translate(?:x|y|3d)?\(\s*-\d{4,}", re.ASCII)
_COMMENT = re.compile(r"/\*(?:[^*]|\*(?!/))*\*/")
_SIMPLE = re.compile(r"[a-z][a-z0-9]*|[a-z]*[.#][\w-]+", re.ASCII | re.IGNORECASE)
_HIDING_CLASSES = frozenset(
    {"ltx_phantom", "sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text"}
)
_MATTERS = re.compile(
    r"display|visib|opac|font|color|background|position|indent|margin|transform|clip|overflow",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Look:
    """How text looks at one place of the page."""

    size: float = 1.0  # of the page's own
    colour: Colour = BLACK
    ground: Colour | None = WHITE  # None: a picture or a drawing; any colour may show on it
    gone: bool = False  # with everything within, whatever that says of itself
    unseen: bool = False  # gone, or of the colour of its ground


@dataclass(frozen=True, slots=True)
class Rules:
    """The simple rules of a page's own style sheets: of a class, an id or an element."""

    by_name: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, sheets: str) -> Rules:
        """Those that may hide something; selectors that say more than one name are not read."""
        found: dict[str, str] = {}
        within = ""  # the @media or the like that the rule stands in
        for part in _COMMENT.sub("", sheets[:200_000]).split("}"):
            head, begun, words = part.rpartition("{")
            if not begun:
                within = ""
                continue
            outer, nested, names = head.rpartition("{")
            within = outer if nested else within
            if "print" in within or "@" in names or not _MATTERS.search(words):
                continue
            for name in map(str.strip, names.split(",")):
                if _SIMPLE.fullmatch(name) and ".ltx_note" not in name:
                    sign = max(name.find("."), name.find("#"), 0)
                    found[name[sign:]] = f"{found.get(name[sign:], '')};{words}"
        return cls(found)

    def words(self, tag: str, attributes: Mapping[str, str | None]) -> str:
        """The declarations that hold for an element, its own last."""
        own = attributes.get("style") or ""
        if not self.by_name:
            return own
        names = [tag, *(f".{each}" for each in (attributes.get("class") or "").split())]
        if mark := attributes.get("id"):
            names.append(f"#{mark}")
        return ";".join([*(self.by_name[each] for each in names if each in self.by_name), own])


def look_within(look: Look, tag: str, attributes: Mapping[str, str | None], rules: Rules) -> Look:
    """How text looks inside an element that stands where things look like `look`."""
    if look.gone or not attributes:
        return look
    if (
        "hidden" in attributes
        or attributes.get("aria-hidden") == "true"
        or not _HIDING_CLASSES.isdisjoint((attributes.get("class") or "").split())
    ):
        return replace(look, gone=True, unseen=True)
    words = rules.words(tag, attributes)
    if not words or not _MATTERS.search(words):
        return look
    return _styled(look, words)


def _styled(look: Look, words: str) -> Look:
    said: dict[str, str] = {}
    for word in words[:10_000].split(";"):
        name, _, value = word.partition(":")
        said[name.strip().casefold()] = value.replace("!important", "").strip().casefold()
    size = _size(said, look.size)
    if size < SMALLEST or _is_gone(said):
        return replace(look, gone=True, unseen=True)
    colour, ground = look.colour, look.ground
    if named := said.get("color") or said.get("--ltx-fg-color"):
        colour = _colour(named) or ground or WHITE  # a colour that lets all through is its ground's
    back = said.get("background-color") or said.get("--ltx-bg-color") or said.get("background")
    if back and back not in ("none", "inherit", "initial"):
        ground = None if "(" in back and "rgb" not in back else _colour(back) or ground
    unseen = ground is not None and all(
        abs(one - other) < _NEAR for one, other in zip(colour, ground, strict=True)
    )
    return Look(size, colour, ground, False, unseen)


def _size(said: Mapping[str, str], size: float) -> float:
    value = said.get("font-size") or ""
    if not value and "font" in said and (found := _LENGTH.search(said["font"])):
        value = found[0] if found[2] or not float(found[1]) else ""
    if found := _LENGTH.match(value):
        number = float(found[1]) / _POINTS.get(found[2], 16.0)
        size = number * size if found[2] in ("em", "ex", "%") else number
    if found := _SCALE.search(said.get("transform", "")):
        size *= abs(float(found[1]))
    return size


def _is_gone(said: Mapping[str, str]) -> bool:
    if said.get("display") == "none" or said.get("visibility") in ("hidden", "collapse"):
        return True
    if (opacity := _number(said.get("opacity"))) is not None:
        percent = said["opacity"].endswith("%")
        if opacity < (10 if percent else 0.1):
            return True
    far = ("left", "right", "top", "bottom", "text-indent", "margin-left", "margin-top")
    moved = said.get("position") in ("absolute", "fixed")
    for name in far:
        if (moved or "-" in name) and (_number(said.get(name)) or 0) <= -500:
            return True
    if _MOVES.search(said.get("transform", "")):
        return True
    clip = said.get("clip-path", "")
    if said.get("clip", "").startswith("rect(0") or "inset(50%" in clip or "inset(100%" in clip:
        return True
    boxes = ("width", "height", "max-height", "max-width")
    cut = said.get("overflow", "") in ("hidden", "clip")
    lengths = (_number(said.get(name)) for name in boxes)
    return cut and any(length is not None and length <= 1 for length in lengths)


def _number(value: str | None) -> float | None:
    found = _LENGTH.match(value or "")
    return float(found[1]) if found else None


def _colour(value: str) -> Colour | None:
    """The colour; None for one that lets everything through, grey for one not known."""
    value = value.strip()
    if value == "transparent":
        return None
    if re.fullmatch(r"#[0-9a-f]{3,4}", value, re.ASCII):
        value = "#" + "".join(2 * sign for sign in value[1:])
    if re.fullmatch(r"#[0-9a-f]{6}(?:[0-9a-f]{2})?", value, re.ASCII):
        if value[7:] and int(value[7:], 16) < 26:
            return None
        return int(value[1:3], 16), int(value[3:5], 16), int(value[5:7], 16)
    if value.startswith("rgb"):
        parts = [
            float(number) * (2.55 if percent else 1)
            for number, percent in re.findall(r"(\d*\.?\d+)(%?)", value)
        ]
        if len(parts) >= 3:
            if len(parts) > 3 and parts[3] < 0.1:
                return None
            return round(parts[0]), round(parts[1]), round(parts[2])
    return _NAMED.get(value.split()[0] if value else "", _UNKNOWN)
