"""The roles of a process: which there are, and where there is room for them."""

from __future__ import annotations

import pytest

from tests.bot.cli.conftest import Command


@pytest.mark.parametrize("role", ["chat", "worker", "courier"])
def test_a_part_of_the_bot_needs_a_server(command: Command, role: str) -> None:
    done = command("run", "--role", role)
    assert done.code == 2
    assert f"--role {role} needs PostgreSQL" in done.err
    assert "PAPERBOY_DATABASE_URL=postgresql://" in done.err


def test_an_unknown_role_is_told_with_those_there_are(command: Command) -> None:
    done = command("run", "--role", "editor")
    assert done.code == 2
    for role in ("all", "chat", "worker", "courier"):
        assert role in done.err
