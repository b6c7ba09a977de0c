"""The composition root: opens everything the bot works with, and closes it in reverse."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from bot.channels import Address
from bot.desk import Defaults, Desk
from bot.keeping import Keep
from bot.pacing import Pacer
from bot.ports import Jobs, Meter, Platform, Source, Store, Unwatched
from bot.ports.reading import FullText
from bot.settings import Settings

if TYPE_CHECKING:
    from adapters.platforms.telegram import Webhook
    from bot.health import Vitals
    from bot.reading.shelf import Room

Access = Literal["open", "invite", "list"]


@asynccontextmanager
async def open_memory(settings: Settings) -> AsyncIterator[Store]:
    """The store alone, for commands that ask nobody outside. Raises SetUpWrong, StoreBusy."""
    from storage import open_store

    async with open_store(settings.database) as store:
        yield store


@asynccontextmanager
async def open_desk(
    settings: Settings,
    *,
    platforms: Mapping[str, Platform] | None = None,
    connected: Callable[[], datetime] | None = None,
    reading: bool = False,
    meter: Meter | None = None,
) -> AsyncIterator[Desk]:
    """Everything opened, by the settings; leaving closes it, the last opened first.

    `platforms` are used as they are; None: the console. With a clock as `connected` those whose
    token is set are opened too. arXiv's lists are read only when categories are set, while its
    single papers can always be looked up. With `reading` the model is opened, where one is set;
    `meter` is told what happens.

    Raises SetUpWrong for what cannot be used, StoreBusy for a locked database, Refused for a
    token that a platform does not take.
    """
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_memory(settings))
        sources, lookups = await open_sources(settings, stack)
        places = dict(console() if platforms is None else platforms)
        pacers: dict[str, Pacer] = {}
        if connected is not None:
            places |= await open_platforms(settings, stack, pacers, now=connected)
        desk = Desk(
            store,
            sources,
            lookups,
            places,
            defaults(settings),
            admins=admins(settings),
            access=access(settings),
            pacers=pacers,
            meter=meter or Unwatched(),
            keep=keep(settings),
        )
        if reading:
            desk = replace(desk, room=await open_room(settings, stack, store, lookups, desk.meter))
        yield desk


async def open_room(
    settings: Settings,
    stack: AsyncExitStack,
    store: Store,
    lookups: Mapping[str, Source],
    meter: Meter | None = None,
) -> Room | None:
    """Where readings are made; `stack` closes it. None without a model, whose SDK is not
    imported then. Full texts come through the arXiv of `lookups`, at its pace; `meter` is told
    of what is read and paid for.

    Raises SetUpWrong for a key or an address that cannot be used.
    """
    if settings.llm_model is None:
        return None
    from adapters.fulltexts.arxiv import ArxivHtml
    from adapters.readers.openai import OpenAIReader
    from adapters.sources.arxiv import Arxiv
    from bot.reading.money import Budget
    from bot.reading.shelf import Room

    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else None
    reader = await stack.enter_async_context(
        OpenAIReader(
            settings.llm_model,
            key,
            settings.openai_base_url,
            at_once=2 * settings.reading_concurrency,  # a room bounds its own; people come besides
        )
    )
    budget = Budget(
        settings.reading_tokens, settings.llm_daily_tokens, settings.person_daily_tokens
    )
    arxiv = lookups[Arxiv.name]
    assert isinstance(arxiv, Arxiv)
    room = Room(
        store,
        reader,
        ArxivHtml(arxiv.web, arxiv.pages, settings.folder / "fulltexts"),
        budget=budget,
        languages=frozenset(settings.reading_languages),
        concurrency=settings.reading_concurrency,
        meter=meter or Unwatched(),
    )
    stack.push_async_callback(room.close)
    return room


@asynccontextmanager
async def open_monitor(settings: Settings, clock: Callable[[], datetime]) -> AsyncIterator[Vitals]:
    """How this process is, served to those who watch while the body runs, unless that is off.

    `clock`: the instants of the rows. Raises SetUpWrong for what is no address.
    """
    from bot.health import Pulse, Vitals

    address = monitor(settings)
    if address is None:
        yield Vitals(Pulse(), clock)
        return
    from adapters.monitor import Counted, serve
    from bot.cli import release

    counted = Counted()
    vitals = Vitals(Pulse(counted), clock)
    async with serve(vitals, counted, release(), *address):
        yield vitals


@asynccontextmanager
async def open_jobs(settings: Settings, *, wanted: bool = True) -> AsyncIterator[Jobs | None]:
    """Work that any process on the database may do; None on SQLite, or where it is not wanted.

    Raises SetUpWrong for a server without room for it, StoreBusy where it does not answer.
    """
    if not wanted or settings.database.startswith("sqlite"):
        yield None
        return
    from psycopg.conninfo import make_conninfo

    from adapters.jobs.procrastinate import Procrastinate
    from storage.engines import connect_words, target

    address = make_conninfo(**connect_words(target(settings.database)))
    async with Procrastinate(address) as jobs:
        yield jobs


async def open_platforms(
    settings: Settings,
    stack: AsyncExitStack,
    pacers: dict[str, Pacer] | None = None,
    *,
    now: Callable[[], datetime],
) -> dict[str, Platform]:
    """The chat platforms whose token is set, ready to send; `stack` closes them. `pacers` gets
    those that they answer with.

    The SDK of one without a token is not imported. Raises Refused for a token that is not
    taken, SetUpWrong for a setting that cannot be used.
    """
    found: dict[str, Platform] = {}
    if settings.telegram_token is not None:
        from adapters.platforms.telegram import Telegram, pace_of

        per_second = settings.telegram_per_second
        pacer = Pacer(pace_of(per_second))
        telegram = Telegram(
            settings.telegram_token.get_secret_value(),
            api_url=settings.telegram_api_url,
            operators=operators(settings, Telegram.name),
            webhook=webhook(settings),
            now=now,
            per_second=per_second,
            pacer=pacer,
        )
        found[telegram.name] = await stack.enter_async_context(telegram)
        if pacers is not None:
            pacers[telegram.name] = pacer
    if settings.discord_token is not None:
        from adapters.platforms.discord import Discord

        discord = Discord(
            settings.discord_token.get_secret_value(),
            api_url=settings.discord_api_url,
            operators=operators(settings, Discord.name),
            now=now,
            hears=settings.llm_model is not None,  # questions about papers, which need a model
        )
        found[discord.name] = await stack.enter_async_context(discord)
    return found


def operators(settings: Settings, platform: str) -> frozenset[str]:
    """The operators' ids on one platform."""
    named = (one.partition(":") for one in settings.admins)
    return frozenset(person for name, _, person in named if name == platform)


def admins(settings: Settings) -> tuple[Address, ...]:
    """The private chats with the operators, in the order of the setting."""
    named = (one.partition(":") for one in settings.admins)
    return tuple(Address(name, f"@{person}") for name, _, person in named if name != "console")


def access(settings: Settings) -> Access:
    """Who may subscribe: as set; else everybody, or by invitation where a model costs money."""
    return settings.access or ("open" if settings.llm_model is None else "invite")


def webhook(settings: Settings) -> Webhook | None:
    """Where Telegram brings its updates; None: they are fetched. Raises SetUpWrong."""
    if settings.telegram_webhook_url is None or settings.telegram_token is None:
        return None
    import hashlib
    import re

    from adapters.platforms.telegram import Webhook
    from bot.errors import SetUpWrong

    secret = settings.telegram_webhook_secret
    if secret is not None:
        word = secret.get_secret_value()
    else:  # the same at every start and for nobody to guess
        token = settings.telegram_token.get_secret_value()
        word = hashlib.sha256(f"paperboy webhook {token}".encode()).hexdigest()
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", word, re.ASCII):  # Bot API, setWebhook
        raise SetUpWrong(
            "PAPERBOY_TELEGRAM_WEBHOOK_SECRET is not usable: it has 1 to 256 of the signs A-Z, "
            "a-z, 0-9, _ and -."
        )
    host, port = listen(settings)
    return Webhook(settings.telegram_webhook_url, word, host, port)


def listen(settings: Settings) -> tuple[str, int]:
    """Host and port where webhooks are served. Raises SetUpWrong."""
    return _host_and_port(settings.listen, "PAPERBOY_LISTEN", "127.0.0.1:8080")


def monitor(settings: Settings) -> tuple[str, int] | None:
    """Host and port where the bot is watched; None where it is not. Raises SetUpWrong."""
    if settings.monitor.strip().lower() == "off":
        return None
    return _host_and_port(settings.monitor, "PAPERBOY_MONITOR", "127.0.0.1:9464, or off")


def _host_and_port(text: str, name: str, example: str) -> tuple[str, int]:
    from bot.errors import SetUpWrong

    host, colon, port = text.strip().rpartition(":")
    if not (colon and port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
        raise SetUpWrong(f"{name} is not usable: it is a host and a port; an example: {example}.")
    return host.removeprefix("[").removesuffix("]") or "0.0.0.0", int(port)


async def open_sources(
    settings: Settings, stack: AsyncExitStack
) -> tuple[dict[str, Source], dict[str, Source]]:
    """The sources read by day, and those asked for single papers; `stack` closes them."""
    from adapters.sources.arxiv import Arxiv
    from adapters.sources.huggingface import HuggingFace

    token = settings.hf_token.get_secret_value() if settings.hf_token else None
    huggingface = await stack.enter_async_context(HuggingFace(settings.hf_endpoint, token))
    arxiv = await stack.enter_async_context(
        Arxiv(settings.arxiv_categories, base=settings.arxiv_url)
    )
    lookups: dict[str, Source] = {huggingface.name: huggingface, arxiv.name: arxiv}
    listing = (huggingface, arxiv) if settings.arxiv_categories else (huggingface,)
    return {source.name: source for source in listing}, lookups


def full_texts(settings: Settings, lookups: Mapping[str, Source]) -> FullText | None:
    """Where papers can be read whole: by the client that the source `arxiv` among `lookups` asks
    with, kept in the home; None without that source. It needs no closing.
    """
    from adapters.fulltexts.arxiv import ArxivHtml
    from adapters.sources.arxiv import Arxiv

    arxiv = lookups.get("arxiv")
    if not isinstance(arxiv, Arxiv):
        return None
    return ArxivHtml(arxiv.web, arxiv.pages, settings.folder / "fulltexts")


def console() -> dict[str, Platform]:
    """The terminal as the only platform."""
    import sys

    from adapters.platforms.console import Console

    terminal = Console(sys.stdout, as_json=False)
    return {terminal.name: terminal}


def keep(settings: Settings) -> Keep:
    """How long what is stored."""
    return Keep(settings.keep_messages_days, settings.keep_ledger_days, settings.keep_papers_days)


def defaults(settings: Settings) -> Defaults:
    """What channels get that chose nothing."""
    return Defaults(
        zone=settings.zone,
        language=settings.language,
        hour=settings.hour,
        links=settings.links,
    )
