"""/start and /help: what the bot does, and what this person may use here."""

from __future__ import annotations

from bot.cards import Button, Paragraph, Table
from bot.commands import BY_NAME, COMMANDS, Command, nearest
from bot.errors import NotFound
from bot.ports import Reply
from bot.replies.asked import Asked, code, examples, strong
from bot.replies.offers import offer


async def start(asked: Asked) -> Reply:
    """What the bot does and the next step; where it is subscribed, how things stand.

    It never changes anything.
    """
    t = asked.t
    what = Paragraph.of(
        strong(t("The day's research papers, filtered by your topics, brought to this chat.")),
    )
    if asked.channel is not None:
        return asked.reply(
            what,
            t("This chat is subscribed; nothing was changed."),
            asked.next_line(asked.channel),
            *asked.typed(code("/topics"), " · ", code("/settings"), " · ", code("/help")),
            *asked.buttons(
                (Button(t("Topics"), "topics"), Button(t("Settings"), "settings")),
                (Button(t("Today's list"), "today"), Button(t("All commands"), "help")),
            ),
        )
    if asked.left is not None:
        return asked.reply(
            what,
            Paragraph.of(
                t("This chat is unsubscribed; its topics and settings are kept. To go on: "),
                code("/subscribe"),
            ),
            *asked.buttons((Button(t("Go on as before"), "subscribe"),)),
        )
    if asked.limits.buttons:
        return await offer(asked, what)
    return asked.reply(
        what,
        t("Subscribe with topics, with commas between them, or take everything:"),
        examples(BY_NAME["subscribe"].examples),
        Paragraph.of(
            t("Or ask at once, without subscribing: "),
            code("/today"),
            ", ",
            code(BY_NAME["paper"].examples[0]),
            ". ",
            t("All commands: "),
            code("/help"),
        ),
    )


async def hint(asked: Asked) -> Reply:
    """What to do with words that are no command: look for them, or follow them."""
    t = asked.t
    words = " ".join(asked.text.split())[:60]
    if not words:
        return await start(asked)
    follow = "topics add" if asked.channel is not None else "subscribe"
    return asked.reply(
        t('What shall I do with "{words}"?', words=words),
        *asked.buttons(
            (Button(t("Search all papers"), f"search {words}"),),
            (Button(t("Follow it as a topic"), f"{follow} {words}"),),
            (Button(t("All commands"), "help"),),
        ),
        *asked.typed(code(f"/search {words}"), " · ", code(f"/{follow} {words}")),
    )


async def help_(asked: Asked) -> Reply:
    """The commands that this person may use here, or everything about one."""
    t = asked.t
    if asked.text:
        return _one(asked, asked.text)
    usable = [command for command in COMMANDS if allowed(asked, command)]
    rows = tuple((t(command.usage), t(command.summary)) for command in usable)
    return asked.reply(
        Table(rows),
        Paragraph.of(t("More about one, with examples: "), code("/help topics")),
    )


def _one(asked: Asked, word: str) -> Reply:
    t = asked.t
    command = BY_NAME.get(word.lstrip("/").lower()) or nearest(word)
    if command is None or not allowed(asked, command):
        raise NotFound(t("There is no command {word} here. All of them: /help", word=word[:40]))
    head = Paragraph.of(code(t(command.usage)), " – ", t(command.summary))
    if not command.examples:
        return asked.reply(head)
    return asked.reply(head, examples(command.examples))


def allowed(asked: Asked, command: Command) -> bool:
    """Whether the person may use the command in this place now."""
    if command.hidden or (command.private and not asked.request.private):
        return False
    if command.needs is not None and command.needs not in asked.limits.verbs:
        return False
    if command.who == "operator":
        return asked.request.rights.operate
    heard = command.loud and not (asked.request.private or asked.limits.private_answers)
    return (command.who == "anyone" and not heard) or asked.request.rights.manage
