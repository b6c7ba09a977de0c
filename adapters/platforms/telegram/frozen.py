"""Telegram's frozen body: the call of the Bot API without the place it goes to.

The first fragment is an envelope in JSON: the text around the cards, the buttons, the picture.
Each card is a fragment of its own, a JSON list of five pieces that is the same in every channel.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bot.cards import Button
from bot.channels import Body

VERSION = 1
NO_PREVIEW: dict[str, object] = {"is_disabled": True}

_UNNUMBERED = re.compile(r"\A(?:\d+\.|·) ")  # what stands before a line among others
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode

Rows = Sequence[Sequence[Button]]


class Pieces(NamedTuple):
    """A card in pieces of ready text, marked or plain; an empty one is left out."""

    title: str
    votes: str  # replaced where the card rises
    facts: str
    text: str
    quote: str  # the longer reading; of a plain card, its links


class Own(NamedTuple):
    """What one channel's card has of its own, as ready text."""

    rising: str = ""  # stands for the votes
    note: str = ""  # matched topics, what it came from


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the Bot API, but for where it goes.

    `params` lack chat_id, message_thread_id, reply_parameters, disable_notification and
    reply_markup; of a document also the file itself.
    """

    method: str  # "sendMessage" or "sendDocument"
    params: dict[str, Any] = field(default_factory=dict)
    buttons: tuple[tuple[Button, ...], ...] = ()  # their actions are as the core gave them
    file: tuple[str, bytes] | None = None  # name and content


def freeze(
    parts: Sequence[str | Own],
    cards: Sequence[bytes],
    *,
    marked: bool,
    picture: str | None = None,
    rows: Rows = (),
    papers: Sequence[tuple[int, str]] = (),
) -> Body:
    """The body of a message: its text in order, an `Own` in the place of each card.

    `marked`: the text is HTML. `picture`: address of what the preview shows. `papers`: which of
    `parts` show which papers, for `pieces`.
    """
    envelope: dict[str, object] = {"v": VERSION, "html": marked, "text": parts}
    if len(papers) > 1:
        envelope["papers"] = papers
    if picture:
        envelope["picture"] = picture
    if rows:
        envelope["rows"] = _rows(rows)
    return Body((_bytes(envelope), *cards))


def freeze_card(pieces: Pieces) -> bytes:
    """The fragment of a card."""
    return _bytes(pieces)


def freeze_file(name: str, text: str, rows: Rows = ()) -> Body:
    """The body of a file; Telegram takes none without content."""
    envelope: dict[str, object] = {"v": VERSION, "file": name}
    if rows:
        envelope["rows"] = _rows(rows)
    return Body((_bytes(envelope), (text or "\n").encode("utf-8", "replace")))


def card_text(pieces: Pieces, own: Own, *, marked: bool) -> str:
    """A card as it stands in a message."""
    note = f"<i>{own.note}</i>" if marked and own.note else own.note
    facts = " · ".join([part for part in (own.rising or pieces.votes, pieces.facts) if part])
    rows = (pieces.title, facts, pieces.text, note, pieces.quote)
    return "\n".join([row for row in rows if row])


def thaw(body: Body) -> Call:
    """The call of a body. Raises ValueError when it is none that this version can read."""
    try:
        envelope = json.loads(body.fragments[0])
        if envelope["v"] != VERSION:
            raise ValueError(f"a message of version {envelope['v']}, this program reads {VERSION}")
        buttons = tuple(
            tuple(Button(label, action, url) for label, action, url in row)
            for row in envelope.get("rows", ())
        )
        if "file" in envelope:
            file = (str(envelope["file"]), body.fragments[1])
            return Call("sendDocument", {}, buttons, file)
        return Call("sendMessage", _message(envelope, body.fragments[1:]), buttons)
    except (LookupError, TypeError, AttributeError, RuntimeError) as error:
        raise ValueError(f"a message that cannot be read: {error!r}") from error


def pieces(body: Body) -> list[tuple[str, Body]]:
    """A plain message of several papers as one message for each: id and body, in order.

    Empty for any other. Raises ValueError when it cannot be read.
    """
    try:
        envelope = json.loads(body.fragments[0])
        named = {at: str(paper) for at, paper in envelope.get("papers", ())}
        if len(named) < 2 or envelope["html"] or envelope["v"] != VERSION:
            return []
        found: list[tuple[str, Body]] = []
        cards = iter(body.fragments[1:])
        for at, part in enumerate(envelope["text"]):
            own = [] if isinstance(part, str) else [next(cards)]
            if (paper := named.get(at)) is None:
                continue
            shown = _UNNUMBERED.sub("", part) if isinstance(part, str) else Own(*part)
            found.append((paper, freeze([shown], own, marked=False)))
        return found
    except (LookupError, TypeError, AttributeError, RuntimeError, StopIteration) as error:
        raise ValueError(f"a message that cannot be read: {error!r}") from error


def _message(envelope: dict[str, Any], cards: Sequence[bytes]) -> dict[str, Any]:
    marked = envelope["html"]
    waiting = iter(cards)
    text = "".join(
        part
        if isinstance(part, str)
        else card_text(Pieces(*json.loads(next(waiting))), Own(*part), marked=marked)
        for part in envelope["text"]
    )
    params: dict[str, Any] = {"text": text}
    if marked:
        params["parse_mode"] = "HTML"
    params["link_preview_options"] = preview(envelope.get("picture"))
    return params


def preview(picture: str | None) -> dict[str, object]:
    """LinkPreviewOptions: the picture, large and below the text, or nothing at all."""
    if not picture:
        return dict(NO_PREVIEW)
    return {"url": picture, "prefer_large_media": True, "show_above_text": False}


def _rows(rows: Rows) -> list[list[tuple[str, str, str | None]]]:
    return [[(one.label, one.action, one.url) for one in row] for row in rows]


def _bytes(value: object) -> bytes:
    return _encode(value).encode("utf-8", "replace")
