"""Looking at places and people: may the bot post there, who manages it, what does a name mean."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from adapters.platforms.telegram.addresses import chat_id, is_private, kind_of, thread_id
from adapters.platforms.telegram.outcomes import outcome
from bot.channels import Address, Outcome, Verdict
from bot.ports import Found, Person, Rights
from bot.texts import N_

if TYPE_CHECKING:
    from telegram import ChatFullInfo, ChatMember

    from adapters.platforms.telegram.connection import Connection

ADMINISTRATOR = N_("Administrator")
_MANAGE = ("creator", "administrator")
_LINK = re.compile(
    r"(?:https?://)?(?:t\.me|telegram\.me|telegram\.dog)/(?:s/)?"
    r"(?:c/(?P<long>\d{5,})|(?P<name>[A-Za-z]\w{3,31}))(?:[/?].*)?",
    re.ASCII | re.I,
)
_NAME = re.compile(r"@([A-Za-z]\w{3,31})", re.ASCII)
_ID = re.compile(r"-?\d{1,20}", re.ASCII)


async def probe(connection: Connection, address: Address) -> Outcome:
    """Whether the bot may post there. Nothing is sent but "typing", which nobody hears.

    Missing rights stand in `missing`, by the names that Telegram's own settings show.
    """
    try:
        chat = await connection.bot.get_chat(chat_id(address))
        missing: tuple[str, ...] = ()
        if not is_private(address):
            me = await connection.me()
            member = await connection.bot.get_chat_member(chat.id, me.id)
            if member.status in ("left", "kicked"):
                said = N_("The bot is not a member there.")
                return Outcome(Verdict.CHAT_GONE, error=said)
            missing = _missing(chat, member)
        if "Send Messages" in missing or "Post Messages" in missing:
            said = f"The bot lacks the right: {', '.join(missing)}."
            return Outcome(Verdict.CHAT_GONE, error=said, missing=missing)
        if chat.type != "channel":  # only this tells whether a topic is there, or a person blocks
            await connection.bot.send_chat_action(
                chat.id, "typing", message_thread_id=thread_id(address)
            )
    except Exception as error:
        return outcome(error, address, connection.clean)
    return Outcome(Verdict.ACCEPTED, missing=missing)


def _missing(chat: ChatFullInfo, member: ChatMember) -> tuple[str, ...]:
    """Rights that the bot needs in a group or channel and does not have."""
    if chat.type == "channel":
        posts = member.status == "administrator" and getattr(member, "can_post_messages", False)
        return () if posts else (N_("Post Messages"),)
    if member.status in _MANAGE:
        return ()
    granted = member if member.status == "restricted" else chat.permissions
    if granted is None:
        return ()
    rights = {
        "can_send_messages": N_("Send Messages"),
        "can_send_documents": N_("Send Files"),
        "can_add_web_page_previews": N_("Embed Links"),
    }
    return tuple(name for right, name in rights.items() if getattr(granted, right, None) is False)


async def rights(
    connection: Connection, address: Address, person: Person, operators: frozenset[str]
) -> Rights:
    """What the person may do there now. Never raises: who cannot be looked up may not manage.

    Alone with the bot everybody manages. An anonymous administrator speaks as the group itself
    (https://core.telegram.org/bots/api#message, `sender_chat`), so the person is the chat then.
    """
    operate = person.id in operators
    if str(chat_id(address)) == person.id:
        return Rights(True, operate)
    manages = False
    if person.id.isdigit():
        try:
            manages = await _manages(connection, address, int(person.id))
        except Exception:  # what cannot be asked is not granted
            manages = False
    return Rights(manages, operate, None if manages else ADMINISTRATOR)


async def _manages(connection: Connection, address: Address, person: int) -> bool:
    """getChatMember answers for other people only where the bot may see them; the list of
    administrators is open to every member."""
    from telegram.error import BadRequest

    bot, chat = connection.bot, chat_id(address)
    try:
        return (await bot.get_chat_member(chat, person)).status in _MANAGE
    except BadRequest:
        administrators = await bot.get_chat_administrators(chat)
        return any(member.user.id == person for member in administrators)


async def look_up(connection: Connection, platform: str, text: str) -> Found | None:
    """The group or channel of a `@name`, a t.me link or an id; None when the bot can see none.

    Nobody looks up another person.
    """
    if (wanted := _named(text.strip())) is None:
        return None
    try:
        chat = await connection.bot.get_chat(wanted)
    except Exception:  # a name that cannot be asked for is no place
        return None
    if chat.type == "private":
        return None
    name = chat.title or str(chat.id)
    return Found(Address(platform, str(chat.id)), name, kind_of(chat.type, None))


def _named(text: str) -> int | str | None:
    """What getChat is to be asked for."""
    if _ID.fullmatch(text):
        return int(text)
    if found := _NAME.fullmatch(text):
        return f"@{found[1]}"
    if found := _LINK.fullmatch(text):
        # Private chats are linked by their id without the mark of a supergroup or channel.
        return int(f"-100{found['long']}") if found["long"] else f"@{found['name']}"
    return None
