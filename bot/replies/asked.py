"""What a reply works with: the request, the chat as it is stored, and the texts to say it in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.cards import ACTION_BYTES, Block, Button, Buttons, Paragraph, Span, Table
from bot.channels import Address, Channel, Limits, Topic
from bot.choices import known_language, place
from bot.commands import BY_NAME
from bot.desk import Desk
from bot.errors import NotFound, Usage
from bot.library import at_hand
from bot.papers import Paper, Reading
from bot.ports import Platform, Reply, Request, Transaction
from bot.replies.rest import forget_rest
from bot.texts import Texts, texts

UNDO = timedelta(days=30)  # how long an unsubscribed chat keeps its settings
_LEFT = "unsubscribed:"  # note by channel id: when it unsubscribed
_YES = frozenset("yes y ok sure 是 好 确认 确定 네 예 응 확인".split())


_UNSERVED = Limits(most_cards=50, list_lines=40)


def rows(buttons: Iterable[Button], width: int) -> list[tuple[Button, ...]]:
    """Buttons side by side, `width` in a row."""
    every = tuple(buttons)
    return [every[at : at + width] for at in range(0, len(every), width)]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request with what is known about its chat."""

    desk: Desk
    request: Request
    channel: Channel | None  # subscribed here, paused or not
    topics: tuple[Topic, ...]  # of that channel
    left: Channel | None  # unsubscribed here within the last 30 days: kept for an undo
    t: Texts
    hand: tuple[Paper, Reading | None] | None = None  # the paper asked for, when it is at hand

    @property
    def now(self) -> datetime:
        return self.request.now

    @property
    def text(self) -> str:
        return self.request.text.strip()

    @property
    def zone(self) -> str:
        return self.channel.zone if self.channel else self.desk.defaults.zone

    @property
    def links(self) -> str:
        return self.channel.links if self.channel else self.desk.defaults.links

    @property
    def language(self) -> str:
        """The chat's; before it chose one the person's, else the operator's."""
        known = self.channel or self.left
        return known.language if known else spoken(self.desk, self.request)

    @property
    def platform(self) -> Platform | None:
        """Where it was asked; None for a platform that this process does not serve."""
        return self.desk.platforms.get(self.request.address.platform)

    @property
    def limits(self) -> Limits:
        """What that platform can carry."""
        return self.platform.limits if self.platform else _UNSERVED

    @property
    def most_cards(self) -> int:
        """How many cards a digest may hold on this platform."""
        return self.limits.most_cards

    def buttons(self, *rows: Iterable[Button]) -> list[Block]:
        """The buttons as a block; none where they cannot be pressed, or hold too long an action."""
        if not self.limits.buttons:
            return []
        fitting = (
            tuple(one for one in row if len(one.action.encode()) <= ACTION_BYTES) for row in rows
        )
        kept = tuple(row for row in fitting if row)
        return [Buttons(kept)] if kept else []

    def typed(self, *parts: str | Span) -> list[Block]:
        """What is to be typed, for those who have no buttons for it."""
        return [] if self.limits.buttons else [Paragraph.of(*parts)]

    @property
    def confirmed(self) -> bool:
        """Whether "yes" stands behind the command, in one of the languages."""
        return self.text.casefold().strip(" .!。！") in _YES

    def must_manage(self) -> None:
        """Raises Usage, naming the missing right, for a person who may not change this chat."""
        if self.request.rights.manage:
            return
        lacks = self.request.rights.missing
        missing = self.t(lacks) if lacks else self.t("manage this chat")
        raise Usage(
            self.t(
                "Only people who may manage this chat can do that. The right you lack: {right}.",
                right=missing,
            )
        )

    def must_have_channel(self) -> Channel:
        """The channel. Raises NotFound, with the next step, in a chat that has none."""
        if self.channel is not None:
            return self.channel
        if self.left is not None:
            raise NotFound(
                self.t("This chat is unsubscribed. /subscribe brings everything back as it was.")
            )
        raise NotFound(
            self.t("This chat is not subscribed yet. Begin with /subscribe video generation")
        )

    def moment(self, instant: datetime, channel: Channel | None = None) -> str:
        """An instant on this chat's clock, with its day."""
        return self.t.moment(instant, channel.zone if channel else self.zone)

    def next_line(self, channel: Channel, *, after_pause: bool = False) -> str:
        """When the next digest comes, in local time; or why none comes.

        `after_pause`: that the chat is paused for some days was said before.
        """
        t = self.t
        if channel.suspended_at is not None:
            return t("No digest comes: this chat could not be reached. It is tried again.")
        if channel.paused or channel.next_due is None:
            return t("Paused: no digest comes until /resume.")
        time = self.moment(channel.next_due, channel)
        city = place(channel.zone, self.language)
        resting = channel.paused_until is not None and self.now < channel.paused_until
        if resting and not after_pause:
            return t("Paused. Next digest: {time} ({place}).", time=time, place=city)
        return t("Next digest: {time} ({place}).", time=time, place=city)

    def reply(
        self,
        *blocks: Block | str,
        toast: str | None = None,
        replaces: bool = False,
        shared: bool = False,
    ) -> Reply:
        """The answer; a string is a paragraph of its own. `replaces` counts for a button only."""
        made = tuple(Paragraph.of(block) if isinstance(block, str) else block for block in blocks)
        pressed = self.request.pressed
        return Reply(
            made,
            self.language,
            toast=toast if pressed else None,
            replaces=replaces and pressed,
            shared=shared,
        )


async def load(desk: Desk, request: Request) -> Asked:
    """The request with its chat as it stands."""

    async def read(tx: Transaction) -> Asked:
        channel = await tx.channels.find(request.address)
        left = None
        topics: tuple[Topic, ...] = ()
        if channel is not None:
            topics = (await tx.topics.of([channel.id])).get(channel.id, ())
            at = await left_at(tx, channel)
            if at is not None:
                left = channel if request.now - at <= UNDO else None
                channel, topics = None, ()
        known = channel or left
        language = known.language if known else spoken(desk, request)
        hand = await _at_hand(tx, request, language)
        return Asked(desk, request, channel, topics, left, texts(language), hand)

    return await desk.store.glance(read)


async def _at_hand(
    tx: Transaction, request: Request, language: str
) -> tuple[Paper, Reading | None] | None:
    """With the chat, in one look: fifty people who ask at once need not queue twice."""
    command = BY_NAME.get(request.command.lower())
    if command is None or not any(option.kind == "paper" for option in command.options):
        return None
    found = await at_hand(tx, request.text, request.now)
    if found is None:
        return None
    return found, (await tx.readings.get([found.id], language)).get(found.id)


def spoken(desk: Desk, request: Request) -> str:
    """The language for a chat that chose none: the person's, else the operator's."""
    return known_language(request.language) or desk.defaults.language


async def left_at(tx: Transaction, channel: Channel) -> datetime | None:
    """When the channel unsubscribed; None for one that did not, or came back."""
    noted = await tx.notes.get(f"{_LEFT}{channel.id}") if channel.paused else None
    at = datetime.fromisoformat(noted) if noted else None
    # Ids may be used again after a removal: a note older than the channel is another one's.
    return None if at and channel.created and at < channel.created else at


async def note_left(tx: Transaction, channel_id: int, at: datetime | None) -> None:
    """Remember that the channel unsubscribed; None: that it came back, or is no more."""
    await tx.notes.put(f"{_LEFT}{channel_id}", at.isoformat() if at else None)


async def forget_departed(desk: Desk, now: datetime) -> int:
    """Remove the channels whose 30 days for an undo are over; gives their number."""
    gone = 0
    async with desk.store.transaction() as tx:
        for name, at in (await tx.notes.starting(_LEFT)).items():
            if now - datetime.fromisoformat(at) <= UNDO:
                continue
            channel = await tx.channels.get(int(name.removeprefix(_LEFT)))
            if channel is not None and await left_at(tx, channel) is not None:
                await remove(tx, channel, channel.address)
                gone += 1
            await tx.notes.put(name, None)
    return gone


async def remove(tx: Transaction, channel: Channel | None, address: Address) -> None:
    """Delete the channel and everything saved at its address."""
    if channel is not None:
        await note_left(tx, channel.id, None)
        await forget_rest(tx, channel.id)
        await tx.channels.remove(channel.id)
        await tx.saved.forget(channel.address)
    await tx.saved.forget(address)


def code(text: str) -> Span:
    """Something to type."""
    return Span(text, "code")


def strong(text: str) -> Span:
    """Something to be seen first."""
    return Span(text, "strong")


def examples(lines: Sequence[str]) -> Paragraph:
    """Lines to type, one below the other."""
    spans: list[str | Span] = []
    for line in lines:
        spans += ["\n", code(line)] if spans else [code(line)]
    return Paragraph.of(*spans)


def facts(rows: Sequence[tuple[str, str]]) -> Table:
    """Facts with their names, one a row."""
    return Table(tuple(rows))
