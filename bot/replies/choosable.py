"""The settings of a channel: what each is called, shows and accepts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from bot import choices
from bot.channels import Channel, Limits, PlaceKind
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
    label: str = ""  # msgid: what a menu calls it
    quick: tuple[str, ...] = ()  # values that a menu offers, as they are typed
    needs: bool = False  # only where the platform's limits name it
    places: frozenset[PlaceKind] = frozenset(PlaceKind)  # where it does something


_PUBLIC = frozenset(PlaceKind) - {PlaceKind.PRIVATE}
_ZONES = (
    "Asia/Seoul", "Asia/Shanghai", "Asia/Tokyo", "Asia/Singapore", "Asia/Kolkata", "Europe/Paris",
    "Europe/London", "America/New_York", "America/Chicago", "America/Los_Angeles", "UTC",
)  # fmt: skip
_VALUES = {
    "daily": N_("every day"), "mon-fri": N_("Monday to Friday"), "mon": N_("Mondays"),
    "mon,wed,fri": N_("Mon, Wed, Fri"),
    "packed": N_("packed"), "cards": N_("a message per paper"), "compact": N_("one list"),
    "thread": N_("in a thread"),
    "closed": N_("when the list is closed"), "fresh": N_("what is there at the hour"),
    "never": N_("silent"), "once": N_("said once"), "always": N_("always said"),
    "default": N_("Hugging Face's list"), "all": N_("all"),
    "first": N_("first message"), "none": N_("none"), "on": N_("on"), "off": N_("off"),
    "arxiv": "arXiv", "hf": "Hugging Face",
}  # fmt: skip


def value_name(chosen: Setting, value: str, t: Texts) -> str:
    """What a menu calls a value."""
    if chosen.name == "zone":
        return choices.place(value, t.language)
    if chosen.name == "language":
        return choices.language_name(value)
    return t(_VALUES[value]) if value in _VALUES else value


def _quiet(channel: Channel) -> str:
    if channel.quiet_from is None or channel.quiet_to is None:
        return "off"
    return f"{channel.quiet_from:%H:%M}-{channel.quiet_to:%H:%M}"


def _with_quiet(channel: Channel, text: str, most: int, t: Texts) -> Channel:
    start, end = choices.quiet(text, t) or (None, None)
    return replace(channel, quiet_from=start, quiet_to=end)


def _onoff(value: bool) -> str:
    return "on" if value else "off"


SETTINGS: Final[tuple[Setting, ...]] = (
    Setting(
        "hour",
        N_("When the digest comes, local time"),
        "9 · 9:30 · 9am",
        lambda c: f"{c.hour:%H:%M}",
        lambda c, text, most, t: replace(c, hour=choices.hour(text, t)),
        timed=True,
        label=N_("Hour"),
        quick=("07:00", "08:00", "09:00", "10:00", "11:00", "12:00", "18:00", "21:00"),
    ),
    Setting(
        "zone",
        N_("Your clock: a city or an IANA name"),
        "Seoul · Europe/Paris",
        lambda c: c.zone,
        lambda c, text, most, t: replace(c, zone=choices.zone(text, t)),
        timed=True,
        label=N_("Zone"),
        quick=_ZONES,
    ),
    Setting(
        "days",
        N_("On which weekdays"),
        "daily · mon-fri · mon,wed,fri",
        lambda c: choices.weekdays_text(c.days),
        lambda c, text, most, t: replace(c, days=choices.weekdays(text, t)),
        timed=True,
        label=N_("Days"),
        quick=("daily", "mon-fri", "mon,wed,fri", "mon"),
    ),
    Setting(
        "language",
        N_("The language of everything said here"),
        "en · zh · ko",
        lambda c: c.language,
        lambda c, text, most, t: replace(c, language=choices.language(text, t)),
        label=N_("Language"),
        quick=("en", "zh", "ko"),
    ),
    Setting(
        "limit",
        N_("Most cards of a digest; the rest is a list"),
        "1 … {most}",
        lambda c: str(c.limit),
        lambda c, text, most, t: replace(c, limit=choices.limit(text, most, t)),
        label=N_("Cards"),
        quick=("3", "5", "10", "20", "30", "50"),
    ),
    Setting(
        "layout",
        N_("How the cards are laid out"),
        "packed · cards · compact · thread",
        lambda c: c.layout.value,
        lambda c, text, most, t: replace(c, layout=choices.layout(text, t)),
        label=N_("Layout"),
        quick=("packed", "cards", "compact", "thread"),
    ),
    Setting(
        "when",
        N_("Only closed lists, or what is there at the hour"),
        "closed · fresh",
        lambda c: c.when.value,
        lambda c, text, most, t: replace(c, when=choices.when(text, t)),
        label=N_("Lists"),
        quick=("closed", "fresh"),
    ),
    Setting(
        "empty",
        N_("Whether a digest without papers speaks"),
        "never · once · always",
        lambda c: c.empty.value,
        lambda c, text, most, t: replace(c, empty=choices.empty(text, t)),
        label=N_("Empty days"),
        quick=("never", "once", "always"),
    ),
    Setting(
        "sources",
        N_("Without topics: Hugging Face's list, or every source's"),
        "default · all",
        lambda c: c.follow.value,
        lambda c, text, most, t: replace(c, follow=choices.follow(text, t)),
        label=N_("Sources"),
        quick=("default", "all"),
    ),
    Setting(
        "links",
        N_("Where titles lead"),
        "arxiv · hf",
        lambda c: c.links,
        lambda c, text, most, t: replace(c, links=choices.links(text, t)),
        label=N_("Links"),
        quick=("arxiv", "hf"),
    ),
    Setting(
        "sound",
        N_("Which messages of a digest ring"),
        "first · all · none",
        lambda c: c.sound,
        lambda c, text, most, t: replace(c, sound=choices.sound(text, t)),
        label=N_("Sound"),
        quick=("first", "all", "none"),
    ),
    Setting(
        "quiet",
        N_("Hours in which nothing comes unasked"),
        "22:00-07:00 · off",
        _quiet,
        _with_quiet,
        timed=True,
        label=N_("Quiet hours"),
        quick=("off", "22:00-07:00", "23:00-08:00", "20:00-08:00"),
    ),
    Setting(
        "ping",
        N_("A role that is mentioned once a day, with the digest"),
        "@role · off",
        lambda c: f"<@&{c.ping}>" if c.ping else "off",
        lambda c, text, most, t: replace(c, ping=choices.role(text, t)),
        label=N_("Mention a role"),
        quick=("off",),
        needs=True,
        places=_PUBLIC,
    ),
    Setting(
        "tag",
        N_("The forum tag that posts bear"),
        "a tag's name · off",
        lambda c: c.tag or "off",
        lambda c, text, most, t: replace(c, tag=choices.tag(text, t)),
        label=N_("Forum tag"),
        quick=("off",),
        needs=True,
        places=frozenset({PlaceKind.FORUM}),
    ),
    Setting(
        "crosspost",
        N_("Publish to the channels that follow this one"),
        "on · off",
        lambda c: _onoff(c.crosspost),
        lambda c, text, most, t: replace(c, crosspost=choices.switch(text, t)),
        label=N_("Publish"),
        quick=("on", "off"),
        needs=True,
        places=frozenset({PlaceKind.BROADCAST}),
    ),
    Setting(
        "previews",
        N_("Answer a posted link to a paper with its card"),
        "on · off",
        lambda c: _onoff(c.link_cards),
        lambda c, text, most, t: replace(c, link_cards=choices.switch(text, t)),
        label=N_("Cards for links"),
        quick=("on", "off"),
        needs=True,
        places=_PUBLIC - {PlaceKind.BROADCAST},
    ),
)
_OTHER_NAMES = {
    "time": "hour", "at": "hour", "timezone": "zone", "tz": "zone", "city": "zone", "day": "days",
    "weekdays": "days", "lang": "language", "cards": "limit", "source": "sources",
    "follow": "sources", "link": "links", "sounds": "sound", "hours": "hour", "role": "ping",
    "mention": "ping", "preview": "previews", "publish": "crosspost", "tags": "tag",
}  # fmt: skip
BY_NAME: Final = {setting.name: setting for setting in SETTINGS}


def settings_of(limits: Limits) -> tuple[Setting, ...]:
    """Those that a platform has."""
    return tuple(one for one in SETTINGS if not one.needs or one.name in limits.settings)


def named(word: str) -> str | None:
    """The name of the setting that a word is, or is also called; None for any other word."""
    typed = choices.bare(word[:64])
    typed = _OTHER_NAMES.get(typed, typed)
    return typed if typed in BY_NAME else None


def setting(name: str, t: Texts, limits: Limits) -> Setting:
    """The setting of a name, or of what people also call it. Raises NotFound with the names."""
    typed = choices.bare(name[:64])
    typed = _OTHER_NAMES.get(typed, typed)
    here = {one.name: one for one in settings_of(limits)}
    if typed in here:
        return here[typed]
    raise NotFound(
        t(
            'There is no setting "{name}". There are: {names}.',
            name=name[:40],
            names=t.series(here),
        )
    )
