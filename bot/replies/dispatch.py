"""From a request to its reply: the table, the rights, and the one place that catches errors."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from time import monotonic

from bot.access import may_use, refusal
from bot.cards import Block, Button, Paragraph, Span
from bot.cards.cut import cut
from bot.commands import BY_NAME, nearest
from bot.desk import Desk
from bot.errors import (
    Answer,
    GiveUp,
    PaperboyError,
    Retry,
    SourceFailed,
    Stop,
    StoreBusy,
    TopicError,
    Usage,
)
from bot.ports import Reply, Request
from bot.replies import (
    ask,
    begin,
    manage,
    operators,
    own_data,
    papers,
    replied,
    saved,
    settings,
    status,
    subscription,
    topics,
    why,
)
from bot.replies.asked import Asked, code, load, spoken
from bot.replies.choosable import named
from bot.replies.manage import for_its_place, staying
from bot.replies.once_only import is_known, remember
from bot.replies.rate import Rates, too_fast
from bot.suspension import resume_reachable
from bot.texts import Texts, texts

_DONE, _REFUSED, _FAILED = "done", "refused", "failed"  # how an answer ended
LONGEST = 20_000  # code points behind a command; the export of the largest channel fits

_TOAST = 190  # code points; Telegram shows 200 of a callback's answer
# Asked for without access too: what it is, and how to leave.
_ALWAYS = frozenset(
    "help export unsubscribe forget access health linked hint saved manage at".split()
)
_OVERHEARD = frozenset({"linked"})  # what goes wrong with it is nobody's concern
_MENUS = frozenset({"settings", "topics"})
_SHOWN_ONLY = frozenset("start help today hint health".split())  # they change nothing

Handler = Callable[[Asked], Awaitable[Reply]]

HANDLERS: dict[str, Handler] = {
    "start": begin.start,
    "help": begin.help_,
    "hint": begin.hint,
    "subscribe": subscription.subscribe,
    "unsubscribe": subscription.unsubscribe,
    "topics": topics.topics,
    "paper": papers.paper,
    "ask": ask.ask,
    "replied": replied.replied,
    "about": replied.about,
    "search": papers.search,
    "today": papers.today,
    "settings": settings.settings,
    "pause": subscription.pause,
    "resume": subscription.resume,
    "status": status.status,
    "why": why.explain,
    "save": saved.save,
    "saved": saved.saved,
    "export": own_data.export,
    "import": own_data.import_,
    "forget": own_data.forget,
    "manage": manage.manage,
    "at": manage.at,
    "access": operators.access,
    "health": operators.health,
    "abstract": papers.abstract,
    "report": papers.report,
    "card": papers.paper,
    "share": papers.share,
    "linked": papers.linked,
}
log = logging.getLogger(__name__)


async def reply(desk: Desk, request: Request, rates: Rates | None = None) -> Reply:
    """Answer one command. Never raises but on cancellation; what it changes is committed.

    An unknown command gets the nearest one in private and nothing (no blocks) in groups. An
    error becomes one sentence, for a button shown to the one who pressed it; one that the person
    cannot mend has a short id, which stands in the log too. Words that were not meant for the
    bot get what the chat wants, or silence.
    """
    began = monotonic()
    answer, ended = await _reply(desk, request, rates)
    if answer.blocks or answer.toast:
        platform, seconds = request.address.platform, monotonic() - began
        desk.meter.answered(platform, _known(request), seconds, ended)
    if answer.failed and request.command in _OVERHEARD:
        return Reply((), answer.language)
    return answer


async def _reply(desk: Desk, request: Request, rates: Rates | None) -> tuple[Reply, str]:
    """The answer, and how it ended, as the meter is told."""
    t = texts(spoken(desk, request))
    if not request.text.isascii():  # half a letter cannot be stored, sent or put into a button
        request = replace(request, text=request.text.encode("utf-8", "replace").decode())
    if request.command.lower() not in BY_NAME and not (request.private or request.pressed):
        # Said to another bot, perhaps: it costs nobody anything.
        return _unknown(request, t), _REFUSED
    if replied.is_talk(desk, request):
        return Reply((), t.language), _DONE
    try:
        wait = rates.wait(request, request.now) if rates is not None else 0.0
        if wait and rates is not None:
            if not request.private and rates.told(request, request.now, wait):
                return Reply((), t.language), _REFUSED  # others read along: once is enough
            t = (await load(desk, request)).t  # refused in the language of the chat
            return _said(Paragraph.of(too_fast(wait, t)), request, t), _REFUSED
        request, place = await for_its_place(desk, request)
        asked = await load(desk, request)
        t = asked.t
        if place and not request.rights.manage:  # not even to look at: it may be a private place
            lacks = t(
                "You do not manage {name}: only its administrators can set it up.", name=str(place)
            )
            raise Usage(f"{lacks} /manage off")
        if asked.channel is not None and asked.channel.suspended_at is not None and not place:
            asked = await _heard_again(asked)
        answer = await _answer(asked)
    except TopicError as error:
        said = topic_error(error, t)
        if request.pressed:
            return _said(said[0], request, t), _REFUSED
        return Reply(said, t.language, failed=True), _REFUSED
    except Answer as error:
        said_so = t(error.what, **error.values) if error.values else str(error)
        return _said(Paragraph.of(said_so), request, t), _REFUSED
    except Exception as error:  # one person's error never reaches another
        return _said(_trouble(error, request, t), request, t), _FAILED
    if place and answer.blocks:
        head = Paragraph.of(t("For {name}:", name=str(place)))
        blocks = staying(answer.blocks, place, request.person)
        answer = replace(answer, blocks=(head, *blocks))
    return answer, _REFUSED if answer.failed else _DONE


async def _heard_again(asked: Asked) -> Asked:
    """A chat that could not be reached, and in which somebody speaks to the bot, can be."""
    assert asked.channel is not None
    async with asked.desk.store.transaction() as tx:
        channel = await resume_reachable(tx, asked.channel, asked.now)
    return replace(asked, channel=channel)


async def _answer(asked: Asked) -> Reply:
    request, t = asked.request, asked.t
    command = BY_NAME.get(request.command.lower())
    if command is None or (command.who == "operator" and not request.rights.operate):
        return _unknown(request, t)
    if len(request.text) > LONGEST:
        raise Usage(t("That is too long: at most {n} characters.", n=t.number(LONGEST)))
    if command.name not in _ALWAYS and asked.channel is None and asked.desk.access != "open":
        async with asked.desk.store.snapshot() as tx:
            welcome = await may_use(tx, asked.desk, request)
        if not welcome:
            async with asked.desk.store.transaction() as tx:
                return asked.reply(await refusal(tx, asked.desk, request, t))
    # A press must not turn the page of an admin's menu that all others see too.
    menu = request.pressed and not request.private and command.name in _MENUS
    if command.who == "manager" or (menu and not asked.limits.private_answers):
        asked.must_manage()
    if command.name == "saved" and not (request.private or asked.limits.private_answers):
        return _alone(asked)
    if request.key is None or command.alike or command.name in _SHOWN_ONLY:
        return await HANDLERS[command.name](asked)
    async with asked.desk.store.snapshot() as tx:
        if await is_known(tx, request.address.platform, request.key):
            return asked.reply()  # told twice: it was done, and answered or nearly so
    answer = await HANDLERS[command.name](asked)
    async with asked.desk.store.transaction() as tx:
        await remember(tx, request.address.platform, request.key)
    return answer


def _alone(asked: Asked) -> Reply:
    """What concerns one person is not shown to a group: the button leads to the private chat."""
    t = asked.t
    there = Button(t("Open my list"), f"saved {asked.text}".strip())
    return asked.reply(t("Your list is for your eyes alone."), *asked.buttons((there,)))


def _unknown(request: Request, t: Texts) -> Reply:
    if request.pressed:
        said = t("This button is out of date. The command opens a new one.")
        return Reply((), t.language, failed=True, toast=said)
    if not request.private:
        return Reply((), t.language)
    meant = nearest(request.command)
    if meant is not None and meant.who == "operator" and not request.rights.operate:
        meant = None  # it is there for the operator alone
    if (of_setting := named(request.command)) is not None:
        known = Paragraph.of(
            t("There is no such command. You may have meant: "), code(f"/settings {of_setting}")
        )
    elif meant is None:
        known = Paragraph.of(t("There is no such command. All of them: "), code("/help"))
    else:
        known = Paragraph.of(
            t("There is no such command. You may have meant: "), code(f"/{meant.name}")
        )
    return Reply((known,), t.language, failed=True)


def _known(request: Request) -> str:
    """The command's name, for those who watch: what people make up is none."""
    command = BY_NAME.get(request.command.lower())
    return command.name if command is not None else "other"


def _said(said: Block, request: Request, t: Texts) -> Reply:
    """One sentence; of a button, shown to the person who pressed it and to nobody else."""
    if request.pressed and isinstance(said, Paragraph):
        return Reply((), t.language, failed=True, toast=cut(said.text, _TOAST))
    return Reply((said,), t.language, failed=True)


def topic_error(error: TopicError, t: Texts) -> tuple[Block, ...]:
    """The sentence of a wrong query, the query with the place of the error, one that works."""
    before, after = error.query[: error.position], error.query[error.position :]
    blocks: list[Block] = [Paragraph.of(t(error.what, **error.values))]
    if error.query.strip():
        blocks.append(Paragraph.of(before, Span("▸", "mark"), after))
    if error.example:
        blocks.append(Paragraph.of(t("For example: "), code(error.example)))
    return tuple(blocks)


def _reason(error: Exception, t: Texts) -> str:
    """What did not work, as far as the person who asked can do something about it."""
    if isinstance(error, SourceFailed) and error.told:
        return error.told
    if isinstance(error, StoreBusy):
        return t("The database is busy just now; please try again in a minute.")
    return str(error)


def _trouble(error: Exception, request: Request, t: Texts) -> Paragraph:
    number = secrets.token_hex(3)
    expected = isinstance(error, PaperboyError)
    log.log(
        logging.WARNING if expected else logging.ERROR,
        "a command failed",
        extra={
            "id": number,
            "command": _known(request),
            "platform": request.address.platform,
            "error": f"{type(error).__name__}: {error}",
        },
        exc_info=None if expected else error,
    )
    if isinstance(error, Retry | GiveUp) or (isinstance(error, Stop) and request.rights.operate):
        said = _reason(error, t)
        return Paragraph.of(t("{sentence} (number {id})", sentence=said, id=number))
    return Paragraph.of(
        t(
            "Something went wrong here, and nothing was changed. Please try again; if it stays, "
            "give the operator this number: {id}.",
            id=number,
        )
    )
