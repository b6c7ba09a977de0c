"""What an update means: somebody asks, presses or seeks something, or a place changes.

Updates are described at https://core.telegram.org/bots/api#update. Reading one asks nobody
anything; rights are looked up later, where a command needs them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from adapters.platforms.telegram.addresses import GENERAL, kind_of, linked_action
from adapters.platforms.telegram.links import hidden_links, ids, paper_links
from bot.channels import Address
from bot.commands import BY_NAME
from bot.ports import Event, EventKind, Person, Quoted, Request, Rights

if TYPE_CHECKING:
    from telegram import CallbackQuery, Chat, ChatMember, ChatMemberUpdated, Message, Update
    from telegram import User as PersonThere

# Edits, reactions, polls and the like are not asked for.
ALLOWED = ("message", "channel_post", "callback_query", "my_chat_member", "inline_query")

# Of a message nothing else is read: what the library cannot read in a poll, a gift or a quoted
# message (a field that an older Bot API server does not send) must not cost the command beside it.
_READ = (
    *("message_id", "date", "chat", "from", "sender_chat", "message_thread_id", "is_topic_message"),
    *(
        "text",
        "entities",
        "caption",
        "caption_entities",
        "via_bot",
        "is_automatic_forward",
        "forward_origin",
    ),
    *("migrate_to_chat_id", "migrate_from_chat_id", "new_chat_title", "forum_topic_reopened"),
)

_READ_OF_ANSWERED = (
    *("message_id", "date", "chat", "from"),
    *("text", "entities", "caption", "caption_entities"),
)

_COMMAND = re.compile(r"/(\w{1,64})(?:@(\w{1,64}))?(?:\s+(.*))?", re.ASCII | re.DOTALL)
_NOTHING = Rights(False)


@dataclass(frozen=True, slots=True)
class Asked:
    """A command, typed or meant."""

    request: Request
    message: int  # where it stands


@dataclass(frozen=True, slots=True)
class Pressed:
    """A press of a button. Without a request its data is none of ours, or no longer."""

    query: str
    request: Request | None
    language: str | None = None
    message: int | None = None  # whose button it was
    reachable: bool = False  # whether that message can still be edited


@dataclass(frozen=True, slots=True)
class Sought:
    """Words typed behind the bot's name, somewhere (inline mode)."""

    query: str
    request: Request


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that happened to a place, and where an answer to it goes."""

    event: Event
    tell: Address | None


Meaning = Asked | Pressed | Sought | Happened


def needed(raw: dict[str, Any]) -> dict[str, Any] | None:
    """What is read of a raw update; None when its kind concerns the bot not at all."""
    kind = next((kind for kind in ALLOWED if isinstance(raw.get(kind), dict)), None)
    if kind is None:
        return None
    content = raw[kind]
    if kind in ("message", "channel_post"):
        content = _pruned(content)
    elif kind == "callback_query" and isinstance(content.get("message"), dict):
        content = {**content, "message": _pruned(content["message"])}
    return {"update_id": raw.get("update_id"), kind: content}


def _pruned(message: dict[str, Any]) -> dict[str, Any]:
    kept = {name: message[name] for name in _READ if name in message}
    answered = message.get("reply_to_message")
    if isinstance(answered, dict):
        own = {name: answered[name] for name in _READ_OF_ANSWERED if name in answered}
        if own.keys() >= {"message_id", "date", "chat"}:
            kept["reply_to_message"] = own
    return kept


@dataclass(frozen=True, slots=True)
class Listener:
    """Who reads the updates."""

    platform: str
    bot_name: str

    def meaning(self, update: Update, now: datetime) -> Meaning | None:
        """What the update asks of the bot; None for what concerns it not."""
        key = str(update.update_id)
        if update.message is not None:
            return self._message(update.message, key, now)
        if update.callback_query is not None:
            return self._press(update.callback_query, key, now)
        if update.my_chat_member is not None:
            return self._membership(update.my_chat_member, now)
        if update.channel_post is not None:
            # What is posted in a channel is for its readers: it is managed from private chats.
            return self._service(update.channel_post, now)
        if (query := update.inline_query) is not None:
            person = _person(query.from_user)
            request = Request(
                command="search",
                text=query.query.strip(),
                address=Address(self.platform, str(query.from_user.id)),
                person=person,
                now=now,
                rights=_NOTHING,
                language=query.from_user.language_code,
                key=key,
            )
            return Sought(query.id, request)
        return None

    # Messages

    def _message(self, message: Message, key: str, now: datetime) -> Meaning | None:
        if (happened := self._service(message, now)) is not None:
            return happened
        words = message.text or message.caption
        if not words or message.via_bot or message.is_automatic_forward:
            return None  # a channel's post in its discussion group is not said to the bot
        person = self._speaker(message)
        if person is None:
            return None
        if (said := self._said(message)) is None:
            return None
        command, text = said
        request = self._request(
            message.chat, _topic(message), person, message.from_user, command, text, now, key
        )
        if command == "replied":
            request = replace(request, quoted=self._quoted(message))
        return Asked(request, message.message_id)

    def _speaker(self, message: Message) -> Person | None:
        """Who speaks: a person, a channel, or an anonymous administrator as the group itself."""
        if message.sender_chat is not None:
            return Person(str(message.sender_chat.id), message.sender_chat.title or "")
        user = message.from_user
        return None if user is None or user.is_bot else _person(user)

    def _said(self, message: Message) -> tuple[str, str] | None:
        """Command and text of what was said; None when it is not for the bot."""
        text = (message.text or message.caption or "").strip()
        private = message.chat.type == "private"
        typed = message.text and not message.forward_origin
        command = _COMMAND.fullmatch(text) if typed else None
        if command is not None:
            name, bot_name, rest = command[1].lower(), command[2], (command[3] or "").strip()
            if bot_name and bot_name.lower() != self.bot_name.lower():
                return None
            if name == "start" and rest:
                name, rest = _started(rest, private)
            return name, rest
        links = paper_links(text, hidden_links(message))
        if not links and text and self._quoted(message) is not None:
            return "replied", text
        if private:
            named = links or ids(text)
            return ("paper", named[0]) if named else ("hint", text)
        return ("linked", " ".join(links)) if links else None

    def _quoted(self, message: Message) -> Quoted | None:
        """The message of ours that is answered."""
        card = message.reply_to_message
        if card is None or card.from_user is None or not card.from_user.is_bot:
            return None
        if (card.from_user.username or "").lower() != self.bot_name.lower():
            return None
        text = card.text or card.caption or ""
        links = paper_links(text, hidden_links(card))
        return Quoted(str(card.message_id), text, tuple(links))

    # Buttons

    def _press(self, query: CallbackQuery, key: str, now: datetime) -> Pressed:
        language = query.from_user.language_code
        message = query.message
        action = (query.data or "").strip()
        command, _, text = action.partition(" ")
        if message is None or command not in BY_NAME:
            return Pressed(query.id, None, language)
        reachable = message.is_accessible
        topic = _topic(message) if reachable else None  # type: ignore[arg-type]
        person = _person(query.from_user)
        request = self._request(
            message.chat, topic, person, query.from_user, command, text.strip(), now, key, True
        )
        return Pressed(query.id, request, language, message.message_id, reachable)

    def _request(
        self,
        chat: Chat,
        topic: str | None,
        person: Person,
        user: PersonThere | None,
        command: str,
        text: str,
        now: datetime,
        key: str,
        pressed: bool = False,
    ) -> Request:
        return Request(
            command=command,
            text=text,
            address=Address(self.platform, str(chat.id), topic),
            person=person,
            now=now,
            rights=_NOTHING,
            language=user.language_code if user is not None else None,
            private=chat.type == "private",
            kind=kind_of(chat.type, topic),
            name=_name(chat),
            pressed=pressed,
            key=key,
        )

    # Places

    def _service(self, message: Message, now: datetime) -> Happened | None:
        """A message that tells of a change: another id or another title of the chat."""
        here = Address(self.platform, str(message.chat.id))
        if message.migrate_to_chat_id is not None:
            there = Address(self.platform, str(message.migrate_to_chat_id))
            return self._changed(EventKind.MOVED, message, now, here, there)
        if message.migrate_from_chat_id is not None:
            before = Address(self.platform, str(message.migrate_from_chat_id))
            return self._changed(EventKind.MOVED, message, now, before, here)
        if message.new_chat_title is not None:
            return self._changed(EventKind.RENAMED, message, now, here, None)
        if message.forum_topic_reopened is not None:
            topic = Address(self.platform, str(message.chat.id), _topic(message))
            told = self._changed(EventKind.REOPENED, message, now, topic, None)
            return replace(told, tell=topic)
        return None

    def _changed(
        self,
        kind: EventKind,
        message: Message,
        now: datetime,
        address: Address,
        moved_to: Address | None,
    ) -> Happened:
        user = message.from_user
        event = Event(
            kind=kind,
            address=address,
            now=now,
            place=kind_of(message.chat.type, None),
            person=_person(user) if user is not None else None,
            name=message.new_chat_title or _name(message.chat),
            language=user.language_code if user is not None else None,
            moved_to=moved_to,
        )
        return Happened(event, None)

    def _membership(self, change: ChatMemberUpdated, now: datetime) -> Happened | None:
        """The bot's own rights changed: only whether it may post counts."""
        broadcast = change.chat.type == "channel"
        before = _may_post(change.old_chat_member, broadcast)
        after = _may_post(change.new_chat_member, broadcast)
        if before == after:
            return None
        address = Address(self.platform, str(change.chat.id))
        user = change.from_user
        event = Event(
            kind=EventKind.ADDED if after else EventKind.REMOVED,
            address=address,
            now=now,
            place=kind_of(change.chat.type, None),
            person=_person(user),
            name=_name(change.chat),
            language=user.language_code,
        )
        if broadcast:
            return Happened(event, Address(self.platform, f"@{user.id}"))
        return Happened(event, address if after else None)


def _may_post(member: ChatMember, broadcast: bool) -> bool:
    if broadcast:
        posts = getattr(member, "can_post_messages", None)
        return member.status == "creator" or (member.status == "administrator" and bool(posts))
    if member.status == "restricted":
        return bool(getattr(member, "is_member", False)) and bool(
            getattr(member, "can_send_messages", False)
        )
    return member.status in ("creator", "administrator", "member")


def _person(user: PersonThere) -> Person:
    return Person(str(user.id), user.full_name)


def _name(chat: Chat) -> str | None:
    return chat.title or chat.full_name


def _topic(message: Message) -> str | None:
    """The forum topic; a thread of replies in a group without topics is none, nor is General."""
    thread = message.message_thread_id
    if not message.is_topic_message or thread is None or thread == GENERAL:
        return None
    return str(thread)


def _started(payload: str, private: bool) -> tuple[str, str]:
    """What `/start payload` asks for: the action of our own deep links, else the beginning."""
    action = linked_action(payload) if private else None
    command, _, text = (action or "start").partition(" ")
    return command, text.strip()
