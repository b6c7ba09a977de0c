"""The methods of the Bot API that the bot uses, as far as it can see them.

https://core.telegram.org/bots/api#available-methods; the refusals are worded as the real server
words them, for their words decide what the bot does.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from time import time
from typing import Any

from adapters.platforms.telegram.sandbox.chats import JSON, Chat, Message, plain
from adapters.platforms.telegram.sandbox.refusals import Refusal
from adapters.platforms.telegram.sandbox.world import World

Files = dict[str, tuple[str, bytes]]
_UNASKED = ("chat_member", "message_reaction", "message_reaction_count")  # only when named
_METHOD = re.compile("(?:get|set|send|edit|answer|delete)[A-Z]")


class Methods:
    """What the bot may call. `call` gives the `result`, or raises Refusal."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.webhook: JSON = {}
        self.menus: dict[str, list[JSON]] = {}  # scope and language → commands
        self._allowed: list[str] | None = None
        self._poll = 0
        self._table: dict[str, Callable[[JSON, Files], Any]] = {
            name.lower(): getattr(self, name) for name in dir(type(self)) if _METHOD.match(name)
        }

    async def call(self, method: str, params: JSON, files: Files) -> Any:
        """Carry out one call."""
        found = self._table.get(method.lower())
        if found is None:
            raise Refusal(404, "Not Found: method not found")
        result = found(params, files)
        return await result if asyncio.iscoroutine(result) else result

    # Updates

    def getMe(self, params: JSON, files: Files) -> JSON:
        return {
            **self.world.bot.json(),
            "can_join_groups": True,
            "can_read_all_group_messages": self.world.reads_all,
            "supports_inline_queries": True,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }

    async def getUpdates(self, params: JSON, files: Files) -> list[JSON]:
        world = self.world
        if self.webhook.get("url"):
            raise Refusal(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        self._poll += 1
        mine = self._poll
        world.changed()  # an older poll ends
        if "allowed_updates" in params:
            self._allowed = params["allowed_updates"]
        offset = int(params.get("offset", 0))
        if offset > 0:
            world.updates[:] = [each for each in world.updates if each["update_id"] >= offset]
        ends = time() + float(params.get("timeout", 0))
        while True:
            if mine != self._poll:
                raise Refusal(
                    409,
                    "Conflict: terminated by other getUpdates request; make sure that only one "
                    "bot instance is running",
                )
            world.updates[:] = [each for each in world.updates if self.wanted(each)]
            if world.updates or time() >= ends:
                return world.updates[: int(params.get("limit", 100))]
            await world.news(ends - time())

    def wanted(self, update: JSON) -> bool:
        """Whether the bot asked for updates of this kind."""
        kind = next(key for key in update if key != "update_id")
        return kind in self._allowed if self._allowed else kind not in _UNASKED

    def setWebhook(self, params: JSON, files: Files) -> bool:
        self.webhook = params
        self._allowed = params.get("allowed_updates")
        self._poll += 1
        self.world.changed()
        return True

    def deleteWebhook(self, params: JSON, files: Files) -> bool:
        self.webhook = {}
        if params.get("drop_pending_updates") in (True, "true"):
            self.world.updates.clear()
        return True

    def getWebhookInfo(self, params: JSON, files: Files) -> JSON:
        return {
            "url": self.webhook.get("url", ""),
            "has_custom_certificate": False,
            "pending_update_count": len(self.world.updates),
        }

    # Messages

    def sendMessage(self, params: JSON, files: Files) -> JSON:
        text = plain(str(params.get("text", "")), params.get("parse_mode"))
        if not text:
            raise Refusal(400, "Bad Request: message text is empty")
        if len(text) > 4096:
            raise Refusal(400, "Bad Request: message is too long")
        return self._send(params, text, None)

    def sendDocument(self, params: JSON, files: Files) -> JSON:
        caption = plain(str(params.get("caption", "")), params.get("parse_mode"))
        name = str(params.get("document", "")).removeprefix("attach://")
        if (file := files.get(name) or files.get("document")) is None:
            raise Refusal(400, "Bad Request: there is no document in the request")
        return self._send(params, caption, file)

    def _send(self, params: JSON, text: str, file: tuple[str, bytes] | None) -> JSON:
        chat = self._open(params)
        thread = self._thread(chat, params)
        wanted = params.get("reply_parameters") or {}
        reply_to = wanted.get("message_id")
        if reply_to is not None and reply_to not in chat.messages:
            if not wanted.get("allow_sending_without_reply"):
                raise Refusal(400, "Bad Request: message to be replied not found")
            reply_to = None
        message = Message(
            self.world.next_message(),
            chat,
            None if chat.type == "channel" else self.world.bot,
            text,
            int(time()),
            thread,
            reply_to,
            params,
            {"sender_chat": chat.json()} if chat.type == "channel" else {},
            file=file,
        )
        self.world.speak(message)
        return message.json()

    def editMessageText(self, params: JSON, files: Files) -> JSON:
        message = self._own(params)
        text = plain(str(params.get("text", "")), params.get("parse_mode"))
        if not text:
            raise Refusal(400, "Bad Request: message text is empty")
        same = message.params.get("text") == params.get("text")
        return self._edit(message, {**params, "reply_markup": params.get("reply_markup")}, same)

    def editMessageReplyMarkup(self, params: JSON, files: Files) -> JSON:
        message = self._own(params)
        return self._edit(message, {"reply_markup": params.get("reply_markup")}, same=True)

    def _edit(self, message: Message, changed: JSON, same: bool) -> JSON:
        if same and (message.params.get("reply_markup") or None) == changed.get("reply_markup"):
            raise Refusal(
                400,
                "Bad Request: message is not modified: specified new message content and reply "
                "markup are exactly the same as a current content and reply markup of the message",
            )
        message.params = {**message.params, **changed}
        message.text = plain(str(message.params["text"]), message.params.get("parse_mode"))
        message.edits += 1
        self.world.speak(message)
        return message.json()

    def _own(self, params: JSON) -> Message:
        chat = self._open(params)
        message = chat.messages.get(int(params.get("message_id", 0)))
        if message is None:
            raise Refusal(400, "Bad Request: message to edit not found")
        if not message.params:
            raise Refusal(400, "Bad Request: message can't be edited")
        return message

    def sendChatAction(self, params: JSON, files: Files) -> bool:
        self._thread(self._open(params), params)
        return True

    def answerCallbackQuery(self, params: JSON, files: Files) -> bool:
        tap = self.world.taps.get(str(params.get("callback_query_id")))
        if tap is None or tap.answer is not None:
            raise Refusal(
                400,
                "Bad Request: query is too old and response timeout expired or query ID is invalid",
            )
        tap.answer = params
        self.world.changed()
        return True

    def answerInlineQuery(self, params: JSON, files: Files) -> bool:
        self.world.found[str(params["inline_query_id"])] = params
        self.world.changed()
        return True

    # Chats

    def getChat(self, params: JSON, files: Files) -> JSON:
        return self._chat(params).full()

    def getChatMember(self, params: JSON, files: Files) -> JSON:
        chat = self._inside(self._chat(params))
        number = int(params["user_id"])
        who = self.world.bot if number == self.world.bot.id else self.world.people.get(number)
        if who is None:
            raise Refusal(400, "Bad Request: invalid user_id specified")
        return chat.member(who)

    def getChatAdministrators(self, params: JSON, files: Files) -> list[JSON]:
        chat = self._inside(self._chat(params))
        if chat.type == "private":
            raise Refusal(400, "Bad Request: there are no administrators in the private chat")
        everybody = {**self.world.people, self.world.bot.id: self.world.bot}
        return [
            chat.member(everybody[number])
            for number, status in chat.members.items()
            if status in ("creator", "administrator")
        ]

    def getFile(self, params: JSON, files: Files) -> JSON:
        number = str(params.get("file_id", "")).removeprefix("file")
        for chat in self.world.chats.values():
            message = chat.messages.get(int(number)) if number.isdigit() else None
            if message is not None and message.file is not None:
                return {
                    "file_id": f"file{number}",
                    "file_unique_id": f"unique{number}",
                    "file_size": len(message.file[1]),
                    "file_path": f"documents/{number}",
                }
        raise Refusal(400, "Bad Request: invalid file_id")

    # Menus

    def setMyCommands(self, params: JSON, files: Files) -> bool:
        self.menus[_menu(params)] = params.get("commands", [])
        return True

    def getMyCommands(self, params: JSON, files: Files) -> list[JSON]:
        return self.menus.get(_menu(params), [])

    def deleteMyCommands(self, params: JSON, files: Files) -> bool:
        self.menus.pop(_menu(params), None)
        return True

    # Which chat, and whether the bot may speak there

    def _chat(self, params: JSON) -> Chat:
        wanted = str(params.get("chat_id", ""))
        for chat in self.world.chats.values():
            public = wanted.startswith("@") and chat.type != "private"
            if str(chat.id) == wanted or (public and chat.username == wanted[1:]):
                return chat
        raise Refusal(400, "Bad Request: chat not found")

    def _inside(self, chat: Chat) -> Chat:
        if chat.moved_to is not None:
            raise Refusal(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=chat.moved_to,
            )
        status = chat.members.get(self.world.bot.id, "left")
        if chat.type == "private":
            if status == "kicked":
                raise Refusal(403, "Forbidden: bot was blocked by the user")
            if status == "left":
                raise Refusal(403, "Forbidden: bot can't initiate conversation with a user")
        elif status == "kicked":
            raise Refusal(403, f"Forbidden: bot was kicked from the {chat.type} chat")
        elif status == "left":
            raise Refusal(403, f"Forbidden: bot is not a member of the {chat.type} chat")
        return chat

    def _open(self, params: JSON) -> Chat:
        chat = self._inside(self._chat(params))
        status = chat.members[self.world.bot.id]
        lacks = chat.lacks.get(self.world.bot.id, set())
        if chat.type == "channel":
            if status != "administrator" or "can_post_messages" in lacks:
                raise Refusal(400, "Bad Request: need administrator rights in the channel chat")
        elif status == "restricted" and "can_send_messages" in lacks:
            raise Refusal(400, "Bad Request: not enough rights to send text messages to the chat")
        return chat

    def _thread(self, chat: Chat, params: JSON) -> int | None:
        thread = params.get("message_thread_id")
        if thread is None:
            return None
        if int(thread) not in chat.topics:
            raise Refusal(400, "Bad Request: message thread not found")
        return int(thread)


def _menu(params: JSON) -> str:
    scope = params.get("scope") or {"type": "default"}
    return f"{json.dumps(scope, sort_keys=True)} {params.get('language_code', '')}"
