"""The judge of Discord's calls sees what is wrong, and nothing in what is right."""

from __future__ import annotations

from typing import Any

import pytest

from tests.wires.judges.discord import call_problems, leads, limit_problems, live, masked

MESSAGES = "/channels/1234567890123456/messages"
THREADS = "/channels/1234567890123456/threads"
QUIET: dict[str, Any] = {"allowed_mentions": {"parse": []}}
GOOD = QUIET | {"content": "x"}


def button(**more: Any) -> dict[str, Any]:
    return {"type": 2, "style": 2, "label": "a", "custom_id": "p:a"} | more


def rows(*row: list[dict[str, Any]]) -> dict[str, Any]:
    return GOOD | {"components": [{"type": 1, "components": each} for each in row]}


@pytest.mark.parametrize(
    "body",
    [
        QUIET,
        QUIET | {"content": " "},
        {"content": "x"},
        {"content": "x", "allowed_mentions": {"parse": ["roles"]}},
        GOOD | {"content": "x" * 2001},
        GOOD | {"content": "😀" * 1001},
        GOOD | {"embeds": [{"title": "x"}] * 11},
        GOOD | {"embeds": [{"title": "x" * 257}]},
        GOOD | {"embeds": [{"title": ""}]},
        GOOD | {"embeds": [{"description": "x" * 4097}]},
        GOOD | {"embeds": [{"description": "x" * 3001}] * 2},
        GOOD | {"embeds": [{"footer": {"text": "x" * 2049}}]},
        GOOD | {"embeds": [{"author": {"name": "x" * 257}}]},
        GOOD | {"embeds": [{"title": "x", "fields": [{"name": "a", "value": "b"}] * 26}]},
        GOOD | {"embeds": [{"title": "x", "url": "http://localhost/"}]},
        GOOD | {"embeds": [{}]},
        rows([button()], [button()]),
        rows([button(custom_id=f"p:{n}") for n in range(6)]),
        rows(*([button(custom_id=f"p:{n}")] for n in range(6))),
        rows([button(label="x" * 81)]),
        rows([button(custom_id="x" * 101)]),
        rows([button(style=5)]),
        rows([button(url="https://a.org/")]),
    ],
)
def test_a_message_that_discord_would_refuse_is_seen(body):
    assert limit_problems(MESSAGES, body)
    assert limit_problems(THREADS, {"name": "n", "message": body})


@pytest.mark.parametrize("body", [GOOD, rows([button()]), GOOD | {"embeds": [{"title": "x"}] * 10}])
def test_a_good_message_passes(body):
    assert limit_problems(MESSAGES, body) == []
    assert call_problems("POST", MESSAGES, body) in ([], None)


@pytest.mark.parametrize("name", ["", " ", "x" * 101])
def test_a_name_that_discord_would_refuse_is_seen(name):
    assert limit_problems(THREADS, {"name": name, "message": GOOD})
    assert limit_problems(f"{MESSAGES}/1/threads", {"name": name})


def test_what_calls_or_leads_away_is_seen():
    text = "@here <@1> <t:1:R> https://a.org discord.gg/x <https://b.org> [c](<https://c.org>)"
    assert live(text) == ["@here", "<@1>", "<t:1:R>", "discord.gg/x", "https://a.org"]
    assert leads(text) == ["https://a.org", "https://b.org", "https://c.org"]
    assert masked(text) == [("c", "https://c.org")]
    assert live("`https://a.org`") == []
