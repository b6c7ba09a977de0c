"""What Discord's answers and broken connections mean in our words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from bot.channels import Outcome, Verdict
from bot.texts import N_

if TYPE_CHECKING:
    import discord

_WEEK = 604_800.0  # seconds; who asks for a longer pause is mistaken
# Codes: https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
THREAD_THERE = 160004  # a thread was already opened on this message
NO_REPLY: Final = frozenset({10008, 160002})  # to a message that is gone; without seeing it
CHANNEL_GONE: Final = frozenset(
    {
        10003,  # unknown channel
        10004,  # unknown server
        10013,  # unknown person
        40007,  # the bot is banned from the server
        50001,  # missing access
        50007,  # cannot send messages to this person
        50009,  # the server asks for a verification that the bot has not
        50013,  # missing permissions
        50033,  # invalid recipient
        50278,  # no server in common with this person
    }
)
NO_RIGHT: Final = frozenset({50001, 50013})
_NOT_SEEN = 50001
_TOKEN = 50014
_THREAD_GONE: Final = frozenset({50083, 160005})  # archived; locked
_CONTENT: Final = frozenset(
    {
        10008,  # the message to be edited, or that a thread would open on, is gone
        20009,  # explicit content
        50003,  # not in a private chat: a thread
        50005,  # somebody else's message cannot be edited
        50021,  # nor can what Discord itself said
        50008,  # nothing but posts in a forum, whose post was refused
        50024,  # not in a channel of this kind
        50068,  # nor can a message of this kind
        200000,  # filters of the server: text …
        200001,  # … and title
        240000,  # Discord's own filter of links
        400001,  # no files on this server
    }
)
_TOO_FAST: Final = frozenset(
    {
        20016,  # slow mode
        20022,  # edits of announcements
        20028,  # writing in the channel
        20029,  # writing on the server
        30046,  # edits of old messages
        40003,  # private chats opened too fast
        40062,  # a resource
        130000,  # overloaded
    }
)
_TAG: Final = frozenset({40066, 40067, 10087})  # there is none to set; one is required; it is gone
_MENDED: Final = frozenset(  # by people, or by Discord
    {
        40002,  # the bot's account must be verified
        40004,  # sending is switched off
        40006,  # the feature is switched off
        40333,  # Cloudflare does not like us
        50178,  # the account must be verified
        110001,  # not available yet
        160006,  # too many active threads
        160007,
    }
)
_LATER = 600.0  # seconds; for what has to be mended first
_SLOW = 60.0  # seconds; a limit that does not say how long
BANNED = 300.0  # seconds; a 429 that does not say how long
TAG = N_("Tag (/settings tag)")  # what a forum's posts lack


class Held(ConnectionError):
    """A call that did not leave: a limit would have made it wait.

    A ConnectionError, so that discord.py mends what it keeps up when such a call ends in it.
    """

    def __init__(self, retry_after: float, *, everywhere: bool = False) -> None:
        super().__init__(f"Not sent: a limit asks for {retry_after:.1f} s.")
        self.retry_after = retry_after  # seconds
        self.everywhere = everywhere


class Lost(Exception):
    """The answer was lost, and the call does not leave again by itself."""


class Answered(Exception):
    """An answer that ends the attempt at once, before discord.py tries again by itself."""

    def __init__(self, status: int, retry_after: float | None, everywhere: bool) -> None:
        super().__init__(f"Discord answered {status}.")
        self.status = status
        self.retry_after = retry_after  # seconds
        self.everywhere = everywhere


def outcome_of(error: BaseException, *, left: bool = True, in_thread: bool = False) -> Outcome:
    """The outcome of a call that ended in `error`.

    `left` tells whether any of the request had left when it ended so; `in_thread` whether it went
    to a thread of the channel. The outcome names no address of the request, for an interaction's
    holds a token.
    """
    import aiohttp
    import discord

    match error:
        case Held():
            return _too_fast(error.retry_after, everywhere=error.everywhere, said=str(error))
        case Answered():
            return _answered(error, left)
        case discord.LoginFailure():
            return Outcome(Verdict.TOKEN_REFUSED, error="Discord refused the token.")
        case discord.RateLimited():
            return _too_fast(error.retry_after)
        case discord.HTTPException():
            return _of_http(error, left, in_thread)
        case aiohttp.RedirectClientError():
            pass  # of an answer
        case (
            aiohttp.ClientConnectorError()  # names, certificates, refused connections
            | aiohttp.ConnectionTimeoutError()
            | aiohttp.ClientHttpProxyError()
            | aiohttp.ServerFingerprintMismatch()
            | aiohttp.InvalidURL()
            | aiohttp.NonHttpUrlClientError()
        ):
            return Outcome(Verdict.NOT_SENT, error=f"No connection ({type(error).__name__}).")
    verdict = _lost(left)
    if isinstance(error, TimeoutError):
        return Outcome(verdict, error="No answer in time.")
    if isinstance(error, discord.DiscordException | aiohttp.ClientError | OSError | Lost):
        return Outcome(verdict, error=f"The connection broke ({type(error).__name__}).")
    return Outcome(verdict, error=f"The call failed ({type(error).__name__}).")


def _lost(left: bool) -> Verdict:
    return Verdict.UNKNOWN if left else Verdict.NOT_SENT


def _answered(error: Answered, left: bool) -> Outcome:
    if error.status == 429:
        return _too_fast(error.retry_after, everywhere=error.everywhere)
    return Outcome(_lost(left), error=str(error))


def _too_fast(
    seconds: float | None, *, everywhere: bool = False, said: str = "Discord asks for a pause."
) -> Outcome:
    return Outcome(Verdict.TOO_FAST, retry_after=seconds, everywhere=everywhere, error=said)


def _of_http(error: discord.HTTPException, left: bool, in_thread: bool) -> Outcome:
    said = _said(error)
    status, code = error.status, error.code
    if status == 401 or code == _TOKEN:
        return Outcome(Verdict.TOKEN_REFUSED, error="Discord refused the token.")
    if status == 429:
        # discord.py gives up a 429 that did not come from Discord's own gate: the address of
        # this machine is blocked for a while.
        pause = seconds(getattr(error.response, "headers", {}))
        return _too_fast(pause or BANNED, everywhere=True)
    if status < 500 and code in _TOO_FAST:
        return _too_fast(seconds(getattr(error.response, "headers", {})) or _SLOW, said=said)
    if code in _TAG:
        return Outcome(Verdict.NOT_SENT, retry_after=_LATER, error=said, missing=(TAG,))
    if status < 500 and code in _MENDED:
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
    return Outcome(_lost(left), error=said)


def _said(error: discord.HTTPException) -> str:
    """The error in one short line; its text is Discord's about our own call."""
    text = " ".join((error.text or "").split())[:200]
    return f"Discord answered {error.status} ({error.code}): {text}".rstrip(": ")


def seconds(headers: Any) -> float | None:
    """How long a 429 asks to wait."""
    for name in ("Retry-After", "X-RateLimit-Reset-After"):
        try:
            return span(headers[name])
        except (KeyError, TypeError, ValueError):
            continue
    return None


def span(said: Any) -> float:
    """So many seconds, from nothing to a week. Raises ValueError, TypeError for no number."""
    try:
        seconds = float(said)
    except OverflowError:  # an integer of hundreds of digits
        seconds = math.inf
    if math.isnan(seconds):
        raise ValueError("not a number")
    return min(max(seconds, 0.0), _WEEK)
