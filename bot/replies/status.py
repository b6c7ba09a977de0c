"""/status: what came last, what comes next, and why it was silent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.cards import Block, Rung
from bot.channels import Channel, DeliveryState, Digest, Empty, Follow, Notice
from bot.choices import place
from bot.desk import Desk
from bot.digest import subscription as times
from bot.digest.ahead import WAIT
from bot.digest.arrival import ON_TIME, usual_delay
from bot.digest.pool import WHOLE_LIST
from bot.editions import OPEN_AGE
from bot.papers import Edition, EditionState, Reading, source_name
from bot.ports import Reply, Transaction
from bot.reading import lower_rungs
from bot.replies.asked import Asked, facts
from bot.replies.recent import Listed, matching, recent
from bot.schedule import local_date
from bot.texts import N_

DAYS = 7  # that matches and failures are counted over


@dataclass(frozen=True, slots=True)
class _Stored:
    """What the memory holds about the channel and its lists."""

    last: Digest | None
    unsent: int  # messages of the last digest that have not arrived
    error: str | None  # the last sentence about one that did not arrive
    editions: tuple[Edition, ...]  # of the followed sources, in the last days
    listed: tuple[Listed, ...]  # what they listed
    readings: dict[str, Reading]
    delay: timedelta | None  # after its hour by which a digest usually is there


async def status(asked: Asked) -> Reply:
    """The facts about this chat, one a row."""
    t = asked.t
    channel = asked.must_have_channel()
    async with asked.desk.store.snapshot() as tx:
        stored = await _gathered(asked, tx, channel)
    rows = [
        (t("Last"), _last(asked, channel, stored)),
        (t("Next"), _next(asked, channel, stored.delay)),
        *((t("List"), line) for line in _lists(asked, stored)),
        (t("Topics"), _topics(asked, channel, stored)),
        (t("Summaries"), _summaries(asked, stored)),
    ]
    if asked.desk.room is not None:
        rows.append((t("Tokens today"), await tokens(asked)))
    if silent := _silent(asked, channel, stored):
        rows.append((t("Silent because"), silent))
    rows += [(t("Trouble"), line) for line in _troubles(asked, channel, stored)]
    blocks: list[Block] = [facts(rows)]
    return asked.reply(*blocks)


async def tokens(asked: Asked) -> str:
    """What the model has cost today: everybody, for who operates the bot; else this person."""
    room, t = asked.desk.room, asked.t
    assert room is not None
    whole = asked.request.rights.operate
    person = None if whole else f"{asked.request.address.platform}:{asked.request.person.id}"
    spent = await room.purse.spent(asked.now, person)
    most = room.budget.daily if whole else room.budget.person
    if most is None:
        return t("{n}, in {calls} calls", n=t.number(spent.tokens), calls=t.number(spent.calls))
    return t(
        "{n} of {most}, in {calls} calls",
        n=t.number(spent.tokens),
        most=t.number(most),
        calls=t.number(spent.calls),
    )


def _followed(desk: Desk, channel: Channel, topics: Sequence[object]) -> list[str]:
    whole = not topics and channel.follow is Follow.DEFAULT
    return [name for name in desk.sources if not whole or name == WHOLE_LIST]


async def _gathered(asked: Asked, tx: Transaction, channel: Channel) -> _Stored:
    now = asked.now
    last = (await tx.digests.last([channel.id])).get(channel.id)
    sent = await tx.deliveries.of_digest(last.id) if last else []
    unsent = [one for one in sent if one.state is not DeliveryState.SENT]
    names = _followed(asked.desk, channel, asked.topics)
    editions = await tx.editions.between((now - timedelta(days=DAYS + 3)).date(), now.date())
    listed = [
        one for one in await recent(tx, asked.desk, now, DAYS) if not one.sources.isdisjoint(names)
    ]
    readings = await tx.readings.get([one.paper.id for one in listed], asked.language)
    errors = [one.error for one in unsent if one.error]
    return _Stored(
        last,
        len(unsent),
        errors[-1] if errors else None,
        tuple(one for one in editions if one.source in names),
        tuple(listed),
        readings,
        await usual_delay(tx, channel, now),
    )


def _last(asked: Asked, channel: Channel, stored: _Stored) -> str:
    t, last = asked.t, stored.last
    if last is None:
        return t("none yet")
    parts = [
        asked.moment(last.due, channel),
        t.plural("{n} paper", "{n} papers", last.shown),
    ]
    late = last.opened - last.due
    if late <= ON_TIME:
        parts.append(t("on time"))
    else:
        minutes = int(late.total_seconds() // 60)
        hours, rest = divmod(minutes, 60)
        parts.append(t("late by {time}", time=f"{hours}:{rest:02}"))
    if stored.unsent:
        parts.append(t.plural("{n} message not sent", "{n} messages not sent", stored.unsent))
    return t.series(parts)


def _next(asked: Asked, channel: Channel, delay: timedelta | None) -> str:
    t = asked.t
    if channel.suspended_at is not None:
        return t(
            "this chat could not be reached since {time}",
            time=asked.moment(channel.suspended_at, channel),
        )
    if channel.paused or channel.next_due is None:
        return t("paused until /resume")
    city = place(channel.zone, asked.language)
    time = asked.moment(channel.next_due, channel)
    if delay is not None and channel.put_off_from is None:
        usual = t.moment(channel.next_due + delay, channel.zone, now=channel.next_due)
        time = t("{time}, usually by {usual}", time=time, usual=usual)
    when = t("{time} ({place})", time=time, place=city)
    if times.is_paused(channel, asked.now):
        return t("{time}, after the pause", time=when)
    if channel.put_off_from is not None:
        if asked.desk.room is not None and asked.now < channel.put_off_from + WAIT:
            return t("{time}, when its papers are read", time=when)
        return t("{time}, put off because a source fails", time=when)
    return when


def _lists(asked: Asked, stored: _Stored) -> list[str]:
    """For each source: its newest list, and when the next one closes."""
    t, now = asked.t, asked.now
    found = []
    for name in dict.fromkeys(edition.source for edition in stored.editions):
        own = [e for e in stored.editions if e.source == name and e.closes <= now]
        closed = [e for e in own if e.state is not EditionState.OPEN]
        holding = [e for e in closed if e.state is EditionState.CLOSED]
        newest = max(holding or closed, key=lambda e: e.day, default=None)
        port = asked.desk.sources[name]
        day = now.date() - timedelta(days=2)
        while not (port.expects(day) and port.closes(day) > now):
            day += timedelta(days=1)
        coming = t(
            "the next, of {day}, closes {time}",
            day=t.day(day),
            time=asked.moment(port.closes(day)),
        )
        if newest is None:
            found.append(t("{source}: {list}", source=source_name(name), list=coming))
            continue
        counted = t.plural(
            "{day} closed with {n} paper",
            "{day} closed with {n} papers",
            newest.count,
            day=t.day(newest.day),
        )
        both = t("{list}; {next}", list=counted, next=coming)
        found.append(t("{source}: {list}", source=source_name(name), list=both))
    return found or [t("none read yet")]


def _topics(asked: Asked, channel: Channel, stored: _Stored) -> str:
    t = asked.t
    papers = [one.paper for one in stored.listed]
    if not asked.topics:
        everything = (
            t("none (every source's whole list)")
            if channel.follow is Follow.ALL
            else t("none (Hugging Face's whole list)")
        )
        counted = t.plural("{n} paper in 7 days", "{n} papers in 7 days", len(papers))
        return t.series((everything, counted))
    matched = len(matching(papers, asked.topics))
    return t.plural(
        "{topics}, {n} match and {hidden} hidden in 7 days",
        "{topics}, {n} matches and {hidden} hidden in 7 days",
        matched,
        topics=t.number(len(asked.topics)),
        hidden=t.number(len(papers) - matched),
    )


def _summaries(asked: Asked, stored: _Stored) -> str:
    """What the texts of the recent cards come from."""
    t, room = asked.t, asked.desk.room
    read = [
        reading
        for reading in stored.readings.values()
        if reading.rung in (Rung.FULL_TEXT, Rung.ABSTRACT)
    ]
    if read:
        whole = sum(reading.rung == Rung.FULL_TEXT for reading in read)
        model = next((reading.model for reading in read if reading.model), None)
        return t(
            "{model}: {whole} from the full text, {abstract} from the abstract, of {n} papers",
            model=model or t("a model"),
            whole=t.number(whole),
            abstract=t.number(len(read) - whole),
            n=t.number(len(stored.listed)),
        )
    if room is not None:
        if not room.reads(t.language):
            return t("{model} does not read in this language here", model=room.reader.model)
        return t("{model}: nothing read yet", model=room.reader.model)
    sample = [lower_rungs(one.paper, t.language).rung for one in stored.listed[-50:]]
    if sample and sample.count(Rung.READY_MADE) * 2 < len(sample):
        return t("sentences of the abstract (no model)")
    return t("ready-made lines (no model)")


def _silent(asked: Asked, channel: Channel, stored: _Stored) -> str | None:
    """Why nothing came lately; None when something did."""
    t, last = asked.t, stored.last
    if channel.suspended_at is not None:
        return t("this chat could not be reached; every setting is kept")
    if times.is_paused(channel, asked.now):
        if channel.paused_until is not None:
            return t("paused until {time}", time=asked.moment(channel.paused_until, channel))
        return t("paused")
    if last is None:
        return t("the first digest is still to come")
    if last.shown:
        return None
    if last.notice is Notice.SOURCE_FAILED:
        names = t.list([source_name(one) for one in last.missing]) or t("a source")
        why = t("{sources} could not be read", sources=names)
    elif last.notice is Notice.NOT_YET:
        why = t("the list was not closed yet")
    elif last.notice is Notice.NO_MATCH or last.papers:
        why = t.plural(
            "none of the {n} new paper matches your topics",
            "none of the {n} new papers matches your topics",
            last.papers,
        )
    elif _weekend(asked, channel, last.due):
        why = t("no lists at the weekend")
    else:
        why = t("nothing new was listed")
    if not last.spoke and channel.empty is Empty.NEVER:
        return f"{why} (/settings empty)"
    return why


def _weekend(asked: Asked, channel: Channel, due: datetime) -> bool:
    """Whether no source expected a list in the day before the digest."""
    day = local_date("UTC", due)
    ports = [asked.desk.sources[n] for n in _followed(asked.desk, channel, asked.topics)]
    closed = [
        port.expects(one)
        for port in ports
        for one in (day - timedelta(days=n) for n in range(3))
        if due - timedelta(days=1) < port.closes(one) <= due
    ]
    return not any(closed)


def _troubles(asked: Asked, channel: Channel, stored: _Stored) -> list[str]:
    """Sources that fail now and when they are tried again; messages that did not arrive."""
    t = asked.t
    found = []
    for name in dict.fromkeys(edition.source for edition in stored.editions):
        own = [e for e in stored.editions if e.source == name and e.tried_at is not None]
        newest = max(own, key=lambda e: (e.tried_at or e.closes, e.day), default=None)
        if newest is None or newest.failure is None or newest.tried_at is None:
            continue
        again = max(newest.tried_at + OPEN_AGE, asked.now)
        since = newest.failing_since or newest.tried_at
        told = {
            "source": source_name(name),
            "since": asked.moment(since, channel),
            "again": asked.moment(again, channel),
        }
        if asked.request.rights.operate:
            sentence = N_("{source} could not be read since {since}; next try {again}. {reason}")
            found.append(t(sentence, reason=newest.failure, **told))
        else:
            found.append(t("{source} could not be read since {since}; next try {again}.", **told))
    if stored.error:
        found.append(t("A message did not arrive: {reason}", reason=stored.error))
    return found
