"""Section 11: /paper takes ids and known hosts only, and nothing asks a stranger's host."""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from adapters.sources.arxiv import Arxiv, Politeness
from adapters.sources.huggingface import HuggingFace
from bot.channels import Address
from bot.desk import Desk
from bot.ports import Person, Request, Rights
from bot.replies import reply
from bot.rounds import make_round
from storage import open_store
from tests.bot.replies.conftest import NOW, text_of
from tests.wires.board import Board
from tests.wires.databases import database
from tests.wires.loopback import Asked, Fault, Loopback, Said

STRANGER = "stranger.example"
PAPER = {
    "id": "2601.00001", "title": "A Study", "summary": "We study video generation.",
    "authors": [{"name": "Ada"}], "publishedAt": "2026-01-07T00:00:00.000Z", "upvotes": 3,
    "githubRepo": f"http://{STRANGER}/code", "projectPage": f"http://{STRANGER}/project",
    "mediaUrls": [f"http://{STRANGER}/media.png"], "ai_summary": f"See http://{STRANGER}/line",
    "organization": {"name": "x", "fullname": "X", "avatar": f"http://{STRANGER}/a.png"},
}  # fmt: skip
LISTED = {"paper": PAPER, "title": "A Study", "thumbnail": f"http://{STRANGER}/thumb.png"}


class Mirror(Loopback):
    """Hugging Face and arXiv in one; every address in what it tells is a stranger's."""

    def answer(self, asked: Asked) -> Said:
        """Lists, papers and searches."""
        if asked.path == "/api/daily_papers":
            return Said(
                json.dumps([LISTED] if asked.query.get("date") == "2026-01-08" else []).encode()
            )
        if asked.path == "/api/papers/2601.00001":
            return Said(json.dumps(PAPER).encode())
        return Said(b"[]", 404)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Every host that anything in this process looks up or connects to."""
    hosts: set[str] = set()
    look_up, connect = socket.getaddrinfo, socket.socket.connect

    def looks_up(host: Any, *rest: Any, **words: Any) -> Any:
        hosts.add(host.decode() if isinstance(host, bytes) else str(host))
        return look_up(host, *rest, **words)

    def connects(self: socket.socket, address: Any) -> Any:
        if isinstance(address, tuple):
            hosts.add(str(address[0]))
        return connect(self, address)

    monkeypatch.setattr(socket, "getaddrinfo", looks_up)
    monkeypatch.setattr(socket.socket, "connect", connects)
    return hosts


async def at_once(seconds: float) -> None:
    del seconds


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[tuple[Desk, Mirror]]:
    """A desk whose clients are the real ones."""
    async with AsyncExitStack() as stack:
        mirror = await stack.enter_async_context(Mirror())
        mirror.tags = False
        url = stack.enter_context(database("sqlite", tmp_path))
        store = await stack.enter_async_context(open_store(url))
        hf = await stack.enter_async_context(HuggingFace(mirror.url, wait=at_once))
        arxiv = await stack.enter_async_context(
            Arxiv((), mirror.url, politeness=Politeness(0), wait=at_once)
        )
        yield (
            Desk(store, {hf.name: hf}, {hf.name: hf, arxiv.name: arxiv}, {"board": Board()}),
            mirror,
        )


async def said(desk: Desk, command: str, text: str) -> str:
    """What is answered in private."""
    answer = await reply(
        desk,
        Request(
            command, text, Address("board", "lab"), Person("7", "Ada"), NOW, Rights(True), "en"
        ),
    )
    return text_of(answer.blocks)


FOREIGN = (
    f"http://{STRANGER}/abs/2601.00001",
    f"https://arxiv.org.{STRANGER}/abs/2601.00001",
    f"https://arxiv.org@{STRANGER}/abs/2601.00001",
    f"https://{STRANGER}/?x=https://arxiv.org/abs/2601.00001",
    f"https://{STRANGER}#arxiv.org/abs/2601.00001",
    f"http://{STRANGER}\\@arxiv.org/abs/2601.00001",
    "http://127.0.0.1:9/abs/2601.00001",
    "http://[::1]/abs/2601.00001",
    "http://169.254.169.254/latest/meta-data/",
    "http://0x7f000001/abs/2601.00001",
    "file:///etc/passwd",
    "gopher://arxiv.org/abs/2601.00001",
    "ftp://arxiv.org/abs/2601.00001",
    "https://arxiv.org:8443/abs/2601.00001",
    f"//{STRANGER}/abs/2601.00001",
    "https://huggingface.co/../../etc/passwd",
)


@pytest.mark.parametrize("command", ["paper", "save", "why", "ask"])
async def test_a_link_of_a_stranger_makes_nobody_ask_the_stranger(
    desk: tuple[Desk, Mirror], asked: set[str], command: str
) -> None:
    """It is refused, or the id in it is looked up where ids are looked up."""
    for text in FOREIGN:
        assert await said(desk[0], command, f"{text} what?")
        assert asked <= {"127.0.0.1"}, f"{text}: {asked}"
    for one in desk[1].asked:
        assert STRANGER not in one.target
        assert "passwd" not in one.target
        assert "meta-data" not in one.target


async def test_what_a_paper_links_to_is_shown_and_never_asked_for(
    desk: tuple[Desk, Mirror], asked: set[str]
) -> None:
    """Code, project, pictures and avatars: in a card, in a digest, in an abstract."""
    told, mirror = desk
    assert "A Study" in await said(told, "paper", "https://arxiv.org/abs/2601.00001v2")
    await said(told, "subscribe", "everything")
    async with told.store.snapshot() as tx:
        (channel,) = await tx.channels.all()
    assert channel.next_due is not None
    await make_round(told, channel.next_due)
    await said(told, "abstract", "2601.00001")
    board = told.platforms["board"]
    assert isinstance(board, Board)
    paths = {one.path for one in mirror.asked}
    assert "/api/papers/2601.00001" in paths
    assert asked == {"127.0.0.1"}


ELSEWHERE = (
    f"http://{STRANGER}/x",
    f"//{STRANGER}/x",
    "http://169.254.169.254/latest/meta-data/",
    "http://10.0.0.1/x",
    "http://[::1]:9/x",
    "http://localhost:9/x",
    "file:///etc/passwd",
)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_to_another_host_is_not_followed(
    desk: tuple[Desk, Mirror], asked: set[str], status: int
) -> None:
    """Neither to a stranger nor into the network that the bot stands in."""
    told, mirror = desk
    for where in ELSEWHERE:
        mirror.always = Fault(status=status, headers={"Location": where})
        assert "A Study" not in await said(told, "paper", "2601.00001")
        assert asked <= {"127.0.0.1"}, f"{where}: {asked}"
    assert mirror.asked
