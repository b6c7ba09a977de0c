"""Files that are whole or not there: written beside their place, then put into it."""

from __future__ import annotations

import os
from pathlib import Path


def put(path: Path, text: str) -> bool:
    """Make the file hold the text as UTF-8; False when it did already and was left alone.

    Whoever reads it meanwhile sees the old file or the new one, never a part. Missing folders are
    made. Raises OSError.
    """
    wanted = text.encode(errors="replace")  # half a surrogate pair is no letter
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        if path.read_bytes() == wanted:
            return False
    except FileNotFoundError:
        pass
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.write(wanted)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return True
