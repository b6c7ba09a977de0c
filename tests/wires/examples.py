"""The code that docs/adapters.md shows, as a module; and the service that it speaks to."""

from __future__ import annotations

import re
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.wires.loopback import Asked, Loopback, Said

PAGE = Path(__file__).resolve().parents[2] / "docs" / "adapters.md"


def code() -> str:
    """The page's one Python file."""
    (found,) = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.M)
    return str(found)


@cache
def webhook() -> Any:
    """The module."""
    module = ModuleType("webhook_of_the_docs")
    sys.modules[module.__name__] = module
    exec(compile(code(), str(PAGE), "exec"), module.__dict__)
    return module


class Hooks(Loopback):
    """A server that takes every message, as incoming webhooks do."""

    def answer(self, asked: Asked) -> Said:
        return Said(b"ok", kind="text/plain") if asked.method == "POST" else Said(b"", 404)
