"""/ask: a question about a paper, answered from its text with the passages it rests on."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bot import library
from bot.cards import Block, Foot, Paragraph, Span
from bot.cards.formatter import card
from bot.errors import GiveUp, OverBudget, SourceFailed, Unusable, Usage
from bot.papers import find_id
from bot.ports import Reply
from bot.reading.answering import answered
from bot.reading.asking import QUESTION
from bot.replies.asked import Asked
from bot.replies.papers import spender

if TYPE_CHECKING:
    from bot.reading.shelf import Room

log = logging.getLogger(__name__)


async def ask(asked: Asked) -> Reply:
    """The answer, the passages, and what they were taken from.

    Costs the day's tokens and the person's; raises Usage with the next step where it cannot be
    answered.
    """
    t, room = asked.t, asked.desk.room
    paper_id, question = _parted(asked)
    if room is None:
        raise Usage(
            t("No language model is connected, so nobody can answer. The paper: ")
            + f"/paper {paper_id}"
        )
    if asked.hand is not None and asked.hand[0].id == paper_id:
        found = asked.hand[0]
    else:
        found = await library.paper(asked.desk, paper_id, asked.now, t)
    language = _spoken(asked, room)
    try:
        answer = await answered(room.maker, found, question, language, asked.now, spender(asked))
    except OverBudget as error:
        if error.personal:
            said = t("Your share of the model's tokens for today is spent; tomorrow it is anew.")
        else:
            said = t("The model's tokens for today are spent; tomorrow you can ask again.")
        raise Usage(said) from None
    except (SourceFailed, GiveUp, Unusable) as error:
        log.warning("not answered: paper=%s: %s", found.id, error)
        raise Usage(t("The model did not answer. Try again in a few minutes.")) from None
    if answer is None:
        raise Usage(t("There is no text of this paper to answer from."))
    made = card(found, None, language, links=asked.links)
    blocks: list[Block | str] = [Paragraph.of(Span(made.title, "strong", made.url))]
    if not answer.known:
        blocks.append(t("The text of the paper does not hold the answer."))
    else:
        if answer.foreign:
            blocks.append(t("⚠ The model did not keep to the language of this chat."))
        blocks.append(answer.text)
        blocks += [Paragraph.of(t("“{passage}”", passage=one)) for one in answer.quotations]
        if not answer.quotations:
            blocks.append(t("⚠ No passage of the paper was found that bears this out."))
        if answer.unfound:
            blocks.append(
                t.plural(
                    "⚠ {n} number is not in the paper: {numbers}",
                    "⚠ {n} numbers are not in the paper: {numbers}",
                    len(answer.unfound),
                    numbers=t.series(answer.unfound),
                )
            )
    foot = Foot(answer.rung, 0, answer.model, version=answer.version, share=answer.share)
    return asked.reply(*blocks, foot)


def _spoken(asked: Asked, room: Room) -> str:
    """The chat's language; one that the operator pays readings for, where it is not."""
    if room.reads(asked.language):
        return asked.language
    return "en" if room.reads("en") else min(room.languages)


def _parted(asked: Asked) -> tuple[str, str]:
    """The paper's id and the question. Raises Usage."""
    t = asked.t
    first, _, question = asked.text.partition(" ")
    named = find_id(first.strip("<>()[]\"'“”‘’,;，。；、"))
    question = question.strip()
    if named is None or not question:
        raise Usage(
            t(
                "Give the paper's arXiv id and then the question. Example: {example}",
                example="/ask 2512.15716 Which data sets are used?",
            )
        )
    if len(question) > QUESTION:
        raise Usage(t("That is too long: at most {n} characters.", n=QUESTION))
    return named[0], question
