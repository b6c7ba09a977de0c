"""The words of papers for the search: folded here, only compared by the engines.

Both engines get the same words: SQLite in an FTS5 table, PostgreSQL as a tsvector, each without
its own idea of what a word is. A word is what the topics take for one (bot.topics.fold: case,
accents, width and TeX folded). Scripts without spaces give each character and each pair of
neighbours, so that a run of them is found as a whole. People's quotes and operators are data;
only a star after a word means something: any ending.

A change here, or in what folding does, is a migration that fills papers_search anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, cast, column, literal_column, select, table, text
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from bot.papers import Paper
from storage.tables import papers
from storage.work import Work

_LONGEST_TEXT = 100_000  # characters that are searched; more is no abstract
_LONGEST_WORD = 100  # characters
_MOST_WORDS = 20_000  # distinct ones of a paper: a tsvector holds less than 1 MB

# FTS5 would part a word at these ("4.5", "c++"); as private characters they are letters to it.
_LETTERS = {code: 0xE000 + code for code in range(128) if not chr(code).isalnum()}


@dataclass(frozen=True, slots=True)
class Asked:
    """One word that a paper must hold."""

    word: str
    prefix: bool = False


def _word(folded: str) -> str:
    return folded.translate(_LETTERS)[:_LONGEST_WORD]


def indexed(texts: Iterable[str]) -> dict[str, None]:
    """The distinct words that these texts are found by, in order of appearance."""
    from bot.topics.fold import tokens

    words: dict[str, None] = {}
    for whole in texts:
        before = None
        for token in tokens(whole[:_LONGEST_TEXT]):
            if len(words) >= _MOST_WORDS:
                return words
            words[_word(token.folded)] = None
            if token.unspaced and before is not None and before.unspaced:
                words[_word(before.folded + token.folded)] = None
            before = token
    return words


def asked(typed: str) -> list[Asked]:
    """What a paper must hold to be an answer to these words."""
    from bot.topics.fold import tokens

    typed = typed[:_LONGEST_TEXT]
    wanted: dict[Asked, None] = {}
    run: list[str] = []
    end = 0
    for token in (*tokens(typed), None):
        if run and (token is None or not token.unspaced or token.start != end):
            pairs = [a + b for a, b in pairwise(run)] or run
            wanted |= dict.fromkeys(Asked(_word(pair)) for pair in pairs)
            run = []
        if token is None:
            break
        end = token.end
        if token.unspaced:
            run.append(token.folded)
        else:
            star = typed[end : end + 1] in ("*", "＊")
            wanted[Asked(_word(token.folded), star)] = None
    return list(wanted)[:_MOST_WORDS]


@dataclass(frozen=True, slots=True)
class Entry:
    """What one paper is found by."""

    number: int
    title: tuple[str, ...]
    rest: tuple[str, ...]

    @classmethod
    def of(cls, number: int, paper: Paper) -> Entry:
        """Title first; abstract, keywords and authors are the rest."""
        rest = (paper.abstract, *paper.keywords, *paper.authors)
        return cls(number, tuple(indexed([paper.title])), tuple(indexed(rest)))


class Search:
    """The search table of the engine at hand."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def put(self, entries: Sequence[Entry]) -> None:
        """Take these words in place of what was there for the same papers."""
        if self._work.sqlite:
            numbers = [{"number": entry.number} for entry in entries]
            await self._work.change(
                text("DELETE FROM papers_search WHERE rowid = :number"), numbers
            )
            statement = text(
                "INSERT INTO papers_search (rowid, title, rest) VALUES (:number, :title, :rest)"
            )
            rows: list[dict[str, Any]] = [
                {
                    "number": entry.number,
                    "title": " ".join(entry.title),
                    "rest": " ".join(entry.rest),
                }
                for entry in entries
            ]
        else:
            statement = text(
                "INSERT INTO papers_search (number, words)"
                " VALUES (:number, CAST(:words AS tsvector))"
                " ON CONFLICT (number) DO UPDATE SET words = excluded.words"
            )
            rows = [{"number": entry.number, "words": _vector(entry)} for entry in entries]
        await self._work.change(statement, rows)

    def query(self, typed: str) -> tuple[ColumnElement[bool], ColumnElement[bool]] | None:
        """Conditions on papers: holds all words; holds them all in the title. None: no words."""
        if not (wanted := asked(typed)):
            return None
        if self._work.sqlite:
            every = " AND ".join(f'"{one.word}"{"*" if one.prefix else ""}' for one in wanted)
            return _in_sqlite(every), _in_sqlite(f"title : ({every})")
        every = " & ".join(f"'{one.word}'{':*' if one.prefix else ''}" for one in wanted)
        title = " & ".join(f"'{one.word}':{'*' if one.prefix else ''}A" for one in wanted)
        return _in_postgres(every), _in_postgres(title)


_SQLITE_SEARCH = table("papers_search", column("rowid"))
_POSTGRES_SEARCH = table("papers_search", column("number"), column("words", TSVECTOR))


def _in_sqlite(query: str) -> ColumnElement[bool]:
    matches = literal_column("papers_search").op("MATCH")(query)
    return papers.c.number.in_(select(_SQLITE_SEARCH.c.rowid).where(matches))


def _in_postgres(query: str) -> ColumnElement[bool]:
    matches = _POSTGRES_SEARCH.c.words.op("@@")(cast(query, TSQUERY))
    return papers.c.number.in_(select(_POSTGRES_SEARCH.c.number).where(matches))


def _vector(entry: Entry) -> str:
    """The words as a tsvector is written: place 1 with weight A is the title, 2 the rest."""
    title, rest = set(entry.title), set(entry.rest)
    both = dict.fromkeys((*entry.title, *entry.rest))
    return " ".join(
        f"'{word}':" + ",".join(["1A"] * (word in title) + ["2"] * (word in rest)) for word in both
    )
