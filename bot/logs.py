"""The log: one line an event on the error stream, as text or as JSON, and never a secret in it.

Modules log through `logging.getLogger(__name__)`; facts go into `extra`. Only the command line
calls `set_up`; until then (in tests, in an import) nothing is set up.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any, TextIO

# Theirs, and talkative: httpx writes whole addresses at INFO, and Telegram's hold the token.
_QUIET = (
    "httpx",
    "httpx2",
    "httpcore",
    "httpcore2",
    "hpack",
    "asyncio",
    "aiosqlite",
    "sqlalchemy",
    "alembic",
    "apscheduler",
    "discord",
    "telegram",
    "openai",
)
_MASK = "***"
_SHORTEST_SECRET = 6  # characters; a shorter "secret" would mask ordinary words
_FORMS = (
    (re.compile(r"\b(bot)?\d{6,}:[\w-]{30,}"), rf"\1{_MASK}"),  # Telegram's, also in addresses
    (re.compile(r"\b[\w-]{23,28}\.[\w-]{6}\.[\w-]{27,}"), _MASK),  # Discord's
    (re.compile(r"\b(hf_|sk-)[\w-]{16,}"), rf"\1{_MASK}"),  # Hugging Face's, OpenAI's
    (re.compile(r"\b(Bearer|Basic|Bot) [\w.+/=~-]{8,}"), rf"\1 {_MASK}"),
    (re.compile(r"(?i)(authorization\W{1,4}(?:(?:bearer|basic|bot) )?)[^\s'\",}]+"), rf"\1{_MASK}"),
    (re.compile(r"(://[^\s/:@]*):[^\s/@]+@"), rf"\1:{_MASK}@"),  # a password in an address
    (
        re.compile(r"(?i)([?&](?:access_)?(?:token|key|api_key|secret|password)=)[^\s&#'\"]+"),
        rf"\1{_MASK}",
    ),
)


def masked(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without the given secrets, and without what looks like one."""
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, _MASK)
    for form, instead in _FORMS:
        text = form.sub(instead, text)
    return text


def set_up(
    form: str = "text",
    *,
    level: int = logging.WARNING,
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
) -> None:
    """Send every log line to `stream` (the error stream) as `form`: "text" or "json".

    `level` holds for ours; other libraries are heard from WARNING on, also when debugging.
    Calling it again replaces what was set up.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_Lines(form, tuple(secrets)))
    root = logging.getLogger()
    for old in [*root.handlers]:
        if isinstance(old.formatter, _Lines):
            root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(True)


def hushed(text: str) -> str:
    """The text without what the log that is set up must not tell."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, _Lines):
            text = handler.formatter.masked(text)
    return masked(text)


class _Lines(logging.Formatter):
    """Renders by structlog, which is imported for the first line only: most runs have none."""

    def __init__(self, form: str, secrets: tuple[str, ...]) -> None:
        super().__init__()
        self._form = form
        self._secrets = secrets
        self._inner: logging.Formatter | None = None

    def format(self, record: logging.LogRecord) -> str:
        if self._inner is None:
            self._inner = _structured(self._form)
        return self.masked(self._inner.format(record))

    def masked(self, text: str) -> str:
        return masked(text, self._secrets)


def _structured(form: str) -> logging.Formatter:
    import structlog

    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        _without_leftovers,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    render = _as_json if form == "json" else _as_text
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
    )


def _without_leftovers(
    logger: object, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Another handler's formatter leaves these on the record; they are no facts."""
    event.pop("message", None)
    event.pop("asctime", None)
    return event


def _as_json(logger: object, method: str, event: MutableMapping[str, Any]) -> str:
    first = {name: event.pop(name) for name in ("timestamp", "level", "logger", "event")}
    return json.dumps({**first, **event}, ensure_ascii=False, default=str)


def _as_text(logger: object, method: str, event: MutableMapping[str, Any]) -> str:
    trace = event.pop("exception", None)
    head = f"{event.pop('timestamp')} {event.pop('level'):<8} {event.pop('event')}"
    where = event.pop("logger")
    facts = " ".join(f"{name}={_value(value)}" for name, value in event.items())
    line = f"{head} [{where}]{' ' if facts else ''}{facts}".replace("\n", "\\n")
    return f"{line}\n{trace}" if trace else line


def _value(value: object) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if re.search(r"[\s\"=]", text) or not text else text
