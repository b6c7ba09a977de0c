"""Discord behind the port of platforms."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Final

from adapters.platforms.discord.asking import rights_of
from adapters.platforms.discord.budget import A_SECOND, MOST
from adapters.platforms.discord.outcomes import outcome_of
from adapters.platforms.discord.wire import Wire
from bot.cards import Block
from bot.channels import Address, Body, Drawn, Layout, Limits, Outcome, Pace, Place
from bot.ports import Conversation, Found, Person, Rights

if TYPE_CHECKING:
    from adapters.platforms.discord.listening import Listener

_HERE = Place()
_ASKING = 15.0  # seconds for a question about rights
LIMITS: Final = Limits(
    most_cards=50,
    list_lines=25,
    verbs=frozenset({"find", "edit", "probe", "rights", "serve"}),
    # 50 for everything that the token does: https://discord.com/developers/docs/topics/rate-limits
    # #global-rate-limit; the limits of a channel come with the answers (Outcome.rest).
    pace=Pace(per_second=45.0, any_second=50),
    # "the past few minutes", in the description of enforce_nonce:
    # https://discord.com/developers/docs/resources/message#create-message
    remembers=120.0,
    private_answers=True,
    buttons=True,
    links_heard=False,  # without the intent for messages
    settings=frozenset({"ping", "tag", "crosspost"}),
)


class Discord:
    """Sends over HTTP alone; listens through the gateway while `serve` runs.

    `operators` are the ids of the people who may use operator commands; `api_url` is another
    base of the API, for tests and proxies. From half of `most_invalid` refused answers within ten
    minutes on, nothing leaves; at most `most_calls` leave in any second. `hears`: replies to its
    messages are questions; Discord tells them where the bot is mentioned, and in private chats.
    """

    name = "discord"
    limits = LIMITS

    def __init__(
        self,
        token: str,
        *,
        api_url: str | None = None,
        operators: frozenset[str] = frozenset(),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        most_invalid: int = MOST,
        most_calls: int = A_SECOND,
        hears: bool = False,
    ) -> None:
        from adapters.platforms.discord.drawing import Pen
        from adapters.platforms.discord.finding import Finder
        from adapters.platforms.discord.sending import Sender

        self._wire = Wire(
            token, api_url, most_invalid=most_invalid, most_calls=most_calls, hears=hears
        )
        self._operators = operators
        self._now = now
        self._sender = Sender(self._wire)
        self._finder = Finder(self._wire, self._sender.chat)
        self._pen = Pen()

    def __repr__(self) -> str:
        return "Discord()"

    async def __aenter__(self) -> Discord:
        self._wire.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._wire.close()

    def draw(
        self, blocks: Sequence[Block], layout: Layout, language: str, place: Place = _HERE
    ) -> tuple[Drawn, ...]:
        """Embeds, packed up to the limits of a message; threads and forum posts by layout."""
        return self._pen.draw(blocks, layout, language, place)

    async def send(
        self,
        address: Address,
        body: Body,
        key: str,
        *,
        silent: bool,
        reply_to: str | None = None,
    ) -> Outcome:
        """Carry one body. A message's `key` is its nonce: sent twice within some minutes it
        stays one message. A thread is opened on the message `reply_to`."""
        return await self._sender.send(address, body, key, silent=silent, reply_to=reply_to)

    async def edit(self, address: Address, message: str, body: Body) -> Outcome:
        """Put the body in the place of a message, in a channel or in a thread of it."""
        return await self._sender.edit(address, message, body)

    async def find(
        self,
        address: Address,
        body: Body,
        key: str,
        since: datetime,
        *,
        reply_to: str | None = None,
    ) -> Outcome | None:
        """Look through the channel, at the thread of a message, or among the posts of a forum."""
        return await self._finder.find(address, body, key, since, reply_to)

    def split(self, body: Body) -> tuple[Drawn, ...]:
        """A plain message for each paper; of a forum post, a post for each."""
        from adapters.platforms.discord.splitting import pieces

        return pieces(body)

    async def probe(self, address: Address) -> Outcome:
        """The bot's rights in the place, computed from what Discord tells of it."""
        from adapters.platforms.discord.probing import look

        try:
            async with asyncio.timeout(_ASKING):
                return await look(self._wire, address.thread or await self._sender.chat(address))
        except Exception as error:
            return outcome_of(error, left=False, in_thread=address.thread is not None)

    async def rights(self, address: Address, person: Person) -> Rights:
        """Manage Server, or the owner; in a private chat everybody manages."""
        operate = person.id in self._operators
        if address.chat.startswith("@"):
            return Rights(manage=True, operate=operate)
        from adapters.platforms.discord.probing import may_do

        try:
            async with asyncio.timeout(_ASKING):
                channel = await self._wire.call(
                    "GET", "/channels/{channel_id}", channel_id=address.chat
                )
                server = channel.get("guild_id")
                if server is None:
                    return Rights(manage=True, operate=operate)
                may = await may_do(self._wire, server, person.id)
        except Exception:
            may = 0
        return rights_of(may, operate=operate)

    async def look_up(self, text: str) -> Found | None:
        """Never: every place can be reached by a command inside it."""
        return None

    def listen(self, conversation: Conversation) -> Listener:
        """Let the client give what it hears to `conversation`; it is not connected yet."""
        from adapters.platforms.discord.listening import listen

        return listen(self._wire, conversation, self._pen, self._operators, self._now)

    def deaf(self) -> str | None:
        """Why the gateway tells nothing just now, if so."""
        return None if self._wire.connected else "There is no connection to Discord's gateway."

    async def serve(self, conversation: Conversation) -> None:
        """Listen at the gateway until cancelled.

        Raises Refused when the token is refused. Breaks of the connection are mended.
        """
        from adapters.platforms.discord.serving import serve

        await serve(self._wire, self.listen(conversation), self.limits)
