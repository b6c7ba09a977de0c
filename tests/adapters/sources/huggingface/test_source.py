"""Promises of the source huggingface: whole lists, each paper once, conditional reads."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import pytest

from adapters.sources.huggingface import HuggingFace
from bot.errors import GiveUp, NotFound, SetUpWrong, SourceFailed
from tests.wires.daily import Daily, record, records
from tests.wires.loopback import Fault

DAY = date(2026, 1, 7)
NOW = datetime(2026, 1, 8, 12, tzinfo=UTC)


@pytest.fixture
async def server() -> AsyncIterator[Daily]:
    async with Daily() as running:
        yield running


@pytest.fixture
async def source(server: Daily) -> AsyncIterator[HuggingFace]:
    async def at_once(seconds: float) -> None:
        del seconds

    async with HuggingFace(server.url, wait=at_once) as opened:
        yield opened


async def test_a_short_list_is_one_question(server: Daily, source: HuggingFace) -> None:
    server.lists[DAY] = records(13)
    fetched = await source.edition(DAY, None, now=NOW)
    assert [paper.id for paper in fetched.papers] == [f"2601.{n:05d}" for n in range(1, 14)]
    assert [asked.query for asked in server.asked] == [
        {"date": "2026-01-07", "limit": "100", "p": "0"}
    ]
    assert server.asked[0].path == "/api/daily_papers"


@pytest.mark.parametrize(("count", "pages"), [(49, 1), (50, 2), (99, 2), (100, 2), (250, 4)])
async def test_a_long_list_is_read_to_its_end(
    server: Daily, source: HuggingFace, count: int, pages: int
) -> None:
    server.lists[DAY] = records(count)
    fetched = await source.edition(DAY, None, now=NOW)
    assert len({paper.id for paper in fetched.papers}) == len(fetched.papers) == count
    assert len(server.asked) == pages


async def test_a_server_that_cuts_at_its_default_of_fifty_loses_nothing(
    server: Daily, source: HuggingFace
) -> None:
    server.lists[DAY], server.most_at_once = records(120), 50
    assert len((await source.edition(DAY, None, now=NOW)).papers) == 120


async def test_a_server_that_ignores_the_page_is_not_asked_for_ever(
    server: Daily, source: HuggingFace
) -> None:
    server.lists[DAY], server.heeds_page = records(100), False
    assert len((await source.edition(DAY, None, now=NOW)).papers) == 100
    assert len(server.asked) == 2


async def test_a_server_without_an_end_is_a_failure(server: Daily, source: HuggingFace) -> None:
    server.lists[DAY] = records(5_000)
    with pytest.raises(SourceFailed, match="more than 20 pages"):
        await source.edition(DAY, None, now=NOW)


async def test_a_paper_listed_twice_comes_once(server: Daily, source: HuggingFace) -> None:
    server.lists[DAY] = [record("2601.00001"), record("2601.00002"), record("2601.00001v2")]
    fetched = await source.edition(DAY, None, now=NOW)
    assert [paper.id for paper in fetched.papers] == ["2601.00001", "2601.00002"]


async def test_an_empty_list_is_no_error(source: HuggingFace) -> None:
    fetched = await source.edition(DAY, None, now=NOW)
    assert (fetched.papers, fetched.broken, fetched.unchanged) == ((), (), False)


async def test_a_mirror_that_has_no_file_of_the_day_says_an_empty_list(
    server: Daily, source: HuggingFace
) -> None:
    server.lists[DAY] = {"status": "no_data", "date": "2026-01-07", "message": "Nothing here"}
    assert (await source.edition(DAY, None, now=NOW)).papers == ()
    server.lists[DAY] = {"status": "no_data", "date": "2026-01-06", "message": "Nothing here"}
    with pytest.raises(SourceFailed, match="another day"):
        await source.edition(DAY, None, now=NOW)


async def test_a_bad_record_costs_one_paper_and_is_named(
    server: Daily, source: HuggingFace
) -> None:
    bad = [7, {"paper": {"id": "2601.00009"}}, {"paper": {"title": "No id"}}]
    server.lists[DAY] = [*records(2), *bad, record("2601.00003")]
    fetched = await source.edition(DAY, None, now=NOW)
    assert [paper.id for paper in fetched.papers] == ["2601.00001", "2601.00002", "2601.00003"]
    assert [broken.where for broken in fetched.broken] == ["record 3", "2601.00009", "record 5"]
    assert all(broken.why.endswith(".") for broken in fetched.broken)


async def test_an_unchanged_list_is_not_sent_again(server: Daily, source: HuggingFace) -> None:
    server.lists[DAY] = records(3)
    first = await source.edition(DAY, None, now=NOW)
    again = await source.edition(DAY, first.validator, now=NOW)
    assert (again.unchanged, again.papers, again.validator) == (True, (), first.validator)
    server.lists[DAY] = records(4)
    changed = await source.edition(DAY, first.validator, now=NOW)
    assert (changed.unchanged, len(changed.papers)) == (False, 4)
    assert changed.validator != first.validator


async def test_last_modified_serves_where_there_is_no_etag(
    server: Daily, source: HuggingFace
) -> None:
    moment = "Wed, 07 Jan 2026 10:00:00 GMT"
    server.lists[DAY], server.tags = records(3), False
    server.faults.append(Fault(headers={"Last-Modified": moment}))
    first = await source.edition(DAY, None, now=NOW)
    await source.edition(DAY, first.validator, now=NOW)
    assert server.asked[-1].headers["if-modified-since"] == moment


async def test_a_list_of_several_pages_has_no_validator(server: Daily, source: HuggingFace) -> None:
    """Its first page may stay as it is while a paper is added on the second."""
    server.lists[DAY] = records(100)
    assert (await source.edition(DAY, None, now=NOW)).validator is None


async def test_a_list_with_a_bad_record_has_no_validator(
    server: Daily, source: HuggingFace
) -> None:
    server.lists[DAY] = [*records(2), 7]
    assert (await source.edition(DAY, None, now=NOW)).validator is None


async def test_a_validator_of_another_day_or_server_makes_nothing_conditional(
    server: Daily, source: HuggingFace
) -> None:
    server.lists[DAY] = server.lists[date(2026, 1, 8)] = records(3)
    validator = (await source.edition(DAY, None, now=NOW)).validator
    for given in (validator, "", "null", "[]", "{", '{"of": 1}', 'W/"x"'):
        fetched = await source.edition(date(2026, 1, 8), given, now=NOW)
        assert len(fetched.papers) == 3
        assert "if-none-match" not in server.asked[-1].headers


async def test_not_modified_without_being_asked_is_a_failure(
    server: Daily, source: HuggingFace
) -> None:
    server.faults.append(Fault(status=304))
    with pytest.raises(SourceFailed, match="HTTP 304"):
        await source.edition(DAY, None, now=NOW)


async def test_fridays_list_repeated_at_the_weekend_is_an_empty_list(
    server: Daily, source: HuggingFace
) -> None:
    friday = records(5, submittedOnDailyAt="2026-01-09T00:00:00.000Z")
    for day in (9, 10, 11, 12):
        server.lists[date(2026, 1, day)] = friday
    counts = [
        len((await source.edition(date(2026, 1, day), None, now=NOW)).papers)
        for day in (9, 10, 11, 12)
    ]
    assert counts == [5, 0, 0, 0]


async def test_a_list_of_another_day_has_no_validator(server: Daily, source: HuggingFace) -> None:
    """Else "not modified" would later pass for a read of the right list."""
    server.lists[DAY] = records(5, submittedOnDailyAt="2026-01-06T00:00:00.000Z")
    assert (await source.edition(DAY, None, now=NOW)).validator is None


async def test_one_paper_by_its_id(server: Daily, source: HuggingFace) -> None:
    server.papers["2601.00001"] = record("2601.00001", "Alone", upvotes=3)["paper"]
    paper = await source.paper("2601.00001v2")
    assert (paper.id, paper.title, paper.upvotes) == ("2601.00001", "Alone", 3)
    assert server.asked[-1].path == "/api/papers/2601.00001"


async def test_an_unknown_paper_is_not_found(source: HuggingFace) -> None:
    with pytest.raises(NotFound, match=r"does not know the paper 2601\.99999"):
        await source.paper("2601.99999")


async def test_what_is_no_id_is_not_asked(server: Daily, source: HuggingFace) -> None:
    with pytest.raises(NotFound, match="not an arXiv id"):
        await source.paper("../../etc/passwd")
    assert server.asked == []


async def test_another_paper_than_asked_or_a_broken_one_is_a_failure(
    server: Daily, source: HuggingFace
) -> None:
    server.papers["2601.00001"] = record("2601.00002")["paper"]
    server.papers["2601.00003"] = {"id": "2601.00003"}
    server.papers["2601.00004"] = []
    for paper_id in ("2601.00001", "2601.00003", "2601.00004"):
        with pytest.raises(SourceFailed, match=paper_id):
            await source.paper(paper_id)


async def test_a_search_keeps_the_order_and_the_bound(server: Daily, source: HuggingFace) -> None:
    server.found = [record("2601.00003"), record("2601.00001"), 7, record("2601.00002")]
    found = await source.search(" world\nmodels ", 2)
    assert [paper.id for paper in found] == ["2601.00003", "2601.00001"]
    assert server.asked[-1].query == {"q": "world models", "limit": "2"}


async def test_a_search_for_nothing_asks_nobody(server: Daily, source: HuggingFace) -> None:
    assert await source.search("  ", 5) == []
    assert await source.search("words", 0) == []
    assert server.asked == []


async def test_a_refused_date_is_given_up(server: Daily, source: HuggingFace) -> None:
    server.always = Fault(status=400, body=b'{"error": "Invalid date."}')
    with pytest.raises(GiveUp, match=r"2026-01-07 \(HTTP 400; it says: Invalid date\)"):
        await source.edition(DAY, None, now=NOW)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (Fault(body=b'[{"paper": {"id": "2601.00001", "ti'), "cut short or damaged"),
        (Fault(body=b""), "cut short or damaged"),
        (Fault(body=b"\xff\xfe[]"), "cut short or damaged"),
        (Fault(body=b"[" * 200_000), "cut short or damaged"),
        (Fault(body=b"<!DOCTYPE html><html>Sign in</html>"), "a web page instead of data"),
        (Fault(body=b"Sign in", kind="text/html"), "a web page instead of data"),
        (Fault(body=b"null"), "did not send a list"),
        (Fault(body=b"3"), "did not send a list"),
        (Fault(body=b'{"error": "Out of\\norder"}'), "it says: Out of order"),
        (Fault(status=404), r"HTTP 404\); check HF_ENDPOINT"),
        (Fault(status=401), "refuses to answer"),
        (Fault(status=503), "HTTP 503"),
        (Fault(status=429, headers={"Retry-After": "40"}), "in 40 s"),
        (Fault(cut=3), "broke off"),
        (Fault(hush=True), "broke off"),
    ],
)
async def test_every_bad_answer_is_one_clear_sentence(
    server: Daily, source: HuggingFace, fault: Fault, sentence: str
) -> None:
    server.lists[DAY] = records(3)
    server.always = fault
    with pytest.raises(SourceFailed, match=sentence) as caught:
        await source.edition(DAY, None, now=NOW)
    assert "\n" not in str(caught.value)
    server.always = None
    assert len((await source.edition(DAY, None, now=NOW)).papers) == 3


async def test_a_failure_on_the_second_page_fails_the_whole_list(
    server: Daily, source: HuggingFace
) -> None:
    server.lists[DAY] = records(150)
    server.faults.extend([Fault(), *[Fault(status=500)] * 3])
    with pytest.raises(SourceFailed):
        await source.edition(DAY, None, now=NOW)


async def test_a_number_of_ten_thousand_digits_costs_one_field(
    server: Daily, source: HuggingFace
) -> None:
    body = '[{"paper": {"id": "2601.00001", "title": "A", "upvotes": %s}}]' % ("9" * 10_000)
    server.lists[DAY] = body.encode()
    (paper,) = (await source.edition(DAY, None, now=NOW)).papers
    assert paper.upvotes is None


async def test_the_token_goes_into_one_header_and_nowhere_else(server: Daily) -> None:
    token = "hf_secretsecretsecret"
    server.lists[DAY] = records(1)
    async with HuggingFace(f"{server.url}/", token) as source:
        await source.edition(DAY, None, now=NOW)
        assert server.asked[-1].headers["authorization"] == f"Bearer {token}"
        assert token not in server.asked[-1].target
        assert token not in repr(source)
        server.always = Fault(status=401)
        with pytest.raises(SourceFailed, match="correct or remove HF_TOKEN") as caught:
            await source.edition(DAY, None, now=NOW)
        assert token not in str(caught.value) + repr(caught.value)


async def test_without_a_token_none_is_sent(server: Daily, source: HuggingFace) -> None:
    await source.edition(DAY, None, now=NOW)
    assert "authorization" not in server.asked[-1].headers


@pytest.mark.parametrize("token", ["hf_\nx", "hf secret", "hf_é"])
def test_a_token_that_cannot_be_sent_is_named_but_not_shown(token: str) -> None:
    with pytest.raises(SetUpWrong, match="HF_TOKEN") as caught:
        HuggingFace(None, token)
    assert token not in str(caught.value)


async def test_an_endpoint_with_a_path_and_a_password_is_asked_there(server: Daily) -> None:
    server.lists[DAY] = records(2)
    address = server.url.replace("http://", "http://me:secret@") + "/mirror/"
    async with HuggingFace(address) as source:
        assert len((await source.edition(DAY, None, now=NOW)).papers) == 2
        assert "secret" not in repr(source)
    assert server.asked[-1].path == "/mirror/api/daily_papers"
    assert server.asked[-1].headers["authorization"].startswith("Basic ")
    server.always = Fault(status=404)
    async with HuggingFace(address) as source:
        with pytest.raises(SourceFailed) as caught:
            await source.edition(DAY, None, now=NOW)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("endpoint", ["huggingface.co", "ftp://huggingface.co", "https://"])
def test_a_wrong_endpoint_is_a_wrong_set_up(endpoint: str) -> None:
    with pytest.raises(SetUpWrong, match="HF_ENDPOINT"):
        HuggingFace(endpoint)


def test_without_an_endpoint_it_is_hugging_faces_own() -> None:
    assert "https://huggingface.co" in repr(HuggingFace())
    assert "https://huggingface.co" in repr(HuggingFace("  "))
