"""/topics: the list, adding with advice, removing, testing."""

from __future__ import annotations

from datetime import timedelta

from bot.cards import Paragraph, Table
from bot.replies import advice_blocks, advice_data
from tests.bot.replies.conftest import NOW, Chat
from tests.wires.lists import a_paper


def marks(blocks) -> list[str]:
    """The marked words of an answer."""
    spans = (span for block in blocks if isinstance(block, Paragraph) for span in block.spans)
    return [span.text for span in spans if span.kind == "mark"]


async def test_a_new_topic_is_answered_with_its_count_and_two_titles_with_the_words_marked(
    chat: Chat,
):
    await chat.read()
    await chat.say("/subscribe world models")
    answer = await chat.ask("/topics add video generation")
    said = "\n".join(b.text for b in answer.blocks if isinstance(b, Paragraph))
    assert "2 of 6 papers in 7 days" in said
    assert "Long Video Generation with a Spatial Memory" in said
    assert "Generating Videos from Sound" in said
    assert "Video Generation" in marks(answer.blocks)


async def test_a_topic_under_one_paper_a_week_is_offered_a_wider_one_with_its_count(chat: Chat):
    await chat.read()
    await chat.say("/subscribe agents")
    said = await chat.say("/topics add spatial video generation")
    assert "under one paper a week" in said
    data = await advice_data(chat.desk, "spatial video generation", NOW, 7, "en")
    assert data.too_few
    assert data.wider
    assert data.wider in said
    assert data.wider_matched > 0


async def test_a_topic_that_matches_over_half_of_everything_is_warned_of(chat: Chat):
    await chat.read()
    await chat.say("/subscribe agents")
    said = await chat.say("/topics add study")
    assert "more than half" in said
    assert "title:study" in said


async def test_a_chinese_term_says_that_it_is_searched_in_english_too(chat: Chat):
    await chat.read()
    said = await chat.say("/subscribe 视频生成")
    assert "视频生成 is searched in English too: video generation" in said
    assert "2 of 6 papers" in said


async def test_a_term_that_no_list_translates_is_accepted_with_a_warning(chat: Chat):
    await chat.read()
    said = await chat.say("/subscribe 谢谢你们")
    assert "hardly ever match" in said
    assert await chat.followed() == ["谢谢你们"]


async def test_a_topic_that_means_the_same_is_not_added_twice(chat: Chat):
    await chat.say("/subscribe video generation")
    assert "Followed already: video generation" in await chat.say("/topics add Video  Generation")
    assert await chat.followed() == ["video generation"]


async def test_several_topics_are_added_with_commas_or_lines_between_them(chat: Chat):
    await chat.say("/subscribe a b")
    await chat.say("/topics add\nvideo generation，agents；RAG")
    assert await chat.followed() == ["a b", "video generation", "agents", "RAG"]


async def test_many_topics_at_once_are_answered_with_one_table(chat: Chat):
    await chat.read()
    answer = await chat.ask("/subscribe agents, robots, image diffusion, video generation")
    tables = [block for block in answer.blocks if isinstance(block, Table)]
    assert tables[0].rows == (
        ("agents", "2"),
        ("robots", "1"),
        ("image diffusion", "1"),
        ("video generation", "2"),
    )


async def test_the_list_shows_each_topic_with_its_number_and_count(chat: Chat):
    await chat.read()
    await chat.say("/subscribe agents, video generation")
    answer = await chat.ask("/topics")
    tables = [block for block in answer.blocks if isinstance(block, Table)]
    assert tables[0].rows == (("1", "agents", "2"), ("2", "video generation", "2"))


async def test_a_topic_is_removed_by_its_number_its_words_or_its_meaning(chat: Chat):
    await chat.say("/subscribe agents, video generation, RAG, robots, worlds")
    await chat.say("/topics remove 1")
    await chat.say("/topics remove rag")
    await chat.say("/topics remove Video Generation, robot")
    assert await chat.followed() == ["worlds"]


async def test_removing_one_of_several_wrong_ones_removes_none(chat: Chat):
    await chat.say("/subscribe agents, robots")
    said = await chat.refused("/topics remove agents, zebra")
    assert "zebra" in said
    assert "1 agents, 2 robots" in said
    assert await chat.followed() == ["agents", "robots"]
    await chat.refused("/topics remove 3")
    await chat.refused("/topics remove 0")


async def test_removing_the_last_topic_sets_since_to_now_so_that_nothing_floods_in(chat: Chat):
    await chat.read()
    await chat.say("/subscribe agents")
    said = await chat.say("/topics remove agents")
    assert "every paper" in said
    channel = await chat.channel()
    assert channel is not None
    assert channel.since == chat.now
    chat.now += timedelta(days=1)
    await chat.round()
    assert chat.board.shown() == []


async def test_removing_one_of_two_topics_leaves_since_alone(chat: Chat):
    await chat.say("/subscribe agents, robots")
    before = await chat.channel()
    await chat.say("/topics remove 1")
    assert await chat.channel() == before


async def test_a_chat_has_at_most_fifty_topics_and_the_refusal_says_so(chat: Chat):
    fifty = ", ".join(f"subject{n}" for n in range(50))
    await chat.say(f"/subscribe {fifty}")
    assert "at most 50 topics" in await chat.refused("/topics add one more")
    assert len(await chat.followed()) == 50


async def test_more_than_fifty_topics_at_once_subscribe_nothing(chat: Chat):
    await chat.refused("/subscribe " + ", ".join(f"subject{n}" for n in range(51)))
    assert await chat.channel() is None


async def test_a_topic_longer_than_three_hundred_characters_is_refused_with_both_numbers(
    chat: Chat,
):
    said = await chat.refused("/subscribe " + "word " * 70)
    assert "300" in said
    assert "349" in said
    assert await chat.channel() is None


async def test_a_wrong_query_shows_its_place_and_an_example_and_changes_nothing(chat: Chat):
    await chat.say("/subscribe agents")
    answer = await chat.ask("/topics add video AND (robots")
    assert answer.failed
    paragraphs = [block.text for block in answer.blocks if isinstance(block, Paragraph)]
    assert any("▸" in text for text in paragraphs)
    assert any("video" in text and "example" in text.lower() for text in paragraphs)
    assert await chat.followed() == ["agents"]


async def test_what_is_no_action_is_answered_with_what_to_type(chat: Chat):
    assert "/topics add video generation" in await chat.refused("/topics video generation")


async def test_a_test_changes_nothing_and_needs_no_subscription(chat: Chat):
    said = await chat.say("/topics test video generation")
    assert "2 of 6 papers" in said
    assert await chat.channel() is None


async def test_advice_counts_a_paper_of_two_lists_once_and_by_the_days_of_its_lists(chat: Chat):
    for day in (6, 8):
        chat.source.show(NOW.date().replace(day=day), a_paper(9, "Twice Listed Zebras"))
    data = await advice_data(chat.desk, "zebras", NOW, 7, "en")
    assert data.matched == 1
    assert [(day.day, count) for day, count in data.days if count] == [(6, 1), (8, 1)]
    assert len(data.days) == 7
    assert data.papers == 7


async def test_advice_as_json_holds_plain_values(chat: Chat):
    import json

    data = (await advice_data(chat.desk, "video generation", NOW, 7, "en")).json()
    read = json.loads(json.dumps(data))
    assert read["examples"][0]["places"] == ["title", "keywords"]
    assert data["kind"] == "advice"
    assert data["days"]["2026-01-06"] == 1
    start, end = data["examples"][0]["spans"][0]
    assert data["examples"][0]["title"][start:end] == "Video Generation"


async def test_advice_without_any_list_says_that_nothing_can_be_counted(chat: Chat):
    chat.source.lists.clear()
    blocks = await advice_blocks(chat.desk, "agents", NOW, 7, "en")
    assert len(blocks) == 1
    assert isinstance(blocks[0], Paragraph)
    assert "nothing can be counted" in blocks[0].text


async def test_a_stored_topic_that_can_no_longer_be_read_breaks_no_answer(chat: Chat):
    from bot.channels import Topic

    await chat.read()
    await chat.say("/subscribe agents")
    channel = await chat.channel()
    assert channel is not None
    async with chat.desk.store.transaction() as tx:
        await tx.topics.add(Topic("video AND (", channel_id=channel.id, created=chat.now))
    for line in ("/topics", "/status", "/paper 2601.00005", "/why 2601.00005", "/export"):
        await chat.say(line)
    assert "Removed: video AND (" in await chat.say("/topics remove 2")


async def test_a_source_that_is_down_is_asked_once_and_not_for_every_day(chat: Chat):
    chat.source.outages.append((NOW - timedelta(days=1), NOW + timedelta(days=1)))
    assert "nothing can be counted" in await chat.say("/topics test agents")
    assert len(chat.source.asked) == 1


async def test_lists_that_are_known_are_not_read_again_for_an_answer(chat: Chat):
    await chat.say("/topics test agents")
    asked = len(chat.source.asked)
    await chat.say("/topics test robots")
    assert len(chat.source.asked) == asked
