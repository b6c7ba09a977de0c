"""Options that several commands share, and how what was typed in them is understood."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic
from typing import Annotated

import typer

from bot.errors import Usage

Now = Annotated[
    str | None,
    typer.Option(
        "--now",
        metavar="INSTANT",
        help="Take this instant for now, as 2025-12-27T09:00Z or with an offset; without one "
        "it is UTC. Also PAPERBOY_NOW.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]
Language = Annotated[
    str | None, typer.Option("--lang", metavar="en|zh|ko", help="Language of the answer.")
]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1000, metavar="N", help="Most cards.")]

Topics = Annotated[
    list[str] | None,
    typer.Option(
        "--topics", metavar="TOPICS", help="Topics with commas; may be repeated; none: every paper."
    ),
]

Clock = Callable[[], datetime]  # gives now, in UTC


def instant(text: str) -> datetime:
    """An ISO 8601 instant in UTC; one without an offset is taken as UTC. Raises Usage."""
    try:
        moment = datetime.fromisoformat(text.strip())
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Usage(f"{text!r} is no instant; an example: 2025-12-27T09:00Z.") from None


def clock(typed: str | None, setting: str | None) -> Clock:
    """A clock that starts at what was typed, else at the setting, and goes on from there.

    Without either it is the real one. Raises Usage for what is no instant.
    """
    text = typed or setting
    if not text:
        return lambda: datetime.now(UTC)
    begin, began = instant(text), monotonic()

    def now() -> datetime:
        from datetime import timedelta

        return begin + timedelta(seconds=monotonic() - began)

    return now


def standing(typed: str | None, setting: str | None) -> datetime:
    """The same for a command that needs one instant only, exactly the given one."""
    text = typed or setting
    return instant(text) if text else datetime.now(UTC)


def language(typed: str | None, default: str) -> str:
    """The language asked for, else the default. Raises Usage for one the bot does not speak."""
    from bot import choices

    return default if typed is None else choices.language(typed)


def split(typed: list[str] | None) -> list[str]:
    """The topics in what was typed, each once and each readable.

    Commas, semicolons and line breaks separate. Raises TopicError for one that cannot be read,
    Usage for an option that holds none.
    """
    from bot import topics

    if typed is None:
        return []
    found = list(topics.split("\n".join(typed)))
    if not found:
        raise Usage('--topics names no topic; an example: --topics "video generation, agents".')
    for topic in found:
        topics.parse(topic)
    return found
