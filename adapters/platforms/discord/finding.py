"""What became of a call whose answer was lost: channels, threads and forums are looked through."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from adapters.platforms.discord import places
from adapters.platforms.discord.frozen import thaw
from adapters.platforms.discord.outcomes import outcome_of
from adapters.platforms.discord.probing import may_do
from adapters.platforms.discord.wire import Trail
from bot.channels import Address, Body, Kind, Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from adapters.platforms.discord.frozen import Call
    from adapters.platforms.discord.wire import Wire

_TIMEOUT = 18.0  # seconds for all questions together
_MARGIN = timedelta(seconds=30)  # before the instant of the first attempt, for the clocks
_PAGE = 100  # messages
_PAGES = 20
_FOLDED = timedelta(minutes=55)  # a silent thread is folded away after an hour at the earliest
_EPOCH = 1_420_070_400_000  # ms; https://discord.com/developers/docs/reference#snowflakes
# What tells nothing of the message when the question ends so.
_NO_ANSWER: Final = frozenset({Verdict.NOT_SENT, Verdict.CONTENT_REFUSED})


class Finder:
    """Looks through a wire for what was sent; `chat` gives the id of an address's channel."""

    def __init__(self, wire: Wire, chat: Callable[[Address], Awaitable[str]]) -> None:
        self._wire = wire
        self._chat = chat

    async def find(
        self, address: Address, body: Body, key: str, since: datetime, reply_to: str | None
    ) -> Outcome | None:
        """What became of the call, as bot.ports.Platform.find promises.

        Messages are ours by their nonce where Discord still tells it, else by equal words; a
        thread has the id of the message that it was opened on; a forum post is known by its name
        and its first message. None where the bot may not read the history, and where there is
        more of it than is looked through.
        """
        try:
            call = thaw(body)
        except ValueError:
            return None  # never sent by this version
        try:
            async with asyncio.timeout(_TIMEOUT):
                match call.kind:
                    case Kind.OPEN_THREAD:
                        return await self._thread(reply_to)
                    case Kind.FORUM_POST:
                        return await self._forum_post(await self._chat(address), call, since)
                    case _:
                        place = address.thread or await self._chat(address)
                        return await self._message(place, call, key[:25], since)
        except Exception as error:
            outcome = outcome_of(error, in_thread=address.thread is not None)
            if outcome.verdict in _NO_ANSWER:
                return Outcome(Verdict.UNKNOWN, error=outcome.error)
            return outcome

    async def _ask(self, path: str, params: dict[str, Any] | None = None, **names: Any) -> Any:
        return await self._wire.call_once(Trail(), "GET", path, params=params, **names)

    async def _message(self, place: str, call: Call, nonce: str, since: datetime) -> Outcome | None:
        wanted = _words(call.message)
        me = await self._me()
        seen = more = False
        equal: str | None = None
        async for one in self._history(place, since):
            seen = True
            if one is None:
                more = True
                break
            if str(one["author"]["id"]) != me:
                continue
            told = one.get("nonce")
            if told is not None and str(told) == nonce:
                return Outcome(Verdict.ACCEPTED, (str(one["id"]),))
            if told is None and equal is None and _words(one) == wanted:
                equal = str(one["id"])
        if equal is not None:
            return Outcome(Verdict.ACCEPTED, (equal,))
        if more or (not seen and not await self._may_read(place)):
            return None
        return Outcome(Verdict.NOT_SENT, error="It is not in the channel.")

    async def _history(self, place: str, since: datetime) -> AsyncIterator[dict[str, Any] | None]:
        """The messages since then, oldest page first; None at the end of what is looked through."""
        after = self._snowflake(since)
        for _ in range(_PAGES):
            page = await self._ask(
                "/channels/{channel_id}/messages",
                {"after": str(after), "limit": _PAGE},
                channel_id=place,
            )
            for one in page:
                yield one
            if len(page) < _PAGE:
                return
            after = max(int(one["id"]) for one in page)
        yield None

    async def _may_read(self, place: str) -> bool:
        """Whether the history is shown to the bot; without the right it looks empty."""
        channel = await self._ask("/channels/{channel_id}", channel_id=place)
        server = channel.get("guild_id")
        if server is None:
            return True
        if places.is_thread(int(channel["type"])):
            channel = await self._ask("/channels/{channel_id}", channel_id=channel["parent_id"])
        overwrites = channel.get("permission_overwrites", ())
        may = await may_do(self._wire, server, await self._me(), overwrites)
        return bool(may & places.HISTORY)

    async def _thread(self, message: str | None) -> Outcome:
        import discord

        if message is None:
            return Outcome(Verdict.NOT_SENT, error="There is no message to open a thread on.")
        try:
            found = await self._ask("/channels/{channel_id}", channel_id=message)
        except discord.NotFound as error:
            if error.code != 10003:
                raise
            return Outcome(Verdict.NOT_SENT, error="The thread is not there.")
        return Outcome(Verdict.ACCEPTED, thread=str(found["id"]))

    async def _forum_post(self, forum: str, call: Call, since: datetime) -> Outcome | None:
        channel = await self._ask("/channels/{channel_id}", channel_id=forum)
        active = await self._ask(
            "/guilds/{guild_id}/threads/active", guild_id=str(channel["guild_id"])
        )
        found = await self._post_among(active["threads"], forum, call, since)
        if found is not None or datetime.now(UTC) - since < _FOLDED:
            return found or _NO_POST
        path = "/channels/{channel_id}/threads/archived/public"
        folded = await self._ask(path, {"limit": _PAGE}, channel_id=forum)
        found = await self._post_among(folded["threads"], forum, call, since)
        if found is None and folded.get("has_more"):
            return None
        return found or _NO_POST

    async def _post_among(
        self, threads: Sequence[dict[str, Any]], forum: str, call: Call, since: datetime
    ) -> Outcome | None:
        me, after = await self._me(), self._snowflake(since)
        name = _flat(str(call.payload.get("name", "")))
        wanted = _words(call.message)
        for one in threads:
            if (
                str(one.get("parent_id")) == forum
                and str(one.get("owner_id")) == me
                and int(one["id"]) > after
                and _flat(str(one.get("name"))) == name
                and await self._begins_with(str(one["id"]), wanted)
            ):
                post = str(one["id"])
                return Outcome(Verdict.ACCEPTED, (post,), thread=post)
        return None

    async def _begins_with(self, post: str, wanted: str) -> bool:
        """Whether the first message of a post says the same; a message that cannot be read may."""
        import discord

        path = "/channels/{channel_id}/messages/{message_id}"
        try:
            first = await self._ask(path, channel_id=post, message_id=post)
        except (discord.NotFound, discord.Forbidden):
            return True
        return _words(first) == wanted

    async def _me(self) -> str:
        client = await self._wire.logged_in()
        return str(client.application_id if client.user is None else client.user.id)

    def _snowflake(self, since: datetime) -> int:
        """The id of something made at that instant, by Discord's clock, less a margin."""
        there = since + timedelta(seconds=self._wire.ahead) - _MARGIN
        return max(0, int(there.timestamp() * 1000) - _EPOCH) << 22


_NO_POST = Outcome(Verdict.NOT_SENT, error="It is not among the posts of the forum.")


def _words(message: dict[str, Any]) -> str:
    """What a message says, in a form in which what is sent and what Discord tells are equal."""
    embeds = [
        [_flat(str(embed.get(part) or "")) for part in ("title", "description")]
        for embed in message.get("embeds") or ()
        # Discord adds embeds of its own for the addresses in a content.
        if embed.get("type", "rich") == "rich"
    ]
    files = len(message.get("attachments") or ())
    return json.dumps([_flat(str(message.get("content") or "")), embeds, files])


def _flat(text: str) -> str:
    return " ".join(text.split())
