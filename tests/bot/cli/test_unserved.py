"""Channels whose platform has no token are named before anybody waits for them in vain."""

from __future__ import annotations

from dataclasses import replace

from bot.channels import Address
from bot.cli.unserved import unserved
from tests.storage.samples import channel


def test_each_platform_without_a_token_is_named_with_its_channels():
    here = replace(channel(), paused=False)
    chats = [
        replace(here, address=Address(*where))
        for where in (("telegram", "1"), ("telegram", "2"), ("discord", "3"), ("console", "lab"))
    ]
    assert unserved(chats, {"console", "discord"}) == [
        "telegram: 2 channels get nothing, for PAPERBOY_TELEGRAM_TOKEN is not set."
    ]
    assert unserved(chats, {"console", "discord", "telegram"}) == []


def test_a_paused_channel_waits_for_nothing():
    resting = replace(channel(), address=Address("discord", "3"), paused=True)
    assert unserved([resting], {"console"}) == []
