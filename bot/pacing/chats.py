"""What single chats may get, counted as strictly as a platform could count it."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.channels import Address, Allowance

_LONGEST_WAIT = 60.0  # seconds from the claim of a message to its call; then it is not expected


@dataclass(slots=True)
class _Chat:
    """What one chat got lately. An ended call counts from its end: it arrived before that."""

    allowances: tuple[Allowance, ...]
    taken: deque[float] = field(default_factory=deque)  # claimed, not called yet: since when
    on_way: int = 0
    ends: deque[float] = field(default_factory=deque)
    closed: float = 0.0  # until when nothing goes there

    def forget(self, now: float) -> None:
        """Leave out what does not count any more."""
        while self.taken and self.taken[0] + _LONGEST_WAIT <= now:
            self.taken.popleft()
        while self.ends and self.ends[0] + self.longest <= now:
            self.ends.popleft()

    @property
    def longest(self) -> float:
        return max([one.seconds for one in self.allowances], default=0.0)

    def free_in(self, now: float) -> float:
        open_calls = len(self.taken) + self.on_way
        wait = max(0.0, self.closed - now)
        for one in self.allowances:
            ended = [end for end in self.ends if end + one.seconds > now]
            over = open_calls + len(ended) - one.calls  # so many must leave, and one more
            if over < 0:
                continue
            # A call that has not ended yet ends now at the earliest.
            left = ended[over] + one.seconds - now if over < len(ended) else one.seconds
            wait = max(wait, left)
        return wait

    def over(self, now: float) -> float | None:
        """When to look again whether it can be forgotten; None: it can."""
        self.forget(now)
        if self.taken or self.on_way or self.ends:
            return now + max(self.longest, 1.0)
        return self.closed if self.closed > now else None


class Chats:
    """The chats of one token. What threads get counts for their chat.

    Nothing is kept of a chat once it may get everything again.
    """

    def __init__(self, allowances: Callable[[Address], tuple[Allowance, ...]]) -> None:
        self._allowances = allowances
        self._chats: dict[str, _Chat] = {}
        self._looks: list[tuple[float, str]] = []  # a heap: when to look at whom again

    def __len__(self) -> int:
        return len(self._chats)

    def free_in(self, address: Address, now: float) -> float:
        """Seconds until the chat may get its next message; 0: now."""
        chat = self._chats.get(_name(address))
        if chat is None:
            return 0.0
        chat.forget(now)
        return chat.free_in(now)

    def take(self, address: Address, now: float) -> None:
        """A message for it was claimed; its call follows."""
        self._chat(address, now).taken.append(now)

    def leave(self, address: Address, now: float) -> None:
        """What was taken is not sent."""
        chat = self._chat(address, now)
        if chat.taken:
            chat.taken.popleft()

    def begin(self, address: Address, now: float, *, claimed: bool) -> None:
        """A call to it begins: of a claimed message, or of an answer."""
        chat = self._chat(address, now)
        if claimed and chat.taken:
            chat.taken.popleft()
        chat.on_way += 1

    def end(self, address: Address, now: float) -> None:
        """The call ended."""
        chat = self._chat(address, now)
        chat.on_way -= 1
        if chat.allowances:
            chat.ends.append(now)

    def close(self, address: Address, until: float, now: float) -> None:
        """Nothing may go there until then."""
        chat = self._chat(address, now)
        chat.closed = max(chat.closed, until)

    def _chat(self, address: Address, now: float) -> _Chat:
        while self._looks and self._looks[0][0] <= now:
            name = heapq.heappop(self._looks)[1]
            if (again := self._chats[name].over(now)) is None:
                del self._chats[name]
            else:
                heapq.heappush(self._looks, (again, name))
        name = _name(address)
        if (chat := self._chats.get(name)) is None:
            chat = self._chats[name] = _Chat(self._allowances(address))
            heapq.heappush(self._looks, (now + max(chat.longest, 1.0), name))
        return chat


def _name(address: Address) -> str:
    """One name for a person's private chat, which is also called "@" and the person's id."""
    return address.chat.removeprefix("@")
