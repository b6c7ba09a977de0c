"""Doors for texts: what people type, what papers say, what models answer."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date
from typing import Any

from hypothesis import strategies as st

from adapters.fulltexts.arxiv import formulas
from adapters.platforms.discord.drawing import escaping
from adapters.platforms.telegram import links
from adapters.platforms.telegram.addresses import linked_action
from adapters.readers.openai import latex, mending
from adapters.readers.openai.answers import answer_of as answered_by
from adapters.readers.openai.answers import apologises
from adapters.readers.openai.fitting import fit as fitted
from adapters.readers.openai.refusals import understood
from adapters.readers.openai.tokens import estimate
from adapters.sources.arxiv import names
from adapters.sources.wording import folded, web_address
from bot import choices, errors
from bot.cards import cut
from bot.cards.formatter import card
from bot.cards.tex import readable
from bot.cli import addresses, channel_records, options
from bot.commands import nearest
from bot.documents import markdown
from bot.errors import PaperboyError
from bot.logs import masked
from bot.papers import Paper, find_id, split_id
from bot.ports.reading import Section, Whole
from bot.reading import abstracts, asking, fitting, injections, language, trust
from bot.reading.checking import checked
from bot.reading.numbers import Numbers
from bot.replies import bibtex
from bot.replies.why import excerpt
from bot.settings import Settings
from bot.texts import texts
from bot.topics import Matcher, mark, matches, parse, split, why, wider
from bot.topics.parsing import LONGEST
from bot.topics.terms import cover
from bot.topics.tree import words_of
from storage.search import asked, indexed
from tests.safety.doors import Door
from tests.safety.strangers import ANY_JSON, hostile, mutated

T = texts("en")
TODAY = date(2026, 1, 9)
TYPED = 20_000  # code points behind a command
PAPER = Paper("2512.15716", "A title", "We study video generation in 3D. It is 4.2% better.")


def everything_about_topics(text: str) -> None:
    """As `/topics test` and a digest do it."""
    for topic in (*split(text)[:10], text):
        try:
            query = parse(topic)
        except errors.TopicError:
            continue
        one = Paper("1", text[:2_000], abstract=topic, keywords=(topic,))
        matches(query, one)
        why(query, one)
        excerpt(query, text[:5_000])
        wider(query)


def typed_values(text: str) -> None:
    for parse_ in (
        choices.hour, choices.zone, choices.weekdays, choices.quiet, choices.layout, choices.when,
        choices.empty, choices.follow, choices.links, choices.sound, choices.language,
        choices.pause_days, choices.switch, choices.role, choices.tag,
    ):  # fmt: skip
        with suppress(errors.Answer):
            parse_(text)
    with suppress(errors.Answer):
        choices.limit(text, 50)
    with suppress(errors.Answer):
        choices.day(text, TODAY)
    choices.zone_candidates(text)
    choices.known_language(text)


def ids_and_links(text: str) -> None:
    find_id(text)
    split_id(text)
    links.paper_links(text)
    links.ids(text)
    linked_action(text)
    nearest(text)
    web_address(text)


def cli_words(text: str) -> None:
    for parse_ in (addresses.any_address, addresses.address_to_add, options.instant):
        with suppress(PaperboyError):
            parse_(text)
    with suppress(PaperboyError):
        options.language(text, "en")
    options.split([text])


def settings_of(values: dict[str, str]) -> None:
    Settings.load(_env_file=None, **values)


def a_setting_of_each(text: str) -> dict[str, str]:
    names = "zone admins hour listen hf_endpoint language arxiv_categories llm_daily_tokens"
    return dict.fromkeys(names.split(), text)


def a_paper(text: str) -> None:
    """As it is shown: titles, lines, BibTeX, documents, the search."""
    paper = Paper(
        "2512.15716", text[:1_000] or "x", text, authors=(text[:200], "A"),
        organization=text[:200] or None, keywords=(text[:200],), summary=text[:2_000] or None,
        code_url=text[:200] or None,
    )  # fmt: skip
    card(paper, None, "en")
    abstracts.lower_rungs(paper, "en")
    bibtex.bibtex([paper])
    markdown.plain(text[:4_000], 4_000)


def matching(text: str) -> None:
    Matcher([Paper("1", text[:1_000], text)]).mask("video generation")


def full_text(text: str) -> Whole:
    half = len(text) // 2
    return Whole(
        "1", 1, text[:300], text[:2_000],
        (Section(1, text[:80], text[:half]), Section(2, "Results", text[half:])),
        unseen=(text[:2_000],),
    )  # fmt: skip


REPORT = {
    "field": "Vision", "contribution": "It is 4.2% better.",
    "guide": dict.fromkeys("input output procedure resources code".split(), "Words."),
    "innovations": [{"name": "A", "text": "B 3.1"}], "results": "71.2 against 67.0",
    "brief": {
        **dict.fromkeys("task input output backbone problem method".split(), "Words"),
        "datasets": ["ImageNet"],
    },
}  # fmt: skip
NAMES = tuple(REPORT)
SOURCE = "We study video generation. It is 4.2% better: 71.2 against 67.0 on ImageNet."


def a_report(values: Any) -> None:
    """From the object that a model gave to what is stored."""
    given, _ = fitted(mending.cleaned(values), asking.REPORT_SCHEMA)
    if not isinstance(given, dict):
        return
    report = asking.report_of(given)
    asking.answer_of(given)
    language.report_is_in(report, "en")
    checked(report, SOURCE, (SOURCE,), ())


def an_answer(text: str) -> None:
    """From the words of a model to its report."""
    apologises(mending.spoken(text))
    found = mending.found(text, NAMES)
    if found is not None:
        a_report(found)


def a_report_of(text: str) -> dict[str, Any]:
    return {**REPORT, "contribution": text, "results": text, "innovations": [{"text": text}] * 4}


def answers_in_words() -> st.SearchStrategy[str]:
    """Whole and half answers: JSON with what models do to it."""
    written = mutated([REPORT]).map(lambda value: json.dumps(value, default=str))
    torn = st.tuples(written, st.floats(0, 1), hostile(40)).map(
        lambda parts: parts[0][: int(len(parts[0]) * parts[1])] + parts[2] + parts[0][-20:]
    )
    backslashed = written.map(lambda text: text.replace("e", "\\frac").replace('"B', "'B"))
    around = st.sampled_from(["{}", "```json\n{}\n```", "<think>{}</think>{}", "Sure: {}", "{}{}"])
    wrapped = st.tuples(around, written | torn).map(lambda two: two[0].replace("{}", two[1]))
    return written | torn | backslashed | wrapped | hostile(600)


CHOICE = {"message": {"content": "{}", "refusal": None}, "finish_reason": "stop"}
COMPLETIONS = [
    {"choices": [CHOICE], "usage": {"prompt_tokens": 3, "completion_tokens": 4}},
    {"error": {"message": "maximum context length is 8192 tokens", "type": "x", "param": "n"}},
    [{"error": {"code": 429, "message": "quota"}}],
    {"detail": [{"msg": "x", "loc": ["body", "response_format"]}]},
]


def from_the_endpoint(body: Any) -> None:
    answered_by(body)
    for status in (400, 401, 403, 404, 413, 422, 429, 500, 503, 599):
        understood(status, body)


CHANNEL: dict[str, Any] = {
    "kind": "channel", "channel": "telegram:-1001234567890", "at": "09:00", "zone": "Asia/Seoul",
    "days": "mon-fri", "limit": 10, "lang": "en", "layout": "packed", "when": "closed",
    "empty": "never", "topics": ["video generation"], "quiet": "22:00-07:00", "sources": "default",
    "links": "arxiv", "sound": "first", "name": "Lab", "ping": None, "tag": None, "place": "group",
    "since": "2026-01-01T00:00:00Z", "previous": "2026-01-08T00:00:00Z", "paused": False,
    "shown": [{"id": "2512.15716", "state": "shown", "at": "2026-01-08T00:00:00Z", "upvotes": 3}],
    "last": {
        "date": "2026-01-08", "due": "2026-01-08T00:00:00Z", "opened": "2026-01-08T00:00:01Z",
        "papers": 3, "matched": 2, "shown": 2, "passed": 0, "notice": None, "spoke": True,
    },
}  # fmt: skip


def exports() -> st.SearchStrategy[str]:
    """Files for `paperboy channels import`."""
    one = mutated([CHANNEL]).map(lambda value: json.dumps(value, default=str))
    torn = st.tuples(one, st.floats(0, 1), hostile(30)).map(
        lambda parts: parts[0][: int(len(parts[0]) * parts[1])] + parts[2]
    )
    return st.lists(one | torn, max_size=3).map("\n".join) | hostile()


def an_export_of(text: str) -> str:
    return "\n".join((json.dumps({**CHANNEL, "topics": [text], "name": text}), text))


VALUES = st.dictionaries(
    st.sampled_from(sorted({*Settings.model_fields} - {"home"})),
    hostile(60)
    | st.sampled_from(
        "0 1 -1 9 true off 127.0.0.1:1 telegram:1 cs.CV,cs.CL http://[ https://a/ en,zh".split()
    ),
    max_size=5,
)

DOORS = [
    Door("topics", everything_about_topics, longest=TYPED, ordinary=False),
    Door("terms of art", lambda text: cover(words_of(text)), longest=LONGEST),
    Door("matching", matching, longest=20_000),
    Door("marking", lambda text: mark("video generation", text), longest=20_000),
    Door("indexing", lambda text: indexed([text]), longest=20_000),
    Door("typed values", typed_values, longest=TYPED, ordinary=False),
    Door("ids and links", ids_and_links, longest=TYPED),
    Door("words of the command line", cli_words, longest=TYPED),
    Door("settings", settings_of, VALUES, longest=100_000, value_of=a_setting_of_each),
    Door("an export of channels", channel_records.read, exports(), longest=200_000,
         value_of=an_export_of),
    Door("words that are searched", asked, longest=TYPED),
    Door("TeX", readable, longest=40_000, ordinary=False),
    Door("a title in its own words", lambda text: folded(text, 1_000), longest=2_000_000),
    Door("names of authors", lambda text: (names.split_names(text), names.mended(text)),
         longest=100_000),
    Door("formulas", formulas.cleaned, longest=100_000),
    Door("a paper", a_paper, longest=20_000),
    Door("cutting", lambda text: (cut.clean(text), cut.cut(text, 50), cut.fit([text], 200)),
         longest=20_000, ordinary=False),
    Door("Discord's escaping", lambda text: (
        escaping.fitted(text, 300), escaping.linked(text), escaping.coded(text), escaping.web(text),
    ), longest=20_000, ordinary=False),
    Door("masking of the log", masked, longest=100_000),
    Door("instructions in a full text", lambda text: injections.flags(full_text(text)),
         longest=400_000),
    Door("a full text made to fit", lambda text: fitting.fit(full_text(text), 12_000, estimate),
         longest=400_000),
    Door("numbers of a source", lambda text: Numbers(text).check("71.2 and 4.2%"),
         longest=100_000, ordinary=False),
    Door("numbers of a reading", lambda text: Numbers(SOURCE).check(text), longest=20_000),
    Door("an answer of a model", an_answer, answers_in_words(), longest=200_000),
    Door("a report of a model", a_report, mutated([REPORT]) | ANY_JSON, longest=100_000,
         value_of=a_report_of),
    Door("LaTeX in JSON", latex.restored, longest=200_000),
    Door("tokens", estimate, longest=400_000, ordinary=False),
    Door("trust in a model's words", lambda text: trust.plain(text, SOURCE), longest=100_000),
    Door("trust in a source", lambda text: trust.plain("See [a](http://b.c) @d", text),
         longest=100_000),
    Door("language", lambda text: [language.is_in(text, one) for one in ("en", "zh", "ko")],
         longest=20_000),
    Door("sentences", abstracts.sentences, longest=20_000, ordinary=False),
    Door("an endpoint's body", from_the_endpoint, mutated(COMPLETIONS) | ANY_JSON | hostile(),
         longest=20_000, value_of=lambda text: {"error": {"message": text, "param": text}}),
]  # fmt: skip
