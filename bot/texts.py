"""What the bot says, in a person's language: gettext, plurals, dates, numbers.

The English sentences in the code are the source; `bot/locale/<language>/LC_MESSAGES/bot.po` hold
the translations and `scripts/catalogues` keeps them in step. English needs neither a catalogue
nor Babel, so that a command that speaks only English starts fast.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

_LOCALE = Path(__file__).parent / "locale"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def N_(text: str) -> str:
    """Mark a text for extraction only; it is translated later, where it is said."""
    return text


# The order of day, month and year is each catalogue's choice; the letters are CLDR's
# (https://unicode.org/reports/tr35/tr35-dates.html#Date_Format_Patterns).
_DAY = N_("EEE d MMM")
_DAY_OF_YEAR = N_("EEE d MMM y")
_PART = N_(", ")


class Texts:
    """Speaks one language. Calling it translates an English sentence and fills in the values."""

    def __init__(self, language: str, catalogue: NullTranslations) -> None:
        self.language = language
        self._catalogue = catalogue

    def __call__(self, text: str, /, **values: object) -> str:
        """`text` in the language, `{names}` replaced by the values.

        A translation whose placeholders do not fit falls back to the English; an English text
        that does not fit raises KeyError, for it is a mistake in the code.
        """
        return _filled(self._catalogue.gettext(text) if text else "", text, values)

    def plural(self, one: str, many: str, n: int, /, **more: object) -> str:
        """The text for `n` things; `{n}` is the number as the language writes it."""
        values = {"n": self.number(n), **more}
        return _filled(self._catalogue.ngettext(one, many, n), one if n == 1 else many, values)

    def day(self, date: dt.date, *, year: bool = False) -> str:
        """ "Fri 26 Dec", "12月26日 周五", "12월 26일 (금)"; with the year when asked."""
        if self.language == "en":
            text = f"{_DAYS[date.weekday()]} {date.day} {_MONTHS[date.month - 1]}"
            return f"{text} {date.year}" if year else text
        from babel.dates import format_date

        pattern = self._catalogue.gettext(_DAY_OF_YEAR if year else _DAY)
        return format_date(date, pattern, locale=self.language)

    def time(self, time: dt.time) -> str:
        """Hours and minutes: "09:00"."""
        return f"{time:%H:%M}"

    def moment(
        self, instant: dt.datetime, zone: str | dt.tzinfo, *, now: dt.datetime | None = None
    ) -> str:
        """An instant on the clock of `zone`: "11:45" on the day of `now`, else with its day.

        Raises zoneinfo.ZoneInfoNotFoundError for a zone that does not exist.
        """
        where = ZoneInfo(zone) if isinstance(zone, str) else zone
        local = instant.astimezone(where)
        today = now.astimezone(where).date() if now else None
        if local.date() == today:
            return self.time(local.time())
        other_year = today is not None and today.year != local.year
        return f"{self.day(local.date(), year=other_year)} {self.time(local.time())}"

    def number(self, n: int) -> str:
        """A whole number with its thousands marked: "12,345"."""
        if self.language == "en" or -1000 < n < 1000:
            return f"{n:,}"
        from babel.numbers import format_decimal

        return format_decimal(n, locale=self.language)

    def list(self, items: Iterable[str]) -> str:
        """ "A, B and C"; empty for nothing."""
        names = [*items]
        if len(names) < 2:
            return "".join(names)
        if self.language == "en":
            return f"{', '.join(names[:-1])} and {names[-1]}"
        if self.language == "zh":  # beside Latin letters its "and" stands with room around it
            *before, last = names
            latin = any(sign.isascii() for sign in before[-1][-1:] + last[:1])
            return f"{'、'.join(before)}{' 和 ' if latin else '和'}{last}"
        from babel.lists import format_list

        return format_list(names, locale=self.language)

    def series(self, items: Iterable[str]) -> str:
        """ "A, B, C": facts or words one behind the other, parted as the language does it."""
        return self(_PART).join(items)

    def __repr__(self) -> str:
        return f"Texts({self.language!r})"


def _filled(translated: str, english: str, values: dict[str, Any]) -> str:
    if not values:
        return translated
    try:
        return translated.format(**values)
    except (LookupError, ValueError, AttributeError, TypeError):
        return english.format(**values)


@lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """Codes of the languages that the bot speaks, English first."""
    return ("en", *sorted(file.parts[-3] for file in _LOCALE.glob("*/LC_MESSAGES/bot.mo")))


@lru_cache(maxsize=256)
def texts(language: str) -> Texts:
    """The texts of a language ("zh", also "zh-CN" or "zh_Hans"); English when it is unknown."""
    code = re.split(r"[-_.@]", language.strip().lower(), maxsplit=1)[0]
    if code not in languages() or code == "en":
        return _ENGLISH
    try:
        with (_LOCALE / code / "LC_MESSAGES" / "bot.mo").open("rb") as file:
            return Texts(code, GNUTranslations(file))
    except (OSError, UnicodeDecodeError, ValueError):
        return _ENGLISH  # a damaged catalogue must not silence the bot


_ENGLISH = Texts("en", NullTranslations())
