"""A small edition that comes with the program, served as Hugging Face would serve it.

The list of 2025-12-26 with seven papers. Ids, titles, names, counts and links are facts (one of
the papers was really listed a day earlier); abstracts, ready-made lines and keywords are this
project's own words, not the authors'.
"""

from adapters.sources.bundled.server import DAY, BundledServer

__all__ = ["DAY", "BundledServer"]
