"""The table of commands: names that platforms accept, and the nearest for a typing slip."""

from __future__ import annotations

import re

import pytest

from bot.commands import BY_NAME, COMMANDS, nearest
from bot.replies.dispatch import HANDLERS


def test_every_name_is_one_that_all_platforms_accept():
    names = [command.name for command in COMMANDS]
    options = [option.name for command in COMMANDS for option in command.options]
    assert all(re.fullmatch(r"[a-z0-9_]{1,32}", name) for name in (*names, *options))


def test_names_do_not_shadow_each_other():
    names = [command.name for command in COMMANDS]
    assert len(set(names)) == len(names)
    for command in COMMANDS:
        options = [option.name for option in command.options]
        assert len(set(options)) == len(options)


def test_every_command_has_a_summary_that_fits_a_menu_and_a_usage_with_its_name():
    for command in COMMANDS:
        assert 10 <= len(command.summary) <= 100
        assert command.usage.startswith(f"/{command.name}")
        assert all(line.startswith(f"/{command.name}") for line in command.examples)
        assert all(10 <= len(option.summary) <= 100 for option in command.options)


def test_every_command_of_the_table_is_answered_and_nothing_else():
    assert set(HANDLERS) == set(BY_NAME)


def test_required_options_stand_before_the_others():
    for command in COMMANDS:
        needed = [option.required for option in command.options]
        assert needed == sorted(needed, reverse=True)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("subscrbe", "subscribe"),
        ("/stat", "status"),
        ("setting", "settings"),
        ("Papers", "paper"),
        ("topic", "topics"),
        ("unsub", "unsubscribe"),
        ("HELP", "help"),
    ],
)
def test_a_slip_finds_the_command_that_was_meant(typed: str, meant: str):
    found = nearest(typed)
    assert found is not None
    assert found.name == meant


@pytest.mark.parametrize("typed", ["", "weather", "zzz", "/", "w" * 5000])
def test_what_is_near_nothing_finds_nothing(typed: str):
    assert nearest(typed) is None
