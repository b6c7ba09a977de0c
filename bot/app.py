"""The composition root: opens everything the bot works with, and closes it in reverse."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from bot.desk import Defaults, Desk
from bot.ports import Platform, Source, Store
from bot.settings import Settings


@asynccontextmanager
async def open_memory(settings: Settings) -> AsyncIterator[Store]:
    """The store alone, for commands that ask nobody outside. Raises SetUpWrong, StoreBusy."""
    from storage import open_store

    async with open_store(settings.database) as store:
        yield store


@asynccontextmanager
async def open_desk(
    settings: Settings, *, platforms: Mapping[str, Platform] | None = None
) -> AsyncIterator[Desk]:
    """Everything opened, by the settings; leaving closes it, the last opened first.

    `platforms` are used as they are; None: the console. arXiv's lists are read only when
    categories are set, while its single papers can always be looked up. Raises SetUpWrong for
    what cannot be used, StoreBusy for a locked database.
    """
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_memory(settings))
        sources, lookups = await open_sources(settings, stack)
        yield Desk(
            store,
            sources,
            lookups,
            console() if platforms is None else platforms,
            defaults(settings),
        )


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


def console() -> dict[str, Platform]:
    """The terminal as the only platform."""
    import sys

    from adapters.platforms.console import Console

    terminal = Console(sys.stdout, as_json=False)
    return {terminal.name: terminal}


def defaults(settings: Settings) -> Defaults:
    """What channels get that chose nothing."""
    return Defaults(
        zone=settings.zone,
        language=settings.language,
        hour=settings.hour,
        links=settings.links,
    )
