"""What happens to places besides what people say: added, removed, moved, renamed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

from bot.access import may_use, refusal
from bot.cards import Block, Button, Buttons, Paragraph
from bot.cards.cut import clean
from bot.channels import Address, Channel, PlaceKind
from bot.choices import known_language
from bot.desk import Desk
from bot.moving import move
from bot.ports import Event, EventKind, Person, Reply, Request, Rights, Transaction
from bot.replies.asked import code, left_at
from bot.replies.once_only import first_time
from bot.suspension import look_again, resume_reachable, suspend, thread_back
from bot.texts import Texts, texts

_PLACE = "place:"  # note by short id: a place that a button may name, and who may press it
_LONGEST = 100  # code points of a name


async def happened(desk: Desk, event: Event) -> Reply:
    """Take notice; twice is as good as once. Silence where nobody needs to be told."""
    match event.kind:
        case EventKind.ADDED:
            return await _added(desk, event)
        case EventKind.REMOVED:
            async with desk.store.transaction() as tx:
                # Not by a former address: of a chat that moved, the old one is left.
                for channel in await _here(tx, event.address):
                    await suspend(tx, channel, event.now, "I was removed.")
        case EventKind.MOVED if event.moved_to is not None:
            async with desk.store.transaction() as tx:
                await move(tx, event.address, event.moved_to, event.now)
        case EventKind.RENAMED if event.name:
            async with desk.store.transaction() as tx:
                for channel in await _here(tx, event.address):
                    name = clean(event.name)[:_LONGEST]
                    if channel.name != name:
                        await tx.channels.put(replace(channel, name=name))
        case EventKind.REOPENED:
            return await _reopened(desk, event)
    return Reply((), _language(desk, event))


async def _reopened(desk: Desk, event: Event) -> Reply:
    """A channel that was paused because its thread was closed goes on, and says so."""
    async with desk.store.transaction() as tx:
        channel = await tx.channels.find(event.address)
        if channel is None or channel.address != event.address:
            return Reply((), _language(desk, event))
        awake = await thread_back(tx, channel, event.now)
    return _known(awake, event, back=awake != channel)


async def _here(tx: Transaction, address: Address) -> list[Channel]:
    """The channel of a thread; of a chat all its channels."""
    channels = await tx.channels.of_chat(address.platform, address.chat)
    return [one for one in channels if address.thread in (None, one.address.thread)]


def _language(desk: Desk, event: Event) -> str:
    return known_language(event.language) or desk.defaults.language


async def _added(desk: Desk, event: Event) -> Reply:
    t = texts(_language(desk, event))
    broadcast = event.place is PlaceKind.BROADCAST
    async with desk.store.transaction() as tx:
        if event.community is not None:
            await look_again(tx, event.address.platform, event.now)
        channel = await tx.channels.find(event.address)
        back = channel is not None and channel.suspended_at is not None
        for one in await _here(tx, event.address):
            awake = await resume_reachable(tx, one, event.now)
            if one.address == event.address:
                awake = await thread_back(tx, awake, event.now)
                back = back or awake.paused != one.paused
        if channel is not None:
            channel = await tx.channels.get(channel.id)
        if channel is not None and await left_at(tx, channel) is None:
            return _known(channel, event, back=back)
        if event.place is PlaceKind.PRIVATE:
            return Reply((), t.language)  # whoever comes back says /start anyway
        if broadcast:
            if event.person is None:
                return Reply((), t.language)
            name = event.name or event.address.chat
            short = await remember_place(tx, event.address, name, event.person, event.place)
            return Reply(_invitation(desk, event, name, short, t), t.language)
        lately = f"added {event.address} {event.now:%Y-%m-%dT%H}"
        if not await first_time(tx, event.address.platform, lately):
            return Reply((), t.language)
        if not await may_use(tx, desk, _asking(desk, event)):
            return Reply(
                (Paragraph.of(await refusal(tx, desk, _asking(desk, event), t)),), t.language
            )
    return Reply(_greeting(desk, event, t), t.language)


def _known(channel: Channel, event: Event, *, back: bool) -> Reply:
    """A chat that is subscribed hears only that it goes on."""
    t = texts(channel.language)
    if not back:
        return Reply((), t.language)
    said = t("I can post here again; everything is as it was.")
    if event.place is PlaceKind.BROADCAST:
        name = channel.name or event.name or channel.address.chat
        said = t("I can post in {name} again; everything is as it was.", name=name)
    lines: list[Block] = [Paragraph.of(said)]
    if channel.next_due is not None and not channel.paused:
        moment = t.moment(channel.next_due, channel.zone, now=event.now)
        lines.append(Paragraph.of(t("Next digest: {time}.", time=moment)))
    return Reply(tuple(lines), t.language)


def _greeting(desk: Desk, event: Event, t: Texts) -> tuple[Block, ...]:
    what = t("The day's research papers, filtered by your topics, brought to this chat.")
    begin = Paragraph.of(t("Begin with "), code("/subscribe video generation, world model"))
    blocks: list[Block] = [Paragraph.of(what), begin]
    blocks.append(Paragraph.of(t("Only people who may manage this chat can subscribe it.")))
    if _has_buttons(desk, event):
        blocks.append(Buttons(((Button(t("Topics"), "subscribe"),),)))
    return tuple(blocks)


def _invitation(desk: Desk, event: Event, name: str, short: str, t: Texts) -> tuple[Block, ...]:
    """For the person who let the bot into a channel, where nobody can type commands."""
    can = Paragraph.of(t("Your channel {name}: I can post there.", name=clean(name)[:_LONGEST]))
    if not _has_buttons(desk, event):
        return (can, Paragraph.of(t("To set it up from here: "), code(f"/manage {short}")))
    return (can, Buttons(((Button(t("Set it up"), f"manage {short}"),),)))


def _has_buttons(desk: Desk, event: Event) -> bool:
    platform = desk.platforms.get(event.address.platform)
    return platform is not None and platform.limits.buttons


def _asking(desk: Desk, event: Event) -> Request:
    """The event as a question for access."""
    operates = (
        event.person and Address(event.address.platform, f"@{event.person.id}") in desk.admins
    )
    return Request(
        command="start",
        text="",
        address=event.address,
        person=event.person or Person(""),
        now=event.now,
        rights=Rights(manage=False, operate=bool(operates)),
        language=event.language,
        private=False,
        kind=event.place,
        name=event.name,
        community=event.community,
    )


async def remember_place(
    tx: Transaction,
    address: Address,
    name: str,
    person: Person,
    kind: PlaceKind = PlaceKind.BROADCAST,
) -> str:
    """The short id of a place for one person, to be named by a button; the same every time.

    Noted as `place:<id>` for bot.replies.manage, which asks for the rights when it is pressed.
    """
    short = short_of(address, person)
    told = {
        "platform": address.platform,
        "chat": address.chat,
        "thread": address.thread,
        "name": clean(name)[:_LONGEST],
        "kind": kind.value,
        "person": person.id,
    }
    await tx.notes.put(f"{_PLACE}{short}", json.dumps(told, ensure_ascii=False))
    return short


def short_of(address: Address, person: Person) -> str:
    """What a button calls the place for this person."""
    return hashlib.sha256(f"{address} {person.id}".encode()).hexdigest()[:8]
