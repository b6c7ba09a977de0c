"""`paperboy announce`: a notice of the operator to all channels; a dry run unless told to send."""

from __future__ import annotations

import html
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.options import Json, Now

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from bot.announcing import Audience, Chosen, Words
    from bot.channels import Drawn
    from bot.ports import Platform, Store
    from bot.settings import Settings

_TAGS = re.compile(r"<[^>]+>")  # of Telegram's HTML; what people write is escaped there
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")  # Discord's marks that are no marks
_NAMED = re.compile(r"\[([^\]]*)\]\(<([^>]*)>\)")
_JOINER = "\u2060"  # what keeps a mention or an address from being one


def announce(
    text: Annotated[
        str | None, typer.Argument(metavar="TEXT", help="What is said; or --file.")
    ] = None,
    file: Annotated[
        str | None, typer.Option(metavar="FILE", help="The text from a file; -: input.")
    ] = None,
    en: Annotated[str | None, typer.Option(metavar="TEXT", help="To English channels.")] = None,
    zh: Annotated[str | None, typer.Option(metavar="TEXT", help="To Chinese channels.")] = None,
    ko: Annotated[str | None, typer.Option(metavar="TEXT", help="To Korean channels.")] = None,
    platform: Annotated[
        str | None, typer.Option(metavar="telegram|discord|console", help="Only there.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(metavar="en|zh|ko", help="Only to channels of this language.")
    ] = None,
    channel: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Only to this one, to try it.")
    ] = None,
    paused: Annotated[bool, typer.Option("--paused", help="To paused channels too.")] = False,
    again: Annotated[bool, typer.Option("--again", help="To those that had it too.")] = False,
    send: Annotated[
        bool, typer.Option("--send", help="Send it; without this nothing is changed.")
    ] = False,
    now: Now = None,
    as_json: Json = False,
) -> int:
    """Tell all channels something.

    Without --send it only shows who would get it, how it will look and how long it takes. The
    same text reaches a channel once: broken off and repeated, it goes on where it stopped. It
    goes behind digests, without a sound, after quiet hours; three days later it is old news and
    not sent. `paperboy run` carries it, or the next `paperboy once`.
    """
    from bot.announcing import audience
    from bot.cli.options import standing
    from bot.cli.work import begin, perform

    settings = begin()
    moment = standing(now, settings.now)
    words = _words(text, file, {"en": en, "zh": zh, "ko": ko})
    chosen = _chosen(platform, language, channel, paused=paused, again=again)

    async def work() -> int:
        from bot.app import open_memory

        platforms = unconnected(settings)
        async with open_memory(settings) as store:
            async with store.snapshot() as tx:
                found = await audience(tx, words, chosen, platforms.keys(), moment)
            if not send:
                _tell(found, words, platforms, as_json=as_json)
                return 0
            queued = await _send(store, platforms, words, chosen, found, moment)
            await _tell_sent(settings, store, platforms, found, queued, as_json=as_json)
        return 0

    return perform(work())


def unconnected(settings: Settings) -> dict[str, Platform]:
    """The platforms that this bot serves, to draw for them: nothing is opened or asked."""
    from adapters.platforms.discord import Discord
    from adapters.platforms.telegram import Telegram
    from bot.app import console

    found = console()
    if settings.telegram_token is not None:
        token, per_second = settings.telegram_token, settings.telegram_per_second
        found["telegram"] = Telegram(token.get_secret_value(), per_second=per_second)
    if settings.discord_token is not None:
        found["discord"] = Discord(settings.discord_token.get_secret_value())
    return found


def _words(text: str | None, file: str | None, own: Mapping[str, str | None]) -> Words:
    from bot.announcing import Words, written
    from bot.errors import Usage

    if file is not None:
        if text is not None:
            raise Usage("Give the text or --file, not both.")
        try:
            text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or error
            raise Usage(f"{file} cannot be read: {why}.") from None
    if text is None:
        raise Usage('There is no text; an example: paperboy announce "Back at 22:00 UTC."')
    known = {language: written(said) for language, said in own.items() if said is not None}
    return Words(written(text), known)


def _chosen(
    platform: str | None, language: str | None, channel: str | None, *, paused: bool, again: bool
) -> Chosen:
    from bot import choices
    from bot.announcing import Chosen
    from bot.cli.addresses import any_address
    from bot.errors import Usage

    if platform is not None and platform not in ("telegram", "discord", "console"):
        raise Usage(f'There is no platform "{platform}". Possible: telegram, discord, console.')
    return Chosen(
        platform,
        choices.language(language) if language is not None else None,
        any_address(channel) if channel is not None else None,
        paused,
        again,
    )


async def _send(
    store: Store,
    platforms: Mapping[str, Platform],
    words: Words,
    chosen: Chosen,
    found: Audience,
    now: datetime,
) -> int:
    from bot.announcing import announce as put
    from bot.cli.progress import progress

    with progress("Queueing", len(found.channels)) as advance:

        def step(count: int) -> None:
            for _ in range(count):
                advance()

        return await put(store, platforms, words, chosen, now, step=step)


# What is told -------------------------------------------------------------------------------------


def _tell(
    found: Audience, words: Words, platforms: Mapping[str, Platform], *, as_json: bool
) -> None:
    from bot.announcing import seconds
    from bot.cli.lines import emit

    samples = dict(_samples(found, words, platforms))
    if as_json:
        for (name, language), count in found.counts().items():
            emit(
                {
                    "kind": "announcement",
                    "platform": name,
                    "language": language,
                    "channels": count,
                    "text": samples[name, language],
                }
            )
        emit(_summary(found, platforms, queued=None))
        return
    print(f"A dry run: nothing was sent. With --send it goes to {_channels(len(found.channels))}:")
    for (name, language), count in found.counts().items():
        print(f"  {name:<9}{language:<3}{count:>9,}")
    for line in _skipped(found):
        print(line)
    if found.channels:
        print(f"It takes {_span(seconds(platforms, found.channels))} once it is sent.")
    for (name, language), shown in samples.items():
        print(f"\n{name}, {language}:")
        print("\n".join(f"  {line}" if line else "" for line in shown.split("\n")))


async def _tell_sent(
    settings: Settings,
    store: Store,
    platforms: Mapping[str, Platform],
    found: Audience,
    queued: int,
    *,
    as_json: bool,
) -> None:
    from bot.announcing import seconds
    from bot.cli.lines import emit

    if as_json:
        emit(_summary(found, platforms, queued=queued))
        return
    print(f"Queued for {_channels(queued)}.")
    for line in _skipped(found):
        print(line)
    if not queued:
        return
    span = _span(seconds(platforms, found.channels))
    names = sorted({one.address.platform for one in found.channels})
    if await _is_carried(settings, store, names):
        print(f"The running bot sends it now: {span}.")
    else:
        print(f"No bot runs here: paperboy run or paperboy once sends it ({span}).")


async def _is_carried(settings: Settings, store: Store, names: list[str]) -> bool:
    from bot.cli.at_work import at_work, is_sent
    from bot.cli.fence import on_server

    if not on_server(settings):
        return at_work(settings) is not None
    return all([await is_sent(store, name) for name in names])


def _summary(
    found: Audience, platforms: Mapping[str, Platform], *, queued: int | None
) -> dict[str, object]:
    from bot.announcing import seconds

    return {
        "kind": "announced",
        "sent": queued is not None,
        "channels": len(found.channels) if queued is None else queued,
        "skipped": dict(sorted(found.skipped.items())),
        "quiet": found.quiet,
        "seconds": round(seconds(platforms, found.channels), 1),
    }


def _skipped(found: Audience) -> Iterator[str]:
    from bot.announcing import PAUSED, SUSPENDED, TOLD, UNSERVED

    missing = " and ".join(f"PAPERBOY_{name.upper()}_TOKEN" for name in sorted(found.missing))
    for why, said in (
        (TOLD, "it already (--again sends it once more)"),
        (PAUSED, "a pause or unsubscribed (--paused tells those that pause too)"),
        (SUSPENDED, "been out of reach, and are skipped"),
        (UNSERVED, f"no platform here, for {missing} is not set"),
    ):
        if count := found.skipped[why]:
            print_count = f"{count:,} {'channel has' if count == 1 else 'channels have'}"
            yield f"Skipped: {print_count} {said}."
    if found.quiet:
        yield f"At the end of their quiet hours: {_channels(found.quiet)}."


def _samples(
    found: Audience, words: Words, platforms: Mapping[str, Platform]
) -> Iterator[tuple[tuple[str, str], str]]:
    """How it looks, by platform and language."""
    from bot.announcing import Drawings

    drawings = Drawings(platforms)
    seen = set()
    for channel in found.channels:
        key = (channel.address.platform, channel.language)
        if key not in seen:
            seen.add(key)
            drawn = drawings.of(channel, words.in_language(channel.language))
            yield key, "\n".join(shown(key[0], one) for one in drawn)


def shown(platform: str, drawn: Drawn) -> str:
    """What people will see of a drawn text: marks and escapes are taken for what they mean."""
    from bot.channels import Kind

    if platform == "telegram":
        from adapters.platforms.telegram.frozen import thaw as thaw_telegram

        text = html.unescape(_TAGS.sub("", str(thaw_telegram(drawn.body).params["text"])))
    elif platform == "discord":
        from adapters.platforms.discord.frozen import thaw as thaw_discord

        call = thaw_discord(drawn.body)
        text = _NAMED.sub(r"\1", str(call.message.get("content", "")))
        text = _ESCAPED.sub(r"\1", text)
        if call.kind is Kind.FORUM_POST:
            text = f"{call.payload['name']}\n{text}"
    else:
        from adapters.platforms.console.frozen import thaw as thaw_console
        from bot.cards import Paragraph

        blocks = thaw_console(drawn.body).blocks
        text = "\n".join(block.text for block in blocks if isinstance(block, Paragraph))
    return text.replace(_JOINER, "")


def _channels(count: int) -> str:
    return f"{count:,} {'channel' if count == 1 else 'channels'}"


def _span(seconds: float) -> str:
    if seconds < 60:
        return f"about {max(1, round(seconds))} s"
    return f"about {round(seconds / 60):,} min"
