"""`paperboy doctor` with Telegram and Discord at hand: how it hears, where it may post."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bot.cli.conftest import beside
from tests.wires.discordian.people import FakeDiscord
from tests.wires.telegram import FakeTelegram


@pytest.fixture
def telegram(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeTelegram]:
    with beside(FakeTelegram()) as server:
        monkeypatch.setenv("PAPERBOY_TELEGRAM_TOKEN", server.token)
        monkeypatch.setenv("PAPERBOY_TELEGRAM_API_URL", server.url)
        yield server


def test_channels_of_telegram_are_looked_at_without_a_message(
    command, telegram: FakeTelegram
) -> None:
    ada = telegram.person("Ada")
    lab, hall = telegram.supergroup("Lab", ada), telegram.supergroup("Hall", ada)
    telegram.set_bot(lab, ada, "member")
    for chat in (lab, hall):
        command("channels", "add", f"telegram:{chat.id}")
    done = command("doctor")
    assert done.code == 1
    assert f"@{telegram.bot.username} hears commands in groups" in done.out
    assert f"bad  channel      telegram:{hall.id} cannot be posted to" in done.out
    assert f"telegram:{lab.id}" not in done.out
    assert "The bot has what it needs in 1 of 2 channels." in done.out
    assert (lab.spoken, hall.spoken, telegram.problems()) == ([], [], [])
    assert telegram.token not in done.out
    none = command("doctor", "--channels", "0", "--json")
    assert none.code == 0
    assert "channels" not in {one["name"] for one in none.objects}


def test_a_right_that_a_channel_of_discord_lacks_is_named(
    command, monkeypatch: pytest.MonkeyPatch
) -> None:
    with beside(FakeDiscord()) as world:
        guild = world.add_guild("Lab")
        good, shut = world.add_channel(guild), world.add_channel(guild, lacks=("embed_links",))
        bare = world.add_channel(guild, lacks=("create_public_threads",))
        monkeypatch.setenv("PAPERBOY_DISCORD_TOKEN", world.token or "")
        monkeypatch.setenv("PAPERBOY_DISCORD_API_URL", world.api_url)
        command("channels", "add", f"discord:{good}")
        command("channels", "add", f"discord:{shut}")
        command("channels", "add", f"discord:{bare}", "--layout", "thread")
        before = len(world.messages(good))
        done = command("doctor", "--json")
        said = [(one["state"], one["text"]) for one in done.objects if one["name"] == "channel"]
        assert said == [
            ("bad", f"discord:{shut} cannot be posted to: Embed Links is missing."),
            ("warn", f"discord:{bare} lacks Create Public Threads."),
        ]
        assert "asks for no privileged intent" in done.out
        assert len(world.messages(good)) == before
        assert not [call for call in world.calls if call.method != "GET"]


def test_offline_asks_nobody(
    command, telegram: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    command("channels", "add", "console:lab")
    monkeypatch.setenv("PAPERBOY_LLM_MODEL", "a-model")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    done = command("doctor", "--offline", "--json")
    assert done.code == 0
    names = {one["name"] for one in done.objects}
    assert {"python", "database", "bot", "monitor", "network"} <= names
    assert names.isdisjoint({"huggingface", "arxiv", "clock", "model", "telegram", "channels"})
    assert telegram.calls == []
