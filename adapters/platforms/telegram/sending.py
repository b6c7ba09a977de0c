"""One frozen body as one call: addressed, its buttons made fit for the place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from adapters.platforms.telegram.addresses import chat_id, deep_link, is_private, thread_id
from adapters.platforms.telegram.frozen import Call, thaw
from adapters.platforms.telegram.outcomes import lost_message, not_modified, outcome
from bot.cards import Button
from bot.channels import Address, Body, Outcome, Verdict
from bot.commands import BY_NAME

if TYPE_CHECKING:
    from adapters.platforms.telegram.connection import Connection

CALLBACK_BYTES = 64  # https://core.telegram.org/bots/api#inlinekeyboardbutton
UNREADABLE = Outcome(
    Verdict.CONTENT_REFUSED, error="This message was not made by this version for Telegram."
)


async def send(
    connection: Connection,
    address: Address,
    body: Body,
    *,
    silent: bool,
    reply_to: str | None = None,
    paid: bool = False,
) -> Outcome:
    """Send the body to the address, paid for when there are very many. Never raises a foreign
    error."""
    try:
        call = thaw(body)
    except ValueError:
        return UNREADABLE
    try:
        params = await _params(connection, address, call)
    except Exception as error:  # the bot's own name was asked for; the message is still here
        return _not_sent(outcome(error, address, connection.clean))
    if reply_to is not None and reply_to.isdigit():
        params["reply_parameters"] = {
            "message_id": int(reply_to),
            "allow_sending_without_reply": True,
        }
    if (thread := thread_id(address)) is not None:
        params["message_thread_id"] = thread
    if silent:
        params["disable_notification"] = True
    if paid:
        params["allow_paid_broadcast"] = True
    if call.file is not None:
        from telegram import InputFile

        name, content = call.file
        params["document"] = InputFile(content, name)
    try:
        sent = await connection.call(call.method, params)
    except Exception as error:  # every foreign error has a meaning
        return outcome(error, address, connection.clean)
    number = sent.get("message_id") if isinstance(sent, dict) else None
    return Outcome(Verdict.ACCEPTED, platform_ids=() if number is None else (str(number),))


async def edit(
    connection: Connection, address: Address, message: int, body: Body
) -> Outcome | None:
    """Put the body in the place of a message; None when it can only become a new message.

    Twice is once: that the message says this already is success. Never raises a foreign error.
    """
    try:
        call = thaw(body)
    except ValueError:
        return UNREADABLE
    if call.method != "sendMessage":
        return None
    try:
        params = await _params(connection, address, call)
    except Exception as error:
        return _not_sent(outcome(error, address, connection.clean))
    try:
        await connection.call("editMessageText", {**params, "message_id": message})
    except Exception as error:
        if lost_message(error):
            return None
        if not not_modified(error):
            return outcome(error, address, connection.clean)
    return Outcome(Verdict.ACCEPTED, platform_ids=(str(message),))


async def _params(connection: Connection, address: Address, call: Call) -> dict[str, Any]:
    keyboard = await _keyboard(connection, call.buttons, private=is_private(address))
    return {"chat_id": chat_id(address), **call.params, **keyboard}


def _not_sent(found: Outcome) -> Outcome:
    """What a failure before the call itself means for the call."""
    if found.verdict in (Verdict.UNKNOWN, Verdict.CONTENT_REFUSED, Verdict.CHAT_GONE):
        return replace(found, verdict=Verdict.NOT_SENT)
    return found


async def _keyboard(
    connection: Connection, rows: Sequence[Sequence[Button]], *, private: bool
) -> dict[str, Any]:
    """The buttons as `reply_markup`; nothing when there are none.

    Where others read along, what concerns the asker alone leads into the private chat.
    """
    if not rows:
        return {}
    bot_name = ""
    if not private and any(is_personal(button) for row in rows for button in row):
        bot_name = (await connection.me()).username or ""
    made = [[_button(button, bot_name) for button in row] for row in rows]
    kept = [[button for button in row if button is not None] for row in made]
    return {"reply_markup": {"inline_keyboard": [row for row in kept if row]}}


def is_personal(button: Button) -> bool:
    """Whether the answer to the button concerns the one who presses it alone."""
    command = BY_NAME.get(button.action.partition(" ")[0])
    return button.url is None and command is not None and command.personal


def _button(button: Button, bot_name: str) -> dict[str, Any] | None:
    label = button.label
    if button.url is not None:
        return {"text": label, "url": button.url}
    if bot_name and is_personal(button) and (link := deep_link(bot_name, button.action)):
        return {"text": label, "url": link}
    if not 0 < len(button.action.encode()) <= CALLBACK_BYTES:
        return None
    return {"text": label, "callback_data": button.action}
