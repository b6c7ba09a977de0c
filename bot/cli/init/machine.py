"""What this machine tells of its owner: the zone, the language."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from zoneinfo import ZoneInfo

_NAMED = Path("/etc/timezone")  # Debian's
_LINKED = Path("/etc/localtime")  # a link into the zone data, elsewhere


def zone_here(named: Path = _NAMED, linked: Path = _LINKED) -> str:
    """The IANA name of the machine's zone; UTC where it cannot be told."""
    candidates = [os.environ.get("TZ", "").lstrip(":")]
    with suppress(OSError, UnicodeDecodeError):
        candidates.append(named.read_text(encoding="utf-8").strip())
    with suppress(OSError):
        candidates.append(os.readlink(linked).partition("zoneinfo/")[2])
    for name in candidates:
        if "/" in name and not name.startswith(("/", "Etc/")):
            try:
                ZoneInfo(name)
            except (KeyError, ValueError, OSError):
                continue
            return name
    return "UTC"


def language_here() -> str:
    """The language of the machine's user, where the bot speaks it; else English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if said := os.environ.get(name, ""):
            return next((one for one in ("zh", "ko") if said.lower().startswith(one)), "en")
    return "en"
