"""The doctor asks each platform whether it takes the token, and says what to do."""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest

import bot.app
from bot.channels import Address, Outcome, Verdict
from bot.cli.doctor.chats import look_at_chats
from bot.settings import Settings


class Asked:
    """A platform that answers probes."""

    def __init__(self, name: str, answers: dict[str, Outcome]) -> None:
        self.name = name
        self.answers = answers

    async def probe(self, address: Address) -> Outcome:
        return self.answers.get(address.chat, Outcome(Verdict.CHAT_GONE, error="No such chat."))


@pytest.fixture
def platforms(monkeypatch: pytest.MonkeyPatch) -> dict[str, Asked]:
    """What `open_platforms` gives."""
    found: dict[str, Asked] = {}

    async def opened(settings: Settings, stack: AsyncExitStack, *, now: object) -> object:
        return found

    monkeypatch.setattr(bot.app, "open_platforms", opened)
    return found


def _settings(**words: object) -> Settings:
    return Settings.alone(telegram_token="123456:" + "A" * 35, **words)


async def test_a_token_that_is_taken_is_ok_and_missing_operators_are_a_warning(
    platforms: dict[str, Asked],
) -> None:
    platforms["telegram"] = Asked("telegram", {})
    first, second = await look_at_chats(_settings())
    assert (first.name, first.state, first.says) == ("telegram", "ok", "Telegram takes the token.")
    assert (second.name, second.state) == ("operators", "warn")
    assert "PAPERBOY_ADMINS" in second.todo


@pytest.mark.parametrize(
    ("verdict", "says", "todo"),
    [
        (Verdict.TOKEN_REFUSED, "Discord refuses the token.", "PAPERBOY_DISCORD_TOKEN"),
        (Verdict.NOT_SENT, "Discord did not answer: no way.", "PAPERBOY_DISCORD_API_URL"),
    ],
)
async def test_what_is_wrong_with_a_token_or_the_way_there_is_bad(
    platforms: dict[str, Asked], verdict: Verdict, says: str, todo: str
) -> None:
    platforms["discord"] = Asked("discord", {"0": Outcome(verdict, error="no way.")})
    found = (await look_at_chats(_settings(admins=("discord:7",))))[0]
    assert (found.state, found.says) == ("bad", says)
    assert todo in found.todo


async def test_an_operator_who_cannot_be_written_to_is_named(platforms: dict[str, Asked]) -> None:
    platforms["telegram"] = Asked("telegram", {"@1": Outcome(Verdict.ACCEPTED)})
    found = await look_at_chats(_settings(admins=("telegram:1", "telegram:2", "discord:3")))
    assert [one.state for one in found] == ["ok", "warn"]
    assert "The operator telegram:2 cannot be written to: No such chat." in found[1].says
    assert "press Start" in found[1].todo


async def test_a_webhook_that_cannot_be_served_is_bad() -> None:
    found = await look_at_chats(
        _settings(telegram_webhook_url="https://example.org/hook", listen="nowhere", admins=())
    )
    assert (found[0].state, "PAPERBOY_LISTEN" in found[0].says) == ("bad", True)
