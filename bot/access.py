"""Who may use the bot: everybody, who was let in on asking, or who is on the operator's list."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime

from bot.alerts import LET_IN, REFUSE, WANTS_IN, end_alert, raise_alert
from bot.cards.cut import clean
from bot.channels import Address, PlaceKind
from bot.desk import Desk
from bot.ports import Request, Transaction
from bot.texts import Texts

_NOTE = "access:"  # by platform and chat, or platform and community
_LONGEST = 100  # code points of a chat's name
WAITING, GRANTED, REFUSED = "waiting", "granted", "refused"


@dataclass(frozen=True, slots=True)
class Guest:
    """A chat or community that asked to be let in, and what came of it."""

    key: str  # platform:chat, or platform:community
    id: str  # short; what buttons name
    state: str
    name: str
    address: str  # platform, chat and thread where it asked, to be told there
    language: str
    at: str  # when it asked or was decided on

    @property
    def place(self) -> Address:
        """Where it is told."""
        platform, chat, thread = json.loads(self.address)
        return Address(platform, chat, thread)


def key_of(request: Request) -> str:
    """What access is given to: the community where there is one, else the chat."""
    return f"{request.address.platform}:{request.community or request.address.chat}"


async def may_use(tx: Transaction, desk: Desk, request: Request) -> bool:
    """Whether the chat may use what costs: it is open to all, let in, subscribed, or an
    operator asks."""
    if desk.access == "open" or request.rights.operate:
        return True
    guest = await guest_of(tx, key_of(request))
    if guest is not None and guest.state == GRANTED:
        return True
    return await _is_subscribed(tx, request.address)


async def _is_subscribed(tx: Transaction, address: Address) -> bool:
    from bot.replies.asked import left_at  # not above: the replies ask here who may use them

    here = await tx.channels.find(address)
    channels = await tx.channels.of_chat(address.platform, address.chat)
    for channel in (*channels, *([here] if here is not None else [])):
        if await left_at(tx, channel) is None:
            return True
    return False


async def refusal(tx: Transaction, desk: Desk, request: Request, t: Texts) -> str:
    """One sentence for a chat without access: how to get it. The operators are asked once."""
    key = key_of(request)
    if desk.access == "list":
        return t(
            "This bot is for chats on its operator's list. "
            "Give the operator this number: {number}.",
            number=key,
        )
    guest = await guest_of(tx, key)
    if guest is not None and guest.state == REFUSED:
        return t("The operator of this bot did not let this chat in.")
    if guest is None:
        guest = await _note(tx, key, WAITING, request.now, request=request, language=t.language)
        await raise_alert(
            tx,
            _alert(guest),
            WANTS_IN,
            {"name": guest.name or key, "chat": key},
            presses=(
                (LET_IN, f"access grant {guest.id}"),
                (REFUSE, f"access refuse {guest.id}"),
            ),
            lasts=False,
        )
    return t("The operator has been asked to let this chat in; you will be told here.")


async def guests(tx: Transaction) -> list[Guest]:
    """Everybody who asked or was decided on, the newest first."""
    found = [Guest(**json.loads(one)) for one in (await tx.notes.starting(_NOTE)).values()]
    return sorted(found, key=lambda guest: guest.at, reverse=True)


async def guest_of(tx: Transaction, key: str) -> Guest | None:
    """The chat or community of this key."""
    noted = await tx.notes.get(_NOTE + key)
    return Guest(**json.loads(noted)) if noted else None


async def named(tx: Transaction, word: str) -> Guest | None:
    """The one that a short id or an address names."""
    if (guest := await guest_of(tx, word)) is not None:
        return guest
    return next((guest for guest in await guests(tx) if guest.id == word), None)


async def decide(tx: Transaction, key: str, state: str, now: datetime, language: str) -> Guest:
    """Let in or keep out, whether or not it asked; the operators need not be asked any more."""
    guest = await _note(tx, key, state, now, language=language)
    await end_alert(tx, _alert(guest))
    return guest


async def forget(tx: Transaction, key: str) -> None:
    """Delete what is known of it; it may ask again."""
    guest = await guest_of(tx, key)
    if guest is not None:
        await end_alert(tx, _alert(guest))
        await tx.notes.put(_NOTE + key, None)


async def moved(tx: Transaction, old: Address, new: Address) -> None:
    """The chat has a new id: what was decided holds on."""
    guest = await guest_of(tx, f"{old.platform}:{old.chat}")
    if guest is None or old.chat == new.chat:
        return
    key = f"{new.platform}:{new.chat}"
    there = await guest_of(tx, key)
    if there is None or (there.state == WAITING and guest.state != WAITING):
        address = json.dumps([new.platform, new.chat, guest.place.thread])
        await _put(tx, Guest(**{**asdict(guest), "key": key, "address": address}))
    await tx.notes.put(_NOTE + guest.key, None)


async def _note(
    tx: Transaction,
    key: str,
    state: str,
    now: datetime,
    *,
    request: Request | None = None,
    language: str,
) -> Guest:
    known = await guest_of(tx, key)
    platform, _, chat = key.partition(":")
    where = _told_at(request) if request else known.place if known else Address(platform, chat)
    guest = Guest(
        key=key,
        id=known.id if known else secrets.token_hex(4),
        state=state,
        name=clean(request.name or request.person.name)[:_LONGEST]
        if request
        else known.name
        if known
        else "",
        address=json.dumps([where.platform, where.chat, where.thread]),
        language=known.language if known else language,
        at=now.isoformat(),
    )
    await _put(tx, guest)
    return guest


def _told_at(request: Request) -> Address:
    """Where it is told: of a channel, in the private chat of the person who manages it."""
    if request.private and request.kind is not PlaceKind.PRIVATE:
        return Address(request.address.platform, f"@{request.person.id}")
    return request.address


async def _put(tx: Transaction, guest: Guest) -> None:
    await tx.notes.put(_NOTE + guest.key, json.dumps(asdict(guest), ensure_ascii=False))


def _alert(guest: Guest) -> str:
    return f"access:{guest.id}"
