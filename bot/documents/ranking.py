"""The ranking: a Jekyll post of the day by votes, in a Korean frame."""

from __future__ import annotations

from bot.cards.formatter import NAME, TITLE, address
from bot.documents.day import Entry, ListedDay
from bot.documents.markdown import escaped, plain

_ABSTRACT = 10_000  # graphemes
_HOUR = "09:15:00 +0900"  # Seoul; the same every day, so that no clock is in the file
_UNKNOWN = "정보 없음"


def document(day: ListedDay) -> str:
    """The day as a post; Markdown behind front matter that holds nothing of a paper."""
    date = day.day.isoformat()
    return (
        "---\n"
        f"title: Hugging Face Daily Papers - {date}\n"
        f"date: {date} {_HOUR}\n"
        "categories: [Daily Papers, 일간]\n"
        "tags: [huggingface, papers, daily, ai]\n"
        "author: paperboy\n"
        "---\n\n"
        f"# Hugging Face Daily Papers - {date}\n\n"
        f"총 **{len(day.entries)}개**의 논문이 수집되었습니다.\n\n"
        "## 📊 좋아요 순위\n\n"
    ) + "".join(_paper(number, one) for number, one in enumerate(day.entries, 1))


def _paper(number: int, entry: Entry) -> str:
    paper = entry.paper
    title = escaped(plain(paper.title, TITLE) or paper.id)
    votes = "—" if paper.upvotes is None else str(paper.upvotes)
    institution = escaped(plain(paper.organization or "", NAME)) or _UNKNOWN
    abstract = escaped(plain(paper.abstract, _ABSTRACT)) or _UNKNOWN
    margin = " " * len(f"{number}. ")  # what stands less deep is not of the item any more
    lines = (
        f"기관: {institution}",
        f"[HF 페이지]({address(paper.id, 'hf')})",
        f"[논문 링크]({address(paper.id, 'arxiv')})",
        f"Abstract: {abstract}",
    )
    return (
        f"{number}. **{title}** - 👍 {votes}\n"
        + "".join(f"{margin}- {line}\n" for line in lines)
        + "\n"
    )
