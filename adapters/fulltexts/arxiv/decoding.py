"""The bytes of a page as text, in whatever encoding it came."""

from __future__ import annotations

import codecs
import re

# Encodings of the web alone (https://encoding.spec.whatwg.org): Python knows others that are no
# encodings of text, or slow.
_KNOWN = re.compile(
    r"utf-?8|utf-?16(?:le|be)?|us-ascii|ascii|latin-?1|iso-?8859-\d{1,2}|windows-\d{3,4}|cp\d{3,4}"
    r"|koi8-[ru]|gbk|gb2312|gb18030|big5(?:-hkscs)?|euc-(?:jp|kr)|shift_jis|iso-2022-jp|macintosh",
    re.ASCII,
)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w-]{1,30})", re.ASCII | re.IGNORECASE)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decoded(body: bytes, content_type: str = "") -> str:
    """The text: by its byte order mark, as UTF-8, or in the encoding that it or `content_type`
    names; what fits none is replaced by U+FFFD. Never raises.
    """
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    # What is UTF-8 throughout is nothing else, save the encodings that are all ASCII bytes.
    said = _named(content_type) or _named(body[:2_048].decode("latin-1"))
    if said not in ("iso-2022-jp", "utf-16", "utf-16le", "utf-16be"):
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError:
            pass
    # A page that has bytes of UTF-8 and a few broken ones is UTF-8 all the same.
    if said in (None, "utf-8", "utf8", "ascii", "us-ascii"):
        text = body.decode("utf-8", "replace")
        if text.count("\ufffd") * 200 < len(text) or said in ("utf-8", "utf8"):
            return text
        said = "windows-1252"
    try:
        return body.decode("windows-1252" if said == "iso-8859-1" else said, "replace")
    except LookupError:
        return body.decode("utf-8", "replace")


def _named(text: str) -> str | None:
    found = _CHARSET.search(text)
    name = found[1].casefold() if found else ""
    return name if _KNOWN.fullmatch(name) else None
