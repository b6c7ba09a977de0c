"""Questions about one paper, answered from its text alone, with the passages that bear them out."""

from __future__ import annotations

import logging
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from bot.cards.blocks import Rung
from bot.cards.tex import readable
from bot.errors import GiveUp, OverBudget, SourceFailed, Unusable
from bot.papers import Paper
from bot.ports.reading import Filled
from bot.reading.asking import Answered, answer_of, question_form
from bot.reading.language import is_in
from bot.reading.making import Maker
from bot.reading.making import Source as Text
from bot.reading.numbers import Numbers
from bot.reading.trust import Source, plain

_SHORTEST = 12  # letters and digits of a passage that can be told from chance
_QUOTED = 400  # graphemes of a passage that are shown
_ANSWER = 1_500
_NOT_WORDS = re.compile(r"[\W_]+")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the text says to a question."""

    known: bool  # whether the text holds the answer
    text: str  # plain; empty without one
    quotations: tuple[str, ...]  # passages, each of them found in the text
    dropped: int  # passages that the model gave and the text does not hold
    unfound: tuple[str, ...]  # numbers of the answer that the text does not hold
    rung: Rung
    model: str
    version: int | None
    share: float
    foreign: bool = False  # it is in another language than was asked for


async def answered(
    maker: Maker, paper: Paper, question: str, language: str, now: datetime, person: str | None
) -> Answer | None:
    """The answer; None for a paper that has neither full text nor abstract.

    One in another language is asked for once more; what comes then stands, and says so.
    Raises OverBudget, Unusable, SourceFailed, GiveUp, StoreBusy.
    """
    source = await maker.text(paper)
    if source is None:
        return None
    filled, told = await _told(maker, source, question, language, now, person)
    return await maker.thought(partial(_checked, source, filled, told, language))


async def _told(
    maker: Maker, source: Text, question: str, language: str, now: datetime, person: str | None
) -> tuple[Filled, Answered]:
    """What the model says; where it is another language twice, the second."""
    filled = await maker.filled(
        question_form(source.text, question, language), now, person, purpose="answer"
    )
    told = answer_of(filled.values)
    if is_in(told.text, language):
        return filled, told
    log.warning("an answer in another language: model=%s", filled.model)
    form = question_form(source.text, question, language, again=True)
    try:
        again = await maker.filled(form, now, person, purpose="answer")
    except (OverBudget, Unusable, SourceFailed, GiveUp) as error:
        log.warning("not asked again: %s", error)
        return filled, told
    return again, answer_of(again.values)


def _checked(source: Text, filled: Filled, told: Answered, language: str) -> Answer:
    """What of the answer the text bears out; some tenths of a second for a long one."""
    held = Source(source.parts)
    text = plain(told.text, held, _ANSWER) if told.known else ""
    passages = _squeezed("\n".join((source.text, *source.parts)))
    found = [one for one in told.quotations if _stands(one, passages)]
    return Answer(
        bool(text),
        text,
        tuple(plain(one, held, _QUOTED) for one in found) if text else (),
        len(told.quotations) - len(found),
        tuple(dict.fromkeys(mark.text for mark in Numbers(source.parts).check(text).unfound)),
        source.rung,
        filled.model,
        source.version,
        source.share,
        foreign=not is_in(text, language),
    )


def _stands(passage: str, text: str) -> bool:
    squeezed = _squeezed(passage)
    return len(squeezed) >= _SHORTEST and squeezed in text


def _squeezed(text: str) -> str:
    """Letters and digits alone: spaces, dashes, quotation marks and TeX are copied freely."""
    return _NOT_WORDS.sub("", unicodedata.normalize("NFKC", readable(text))).casefold()
