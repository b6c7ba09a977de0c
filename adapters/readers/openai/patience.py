"""How long a model is waited for, and how often it is asked again."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_LONGEST = 86_400.0 * 7  # seconds; what asks for more is taken for a mistake
_IN_WORDS = re.compile(r"(?:try again|retry) in (\d+(?:\.\d+)?) ?(ms|m?s\b|sec)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Patience:
    """For one form: the calls it needs, their retries and the waits between them."""

    tries: int = 3  # of one call, when a trouble may be over in a moment
    total: float = 300.0  # seconds, over everything
    attempt: float = 120.0  # seconds for one try; models on a small machine are slow
    pause: float = 1.0  # seconds before the second try; doubled for each further one
    longest_pause: float = 60.0  # seconds; who asks for more is asked again another time

    def pause_before(self, number: int) -> float:
        """Seconds before try `number` (2, 3 …), not the same for everybody."""
        return self.pause * 2.0 ** (number - 2) * random.uniform(0.75, 1.25)


def told_pause(headers: Mapping[str, str], message: str = "") -> float | None:
    """Seconds that the service asks to wait: by `retry-after-ms` (OpenAI), `Retry-After`
    (RFC 9110, 10.2.3; a date is measured from the answer's own `Date`) or in its message.
    """
    millis = headers.get("retry-after-ms", "").strip()
    if re.fullmatch(r"\d{1,9}", millis, re.ASCII):
        return min(int(millis) / 1000, _LONGEST)
    text = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text, re.ASCII):
        return min(float(text), _LONGEST)
    if (then := _http_date(text)) is not None:
        sent = _http_date(headers.get("date", "")) or datetime.now(UTC)
        return min(max((then - sent).total_seconds(), 0.0), _LONGEST)
    if found := _IN_WORDS.search(message):
        return min(float(found[1]) / (1000 if found[2].lower() == "ms" else 1), _LONGEST)
    return None


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
