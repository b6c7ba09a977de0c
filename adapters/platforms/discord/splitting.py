"""A plain fallback in pieces, one for each paper in it."""

from __future__ import annotations

import re
from typing import Any

from adapters.platforms.discord.drawing.escaping import fitted, plain
from adapters.platforms.discord.frozen import Call, freeze, thaw
from bot.channels import Body, Drawn, Kind

_NAME = 100  # UTF-16 units of the name of a forum post
_BESIDE_TITLE = re.compile(r"^\d+\\\. | <https?://[^>]*>$")
_ESCAPE = re.compile(r"\\(.)")


def pieces(body: Body) -> tuple[Drawn, ...]:
    """One plain message for each paper that the fallback shows, in order, without a ping.

    What is left out: heading, foot, and the buttons that a fallback has none of. In a forum
    nothing but posts can be made, so the pieces of a forum post are posts, each named by its
    paper, with the tags of the whole. Empty when fewer than two papers stand in it, when it was
    frozen without telling where they stand, and when it cannot be read.
    """
    try:
        call = thaw(body)
    except ValueError:
        return ()
    content = str(call.message.get("content", ""))
    shown = [(paper, content[begin:end]) for paper, begin, end in call.papers]
    if len(shown) < 2 or not all(text.strip() for _, text in shown):
        return ()
    return tuple(_piece(call, paper, text) for paper, text in shown)


def _piece(call: Call, paper: str, text: str) -> Drawn:
    message: dict[str, Any] = {"allowed_mentions": {"parse": []}, "content": text}
    if call.kind is Kind.FORUM_POST:
        payload = {**call.payload, "name": _name(text, paper), "message": message}
        return Drawn(freeze(call.kind, payload), (paper,), kind=call.kind, silent=True)
    body = freeze(call.kind, message, crosspost=call.crosspost)
    return Drawn(body, (paper,), kind=call.kind, silent=True)


def _name(text: str, paper: str) -> str:
    """The title of the paper out of its line."""
    title = _ESCAPE.sub(r"\1", _BESIDE_TITLE.sub("", text))
    return fitted(title, _NAME, plain) or paper
