"""Words in answer to a message of the bot: a question about a paper that it shows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from bot.cards import Block, Button, Paragraph
from bot.cards.cut import clean, cut
from bot.cards.tex import readable
from bot.channels import Kind
from bot.desk import Desk
from bot.errors import Usage
from bot.papers import Paper, find_id
from bot.ports import Quoted, Reply, Request
from bot.reading.asking import QUESTION
from bot.replies.aimed import asks, by_number, by_title, id_in, is_polite
from bot.replies.ask import ask
from bot.replies.asked import Asked, code, rows
from bot.replies.begin import hint
from bot.replies.papers import paper

_LABEL = 60  # graphemes of a button's title
_TITLED = 5  # papers that get a button with their title; of more the buttons bear the numbers
_MOST = 25  # papers to choose from
_LINE = re.compile(r"^\W{0,4}(\d{1,3})[.)]\W", re.MULTILINE)


def is_talk(desk: Desk, request: Request) -> bool:
    """Whether words to a card are not said to the bot, so that nothing comes of them.

    People talk about papers in groups, and not with the bot: there only what is a question
    beyond doubt is answered, and without a model nothing is.
    """
    if request.command != "replied" or request.private:
        return False
    return desk.room is None or not asks(request.text)


async def replied(asked: Asked) -> Reply:
    """The answer to a question, or which paper it is about.

    Alone with the bot everything is a question but thanks and greetings.
    """
    words, alone, quoted = asked.text, asked.request.private, asked.request.quoted
    if alone and find_id(words):
        return await paper(asked)
    if is_polite(words):
        return asked.reply()
    if asked.desk.room is None or quoted is None:
        return await hint(asked) if alone else asked.reply()
    if named := id_in(words):
        return await _about(asked, named, words)
    numbered, known = await _held(asked, quoted)
    if not numbered:
        if not (known or quoted.seen) and asks(words):
            raise Usage(_forgotten(asked))
        return await hint(asked) if alone else asked.reply()
    if found := by_number(words, numbered):
        return await _about(asked, *found)
    ids = list(dict.fromkeys(numbered.values()))
    if len(ids) == 1:
        return await _about(asked, ids[0], words)
    async with asked.desk.store.snapshot() as tx:
        stored = await tx.papers.get(ids)
    if meant := by_title(words, [stored[one] for one in ids if one in stored]):
        return await _about(asked, meant, words)
    return _which(asked, numbered, stored)


async def about(asked: Asked) -> Reply:
    """The answer to a question that waited for its paper, in the place of what was pressed."""
    named, _, name = asked.text.partition(" ")
    room = asked.desk.room
    question = room.questions.get(name.strip(), asked.now) if room is not None else None
    if question is None:
        raise Usage(asked.t("That question is not kept any more: please ask it again."))
    return replace(await _about(asked, named, question), replaces=asked.request.pressed)


async def _about(asked: Asked, named: str, question: str) -> Reply:
    return await ask(replace(asked, request=replace(asked.request, text=f"{named} {question}")))


async def _held(asked: Asked, quoted: Quoted) -> tuple[Mapping[int, str], bool]:
    """The papers of the message by the numbers that they have there; whether it is remembered.

    What was sent to a channel is remembered; of answers, and of what is so old that it was
    forgotten, the platform may tell what stands in them.
    """
    if asked.channel is not None:
        async with asked.desk.store.snapshot() as tx:
            sent = await tx.deliveries.of_message(asked.channel.id, quoted.message)
            digest = []
            if sent is not None and sent.digest_id is not None:
                digest = await tx.deliveries.of_digest(sent.digest_id)
        if sent is not None:
            posts = [one for one in digest if one.kind is Kind.POST]
            before = [one for one in posts if one.id < sent.id]
            # The numbers of a digest go on from message to message.
            first = 1 + sum(len(one.papers) for one in before if sent.kind is Kind.POST)
            papers = sent.papers or tuple(each for one in posts for each in one.papers)
            return dict(enumerate(papers, first if sent.papers else 1)), True
    ids = list(dict.fromkeys(found[0] for link in quoted.links if (found := find_id(link))))
    written = _LINE.search(quoted.text)
    return dict(enumerate(ids, int(written[1]) if written else 1)), False


def _which(asked: Asked, numbered: Mapping[int, str], stored: Mapping[str, Paper]) -> Reply:
    """Which paper is meant; the question is kept for the button."""
    t, room = asked.t, asked.desk.room
    assert room is not None
    if len(asked.text) > QUESTION:
        raise Usage(t("That is too long: at most {n} characters.", n=QUESTION))
    shown = dict(list(numbered.items())[:_MOST])
    titles = {
        number: clean(readable(stored[one].title)) if one in stored else one
        for number, one in shown.items()
    }
    said: list[Block | str] = [t("Which paper do you mean?")]
    if not asked.limits.buttons:
        first = next(iter(shown.values()))
        return asked.reply(*said, Paragraph.of(code(f"/ask {first} {asked.text}")))
    name = room.questions.keep(asked.text, asked.now)
    if len(shown) <= _TITLED:
        choices = rows(
            (
                Button(cut(f"{number}. {titles[number]}", _LABEL), f"about {one} {name}")
                for number, one in shown.items()
            ),
            1,
        )
    else:
        said.append("\n".join(f"{number}. {cut(title, 100)}" for number, title in titles.items()))
        choices = rows(
            (Button(str(number), f"about {one} {name}") for number, one in shown.items()), 5
        )
    return asked.reply(*said, *asked.buttons(*choices))


def _forgotten(asked: Asked) -> str:
    return asked.t(
        "I do not remember which papers that message showed. Ask with the paper's arXiv id: "
        "{example}",
        example="/ask 2512.15716 Which data sets are used?",
    )
