"""How long one page of full text takes, against the bare parse of the same page.

The page is a recorded one of 1.2 MB beside the checkout, in ../shared; another of 0.7 MB with more
text and fewer formulas is measured beside it.
"""

from __future__ import annotations

from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

PAGES = Path(__file__).parents[2].parent / "shared" / "recordings" / "arxiv" / "html"
MOST = 100.0  # milliseconds, for the page of 1.2 MB


def run(quick: bool = False) -> dict[str, Any]:
    """Both in turn, many times. Raises FileNotFoundError when the recordings are not there."""
    from selectolax.lexbor import LexborHTMLParser

    from adapters.fulltexts.arxiv import understand

    figures: dict[str, Any] = {}
    reached = 0.0
    for name, paper_id in (("old_latexml_0903.1000", "0903.1000"), ("2501.11120v1", "2501.11120")):
        body = (PAGES / f"{name}.html").read_bytes()
        bare, ours = [], []
        for _ in range(5 if quick else 40):
            began = perf_counter()
            LexborHTMLParser(body)
            between = perf_counter()
            understand(body, paper_id)
            bare.append((between - began) * 1000)
            ours.append((perf_counter() - between) * 1000)
        figures |= {
            f"{paper_id}: megabytes": len(body) / 1e6,
            f"{paper_id}: bare parse, median ms": median(bare),
            f"{paper_id}: full text, median ms": median(ours),
            f"{paper_id}: full text to bare parse": median(ours) / median(bare),
        }
        reached = reached or median(ours)
    bound = {"what": "page of 1.2 MB, median ms", "value": reached}
    return {
        "name": "fulltext",
        "figures": figures,
        "bounds": [bound | {"bound": f"under {MOST:g}", "ok": reached < MOST}],
    }
