"""From a request to its reply: the table, the rights, and the one place that catches errors."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable

from bot.cards import Block, Paragraph, Span
from bot.commands import BY_NAME, nearest
from bot.desk import Desk
from bot.errors import Answer, GiveUp, PaperboyError, Retry, Stop, TopicError, Usage
from bot.ports import Reply, Request
from bot.replies import begin, own_data, papers, saved, settings, status, subscription, topics, why
from bot.replies.asked import Asked, code, load, spoken
from bot.texts import Texts, texts

LONGEST = 20_000  # code points behind a command; the export of the largest channel fits

Handler = Callable[[Asked], Awaitable[Reply]]

HANDLERS: dict[str, Handler] = {
    "start": begin.start,
    "help": begin.help_,
    "subscribe": subscription.subscribe,
    "unsubscribe": subscription.unsubscribe,
    "topics": topics.topics,
    "paper": papers.paper,
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
}
log = logging.getLogger(__name__)


async def reply(desk: Desk, request: Request) -> Reply:
    """Answer one command. Never raises but on cancellation; what it changes is committed.

    An unknown command gets the nearest one in private and nothing (no blocks) in groups. An
    error becomes one sentence; one that the person cannot mend has a short id, which stands in
    the log too.
    """
    t = texts(spoken(desk, request))
    try:
        asked = await load(desk, request)
        t = asked.t
        command = BY_NAME.get(request.command.lower())
        if command is None or (command.who == "operator" and not request.rights.operate):
            return _unknown(request, t)
        if len(request.text) > LONGEST:
            raise Usage(t("That is too long: at most {n} characters.", n=t.number(LONGEST)))
        if command.who == "manager":
            asked.must_manage()
        return await HANDLERS[command.name](asked)
    except TopicError as error:
        return Reply(topic_error(error, t), t.language, failed=True)
    except Answer as error:
        return Reply((Paragraph.of(str(error)),), t.language, failed=True)
    except Exception as error:  # one person's error never reaches another
        return Reply((_trouble(error, request, t),), t.language, failed=True)


def _unknown(request: Request, t: Texts) -> Reply:
    if not request.private:
        return Reply((), t.language)
    meant = nearest(request.command)
    if meant is None:
        said = Paragraph.of(t("There is no such command. All of them: "), code("/help"))
    else:
        said = Paragraph.of(
            t("There is no such command. Did you mean "), code(f"/{meant.name}"), "?"
        )
    return Reply((said,), t.language, failed=True)


def topic_error(error: TopicError, t: Texts) -> tuple[Block, ...]:
    """The sentence of a wrong query, the query with the place of the error, one that works."""
    before, after = error.query[: error.position], error.query[error.position :]
    blocks: list[Block] = [Paragraph.of(str(error))]
    if error.query.strip():
        blocks.append(Paragraph.of(before, Span("▸", "mark"), after))
    if error.example and error.example not in str(error):
        blocks.append(Paragraph.of(t("For example: "), code(error.example)))
    return tuple(blocks)


def _trouble(error: Exception, request: Request, t: Texts) -> Paragraph:
    number = secrets.token_hex(3)
    expected = isinstance(error, PaperboyError)
    log.log(
        logging.WARNING if expected else logging.ERROR,
        "a command failed: id=%s command=%s platform=%s: %s",
        number,
        request.command,
        request.address.platform,
        f"{type(error).__name__}: {error}",
        exc_info=None if expected else error,
    )
    if isinstance(error, Retry | GiveUp) or (isinstance(error, Stop) and request.rights.operate):
        return Paragraph.of(f"{error} ", t("(number {id})", id=number))
    return Paragraph.of(
        t(
            "Something went wrong here, and nothing was changed. Please try again; if it stays, "
            "give the operator this number: {id}.",
            id=number,
        )
    )
