"""`paperboy announce`: shown first, sent once, carried by whoever carries digests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.platforms.telegram.sandbox import Chat
from bot.cli.fence import alone
from bot.settings import Settings
from tests.bot.cli.conftest import beside
from tests.wires.discordian.people import FakeDiscord
from tests.wires.judging import discord_errors
from tests.wires.telegram import FakeTelegram

BEFORE = ("--now", "2025-12-27T08:00Z")
SOON = ("--now", "2025-12-27T08:10Z")
TEXT = "We *move* <b>tonight</b>: https://example.org/a_b?x=1&y=2. @everyone"


@pytest.fixture
def telegram(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeTelegram]:
    with beside(FakeTelegram()) as server:
        monkeypatch.setenv("PAPERBOY_TELEGRAM_TOKEN", server.token)
        monkeypatch.setenv("PAPERBOY_TELEGRAM_API_URL", server.url)
        yield server


@pytest.fixture
def lab(telegram: FakeTelegram) -> Chat:
    """A supergroup with the bot in it."""
    ada = telegram.person("Ada")
    group = telegram.supergroup("Lab", ada)
    telegram.set_bot(group, ada, "member")
    return group


@pytest.fixture
def discord(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeDiscord]:
    with beside(FakeDiscord(judge=discord_errors())) as world:
        monkeypatch.setenv("PAPERBOY_DISCORD_TOKEN", world.token or "")
        monkeypatch.setenv("PAPERBOY_DISCORD_API_URL", world.api_url)
        yield world


def test_without_send_it_is_only_shown_and_nobody_is_asked(
    command, telegram: FakeTelegram, lab: Chat
) -> None:
    command("channels", "add", f"telegram:{lab.id}", *BEFORE)
    command("channels", "add", "console:lab", "--lang", "zh", *BEFORE)
    command("channels", "add", "discord:123456789012345678", *BEFORE)
    done = command("announce", TEXT, "--zh", "今晚搬家", *SOON)
    assert done.code == 0
    assert "A dry run: nothing was sent. With --send it goes to 2 channels:" in done.out
    assert f"telegram, en:\n  {TEXT}\n" in done.out
    assert "console, zh:\n  今晚搬家\n" in done.out
    assert "1 channel has no platform here, for PAPERBOY_DISCORD_TOKEN is not set" in done.out
    assert command("once", *SOON).out == ""
    assert (lab.spoken, telegram.problems()) == ([], [])
    assert {call.method for call in telegram.calls} <= {"getMe"}


def test_both_platforms_show_the_text_as_it_was_typed_and_once(
    command, telegram: FakeTelegram, lab: Chat, discord: FakeDiscord
) -> None:
    guild = discord.add_guild("Lab")
    plain, forum = discord.add_channel(guild), discord.add_channel(guild, kind="forum")
    command("channels", "add", f"telegram:{lab.id}", *BEFORE)
    command("channels", "add", f"discord:{plain}", *BEFORE)
    command("channels", "add", f"discord:{forum}", "--kind", "forum", *BEFORE)
    command("channels", "add", "console:lab", *BEFORE)
    queued = command("announce", TEXT, "--send", "--json", *SOON)
    assert [(one["kind"], one["sent"], one["channels"]) for one in queued.objects] == [
        ("announced", True, 4)
    ]
    done = command("once", *SOON)
    assert (done.code, done.err) == (0, "")
    assert TEXT in done.out
    [heard] = lab.spoken
    assert heard.text.replace("\u2060", "") == TEXT  # which keeps a mention from being one
    assert "@everyone" not in heard.text
    [call] = [one for one in telegram.calls if one.method == "sendMessage"]
    assert call.params["disable_notification"] is True
    [written] = discord.messages(plain)
    assert "We \\*move\\*" in written["content"]
    assert "(<https://example.org/a_b?x=1&y=2>)" in written["content"]
    assert written["flags"] & 1 << 12  # without a sound
    [thread] = [one for one in discord.calls if one.path == f"/channels/{forum}/threads"]
    assert thread.body["name"].startswith("We *move*")
    assert (telegram.problems(), discord.errors) == ([], [])
    again = command("announce", TEXT, "--send", *SOON)
    assert "Queued for 0 channels." in again.out
    assert "4 channels have it already (--again sends it once more)" in again.out
    command("once", *SOON)
    assert len(lab.spoken) == 1


def test_it_works_beside_the_running_bot_and_says_who_sends_it(command, home: Path) -> None:
    command("channels", "add", "console:lab", *BEFORE)
    settings = Settings.load()
    with alone(settings, "paperboy run"):
        done = command("announce", "Hello", "--send", *SOON)
        assert "The running bot sends it now" in done.out
    done = command("announce", "Hello once more", "--send", *SOON)
    assert "No bot runs here: paperboy run or paperboy once sends it" in done.out


def test_the_text_may_come_from_a_file_and_one_channel_may_try_it(command, home: Path) -> None:
    command("channels", "add", "console:lab", *BEFORE)
    command("channels", "add", "console:hall", *BEFORE)
    Path("news.txt").write_text("Line one\n\nLine two\n", encoding="utf-8")
    tried = ("announce", "--file", "news.txt", "--channel", "console:lab", "--send")
    assert "Queued for 1 channel." in command(*tried).out
    assert "Queued for 1 channel." in command("announce", "--file", "news.txt", "--send").out


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ((), "There is no text"),
        ((" ",), "holds no text"),
        (("x" * 2001,), "at most 2,000 characters"),
        (("x", "--file", "y"), "not both"),
        (("--file", "nowhere.txt"), "nowhere.txt cannot be read"),
        (("x", "--platform", "icq"), 'no platform "icq"'),
        (("x", "--language", "fr"), '"fr" is not known here'),
        (("x", "--channel", "console:nobody"), "There is no channel console:nobody"),
    ],
)
def test_what_is_wrong_is_one_sentence(command, typed: tuple[str, ...], says: str) -> None:
    done = command("announce", *typed)
    assert (done.code, done.out) == (2, "")
    assert says in done.err
    assert len(done.err.splitlines()) == 1
