"""Promises of asking: few tries, bounded in time and size, every trouble in one sentence."""

from __future__ import annotations

import asyncio
import gzip

import httpx
import pytest

from adapters.sources.asking import Patience, Web, retry_after, user_agent
from bot.errors import SetUpWrong, SourceFailed
from tests.wires.loopback import Asked, Fault, Loopback, Said


class Echo(Loopback):
    """Always says the same."""

    def answer(self, asked: Asked) -> Said:
        if asked.path == "/elsewhere":
            return Said(b"", 301, headers={"Location": "http://other.example/x"})
        if asked.path == "/circle":
            return Said(b"", 302, headers={"Location": "/circle"})
        if asked.path == "/moved":
            return Said(b"", 301, headers={"Location": "/here?x=1"})
        return Said(b"[1, 2, 3]")


class Waits:
    """A clock that only waiting moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []

    def clock(self) -> float:
        return self.now

    async def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


def web(time: Waits, **options: object) -> Web:
    return Web(
        "A service",
        hosts=frozenset({"127.0.0.1"}),
        setting="HF_ENDPOINT",
        clock=time.clock,
        wait=time.wait,
        **options,  # type: ignore[arg-type]
    )


async def failure(time: Waits, url: str, **options: object) -> SourceFailed:
    async with web(time, **options) as asking:
        with pytest.raises(SourceFailed) as caught:
            await asking.ask(url)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return caught.value


async def test_a_passing_trouble_is_tried_again_after_a_growing_pause() -> None:
    time = Waits()
    async with Echo() as server, web(time) as asking:
        server.faults.extend([Fault(status=503), Fault(hush=True)])
        answer = await asking.ask(f"{server.url}/x", {"q": "a b"})
    assert answer.body == b"[1, 2, 3]"
    assert [asked.query for asked in server.asked] == [{"q": "a b"}] * 3
    assert len(time.waits) == 2
    assert 0.375 <= time.waits[0] <= 0.625
    assert 0.75 <= time.waits[1] <= 1.25


async def test_a_trouble_that_stays_is_given_up_after_three_tries() -> None:
    async with Echo() as server:
        server.always = Fault(status=500)
        error = await failure(Waits(), server.url)
    assert len(server.asked) == 3
    assert "HTTP 500" in str(error)
    assert "127.0.0.1" in str(error)


@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after_is_obeyed_to_the_second(status: int) -> None:
    time = Waits()
    async with Echo() as server, web(time) as asking:
        server.faults.append(Fault(status=status, headers={"Retry-After": "7"}))
        await asking.ask(server.url)
    assert time.waits == [7.0]


async def test_a_retry_after_that_outlasts_patience_is_handed_on_and_not_waited_for() -> None:
    time = Waits()
    async with Echo() as server:
        server.always = Fault(status=429, headers={"Retry-After": "300"})
        error = await failure(time, server.url)
    assert error.retry_after == 300.0
    assert "300 s" in str(error)
    assert time.waits == []
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "12"}, 12.0),
        (
            {
                "Retry-After": "Wed, 21 Oct 2026 07:30:00 GMT",
                "Date": "Wed, 21 Oct 2026 07:28:00 GMT",
            },
            120.0,
        ),
        (
            {
                "Retry-After": "Wed, 21 Oct 2026 07:00:00 GMT",
                "Date": "Wed, 21 Oct 2026 07:28:00 GMT",
            },
            0.0,
        ),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "9" * 400}, 7 * 86_400.0),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_both_forms(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(httpx.Headers(headers)) == seconds


async def test_a_server_that_hangs_is_left_after_the_time_of_one_try() -> None:
    async with Echo() as server:
        server.always = Fault(hang=True)
        error = await failure(
            Waits(), server.url, patience=Patience(tries=2, attempt=0.05, total=20)
        )
    assert "did not answer within 0.05 s" in str(error)
    assert len(server.asked) == 2


async def test_a_server_that_drips_for_ever_is_left_too() -> None:
    async with Echo() as server:
        server.always = Fault(drip=True, body=b"x" * 10_000)
        error = await failure(Waits(), server.url, patience=Patience(tries=1, attempt=0.15))
    assert "did not answer within 0.15 s" in str(error)


async def test_an_answer_broken_off_is_a_failure_and_tried_again() -> None:
    async with Echo() as server, web(Waits()) as asking:
        server.faults.append(Fault(cut=4))
        assert (await asking.ask(server.url)).body == b"[1, 2, 3]"
    async with Echo() as server:
        server.always = Fault(cut=4)
        assert "broke off" in str(await failure(Waits(), server.url))


async def test_nobody_listening_says_what_to_check() -> None:
    async with Echo() as server:
        gone = server.url
    assert "could not be reached; check the network and HF_ENDPOINT" in str(
        await failure(Waits(), gone)
    )


async def test_an_answer_that_is_too_large_is_not_read_to_its_end() -> None:
    async with Echo() as server:
        server.always = Fault(body=b"x" * 3_000_001)
        error = await failure(Waits(), server.url, most_bytes=2_000_000)
    assert "more than 2 MB" in str(error)
    assert len(server.asked) == 1


async def test_a_small_answer_that_unpacks_to_a_large_one_is_stopped_too() -> None:
    async with Echo() as server:
        server.always = Fault(
            body=gzip.compress(b"x" * 3_000_001), headers={"Content-Encoding": "gzip"}
        )
        assert "more than 2 MB" in str(await failure(Waits(), server.url, most_bytes=2_000_000))


async def test_an_answer_packed_wrongly_is_a_failure() -> None:
    async with Echo() as server:
        server.always = Fault(body=b"not gzip", headers={"Content-Encoding": "gzip"})
        assert "broke off" in str(await failure(Waits(), server.url))


@pytest.mark.parametrize("status", [200, 304, 400, 404, 410, 422])
async def test_what_is_about_the_question_is_given_back(status: int) -> None:
    async with Echo() as server, web(Waits()) as asking:
        server.always = Fault(status=status)
        assert (await asking.ask(server.url)).status == status
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refusal_is_a_failure_that_is_not_repeated(status: int) -> None:
    async with Echo() as server:
        server.always = Fault(status=status)
        assert f"HTTP {status}" in str(await failure(Waits(), server.url))
    assert len(server.asked) == 1


async def test_redirects_are_followed_on_the_same_host_only() -> None:
    async with Echo() as server:
        async with web(Waits()) as asking:
            assert (await asking.ask(f"{server.url}/moved")).body == b"[1, 2, 3]"
        assert "redirects to other.example" in str(
            await failure(Waits(), f"{server.url}/elsewhere")
        )
        assert "in a circle" in str(await failure(Waits(), f"{server.url}/circle"))


def test_every_error_of_httpx_becomes_one_of_ours() -> None:
    ours = web(Waits())
    target = httpx.URL("https://service.example/x")
    foreign = [
        kind
        for kind in vars(httpx).values()
        if isinstance(kind, type)
        and issubclass(kind, httpx.HTTPError | httpx.InvalidURL | httpx.StreamError)
    ]
    assert len(foreign) > 20
    for kind in foreign:
        error = kind.__new__(kind)
        trouble = ours._trouble(target, error, 1.0)
        assert isinstance(trouble, SourceFailed), kind
        assert str(trouble).endswith("."), kind


async def test_a_proxy_setting_that_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "gopher://proxy.example:70")
    with pytest.raises(SetUpWrong, match="HTTPS_PROXY"):
        async with web(Waits()):
            pass


async def test_a_proxy_is_obeyed_but_never_for_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Echo() as proxy, Echo() as server:
        for name in ("HTTP_PROXY", "http_proxy"):
            monkeypatch.setenv(name, proxy.url)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        async with web(Waits()) as asking:
            await asking.ask(f"{server.url}/direct")
            await asking.ask("http://service.example/through")
    assert [asked.target for asked in server.asked] == ["/direct"]
    assert [asked.target for asked in proxy.asked] == ["http://service.example/through"]


async def test_being_cancelled_is_no_trouble_of_the_service() -> None:
    async with Echo() as server, web(Waits()) as asking:
        server.always = Fault(hang=True)
        asked = asyncio.ensure_future(asking.ask(server.url))
        await server.came.wait()
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked


async def test_the_asker_says_who_it_is() -> None:
    async with Echo() as server, web(Waits()) as asking:
        await asking.ask(server.url)
    assert server.asked[0].headers["user-agent"] == user_agent()
    assert user_agent().startswith("paperboy-bot")
