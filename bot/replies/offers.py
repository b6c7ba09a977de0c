"""What can be followed: the commonest keywords as buttons, those followed already marked."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards import Block, Button, Table
from bot.commands import BY_NAME
from bot.ports import Reply
from bot.replies.asked import Asked, examples, rows
from bot.replies.following import canonical
from bot.replies.recent import Keyword, commonest_keywords, ensure_lists, recent

OFFERED = 12  # keywords
_OFFER_DAYS = 30


async def offer(asked: Asked, *before: Block | str, toast: str | None = None) -> Reply:
    """Twelve topics of the last 30 days with their papers a week, and everything.

    `before` stands above them. The answer to one that was pressed takes the place of the
    message, so that several can be chosen one after the other.
    """
    t = asked.t
    blocks: list[Block | str] = [*before]
    if asked.channel is not None:
        followed = t.list([one.text for one in asked.topics])
        blocks.append(
            t("This chat is subscribed to {topics}.", topics=followed)
            if followed
            else t("This chat is subscribed to everything.")
        )
        blocks.append(asked.next_line(asked.channel))
    blocks.append(t("Name topics as you would search for them, with commas between them:"))
    blocks.append(examples(BY_NAME["subscribe"].examples))
    await ensure_lists(asked.desk, asked.now, 7)
    async with asked.desk.store.snapshot() as tx:
        listed = await recent(tx, asked.desk, asked.now, _OFFER_DAYS)
    common = commonest_keywords(listed, asked.now, OFFERED)
    if common and asked.limits.buttons:
        blocks.append(t("Or press what is common now; the numbers are papers a week:"))
        blocks += _pressed(asked, common)
    elif common:
        blocks.append(_table(asked, common))
    return asked.reply(*blocks, toast=toast, replaces=bool(asked.text))


def _table(asked: Asked, common: Sequence[Keyword]) -> Table:
    t = asked.t
    head = (t("Often in the last 30 days"), t("papers a week"))
    lines = [(f"/subscribe {one.name}", t.number(round(one.per_week))) for one in common]
    lines.append(("/subscribe everything", t.number(round(common[0].all_per_week))))
    return Table(tuple(lines), head)


def _pressed(asked: Asked, common: Sequence[Keyword]) -> list[Block]:
    t = asked.t
    followed = {canonical(one.text) for one in asked.topics}
    topics = [
        Button(
            f"{one.name} · {t.number(round(one.per_week))}",
            f"subscribe {one.name}",
            chosen=canonical(one.name) in followed,
        )
        for one in common
    ]
    everything = Button(
        t("Everything · {n}", n=t.number(round(common[0].all_per_week))),
        "subscribe everything",
        chosen=asked.channel is not None and not asked.topics,
    )
    return asked.buttons(*rows(topics, 2), (everything,))
