"""Every row type comes back as it went in, whatever it holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels import (
    Address,
    Body,
    Channel,
    Delivery,
    DeliveryState,
    Digest,
    Drawn,
    Empty,
    Follow,
    Kind,
    Layout,
    LedgerRow,
    LedgerState,
    Notice,
    Topic,
    When,
)
from bot.papers import Edition, EditionState, Listing, Paper, Reading
from bot.reports import Brief, Guide, Innovation, Report
from storage import SqlStore
from storage.columns import clean
from tests.storage.samples import NOW, TODAY, channel, subscribe

try_few = settings(
    max_examples=20,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)
texts = st.lists(text, max_size=4).map(tuple)
number = st.integers(0, 2**62)
instants = st.timedeltas(timedelta(days=-30_000), timedelta(days=80_000)).map(
    lambda since: datetime(1970, 1, 1, tzinfo=UTC) + since
)
days = st.dates(date(1900, 1, 1), date(2200, 1, 1))
paper_id = st.from_regex(r"\d{4}\.\d{5}|[a-z-]{2,9}/\d{7}", fullmatch=True)


def maybe(kind: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | kind


papers = st.builds(
    Paper,
    paper_id,
    text,
    abstract=text,
    authors=texts,
    organization=maybe(text),
    published=maybe(instants),
    version=maybe(number),
    categories=texts,
    keywords=texts,
    summary=maybe(text),
    upvotes=maybe(number),
    comments=maybe(number),
    code_url=maybe(text),
    stars=maybe(number),
    project_url=maybe(text),
    image_url=maybe(text),
    sources=texts,
)
editions = st.builds(
    Edition,
    text,
    days,
    instants,
    st.sampled_from(EditionState),
    number,
    number,
    maybe(instants),
    maybe(instants),
    maybe(text),
    maybe(instants),
    maybe(text),
)
reports = st.builds(
    Report,
    text,
    text,
    st.builds(Guide, text, text, text, text, text),
    st.lists(st.builds(Innovation, text, text), max_size=3).map(tuple),
    text,
    st.builds(Brief, text, text, text, text, texts, text, text),
)
readings = st.builds(
    Reading,
    paper_id,
    text,
    text,
    texts,
    st.lists(st.tuples(text, text), max_size=3).map(tuple),
    maybe(text),
    maybe(number),
    maybe(instants),
    texts,
    texts,
    texts,
    maybe(st.floats(0, 1)),
    maybe(reports),
)
addresses = st.builds(Address, text, text, maybe(text.filter(bool)))
channels = st.builds(
    Channel,
    addresses,
    text,
    text,
    instants,
    hour=st.times(),
    days=st.frozensets(st.integers(0, 6)),
    layout=st.sampled_from(Layout),
    limit=number,
    when=st.sampled_from(When),
    empty=st.sampled_from(Empty),
    follow=st.sampled_from(Follow),
    links=text,
    sound=text,
    quiet_from=maybe(st.times()),
    quiet_to=maybe(st.times()),
    paused=st.booleans(),
    paused_until=maybe(instants),
    suspended_at=maybe(instants),
    previous_due=maybe(instants),
    next_due=maybe(instants),
    put_off_from=maybe(instants),
    created=maybe(instants),
    name=maybe(text),
)


@try_few
@given(paper=papers)
async def test_a_paper(store: SqlStore, paper: Paper) -> None:
    async with store.transaction() as t:
        await t.papers.put([paper])
        assert await t.papers.get([paper.id]) == {paper.id: paper}


@try_few
@given(edition=editions, instant=instants)
async def test_an_edition_and_a_listing(
    store: SqlStore, edition: Edition, instant: datetime
) -> None:
    listing = Listing("2512.00001", edition.source, edition.day, instant)
    async with store.transaction() as t:
        await t.editions.put(edition)
        assert await t.editions.get(edition.source, edition.day) == edition
        if await t.editions.add_listings([listing]):
            assert await t.editions.listings_on(edition.source, edition.day) == [listing]


@try_few
@given(reading=readings)
async def test_a_reading(store: SqlStore, reading: Reading) -> None:
    async with store.transaction() as t:
        await t.readings.put(reading)
        assert await t.readings.get([reading.paper_id], reading.language) == {
            reading.paper_id: reading
        }


@try_few
@given(place=channels, query=text, created=maybe(instants))
async def test_a_channel_and_its_topic(
    store: SqlStore, place: Channel, query: str, created: datetime | None
) -> None:
    async with store.transaction() as t:
        if standing := await t.channels.find(place.address):
            await t.channels.remove(standing.id)
        added = await t.channels.add(place)
        assert added == replace(place, id=added.id)
        assert await t.channels.get(added.id) == added
        topic = await t.topics.add(Topic(query, 0, added.id, created))
        assert await t.topics.of([added.id]) == {added.id: (topic,)}


@try_few
@given(
    numbers=st.tuples(number, number, number, number),
    notice=maybe(st.sampled_from(Notice)),
    spoke=st.booleans(),
    missing=texts,
    day=days,
    due=instants,
    horizon=maybe(instants),
)
async def test_a_digest(
    store: SqlStore,
    numbers: tuple[int, int, int, int],
    notice: Notice | None,
    spoke: bool,
    missing: tuple[str, ...],
    day: date,
    due: datetime,
    horizon: datetime | None,
) -> None:
    async with store.transaction() as t:
        place = await t.channels.find(Address("console", "lab"))
        place = place or await t.channels.add(channel("lab"))
        if await t.digests.get(place.id, day):
            return
        digest = Digest(place.id, day, due, due, horizon, 0, *numbers, notice, spoke, missing)
        [own] = await t.digests.add([digest])
        assert await t.digests.get(place.id, day) == replace(digest, id=own)


@try_few
@given(
    ids=st.lists(paper_id, max_size=4).map(tuple),
    kind=st.sampled_from(Kind),
    state=st.sampled_from(DeliveryState),
    flags=st.tuples(st.booleans(), st.booleans()),
    times=st.tuples(*[maybe(instants)] * 6),
    counts=st.tuples(*[number] * 3),
    platform_ids=texts,
    error=maybe(text),
    fragments=st.lists(st.binary(max_size=40) | st.binary(min_size=600, max_size=700), max_size=5),
    fallback=maybe(st.lists(st.binary(max_size=9), max_size=3)),
)
async def test_a_delivery_and_its_body(
    store: SqlStore,
    ids: tuple[str, ...],
    kind: Kind,
    state: DeliveryState,
    flags: tuple[bool, bool],
    times: tuple[datetime | None, ...],
    counts: tuple[int, int, int],
    platform_ids: tuple[str, ...],
    error: str | None,
    fragments: list[bytes],
    fallback: list[bytes] | None,
) -> None:
    created, not_before, stale_at, leased_until, tried_at, sent_at = times
    turn, attempts, unknowns = counts
    plain = None if fallback is None else Body(tuple(fallback))
    async with store.transaction() as t:
        place = await t.channels.find(Address("console", "lab"))
        place = place or await t.channels.add(channel("lab"))
        delivery = Delivery(
            place.id,
            place.address,
            kind,
            papers=ids,
            state=state,
            silent=flags[0],
            plain=flags[1],
            created=created,
            not_before=not_before,
            stale_at=stale_at,
            leased_until=leased_until,
            turn=turn,
            attempts=attempts,
            unknowns=unknowns,
            tried_at=tried_at,
            sent_at=sent_at,
            platform_ids=platform_ids,
            error=error,
            digest_id=2**40,
        )
        [own] = await t.deliveries.add([(delivery, Drawn(Body(tuple(fragments)), (), plain))])
        assert await t.deliveries.body(own) == (Body(tuple(fragments)), plain)
        if state in (DeliveryState.READY, DeliveryState.IN_FLIGHT, DeliveryState.UNKNOWN):
            found = {one.id: one for one in await t.deliveries.unsettled([place.id])}
            assert found[own] == replace(delivery, id=own)


@try_few
@given(
    paper=paper_id,
    state=st.sampled_from(LedgerState),
    becomes=st.sampled_from(LedgerState),
    at=instants,
    delivery=maybe(number),
    votes=maybe(number),
)
async def test_a_row_of_the_ledger(
    store: SqlStore,
    paper: str,
    state: LedgerState,
    becomes: LedgerState,
    at: datetime,
    delivery: int | None,
    votes: int | None,
) -> None:
    async with store.transaction() as t:
        for standing in await t.channels.all():
            await t.channels.remove(standing.id)
        [lab] = await subscribe(t, "lab")
        row = LedgerRow(lab.id, paper, state, at, delivery, votes, becomes)
        await t.ledger.reserve([row])
        assert await t.ledger.known([lab.id], [paper]) == {lab.id: {paper: row}}


@try_few
@given(name=text, value=text, person=text, at=instants, address=addresses, paper=paper_id)
async def test_a_note_and_a_saved_paper(
    store: SqlStore,
    name: str,
    value: str,
    person: str,
    at: datetime,
    address: Address,
    paper: str,
) -> None:
    async with store.transaction() as t:
        await t.notes.put(name, value)
        assert await t.notes.get(name) == value
        assert (await t.notes.starting(name))[name] == value
        await t.saved.add(address, person, paper, at)
        assert paper in await t.saved.of(address, person)
        await t.saved.forget(address)


DIRTY = "a\0b\ud83d\ude00c\ud800d\0\0"
CLEAN = "ab😀c\ufffdd"


async def test_what_no_engine_can_hold_is_taken_out(store: SqlStore) -> None:
    """NULs go; halves of a character become one where they meet, else a mark."""
    address = Address("console", DIRTY)
    async with store.transaction() as t:
        await t.papers.put([Paper(DIRTY, DIRTY, DIRTY, authors=(DIRTY,), keywords=(DIRTY,))])
        assert await t.papers.get([DIRTY]) == {
            CLEAN: Paper(CLEAN, CLEAN, CLEAN, authors=(CLEAN,), keywords=(CLEAN,))
        }
        assert len(await t.papers.search("b😀c", limit=1)) == 1
        place = await t.channels.add(channel(address=address, name=DIRTY))
        found = await t.channels.find(address)
        assert found
        assert (found.id, found.name) == (place.id, CLEAN)
        await t.notes.put(DIRTY, DIRTY)
        assert await t.notes.get(DIRTY) == CLEAN
        assert await t.notes.starting(DIRTY[:2]) == {CLEAN: CLEAN}
        report = Report(
            DIRTY, innovations=(Innovation(DIRTY, DIRTY),), brief=Brief(datasets=(DIRTY,))
        )
        reading = Reading(DIRTY, "en", "abstract", (DIRTY,), ((DIRTY, DIRTY),), report=report)
        await t.readings.put(reading)
        stored = (await t.readings.get([DIRTY], "en"))[CLEAN]
        assert stored.sections == ((CLEAN, CLEAN),)
        assert stored.report == Report(
            CLEAN, innovations=(Innovation(CLEAN, CLEAN),), brief=Brief(datasets=(CLEAN,))
        )
        await t.editions.add_listings([Listing(DIRTY, "arxiv", TODAY, NOW)])
        assert [one.paper_id for one in await t.editions.listings_on("arxiv", TODAY)] == [CLEAN]
        await t.ledger.reserve([LedgerRow(place.id, DIRTY, LedgerState.SHOWN, NOW)])
        assert list((await t.ledger.known([place.id], [DIRTY]))[place.id]) == [CLEAN]


@given(dirty=st.text(st.characters()))
def test_a_clean_text_is_left_alone_and_a_dirty_one_is_encodable(dirty: str) -> None:
    cleaned = clean(dirty)
    assert clean(cleaned) == cleaned
    assert "\0" not in cleaned
    cleaned.encode()


async def test_a_wall_time_with_a_zone_and_an_id_with_a_space_are_refused(
    store: SqlStore,
) -> None:
    with pytest.raises(ValueError, match="local"):
        async with store.transaction() as t:
            await t.channels.add(channel("hall", hour=time(9, tzinfo=UTC)))
    async with store.transaction() as t:
        [lab] = await subscribe(t, "lab")
    one = Delivery(lab.id, lab.address, papers=("a b",))
    with pytest.raises(ValueError, match="space"):
        async with store.transaction() as t:
            await t.deliveries.add([(one, Drawn(Body(())))])
