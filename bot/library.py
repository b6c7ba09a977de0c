"""One paper on demand, and the search of the archive: from the store, else from the sources."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import reduce
from typing import Any, TypeVar

from bot.choices.typed import bare
from bot.desk import Desk
from bot.errors import GiveUp, NotFound, PaperboyError, SourceFailed, Usage
from bot.papers import Paper, find_id, merge, source_name
from bot.ports import Source, Transaction
from bot.texts import N_, Texts, texts

FRESH = timedelta(hours=6)  # votes and stars of a paper looked up since then are good enough
LONGEST = 300  # code points that are searched for
_PATIENCE = 1.5  # seconds that a paper in hand waits for what a slower source adds
_ASKED_AGAIN = timedelta(minutes=10)  # when a look-up that failed is asked again
_CANDIDATES = 25  # papers of the archive among which a title is looked for
_NOTE = "looked-up:"  # note: when a paper was last asked for at the sources
_LINK = re.compile(r"(?:[a-z][a-z0-9+.-]*://|www\.)\S+|[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}/\S*", re.I)
_WORD = re.compile(r"\w+")

_NOT_EVERYWHERE = N_(
    "{id} was not found where it could be looked for, but not everywhere: {reason} "
    "Check the number, or try again in a few minutes."
)
_NOT_SEARCHED = N_(
    'No paper was found for "{words}", but not everywhere could be searched: '
    "{reason} An arXiv id (2512.15716) is the surest."
)
_NOT_STORED = N_("{reason} Nothing is stored here about this paper; try again in a few minutes.")
_NOTHING_FITS = N_("{reason} Nothing stored here fits these words; try again in a few minutes.")

T = TypeVar("T")
log = logging.getLogger(__name__)


async def paper(desk: Desk, text: str, now: datetime, t: Texts | None = None) -> Paper:
    """The paper that `text` names: an arXiv id, a link of arXiv or Hugging Face, or words.

    What is stored and fresh is taken as it is; else every look-up is asked side by side, what
    they tell is merged and stored. A source that fails does not hide what another tells, nor
    what is stored. Raises Usage (nothing typed, a foreign link), NotFound with the next step,
    SourceFailed when nothing is known and not every source could be asked.
    """
    t = t or texts("en")
    text = text.strip()
    if not text:
        raise Usage(
            t("Which paper? Give its arXiv id, a link or words of its title. Example: 2512.15716.")
        )
    if len(text) > 4 * LONGEST:
        raise Usage(t("That is too long: at most {n} characters.", n=LONGEST))
    if paper_id := _id_in(text):
        return await _by_id(desk, paper_id, now, t)
    if link := _LINK.search(text):
        raise Usage(
            t(
                "{link} is not a paper's link of arXiv or Hugging Face, and other pages are not "
                "read. Example: arxiv.org/abs/2512.15716.",
                link=link[0][:60],
            )
        )
    return await _by_words(desk, text[:LONGEST], now, t)


def _id_in(text: str) -> str | None:
    """The id of the first token that is one, or a link of a known host."""
    for token in text.split():
        if found := find_id(token.strip("<>()[]\"'“”‘’,;，。；、")):
            return found[0]
    return None


async def at_hand(tx: Transaction, text: str, now: datetime) -> Paper | None:
    """The stored paper whose id stands in `text`, when nobody has to be asked for it."""
    paper_id = _id_in(text) if len(text) <= 4 * LONGEST else None
    if paper_id is None:
        return None
    known = (await tx.papers.get([paper_id])).get(paper_id)
    fresh = known is not None and known.abstract and await _is_fresh(tx, paper_id, now)
    return known if fresh else None


async def _by_id(desk: Desk, paper_id: str, now: datetime, t: Texts) -> Paper:
    async with desk.store.snapshot() as tx:
        known = (await tx.papers.get([paper_id])).get(paper_id)
        if known and known.abstract and await _is_fresh(tx, paper_id, now):
            return known
    told, failures = await _asked(
        desk, lambda source: source.paper(paper_id), in_hand=bool(known and known.abstract)
    )
    told = [one for one in told if one.id == paper_id]
    if told:
        # What a failing source could add is asked for again soon, not at every question.
        asked = now if not failures else now - FRESH + _ASKED_AGAIN
        return await _remembered(desk, told, now, asked=asked)
    if known:
        return known
    if page := await _by_its_page(desk, paper_id):
        return await _remembered(desk, [page], now)
    if failures and len(failures) < len(desk.lookups):
        raise _failed(failures, t, _NOT_EVERYWHERE, id=paper_id)
    if failures:
        raise _failed(failures, t, _NOT_STORED)
    raise NotFound(
        t(
            "There is no paper {id}. Look at the number, or search by words: /search {example}",
            id=paper_id,
            example="video generation",
        )
    )


async def _by_its_page(desk: Desk, paper_id: str) -> Paper | None:
    """What the full text tells of a paper that no source could tell of."""
    fulltext = desk.room.fulltext if desk.room is not None else None
    if fulltext is None:
        return None
    try:
        whole = await fulltext.read(paper_id)
    except PaperboyError as error:
        log.info("no full text either", extra={"paper": paper_id, "error": str(error)})
        return None
    if not whole.title:
        return None
    title, abstract = (" ".join(text.split()) for text in (whole.title, whole.abstract))
    return Paper(paper_id, title, abstract, version=whole.version, sources=("arxiv",))


async def _by_words(desk: Desk, words: str, now: datetime, t: Texts) -> Paper:
    wanted = _words(words)
    if not wanted:
        raise Usage(
            t("Which paper? Give its arXiv id, a link or words of its title. Example: 2512.15716.")
        )
    async with desk.store.snapshot() as tx:
        archive = await tx.papers.search(words, limit=_CANDIDATES)
    titled = [one for one in archive if _likeness(wanted, one) >= 1]
    if not titled:
        found, failures = await _asked(desk, lambda source: source.search(words, 10))
        told = [one for some in found for one in some]
        titled = sorted([*archive, *told], key=lambda one: -_likeness(wanted, one))
        if not titled:
            if failures and len(failures) < len(desk.lookups):
                raise _failed(failures, t, _NOT_SEARCHED, words=words[:60])
            if failures:
                raise _failed(failures, t, _NOTHING_FITS)
            raise NotFound(
                t(
                    'No paper was found for "{words}". Give its arXiv id or a link, or other '
                    "words of its title.",
                    words=words[:60],
                )
            )
        if titled[0] in told:
            same = [one for one in told if one.id == titled[0].id]
            await _remembered(desk, same, now)
    best = max(titled, key=lambda one: _likeness(wanted, one))
    return await _by_id(desk, best.id, now, t)


async def search(
    desk: Desk, words: str, limit: int, now: datetime, *, offset: int = 0, t: Texts | None = None
) -> list[Paper]:
    """Papers for free words, best first: the archive's; the sources' when it has none.

    What the sources tell is stored. Raises Usage when nothing is typed, SourceFailed when
    nothing is known and not every source could be asked; empty when there is nothing.
    """
    t = t or texts("en")
    if not _words(words):
        raise Usage(t("Search for which words? Example: /search diffusion policy."))
    if len(words) > LONGEST:
        raise Usage(t("That is too long: at most {n} characters.", n=LONGEST))
    async with desk.store.snapshot() as tx:
        known = await tx.papers.search(words, limit=limit, offset=offset)
    if known or offset:
        return known
    found, failures = await _asked(desk, lambda source: source.search(words, limit))
    told: dict[str, list[Paper]] = {}
    for one in (one for some in found for one in some):
        told.setdefault(one.id, []).append(one)
    if not told and failures:
        raise _failed(failures, t, _NOTHING_FITS)
    papers = [await _remembered(desk, same, now) for same in told.values()]
    return papers[:limit]


async def _asked(
    desk: Desk, ask: Callable[[Source], Coroutine[Any, Any, T]], *, in_hand: bool = False
) -> tuple[list[T], dict[str, PaperboyError]]:
    """The answers of all look-ups, asked side by side; the failures of those that gave none.

    That a source does not know the paper is an answer too: an empty one. With `in_hand`, or once
    one of them answered, the others have `_PATIENCE` seconds more.
    """
    asked = {name: asyncio.ensure_future(ask(source)) for name, source in desk.lookups.items()}
    try:
        if not in_hand:
            await _first_answer(asked.values())
        await asyncio.wait(asked.values(), timeout=_PATIENCE)
        late = {name for name, task in asked.items() if not task.done()}
    finally:
        for task in asked.values():
            task.cancel()
    outcomes = await asyncio.gather(*asked.values(), return_exceptions=True)
    answers: list[T] = []
    failures: dict[str, PaperboyError] = {}
    for name, outcome in zip(desk.lookups, outcomes, strict=True):
        if name in late:
            outcome = SourceFailed(f"{source_name(name)} did not answer within {_PATIENCE:g} s.")
        if isinstance(outcome, SourceFailed | GiveUp):
            log.info("look-up failed: source=%s: %s", name, outcome)
            failures[name] = outcome
        elif isinstance(outcome, NotFound):
            continue
        elif isinstance(outcome, BaseException):
            raise outcome
        else:
            answers.append(outcome)
    return answers, failures


async def _first_answer(asked: Iterable[asyncio.Future[T]]) -> None:
    """Wait until one of them has an answer, or all have failed."""
    waiting = set(asked)
    while waiting:
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if any(task.exception() is None for task in done):
            return


async def _remembered(
    desk: Desk, told: Sequence[Paper], now: datetime, *, asked: datetime | None = None
) -> Paper:
    """Store what was told of one paper, merged with what is known.

    `asked`: the instant as of which every look-up was asked.
    """
    paper_id = told[0].id
    async with desk.store.transaction() as tx:
        known = (await tx.papers.get([paper_id])).get(paper_id)
        merged = reduce(merge, told[1:], merge(known, told[0]))
        if merged != known:
            await tx.papers.put([merged])
        if asked is not None:
            await _note(tx, paper_id, asked, now)
    return merged


async def _is_fresh(tx: Transaction, paper_id: str, now: datetime) -> bool:
    noted = await tx.notes.get(_NOTE + paper_id)
    return noted is not None and abs(now - datetime.fromisoformat(noted)) <= FRESH


async def _note(tx: Transaction, paper_id: str, asked: datetime, now: datetime) -> None:
    """Remember that the paper was looked up, and forget what is no longer fresh."""
    for name, at in (await tx.notes.starting(_NOTE)).items():
        if abs(now - datetime.fromisoformat(at)) > FRESH:
            await tx.notes.put(name, None)
    await tx.notes.put(_NOTE + paper_id, asked.isoformat())


def _failed(
    failures: Mapping[str, PaperboyError], t: Texts, sentence: str, **values: str
) -> SourceFailed:
    """What could not be found out: with the source's own trouble for a command line and a log,
    with its name alone for the person in a chat, who can do nothing about a setting."""
    waits = [one.retry_after for one in failures.values() if isinstance(one, SourceFailed)]
    silent = t("{sources} did not answer.", sources=t.list(map(source_name, failures)))
    return SourceFailed(
        t(sentence, reason=str(next(iter(failures.values()))), **values),
        retry_after=max((wait for wait in waits if wait), default=None),
        told=t(sentence, reason=silent, **values),
    )


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(bare(text)))


def _likeness(wanted: frozenset[str], paper: Paper) -> float:
    """How well a title fits: from 1 up when it holds all words, the fuller the better."""
    title = _words(paper.title)
    if not title:
        return 0
    common = len(wanted & title)
    return (
        common / len(wanted) + common / len(title) / 2
        if common == len(wanted)
        else (common / len(wanted) * 0.9)
    )
