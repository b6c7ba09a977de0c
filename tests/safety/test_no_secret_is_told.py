"""Section 11: tokens never reach a log, an error, a repr or the database."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import secrets
import socket
import sys
import zlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import psycopg
import pytest

from adapters.platforms.telegram.sandbox import Refusal
from bot.app import open_desk
from bot.cli.exits import guarded
from bot.errors import Refused
from bot.logs import set_up
from bot.settings import SECRETS, Settings
from tests.processes.conftest import (
    MORNING,
    NINE,
    SPATIA,
    TOPICS,
    Group,
    Stage,
    compiled,
    stage,
    stage_of,
)
from tests.safety.scanning import Scanner, forms, reachable
from tests.wires import postgres
from tests.wires.discordian.server import Fault
from tests.wires.llm.server import FakeModel

__all__ = ["compiled", "stage"]  # fixtures

A_WORD = "zQ7-hushhush_%s_0987654321abcdef"  # looks like no service's own token


def words() -> dict[str, str]:
    """A distinctive secret for everything that may hold one and is not a fake's own."""
    names = "hf openai hook proxy mirror database endpoint".split()
    return {name: A_WORD % name + secrets.token_hex(4) for name in names}


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


# The scanner


@pytest.mark.parametrize(
    "written",
    [
        lambda one: one,
        lambda one: f"https://api.example/bot{one}/getMe",
        lambda one: quote(one, safe=""),
        lambda one: base64.b64encode(one.encode()).decode(),
        lambda one: base64.b64encode(f"me:{one}".encode()).decode(),
        lambda one: base64.urlsafe_b64encode(f"Bot {one}!".encode()).decode(),
        lambda one: one.partition(":")[2],
        lambda one: json.dumps({"a": one}),
        lambda one: one.encode("utf-16-le"),
    ],
)
def test_the_scanner_finds_a_planted_secret_in_every_form(
    written: Callable[[str], str | bytes], tmp_path: Path
) -> None:
    """A scan that finds nothing says nothing unless it would."""
    token = '123456789:AAplanted"secret/plus+equals=of_a_test'
    scanner = Scanner({"planted": token})
    data = written(token)
    assert scanner.found("x", data) == ["planted in x"]
    (tmp_path / "in").mkdir()
    raw = data if isinstance(data, bytes) else data.encode()
    (tmp_path / "in" / "file.db").write_bytes(b"\0\1" + raw + b"\2")
    assert scanner.found_in_folder(tmp_path) == ["planted in file.db"]


def test_the_scanner_leaves_other_words_alone() -> None:
    scanner = Scanner({"planted": "123456789:AAplanted-secret-of-a-test"})
    assert scanner.found("x", "123456789 asked for planted trees, a secret of the test") == []
    assert all(len(one) >= 8 for one in forms("a:b.c"))


# A desk


async def test_no_object_of_an_open_desk_shows_a_secret_of_the_settings(tmp_path: Path) -> None:
    """Whatever is printed, in a log, an error or a debugger."""
    told = words()
    settings = Settings.alone(
        home=tmp_path,
        telegram_token="4242:" + told["hook"],
        telegram_webhook_url="https://bot.example/hook",
        telegram_webhook_secret="W" + told["hook"].replace("%", ""),
        discord_token=told["proxy"],
        hf_token=told["hf"],
        hf_endpoint=f"https://me:{told['mirror']}@mirror.example",
        arxiv_url=f"https://me:{told['endpoint']}@arxiv.example",
        openai_api_key=told["openai"],
        openai_base_url=f"https://me:{told['endpoint']}@llm.example/v1",
        llm_model="m",
    )
    scanner = Scanner({**told, **{f"setting {n}": v for n, v in enumerate(settings.secrets())}})
    shown = 0
    async with open_desk(settings, connected=lambda: datetime.now(UTC), reading=True) as desk:
        for one in [settings, *reachable(desk)]:
            said = f"{one!r} {one!s}"
            assert scanner.found(type(one).__name__, said) == []
            shown += 1
    assert shown > 50  # the desk is more than its own shell


def test_every_secret_setting_is_one_that_the_scan_knows() -> None:
    """A new secret must be scanned for too: set it in `everything_told`."""
    assert set(SECRETS) == {
        "telegram_token", "telegram_webhook_secret", "discord_token", "openai_api_key", "hf_token",
        "database_url",
    }  # fmt: skip


@pytest.mark.parametrize("debugging", ["0", "1"])
def test_an_error_of_another_library_takes_no_secret_into_the_trace(
    debugging: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Telegram's library writes the token into its own error; ours is raised from that."""
    monkeypatch.setenv("PAPERBOY_DEBUG", debugging)
    told, root = words(), logging.getLogger()
    before = [*root.handlers], root.level
    token = "123456789:AAsecretsecretsecretsecretsecretsecr"

    def command() -> None:
        try:
            raise RuntimeError(f"The token `{token}` was rejected, and {told['hf']} too")
        except RuntimeError as error:
            raise Refused(f"refused: {told['openai']}") from error

    try:
        set_up(secrets=[*told.values()])
        assert guarded(command) == 3
    finally:
        root.handlers[:], root.level = before[0], before[1]
        logging.captureWarnings(False)
    said = capsys.readouterr().err
    assert ("RuntimeError" in said) is (debugging == "1")
    assert Scanner({**told, "telegram": token}).found("the error stream", said) == []


# A whole run


@pytest.fixture
async def model() -> AsyncIterator[FakeModel]:
    """A language model."""
    async with FakeModel() as made:
        yield made


async def test_a_run_full_of_troubles_tells_no_secret_to_anybody(
    stage: Stage, model: FakeModel
) -> None:
    """Logs, the whole home folder, every message and every page. No digest waits for readings
    here, which take their time: arXiv is asked politely."""
    stage.surroundings["PAPERBOY_READING_LANGUAGES"] = "ko"
    await everything_told(stage, model, None, commands=1)


@pytest.mark.kill
async def test_no_command_prints_a_secret_after_such_a_run(stage: Stage, model: FakeModel) -> None:
    """Nor in its errors, whose whole trace is shown while debugging."""
    await everything_told(stage, model, None)


@pytest.mark.nightly
async def test_a_run_on_postgresql_tells_no_secret_either(stage: Stage, model: FakeModel) -> None:
    """The same, and every row of every table."""
    with postgres.database() as url:
        await everything_told(stage, model, url)


async def everything_told(
    stage: Stage, model: FakeModel, database: str | None, *, commands: int | None = None
) -> None:
    """The scan; `commands`: how many of the commands are tried, all of them when None."""
    told = words()
    telegram, discord = stage.telegram, stage.discord
    hook, monitor = free_port(), free_port()
    known = {**told, "telegram": telegram.token, "discord": discord.token or "?"}
    scanner = Scanner(known)
    proxy = f"http://proxyman:{told['proxy']}@127.0.0.1:9"
    source = stage.surroundings["HF_ENDPOINT"].replace("://", f"://me:{quote(told['mirror'])}@")
    if database is not None:
        address = database.replace("://postgres:", f"://postgres:{quote(told['database'])}", 1)
        assert told["database"] not in database
        stage.surroundings["PAPERBOY_DATABASE_URL"] = address
    olga = telegram.person("Olga")
    stage.surroundings |= {
        "HF_TOKEN": told["hf"], "HF_ENDPOINT": source, "OPENAI_API_KEY": told["openai"],
        "OPENAI_BASE_URL": model.url, "PAPERBOY_LLM_MODEL": "m", "PAPERBOY_DEBUG": "1",
        "HTTP_PROXY": proxy, "HTTPS_PROXY": proxy, "ALL_PROXY": proxy, "PAPERBOY_ACCESS": "open",
        "PAPERBOY_ADMINS": f"telegram:{olga.id}", "PAPERBOY_MONITOR": f"127.0.0.1:{monitor}",
    }  # fmt: skip
    by_webhook = {
        "PAPERBOY_LOG_FORMAT": "json",
        "PAPERBOY_TELEGRAM_WEBHOOK_URL": f"http://127.0.0.1:{hook}/updates",
        "PAPERBOY_TELEGRAM_WEBHOOK_SECRET": told["hook"].replace("%", "_"),
        "PAPERBOY_LISTEN": f"127.0.0.1:{hook}",
    }
    answers: list[tuple[str, str | bytes]] = []
    channel = discord.add_channel(guild := discord.add_guild("Lab"))
    eva = discord.add_member(guild, "Eva", manages=True)

    async with stage.bot(MORNING, by_webhook) as bot:
        group = Group(stage, bot, 40)
        await stage.of(bot, telegram.until(lambda: bool(telegram.made("setWebhook")), 40))
        telegram.set_bot(group.chat, group.ada, "member")
        await group.ask(f"/subscribe@paperboy_sandbox_bot {TOPICS}", "video generation")
        await group.ask("/paper 2512.15716", SPATIA)
        await stage.of(bot, discord.until(lambda: discord.backend.commands.get(None), 40))
        await stage_of(stage, bot, discord.slash(eva, channel, "subscribe", topics=TOPICS))
        async with aiohttp.ClientSession() as stranger:
            # A fault of ours with its whole trace: a press by nobody
            press: dict[str, Any] = {"id": "1", "chat_instance": "1", "data": "help"}
            where = by_webhook["PAPERBOY_TELEGRAM_WEBHOOK_URL"]
            secret = {"X-Telegram-Bot-Api-Secret-Token": told["hook"].replace("%", "_")}
            update = {"update_id": 987_654_321, "callback_query": press}
            async with stranger.post(where, json=update, headers=secret) as said:
                answers.append(("the webhook", await said.read()))
            async with stranger.post(where, json=update) as said:
                assert said.status == 401
                answers.append(("the webhook's refusal", await said.read()))
            for page in ("healthz", "readyz", "metrics"):
                async with stranger.get(f"http://127.0.0.1:{monitor}/{page}") as said:
                    answers.append((page, await said.read()))
        await bot.said("987654321")
        assert await bot.stopped() == 0
        assert "Traceback" in bot.log
        logs = [bot.log]

    troubles = iter([502, 0, 500])

    async def meddles(call: Any, writer: Any) -> bool:
        if call.method == "sendMessage" and (code := next(troubles, None)) is not None:
            if code == 0:
                return True  # cut
            raise Refusal(code, "Bad Gateway")
        return False

    telegram.meddle = meddles  # type: ignore[method-assign]
    discord.faults += [
        Fault("POST", "/channels/*/messages", status=500, message="broken"),
        Fault("POST", "/channels/*/messages", drop=True),
    ]
    model.always = dataclass_of(401)
    async with stage.bot(NINE, {"PAPERBOY_LOG_FORMAT": "text"}) as bot:
        posts = "/channels/*/messages"
        await stage.of(bot, discord.until(lambda: len(discord.called("POST", posts)) > 1, 40))
        await stage.of(bot, telegram.until(lambda: next(troubles, None) is None, 40))
        assert await bot.stopped() == 0
        logs.append(bot.log)

    async def refuses(call: Any, writer: Any) -> bool:
        raise Refusal(401, "Unauthorized")

    telegram.meddle = refuses  # type: ignore[method-assign]
    discord.faults.append(Fault(times=None, status=401))
    elsewhere = f"postgresql://me:{told['database']}@127.0.0.1:1/paperboy?connect_timeout=2"
    tried: list[tuple[list[str], dict[str, str]]] = [
        (["run", "--now", NINE], {}),
        (["doctor"], {}),
        (["status", "--json"], {}),
        (["channels", "export"], {}),
        (["channels", "list", "--json"], {"PAPERBOY_DATABASE_URL": elsewhere}),
        (["doctor"], {"PAPERBOY_DATABASE_URL": elsewhere}),
        (["digest", "--now", NINE], {"HF_ENDPOINT": f"http://me:{told['mirror']}@mirror.invalid"}),
        (["digest", "--now", NINE], {"HF_ENDPOINT": f"http://me:{told['mirror']}@["}),
        (["digest", "--now", NINE], {"HTTP_PROXY": f"gopher://me:{told['proxy']}@[", "HF_ENDPOINT":
                                     "http://mirror.invalid"}),
        (["paper", "2512.15716"], {"OPENAI_BASE_URL": f"http://me:{told['endpoint']}@127.0.0.1:9"}),
        (["once", "--now", NINE], {}),
    ]  # fmt: skip
    gate = asyncio.Semaphore(3)
    for text in await asyncio.gather(*(_output(stage, gate, *one) for one in tried[:commands])):
        answers.append(("what a command printed", text))

    found = [one for at, log in enumerate(logs) for one in scanner.found(f"log {at}", log)]
    found += [one for where, said in answers for one in scanner.found(where, said)]
    found += scanner.found_in_folder(Path(stage.surroundings["PAPERBOY_HOME"]))
    found += scanner.found_in_folder(stage.folder)
    for call in telegram.calls:
        if call.method != "setWebhook":  # which is told the webhook's own secret
            found += scanner.found(f"Telegram {call.method}", f"{call.params}{call.files}")
    for sent in discord.calls:
        found += scanner.found(f"Discord {sent.path}", f"{sent.query}{sent.body}{sent.files}")
    for asked in model.calls:
        found += scanner.found("the model", json.dumps(asked.body))
    if database is not None:
        found += scanner.found("the database", rows_of(database))
    assert found == []


def dataclass_of(status: int) -> Any:
    from tests.wires.llm.behaviours import Behaviour

    return Behaviour("refuses", status=status)


async def _output(
    stage: Stage, gate: asyncio.Semaphore, line: list[str], more: dict[str, str]
) -> str:
    async with gate:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", *line, cwd=stage.folder,
            env={**stage.surroundings, **more}, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await process.communicate()
    assert said, line
    return f"{line}\n{said.decode()}"


def rows_of(database: str) -> bytes:
    """Every row of every table, compressed bodies opened."""
    whole = bytearray()
    with psycopg.connect(database) as connection:
        tables = connection.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for (table,) in tables:
            for row in connection.execute(f"SELECT * FROM {table}").fetchall():
                for cell in row:
                    whole += opened(bytes(cell)) if isinstance(cell, bytes) else b""
                    whole += f"{cell}\n".encode()
    return bytes(whole)


def opened(data: bytes) -> bytes:
    """The data, and what is in it where it is compressed."""
    try:
        return data + zlib.decompress(data)
    except zlib.error:
        return data
