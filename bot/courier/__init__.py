"""The courier: carries frozen messages, and decides what each outcome leads to."""

from bot.courier.loop import Carried, Courier
from bot.courier.once import carry
from bot.courier.sweeping import drop_stale, recover

__all__ = ["Carried", "Courier", "carry", "drop_stale", "recover"]
