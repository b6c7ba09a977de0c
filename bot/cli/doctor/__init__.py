"""`paperboy doctor`: looks at everything that a digest needs, and says what to do."""

from __future__ import annotations

import os

from bot.cli.options import Json


def doctor(as_json: Json = False) -> int:
    """Check everything that a digest needs.

    Python, settings, database, disk, clock, sources, Telegram and Discord: each line ok, warn
    or bad, with what to do. Code 1 when one is bad.
    """
    from bot.cli.doctor import chats, machine, memory, outside
    from bot.cli.doctor.finding import Finding, show
    from bot.cli.work import begin, perform
    from bot.errors import SetUpWrong

    async def work() -> int:
        states = set()

        def say(*findings: Finding) -> None:
            for finding in findings:
                show(finding, as_json=as_json)
                states.add(finding.state)

        say(*machine.look_at_machine())
        try:
            settings = begin()
        except SetUpWrong as error:
            say(Finding("settings", "bad", str(error), "Correct it and run this again."))
            return 1
        say(*machine.look_at_settings(settings, dict(os.environ)))
        say(*machine.look_at_disk(settings))
        say(*await memory.look_at_memory(settings))
        reached = await outside.look_at_sources(settings)
        say(*(finding for finding, _ in reached))
        say(machine.look_at_clock([ahead for _, ahead in reached]))
        say(*await chats.look_at_chats(settings))
        return 1 if "bad" in states else 0

    return perform(work())
