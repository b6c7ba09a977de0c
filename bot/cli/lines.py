"""JSON lines on the output stream: one object a line, each with its `kind`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime


def emit(record: Mapping[str, object]) -> None:
    """Write one object as one line, at once."""
    sys.stdout.write(json.dumps(record, ensure_ascii=False, separators=(", ", ": ")) + "\n")
    sys.stdout.flush()


def stamp(instant: datetime | None) -> str | None:
    """An instant as JSON holds it: 2025-12-27T09:00:00Z."""
    if instant is None:
        return None
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
