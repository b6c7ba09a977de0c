"""Every card of the recorded days, in all layouts and languages, by the judgement of Telegram."""

from __future__ import annotations

from itertools import product

import pytest

from adapters.platforms.telegram.drawing import Pen
from bot.channels import Layout
from tests.adapters.platforms.telegram.drawing.samples import (
    DAYS,
    problems,
    recorded,
    recorded_digest,
)

RECORDED = sorted(file.stem for file in DAYS.glob("*.json"))
LANGUAGES = ("en", "zh", "ko")

pytestmark = pytest.mark.skipif(not RECORDED, reason="the recordings are not on this machine")


@pytest.mark.parametrize("layout", Layout)
def test_every_recorded_day_passes_telegrams_parser(layout: Layout) -> None:
    """Languages take turns; the document judges a sample of the calls, all of them at night."""
    pen, turn = Pen(), [*Layout].index(layout)
    for at, day in enumerate(RECORDED, turn):
        papers = recorded(day)
        blocks = recorded_digest(papers, LANGUAGES[at % 3])
        drawn = pen.draw(blocks, layout, LANGUAGES[at % 3])
        assert problems(drawn, spec=False) == []
        assert problems([*drawn[:1], *drawn[-1:]]) == []
        shown = [paper_id for one in drawn for paper_id in one.papers]
        assert sorted(shown) == sorted(paper.id for paper in papers)


@pytest.mark.nightly
@pytest.mark.parametrize(("layout", "language"), [*product(Layout, LANGUAGES)])
def test_every_recorded_day_passes_in_every_layout_and_language(
    layout: Layout, language: str
) -> None:
    pen = Pen()
    for day in RECORDED:
        drawn = pen.draw(recorded_digest(recorded(day), language), layout, language)
        assert problems(drawn) == []
