"""Values for an option while it is typed: topics, papers, settings and their values."""

from __future__ import annotations

from collections.abc import Sequence

from bot import choices
from bot.cards.cut import clean, cut
from bot.cards.tex import readable
from bot.commands import BY_NAME
from bot.papers import Paper
from bot.ports import Suggestion
from bot.replies.asked import Asked
from bot.replies.begin import allowed
from bot.replies.choosable import setting, settings_of, value_name
from bot.replies.recent import commonest_keywords, recent

MOST = 25  # what a platform shows at once
_LABEL = 100  # characters of a suggestion, on the strictest platform
_DAYS = 30


async def suggestions(asked: Asked, option: str, typed: str) -> list[Suggestion]:
    """At most 25, best first; empty for an option that takes anything.

    Raises PaperboyError as any answer does.
    """
    command = BY_NAME.get(asked.request.command)
    known = {one.name: one for one in command.options} if command else {}
    if option not in known:
        return []
    kind = known[option].kind
    typed = typed.strip()
    if kind == "topic":
        found = await _topics(asked, typed)
    elif kind == "paper":
        found = await _papers(asked, typed)
    elif kind == "setting":
        found = _settings(asked, typed)
    elif kind == "value":
        found = _values(asked, typed)
    elif option == "command":
        found = _commands(asked, typed)
    else:
        found = []
    return [one for one in found if len(one.value) <= _LABEL][:MOST]


async def _topics(asked: Asked, typed: str) -> list[Suggestion]:
    """For removing: what is followed; else the commonest keywords. Earlier ones are kept."""
    if asked.text.startswith("remove"):
        texts = [one.text for one in asked.topics]
        return [_one(text) for text in texts if choices.bare(typed) in choices.bare(text)]
    before, comma, last = typed.rpartition(",")
    async with asked.desk.store.snapshot() as tx:
        listed = await recent(tx, asked.desk, asked.now, _DAYS)
    wanted = choices.bare(last)
    names = [one.name for one in commonest_keywords(listed, asked.now, 400)]
    fitting = [name for name in names if wanted in choices.bare(name)]
    fitting.sort(key=lambda name: not choices.bare(name).startswith(wanted))
    lead = f"{before.strip()}, " if comma else ""
    own = [_one(typed)] if typed and choices.bare(last) not in map(choices.bare, fitting) else []
    return own + [_one(f"{lead}{name}") for name in fitting[:MOST]]


async def _papers(asked: Asked, typed: str) -> list[Suggestion]:
    """Papers by the words of their titles; the newest lists' best for nothing typed."""
    async with asked.desk.store.snapshot() as tx:
        if typed:
            papers = await tx.papers.search(typed, limit=MOST)
            listed = [one.paper for one in await recent(tx, asked.desk, asked.now, _DAYS)]
            begun = choices.bare(typed)  # its last word may be half typed: no word of the search
            known = {one.id for one in papers}
            papers += [
                one for one in listed if one.id not in known and begun in choices.bare(one.title)
            ]
        else:
            listed = [one.paper for one in await recent(tx, asked.desk, asked.now, 3)]
            papers = sorted(listed, key=lambda one: -(one.upvotes or 0))[:MOST]
    return [Suggestion(_title(one), one.id) for one in papers[:MOST]]


def _title(paper: Paper) -> str:
    votes = f"▲{paper.upvotes} " if paper.upvotes else ""
    return cut(f"{votes}{clean(readable(paper.title))}", _LABEL) or paper.id


def _settings(asked: Asked, typed: str) -> list[Suggestion]:
    t, wanted = asked.t, choices.bare(typed)
    return [
        Suggestion(cut(f"{one.name} – {t(one.summary)}", _LABEL), one.name)
        for one in settings_of(asked.limits)
        if wanted in choices.bare(one.name) or wanted in choices.bare(t(one.label))
    ]


def _values(asked: Asked, typed: str) -> list[Suggestion]:
    """Of the setting that stands before: its quick values, or any zone that fits."""
    chosen = setting(asked.text, asked.t, asked.limits)
    wanted = choices.bare(typed)
    if chosen.name == "zone":
        names: Sequence[str] = choices.zone_candidates(typed, MOST)
        return [
            Suggestion(cut(f"{choices.place(name, asked.language)} ({name})", _LABEL), name)
            for name in names
        ]
    offered = [
        Suggestion(cut(value_name(chosen, value, asked.t), _LABEL), value)
        for value in chosen.quick
        if wanted in choices.bare(value)
        or wanted in choices.bare(value_name(chosen, value, asked.t))
    ]
    own = [_one(typed)] if typed and all(one.value != typed for one in offered) else []
    return own + offered


def _commands(asked: Asked, typed: str) -> list[Suggestion]:
    wanted = typed.lstrip("/").lower()
    return [
        Suggestion(cut(f"/{one.name} – {asked.t(one.summary)}", _LABEL), one.name)
        for one in BY_NAME.values()
        if allowed(asked, one) and wanted in one.name
    ]


def _one(text: str) -> Suggestion:
    return Suggestion(cut(text, _LABEL), text)
