"""What a running bot holds on to, seen from inside its process (Linux)."""

from __future__ import annotations

import asyncio
import ctypes
import functools
import gc
import os
import re
import sys
import threading
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

_NUMBER = re.compile(r"\d+")
_OURS = ("bot", "adapters", "storage")
_WATCHED = (*_OURS, "discord", "telegram", "httpx", "httpcore", "sqlalchemy", "aiosqlite", "openai")
_SIZED = frozenset({dict, list, set, deque, OrderedDict, defaultdict})
_MOST = 400  # kinds of objects that are told


def sample(without: tuple[str, ...] = ()) -> dict[str, Any]:
    """The fields of scripts.soaking.samples.Sample that the process itself knows.

    Tasks whose name is in `without` are not counted. Memory is told after everything that can be
    given back has been given back.
    """
    for _ in range(3):
        gc.collect()
    with suppress(OSError, AttributeError):  # another C library than GNU's
        ctypes.CDLL(None).malloc_trim(0)
    resident, own = memory()
    objects = gc.get_objects()
    try:
        return {
            "memory": own,
            "resident": resident,
            "python": sys.getallocatedblocks(),
            "tasks": _tasks(without),
            "handles": handles(),
            "threads": dict(Counter(_plain(one.name) for one in threading.enumerate())),
            "objects": _objects(objects),
            "holds": _holds(objects),
        }
    finally:
        del objects


def memory() -> tuple[int, int]:
    """Resident bytes, and those of them that are no file's."""
    lines = Path("/proc/self/status").read_text().splitlines()
    said = {name: value for name, _, value in (line.partition(":") for line in lines)}
    resident, own = (int(said[name].split()[0]) * 1024 for name in ("VmRSS", "RssAnon"))
    return resident, own


def handles() -> dict[str, int]:
    """Open file descriptors by what they lead to."""
    found: Counter[str] = Counter()
    for name in os.listdir("/proc/self/fd"):
        try:
            where = os.readlink(f"/proc/self/fd/{name}")
        except OSError:  # the folder's own
            continue
        kind, colon, _ = where.partition(":")
        found[kind if colon and not where.startswith("/") else f"file {Path(where).name}"] += 1
    return dict(found)


def _plain(name: str) -> str:
    return _NUMBER.sub("#", name)


def _tasks(without: tuple[str, ...]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for task in asyncio.all_tasks():
        name = task.get_name()
        if name in without:
            continue
        if re.fullmatch(r"Task-\d+", name):  # nobody named it: what it runs does
            name = getattr(task.get_coro(), "__qualname__", name)
        found[_plain(name)] += 1
    return dict(found)


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _objects(objects: list[Any]) -> dict[str, int]:
    kinds = Counter(map(type, objects)).most_common(_MOST)
    found: Counter[str] = Counter()
    for kind, count in kinds:
        found[_name(kind)] += count
    return dict(found)


def _holds(objects: list[Any]) -> dict[str, int]:
    """How much stands in the containers of living objects, in caches and in modules."""
    found: Counter[str] = Counter()
    slots: dict[type, tuple[str, ...] | None] = {}  # None: not looked into
    for one in objects:
        kind = type(one)
        if kind not in slots:
            slots[kind] = _slots(kind)
        if (names := slots[kind]) is not None:
            for name, value in _fields(one, names):
                if type(value) in _SIZED:
                    found[f"{_name(kind)}.{name}"] += len(value)  # type: ignore[arg-type]
        elif kind is functools._lru_cache_wrapper:
            name = f"cache {one.__module__}.{getattr(one, '__qualname__', '?')}"
            found[name] += one.cache_info().currsize
    for module in list(sys.modules.values()):
        if type(module) is ModuleType and module.__name__.partition(".")[0] in _OURS:
            for name, value in list(vars(module).items()):
                if type(value) in _SIZED and not name.startswith("__"):
                    found[f"{module.__name__}:{name}"] = len(value)
    return {name: count for name, count in found.items() if count}


def _slots(kind: type) -> tuple[str, ...] | None:
    if str(kind.__module__).partition(".")[0] not in _WATCHED:
        return None
    found: list[str] = []
    for each in kind.__mro__:
        own = each.__dict__.get("__slots__", ())
        found += (own,) if isinstance(own, str) else own
    return tuple(found)


def _fields(one: object, slots: tuple[str, ...]) -> Iterator[tuple[str, object]]:
    try:
        own = object.__getattribute__(one, "__dict__")
    except AttributeError:
        own = {}
    yield from list(own.items())
    for name in slots:
        with suppress(AttributeError):
            yield name, object.__getattribute__(one, name)
