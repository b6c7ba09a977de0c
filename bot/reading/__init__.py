"""What is understood of a paper, from the full text down to sentences of its abstract."""

from bot.reading.abstracts import lower_rungs, sentences, telling

__all__ = ["lower_rungs", "sentences", "telling"]
