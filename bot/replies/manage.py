"""/manage: looking after a channel, where nobody types commands, from an admin's private chat."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from bot.cards import ACTION_BYTES, Block, Button, Buttons, Paragraph
from bot.cards.cut import clean
from bot.channels import Address, PlaceKind
from bot.desk import Desk
from bot.errors import NotFound, Usage
from bot.ports import Found, Person, Reply, Request, Rights, Transaction
from bot.replies.asked import Asked, code, strong
from bot.replies.events import remember_place, short_of

_STATE = "managing:"  # note by person: the place that the private chat's commands are for
_PLACE = "place:"  # note by short id: a place that a button may name, and who may press it
_OFF = frozenset(("off", "none", "stop", "关", "关闭", "끄기"))
OF_A_PLACE = frozenset(
    "start hint subscribe unsubscribe topics settings pause resume status why today export import "
    "forget".split()
)


@dataclass(frozen=True, slots=True)
class Managed:
    """What a person looks after from the private chat."""

    found: Found

    def __str__(self) -> str:
        return self.found.name or str(self.found.address)


async def manage(asked: Asked) -> Reply:
    """Choose the channel that the commands of this private chat are for; or none again."""
    t, who = asked.t, asked.request
    if not who.private:
        raise Usage(t("That works only in your private chat with me."))
    word = asked.text.strip()
    if word.casefold() in _OFF:
        async with asked.desk.store.transaction() as tx:
            await tx.notes.put(_state(who), None)
        return asked.reply(t("From now on your commands are for this chat again."), replaces=True)
    if not word:
        return await _known(asked)
    found = await _named(asked, word)
    rights = await _rights(asked.desk, who, found.address)
    if not rights.manage:
        raise Usage(
            t(
                "You do not manage {name}: only its administrators can set it up.",
                name=found.name or word[:60],
            )
        )
    async with asked.desk.store.transaction() as tx:
        await tx.notes.put(_state(who), _written(found, who.person.id))
        short = await remember_place(
            tx, found.address, found.name or word[:60], who.person, found.kind
        )
    return asked.reply(
        Paragraph.of(t("Your commands here are now for: "), strong(found.name or word)),
        *asked.typed(code("/subscribe"), " · ", code("/settings"), " · ", code("/manage off")),
        *asked.buttons(
            (
                Button(t("Topics"), f"at {short} subscribe"),
                Button(t("Settings"), f"at {short} settings"),
            ),
            (Button(t("Back to this chat"), "manage off"),),
        ),
        replaces=True,
    )


async def _known(asked: Asked) -> Reply:
    """What is looked after now, and the channels that told the bot of this person."""
    t, who = asked.t, asked.request
    async with asked.desk.store.snapshot() as tx:
        now = await managed(tx, who)
        places = {
            name.removeprefix(_PLACE): _read(noted)
            for name, noted in (await tx.notes.starting(_PLACE)).items()
            if json.loads(noted).get("person") == who.person.id
        }
    blocks: list[Block | str] = []
    if now is not None:
        blocks.append(t("Your commands here are for {name}.", name=str(now)))
    blocks.append(
        Paragraph.of(
            t("Make me an administrator of your channel, then name it: "),
            code("/manage @my_lab_papers"),
        )
    )
    buttons = [
        (Button(str(place)[:60], f"manage {short}"),)
        for short, place in places.items()
        if place.found.address.platform == who.address.platform
    ]
    off = [(Button(t("Back to this chat"), "manage off"),)] if now is not None else []
    return asked.reply(*blocks, *asked.buttons(*buttons[:10], *off))


async def _named(asked: Asked, word: str) -> Found:
    t, who = asked.t, asked.request
    async with asked.desk.store.snapshot() as tx:
        noted = await tx.notes.get(f"{_PLACE}{word[:40]}")
    if noted is not None and json.loads(noted).get("person") == who.person.id:
        return _read(noted).found
    if asked.platform is None:
        raise NotFound(t("There is nothing to manage here."))
    found = await asked.platform.look_up(word)
    if found is None:
        raise NotFound(
            t(
                "I do not find {name}. Give its @name, and make me an administrator of it first.",
                name=word[:60],
            )
        )
    return found


async def forget_person(tx: Transaction, request: Request) -> None:
    """Delete what the person looked after, and the places that were noted for the buttons."""
    await tx.notes.put(_state(request), None)
    for name, noted in (await tx.notes.starting(_PLACE)).items():
        if json.loads(noted).get("person") == request.person.id:
            await tx.notes.put(name, None)


async def managed(tx: Transaction, request: Request) -> Managed | None:
    """What the person looks after from the private chat; None for nothing."""
    noted = await tx.notes.get(_state(request))
    return _read(noted) if noted else None


async def at(asked: Asked) -> Reply:
    """A button of a place that this person does not know any more."""
    raise NotFound(asked.t("This button is out of date. The command opens a new one."))


async def for_its_place(desk: Desk, request: Request) -> tuple[Request, Managed | None]:
    """The request as it is meant: for the place that the person looks after, with the rights
    there now, and that place; None for the chat itself.

    What is typed is for the place chosen by /manage. A button stays with the place whose answer
    it stands under, whatever was chosen since.
    """
    platform = desk.platforms.get(request.address.platform)
    if not request.private or platform is None or "look_up" not in platform.limits.verbs:
        return request, None
    if request.command == "at":
        short, _, line = request.text.partition(" ")
        command, _, text = line.partition(" ")
        place = await desk.store.glance(lambda tx: _of_button(tx, request, short))
        request = replace(request, command=command, text=text) if place else request
    elif request.pressed or request.command not in OF_A_PLACE:
        return request, None
    else:
        place = await desk.store.glance(lambda tx: managed(tx, request))
    if place is None or request.command not in OF_A_PLACE:
        return request, None
    found = place.found
    meant = replace(
        request,
        address=found.address,
        rights=await _rights(desk, request, found.address),
        kind=found.kind,
        name=found.name,
    )
    return meant, place


async def _of_button(tx: Transaction, request: Request, short: str) -> Managed | None:
    noted = await tx.notes.get(f"{_PLACE}{short[:40]}")
    if noted is None or json.loads(noted).get("person") != request.person.id:
        return None
    return _read(noted)


def staying(blocks: tuple[Block, ...], place: Managed, person: Person) -> tuple[Block, ...]:
    """The blocks, whose buttons name the place that they are for."""
    mark = f"at {short_of(place.found.address, person)} "

    def kept(button: Button) -> Button | None:
        if button.action.partition(" ")[0] not in OF_A_PLACE:
            return button
        action = mark + button.action
        return replace(button, action=action) if len(action.encode()) <= ACTION_BYTES else None

    made: list[Block] = []
    for block in blocks:
        if isinstance(block, Buttons):
            rows = (tuple(filter(None, map(kept, row))) for row in block.rows)
            block = Buttons(tuple(row for row in rows if row))
            if not block.rows:
                continue
        made.append(block)
    return tuple(made)


async def _rights(desk: Desk, request: Request, address: Address) -> Rights:
    platform = desk.platforms[request.address.platform]
    there = await platform.rights(address, request.person)
    return replace(there, operate=request.rights.operate)


def _state(request: Request) -> str:
    return f"{_STATE}{request.address.platform}:{request.person.id}"


def _written(found: Found, person: str) -> str:
    where = found.address
    return json.dumps(
        {
            "platform": where.platform,
            "chat": where.chat,
            "thread": where.thread,
            "name": clean(found.name)[:100],
            "kind": found.kind.value,
            "person": person,
        },
        ensure_ascii=False,
    )


def _read(noted: str) -> Managed:
    told = json.loads(noted)
    where = Address(told["platform"], told["chat"], told.get("thread"))
    kind = PlaceKind(told.get("kind", "broadcast"))
    return Managed(Found(where, told.get("name") or "", kind))
