"""Papers that come out day after day: Hugging Face's lists and arXiv, on one port of loopback."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from tests.wires.loopback import Asked, Fault, Loopback, Said

SUBJECTS = (
    "video generation",
    "world model",
    "visual reasoning",
    "retrieval augmented generation",
    "reinforcement learning",
    "protein language model",
    "robot manipulation",
    "speech recognition",
    "code agents",
    "diffusion policy",
    "long context",
    "image editing",
)
_HOW = ("Sparse", "Latent", "Recursive", "Streaming", "Calibrated", "Modular", "Causal", "Quiet")
_WITH = ("Memory", "Feedback", "Experts", "Anchors", "Sketches", "Priors", "Tokens", "Graphs")
_NEW_YORK = ZoneInfo("America/New_York")
_XML = "application/atom+xml; charset=utf-8"
_WINDOW = re.compile(r"submittedDate:\[(\d{12}) TO (\d{12})\]")
_EXTRA = 40  # papers of a day from this number on are arXiv's alone


@dataclass(frozen=True)
class Printed:
    """One paper, and when it was first to be seen."""

    id: str
    day: date
    title: str
    abstract: str
    authors: tuple[str, ...]
    listed: datetime
    votes: int
    extra: bool  # on arXiv alone
    submitted: datetime

    @cached_property
    def whole(self) -> str:
        """Its page, as arXiv lays one out; empty: it has none."""
        if self.votes % 7 == 3:
            return ""
        dice = random.Random(self.id)
        parts = []
        for number, name in enumerate(("Introduction", "Method", "Results", "Conclusion"), 1):
            said = " ".join(_sentence(dice, self.title) for _ in range(40))
            parts.append(
                f'<section class="ltx_section"><h2 class="ltx_title ltx_title_section">{number} '
                f'{name}</h2><div class="ltx_para"><p class="ltx_p">{escape(said)}</p></div>'
                "</section>"
            )
        return (
            '<html><body><div class="ltx_page_content"><article class="ltx_document"><h1 '
            f'class="ltx_title ltx_title_document">{escape(self.title)}</h1>{"".join(parts)}'
            "</article></div></body></html>"
        )


def _sentence(dice: random.Random, title: str) -> str:
    return (
        f"We study {dice.choice(SUBJECTS)} for {title.split()[-1].lower()} and reach "
        f"{dice.randint(10, 99)}.{dice.randint(0, 9)} points on {dice.randint(2, 30)} data sets "
        f"with {dice.choice(_HOW).lower()} {dice.choice(_WITH).lower()}."
    )


class Press(Loopback):
    """Shows what is out at `now()`. `trouble(path)` is what goes wrong with a request, if any."""

    def __init__(
        self,
        seed: int,
        now: Callable[[], datetime],
        trouble: Callable[[str], Fault | None] = lambda path: None,
        *,
        papers: int = 8,
        extra: int = 6,
    ) -> None:
        super().__init__()
        self._seed, self._now, self._trouble = seed, now, trouble
        self._counts = (papers, extra)
        self._days: dict[date, tuple[Printed, ...]] = {}

    def papers(self, day: date) -> tuple[Printed, ...]:
        """Those of a day's list, in the end; none at weekends."""
        if day.weekday() > 4:
            return ()
        if day not in self._days:
            dice = random.Random(f"{self._seed} {day}")
            most, extra = self._counts
            numbers = [*range(dice.randint(most // 2, most)), *range(_EXTRA, _EXTRA + extra)]
            self._days[day] = tuple(self._printed(day, number, dice) for number in numbers)
        return self._days[day]

    def _printed(self, day: date, number: int, dice: random.Random) -> Printed:
        subject = dice.choice(SUBJECTS)
        title = f"{dice.choice(_HOW)} {dice.choice(_WITH)} for {subject.title()}"
        title = f"{title} {dice.choice(_HOW)} {number}"
        listed = datetime.combine(day, time(6), UTC) + timedelta(minutes=dice.randint(0, 1140))
        # Before the deadline of the day's announcement, whatever the weekday.
        end = datetime.combine(day - timedelta(days=3 if day.weekday() == 0 else 1), time(14))
        submitted = end.replace(tzinfo=_NEW_YORK) - timedelta(minutes=dice.randint(1, 1300))
        return Printed(
            f"{day:%y%m}.{10_000 + day.day * 100 + number:05d}",
            day,
            title,
            " ".join(_sentence(dice, subject) for _ in range(5)),
            tuple(f"Author {dice.randint(1, 400)}" for _ in range(dice.randint(1, 9))),
            listed,
            dice.randint(0, 80),
            number >= _EXTRA,
            submitted.astimezone(UTC),
        )

    def find(self, paper_id: str) -> Printed | None:
        """A paper of one of the last days."""
        today = self._now().date()
        for back in range(-1, 60):
            for one in self.papers(today - timedelta(days=back)):
                if one.id == re.sub(r"v\d+$", "", paper_id):
                    return one
        return None

    async def _reply(self, asked: Asked, writer: Any) -> bool:
        if (fault := self._trouble(asked.path)) is not None:
            self.faults.append(fault)  # nothing comes between: the next one takes it
        return await super()._reply(asked, writer)

    def answer(self, asked: Asked) -> Said:
        """What either service says."""
        path, query = asked.path, asked.query
        if path == "/api/daily_papers":
            return _json(self._daily(query) if query.get("p", "0") == "0" else [])
        if path == "/api/papers/search":
            return _json([self._record(one) for one in self._words(query.get("q", ""))])
        if path.startswith("/api/papers/"):
            one = self.find(path.rpartition("/")[2])
            found = one is not None and not one.extra
            if one is None or not found:
                return _json({"error": "Paper not found"}, 404)
            return _json(self._record(one)["paper"])
        if path == "/api/query":
            return self._query(query)
        if path.startswith("/atom/"):
            return self._feed()
        if path.startswith("/html/"):
            one = self.find(path.rpartition("/")[2])
            if one is not None and one.whole:
                return Said(one.whole.encode(), kind="text/html; charset=utf-8")
        return Said(b"<html><body>Not found</body></html>", 404, "text/html")

    def _daily(self, query: dict[str, str]) -> list[dict[str, Any]]:
        now = self._now()
        listed = self.papers(date.fromisoformat(query["date"]))
        return [self._record(one) for one in listed if one.listed <= now and not one.extra]

    def _record(self, one: Printed) -> dict[str, Any]:
        hours = max(0.0, (self._now() - one.listed).total_seconds() / 3600)
        paper = {
            "id": one.id,
            "title": one.title,
            "summary": one.abstract,
            "authors": [{"name": name} for name in one.authors],
            "publishedAt": one.submitted.isoformat().replace("+00:00", "Z"),
            "upvotes": round(one.votes * min(1.0, hours / 48)),
            "ai_keywords": [one.title.split(" for ")[1].rpartition(" ")[0].lower()],
        }
        if one.votes % 2:
            paper["ai_summary"] = one.abstract.split(".")[0] + "."
        if one.votes % 3 == 0:
            paper["githubRepo"] = f"https://github.com/lab/{one.id.replace('.', '-')}"
            paper["githubStars"] = one.votes
        return {"paper": paper, "title": one.title, "numComments": one.votes % 5}

    def _words(self, words: str) -> list[Printed]:
        wanted, today = words.casefold().split(), self._now().date()
        every = (one for back in range(14) for one in self.papers(today - timedelta(days=back)))
        return [one for one in every if all(word in one.title.casefold() for word in wanted)][:20]

    # arXiv

    def _feed(self) -> Said:
        today = self._now().astimezone(_NEW_YORK).date()
        while today.weekday() > 4:
            today -= timedelta(days=1)
        made = datetime.combine(today, time(0), _NEW_YORK)
        entries = "".join(
            f"<entry><id>oai:arXiv.org:{one.id}v1</id><title>{escape(one.title)}</title>"
            f'<link href="https://arxiv.org/abs/{one.id}" rel="alternate" type="text/html"/>'
            f"<summary>arXiv:{one.id}v1 Announce Type: new \nAbstract: {escape(one.abstract)}"
            f'</summary><category term="cs.CV"/><published>{made.isoformat()}</published>'
            "<arxiv:announce_type>new</arxiv:announce_type>"
            f"<dc:creator>{escape(', '.join(one.authors))}</dc:creator></entry>"
            for one in self.papers(today)
        )
        return Said(
            '<feed xmlns:arxiv="http://arxiv.org/schemas/atom" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns="http://www.w3.org/2005/Atom">'
            f"<updated>{made.isoformat()}</updated>{entries}</feed>".encode(),
            kind=_XML,
        )

    def _query(self, query: dict[str, str]) -> Said:
        asked, start = query.get("search_query", ""), int(query.get("start", "0"))
        if query.get("id_list"):
            found = [one for name in query["id_list"].split(",") if (one := self.find(name))]
        elif window := _WINDOW.search(asked):
            start_at, end = (
                datetime.strptime(each, "%Y%m%d%H%M").replace(tzinfo=UTC)
                for each in window.groups()
            )
            days = (start_at.date() + timedelta(days=n) for n in range(8))
            every = (one for day in days for one in self.papers(day))
            found = [one for one in every if start_at <= one.submitted <= end]
        else:
            found = self._words(" ".join(re.findall(r'all:"([^"]*)"', asked)))
        shown = found[start : start + int(query.get("max_results", "10"))]
        entries = "".join(
            f"<entry><id>http://arxiv.org/abs/{one.id}v1</id><title>{escape(one.title)}</title>"
            f"<published>{one.submitted:%Y-%m-%dT%H:%M:%SZ}</published>"
            f"<summary>{escape(one.abstract)}</summary>"
            + "".join(f"<author><name>{escape(name)}</name></author>" for name in one.authors)
            + '<category term="cs.CV"/></entry>'
            for one in shown
        )
        return Said(
            '<feed xmlns="http://www.w3.org/2005/Atom" '
            'xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"><opensearch:totalResults>'
            f"{len(found)}</opensearch:totalResults>{entries}</feed>".encode(),
            kind=_XML,
        )


def _json(value: object, status: int = 200) -> Said:
    return Said(json.dumps(value).encode(), status)
