"""`paperboy once` sends to Telegram and Discord without listening, and tells what it sent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.platforms.telegram.sandbox import Chat, Refusal, Sandbox
from tests.bot.cli.conftest import beside
from tests.wires.discordian.people import FakeDiscord

BEFORE = ("--now", "2025-12-27T08:00Z")
DUE = ("--now", "2025-12-27T09:00Z")


class Faulty(Sandbox):
    """A Telegram that can be told to refuse."""

    refuses: Refusal | None = None

    async def meddle(self, call, writer) -> bool:
        if self.refuses is not None and call.method.startswith("send"):
            raise self.refuses
        return False


@pytest.fixture
def telegram(monkeypatch: pytest.MonkeyPatch) -> Iterator[Faulty]:
    with beside(Faulty()) as server:
        monkeypatch.setenv("PAPERBOY_TELEGRAM_TOKEN", server.token)
        monkeypatch.setenv("PAPERBOY_TELEGRAM_API_URL", server.url)
        yield server


@pytest.fixture
def lab(telegram: Faulty) -> Chat:
    """A supergroup with the bot in it."""
    ada = telegram.person("Ada")
    group = telegram.supergroup("Lab", ada)
    telegram.set_bot(group, ada, "member")
    return group


def test_a_group_gets_its_digest_and_json_tells_it_as_of_the_console(
    command, telegram: Faulty, lab: Chat
) -> None:
    command("channels", "add", f"telegram:{lab.id}", "--topics", "VLM", *BEFORE)
    command("channels", "add", "console:lab", "--topics", "VLM", *BEFORE)
    done = command("once", *DUE, "--json")
    assert (done.code, done.err) == (0, "")
    told: dict[str, list[dict]] = {"console:lab": [], f"telegram:{lab.id}": []}
    for one in done.objects:
        told[one.pop("channel")].append({**one, "seconds": 0})
    assert told["console:lab"] == told[f"telegram:{lab.id}"]
    assert [one["kind"] for one in told["console:lab"]] == ["card", "summary"]
    assert "GTR-Turbo" in lab.spoken[0].text
    assert {call.method for call in telegram.calls}.isdisjoint({"getUpdates", "setWebhook"})
    again = command("once", *DUE, "--json")
    assert (again.code, again.out) == (0, "")
    assert len(lab.spoken) == 1


def test_a_person_reads_a_line(command, lab: Chat) -> None:
    command("channels", "add", f"telegram:{lab.id}", "--topics", "VLM", *BEFORE)
    done = command("once", *DUE)
    assert done.out == f"telegram:{lab.id}  2025-12-27: 1 paper in 1 message\n"


def test_a_chat_that_asks_for_a_pause_is_waited_for_only_as_long_as_patience_lasts(
    command, telegram: Faulty, lab: Chat
) -> None:
    command("channels", "add", f"telegram:{lab.id}", "--topics", "VLM", *BEFORE)
    telegram.refuses = Refusal(429, "Too Many Requests: retry after 600", retry_after=600)
    done = command("once", *DUE, "--patience", "0s", "--json")
    assert (done.code, done.out) == (1, "")
    assert "1 messages are unsettled" in done.err
    telegram.refuses = None
    later = command("once", "--now", "2025-12-27T09:30Z", "--json")
    assert later.code == 0
    assert later.objects == [
        {
            "kind": "message",
            "ids": ["2512.13043"],
            "channel": f"telegram:{lab.id}",
            "date": "2025-12-27",
        }
    ]


def test_a_token_that_is_refused_ends_with_code_3(
    command, telegram: Faulty, lab: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    command("channels", "add", f"telegram:{lab.id}", "--topics", "VLM", *BEFORE)
    token = "4242:" + "B" * 35
    monkeypatch.setenv("PAPERBOY_TELEGRAM_TOKEN", token)
    done = command("once", *DUE)
    assert done.code == 3
    assert token not in done.err
    assert "Telegram refuses the bot's token" in done.err
    monkeypatch.setenv("PAPERBOY_TELEGRAM_TOKEN", telegram.token)
    assert command("once", *DUE).code == 0
    assert len(lab.spoken) == 1


@pytest.mark.parametrize("layout", ["packed", "thread"])
def test_a_channel_of_discord_gets_its_digest_too(
    command, monkeypatch: pytest.MonkeyPatch, layout: str
) -> None:
    with beside(FakeDiscord()) as world:
        channel = world.add_channel(world.add_guild("Lab"))
        monkeypatch.setenv("PAPERBOY_DISCORD_TOKEN", world.token or "")
        monkeypatch.setenv("PAPERBOY_DISCORD_API_URL", world.api_url)
        address = f"discord:{channel}"
        command("channels", "add", address, "--topics", "VLM", "--layout", layout, *BEFORE)
        done = command("once", *DUE, "--json")
        assert (done.code, done.err) == (0, "")
        assert [(one["kind"], one["channel"]) for one in done.objects] == [
            ("card", address),
            ("summary", address),
        ]
        assert len(world.messages(channel)) == 1
        assert world.errors == []
        assert world.gateway.identified == 0


def test_the_doctor_tries_the_token(
    command, telegram: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = command("doctor")
    assert "ok   telegram     Telegram takes the token." in done.out
    monkeypatch.setenv("PAPERBOY_TELEGRAM_TOKEN", "4242:" + "B" * 35)
    done = command("doctor")
    assert done.code == 1
    assert "bad  telegram     Telegram refuses the token." in done.out


def test_the_doctor_tries_the_token_of_discord_too(
    command, monkeypatch: pytest.MonkeyPatch
) -> None:
    with beside(FakeDiscord()) as world:
        ada = world.add_member(world.add_guild("Lab"))
        monkeypatch.setenv("PAPERBOY_DISCORD_TOKEN", world.token or "")
        monkeypatch.setenv("PAPERBOY_DISCORD_API_URL", world.api_url)
        monkeypatch.setenv("PAPERBOY_ADMINS", f"discord:{ada.id}")
        done = command("doctor")
        assert "ok   discord      Discord takes the token." in done.out
        assert "operators" not in done.out
        monkeypatch.setenv("PAPERBOY_DISCORD_TOKEN", "another.token.altogether")
        done = command("doctor")
        assert done.code == 1
        assert "bad  discord      Discord refuses the token." in done.out
