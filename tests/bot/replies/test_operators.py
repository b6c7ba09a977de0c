"""/health: the facts about the bot itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.channels import Address
from bot.ports import Person, Request, Rights
from bot.replies.asked import load
from bot.replies.operators import health
from tests.bot.conftest import ADMIN, at
from tests.bot.replies.conftest import text_of
from tests.wires.mail import GONE

if TYPE_CHECKING:
    from tests.bot.conftest import Town


async def said(town: Town, now: str) -> str:
    asked = Request(
        "health", "", Address("mail", ADMIN.chat), Person("1"), at(now), Rights(True, operate=True)
    )
    return text_of((await health(await load(town.desk, asked))).blocks)


async def test_health_counts_channels_messages_and_lists(town: Town) -> None:
    await town.subscribe("lab")
    await town.subscribe("hall", paused=True)
    town.mail.answer = lambda call: GONE if call.address.chat == "lab" else None
    await town.round("2026-01-06 09:00")
    told = await said(town, "2026-01-06 09:01")
    assert "Chats | mail: 2, of them 1 paused and 1 out of reach" in told
    assert "Unsettled messages | 0" in told
    assert "Papers | 2" in told
    assert "List | Hugging Face: Mon 5 Jan closed with 2 papers, last read Tue 6 Jan 09:00" in told
    assert "Trouble" not in told
    assert "Version | " in told


async def test_health_names_what_fails(town: Town) -> None:
    town.source.outages = [(at("2026-01-05 13:00"), at("2026-01-08 00:00"))]
    await town.subscribe("lab")
    await town.round("2026-01-06 09:00")
    told = await said(town, "2026-01-06 09:01")
    assert "Trouble | Hugging Face could not be read since Tue 6 Jan 09:00" in told
    assert "List | Hugging Face: none closed in the last days" in told
