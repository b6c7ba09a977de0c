"""The frame of every form equals that of the system that the form comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.documents import Form, ListedDay, written
from tests.wires.judges.forms import (
    Frame,
    brief_frame,
    front_matter,
    ranking_frame,
    report_frame,
    seen,
)

FORMS = Path(__file__).resolve().parents[4] / "shared" / "forms"
FRAMES = {
    Form.READING_REPORT: (report_frame, "reading-report_2025-12-26.md"),
    Form.BRIEF: (brief_frame, "brief_2025-12-26.md"),
    Form.RANKING: (ranking_frame, "ranking_2025-12-27.damaged.md"),
}


def damaged(text: str) -> str:
    """The text as the sample of a ranking was damaged: its bytes read as Windows-1254."""
    return text.encode().decode("cp1254", errors="ignore")


def frames(form: Form, day: ListedDay) -> tuple[Frame, Frame]:
    """The frame of ours, and of theirs."""
    read, name = FRAMES[form]
    if not (FORMS / name).exists():
        pytest.skip(f"the samples beside the checkout are missing (../shared/forms/{name})")
    ours = written(form, day)
    theirs = (FORMS / name).read_text("utf-8")
    return read(damaged(ours) if form is Form.RANKING else ours), read(theirs)


@pytest.mark.parametrize("form", FRAMES)
def test_the_head_and_every_paper_have_the_frame_of_the_original(form: Form, day) -> None:
    ours, theirs = frames(form, day)
    assert len(theirs.papers) > 2
    assert len(ours.papers) == len(day.entries)
    assert ours.head == theirs.head
    same = [_without_end(one) for one in theirs.papers]
    assert {_without_end(one) for one in ours.papers} == set(same)


def _without_end(block: tuple[str, ...]) -> tuple[str, ...]:
    """The block without the blank lines that the last paper has before the end of the file."""
    words = list(block)
    while words[-1:] == [""]:
        words.pop()
    return tuple(words)


@pytest.mark.parametrize("form", FRAMES)
def test_the_file_ends_like_the_original(form: Form, day) -> None:
    ours, theirs = frames(form, day)
    assert ours.papers[-1] == theirs.papers[-1]


@pytest.mark.parametrize(
    ("form", "before", "after"),
    [
        (Form.READING_REPORT, "\n\n\n" + "=" * 60, "\n\n" + "=" * 60),
        (Form.READING_REPORT, "=" * 60, "=" * 59),
        (Form.READING_REPORT, "**链接**", "**地址**"),
        (Form.READING_REPORT, "4. **主要创新点**", "5. **主要创新点**"),
        (Form.READING_REPORT, "**Source URL**", "**Source**"),
        (Form.BRIEF, "**问题**", "**方案**"),
        (Form.BRIEF, "---\n\n## 2", "## 2"),
        (Form.BRIEF, "</details>\n", "</details>\n\n"),
        (Form.BRIEF, " | **Authors**", "\n**Authors**"),
        (Form.RANKING, "기관", "소속"),
        (Form.RANKING, "categories", "category"),
        (Form.RANKING, "+0900", "+0000"),
        (Form.RANKING, "👍", "▲"),
        (Form.RANKING, "\n\n2. ", "\n2. "),
    ],
)
def test_the_judge_sees_what_is_not_of_the_form(form: Form, before: str, after: str, day) -> None:
    read, _ = FRAMES[form]
    ours = written(form, day)
    assert before in ours
    assert read(ours.replace(before, after)) != read(ours)


def test_real_parsers_find_the_headings_and_links_that_are_meant(day) -> None:
    titles = [entry.paper.title for entry in day.entries]
    ids = [entry.paper.id for entry in day.entries]
    both = [(f"https://huggingface.co/papers/{one}", f"https://arxiv.org/abs/{one}") for one in ids]

    report = seen(written(Form.READING_REPORT, day))
    assert report.headings == [
        "# Hugging Face Daily Papers Report",
        *(f"## 📄 {title}" for title in titles),
    ]
    assert (report.links, report.tags, report.others) == ([], [], set())

    brief = seen(written(Form.BRIEF, day))
    numbered = [f"## {number}. {title}" for number, title in enumerate(titles, 1)]
    assert brief.headings == ["# HF Daily Papers - 2025-12-26", *numbered]
    assert brief.links == [
        link for hf, arxiv in both for link in (("HuggingFace", hf), ("arXiv", arxiv))
    ]
    assert brief.tags == ["details", "summary"] * len(titles)
    assert brief.others == set()

    matter, body = front_matter(written(Form.RANKING, day))
    assert set(matter) == {"title", "date", "categories", "tags", "author"}
    assert matter["title"] == "Hugging Face Daily Papers - 2025-12-26"
    assert matter["date"] == "2025-12-26 09:15:00 +0900"
    ranking = seen(body)
    assert ranking.headings == ["# Hugging Face Daily Papers - 2025-12-26", "## 📊 좋아요 순위"]
    assert ranking.links == [
        link for hf, arxiv in both for link in (("HF 페이지", hf), ("논문 링크", arxiv))
    ]
    assert (ranking.tags, ranking.others) == ([], set())


def test_the_ranking_is_one_list_also_beyond_the_ninth_paper(day) -> None:
    from markdown_it import MarkdownIt

    _, body = front_matter(written(Form.RANKING, day))
    opened = [token.type for token in MarkdownIt("commonmark").parse(body)]
    assert opened.count("ordered_list_open") == 1
    assert opened.count("bullet_list_open") == len(day.entries) == 12
