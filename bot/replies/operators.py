"""/access and /health: for those who run the bot."""

from __future__ import annotations

from datetime import timedelta

from bot import access as doors
from bot.access import GRANTED, REFUSED, WAITING, Guest
from bot.alerts import say
from bot.cards import Block, Button, Paragraph
from bot.digest import subscription as times
from bot.editions import OPEN_AGE
from bot.errors import NotFound, Usage
from bot.papers import Edition, EditionState, source_name
from bot.ports import Reply, Standing, Transaction
from bot.replies.asked import Asked, code, facts, left_at, note_left, rows
from bot.replies.status import tokens
from bot.texts import texts

_SHOWN = 20  # chats of one list
_BUTTONS = 5  # chats with buttons of their own
_VERBS = frozenset(("grant", "refuse", "revoke"))
_PLATFORMS = {"telegram": "Telegram", "discord": "Discord", "console": "Console"}
_DAYS = 3  # of lists that are looked at


async def access(asked: Asked) -> Reply:
    """Who waits and who was let in; or let a chat in, keep it out, put it out again."""
    t = asked.t
    verb, _, word = asked.text.partition(" ")
    if not verb:
        return await _doors(asked)
    if verb.lower() not in _VERBS or not word.strip():
        raise Usage(t("For example: {example}", example="/access grant telegram:-1001234567890"))
    verb, word = verb.lower(), word.strip()
    async with asked.desk.store.transaction() as tx:
        before = await doors.named(tx, word)
        key = before.key if before else _key(asked, word)
        state = GRANTED if verb == "grant" else REFUSED
        if before is not None and before.state == state:
            said = t("Nothing was changed: {name} is let in already.", name=_name(before))
            if state == REFUSED:
                said = t("Nothing was changed: {name} is kept out already.", name=_name(before))
            return asked.reply(said, toast=said, replaces=True)
        guest = await doors.decide(tx, key, state, asked.now, asked.desk.defaults.language)
        if state == REFUSED:
            await _put_out(tx, asked, guest)
    if state == GRANTED:
        said = t("{name} is let in.", name=_name(guest))
        if not await _welcome(asked, guest):
            said += " " + t("It could not be told.")
    else:
        said = t("{name} is kept out.", name=_name(guest))
    return asked.reply(said, toast=said, replaces=True)


def _key(asked: Asked, word: str) -> str:
    """The key that an address means. Raises NotFound for no address."""
    platform, _, chat = word.partition(":")
    if platform not in asked.desk.platforms or not chat or any(sign.isspace() for sign in chat):
        raise NotFound(
            asked.t("There is no chat {word}. /access lists those that asked.", word=word[:60])
        )
    return f"{platform}:{chat}"


def _name(guest: Guest) -> str:
    return f"{guest.name} ({guest.key})" if guest.name else guest.key


async def _welcome(asked: Asked, guest: Guest) -> bool:
    """Tell the chat that it may go on."""
    t = texts(guest.language)
    said = Paragraph.of(t("The operator let this chat in. Begin with "), code("/subscribe"))
    key = f"granted {guest.key} {guest.at}"
    return await say(asked.desk, guest.place, said, key=key, language=guest.language)


async def _put_out(tx: Transaction, asked: Asked, guest: Guest) -> None:
    """Its channels are unsubscribed; everything comes back should it be let in again."""
    platform, _, chat = guest.key.partition(":")
    known = await tx.channels.of_chat(platform, chat)
    known += await tx.channels.of_chat(guest.place.platform, guest.place.chat)
    known += await tx.channels.of_community(platform, chat)
    for channel in {one.id: one for one in known}.values():
        if await left_at(tx, channel) is None:
            await tx.channels.put(times.paused(channel, asked.now, None, None))
            await note_left(tx, channel.id, asked.now)


async def _doors(asked: Asked) -> Reply:
    t = asked.t
    async with asked.desk.store.snapshot() as tx:
        everybody = await doors.guests(tx)
    said = {
        "open": t("Everybody may use this bot."),
        "invite": t("A new chat waits until an operator lets it in."),
        "list": t("Only chats that an operator let in may use this bot."),
    }[asked.desk.access]
    blocks: list[Block | str] = [said]
    by_state = {
        state: [one for one in everybody if one.state == state]
        for state in (WAITING, GRANTED, REFUSED)
    }
    heads = {
        WAITING: t("Waiting"),
        GRANTED: t("Let in"),
        REFUSED: t("Kept out"),
    }
    lines = []
    for state, own in by_state.items():
        lines += [(heads[state], f"{one.id}  {_name(one)}") for one in own[:_SHOWN]]
        if len(own) > _SHOWN:
            lines.append((heads[state], t("and {n} more", n=t.number(len(own) - _SHOWN))))
    if lines:
        blocks.append(facts(lines))
    waiting = by_state[WAITING][:_BUTTONS]
    pressed = [
        Button(f"{label}: {(one.name or one.key)[:30]}", f"access {verb} {one.id}", danger=danger)
        for one in waiting
        for label, verb, danger in ((t("Let in"), "grant", False), (t("Refuse"), "refuse", True))
    ]
    blocks += asked.buttons(*rows(pressed, 2))
    if lines:
        number = (waiting or everybody)[0].id
        blocks += asked.typed(t("To let one in: "), code(f"/access grant {number}"))
    return asked.reply(*blocks, replaces=True)


async def health(asked: Asked) -> Reply:
    """How the bot does: channels, messages, lists, sources, version; one fact a row."""
    t, now = asked.t, asked.now
    async with asked.desk.store.snapshot() as tx:
        standing = await tx.figures.standing(now)
        editions = await tx.editions.between((now - timedelta(days=_DAYS)).date(), now.date())
    table = [(t("Version"), _version())]
    table += [(t("Chats"), line) for line in _channels(asked, standing)]
    table.append((t("Unsettled messages"), t.number(sum(standing.outbox.values()))))
    table.append((t("Papers"), t.number(standing.papers)))
    if asked.desk.room is not None:
        table.append((t("Tokens today"), await tokens(asked)))
    table += [(t("List"), line) for line in _lists(asked, editions)]
    table += [(t("Trouble"), line) for line in _failures(asked, editions)]
    return asked.reply(facts(table))


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("paperboy-bot")
    except PackageNotFoundError:
        return "?"


def _channels(asked: Asked, standing: Standing) -> list[str]:
    t = asked.t
    count = standing.channels
    names = {platform for platform, _ in count}
    states = ("active", "paused", "suspended")
    return [
        t(
            "{platform}: {n}, of them {paused} paused and {suspended} out of reach",
            platform=_PLATFORMS.get(name, name),
            n=t.number(sum(count.get((name, state), 0) for state in states)),
            paused=t.number(count.get((name, "paused"), 0)),
            suspended=t.number(count.get((name, "suspended"), 0)),
        )
        for name in sorted({*names, *asked.desk.platforms})
    ]


def _lists(asked: Asked, editions: list[Edition]) -> list[str]:
    t = asked.t
    found = []
    for name in asked.desk.sources:
        own = [one for one in editions if one.source == name]
        closed = [one for one in own if one.state is not EditionState.OPEN]
        newest = max(closed, key=lambda one: one.day, default=None)
        read = max((one.read_at for one in own if one.read_at is not None), default=None)
        parts = [
            t.plural(
                "{day} closed with {n} paper",
                "{day} closed with {n} papers",
                newest.count,
                day=t.day(newest.day),
            )
            if newest
            else t("none closed in the last days")
        ]
        if read is not None:
            parts.append(t("last read {time}", time=asked.moment(read)))
        found.append(t("{source}: {list}", source=source_name(name), list=t.series(parts)))
    return found


def _failures(asked: Asked, editions: list[Edition]) -> list[str]:
    t = asked.t
    found = []
    for name in asked.desk.sources:
        tried = [one for one in editions if one.source == name and one.tried_at is not None]
        newest = max(tried, key=lambda one: (one.tried_at or one.closes, one.day), default=None)
        if newest is None or newest.failure is None or newest.tried_at is None:
            continue
        found.append(
            t(
                "{source} could not be read since {since}; next try {again}. {reason}",
                source=source_name(name),
                since=asked.moment(newest.failing_since or newest.tried_at),
                again=asked.moment(max(newest.tried_at + OPEN_AGE, asked.now)),
                reason=newest.failure,
            )
        )
    return found
