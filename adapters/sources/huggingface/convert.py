"""One record of Hugging Face's papers API as a Paper; only its id and title are needed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from adapters.sources.wording import (
    LONGEST_ABSTRACT,
    LONGEST_LINE,
    LONGEST_NAME,
    LONGEST_TITLE,
    MOST_AUTHORS,
    folded,
    web_address,
)
from bot.errors import Skip
from bot.papers import Paper, split_id

MOST_KEYWORDS = 100
MOST_COUNT = 2**31 - 1  # what an INTEGER column holds

_Value = TypeVar("_Value")


def to_paper(record: object, source: str) -> Paper:
    """The paper of one record, `{"paper": {…}, "title": …, …}`.

    Absent, null or wrongly typed fields are left out, each by itself; unknown ones are ignored.
    Authors marked `hidden` asked not to be shown: they are left out. The version stays unknown,
    because Hugging Face's wording is not tied to one. `publishedAt` is read from inside `paper`:
    the outer one is New York time labelled Z. Raises Skip when there is no id or no title.
    """
    if not isinstance(record, dict):
        raise Skip(f"it is {_kind(record)}, not an object")
    inner = record.get("paper")
    if not isinstance(inner, dict):
        raise Skip(f"its `paper` is {_kind(inner)}, not an object")
    found = split_id(inner["id"]) if isinstance(inner.get("id"), str) else None
    if found is None:
        raise Skip("it has no arXiv id")
    title = _text(record, inner, "title", LONGEST_TITLE)
    if not title:
        raise Skip("it has no title")
    return Paper(
        id=found[0],
        title=title,
        abstract=_text(record, inner, "summary", LONGEST_ABSTRACT),
        authors=_names(inner.get("authors")),
        organization=_organization(inner.get("organization"))
        or _organization(record.get("organization")),
        published=instant(inner.get("publishedAt")),
        keywords=_keywords(inner.get("ai_keywords")),
        summary=folded(inner.get("ai_summary"), LONGEST_LINE) or None,
        upvotes=_count(inner.get("upvotes")),
        comments=_either(_count, record.get("numComments"), inner.get("numComments")),
        code_url=web_address(inner.get("githubRepo")),
        stars=_count(inner.get("githubStars")),
        project_url=web_address(inner.get("projectPage")),
        image_url=_either(web_address, record.get("thumbnail"), inner.get("thumbnail")),
        sources=(source,),
    )


def told_id(record: object) -> str | None:
    """The id by which a broken record can be named, when it says one."""
    inner = record.get("paper") if isinstance(record, dict) else None
    said = inner.get("id") if isinstance(inner, dict) else None
    return folded(said, 40) or None


def stamp(record: object) -> datetime | None:
    """When the record says it was submitted to the daily list."""
    if not isinstance(record, dict):
        return None
    inner = record.get("paper")
    inside = inner.get("submittedOnDailyAt") if isinstance(inner, dict) else None
    return _either(instant, inside, record.get("submittedOnDailyAt"))


def instant(value: object) -> datetime | None:
    """An ISO 8601 instant as UTC; one without a zone is taken as UTC."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        moment = datetime.fromisoformat(value)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _text(record: dict[str, Any], inner: dict[str, Any], field: str, most: int) -> str:
    return folded(inner.get(field), most) or folded(record.get(field), most)


def _names(value: object) -> tuple[str, ...]:
    names = []
    for author in value[:MOST_AUTHORS] if isinstance(value, list) else []:
        if isinstance(author, dict):
            if author.get("hidden") is True:
                continue
            author = author.get("name")
        if name := folded(author, LONGEST_NAME):
            names.append(name)
    return tuple(names)


def _organization(value: object) -> str | None:
    if not isinstance(value, dict):
        return None
    full = folded(value.get("fullname"), LONGEST_NAME)
    return full or folded(value.get("name"), LONGEST_NAME) or None


def _keywords(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    words = (folded(word, LONGEST_NAME) for word in value[:MOST_KEYWORDS])
    return tuple(dict.fromkeys(word for word in words if word))


def _count(value: object) -> int | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value <= MOST_COUNT else None


def _either(
    read: Callable[[object], _Value | None], first: object, second: object
) -> _Value | None:
    found = read(first)
    return read(second) if found is None else found


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
    return names.get(type(value), "nothing" if value is None else "a number")
