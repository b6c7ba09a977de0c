"""The composition root opens what the settings ask for, and closes it whatever happens."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import UTC, datetime, time
from pathlib import Path
from types import TracebackType

import pytest

import adapters.sources.arxiv
import adapters.sources.huggingface
import storage
from bot.app import listen, monitor, open_desk, open_memory, open_monitor, operators, webhook
from bot.errors import SetUpWrong
from bot.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2025, 12, 27, 9, tzinfo=UTC)


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


# The chat platforms -------------------------------------------------------------------------------

TOKEN = "4242:" + "A" * 35
HOOK = "https://bot.example.org/telegram"


def test_an_sdk_without_a_token_is_not_imported() -> None:
    """An unused platform costs neither time nor memory."""
    code = (
        "import asyncio, sys\n"
        "from contextlib import AsyncExitStack\n"
        "from bot.app import open_platforms\n"
        "from bot.settings import Settings\n"
        "async def work(**words):\n"
        "    async with AsyncExitStack() as stack:\n"
        "        given = await open_platforms(Settings.alone(**words), stack, now=None)\n"
        "        return [*given]\n"
        "assert asyncio.run(work()) == []\n"
        "assert not {'telegram', 'discord', 'aiohttp'} & set(sys.modules)\n"
        f"assert asyncio.run(work(telegram_token={TOKEN!r})) == ['telegram']\n"
        "assert 'telegram' in sys.modules and 'discord' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


async def test_platforms_with_a_token_are_open_beside_those_given(tmp_path: Path) -> None:
    settings = _settings(tmp_path, telegram_token=TOKEN, discord_token="no.token.at-all")
    async with open_desk(settings, connected=lambda: NOW) as desk:
        assert list(desk.platforms) == ["console", "telegram", "discord"]
        assert TOKEN not in repr(desk)
    async with open_desk(settings) as desk:
        assert list(desk.platforms) == ["console"]


async def test_digests_and_answers_of_a_token_share_one_pace(tmp_path: Path) -> None:
    settings = _settings(tmp_path, telegram_token=TOKEN, telegram_per_second=12)
    async with open_desk(settings, connected=lambda: NOW) as desk:
        pacer = desk.pacer("telegram")
        assert pacer.per_second == 12
        assert desk.platforms["telegram"]._pacer is pacer  # type: ignore[attr-defined]
        assert desk.platforms["telegram"].limits.pace.any_second == 13
        assert desk.pacer("console").per_second is None
        assert desk.pacer("console") is desk.pacer("console")


async def test_the_desk_knows_operators_and_who_may_subscribe(tmp_path: Path) -> None:
    settings = _settings(tmp_path, admins="telegram:1,discord:2,console:me,telegram:3")
    assert operators(settings, "telegram") == {"1", "3"}
    async with open_desk(settings) as desk:
        assert [str(one) for one in desk.admins] == ["telegram:@1", "discord:@2", "telegram:@3"]
        assert desk.access == "open"
    async with open_desk(_settings(tmp_path, llm_model="some-model")) as desk:
        assert desk.access == "invite"
    async with open_desk(_settings(tmp_path, llm_model="m", access="list")) as desk:
        assert desk.access == "list"


def test_without_an_address_there_is_no_webhook(tmp_path: Path) -> None:
    assert webhook(_settings(tmp_path, telegram_token=TOKEN)) is None
    assert webhook(_settings(tmp_path, telegram_webhook_url=HOOK)) is None


def test_a_webhook_has_a_secret_that_is_the_same_at_every_start(tmp_path: Path) -> None:
    words = {"telegram_token": TOKEN, "telegram_webhook_url": HOOK}
    first, again = (webhook(_settings(tmp_path, **words)) for _ in range(2))
    assert first is not None
    assert first == again
    assert (first.url, first.host, first.port) == (HOOK, "127.0.0.1", 8080)
    assert len(first.secret) == 64
    assert "A" * 35 not in first.secret
    other = webhook(_settings(tmp_path, **words | {"telegram_token": "4242:" + "B" * 35}))
    assert other is not None
    assert other.secret != first.secret
    own = webhook(_settings(tmp_path, **words, telegram_webhook_secret="own_word-7"))
    assert own is not None
    assert own.secret == "own_word-7"


def test_a_secret_that_telegram_does_not_take_is_refused_without_showing_it(
    tmp_path: Path,
) -> None:
    settings = _settings(
        tmp_path, telegram_token=TOKEN, telegram_webhook_url=HOOK,
        telegram_webhook_secret="two words!",
    )  # fmt: skip
    with pytest.raises(SetUpWrong, match="PAPERBOY_TELEGRAM_WEBHOOK_SECRET") as told:
        webhook(settings)
    assert "two words" not in str(told.value)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("127.0.0.1:8080", ("127.0.0.1", 8080)),
        ("[::1]:443", ("::1", 443)),
        (":9000", ("0.0.0.0", 9000)),
        ("bot.internal:80", ("bot.internal", 80)),
    ],
)
def test_where_webhooks_are_served_is_a_host_and_a_port(tmp_path: Path, text, wanted) -> None:
    assert listen(_settings(tmp_path, listen=text)) == wanted


@pytest.mark.parametrize("text", ["8080", "localhost", "localhost:http", "localhost:0", "a:70000"])
def test_what_is_no_host_and_port_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SetUpWrong, match=r"PAPERBOY_LISTEN .* an example: 127\.0\.0\.1:8080"):
        listen(_settings(tmp_path, listen=text))


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("127.0.0.1:9464", ("127.0.0.1", 9464)),
        ("[::1]:80", ("::1", 80)),
        (":9464", ("0.0.0.0", 9464)),
        (" OFF ", None),
    ],
)
def test_where_the_bot_is_watched(text: str, where: tuple[str, int] | None) -> None:
    assert monitor(Settings.alone(monitor=text)) == where


async def test_what_happens_is_told_to_who_watches_and_nothing_is_opened_when_that_is_off(
    tmp_path: Path,
) -> None:
    settings = _settings(tmp_path, monitor="off")
    async with (
        open_monitor(settings, lambda: NOW) as vitals,
        open_desk(settings, meter=vitals.pulse) as desk,
    ):
        assert desk.meter is vitals.pulse
        assert await vitals.standing() is None  # of a desk that nobody has shown it
        with vitals.watching(desk, asyncio.Event()):
            told = await vitals.standing()
            assert told is not None
            assert (told.at, told.papers) == (NOW, 0)
