"""The link that invites the bot to a server, with exactly the permissions that it uses."""

from __future__ import annotations

from typing import Final

from adapters.platforms.discord import places

# https://discord.com/developers/docs/topics/oauth2#bot-authorization-flow
_ADDRESS: Final = (
    "https://discord.com/oauth2/authorize?client_id={id}&scope=bot+applications.commands"
    "&permissions={permissions}"
)
NEEDED: Final = (
    (places.VIEW, "View Channel", "to be there at all"),
    (places.SEND, "Send Messages", "digests; posts of a forum"),
    (places.EMBED, "Embed Links", "cards"),
    (places.ATTACH, "Attach Files", "`/saved bibtex`"),
    (places.HISTORY, "Read Message History", "to answer a posted message, to find a lost one"),
    (places.CREATE_THREADS, "Create Public Threads", "the layout `thread`"),
    (places.SEND_IN_THREADS, "Send Messages in Threads", "cards in a thread or forum post"),
)


def invitation(application_id: str) -> str:
    """The link for the bot of this application."""
    return _ADDRESS.format(id=application_id, permissions=sum(bit for bit, _, _ in NEEDED))
