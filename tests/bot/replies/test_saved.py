"""/save and /saved, and BibTeX that compiles."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels import Address
from bot.papers import Paper
from bot.ports import Person
from bot.replies.bibtex import bibtex
from tests.bot.replies.conftest import Chat


async def test_a_saved_paper_stands_on_the_list_newest_first(chat: Chat):
    await chat.read()
    await chat.say("/save 2601.00001")
    chat.now = chat.now.replace(hour=16)
    await chat.say("/save https://arxiv.org/abs/2601.00002")
    assert "already" in await chat.say("/save 2601.00001")
    said = await chat.say("/saved")
    assert "2 saved papers" in said
    assert said.index("2601.00002") < said.index("2601.00001")


async def test_everybody_in_a_group_has_an_own_list(chat: Chat):
    await chat.read()
    await chat.say("/save 2601.00001")
    chat.person = Person("8", "Grace")
    assert "empty" in await chat.refused("/saved")


async def test_the_list_is_the_same_wherever_the_person_asks(chat: Chat):
    await chat.read()
    await chat.say("/save 2601.00001")
    assert "2601.00001" in await chat.elsewhere("another room").say("/saved")


async def test_a_paper_is_taken_off_the_list(chat: Chat):
    await chat.read()
    await chat.say("/save 2601.00001")
    assert "Taken off" in await chat.say("/saved remove 2601.00001")
    assert "not on your list" in await chat.refused("/saved remove 2601.00001")
    assert "arXiv id" in await chat.refused("/saved remove")
    assert "empty" in await chat.refused("/saved")


async def test_a_long_list_is_paged(chat: Chat):
    from tests.wires.lists import a_paper

    async with chat.desk.store.transaction() as tx:
        await tx.papers.put([a_paper(n) for n in range(100, 125)])
        for n in range(100, 125):
            await tx.saved.add(Address("board", "@7"), "7", f"2601.{n:05d}", chat.now)
    assert (await chat.say("/saved")).count("\n- ") + 1 >= 20
    assert "/saved 2" in await chat.say("/saved")
    assert (await chat.say("/saved 2")).count("- 2601") == 5
    assert "1 to 2" in await chat.refused("/saved 3")
    assert "bibtex" in await chat.refused("/saved everything")


async def test_saved_bibtex_holds_every_paper_once(chat: Chat):
    await chat.read()
    await chat.say("/save 2601.00001")
    await chat.say("/save 2601.00002")
    said = await chat.say("/saved bibtex")
    assert said.count("@misc{") == 2
    assert "eprint        = {2601.00001}" in said


def test_an_entry_has_what_arxiv_asks_for():
    paper = Paper(
        "2512.15716",
        "Spatia: Video Generation with Updatable Spatial Memory",
        authors=("Jinjing Zhao", "Fangyun Wei"),
        categories=("cs.CV", "cs.AI"),
        published=datetime(2025, 12, 17, tzinfo=UTC),
    )
    assert bibtex([paper]).splitlines() == [
        "@misc{zhao2025spatia,",
        "  title         = {Spatia: Video Generation with Updatable Spatial Memory},",
        "  author        = {Jinjing Zhao and Fangyun Wei},",
        "  year          = {2025},",
        "  eprint        = {2512.15716},",
        "  archivePrefix = {arXiv},",
        "  primaryClass  = {cs.CV},",
        "  url           = {https://arxiv.org/abs/2512.15716}",
        "}",
    ]


def field(entry: str, name: str) -> str:
    """The value of a field."""
    line = next(line for line in entry.splitlines() if line.strip().startswith(name))
    return line.partition("= {")[2].rstrip(",").removesuffix("}")


@pytest.mark.parametrize(
    ("title", "written"),
    [
        (r"\$OneMillion-Bench", r"{\$OneMillion-Bench}"),
        ("R&D at 100%", r"{R\&D} at 100\%"),
        ("V_{0.5} and A^3-Bench", r"{V$_{0.5}$} and {A$^3$-Bench}"),
        (r"VA-$\pi$", r"{VA-$\pi$}"),
        ("snake_case names", r"snake\_case names"),
        ("costs $5", r"costs \$5"),
        (r"Network\\ for GANs", "Network for {GANs}"),
        ("a } stray { brace", "a stray brace"),
        ("Learning English grammar from small corpora", None),
        ("ends with \\", "ends with"),
        ("two\nlines", "two lines"),
    ],
)
def test_titles_are_escaped_so_that_they_compile(title: str, written: str | None):
    value = field(bibtex([Paper("2512.00001", title)]), "title")
    assert " ".join(value.split()) == (written or "Learning {English} grammar from small corpora")


def test_names_that_bibtex_would_take_apart_are_held_together():
    paper = Paper("2512.00001", "T", authors=("Qwen Team, Alibaba", "Research and Development"))
    assert field(bibtex([paper]), "author") == (
        "{Qwen Team, Alibaba} and {Research and Development}"
    )


def test_an_old_id_gives_its_year_and_its_archive():
    entry = bibtex([Paper("astro-ph/9901001", "Stars"), Paper("astro-ph/0601001", "Stars")])
    assert "year          = {1999}" in entry
    assert "year          = {2006}" in entry
    assert entry.count("primaryClass  = {astro-ph}") == 2


def test_every_key_is_there_once():
    same = [Paper(f"2512.{n:05d}", "A Survey", authors=("Kelvin Li",)) for n in range(40)]
    keys = [line for line in bibtex(same).splitlines() if line.startswith("@misc")]
    assert len(set(keys)) == 40
    assert keys[0] == "@misc{li2025survey,"


@given(st.text(max_size=80), st.lists(st.text(max_size=30), max_size=3))
def test_braces_are_always_in_pairs_and_no_field_runs_over(title: str, authors: list[str]):
    entry = bibtex([Paper("2512.00001", title, authors=tuple(authors))])
    depth = 0
    for sign in entry:
        depth += (sign == "{") - (sign == "}")
        assert depth >= 0
    assert depth == 0
    assert entry.endswith("\n}")
