"""What every platform promises, whatever it is."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.platforms.console import Console
from adapters.platforms.discord import Discord
from adapters.platforms.telegram import Telegram
from adapters.platforms.telegram.sandbox import Sandbox
from bot.cards import (
    Block,
    Button,
    Buttons,
    CardBlock,
    File,
    Foot,
    Heading,
    Line,
    ListBlock,
    NoticeBlock,
    Paragraph,
    Rung,
    Table,
)
from bot.cards.formatter import card
from bot.channels import (
    Address,
    Body,
    Drawn,
    Kind,
    Layout,
    Notice,
    Outcome,
    Place,
    PlaceKind,
    Verdict,
)
from bot.papers import Paper
from bot.ports import Person, Platform
from tests.wires.discordian.people import FakeDiscord
from tests.wires.examples import Hooks, webhook
from tests.wires.judging import discord_errors, telegram_errors

TELEGRAM_TOKEN = "4242:" + "A" * 35
PLATFORMS: dict[str, Callable[[], Platform]] = {  # not connected: what they draw needs no wire
    "console-text": lambda: Console(io.StringIO(), as_json=False, width=80, color=False),
    "console-json": lambda: Console(io.StringIO(), as_json=True),
    "telegram": lambda: Telegram(TELEGRAM_TOKEN),
    "discord": lambda: Discord("no.such.token"),
    "webhook": lambda: webhook().Webhook({"lab": "https://hooks.example/secret"}),  # of the docs
}
NOW = datetime(2025, 12, 26, tzinfo=UTC)
PLACES = [Place(kind) for kind in PlaceKind]


@dataclass
class Connected:
    """A platform that is ready to send, places of its own and what its specification says."""

    platform: Platform
    group: Address
    private: Address
    person: Person
    problems: Callable[[], list[str]] = list
    forum: Address | None = None
    gone: Address | None = None
    world: Any = field(default=None, repr=False)


@asynccontextmanager
async def connected(name: str) -> AsyncIterator[Connected]:
    """The platform of that name with its fake wire."""
    if name == "telegram":
        async with Sandbox() as world:
            ada = world.person("Ada")
            group = world.supergroup("Lab", ada)
            world.set_bot(group, ada, "administrator")
            world.set_bot(world.private(ada), ada, "member")
            left = world.supergroup("Gone", ada)
            telegram = Telegram(world.token, api_url=world.url)
            async with telegram:
                yield Connected(
                    telegram,
                    Address("telegram", str(group.id)),
                    Address("telegram", f"@{ada.id}"),
                    Person(str(ada.id)),
                    lambda: [error for call in world.calls for error in telegram_errors(call)],
                    gone=Address("telegram", str(left.id)),
                    world=world,
                )
    elif name == "discord":
        async with FakeDiscord(judge=discord_errors()) as fake:
            guild = fake.add_guild()
            channel = fake.add_channel(guild)
            forum = fake.add_channel(guild, "days", "forum")
            ada_there = fake.add_member(guild, manages=True)
            discord = Discord(fake.token or "", api_url=fake.api_url)
            async with discord:
                yield Connected(
                    discord,
                    Address("discord", str(channel)),
                    Address("discord", f"@{ada_there.id}"),
                    Person(str(ada_there.id)),
                    lambda: fake.errors,
                    forum=Address("discord", str(forum)),
                    gone=Address("discord", "1234567890123456789"),
                    world=fake,
                )
    elif name == "webhook":
        async with Hooks() as server, webhook().Webhook({"lab": f"{server.url}/hook"}) as hooks:
            lab = Address("webhook", "lab")
            yield Connected(hooks, lab, lab, Person("me"), gone=Address("webhook", "other"))
    else:
        here = Address("console", "1")
        yield Connected(PLATFORMS[name](), here, here, Person("me"))


@pytest.fixture(params=list(PLATFORMS))
def platform(request):
    return PLATFORMS[request.param]()


@pytest.fixture(params=list(PLATFORMS))
async def live(request):
    async with connected(request.param) as found:
        yield found


async def carried(live: Connected, address: Address, drawn: tuple[Drawn, ...]) -> list[Outcome]:
    """Everything that was drawn together, sent as the courier does."""
    outcomes: list[Outcome] = []
    for place, one in enumerate(drawn):
        to, reply_to = address, None
        if one.waits_for is not None:
            waited = outcomes[one.waits_for]
            reply_to = waited.platform_ids[0] if waited.platform_ids else None
            if waited.thread is not None and one.kind is not Kind.OPEN_THREAD:
                to, reply_to = Address(address.platform, address.chat, waited.thread), None
        outcomes.append(
            await live.platform.send(
                to, one.body, f"pb{place}", silent=one.silent, reply_to=reply_to
            )
        )
    return outcomes


def blocks(text: str = "Some words") -> list[Block]:
    return [
        Heading(date(2025, 12, 26), (), 2, 2, (text,), (text,)),
        CardBlock(card(Paper("2512.1", text, text), None, "en"), (text,), (text,)),
        ListBlock((Line("2512.2", text, "https://x.org", 1),), 1, date(2025, 12, 26)),
        NoticeBlock(Notice.NO_MATCH, text),
        Foot(Rung.ABSTRACT, 1),
        Paragraph.of(text),
        Table(((text, text),), (text,)),
        Buttons(((Button(text or "?", "settings hour 09:00"), Button("x", url="https://x.org")),)),
        File("saved.bib", text),
    ]


@pytest.mark.parametrize("layout", list(Layout))
async def test_what_is_drawn_can_be_sent_and_is_accepted(live, layout):
    for place, address in ((PlaceKind.GROUP, live.group), (PlaceKind.PRIVATE, live.private)):
        drawn = live.platform.draw(blocks(), layout, "en", Place(place))
        outcomes = await carried(live, address, drawn)
        assert {one.verdict for one in outcomes} == {Verdict.ACCEPTED}, outcomes
    assert "\n".join(live.problems()) == ""


@pytest.mark.parametrize("layout", list(Layout))
async def test_a_forum_gets_posts(layout):
    async with connected("discord") as live:
        assert live.forum is not None
        drawn = live.platform.draw(blocks(), layout, "zh", Place(PlaceKind.FORUM))
        outcomes = await carried(live, live.forum, drawn)
        assert {one.verdict for one in outcomes} == {Verdict.ACCEPTED}, outcomes
        assert "\n".join(live.problems()) == ""


@pytest.mark.parametrize("name", ["telegram", "discord", "webhook"])
async def test_a_place_that_is_gone_is_told_as_gone(name):
    async with connected(name) as live:
        assert live.gone is not None
        (first, *_) = live.platform.draw(blocks(), Layout.PACKED, "en", Place(PlaceKind.GROUP))
        outcome = await live.platform.send(live.gone, first.body, "pb1", silent=False)
        assert outcome.verdict is Verdict.CHAT_GONE
        assert (await live.platform.probe(live.gone)).verdict is Verdict.CHAT_GONE


def test_only_the_first_message_of_a_digest_rings(platform):
    for layout in Layout:
        _, *others = platform.draw(blocks()[:5], layout, "en")
        assert all(one.silent for one in others)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: str(place.kind))
def test_every_paper_is_named_once_by_the_messages_in_order(platform, place):
    for layout in Layout:
        drawn = platform.draw(blocks(), layout, "en", place)
        named = [paper for each in drawn for paper in each.papers]
        if layout is Layout.THREAD:  # the index with the list may stand before the cards
            named.sort()
        assert named == ["2512.1", "2512.2"]


def test_drawing_is_pure(platform):
    assert platform.draw(blocks(), Layout.PACKED, "zh") == platform.draw(
        blocks(), Layout.PACKED, "zh"
    )


@given(
    text=st.text(st.characters()),
    name=st.sampled_from(sorted(PLATFORMS)),
    layout=st.sampled_from(list(Layout)),
    place=st.sampled_from(PLACES),
)
def test_no_text_makes_drawing_fail(text, name, layout, place):
    for drawn in PLATFORMS[name]().draw(blocks(text), layout, "en", place):
        assert all(isinstance(fragment, bytes) for fragment in drawn.body.fragments)


async def test_a_body_of_nobody_knows_whom_raises_nothing(live):
    for body in (Body((b"?",)), Body(()), Body((b"{}",)), Body((b"[]", b"\xff"))):
        outcome = await live.platform.send(live.group, body, "k", silent=True)
        assert outcome.verdict is not Verdict.ACCEPTED
    assert "\n".join(live.problems()) == ""


async def test_verbs_are_those_that_the_limits_name(live):
    platform, limits = live.platform, live.platform.limits
    assert limits.verbs <= {"find", "edit", "probe", "rights", "serve", "look_up"}
    assert limits.most_cards >= 1
    if "find" not in limits.verbs:
        assert await platform.find(live.group, Body((b"?",)), "pb1", NOW) is None
    if "probe" in limits.verbs:
        probed = await platform.probe(live.group)
        assert (probed.verdict, probed.missing) == (Verdict.ACCEPTED, ())
    if "rights" in limits.verbs:
        assert (await platform.rights(live.group, live.person)).manage
    if "look_up" in limits.verbs:
        assert await platform.look_up("no such place anywhere") is None
    assert "\n".join(live.problems()) == ""


async def test_a_token_is_in_no_name_of_the_platform(live):
    shown = repr(live.platform)
    assert TELEGRAM_TOKEN not in shown
    assert live.world is None or live.world.token not in shown
