"""What people type for a setting, understood: each raises Usage with one sentence and an example.

Every function takes the texts of a language (`t`, English when left out) for its sentence.
"""

from bot.choices.days import day, pause_days, weekdays
from bot.choices.hours import hour, quiet
from bot.choices.words import (
    empty,
    follow,
    language,
    language_name,
    layout,
    limit,
    links,
    sound,
    when,
)
from bot.choices.zones import zone, zone_candidates

__all__ = [
    "day",
    "empty",
    "follow",
    "hour",
    "language",
    "language_name",
    "layout",
    "limit",
    "links",
    "pause_days",
    "quiet",
    "sound",
    "weekdays",
    "when",
    "zone",
    "zone_candidates",
]
