"""One frozen call on its way: nonce, thread, reply, sound, and what became of it."""

from __future__ import annotations

import asyncio
import copy
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from adapters.platforms.discord.frozen import thaw
from adapters.platforms.discord.outcomes import NO_REPLY, NO_RIGHT, THREAD_THERE, outcome_of
from adapters.platforms.discord.places import REQUIRES_TAG
from adapters.platforms.discord.probing import look
from adapters.platforms.discord.wire import Trail
from bot.channels import Address, Body, Kind, Outcome, Verdict

if TYPE_CHECKING:
    from adapters.platforms.discord.frozen import Call
    from adapters.platforms.discord.wire import Wire

TIMEOUT = 18.0  # seconds for a whole call; a nonce is remembered for some minutes only
_CROSSPOST = 10.0  # seconds
SUPPRESS_NOTIFICATIONS = 1 << 12  # flag of a message
log = logging.getLogger(__name__)


class Sender:
    """Carries frozen calls through a wire."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._private: dict[str, str] = {}  # person: id of the channel with them

    async def send(
        self, address: Address, body: Body, key: str, *, silent: bool, reply_to: str | None
    ) -> Outcome:
        """One call, as bot.ports.Platform.send promises."""
        try:
            call = thaw(body)
        except ValueError as error:
            return Outcome(Verdict.CONTENT_REFUSED, error=f"The body cannot be read: {error}.")
        trail = Trail()
        try:
            async with asyncio.timeout(TIMEOUT):
                place = address.thread or await self.chat(address)
                outcome = await self._carry(call, place, key, silent, reply_to, trail)
        except Exception as error:
            return await self._failed(error, address, call, trail, reply_to)
        if trail.rest and outcome.verdict is Verdict.ACCEPTED:
            outcome = replace(outcome, rest=trail.rest)
        if call.crosspost and call.kind in (Kind.POST, Kind.NOTICE):
            await self._crosspost(place, outcome)
        return outcome

    async def edit(self, address: Address, message: str, body: Body) -> Outcome:
        """Put the body in the place of a message, as bot.ports.Platform.edit promises.

        What the new body does not have (embeds, buttons, files) goes away. Of a forum post it is
        the first message that changes; its name stays.
        """
        try:
            call = thaw(body)
        except ValueError as error:
            return Outcome(Verdict.CONTENT_REFUSED, error=f"The body cannot be read: {error}.")
        payload: dict[str, Any] = {"content": "", "embeds": [], "components": []}
        payload |= copy.deepcopy(call.message)
        if call.file is None:
            payload["attachments"] = []
        inside = call.kind is Kind.FORUM_POST or address.thread is not None
        trail = Trail()
        try:
            async with asyncio.timeout(TIMEOUT):
                place = address.thread or (
                    message if call.kind is Kind.FORUM_POST else await self.chat(address)
                )
                await self._wire.call_once(
                    trail,
                    "PATCH",
                    "/channels/{channel_id}/messages/{message_id}",
                    payload,
                    file=call.file,
                    channel_id=place,
                    message_id=message,
                )
                return Outcome(Verdict.ACCEPTED, (message,), rest=trail.rest)
        except Exception as error:
            return outcome_of(error, left=trail.left, in_thread=inside)

    async def chat(self, address: Address) -> str:
        """The id of the address's channel; the one with a person is opened first."""
        if not address.chat.startswith("@"):
            return address.chat
        person = address.chat[1:]
        if person not in self._private:
            made = await self._wire.call_once(
                Trail(), "POST", "/users/@me/channels", {"recipient_id": person}
            )
            self._private[person] = str(made["id"])
        return self._private[person]

    async def _carry(
        self,
        call: Call,
        place: str,
        key: str,
        silent: bool,
        reply_to: str | None,
        trail: Trail,
    ) -> Outcome:
        payload: dict[str, Any] = copy.deepcopy(call.payload)
        match call.kind:
            case Kind.OPEN_THREAD:
                if reply_to is None:
                    return Outcome(
                        Verdict.CONTENT_REFUSED, error="There is no message to open a thread on."
                    )
                made = await self._wire.call_once(
                    trail,
                    "POST",
                    "/channels/{channel_id}/messages/{message_id}/threads",
                    payload,
                    channel_id=place,
                    message_id=reply_to,
                )
                return Outcome(Verdict.ACCEPTED, thread=str(made["id"]))
            case Kind.FORUM_POST:
                if silent:
                    _hush(payload["message"])
                if tags := await self._tags(place, payload.pop("applied_tags", ())):
                    payload["applied_tags"] = tags
                made = await self._wire.call_once(
                    trail,
                    "POST",
                    "/channels/{channel_id}/threads",
                    payload,
                    file=call.file,
                    channel_id=place,
                )
                # The first message of a forum post has the id of its thread.
                return Outcome(Verdict.ACCEPTED, (str(made["id"]),), thread=str(made["id"]))
            case _:
                payload |= {"nonce": key[:25], "enforce_nonce": True}
                if silent:
                    _hush(payload)
                if reply_to is not None:
                    payload["message_reference"] = {
                        "message_id": reply_to,
                        "fail_if_not_exists": False,
                    }
                return await self._post(call, place, payload, trail)

    async def _post(self, call: Call, place: str, payload: dict[str, Any], trail: Trail) -> Outcome:
        """One message; it is no reply where what it answers cannot be named."""
        import discord

        path = "/channels/{channel_id}/messages"
        try:
            made = await self._wire.call_once(
                trail, "POST", path, payload, file=call.file, channel_id=place
            )
        except discord.HTTPException as error:
            if error.code not in NO_REPLY or payload.pop("message_reference", None) is None:
                raise
            trail.left = False  # it was refused: nothing came of it
            made = await self._wire.call_once(
                trail, "POST", path, payload, file=call.file, channel_id=place
            )
        return Outcome(Verdict.ACCEPTED, (str(made["id"]),))

    async def _tags(self, forum: str, wanted: Sequence[str]) -> list[str]:
        """The ids of a forum's tags, named by id or by name; what is no tag there stays out.

        Where the forum demands a tag and none of these is one, the first that everybody may set:
        a day under a plain tag is better than none. Without any, Discord refuses the post, and
        `Outcome.missing` says so.
        """
        known = await self._wire.call_once(
            Trail(), "GET", "/channels/{channel_id}", channel_id=forum
        )
        tags: list[dict[str, Any]] = known.get("available_tags", [])
        ids: dict[str, str] = {}
        for tag in tags:
            ids.setdefault(str(tag["name"]).casefold(), str(tag["id"]))
        by_id = {one: one for one in ids.values()}
        named = (by_id.get(str(one)) or ids.get(str(one).casefold()) for one in wanted)
        found = [one for one in named if one is not None]
        if not found and int(known.get("flags", 0)) & REQUIRES_TAG:
            found = [str(tag["id"]) for tag in tags if not tag.get("moderated")][:1]
        return found

    async def _failed(
        self, error: Exception, address: Address, call: Call, trail: Trail, reply_to: str | None
    ) -> Outcome:
        """The outcome of a call that ended in an error, with the rights that lack."""
        code = getattr(error, "code", None)
        if code == THREAD_THERE and call.kind is Kind.OPEN_THREAD:
            return Outcome(Verdict.ACCEPTED, thread=reply_to)  # a thread has its message's id
        outcome = outcome_of(error, left=trail.left, in_thread=address.thread is not None)
        if outcome.verdict is Verdict.CHAT_GONE and code in NO_RIGHT:
            with suppress(Exception):
                async with asyncio.timeout(_CROSSPOST):
                    seen = await look(self._wire, address.thread or await self.chat(address))
                    return Outcome(Verdict.CHAT_GONE, error=outcome.error, missing=seen.missing)
        if outcome.verdict is Verdict.UNKNOWN and not _expected(error):
            log.warning("a call failed: %s: %s", type(error).__name__, error)
        return outcome

    async def _crosspost(self, place: str, outcome: Outcome) -> None:
        """Publish it to the servers that follow the channel; the day goes on without."""
        try:
            async with asyncio.timeout(_CROSSPOST):
                await self._wire.call_once(
                    Trail(),
                    "POST",
                    "/channels/{channel_id}/messages/{message_id}/crosspost",
                    None,
                    channel_id=place,
                    message_id=outcome.platform_ids[0],
                )
        except Exception as error:
            log.warning("not published: channel=%s: %s", place, outcome_of(error).error)


def _hush(message: dict[str, Any]) -> None:
    message["flags"] = int(message.get("flags", 0)) | SUPPRESS_NOTIFICATIONS


def _expected(error: Exception) -> bool:
    return type(error).__module__.split(".")[0] not in ("builtins", "adapters") or isinstance(
        error, OSError
    )
