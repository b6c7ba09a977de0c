"""Judges what leaves for Discord: calls by its OpenAPI document, and by the limits it only tells.

The document lies beside the checkout (../shared/specs, read through ../shared/tools); where it is
missing, the documented limits are judged all the same: `limit_problems`. Lengths are counted in
UTF-16 units, the stricter of the two ways.
https://docs.discord.com/developers/resources/message#embed-object-embed-limits
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from tests.wires.judges.documents import document

_TEXTS = {"title": 256, "description": 4096}
_MESSAGES = re.compile(r"/channels/\d+/messages$")
_THREADS = re.compile(r"/channels/\d+/threads$")


def call_problems(method: str, path: str, body: Any) -> list[str] | None:
    """What Discord's document and limits say against a call; None when the document is missing."""
    spec = document("DiscordSpec")
    if spec is None:
        return None
    return [*spec.errors(method, path, body), *limit_problems(path, body)]


def limit_problems(path: str, body: Any) -> list[str]:
    """What the documented limits say against a message, forum post or thread."""
    if _MESSAGES.search(path):
        return [*message_problems(body)]
    name = body.get("name") if isinstance(body, dict) else None
    found = [] if name and units(name) <= 100 and name.strip() else [f"name: {name!r}"]
    if _THREADS.search(path) and isinstance(body, dict) and "message" in body:
        found += message_problems(body["message"])
    return found


def message_problems(message: dict[str, Any]) -> Iterator[str]:
    """What is too much, empty or loud in a message."""
    content = message.get("content") or ""
    if units(content) > 2000:
        yield f"content: {units(content)} > 2000"
    embeds = message.get("embeds") or []
    if not (content.strip() or embeds or message.get("attachments")):
        yield "an empty message"
    if len(embeds) > 10:
        yield f"embeds: {len(embeds)} > 10"
    if (total := sum(map(embed_units, embeds))) > 6000:
        yield f"embeds: {total} > 6000 in all"
    for number, embed in enumerate(embeds):
        yield from (f"embeds/{number}/{problem}" for problem in _embed_problems(embed))
    mentions = message.get("allowed_mentions") or {}
    if mentions.get("parse") != [] or set(mentions) - {"parse", "roles"}:
        yield f"allowed_mentions: {mentions}"
    yield from _component_problems(message.get("components") or [])


def embed_units(embed: dict[str, Any]) -> int:
    """What counts towards the 6,000 over all embeds."""
    return sum(
        units(text or "")
        for text in (
            embed.get("title"),
            embed.get("description"),
            (embed.get("footer") or {}).get("text"),
            (embed.get("author") or {}).get("name"),
            *(part for one in embed.get("fields") or [] for part in (one["name"], one["value"])),
        )
    )


def _embed_problems(embed: dict[str, Any]) -> Iterator[str]:
    for name, most in _TEXTS.items():
        if name in embed and not 0 < units(embed[name]) <= most:
            yield f"{name}: {units(embed[name])} of {most}"
    for name, part, most in (("footer", "text", 2048), ("author", "name", 256)):
        if name in embed and not 0 < units(embed[name][part]) <= most:
            yield f"{name}: {units(embed[name][part])} of {most}"
    fields = embed.get("fields") or []
    if len(fields) > 25:
        yield f"fields: {len(fields)} > 25"
    for one in fields:
        if not (0 < units(one["name"]) <= 256 and 0 < units(one["value"]) <= 1024):
            yield "a field too long or empty"
    for url in (
        embed.get("url"),
        *((embed.get(n) or {}).get("url") for n in ("image", "thumbnail")),
    ):
        if url is not None and not _good(url, 2048):
            yield f"url: {url!r}"
    if not any(embed.get(name) for name in ("title", "description", "author", "footer", "image")):
        yield "an empty embed"


def _component_problems(rows: list[dict[str, Any]]) -> Iterator[str]:
    if len(rows) > 5:
        yield f"components: {len(rows)} rows > 5"
    seen: set[str] = set()
    for row in rows:
        inside = row["components"]
        if not 1 <= len(inside) <= 5:
            yield f"components: {len(inside)} in a row"
        for one in inside:
            label, asked, url = one.get("label") or "", one.get("custom_id"), one.get("url")
            if not 0 < units(label) <= 80:
                yield f"label: {label!r}"
            if (asked is None) == (url is None) or (one["style"] == 5) != (url is not None):
                yield f"button: {one}"
            if asked is not None and (not 0 < units(asked) <= 100 or asked in seen):
                yield f"custom_id: {asked!r}"
            if url is not None and not _good(url, 512):
                yield f"url: {url!r}"
            seen.add(asked or "")


_LIVE = re.compile(
    r"<@[!&]?\d+>|<#\d+>|<t:-?\d+(?::\w)?>|<a?:\w+:\d+>|</[^<>]+:\d+>|<id:\w+>|@everyone|@here",
    re.IGNORECASE,
)
_INVITATION = re.compile(r"discord(?:app)?\.(?:gg|com/invite)/\w+", re.IGNORECASE)
# Links nowhere. A backslash before it takes it away, unless that backslash is taken away itself.
_OPENS = r"(?<!`)(?:(?<!\\)|(?<=[^\\]\\\\)|(?<=^\\\\))"
_CODE = re.compile(_OPENS + r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
_ADDRESS = re.compile(r"(?<![<])\bhttps?://[^\s<]+|<(https?://[^\s<>]*)>", re.IGNORECASE)
_MASKED = re.compile(r"(?<!\\)\[((?:\\.|[^\[\]\\])*)\]\(<?([^\s<>()]+)>?\)")


def live(text: str) -> list[str]:
    """What in a content or description calls somebody, or leads away and is shown large:
    mentions, emoji, timestamps, invitations, addresses without brackets."""
    found = [one[0] for one in _LIVE.finditer(text)]
    text = _CODE.sub("", text)
    found += [one[0] for one in _INVITATION.finditer(text)]
    return found + [one[0] for one in _ADDRESS.finditer(text) if one[1] is None]


def leads(text: str) -> list[str]:
    """Where the links of a content or description lead, those without a preview too."""
    return [one[1] or one[0] for one in _ADDRESS.finditer(_CODE.sub("", text))]


def masked(text: str) -> list[tuple[str, str]]:
    """The masked links in a content or description: what is shown, and where it leads."""
    return [(one[1], one[2]) for one in _MASKED.finditer(text)]


def _good(url: str, most: int) -> bool:
    parts = urlsplit(url)
    dotted = "." in (parts.hostname or "")
    return parts.scheme in ("http", "https") and dotted and url.isascii() and len(url) <= most


def units(text: str) -> int:
    """UTF-16 code units. Raises UnicodeEncodeError for half a surrogate pair."""
    return len(text.encode("utf-16-le")) // 2
