"""Blocks of text, put together piece by piece and tidied when they are whole."""

from __future__ import annotations

import re

# Signs that stand for what white space cannot tell until a block is whole. No page needs them.
LINE, CELL, SPACE, OPENS, CLOSES = "\x01", "\x02", "\x03", "\x04", "\x05"
MOST_UNSEEN = 200  # pieces that are kept
LONGEST_UNSEEN = 2_000  # code points of one
_NEIGHBOURS = re.compile(f"{CLOSES}[\\s{SPACE}]*{OPENS}")
# Without a shape of their own: zero-width signs, marks of direction, tags, halves of pairs.
_SHAPELESS = re.compile(
    "[\x00\x06-\x08\x0e-\x1f\x7f\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_UNCLEAN = re.compile("[\x01-\x05]|" + _SHAPELESS.pattern)
_TAGS = re.compile("[\U000e0020-\U000e007e]{3,}")


class Writing:
    """What was read so far; the walk through the page puts it in."""

    def __init__(self) -> None:
        self.blocks: list[str] = []  # of the section that is open
        self.parts: list[str] = []  # of the block that is open
        self.notes: list[str] = []  # that the open block refers to
        self.prefix = ""  # of the next block: the mark of a list item, the name of a theorem
        self.flat = 0  # more than 0 inside a cell or a note, where no block begins
        self.unseen: list[str] = []
        self._veiled: list[str] = []

    def say(self, text: str) -> None:
        """Text that is seen."""
        if self._veiled and not text.isspace():
            self.unveil()
        self.parts.append(text)

    def hide(self, text: str) -> None:
        """Text that is not seen."""
        self._veiled.append(text)

    def unveil(self) -> None:
        """End the piece of text that is not seen; letters make it worth keeping."""
        piece = _UNCLEAN.sub("", " ".join("".join(self._veiled).split()))[:LONGEST_UNSEEN]
        self._veiled.clear()
        letters = sum(map(str.isalpha, piece[:200]))
        if letters > 1 and len(self.unseen) < MOST_UNSEEN and piece not in self.unseen:
            self.unseen.append(piece)

    def end_block(self) -> None:
        """A block ends here; inside a cell or a note it is a space."""
        if self.flat:
            self.parts.append(" ")
            return
        if text := self.tidy("".join(self.parts)):
            self.blocks.append(self.prefix + text)
            self.prefix = ""
        self.parts.clear()
        if self.notes:
            self.blocks += self.notes
            self.notes.clear()

    def mark(self, text: str) -> None:
        """`text` stands before the next block."""
        if self.flat:
            self.parts.append(f" {text}")
        else:
            self.end_block()
            self.prefix += text

    def tidy(self, text: str) -> str:
        """White space as one space, lines and cells where they were meant, formulas in dollars."""
        for piece in _TAGS.findall(text):  # letters of a second, invisible alphabet
            self.hide("".join(chr(ord(sign) - 0xE0000) for sign in piece))
            self.unveil()
        text = _SHAPELESS.sub("", text)
        lines = (" ".join(line.split()) for line in text.split(LINE))
        text = "\n".join(line.replace(SPACE, " ").rstrip() for line in lines).strip("\n")
        return text.replace(CELL, "\t").replace(OPENS, "$").replace(CLOSES, "$")


def joined(text: str) -> str:
    """The formulas of one row as one where nothing but space stands between."""
    return _NEIGHBOURS.sub(" ", text)
