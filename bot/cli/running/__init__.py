"""What `paperboy run` does: its roles, and the rights that many processes share."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What one process does of what a bot does."""

    ALL = "all"
    CHAT = "chat"  # listens, and answers people
    WORKER = "worker"  # reads the lists and opens digests
    COURIER = "courier"  # sends digests
