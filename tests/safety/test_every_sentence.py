"""Every sentence of section 11 of the design (Safety) beside the tests that prove it."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DESIGN = ROOT.parent / "shared" / "design.md"
SAFETY, TELEGRAM = "tests/safety", "tests/adapters/platforms/telegram"
DISCORD, REPLIES = "tests/adapters/platforms/discord", "tests/bot/replies"

PROOFS: dict[str, tuple[str, ...]] = {
    "tokens never reach a log, an error, a repr or the database": (
        (
            f"{SAFETY}/test_no_secret_is_told.py::"
            "test_a_run_full_of_troubles_tells_no_secret_to_anybody"
        ),
        (
            f"{SAFETY}/test_no_secret_is_told.py::"
            "test_no_object_of_an_open_desk_shows_a_secret_of_the_settings"
        ),
        (
            f"{SAFETY}/test_no_secret_is_told.py::"
            "test_an_error_of_another_library_takes_no_secret_into_the_trace"
        ),
        f"{SAFETY}/test_no_secret_is_told.py::test_a_run_on_postgresql_tells_no_secret_either",
        f"{TELEGRAM}/test_secrets.py::test_nothing_that_is_logged_at_any_level_holds_a_secret",
    ),
    "text becomes no markup": (
        f"{TELEGRAM}/drawing/test_any_text.py::test_a_digest_of_any_papers_is_taken",
        f"{TELEGRAM}/drawing/test_any_text.py::test_text_of_papers_is_never_touched",
        (
            f"{DISCORD}/drawing/test_any_text.py::"
            "test_any_digest_passes_names_every_paper_and_calls_nobody"
        ),
        (
            "tests/adapters/platforms/console/test_drawing.py::"
            "test_a_hostile_title_cannot_steer_the_terminal"
        ),
    ),
    "text becomes no mention, but for a role that an admin chose, once a day": (
        (
            f"{SAFETY}/test_text_stays_text.py::"
            "test_discord_every_call_that_carries_a_message_forbids_mentions"
        ),
        (
            f"{SAFETY}/test_text_stays_text.py::"
            "test_discord_the_role_is_called_once_a_day_whatever_the_layout"
        ),
        (
            f"{DISCORD}/drawing/test_layouts.py::"
            "test_only_the_first_message_rings_and_mentions_the_role"
        ),
        f"{DISCORD}/drawing/test_layouts.py::test_only_an_id_is_mentioned",
        f"{DISCORD}/drawing/test_layouts.py::test_a_digest_without_papers_calls_nobody",
    ),
    "text becomes no link that the source did not have": (
        (
            f"{SAFETY}/test_text_stays_text.py::"
            "test_telegram_nothing_of_a_text_is_alive_and_links_are_the_sources_own"
        ),
        "tests/bot/reading/test_trust.py::test_a_field_keeps_only_what_its_source_has",
    ),
    "/paper takes ids and known hosts only, never fetches a stranger's address": (
        (
            f"{SAFETY}/test_no_strangers_address.py::"
            "test_a_link_of_a_stranger_makes_nobody_ask_the_stranger"
        ),
        (
            f"{SAFETY}/test_no_strangers_address.py::"
            "test_what_a_paper_links_to_is_shown_and_never_asked_for"
        ),
        f"{SAFETY}/test_no_strangers_address.py::test_a_redirect_to_another_host_is_not_followed",
    ),
    "people have a rate, and the refusal says which": (
        f"{REPLIES}/test_rate.py::test_after_ten_at_once_a_person_waits_as_long_as_told",
        f"{REPLIES}/test_rate.py::test_the_refusal_says_how_long",
    ),
    "channels have a size, and the refusal says which": (
        f"{REPLIES}/test_topics.py::test_a_chat_has_at_most_fifty_topics_and_the_refusal_says_so",
        f"{REPLIES}/test_topics.py::test_more_than_fifty_topics_at_once_subscribe_nothing",
    ),
    "queries have a length, and the refusal says which": (
        (
            f"{REPLIES}/test_topics.py::"
            "test_a_topic_longer_than_three_hundred_characters_is_refused_with_both_numbers"
        ),
        f"{REPLIES}/test_dispatch.py::test_no_text_behind_a_command_gives_more_than_a_sentence",
    ),
    "callbacks name an action and a paper by its id, in at most 64 bytes": (
        f"{SAFETY}/test_every_sentence.py::test_a_callback_has_at_most_64_bytes_on_every_platform",
        f"{REPLIES}/test_buttons.py::test_every_action_fits_into_the_narrowest_platform",
    ),
    "callbacks hold no person, no right, nor a channel that is trusted: asked at the press": (
        f"{DISCORD}/test_buttons.py::test_a_pressed_button_asks_with_the_rights_of_who_presses",
        f"{TELEGRAM}/test_presses.py::test_another_persons_press_is_refused_to_that_person_alone",
        (
            f"{REPLIES}/test_buttons.py::"
            "test_a_press_of_somebody_without_the_right_is_refused_to_that_person_alone"
        ),
        (
            f"{DISCORD}/test_buttons.py::"
            "test_a_button_for_another_channel_is_nothing_to_who_cannot_see_it"
        ),
    ),
    "webhooks check their secret": (
        f"{TELEGRAM}/test_webhook.py::test_without_the_secret_nobody_gets_in",
        (
            "tests/processes/test_run.py::"
            "test_by_webhook_it_lives_as_well_and_a_stranger_is_turned_away"
        ),
    ),
    "/forget removes all of a chat's data": (
        f"{SAFETY}/test_forgetting.py::test_after_forget_nothing_of_the_chat_is_in_any_table",
        f"{SAFETY}/test_forgetting.py::test_the_others_keep_everything",
    ),
}


@cache
def held_by(file: Path) -> frozenset[str]:
    """The tests that a file holds, by their names."""
    found = ast.walk(ast.parse(file.read_text("utf-8")))
    return frozenset(
        one.name for one in found if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
    )


@pytest.mark.parametrize("sentence", PROOFS)
def test_each_sentence_has_its_proofs(sentence: str) -> None:
    """A test that was renamed or removed takes its sentence along."""
    for proof in PROOFS[sentence]:
        file, _, name = proof.partition("::")
        assert (ROOT / file).is_file(), proof
        assert name in held_by(ROOT / file), proof


def test_the_design_has_no_more_sentences_than_are_proved() -> None:
    """A sentence that is added there fails here until it has a test."""
    if not DESIGN.is_file():
        pytest.skip("the design is not there: ../shared is missing")
    section = DESIGN.read_text("utf-8").partition("## 11. Safety\n")[2].partition("\n## ")[0]
    sentences = [one for one in section.replace("\n", " ").split(". ") if one.strip()]
    assert len(sentences) == 7, sentences  # of which some promise several things


def test_a_callback_has_at_most_64_bytes_on_every_platform() -> None:
    """So it has no room for more than an action and what it is about."""
    from adapters.platforms.telegram.sending import CALLBACK_BYTES
    from bot.cards import ACTION_BYTES

    assert ACTION_BYTES <= CALLBACK_BYTES == 64  # https://core.telegram.org/bots/api
