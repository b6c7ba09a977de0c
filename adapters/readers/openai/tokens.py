"""About how many tokens a text is, rather too many than too few; nothing is downloaded.

By script, in line with the byte-pair vocabularies of the last years: an English word is a token
for every four letters begun, a digit, a mark, an ideograph or a syllable one each, other alphabets
a token for two letters, scripts with few tokens of their own one a letter, symbols two.
"""

from __future__ import annotations

import re

_ASCII = re.compile(
    r"[A-Za-z]{1,4}"  # four letters of a word, or what is left of it
    r"|[!-@\[-`{-~]"  # digits and marks: the printable rest of ASCII
    r"|[^\S ]+| {2,}"  # one space goes with the word behind it
)
_ALPHABETS = re.compile(r"[\u00aa-\u024f\u0370-\u052f\u1e00-\u1fff]+")
_DENSE = re.compile(  # ideographs, kana, hangul and their marks
    r"[\u1100-\u11ff\u2e80-\u312f\u3130-\u318f\u31c0-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]"
)
_OF_ALPHABET = 2
_OF_SYMBOL = 2  # tokens each


def estimate(text: str) -> int:
    """Tokens, about; 0 for no text."""
    count = len(_ASCII.findall(text))
    if text.isascii():
        return count
    for word in _ALPHABETS.findall(text):
        count += (len(word) + _OF_ALPHABET - 1) // _OF_ALPHABET
    count += len(_DENSE.findall(text))
    rest = _DENSE.sub("", _ALPHABETS.sub("", text))
    for sign in rest:
        if not sign.isascii() and not sign.isspace():
            count += 1 if sign.isalpha() and sign < "\uffff" else _OF_SYMBOL
    return count
