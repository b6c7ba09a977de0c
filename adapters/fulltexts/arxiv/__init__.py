"""Full texts of arXiv: the HTML that LaTeXML makes of a paper's sources."""

from adapters.fulltexts.arxiv.fulltext import ArxivHtml
from adapters.fulltexts.arxiv.page import understand

__all__ = ["ArxivHtml", "understand"]
