"""`paperboy digest`: one day's list as JSON or text, and what is wrong in one sentence."""

from __future__ import annotations

import pytest

DAY = "2025-12-26"


def test_matching_papers_are_told_as_cards_and_a_summary(command) -> None:
    done = command("digest", "--date", DAY, "--topics", "video generation, VLM", "--json")
    assert done.code == 0
    assert done.err == ""
    *cards, summary = done.objects
    assert [card["id"] for card in cards] == ["2512.15716", "2512.13043"]
    assert cards[0] == {
        "kind": "card",
        "id": "2512.15716",
        "title": "Spatia: Video Generation with Updatable Spatial Memory",
        "url": "https://arxiv.org/abs/2512.15716",
        "authors": [
            "Jinjing Zhao",
            "Fangyun Wei",
            "Zhening Liu",
            "Hongyang Zhang",
            "Chang Xu",
            "Yan Lu",
        ],
        "organization": "The University of Sydney",
        "upvotes": 20,
        "comments": 1,
        "topics": ["video generation"],
        "rung": "ready-made",
        "lines": [
            (
                "Keeps a 3D point cloud as memory and updates it after each clip, so long videos "
                "stay consistent and the camera can be steered."
            )
        ],
        "late": False,
    }
    assert summary.pop("seconds") >= 0
    assert summary == {
        "kind": "summary",
        "papers": 7,
        "matched": 2,
        "shown": 2,
        "hidden": 5,
        "passed": 0,
    }


def test_the_papers_beyond_the_limit_are_listed_by_id(command) -> None:
    done = command("digest", "--date", DAY, "--limit", "2", "--json")
    kinds = [one["kind"] for one in done.objects]
    assert kinds == ["card", "card", "list", "summary"]
    listed = done.objects[2]
    assert set(listed) == {"kind", "ids"}
    shown = [one["id"] for one in done.objects[:2]] + listed["ids"]
    assert len(shown) == len(set(shown)) == 7
    assert done.objects[3]["shown"] == 7


def test_it_may_be_repeated_and_tells_the_same(command) -> None:
    first = command("digest", "--date", DAY, "--topics", "VLM")
    again = command("digest", "--date", DAY, "--topics", "VLM")
    assert first.code == again.code == 0
    assert first.out == again.out
    assert "GTR-Turbo" in first.out


def test_topics_may_be_given_several_times(command) -> None:
    once = command("digest", "--date", DAY, "--topics", "video generation, VLM")
    twice = command("digest", "--date", DAY, "--topics", "video generation", "--topics", "VLM")
    assert once.out == twice.out


def test_without_a_date_it_is_the_newest_list_with_papers(command) -> None:
    done = command("digest", "--now", "2025-12-28T12:00Z", "--json")
    assert [one["kind"] for one in done.objects][-1] == "summary"
    assert done.objects[-1]["papers"] == 7


def test_the_language_changes_the_frame(command) -> None:
    done = command("digest", "--date", DAY, "--topics", "VLM", "--lang", "zh")
    assert done.code == 0
    assert "GTR-Turbo" in done.out


def test_a_compact_digest_has_a_line_for_each_paper(command) -> None:
    done = command("digest", "--date", DAY, "--topics", "VLM", "--layout", "compact")
    (line,) = [line for line in done.out.splitlines() if "GTR-Turbo" in line]
    assert line.rstrip().endswith("2512.13043")


def test_a_day_without_papers_is_said(command) -> None:
    done = command("digest", "--date", "2025-12-24", "--now", "2025-12-27T09:00Z", "--json")
    assert done.code == 0
    notice, summary = done.objects
    assert (notice["kind"], notice["state"]) == ("notice", "none-listed")
    assert set(notice) == {"kind", "state", "text"}
    assert summary["papers"] == 0


def test_no_match_is_said_with_the_number_hidden(command) -> None:
    done = command("digest", "--date", DAY, "--topics", "protein folding", "--json")
    notice, summary = done.objects
    assert notice["state"] == "no-match"
    assert (summary["papers"], summary["matched"], summary["hidden"]) == (7, 0, 7)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--date", "2025-02-30"], "There is no 2025-02-30 in the calendar."),
        (["--date", "2025-12-28", "--now", "2025-12-27T09:00Z"], "lies in the future"),
        (["--date", "soon"], '"soon" is not a date.'),
        (["--topics", "video AND ("], "(At character 11 of “video AND (”.)"),
        (["--topics", " , "], "--topics names no topic"),
        (["--lang", "fr"], '"fr" is not known here.'),
        (["--layout", "poster"], '"poster" is not known here.'),
        (["--limit", "0"], "--limit"),
        (["--limit", "1001"], "--limit"),
        (["--now", "noon"], "'noon' is no instant; an example: 2025-12-27T09:00Z."),
        (["--nonsense"], "--nonsense"),
    ],
)
def test_what_is_typed_wrong_is_one_sentence_and_code_2(command, arguments, says) -> None:
    done = command("digest", *arguments)
    assert done.code == 2
    assert done.out == ""
    assert says in done.err
    assert len(done.err.splitlines()) == 1


def test_a_wrong_setting_is_named(command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERBOY_ZONE", "Asia/Soul")
    done = command("digest")
    assert done.code == 2
    assert "PAPERBOY_ZONE is not usable" in done.err


def test_a_source_that_fails_with_nothing_stored_is_code_1(
    command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    done = command("digest", "--date", DAY, "--json")
    assert done.code == 1
    assert done.objects[0]["state"] == "source-failed"
    assert "paperboy: Hugging Face (127.0.0.1:9) could not be reached" in done.err


def test_what_is_stored_is_shown_although_the_source_fails(
    command, refusing_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    command("digest", "--date", DAY, "--now", "2025-12-26T12:00Z")
    monkeypatch.setenv("HF_ENDPOINT", refusing_url)
    done = command("digest", "--date", DAY, "--now", "2025-12-26T13:00Z", "--json")
    assert done.code == 0
    assert done.objects[-1]["shown"] == 7
    assert "source-failed" in [one.get("state") for one in done.objects]
