"""`paperboy channels`: added, listed, removed; exported and imported without loss."""

from __future__ import annotations

import json

import pytest

NOW = ("--now", "2025-12-27T08:00Z")


def test_a_channel_is_told_to_the_letter(command) -> None:
    done = command(
        "channels", "add", "console:lab", "--topics", "video generation, VLM", "--at", "21:30",
        "--zone", "Asia/Seoul", "--days", "mon-fri", "--limit", "25", "--lang", "ko",
        "--layout", "compact", "--when", "fresh", "--empty", "always", *NOW, "--json",
    )  # fmt: skip
    assert (done.code, done.err) == (0, "")
    assert done.objects == [
        {
            "kind": "channel",
            "channel": "console:lab",
            "topics": ["video generation", "VLM"],
            "at": "21:30",
            "zone": "Asia/Seoul",
            "days": "mon-fri",
            "limit": 25,
            "lang": "ko",
            "layout": "compact",
            "when": "fresh",
            "empty": "always",
            "sources": "default",
            "links": "arxiv",
            "sound": "first",
            "quiet": None,
            "name": None,
            "paused": False,
            "paused_until": None,
            "since": "2025-12-26T02:45:00Z",
            "next": "2025-12-29T12:30:00Z",
            "matches": {},
        }
    ]


def test_what_is_not_chosen_is_the_operators_default(
    command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAPERBOY_ZONE", "Europe/Berlin")
    monkeypatch.setenv("PAPERBOY_HOUR", "7:15")
    (channel,) = command("channels", "add", "console:lab", *NOW, "--json").objects
    assert (channel["zone"], channel["at"], channel["topics"]) == ("Europe/Berlin", "07:15", [])
    assert (channel["layout"], channel["limit"], channel["when"]) == ("packed", 10, "closed")
    assert (channel["empty"], channel["days"]) == ("once", "daily")


def test_an_hour_just_before_the_list_closes_is_answered_with_a_better_one(command) -> None:
    early = command("channels", "add", "console:early", "--zone", "Asia/Seoul", *NOW)
    assert "The day's list closes soon after 09:00; from 11:45 on" in early.out
    fresh = command(
        "channels", "add", "console:fresh", "--zone", "Asia/Seoul", "--when", "fresh", *NOW
    )
    assert "closes" not in fresh.out


def test_adding_says_the_next_time_where_the_channel_is(command) -> None:
    done = command("channels", "add", "console:lab", "--zone", "Asia/Seoul", *NOW)
    assert "next Sun 28 Dec 09:00 (Asia/Seoul)" in done.out


def test_topics_are_counted_when_papers_are_stored(command) -> None:
    command("digest", "--date", "2025-12-26", "--now", "2025-12-27T08:00Z")
    done = command("channels", "add", "console:lab", "--topics", "VLM, proteins", *NOW)
    assert "VLM: 1 paper in the last 7 days" in done.out
    assert "proteins: 0 papers in the last 7 days" in done.out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--topics", "title:"], "At character"),
        (["--zone", "Asia/Soul"], "Asia/Seoul"),
        (["--at", "25:00"], '"25:00" is not an hour.'),
        (["--days", "someday"], '"someday" is no set of weekdays.'),
        (["--limit", "1001"], "from 1 to 1,000"),
        (["--layout", "poster"], "Possible: packed, cards, compact, thread."),
        (["--when", "later"], "Possible: closed, fresh."),
        (["--empty", "perhaps"], "Possible: never, once, always."),
        (["--lang", "fr"], '"fr" is not known here.'),
        (["--topics", ",".join(f"topic {n}" for n in range(51))], "at most 50 topics, not 51"),
    ],
)
def test_a_wrong_choice_is_one_sentence_and_stores_nothing(command, arguments, says) -> None:
    done = command("channels", "add", "console:lab", *arguments, *NOW)
    assert done.code == 2
    assert says in done.err
    assert len(done.err.splitlines()) == 1
    assert command("channels", "list", "--json").out == ""


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("lab", "'lab' is no address; an example: console:lab."),
        ("telegram:123", "Only console channels are added here"),
        ("console:", "is no address"),
        ("console:a b", "without spaces"),
        ("console:a:b", "without spaces"),
        ("console:" + "x" * 65, "1 to 64 characters"),
    ],
)
def test_an_address_that_cannot_be_added_is_explained(command, address, says) -> None:
    done = command("channels", "add", address, *NOW)
    assert done.code == 2
    assert says in done.err


def test_an_address_is_added_once(command) -> None:
    assert command("channels", "add", "console:lab", *NOW).code == 0
    done = command("channels", "add", "console:lab", "--topics", "agents", *NOW)
    assert done.code == 2
    assert "There is a channel console:lab already" in done.err
    (channel,) = command("channels", "list", "--json").objects
    assert channel["topics"] == []


def test_a_topic_named_twice_is_followed_once(command) -> None:
    (channel,) = command(
        "channels", "add", "console:lab", "--topics", "agents, Agents", *NOW, "--json"
    ).objects
    assert channel["topics"] == ["agents"]


def test_a_removed_channel_is_gone(command) -> None:
    command("channels", "add", "console:lab", *NOW)
    done = command("channels", "remove", "console:lab", "--json")
    assert (done.code, done.objects[0]["removed"]) == (0, True)
    assert command("channels", "list", "--json").out == ""
    again = command("channels", "remove", "console:lab")
    assert again.code == 2
    assert "There is no channel console:lab" in again.err


def test_an_export_comes_back_the_same_and_nothing_is_shown_twice(command, home) -> None:
    command("channels", "add", "console:lab", "--topics", "VLM", "--empty", "always", *NOW)
    command("channels", "add", "console:all", "--zone", "Asia/Seoul", "--days", "mon,wed", *NOW)
    assert "2512.13043" in command("once", "--now", "2025-12-27T09:00Z", "--json").out
    export = command("channels", "export").out
    (home.parent / "export.jsonl").write_text(export, "utf-8")
    for name in ("console:lab", "console:all"):
        command("channels", "remove", name)

    done = command("channels", "import", "export.jsonl", "--now", "2025-12-27T10:00Z")
    assert (done.code, done.out) == (0, "Imported 2 channels.\n")
    assert command("channels", "export").out == export
    later = command("once", "--now", "2025-12-28T09:00Z", "--json")
    assert [one["kind"] for one in later.objects if one["channel"] == "console:lab"] == [
        "notice",
        "summary",
    ]


def test_a_damaged_line_is_named_and_nothing_is_imported(command, home) -> None:
    command("channels", "add", "console:lab", *NOW)
    good = json.loads(command("channels", "export").out)
    bad = {**good, "channel": "console:two", "zone": "Mars/Olympus"}
    lines = [json.dumps({**good, "channel": "console:one"}), json.dumps(bad)]
    for text in ("\n".join(lines), '{"kind": "channel"}', "[]", "nonsense"):
        (home.parent / "export.jsonl").write_text(text, "utf-8")
        done = command("channels", "import", "export.jsonl", *NOW)
        assert done.code == 2
        assert f"Line {len(text.splitlines())} of the export" in done.err
        assert len(done.err.splitlines()) == 1
    assert len(command("channels", "list", "--json").objects) == 1


def test_importing_what_stands_already_changes_nothing(command, home) -> None:
    command("channels", "add", "console:lab", "--topics", "VLM", *NOW)
    export = command("channels", "export").out
    other = export.replace("console:lab", "console:new")
    (home.parent / "export.jsonl").write_text(other + export, "utf-8")
    done = command("channels", "import", "export.jsonl", *NOW)
    assert done.code == 2
    assert "console:lab already" in done.err
    assert command("channels", "export").out == export


def test_an_export_that_is_not_there_is_said(command) -> None:
    done = command("channels", "import", "nowhere.jsonl")
    assert done.code == 2
    assert "nowhere.jsonl cannot be read" in done.err
