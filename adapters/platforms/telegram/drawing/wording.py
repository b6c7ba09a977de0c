"""Text made safe for Telegram: cleaned, measured, escaped, and without links of its own making."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from bot.cards.cut import clean, cut
from bot.commands import BY_NAME

LONGEST_URL = 1_000  # characters; what is longer is not linked
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_TOP = r"[a-z][a-z0-9-]{0,61}[a-z0-9]"
_WEB = re.compile(rf"(https?://(?:{_LABEL}\.)+{_TOP})(:\d{{1,5}})?([/?#].*)?", re.IGNORECASE)
_ABOVE_SPACE = "%/:=&?~#+!$,;'@()*-._"  # stand in an address as they are

# U+2060, the word joiner: it is not seen, and Telegram takes no name, tag or command behind it.
JOINER = "\u2060"
_RTL = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_ISOLATE, _POP = "\u2068", "\u2069"

# What Telegram links by itself (td/telegram/MessageEntity.cpp): a paper called "@channel" would
# mention a person, "/start" in a title would be sent by whoever touches it, and "Agent.ai" would
# lead to a stranger. Addresses that are written out, with a scheme or a path, are the source's
# own and stay: as far as they are addresses to Telegram too, for a name may stand right behind.
_HOST = r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}"
_LIVE = re.compile(
    rf"""(?P<keep>(?<![^\s(])https?://{_HOST}(?::\d{{1,4}})?(?![\w:@.-])
            (?:[/?\#](?:[a-z0-9_~%&=+#@!*:;,?./-]|\([a-z0-9_.,/-]*\))*)?
        |(?<!\w)https?://{_HOST}(?![\w:@.-])(?:/[a-z0-9_~%&=+!*:;,?.-]+)*
        |(?<![\w@.-]){_HOST}(?:/[a-z0-9_]+(?:[.~%&=+-]+[a-z0-9_]+)*)+)
    | (?P<sign>@(?=\w) | \#(?=\w|[^\x00-\x7f]) | \$(?=[A-Z0-9]) | (?<!\w)/(?=\w)
        | \b(?:tg|ton|tonsite|ftp):(?=//)
        | (?<=\w)\.(?=[^\W\d_]{{2}}) | (?<=\d)\.(?=\d+\.\d+\.\d) | (?<=\w)\.(?=xn--))""",
    re.VERBOSE | re.IGNORECASE,
)
_WORD = re.compile(r"[a-z0-9_]+")
_SIGNS = re.compile(r"[@#$/.]|:(?=//)")
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069\ufff9-\ufffb]"
)
_SURROGATES = re.compile("[\ud800-\udfff]")
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


def units(text: str) -> int:
    """UTF-16 units, as Telegram counts a message's length and an entity's place."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "replace")) // 2


def escape(text: str) -> str:
    """The text as HTML of Telegram, which knows no other entities than these and `&quot;`."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain(text: str) -> str:
    """The text with its line breaks, without what an encoder or a screen would stumble over."""
    text = text.replace("\r\n", "\n").replace("\t", " ").replace("\u2028", "\n")
    return _SURROGATES.sub("\ufffd", _CONTROL.sub("", text))


def seen(text: str) -> bool:
    """Whether a reader sees anything of it; Telegram takes no message without."""
    if text.isascii():
        return bool(text.strip())
    return any(unicodedata.category(sign)[0] not in "ZCM" and sign not in _UNSEEN for sign in text)


def strange(text: str, limit: int) -> str:
    """Text of a paper or a person: one line of at most `limit` units in which nothing is live."""
    text = shortened(quiet(clean(text)), limit - 2)
    # A right-to-left name must not carry the counts beside it to the other side.
    return f"{_ISOLATE}{text}{_POP}" if _RTL.search(text) else text


def title(text: str, paper_id: str, limit: int) -> str:
    """A paper's title; its id where nothing of the title can be seen."""
    shown = strange(text, limit)
    return shown if seen(shown) else strange(paper_id, limit)


def quiet(text: str) -> str:
    """The text with a word joiner wherever Telegram would make something to touch of it."""
    return _LIVE.sub(_joined, text) if _SIGNS.search(text) else text


def quiet_sentence(text: str) -> str:
    """The same for our own sentences: the bot's commands in them stay to be touched."""
    return _LIVE.sub(_joined_but_commands, text) if _SIGNS.search(text) else text


def _joined_but_commands(found: re.Match[str]) -> str:
    word = _WORD.match(found.string, found.end())
    known = found["sign"] == "/" and word is not None and word[0] in BY_NAME
    return found[0] if known else _joined(found)


def _joined(found: re.Match[str]) -> str:
    return found[0] if found["keep"] else found[0] + JOINER


def shortened(text: str, limit: int) -> str:
    """At most `limit` units, cut where a reader expects it."""
    if units(text) <= limit:
        return text
    if limit < 1:
        return ""
    room = limit
    while units(short := cut(text, room)) > limit:
        room = min(room - 1, room * limit // units(short))  # letters of several units
    return short


def web(url: str | None) -> str | None:
    """The address as Telegram takes it in a link; None for one that it would drop or refuse."""
    found = _WEB.fullmatch(url or "")
    if not found or len(found[0]) > LONGEST_URL or (found[2] and not 0 < int(found[2][1:]) < 65536):
        return None
    rest = quote(found[3] or "", safe=_ABOVE_SPACE, errors="replace")
    whole = f"{found[1]}{found[2] or ''}{rest}"
    return whole if len(whole) <= LONGEST_URL else None


def link(url: str, inner: str) -> str:
    """`inner` (HTML) that leads to an address which `web` gave."""
    return f'<a href="{escape(url)}">{inner}</a>'
