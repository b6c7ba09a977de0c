"""/export, /import and /forget: what belongs to this chat, taken along or deleted."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC
from typing import Any

from bot.access import WAITING, guest_of, key_of
from bot.access import forget as forget_guest
from bot.cards import Block, Button, Paragraph
from bot.channels import Channel, PlaceKind, Topic
from bot.digest import subscription as times
from bot.errors import Usage
from bot.ports import Reply
from bot.replies.asked import Asked, code, left_at, note_left, remove
from bot.replies.choosable import BY_NAME, SETTINGS, settings_of
from bot.replies.following import MOST, add_topics, parsed_one
from bot.replies.manage import forget_person
from bot.replies.papers import SHOWN_HERE
from bot.replies.saved import own_place
from bot.replies.trial import trial
from bot.texts import Texts, texts

VERSION = 1  # of the exported text
_LONG = 1_500  # code points of a part: what is sent back must fit into a person's message
_CURLY = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "\xa0": " "})


async def export(asked: Asked) -> Reply:
    """Topics and settings as JSON, to be pasted behind /import elsewhere; many topics in parts."""
    t = asked.t
    parts = exported(asked.must_have_channel(), asked.topics)
    told = (
        t("Send this to the other chat, behind /import:")
        if len(parts) == 1
        else t("Send these to the other chat one after the other, each behind /import:")
    )
    return asked.reply(told, *(Paragraph.of(code(part)) for part in parts))


def exported(channel: Channel, topics: tuple[Topic, ...]) -> list[str]:
    """The channel's topics and settings, a line of JSON for each part; every value as it is typed
    in /settings. The first part has the settings, and topics are added one part after the other."""
    settings = {one.name: one.shown(channel) for one in SETTINGS if not one.needs}
    parts: list[dict[str, Any]] = [{"paperboy": VERSION, "topics": [], "settings": settings}]
    for topic in topics:
        grown = {**parts[-1], "topics": [*parts[-1]["topics"], topic.text]}
        if len(_written(grown)) <= _LONG:
            parts[-1] = grown
        else:
            parts.append({"paperboy": VERSION, "topics": [topic.text]})
    return [_written(part) for part in parts]


def _written(part: dict[str, Any]) -> str:
    return json.dumps(part, ensure_ascii=False, separators=(", ", ": "))


async def import_(asked: Asked) -> Reply:
    """Take over an export: its settings, and those of its topics that are not followed yet.

    Everything is checked first; when one thing is wrong nothing is changed.
    """
    t = asked.t
    data = _read(asked.text, t)
    queries = tuple(parsed_one(text, t) for text in data["topics"])
    lacking = await trial(asked) if asked.channel is None else []
    async with asked.desk.store.transaction() as tx:
        channel = await tx.channels.find(asked.request.address)
        if channel is not None and await left_at(tx, channel) is not None:
            if asked.left is None:
                await remove(tx, channel, channel.address)
                channel = None
            else:
                await note_left(tx, channel.id, None)
                channel = replace(channel, paused=False, paused_until=None, since=asked.now)
        if channel is None:
            channel = await times.new_channel(
                asked.desk,
                tx,
                asked.request.address,
                asked.now,
                language=asked.language,
                kind=asked.request.kind,
                name=asked.request.name,
                community=asked.request.community,
            )
        changed, fewer = _with_settings(channel, data["settings"], asked)
        last = (await tx.digests.last([channel.id])).get(channel.id)
        changed = times.retimed(changed, asked.now, last)
        await tx.channels.put(changed)
        followed = (await tx.topics.of([channel.id])).get(channel.id, ())
        added, _ = await add_topics(asked, tx, changed, followed, queries)
    t = texts(changed.language)
    spoken = replace(asked, t=t, channel=changed, topics=(*followed, *added), left=None)
    names = t.list([one.text for one in spoken.topics]) or t("everything")
    blocks: list[Block | str] = [
        t("Taken over. This chat follows {topics}.", topics=names),
        spoken.next_line(changed),
    ]
    blocks += lacking
    if fewer:
        blocks.append(t("A digest here holds at most {n} cards.", n=t.number(spoken.most_cards)))
    return spoken.reply(*blocks, shared=True)


def _with_settings(
    channel: Channel, settings: dict[str, str], asked: Asked
) -> tuple[Channel, bool]:
    """The channel with the settings; whether the number of cards had to be lowered."""
    most, fewer = asked.most_cards, False
    here = {one.name for one in settings_of(asked.limits)}
    for name, value in settings.items():
        if name not in here:
            continue  # another platform's
        if name == "limit" and value.isascii() and value.isdigit() and int(value[:9]) > most:
            value, fewer = str(most), True
        channel = BY_NAME[name].change(channel, value, most, asked.t)
    return channel, fewer


def _read(text: str, t: Texts) -> dict[str, Any]:
    """The exported data, checked for shape. Raises Usage."""
    if not text:
        raise Usage(t("Put behind it what /export gave in the other chat: /import {...}"))
    bare = text.replace("\u2060", "").strip().strip("`").removeprefix("json").strip()
    # Telephones turn straight quotes into curly ones; drawing parts signs by word joiners.
    data = _parsed(bare) or _parsed(bare.translate(_CURLY))
    if not isinstance(data, dict) or "paperboy" not in data:
        raise Usage(t("That is not what /export gives: copy its whole text, from { to the last }."))
    if data["paperboy"] != VERSION:
        raise Usage(
            t(
                "That export is of version {theirs}; this bot reads version {ours}.",
                theirs=str(data["paperboy"])[:10],
                ours=VERSION,
            )
        )
    topics, settings = data.get("topics", []), data.get("settings", {})
    if not isinstance(topics, list) or not all(isinstance(one, str) for one in topics):
        raise Usage(t("The topics of that export are damaged: a list of texts was expected."))
    if len(topics) > MOST:
        raise Usage(t("A chat follows at most {n} topics.", n=MOST))
    if not isinstance(settings, dict) or not all(
        isinstance(value, str | int) and not isinstance(value, bool) for value in settings.values()
    ):
        raise Usage(t("The settings of that export are damaged: names with texts were expected."))
    for name in settings:
        if name not in BY_NAME:
            raise Usage(
                t(
                    'There is no setting "{name}". There are: {names}.',
                    name=str(name)[:40],
                    names=t.series(BY_NAME),
                )
            )
    return {"topics": topics, "settings": {name: str(value) for name, value in settings.items()}}


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


async def forget(asked: Asked) -> Reply:
    """Delete everything about this chat; asks first."""
    t = asked.t
    if not asked.confirmed:
        return asked.reply(
            t(
                "This deletes everything about this chat: topics, settings, what was shown, and "
                "saved papers. It cannot be undone."
            ),
            *asked.typed(t("To keep a copy of topics and settings: "), code("/export")),
            *asked.typed(t("To do it: "), code("/forget yes")),
            *asked.buttons(
                (Button(t("Delete everything"), "forget yes", danger=True),),
                (Button(t("Export first"), "export"),),
            ),
        )
    async with asked.desk.store.transaction() as tx:
        channel = await tx.channels.find(asked.request.address)
        await remove(tx, channel, asked.request.address)
        await tx.notes.put(f"{SHOWN_HERE}{asked.request.address}", None)
        if asked.request.kind is PlaceKind.PRIVATE:  # of a managed channel, that alone
            await forget_person(tx, asked.request)
            await tx.saved.forget(own_place(asked.request))
            await tx.spending.forget(asked.now.astimezone(UTC).date())  # today's count is a bound
        guest = await guest_of(tx, key_of(asked.request))
        if guest is not None and guest.state == WAITING:
            await forget_guest(tx, guest.key)  # what an operator decided is the operator's own
    return asked.reply(
        t("Everything about this chat is deleted. To begin anew: /subscribe video generation"),
        replaces=True,
    )
