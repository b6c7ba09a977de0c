"""`paperboy paper` and `paperboy topics test`: one paper, and what a query would have brought."""

from __future__ import annotations

import pytest

NOW = ("--now", "2025-12-27T09:00Z")


def test_a_paper_is_one_card(command) -> None:
    command("digest", "--date", "2025-12-26", *NOW)
    done = command("paper", "https://arxiv.org/abs/2512.15716v2", *NOW, "--json")
    assert done.code == 0
    (card,) = done.objects
    assert (card["kind"], card["id"], card["topics"]) == ("card", "2512.15716", [])
    assert "channel" not in card


def test_a_paper_is_found_by_words_of_its_title(command) -> None:
    command("digest", "--date", "2025-12-26", *NOW)
    done = command("paper", "updatable", "spatial", "memory", *NOW)
    assert done.code == 0
    assert "arxiv.org/abs/2512.15716" in done.out


@pytest.mark.parametrize("words", ["2512.99999", "https://example.org/paper.pdf"])
def test_what_is_no_known_paper_is_one_sentence_and_code_2(command, words: str) -> None:
    done = command("paper", words, *NOW)
    assert done.code == 2
    assert done.out == ""
    (sentence,) = [line for line in done.err.splitlines() if line.startswith("paperboy: ")]
    assert words.removeprefix("https://") in sentence


def test_a_query_is_counted_by_day_after_reading_what_is_missing(command) -> None:
    done = command("topics", "test", "video generation", *NOW)
    assert done.code == 0
    assert "video generation: 1 of 7 papers in 7 days." in done.out
    assert "Spatia: Video Generation with Updatable Spatial Memory" in done.out


def test_a_query_as_json_is_one_object(command) -> None:
    done = command("topics", "test", "world model", "--days", "3", *NOW, "--json")
    (advice,) = done.objects
    assert advice["kind"] == "advice"
    assert advice["days"]
    assert not any(advice["days"].values())
    assert (advice["matched"], advice["too_few"]) == (0, True)


def test_a_wrong_query_names_the_place_and_an_example(command) -> None:
    done = command("topics", "test", "video AND")
    assert done.code == 2
    assert "At character" in done.err
    assert "For example:" in done.err


@pytest.mark.parametrize("days", ["0", "32", "many"])
def test_days_are_1_to_31(command, days: str) -> None:
    done = command("topics", "test", "agents", "--days", days)
    assert done.code == 2
    assert "--days" in done.err


def test_no_list_at_all_is_code_1(
    command, refusing_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", refusing_url)
    done = command("topics", "test", "agents", "--days", "1", *NOW)
    assert done.code == 1
    assert "refuses to answer (HTTP 403)" in done.err
