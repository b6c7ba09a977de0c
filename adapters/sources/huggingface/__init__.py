"""The daily papers of Hugging Face."""

from adapters.sources.huggingface.source import HuggingFace

__all__ = ["HuggingFace"]
