"""Text and addresses as services send them, made safe to keep: one line, bounded, no controls."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from bot.errors import SetUpWrong

# In characters or entries; each is far above what was ever recorded.
LONGEST_TITLE = 1_000
LONGEST_ABSTRACT = 20_000
LONGEST_NAME = 200
LONGEST_LINE = 2_000
LONGEST_QUERY = 250  # words of a search
MOST_AUTHORS = 2_000
LONGEST_URL = 2_000  # longer ones no browser opens reliably

# Controls that are not white space, and halves of surrogate pairs: neither UTF-8 nor PostgreSQL
# can hold all of them, and none of them means anything in a title.
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
_HALVES = re.compile("[\ud800-\udfff]")
_UNSAFE_IN_URL = re.compile(r"[\s\x00-\x20\x7f-\x9f<>\"\\^`{|}\ud800-\udfff]")


def folded(value: object, most: int) -> str:
    """`value` as one line of at most `most` characters; empty when it is no text.

    White space of any kind becomes one space; TeX and everything else stays. What is too long
    ends in an ellipsis.
    """
    if not isinstance(value, str):
        return ""
    text = value[: 4 * most + 1000]  # so that megabytes are not folded to be thrown away
    text = _HALVES.sub("\ufffd", _CONTROLS.sub("", text))
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def web_address(value: object) -> str | None:
    """`value` when it is a whole http(s) address of a sane length, else None."""
    if not isinstance(value, str):
        return None
    address = value.strip()
    if not address or len(address) > LONGEST_URL or _UNSAFE_IN_URL.search(address):
        return None
    try:
        parts = urlsplit(address)
        host = parts.hostname
        _ = parts.port  # raises for "http://host:port"
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not host:
        return None
    return address


def service_address(value: str, setting: str, example: str) -> tuple[str, tuple[str, str] | None]:
    """The base address that a setting names, without trailing slash; and name and password.

    Those are taken out of the address, so that it can be shown. Raises SetUpWrong.
    """
    address = web_address(value.strip().rstrip("/"))
    parts = urlsplit(address or "")
    if not address or parts.query or parts.fragment:
        raise SetUpWrong(f"{setting} is not the address of a service (example: {example}).")
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    if parts.username is None:
        return bare, None
    return bare, (unquote(parts.username), unquote(parts.password or ""))
