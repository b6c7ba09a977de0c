"""Frozen calls on their way to Discord, over real sockets to a fake one."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from discord.http import Route

from adapters.platforms.discord import Discord, sending
from adapters.platforms.discord.frozen import freeze
from adapters.platforms.discord.wire import answer_of, base
from bot.channels import Address, Body, Kind, Verdict
from tests.wires.discordian import server
from tests.wires.discordian.people import FakeDiscord
from tests.wires.discordian.server import Fault


def message(text: str = "papers", **more: Any) -> Body:
    payload = {"content": text, "allowed_mentions": {"parse": []}}
    return freeze(Kind.POST, payload, **more)


def thread(name: str = "A day") -> Body:
    return freeze(Kind.OPEN_THREAD, {"name": name, "auto_archive_duration": 1440})


def post(name: str = "A day", **more: Any) -> Body:
    inner = {"content": "papers", "allowed_mentions": {"parse": []}}
    return freeze(Kind.FORUM_POST, {"name": name, "message": inner, **more})


def at(channel: int, inside: str | None = None) -> Address:
    return Address("discord", str(channel), inside)


async def test_the_same_key_makes_one_message(world: FakeDiscord, platform: Discord) -> None:
    channel = world.add_channel(world.add_guild())
    first = await platform.send(at(channel), message(), "pb1", silent=False)
    again = await platform.send(at(channel), message(), "pb1", silent=False)
    assert first.verdict is again.verdict is Verdict.ACCEPTED
    assert first.platform_ids == again.platform_ids == (str(world.messages(channel)[0]["id"]),)
    assert len(world.messages(channel)) == 1


async def test_a_lost_answer_is_unknown_and_the_next_attempt_finds_the_message(
    world: FakeDiscord, platform: Discord
) -> None:
    channel = world.add_channel(world.add_guild())
    world.faults.append(Fault("POST", "/channels/*/messages", lose=True))
    lost = await platform.send(at(channel), message(), "pb1", silent=False)
    assert lost.verdict is Verdict.UNKNOWN
    again = await platform.send(at(channel), message(), "pb1", silent=False)
    assert again.verdict is Verdict.ACCEPTED
    assert len(world.messages(channel)) == 1


async def test_a_silent_reply_says_so_and_survives_the_loss_of_its_message(
    world: FakeDiscord, platform: Discord
) -> None:
    channel = world.add_channel(world.add_guild())
    first = await platform.send(at(channel), message(), "pb1", silent=False)
    await platform.send(
        at(channel), message("more"), "pb2", silent=True, reply_to=first.platform_ids[0]
    )
    loud, silent = (call.body for call in world.called("POST", "/channels/*/messages"))
    assert "flags" not in loud
    assert silent["flags"] == 4096
    assert silent["message_reference"] == {
        "message_id": first.platform_ids[0],
        "fail_if_not_exists": False,
    }


async def test_a_thread_is_opened_once_and_cards_go_into_it(
    world: FakeDiscord, platform: Discord
) -> None:
    channel = world.add_channel(world.add_guild())
    first = await platform.send(at(channel), message(), "pb1", silent=False)
    index = first.platform_ids[0]
    opened = await platform.send(at(channel), thread(), "pb2", silent=True, reply_to=index)
    again = await platform.send(at(channel), thread(), "pb2", silent=True, reply_to=index)
    assert opened.verdict is again.verdict is Verdict.ACCEPTED
    assert opened.thread == again.thread == index
    inside = await platform.send(at(channel, opened.thread), message("card"), "pb3", silent=True)
    assert inside.verdict is Verdict.ACCEPTED
    assert "card" in world.read(int(index))


async def test_a_thread_without_its_message_is_refused_before_it_leaves(
    world: FakeDiscord, platform: Discord
) -> None:
    channel = world.add_channel(world.add_guild())
    told = await platform.send(at(channel), thread(), "pb2", silent=True)
    assert told.verdict is Verdict.CONTENT_REFUSED


async def test_a_forum_post_gives_its_thread_and_is_never_made_twice_by_itself(
    world: FakeDiscord, platform: Discord
) -> None:
    forum = world.add_channel(world.add_guild(), kind="forum")
    world.faults.append(Fault("POST", "/channels/*/threads", status=502, times=1))
    failed = await platform.send(at(forum), post(), "pb1", silent=True)
    assert failed.verdict is Verdict.UNKNOWN
    assert len(world.called("POST", "/channels/*/threads")) == 1
    made = await platform.send(at(forum), post(), "pb1", silent=True)
    assert made.verdict is Verdict.ACCEPTED
    assert made.thread == str(world.threads(forum)[0])
    body = world.called("POST", "/channels/*/threads")[-1].body
    assert body["message"]["flags"] == 4096
    assert "nonce" not in body["message"]


async def test_a_tag_is_found_by_its_name(world: FakeDiscord, platform: Discord) -> None:
    forum = world.add_channel(world.add_guild(), kind="forum")
    world.add_tag(forum, "Weekly")
    tag = world.add_tag(forum, "Daily")
    for name in ("daily", str(tag)):
        made = await platform.send(at(forum), post(applied_tags=[name]), "pb2", silent=False)
        assert made.verdict is Verdict.ACCEPTED
        assert world.called("POST", "/channels/*/threads")[-1].body["applied_tags"] == [str(tag)]
    gone = await platform.send(at(forum), post(applied_tags=["nightly"]), "pb3", silent=False)
    assert gone.verdict is Verdict.ACCEPTED
    assert "applied_tags" not in world.called("POST", "/channels/*/threads")[-1].body


async def test_a_forum_that_demands_a_tag_gets_its_first_where_none_was_chosen(
    world: FakeDiscord, platform: Discord
) -> None:
    forum = world.add_channel(world.add_guild(), kind="forum")
    world.add_tag(forum, "Staff", required=True)
    world.backend.get_channel(forum).available_tags[0]["moderated"] = True
    refused = await platform.send(at(forum), post(), "pb1", silent=False)
    assert refused.verdict is Verdict.NOT_SENT
    assert refused.missing
    first = world.add_tag(forum, "News")
    world.add_tag(forum, "Papers")
    for wanted in (post(), post(applied_tags=["renamed"])):
        made = await platform.send(at(forum), wanted, "pb2", silent=False)
        assert made.verdict is Verdict.ACCEPTED
        assert world.called("POST", "/channels/*/threads")[-1].body["applied_tags"] == [str(first)]


async def test_the_private_chat_with_a_person_is_opened_once(
    world: FakeDiscord, platform: Discord
) -> None:
    ada = world.add_member(world.add_guild())
    for key in ("pb1", "pb2"):
        told = await platform.send(
            Address("discord", f"@{ada.id}"), message(key), key, silent=False
        )
        assert told.verdict is Verdict.ACCEPTED
    assert world.read(world.private_chat(ada)) == "pb1\npb2"
    assert len(world.called("POST", "/users/@me/channels")) == 1


@pytest.mark.parametrize("everywhere", [False, True])
async def test_too_fast_is_told_at_once_with_how_long(
    world: FakeDiscord, platform: Discord, everywhere: bool
) -> None:
    channel = world.add_channel(world.add_guild())
    world.faults.append(
        Fault("POST", "/channels/*", status=429, retry_after=12.5, everywhere=everywhere)
    )
    told = await platform.send(at(channel), message(), "pb1", silent=False)
    assert (told.verdict, told.retry_after) == (Verdict.TOO_FAST, 12.5)
    assert told.everywhere is everywhere
    assert len(world.called("POST", "/channels/*/messages")) == 1


async def test_a_missing_right_is_named(world: FakeDiscord, platform: Discord) -> None:
    channel = world.add_channel(world.add_guild(), lacks=("send_messages", "embed_links"))
    told = await platform.send(at(channel), message(), "pb1", silent=False)
    assert told.verdict is Verdict.CHAT_GONE
    assert told.missing == ("Send Messages", "Embed Links")


async def test_a_channel_that_is_gone_is_told_so(world: FakeDiscord, platform: Discord) -> None:
    told = await platform.send(at(123456789012), message(), "pb1", silent=False)
    assert told.verdict is Verdict.CHAT_GONE


async def test_a_refused_token_is_told_so_and_not_shown(world: FakeDiscord) -> None:
    async with Discord("a-wrong-token", api_url=world.api_url) as platform:
        told = await platform.send(at(1), message(), "pb1", silent=False)
        assert told.verdict is Verdict.TOKEN_REFUSED
        assert "a-wrong-token" not in f"{told!r}{platform!r}{vars(platform)!r}"


async def test_without_a_connection_nothing_was_sent(unused_tcp_port: int) -> None:
    async with Discord("token", api_url=f"http://127.0.0.1:{unused_tcp_port}") as platform:
        told = await platform.send(at(1), message(), "pb1", silent=False)
    assert told.verdict is Verdict.NOT_SENT


async def test_a_call_without_an_answer_is_unknown_in_time(
    world: FakeDiscord, platform: Discord, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = world.add_channel(world.add_guild())
    await platform.send(at(channel), message(), "pb1", silent=False)
    monkeypatch.setattr(sending, "TIMEOUT", 0.2)
    world.faults.append(Fault("POST", "/channels/*/messages", hang=True))
    told = await platform.send(at(channel), message(), "pb2", silent=False)
    assert told.verdict is Verdict.UNKNOWN


async def test_an_answer_is_taken_at_once_also_when_it_emptied_the_bucket(
    world: FakeDiscord, platform: Discord, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = world.add_channel(world.add_guild())
    await platform.probe(at(channel))  # logged in
    said = server._said

    def emptied(*told: Any) -> Any:
        answer = said(*told)
        answer.headers["X-RateLimit-Remaining"] = "0"
        answer.headers["X-RateLimit-Reset-After"] = "600"
        return answer

    monkeypatch.setattr(server, "_said", emptied)
    monkeypatch.setattr(sending, "TIMEOUT", 1.0)
    first = await platform.send(at(channel), message(), "pb1", silent=False)
    assert (first.verdict, first.rest) == (Verdict.ACCEPTED, 600.0)
    second = await platform.send(at(channel), message(), "pb2", silent=False)
    assert second.verdict is Verdict.TOO_FAST  # it did not wait for the bucket, and never left
    assert 590 < (second.retry_after or 0) < 601
    assert len(world.called("POST", "/channels/*/messages")) == 1


async def test_a_call_that_is_given_up_by_its_caller_raises_only_that(
    world: FakeDiscord, platform: Discord
) -> None:
    channel = world.add_channel(world.add_guild())
    world.faults.append(Fault("POST", "/channels/*/messages", hang=True))
    call = asyncio.create_task(platform.send(at(channel), message(), "pb2", silent=False))
    await world.until(lambda: world.called("POST", "/channels/*/messages"))
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call


async def test_an_announcement_is_published_and_the_day_goes_on_without(
    world: FakeDiscord, platform: Discord
) -> None:
    channel = world.add_channel(world.add_guild(), kind="news")
    for key in ("pb1", "pb2"):
        told = await platform.send(at(channel), message(key, crosspost=True), key, silent=False)
        assert told.verdict is Verdict.ACCEPTED
        world.faults.append(Fault("POST", "/channels/*/crosspost", status=500, times=1))
    assert len(world.called("POST", "/channels/*/crosspost")) == 2
    assert world.messages(channel)[0]["flags"] & 3  # crossposted


async def test_a_file_goes_along(world: FakeDiscord, platform: Discord) -> None:
    channel = world.add_channel(world.add_guild())
    body = message(file=("saved.bib", "@article{é}"))
    told = await platform.send(at(channel), body, "pb1", silent=False)
    assert told.verdict is Verdict.ACCEPTED
    call = world.called("POST", "/channels/*/messages")[0]
    assert call.files == {"saved.bib": "@article{é}".encode()}
    assert call.body["nonce"] == "pb1"


async def test_an_unreadable_body_is_refused(platform: Discord) -> None:
    told = await platform.send(at(1), Body((b"{",)), "pb1", silent=False)
    assert told.verdict is Verdict.CONTENT_REFUSED


async def test_leaving_gives_discord_py_its_own_address_back(world: FakeDiscord) -> None:
    before = Route.BASE
    async with Discord("token", api_url=world.api_url):
        assert world.api_url == Route.BASE
    assert before == Route.BASE


def test_a_pause_that_is_not_discords_own_holds_everywhere() -> None:
    theirs = answer_of(429, {"Retry-After": "7"}, b"<html>")
    assert (theirs.retry_after, theirs.everywhere) == (7.0, True)
    own = answer_of(429, {}, b'{"retry_after": 0.3, "global": false}')
    assert (own.retry_after, own.everywhere) == (0.3, False)
    assert answer_of(502, {}, b"bad gateway").everywhere is False


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("http://127.0.0.1:1/api/v10", "http://127.0.0.1:1/api/v10"),
        ("http://127.0.0.1:1/api/v10/", "http://127.0.0.1:1/api/v10"),
        ("http://127.0.0.1:1/api", "http://127.0.0.1:1/api/v10"),
        ("http://127.0.0.1:1", "http://127.0.0.1:1/api/v10"),
    ],
)
def test_the_base_of_the_api_has_its_version(given: str, taken: str) -> None:
    assert base(given) == taken
