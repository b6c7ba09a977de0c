"""Formula or price: what stands between two dollars."""

from __future__ import annotations

import re

_PRICE = re.compile(
    r"\d[\d,.]*\s?(?:[kKMB]\b|million|billion)?(?:\s+[A-Za-z]{2,}|\s*[-–/]\s*$|\s*$(?<=\s))"
)
_STRONG = re.compile(r"\\|\^|_\{")
_SAYS_TEX = re.compile(r"[\\^_{}=<>]")


def is_formula(content: str, behind: str) -> bool:
    """Whether `content`, between two dollars and before the character `behind`, is no price."""
    if _PRICE.match(content):
        return False
    if _STRONG.search(content):
        return True
    if content[0].isspace() or content[-1].isspace() or behind.isdigit():
        return False
    words = sum(len(word) > 3 and word.isalpha() for word in content.split())
    return words < 2 or bool(_SAYS_TEX.search(content))
