"""What the sandbox knows: people, chats, messages, and the shapes the Bot API gives them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

JSON = dict[str, Any]

_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)
_PERMISSIONS = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
    "can_edit_tag",
    "can_react_to_messages",
)


@dataclass
class Member:
    """Somebody with an account: a person, or the bot itself."""

    id: int
    name: str
    username: str | None = None
    language: str | None = "en"
    is_bot: bool = False

    def json(self) -> JSON:
        """A `User`."""
        user: JSON = {"id": self.id, "is_bot": self.is_bot, "first_name": self.name}
        if self.username:
            user["username"] = self.username
        if self.language:
            user["language_code"] = self.language
        return user


@dataclass
class Message:
    """One message in one chat, a person's or the bot's."""

    id: int
    chat: Chat = field(repr=False)
    sender: Member | None
    text: str  # as people see it: without markup
    date: int  # Unix seconds
    thread: int | None = None
    reply_to: int | None = None
    params: JSON = field(default_factory=dict)  # of the call that made it, when it is the bot's
    extra: JSON = field(default_factory=dict)  # further fields of the `Message`
    edits: int = 0
    file: tuple[str, bytes] | None = None

    @property
    def buttons(self) -> list[list[JSON]]:
        """Rows of inline buttons, as they are now."""
        rows = (self.params.get("reply_markup") or {}).get("inline_keyboard", [])
        return [[*row] for row in rows]

    def button(self, label: str) -> JSON:
        """The button that bears the label (or has it as its data). Raises KeyError."""
        for row in self.buttons:
            for button in row:
                if label in (button["text"], button.get("callback_data")):
                    return button
        raise KeyError(label)

    def json(self, *, deep: bool = True) -> JSON:
        """A `Message`."""
        message: JSON = {
            "message_id": self.id,
            "date": self.date,
            "chat": self.chat.json(),
            **self.extra,
        }
        if self.sender is not None:
            message.setdefault("from", self.sender.json())
        if self.file is not None:
            message["document"] = {
                "file_id": f"file{self.id}",
                "file_unique_id": f"unique{self.id}",
                "file_name": self.file[0],
                "file_size": len(self.file[1]),
            }
            if self.text:
                message["caption"] = self.text
        elif self.text:
            message["text"] = self.text
            if command := command_length(self.text):
                entity = {"type": "bot_command", "offset": 0, "length": command}
                message.setdefault("entities", [entity])
            elif hidden := links(self.params.get("text"), self.params.get("parse_mode")):
                message.setdefault("entities", hidden)
        if self.thread is not None:
            message["message_thread_id"] = self.thread
            if self.chat.forum:
                message["is_topic_message"] = True
        if deep and self.reply_to in self.chat.messages:
            message["reply_to_message"] = self.chat.messages[self.reply_to].json(deep=False)
        if self.params.get("reply_markup"):
            message["reply_markup"] = self.params["reply_markup"]
        return message


@dataclass
class Chat:
    """A private chat, a group, a supergroup (a forum when it has topics) or a channel."""

    id: int
    type: str  # "private", "group", "supergroup", "channel"
    title: str
    username: str | None = None
    forum: bool = False
    person: Member | None = None  # of a private chat
    members: dict[int, str] = field(default_factory=dict)  # id → status
    lacks: dict[int, set[str]] = field(default_factory=dict)  # rights that a member does not have
    messages: dict[int, Message] = field(default_factory=dict, repr=False)
    topics: dict[int, str] = field(default_factory=dict)
    moved_to: int | None = None
    spoken: list[Message] = field(
        default_factory=list, repr=False
    )  # what the bot sent or edited, in order
    heard: int = 0  # how many of them `hear` gave

    def json(self) -> JSON:
        """A `Chat`."""
        chat: JSON = {"id": self.id, "type": self.type}
        if self.type == "private":
            chat["first_name"] = self.title
        else:
            chat["title"] = self.title
        if self.username:
            chat["username"] = self.username
        if self.forum:
            chat["is_forum"] = True
        return chat

    def full(self) -> JSON:
        """A `ChatFullInfo`."""
        return {
            **self.json(),
            "accent_color_id": 0,
            "max_reaction_count": 11,
            "accepted_gift_types": dict.fromkeys(
                ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription"), False
            )
            | {"gifts_from_channels": False},
            **(
                {"permissions": dict.fromkeys(_PERMISSIONS, True)}
                if self.type in ("group", "supergroup")
                else {}
            ),
        }

    def member(self, who: Member, status: str | None = None) -> JSON:
        """A `ChatMember` as it is, or as it would be with the status."""
        status = status or self.members.get(who.id, "left")
        member: JSON = {"user": who.json(), "status": status}
        lacks = self.lacks.get(who.id, set())
        if status == "creator":
            member["is_anonymous"] = False
        elif status == "administrator":
            member |= {"can_be_edited": False, "is_anonymous": False}
            member |= {right: right not in lacks for right in _RIGHTS}
            if self.type == "channel":
                member |= {
                    right: right not in lacks
                    for right in ("can_post_messages", "can_edit_messages")
                }
        elif status == "restricted":
            member |= {"is_member": True, "until_date": 0}
            member |= {right: right not in lacks for right in _PERMISSIONS}
        elif status == "kicked":
            member["until_date"] = 0
        return member


@dataclass
class Tap:
    """One press of a button and what the bot answered."""

    id: str
    person: Member
    data: str
    answer: JSON | None = None  # the parameters of answerCallbackQuery

    @property
    def said(self) -> str:
        """The toast or alert; empty when there was none."""
        return str(self.parameters.get("text", ""))

    @property
    def parameters(self) -> JSON:
        """Those of the answer; empty before it."""
        return self.answer or {}


def command_length(text: str) -> int:
    """How many characters at the start are a command."""
    word = text.split(maxsplit=1)[0] if text[:1] == "/" else ""
    return len(word) if len(word) > 1 else 0


class _Plain(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.links: list[tuple[int, int, str]] = []  # from where to where, in units; the address
        self._at = 0
        self._open: tuple[int, str] | None = None

    def handle_data(self, data: str) -> None:
        self.parts.append(data)
        self._at += _units(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a" and (address := dict(attrs).get("href")):
            self._open = (self._at, address)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._open is not None:
            self.links.append((self._open[0], self._at, self._open[1]))
            self._open = None


def plain(text: str, parse_mode: str | None) -> str:
    """The text as people see it. A sketch of Telegram's parser: it judges nothing."""
    if (parse_mode or "").upper() != "HTML":
        return text.strip()
    parser = _Plain()
    parser.feed(text)
    parser.close()
    return "".join(parser.parts).strip()


def links(text: object, parse_mode: str | None) -> list[JSON]:
    """The entities of the words that lead somewhere, by UTF-16 units; of HTML alone."""
    if not isinstance(text, str) or (parse_mode or "").upper() != "HTML":
        return []
    parser = _Plain()
    parser.feed(text)
    parser.close()
    shift = _units(shown := "".join(parser.parts)) - _units(shown.lstrip())
    return [
        {"type": "text_link", "offset": start - shift, "length": end - start, "url": url}
        for start, end, url in parser.links
        if end > start >= shift
    ]


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
