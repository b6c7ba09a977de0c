"""Doors for bytes and JSON: feeds, pages, lists, updates, interactions, webhooks, files."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import discord
import httpx
from hypothesis import strategies as st

from adapters.fulltexts.arxiv import understand
from adapters.fulltexts.arxiv.shelf import Shelf
from adapters.platforms.discord import finding, frozen, listening, outcomes, wire
from adapters.platforms.discord.asking import Asker
from adapters.platforms.discord.drawing import Pen
from adapters.platforms.telegram import Webhook
from adapters.platforms.telegram.answering import Answers
from adapters.platforms.telegram.connection import Connection
from adapters.platforms.telegram.drawing import Pen as TelegramPen
from adapters.platforms.telegram.listening import Company, Listening
from adapters.platforms.telegram.updates import Listener
from adapters.platforms.telegram.webhook import SECRET_HEADER, application
from adapters.sources.arxiv import Arxiv, answers
from adapters.sources.asking import Answer, retry_after
from adapters.sources.huggingface import HuggingFace, convert
from bot.channels import Address, Kind, Outcome
from bot.errors import PaperboyError
from bot.ports import Reply, Request, Rights
from bot.ports.reading import Section, Whole
from tests.safety.doors import Door, swallowed
from tests.safety.strangers import ANY_JSON, Enter, damaged, hostile, mutated
from tests.wires.talks import Answering

ROOT = Path(__file__).resolve().parents[2]
RECORDED = ROOT.parent / "shared" / "recordings"
FEEDS = ROOT / "tests" / "data" / "sources" / "arxiv"
PAGES = ROOT / "tests" / "data" / "fulltexts"
TOKEN = "123456789:AAsecretsecretsecretsecretsecretsecr"
DAY, NOW = date(2025, 12, 26), datetime(2025, 12, 27, 9, tzinfo=UTC)

Meets = Callable[[Any], Awaitable[object]]


@contextmanager
def looping(made: Callable[[], Any]) -> Iterator[Enter]:
    """What an async context manager gives, called on a loop; nothing may die in it unseen."""
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        loop.set_exception_handler(
            lambda _, said: swallowed.append(said.get("exception") or RuntimeError(said["message"]))
        )
        stack = AsyncExitStack()
        meets: Meets = runner.run(stack.enter_async_context(made()))

        async def met(value: Any) -> None:
            await meets(value)

        try:
            yield lambda value: runner.run(met(value))
        finally:
            runner.run(stack.aclose())


# Sources and full texts


@dataclass
class Said:
    """In the place of a client: one answer to everything."""

    body: bytes = b""
    headers: httpx.Headers = field(default_factory=httpx.Headers)

    async def ask(self, url: str, *_: Any, **__: Any) -> Answer:
        """Always the same."""
        return Answer(200, self.headers, self.body, url)


def _dumped(value: Any) -> bytes:
    return json.dumps(value, default=str).encode("utf-8", "surrogatepass")


@asynccontextmanager
async def hugging_face() -> AsyncIterator[Meets]:
    """The body of every answer of Hugging Face, for all three questions."""
    source, said = HuggingFace(), Said()
    source._web = said  # type: ignore[assignment]

    async def meets(body: Any) -> None:
        said.body = body if isinstance(body, bytes) else _dumped(body)
        for asked in (
            source.edition(DAY, None, now=NOW), source.paper("2512.15716"), source.search("x", 5)
        ):  # fmt: skip
            with suppress(PaperboyError):
                await asked

    yield meets


@asynccontextmanager
async def arxiv() -> AsyncIterator[Meets]:
    """The same for arXiv."""
    source, said = Arxiv(("cs.AI",)), Said()
    source.web = said  # type: ignore[assignment]

    async def meets(body: Any) -> None:
        said.body = body if isinstance(body, bytes) else str(body).encode("utf-8", "replace")
        for asked in (
            source.edition(DAY, None, now=NOW), source.paper("2512.15716"), source.search("x", 5)
        ):  # fmt: skip
            with suppress(PaperboyError):
                await asked

    yield meets


LISTED = {
    "publishedAt": "2025-12-26T00:00:00.000Z", "title": "A", "numComments": 2,
    "thumbnail": "https://cdn.example/x.png", "submittedBy": {"name": "x"},
    "paper": {
        "id": "2512.15716", "title": "A $\\pi$ title\nof two lines", "summary": "Words.",
        "authors": [{"name": "Ada", "hidden": False}, {"name": "Bob", "user": {"fullname": "B"}}],
        "publishedAt": "2025-12-25T18:59:59.000Z", "upvotes": 51, "githubStars": 3,
        "githubRepo": "https://github.com/a/b", "projectPage": "https://example.org/",
        "ai_summary": "One line.", "ai_keywords": ["a", "b"],
        "organization": {"name": "x", "fullname": "X", "avatar": "https://example.org/a.png"},
    },
}  # fmt: skip
LISTS = mutated([[LISTED] * 2, [LISTED], LISTED["paper"], {"error": "x"}]) | ANY_JSON
PAGE = (
    b"<!DOCTYPE html><html><head><title>t</title><style>.a{color:white}</style></head><body>"
    b'<article class="ltx_document"><h1 class="ltx_title ltx_title_document">Rings</h1>'
    b'<div class="ltx_abstract"><p class="ltx_p">About rings.</p></div>'
    b'<section class="ltx_section"><h2 class="ltx_title">1 Method</h2><p>'
    + b"A ring. "
    * 300
    + b'<math alttext="x^{2}"></math><table><tr><td rowspan="2">a</td></tr></table>%s</p></section>'
    b"</article></body></html>"
)


def of_a_page(body: bytes) -> None:
    understand(
        body, "2601.00001", url="https://arxiv.org/html/2601.00001", content_type="text/html"
    )


def a_page_around(text: str) -> bytes:
    return PAGE.replace(b"%s", text.encode("utf-8", "replace"))


def a_page_with_math(text: str) -> bytes:
    shown = text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    return a_page_around(f'<math alttext="{shown}"></math>')


def of_feeds(body: bytes) -> None:
    for read in (answers.feed, answers.page, answers.begun):
        with suppress(ValueError):  # Damaged
            read(body, "arxiv")


def a_feed_around(text: str) -> bytes:
    entry = f"<entry><id>oai:arXiv.org:2603.00101</id><title><![CDATA[{text}]]></title></entry>"
    head = '<feed xmlns="http://www.w3.org/2005/Atom"><updated>2026-03-04T05:00:12Z</updated>'
    return f"{head}{entry}{text}</feed>".encode("utf-8", "replace")


def a_kept_text(body: bytes) -> None:
    with TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder), clock=lambda: 0.0)
        shelf.keep("2601.00001", 1, Whole("2601.00001", 1, "T", "A", (Section(1, "M", "Text"),)))
        for file in Path(folder).rglob("*"):
            if file.is_file():
                file.write_bytes(body)
        shelf.find("2601.00001", 1)


# Telegram

PERSON = {"id": 7, "is_bot": False, "first_name": "Ada", "language_code": "en"}
BOT = {"id": 9, "is_bot": True, "first_name": "Paperboy", "username": "paperboy_bot"}
CHAT = {"id": 7, "type": "private", "first_name": "Ada"}
GROUP = {"id": -1001, "type": "supergroup", "title": "Lab", "is_forum": True}
MESSAGE = {"message_id": 3, "date": 1766700000, "chat": CHAT, "from": PERSON, "text": "/paper x"}
CARD = {
    **MESSAGE,
    "from": BOT,
    "text": "1. A title",
    "entities": [
        {"type": "text_link", "offset": 3, "length": 7, "url": "https://arxiv.org/abs/2512.15716"}
    ],
}
MEMBER = {"user": BOT, "status": "member"}
UPDATES = [
    {"update_id": 1, "message": MESSAGE},
    {"update_id": 1, "message": {**MESSAGE, "text": "see https://arxiv.org/abs/2512.15716"}},
    {"update_id": 1, "message": {**MESSAGE, "chat": GROUP, "message_thread_id": 5,
                                 "is_topic_message": True, "reply_to_message": CARD}},
    {"update_id": 1, "message": {**MESSAGE, "chat": GROUP, "migrate_to_chat_id": -1002}},
    {"update_id": 1, "message": {**MESSAGE, "chat": GROUP, "new_chat_title": "x"}},
    {"update_id": 1, "message": {**MESSAGE, "sender_chat": GROUP, "forward_origin": {
        "type": "user", "date": 1, "sender_user": PERSON}}},
    {"update_id": 1, "channel_post": {**MESSAGE, "chat": {**GROUP, "type": "channel"}}},
    {"update_id": 1, "callback_query": {"id": "5", "from": PERSON, "chat_instance": "1",
                                        "data": "save 2512.15716", "message": MESSAGE}},
    {"update_id": 1, "inline_query": {"id": "5", "from": PERSON, "query": "x", "offset": ""}},
    {"update_id": 1, "my_chat_member": {"chat": GROUP, "from": PERSON, "date": 1766700000,
                                        "old_chat_member": {**MEMBER, "status": "left"},
                                        "new_chat_member": MEMBER}},
]  # fmt: skip


def recorded(folder: Path) -> list[Any]:
    """JSON values of a folder; none where it is missing."""
    return [json.loads(file.read_text("utf-8")) for file in sorted(folder.glob("*.json"))]


class Deaf(Connection):
    """Telegram takes everything."""

    async def call(self, method: str, params: dict[str, Any]) -> Any:
        """A message was sent."""
        return {"message_id": 1, "date": 1, "chat": CHAT}

    async def me(self) -> Any:
        """The bot."""
        from telegram import User

        return User.de_json(BOT, None)


async def _echoed(request: Request) -> Reply:
    from bot.cards import Paragraph

    return Reply((Paragraph.of(f"{request.command}: {request.text}"),), "en")


@asynccontextmanager
async def telegram_at(hears: Callable[[Listening], Meets]) -> AsyncIterator[Meets]:
    """Updates, from what is brought to the answer."""

    async def rights(address: Address, person: Any) -> Rights:
        return Rights(manage=True)

    async with Deaf(TOKEN, "http://127.0.0.1:9") as connection:
        pen = TelegramPen()
        company = Company(
            connection, Answering(_echoed), Listener("telegram", "paperboy_bot"),
            Answers(connection, pen), rights, frozenset(), lambda: NOW, 60.0,
        )  # fmt: skip
        listening_ = Listening(company)
        meets = hears(listening_)

        async def met(value: Any) -> None:
            listening_._taken.clear()
            await meets(value)
            await listening_.finish(5)

        yield met


def updates() -> Any:
    """Updates as dictionaries."""
    return telegram_at(lambda heard: heard.take)


def webhook() -> Any:
    """Bodies of the webhook, with its secret; nothing but an answer may come of them."""

    def hears(heard: Listening) -> Meets:
        app = application(Webhook("https://example.org/t", "secret", "127.0.0.1", 1), heard.take)
        transport = httpx.ASGITransport(app)

        async def meets(body: Any) -> None:
            content = body if isinstance(body, bytes) else _dumped(body)
            async with httpx.AsyncClient(transport=transport, base_url="https://x") as client:
                said = await client.post("/t", content=content, headers={SECRET_HEADER: "secret"})
            assert said.status_code in (200, 400, 413)

        return meets

    return telegram_at(hears)


# Discord

MEMBERSHIP = {
    "user": {"id": "53", "username": "Ada", "avatar": None, "discriminator": "0"},
    "roles": [], "permissions": "2147483647", "joined_at": "2017-03-13T19:19:14.040000+00:00",
    "deaf": False, "mute": False, "flags": 0,
}  # fmt: skip
TEXT_CHANNEL = {
    "id": "645", "type": 0, "name": "papers", "guild_id": "29", "position": 0,
    "permission_overwrites": [], "nsfw": False, "parent_id": None, "permissions": "2147483647",
}  # fmt: skip
SLASH = {
    "id": "78", "application_id": "29", "version": 1, "token": "t", "type": 2, "locale": "en-US",
    "guild_locale": "en-US", "app_permissions": "442368", "guild_id": "29", "channel_id": "645",
    "channel": TEXT_CHANNEL, "member": MEMBERSHIP, "entitlements": [],
    "authorizing_integration_owners": {"0": "29"}, "context": 0, "attachment_size_limit": 1,
    "data": {"type": 1, "name": "paper", "id": "7", "options": [
        {"type": 3, "name": "paper", "value": "2512.15716"},
        {"type": 7, "name": "channel", "value": "645"},
    ], "resolved": {"channels": {"645": TEXT_CHANNEL}}},
}  # fmt: skip
BUTTON = {
    **SLASH, "type": 3, "data": {"component_type": 2, "custom_id": "p:save 2512.15716", "id": 3},
    "message": {
        "id": "84", "type": 0, "channel_id": "645", "content": "x", "timestamp":
        "2021-05-19T02:12:51.710000+00:00", "edited_timestamp": None, "tts": False,
        "pinned": False, "mentions": [], "mention_roles": [], "mention_everyone": False,
        "flags": 0, "embeds": [], "components": [], "attachments": [],
        "author": {"id": "9", "username": "P", "discriminator": "0", "avatar": None},
    },
}  # fmt: skip
TYPING = {
    **SLASH,
    "type": 4,
    "data": {
        "type": 1,
        "name": "settings",
        "id": "7",
        "options": [{"type": 3, "name": "value", "value": "x", "focused": True}],
    },
}
INTERACTIONS = [SLASH, BUTTON, TYPING]


class Mute:
    """In the place of an interaction's answer."""

    def __init__(self, *_: Any) -> None:
        """Of any interaction."""

    async def wait(self, **_: Any) -> None:
        """Nobody sees it."""

    async def give(self, *_: Any) -> None:
        """Nobody reads it."""

    tell = choices = give


@asynccontextmanager
async def interactions() -> AsyncIterator[Meets]:
    """Interactions from the gateway's JSON on; what discord.py itself cannot read never comes."""
    client = discord.AutoShardedClient(intents=discord.Intents.none())
    talk = Answering(_echoed)
    heard = listening.Listener(talk, Pen(), Asker(frozenset(), lambda: NOW), None)  # type: ignore[arg-type]

    async def meets(payload: Any) -> None:
        try:
            interaction: Any = discord.Interaction(data=payload, state=client._connection)
        except Exception:
            return
        await heard.on_interaction(interaction)

    with patch.object(listening, "Answer", Mute):
        yield meets


TOLD = {
    "id": str(1_452_000_000_000_000_000), "author": {"id": "9"}, "nonce": "pb1", "content": "a",
    "embeds": [{"type": "rich", "title": "A", "description": "B"}], "attachments": [],
    "name": "A day", "parent_id": "645", "owner_id": "9", "guild_id": "29", "type": 0,
    "threads": [], "has_more": False, "permission_overwrites": [],
}  # fmt: skip
HISTORIES = mutated([TOLD, [TOLD], [TOLD] * 3, {**TOLD, "threads": [TOLD]}, []]) | ANY_JSON


class Archive:
    """In the place of the wire: one answer to every question."""

    ahead = 0.0

    def __init__(self) -> None:
        self.said: Any = None

    async def call_once(self, *_: Any, **__: Any) -> Any:
        """Always the same."""
        return self.said

    async def logged_in(self) -> Any:
        """A client that has not seen itself."""

        class Client:
            user = None
            application_id = 9

        return Client()


@asynccontextmanager
async def histories() -> AsyncIterator[Meets]:
    """What Discord tells when it is asked what became of a call."""
    archive = Archive()

    async def chat(address: Address) -> str:
        return address.chat

    finder = finding.Finder(archive, chat)  # type: ignore[arg-type]
    inner = {"content": "papers", "allowed_mentions": {"parse": []}}
    bodies = (
        frozen.freeze(Kind.POST, inner),
        frozen.freeze(Kind.FORUM_POST, {"name": "A day", "message": inner}),
        frozen.freeze(Kind.OPEN_THREAD, {"name": "A day", "auto_archive_duration": 1440}),
    )

    async def meets(said: Any) -> None:
        archive.said = said
        for body in bodies:
            found = await finder.find(Address("discord", "645"), body, "pb1", NOW, "5")
            assert found is None or isinstance(found, Outcome)

    yield meets


def refusals_of_discord(said: Any) -> None:
    body = said if isinstance(said, bytes) else _dumped(said)
    headers = {"Retry-After": body[:20].decode("latin-1"), "X-RateLimit-Remaining": "0",
               "X-RateLimit-Reset-After": body[:9].decode("latin-1")}  # fmt: skip
    told = wire.answer_of(429, headers, body)
    for pause in (told.retry_after, wire.rest_of(headers), outcomes.seconds(headers)):
        assert pause is None or NOW + timedelta(seconds=pause) >= NOW
    retry_after(httpx.Headers({"Retry-After": body[:30].hex()}))


SAMPLES = [_dumped(one) for one in ([LISTED], LISTED["paper"])]

DOORS = [
    Door("a page of a full text", of_a_page,
         damaged([PAGE, *(file.read_bytes() for file in sorted(PAGES.glob("*.html")))]),
         longest=400_000, value_of=a_page_around, ordinary=False),
    Door("mathematics on a page", of_a_page, hostile(300).map(a_page_with_math),
         longest=100_000, value_of=a_page_with_math),
    Door("feeds of arXiv", of_feeds,
         damaged([file.read_bytes() for file in sorted((FEEDS / "rss").glob("*.xml"))]),
         longest=400_000, value_of=a_feed_around, ordinary=False),
    Door("answers of arXiv", print, damaged(
        [file.read_bytes() for file in sorted(FEEDS.rglob("*.xml"))]
    ), open=lambda: looping(arxiv), longest=200_000, value_of=a_feed_around),
    Door("records of Hugging Face", convert.told_id, LISTS, ordinary=False),
    Door("answers of Hugging Face", print, LISTS | damaged(SAMPLES),
         open=lambda: looping(hugging_face), longest=200_000,
         value_of=lambda text: text.encode("utf-8", "replace")),
    Door("a kept full text", a_kept_text, damaged([b"x\x9c\x03\x00\x00\x00\x00\x01"]), share=0.3),
    Door("updates of Telegram", print, mutated(
        [*UPDATES, *recorded(RECORDED / "telegram" / "nutgram" / "Updates")]
    ), open=lambda: looping(updates), longest=4_096,
         value_of=lambda text: {"update_id": 1, "message": {**MESSAGE, "text": text}}),
    Door("bodies of the webhook", print, mutated(UPDATES) | ANY_JSON | damaged(
        [_dumped(one) for one in UPDATES]
    ), open=lambda: looping(webhook), longest=200_000,
         value_of=lambda text: text.encode("utf-8", "replace")),
    Door("interactions of Discord", print, mutated([
        *INTERACTIONS,
        *recorded(RECORDED / "discord" / "disgo" / "handler" / "command"),
        *recorded(RECORDED / "discord" / "disgo" / "handler" / "component"),
    ]), open=lambda: looping(interactions)),
    Door("histories of Discord", print, HISTORIES, open=lambda: looping(histories)),
    Door("refusals of Discord", refusals_of_discord, ANY_JSON | st.binary(max_size=60),
         longest=100_000, value_of=lambda text: text.encode("utf-8", "replace")),
]  # fmt: skip
