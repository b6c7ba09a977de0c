"""Section 11: texts of papers and people never become markup, a mention or an unsourced link."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from bot.alerts import raise_alert, tell
from bot.announcing import Chosen, Words, announce
from bot.channels import Address
from bot.rounds import make_round
from tests.contracts.test_conversations import NOW
from tests.contracts.test_conversations import empty_store as empty_store
from tests.contracts.test_groups import Discords, Telegrams, stored
from tests.contracts.test_groups import discords as discords
from tests.contracts.test_groups import telegrams as telegrams
from tests.wires.judges.telegram import found_entities
from tests.wires.lists import a_paper

ROLE = "4242424242"
NASTY = (
    "@everyone @here <@&1> <@1> <#1> </b></a> <b>x</b> [link](https://evil.example/md) "
    '<a href="https://evil.example/a">a</a> https://evil.example/bare evil.example/x t.me/evil '
    "@durov /start #tag **bold** ||spoiler|| `code` ```fence``` \u202eback <t:1:R> &lt;"
)
HOSTS = {"arxiv.org", "huggingface.co", "github.com", "t.me"}


def nasty_papers(desk: Any) -> None:
    """Papers of Friday, whose list is open yet, that try everything."""
    source = desk.sources["huggingface"]
    for number in (21, 22):
        paper = a_paper(number, f"{number} {NASTY}", upvotes=900 + number)
        source.show(
            NOW.date(),
            replace(
                paper, abstract=f"We do. {NASTY}", authors=(NASTY[:60], "@everyone"),
                organization=NASTY[:80], summary=f"It is {NASTY}", keywords=(NASTY[:40],),
                code_url="https://github.com/a/b", project_url="javascript:alert(1)",
            ),
        )  # fmt: skip


async def some_days(chats: Telegrams | Discords, chat: object, thread: object = None) -> None:
    """The rounds at the channel's next three times."""
    for _ in range(3):
        channel = await stored(chats.desk, chat, thread)
        assert channel is not None
        assert channel.next_due is not None
        await make_round(chats.desk, channel.next_due)


async def told_by_the_operator(chats: Telegrams | Discords, admin: Address) -> None:
    """A notice to all channels, and an alert."""
    desk = replace(chats.desk, admins=(admin,))
    await announce(desk.store, desk.platforms, Words(NASTY), Chosen(), NOW)
    async with desk.store.transaction() as tx:
        await raise_alert(tx, "a:1", "{name} asks", {"name": NASTY}, lasts=False)
    await tell(desk, NOW)
    await make_round(desk, NOW + timedelta(minutes=1))


def messages(body: Any) -> Iterator[dict[str, Any]]:
    """The messages in a call's body: itself, a forum post's, an interaction's, an edit's."""
    if not isinstance(body, dict):
        return
    if body.keys() & {"content", "embeds"}:
        yield body
    for name in ("message", "data"):
        yield from messages(body.get(name))


@pytest.mark.parametrize("layout", ["packed", "thread"])
async def test_discord_every_call_that_carries_a_message_forbids_mentions(
    discords: Discords, layout: str
) -> None:
    """Posts, threads, forum posts, answers, edits, alerts and notices; but for the chosen role,
    once for a day, in what the digest says first."""
    world, ada = discords.world, discords.ada
    nasty_papers(discords.desk)
    forum = world.add_channel(discords.guild, "@everyone", "forum")
    await discords.ask(ada, "/subscribe everything")
    await discords.ask(ada, f"/settings layout {layout}")
    await discords.ask(ada, f"/settings ping {ROLE}")
    await world.slash(ada, discords.channel, "subscribe", topics="everything", channel=forum)
    await discords.ask(ada, f"/topics add {NASTY[:100]}")
    await discords.ask(ada, "/topics add agents")
    await discords.ask(discords.bob, "/today")
    await discords.ask(discords.bob, "/paper 2601.00021")
    await discords.ask(discords.bob, f"/search {NASTY[:60]}")
    menu = await discords.ask(ada, "/settings")
    hour = next(one for one in menu.buttons.values() if one.endswith("settings hour"))
    await world.press(ada, discords.channel, menu.message, hour)
    before = len(world.calls)
    await some_days(discords, discords.channel)
    await some_days(discords, forum)
    await told_by_the_operator(discords, Address("discord", f"@{ada.id}"))
    sent = [(call, one) for call in world.calls for one in messages(call.body)]
    assert any("/threads" in call.path for call, _ in sent)  # the forum's post
    assert any(call.method == "PATCH" or "callback" in call.path for call, _ in sent)
    for call, one in sent:
        allowed = one.get("allowed_mentions")
        assert allowed is not None, f"{call.method} {call.path}"
        assert allowed.get("parse") == [], f"{call.method} {call.path}: {allowed}"
        assert not allowed.get("users"), call.path
        assert not allowed.get("replied_user"), call.path
        assert set(allowed.get("roles", ())) <= {ROLE}, call.path
    ringing = [call for call, one in sent if one["allowed_mentions"].get("roles")]
    assert ringing
    assert all(call in world.calls[before:] for call in ringing)
    assert "evil.example" in json.dumps([one for _, one in sent])  # it was shown, as text
    assert "evil.example/md" not in json.dumps([*linked(sent)])


def linked(sent: Any) -> Iterator[str]:
    """Where what is sent leads: the addresses of embeds and buttons."""
    for _, one in sent:
        for embed in one.get("embeds") or ():
            for part in (embed, *(embed.get(name) or {} for name in ("image", "thumbnail"))):
                if url := part.get("url"):
                    yield url
        for row in one.get("components") or ():
            yield from (each["url"] for each in row.get("components", ()) if each.get("url"))


async def test_discord_the_role_is_called_once_a_day_whatever_the_layout(
    discords: Discords,
) -> None:
    """Two digests of two days: two calls, and none by an answer or without a choice."""
    nasty_papers(discords.desk)
    await discords.ask(discords.ada, "/subscribe everything")
    await discords.ask(discords.ada, "/settings layout cards")
    await some_days(discords, discords.channel)
    rings = f"<@&{ROLE}>"
    assert rings not in json.dumps([call.body for call in discords.world.calls])
    await discords.ask(discords.ada, f"/settings ping {ROLE}")
    source: Any = discords.desk.sources["huggingface"]
    for number in (31, 32, 33):
        source.show((NOW + timedelta(days=3)).date(), a_paper(number))  # Monday's
    before = len(discords.world.calls)
    await some_days(discords, discords.channel)
    await discords.ask(discords.bob, "/today")
    called = [
        one
        for call in discords.world.calls[before:]
        for one in messages(call.body)
        if one.get("allowed_mentions", {}).get("roles") or rings in (one.get("content") or "")
    ]
    assert "Subject 33" in discords.world.read(discords.channel)
    assert len(called) == 1


async def test_telegram_nothing_of_a_text_is_alive_and_links_are_the_sources_own(
    telegrams: Telegrams,
) -> None:
    """Telegram's own parser judges every call; it finds no command, no name and no address."""
    world, chat = telegrams.world, telegrams.chat
    nasty_papers(telegrams.desk)
    world.set_bot(chat, telegrams.ada, "administrator")
    await world.until(lambda: bool(chat.spoken))
    await telegrams.ask(telegrams.ada, "/subscribe everything", telegrams.topic)
    await telegrams.ask(telegrams.ada, "/paper 2601.00021", telegrams.topic)
    await telegrams.ask(telegrams.ada, f"/search {NASTY[:60]}", telegrams.topic)
    await telegrams.ask(telegrams.ada, "/today", telegrams.topic)
    before = len(chat.spoken)
    await some_days(telegrams, chat.id, telegrams.topic)
    # A notice of the operator's own may hold commands, and links that say where they lead.
    digest, calls = chat.spoken[before:], [*world.calls]
    olga = world.person("Olga")
    private = world.private(olga)
    world.type(private, olga, "/start")
    await world.until(lambda: bool(private.spoken))
    await told_by_the_operator(telegrams, Address("telegram", f"@{olga.id}"))
    assert digest
    for one in digest:
        for kind, text in found_entities(one.text):
            # An address that the paper itself writes out is one that the source has.
            assert kind == "Url", f"{kind}: {text}"
            assert text in NASTY, text
    assert any("evil.example/x" in one.text.replace("\u2060", "") for one in digest)
    for call in calls:
        for url in urls(call.params):
            assert urlsplit(url).hostname in HOSTS, f"{call.method}: {url}"


def urls(params: dict[str, Any]) -> Iterator[str]:
    """Where buttons and links of a call lead."""
    import re

    keyboard = params.get("reply_markup") or {}
    keyboard = json.loads(keyboard) if isinstance(keyboard, str) else keyboard
    for row in keyboard.get("inline_keyboard", ()):
        yield from (one["url"] for one in row if one.get("url"))
    for name in ("text", "caption"):
        yield from re.findall(r'<a href="([^"]*)"', str(params.get(name) or ""))
