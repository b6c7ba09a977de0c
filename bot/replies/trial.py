"""The silent trial: whether the bot can post here, found out at set-up and not at nine next day."""

from __future__ import annotations

from bot.channels import Verdict
from bot.errors import Usage
from bot.replies.asked import Asked

_CANNOT_POST = frozenset({Verdict.CHAT_GONE, Verdict.THREAD_GONE})


async def trial(asked: Asked) -> list[str]:
    """Whether the bot can post here, tried in silence; what else it lacks, in sentences.

    Raises Usage, naming the right, where it cannot post at all. A platform that does not answer
    now holds nobody up.
    """
    t = asked.t
    if asked.platform is None or "probe" not in asked.limits.verbs:
        return []
    outcome = await asked.platform.probe(asked.request.address)
    lacking = t.list(map(t, outcome.missing))
    if outcome.verdict in _CANNOT_POST:
        raise Usage(
            t(
                "I cannot post here: I lack {rights}. Give me that right, then ask again.",
                rights=lacking,
            )
            if lacking
            else t(
                "I cannot post here: {reason}", reason=t(outcome.error) if outcome.error else "?"
            )
        )
    if lacking:
        return [t("For everything to work here I also need: {rights}.", rights=lacking)]
    return []
