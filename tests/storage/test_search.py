"""The archive's search: the same answers in the same order on both engines."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.papers import Paper
from storage import SqlStore
from tests.storage.samples import NOW, paper

PAPERS = (
    paper(1, title="Spatia: Video Generation with Memory", abstract="Clips stay consistent."),
    paper(2, title="Agents that plan", abstract="We plan a video generation run, GPT-4.5 or not."),
    paper(3, title="面向长视频生成的世界模型", abstract="一种方法。"),
    paper(4, title="확산 모델로 비디오생성을 빠르게", authors=("김철수",)),
    paper(5, title="Łukasz and Müller on Schrödinger bridges", authors=("José Ångström",)),
    paper(6, title="Ｆｕｌｌ　ｗｉｄｔｈ ﬁne-tuning", keywords=("C++", "retrieval")),
    paper(7, title=r"VA-$\pi$: Variational Alignment", abstract='It says "quote" OR NOT AND.'),
    paper(8, title="日本語の研究とガウス過程"),
)

ANSWERS = {
    "video": [1, 2],
    "VIDEO generation": [1, 2],
    "generation video": [1, 2],
    "video nothing": [],
    "vid": [],
    "vid*": [1, 2],
    "generat* plan": [2],
    "视频生成": [3],
    "视频": [3],
    "生成 世界": [3],
    "频视": [],
    "비디오": [4],
    "비디오 생성": [4],
    "김철수": [4],
    "lukasz": [5],
    "MULLER": [5],
    "schrodinger angstrom": [5],
    "Jose": [5],
    "full width": [6],
    "ｆｉｎｅ": [6],
    "fine-tuning": [6],
    "retrieval": [6],
    "c++": [6],
    "4.5": [2],
    "π": [7],
    "variational": [7],
    "日本": [8],
    "ガウス": [8],
}


async def found(store: SqlStore, words: str, **more: int) -> list[int]:
    async with store.snapshot() as t:
        answers = await t.papers.search(words, limit=more.pop("limit", 20), **more)
    return [int(one.id[-5:]) for one in answers]


@pytest.fixture
async def filled(store: SqlStore) -> SqlStore:
    async with store.transaction() as t:
        await t.papers.put(PAPERS)
    return store


async def test_papers_are_found_by_their_words(filled: SqlStore) -> None:
    answers = {words: sorted(await found(filled, words)) for words in ANSWERS}
    assert answers == ANSWERS


@pytest.mark.parametrize(
    "words", ["", " ", "*", '"', "()", "-", "AND", "OR NOT", '"quote" OR', "title:", "NEAR(a b)"]
)
async def test_quotes_and_operators_are_only_words(filled: SqlStore, words: str) -> None:
    meant = {"AND": [5, 7], "OR NOT": [2, 7], '"quote" OR': [7]}
    assert sorted(await found(filled, words)) == meant.get(words, [])


async def test_titles_come_first_then_the_newest_then_the_highest_id(store: SqlStore) -> None:
    day = timedelta(days=1)
    async with store.transaction() as t:
        await t.papers.put(
            [
                paper(1, title="agents", published=NOW - 9 * day),
                paper(2, title="agents"),
                paper(3, abstract="agents", published=NOW),
                paper(4, title="agents", published=NOW - day),
                paper(5, abstract="agents", published=NOW),
                Paper("astro-ph/0601001", "Agents", published=NOW - day),
            ]
        )
    async with store.snapshot() as t:
        ordered = [one.id for one in await t.papers.search("agents", limit=9)]
        assert ordered == [
            "astro-ph/0601001",
            *(f"2512.{number:05}" for number in (4, 1, 2, 5, 3)),
        ]
        pages = [await t.papers.search("agents", limit=4, offset=skip) for skip in (0, 4, 8)]
        assert [one.id for page in pages for one in page] == ordered


async def test_new_words_take_the_place_of_the_old(filled: SqlStore) -> None:
    async with filled.transaction() as t:
        await t.papers.put([paper(1, title="Nothing of it")])
        await t.papers.put([paper(2, title="Agents that plan", upvotes=9, abstract="A walk.")])
    assert await found(filled, "video") == []
    assert await found(filled, "walk") == [2]


async def test_a_paper_that_is_far_too_long_is_found_by_its_beginning(store: SqlStore) -> None:
    words = " ".join(f"word{number}" for number in range(250_000))
    chinese = "".join(chr(0x4E00 + number % 20_000) for number in range(300_000))
    async with store.transaction() as t:
        await t.papers.put(
            [paper(1, title=words), paper(2, abstract=chinese), paper(3, title="x" * 2_000_000)]
        )
    assert await found(store, "word17") == [1]
    assert await found(store, chinese[:5]) == [2]
    assert await found(store, words) == [1]


_WORDS = ("video", "Vidéo", "agents", "視頻", "视频", "생성", "ﬁne", "x", "4.5", "c++", "é", "ı")
# But TeX: what `$` or a brace means hangs on the words round it, which a question leaves out.
_ANY_WORD = st.text(st.characters(exclude_characters="$\\{}^_~`"), max_size=8)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_a_paper_is_found_by_every_word_of_its_own(
    store: SqlStore, data: st.DataObject
) -> None:
    """Whatever the script: what was put in is what is asked for."""
    text = st.lists(st.sampled_from(_WORDS) | _ANY_WORD, min_size=1, max_size=6)
    words = data.draw(text)
    asked = data.draw(st.lists(st.sampled_from(words), min_size=1, max_size=3))
    async with store.transaction() as t:
        await t.papers.put([paper(1, title=" ".join(words))])
        answers = await t.papers.search(" ".join(asked), limit=5)
        from storage.search import asked as wanted

        assert len(answers) == bool(wanted(" ".join(asked)))
