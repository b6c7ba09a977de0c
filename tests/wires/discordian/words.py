"""What a person reads of a Discord message: its words without the markup."""

from __future__ import annotations

import re
from typing import Any

_LINK = re.compile(r"(?<!\\)\[((?:\\.|[^\]\\])*)\]\(<?[^)\s]+>?\)")
_MARKS = re.compile(r"(?<!\\)(?:\*\*|__|~~|\|\||`+|\*(?=\S)|(?<=\S)\*)")
_LINE_MARKS = re.compile(r"(?m)^(?:#{1,3} |-# |>>> |> )")
_ESCAPED = re.compile(r"\\([^\w\s])")


def plain(message: dict[str, Any]) -> str:
    """Content, then each embed from top to bottom, each without markup."""
    parts = [message.get("content") or ""]
    for embed in message.get("embeds") or ():
        parts += [
            (embed.get("author") or {}).get("name") or "",
            embed.get("title") or "",
            embed.get("description") or "",
        ]
        for field in embed.get("fields") or ():
            parts += [field["name"], field["value"]]
        parts.append((embed.get("footer") or {}).get("text") or "")
    return "\n".join(unmarked(part) for part in parts if part)


def unmarked(text: str) -> str:
    """A text without Discord's markup, and without the signs nobody sees that prevent it."""
    text = text.replace("\u2060", "").replace("\u200b", "")
    text = _LINK.sub(lambda found: found[1], text)
    return _ESCAPED.sub(r"\1", _MARKS.sub("", _LINE_MARKS.sub("", text)))
