"""Long pauses of a token, noted so that the next process keeps them too."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING

from bot.channels import Address

if TYPE_CHECKING:
    from bot.pacing import Pacer
    from bot.ports import Transaction

_WORTH_NOTING = 5.0  # seconds of a pause of the token that outlive the process
_PAUSED = "paused:"  # note by platform: until when its token rests, and the seconds it was told

log = logging.getLogger(__name__)


class Pausing:
    """What is noted of one platform's token."""

    def __init__(self, name: str, pacer: Pacer) -> None:
        self._name = name
        self._pacer = pacer
        self._noted = 0.0  # monotonic: the end of the pause that is noted

    async def note(self, tx: Transaction, now: datetime) -> None:
        """Note the pause of the token, where it is a long and a new one."""
        pause = self._pacer.paused
        end = monotonic() + pause
        if pause > _WORTH_NOTING and end > self._noted + 1.0:
            self._noted = end
            until = now + timedelta(seconds=pause)
            await tx.notes.put(_PAUSED + self._name, f"{until.isoformat()} {pause:.0f}")
            log.warning("%s: the token rests for %.0f s", self._name, pause)

    async def keep(self, tx: Transaction, now: datetime) -> None:
        """Let the pacer keep what is left of the noted pause."""
        if (noted := await tx.notes.get(_PAUSED + self._name)) is None:
            return
        until, _, longest = noted.partition(" ")
        left = (datetime.fromisoformat(until) - now).total_seconds()
        left = min(left, float(longest or left))  # the clock may have gone back
        if left > 0:
            self._pacer.too_fast(Address(self._name, ""), left, everywhere=True)
