"""/why: what decided about a paper."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.cards import Paragraph
from bot.replies.why import excerpt
from bot.topics import parse
from tests.bot.replies.conftest import NOW, Chat
from tests.wires.lists import a_paper


async def test_a_paper_that_was_shown_says_when_and_by_which_topic_with_the_words_marked(
    chat: Chat,
):
    await chat.read()
    await chat.say("/subscribe robots, agents")
    chat.now += timedelta(days=1)
    await chat.round()
    answer = await chat.ask("/why 2601.00005")
    said = "\n".join(b.text for b in answer.blocks if isinstance(b, Paragraph))
    assert "It was shown here: Sat 10 Jan 15:00" in said
    assert "agents – “agents” stands in the title" in said
    marked = [s.text for b in answer.blocks if isinstance(b, Paragraph) for s in b.spans]
    assert "Agents" in marked
    assert "Listed by Hugging Face for Thu 8 Jan" in said


async def test_a_paper_beyond_the_cards_says_that_it_was_one_line(chat: Chat):
    await chat.read()
    await chat.say("/subscribe everything")
    await chat.say("/settings limit 1")
    chat.now += timedelta(days=1)
    await chat.round()
    assert "one line of the list" in await chat.say("/why 2601.00005")
    assert "shown here" in await chat.say("/why 2601.00006")


async def test_a_miss_names_the_nearest_topic_and_what_is_missing(chat: Chat):
    await chat.read()
    await chat.say("/subscribe zebras, video diffusion")
    said = await chat.say("/why 2601.00004")
    assert "None of your 2 topics matches it" in said
    assert "Nearest: video diffusion" in said
    assert "“diffusion” is missing" in said


async def test_a_paper_that_is_on_its_way_says_with_which_digest(chat: Chat):
    await chat.read()
    await chat.say("/subscribe agents")
    said = await chat.say("/why 2601.00005")
    assert "comes with the next digest" in said
    assert "Sat 10 Jan 09:00" in said


async def test_a_paper_listed_before_the_chat_began_says_so(chat: Chat):
    await chat.read()
    await chat.say("/subscribe agents")
    assert "before this chat began to follow" in await chat.say("/why 2601.00002")


async def test_a_list_that_is_not_closed_says_when_it_closes(chat: Chat):
    chat.source.show(NOW.date(), a_paper(7, "Agents of Friday"))
    await chat.read()
    await chat.say("/subscribe agents")
    said = await chat.say("/why 2601.00007")
    assert "not closed yet: it closes on Sat 10 Jan 02:45" in said


async def test_a_paper_that_no_list_holds_says_so(chat: Chat):
    async with chat.desk.store.transaction() as tx:
        await tx.papers.put([a_paper(99, "Agents of Nowhere")])
    await chat.say("/subscribe agents")
    said = await chat.say("/why 2601.00099")
    assert "No list of the last 40 days holds it" in said
    assert "does not come here" in said


async def test_a_paused_chat_says_that_it_would_come(chat: Chat):
    await chat.read()
    await chat.say("/subscribe agents")
    channel = await chat.channel()
    assert channel is not None
    async with chat.desk.store.transaction() as tx:
        await tx.channels.put(replace(channel, paused=True, next_due=None))
    assert "paused" in await chat.say("/why 2601.00005")


async def test_a_chat_that_is_not_subscribed_hears_that_nothing_comes_by_itself(chat: Chat):
    await chat.read()
    assert "not subscribed" in await chat.say("/why 2601.00005")


def test_an_excerpt_shows_the_words_round_the_first_match():
    text = "We begin far away. " * 20 + "Then a video generation model appears. " + "The end. " * 30
    spans = excerpt(parse("video generation"), text)
    assert [span.text for span in spans if span.kind == "mark"] == ["video generation"]
    assert len("".join(span.text for span in spans)) < 200
    assert spans[0].text == "… "
    assert spans[-1].text == " …"


def test_an_excerpt_without_a_match_is_the_beginning_of_the_text():
    assert excerpt(parse("zebra"), "Short.")[0].text == "Short."
