"""The table of commands: names, options, who may; the same on every platform."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, Literal

from bot.texts import N_

Who = Literal["anyone", "manager", "operator"]
Kind = Literal["text", "topic", "paper", "date", "number", "setting", "value", "choice"]


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that may stand behind a command, in order."""

    name: str  # [a-z0-9_]{1,32}
    summary: str  # msgid
    kind: Kind = "text"  # what a platform can complete or check while it is typed
    required: bool = False
    choices: tuple[str, ...] = ()  # the only words of a "choice"


@dataclass(frozen=True, slots=True)
class Command:
    """One command."""

    name: str  # [a-z0-9_]{1,32}, without "/"
    summary: str  # msgid; at most 100 characters, so that every platform's menu takes it
    options: tuple[Option, ...] = ()
    who: Who = "anyone"  # who may use it in a group; alone with the bot everybody manages
    usage: str = ""  # msgid: "/topics [add|remove|test …]"
    examples: tuple[str, ...] = ()  # whole lines, with "/"
    hidden: bool = False  # asked for by buttons and by platforms; in no menu and no help
    personal: bool = False  # the answer concerns the asker alone: where a group has no private
    # answers, its button leads to the private chat with the bot
    alike: bool = False  # everybody gets the same answer: rights need not be looked up
    needs: str | None = None  # a verb of the platform without which the command is not there
    private: bool = False  # only alone with the bot
    loud: bool = False  # a manager's where everybody in a group sees every answer


_CONFIRM = Option("confirm", N_("Say yes to do it"), "choice", choices=("yes",))

COMMANDS: Final[tuple[Command, ...]] = (
    Command("start", N_("What this bot does and how to begin"), usage="/start"),
    Command(
        "help",
        N_("The commands you can use here"),
        (Option("command", N_("Only this command")),),
        usage=N_("/help [command]"),
        examples=("/help topics",),
    ),
    Command(
        "subscribe",
        N_("Get the day's papers here"),
        (Option("topics", N_("Topics, with commas between them; or: everything"), "topic"),),
        "manager",
        N_("/subscribe [topics]"),
        ("/subscribe video generation, world model", "/subscribe everything"),
    ),
    Command(
        "unsubscribe",
        N_("Stop the papers; can be undone for 30 days"),
        (_CONFIRM,),
        "manager",
        "/unsubscribe",
        ("/unsubscribe", "/unsubscribe yes"),
    ),
    Command(
        "topics",
        N_("The topics followed here: show, add, remove, test"),
        (
            Option("action", N_("What to do"), "choice", choices=("add", "remove", "test")),
            Option("query", N_("A topic, or its number"), "topic"),
        ),
        "anyone",
        N_("/topics [add|remove|test …]"),
        ("/topics add world model", "/topics remove 2", "/topics test RAG AND title:agent"),
    ),
    Command(
        "paper",
        N_("One paper's card"),
        (Option("paper", N_("Its arXiv id, a link, or words of its title"), "paper", True),),
        usage=N_("/paper <id, link or words>"),
        examples=("/paper 2512.15716", "/paper attention is all you need"),
        alike=True,
    ),
    Command(
        "ask",
        N_("A question about a paper, answered from its text"),
        (
            Option("paper", N_("Its arXiv id or link"), "paper", True),
            Option("question", N_("What you want to know"), required=True),
        ),
        usage=N_("/ask <id or link> <question>"),
        examples=("/ask 2512.15716 Which data sets are used?",),
        alike=True,
    ),
    Command(
        "search",
        N_("Search all papers seen so far"),
        (Option("words", N_("Words to look for"), required=True),),
        usage=N_("/search <words>"),
        examples=("/search diffusion policy robot",),
        alike=True,
    ),
    Command(
        "today",
        N_("Preview a day's papers; changes nothing"),
        (
            Option("date", N_("A day, such as 2025-12-26 or yesterday"), "date"),
            Option("page", N_("Page of a long list"), "number"),
        ),
        usage=N_("/today [date] [page]"),
        examples=("/today", "/today yesterday", "/today 2025-12-26 2"),
        loud=True,
    ),
    Command(
        "settings",
        N_("Show or change hour, zone, days, language, layout and more"),
        (
            Option("name", N_("Which setting"), "setting"),
            Option("value", N_("Its new value"), "value"),
        ),
        "anyone",
        N_("/settings [name value]"),
        ("/settings hour 9:30", "/settings zone Seoul", "/settings days mon-fri"),
    ),
    Command(
        "pause",
        N_("No papers for some days, or until /resume"),
        (Option("days", N_("How many days, 1 to 365"), "number"),),
        "manager",
        N_("/pause [days]"),
        ("/pause 7",),
    ),
    Command("resume", N_("End a pause"), (), "manager", "/resume"),
    Command(
        "status",
        N_("Last and next digest, lists, topics, and why it was silent"),
        usage="/status",
        alike=True,
    ),
    Command(
        "why",
        N_("Why a paper was shown here or not"),
        (Option("paper", N_("Its arXiv id or link"), "paper", True),),
        usage=N_("/why <id>"),
        alike=True,
        examples=("/why 2512.15716",),
    ),
    Command(
        "save",
        N_("Put a paper on your list"),
        (Option("paper", N_("Its arXiv id, a link, or words of its title"), "paper", True),),
        usage=N_("/save <id>"),
        alike=True,
        personal=True,
        examples=("/save 2512.15716",),
    ),
    Command(
        "saved",
        N_("Your saved papers, also as BibTeX"),
        (Option("form", N_("As BibTeX, or a page number")),),
        usage=N_("/saved [bibtex | remove <id> | page]"),
        alike=True,
        personal=True,
        examples=("/saved bibtex", "/saved remove 2512.15716"),
    ),
    Command(
        "export",
        N_("Topics and settings as text, to move them"),
        (),
        "manager",
        "/export",
    ),
    Command(
        "import",
        N_("Take over topics and settings from an export"),
        (Option("text", N_("What /export gave"), required=True),),
        "manager",
        N_("/import <text of /export>"),
    ),
    Command(
        "manage",
        N_("Look after a channel of yours from here"),
        (Option("channel", N_("Its @name, its link, or: off")),),
        usage=N_("/manage [@channel | off]"),
        examples=("/manage @my_lab_papers", "/manage off"),
        needs="look_up",
        private=True,
    ),
    Command(
        "access",
        N_("Who may use this bot: let chats in or out"),
        (
            Option("action", N_("What to do"), "choice", choices=("grant", "refuse", "revoke")),
            Option("chat", N_("Its number, as the list shows it")),
        ),
        "operator",
        N_("/access [grant|refuse|revoke <chat>]"),
        ("/access", "/access grant telegram:-1001234567890"),
    ),
    Command(
        "health",
        N_("How the bot itself is doing"),
        who="operator",
        usage="/health",
    ),
    Command(
        "forget",
        N_("Delete everything about this chat"),
        (_CONFIRM,),
        "manager",
        "/forget",
        ("/forget", "/forget yes"),
    ),
)

_PAPER_ID = (Option("paper", N_("Its arXiv id or link"), "paper", True),)

# What stands behind buttons, and what platforms ask for by themselves.
ACTIONS: Final[tuple[Command, ...]] = (
    Command("abstract", "", _PAPER_ID, hidden=True, personal=True, alike=True),
    Command("report", "", _PAPER_ID, hidden=True, personal=True, alike=True),
    Command("card", "", _PAPER_ID, hidden=True, personal=True, alike=True),  # of a list's line
    Command("share", "", _PAPER_ID, hidden=True, alike=True),  # a card, for everybody there
    Command("hint", "", (Option("text", ""),), hidden=True),  # words that are no command
    Command("at", "", (Option("place", ""), Option("line", "")), hidden=True),  # of a managed place
    Command("replied", "", (Option("text", ""),), hidden=True, alike=True),  # words to a card
    Command("about", "", (*_PAPER_ID, Option("question", "")), hidden=True, alike=True),  # kept one
    Command("linked", "", (Option("text", ""),), hidden=True, alike=True),  # ids in a message
)

BY_NAME: Final = {command.name: command for command in (*COMMANDS, *ACTIONS)}
_NAMES: Final = tuple(command.name for command in COMMANDS)


def nearest(word: str) -> Command | None:
    """The command that `word` was probably meant to be; None when nothing is near."""
    word = word.strip().lstrip("/").lower()[:64]
    if word in _NAMES:
        return BY_NAME[word]
    if len(word) >= 3 and len(begun := [name for name in _NAMES if name.startswith(word)]) == 1:
        return BY_NAME[begun[0]]
    close = get_close_matches(word, _NAMES, n=1, cutoff=0.6)
    return BY_NAME[close[0]] if close else None
