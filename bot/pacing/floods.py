"""What a platform says that it is too fast: who is to wait, and how much slower to go on."""

from __future__ import annotations

from bot.channels import Address

_WAVE = 5.0  # seconds in which several chats that are told so mean the token
_CHATS = 3
_LONGEST_GUESS = 60.0  # seconds of a pause that nobody asked for by name
_SLOWER = 0.7
_SLOWEST = 0.1
_QUICKER = 0.002  # more with each acceptance: whole again after 150 of them, at most 450


class Floods:
    """The token's pauses and how fast it may go, after answers of the kind "too many requests".

    The Bot API does not say whether it means the chat or the token. Three different chats within
    5 seconds, with nothing accepted between, mean the token.
    """

    def __init__(self) -> None:
        self.until = 0.0  # the token pauses until then
        self.speed = 1.0  # of the pace
        self.wary = False  # nothing was accepted since the last pause
        self._told: dict[str, tuple[float, float]] = {}  # by chat: when, for how many seconds

    def too_fast(self, address: Address, seconds: float, now: float, *, everywhere: bool) -> None:
        """A call to the chat was refused for now."""
        if everywhere:
            self._pause(seconds, now)
            return
        self._told[address.chat] = now, seconds
        for chat in [one for one, (at, _) in self._told.items() if at + _WAVE < now]:
            del self._told[chat]
        if len(self._told) >= _CHATS:
            longest = max(wait for _, wait in self._told.values())
            self._pause(min(_LONGEST_GUESS, longest), now)

    def accepted(self) -> None:
        """A call was accepted: the pace comes back step by step."""
        self._told.clear()
        self.wary = False
        self.speed = min(1.0, self.speed + _QUICKER)

    def _pause(self, seconds: float, now: float) -> None:
        """Slower once for each wave: what was on its way at the pause belongs to the same one."""
        self._told.clear()
        if now >= self.until:
            self.speed = max(_SLOWEST, self.speed * _SLOWER)
        self.until = max(self.until, now + seconds)
        self.wary = True
