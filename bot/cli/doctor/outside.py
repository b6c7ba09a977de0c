"""What the doctor sees of the sources: whether they answer, how fast, and their clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import monotonic
from urllib.parse import urlsplit

from bot.cli.doctor.finding import Finding
from bot.errors import PaperboyError
from bot.papers import source_name
from bot.settings import Settings

_PATIENCE = 10.0  # seconds for one source

Reached = tuple[Finding, timedelta | None]  # and how far this clock is before the source's


async def look_at_sources(settings: Settings) -> list[Reached]:
    """Ask each source one small question."""
    from adapters.sources.arxiv.source import API
    from adapters.sources.huggingface.source import ENDPOINT

    return [
        await _ask(
            "huggingface",
            f"{settings.hf_endpoint or ENDPOINT}/api/daily_papers",
            {"limit": "1"},
            "HF_ENDPOINT",
            worst="bad",
        ),
        await _ask(
            "arxiv",
            f"{settings.arxiv_url}/api/query" if settings.arxiv_url else API,
            {"id_list": "1706.03762", "max_results": "1"},
            "PAPERBOY_ARXIV_URL",
            # without categories it is only asked for single papers, which Hugging Face knows too
            worst="bad" if settings.arxiv_categories else "warn",
        ),
    ]


async def _ask(name: str, url: str, params: dict[str, str], setting: str, *, worst: str) -> Reached:
    from adapters.sources.asking import Patience, Web
    from adapters.sources.wording import service_address

    began = monotonic()
    try:
        bare, auth = service_address(url, setting, "https://example.org")
        host = urlsplit(bare).hostname or ""
        web = Web(
            source_name(name),
            hosts=frozenset({host}),
            setting=setting,
            auth=auth,
            patience=Patience(tries=1, total=_PATIENCE, attempt=_PATIENCE),
        )
        async with web:
            answer = await web.ask(bare, params)
    except PaperboyError as error:
        return Finding(name, worst, str(error), seconds=monotonic() - began), None
    seconds = monotonic() - began
    off = _ahead(answer.headers.get("Date"))
    if answer.status != 200:
        says = f"{host} answered HTTP {answer.status} after {seconds:.2f} s."
        return Finding(name, worst, says, f"Check {setting}.", seconds), off
    return Finding(name, "ok", f"{host} answered in {seconds:.2f} s.", seconds=seconds), off


def _ahead(date: str | None) -> timedelta | None:
    from email.utils import parsedate_to_datetime

    try:
        theirs = parsedate_to_datetime(date or "")
    except (ValueError, TypeError, IndexError):
        return None
    return datetime.now(UTC) - (theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC))
