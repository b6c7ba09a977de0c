"""`paperboy channels`: subscribed places, listed, added, removed, exported and imported."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.options import Json, Now

if TYPE_CHECKING:
    from bot.channels import Channel, Topic
    from bot.ports import Transaction

Where = Annotated[
    str, typer.Argument(metavar="ADDRESS", help="As telegram:-100123, discord:456, console:lab.")
]


def group() -> typer.Typer:
    """The command with its five verbs."""
    app = typer.Typer(
        name="channels",
        help="Subscribed places: list, add, remove, export, import.",
        rich_markup_mode=None,
        no_args_is_help=True,
    )
    app.command("list")(show)
    app.command("add")(add)
    app.command("remove")(remove)
    app.command("export")(export)
    app.command("import")(take)
    return app


def show(as_json: Json = False) -> int:
    """Show every channel and its next digest."""
    from bot.cli import channel_records as records
    from bot.cli.lines import emit
    from bot.cli.work import begin, perform

    settings = begin()

    async def work() -> int:
        from bot.app import open_memory

        async with open_memory(settings) as store, store.snapshot() as tx:
            found = await _all(tx)
        for channel, topics in found:
            if as_json:
                emit(records.record(channel, topics))
            else:
                print(records.line(channel, topics))
        if not found and not as_json:
            print("No channel yet. For one: paperboy channels add console:lab --topics agents")
        return 0

    return perform(work())


def add(
    address: Where,
    topics: Annotated[
        list[str] | None,
        typer.Option(metavar="TOPICS", help="Topics with commas; may be repeated; none: all."),
    ] = None,
    at: Annotated[str | None, typer.Option(metavar="09:00", help="Local hour.")] = None,
    zone: Annotated[str | None, typer.Option(metavar="ZONE", help="As Asia/Seoul.")] = None,
    days: Annotated[str | None, typer.Option(metavar="mon-fri", help="Weekdays.")] = None,
    limit: Annotated[
        str | None, typer.Option(metavar="N", help="Most cards, 1 to 50; console: 1000.")
    ] = None,
    lang: Annotated[str | None, typer.Option(metavar="en|zh|ko", help="Language.")] = None,
    layout: Annotated[
        str | None, typer.Option(metavar="packed|cards|compact|thread", help="Layout.")
    ] = None,
    when: Annotated[
        str | None, typer.Option(metavar="closed|fresh", help="Wait for the list's end, or not.")
    ] = None,
    empty: Annotated[
        str | None,
        typer.Option(metavar="never|once|always", help="Whether a digest with nothing speaks."),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            metavar="private|group|topic|broadcast|forum",
            help="What kind of place it is, where its id does not tell.",
        ),
    ] = None,
    now: Now = None,
    as_json: Json = False,
) -> int:
    """Subscribe a place.

    What is not chosen is the operator's default; in a chat, /subscribe does the same. For
    example: paperboy channels add telegram:-1001234567890 --topics "video generation, agents"
    --at 09:00 --zone Asia/Seoul --days mon-fri
    """
    from bot.cli import channel_records as records
    from bot.cli.addresses import address_to_add, place_kind
    from bot.cli.lines import emit
    from bot.cli.options import split, standing
    from bot.cli.unserved import served, unserved
    from bot.cli.work import begin, perform

    settings = begin()
    moment = standing(now, settings.now)
    where = address_to_add(address)
    choices = records.choices(
        where,
        at=at,
        zone=zone,
        days=days,
        limit=limit,
        lang=lang,
        layout=layout,
        when=when,
        empty=empty,
    )
    if place := place_kind(where, kind):
        choices["kind"] = place
    queries = split(topics)

    async def work() -> int:
        from bot.app import open_desk
        from bot.cli.channel_adding import counts, subscribe
        from bot.replies.settings import good_hour

        async with open_desk(settings) as desk:
            channel, stored = await subscribe(desk, where, queries, choices, moment)
            counted = await counts(desk, stored, moment)
            good = good_hour(desk, channel, moment)
        if as_json:
            emit({**records.record(channel, stored), "matches": dict(counted or ())})
            return 0
        print(f"Added {records.line(channel, stored)}")
        for sentence in unserved([channel], served(settings)):
            print(f"  {sentence}")
        for text, number in counted or ():
            print(f"  {text}: {number} {'paper' if number == 1 else 'papers'} in the last 7 days")
        if good is not None:
            print(
                f"  The day's list closes soon after {channel.hour:%H:%M}; from {good:%H:%M} on "
                "(--at) a digest holds it on the same day."
            )
        return 0

    return perform(work())


def remove(address: Where, as_json: Json = False) -> int:
    """Unsubscribe a place, deleting all it has."""
    from bot.cli import channel_records as records
    from bot.cli.addresses import any_address
    from bot.cli.lines import emit
    from bot.cli.work import begin, perform
    from bot.errors import NotFound

    settings = begin()
    where = any_address(address)

    async def work() -> int:
        from bot.app import open_memory

        async with open_memory(settings) as store, store.transaction() as tx:
            channel = await tx.channels.find(where)
            if channel is None:
                raise NotFound(f"There is no channel {where}; see: paperboy channels list")
            topics = (await tx.topics.of([channel.id])).get(channel.id, ())
            await tx.channels.remove(channel.id)
        if as_json:
            emit({**records.record(channel, topics), "removed": True})
        else:
            print(f"Removed {channel.address}.")
        return 0

    return perform(work())


def export(as_json: Json = False) -> int:
    """Write every channel as one JSON object a line.

    With its settings, its topics and what it was shown: `paperboy channels import` brings it
    back, here or elsewhere, and nothing is shown twice.
    """
    from bot.cli import channel_records as records
    from bot.cli.lines import emit
    from bot.cli.work import begin, perform

    settings = begin()

    async def work() -> int:
        from bot.app import open_memory

        async with open_memory(settings) as store, store.snapshot() as tx:
            for channel, topics in await _all(tx):
                last = (await tx.digests.last([channel.id])).get(channel.id)
                ledger = await tx.ledger.of_channel(channel.id, limit=records.MOST_SHOWN)
                emit(records.whole(channel, topics, last, ledger))
        return 0

    return perform(work())


def take(
    file: Annotated[
        str, typer.Argument(metavar="[FILE]", help="What export wrote; -: input.")
    ] = "-",
    now: Now = None,
    as_json: Json = False,
) -> int:
    """Subscribe every channel of an export.

    All of them or, when one of them cannot be used, none.
    """
    from bot.cli import channel_records as records
    from bot.cli.lines import emit
    from bot.cli.options import standing
    from bot.cli.work import begin, perform
    from bot.errors import Usage

    settings = begin()
    moment = standing(now, settings.now)
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise Usage(f"{file} cannot be read: {why}.") from None
    found = records.read(text)

    async def work() -> int:
        from bot.app import open_desk
        from bot.cli.channel_adding import restore

        async with open_desk(settings) as desk:
            stored = await restore(desk, found, moment)
        for channel, topics in stored:
            if as_json:
                emit(records.record(channel, topics))
        if not as_json:
            print(f"Imported {len(stored)} channel{'' if len(stored) == 1 else 's'}.")
        return 0

    return perform(work())


async def _all(tx: Transaction) -> list[tuple[Channel, tuple[Topic, ...]]]:
    channels = await tx.channels.all()
    topics = await tx.topics.of([channel.id for channel in channels])
    return [(channel, topics.get(channel.id, ())) for channel in channels]
