"""Every recorded day in every layout and language passes Discord's own document and limits."""

from __future__ import annotations

from itertools import product

import pytest

from adapters.platforms.discord.drawing import Pen
from bot.cards import CardBlock, ListBlock
from bot.channels import Layout, Place, PlaceKind
from tests.adapters.platforms.discord.drawing.samples import (
    BUNDLED,
    DAYS,
    digest,
    paper_ids,
    papers,
    problems,
)
from tests.wires.judges.discord import call_problems

LANGUAGES = ("en", "zh", "ko")
recorded = sorted(DAYS.glob("*.json")) if DAYS.is_dir() else []
needs = pytest.mark.skipif(
    not recorded or call_problems("POST", "/channels/1/messages", {"content": "x"}) is None,
    reason="the recordings or the specs beside the checkout are missing",
)


def passes(file, layout: Layout, language: str, kind: PlaceKind, *, whole: bool) -> None:
    given = papers(file)
    if not given:
        return
    blocks = digest(given, language, late=2, whole=whole)
    place = Place(kind, ping="42", tag="7", crosspost=True)
    made = Pen().draw(blocks, layout, language, place)
    assert problems(made) == []
    cards = [one.card.id for one in blocks if isinstance(one, CardBlock)]
    lines = [line.id for one in blocks if isinstance(one, ListBlock) for line in one.lines]
    assert paper_ids(made) == cards + lines


@needs
@pytest.mark.parametrize("file", recorded, ids=lambda file: file.stem)
def test_a_recorded_day_passes_in_one_way_of_each_layout(file):
    number = recorded.index(file)
    for at, layout in enumerate(Layout):
        kind = (PlaceKind.GROUP, PlaceKind.FORUM, PlaceKind.BROADCAST)[(number + at) % 3]
        passes(file, layout, LANGUAGES[(number + at) % 3], kind, whole=bool((number + at) % 2))


@needs
@pytest.mark.nightly
@pytest.mark.parametrize("file", recorded, ids=lambda file: file.stem)
def test_a_recorded_day_passes_in_every_way(file):
    for layout, language, kind, whole in product(Layout, LANGUAGES, PlaceKind, (False, True)):
        passes(file, layout, language, kind, whole=whole)


@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_bundled_day_passes(layout, language):
    for kind, whole in product((PlaceKind.GROUP, PlaceKind.FORUM), (False, True)):
        passes(BUNDLED, layout, language, kind, whole=whole)
