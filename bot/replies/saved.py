"""/save and /saved: the papers that a person put aside, one list wherever it is asked for."""

from __future__ import annotations

import re

from bot import library
from bot.cards import Block, Button, File
from bot.cards.formatter import card
from bot.channels import Address
from bot.errors import NotFound, Usage
from bot.papers import find_id
from bot.ports import Reply, Request
from bot.replies.asked import Asked, code
from bot.replies.bibtex import bibtex
from bot.replies.papers import lines

_PAGE = 20  # papers
_MOST = 1_000  # papers that one person keeps


def own_place(request: Request) -> Address:
    """Where a person's list is kept: with the person, not with the chat."""
    return Address(request.address.platform, f"@{request.person.id}")


async def save(asked: Asked) -> Reply:
    """Put a paper on the person's list."""
    t = asked.t
    found = await library.paper(asked.desk, asked.text, asked.now, t)
    where, who = own_place(asked.request), asked.request.person.id
    async with asked.desk.store.transaction() as tx:
        kept = await tx.saved.of(where, who)
        if len(kept) >= _MOST and found.id not in kept:
            raise Usage(
                t(
                    "Your list is full: {n} papers. Take some off with /saved remove <id>.",
                    n=t.number(_MOST),
                )
            )
        new = await tx.saved.add(where, who, found.id, asked.now)
    title = card(found, None, asked.language).title
    said = (
        t("Saved: {title}", title=title)
        if new
        else t("It was on your list already: {title}", title=title)
    )
    return asked.reply(
        said,
        *asked.typed(t("Your list: "), code("/saved")),
        *asked.buttons((Button(t("Your list"), "saved"),)),
    )


async def saved(asked: Asked) -> Reply:
    """The person's list, newest first; as BibTeX; or without one of them."""
    t = asked.t
    word, _, rest = asked.text.partition(" ")
    if word.lower() in ("remove", "delete"):
        return await _remove(asked, rest.strip())
    async with asked.desk.store.snapshot() as tx:
        ids = await tx.saved.of(own_place(asked.request), asked.request.person.id)
        known = await tx.papers.get(ids)
    papers = [known[paper_id] for paper_id in ids if paper_id in known]
    if not papers:
        raise NotFound(t("Your list is empty. To put a paper on it: /save 2512.15716"))
    if word.lower() in ("bibtex", "bib", "tex"):
        return asked.reply(File("saved.bib", bibtex(papers)))
    pages = -(-len(papers) // _PAGE)
    if word and not (re.fullmatch(r"\d{1,3}", word, re.ASCII) and 1 <= int(word) <= pages):
        raise Usage(
            t(
                "/saved shows your list, /saved bibtex exports it, /saved remove <id> takes one "
                "off. Pages: 1 to {pages}.",
                pages=pages,
            )
        )
    page = int(word or 1)
    shown = papers[(page - 1) * _PAGE : page * _PAGE]
    blocks: list[Block | str] = [
        t.plural("{n} saved paper", "{n} saved papers", len(papers)),
        lines(asked, shown),
    ]
    turning = []
    if page > 1:
        turning.append(Button(t("« Back"), f"saved {page - 1}"))
    if page < pages:
        turning.append(Button(t("More »"), f"saved {page + 1}"))
        blocks += asked.typed(t("The next page: "), code(f"/saved {page + 1}"))
    blocks += asked.typed(t("As BibTeX: "), code("/saved bibtex"))
    blocks += asked.buttons(turning, (Button(t("As BibTeX"), "saved bibtex"),))
    return asked.reply(*blocks, replaces=bool(word))


async def _remove(asked: Asked, text: str) -> Reply:
    t = asked.t
    found = find_id(text)
    if found is None:
        raise Usage(t("Which one? Give its arXiv id: /saved remove 2512.15716"))
    async with asked.desk.store.transaction() as tx:
        gone = await tx.saved.remove(own_place(asked.request), asked.request.person.id, found[0])
    if not gone:
        raise NotFound(t("{id} is not on your list.", id=found[0]))
    return asked.reply(t("Taken off your list: {id}.", id=found[0]))
