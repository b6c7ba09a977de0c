"""How fast Telegram lets one token send."""

from __future__ import annotations

from adapters.platforms.telegram.addresses import is_private
from bot.channels import Address, Allowance, Pace

PER_SECOND = 28  # of about 30 (core.telegram.org/bots/faq)
ALLOWED = 30  # in any second, without paying
FASTEST = 1_000  # in any second, paid for (core.telegram.org/bots/api#sendmessage)
_CHAT = Allowance(1, 1.0)  # core.telegram.org/bots/faq: one message a second in one chat
_GROUP = (_CHAT, Allowance(20, 60.0))  # there: twenty a minute; channels too, by hearsay


def pace_of(per_second: int = PER_SECOND) -> Pace:
    """The pace for so many messages a second on the average; over 30 they are paid for.

    One more in any single second, so that none is lost to the time that calls take.
    """
    most = FASTEST if paid(per_second) else ALLOWED
    return Pace(float(per_second), min(most, per_second + 1 + per_second // 100), allowances)


def paid(per_second: int) -> bool:
    """Whether Telegram must be told that the messages are paid for."""
    return per_second > ALLOWED


def allowances(address: Address) -> tuple[Allowance, ...]:
    """What one chat may get: people one a second, all others also no more than 20 a minute."""
    return (_CHAT,) if is_private(address) else _GROUP
