"""Every client goes through the environment's proxy, and nothing goes round it.

The hosts' names lead nowhere but through the proxy of the test.
"""

from __future__ import annotations

import asyncio
import logging
import re
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

import aiohttp
import pytest

from adapters.fulltexts.arxiv import ArxivHtml
from adapters.platforms.discord import Discord
from adapters.platforms.telegram import Telegram
from adapters.proxies import proxy_for
from adapters.readers.openai import OpenAIReader
from adapters.readers.openai import Patience as ReaderPatience
from adapters.sources.arxiv import Arxiv
from adapters.sources.asking import Patience
from adapters.sources.huggingface import HuggingFace
from bot.cards import Paragraph
from bot.channels import Address
from bot.errors import PaperboyError
from bot.ports import Reply, Request
from bot.ports.reading import Form
from tests.wires.discordian.people import FakeDiscord
from tests.wires.llm.server import FakeModel
from tests.wires.loopback import Asked, Loopback, Said
from tests.wires.proxy import Passed, Proxy
from tests.wires.talks import Answering
from tests.wires.telegram import FakeTelegram

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2025, 12, 27, 9, tzinfo=UTC)
LOGIN = "clerk:pass/word ä"
WRITTEN = "clerk:pass%2Fword%20%C3%A4"  # as it stands in an address
FORM = Form("Answer.", "A text.", {"type": "object", "properties": {"field": {"type": "string"}}})
ONCE = Patience(tries=1, attempt=5, total=5)
TOKEN = "123456:AAFake-token-of-nobody-0123456789abc"
SETTINGS = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ws_proxy", "wss_proxy")


async def echo(request: Request) -> Reply:
    return Reply((Paragraph.of(f"{request.command}: {request.text}"),), "en")


class Lists(Loopback):
    """A source with nothing in it."""

    def answer(self, asked: Asked) -> Said:
        return Said(b"[]")


@pytest.fixture
async def proxy(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Proxy]:
    """The environment's only way out; it wants a name and a password."""
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    async with Proxy(login=LOGIN, written=WRITTEN) as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        yield proxy


async def huggingface(base: str, folder: Path) -> object:
    async with HuggingFace(base, patience=ONCE) as source:
        return await source.edition(date(2025, 12, 26), None, now=NOW)


async def arxiv(base: str, folder: Path) -> object:
    async with Arxiv((), base=base, patience=ONCE) as source:
        return await source.paper("2512.21218")


async def full_text(base: str, folder: Path) -> object:
    async with Arxiv((), base=base, patience=ONCE) as source:
        return await ArxivHtml(source.web, source.pages, folder).read("2512.21218")


async def model(base: str, folder: Path) -> object:
    patience = ReaderPatience(tries=1, attempt=5, total=5)
    async with OpenAIReader("fake", "sk-of-nobody", f"{base}/v1", patience=patience) as reader:
        return await reader.fill(FORM)


async def telegram(base: str, folder: Path) -> object:
    async with Telegram(TOKEN, api_url=base) as platform:
        return await platform.probe(Address("telegram", "1"))


async def discord(base: str, folder: Path) -> object:
    async with Discord("no.real.token", api_url=f"{base}/api/v10") as platform:
        return await platform.probe(Address("discord", "1"))


CLIENTS = (huggingface, arxiv, full_text, model, telegram, discord)
Client = Callable[[str, Path], Awaitable[object]]


def told(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> str:
    """Everything that was written anywhere."""
    return caplog.text + "".join(capfd.readouterr())


@pytest.mark.parametrize("client", CLIENTS, ids=lambda one: one.__name__)
async def test_https_goes_through_the_proxy_and_its_password_is_told_to_nobody_else(
    client: Client,
    proxy: Proxy,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """The proxy lets nobody through here: what the client says of that is looked at as well."""
    caplog.set_level(logging.DEBUG)
    said = ""
    try:
        said = repr(await client("https://service.example", tmp_path))
    except PaperboyError as error:
        said = "".join(traceback.format_exception(error))
    assert proxy.asked
    assert set(proxy.asked) == {Passed("CONNECT", "service.example", 443, LOGIN)}
    for part in ("pass/word", "pass%2Fword", "Y2xlcms6"):  # the last: as the header has it
        assert part not in said + told(caplog, capfd)


@pytest.mark.parametrize("client", CLIENTS, ids=lambda one: one.__name__)
async def test_a_proxy_that_wants_another_password_is_not_gone_round(
    client: Client, proxy: Proxy, tmp_path: Path
) -> None:
    async with Lists() as server:
        proxy.routes["service.example"] = server.url
        proxy.login = "somebody:else"
        with suppress(PaperboyError):
            await client("http://service.example", tmp_path)
        assert proxy.asked
        assert server.asked == []


@pytest.mark.parametrize("client", CLIENTS, ids=lambda one: one.__name__)
@pytest.mark.parametrize("spared", ["service.localhost", "localhost,.localhost", "*"])
async def test_a_host_of_no_proxy_is_asked_directly(
    client: Client,
    spared: str,
    proxy: Proxy,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_PROXY", spared)
    async with Lists() as server:
        _resolve(monkeypatch)
        with suppress(PaperboyError):
            await client(server.url.replace("127.0.0.1", "service.localhost"), tmp_path)
        assert server.asked
        assert proxy.asked == []


@pytest.mark.parametrize("client", CLIENTS, ids=lambda one: one.__name__)
async def test_this_machine_is_behind_no_proxy(
    client: Client, proxy: Proxy, tmp_path: Path
) -> None:
    """An own Bot API server, a model on this machine: whatever HTTP_PROXY says."""
    async with Lists() as server:
        with suppress(PaperboyError):
            await client(server.url, tmp_path)
        assert server.asked
        assert proxy.asked == []


async def test_a_list_comes_through_the_proxy(proxy: Proxy, tmp_path: Path) -> None:
    async with Lists() as server:
        proxy.routes["hf.example"] = server.url
        await huggingface("http://hf.example", tmp_path)
        assert [one.path for one in server.asked] == ["/api/daily_papers"]
    assert proxy.hosts == {"hf.example"}


async def test_a_reading_comes_through_the_proxy(proxy: Proxy, tmp_path: Path) -> None:
    async with FakeModel() as served:
        proxy.routes["model.example"] = served.url
        await model("http://model.example", tmp_path)
        assert len(served.calls) == 1
        assert "proxy-authorization" not in served.calls[0].headers
    assert proxy.hosts == {"model.example"}


async def test_people_of_telegram_are_heard_and_answered_through_the_proxy(proxy: Proxy) -> None:
    async with FakeTelegram() as wire:
        proxy.routes["telegram.example"] = wire.url
        async with Telegram(
            wire.token, api_url="http://telegram.example", now=lambda: NOW
        ) as platform:
            listening = asyncio.create_task(platform.serve(Answering(echo)))
            ann = wire.person("Ann")
            wire.type(wire.private(ann), ann, "/help")
            assert (await wire.hear(wire.private(ann))).text == "help:"
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
    assert proxy.hosts == {"telegram.example"}


async def test_discord_s_calls_and_its_gateway_come_through_the_proxy(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with FakeDiscord() as world:
        world.gateway.url = "ws://gateway.example/gateway/"
        proxy.routes |= {"discord.example": world.url, "gateway.example": world.url}
        guild = world.add_guild()
        channel, ada = world.add_channel(guild), world.add_member(guild)
        talk = Answering(echo)
        async with Discord(world.token or "", api_url="http://discord.example") as platform:
            listening = asyncio.create_task(platform.serve(talk))
            await world.until(lambda: world.gateway.identified and world.backend.commands.get(None))
            answer = await world.slash(ada, channel, "help")
            assert answer.text == "help:"
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
    assert proxy.hosts == {"discord.example", "gateway.example"}


async def test_a_gateway_of_discord_is_reached_as_its_calls_are(proxy: Proxy) -> None:
    """aiohttp by itself would ask for WSS_PROXY."""
    from adapters.platforms.discord.ways import connector

    async with aiohttp.ClientSession(connector=connector()) as session:
        with pytest.raises(aiohttp.ClientHttpProxyError) as caught:
            await session.ws_connect("wss://gateway.example/?v=10")
    assert proxy.asked == [Passed("CONNECT", "gateway.example", 443, LOGIN)]
    assert "pass" not in str(caught.value) + repr(caught.value)


@pytest.mark.parametrize(
    ("settings", "asked", "found"),
    [
        ({"HTTPS_PROXY": "http://p:1"}, ("https", "a.example"), "http://p:1"),
        ({"https_proxy": "p:1"}, ("https", "a.example"), "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1"}, ("wss", "a.example"), "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1"}, ("http", "a.example"), None),
        ({"HTTP_PROXY": "http://p:1"}, ("ws", "a.example"), "http://p:1"),
        ({"ALL_PROXY": "http://p:1"}, ("https", "a.example"), "http://p:1"),
        ({"ALL_PROXY": "http://p:1"}, ("https", "127.0.0.1"), None),
        ({"ALL_PROXY": "http://p:1"}, ("https", "::1"), None),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "example"}, ("https", "a.example"), None),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "b.example"}, ("https", "ab.example"), "http://p:1"),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "a.b:84"}, ("https", "a.b", 84), None),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "*"}, ("https", "a.example"), None),
        ({}, ("https", "a.example"), None),
    ],
)  # fmt: skip
def test_the_environment_is_read_as_other_programs_read_it(
    settings: dict[str, str],
    asked: tuple[str, str, int] | tuple[str, str],
    found: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(*asked) == found


def test_no_other_module_calls_anybody() -> None:
    """A new one is to be put among the clients above; those that only call this machine are named
    here."""
    known = {
        "adapters/sources/asking.py",
        "adapters/readers/openai/endpoint.py",
        "adapters/platforms/telegram/connection.py",
        "adapters/platforms/discord/ways.py",
        "adapters/platforms/telegram/sandbox/server.py",  # this machine: the sandbox's own bot
        "adapters/monitor/asking.py",  # this machine: `paperboy health`
    }
    calls = re.compile(
        r"AsyncClient\(|AsyncHttpxClient\(|HTTPXRequest\(|ClientSession\(|TCPConnector|urlopen|"
        r"HTTPS?Connection\(|httpx2?\.(?:get|post|stream)\(|open_connection\(|create_connection\("
    )
    found = {
        file.relative_to(ROOT).as_posix()
        for package in ("bot", "adapters", "storage")
        for file in (ROOT / package).rglob("*.py")
        if calls.search(file.read_text("utf-8"))
    }
    assert found == known


def _resolve(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the name service.localhost be this machine, for whoever looks it up."""
    import socket

    real = socket.getaddrinfo

    def look_up(host: object, *more: object, **words: object) -> object:
        if host in ("service.localhost", b"service.localhost"):
            host = "127.0.0.1"
        return real(host, *more, **words)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
