"""/paper, /search and /today."""

from __future__ import annotations

from datetime import timedelta

from bot.cards import CardBlock, Heading, ListBlock
from tests.bot.replies.conftest import NOW, Chat
from tests.wires.lists import a_paper


async def test_a_paper_is_shown_by_id_link_or_words_with_the_topics_it_matches(chat: Chat):
    await chat.read()
    await chat.say("/subscribe world model, agents")
    for text in (
        "2601.00003",
        "https://arxiv.org/abs/2601.00003v2",
        "huggingface.co/papers/2601.00003",
        "look at https://arxiv.org/pdf/2601.00003.pdf, please",
        "world model robots",
    ):
        answer = await chat.ask(f"/paper {text}")
        block = answer.blocks[0]
        assert isinstance(block, CardBlock), text
        assert block.card.id == "2601.00003"
        assert block.topics == ("world model",)
        assert block.places == ("title",)


async def test_titles_lead_where_the_chat_chose(chat: Chat):
    await chat.say("/subscribe agents")
    await chat.say("/settings links hf")
    block = (await chat.ask("/paper 2601.00003")).blocks[0]
    assert isinstance(block, CardBlock)
    assert block.card.url == "https://huggingface.co/papers/2601.00003"


async def test_an_unknown_paper_is_answered_with_the_next_step(chat: Chat):
    assert "/search" in await chat.refused("/paper 9999.99999")
    assert "words of its title" in await chat.refused("/paper")


async def test_a_strangers_address_is_refused_and_nothing_is_asked_for(chat: Chat):
    for text in ("https://evil.example/2601.00003", "http://169.254.169.254/", "www.x.org/a"):
        assert "other pages are not read" in await chat.refused(f"/paper {text}")


async def test_a_search_lists_papers_and_shows_how_to_get_one(chat: Chat):
    await chat.read()
    answer = await chat.ask("/search agents")
    assert isinstance(answer.blocks[0], ListBlock)
    assert {line.id for line in answer.blocks[0].lines} == {"2601.00002", "2601.00005"}
    assert "Nothing was found" in await chat.refused("/search zebra crossing")
    assert "/search" in await chat.refused("/search")


async def test_today_shows_the_newest_list_and_consumes_nothing(chat: Chat):
    await chat.read()
    await chat.say("/subscribe agents")
    first, second = await chat.ask("/today"), await chat.ask("/today")
    assert first.blocks == second.blocks
    cards = [block.card.id for block in first.blocks if isinstance(block, CardBlock)]
    assert cards == ["2601.00005"]
    chat.now += timedelta(days=1)
    await chat.round()
    assert chat.board.shown() == ["2601.00005"]


async def test_today_takes_a_date_and_needs_no_subscription(chat: Chat):
    answer = await chat.ask("/today 2026-01-06")
    heading = answer.blocks[0]
    assert isinstance(heading, Heading)
    assert heading.local_date.isoformat() == "2026-01-06"
    assert [b.card.id for b in answer.blocks if isinstance(b, CardBlock)] == [
        "2601.00002",
        "2601.00001",
    ]


async def test_today_pages_the_rest_of_a_long_list(chat: Chat):
    day = NOW.date() - timedelta(days=1)
    for number in range(100, 170):
        chat.source.show(day, a_paper(number, upvotes=0))
    await chat.read()
    await chat.say("/subscribe everything")
    seen: list[str] = []
    for page in ("", " 2", " 3"):
        for block in (await chat.ask(f"/today {day}{page}")).blocks:
            if isinstance(block, CardBlock) and not page:
                seen.append(block.card.id)
            if isinstance(block, ListBlock) and page:
                seen += [line.id for line in block.lines]
    assert len(seen) == len(set(seen)) == 72
    assert "no page 4" in await chat.refused(f"/today {day} 4")


async def test_a_date_that_cannot_be_is_refused_in_its_own_words(chat: Chat):
    assert "no 2026-02-30 in the calendar" in await chat.refused("/today 2026-02-30")
    assert "lies in the future" in await chat.refused("/today 2026-01-10")
    assert "is not a date" in await chat.refused("/today someday")


async def test_east_of_the_list_the_calendar_is_ahead_and_today_is_the_newest_list(chat: Chat):
    await chat.say("/subscribe everything")
    await chat.say("/settings zone auckland")  # 2026-01-10 there
    assert "has not begun yet" in await chat.refused("/today 2026-01-10")
    heading = (await chat.ask("/today today")).blocks[0]
    assert isinstance(heading, Heading)
    assert heading.local_date.isoformat() == "2026-01-09"
