"""The console: a platform like any other, whose wire is a text stream."""

from __future__ import annotations

import codecs
import os
import shutil
import time
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from typing import TextIO

from adapters.platforms.console.frozen import Freezer, Message, thaw
from adapters.platforms.console.keyboard import keyboard
from adapters.platforms.console.objects import objects
from bot.cards import Block, CardBlock, ListBlock, Paragraph
from bot.channels import Address, Body, Drawn, Layout, Limits, Outcome, Place, PlaceKind, Verdict
from bot.ports import Conversation, Found, Person, Request, Rights
from bot.texts import texts

_HERE = Place(PlaceKind.PRIVATE)
_LEAVE = frozenset({"quit", "exit", "q"})
_TRUSTED = Rights(manage=True, operate=True)  # who sits here can do anything to the files anyway


class Console:
    """Shows what channels get in a terminal, a pipe or a file, and listens to the keyboard.

    One write and one flush carry one body, so that a killed process leaves no half digest.
    A closed pipe is *not sent*, not *chat gone*: `paperboy once | head` must not suspend a
    channel, and the papers that nobody saw come with the next run.
    """

    name = "console"
    limits = Limits(
        most_cards=1_000,
        list_lines=None,
        verbs=frozenset({"serve", "rights", "probe"}),
        layouts=frozenset({Layout.CARDS, Layout.COMPACT}),
    )

    def __init__(
        self,
        output: TextIO,
        *,
        as_json: bool,
        width: int | None = None,
        color: bool | None = None,
        clock: Callable[[], float] = time.monotonic,
        bare: bool = False,
        chat: str = "chat",
        language: str = "en",
        lines: AsyncIterator[str] | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Writes to `output`. Width and colour: None asks the terminal.

        `clock` (seconds) measures the time of the summary, from now on. `bare` leaves `channel`
        and `date` out of the JSON objects. `chat`, `language`, `lines` (None: the keyboard) and
        `now` (UTC) are for `serve`.
        """
        self._output = output
        self._as_json = as_json
        self._width = width
        self._color = color
        self._clock = clock
        self._made = clock()
        self._bare = bare
        self._address = Address(self.name, chat)
        self._language = language
        self._lines = lines
        self._now = now
        self._freezer = Freezer()

    def draw(
        self, blocks: Sequence[Block], layout: Layout, language: str, place: Place = _HERE
    ) -> tuple[Drawn, ...]:
        """One message, whatever the layout; its width is chosen when it is shown."""
        body = self._freezer.freeze(blocks, layout, language)
        papers = [block.card.id for block in blocks if type(block) is CardBlock]
        for block in blocks:
            if type(block) is ListBlock:
                papers += [line.id for line in block.lines]
        return (Drawn(body, tuple(papers)),)

    async def send(
        self,
        address: Address,
        body: Body,
        key: str,
        *,
        silent: bool,
        reply_to: str | None = None,
    ) -> Outcome:
        """Show one body. Accepted, not sent (the stream is closed or full), or content refused
        (a body that this version cannot read). Sound is the terminal's own business.
        """
        try:
            message = thaw(body)
        except ValueError as error:
            return Outcome(Verdict.CONTENT_REFUSED, error=f"This is {error}.")
        try:
            self._write(self._text(message, address))
        except (OSError, ValueError) as error:  # ValueError: the stream was closed on our side
            return Outcome(Verdict.NOT_SENT, error=f"The output cannot be written: {error}.")
        return Outcome(Verdict.ACCEPTED)

    async def edit(self, address: Address, message: str, body: Body) -> Outcome:
        """Content refused: what stands in a terminal stays."""
        return Outcome(Verdict.CONTENT_REFUSED, error="What a terminal shows cannot be changed.")

    async def find(
        self,
        address: Address,
        body: Body,
        key: str,
        since: datetime,
        *,
        reply_to: str | None = None,
    ) -> Outcome | None:
        """Never: a terminal has no history to look into."""
        return None

    def split(self, body: Body) -> tuple[Drawn, ...]:
        """Nothing: no body has a fallback here."""
        return ()

    async def probe(self, address: Address) -> Outcome:
        """Accepted while the stream is open."""
        if self._output.closed:
            return Outcome(Verdict.NOT_SENT, error="The output is closed.")
        return Outcome(Verdict.ACCEPTED)

    async def rights(self, address: Address, person: Person) -> Rights:
        """All of them."""
        return _TRUSTED

    async def look_up(self, text: str) -> Found | None:
        """Never: there is one place only."""
        return None

    async def serve(self, conversation: Conversation) -> None:
        """Give each `/command` line to the conversation and show its reply, until the end or
        /quit."""
        prompt = self._output.isatty() and not self._as_json
        lines = self._lines or keyboard(self._output if prompt else None)
        async for line in lines:
            text = line.strip()
            if not text:
                continue
            command, _, rest = text.removeprefix("/").partition(" ")
            if text.startswith("/") and command.lower() in _LEAVE:
                break
            if not text.startswith("/") or not command:
                if not await self._show((self._hint(),), self._language):
                    break
                continue
            request = Request(
                command=command.lower(),
                text=rest.strip(),
                address=self._address,
                person=Person("me"),
                now=self._now(),
                rights=_TRUSTED,
            )
            reply = await conversation.reply(request)
            if not await self._show(reply.blocks, reply.language):
                break

    async def _show(self, blocks: Sequence[Block], language: str) -> bool:
        """Show an answer with air behind it; false when nobody can see it any more."""
        body = self._freezer.freeze(blocks, Layout.CARDS, language)
        try:
            text = self._text(thaw(body), self._address) if blocks else ""
            self._write(text if self._as_json else f"{text}\n")
        except (OSError, ValueError):
            return False
        return True

    def _hint(self) -> Paragraph:
        t = texts(self._language)
        return Paragraph.of(t("Commands begin with a slash. /help shows them all, /quit leaves."))

    def _text(self, message: Message, address: Address) -> str:
        if self._as_json:
            lines = objects(
                message,
                channel=None if self._bare else str(address),
                seconds=self._clock() - self._made,
                ascii_only=not self._speaks_unicode(),
            )
            return "".join(f"{line}\n" for line in lines)
        from adapters.platforms.console.drawing import drawn  # with rich: only for text

        width = self._width or shutil.get_terminal_size((80, 24)).columns
        place = None if self._bare else str(address)
        return drawn(message, width=width, color=self._colorful(), place=place)

    def _colorful(self) -> bool:
        if self._color is not None:
            return self._color
        dumb = os.environ.get("TERM") in ("dumb", "unknown") or bool(os.environ.get("NO_COLOR"))
        return self._output.isatty() and not dumb

    def _encoding(self) -> str:
        try:
            return codecs.lookup(getattr(self._output, "encoding", None) or "utf-8").name
        except LookupError:
            return "ascii"

    def _speaks_unicode(self) -> bool:
        return self._encoding().startswith("utf")

    def _write(self, text: str) -> None:
        if not self._speaks_unicode():
            encoding = self._encoding()
            text = text.encode(encoding, "replace").decode(encoding)
        self._output.write(text)
        self._output.flush()
