"""What the doctor sees of each channel: may the bot do there what its layout needs."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.channels import Channel, Layout, Outcome, Verdict
from bot.cli.doctor.finding import Finding
from bot.digest.subscription import is_paused
from bot.ports import Platform
from bot.suspension import called

MOST = 50  # channels that are looked at, unless more are asked for
_AT_ONCE = 4
_PACE = 0.15  # seconds between two: each takes up to three calls of the token
_PATIENCE = 10.0  # seconds for one
_SILENT = 5  # channels without an answer, after which a platform is left alone
_TOLD = 20  # channels that are named
_FOR_THREADS = frozenset({"Create Public Threads", "Send Messages in Threads"})
_TODO = {
    "telegram": "Make the bot an administrator there, or let members do it (group permissions).",
    "discord": "Grant it in the channel's permissions, to the bot or a role of it.",
}
_NO_ANSWER = (Verdict.NOT_SENT, Verdict.UNKNOWN)


def chosen(
    channels: Sequence[Channel], platforms: Mapping[str, Platform], most: int
) -> list[Channel]:
    """Those that get digests by platforms that can be asked: all of them, or as many as asked
    for, evenly among them."""
    now = datetime.now(UTC)
    alive = [
        one
        for one in channels
        if one.address.platform in platforms
        and "probe" in platforms[one.address.platform].limits.verbs
        and one.suspended_at is None
        and not is_paused(one, now)
    ]
    if len(alive) <= most:
        return alive
    return [alive[at * len(alive) // most] for at in range(most)]


async def look_at_channels(
    channels: Sequence[Channel],
    platforms: Mapping[str, Platform],
    most: int,
    step: Callable[[], None],
) -> list[Finding]:
    """Ask the platforms about the channels, some at once; `step` is called for each."""
    some = chosen(channels, platforms, most)
    found = _of_the_rows(channels)
    outcomes: dict[int, Outcome] = {}
    at_once = asyncio.Semaphore(_AT_ONCE)
    silent: Counter[str] = Counter()
    tired: dict[str, str] = {}  # platforms that are left alone, and why

    async def look(channel: Channel) -> None:
        name = channel.address.platform
        async with at_once:
            outcome = None if name in tired else await _probe(platforms[name], channel)
        if outcome is not None and outcome.verdict is Verdict.TOO_FAST:
            tired[name] = "asks for a pause"
        elif outcome is not None:
            outcomes[channel.id] = outcome
            silent[name] += outcome.verdict in _NO_ANSWER
            if silent[name] >= _SILENT:
                tired[name] = "does not answer"
        step()

    tasks = []
    for channel in some:
        tasks.append(asyncio.create_task(look(channel)))
        await asyncio.sleep(_PACE if len(some) > _AT_ONCE else 0)
    await asyncio.gather(*tasks)
    bad = [
        finding
        for channel in some
        if (outcome := outcomes.get(channel.id)) is not None
        and (finding := of_channel(channel, outcome)) is not None
    ]
    found += bad[:_TOLD]
    if len(bad) > _TOLD:
        found.append(Finding("channels", "bad", f"And {len(bad) - _TOLD} more like these."))
    for name, why in sorted(tired.items()):
        says = f"{name.title()} {why}, so not every channel was looked at."
        found.append(Finding("channels", "warn", says, "Look again in some minutes."))
    if some:
        well = len(outcomes) - len(bad)
        rest = len(chosen(channels, platforms, len(channels) or 1)) - len(some)
        more = f"; {rest:,} more were not looked at (--channels N)" if rest else ""
        says = f"The bot has what it needs in {well:,} of {len(some):,} channels{more}."
        found.append(Finding("channels", "ok", says))
    return found


async def _probe(platform: Platform, channel: Channel) -> Outcome:
    try:
        async with asyncio.timeout(_PATIENCE):
            return await platform.probe(channel.address)
    except TimeoutError:
        return Outcome(Verdict.UNKNOWN, error=f"No answer in {_PATIENCE:g} s.")


def of_channel(channel: Channel, outcome: Outcome) -> Finding | None:
    """What is wrong there; None: nothing."""
    name, platform = called(channel), channel.address.platform
    if outcome.verdict in _NO_ANSWER:
        said = (outcome.error or "no answer").rstrip(".")
        return Finding("channel", "warn", f"{name} could not be looked at: {said}.", "Try again.")
    threads = channel.layout is Layout.THREAD
    lacks = [one for one in outcome.missing if threads or one not in _FOR_THREADS]
    if outcome.verdict is Verdict.ACCEPTED:
        if not lacks:
            return None
        says = f"{name} lacks {', '.join(lacks)}."
        return Finding("channel", "warn", says, _TODO.get(platform, ""))
    if outcome.missing:
        says = f"{name} cannot be posted to: {', '.join(outcome.missing)} is missing."
        return Finding("channel", "bad", says, _TODO.get(platform, ""))
    why = (outcome.error or outcome.verdict.value).rstrip(".")
    todo = f"Add the bot there again, or: paperboy channels remove {channel.address}"
    return Finding("channel", "bad", f"{name} cannot be posted to: {why}.", todo)


def _of_the_rows(channels: Sequence[Channel]) -> list[Finding]:
    """What the database alone tells: channels out of reach, zones that nobody knows."""
    found = []
    gone = Counter(one.address.platform for one in channels if one.suspended_at is not None)
    for name, count in sorted(gone.items()):
        says = f"{count:,} on {name} cannot be reached any more; they come back by themselves."
        found.append(Finding("channels", "warn", says, "paperboy channels list names them."))
    zones = {one.zone for one in channels}
    for zone in sorted(zone for zone in zones if not _is_known(zone)):
        says = f"Channels have the zone {zone}, which this machine does not know."
        found.append(Finding("zones", "bad", says, "Update the zone data: pip install -U tzdata"))
    return found


def _is_known(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return False
    return True
