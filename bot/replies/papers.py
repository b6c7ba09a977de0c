"""/paper, /search and /today: papers on demand; nothing is consumed by them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta

from bot import library
from bot.cards import Block, Button, CardBlock, Foot, Line, ListBlock, Paragraph, Rung, Span
from bot.cards.buttons import link_buttons
from bot.cards.cut import clean
from bot.cards.formatter import card
from bot.cards.tex import readable
from bot.channels import Follow
from bot.choices import bare, day
from bot.digest.compose import origin
from bot.digest.preview import preview
from bot.errors import NotFound, PaperboyError, Usage
from bot.papers import Paper, Reading, find_id
from bot.ports import Reply
from bot.reading.shelf import SPENT
from bot.replies.asked import Asked, code, strong
from bot.schedule import local_date

_FOUND = 10  # papers of an answer to /search
_PATIENCE = 150.0  # seconds that an answer waits for a reading
_LINKED = 3  # cards for the links of one message
_HOURLY = timedelta(hours=1)
SHOWN_HERE = "today:"  # note by address: when the list was last shown to a whole group
_PAGED = re.compile(r"(.+) »(\d{1,3})", re.ASCII | re.DOTALL)  # what the buttons ask for
_TODAY = frozenset("today yesterday 今天 今日 昨天 昨日 오늘 어제".split())


async def paper(asked: Asked) -> Reply:
    """The card of one paper, with the topics of this chat that it matches."""
    found = await named(asked)
    reading, why = await _read(asked, found)
    made = await card_of(asked, found, reading)
    blocks: list[Block] = [made, origin(made.card, reading, asked.zone)]
    if why:
        blocks.append(Paragraph.of(why))
    if not asked.request.private and asked.limits.private_answers:
        blocks += asked.buttons(
            (Button(asked.t("Share with everybody here"), f"share {found.id}"),)
        )
    return asked.reply(*blocks)


async def share(asked: Asked) -> Reply:
    """The same card for everybody in the place, with the name of who shares it."""
    made = await card_of(asked, await named(asked))
    name = clean(asked.request.person.name)[:80]
    who = [asked.t("{name} shares a paper:", name=name)] if name else []
    return asked.reply(*who, made, Foot(made.card.rung, 0), shared=True)


async def named(asked: Asked) -> Paper:
    """The paper that was asked for. Raises what bot.library.paper raises."""
    if asked.hand is not None:
        return asked.hand[0]
    return await library.paper(asked.desk, asked.text, asked.now, asked.t)


async def _stored(asked: Asked, found: Paper) -> Reading | None:
    if asked.hand is not None and asked.hand[0] is found:
        return asked.hand[1]
    async with asked.desk.store.snapshot() as tx:
        return (await tx.readings.get([found.id], asked.language)).get(found.id)


async def _read(asked: Asked, found: Paper) -> tuple[Reading | None, str]:
    """The best reading, made now where the person may; and why it is not made, when it is not."""
    known, room, t = await _stored(asked, found), asked.desk.room, asked.t
    if room is None or not room.reads(asked.language):
        return known, ""
    if known is not None and known.rung == Rung.FULL_TEXT:
        return known, ""
    who = spender(asked)
    reading = room.read(found, asked.language, asked.now, person=who)
    try:
        made = await asyncio.wait_for(reading, _PATIENCE)
    except TimeoutError:
        return known, t("It is still being read: ask again in a few minutes.")
    if made.model is not None:
        return made, ""
    if await room.is_poor(who, asked.now):
        return known, t("Your share of the model's tokens for today is spent; tomorrow it is anew.")
    async with asked.desk.store.snapshot() as tx:
        spent = await tx.notes.get(SPENT)
    if spent == asked.now.date().isoformat():
        return known, t("The model's tokens for today are spent; tomorrow you can ask again.")
    return known, ""


def spender(asked: Asked) -> str:
    """Whose tokens a question costs."""
    return f"{asked.request.address.platform}:{asked.request.person.id}"


async def card_of(asked: Asked, found: Paper, reading: Reading | None = None) -> CardBlock:
    """The paper's card from its best reading, with the topics of this chat that it matches."""
    reading = reading or await _stored(asked, found)
    made = card(found, reading, asked.language, links=asked.links)
    return CardBlock(made, *_matched(asked, found))


async def abstract(asked: Asked) -> Reply:
    """The abstract as its authors wrote it."""
    t = asked.t
    found = await named(asked)
    made = card(found, None, asked.language, links=asked.links)
    text = clean(readable(found.abstract)) or t("No source tells the abstract of this paper.")
    return asked.reply(
        Paragraph.of(Span(made.title, "strong", made.url)),
        text,
        *asked.buttons((Button(t("Save"), f"save {found.id}"), *link_buttons(made, t))),
    )


async def report(asked: Asked) -> Reply:
    """The longer reading of a paper; where nobody made one, that and its abstract."""
    t = asked.t
    found = await named(asked)
    reading = await _stored(asked, found)
    made = (await card_of(asked, found, reading)).card
    if not made.sections:
        told = await abstract(asked)
        return replace(
            told, blocks=(Paragraph.of(t("There is no report of this paper yet.")), *told.blocks)
        )
    unfound = reading.unfound if reading is not None else ()
    blocks: list[Block | str] = [Paragraph.of(Span(made.title, "strong", made.url))]
    blocks += [_marked(line, unfound) for line in made.lines]
    blocks += [
        Paragraph.of(strong(one.name), "\n", _marked(one.text, unfound)) for one in made.sections
    ]
    if unfound:
        blocks.append(t("⚠ stands behind numbers that the text of the paper does not hold."))
    if made.flagged and reading is not None:
        quoted = reading.flags[0].partition(": ")[2]
        blocks.append(
            t(
                "The paper holds instructions for language models, which were not followed: "
                "{quotation}",
                quotation=quoted,
            )
        )
    blocks += asked.buttons((Button(t("Abstract"), f"abstract {found.id}"), *link_buttons(made, t)))
    return asked.reply(*blocks, origin(made, reading, asked.zone))


def _marked(text: str, unfound: Sequence[str]) -> str:
    """The text with a sign behind each number that nobody found."""
    if not unfound:
        return text
    longest_first = "|".join(re.escape(one) for one in sorted(unfound, key=len, reverse=True))
    return re.sub(rf"(?<![\d.])(?:{longest_first})(?!\d)", r"\g<0> ⚠", text)


async def linked(asked: Asked) -> Reply:
    """The card of a paper whose link somebody posted, where the chat switched that on."""
    channel = asked.channel
    ids = [found[0] for word in asked.text.split() if (found := find_id(word))]
    if channel is None or not channel.link_cards or not ids:
        return asked.reply()
    cards = []
    for one in list(dict.fromkeys(ids))[:_LINKED]:
        with suppress(PaperboyError):  # nobody asked: what cannot be shown is passed over
            cards.append(
                await card_of(asked, await library.paper(asked.desk, one, asked.now, asked.t))
            )
    return asked.reply(*cards, shared=True)


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
    """Papers of the archive for some words, one line each; a number behind them is the page."""
    t = asked.t
    words, page = asked.text, 1
    if paged := _PAGED.fullmatch(asked.text):
        words, page = paged[1], int(paged[2])
    found = await library.search(
        asked.desk, words, _FOUND + 1, asked.now, offset=(page - 1) * _FOUND, t=t
    )
    if not found:
        raise NotFound(
            t(
                'Nothing was found for "{words}". Try fewer words, or /today for the newest list.',
                words=words[:60],
            )
        )
    shown, more = found[:_FOUND], len(found) > _FOUND
    turning = []
    if page > 1:
        turning.append(Button(t("« Back"), f"search {words} »{page - 1}"))
    if more:
        turning.append(Button(t("More »"), f"search {words} »{page + 1}"))
    blocks: list[Block | str] = [lines(asked, shown)]
    if more and not asked.limits.buttons:
        blocks.append(t("There may be more: add a word to narrow it down."))
    blocks += asked.typed(t("One of them as a card: "), code(f"/paper {shown[0].id}"))
    blocks += asked.buttons(turning)
    return asked.reply(*blocks, replaces=bool(paged))


def lines(asked: Asked, papers: list[Paper]) -> ListBlock:
    """Papers as a list of one line each."""
    made = (card(one, None, asked.language, links=asked.links) for one in papers)
    return ListBlock(tuple(Line(one.id, one.title, one.url, one.upvotes) for one in made))


async def today(asked: Asked) -> Reply:
    """The list of a day as it would be drawn here."""
    t = asked.t
    wanted, page = _day_and_page(asked)
    channel = asked.channel
    await _not_too_often(asked, page)
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
        list_lines=asked.limits.list_lines,
        sources_all=channel is not None and channel.follow is Follow.ALL,
    )
    if page > 1 and not shown.shown:
        raise NotFound(t("The list of {day} has no page {page}.", day=t.day(shown.day), page=page))
    blocks: list[Block] = [*shown.blocks]
    turning = []
    if page > 1:
        turning.append(Button(t("« Back"), f"today {shown.day.isoformat()} {page - 1}"))
    if shown.passed:
        turning.append(Button(t("More »"), f"today {shown.day.isoformat()} {page + 1}"))
    return asked.reply(*blocks, *asked.buttons(turning))


async def _not_too_often(asked: Asked, page: int) -> None:
    """In a group where everybody sees every answer, a whole list is an admin's, once an hour."""
    if asked.request.private or asked.limits.private_answers:
        return
    asked.must_manage()
    if page > 1:
        return
    t = asked.t
    name = f"{SHOWN_HERE}{asked.request.address}"
    async with asked.desk.store.transaction() as tx:
        noted = await tx.notes.get(name)
        again = datetime.fromisoformat(noted) + _HOURLY if noted else asked.now
        if asked.now < again:
            minutes = -(-int((again - asked.now).total_seconds()) // 60)
            raise Usage(
                t.plural(
                    "Everybody here sees the list, so it comes at most once an hour: again in {n} "
                    "minute. Alone with me you can ask at any time.",
                    "Everybody here sees the list, so it comes at most once an hour: again in {n} "
                    "minutes. Alone with me you can ask at any time.",
                    minutes,
                )
            )
        await tx.notes.put(name, asked.now.isoformat())


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
