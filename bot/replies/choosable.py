"""The settings of a channel: what each is called, shows and accepts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from bot import choices
from bot.channels import Channel
from bot.errors import NotFound
from bot.texts import N_, Texts


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting, by the name it is typed with."""

    name: str
    summary: str  # msgid: what it does
    possible: str  # values to type; the same in every language
    shown: Callable[[Channel], str]  # the value as it can be typed again
    change: Callable[[Channel, str, int, Texts], Channel]  # (channel, typed, most cards, texts)
    timed: bool = False  # whether the next digest's time depends on it


def _quiet(channel: Channel) -> str:
    if channel.quiet_from is None or channel.quiet_to is None:
        return "off"
    return f"{channel.quiet_from:%H:%M}-{channel.quiet_to:%H:%M}"


def _with_quiet(channel: Channel, text: str, most: int, t: Texts) -> Channel:
    start, end = choices.quiet(text, t) or (None, None)
    return replace(channel, quiet_from=start, quiet_to=end)


SETTINGS: Final[tuple[Setting, ...]] = (
    Setting(
        "hour",
        N_("When the digest comes, local time"),
        "9 · 9:30 · 9am",
        lambda c: f"{c.hour:%H:%M}",
        lambda c, text, most, t: replace(c, hour=choices.hour(text, t)),
        timed=True,
    ),
    Setting(
        "zone",
        N_("Your clock: a city or an IANA name"),
        "Seoul · Europe/Paris",
        lambda c: c.zone,
        lambda c, text, most, t: replace(c, zone=choices.zone(text, t)),
        timed=True,
    ),
    Setting(
        "days",
        N_("On which weekdays"),
        "daily · mon-fri · mon,wed,fri",
        lambda c: choices.weekdays_text(c.days),
        lambda c, text, most, t: replace(c, days=choices.weekdays(text, t)),
        timed=True,
    ),
    Setting(
        "language",
        N_("The language of everything said here"),
        "en · zh · ko",
        lambda c: c.language,
        lambda c, text, most, t: replace(c, language=choices.language(text, t)),
    ),
    Setting(
        "limit",
        N_("Most cards of a digest; the rest is a list"),
        "1 … {most}",
        lambda c: str(c.limit),
        lambda c, text, most, t: replace(c, limit=choices.limit(text, most, t)),
    ),
    Setting(
        "layout",
        N_("How the cards are laid out"),
        "packed · cards · compact · thread",
        lambda c: c.layout.value,
        lambda c, text, most, t: replace(c, layout=choices.layout(text, t)),
    ),
    Setting(
        "when",
        N_("Only closed lists, or what is there at the hour"),
        "closed · fresh",
        lambda c: c.when.value,
        lambda c, text, most, t: replace(c, when=choices.when(text, t)),
    ),
    Setting(
        "empty",
        N_("Whether a digest without papers speaks"),
        "never · once · always",
        lambda c: c.empty.value,
        lambda c, text, most, t: replace(c, empty=choices.empty(text, t)),
    ),
    Setting(
        "sources",
        N_("Without topics: Hugging Face's list, or every source's"),
        "default · all",
        lambda c: c.follow.value,
        lambda c, text, most, t: replace(c, follow=choices.follow(text, t)),
    ),
    Setting(
        "links",
        N_("Where titles lead"),
        "arxiv · hf",
        lambda c: c.links,
        lambda c, text, most, t: replace(c, links=choices.links(text, t)),
    ),
    Setting(
        "sound",
        N_("Which messages of a digest ring"),
        "first · all · none",
        lambda c: c.sound,
        lambda c, text, most, t: replace(c, sound=choices.sound(text, t)),
    ),
    Setting(
        "quiet",
        N_("Hours in which nothing comes unasked"),
        "22:00-07:00 · off",
        _quiet,
        _with_quiet,
        timed=True,
    ),
)
_OTHER_NAMES = {
    "time": "hour", "at": "hour", "timezone": "zone", "tz": "zone", "city": "zone", "day": "days",
    "weekdays": "days", "lang": "language", "cards": "limit", "source": "sources",
    "follow": "sources", "link": "links", "sounds": "sound", "hours": "hour",
}  # fmt: skip
BY_NAME: Final = {setting.name: setting for setting in SETTINGS}


def setting(name: str, t: Texts) -> Setting:
    """The setting of a name, or of what people also call it. Raises NotFound with the names."""
    typed = choices.bare(name[:64])
    typed = _OTHER_NAMES.get(typed, typed)
    if typed in BY_NAME:
        return BY_NAME[typed]
    raise NotFound(
        t(
            'There is no setting "{name}". There are: {names}.',
            name=name[:40],
            names=", ".join(BY_NAME),
        )
    )
