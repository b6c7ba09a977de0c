"""What people type for a setting, understood: each raises Usage with one sentence and an example.

Every function takes the texts of a language (`t`, English when left out) for its sentence.
"""

from bot.choices.days import day, pause_days, weekdays, weekdays_text
from bot.choices.hours import hour, quiet
from bot.choices.typed import bare
from bot.choices.words import (
    empty,
    follow,
    known_language,
    language,
    language_name,
    layout,
    limit,
    links,
    role,
    sound,
    switch,
    tag,
    when,
)
from bot.choices.zones import place, zone, zone_candidates

__all__ = [
    "bare",
    "day",
    "empty",
    "follow",
    "hour",
    "known_language",
    "language",
    "language_name",
    "layout",
    "limit",
    "links",
    "pause_days",
    "place",
    "quiet",
    "role",
    "sound",
    "switch",
    "tag",
    "weekdays",
    "weekdays_text",
    "when",
    "zone",
    "zone_candidates",
]
