"""Recorded answers of Hugging Face and arXiv, served over HTTP on loopback.

    python -m tests.wires.replay --recordings DIR [--port N]

prints its address; then, for instance, `HF_ENDPOINT=<address> paperboy digest --date 2026-06-12`
or `PAPERBOY_ARXIV_URL=<address> …`. `<address>/fetch/3` is the same with the fourth of the
recorded fetches of one day instead of the last. DIR is laid out like the recordings beside the
checkout (`huggingface/days/<date>.json`, `arxiv/api_atom/*.json`, …); any part may be missing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

from tests.wires.loopback import Asked, Loopback, Said

NINE = "one_day_nine_fetches"
NINE_DAY = date(2025, 1, 8)  # the day whose list the nine fetches show
_ATOM = "{http://www.w3.org/2005/Atom}"
_XML = "application/atom+xml; charset=utf-8"
_WINDOW = re.compile(r"submittedDate:\[(\d{12}) TO (\d{12})\]")


class Replay(Loopback):
    """Both services on one port. What was never recorded is an empty list or a 404."""

    def __init__(self, recordings: Path, port: int = 0) -> None:
        super().__init__(port)
        self.recordings = recordings
        self.fetch = -1  # which of the fetches of one day
        self.heeds_date = True  # some mirrors always give the latest list
        self.heeds_page = True  # some ignore `p` …
        self.most_at_once = 100  # … or `limit`
        self.mends = True  # ends a feed whose recording was cut off behind its last whole entry
        self.feed: Path | None = None  # the feed for any categories; else chosen by its name

    def answer(self, asked: Asked) -> Said:
        path, fetch = asked.path, self.fetch
        if prefix := re.match(r"/fetch/(\d+)(?=/)", path):
            path, fetch = path[prefix.end() :], int(prefix[1])
        if path == "/api/daily_papers":
            return self._daily(asked.query, fetch)
        if path == "/api/papers/search":
            return self._search(asked.query)
        if path.startswith("/api/papers/"):
            return self._paper(path.removeprefix("/api/papers/"))
        if path == "/api/query":
            return self._query(asked.query)
        if path.startswith("/atom/"):
            return self._feed(path.removeprefix("/atom/"))
        if path.startswith(("/abs/", "/html/")):
            _, folder, paper_id = path.split("/", 2)
            return self._page(folder, paper_id)
        return _json({"error": "Not found"}, 404)

    # Hugging Face

    def _daily(self, query: dict[str, str], fetch: int) -> Said:
        try:
            day = date.fromisoformat(query["date"]) if "date" in query else None
            limit = min(int(query.get("limit", "50")), self.most_at_once)
            page = int(query.get("p", "0")) if self.heeds_page else 0
        except ValueError:
            return _json({"error": "Invalid date, limit or p"}, 400)
        records = self._list_of(day if self.heeds_date else None, fetch)
        return _json(records[page * limit : (page + 1) * limit])

    def _list_of(self, day: date | None, fetch: int) -> Any:
        folder = self.recordings / "huggingface"
        if day is None:
            found = sorted(folder.glob("daily_papers_default_listing_*.json"))
            found = found or sorted(folder.glob("days/*.json"))
            return _load(found[-1]) if found else []
        if (file := folder / "days" / f"{day}.json").exists():
            return _load(file)
        fetches = sorted((folder / NINE).glob("*.json")) if day == NINE_DAY else []
        return _load(fetches[fetch]) if fetches else []

    @cached_property
    def _records(self) -> list[Any]:
        folder = self.recordings / "huggingface"
        newest = sorted(folder.glob("days/*.json"), reverse=True)
        records = (record for file in newest for record in _load(file))
        return list({record["paper"]["id"]: record for record in records}.values())

    def _paper(self, paper_id: str) -> Said:
        for record in self._records:
            if record["paper"]["id"] == paper_id:
                return _json(record["paper"])
        return _json({"error": "Paper not found"}, 404)

    def _search(self, query: dict[str, str]) -> Said:
        words = query.get("q", "").casefold().split()
        found = [
            record
            for record in self._records
            if all(word in record["paper"]["title"].casefold() for word in words)
        ]
        return _json(found[: int(query.get("limit", "120"))])

    # arXiv

    @cached_property
    def _recorded(self) -> list[tuple[dict[str, str], int, str]]:
        """(query, status, body) of each recorded answer of the API."""
        rows = []
        for file in sorted(self.recordings.glob("arxiv/api_atom/*.json")):
            said = _load(file)
            pairs = parse_qs(urlsplit(said["url"]).query, keep_blank_values=True)
            rows.append(
                ({name: v[-1] for name, v in pairs.items()}, said["status_code"], said["body"])
            )
        return rows

    @cached_property
    def _entries(self) -> list[tuple[str, datetime, set[str], str, str]]:
        """(id, submitted, categories, searchable text, XML) of every entry ever recorded."""
        bodies = [body for _, status, body in self._recorded if status == 200]
        bodies += [file.read_text() for file in self.recordings.glob("arxiv/api_atom/*.xml")]
        entries: dict[str, tuple[str, datetime, set[str], str, str]] = {}
        for body in bodies:
            for entry in ElementTree.fromstring(body).iter(f"{_ATOM}entry"):
                paper_id = entry.findtext(f"{_ATOM}id", "").rpartition("/abs/")[2]
                paper_id = re.sub(r"v\d+$", "", paper_id)
                moment = datetime.fromisoformat(entry.findtext(f"{_ATOM}published", ""))
                terms = {part.get("term", "") for part in entry.iter(f"{_ATOM}category")}
                words = " ".join(entry.itertext()).casefold()
                xml = ElementTree.tostring(entry, encoding="unicode")
                entries.setdefault(paper_id, (paper_id, moment, terms, words, xml))
        return list(entries.values())

    def _query(self, query: dict[str, str]) -> Said:
        ids = [part for part in query.get("id_list", "").split(",") if part]
        if ids:
            for known, status, body in self._recorded:
                wanted = re.sub(r"v\d+$", "", known.get("id_list", ""))
                if wanted == re.sub(r"v\d+$", "", query["id_list"]):
                    return Said(body.encode(), status, _XML)
            entries = [entry for entry in self._entries if entry[0] in ids]
            return _results([entry[4] for entry in entries], 0, len(ids))
        asked = query.get("search_query", "")
        start, most = int(query.get("start", "0")), int(query.get("max_results", "10"))
        words = " ".join(re.findall(r'all:"?([^"]*)"?', asked)) or asked
        for known, status, body in self._recorded:
            span = (int(known.get("start", "0")), int(known.get("max_results", "10")))
            if known.get("search_query") == words and span == (start, most):
                return Said(body.encode(), status, _XML)
        return _results(self._matching(asked), start, most)

    def _matching(self, asked: str) -> list[str]:
        """XML of the entries that a query means; in order of submission for a time window."""
        if window := _WINDOW.search(asked):
            start, end = (
                datetime.strptime(each, "%Y%m%d%H%M").replace(tzinfo=UTC)
                for each in window.groups()
            )
            chosen = set(re.findall(r"cat:([\w.-]+)", asked))
            return [
                xml
                for _, moment, terms, _, xml in sorted(self._entries, key=lambda entry: entry[1])
                if start <= moment <= end and terms & chosen
            ]
        phrases = [each.casefold() for each in re.findall(r'all:"([^"]*)"', asked)]
        return [
            xml
            for _, _, _, text, xml in self._entries
            if phrases and all(each in text for each in phrases)
        ]

    def _feed(self, categories: str) -> Said:
        if self.feed is not None:
            return Said(self._whole(self.feed), kind=_XML)
        files = sorted(self.recordings.glob("arxiv/rss/*.xml"))
        first = categories.partition("+")[0]
        named = [file for file in files if f"_{first}_" in file.name]
        empty = [file for file in files if "empty" in file.name]
        for file in named or empty:
            return Said(self._whole(file), kind=_XML)
        return Said(b"No such feed", 404, "text/plain")

    def _whole(self, file: Path) -> bytes:
        body = file.read_bytes()
        end = b"</feed>" if b"<feed" in body else b"</rss>"
        if not self.mends or body.rstrip().endswith(end):
            return body
        last = b"</entry>" if end == b"</feed>" else b"</item>"
        kept = body[: body.rindex(last) + len(last)]
        return kept + (end if end == b"</feed>" else b"</channel>" + end)

    def _page(self, folder: str, paper_id: str) -> Said:
        plain = re.sub(r"v\d+$", "", paper_id).replace("/", "")
        for file in sorted(self.recordings.glob(f"arxiv/{folder}/*.html")):
            if re.sub(r"(v\d+|\.head-only)$", "", file.stem).removeprefix("old_latexml_") == plain:
                return Said(file.read_bytes(), kind="text/html; charset=utf-8")
        return Said(b"<html><body>Not found</body></html>", 404, "text/html")


def _load(file: Path) -> Any:
    return json.loads(file.read_text("utf-8"))


def _json(value: object, status: int = 200) -> Said:
    return Said(json.dumps(value, ensure_ascii=False).encode(), status)


def _results(entries: list[str], start: int, most: int) -> Said:
    body = (
        '<feed xmlns="http://www.w3.org/2005/Atom"'
        ' xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">'
        f"<opensearch:totalResults>{len(entries)}</opensearch:totalResults>"
        f"{''.join(entries[start : start + most])}</feed>"
    )
    return Said(body.encode(), kind=_XML)


async def _serve(recordings: Path, port: int) -> None:
    async with Replay(recordings, port) as replay:
        print(replay.url, flush=True)
        await asyncio.Event().wait()


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="Serve recorded answers on loopback.")
    parser.add_argument("--recordings", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    chosen = parser.parse_args()
    if not chosen.recordings.is_dir():
        parser.error(f"{chosen.recordings} is not a folder of recordings")
    try:
        asyncio.run(_serve(chosen.recordings, chosen.port))
    except KeyboardInterrupt:
        print("stopped")


if __name__ == "__main__":
    main()
