"""Nothing that a paper or a model writes becomes markup; all of it is seen as it was written."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.documents import Form, ListedDay, written
from bot.documents.markdown import escaped, heading, opening, plain
from bot.reports import Brief, Guide, Innovation, Report
from tests.bot.documents.conftest import a_day, a_paper, read
from tests.wires.judges.forms import front_matter, seen

HOSTILE = [
    "# A heading",
    "A closed heading ##",
    "---",
    "===",
    "- a bullet",
    "* a bullet",
    "+ a bullet",
    "1. a number",
    "2025) a number",
    "> a quotation",
    "**bold** and _slanted_ and __both__ ***all***",
    "`code` and ``more``",
    "~~struck~~ and ~struck~",
    "[a link](https://example.org)",
    "![a picture](https://example.org/p.png)",
    "[a link][1]",
    "[1]: https://example.org",
    "[^1]: a note",
    "<https://example.org>",
    "<script>alert(1)</script>",
    "</details><img src=x onerror=alert(1)>",
    "<!-- gone",
    "<?php gone",
    "<think>thoughts</think>",
    "&lt;b&gt; &amp; &#42;",
    r"a \* b \\ c \[d\](e)",
    "ends with a backslash \\",
    "| a | b |",
    ": a definition",
    "A*",
    "**",
    "_",
    "title: x",
    "~~~ fenced",
    "``` fenced",
    "- [ ] a task",
    "a\n\n# b\n\n<div>\n\n    code",
]


@pytest.mark.parametrize("raw", HOSTILE)
def test_it_is_seen_as_it_is_wherever_it_stands(raw: str) -> None:
    wanted = plain(raw, 1000)
    _judge(wanted)


@given(st.text("a1_* `[]()<>!#-+=|~\\&;{}:.$/\"'%^", max_size=24))
def test_signs_in_any_order_are_seen_as_they_are(raw: str) -> None:
    _judge(re.sub(r"\s+", " ", raw).strip())


def _judge(text: str) -> None:
    if not text:
        return
    at_start = seen(opening(text) + "\n")
    assert (at_start.paragraphs, at_start.headings) == ([text], [])
    titled = seen(f"## 1. {heading(text)}\n")
    assert (titled.headings, titled.paragraphs) == ([f"## 1. {text}"], [])
    bold = seen(f"1. **{escaped(text)}** - 5\n   - Abstract: {escaped(text)}\n")
    assert bold.paragraphs == [f"{text} - 5", f"Abstract: {text}"]
    for found in (at_start, titled, bold):
        assert (found.links, found.tags, found.others) == ([], [], set())


@pytest.mark.parametrize(
    "text",
    [
        "snake_case and f(x) = a_1 [1, 2]",
        "a < b > c, 3 - 2 = 1",
        "AT&T, R&D; 50% of C# {x}",
        "costs US$5, or ~10 more",
        "code at https://github.com/a/b_c?d=e#f",
        "Schoenfeld's “Anatomy” – 2⁻¹⁰ × α₁",
    ],
)
def test_what_is_no_markup_stays_as_it_is(text: str) -> None:
    assert opening(text) == heading(text) == text


@pytest.mark.parametrize("text", ["{{ site.title }}", "{% include x %}", "{: .class}", "a {#id}"])
def test_jekyll_finds_nothing_to_obey(text: str) -> None:
    assert not re.search(r"\{[{%:#]", escaped(text))
    assert seen(opening(text)).paragraphs == [text]


def _hostile_day(text: str) -> ListedDay:
    report = Report(
        text,
        text,
        Guide(text, text, text, text, text),
        (Innovation(text, text), Innovation("", text), Innovation(text, "")),
        f"{text}\n{text}",
        Brief(text, text, text, text, (text,), text, text),
    )
    paper = a_paper(1, title=text, abstract=text, organization=text, authors=(text,) * 5)
    other = a_paper(2, title=text, summary=text, keywords=(text,), code_url=text)
    marks = {"unfound": (text,), "derived": (text,), "flags": (text,), "model": text}
    return a_day(read(paper, report=report, **marks), read(other, report=None, rung="ready-made"))


@pytest.mark.parametrize("raw", [*HOSTILE, "--- \ntitle: mine\n---\n"])
def test_whole_documents_keep_their_frame_whatever_a_paper_holds(raw: str) -> None:
    day = _hostile_day(raw)
    title = plain(raw, 300)
    ids = [entry.paper.id for entry in day.entries]

    report = seen(written(Form.READING_REPORT, day))
    assert report.headings == ["# Hugging Face Daily Papers Report", *[f"## 📄 {title}"] * 2]
    assert (report.links, report.tags, report.others) == ([], [], set())

    brief = seen(written(Form.BRIEF, day))
    assert brief.headings == [
        "# HF Daily Papers - 2025-12-26",
        f"## 1. {title}",
        f"## 2. {title}",
    ]
    assert [text for text, _ in brief.links] == ["HuggingFace", "arXiv"] * 2
    assert brief.tags == ["details", "summary"] * 2
    assert brief.others == set()

    matter, body = front_matter(written(Form.RANKING, day))
    assert matter == front_matter(written(Form.RANKING, a_day()))[0]
    ranking = seen(body)
    assert len(ranking.headings) == 2
    assert [address.rpartition("/")[2] for _, address in ranking.links] == [
        one for paper_id in ids for one in (paper_id, paper_id)
    ]
    assert (ranking.tags, ranking.others) == ([], set())
