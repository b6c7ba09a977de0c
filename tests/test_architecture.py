"""The house rules that a machine can keep, read from the source without importing it.

Each rule is a function from one module to its complaints; a table at the end feeds every rule a
source that it must refuse and one that it must let pass, so that no rule can fall asleep.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("bot", "adapters", "storage")
VOCABULARY = frozenset(
    "papers channels cards topics reading reports errors commands texts ports".split(),
)
DOORS = ("bot.app", "bot.__main__", "bot.cli")  # the only ones that see all three packages
SDKS = frozenset({"telegram", "discord", "openai"})
SQL = frozenset({"sqlmodel", "sqlalchemy", "alembic"})
NAMELESS = frozenset({"utils", "util", "helpers", "helper", "manager", "base", "common"})
LONGEST = 450  # lines; at 350 a file should already have become a folder


@dataclass(frozen=True)
class Import:
    """One imported module, wherever the statement stands."""

    name: str  # dotted; for `from bot import papers` it is bot.papers
    line: int

    @property
    def top(self) -> str:
        return self.name.partition(".")[0]


@dataclass(frozen=True)
class Module:
    """One source file, by its path from the root."""

    path: PurePosixPath
    source: str
    folders: frozenset[str] = frozenset()  # dotted names of all folders, to tell them from modules

    @property
    def dotted(self) -> str:
        parts = self.path.with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def package(self) -> str:
        return self.path.parts[0]

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source, str(self.path))

    @cached_property
    def imports(self) -> list[Import]:
        return [found for node in ast.walk(self.tree) for found in self._imported(node)]

    @cached_property
    def imports_when_imported(self) -> list[Import]:
        return [found for node in _runs_at_import(self.tree) for found in self._imported(node)]

    def complain(self, line: int, sentence: str) -> str:
        return f"{self.path}:{line}: {sentence}"

    def _imported(self, node: ast.AST) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            origin = self._absolute(node)
            for alias in node.names:
                yield Import(f"{origin}.{alias.name}", node.lineno)
        elif isinstance(node, ast.Call) and node.args and _name(node.func) in _IMPORTERS:
            wanted = node.args[0]
            if isinstance(wanted, ast.Constant) and isinstance(wanted.value, str):
                yield Import(wanted.value, node.lineno)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        here = self.path.parts[:-1]
        start = here[: len(here) - node.level + 1]
        return ".".join([*start, *([node.module] if node.module else [])])


_IMPORTERS = {"import_module", "importlib.import_module", "__import__"}


def _name(node: ast.AST) -> str:
    """Give `os.environ` for that expression and "" for anything that is not a dotted name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (owner := _name(node.value)):
        return f"{owner}.{node.attr}"
    return ""


def _runs_at_import(node: ast.AST) -> Iterator[ast.AST]:
    """Walk what Python executes when it imports: not the bodies of functions, not type-only code.

    Decorators, default values and class bodies are executed, so they are walked.
    """
    yield node
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        inner: list[ast.AST] = [*node.decorator_list, node.args]
    elif isinstance(node, ast.Lambda):
        inner = [node.args]
    elif isinstance(node, ast.If) and _name(node.test).endswith("TYPE_CHECKING"):
        inner = list(node.orelse)
    else:
        inner = list(ast.iter_child_nodes(node))
    for child in inner:
        yield from _runs_at_import(child)


def _within(name: str, owner: str) -> bool:
    return name == owner or name.startswith(f"{owner}.")


# The rules ----------------------------------------------------------------------------------------


def outer_packages_know_only_words(module: Module) -> Iterator[str]:
    """adapters and storage import the vocabulary of the bot, and neither imports the other."""
    if module.package not in ("adapters", "storage"):
        return
    other = "storage" if module.package == "adapters" else "adapters"
    for found in module.imports:
        if found.top == other:
            yield module.complain(found.line, f"{module.package} must not know {other}")
        elif found.top == "bot" and [*found.name.split("."), ""][1] not in VOCABULARY:
            yield module.complain(found.line, f"{found.name} is not one of the shared words")


def only_the_doors_see_everything(module: Module) -> Iterator[str]:
    """In bot, only the composition root and the command line import adapters or storage."""
    if module.package != "bot" or any(_within(module.dotted, door) for door in DOORS):
        return
    for found in module.imports:
        if found.top in ("adapters", "storage"):
            yield module.complain(found.line, f"the core must not know {found.name}")


def adapters_are_strangers(module: Module) -> Iterator[str]:
    """An adapter's folder imports no other adapter's folder and nothing of another port.

    What the adapters of one port share is a plain module beside them (adapters/sources/x.py), and
    what all share is a plain module in adapters/.
    """
    if module.package != "adapters":
        return
    own = module.path.parent.parts  # ("adapters", port, adapter, ...)
    for found in module.imports:
        parts = tuple(found.name.split("."))
        port, adapter = ".".join(parts[:2]), ".".join(parts[:3])
        if parts[0] != "adapters" or len(parts) < 2 or len(own) < 2 or port not in module.folders:
            continue
        if parts[1] != own[1]:
            yield module.complain(found.line, f"{found.name} belongs to another port")
        elif len(own) > 2 and adapter in module.folders - {port} and parts[2] != own[2]:
            yield module.complain(found.line, f"{found.name} is another adapter's")


def only_the_schedule_knows_apscheduler(module: Module) -> Iterator[str]:
    """One room rings the bell; everything else is told the time."""
    if not _within(module.dotted, "bot.schedule"):
        yield from _stays_out(module, {"apscheduler"}, "only bot/schedule knows")


def only_storage_knows_sql(module: Module) -> Iterator[str]:
    """Nothing above storage knows how things are remembered."""
    if module.package != "storage":
        yield from _stays_out(module, SQL, "only storage knows")


def only_adapters_know_http(module: Module) -> Iterator[str]:
    """The core and the memory never open a connection to the web."""
    if module.package != "adapters":
        yield from _stays_out(module, {"httpx"}, "only adapters know")


def only_the_jobs_know_their_engine(module: Module) -> Iterator[str]:
    """The core and the other adapters ask for work by the port alone."""
    if not _within(module.dotted, "adapters.jobs"):
        yield from _stays_out(module, {"procrastinate"}, "only adapters/jobs knows")


def _stays_out(module: Module, strangers: frozenset[str] | set[str], why: str) -> Iterator[str]:
    for found in module.imports:
        if found.top in strangers:
            yield module.complain(found.line, f"{why} {found.top}")


def sdks_wait_until_they_are_wanted(module: Module) -> Iterator[str]:
    """telegram, discord and openai cost most of a second each: imported where they connect."""
    for found in module.imports_when_imported:
        if found.top in SDKS:
            yield module.complain(
                found.line, f"import {found.top} inside the function that needs it"
            )


def importing_reads_no_environment(module: Module) -> Iterator[str]:
    """A value read at import cannot be set by a test, a .env file or an option."""
    for node in _runs_at_import(module.tree):
        if _name(node) in ("os.environ", "os.getenv", "environ", "getenv"):
            line = getattr(node, "lineno", 1)
            yield module.complain(line, f"{_name(node)} is read while importing")


def names_say_what_is_inside(module: Module) -> Iterator[str]:
    """A room named utils collects what nobody found a place for."""
    for part in module.path.with_suffix("").parts:
        if part in NAMELESS:
            yield module.complain(1, f"{part} says nothing about what is inside")


def modules_begin_by_saying_what_they_are(module: Module) -> Iterator[str]:
    """The first line of a file answers the question why it is there."""
    said = ast.get_docstring(module.tree, clean=False)
    if not (said or "").split("\n", 1)[0].strip():
        yield module.complain(
            1, "the module's first statement must be a docstring with a first line"
        )


def files_stay_readable(module: Module) -> Iterator[str]:
    """No file becomes "the core": past 350 lines it turns into a folder of the same name."""
    if (lines := len(module.source.splitlines())) > LONGEST:
        yield module.complain(LONGEST, f"{lines} lines; make it a folder of the same name")


# The checkout against the rules -------------------------------------------------------------------

Rule = Callable[[Module], Iterator[str]]


def _read(*tops: str) -> list[Module]:
    files = [path for top in tops for path in sorted((ROOT / top).rglob("*.py"))]
    paths = [PurePosixPath(file.relative_to(ROOT).as_posix()) for file in files]
    folders = frozenset(".".join(path.parts[:-1]) for path in paths)
    texts = [file.read_text("utf-8") for file in files]
    return [Module(path, text, folders) for path, text in zip(paths, texts, strict=True)]


@pytest.fixture(scope="module")
def house() -> list[Module]:
    """Every source file of the three packages."""
    return _read(*PACKAGES)


def _holds(rule: Rule, modules: list[Module]) -> None:
    complaints = [complaint for module in modules for complaint in rule(module)]
    assert not complaints, "\n".join([rule.__doc__ or rule.__name__, *complaints])


def test_the_three_packages_are_read(house: list[Module]) -> None:
    """A check over nothing would always pass."""
    assert {module.package for module in house} == set(PACKAGES)


def test_adapters_and_storage_know_only_the_words_of_the_bot(house: list[Module]) -> None:
    """So a new platform or another database never drags the core along."""
    _holds(outer_packages_know_only_words, house)


def test_the_core_knows_neither_adapters_nor_storage(house: list[Module]) -> None:
    """So the whole core runs in a test with fakes, and no platform gets a private door."""
    _holds(only_the_doors_see_everything, house)


def test_adapters_do_not_know_one_another(house: list[Module]) -> None:
    """So one source or platform can be removed by removing its folder."""
    _holds(adapters_are_strangers, house)


def test_only_the_schedule_imports_apscheduler(house: list[Module]) -> None:
    """So its next major version is one file's work."""
    _holds(only_the_schedule_knows_apscheduler, house)


def test_only_storage_imports_sql(house: list[Module]) -> None:
    """So a query is found in one place, and every one of them runs on both engines."""
    _holds(only_storage_knows_sql, house)


def test_only_adapters_import_http(house: list[Module]) -> None:
    """So proxies, time limits and politeness are kept in one place."""
    _holds(only_adapters_know_http, house)


def test_only_the_jobs_import_their_engine(house: list[Module]) -> None:
    """So one machine needs no engine, and another engine is one folder's work."""
    _holds(only_the_jobs_know_their_engine, house)


def test_no_sdk_is_imported_before_it_is_wanted(house: list[Module]) -> None:
    """So `paperboy demo` starts at once and an unused platform costs nothing."""
    _holds(sdks_wait_until_they_are_wanted, house)


def test_importing_reads_no_environment(house: list[Module]) -> None:
    """So settings come from one object that is handed down."""
    _holds(importing_reads_no_environment, house)


def test_every_name_says_what_is_inside(house: list[Module]) -> None:
    """So a thing is found where its name says, in the tests too."""
    _holds(names_say_what_is_inside, [*house, *_read("tests", "scripts")])


def test_every_module_begins_by_saying_what_it_is(house: list[Module]) -> None:
    """So a listing of first lines is a map of the house."""
    _holds(modules_begin_by_saying_what_they_are, house)


def test_no_file_is_too_long_to_read(house: list[Module]) -> None:
    """So a file can be held in the head."""
    _holds(files_stay_readable, house)


def test_no_test_folder_is_a_package() -> None:
    """An __init__.py in tests/**/discord would hide the real discord package."""
    assert not list((ROOT / "tests").rglob("__init__.py"))


# The rules themselves -----------------------------------------------------------------------------

FOLDERS = frozenset(
    "adapters adapters.sources adapters.sources.arxiv adapters.sources.huggingface "
    "adapters.platforms adapters.platforms.console".split()
)
REFUSED: list[tuple[Rule, str, str]] = [
    (outer_packages_know_only_words, "adapters/sources/a.py", "from bot.courier import Courier"),
    (outer_packages_know_only_words, "adapters/sources/a.py", "from bot import papers, digest"),
    (outer_packages_know_only_words, "adapters/sources/a.py", "import bot"),
    (outer_packages_know_only_words, "adapters/sources/a.py", "import storage.rows"),
    (outer_packages_know_only_words, "storage/rows.py", "from adapters import sources"),
    (outer_packages_know_only_words, "storage/rows.py", "def f():\n    import bot.app"),
    (only_the_doors_see_everything, "bot/courier.py", "def f():\n    import adapters.platforms"),
    (only_the_doors_see_everything, "bot/courier.py", "import_module('storage.rows')"),
    (only_the_doors_see_everything, "bot/appendix.py", "from storage import rows"),
    (
        adapters_are_strangers,
        "adapters/sources/arxiv/a.py",
        "import adapters.sources.huggingface.b",
    ),
    (adapters_are_strangers, "adapters/sources/arxiv/a.py", "from ..huggingface import b"),
    (adapters_are_strangers, "adapters/sources/arxiv/__init__.py", "from .. import huggingface"),
    (adapters_are_strangers, "adapters/sources/words.py", "from adapters.platforms import console"),
    (adapters_are_strangers, "adapters/platforms/console/a.py", "from adapters.sources import b"),
    (only_the_schedule_knows_apscheduler, "bot/courier.py", "import apscheduler.job"),
    (only_storage_knows_sql, "bot/digest.py", "from sqlalchemy import select"),
    (only_storage_knows_sql, "adapters/a.py", "import sqlmodel"),
    (only_adapters_know_http, "bot/library.py", "import httpx"),
    (only_the_jobs_know_their_engine, "bot/rounds.py", "from procrastinate import App"),
    (sdks_wait_until_they_are_wanted, "adapters/a.py", "from telegram.ext import Application"),
    (sdks_wait_until_they_are_wanted, "adapters/a.py", "class A:\n    import discord"),
    (sdks_wait_until_they_are_wanted, "adapters/a.py", "try:\n    import openai\nfinally: ..."),
    (importing_reads_no_environment, "bot/a.py", "import os\nHOME = os.environ['HOME']"),
    (importing_reads_no_environment, "bot/a.py", "def f(home=os.getenv('HOME')): ..."),
    (
        importing_reads_no_environment,
        "bot/a.py",
        "from os import environ\nclass A:\n    b = environ",
    ),
    (names_say_what_is_inside, "bot/utils.py", ""),
    (names_say_what_is_inside, "adapters/common/a.py", ""),
    (modules_begin_by_saying_what_they_are, "bot/a.py", "import os"),
    (modules_begin_by_saying_what_they_are, "bot/a.py", '"""\nLate."""'),
    (files_stay_readable, "bot/a.py", "\n" * (LONGEST + 1)),
]
PASSED: list[tuple[Rule, str, str]] = [
    (
        outer_packages_know_only_words,
        "adapters/sources/a.py",
        "from bot.ports.outside import Source",
    ),
    (outer_packages_know_only_words, "storage/rows.py", "from bot import papers, errors"),
    (only_the_doors_see_everything, "bot/app/rooms.py", "import adapters.platforms, storage"),
    (only_the_doors_see_everything, "bot/cli/demo.py", "import storage"),
    (adapters_are_strangers, "adapters/sources/arxiv/a.py", "from adapters.sources.arxiv import b"),
    (adapters_are_strangers, "adapters/sources/arxiv/a.py", "from adapters.sources.words import b"),
    (adapters_are_strangers, "adapters/sources/arxiv/a.py", "import adapters"),
    (adapters_are_strangers, "adapters/sources/__init__.py", "from adapters.sources import arxiv"),
    (only_the_schedule_knows_apscheduler, "bot/schedule/bell.py", "import apscheduler"),
    (only_storage_knows_sql, "storage/rows.py", "import sqlmodel"),
    (only_adapters_know_http, "adapters/sources/a.py", "import httpx"),
    (only_the_jobs_know_their_engine, "adapters/jobs/a/b.py", "from procrastinate import App"),
    (sdks_wait_until_they_are_wanted, "adapters/a.py", "async def connect():\n    import discord"),
    (
        sdks_wait_until_they_are_wanted,
        "adapters/a.py",
        "if TYPE_CHECKING:\n    from discord import Client",
    ),
    (importing_reads_no_environment, "bot/a.py", "def home(): return os.environ['HOME']"),
    (names_say_what_is_inside, "bot/database.py", ""),
    (modules_begin_by_saying_what_they_are, "bot/a.py", '"""What it is."""'),
    (files_stay_readable, "bot/a.py", "\n" * LONGEST),
]


def _sample(path: str, source: str) -> Module:
    return Module(PurePosixPath(path), source, FOLDERS)


@pytest.mark.parametrize(("rule", "path", "source"), REFUSED)
def test_each_rule_refuses_what_it_is_for(rule: Rule, path: str, source: str) -> None:
    """A check that cannot fail guards nothing."""
    assert list(rule(_sample(path, source)))


@pytest.mark.parametrize(("rule", "path", "source"), PASSED)
def test_each_rule_lets_pass_what_is_right(rule: Rule, path: str, source: str) -> None:
    """A check that cries wolf gets switched off."""
    assert not list(rule(_sample(path, source)))


def test_every_rule_is_tried_both_ways() -> None:
    """A rule added later must come with its own proof."""
    assert {rule for rule, _, _ in REFUSED} == {rule for rule, _, _ in PASSED}
