"""The papers of arXiv: the daily feed of chosen categories, single papers, search."""

from adapters.sources.arxiv.politeness import Politeness
from adapters.sources.arxiv.source import Arxiv

__all__ = ["Arxiv", "Politeness"]
