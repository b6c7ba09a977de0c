"""Text of others made harmless for Discord: no markup, mention, emoji, link or preview.

What Discord reads as markup: https://docs.discord.com/developers/reference#message-formatting and
the Markdown guide at https://support.discord.com/hc/en-us/articles/210298617.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from urllib.parse import quote, urlsplit, urlunsplit

from bot.cards.cut import clean, cut, length

_JOINER = "\u2060"  # unseen, but no part of what Discord looks for
_CALLS = re.compile(
    r"@(?=everyone|here)"
    r"|<(?=[@#:/+\w])"  # mentions, emoji, timestamps, commands, addresses
    r"|:(?=//|[^\s:]+:)"  # addresses, names of emoji
    r"|discord(?=(?:app)?\.(?:gg|com|new|gift|media)\b)",  # invitations need no scheme
    re.IGNORECASE,
)
_RTL = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_SEEN = re.compile(r"[!-~]")
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and signs without a shape
_CALLS_IN_CODE = re.compile(r"@(?=everyone|here)|<(?=[@#:/]|a:|t:|id:)", re.IGNORECASE)
_MARKUP = re.compile(r"[\\*_`\[]|~(?=~)|(?<=~)~|\|(?=\|)|(?<=\|)\|")
_NUMBER = re.compile(r"[0-9]+(?=[.)](?:\s|$))")
_HOST = re.compile(  # a bad picture or button costs the whole message
    r"(?:[^\s<>()\\\[\]`@]*@)?(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]+(?::\d{1,5})?",
    re.IGNORECASE,
)
_WITHIN = re.compile(r"(?<=[a-z0-9])_(?=[a-z0-9])", re.IGNORECASE | re.ASCII)
_LINKED = {"\\": "∖", "*": "∗", "_": "ˍ", "`": "ˋ", "~": "∼", "|": "∣", "[": "("}
_URL_SAFE = ":/?#@!$&'*+,;=%-._~"


def units(text: str) -> int:
    """UTF-16 code units: the strictest way in which Discord may count."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "replace")) // 2


def seen(text: str) -> bool:
    """Whether a reader sees anything of it: Discord refuses a text that is nothing but blanks."""
    return bool(_SEEN.search(text)) or any(
        unicodedata.category(char)[0] in "LNPS" and char not in _BLANK for char in text
    )


def plain(text: str) -> str:
    """One clean line for where nothing is markup (author, footer, name of a thread, label).

    Empty when nothing of it can be seen.
    """
    text = clean(text)
    if not seen(text):
        return ""
    text = _CALLS.sub(_parted, text)
    # A right-to-left name must not carry what stands beside it to the other side.
    return f"\u2068{text}\u2069" if not text.isascii() and _RTL.search(text) else text


def marked(text: str) -> str:
    """One clean line for content, title, description: its markup is shown, not obeyed."""
    text = _MARKUP.sub(r"\\\g<0>", plain(text))
    if text[:1] in "#>+-" and text:
        return "\\" + text
    if text[:1].isdigit() and (number := _NUMBER.match(text)):
        return f"{number[0]}\\{text[number.end() :]}"
    return text


def linked(text: str) -> str:
    """The text of a masked link: there a backslash is shown, so markup becomes its lookalikes.

    See https://github.com/discord/discord-api-docs/issues/6185.
    """
    text = plain(text)
    if not _MARKUP.search(text) and "]" not in text:
        return text

    def likeness(found: re.Match[str]) -> str:
        # Elsewhere than inside a word it would pair off with that of another link.
        return "_" if _WITHIN.match(text, found.start()) else _LINKED[found[0]]

    return _MARKUP.sub(likeness, text).replace("]", ")")


def coded(text: str, fence: int = 3) -> str:
    """One line of code, its indent kept: no row of `fence` backticks ends it, nobody is called."""
    inner = clean(text)
    indent = min(len(text) - len(text.lstrip(" ")), 16) if inner else 0
    inner = _CALLS_IN_CODE.sub(_parted, inner)
    return " " * indent + re.sub(rf"`(?=`{{{fence - 1}}})", _parted, inner)


def fitted(text: str, limit: int, dress: Callable[[str], str] = marked) -> str:
    """The text, dressed, in at most `limit` UTF-16 units; cut where a reader expects."""
    text = clean(text[: limit * 4])
    made = dress(text)
    if (size := units(made)) <= limit:
        return made
    count = min(length(text), limit)
    while count > 0:
        made = dress(cut(text, count))
        if (size := units(made)) <= limit:
            return made
        count = min(count - 1, count * limit // size + 1)
    return ""


def web(url: str | None, most: int = 2_048) -> str | None:
    """The address in a form that Discord takes, None when there is none.

    It wants http or https and a host with a dot; limits are 2,048 in embeds, 512 on buttons.
    """
    try:
        parts = urlsplit(url or "")
        _ = parts.port
        if parts.scheme not in ("http", "https") or not _HOST.fullmatch(parts.netloc):
            return None
        made = quote(urlunsplit(parts), safe=_URL_SAFE)
    except (ValueError, UnicodeEncodeError):
        return None
    return made if len(made) <= most else None


def link(text: str, url: str | None) -> str:
    """A masked link without a preview; the text itself when the address is none.

    `text` is already that of a link (`linked`).
    """
    address = web(url)
    return f"[{text}](<{address}>)" if address and text.strip() else text


def _parted(found: re.Match[str]) -> str:
    return found[0] + _JOINER
