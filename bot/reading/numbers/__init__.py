"""The numbers of a reading, searched in the text that it was read from."""

from bot.reading.numbers.checking import Checked, Mark, Numbers, check

__all__ = ["Checked", "Mark", "Numbers", "check"]
