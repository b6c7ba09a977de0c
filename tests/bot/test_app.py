"""The composition root opens what the settings ask for, and closes it whatever happens."""

from __future__ import annotations

from datetime import time
from pathlib import Path
from types import TracebackType

import pytest

import adapters.sources.arxiv
import adapters.sources.huggingface
import storage
from bot.app import open_desk, open_memory
from bot.errors import SetUpWrong
from bot.settings import Settings


@pytest.fixture
def journal(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is opened and closed, in order."""
    seen: list[str] = []

    def watched(kind: type) -> type:
        class Watched(kind):  # type: ignore[misc]
            async def __aenter__(self) -> object:
                seen.append(f"open {kind.__name__}")
                return await super().__aenter__()

            async def __aexit__(
                self,
                kind_of: type[BaseException] | None,
                error: BaseException | None,
                trace: TracebackType | None,
            ) -> None:
                seen.append(f"close {kind.__name__}")
                await super().__aexit__(kind_of, error, trace)

        return Watched

    for module, name in (
        (adapters.sources.huggingface, "HuggingFace"),
        (adapters.sources.arxiv, "Arxiv"),
        (storage.store, "SqlStore"),
    ):
        monkeypatch.setattr(module, name, watched(getattr(module, name)))
    return seen


def _settings(tmp_path: Path, **words: object) -> Settings:
    return Settings.alone(home=tmp_path / "home", **words)


async def test_what_is_opened_last_is_closed_first(tmp_path: Path, journal: list[str]) -> None:
    async with open_desk(_settings(tmp_path)):
        pass
    assert journal == [
        "open SqlStore",
        "open HuggingFace",
        "open Arxiv",
        "close Arxiv",
        "close HuggingFace",
        "close SqlStore",
    ]


async def test_an_error_inside_closes_everything(tmp_path: Path, journal: list[str]) -> None:
    with pytest.raises(RuntimeError, match="inside"):
        async with open_desk(_settings(tmp_path)):
            raise RuntimeError("inside")
    assert journal[3:] == ["close Arxiv", "close HuggingFace", "close SqlStore"]


async def test_what_cannot_be_opened_closes_what_was(tmp_path: Path, journal: list[str]) -> None:
    with pytest.raises(SetUpWrong, match="PAPERBOY_ARXIV_URL"):
        async with open_desk(_settings(tmp_path, arxiv_url="http://example.org:port")):
            pytest.fail("it was opened")
    assert journal == ["open SqlStore", "open HuggingFace", "close HuggingFace", "close SqlStore"]


async def test_arxiv_is_listed_only_with_categories_and_looked_up_always(tmp_path: Path) -> None:
    async with open_desk(_settings(tmp_path)) as desk:
        assert list(desk.sources) == ["huggingface"]
        assert list(desk.lookups) == ["huggingface", "arxiv"]
    async with open_desk(_settings(tmp_path, arxiv_categories=("cs.CV",))) as desk:
        assert list(desk.sources) == ["huggingface", "arxiv"]


async def test_channels_that_chose_nothing_get_the_operators_choices(tmp_path: Path) -> None:
    settings = _settings(tmp_path, zone="Asia/Seoul", language="ko", hour="07:30", links="hf")
    async with open_desk(settings) as desk:
        given = desk.defaults
        assert list(desk.platforms) == ["console"]
    assert (given.zone, given.language, given.hour, given.links) == (
        "Asia/Seoul",
        "ko",
        time(7, 30),
        "hf",
    )


async def test_the_home_is_made_for_the_database(tmp_path: Path) -> None:
    async with open_memory(_settings(tmp_path)) as store, store.snapshot() as tx:
        assert await tx.channels.all() == []
    assert (tmp_path / "home" / "paperboy.sqlite3").is_file()
