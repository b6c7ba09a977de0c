"""/paper, /search and /today: papers on demand; nothing is consumed by them."""

from __future__ import annotations

import re
from datetime import date

from bot import library
from bot.cards import Block, CardBlock, Foot, Line, ListBlock, Paragraph
from bot.cards.formatter import card
from bot.channels import Follow
from bot.choices import bare, day
from bot.digest.preview import preview
from bot.errors import NotFound
from bot.papers import Paper
from bot.ports import Reply
from bot.replies.asked import Asked, code
from bot.schedule import local_date

_FOUND = 10  # papers of an answer to /search
_LINES = 40  # of a compact list, where the platform names no bound
_TODAY = frozenset("today yesterday 今天 今日 昨天 昨日 오늘 어제".split())


async def paper(asked: Asked) -> Reply:
    """The card of one paper, with the topics of this chat that it matches."""
    found = await library.paper(asked.desk, asked.text, asked.now, asked.t)
    async with asked.desk.store.snapshot() as tx:
        readings = await tx.readings.get([found.id], asked.language)
    made = card(found, readings.get(found.id), asked.language, links=asked.links)
    topics, places = _matched(asked, found)
    return asked.reply(CardBlock(made, topics, places), Foot(made.rung, 0))


def _matched(asked: Asked, found: Paper) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The chat's topics that match the paper, and where each does best."""
    if not asked.topics:
        return (), ()
    from bot.topics import Matcher

    matcher = Matcher([found])
    texts = [one.text for one in asked.topics]
    masks = matcher.masks([[text] for text in texts])
    hits = [text for text, mask in zip(texts, masks, strict=True) if mask]
    return tuple(hits), tuple((matcher.places(hit, 0) or ("",))[0] for hit in hits)


async def search(asked: Asked) -> Reply:
    """Papers of the archive for some words, one line each."""
    t = asked.t
    found = await library.search(asked.desk, asked.text, _FOUND, asked.now, t=t)
    if not found:
        raise NotFound(
            t(
                'Nothing was found for "{words}". Try fewer words, or /today for the newest list.',
                words=asked.text[:60],
            )
        )
    blocks: list[Block | str] = [lines(asked, found)]
    if len(found) == _FOUND:
        blocks.append(t("There may be more: add a word to narrow it down."))
    blocks.append(Paragraph.of(t("One of them as a card: "), code(f"/paper {found[0].id}")))
    return asked.reply(*blocks)


def lines(asked: Asked, papers: list[Paper]) -> ListBlock:
    """Papers as a list of one line each."""
    made = (card(one, None, asked.language, links=asked.links) for one in papers)
    return ListBlock(tuple(Line(one.id, one.title, one.url, one.upvotes) for one in made))


async def today(asked: Asked) -> Reply:
    """The list of a day as it would be drawn here."""
    t = asked.t
    wanted, page = _day_and_page(asked)
    channel = asked.channel
    platform = asked.desk.platforms.get(asked.request.address.platform)
    shown = await preview(
        asked.desk,
        day=wanted,
        topics=[one.text for one in asked.topics],
        language=asked.language,
        links=asked.links,
        limit=channel.limit if channel else min(asked.desk.defaults.limit, asked.most_cards),
        now=asked.now,
        zone=asked.zone,
        page=page,
        list_lines=platform.limits.list_lines if platform else _LINES,
        sources_all=channel is not None and channel.follow is Follow.ALL,
    )
    if page > 1 and not shown.shown:
        raise NotFound(t("The list of {day} has no page {page}.", day=t.day(shown.day), page=page))
    return asked.reply(*shown.blocks)


def _day_and_page(asked: Asked) -> tuple[date | None, int]:
    """The day (None: the newest list) and the page that stand behind the command."""
    words = asked.text.split()
    page = 1
    if words and re.fullmatch(r"[1-9]\d{0,2}", words[-1], re.ASCII):
        page = int(words.pop())
    typed = " ".join(words)
    if not typed:
        return None, page
    # Lists are counted in UTC: east of it the calendar is ahead of the newest list.
    newest, here = asked.now.date(), local_date(asked.zone, asked.now)
    wanted = day(typed, max(newest, here), asked.t)
    if wanted <= newest:
        return wanted, page
    if bare(typed) in _TODAY:
        return newest, page
    raise NotFound(
        asked.t(
            "The list of {day} has not begun yet; the newest is of {newest}.",
            day=asked.t.day(wanted),
            newest=asked.t.day(newest),
        )
    )
