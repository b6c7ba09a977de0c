"""Compiles the catalogues: bot/locale/*/LC_MESSAGES/*.po to .mo, for wheels and editables alike."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface[Any]):
    """Runs before hatchling gathers the files; a checkout without catalogues is no error."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write each catalogue's .mo beside its .po."""
        for source in sorted(Path(self.root, "bot", "locale").glob("*/LC_MESSAGES/*.po")):
            compile_catalogue(source)


def compile_catalogue(source: Path) -> Path:
    """Compile one .po file; fuzzy entries are left out, as msgfmt does. Gives the .mo's path."""
    with source.open("rb") as lines:
        catalogue = read_po(lines, abort_invalid=True)
    target = source.with_suffix(".mo")
    unfinished = source.with_suffix(f".{os.getpid()}.mo")
    with unfinished.open("wb") as out:
        write_mo(out, catalogue)
    return unfinished.replace(target)  # at once: nobody reads half a catalogue
