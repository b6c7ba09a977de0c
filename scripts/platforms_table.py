"""Write the tables of docs/platforms.md from the code; with --check only compare."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator

from adapters.platforms.console import Console
from adapters.platforms.discord import Discord
from adapters.platforms.discord.invitation import NEEDED
from adapters.platforms.discord.invitation import invitation as link
from adapters.platforms.telegram import Telegram
from bot.channels import Layout, Limits
from bot.commands import COMMANDS, Command
from bot.ports import Platform
from bot.replies.choosable import SETTINGS, settings_of
from scripts.pages import ROOT, renew, written

PAGE = ROOT / "docs" / "platforms.md"
BEGIN = "<!-- {}: written by scripts/platforms-table from the code -->"
NAMES = {"telegram": "Telegram", "discord": "Discord", "console": "terminal"}
WHO = {"anyone": "everybody", "manager": "managers", "operator": "operators"}


def platforms() -> list[Platform]:
    """Every platform, not connected to anything."""
    return [Telegram("0:never"), Discord("never"), Console(io.StringIO(), as_json=False)]


def yes(value: bool) -> str:
    """A cell of a table."""
    return "yes" if value else "–"


def facts() -> Iterator[tuple[str, list[str]]]:
    """What is said, and the cell of each platform."""
    every: list[Limits] = [platform.limits for platform in platforms()]
    yield "cards of a digest, at most", [f"{limits.most_cards:,}" for limits in every]
    yield (
        "papers in one line each, at most",
        ["any" if limits.list_lines is None else str(limits.list_lines) for limits in every],
    )
    for layout in Layout:
        yield f"layout `{layout}`", [yes(layout in limits.layouts) for limits in every]
    yield "buttons", [yes(limits.buttons) for limits in every]
    yield "answers in a group seen by the asker alone", [yes(one.private_answers) for one in every]
    yield "rights are the platform's own", [yes("rights" in one.verbs) for one in every]
    yield "the bot's rights are tried at set-up", [yes("probe" in one.verbs) for one in every]
    yield "a channel is managed from elsewhere", [yes("look_up" in one.verbs) for one in every]
    yield "a lost answer is found again", [yes("find" in one.verbs) for one in every]


def commands() -> Iterator[tuple[str, str, list[str]]]:
    """Usage, who may in a group, and the cell of each platform."""
    for command in COMMANDS:
        if not command.hidden:
            who = WHO[command.who] + (", in private" if command.private else "")
            cells = [yes(_there(command, one.limits)) for one in platforms()]
            yield (command.usage or f"/{command.name}").replace("|", "\\|"), who, cells


def settings() -> Iterator[tuple[str, str, str, list[str]]]:
    """Name, meaning, values, and the cell of each platform."""
    every = [platform.limits for platform in platforms()]
    for one in SETTINGS:
        cells = [yes(one in settings_of(limits)) for limits in every]
        yield one.name, one.summary, one.possible.format(most="the most above"), cells


def _there(command: Command, limits: Limits) -> bool:
    return command.needs is None or command.needs in limits.verbs


def tables() -> str:
    """What stands between the marks."""
    names = [NAMES[platform.name] for platform in platforms()]
    lines = [f"| | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
    lines += [f"| {what} | {' | '.join(cells)} |" for what, cells in facts()]
    lines += ["", f"| command | in groups for | {' | '.join(names)} |"]
    lines += [f"|---|---|{'---|' * len(names)}"]
    lines += [f"| `{usage}` | {who} | {' | '.join(cells)} |" for usage, who, cells in commands()]
    lines += ["", f"| setting | what it does | values | {' | '.join(names)} |"]
    lines += [f"|---|---|---|{'---|' * len(names)}"]
    for name, what, values, cells in settings():
        lines += [f"| `{name}` | {what} | {values} | {' | '.join(cells)} |"]
    return "\n".join(lines)


def invitation() -> str:
    """The link that invites the bot to a Discord server, and what its permissions are for."""
    lines = [
        "```",
        link("APPLICATION_ID"),
        "```",
        "",
        "| permission | what for |",
        "|---|---|",
        *(f"| {name} | {what} |" for _, name, what in NEEDED),
    ]
    return "\n".join(lines)


def page(text: str) -> str:
    """The page with its written parts as they should be. Raises ValueError without the marks."""
    return written(text, BEGIN, (("invitation", invitation()), ("tables", tables())))


def main() -> int:
    """Write the page; with --check 1 when it is behind."""
    return renew(PAGE, page(PAGE.read_text(encoding="utf-8")), "scripts/platforms-table")


if __name__ == "__main__":
    sys.exit(main())
