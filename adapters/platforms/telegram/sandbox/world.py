"""What people do in the sandbox: they type, press, come, go, and wait for an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import count
from time import time

from adapters.platforms.telegram.sandbox.chats import JSON, Chat, Member, Message, Tap

ANONYMOUS = Member(1087968824, "Group", "GroupAnonymousBot", None, is_bot=True)
_PATIENCE = 15.0  # seconds; only what never comes waits so long


class World:
    """Chats, people and what happens among them; every act becomes an update for the bot."""

    def __init__(self, *, username: str = "paperboy_sandbox_bot", reads_all: bool = False) -> None:
        self.bot = Member(4242, "Paperboy", username, None, is_bot=True)
        self.reads_all = reads_all  # privacy mode is off
        self.people: dict[int, Member] = {}
        self.chats: dict[int, Chat] = {}
        self.updates: list[JSON] = []
        self.taps: dict[str, Tap] = {}
        self.found: dict[str, JSON] = {}  # inline query → parameters of its answer
        self._update_ids = count(1000)
        self._message_ids = count(10)  # 1 is the General topic of a forum
        self._ids = count(1)
        self._news = asyncio.Event()

    # Who and where

    def person(self, name: str, *, language: str | None = "en", id: int | None = None) -> Member:
        """Somebody new, with a private chat that is not begun."""
        number = id or 100_000 + next(self._ids)
        member = Member(number, name, name.lower().replace(" ", "_"), language)
        self.people[number] = member
        chat = Chat(number, "private", name, member.username, person=member)
        chat.members = {number: "member", self.bot.id: "left"}
        self.chats[number] = chat
        return member

    def private(self, person: Member) -> Chat:
        """The chat of this person and the bot."""
        return self.chats[person.id]

    def group(self, title: str, creator: Member, *members: Member) -> Chat:
        """A basic group without the bot."""
        return self._with(Chat(-(5000 + next(self._ids)), "group", title), creator, *members)

    def supergroup(
        self, title: str, creator: Member, *members: Member, topics: tuple[str, ...] = ()
    ) -> Chat:
        """A supergroup without the bot; a forum when it has topics besides General."""
        chat = Chat(self._long_id(), "supergroup", title, forum=bool(topics))
        for name in topics:
            chat.topics[next(self._message_ids)] = name
        return self._with(chat, creator, *members)

    def channel(self, title: str, creator: Member, username: str | None = None) -> Chat:
        """A channel without the bot."""
        return self._with(Chat(self._long_id(), "channel", title, username), creator)

    def _long_id(self) -> int:
        return -(1_000_000_000_000 + 2_000_000_000 + next(self._ids))

    def _with(self, chat: Chat, creator: Member, *members: Member) -> Chat:
        chat.members = {member.id: "member" for member in members} | {creator.id: "creator"}
        self.chats[chat.id] = chat
        return chat

    # What people do

    def type(
        self,
        chat: Chat,
        person: Member,
        text: str,
        *,
        thread: int | None = None,
        reply_to: int | None = None,
        anonymous: bool = False,
        **extra: object,
    ) -> Message:
        """Say something in a chat; in a private one this begins it."""
        if chat.type == "private":
            chat.members[self.bot.id] = "member"
        fields: JSON = {**extra}
        if anonymous:
            fields["sender_chat"] = chat.json()
        sender = ANONYMOUS if anonymous else person
        message = self._put(chat, sender, text, thread, reply_to, fields)
        heard = (
            chat.type == "private"
            or self.reads_all
            or text.startswith("/")
            or chat.members.get(self.bot.id) == "administrator"
            or (reply_to in chat.messages and chat.messages[reply_to].sender is self.bot)
        )
        if heard and chat.members.get(self.bot.id, "left") not in ("left", "kicked"):
            self.tell("message", message.json())
        return message

    def post(self, channel: Chat, text: str, **extra: object) -> Message:
        """Post in a channel, as channels do: without a sender."""
        fields: JSON = {"sender_chat": channel.json(), **extra}
        message = self._put(channel, None, text, None, None, fields)
        if channel.members.get(self.bot.id) == "administrator":
            self.tell("channel_post", message.json())
        return message

    def press(self, person: Member, message: Message, label: str) -> Tap:
        """Press a callback button of a message of the bot. Raises KeyError without such a one."""
        return self.tap(person, message, message.button(label)["callback_data"])

    def tap(
        self, person: Member, message: Message | None, data: str | None, *, old: bool = False
    ) -> Tap:
        """Send callback data, as a button would; `old`: the message is out of the bot's reach."""
        tap = Tap(f"tap{next(self._ids)}", person, data or "")
        self.taps[tap.id] = tap
        query: JSON = {"id": tap.id, "from": person.json(), "chat_instance": "1"}
        if data is not None:
            query["data"] = data
        if message is not None and old:
            query["message"] = {
                "chat": message.chat.json(),
                "message_id": message.id,
                "date": 0,
            }
        elif message is not None:
            query["message"] = message.json()
        self.tell("callback_query", query)
        return tap

    def seek(self, person: Member, words: str) -> str:
        """Type `@bot words` somewhere; gives the query's id."""
        query = f"seek{next(self._ids)}"
        inline = {"id": query, "from": person.json(), "query": words, "offset": ""}
        self.tell("inline_query", inline)
        return query

    def set_bot(self, chat: Chat, by: Member, status: str, *lacks: str) -> None:
        """Add, promote, restrict, block ("kicked" in private) or remove ("left") the bot."""
        before = chat.member(self.bot)
        chat.members[self.bot.id] = status
        chat.lacks[self.bot.id] = set(lacks)
        change = {
            "chat": chat.json(),
            "from": by.json(),
            "date": int(time()),
            "old_chat_member": before,
            "new_chat_member": chat.member(self.bot),
        }
        self.tell("my_chat_member", change)

    def rename(self, chat: Chat, by: Member, title: str) -> None:
        """Give the chat another title."""
        chat.title = title
        sender = None if chat.type == "channel" else by
        message = self._put(chat, sender, "", None, None, {"new_chat_title": title})
        kind = "channel_post" if chat.type == "channel" else "message"
        self.tell(kind, message.json())

    def reopen(self, forum: Chat, by: Member, topic: int) -> None:
        """Open a closed topic of a forum again."""
        message = self._put(forum, by, "", topic, None, {"forum_topic_reopened": {}})
        self.tell("message", message.json())

    def migrate(self, group: Chat, by: Member, order: tuple[str, ...] = ("to", "from")) -> Chat:
        """Turn a group into a supergroup; `order` names the service messages the bot gets."""
        chat = Chat(self._long_id(), "supergroup", group.title, members=dict(group.members))
        self.chats[chat.id] = chat
        group.moved_to = chat.id
        to = self._put(group, by, "", None, None, {"migrate_to_chat_id": chat.id})
        from_ = self._put(chat, by, "", None, None, {"migrate_from_chat_id": group.id})
        for which in order:
            self.tell("message", (to if which == "to" else from_).json())
        return chat

    # What people see

    async def hear(self, chat: Chat) -> Message:
        """The next message that the bot sends or edits in the chat."""
        await self.until(lambda: len(chat.spoken) > chat.heard)
        chat.heard += 1
        return chat.spoken[chat.heard - 1]

    async def answered(self, tap: Tap) -> Tap:
        """The tap, once the bot answered it."""
        await self.until(lambda: tap.answer is not None)
        return tap

    async def until(self, true: Callable[[], bool], patience: float = _PATIENCE) -> None:
        """Wait for something to become true. Raises TimeoutError."""
        async with asyncio.timeout(patience):
            while not true():
                await self._news.wait()

    # Within

    def tell(self, kind: str, content: JSON) -> int:
        """Put an update into the bot's queue; gives its id."""
        number = next(self._update_ids)
        self.updates.append({"update_id": number, kind: content})
        self.changed()
        return number

    def changed(self) -> None:
        """Wake everybody who waits."""
        self._news.set()
        self._news = asyncio.Event()

    async def news(self, patience: float) -> None:
        """Wait until anything changes, at most so many seconds."""
        try:
            async with asyncio.timeout(patience):
                await self._news.wait()
        except TimeoutError:
            pass

    def _put(
        self,
        chat: Chat,
        sender: Member | None,
        text: str,
        thread: int | None,
        reply_to: int | None,
        extra: JSON,
    ) -> Message:
        number = next(self._message_ids)
        message = Message(number, chat, sender, text, int(time()), thread, reply_to, extra=extra)
        chat.messages[number] = message
        return message

    def speak(self, message: Message) -> None:
        """Take note of what the bot said."""
        message.chat.messages[message.id] = message
        message.chat.spoken.append(message)
        self.changed()

    def next_message(self) -> int:
        """An id for a message."""
        return next(self._message_ids)
