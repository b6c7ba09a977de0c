"""Chats that cannot be reached: suspended with every setting kept, tried again, resumed."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import alerts
from bot.alerts import end_alert, raise_alert
from bot.channels import Channel, Outcome, Verdict
from bot.desk import Desk
from bot.digest.subscription import resumed, retimed
from bot.errors import Usage
from bot.outbox import give_all_back
from bot.ports import Transaction

PROBES = tuple(timedelta(hours=n) for n in (1, 6, 24, 72, 168))  # after the suspension
BACK = timedelta(days=3)  # how old news may be when a suspension ends
_NOTE = "suspended:"  # by channel id: how often it was tried, and when it is tried again
_GONE = "thread-gone:"  # by channel id: when its thread was found to be gone
_AT_ONCE = 10  # chats tried in one round
_PATIENCE = 10.0  # seconds for one of them

log = logging.getLogger(__name__)


async def suspend(tx: Transaction, channel: Channel, now: datetime, reason: str | None) -> None:
    """The chat of the channel is gone: nothing is sent there until it can be reached again.

    All channels of the chat are suspended, their unsent papers are candidates again; the
    operators are told once. Twice changes nothing.
    """
    where = channel.address
    newly = [
        one
        for one in await tx.channels.of_chat(where.platform, where.chat)
        if one.suspended_at is None
    ]
    for one in newly:
        await give_all_back(tx, one.id)
        after = await tx.channels.get(one.id) or one
        await tx.channels.put(replace(after, suspended_at=now, next_due=None, put_off_from=None))
        await _note(tx, one.id, 0, now)
    if any(not one.paused for one in newly):
        log.warning("suspended", extra={"channel": str(where), "error": reason})
        values = {"chat": called(channel), "reason": reason or "?"}
        await raise_alert(tx, _alert(channel), alerts.SUSPENDED, values, now=now)


async def resume_reachable(tx: Transaction, channel: Channel, now: datetime) -> Channel:
    """End the suspension of the channel and of all others of its chat; gives it as it is now.

    What was listed in the 3 days before is news. One that is not suspended stays as it is.
    """
    if channel.suspended_at is None:
        return channel
    where = channel.address
    for one in await tx.channels.of_chat(where.platform, where.chat):
        if one.suspended_at is None:
            continue
        since = max(one.since, now - BACK)
        previous = max(one.previous_due, since) if one.previous_due else None
        last = (await tx.digests.last([one.id])).get(one.id)
        awake = replace(one, suspended_at=None, since=since, previous_due=previous)
        await tx.channels.put(retimed(awake, now, last))
        await tx.notes.put(f"{_NOTE}{one.id}", None)
    log.info("resumed", extra={"channel": str(where)})
    await end_alert(tx, _alert(channel), alerts.RETURNED, {"chat": called(channel)})
    return await tx.channels.get(channel.id) or channel


async def thread_gone(tx: Transaction, channel: Channel, now: datetime) -> None:
    """The thread or topic of the channel is gone: it is paused, the operators are told once."""
    if channel.paused:
        return
    await give_all_back(tx, channel.id)
    after = await tx.channels.get(channel.id) or channel
    await tx.channels.put(
        replace(after, paused=True, paused_until=None, next_due=None, put_off_from=None)
    )
    await tx.notes.put(f"{_GONE}{channel.id}", now.isoformat())
    log.warning("paused, for its thread is gone", extra={"channel": str(channel.address)})
    name = f"thread:{channel.id}:{now:%Y%m%d%H%M}"
    values = {"chat": called(channel)}
    await raise_alert(tx, name, alerts.THREAD_GONE, values, lasts=False, now=now)


async def thread_back(tx: Transaction, channel: Channel, now: datetime) -> Channel:
    """The thread of a channel that was paused for its loss is there; gives it as it is now."""
    name = f"{_GONE}{channel.id}"
    if await tx.notes.get(name) is None:
        return channel
    await tx.notes.put(name, None)
    if not channel.paused:
        return channel
    last = (await tx.digests.last([channel.id])).get(channel.id)
    awake = resumed(channel, now, last)
    await tx.channels.put(awake)
    return awake


def called(channel: Channel) -> str:
    """What the operators know the channel by."""
    return f"{channel.name} ({channel.address})" if channel.name else str(channel.address)


def _alert(channel: Channel) -> str:
    return f"chat:{channel.address.platform}:{channel.address.chat}"


async def _note(tx: Transaction, channel_id: int, tried: int, began: datetime) -> None:
    """When it is tried again; after the last time only a sign from the chat resumes it."""
    told = None
    if tried < len(PROBES):
        again = (began + PROBES[tried]).isoformat()
        told = json.dumps({"tried": tried, "began": began.isoformat(), "again": again})
    await tx.notes.put(f"{_NOTE}{channel_id}", told)


@dataclass(frozen=True, slots=True)
class _Trial:
    channel: Channel
    tried: int
    began: datetime


async def look_again(tx: Transaction, platform: str, now: datetime) -> None:
    """Try the suspended chats of a platform soon, besides the times they have: a server let the
    bot in again, say, whose channels have no sign of their own."""
    for channel in await tx.channels.all(platform=platform):
        if channel.suspended_at is None:
            continue
        noted = await tx.notes.get(f"{_NOTE}{channel.id}")
        told = json.loads(noted) if noted else {"tried": len(PROBES)}
        tried = min(int(told["tried"]), len(PROBES)) - 1  # when it fails, all is as before
        began = told.get("began") or channel.suspended_at.isoformat()
        soon = {"tried": tried, "began": began, "again": now.isoformat()}
        await tx.notes.put(f"{_NOTE}{channel.id}", json.dumps(soon))


async def try_suspended(desk: Desk, now: datetime, platforms: Collection[str]) -> None:
    """Try the suspended chats whose time has come; those that can be posted to go on."""
    async with desk.store.snapshot() as tx:
        due, orphans = await _due(desk, tx, now, platforms)
    if orphans:
        async with desk.store.transaction() as tx:
            for name in orphans:
                await tx.notes.put(name, None)
    outcomes = await asyncio.gather(*(_probe(desk, one.channel) for one in due))
    for one, outcome in zip(due, outcomes, strict=True):
        try:
            async with desk.store.transaction() as tx:
                await _take(tx, one, outcome, now)
        except Usage as error:  # a channel that cannot have a next time holds up no other
            facts = {"channel": str(one.channel.address), "error": str(error)}
            log.error("not resumed", extra=facts)


async def _take(tx: Transaction, one: _Trial, outcome: Outcome, now: datetime) -> None:
    channel = await tx.channels.get(one.channel.id)
    if channel is None or channel.suspended_at is None:
        await tx.notes.put(f"{_NOTE}{one.channel.id}", None)
    elif outcome.verdict is Verdict.ACCEPTED:
        await resume_reachable(tx, channel, now)
    elif outcome.verdict is Verdict.MOVED and outcome.moved_to is not None:
        from bot.moving import move  # not above: moving ends suspensions

        await move(tx, channel.address, outcome.moved_to, now)
    else:
        await _note(tx, channel.id, one.tried + 1, one.began)


async def _due(
    desk: Desk, tx: Transaction, now: datetime, platforms: Collection[str]
) -> tuple[list[_Trial], list[str]]:
    """The trials, and the notes of channels that are no more."""
    noted = {name: json.loads(told) for name, told in (await tx.notes.starting(_NOTE)).items()}
    found: list[_Trial] = []
    orphans: list[str] = []
    for name, told in sorted(noted.items(), key=lambda item: str(item[1]["again"])):
        if now < datetime.fromisoformat(told["again"]) or len(found) == _AT_ONCE:
            break
        channel = await tx.channels.get(int(name.removeprefix(_NOTE)))
        if channel is None:
            orphans.append(name)
            continue
        platform = desk.platforms.get(channel.address.platform)
        served = platform is not None and channel.address.platform in platforms
        if platform is not None and served and "probe" in platform.limits.verbs:
            began = datetime.fromisoformat(told["began"])
            found.append(_Trial(channel, int(told["tried"]), began))
    return found, orphans


async def _probe(desk: Desk, channel: Channel) -> Outcome:
    try:
        platform = desk.platforms[channel.address.platform]
        return await asyncio.wait_for(platform.probe(channel.address), _PATIENCE)
    except TimeoutError:
        return Outcome(Verdict.UNKNOWN, error="The platform did not answer.")
    except Exception as error:
        log.exception("the trial failed", extra={"channel": str(channel.address)})
        return Outcome(Verdict.UNKNOWN, error=f"The trial failed ({type(error).__name__}).")
