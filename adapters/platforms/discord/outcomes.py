"""What Discord's answers and broken connections mean in our words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bot.channels import Outcome, Verdict
from bot.texts import N_

if TYPE_CHECKING:
    import discord

# Codes: https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
THREAD_THERE = 160004  # a thread was already opened on this message
CHANNEL_GONE: Final = frozenset(
    {
        10003,  # unknown channel
        10004,  # unknown server
        50001,  # missing access
        50007,  # cannot send messages to this person
        50013,  # missing permissions
        50278,  # no server in common with this person
    }
)
NO_RIGHT: Final = frozenset({50001, 50013})
_NOT_SEEN = 50001
_THREAD_GONE: Final = frozenset({50083, 160005})  # archived; locked
_CONTENT: Final = frozenset({10008, 20009, 200000, 200001, 240000})  # the message that a thread
# would open on is gone; the others: filters of the server or of Discord
_TAG: Final = frozenset({40067, 10087})  # a tag is required; it is gone
_FULL: Final = frozenset({160006, 160007})  # too many active threads
_LATER = 600.0  # seconds; for what people have to mend first
_BANNED = 300.0  # seconds; a 429 that does not say how long
TAG = N_("Tag (/settings tag)")  # what a forum's posts lack


class Answered(Exception):
    """An answer that ends the attempt at once, before discord.py tries again by itself."""

    def __init__(self, status: int, retry_after: float | None, everywhere: bool) -> None:
        super().__init__(f"Discord answered {status}.")
        self.status = status
        self.retry_after = retry_after  # seconds
        self.everywhere = everywhere


def outcome_of(error: BaseException, *, left: bool = True, in_thread: bool = False) -> Outcome:
    """The outcome of a call that ended in `error`.

    `left` tells whether any of the request had left when the connection broke or the time was
    over; `in_thread` whether the call went to a thread of the channel. Its text names no address
    of the request, for an interaction's holds a token.
    """
    import aiohttp
    import discord

    match error:
        case Answered():
            return _answered(error)
        case discord.LoginFailure():
            return Outcome(Verdict.TOKEN_REFUSED, error="Discord refused the token.")
        case discord.RateLimited():
            return _too_fast(error.retry_after)
        case discord.HTTPException():
            return _of_http(error, in_thread)
        case (
            aiohttp.ClientConnectorError()  # names, certificates, refused connections
            | aiohttp.ConnectionTimeoutError()
            | aiohttp.ClientHttpProxyError()
            | aiohttp.InvalidURL()
        ):
            return Outcome(Verdict.NOT_SENT, error=f"No connection ({type(error).__name__}).")
    verdict = Verdict.UNKNOWN if left else Verdict.NOT_SENT
    if isinstance(error, TimeoutError):
        return Outcome(verdict, error="No answer in time.")
    if isinstance(error, discord.DiscordException | aiohttp.ClientError | OSError):
        return Outcome(verdict, error=f"The connection broke ({type(error).__name__}).")
    return Outcome(verdict, error=f"The call failed ({type(error).__name__}).")


def _answered(error: Answered) -> Outcome:
    if error.status == 429:
        return _too_fast(error.retry_after, everywhere=error.everywhere)
    return Outcome(Verdict.UNKNOWN, error=str(error))


def _too_fast(seconds: float | None, *, everywhere: bool = False) -> Outcome:
    return Outcome(
        Verdict.TOO_FAST,
        retry_after=seconds,
        everywhere=everywhere,
        error="Discord asks for a pause.",
    )


def _of_http(error: discord.HTTPException, in_thread: bool) -> Outcome:
    said = _said(error)
    status, code = error.status, error.code
    if status == 401:
        return Outcome(Verdict.TOKEN_REFUSED, error="Discord refused the token.")
    if status == 429:
        # discord.py gives up a 429 that did not come from Discord's own gate: the address of
        # this machine is blocked for a while.
        pause = seconds(getattr(error.response, "headers", {}))
        return _too_fast(pause or _BANNED, everywhere=True)
    if code in _TAG:
        return Outcome(Verdict.NOT_SENT, retry_after=_LATER, error=said, missing=(TAG,))
    if code in _FULL:
        return Outcome(Verdict.NOT_SENT, retry_after=_LATER, error=said)
    if code in _THREAD_GONE:
        return Outcome(Verdict.THREAD_GONE, error=said)
    if code in _CONTENT:
        return Outcome(Verdict.CONTENT_REFUSED, error=said)
    if code in CHANNEL_GONE or (status == 403 and code):
        gone = in_thread and code == 10003
        missing = ("View Channel",) if code == _NOT_SEEN else ()
        return Outcome(
            Verdict.THREAD_GONE if gone else Verdict.CHAT_GONE, error=said, missing=missing
        )
    if status in (403, 404) and not code:  # not Discord's API: a filter, or a wrong base address
        return Outcome(Verdict.NOT_SENT, retry_after=_LATER, error=said)
    if 400 <= status < 500 and status != 408:
        return Outcome(Verdict.CONTENT_REFUSED, error=said)
    return Outcome(Verdict.UNKNOWN, error=said)


def _said(error: discord.HTTPException) -> str:
    """The error in one short line; its text is Discord's about our own call."""
    text = " ".join((error.text or "").split())[:200]
    return f"Discord answered {error.status} ({error.code}): {text}".rstrip(": ")


def seconds(headers: Any) -> float | None:
    """How long a 429 asks to wait."""
    for name in ("Retry-After", "X-RateLimit-Reset-After"):
        try:
            return float(headers[name])
        except (KeyError, TypeError, ValueError):
            continue
    return None
