"""/topics: the list with its counts, adding, removing and testing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.cards import Block, Button, Paragraph, Table
from bot.channels import Topic
from bot.choices import bare
from bot.errors import NotFound, Usage
from bot.ports import Reply
from bot.replies.advice import DAYS, advice_blocks
from bot.replies.asked import Asked, code, examples, rows
from bot.replies.following import add_topics, added_blocks, canonical, parsed
from bot.replies.recent import counts
from bot.topics import split

_ADD = frozenset(("add", "+", "添加", "加", "추가"))
_REMOVE = frozenset(("remove", "delete", "del", "rm", "-", "删除", "移除", "삭제", "제거"))
_TEST = frozenset(("test", "try", "测试", "试", "테스트"))
_ALL = frozenset(("all", "*", "everything", "全部", "所有", "전체", "모두"))


async def topics(asked: Asked) -> Reply:
    """The topics of this chat; with an action and a query: the change, or the test."""
    t = asked.t
    if not asked.text:
        return await _list(asked)
    action, _, rest = asked.text.replace("\n", " \n", 1).partition(" ")
    action, rest = bare(action), rest.strip()
    if action == "drop":
        return await _drop(asked, rest)
    if action in _TEST:
        return await _test(asked, rest)
    if action in _ADD or action in _REMOVE:
        asked.must_manage()
        asked.must_have_channel()
        return await (_add(asked, rest) if action in _ADD else _remove(asked, rest))
    raise Usage(
        t(
            "After /topics comes add, remove or test. Example: /topics add {words}",
            words=" ".join(asked.text.split())[:60],
        )
    )


async def _list(asked: Asked) -> Reply:
    t = asked.t
    channel = asked.must_have_channel()
    if not asked.topics:
        return asked.reply(
            t("No topics: every paper of the list comes."),
            Paragraph.of(t("To follow a topic: "), code("/topics add video generation")),
            *asked.buttons((Button(t("Choose topics"), "subscribe"),)),
        )
    async with asked.desk.store.snapshot() as tx:
        each, either, papers = await counts(tx, asked.desk, asked.now, DAYS, asked.topics)
    lines = tuple(
        (str(n), topic.text, t.number(count))
        for n, (topic, count) in enumerate(zip(asked.topics, each, strict=True), start=1)
    )
    drop = [Button(f"✕ {one.text}"[:40], f"topics drop {one.id}") for one in asked.topics]
    together = t.plural(
        "Together they match {matched} of {n} paper.",
        "Together they match {matched} of {n} papers.",
        papers,
        matched=t.number(either),
    )
    return replace(asked, channel=channel).reply(
        Table(lines, ("", t("Topic"), t("papers in {n} days", n=DAYS))),
        *([together] if len(lines) > 1 else []),
        examples(("/topics add world model", "/topics remove 1")),
        *asked.buttons(*rows(drop, 2), (Button(t("More topics"), "subscribe"),)),
        replaces=asked.text != "",
    )


async def _drop(asked: Asked, number: str) -> Reply:
    """A button of the list: takes off the very topic it named, whatever its place is now."""
    asked.must_manage()
    gone = next((one for one in asked.topics if str(one.id) == number), None)
    if gone is None:
        raise NotFound(asked.t("This button is out of date. /topics shows the topics."))
    told = await _remove(asked, gone)
    kept = tuple(one for one in asked.topics if one is not gone)
    shown = await _list(replace(asked, topics=kept))
    said = asked.t("Removed: {topics}.", topics=gone.text)
    return replace(shown if kept else told, toast=said, replaces=True)


async def _test(asked: Asked, text: str) -> Reply:
    if not text:
        raise Usage(asked.t("Test which topic? Example: /topics test video generation"))
    blocks: list[Block] = []
    for one in split(text)[:3]:
        blocks += await advice_blocks(asked.desk, one, asked.now, DAYS, asked.language)
    return asked.reply(*blocks)


async def _add(asked: Asked, text: str) -> Reply:
    t = asked.t
    if not text:
        raise Usage(t("Add which topic? Example: /topics add video generation"))
    queries = parsed(text, t)
    async with asked.desk.store.transaction() as tx:
        channel = await tx.channels.find(asked.request.address) or asked.must_have_channel()
        followed = (await tx.topics.of([channel.id])).get(channel.id, ())
        added, known = await add_topics(asked, tx, channel, followed, queries)
    blocks: list[Block | str] = []
    if added:
        blocks.append(t("Added: {topics}.", topics=t.list([one.text for one in added])))
        if not followed:
            blocks.append(t("From now on only papers that match a topic come."))
        blocks += await added_blocks(asked, added)
    if known:
        blocks.append(t("Followed already: {topics}.", topics=t.list(known)))
    return asked.reply(*blocks, shared=bool(added))


async def _remove(asked: Asked, what: str | Topic) -> Reply:
    """Take off what words or numbers name; or one very topic, if nobody else just did."""
    t = asked.t
    if not what:
        raise Usage(t("Remove which topic? Give its number or its words: /topics remove 1"))
    async with asked.desk.store.transaction() as tx:
        channel = await tx.channels.find(asked.request.address) or asked.must_have_channel()
        followed = (await tx.topics.of([channel.id])).get(channel.id, ())
        if isinstance(what, str):
            gone = _meant(followed, what, asked)
        else:
            gone = [one for one in followed if one.id == what.id]
            if not gone:
                raise NotFound(t("This button is out of date. /topics shows the topics."))
        for topic in gone:
            await tx.topics.remove(topic.id)
        left = [topic for topic in followed if topic not in gone]
        if not left:
            # What was hidden until now must not flood in with the next digest.
            await tx.channels.put(replace(channel, since=asked.now))
    blocks: list[Block | str] = [
        t("Removed: {topics}.", topics=t.list([one.text for one in gone])),
        t("Still followed: {topics}.", topics=t.list([one.text for one in left]))
        if left
        else t("No topics are left: from now on every paper of the list comes."),
    ]
    return asked.reply(*blocks, shared=True)


def _meant(followed: Sequence[Topic], text: str, asked: Asked) -> list[Topic]:
    """The topics that numbers or words name. Raises NotFound, naming what there is."""
    t = asked.t
    if not followed:
        raise NotFound(t("There are no topics here: every paper of the list comes."))
    if bare(text[:20]) in _ALL:
        return list(followed)
    numbers = re.split(r"[\s,，、;]+", text.strip())
    by_number = all(re.fullmatch(r"#?\d{1,3}", one, re.ASCII) for one in numbers)
    wanted = numbers if by_number else list(split(text))
    found: list[Topic] = []
    for one in wanted:
        topic = _one(followed, one, by_number=by_number)
        if topic is None:
            raise NotFound(
                t(
                    'There is no topic "{text}" here. There are: {topics}.',
                    text=one[:60],
                    topics=t.series(f"{n} {x.text}" for n, x in enumerate(followed, start=1)),
                )
            )
        found.append(topic)
    return list(dict.fromkeys(found))


def _one(followed: Sequence[Topic], text: str, *, by_number: bool) -> Topic | None:
    same = [one for one in followed if bare(one.text) == bare(text)]
    if same:
        return same[0]
    if by_number:
        number = int(text.lstrip("#"))
        return followed[number - 1] if 1 <= number <= len(followed) else None
    wanted = canonical(text)
    return next((one for one in followed if canonical(one.text) == wanted), None)
