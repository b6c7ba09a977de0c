"""What is offered to be pressed, and what pressing it does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.cards import ACTION_BYTES, Button, Buttons, CardBlock
from bot.channels import Layout, Outcome, PlaceKind, Verdict
from bot.ports import Reply, Request, Rights
from bot.replies.dispatch import reply
from bot.replies.rate import Rates
from tests.bot.replies.conftest import Chat, text_of


def buttons(answer: Reply) -> list[Button]:
    """Every button of an answer, in order."""
    blocks = [block for block in answer.blocks if isinstance(block, Buttons)]
    return [one for block in blocks for row in block.rows for one in row]


def actions(answer: Reply) -> list[str]:
    return [one.action for one in buttons(answer)]


async def test_start_offers_common_topics_with_their_papers_a_week_and_everything(chat: Chat):
    await chat.with_buttons().read()
    offered = buttons(await chat.ask("/start"))
    assert {"subscribe video generation", "subscribe agents"} <= {one.action for one in offered}
    assert offered[-1].action == "subscribe everything"
    assert all(one.label.rpartition(" · ")[2].isdigit() for one in offered)


async def test_start_again_changes_nothing(chat: Chat):
    await chat.with_buttons().read()
    await chat.say("/subscribe agents")
    before = await chat.channel()
    await chat.press("start")
    assert await chat.channel() == before
    assert await chat.followed() == ["agents"]


async def test_several_topics_are_chosen_one_press_after_the_other(chat: Chat):
    await chat.with_buttons().read()
    first = await chat.press("subscribe agents")
    assert not first.replaces  # the offer stays, to be pressed on
    second = await chat.press("subscribe video generation")
    assert second.replaces
    assert second.toast == "Added: video generation."
    chosen = {one.action for one in buttons(second) if one.chosen}
    assert chosen == {"subscribe agents", "subscribe video generation"}
    assert await chat.followed() == ["agents", "video generation"]


async def test_pressing_a_topic_again_says_that_it_is_followed(chat: Chat):
    await chat.with_buttons().read()
    await chat.press("subscribe agents")
    again = await chat.press("subscribe agents")
    assert again.toast == "Followed already: agents."
    assert await chat.followed() == ["agents"]


async def test_the_first_subscription_shows_one_card_and_no_flood(chat: Chat):
    await chat.with_buttons().read()
    answer = await chat.ask("/subscribe everything")
    cards = [block.card.id for block in answer.blocks if isinstance(block, CardBlock)]
    assert cards == ["2601.00006"]  # the best of the last closed list


async def test_every_action_fits_into_the_narrowest_platform(chat: Chat):
    await chat.with_buttons().read()
    await chat.ask("/subscribe agents, " + "long words " * 20)
    long = "视频" * 40
    for line in ("/start", "/settings", "/topics", f"/hint {long}", f"/search {long}", "/help"):
        for one in buttons(await chat.ask(line)):
            assert len(one.action.encode()) <= ACTION_BYTES


async def test_a_setting_is_changed_in_the_menu_and_its_mark_moves(chat: Chat):
    await chat.with_buttons().read()
    await chat.say("/subscribe agents")
    menu = await chat.ask("/settings")
    assert "settings hour" in actions(menu)
    one = await chat.press("settings hour")
    assert one.replaces
    assert [b.action for b in buttons(one) if b.chosen] == ["settings hour 09:00"]
    changed = await chat.press("settings hour 12:00")
    assert changed.replaces
    assert changed.toast == "Hour: 09:00 → 12:00"
    assert [b.action for b in buttons(changed) if b.chosen] == ["settings hour 12:00"]
    assert actions(changed)[-1] == "settings"
    channel = await chat.channel()
    assert channel is not None
    assert channel.hour.hour == 12


async def test_a_menu_offers_only_what_the_platform_can_keep(chat: Chat):
    chat.with_buttons(layouts=frozenset({Layout.PACKED, Layout.COMPACT}))
    await chat.read()
    await chat.say("/subscribe agents")
    assert "settings crosspost" not in actions(await chat.press("settings"))
    assert actions(await chat.press("settings layout"))[:-1] == [
        "settings layout packed",
        "settings layout compact",
    ]


async def test_a_menu_offers_only_what_does_something_in_such_a_place(chat: Chat):
    own = {"ping", "tag", "crosspost", "previews"}
    chat.with_buttons(settings=frozenset(own))
    await chat.read()
    await chat.say("/subscribe agents")
    for kind, there in (
        (PlaceKind.PRIVATE, set()),
        (PlaceKind.GROUP, {"ping", "previews"}),
        (PlaceKind.FORUM, {"ping", "tag", "previews"}),
        (PlaceKind.BROADCAST, {"ping", "crosspost"}),
    ):
        chat.kind = kind
        offered = {one.removeprefix("settings ") for one in actions(await chat.press("settings"))}
        assert offered & own == there
        assert "hour" in offered
    assert "→ on" in await chat.say("/settings previews on")  # typed, it is taken all the same


async def test_a_press_of_somebody_without_the_right_is_refused_to_that_person_alone(chat: Chat):
    await chat.with_buttons().read()
    await chat.say("/subscribe agents")
    chat.rights = Rights(manage=False, missing="Administrator")
    refused = await chat.press("settings hour 12:00")
    assert refused.failed
    assert refused.blocks == ()
    assert "Administrator" in (refused.toast or "")


async def test_a_button_of_another_version_says_that_it_is_out_of_date(chat: Chat):
    refused = await chat.with_buttons().press("dance now")
    assert refused.blocks == ()
    assert "out of date" in (refused.toast or "")


async def test_a_topics_button_takes_off_the_topic_it_named_wherever_it_stands_now(chat: Chat):
    await chat.with_buttons().read()
    await chat.say("/subscribe agents, diffusion, world model")
    shown = buttons(await chat.ask("/topics"))
    drop = {one.label: one.action for one in shown}
    await chat.press(drop["✕ agents"])
    gone = await chat.press(drop["✕ diffusion"])
    assert gone.replaces
    assert await chat.followed() == ["world model"]
    stale = await chat.press(drop["✕ agents"])
    assert "out of date" in (stale.toast or "")


async def test_unsubscribing_asks_and_can_be_undone(chat: Chat):
    await chat.with_buttons().read()
    await chat.say("/subscribe agents")
    assert "unsubscribe yes" in actions(await chat.ask("/unsubscribe"))
    left = await chat.press("unsubscribe yes")
    assert actions(left) == ["subscribe"]
    back = await chat.press("subscribe")
    assert "Welcome back" in text_of(back.blocks)
    assert await chat.followed() == ["agents"]


async def test_long_lists_are_turned_page_by_page(chat: Chat):
    await chat.with_buttons(list_lines=1).read()
    await chat.say("/subscribe everything")
    await chat.say("/settings limit 1")
    first = await chat.ask("/search a")
    assert not [one for one in actions(first) if one.startswith("search")]
    for number in range(1, 7):
        await chat.say(f"/save 2601.0000{number}")
    saved = await chat.ask("/saved")
    assert actions(saved) == ["saved bibtex"]


async def test_words_that_are_no_command_can_be_looked_for_or_followed(chat: Chat):
    await chat.with_buttons().read()
    assert actions(await chat.ask("/hint world model")) == [
        "search world model", "subscribe world model", "help",
    ]  # fmt: skip
    assert "2601.00003" in text_of((await chat.press("search world model")).blocks)


async def test_a_card_shown_to_one_person_in_a_group_can_be_shared(chat: Chat):
    await chat.with_buttons().read()
    chat.private = False
    assert actions(await chat.ask("/paper 2601.00003")) == ["share 2601.00003"]
    shared = await chat.press("share 2601.00003")
    assert shared.shared
    assert "Ada" in text_of(shared.blocks)


async def test_an_abstract_comes_with_title_and_links(chat: Chat):
    await chat.with_buttons().read()
    answer = await chat.press("abstract 2601.00003")
    assert "We study subject 3" in text_of(answer.blocks)
    assert "A World Model for Robots" in text_of(answer.blocks)


async def test_without_a_reading_the_report_says_so_and_gives_the_abstract(chat: Chat):
    await chat.with_buttons().read()
    said = text_of((await chat.press("report 2601.00003")).blocks)
    assert "no report" in said
    assert "We study subject 3" in said


async def test_where_all_see_an_answer_the_list_is_an_admins_once_an_hour(chat: Chat):
    await chat.with_buttons(private_answers=False).read()
    chat.private = False
    chat.rights = Rights(manage=False, missing="Administrator")
    assert "Administrator" in await chat.refused("/today")
    chat.rights = Rights(manage=True)
    await chat.say("/today 2026-01-08")
    assert "again in 60 minutes" in await chat.refused("/today 2026-01-08")


async def test_links_are_answered_only_where_that_was_switched_on(chat: Chat):
    chat.with_buttons(
        settings=frozenset({"previews"}), links_need="Switch it on at the post office."
    )
    await chat.read()
    await chat.say("/subscribe agents")
    link = "/linked see https://arxiv.org/abs/2601.00003 and huggingface.co/papers/2601.00001"
    assert (await chat.ask(link)).blocks == ()
    assert "post office" in await chat.say("/settings previews on")
    cards = [b.card.id for b in (await chat.ask(link)).blocks if isinstance(b, CardBlock)]
    assert cards == ["2601.00003", "2601.00001"]


async def test_who_posts_links_to_others_is_never_answered_with_a_refusal(chat: Chat):
    chat.with_buttons(settings=frozenset({"previews"}))
    await chat.read()
    await chat.say("/subscribe agents")
    await chat.say("/settings previews on")
    link = "https://arxiv.org/abs/2601.00003"
    known = (await chat.ask(f"/linked https://arxiv.org/abs/2601.99999 {link}")).blocks
    assert [b.card.id for b in known if isinstance(b, CardBlock)] == ["2601.00003"]
    assert (await chat.ask("/linked https://arxiv.org/abs/2601.99999")).blocks == ()
    rates = Rates()
    posted = Request(
        "linked", link, chat.address, chat.person, chat.now, chat.rights, private=False
    )
    answers = [await reply(chat.desk, posted, rates) for _ in range(20)]
    assert answers[0].blocks
    assert answers[-1].blocks == ()
    assert not answers[-1].toast


@pytest.mark.parametrize("verdict", [Verdict.CHAT_GONE, Verdict.THREAD_GONE])
async def test_a_place_that_cannot_be_posted_to_is_found_out_at_set_up(chat, monkeypatch, verdict):
    chat.with_buttons(verbs=frozenset({"probe"}))
    await chat.read()
    outcome = Outcome(verdict, missing=("Send Messages",))

    async def probe(address):
        return outcome

    monkeypatch.setattr(chat.board, "probe", probe)
    assert "Send Messages" in await chat.refused("/subscribe agents")
    assert await chat.channel() is None
    outcome = replace(outcome, verdict=Verdict.ACCEPTED, missing=("Embed Links",))
    assert "Embed Links" in await chat.say("/subscribe agents")


async def test_others_turn_no_page_of_an_admins_menu(chat: Chat):
    await chat.with_buttons(private_answers=False).read()
    await chat.say("/subscribe agents")
    chat.private, chat.rights = False, Rights(manage=False, missing="Administrator")
    for action in ("settings", "settings hour", "topics"):
        refused = await chat.press(action)
        assert refused.blocks == ()
        assert "Administrator" in (refused.toast or "")
    assert (await chat.ask("/settings")).blocks  # typed: an answer of its own


async def test_a_persons_list_is_opened_alone_where_everybody_sees_answers(chat: Chat):
    await chat.with_buttons(private_answers=False).read()
    await chat.say("/save 2601.00003")
    chat.private = False
    answer = await chat.ask("/saved bibtex")
    assert actions(answer) == ["saved bibtex"]
    assert "2601.00003" not in text_of(answer.blocks)
