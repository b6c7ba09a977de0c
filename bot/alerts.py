"""Private alerts to the operators: once for each incident, and once for its end."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from bot.cards import Block, Button, Buttons, Paragraph
from bot.channels import Address, Layout, Place, PlaceKind, Verdict
from bot.desk import Desk
from bot.ports import Transaction
from bot.texts import N_, Texts, texts

_ALERT = "alert:"  # note by the incident's name
_COUNTED = "alerts-of-a-day:"  # note by kind: the day, and how many there were
_A_DAY = 20  # of one kind
_AT_ONCE = 5  # calls that one round makes
_PATIENCE = 5.0  # seconds for one call, and for those of a round: it waits for no operator
_PAUSES = tuple(timedelta(minutes=n) for n in (1, 5, 30, 120, 360, 720, 1440, 1440, 1440, 1440))
_LONGEST = 600  # code points of one value

log = logging.getLogger(__name__)

Values = Mapping[str, str | int | datetime]
Press = tuple[str, str]  # label (msgid) and action of a button


@dataclass(slots=True)
class _Alert:
    """One incident as it is noted; sentences are msgids with their values."""

    text: str
    values: dict[str, Any]
    lasts: bool  # it has an end that will be told
    presses: list[list[str]] = field(default_factory=list)
    end: str | None = None
    end_values: dict[str, Any] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)  # operators who accepted the beginning
    ended: list[str] = field(default_factory=list)  # and the end
    tries: dict[str, int] = field(default_factory=dict)  # failed calls by operator
    again: dict[str, str] = field(default_factory=dict)  # when each is called again

    def written(self) -> str:
        names = self.__slots__
        return json.dumps({name: getattr(self, name) for name in names}, ensure_ascii=False)

    @classmethod
    def read(cls, noted: str) -> _Alert:
        return cls(**json.loads(noted))


async def raise_alert(
    tx: Transaction,
    name: str,
    text: str,
    values: Values | None = None,
    *,
    presses: Collection[Press] = (),
    lasts: bool = True,
    now: datetime | None = None,
) -> None:
    """Note an incident to be told. One that stands already is not told again.

    `text` is a msgid; an instant among the values is told on the operator's clock. With
    `lasts=False` the incident is over once it is told, else when `end_alert` says so. With `now`
    only the first of a day are told of those whose names begin with the same word.
    """
    noted = await tx.notes.get(_ALERT + name)
    if noted is not None:
        standing = _Alert.read(noted)
        if standing.end is None or not standing.told:
            return
        standing.end = None  # it comes and goes: the end was not told to all, so nothing happened
        standing.ended = []
        await tx.notes.put(_ALERT + name, standing.written())
        return
    if now is not None and not await _is_one_of_few(tx, name.partition(":")[0], now):
        return
    alert = _Alert(text, _plain(values), lasts, [list(press) for press in presses])
    await tx.notes.put(_ALERT + name, alert.written())


async def _is_one_of_few(tx: Transaction, kind: str, now: datetime) -> bool:
    """Whether there were few of this kind today; that there are more is told once."""
    day, _, count = ((await tx.notes.get(_COUNTED + kind)) or "").partition(" ")
    today = now.date().isoformat()
    before = int(count) if day == today else 0
    if before > _A_DAY:
        return False
    await tx.notes.put(_COUNTED + kind, f"{today} {before + 1}")
    if before < _A_DAY:
        return True
    await raise_alert(tx, f"many:{kind}:{today}", MANY, {"n": _A_DAY, "kind": kind}, lasts=False)
    return False


async def end_alert(
    tx: Transaction, name: str, text: str | None = None, values: Values | None = None
) -> None:
    """Note the end of an incident. One that nobody was told of is dropped; so is one whose end
    has no text."""
    noted = await tx.notes.get(_ALERT + name)
    if noted is None:
        return
    alert = _Alert.read(noted)
    if not alert.told or text is None:
        await tx.notes.put(_ALERT + name, None)
    elif alert.end is None:
        alert.end, alert.end_values = text, _plain(values)
        alert.tries, alert.again = {}, {}
        await tx.notes.put(_ALERT + name, alert.written())


async def tell(desk: Desk, now: datetime) -> int:
    """Tell the operators what they were not told yet; gives how many calls were accepted.

    What an operator's chat does not accept is tried again at later rounds, ever more seldom,
    and given up after some days.
    """
    async with desk.store.snapshot() as tx:
        alerts = {name: _Alert.read(one) for name, one in (await tx.notes.starting(_ALERT)).items()}
    if not alerts:
        return 0
    admins = {str(one): one for one in desk.admins if one.platform in desk.platforms}
    accepted = calls = 0
    began = monotonic()
    for name, alert in alerts.items():
        before = calls
        for key, admin in admins.items():
            if calls >= _AT_ONCE or monotonic() - began > _PATIENCE or not _is_due(alert, key, now):
                continue
            calls += 1
            arrived = await say(desk, admin, *_blocks(alert, desk), key=f"{name}{alert.end}")
            accepted += arrived
            async with desk.store.transaction() as tx:
                await _settle(tx, name, alert.end is not None, key, arrived, now)
        if calls > before or _is_done(alert, set(admins)):
            await _drop_done(desk, name, set(admins))
    return accepted


def _is_due(alert: _Alert, admin: str, now: datetime) -> bool:
    if alert.tries.get(admin, 0) > len(_PAUSES):
        return False
    if admin in alert.again and now < datetime.fromisoformat(alert.again[admin]):
        return False
    if alert.end is None:
        return admin not in alert.told
    return admin in alert.told and admin not in alert.ended


async def _settle(
    tx: Transaction, name: str, ended: bool, admin: str, arrived: bool, now: datetime
) -> None:
    noted = await tx.notes.get(name)
    if noted is None:
        return
    alert = _Alert.read(noted)
    if arrived:
        (alert.ended if ended else alert.told).append(admin)
        alert.tries.pop(admin, None)
        alert.again.pop(admin, None)
    else:
        tries = alert.tries.get(admin, 0)
        alert.tries[admin] = tries + 1
        alert.again[admin] = (now + _PAUSES[min(tries, len(_PAUSES) - 1)]).isoformat()
    await tx.notes.put(name, alert.written())


async def _drop_done(desk: Desk, name: str, admins: set[str]) -> None:
    """Forget an incident that is over and of which everybody was told who can be told."""
    async with desk.store.transaction() as tx:
        noted = await tx.notes.get(name)
        if noted is not None and _is_done(_Alert.read(noted), admins):
            await tx.notes.put(name, None)


def _is_done(alert: _Alert, admins: set[str]) -> bool:
    reachable = {one for one in admins if alert.tries.get(one, 0) <= len(_PAUSES)}
    if alert.end is not None:
        return reachable & set(alert.told) <= set(alert.ended)
    return not alert.lasts and reachable <= set(alert.told)


def _blocks(alert: _Alert, desk: Desk) -> tuple[Block, ...]:
    t = texts(desk.defaults.language)
    ended = alert.end is not None
    values = alert.end_values if ended else alert.values
    said = _filled(t, (alert.end or "") if ended else alert.text, values, desk.defaults.zone)
    if ended or not alert.presses:
        return (Paragraph.of(said),)
    row = tuple(Button(t(label), action) for label, action in alert.presses)
    return (Paragraph.of(said), Buttons((row,)))


def _plain(values: Values | None) -> dict[str, Any]:
    return {
        name: {"at": value.isoformat()}
        if isinstance(value, datetime)
        else value[:_LONGEST]
        if isinstance(value, str)
        else value
        for name, value in (values or {}).items()
    }


def _filled(t: Texts, text: str, values: Mapping[str, Any], zone: str) -> str:
    told = {
        name: t.moment(datetime.fromisoformat(value["at"]), zone)
        if isinstance(value, dict)
        else t.number(value)
        if isinstance(value, int)
        else value
        for name, value in values.items()
    }
    return t(text, **told)


async def say(desk: Desk, address: Address, *blocks: Block, key: str, language: str = "") -> bool:
    """Send blocks to a chat at once, past the outbox; gives whether all of them were accepted.

    In the operator's language, when none is given. Never raises but on cancellation.
    """
    platform = desk.platforms.get(address.platform)
    if platform is None:
        return False
    nonce = "al" + hashlib.sha256(f"{address} {key}".encode()).hexdigest()[:20]
    place = Place(PlaceKind.PRIVATE if address.chat.startswith("@") else PlaceKind.GROUP)
    try:
        spoken = language or desk.defaults.language
        for part, drawn in enumerate(platform.draw(blocks, Layout.PACKED, spoken, place)):
            sent = platform.send(address, drawn.body, f"{nonce}{part}", silent=False)
            outcome = await asyncio.wait_for(sent, _PATIENCE)
            if outcome.verdict is not Verdict.ACCEPTED:
                facts = {"channel": str(address), "error": outcome.error or str(outcome.verdict)}
                log.warning("not told", extra=facts)
                return False
    except TimeoutError:
        log.warning("not told", extra={"channel": str(address), "error": "No answer in time."})
        return False
    except Exception:  # a mistake of ours must not hold up the round
        log.exception("not told", extra={"channel": str(address)})
        return False
    return True


# What is told; written here, said in the operator's language.
SOURCE_FAILS = N_("The source {source} fails since {since}: {reason}")
SOURCE_ANSWERS = N_("The source {source} answers again.")
REFUSED = N_("A message to {chat} was refused and is given up ({papers}): {reason}")
SUSPENDED = N_("{chat} cannot be reached any more: {reason} Its settings are kept.")
RETURNED = N_("{chat} can be reached again.")
THREAD_GONE = N_("The thread of {chat} is gone; it is paused until /resume.")
MANY = N_("{n} alerts of one kind today ({kind}); the rest stands in the log.")
WANTS_IN = N_("{name} ({chat}) asks to use this bot.")
LET_IN = N_("Let in")
REFUSE = N_("Refuse")
