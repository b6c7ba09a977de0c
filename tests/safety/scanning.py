"""A scanner for secrets: in plain and in every form in which programs write them down."""

from __future__ import annotations

import base64
import gc
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FunctionType, MethodType, ModuleType
from typing import Any
from urllib.parse import quote, quote_plus

_SHORTEST = 8  # characters of a part; a shorter one stands anywhere by chance
_OURS = ("bot.", "adapters.", "storage.")


def forms(secret: str) -> set[bytes]:
    """The secret, its parts that are secret by themselves, and both percent-encoded, in base64 (at
    each of the three places where a byte can stand there), as JSON and in UTF-16.
    """
    parts = {secret, *secret.split(":")[1:], *(secret.split(".")[2:] if "." in secret else ())}
    found: set[bytes] = set()
    for part in (one for one in parts if len(one) >= _SHORTEST):
        texts = {part, quote(part, safe=""), quote(part), quote_plus(part), json.dumps(part)[1:-1]}
        texts |= {"".join(f"%{byte:02X}" for byte in part.encode())}
        found |= {text.encode() for text in texts} | {part.encode("utf-16-le")}
        for before in range(3):
            coded = base64.b64encode(b"\0" * before + part.encode())
            inner = coded[4 if before else 0 : (len(coded) - 4) // 4 * 4]
            found |= {inner, inner.replace(b"+", b"-").replace(b"/", b"_")}
    return {one for one in found if len(one) >= _SHORTEST}


class Scanner:
    """Looks for secrets, by the names that are told instead of them."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._forms = {name: forms(secret) for name, secret in secrets.items()}

    def found(self, where: str, data: str | bytes) -> list[str]:
        """ "name in where" for every secret that stands in the data."""
        raw = data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass")
        return [
            f"{name} in {where}"
            for name, written in self._forms.items()
            if any(form in raw for form in written)
        ]

    def found_in_folder(self, folder: Path) -> list[str]:
        """In the names and the bytes of all files."""
        found = []
        for file in sorted(folder.rglob("*")):
            found += self.found("a name", str(file.relative_to(folder)))
            if file.is_file():
                found += self.found(file.name, file.read_bytes())
        return found


def reachable(*roots: Any) -> Iterator[Any]:
    """Every object of our own classes that can be reached from the roots, each once.

    What stands in other libraries' objects and in modules is not gone into.
    """
    seen: set[int] = set()
    waiting = [*roots]
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, type | ModuleType | FunctionType | str | bytes):
            continue
        seen.add(id(one))
        ours = type(one).__module__.startswith(_OURS)
        if ours:
            yield one
        if ours or isinstance(one, dict | list | tuple | set | frozenset | MethodType):
            waiting += gc.get_referents(one)
