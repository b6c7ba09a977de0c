"""The source `arxiv`: the daily lists of chosen categories, single papers, search."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from adapters.sources.arxiv import answers, schedule
from adapters.sources.arxiv.documents import Damaged
from adapters.sources.arxiv.politeness import Politeness
from adapters.sources.asking import Answer, Patience, Web
from adapters.sources.conditions import condition
from adapters.sources.conditions import validator as validator_of
from adapters.sources.wording import LONGEST_QUERY, folded, service_address
from bot.errors import GiveUp, NotFound, SetUpWrong, SourceFailed
from bot.papers import Paper, split_id
from bot.ports import Broken, Fetched

API = "https://export.arxiv.org/api/query"
FEEDS = "https://rss.arxiv.org/atom"
PAGES = "https://arxiv.org/html"
HOSTS = frozenset({"export.arxiv.org", "rss.arxiv.org", "arxiv.org", "www.arxiv.org"})
PAGE = 200  # results asked of the API at once; it serves up to 2,000 in slices
MOST_PAGES = 25
MOST_FOUND = 100  # papers of a search
MOST_IN_FEED = 2_000  # a feed of several categories is cut there (info.arxiv.org/help/rss.html)
_CATEGORY = re.compile(r"[a-z]+(?:-[a-z]+)?(?:\.[A-Za-z]+(?:-[A-Za-z]+)?)?", re.ASCII)
_RULES = 1  # counts up when the same bytes are understood anew, so that old validators expire


class Arxiv:
    """arXiv; a Source and an async context manager.

    `categories` are what PAPERBOY_ARXIV_CATEGORIES names ("cs.AI"); without any, `edition` is a
    question that cannot be asked, while `paper` and `search` work. `base` is PAPERBOY_ARXIV_URL:
    one address under which `/api/query` and `/atom/<categories>` are asked instead of arXiv's
    own hosts. Whatever else asks arXiv asks by its `web`, or is given the same `politeness`.
    Raises SetUpWrong.
    """

    name = "arxiv"

    def __init__(
        self,
        categories: tuple[str, ...] = (),
        base: str | None = None,
        *,
        politeness: Politeness | None = None,
        timeout: float = 30.0,
        patience: Patience | None = None,
        most_bytes: int = 20_000_000,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._categories = tuple(dict.fromkeys(each.strip() for each in categories))
        for category in self._categories:
            if not _CATEGORY.fullmatch(category):
                raise SetUpWrong(
                    f"PAPERBOY_ARXIV_CATEGORIES: “{folded(category, 40)}” is not a category of"
                    " arXiv (example: cs.AI,cs.CL)."
                )
        self._api, self._feeds, hosts, auth = API, FEEDS, HOSTS, None
        self.pages = PAGES  # the address under which full texts are, `/<id>`
        if base:
            bare, auth = service_address(base, "PAPERBOY_ARXIV_URL", "https://arxiv.example")
            self._api, self._feeds = f"{bare}/api/query", f"{bare}/atom"
            self.pages = f"{bare}/html"
            hosts = frozenset({urlsplit(bare).hostname or ""})
        self._latest: date | None = None  # the newest day that the feed was seen to show
        self.web = Web(  # one pace and one connection for whatever asks arXiv
            "arXiv",
            hosts=hosts,
            setting="PAPERBOY_ARXIV_URL" if base else None,
            auth=auth,
            patience=patience or Patience(attempt=timeout, total=2 * timeout, pause=3.0),
            most_bytes=most_bytes,
            connections=1,
            turn=(politeness or Politeness(clock=clock, wait=wait)).turn,
            clock=clock,
            wait=wait,
        )

    async def __aenter__(self) -> Self:
        await self.web.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.web.__aexit__(kind, error, trace)

    def closes(self, day: date) -> datetime:
        """02:00 in New York: the feed of a day is made at its first minute; and a margin."""
        return schedule.closes(day)

    def expects(self, day: date) -> bool:
        """Monday to Friday."""
        return schedule.expects(day)

    async def edition(self, day: date, validator: str | None, *, now: datetime) -> Fetched:
        """What was new or cross-listed in the categories on `day`.

        The feed shows one day only. An earlier day is asked of the API by time of submission,
        which is the same list but for papers held back and cross-lists made later. A day that
        the feed does not show yet is empty before its closing time, and SourceFailed after.
        """
        if not self._categories:
            raise GiveUp(
                "No arXiv category is chosen; set PAPERBOY_ARXIV_CATEGORIES (example: cs.AI,cs.CL)."
            )
        if self._latest is not None and day < self._latest:
            return await self._submitted(day)
        asked_if = condition(validator, self._question(day))
        answer = await self.web.ask(self._feed_url(self._categories), headers=asked_if)
        if answer.status == 304 and asked_if:
            return Fetched(unchanged=True, validator=validator)
        feed = self._feed(answer, day)
        self._latest = max(feed.day, self._latest or feed.day)
        if feed.day == day:
            return await self._of_feed(feed, answer)
        today = now.astimezone(schedule.new_york()).date()
        if day < max(feed.day, today):
            return await self._submitted(day)
        if now >= schedule.closes(day) and schedule.expects(day):
            raise SourceFailed(
                f"arXiv's feed still shows {feed.day.isoformat()} and not yet {day.isoformat()};"
                " it is asked again later."
            )
        return Fetched()

    async def paper(self, paper_id: str) -> Paper:
        """One paper, its latest version; `GET /api/query?id_list=…`."""
        known = split_id(paper_id)
        if known is None:
            raise NotFound(f"“{folded(paper_id, 60)}” is not an arXiv id (example: 2512.15716).")
        about = f"the paper {known[0]}"
        page = await self._page({"id_list": known[0], "max_results": "1"}, about)
        if page.refusal:
            raise NotFound(f"arXiv does not know the paper {known[0]}; it says: {page.refusal}.")
        for paper in page.papers:
            if paper.id == known[0]:
                return paper
        if page.papers:
            raise SourceFailed(f"arXiv answered with {page.papers[0].id} when asked for {about}.")
        raise NotFound(f"arXiv does not know the paper {known[0]}.")

    async def search(self, words: str, limit: int) -> list[Paper]:
        """Papers that hold the words as a phrase, most relevant first; if none, all the words."""
        limit = min(limit, MOST_FOUND)
        # Quotation marks and backslashes would end the phrase: they say nothing in a search.
        phrase = folded(re.sub(r'["\\]+', " ", words[: 4 * LONGEST_QUERY]), LONGEST_QUERY)
        each = re.findall(r"\w+(?:[-.']\w+)*", phrase)
        if not each or limit < 1:
            return []
        queries = [f'all:"{phrase}"']
        if len(each) > 1:
            queries.append(" AND ".join(f'all:"{word}"' for word in each[:20]))
        about = f"a search for “{folded(phrase, 60)}”"
        for query in queries:
            page = await self._page(
                {
                    "search_query": query,
                    "start": "0",
                    "max_results": str(limit),
                    "sortBy": "relevance",
                    "sortOrder": "descending",
                },
                about,
            )
            if page.refusal:
                raise GiveUp(f"arXiv refuses {about}; it says: {page.refusal}.")
            if page.papers:
                return list(page.papers[:limit])
        return []

    async def _of_feed(self, feed: answers.Feed, answer: Answer) -> Fetched:
        if feed.size >= MOST_IN_FEED and len(self._categories) > 1:
            return await self._by_category(feed.day)
        # A validator is given only for the day that the feed shows, so that "not modified" tells
        # of that day; and not while an entry is not understood, so that it is not forgotten.
        again = None if feed.broken else validator_of(answer.headers, self._question(feed.day))
        return Fetched(feed.papers, feed.broken, validator=again)

    async def _by_category(self, day: date) -> Fetched:
        """The same list out of one feed for each category: theirs together may be cut."""
        papers: dict[str, Paper] = {}
        broken: dict[str, Broken] = {}
        for category in self._categories:
            feed = self._feed(await self.web.ask(self._feed_url((category,))), day)
            if feed.day != day:
                raise SourceFailed(
                    f"arXiv's feeds changed to {feed.day.isoformat()} while {day.isoformat()} was"
                    " read; it is asked again later."
                )
            for paper in feed.papers:
                papers.setdefault(paper.id, paper)
            broken.update((each.where, each) for each in feed.broken)
        return Fetched(tuple(papers.values()), tuple(broken.values()))

    async def _submitted(self, day: date) -> Fetched:
        """The list of an earlier day by time of submission, page by page."""
        if (window := schedule.submitted(day)) is None:
            return Fetched()
        start, end = window
        minutes = f"{start:%Y%m%d%H%M} TO {end:%Y%m%d%H%M}"
        chosen = " OR ".join(_field(category) for category in self._categories)
        about = f"the list of {day.isoformat()}"
        papers: dict[str, Paper] = {}
        broken: list[Broken] = []
        came = 0
        for _ in range(MOST_PAGES):
            page = await self._page(
                {
                    "search_query": f"({chosen}) AND submittedDate:[{minutes}]",
                    "start": str(came),
                    "max_results": str(PAGE),
                    "sortBy": "submittedDate",
                    "sortOrder": "ascending",
                },
                about,
            )
            if page.refusal:
                raise GiveUp(f"arXiv refuses to give {about}; it says: {page.refusal}.")
            for paper in page.papers:
                # Their window is of whole minutes and holds both ends.
                if paper.published is None or start <= paper.published < end:
                    papers.setdefault(paper.id, paper)
            broken += page.broken
            came += page.size
            if came >= page.total:
                return Fetched(tuple(papers.values()), tuple(broken))
            if page.size == 0:
                raise SourceFailed(
                    f"arXiv gave {came} of {page.total} papers as {about}; it is asked again later."
                )
        raise GiveUp(
            f"arXiv has more than {MOST_PAGES * PAGE:,} papers as {about}; choose fewer categories"
            " in PAPERBOY_ARXIV_CATEGORIES."
        )

    async def _page(self, params: Mapping[str, str], about: str) -> answers.Page:
        answer = await self.web.ask(self._api, params)
        if answer.status not in (200, 400):
            raise self._no_answer(answer, about)
        try:
            page = answers.page(answer.body, self.name)
        except Damaged as error:
            if answer.status == 400:
                raise GiveUp(f"arXiv refuses to give {about} (HTTP 400).") from error
            raise self._damaged(error, about) from error
        if answer.status == 400 and not page.refusal:
            raise GiveUp(f"arXiv refuses to give {about} (HTTP 400).")
        return page

    def _feed(self, answer: Answer, day: date) -> answers.Feed:
        about = f"the feed of {', '.join(self._categories)}"
        if answer.status in (400, 404, 422):
            raise GiveUp(
                f"arXiv refuses to give {about} (HTTP {answer.status}); check"
                " PAPERBOY_ARXIV_CATEGORIES."
            )
        if answer.status != 200:
            raise self._no_answer(answer, about)
        try:
            return answers.feed(answer.body, self.name)
        except Damaged as error:
            failure = self._damaged(error, about)
            begun = answers.begun(answer.body, self.name)
            if begun is not None and begun.day == day:
                failure.partial = Fetched(begun.papers, begun.broken)
            raise failure from error

    def _no_answer(self, answer: Answer, about: str) -> SourceFailed:
        return SourceFailed(
            f"arXiv has no answer for {about} (HTTP {answer.status}); check PAPERBOY_ARXIV_URL."
        )

    def _damaged(self, error: Damaged, about: str) -> SourceFailed:
        return SourceFailed(f"arXiv sent {error} when asked for {about}; it is asked again later.")

    def _feed_url(self, categories: tuple[str, ...]) -> str:
        return f"{self._feeds}/{'+'.join(categories)}"

    def _question(self, day: date) -> str:
        return f"{_RULES} {self._feed_url(self._categories)} {day.isoformat()}"


def _field(category: str) -> str:
    # The API knows archives ("cs") by their subject classes only, the feed knows both.
    return f"cat:{category}" if "." in category else f"cat:{category} OR cat:{category}.*"
