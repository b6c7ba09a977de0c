"""How fast one token sends: evenly, within what the platform allows, answers before digests."""

from bot.pacing.pacer import Pacer
from bot.pacing.schedule import Schedule, Ticket

__all__ = ["Pacer", "Schedule", "Ticket"]
