"""Discord's frozen body: the call as JSON first, then the embeds of cards, each by itself.

An embed of a card holds only what is the same in every channel of a language, so that the store
keeps it once; what differs (number, matched topics, rising) stands in the envelope beside its
place and is laid over it when the body is thawed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.channels import Body, Kind

VERSION = 1

encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


@dataclass(frozen=True, slots=True)
class Call:
    """One call to Discord without channel, nonce, flags and message reference."""

    kind: Kind
    payload: dict[str, Any]  # POST …/messages; of a thread …/messages/{m}/threads; of a forum
    # post POST …/threads, its message inside
    crosspost: bool = False  # publish the message to the channels that follow this one
    file: tuple[str, bytes] | None = None  # name and content of the attachment with id 0
    papers: tuple[tuple[str, int, int], ...] = ()  # of a plain content: id, begin and end

    @property
    def message(self) -> dict[str, Any]:
        """The message in it."""
        inner = self.payload["message"] if self.kind is Kind.FORUM_POST else self.payload
        return dict(inner)


def overlay(prefix: str, note: str, footer: str | None) -> dict[str, Any]:
    """What stands in the place of a card's embed until it is thawed.

    `prefix` goes before the title, `note` below the description; `footer` replaces the embed's
    own unless it is None.
    """
    return {"card": (prefix, note, footer)}


def freeze(
    kind: Kind,
    payload: dict[str, Any],
    cards: Sequence[bytes] = (),
    *,
    crosspost: bool = False,
    file: tuple[str, str] | None = None,
    papers: Sequence[tuple[str, int, int]] = (),
) -> Body:
    """The body of one call; `cards` are the embeds for the overlays in it, in their order.

    `papers` are those that a plain content shows: id, where its line begins and where it ends,
    in code points.
    """
    head: dict[str, Any] = {"v": VERSION, "kind": kind, "payload": payload}
    if len(papers) > 1:
        head["papers"] = papers
    if crosspost:
        head["crosspost"] = True
    if file is None:
        return Body((encode(head).encode("utf-8", "replace"), *cards))
    name, text = file
    head["file"] = name
    last = text.encode("utf-8", "replace")
    return Body((encode(head).encode("utf-8", "replace"), *cards, last))


def thaw(body: Body) -> Call:
    """The call of a body. Raises ValueError when it is none that this version can read."""
    try:
        head = json.loads(body.fragments[0])
        if head["v"] != VERSION:
            raise ValueError(f"a message of version {head['v']}, this program reads {VERSION}")
        kind, payload = Kind(head["kind"]), dict(head["payload"])
        rest = iter(body.fragments[1:])
        message = payload["message"] if kind is Kind.FORUM_POST else payload
        if "embeds" in message:
            message["embeds"] = [_embed(each, rest) for each in message["embeds"]]
        file = (str(head["file"]), next(rest)) if "file" in head else None
        papers = tuple((str(one), int(a), int(b)) for one, a, b in head.get("papers", ()))
        return Call(kind, payload, head.get("crosspost") is True, file, papers)
    except (LookupError, TypeError, AttributeError, RuntimeError, StopIteration) as error:
        raise ValueError(f"a message that cannot be read: {error!r}") from error


def _embed(place: dict[str, Any], fragments: Iterator[bytes]) -> dict[str, Any]:
    if "card" not in place:
        return place
    prefix, note, footer = place["card"]
    embed: dict[str, Any] = dict(json.loads(next(fragments)))
    embed["title"] = prefix + embed["title"]
    if note:
        text = embed.get("description")
        embed["description"] = f"{text}\n{note}" if text else note
    if footer:
        embed["footer"] = {"text": footer}
    return embed
