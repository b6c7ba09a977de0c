"""The terminal of one-shot commands: blocks go through the console platform, as digests do."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.channels import Address, Layout, Verdict
from bot.errors import SetUpWrong

if TYPE_CHECKING:
    from adapters.platforms.console import Console
    from bot.cards import Block


def bare(*, as_json: bool) -> Console:
    """The console for an answer: its objects tell neither channel nor date."""
    from adapters.platforms.console import Console

    return Console(sys.stdout, as_json=as_json, bare=True)


async def show(
    console: Console, blocks: Sequence[Block], language: str, layout: Layout = Layout.CARDS
) -> None:
    """Write the blocks. Raises BrokenPipeError or SetUpWrong when the output takes nothing."""
    for drawn in console.draw(blocks, layout, language):
        outcome = await console.send(
            Address(console.name, "answer"), drawn.body, "answer", silent=False
        )
        if outcome.verdict is not Verdict.ACCEPTED:
            sys.stdout.flush()  # a closed pipe says so here
            raise SetUpWrong(outcome.error or "The output cannot be written.")
