"""/settings: the table of all, and changing one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time

from bot.cards import Block, Paragraph, Table
from bot.channels import Channel, When
from bot.desk import Desk
from bot.digest.subscription import retimed
from bot.ports import Reply
from bot.replies.asked import Asked, code, examples
from bot.replies.choosable import SETTINGS, Setting, setting
from bot.schedule import local_date, next_good_hour
from bot.texts import Texts, texts


async def settings(asked: Asked) -> Reply:
    """All settings; or one, with what it accepts; or the change of one."""
    channel = asked.must_have_channel()
    name, _, value = asked.text.partition(" ")
    if not name:
        return _all(asked, channel)
    if "=" in name and not value:  # hour=9
        name, _, value = name.partition("=")
    chosen = setting(name, asked.t)
    value = value.strip().removeprefix("=").strip()
    if not value:
        return _one(asked, channel, chosen)
    asked.must_manage()
    return await _change(asked, chosen, value)


def _all(asked: Asked, channel: Channel) -> Reply:
    t = asked.t
    rows = tuple((one.name, one.shown(channel), t(one.summary)) for one in SETTINGS)
    return asked.reply(
        Table(rows),
        asked.next_line(channel),
        Paragraph.of(t("To change one: "), code("/settings hour 9:30")),
    )


def _one(asked: Asked, channel: Channel, chosen: Setting) -> Reply:
    t = asked.t
    possible = chosen.possible.format(most=asked.most_cards)
    return asked.reply(
        f"{chosen.name}: {chosen.shown(channel)}",
        t(chosen.summary),
        t("Possible: {values}", values=possible),
        examples((f"/settings {chosen.name} {_example(chosen)}",)),
    )


def _example(chosen: Setting) -> str:
    return "10" if chosen.name == "limit" else chosen.possible.split(" · ")[-1]


async def _change(asked: Asked, chosen: Setting, value: str) -> Reply:
    async with asked.desk.store.transaction() as tx:
        channel = await tx.channels.find(asked.request.address) or asked.must_have_channel()
        changed = chosen.change(channel, value, asked.most_cards, asked.t)
        if changed == channel:
            return asked.reply(
                asked.t(
                    "{name} is {value} already; nothing was changed.",
                    name=chosen.name,
                    value=chosen.shown(channel),
                )
            )
        if chosen.timed:
            last = (await tx.digests.last([channel.id])).get(channel.id)
            changed = retimed(changed, asked.now, last)
        await tx.channels.put(changed)
    t = texts(changed.language)
    spoken = replace(asked, t=t, channel=changed)
    blocks: list[Block | str] = [
        t(
            "{name}: {before} → {after}",
            name=chosen.name,
            before=chosen.shown(channel),
            after=chosen.shown(changed),
        )
    ]
    if chosen.timed:
        blocks.append(spoken.next_line(changed))
    if chosen.timed or chosen.name == "when":
        blocks += early_hour(spoken, changed)
    if chosen.name == "language" and changed.language != "en":
        blocks.append(
            t(
                "Labels and answers are in this language; summaries stay in English until a "
                "model is connected."
            )
        )
    return spoken.reply(*blocks)


def good_hour(desk: Desk, channel: Channel, now: datetime) -> time | None:
    """The hour from which a digest holds the day's list on the same day; None: it does already."""
    if channel.when is not When.CLOSED or not desk.sources:
        return None
    port = next(iter(desk.sources.values()))
    day = local_date(channel.zone, channel.next_due or now)
    return next_good_hour(channel.zone, channel.hour, day, port.closes)


def early_hour(asked: Asked, channel: Channel) -> list[str]:
    """Advice for an hour shortly before a list closes; nothing for a good one."""
    good = good_hour(asked.desk, channel, asked.now)
    if good is None:
        return []
    t: Texts = asked.t
    return [
        t(
            "The day's list closes soon after {hour}. From {good} on, a digest holds it on the "
            "same day: /settings hour {good}",
            hour=t.time(channel.hour),
            good=t.time(good),
        )
    ]
