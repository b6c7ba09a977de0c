"""The reader `openai`: any endpoint that speaks OpenAI's chat completions."""

from adapters.readers.openai.patience import Patience
from adapters.readers.openai.reader import OpenAIReader

__all__ = ["OpenAIReader", "Patience"]
