"""Days made by hand: papers read from the full text, from the abstract, and by nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.cards.blocks import Rung
from bot.documents import Entry, ListedDay
from bot.papers import Paper, Reading
from bot.reading import lower_rungs
from bot.reports import Brief, Guide, Innovation, Report

DAY = date(2025, 12, 26)

REPORT = Report(
    field="计算机视觉 - 视频生成 (Video Generation)",
    contribution="用可更新的 3D 点云作为记忆，FID 从 14.36 降至 7.65。",
    guide=Guide(input="一段文字", output="视频", resources="64 块 GPU"),
    innovations=(Innovation("空间记忆", "随片段更新"), Innovation("动静分离", "只保留静态背景")),
    results="FID 降低 6.71。\n- 训练 25 分钟。",
    brief=Brief("视频生成", "文字", "视频", "Wan2.2", ("COCO", "PixMo"), "会遗忘", "写入点云。"),
)
READ_AT = datetime(2025, 12, 27, 1, tzinfo=UTC)


def a_paper(number: int = 1, **fields: Any) -> Paper:
    """A paper of Hugging Face's list."""
    told = {
        "title": f"Paper {number}",
        "abstract": f"We propose number {number}. Results improve by {number}%.",
        "authors": ("Ada One", "Bo Two", "Cy Three", "Di Four"),
        "organization": "UC Berkeley",
        "upvotes": 50 - number,
    }
    return Paper(f"2512.{number:05d}", **{**told, **fields})


def read(paper: Paper, **fields: Any) -> Entry:
    """The paper with a reading of its full text, in Chinese."""
    told = {
        "language": "zh",
        "rung": Rung.FULL_TEXT,
        "lines": (REPORT.contribution,),
        "model": "a-model",
        "paper_version": 2,
        "read_at": READ_AT,
        "share": 0.834,
        "report": REPORT,
    }
    return Entry(paper, Reading(paper.id, **{**told, **fields}))


def unread(paper: Paper) -> Entry:
    """The paper with what can be had without a model."""
    return Entry(paper, lower_rungs(paper, "zh"))


def a_day(*entries: Entry) -> ListedDay:
    """A list of these."""
    return ListedDay(DAY, "zh", entries)


@pytest.fixture
def day() -> ListedDay:
    """One of each kind, and as many as make two digits."""
    from_abstract = read(a_paper(2), rung=Rung.ABSTRACT, share=None)
    ready_made = unread(a_paper(3, summary="A line of the source.", keywords=("video", "3D")))
    nothing = unread(a_paper(4, abstract="", authors=(), organization=None, upvotes=None))
    old = replace(read(a_paper(5)).reading, report=None)
    return a_day(
        read(a_paper(1)),
        from_abstract,
        ready_made,
        Entry(a_paper(5), old),
        *(unread(a_paper(number)) for number in range(6, 13)),
        nothing,
    )
