"""/subscribe, /unsubscribe, /pause and /resume: whether this chat gets the day's papers."""

from __future__ import annotations

from dataclasses import replace

from bot.cards import Block, Button, Paragraph
from bot.channels import Channel, DeliveryState, Topic
from bot.choices import bare, pause_days
from bot.digest import subscription as times
from bot.editions import last_closed_day
from bot.errors import Usage
from bot.outbox import standing
from bot.ports import Reply, Transaction
from bot.replies.asked import UNDO, Asked, code, left_at, note_left, remove
from bot.replies.following import add_topics, added_blocks, parsed
from bot.replies.offers import offer
from bot.replies.papers import card_of
from bot.replies.recent import list_of, matching
from bot.replies.rest import awakened, note_rest
from bot.replies.settings import early_hour
from bot.replies.trial import trial

_EVERYTHING = frozenset("everything all * 全部 所有 全部论文 一切 전체 모두 전부".split())


async def subscribe(asked: Asked) -> Reply:
    """Subscribe the chat, add topics, undo an unsubscription; never resets anything."""
    everything = bare(asked.text[:40]) in _EVERYTHING
    if asked.left is not None:
        return await _bring_back(asked, "" if everything else asked.text)
    if not asked.text:
        return await offer(asked)
    if asked.channel is not None:
        return await _more(asked, "" if everything else asked.text)
    queries = () if everything else parsed(asked.text, asked.t)
    lacking = await trial(asked)
    async with asked.desk.store.transaction() as tx:
        stale = await tx.channels.find(asked.request.address)
        if stale is not None and await left_at(tx, stale) is None:
            raise Usage(asked.t("This chat was subscribed a moment ago. See /status"))
        if stale is not None:  # unsubscribed more than 30 days ago: begin anew
            await remove(tx, stale, stale.address)
        channel = await times.new_channel(
            asked.desk,
            tx,
            asked.request.address,
            asked.now,
            language=asked.language,
            kind=asked.request.kind,
            name=asked.request.name,
            community=asked.request.community,
        )
        added, _ = await add_topics(asked, tx, channel, (), queries)
    return await _welcome(replace(asked, channel=channel, topics=added), channel, added, lacking)


async def _welcome(
    asked: Asked, channel: Channel, added: tuple[Topic, ...], lacking: list[str]
) -> Reply:
    t = asked.t
    blocks: list[Block | str] = []
    if added:
        blocks.append(t("Subscribed to {topics}.", topics=t.list([one.text for one in added])))
        blocks += await added_blocks(asked, added)
    else:
        blocks.append(t("Subscribed to every paper of Hugging Face's daily list."))
    blocks.append(asked.next_line(channel))
    blocks += early_hour(asked, channel)
    blocks += lacking
    blocks += await _sample(asked, added)
    blocks += asked.typed(t("Hour, zone, days and language: "), code("/settings"))
    blocks += asked.buttons(
        (Button(t("More topics"), "subscribe"), Button(t("Settings"), "settings")),
        (Button(t("Today's list"), "today"),),
    )
    return asked.reply(*blocks, shared=True)


async def _sample(asked: Asked, topics: tuple[Topic, ...]) -> list[Block | str]:
    """How many papers of the last closed list match, and the best of them as a card."""
    t = asked.t
    async with asked.desk.store.snapshot() as tx:
        day = await last_closed_day(tx, asked.desk, asked.now)
        listed = await list_of(tx, asked.desk, day, whole_only=not topics)
    if not listed:
        return [*asked.typed(t("To see the newest list now: "), code("/today"))]
    papers = [one.paper for one in listed]
    wanted = matching(papers, topics) if topics else papers
    said = t.plural(
        "The list of {day} has {n} paper; for you: {count}. To see it now: ",
        "The list of {day} has {n} papers; for you: {count}. To see it now: ",
        len(papers),
        day=t.day(day),
        count=t.number(len(wanted)),
    )
    blocks: list[Block | str] = [Paragraph.of(said, code(f"/today {day.isoformat()}"))]
    if wanted and asked.limits.buttons:
        best = max(wanted, key=lambda one: (one.upvotes or 0, one.id))
        blocks.append(t("This is how a paper looks:"))
        blocks.append(await card_of(asked, best))
    return blocks


async def _more(asked: Asked, text: str) -> Reply:
    """/subscribe where there is a channel already."""
    t = asked.t
    channel = asked.must_have_channel()
    if not text:
        if not asked.topics:
            return asked.reply(
                t("This chat gets every paper already; nothing was changed."),
                asked.next_line(channel),
            )
        return asked.reply(
            t("This chat follows topics. To get every paper instead, remove them all:"),
            *asked.typed(code("/topics remove all")),
            *asked.buttons((Button(t("Remove all topics"), "topics remove all", danger=True),)),
        )
    queries = parsed(text, t)
    async with asked.desk.store.transaction() as tx:
        channel = await tx.channels.find(asked.request.address) or channel
        followed = (await tx.topics.of([channel.id])).get(channel.id, ())
        added, known = await add_topics(asked, tx, channel, followed, queries)
    asked = replace(asked, channel=channel, topics=followed)
    if asked.request.pressed:
        said = (
            t("Added: {topics}.", topics=t.list([one.text for one in added]))
            if added
            else t("Followed already: {topics}.", topics=t.list(known))
        )
        return await offer(replace(asked, topics=(*asked.topics, *added)), toast=said)
    blocks: list[Block | str] = []
    if added:
        blocks.append(t("Added: {topics}.", topics=t.list([one.text for one in added])))
        if not asked.topics:
            blocks.append(t("From now on only papers that match a topic come."))
        blocks += await added_blocks(asked, added)
    if known:
        blocks.append(t("Followed already: {topics}.", topics=t.list(known)))
    blocks.append(asked.next_line(channel))
    return asked.reply(*blocks)


async def _bring_back(asked: Asked, text: str) -> Reply:
    """The undo of /unsubscribe: everything as it was, from now on."""
    t = asked.t
    left = asked.left
    queries = parsed(text, t) if text else ()
    async with asked.desk.store.transaction() as tx:
        channel = await tx.channels.find(asked.request.address) or left
        if channel is None:
            raise RuntimeError("an unsubscribed channel vanished")
        if await left_at(tx, channel) is not None:  # else it was brought back a moment ago
            last = (await tx.digests.last([channel.id])).get(channel.id)
            channel = await awakened(tx, times.resumed(channel, asked.now, last), asked.now)
            await tx.channels.put(channel)
            await note_left(tx, channel.id, None)
        topics = (await tx.topics.of([channel.id])).get(channel.id, ())
        added, _ = await add_topics(asked, tx, channel, topics, queries)
    topics = (*topics, *added)
    back = replace(asked, channel=channel, topics=topics, left=None)
    followed = t.list([one.text for one in topics]) or t("everything")
    blocks: list[Block | str] = [
        t("Welcome back: everything is as it was. This chat follows {topics}.", topics=followed),
        back.next_line(channel),
    ]
    if added:
        blocks += await added_blocks(back, added)
    return back.reply(*blocks, replaces=True, shared=True)


async def unsubscribe(asked: Asked) -> Reply:
    """Stop the papers; asks first, and keeps everything for 30 days."""
    t = asked.t
    channel = asked.must_have_channel()
    if not asked.confirmed:
        return asked.reply(
            t("This stops the papers in this chat. Topics and settings are kept for 30 days."),
            *asked.typed(t("To do it: "), code("/unsubscribe yes")),
            *asked.typed(t("For a while only: "), code("/pause 7")),
            *asked.buttons(
                (Button(t("Stop the papers"), "unsubscribe yes", danger=True),),
                (Button(t("Pause for a week"), "pause 7"),),
            ),
        )
    async with asked.desk.store.transaction() as tx:
        channel = await tx.channels.find(asked.request.address) or channel
        await note_rest(tx, channel, asked.now)
        await tx.channels.put(times.paused(channel, asked.now, None, None))
        await note_left(tx, channel.id, asked.now)
        await _withdraw(tx, channel)
    return asked.reply(
        Paragraph.of(
            t(
                "Unsubscribed. Until {day} everything can be brought back with ",
                day=t.day((asked.now + UNDO).date()),
            ),
            code("/subscribe"),
        ),
        *asked.buttons((Button(t("Undo"), "subscribe"),)),
        replaces=True,
        shared=True,
    )


async def pause(asked: Asked) -> Reply:
    """No papers for some days, or until /resume."""
    t = asked.t
    channel = asked.must_have_channel()
    days = pause_days(asked.text, t)
    async with asked.desk.store.transaction() as tx:
        channel = await tx.channels.find(asked.request.address) or channel
        last = (await tx.digests.last([channel.id])).get(channel.id)
        resting = times.paused(channel, asked.now, days, last)
        if channel.paused and resting.paused:
            return asked.reply(t("Paused already; nothing was changed."), asked.next_line(channel))
        await note_rest(tx, channel, asked.now)
        await tx.channels.put(resting)
        await _withdraw(tx, channel)
    blocks: list[Block | str] = []
    if days is not None:
        blocks.append(t.plural("Paused for {n} day.", "Paused for {n} days.", days))
    blocks += [
        asked.next_line(resting, after_pause=True),
        t("What is listed meanwhile is not sent later; /today DATE shows any day."),
    ]
    blocks += asked.buttons((Button(t("Go on now"), "resume"),))
    return asked.reply(*blocks, replaces=True, shared=True)


async def resume(asked: Asked) -> Reply:
    """End a pause."""
    t = asked.t
    channel = asked.must_have_channel()
    async with asked.desk.store.transaction() as tx:
        channel = await tx.channels.find(asked.request.address) or channel
        if not times.is_paused(channel, asked.now):
            return asked.reply(
                t("This chat is not paused; nothing was changed."), asked.next_line(channel)
            )
        last = (await tx.digests.last([channel.id])).get(channel.id)
        awake = await awakened(tx, times.resumed(channel, asked.now, last), asked.now)
        await tx.channels.put(awake)
    return asked.reply(t("Going on."), asked.next_line(awake), replaces=True, shared=True)


async def _withdraw(tx: Transaction, channel: Channel) -> None:
    """Messages that have not left yet do not leave any more; their papers were not shown."""
    for waiting in await tx.deliveries.unsettled([channel.id]):
        one = await standing(tx, waiting)
        if one is not None and one.state is DeliveryState.READY:
            await tx.deliveries.settle(replace(one, state=DeliveryState.STALE))
            await tx.ledger.release(channel.id, one.id)
