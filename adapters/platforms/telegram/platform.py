"""The platform: it sends frozen bodies, looks at places and people, and listens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from adapters.platforms.telegram.connection import Connection
from adapters.platforms.telegram.webhook import Webhook
from bot.cards import Block
from bot.channels import Address, Body, Drawn, Layout, Limits, Outcome, Place, Verdict
from bot.ports import Conversation, Found, Person, Rights

if TYPE_CHECKING:
    from collections.abc import Callable

_HERE = Place()
MOST_CARDS = 50
LIST_LINES = 40
VERBS = frozenset({"probe", "rights", "serve", "look_up"})


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
    ) -> None:
        self._connection = Connection(token, api_url, (webhook.secret,) if webhook else ())
        self._operators = operators
        self._webhook = webhook
        self._now = now

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
            private_answers=False,
            buttons=True,
            links_heard=bool(me and me.can_read_all_group_messages),
            settings=frozenset({"links"}),
        )

    def draw(
        self, blocks: Sequence[Block], layout: Layout, language: str, place: Place = _HERE
    ) -> tuple[Drawn, ...]:
        """Messages for the blocks, in order; pure and offline."""
        from adapters.platforms.telegram.drawing import Pen

        return Pen().draw(blocks, layout, language, place)

    async def send(
        self,
        address: Address,
        body: Body,
        key: str,
        *,
        silent: bool,
        reply_to: str | None = None,
    ) -> Outcome:
        """Carry one body."""
        return Outcome(Verdict.NOT_SENT, error="not written yet")

    async def find(self, address: Address, key: str, since: datetime) -> Outcome | None:
        """Never: the Bot API shows a bot no history."""
        return None

    async def probe(self, address: Address) -> Outcome:
        """Whether the place can be posted to."""
        return Outcome(Verdict.ACCEPTED)

    async def rights(self, address: Address, person: Person) -> Rights:
        """What the person may do there now."""
        return Rights(False)

    async def look_up(self, text: str) -> Found | None:
        """The place that `text` names."""
        return None

    async def serve(self, conversation: Conversation) -> None:
        """Listen until cancelled."""
        raise NotImplementedError
