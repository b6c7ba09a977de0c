"""Addresses as the Bot API's ids, and deep links that carry an action into the private chat."""

from __future__ import annotations

import base64
import binascii
import re

from bot.channels import Address, PlaceKind
from bot.commands import BY_NAME

GENERAL = 1  # the thread id of a forum's General topic, which the Bot API must not be told
_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)  # core.telegram.org/bots/features


def chat_id(address: Address) -> int | str:
    """What the Bot API calls the chat: "@12345" is the private chat with that person."""
    named = address.chat.removeprefix("@")
    return int(named) if re.fullmatch(r"-?\d+", named, re.ASCII) else address.chat


def thread_id(address: Address) -> int | None:
    """The topic, if it must be named: General is where messages go by themselves."""
    if address.thread is None or not re.fullmatch(r"\d+", address.thread, re.ASCII):
        return None
    thread = int(address.thread)
    return None if thread == GENERAL else thread


def is_private(address: Address) -> bool:
    """Whether one person alone reads there: people's ids are positive, all others negative."""
    chat = chat_id(address)
    return isinstance(chat, int) and chat > 0


def kind_of(chat_type: str, thread: str | None) -> PlaceKind:
    """The place behind a `Chat.type`."""
    if chat_type == "private":
        return PlaceKind.PRIVATE
    if chat_type == "channel":
        return PlaceKind.BROADCAST
    return PlaceKind.TOPIC if thread else PlaceKind.GROUP


def deep_link(bot_name: str, action: str) -> str | None:
    """A link that asks the bot for `action` in private; None when it is too long for one."""
    payload = base64.urlsafe_b64encode(action.encode()).decode().rstrip("=")
    if not _PAYLOAD.fullmatch(payload):
        return None
    return f"https://t.me/{bot_name}?start={payload}"


def linked_action(payload: str) -> str | None:
    """The action of a deep link; None for a payload that is none of ours.

    Anybody can make such a link, so only commands that concern the asker alone are taken.
    """
    if not _PAYLOAD.fullmatch(payload):
        return None
    try:
        action = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode()
    except (binascii.Error, ValueError):
        return None
    word, _, _ = action.partition(" ")
    return action if word in BY_NAME and BY_NAME[word].personal else None
