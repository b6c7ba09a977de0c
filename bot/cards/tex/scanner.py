"""One pass over a text with TeX: every macro, group, formula and script once, left to right."""

from __future__ import annotations

import re
import unicodedata

from bot.cards.tex.prices import is_formula
from bot.cards.tex.signs import (
    ACCENTS,
    BARE,
    LETTERS,
    RELATIONS,
    SHOWS,
    SILENT,
    accented,
    double_struck,
    script,
    signs,
)

_DEEPEST = 24  # groups within groups; beyond, braces are plain characters
_LONGEST_FORMULA = 4_000  # code points between two dollars
_BRACES = re.compile(r"\\.|[{}]", re.DOTALL)
_IN_TEXT = re.compile(r"[\\$^{}]|(?<![^\W_])[^\W\d_]_\d+|_\{")
_IN_FORMULA = re.compile(r"[\\^_{}~']")
_MACRO = re.compile(r"\\([A-Za-z]+)\*?")
_BARE_MACRO = re.compile(rf"(?<![\\A-Za-z])({'|'.join(BARE)})(?=\{{)")
_BARE_LINK = re.compile(r"(https?://[^\s{}]{1,300})\{([^{}]{0,300})\}")
_BARE_TIMES = re.compile(r"(?<=\d)times(?=\d|\b)")
_BARE_SIM = re.compile(r"(?<![A-Za-z])sim(?=\d)")
_BARE_ARROW = re.compile(r"\s?(?<![A-Za-z])(?:long)?rightarrow\b\s?")
_HIGH = re.compile(r"\^([-+]?\d+|circ\b|top\b|[A-Za-z](?![A-Za-z]))")
_ARGUMENT_SPACE = re.compile(r"[ \t\n]*")
_OPTION = re.compile(r"\[[^\[\]{}$]{0,200}\]")
_PAIR = re.compile(r"(?<![`\\])``(?!`)([^`]{1,400}?)(?:''|[\"”])")
_APOSTROPHES = re.compile(r"(?<![\w'])''(?=\w)([^'`]{1,200}?)(?<=\S)''(?!')")
_SINGLE = re.compile(r"(?<![\w`])`(?=\S)([^`'’\n]{1,120}?)(?<=\S)'(?!\w)")
_DASH = re.compile(r"(?<![-<!])(?:(?<=\S)-{2,3}(?![->])|(?<=\s)-{2,3}(?=\s))")
_TIE = re.compile(r"(?<=[A-Za-z.,)\]%])~(?=[\w($])|(?<=\d)~(?=[A-Za-z(])")
_NUMBER = re.compile(r"\d+")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_TWO = frozenset("frac dfrac tfrac nicefrac binom href textcolor colorbox texorpdfstring".split())
_ACCENTED = re.compile(r"\s?(?:[^\W\d_]|\{|\\[A-Za-z])")
_UMLAUTS = frozenset("aeiouyAEIOUYıȷ")
_SPACES = re.compile(r"[ \t]{2,}")


def scan(text: str) -> str:
    """The text with its TeX replaced; what the replacing brings to light waits for another pass."""
    text = _BARE_LINK.sub(_link, text)
    text = _BARE_ARROW.sub(" → ", _BARE_TIMES.sub("×", text))
    text = _BARE_SIM.sub("~", text)
    text = _BARE_MACRO.sub(r"\\\1", text)
    text = _Scanner(text).run(0, len(text), 0)
    text = _PAIR.sub(r"“\1”", text)
    text = _APOSTROPHES.sub(r"“\1”", text)
    text = _SINGLE.sub(r"‘\1’", text)
    text = _DASH.sub(lambda dash: "–" if len(dash[0]) == 2 else "—", text)
    return _SPACES.sub(" ", _TIE.sub(" ", text))


def _link(found: re.Match[str]) -> str:
    """`\\href` that lost its backslash: the words when there are some, else the address once."""
    address, words = found[1], found[2].strip()
    return address if not words or words.startswith("http") else words


class _Scanner:
    """Reads one text; positions are offsets in it, `end` is never passed."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.signs = signs()
        self.closing: dict[int, int] = {}  # of each "{" that has one, the place of its "}"
        opened: list[int] = []
        for found in _BRACES.finditer(text):
            if found[0] == "{":
                opened.append(found.start())
            elif found[0] == "}" and opened:
                self.closing[opened.pop()] = found.start()

    def run(self, at: int, end: int, depth: int) -> str:
        """The stretch as running text."""
        out: list[str] = []
        while at < end:
            found = _IN_TEXT.search(self.text, at, end)
            if not found:
                out.append(self.text[at:end])
                break
            start = found.start()
            out.append(self.text[at:start])
            at = self._text_special(found[0], start, end, depth, out)
        return "".join(out)

    def _text_special(self, char: str, at: int, end: int, depth: int, out: list[str]) -> int:
        if char == "\\":
            return self._macro(at, end, depth, out, formula=False)
        if char == "$":
            return self._dollar(at, end, depth, out)
        if char == "{":
            return self._group(at, end, depth, out)
        if char == "^":
            return self._bare_high(at, end, depth, out)
        if char == "_{":
            return self._bare_low(at, end, depth, out)
        if len(char) > 2:  # one letter, "_", digits
            out.append(char[0] + script(char[2:], high=False))
            return at + len(char)
        out.append(char)
        return at + 1

    def formula(self, at: int, end: int, depth: int) -> str:
        """The stretch as a formula."""
        out: list[str] = []
        while at < end:
            found = _IN_FORMULA.search(self.text, at, end)
            if not found:
                out.append(self.text[at:end])
                break
            start = found.start()
            out.append(self.text[at:start])
            char = found[0]
            at = start + 1
            if char == "\\":
                at = self._macro(start, end, depth, out, formula=True)
            elif char in "^_":
                content, at = self._argument(at, end, depth, formula=True, number=True)
                out.append(script(content, high=char == "^"))
            elif char == "{" and (close := self._close(start, end, depth)):
                out.append(self.formula(at, close, depth + 1))
                at = close + 1
            elif char == "}" or char == "{":
                out.append(char)
            else:
                out.append(" " if char == "~" else "′")
        return "".join(out)

    def _close(self, opening: int, end: int, depth: int) -> int | None:
        close = self.closing.get(opening)
        return close if close is not None and close < end and depth < _DEEPEST else None

    def _dollar(self, at: int, end: int, depth: int, out: list[str]) -> int:
        """A formula when the next dollar ends one, else a plain dollar.

        As pandoc decides (https://pandoc.org/MANUAL.html#math): no space after the opening
        dollar nor before the closing one, and no digit behind that.
        """
        mark = "$$" if self.text.startswith("$$", at, end) else "$"
        first = at + len(mark)
        last = self._next_dollar(first, min(end, first + _LONGEST_FORMULA))
        if last is None or not self.text.startswith(mark, last, end):
            out.append("$")
            return at + 1
        content, after = self.text[first:last], last + len(mark)
        if mark == "$" and not is_formula(content, self.text[after : min(end, after + 1)]):
            out.append("$")
            return at + 1
        out.append(self.formula(first, last, depth + 1).strip())
        return after

    def _next_dollar(self, at: int, end: int) -> int | None:
        found = self.text.find("$", at, end)
        while found > at and self.text[found - 1] == "\\":
            found = self.text.find("$", found + 1, end)
        return found if found > at else None

    def _group(self, at: int, end: int, depth: int, out: list[str]) -> int:
        """Braces in running text stay, unless they are TeX's: `{\\bf x}`, `{GAN}`, `4{,}851`."""
        if (close := self._close(at, end, depth)) is None:
            out.append("{")
            return at + 1
        content = self.text[at + 1 : min(close, at + 40)]
        whole = len(content) == close - at - 1
        if whole and content in ("sim", "times", "approx", "pm", "leq", "geq", "rightarrow"):
            out.append(self.signs[content])
        elif whole and (content in tuple("=,+-<>.%") or content == "" or _is_name(content)):
            out.append(content)
        elif self.text.find("\\", at, close) >= 0:
            out.append(self.run(at + 1, close, depth + 1))
        else:
            out.append("{" + self.run(at + 1, close, depth + 1) + "}")
        return close + 1

    def _bare_high(self, at: int, end: int, depth: int, out: list[str]) -> int:
        """`10^{19}`, `R^3-Bench`, `360^circ`; any other circumflex stays."""
        close = self._close(at + 1, end, depth)
        if close is not None:
            out.append(script(self.formula(at + 2, close, depth + 1), high=True))
            return close + 1
        before = self.text[at - 1] if at else ""
        found = _HIGH.match(self.text, at, end)
        if found and (before.isalnum() or before in ")]}|$"):
            out.append(script(found[1], high=True))
            return found.end()
        out.append("^")
        return at + 1

    def _bare_low(self, at: int, end: int, depth: int, out: list[str]) -> int:
        close = self._close(at + 1, end, depth)
        if close is None:
            out.append("_")
            return at + 1
        out.append(script(self.formula(at + 2, close, depth + 1), high=False))
        return close + 1

    def _argument(
        self, at: int, end: int, depth: int, *, formula: bool, number: bool = False
    ) -> tuple[str, int]:
        """What TeX takes as the argument at this place, and the place behind it."""
        spaces = _ARGUMENT_SPACE.match(self.text, at, end)
        start = spaces.end() if spaces else at
        if start >= end:
            return "", at
        if (close := self._close(start, end, depth)) is not None:
            read = self.formula if formula else self.run
            return read(start + 1, close, depth + 1), close + 1
        if self.text[start] == "\\" and depth < _DEEPEST:
            out: list[str] = []
            after = self._macro(start, end, depth + 1, out, formula=formula)
            return "".join(out), after
        if number and (found := _NUMBER.match(self.text, start, end)):
            return found[0], found.end()
        return self.text[start], start + 1

    def _groups(self, at: int, end: int, depth: int, *, formula: bool) -> tuple[list[str], int]:
        """The contents of all the groups that stand here, and the place behind them."""
        read = self.formula if formula else self.run
        found: list[str] = []
        while (close := self._close(at, end, depth)) is not None:
            found.append(read(at + 1, close, depth + 1))
            at = close + 1
        return found, at

    def _macro(self, at: int, end: int, depth: int, out: list[str], *, formula: bool) -> int:
        """The macro that begins here; gives the place behind it and its arguments."""
        found = _MACRO.match(self.text, at, end)
        if not found:
            return self._mark(at, end, depth, out, formula=formula)
        name, after = found[1], found.end()
        if name in ACCENTS or name in SHOWS or name in ("mathbb", "sqrt", "not"):
            root = ""
            if name == "sqrt" and (option := _OPTION.match(self.text, after, end)):
                root, after = option[0][1:-1], option.end()
            content, after = self._argument(after, end, depth, formula=formula)
            out.append(_shown(name, content, root))
        elif name in SILENT:
            for _ in range(SILENT[name]):
                if option := _OPTION.match(self.text, after, end):
                    after = option.end()
                if (close := self._close(after, end, depth)) is not None:
                    after = close + 1
            if not any(part.strip() for part in out):  # {\\bf Words}
                spaces = _ARGUMENT_SPACE.match(self.text, after, end)
                after = spaces.end() if spaces else after
        elif name in _TWO:
            first, after = self._argument(after, end, depth, formula=formula)
            second, after = self._argument(after, end, depth, formula=formula)
            out.append(_two(name, first, second))
        elif name in LETTERS:
            out.append(self.signs[name])
            spaces = _ARGUMENT_SPACE.match(self.text, after, end)
            after = spaces.end() if spaces else after
            after += 2 if self.text.startswith("{}", after, end) else 0
        elif name in self.signs:
            after += 2 if self.text.startswith("{}", after, end) else 0
            if not formula:
                out.append(self.signs[name])
            elif self._sign(self.signs[name], name, out):
                spaces = _ARGUMENT_SPACE.match(self.text, after, end)
                after = spaces.end() if spaces else after
        else:  # the author's own: its arguments are words, else its name is the best we have
            contents, after = self._groups(after, end, depth, formula=formula)
            out.append(" ".join(part for part in contents if part) or name)
        return after

    def _sign(self, sign: str, name: str, out: list[str]) -> bool:
        """Write a sign of a formula; true when the spaces behind it are to be dropped."""
        before = next((part[-1] for part in reversed(out) if part), "")
        if sign in RELATIONS or name == "sim":
            out.append(f" {sign} " if any(part.strip() for part in out) else sign)
            return True
        if len(sign) > 1 and sign.isalpha() and (before.isalnum() or before == ")"):
            out.append(" ")  # n log n
        out.append(sign)
        return False

    def _mark(self, at: int, end: int, depth: int, out: list[str], *, formula: bool) -> int:
        """A backslash before something that is no letter."""
        mark = self.text[at + 1 : min(at + 2, end)]
        after = at + 2
        if mark and mark in ACCENTS:
            content, behind = "", after
            if _ACCENTED.match(self.text, after, end):
                content, behind = self._argument(after, end, depth, formula=formula)
            letter = accented(content, mark) if content[:1].isalpha() else ""
            if mark == '"' and content[:1] not in _UMLAUTS:
                letter = ""  # an escaped quotation mark
            if letter and len(letter) == len(content):
                out.append(letter)
                return behind
            out.append("" if mark in "^~=." and not content else mark)
            return behind if not content else after
        if mark in ("(", "["):
            closing = ")" if mark == "(" else "]"
            last = self.text.find("\\" + closing, after, min(end, after + _LONGEST_FORMULA))
            if last > 0 and depth < _DEEPEST:
                out.append(self.formula(after, last, depth + 1).strip())
                return last + 2
            out.append(mark)
            return after
        if mark.isdigit():  # HF's older records lost the dollar of `\$22K`
            before = self.text[at - 1 : at]
            out.append("" if formula or before.isalnum() else "$")
            return at + 1
        if mark in self.signs:
            out.append(self.signs[mark])
            return after
        return at + 1


def _shown(name: str, content: str, root: str) -> str:
    if name in ACCENTS:
        return accented(content, name) if len(content) == 1 else content
    if name == "mathbb":
        return double_struck(content)
    if name == "sqrt":
        sign = {"": "√", "2": "√", "3": "∛", "4": "∜"}.get(root, f"{script(root, high=True)}√")
        return sign + _tight(content)
    if name == "not":
        return unicodedata.normalize("NFC", content.strip() + "\u0338") if content.strip() else ""
    return content


def _two(name: str, first: str, second: str) -> str:
    if name.endswith("frac"):
        return f"{_tight(first)}/{_tight(second)}"
    if name == "binom":
        return f"({first} choose {second})"
    return second  # what comes first is an address, a colour or another form of the same


def _tight(content: str) -> str:
    """With parentheses, unless it is one thing."""
    content = content.strip()
    return content if len(content) == 1 or content.isalnum() else f"({content})"


def _is_name(content: str) -> bool:
    """A word that its author protected from lower case: `{GAN}`."""
    return any(char.isupper() for char in content) and bool(_NAME.fullmatch(content))
