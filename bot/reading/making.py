"""Making one reading: the best rung that can be reached, checked, with where it came from."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache, partial
from typing import TypeVar

from bot.cards.blocks import Rung
from bot.errors import (
    GiveUp,
    NotFound,
    OverBudget,
    PaperboyError,
    Skip,
    SourceFailed,
    StoreBusy,
    TooLong,
    Unusable,
)
from bot.papers import Paper, Reading
from bot.ports.reading import Filled, Form, FullText, Reader, Whole
from bot.ports.watching import Meter, Unwatched
from bot.reading.abstracts import lower_rungs
from bot.reading.asking import report_form, report_of
from bot.reading.checking import Against
from bot.reading.fitting import fit
from bot.reading.language import report_is_in
from bot.reading.laying import sections_of
from bot.reading.money import Purse, Reserved
from bot.reports import Report

_SCHEMA = 700  # tokens of the schema and of what an endpoint puts round a form
_LEAST = 1_000  # tokens of a text that is worth a call, however long the instructions are
_HEAD_START = 0.3  # seconds of a call in which nothing is prepared for its answer

T = TypeVar("T")

log = logging.getLogger(__name__)


class Again(StrEnum):
    """Why another try may give a better reading."""

    NEVER = "never"  # it is as good as it gets
    NO_TEXT_YET = "no-text-yet"  # the full text may come within two days
    FAILED = "failed"  # the endpoint, or what it answered, was of no use
    SPENT = "spent"  # the tokens of the day are
    PERSON_SPENT = "person-spent"  # those of the person who asked are


@dataclass(frozen=True, slots=True)
class Made:
    """A reading, and whether it is worth while to try again."""

    reading: Reading  # at worst of the lowest rungs, which need no model
    again: Again = Again.NEVER
    retry_after: float | None = None  # seconds, when the endpoint said so
    new: bool = False  # a model was asked and its answer stands


@dataclass(frozen=True, slots=True)
class Source:
    """What is put before a model, and what its answer is compared with."""

    rung: Rung
    text: str
    parts: tuple[str, ...]  # of the text, as the checks take them
    share: float
    version: int | None
    given: Whole | str


class Maker:
    """Makes readings with one model; the texts come from `fulltext` where it has them.

    At most `at_once` calls are made at a time, those for people who wait not counted. Fitting and
    checking take some hundredths of a second and go to a thread.
    """

    def __init__(
        self,
        reader: Reader,
        fulltext: FullText | None,
        purse: Purse,
        *,
        at_once: int = 8,
        meter: Meter | None = None,
    ) -> None:
        self._meter = meter or Unwatched()
        self._calls = asyncio.Semaphore(at_once)
        self._under_way = 0  # calls whose tokens are reserved
        self._ended = asyncio.Event()  # set when one of them is settled
        self._thinking = asyncio.Lock()  # one after the other: side by side all would end late
        self._reader = reader
        self._fulltext = fulltext
        self._purse = purse

    async def make(
        self,
        paper: Paper,
        language: str,
        now: datetime,
        *,
        person: str | None = None,
        known: Reading | None = None,
    ) -> Made:
        """The reading of the paper in the language; the tokens are the day's and the person's.

        `known`: a reading of the abstract that stands already, so that only the full text is
        worth a call. Raises StoreBusy, and nothing else.
        """
        worst = known if known is not None else lower_rungs(paper, language)
        whole, later = await self._whole(paper)
        lacks = Again.NO_TEXT_YET if later else Again.NEVER
        spent: Again | None = None
        try:
            if whole is not None:
                try:
                    reading = await self._read_whole(paper, language, whole, now, person)
                except OverBudget as error:  # the abstract is cheaper
                    spent, reading = _spent(error), None
                if reading is not None:
                    return Made(reading, new=True)
            if known is not None:
                return Made(known, spent or lacks)
            if paper.abstract:
                source = _of_abstract(paper)
                reading = await self._read(paper, language, source, now, person)
                if reading is not None:
                    return Made(reading, spent or lacks, new=True)
            return Made(worst, Again.FAILED)
        except OverBudget as error:
            return Made(worst, _spent(error))
        except StoreBusy:
            raise
        except (SourceFailed, GiveUp, Unusable) as error:
            log.warning("not read: paper=%s: %s", paper.id, error)
            wait = error.retry_after if isinstance(error, SourceFailed) else None
            return Made(worst, Again.FAILED, wait)
        except Exception:  # a mistake of ours with one paper
            log.exception("not read: paper=%s", paper.id)
            return Made(worst, Again.FAILED)

    async def text(self, paper: Paper) -> Source | None:
        """What a question about the paper is answered from: its full text, else the abstract.

        None when there is neither.
        """
        whole, _ = await self._whole(paper)
        if whole is not None:
            return await self._of_whole(whole, paper)
        return _of_abstract(paper) if paper.abstract else None

    async def thought(self, work: Callable[[], T]) -> T:
        """What heavy work without any waiting gives: done in a thread, one after the other, so
        that messages and answers keep their pace meanwhile."""
        async with self._thinking:
            return await asyncio.to_thread(work)

    async def filled(
        self,
        form: Form,
        now: datetime,
        person: str | None = None,
        *,
        purpose: str = "reading",
        begun: asyncio.Event | None = None,
    ) -> Filled:
        """One call within the budgets, paid for whatever comes of it.

        `purpose` is what the meter is told; `begun` is set when its turn has come. Raises
        OverBudget, Unusable, SourceFailed, GiveUp, StoreBusy.
        """
        reserved = await self._reserve(self.estimate(form), now, person)
        self._under_way += 1
        cost: int | None = None  # broken off from outside, nobody knows: then the estimate stays
        try:
            async with self._calls if person is None else nullcontext():
                if begun is not None:
                    begun.set()
                filled = await self._reader.fill(form)
            cost = filled.tokens_in + filled.tokens_out
            return filled
        except Unusable as error:
            cost = error.tokens_in + error.tokens_out
            raise
        except Exception:
            cost = 0
            raise
        finally:
            if (paid := reserved.tokens if cost is None else cost) > 0:
                self._meter.spent(purpose, paid)
            if cost is not None:
                await self._settle(reserved, cost)
            self._under_way -= 1
            self._ended.set()

    async def _reserve(self, tokens: int, now: datetime, person: str | None) -> Reserved:
        """Counted; where the day seems spent, not before the calls under way are settled, which
        mostly cost less than was reserved for them.
        """
        while True:
            try:
                return await self._purse.reserve(tokens, now, person)
            except OverBudget as error:
                if error.personal or not self._under_way:
                    raise
            self._ended.clear()
            await self._ended.wait()

    def estimate(self, form: Form) -> int:
        """Tokens of a call, in and out, rather too many than too few."""
        return self._input(form) + form.most_tokens

    def _input(self, form: Form) -> int:
        tokens = self._reader.tokens
        return tokens(form.instructions) + tokens(form.text) + _SCHEMA

    async def _of_whole(self, whole: Whole, paper: Paper, *, most: int | None = None) -> Source:
        """As much of a full text as a reading may cost, the best parts of it.

        `most`: tokens of input, where that is less than a reading may cost.
        """
        empty = report_form("", "en", again=True)
        most = min(most or self._purse.budget.reading, self._purse.budget.reading)
        room = max(_LEAST, most - self._input(empty))
        counted = lru_cache(maxsize=64)(self._reader.tokens)  # the same is counted often
        fitted = await self.thought(partial(fit, whole, room, counted))
        parts = tuple(text for one in whole.sections for text in (one.title, one.text) if text)
        return Source(
            Rung.FULL_TEXT,
            fitted.text,
            (whole.title, whole.abstract, paper.abstract, *parts),
            fitted.share,
            whole.version or paper.version,
            whole,
        )

    async def _whole(self, paper: Paper) -> tuple[Whole | None, bool]:
        """The full text; without one, whether it may come."""
        if self._fulltext is None:
            return None, False
        try:
            return await self._fulltext.read(paper.id), False
        except (NotFound, Skip, SourceFailed) as error:
            log.info("no full text", extra={"paper": paper.id, "error": str(error)})
            return None, True
        except PaperboyError as error:
            log.warning("no full text", extra={"paper": paper.id, "error": str(error)})
            return None, False
        except Exception:
            log.exception("no full text", extra={"paper": paper.id})
            return None, False

    async def _read_whole(
        self, paper: Paper, language: str, whole: Whole, now: datetime, person: str | None
    ) -> Reading | None:
        """The reading of the full text, of less of it where the model takes no more."""
        source = await self._of_whole(whole, paper)
        try:
            return await self._read(paper, language, source, now, person)
        except TooLong as error:
            log.warning("the model takes less: paper=%s: %s", paper.id, error)
            most = error.takes - report_form("", "en").most_tokens if error.takes else 0
            source = await self._of_whole(
                whole, paper, most=max(most, self._purse.budget.reading // 3)
            )
        try:
            return await self._read(paper, language, source, now, person)
        except TooLong:
            return None

    async def _read(
        self, paper: Paper, language: str, source: Source, now: datetime, person: str | None
    ) -> Reading | None:
        """The reading of one text; None when what the model answers cannot be used."""
        begun, answered = asyncio.Event(), asyncio.Event()

        async def compared() -> Against:
            # While the model writes; but not before the calls of others are on their way too,
            # which a thread at work would hold up.
            await begun.wait()
            with suppress(TimeoutError):
                async with asyncio.timeout(_HEAD_START):
                    await answered.wait()
            return await self.thought(
                partial(Against, source.given, source.parts, _addresses(paper))
            )

        against = asyncio.create_task(compared(), name=f"compared {paper.id}")
        try:
            answer = await self._answer(paper, language, source, now, person, begun)
            if answer is None:
                return None
            filled, report = answer
            answered.set()
            sound = await self.thought(partial((await against).checked, report))
        finally:
            against.cancel()
        if sound is None:
            log.warning("nothing left of the answer: paper=%s rung=%s", paper.id, source.rung)
            return None
        return Reading(
            paper.id,
            language,
            source.rung,
            (sound.report.contribution,),
            sections_of(sound.report, language),
            filled.model,
            source.version,
            now,
            sound.unfound,
            sound.derived,
            sound.flags,
            round(source.share, 4),
            sound.report,
        )

    async def _answer(
        self,
        paper: Paper,
        language: str,
        source: Source,
        now: datetime,
        person: str | None,
        begun: asyncio.Event,
    ) -> tuple[Filled, Report] | None:
        """What the model says of one text in that language; None when it is of no use.

        `begun` is set once it is asked.
        """
        for again in (False, True):
            try:
                form = report_form(source.text, language, again=again)
                filled = await self.filled(form, now, person, begun=begun)
                report = report_of(filled.values)
            except TooLong:
                raise
            except Unusable as error:
                log.warning("answer of no use: paper=%s rung=%s: %s", paper.id, source.rung, error)
                return None
            if report_is_in(report, language):
                return filled, report
        log.warning("answer in another language: paper=%s rung=%s", paper.id, source.rung)
        return None

    async def _settle(self, reserved: Reserved, cost: int) -> None:
        try:
            await self._purse.settle(reserved, cost)
        except StoreBusy as error:  # the estimate stays counted; an answer is not lost for that
            log.warning("tokens not settled: %s", error)


def _spent(error: OverBudget) -> Again:
    return Again.PERSON_SPENT if error.personal else Again.SPENT


def _of_abstract(paper: Paper) -> Source:
    text = f"{paper.title}\n\n{paper.abstract}"
    parts = (paper.title, paper.abstract)
    return Source(Rung.ABSTRACT, text, parts, 1.0, paper.version, text)


def _addresses(paper: Paper) -> Sequence[str]:
    """Addresses that a source gave beside the text."""
    return [one for one in (paper.code_url, paper.project_url) if one]
