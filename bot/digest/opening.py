"""Opening: for each due channel, in one transaction, its digest, messages, ledger and next time."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from bot.cards import Block, Button, Buttons, Heading, ListBlock, NoticeBlock
from bot.channels import (
    Channel,
    Digest,
    Drawn,
    Empty,
    Follow,
    Kind,
    LedgerRow,
    Notice,
    PlaceKind,
    Topic,
)
from bot.desk import Desk
from bot.digest.ahead import WAIT, Waiting
from bot.digest.bettering import remember
from bot.digest.choose import Choice, choose
from bot.digest.compose import (
    CardShelf,
    digest_blocks,
    missing_notice,
    next_closing,
    no_match_notice,
    none_listed_notice,
    not_yet_notice,
    nothing_new_notice,
    put_off_notice,
)
from bot.digest.pool import WHOLE_LIST, Pool, horizon
from bot.digest.writing import Batch, write
from bot.editions import OPEN_AGE
from bot.errors import PaperboyError
from bot.papers import Edition
from bot.ports import Transaction
from bot.schedule import following_due, local_date
from bot.texts import texts

LOOK_AGAIN = timedelta(seconds=20)  # a digest that waits for its readings
PUT_OFF = timedelta(minutes=10)  # how long a digest waits for a failing source at a time
PUT_OFF_LONGEST = timedelta(hours=3)  # after this it opens with what there is
TRY_LATER = timedelta(hours=1)  # a channel whose digest cannot be opened is left alone so long
BATCH = 1000  # channels opened in one transaction

log = logging.getLogger(__name__)


@dataclass(slots=True)
class PutOff:
    """A digest that waits for a source."""

    channel: Channel
    local_date: date
    again: datetime  # UTC
    sources: tuple[str, ...]
    text: str  # the honest sentence, in the channel's language


@dataclass(frozen=True, slots=True)
class Written:
    """A digest that was opened."""

    channel: Channel
    digest: Digest
    messages: int


@dataclass(slots=True)
class Opened:
    """What one round of opening did."""

    digests: int = 0
    skipped: int = 0  # missed times left to a near next one
    put_off: list[PutOff] = field(default_factory=list)
    written: list[Written] = field(default_factory=list)  # digests of the last batch


class Opening:
    """Opens digests that are due at one instant, batch by batch, over one shared pool."""

    def __init__(
        self,
        desk: Desk,
        pool: Pool,
        shelf: CardShelf,
        now: datetime,
        *,
        troubled: Mapping[str, Edition] | None = None,
        unread: Mapping[str, datetime] | None = None,
        waiting: Waiting | None = None,
    ) -> None:
        """`waiting`: what is known of readings, where a model makes them."""
        self._desk = desk
        self._pool = pool
        self._shelf = shelf
        self._now = now
        self._troubled = troubled or {}
        self._unread = unread or {}
        self._waiting = waiting

    async def batch(self, tx: Transaction, channels: Sequence[Channel], result: Opened) -> None:
        """Open the digests of `channels`, all due, inside `tx`; add to `result`."""
        chosen = [channel.id for channel in channels]
        topics = await tx.topics.of(chosen)
        lasts = await tx.digests.last(chosen)
        ledger = await tx.ledger.known(chosen, list(self._pool.index))
        rows = Batch()
        for channel in channels:
            try:
                await self._one(
                    tx,
                    channel,
                    topics.get(channel.id, ()),
                    lasts.get(channel.id),
                    ledger.get(channel.id, {}),
                    rows,
                    result,
                )
            except PaperboyError:
                raise
            except Exception:  # an unknown zone, a card that cannot be drawn: one channel's trouble
                log.exception("digest not opened", extra={"channel": str(channel.address)})
                await self.try_later(tx, channel)
        ids = await write(tx, rows, self._now)
        for at, channel, blocks, better in rows.improvable:
            await remember(tx, ids[at], channel, blocks, better, self._now)
        result.digests += len(rows.digests)
        result.written += [
            Written(channel, digest, len(drawn))
            for digest, (channel, drawn, _, _) in zip(rows.digests, rows.messages, strict=True)
        ]

    async def try_later(self, tx: Transaction, channel: Channel) -> None:
        """Leave a channel whose digest cannot be opened alone for a while, others go on."""
        nominal = channel.put_off_from or channel.next_due
        again = self._now + TRY_LATER
        await tx.channels.put(replace(channel, next_due=again, put_off_from=nominal))

    async def _one(
        self,
        tx: Transaction,
        channel: Channel,
        topics: tuple[Topic, ...],
        last: Digest | None,
        ledger: Mapping[str, LedgerRow],
        rows: Batch,
        result: Opened,
    ) -> None:
        nominal = channel.put_off_from or channel.next_due or self._now
        due, following = following_due(channel.zone, channel.hour, channel.days, nominal, self._now)
        today = local_date(channel.zone, due) if due else None
        if due is None or today is None or (last is not None and last.local_date >= today):
            result.skipped += 1
            rows.times.append((channel.id, channel.previous_due or channel.since, following))
            return
        missing = self._missing(channel, topics)
        if missing and self._now < self._failing_from(due, missing) + PUT_OFF_LONGEST:
            await self._put_off(tx, channel, due, today, following, missing, result)
            return
        after = horizon(channel, self._now)
        view = self._pool.view(channel, last, self._now, topics=bool(topics))
        choice = choose(
            self._pool,
            view,
            [topic.text for topic in topics],
            ledger,
            limit=channel.limit,
            list_lines=self._desk.platforms[channel.address.platform].limits.list_lines,
            now=self._now,
        )
        if self._waiting and self._waiting.holds_up(channel, choice, due + WAIT, self._now):
            again = min(self._now + LOOK_AGAIN, due + WAIT)
            await tx.channels.put(replace(channel, next_due=again, put_off_from=due))
            return
        notice = self._notice(channel, last, choice, missing, after)
        digest = Digest(
            channel_id=channel.id,
            local_date=today,
            due=due,
            opened=self._now,
            horizon=after,
            papers=choice.papers,
            matched=choice.matched,
            shown=choice.shown,
            passed=len(choice.passed),
            notice=notice.state if notice else None,
            missing=missing,
        )
        drawn: tuple[Drawn, ...] = ()
        if choice.cards:
            blocks = digest_blocks(
                choice,
                self._shelf,
                local_date=today,
                lists=view.lists,
                topics=[topic.text for topic in topics],
                language=channel.language,
                links=channel.links,
                missing=notice,
                missing_sources=missing,
                rest_day=max((one.day for one in view.lists), default=None),
                spent=self._waiting is not None and self._waiting.spent,
            )
            blocks = (*blocks, *self._rest(channel, blocks))
            drawn = self._draw(channel, blocks)
            if self._waiting:
                better = self._waiting.may_get_better(channel, choice)
                rows.improvable.append((len(rows.digests), channel, blocks, better))
        elif notice and await self._speaks(tx, channel, last, notice.state):
            drawn = tuple(
                replace(one, kind=Kind.NOTICE, silent=True)
                for one in self._draw(channel, self._empty_blocks(channel, today, notice, choice))
            )
        rows.digests.append(replace(digest, spoke=bool(drawn)))
        rows.messages.append((channel, drawn, choice, following))
        # The horizon does not pass a list that was never read after its closing: what the source
        # lists meanwhile is not lost, however long it fails.
        back = min(due, self._unread_after(channel, topics, after)) if self._unread else due
        rows.times.append((channel.id, back, following))

    def _missing(self, channel: Channel, topics: tuple[Topic, ...]) -> tuple[str, ...]:
        if not self._troubled:
            return ()
        return tuple(name for name in self._troubled if _follows(channel, topics, name))

    def _failing_from(self, due: datetime, missing: tuple[str, ...]) -> datetime:
        """When the wait for the missing sources begins: a catch-up waits for its network too."""
        begun = [self._troubled[name].failing_since or due for name in missing]
        return max(due, min(begun))

    def _unread_after(
        self, channel: Channel, topics: tuple[Topic, ...], after: datetime
    ) -> datetime:
        """The instant that the horizon must not pass while a followed list is still unread."""
        unread = [
            closes for name, closes in self._unread.items() if _follows(channel, topics, name)
        ]
        return max(after, min(unread) - timedelta(seconds=1)) if unread else self._now

    async def _put_off(
        self,
        tx: Transaction,
        channel: Channel,
        due: datetime,
        today: date,
        following: datetime,
        missing: tuple[str, ...],
        result: Opened,
    ) -> None:
        again = min(self._now + PUT_OFF, following)
        await tx.channels.put(replace(channel, next_due=again, put_off_from=due))
        t = texts(channel.language)
        sentence = put_off_notice(t, missing, again, channel.zone)
        result.put_off.append(PutOff(channel, today, again, missing, sentence.text))

    def _notice(
        self,
        channel: Channel,
        last: Digest | None,
        choice: Choice,
        missing: tuple[str, ...],
        after: datetime,
    ) -> NoticeBlock | None:
        t = texts(channel.language)
        if missing:
            return missing_notice(t, missing, self._now + OPEN_AGE, channel.zone)
        if choice.cards:
            return None
        if choice.papers:
            return no_match_notice(t, choice.hidden)
        since = last.opened if last else after
        lists = self._pool.expected(channel, since, self._now)
        waited_for = [
            closes
            for one in lists
            if not one.closed
            and (closes := self._desk.sources[one.source].closes(one.day)) > self._now
        ]  # one that closed and was never read, weeks ago, is waited for by nobody
        if waited_for:
            return not_yet_notice(t, waited_for[-1], channel.zone)
        closes = next_closing(self._desk, self._now)
        if any(self._pool.holds(one.source, one.day) for one in lists):
            return nothing_new_notice(t, closes, channel.zone)
        return none_listed_notice(t, closes, channel.zone)

    def _empty_blocks(
        self, channel: Channel, today: date, notice: NoticeBlock, choice: Choice
    ) -> tuple[Block, ...]:
        return (Heading(today, (), choice.papers, choice.matched, ()), notice)

    async def _speaks(
        self, tx: Transaction, channel: Channel, last: Digest | None, state: Notice
    ) -> bool:
        """Whether an empty digest says so: `once` speaks when the reason is a new one."""
        if channel.empty is not Empty.ONCE:
            return channel.empty is Empty.ALWAYS
        since = last.opened if last else horizon(channel, self._now)
        if state is Notice.NONE_LISTED and not self._pool.expected(channel, since, self._now):
            return False  # a day without a list
        for digest in await tx.digests.recent(channel.id, limit=14):
            if digest.notice is Notice.NONE_LISTED and not digest.spoke:
                continue  # a weekend between two days of the same reason changes nothing
            return digest.notice is not state
        return True

    def _rest(self, channel: Channel, blocks: Sequence[Block]) -> tuple[Block, ...]:
        """A button to what is beyond the list, where whoever presses it is answered alone."""
        rest = next((one for one in blocks if isinstance(one, ListBlock) and one.passed), None)
        limits = self._desk.platforms[channel.address.platform].limits
        alone = limits.private_answers or channel.kind is PlaceKind.PRIVATE
        if rest is None or rest.day is None or not (limits.buttons and alone):
            return ()
        more = Button(texts(channel.language)("More »"), f"today {rest.day.isoformat()} 2")
        return (Buttons(((more,),)),)

    def _draw(self, channel: Channel, blocks: Sequence[Block]) -> tuple[Drawn, ...]:
        platform = self._desk.platforms[channel.address.platform]
        return platform.draw(blocks, channel.layout, channel.language, channel.place)


def tell_opened(desk: Desk, written: Sequence[Written], now: datetime) -> None:
    """Tell those who watch of digests that are committed."""
    for platform, digests in Counter(one.channel.address.platform for one in written).items():
        desk.meter.opened(platform, digests)
    if not log.isEnabledFor(logging.INFO):
        return
    for one in written:
        digest = one.digest
        log.info(
            "digest opened",
            extra={
                "channel": str(one.channel.address),
                "date": digest.local_date.isoformat(),
                "papers": digest.papers,
                "matched": digest.matched,
                "shown": digest.shown,
                "hidden": digest.hidden,
                "messages": one.messages,
                "late": round((now - digest.due).total_seconds(), 1),
                **({"notice": digest.notice.value} if digest.notice else {}),
            },
        )


def _follows(channel: Channel, topics: tuple[Topic, ...], source: str) -> bool:
    return bool(topics) or channel.follow is Follow.ALL or source == WHOLE_LIST
