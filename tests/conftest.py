"""What every test stands on: no operator's settings, and property tests without a stop-watch."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

settings.register_profile("paperboy", deadline=None)  # a busy machine is no failure
settings.load_profile("paperboy")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what the developer's shell says, so that a test sees only what it set itself."""
    for name in list(os.environ):
        if name.startswith(("PAPERBOY_", "OPENAI_", "HF_")):
            monkeypatch.delenv(name)
