"""How well topics find papers: precision, recall and F1, with the source's keywords as truth.

The recorded days stand beside the checkout, in ../shared. Title and abstract alone are searched.
Topics are the two-word keywords that stand at several papers. A paper is right when one of its
keywords holds the topic as a phrase, inflections, hyphens and spaces folded ("video generation" in
"text-to-video generations", "pre training" in "pretrained models"); the stricter truth, a keyword
that is the topic letter by letter, is measured beside it. Keywords name few of the things that an
abstract speaks of, so that no way of searching comes near 1.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path

from bot.papers import Paper
from bot.topics import Matcher

DAYS = Path(__file__).parents[2].parent / "shared" / "recordings" / "huggingface" / "days"
AT_LEAST = 0.74  # F1 of two-word topics
SEVERAL = 3  # papers that a keyword stands at, to be a topic here


def run(quick: bool = False) -> dict[str, object]:
    """Measure two-word topics; `quick` changes nothing, for it takes seconds.

    Raises FileNotFoundError when the recordings are not there.
    """
    papers = _papers()
    keywords = [tuple(map(_folded, paper.keywords)) for paper in papers]
    counts = Counter(keyword for of_paper in keywords for keyword in set(of_paper))
    topics = sorted(
        topic
        for topic, n in counts.items()
        if n >= SEVERAL and re.fullmatch(r"[a-z0-9]+ [a-z0-9]+", topic)
    )
    stemmed = [tuple(_stems(keyword) for keyword in of_paper) for of_paper in keywords]
    held = {
        topic: {
            i
            for i, of_paper in enumerate(stemmed)
            if any(_holds(keyword, _stems(topic)) for keyword in of_paper)
        }
        for topic in topics
    }
    strict = {topic: {i for i, k in enumerate(keywords) if topic in k} for topic in topics}
    plain = [_folded(f"{paper.title} {paper.abstract}") for paper in papers]
    words = [frozenset(re.findall(r"\w+", text)) for text in plain]
    matcher = Matcher(
        [Paper(id=paper.id, title=paper.title, abstract=paper.abstract) for paper in papers]
    )
    ways: dict[str, Callable[[str], Iterable[int]]] = {
        "topics": lambda topic: _bits(matcher.mask(topic)),
        "plain substring": lambda topic: (i for i, text in enumerate(plain) if topic in text),
        "all words": lambda topic: (
            i for i, of_paper in enumerate(words) if of_paper.issuperset(topic.split())
        ),
    }
    figures: dict[str, object] = {"papers": len(papers), "two-word topics": len(topics)}
    reached = 0.0
    for name, way in ways.items():
        found = {topic: set(way(topic)) for topic in topics}
        precision, recall, f1 = _scores(topics, held, found)
        figures[f"{name}: precision"] = round(precision, 3)
        figures[f"{name}: recall"] = round(recall, 3)
        figures[f"{name}: F1"] = round(f1, 3)
        figures[f"{name}: F1 by the stricter truth"] = round(_scores(topics, strict, found)[2], 3)
        reached = reached or f1
    return {
        "name": "topics",
        "figures": figures,
        "bounds": [
            {
                "what": "F1 of two-word topics",
                "value": round(reached, 4),
                "bound": f"at least {AT_LEAST}",
                "ok": reached >= AT_LEAST,
            }
        ],
    }


def _scores(
    topics: Sequence[str], held: dict[str, set[int]], found: dict[str, set[int]]
) -> tuple[float, float, float]:
    """Precision, recall and F1 over all pairs of a topic and a paper."""
    right = sum(len(held[topic] & found[topic]) for topic in topics)
    precision = right / max(sum(len(found[topic]) for topic in topics), 1)
    recall = right / max(sum(len(held[topic]) for topic in topics), 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


def _papers() -> list[Paper]:
    """The recorded papers that have keywords, each once."""
    if not DAYS.is_dir():
        raise FileNotFoundError(f"no recordings in {DAYS}")
    found: dict[str, Paper] = {}
    for file in sorted(DAYS.glob("*.json")):
        for record in json.loads(file.read_text(encoding="utf-8")):
            paper = record["paper"]
            if keywords := paper.get("ai_keywords"):
                found[paper["id"]] = Paper(
                    id=paper["id"],
                    title=" ".join(paper["title"].split()),
                    abstract=" ".join(paper.get("summary", "").split()),
                    keywords=tuple(keywords),
                )
    return list(found.values())


def _folded(text: str) -> str:
    """Letters small, hyphens as spaces, one space between words: the same for truth and text."""
    return " ".join(text.casefold().replace("-", " ").split())


@cache
def _stems(text: str) -> tuple[str, ...]:
    """The stem of each word, by the stemmer itself: the truth must not lean on what is measured."""
    return tuple(_stem()(word) for word in re.findall(r"\w+", text))


@cache
def _stem() -> Callable[[str], str]:
    import snowballstemmer

    stem: Callable[[str], str] = snowballstemmer.stemmer("english").stemWord
    return cache(stem)


def _holds(keyword: tuple[str, ...], topic: tuple[str, ...]) -> bool:
    """Whether words of the keyword that follow each other have the letters of the topic."""
    wanted = "".join(topic)
    return any(
        "".join(keyword[start:end]) == wanted
        for start in range(len(keyword))
        for end in range(start + 1, min(start + len(topic) + 1, len(keyword)) + 1)
    )


def _bits(mask: int) -> Iterable[int]:
    return (i for i in range(mask.bit_length()) if mask >> i & 1)
