"""Addresses as they are typed on the command line, and what they tell of a place."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.channels import Address, PlaceKind
from bot.errors import Usage

_LONGEST_NAME = 64  # characters of a console channel's name
_TELEGRAM = re.compile(r"-?[1-9]\d{0,18}", re.ASCII)  # a 64-bit number; groups' are negative
_DISCORD = re.compile(r"[1-9]\d{14,19}", re.ASCII)  # a snowflake
_THREAD = re.compile(r"[1-9]\d{0,19}", re.ASCII)


def any_address(text: str) -> Address:
    """`platform:chat` or `platform:chat:thread`. Raises Usage."""
    platform, _, rest = text.strip().partition(":")
    chat, _, thread = rest.partition(":")
    if not platform or not chat:
        raise Usage(f"{text!r} is no address; an example: console:lab.")
    return Address(platform.lower(), chat, thread or None)


def address_to_add(text: str) -> Address:
    """An address that a digest can be sent to. Raises Usage saying what is wrong with it."""
    address = any_address(text)
    if address.platform not in _CHECKS:
        raise Usage(
            f"There is no platform {address.platform!r}; possible: console:lab, "
            "telegram:-1001234567890, discord:123456789012345678."
        )
    _CHECKS[address.platform](address)
    return address


def _check_console(address: Address) -> None:
    name = address.chat
    fit = name.isprintable() and not any(sign.isspace() for sign in name)
    if address.thread is not None or not fit or len(name) > _LONGEST_NAME:
        raise Usage(
            f"The name of a console channel has 1 to {_LONGEST_NAME} characters, without spaces "
            "and colons; an example: console:lab."
        )


def _check_telegram(address: Address) -> None:
    fit = _TELEGRAM.fullmatch(address.chat) and -(2**63) <= int(address.chat) < 2**63
    if not fit or (address.thread is not None and not _THREAD.fullmatch(address.thread)):
        raise Usage(
            f"{str(address)!r} is no chat of Telegram: its id is a number, a topic's stands behind "
            "it; examples: telegram:12345, telegram:-1001234567890:42."
        )


def _check_discord(address: Address) -> None:
    fit = _DISCORD.fullmatch(address.chat)
    if not fit or (address.thread is not None and not _DISCORD.fullmatch(address.thread)):
        raise Usage(
            f"{str(address)!r} is no channel of Discord: its id is a number (Copy Channel ID); an "
            "example: discord:123456789012345678."
        )


_CHECKS: dict[str, Callable[[Address], None]] = {
    "console": _check_console,
    "telegram": _check_telegram,
    "discord": _check_discord,
}


def place_kind(address: Address, typed: str | None) -> PlaceKind | None:
    """What kind of place it is: as typed, else what its id tells; None: nothing. Raises Usage."""
    if typed is not None:
        try:
            return PlaceKind(typed.strip().lower())
        except ValueError:
            possible = ", ".join(PlaceKind)
            raise Usage(f'"{typed}" is no kind of place. Possible: {possible}.') from None
    if address.platform == "console":
        return None
    if address.thread is not None:
        return PlaceKind.TOPIC
    if address.platform == "telegram" and not address.chat.startswith("-"):
        return PlaceKind.PRIVATE
    return PlaceKind.GROUP
