"""/settings: the table of all, and changing one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time

from bot.cards import Block, Button, Paragraph, Table
from bot.channels import Channel, When
from bot.desk import Desk
from bot.digest.subscription import retimed
from bot.ports import Reply
from bot.replies.asked import Asked, code, examples, rows, strong
from bot.replies.choosable import Setting, setting, settings_of, value_name
from bot.replies.trial import trial
from bot.schedule import local_date, next_good_hour
from bot.texts import Texts, texts


async def settings(asked: Asked) -> Reply:
    """All settings; or one, with what it accepts; or the change of one.

    With buttons it is a menu in one message: the answer to a press takes its place.
    """
    channel = asked.must_have_channel()
    name, _, value = asked.text.partition(" ")
    if not name:
        return _all(asked, channel)
    if "=" in name and not value:  # hour=9
        name, _, value = name.partition("=")
    chosen = setting(name, asked.t, asked.limits)
    value = value.strip().removeprefix("=").strip()
    if not value:
        return _one(asked, channel, chosen)
    asked.must_manage()
    return await _change(asked, chosen, value)


def _all(asked: Asked, channel: Channel) -> Reply:
    t = asked.t
    here = [one for one in settings_of(asked.limits) if asked.request.kind in one.places]
    if not asked.limits.buttons:
        lines = tuple((one.name, one.shown(channel), t(one.summary)) for one in here)
        return asked.reply(
            Table(lines),
            asked.next_line(channel),
            Paragraph.of(t("To change one: "), code("/settings hour 9:30")),
        )
    named = tuple((t(one.label), value_name(one, one.shown(channel), t)) for one in here)
    buttons = [Button(t(one.label), f"settings {one.name}") for one in here]
    return asked.reply(
        Table(named), asked.next_line(channel), *asked.buttons(*rows(buttons, 3)), replaces=True
    )


def _one(asked: Asked, channel: Channel, chosen: Setting, *before: Block | str) -> Reply:
    t = asked.t
    possible = chosen.possible.format(most=asked.most_cards)
    shown = chosen.shown(channel)
    if not asked.limits.buttons:
        return asked.reply(
            f"{chosen.name}: {shown}",
            t(chosen.summary),
            t("Possible: {values}", values=possible),
            examples((f"/settings {chosen.name} {_example(chosen, shown)}",)),
        )
    buttons = [
        Button(
            value_name(chosen, value, t),
            f"settings {chosen.name} {value}",
            chosen=value == shown,
        )
        for value in _offered(asked, chosen)
    ]
    blocks: list[Block | str] = [*before]
    blocks.append(Paragraph.of(strong(t(chosen.label)), t(": "), value_name(chosen, shown, t)))
    blocks.append(t(chosen.summary))
    blocks.append(
        Paragraph.of(t("Or type: "), code(f"/settings {chosen.name} {_example(chosen, shown)}"))
    )
    width = 4 if all(len(one.label) < 7 for one in buttons) else 2
    back = Button(t("« All settings"), "settings")
    blocks += asked.buttons(*rows(buttons, width), (back,))
    return asked.reply(*blocks, replaces=True)


def _offered(asked: Asked, chosen: Setting) -> Iterator[str]:
    """The quick values that this platform can keep."""
    for value in chosen.quick:
        if chosen.name == "limit" and int(value) > asked.most_cards:
            continue
        if chosen.name == "layout" and value not in asked.limits.layouts:
            continue
        yield value


def _example(chosen: Setting, shown: str) -> str:
    """Something to type that is not what is set already."""
    if chosen.name == "limit":
        return "10" if shown != "10" else "20"
    values = [one for one in chosen.possible.split(" · ") if " " not in one]
    return next((one for one in reversed(values) if one != shown), values[-1])


async def _change(asked: Asked, chosen: Setting, value: str) -> Reply:
    async with asked.desk.store.transaction() as tx:
        channel = await tx.channels.find(asked.request.address) or asked.must_have_channel()
        changed = chosen.change(channel, value, asked.most_cards, asked.t)
        same = changed == channel
        if not same:
            if chosen.timed:
                last = (await tx.digests.last([channel.id])).get(channel.id)
                changed = retimed(changed, asked.now, last)
            await tx.channels.put(changed)
    t = texts(changed.language)
    spoken = replace(asked, t=t, channel=changed)
    if same:
        name, value = _named(spoken, chosen, channel)
        said = t("{name} is {value} already; nothing was changed.", name=name, value=value)
        return (
            replace(_one(spoken, changed, chosen), toast=said)
            if asked.request.pressed
            else (spoken.reply(said))
        )
    name, before = _named(spoken, chosen, channel)
    after = _named(spoken, chosen, changed)[1]
    said = t("{name}: {before} → {after}", name=name, before=before, after=after)
    blocks = await _follows(spoken, chosen, changed)
    if asked.request.pressed:
        return replace(_one(spoken, changed, chosen, *blocks), toast=said)
    return spoken.reply(said, *blocks, shared=True)


def _named(asked: Asked, chosen: Setting, channel: Channel) -> tuple[str, str]:
    """The setting and its value: as a menu calls them, or as they are typed without one."""
    shown = chosen.shown(channel)
    if not asked.limits.buttons:
        return chosen.name, shown
    return asked.t(chosen.label), value_name(chosen, shown, asked.t)


async def _follows(asked: Asked, chosen: Setting, changed: Channel) -> list[Block | str]:
    """What the change of a setting brings, and what it still needs."""
    t = asked.t
    blocks: list[Block | str] = []
    if chosen.timed:
        blocks.append(asked.next_line(changed))
    if chosen.timed or chosen.name == "when":
        blocks += early_hour(asked, changed)
    if chosen.name == "language" and changed.language != "en":
        blocks.append(
            t(
                "Labels and answers are in this language; summaries stay in English until a "
                "model is connected."
            )
        )
    if chosen.name == "layout":
        blocks += await trial(asked)
    limits = asked.limits
    if chosen.name == "previews" and changed.link_cards and not limits.links_heard:
        blocks.append(t(limits.links_need))
    return blocks


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
