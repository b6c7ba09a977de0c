"""The platform: it sends frozen bodies, looks at places and people, and listens."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from adapters.platforms.telegram import frozen, places, sending
from adapters.platforms.telegram.answering import Answers
from adapters.platforms.telegram.connection import Connection
from adapters.platforms.telegram.drawing import Pen
from adapters.platforms.telegram.listening import SLOW, Company, Listening
from adapters.platforms.telegram.menus import set_menus
from adapters.platforms.telegram.pace import PER_SECOND, pace_of, paid
from adapters.platforms.telegram.polling import PATIENCE, Polling, persist
from adapters.platforms.telegram.updates import Listener
from adapters.platforms.telegram.webhook import Webhook, serve
from bot.cards import Block
from bot.channels import Address, Body, Drawn, Layout, Limits, Outcome, Place, Verdict
from bot.ports import Conversation, Found, Pacer, Person, Rights
from bot.texts import N_

if TYPE_CHECKING:
    from collections.abc import Callable

_HERE = Place()
MOST_CARDS = 50
LIST_LINES = 40
_GRACE = 5.0  # seconds in which answers under way may end
# https://core.telegram.org/bots/features#privacy-mode
_PRIVACY = N_(
    "But in groups only commands reach me: privacy mode is on. Switch it off at @BotFather "
    "(/setprivacy), then take me out of the group and add me again."
)
VERBS = frozenset({"edit", "probe", "rights", "serve", "look_up"})


class Telegram:
    """bot.ports.Platform over the Bot API, by python-telegram-bot."""

    name = "telegram"

    def __init__(
        self,
        token: str,
        *,
        api_url: str | None = None,
        operators: frozenset[str] = frozenset(),
        webhook: Webhook | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        patience: float = PATIENCE,
        slow: float = SLOW,
        per_second: int = PER_SECOND,
        pacer: Pacer | None = None,
    ) -> None:
        """`api_url`: of an own Bot API server. `operators`: ids of people. `webhook`: where
        updates are brought; None: they are fetched. `patience`: seconds for which a second
        instance is borne. `slow`: seconds after which a person is shown that work began.
        `per_second`: messages of the token, over 30 paid for. `pacer`: of that pace, for the
        answers; None: they wait for nothing.
        """
        self._connection = Connection(token, api_url, (webhook.secret,) if webhook else ())
        self._operators = operators
        self._webhook = webhook
        self._now = now
        self._patience = patience
        self._slow = slow
        self._pace = pace_of(per_second)
        self._paid = paid(per_second)
        self._pacer = pacer
        self._pen = Pen()

    def __repr__(self) -> str:
        return f"Telegram({self._connection!r})"

    async def __aenter__(self) -> Self:
        await self._connection.__aenter__()
        return self

    async def __aexit__(self, *problem: object) -> None:
        await self._connection.__aexit__(*problem)

    @property
    def limits(self) -> Limits:
        """What Telegram carries; whether links are heard is known once it is connected."""
        me = self._connection.known
        return Limits(
            most_cards=MOST_CARDS,
            list_lines=LIST_LINES,
            verbs=VERBS,
            pace=self._pace,
            private_answers=False,
            buttons=True,
            links_heard=bool(me and me.can_read_all_group_messages),
            links_need=_PRIVACY,
            settings=frozenset({"previews"}),
        )

    def draw(
        self, blocks: Sequence[Block], layout: Layout, language: str, place: Place = _HERE
    ) -> tuple[Drawn, ...]:
        """Messages for the blocks, in order; pure and offline."""
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
        """Carry one body. Its `key` is of no use here: the Bot API makes no call once only.

        `silent`: without a sound. `reply_to`: id of the message it answers, if that still is.
        """
        return await sending.send(
            self._connection, address, body, silent=silent, reply_to=reply_to, paid=self._paid
        )

    async def edit(self, address: Address, message: str, body: Body) -> Outcome:
        """Put the body in the place of a message; that it says this already is success."""
        edited = None
        if message.isdigit():
            edited = await sending.edit(self._connection, address, int(message), body)
        if edited is None:
            said = "There is no message there that could be changed."
            return Outcome(Verdict.CONTENT_REFUSED, error=said)
        return edited

    async def find(
        self,
        address: Address,
        body: Body,
        key: str,
        since: datetime,
        *,
        reply_to: str | None = None,
    ) -> Outcome | None:
        """Never: the Bot API shows a bot no history."""
        return None

    def split(self, body: Body) -> tuple[Drawn, ...]:
        """The cards and lines of a fallback, each as a plain text without buttons."""
        try:
            pieces = frozen.pieces(body)
        except ValueError:
            return ()
        return tuple(
            Drawn(piece, (paper,), silent=at > 0) for at, (paper, piece) in enumerate(pieces)
        )

    async def probe(self, address: Address) -> Outcome:
        """Whether the place can be posted to: chat, topic and the bot's own rights."""
        return await places.probe(self._connection, address)

    async def rights(self, address: Address, person: Person) -> Rights:
        """What the person may do there now: administrators manage, alone everybody does."""
        return await places.rights(self._connection, address, person, self._operators)

    async def look_up(self, text: str) -> Found | None:
        """The chat that a `@name`, a t.me link or an id means, if the bot can see it."""
        return await places.look_up(self._connection, self.name, text)

    def deaf(self) -> str | None:
        """Why no update comes just now, if so."""
        return self._connection.trouble

    async def serve(self, conversation: Conversation) -> None:
        """Listen until cancelled: each update is answered in a task of its own.

        Raises Refused when the token is refused or another instance goes on listening, SetUpWrong
        when the webhook's port cannot be had.
        """
        self._connection.trouble = "Telegram has not answered yet."
        me = await persist(self._connection, self._connection.me)
        listening = Listening(
            Company(
                connection=self._connection,
                conversation=conversation,
                listener=Listener(self.name, me.username or ""),
                answers=Answers(self._connection, self._pen, self._pacer),
                rights=self.rights,
                operators=self._operators,
                now=self._now,
                slow=self._slow,
            )
        )
        polling = Polling(self._connection, listening.take, self._patience)
        menus = asyncio.create_task(set_menus(self._connection, VERBS), name="telegram: menus")
        try:
            if self._webhook is not None:
                await serve(self._connection, self._webhook, listening.take)
            else:
                await polling.run()
        finally:
            menus.cancel()
            await asyncio.gather(menus, return_exceptions=True)
            await listening.finish(_GRACE)
            await polling.acknowledge()
