"""The doctor names the channels that the bot cannot serve, and what is missing there."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.channels import Address, Channel, Layout, Outcome, Verdict
from bot.cli.doctor import channels as looking
from bot.cli.doctor.channels import chosen, look_at_channels, of_channel
from tests.wires.mail import Mail

NOW = datetime.now(UTC)
FINE = Outcome(Verdict.ACCEPTED)


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "_PACE", 0.0)


class Doors(Mail):
    """A platform whose places say what the test says."""

    def says(self, **outcomes: Outcome) -> Doors:
        self.outcomes = outcomes
        return self

    async def probe(self, address: Address) -> Outcome:
        self.probed.append(address)
        return self.outcomes.get(address.chat, FINE)


def place(number: int, chat: str = "", **words: object) -> Channel:
    return Channel(Address("mail", chat or f"chat{number}"), "UTC", "en", NOW, id=number, **words)  # type: ignore[arg-type]


async def look(mail: Mail, *places: Channel, most: int = 50) -> list[tuple[str, str]]:
    steps: list[None] = []
    found = await look_at_channels(places, {"mail": mail}, most, lambda: steps.append(None))
    assert len(steps) == len(chosen(places, {"mail": mail}, most))
    return [(one.state, one.says) for one in found]


async def test_each_channel_that_cannot_be_served_is_named_with_what_is_missing() -> None:
    mail = Doors().says(
        shut=Outcome(Verdict.CHAT_GONE, error="Rights.", missing=("Send Messages",)),
        gone=Outcome(Verdict.CHAT_GONE, error="The bot was kicked."),
        bare=Outcome(Verdict.ACCEPTED, missing=("Attach Files", "Create Public Threads")),
        slow=Outcome(Verdict.UNKNOWN, error="No answer."),
    )
    places = [place(n, chat) for n, chat in enumerate(("shut", "gone", "bare", "slow", "good"), 1)]
    assert await look(mail, *places) == [
        ("bad", "mail:shut cannot be posted to: Send Messages is missing."),
        ("bad", "mail:gone cannot be posted to: The bot was kicked."),
        ("warn", "mail:bare lacks Attach Files."),
        ("warn", "mail:slow could not be looked at: No answer."),
        ("ok", "The bot has what it needs in 1 of 5 channels."),
    ]


@pytest.mark.parametrize(
    ("layout", "lacks"), [(Layout.THREAD, True), (Layout.PACKED, False), (Layout.CARDS, False)]
)
def test_rights_for_threads_are_missed_only_where_there_are_threads(
    layout: Layout, lacks: bool
) -> None:
    outcome = Outcome(Verdict.ACCEPTED, missing=("Create Public Threads",))
    assert (of_channel(place(1, layout=layout), outcome) is not None) is lacks


async def test_many_are_sampled_evenly_and_those_that_rest_are_left_alone() -> None:
    rest = [
        place(100, paused=True),
        place(101, paused_until=NOW + timedelta(days=1)),
        place(102, suspended_at=NOW),
        Channel(Address("nowhere", "x"), "UTC", "en", NOW, id=103),
    ]
    places = [*(place(n) for n in range(40)), *rest]
    mail = Doors().says()
    assert await look(mail, *places, most=4) == [
        ("warn", "1 on mail cannot be reached any more; they come back by themselves."),
        (
            "ok",
            (
                "The bot has what it needs in 4 of 4 channels; 36 more were not looked at "
                "(--channels N)."
            ),
        ),
    ]
    assert [one.chat for one in mail.probed] == ["chat0", "chat10", "chat20", "chat30"]


@pytest.mark.parametrize(
    ("outcome", "asked", "why"),
    [
        (Outcome(Verdict.TOO_FAST, retry_after=9.0), 4, "asks for a pause"),
        (Outcome(Verdict.NOT_SENT, error="No way."), 8, "does not answer"),
    ],
)
async def test_a_platform_that_asks_for_a_pause_or_is_silent_is_left_alone(
    outcome: Outcome, asked: int, why: str
) -> None:
    mail = Doors().says(**{f"chat{n}": outcome for n in range(60)})
    found = await look(mail, *(place(n) for n in range(50)))
    assert len(mail.probed) <= asked
    assert ("warn", f"Mail {why}, so not every channel was looked at.") in found


async def test_a_place_that_never_answers_is_left_and_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Deaf(Mail):
        async def probe(self, address: Address) -> Outcome:
            await asyncio.Event().wait()
            return FINE

    monkeypatch.setattr(looking, "_PATIENCE", 0.01)
    [first, _] = await look(Deaf(), place(1))
    assert first[0] == "warn"
    assert "No answer in" in first[1]


async def test_a_zone_that_this_machine_does_not_know_is_bad() -> None:
    [first, _] = await look(Doors().says(), Channel(Address("mail", "x"), "Mars/Base", "en", NOW))
    assert first == ("bad", "Channels have the zone Mars/Base, which this machine does not know.")
