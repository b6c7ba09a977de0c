"""The sandbox is an honest Telegram: its shapes are the document's, its refusals the server's."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from adapters.platforms.telegram.sandbox import Sandbox
from adapters.platforms.telegram.sandbox.chats import links
from tests.wires.judges.telegram import type_problems


class Client:
    """Calls as any program in any language would make them."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.http = httpx.AsyncClient(trust_env=False, timeout=30)

    async def __call__(self, method: str, token: str | None = None, **params: Any) -> Any:
        url = f"{self.sandbox.url}/bot{token or self.sandbox.token}/{method}"
        answer = await self.http.post(url, json=params)
        body = answer.json()
        assert answer.status_code == (200 if body["ok"] else body["error_code"])
        return body.get("result") if body["ok"] else body


@pytest.fixture
async def sandbox():
    async with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
async def call(sandbox):
    client = Client(sandbox)
    async with client.http:
        yield client


@pytest.fixture
def ann(sandbox):
    ann = sandbox.person("Ann")
    sandbox.private(ann).members[sandbox.bot.id] = "member"
    return ann


def judged(name: str, value: Any) -> None:
    problems = type_problems(name, value)
    if problems is None:
        pytest.skip("the Bot API's document is not beside this checkout")
    assert problems == []


async def test_everything_that_people_do_has_the_shape_of_an_update(sandbox, ann, call):
    bob = sandbox.person("Bob", language=None)
    group = sandbox.group("Lab", ann, bob)
    forum = sandbox.supergroup("Forum", ann, topics=("Papers",))
    channel = sandbox.channel("News", ann, "lab_news")
    for chat, status in ((group, "member"), (forum, "administrator"), (channel, "administrator")):
        sandbox.set_bot(chat, ann, status)
    sandbox.set_bot(group, ann, "restricted", "can_send_messages")
    sandbox.set_bot(group, ann, "kicked")
    sandbox.set_bot(group, ann, "member")
    message = sandbox.type(forum, ann, "/help now", thread=next(iter(forum.topics)))
    sandbox.type(forum, ann, "again", reply_to=message.id)
    sandbox.type(group, ann, "/settings", anonymous=True)
    sandbox.post(channel, "news")
    for chat in (group, channel):
        sandbox.rename(chat, ann, "Other")
    sandbox.tap(bob, message, "settings")
    sandbox.tap(bob, message, "settings", old=True)
    sandbox.seek(bob, "words")
    sandbox.migrate(group, ann)
    updates = await call("getUpdates")
    assert len(updates) >= 15
    for update in updates:
        judged("Update", update)


async def test_everything_that_the_bot_gets_has_the_documents_shape(sandbox, ann, call):
    forum = sandbox.supergroup("Forum", ann, topics=("Papers",))
    channel = sandbox.channel("News", ann)
    forum.members[sandbox.bot.id] = channel.members[sandbox.bot.id] = "administrator"
    judged("User", await call("getMe"))
    judged("WebhookInfo", await call("getWebhookInfo"))
    for chat in (sandbox.private(ann), forum, channel):
        sent = await call("sendMessage", chat_id=chat.id, text="<b>x</b>", parse_mode="HTML")
        judged("Message", sent)
        judged("ChatFullInfo", await call("getChat", chat_id=chat.id))
        judged("ChatMember", await call("getChatMember", chat_id=chat.id, user_id=ann.id))
    for member in await call("getChatAdministrators", chat_id=forum.id):
        judged("ChatMember", member)


REFUSED = [
    ("sendMessage", {"chat_id": 5, "text": "x"}, 400, "chat not found"),
    ("sendMessage", {"text": ""}, 400, "message text is empty"),
    ("sendMessage", {"text": "x" * 4097}, 400, "message is too long"),
    ("sendMessage", {"text": "x", "reply_parameters": {"message_id": 9}}, 400, "replied not found"),
    ("sendMessage", {"text": "x", "message_thread_id": 1}, 400, "message thread not found"),
    ("editMessageText", {"message_id": 9, "text": "x"}, 400, "message to edit not found"),
    ("answerCallbackQuery", {"callback_query_id": "9"}, 400, "query is too old"),
    ("sendDocument", {}, 400, "no document"),
    ("getFile", {"file_id": "x"}, 400, "invalid file_id"),
    ("flyAway", {}, 404, "method not found"),
]


@pytest.mark.parametrize(("method", "params", "code", "words"), REFUSED)
async def test_what_telegram_refuses_is_refused(sandbox, ann, call, method, params, code, words):
    answer = await call(method, **{"chat_id": ann.id, **params})
    assert answer["error_code"] == code
    assert words in answer["description"]


@pytest.mark.parametrize(("token", "code"), [("1:wrong", 401), ("nonsense", 404)])
async def test_only_its_own_token_is_taken(call, token, code):
    assert (await call("getMe", token=token))["error_code"] == code


@pytest.mark.parametrize(
    ("status", "code", "words"), [("kicked", 403, "blocked"), ("left", 403, "initiate")]
)
async def test_who_blocks_or_never_began_gets_nothing(sandbox, ann, call, status, code, words):
    sandbox.private(ann).members[sandbox.bot.id] = status
    answer = await call("sendMessage", chat_id=ann.id, text="x")
    assert answer["error_code"] == code
    assert words in answer["description"]


async def test_a_group_that_moved_says_where_to(sandbox, ann, call):
    group = sandbox.group("Lab", ann)
    group.members[sandbox.bot.id] = "member"
    new = sandbox.migrate(group, ann, ())
    answer = await call("sendMessage", chat_id=group.id, text="x")
    assert (answer["error_code"], answer["parameters"]) == (400, {"migrate_to_chat_id": new.id})


async def test_an_edit_that_changes_nothing_is_refused(sandbox, ann, call):
    sent = await call("sendMessage", chat_id=ann.id, text="x")
    same = {"chat_id": ann.id, "message_id": sent["message_id"], "text": "x"}
    assert "not modified" in (await call("editMessageText", **same))["description"]
    markup = {"inline_keyboard": [[{"text": "a", "callback_data": "b"}]]}
    assert (await call("editMessageText", **same, reply_markup=markup))["reply_markup"] == markup


async def test_updates_come_until_they_are_acknowledged(sandbox, ann, call):
    for text in ("one", "two"):
        sandbox.type(sandbox.private(ann), ann, text)
    first, second = await call("getUpdates")
    assert len(await call("getUpdates")) == 2
    assert await call("getUpdates", offset=first["update_id"] + 1) == [second]
    assert await call("getUpdates", offset=second["update_id"] + 1) == []


async def test_a_long_poll_ends_when_something_happens(sandbox, ann, call):
    poll = asyncio.create_task(call("getUpdates", timeout=30))
    await sandbox.until(lambda: bool(sandbox.made("getUpdates")))
    sandbox.type(sandbox.private(ann), ann, "hello")
    assert len(await poll) == 1


async def test_a_second_poll_ends_the_first(sandbox, call):
    poll = asyncio.create_task(call("getUpdates", timeout=30))
    await sandbox.until(lambda: bool(sandbox.made("getUpdates")))
    assert await call("getUpdates") == []
    assert (await poll)["error_code"] == 409


async def test_with_a_webhook_nobody_polls(call):
    await call("setWebhook", url="https://example.org/")
    assert (await call("getUpdates"))["error_code"] == 409
    await call("deleteWebhook")
    assert await call("getUpdates") == []


async def test_in_privacy_mode_talk_in_groups_stays_with_people(sandbox, ann):
    chat = sandbox.supergroup("Lab", ann)
    chat.members[sandbox.bot.id] = "member"
    sandbox.type(chat, ann, "good morning")
    assert sandbox.updates == []
    sandbox.type(chat, ann, "/help")
    assert len(sandbox.updates) == 1


async def test_a_document_can_be_fetched_again(sandbox, ann, call):
    url = f"{sandbox.url}/bot{sandbox.token}/sendDocument"
    files = {"document": ("a.bib", b"@misc{}\r\n\x00")}
    sent = (await call.http.post(url, data={"chat_id": ann.id}, files=files)).json()["result"]
    assert sent["document"]["file_name"] == "a.bib"
    file = await call("getFile", file_id=sent["document"]["file_id"])
    found = await call.http.get(f"{sandbox.url}/file/bot{sandbox.token}/{file['file_path']}")
    assert found.content == b"@misc{}\r\n\x00"


async def test_who_speaks_no_http_is_shown_the_door(sandbox):
    reader, writer = await asyncio.open_connection("127.0.0.1", int(sandbox.url.rpartition(":")[2]))
    writer.write(b"hello\r\n\r\n")
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()


def test_words_that_lead_somewhere_are_told_with_their_addresses() -> None:
    link = '<a href="https://arxiv.org/abs/1?a=1&amp;b">two &amp; <i>three</i></a>'
    said = f"\n<b>A 🦊</b> {link} <a>x</a>"
    assert links(said, "HTML") == [
        {"type": "text_link", "offset": 5, "length": 11, "url": "https://arxiv.org/abs/1?a=1&b"}
    ]
    assert links(said, None) == links(None, "HTML") == []
