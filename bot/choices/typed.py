"""What was typed, made comparable: width and case folded, spaces single, length bounded."""

from __future__ import annotations

import unicodedata

from bot.errors import Usage
from bot.texts import Texts, texts

LONGEST = 64  # code points; no value of a setting is longer


def fold(text: str, t: Texts | None = None) -> str:
    """`text` in lower case, full-width forms narrow, white space single.

    Raises Usage when it is longer than any value can be.
    """
    if len(text) > LONGEST:
        t = t or texts("en")
        raise Usage(t("That value is too long: at most {n} characters.", n=LONGEST))
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def bare(text: str) -> str:
    """`text` for comparing names: case, width, accents and underscores folded away."""
    parts = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(sign for sign in parts if not unicodedata.combining(sign))
    return unicodedata.normalize("NFC", kept).replace("_", " ").strip()


def shown(text: str) -> str:
    """`text` as an error repeats it: one line, cut when long."""
    line = " ".join(text.split())
    return line if len(line) <= 40 else line[:39] + "…"
