"""Answers to slash commands and buttons: in time, to the asker alone, in place where asked so."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from adapters.platforms.discord.asking import ELSEWHERE, OWN
from adapters.platforms.discord.frozen import thaw
from adapters.platforms.discord.outcomes import outcome_of
from adapters.platforms.discord.wire import form_of
from bot.cards import Block
from bot.channels import Body, Drawn, Layout, Place, PlaceKind
from bot.texts import texts

if TYPE_CHECKING:
    import discord

    from adapters.platforms.discord.drawing import Pen
    from adapters.platforms.discord.frozen import Call
    from bot.ports import Reply, Request

# https://discord.com/developers/docs/interactions/receiving-and-responding
SAY, SAY_LATER, EDIT_LATER, EDIT, CHOICES = 4, 5, 6, 7, 8  # types of a callback
ALONE = 1 << 6  # flag of a message that only the asker sees
_TIMEOUT = 15.0  # seconds for one call
log = logging.getLogger(__name__)


class Answer:
    """What is said to one interaction; each verb raises what discord.py and aiohttp raise."""

    def __init__(self, interaction: discord.Interaction[Any], pen: Pen) -> None:
        self._interaction = interaction
        self._pen = pen
        self._began: int | None = None  # type of the callback that was sent
        self._open = False  # "thinking …" stands there and waits for its text
        self._alone = interaction.guild_id is not None  # in private chats nobody else is there

    async def wait(self, *, pressed: bool) -> None:
        """Show that work began; the answer may follow within 15 minutes."""
        if pressed:
            await self._callback(EDIT_LATER)
            return
        await self._callback(SAY_LATER, {"flags": self._flags(shared=False)})
        self._open = True

    async def give(self, request: Request, reply: Reply) -> None:
        """The whole reply: in place of the button's message, as messages, and as a toast."""
        t = texts(reply.language)
        drawn = self._draw(reply.blocks, reply.language) if reply.blocks else ()
        if not drawn and not reply.toast and not request.pressed:
            await self.tell(t("Nothing to say here."))
            return
        shared = reply.shared and not reply.failed
        if self._open and shared and self._alone:
            await self._finish(_plain(t("Shown to everybody here.")))
        for number, one in enumerate(drawn):
            in_place = number == 0 and request.pressed and reply.replaces and not reply.failed
            await self._one(one, request, shared=shared, in_place=in_place)
        if reply.toast:
            await self.tell(reply.toast)
        elif self._began is None:
            await self._callback(EDIT_LATER)  # a button with nothing to say: no "failed" either

    async def tell(self, sentence: str) -> None:
        """One plain sentence for the asker alone."""
        await self._message(_plain(sentence), None, False)

    def _draw(self, blocks: Sequence[Block], language: str) -> tuple[Drawn, ...]:
        kind = PlaceKind.GROUP if self._alone else PlaceKind.PRIVATE
        return self._pen.draw(blocks, Layout.PACKED, language, Place(kind))

    async def _one(self, one: Drawn, request: Request, *, shared: bool, in_place: bool) -> None:
        import discord

        elsewhere = request.address.chat
        if self._alone is False or elsewhere == str(self._interaction.channel_id):
            elsewhere = ""
        for body in (one.body, one.fallback):
            if body is None:
                continue
            call = addressed(body, elsewhere)
            try:
                if in_place:
                    await self._replace(call)
                else:
                    await self._message(call.payload, call.file, shared)
                return
            except discord.HTTPException as error:
                if error.status != 400 or body is one.fallback or one.fallback is None:
                    raise
                log.warning("an answer was refused: %s", outcome_of(error).error)

    async def _replace(self, call: Call) -> None:
        """The message of the button becomes this one; what it does not have goes away."""
        payload = {"content": "", "embeds": [], "components": [], **call.payload}
        if call.file is None:
            payload["attachments"] = []
        if self._began is None:
            await self._callback(EDIT, payload, call.file)
        else:
            await self._finish(payload, call.file)

    async def _message(
        self, payload: dict[str, Any], file: tuple[str, bytes] | None, shared: bool
    ) -> None:
        if self._open:
            await self._finish(payload, file)
            return
        payload = {**payload, "flags": int(payload.get("flags", 0)) | self._flags(shared=shared)}
        if self._began is None:
            await self._callback(SAY, payload, file)
        else:
            await self._webhook("POST", "", payload, file)

    def _flags(self, *, shared: bool) -> int:
        return ALONE if self._alone and not shared else 0

    async def _callback(
        self, kind: int, data: dict[str, Any] | None = None, file: tuple[str, bytes] | None = None
    ) -> None:
        payload: dict[str, Any] = {"type": kind}
        if data is not None:
            payload["data"] = data
        await self._send(
            "POST",
            "/interactions/{webhook_id}/{webhook_token}/callback",
            str(self._interaction.id),
            payload,
            file,
        )
        self._began = kind

    async def _finish(self, payload: dict[str, Any], file: tuple[str, bytes] | None = None) -> None:
        """What "thinking …" or the message of the button becomes."""
        await self._webhook("PATCH", "/messages/@original", payload, file)
        self._open = False

    async def _webhook(
        self, method: str, path: str, payload: dict[str, Any], file: tuple[str, bytes] | None
    ) -> None:
        await self._send(
            method,
            "/webhooks/{webhook_id}/{webhook_token}" + path,
            str(self._interaction.application_id),
            payload,
            file,
        )

    async def choices(self, found: Sequence[dict[str, str]]) -> None:
        """Values for the option that is being typed."""
        await self._callback(CHOICES, {"choices": list(found)})

    async def _send(
        self,
        method: str,
        path: str,
        place: str,
        payload: dict[str, Any],
        file: tuple[str, bytes] | None,
    ) -> None:
        from discord.http import Route
        from discord.webhook.async_ import async_context

        route = Route(method, path, webhook_id=place, webhook_token=self._interaction.token)
        body: dict[str, Any] = {"payload": payload}
        if file is not None:
            form, files = form_of(payload, file)
            body = {"multipart": form, "files": files}
        async with asyncio.timeout(_TIMEOUT):
            await async_context.get().request(route, session=self._interaction._session, **body)


def _plain(sentence: str) -> dict[str, Any]:
    return {"content": sentence, "allowed_mentions": {"parse": []}}


def addressed(body: Body, elsewhere: str) -> Call:
    """The call of a body; its buttons name the channel `elsewhere` unless that is empty."""
    call = thaw(body)
    if elsewhere:
        _mark(call.payload.get("components", ()), f"{ELSEWHERE}{elsewhere}:")
    return call


def _mark(components: Any, mark: str) -> None:
    for one in components:
        if str(one.get("custom_id", "")).startswith(OWN):
            one["custom_id"] = mark + one["custom_id"].removeprefix(OWN)
        _mark(one.get("components", ()), mark)
        if "accessory" in one:
            _mark((one["accessory"],), mark)


def number_of(error: BaseException, what: str) -> str:
    """Log an unexpected error; the short id under which it stands there."""
    number = secrets.token_hex(3)
    if type(error).__module__.split(".")[0] in ("discord", "aiohttp") or isinstance(error, OSError):
        facts = {"id": number, "what": what, "error": outcome_of(error).error}
        log.warning("not answered", extra=facts)
    else:
        log.error("an update failed", extra={"id": number, "what": what}, exc_info=error)
    return number
