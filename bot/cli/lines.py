"""JSON lines on the output stream: one object a line, each with its `kind`."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime

# Harmless to JSON, but a terminal may obey them and `splitlines` breaks at some.
_TO_ESCAPE = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def emit(record: Mapping[str, object]) -> None:
    """Write one object as one line, at once."""
    text = json.dumps(record, ensure_ascii=False)
    sys.stdout.write(_TO_ESCAPE.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n")
    sys.stdout.flush()


def stamp(instant: datetime | None) -> str | None:
    """An instant as JSON holds it: 2025-12-27T09:00:00Z."""
    if instant is None:
        return None
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
