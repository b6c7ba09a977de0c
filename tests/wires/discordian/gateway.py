"""The gateway of the fake Discord: sessions over a websocket, as the document of v10 tells."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import discord
from aiohttp import WSMsgType, web
from simcord.backend import Backend, serializers
from simcord.gateway import FakeGateway

# https://discord.com/developers/docs/topics/opcodes-and-status-codes
DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT = 0, 1, 2, 6, 7
INVALID_SESSION, HELLO, ACK = 9, 10, 11
TOKEN_REFUSED, PRIVILEGED = 4004, 4014
_PRIVILEGED = discord.Intents(members=True, presences=True, message_content=True).value


@dataclass
class Session:
    """What a bot that identified itself hears; it outlives its connection."""

    id: str
    intents: discord.Intents
    shard: tuple[int, int]
    socket: web.WebSocketResponse
    cut: Callable[[], None]  # ends the connection without a word, as a network does
    said: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)  # seq is place + 1
    carried: int = 0  # events that were written to the socket
    news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def parsers(self) -> Parsers:
        """What simcord's gateway hands every event to that the intents allow."""
        return Parsers(self)

    def say(self, event: str, payload: Mapping[str, Any]) -> None:
        """Put an event at the end of what is to be carried."""
        self.said.append((event, payload))
        self.news.set()

    def concerns(self, guild: int | None) -> bool:
        """Whether events of that server (None: private chats) come to this shard."""
        number, count = self.shard
        return ((guild or 0) >> 22) % count == number


class Parsers(dict[str, Callable[[dict[str, Any]], None]]):
    """In the place of discord.py's own parsers: every event goes to the wire."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def __missing__(self, event: str) -> Callable[[dict[str, Any]], None]:
        return lambda payload: self._session.say(event, payload)


class Gateway:
    """Speaks with every bot that connects. Needs the backend and who may identify."""

    def __init__(
        self, backend: Backend, accepted: Callable[[str], bool], changed: Callable[[], None]
    ) -> None:
        self.sessions: dict[str, Session] = {}
        self.identified = 0  # ever
        self.resumed = 0  # ever
        self.privileged = False  # whether the developer portal grants privileged intents
        self.url = ""
        self.flags: dict[int, int] = {}  # of channels; simcord knows none
        self._backend = backend
        self._accepted = accepted
        self._changed = changed
        backend.subscribers.append(self._spread)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """One connection, from HELLO to its end. Frames are text: nothing asks for more."""
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        await socket.send_json({"op": HELLO, "d": {"heartbeat_interval": 41_250}, "s": None})
        session: Session | None = None
        carrier: asyncio.Task[None] | None = None
        try:
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    break
                frame = json.loads(message.data)
                if frame["op"] == HEARTBEAT:
                    await socket.send_json({"op": ACK, "d": None})
                elif frame["op"] in (IDENTIFY, RESUME) and session is None:
                    begin = self._identify if frame["op"] == IDENTIFY else self._resume
                    session = await begin(socket, frame["d"])
                    assert request.transport is not None
                    self._changed()
                    if session is not None:
                        session.cut = request.transport.abort
                    if session is not None:
                        carrier = asyncio.create_task(self._carry(session, socket), name="gateway")
        finally:
            if carrier is not None:
                carrier.cancel()
                await asyncio.gather(carrier, return_exceptions=True)
        return socket

    async def drop(self, code: int = 1006) -> None:
        """Close every connection; 1006: without a word, as a network does."""
        for session in self.sessions.values():
            if code == 1006:
                session.cut()
            else:
                await session.socket.close(code=code)

    async def ask_to_reconnect(self) -> None:
        """Opcode 7 to everybody."""
        for session in self.sessions.values():
            await session.socket.send_json({"op": RECONNECT, "d": None})

    async def forget_sessions(self) -> None:
        """Nothing can be resumed any more."""
        old, self.sessions = self.sessions, {}
        for session in old.values():
            await session.socket.close(code=4000)

    async def _identify(
        self, socket: web.WebSocketResponse, said: dict[str, Any]
    ) -> Session | None:
        if not self._accepted(said["token"]):
            await socket.close(code=TOKEN_REFUSED, message=b"Authentication failed.")
            return None
        if said["intents"] & _PRIVILEGED and not self.privileged:
            await socket.close(code=PRIVILEGED, message=b"Disallowed intent(s).")
            return None
        intents = discord.Intents()
        intents.value = said["intents"]
        number, count = said.get("shard") or (0, 1)
        session = Session(secrets.token_hex(8), intents, (number, count), socket, lambda: None)
        self.sessions[session.id] = session
        self.identified += 1
        guilds = [one for one in self._backend.guilds.values() if session.concerns(one.id)]
        session.say(
            "READY",
            {
                "v": 10,
                "user": dict(serializers.user_payload(self._backend.bot_user)),
                "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
                "session_id": session.id,
                "resume_gateway_url": self.url,
                "shard": [number, count],
                "application": {"id": str(self._backend.application_id), "flags": 0},
            },
        )
        gate = FakeGateway(self._backend, session)
        for guild in guilds:
            gate.feed("GUILD_CREATE", serializers.guild_create_payload(self._backend, guild))
        return session

    async def _resume(self, socket: web.WebSocketResponse, said: dict[str, Any]) -> Session | None:
        session = self.sessions.get(said["session_id"])
        if not self._accepted(said["token"]):
            await socket.close(code=TOKEN_REFUSED, message=b"Authentication failed.")
            return None
        if session is None:
            await socket.send_json({"op": INVALID_SESSION, "d": False})
            return None
        session.socket, session.carried = socket, said["seq"] or 0
        self.resumed += 1
        session.say("RESUMED", {})
        return session

    def _spread(self, event: str, payload: Mapping[str, Any]) -> None:
        whose = payload.get("id") if event.startswith("GUILD_") else payload.get("guild_id")
        if event.startswith("GUILD_") and "guild_id" in payload:
            whose = payload["guild_id"]
        for session in self.sessions.values():
            if session.concerns(int(whose) if whose else None):
                FakeGateway(self._backend, session).feed(event, payload)

    async def _carry(self, session: Session, socket: web.WebSocketResponse) -> None:
        while not socket.closed:
            while session.carried < len(session.said):
                event, payload = session.said[session.carried]
                session.carried += 1
                frame = {"op": DISPATCH, "t": event, "s": session.carried, "d": payload}
                await socket.send_str(json.dumps(self.flagged(frame)))
            session.news.clear()
            await session.news.wait()

    def flagged(self, said: Any) -> Any:
        """What simcord says, with the flags of channels (a forum that asks for a tag)."""
        if not self.flags:
            return said
        if isinstance(said, list):
            return [self.flagged(one) for one in said]
        if not isinstance(said, Mapping):
            return said
        whole = {name: self.flagged(value) for name, value in said.items()}
        if "permission_overwrites" in said and (flags := self.flags.get(int(said["id"]))):
            whole["flags"] = flags
        return whole
