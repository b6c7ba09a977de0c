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
            "place": "group",
            "ping": None,
            "tag": None,
            "crosspost": False,
            "link_cards": False,
            "community": None,
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
        ("signal:123", "There is no platform 'signal'; possible: console:lab, telegram:"),
        ("telegram:@lab", "its id is a number"),
        ("telegram:0", "its id is a number"),
        ("telegram:-100:general", "a topic's stands behind it"),
        ("telegram:99999999999999999999", "is no chat of Telegram"),
        ("discord:general", "(Copy Channel ID)"),
        ("discord:-123456789012345678", "is no channel of Discord"),
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


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("telegram:12345", "private"),
        ("telegram:-1001234567890", "group"),
        ("telegram:-1001234567890:42", "topic"),
        ("discord:123456789012345678", "group"),
    ],
)
def test_a_chat_is_added_by_its_id_which_tells_what_kind_of_place_it_is(
    command, address, place
) -> None:
    (channel,) = command("channels", "add", address, *NOW, "--json").objects
    assert (channel["channel"], channel["place"]) == (address, place)
    assert (channel["empty"], channel["limit"]) == ("never", 10)
    assert command("channels", "remove", address).out == f"Removed {address}.\n"


def test_what_an_id_does_not_tell_can_be_said(command) -> None:
    (channel,) = command(
        "channels", "add", "discord:123456789012345678", "--kind", "forum", *NOW, "--json"
    ).objects
    assert channel["place"] == "forum"
    done = command("channels", "add", "telegram:-100", "--kind", "room", *NOW)
    assert done.code == 2
    assert "Possible: private, group, topic, broadcast, forum." in done.err


def test_a_chat_has_at_most_50_cards(command) -> None:
    done = command("channels", "add", "telegram:12345", "--limit", "51", *NOW)
    assert done.code == 2
    assert "from 1 to 50" in done.err


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


def test_what_only_a_chat_can_choose_comes_back_too(command, home) -> None:
    command("channels", "add", "discord:123456789012345678", "--kind", "forum", *NOW)
    told = json.loads(command("channels", "export").out)
    chosen = {
        "ping": "234567890123456789", "tag": "Daily papers", "crosspost": True, "link_cards": True,
        "name": "papers", "community": "345678901234567890",
    }  # fmt: skip
    (home.parent / "export.jsonl").write_text(json.dumps(told | chosen), "utf-8")
    command("channels", "remove", "discord:123456789012345678")
    assert command("channels", "import", "export.jsonl", *NOW).code == 0
    assert json.loads(command("channels", "export").out) == told | chosen
    command("channels", "remove", "discord:123456789012345678")
    (home.parent / "export.jsonl").write_text(json.dumps(told | {"ping": "@everyone"}), "utf-8")
    done = command("channels", "import", "export.jsonl", *NOW)
    assert (done.code, "its ping is no id" in done.err) == (2, True)


def test_a_name_that_people_gave_is_shown_without_terminal_escapes(command, home) -> None:
    command("channels", "add", "telegram:-100", *NOW)
    told = json.loads(command("channels", "export").out)
    command("channels", "remove", "telegram:-100")
    (home.parent / "export.jsonl").write_text(json.dumps(told | {"name": "Lab\x1b[31m\nred"}))
    command("channels", "import", "export.jsonl", *NOW)
    assert "telegram:-100  Lab red  next" in command("channels", "list").out


def test_an_export_of_the_first_version_is_read(command, home) -> None:
    command("channels", "add", "console:lab", *NOW)
    told = json.loads(command("channels", "export").out)
    command("channels", "remove", "console:lab")
    for new in ("place", "ping", "tag", "crosspost", "link_cards", "community"):
        del told[new]
    (home.parent / "export.jsonl").write_text(json.dumps(told), "utf-8")
    assert command("channels", "import", "export.jsonl", *NOW).code == 0


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
