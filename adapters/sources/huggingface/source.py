"""The source `huggingface`: lists by day, single papers and search over the papers API."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit

from adapters.sources.asking import Answer, Patience, Web
from adapters.sources.conditions import condition
from adapters.sources.conditions import validator as validator_of
from adapters.sources.huggingface import convert, days
from adapters.sources.wording import LONGEST_QUERY, folded, service_address
from bot.errors import GiveUp, NotFound, SetUpWrong, Skip, SourceFailed
from bot.papers import Paper, split_id
from bot.ports import Broken, Fetched

ENDPOINT = "https://huggingface.co"
PAGE = 100  # the most that the service gives at once; its default of 50 cuts busy days
FULL = 50  # a page that holds as many may have been cut, by that default or by a filter of theirs
MOST_PAGES = 20
MOST_FOUND = 120  # papers of a search
_RULES = 1  # counts up when the same bytes are understood anew, so that old validators expire


class HuggingFace:
    """Hugging Face's daily papers; a Source and an async context manager.

    `endpoint` is what HF_ENDPOINT names (a mirror, with or without a path), `token` what
    HF_TOKEN holds; the token is sent to that host only and shown nowhere. Raises SetUpWrong when
    one of them cannot be used.
    """

    name = "huggingface"

    def __init__(
        self,
        endpoint: str | None = None,
        token: str | None = None,
        *,
        timeout: float = 10.0,
        patience: Patience | None = None,
        most_bytes: int = 20_000_000,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._endpoint, auth = service_address(
            (endpoint or "").strip() or ENDPOINT, "HF_ENDPOINT", ENDPOINT
        )
        headers = {"Accept": "application/json"}
        if token := (token or "").strip():
            headers["Authorization"] = f"Bearer {_token(token)}"
            auth = None
        self._web = Web(
            "Hugging Face",
            hosts=frozenset({urlsplit(self._endpoint).hostname or ""}),
            setting="HF_ENDPOINT" if endpoint else None,
            headers=headers,
            auth=auth,
            token_setting="HF_TOKEN",
            patience=patience or Patience(attempt=timeout, total=2 * timeout),
            most_bytes=most_bytes,
            clock=clock,
            wait=wait,
        )

    def __repr__(self) -> str:
        return f"HuggingFace({self._endpoint!r})"

    async def __aenter__(self) -> Self:
        await self._web.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._web.__aexit__(kind, error, trace)

    def closes(self, day: date) -> datetime:
        """21:45 in New York: the last additions of 21:30 and a margin."""
        return days.closes(day)

    def expects(self, day: date) -> bool:
        """Monday to Friday."""
        return days.expects(day)

    async def edition(self, day: date, validator: str | None, *, now: datetime) -> Fetched:
        """The list of `day`, page by page; `GET /api/daily_papers?date=…&limit=100&p=…`.

        A validator stands for a list of one page that was understood whole. For more pages there
        is none: "not modified" would tell about the first page only.
        """
        about = f"the list of {day.isoformat()}"
        records: list[object] = []
        seen: set[str] = set()
        for page in range(MOST_PAGES):
            asked_if = condition(validator, self._question(day)) if page == 0 else {}
            answer = await self._web.ask(
                f"{self._endpoint}/api/daily_papers",
                {"date": day.isoformat(), "limit": str(PAGE), "p": str(page)},
                asked_if,
            )
            if answer.status == 304 and asked_if:
                return Fetched(unchanged=True, validator=validator)
            got = self._list(answer, about, day)
            ids = [convert.told_id(record) for record in got]
            fresh = {told for told in ids if told} - seen
            records += [
                record for record, told in zip(got, ids, strict=True) if not told or told in fresh
            ]
            seen |= fresh
            # A server that ignores `p` repeats itself: nothing fresh ends the paging as well.
            if len(got) < FULL or not fresh:
                break
        else:
            raise SourceFailed(
                f"Hugging Face sent more than {MOST_PAGES} pages as {about}, which no day has;"
                " check HF_ENDPOINT."
            )
        papers, broken = self._papers(records, day)
        whole = page == 0 and not broken and bool(papers) == bool(records)
        return Fetched(
            papers,
            broken,
            validator=validator_of(answer.headers, self._question(day)) if whole else None,
        )

    async def paper(self, paper_id: str) -> Paper:
        """One paper; `GET /api/papers/{id}`. Unknown to Hugging Face is NotFound."""
        known = split_id(paper_id)
        if known is None:
            raise NotFound(f"“{folded(paper_id, 60)}” is not an arXiv id (example: 2512.15716).")
        answer = await self._web.ask(f"{self._endpoint}/api/papers/{quote(known[0], safe='')}")
        about = f"the paper {known[0]}"
        if answer.status in (404, 410):
            raise NotFound(f"Hugging Face does not know the paper {known[0]}.")
        record = self._json(answer, about)
        if isinstance(record, dict) and not isinstance(record.get("paper"), dict):
            record = {"paper": record}
        try:
            paper = convert.to_paper(record, self.name)
        except Skip as error:
            raise SourceFailed(
                f"Hugging Face's answer about {about} cannot be understood: {error}."
            ) from error
        if paper.id != known[0]:
            raise SourceFailed(f"Hugging Face answered with {paper.id} when asked for {about}.")
        return paper

    async def search(self, words: str, limit: int) -> list[Paper]:
        """Papers for free words in the service's order; `GET /api/papers/search?q=…`."""
        query = folded(words, LONGEST_QUERY)
        limit = min(limit, MOST_FOUND)
        if not query or limit < 1:
            return []
        about = f"a search for “{folded(query, 60)}”"
        answer = await self._web.ask(
            f"{self._endpoint}/api/papers/search", {"q": query, "limit": str(limit)}
        )
        records = self._list(answer, about)
        papers, _ = self._papers(
            [
                record
                if not isinstance(record, dict) or isinstance(record.get("paper"), dict)
                else {"paper": record}
                for record in records
            ]
        )
        return list(papers[:limit])

    def _papers(
        self, records: list[object], day: date | None = None
    ) -> tuple[tuple[Paper, ...], tuple[Broken, ...]]:
        """Record by record: each id once, in their order; of `day` only, when one is given."""
        ours = [True] * len(records)
        if day is not None:
            ours = days.of_day([convert.stamp(record) for record in records], day)
        papers: dict[str, Paper] = {}
        broken = []
        for place, (record, wanted) in enumerate(zip(records, ours, strict=True), start=1):
            if not wanted:
                continue
            try:
                paper = convert.to_paper(record, self.name)
            except Skip as error:
                where = convert.told_id(record) or f"record {place}"
                broken.append(Broken(where, f"{where} cannot be used: {error}."))
            else:
                papers.setdefault(paper.id, paper)
        return tuple(papers.values()), tuple(broken)

    def _list(self, answer: Answer, about: str, day: date | None = None) -> list[object]:
        value = self._json(answer, about)
        if isinstance(value, list):
            return value
        # Some mirrors keep days in files and say an empty day so, naming the day they mean.
        if isinstance(value, dict) and value.get("status") == "no_data" and day is not None:
            if value.get("date") in (None, day.isoformat()):
                return []
            raise SourceFailed(f"Hugging Face answered for another day when asked for {about}.")
        raise SourceFailed(
            f"Hugging Face did not send a list when asked for {about}{_said(value)};"
            " it is asked again later."
        )

    def _json(self, answer: Answer, about: str) -> Any:
        if answer.status == 400:
            raise GiveUp(f"Hugging Face refuses to give {about} (HTTP 400{_said_in(answer)}).")
        if answer.status != 200:
            raise SourceFailed(
                f"Hugging Face has no answer at {self._shown()} for {about}"
                f" (HTTP {answer.status}); check HF_ENDPOINT."
            )
        try:
            return json.loads(answer.body, parse_int=_int)
        except (ValueError, RecursionError) as error:
            kind = answer.headers.get("Content-Type", "").partition(";")[0].strip()
            page = answer.body[:500].lstrip()[:1] == b"<" or kind == "text/html"
            what = (
                "a web page instead of data" if page else "an answer that is cut short or damaged"
            )
            raise SourceFailed(
                f"Hugging Face sent {what} when asked for {about}; it is asked again later."
            ) from error

    def _question(self, day: date) -> str:
        asked = f"{_RULES} {self._endpoint} {day.isoformat()} {PAGE}"
        return hashlib.sha256(asked.encode()).hexdigest()[:16]

    def _shown(self) -> str:
        return self._endpoint.partition("://")[2]


def _token(token: str) -> str:
    if not token.isascii() or not token.isprintable() or " " in token:
        raise SetUpWrong(
            "HF_TOKEN holds a character that no token has; copy it again from"
            " https://huggingface.co/settings/tokens."
        )
    return token


def _int(digits: str) -> int | None:
    # Python refuses to read thousands of digits, which would cost the whole list.
    return int(digits) if len(digits) < 20 else None


def _said(value: object) -> str:
    """What an object says about its own failure, when it does."""
    said = None
    if isinstance(value, Mapping):
        said = folded(value.get("error"), 200) or folded(value.get("message"), 200)
    return f" (it says: {said.rstrip('.')})" if said else ""


def _said_in(answer: Answer) -> str:
    try:
        said = _said(json.loads(answer.body))
    except (ValueError, RecursionError):
        return ""
    return said.replace(" (it says", "; it says", 1).removesuffix(")")
