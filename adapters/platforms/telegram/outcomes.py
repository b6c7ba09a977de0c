"""What a failed call means: python-telegram-bot's errors and Telegram's sentences as Outcomes.

Kinds of answers: https://core.telegram.org/bots/api#making-requests; the sentences themselves are
documented nowhere, they were gathered in the field and from the sources of the Bot API server.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.channels import Address, Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from telegram.error import RetryAfter

SHORTEST_PAUSE = 1.0  # seconds, when a 429 names none

_THREAD_GONE = re.compile(
    r"message thread not found|topic[_ ](?:id[_ ])?(?:deleted|closed|invalid)", re.I
)
_NO_RIGHT = re.compile(
    r"(?:have no|not enough) rights|chat_write_forbidden|need administrator rights"
    r"|chat_admin_required|chat_restricted|chat_send_\w+_forbidden|user_banned_in_channel",
    re.I,
)
_CHAT_GONE = re.compile(
    r"chat not found|peer_id_invalid|channel_(?:private|invalid)|chat_id_invalid"
    r"|user_deactivated|user_is_blocked|(?:group |supergroup |channel )?chat was deleted"
    r"|group chat was deactivated|chat is deactivated|user not found|bot_kicked"
    r"|bot was (?:kicked|blocked)|user is deactivated|chat_id is empty|user_is_bot"
    r"|have no write access|was upgraded to a supergroup",
    re.I,
)
_NOT_MODIFIED = re.compile(r"message is not modified", re.I)
_TOO_LARGE = re.compile(r"request entity too large|file is too big|\(413\)", re.I)
_TOO_MANY = re.compile(r"too many requests|\(429\)", re.I)


def outcome(error: Exception, address: Address, clean: Callable[[str], str] = str) -> Outcome:
    """What `error`, raised by a call to the chat of `address`, means. Never raises.

    `clean` takes secrets out of the sentence.
    """
    from telegram import error as errors

    said = clean(_sentence(error))
    if (page := _unread(error)) is not None:
        return _foreign(page, said)
    match error:
        case errors.ChatMigrated():
            moved = Address(address.platform, str(error.new_chat_id), address.thread)
            return Outcome(Verdict.MOVED, moved_to=moved, error=said)
        case errors.RetryAfter():
            return Outcome(Verdict.TOO_FAST, retry_after=_seconds(error), error=said)
        case errors.InvalidToken():
            return Outcome(Verdict.TOKEN_REFUSED, error="Telegram refuses the bot's token.")
        case errors.Conflict():
            return Outcome(Verdict.SECOND_INSTANCE, error=said)
        case errors.Forbidden():
            return _gone(said)
        case errors.BadRequest():
            return _refused(said)
        case errors.TimedOut() | errors.NetworkError():
            return _lost(error, said)
        case errors.EndPointNotFound() | errors.PassportDecryptionError():
            return Outcome(Verdict.CONTENT_REFUSED, error=said)
        case _:
            return Outcome(Verdict.UNKNOWN, error=said)


def not_modified(error: Exception) -> bool:
    """Whether an edit failed only because the message says this already: that is success."""
    from telegram.error import BadRequest

    return isinstance(error, BadRequest) and bool(_NOT_MODIFIED.search(str(error)))


def lost_message(error: Exception) -> bool:
    """Whether an edit failed because its message cannot be edited (any more)."""
    from telegram.error import BadRequest

    words = r"message to edit not found|message can't be edited|message_id_invalid|there is no text"
    return isinstance(error, BadRequest) and bool(re.search(words, str(error), re.I))


def _gone(said: str) -> Outcome:
    missing = ("Send Messages",) if _NO_RIGHT.search(said) else ()
    return Outcome(Verdict.CHAT_GONE, error=said, missing=missing)


def _refused(said: str) -> Outcome:
    """Most answers 400 are about the content; some say that the place is gone."""
    if _THREAD_GONE.search(said):
        return Outcome(Verdict.THREAD_GONE, error=said)
    if _NO_RIGHT.search(said) or _CHAT_GONE.search(said):
        return _gone(said)
    return Outcome(Verdict.CONTENT_REFUSED, error=said)


def _unread(error: BaseException) -> str | None:
    """The status of an answer that could not be read as the Bot API's; None when it could."""
    from telegram.error import TelegramError

    cause = error.__cause__
    if type(cause) is TelegramError:
        return str(error).partition(". Parsing the server response")[0]
    return None if cause is None else _unread(cause)


def _foreign(status: str, said: str) -> Outcome:
    """An answer of a server that stands before Telegram's: its "forbidden" says nothing about a
    chat, and its "not found" nothing about the token."""
    if _TOO_MANY.search(status):
        return Outcome(Verdict.TOO_FAST, retry_after=SHORTEST_PAUSE, error=said)
    if _TOO_LARGE.search(status):
        return Outcome(Verdict.CONTENT_REFUSED, error=said)
    return Outcome(Verdict.UNKNOWN, error=said)


def _lost(error: Exception, said: str) -> Outcome:
    """No answer that could be understood: was it sent? httpx says how far the call came."""
    import httpx

    cause = error.__cause__
    if isinstance(
        cause,
        httpx.ConnectError
        | httpx.ConnectTimeout
        | httpx.PoolTimeout
        | httpx.UnsupportedProtocol
        | httpx.InvalidURL
        | httpx.ProxyError,
    ):
        return Outcome(Verdict.NOT_SENT, error=said)
    if cause is None and _TOO_MANY.search(said):
        return Outcome(Verdict.TOO_FAST, retry_after=SHORTEST_PAUSE, error=said)
    if cause is None and _TOO_LARGE.search(said):
        return Outcome(Verdict.CONTENT_REFUSED, error=said)
    return Outcome(Verdict.UNKNOWN, error=said)


def _sentence(error: Exception) -> str:
    name = type(error.__cause__ or error).__name__
    text = str(error) or name
    return text if error.__cause__ is None or name in text else f"{text} ({name})"


def _seconds(error: RetryAfter) -> float:
    pause = error.retry_after  # a number or a time span, as PTB_TIMEDELTA says
    seconds = pause.total_seconds() if isinstance(pause, timedelta) else float(pause)
    return max(seconds, SHORTEST_PAUSE)
