"""Adding topics to a channel: parsed, without doubles, within the limits."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards import Block, Paragraph, Table
from bot.channels import Channel, Topic
from bot.errors import TopicError, Usage
from bot.ports import Transaction
from bot.replies.advice import DAYS, advice_blocks
from bot.replies.asked import Asked, code
from bot.replies.recent import counts, ensure_lists
from bot.texts import Texts
from bot.topics import Query, parse, split

MOST = 50  # topics of a channel
LONGEST = 300  # code points of a topic
_SHOWN_WHOLE = 3  # topics added at once that are each answered with examples


def parsed(text: str, t: Texts) -> tuple[Query, ...]:
    """The topics of a text. Raises TopicError or Usage for the first that is wrong."""
    return tuple(parsed_one(one, t) for one in split(text))


def parsed_one(text: str, t: Texts) -> Query:
    """One topic. Raises TopicError for a wrong query, Usage for one that is too long."""
    if len(text) > LONGEST:
        raise Usage(
            t(
                "A topic has at most {n} characters; this one has {count}. Several topics are "
                "separated by commas.",
                n=LONGEST,
                count=t.number(len(text)),
            )
        )
    return parse(text.strip())


def canonical(text: str) -> str:
    """The normal form of a stored topic; one that can no longer be read is its own."""
    try:
        return parse(text).canonical
    except TopicError:
        return text


async def add_topics(
    asked: Asked,
    tx: Transaction,
    channel: Channel,
    followed: Sequence[Topic],
    queries: Sequence[Query],
) -> tuple[tuple[Topic, ...], tuple[str, ...]]:
    """Store those that are not followed yet; gives them, and the texts of those that are.

    Raises Usage, storing none, when there would be too many.
    """
    known = {canonical(one.text): one.text for one in followed}
    added: list[Topic] = []
    doubles: list[str] = []
    for query in queries:
        if query.canonical in known:
            doubles.append(known[query.canonical])
            continue
        if len(followed) + len(added) >= MOST:
            raise Usage(
                asked.t(
                    "A chat follows at most {n} topics. Take some off first: /topics remove 1",
                    n=MOST,
                )
            )
        known[query.canonical] = query.text
        added.append(
            await tx.topics.add(Topic(query.text, channel_id=channel.id, created=asked.now))
        )
    return tuple(added), tuple(dict.fromkeys(doubles))


async def added_blocks(asked: Asked, added: Sequence[Topic]) -> list[Block]:
    """What new topics bring: few with examples, many as a table of counts."""
    if len(added) <= _SHOWN_WHOLE:
        blocks: list[Block] = []
        for one in added:
            blocks += await advice_blocks(
                asked.desk, one.text, asked.now, DAYS, asked.language, by_day=False
            )
        return blocks
    t = asked.t
    await ensure_lists(asked.desk, asked.now, DAYS)
    async with asked.desk.store.snapshot() as tx:
        each, _, _ = await counts(tx, asked.desk, asked.now, DAYS, added)
    rows = [(one.text, t.number(count)) for one, count in zip(added, each, strict=True)]
    head = (t("Topic"), t("papers in {n} days", n=DAYS))
    return [
        Table(tuple(rows), head),
        Paragraph.of(t("One with examples: "), code("/topics test …")),
    ]
