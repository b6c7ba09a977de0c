"""Restoring a backup, and going over to another engine: all of it arrives, or nothing changes."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.channels import Address, DeliveryState, Outcome, Topic, Verdict
from bot.courier import recover
from bot.desk import Desk
from bot.digest.subscription import new_channel
from bot.errors import SetUpWrong, StoreBusy
from storage import backup, check, copy, facts, migrations, open_store, restore, upgrade
from storage.upkeep import files, looking, pouring
from tests.storage import early
from tests.storage.samples import NOW, paper, subscribe
from tests.storage.storm import held
from tests.wires.databases import ENGINES, nothing

UNREACHED = Outcome(Verdict.NOT_SENT, error="No connection.")
OTHER = {"sqlite": "postgresql", "postgresql": "sqlite"}
ASIDE = "before-20251227T023000Z"


def file_url(path: Path) -> str:
    return f"sqlite:///{path}"


@pytest.fixture
def other_url(engine: str, tmp_path: Path) -> Iterator[str]:
    """A database on the other engine that is still to be made."""
    (tmp_path / "other").mkdir()
    with nothing(OTHER[engine], tmp_path / "other") as found:
        yield found


async def filled(url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every column of every table holds something."""
    early.make(url, migrations.HEAD, folder, monkeypatch)


async def dies(*_: object) -> None:
    """In the place of a step."""
    raise KeyboardInterrupt


async def chats(url: str) -> list[str]:
    async with open_store(url) as store, store.snapshot() as t:
        return [one.address.chat for one in await t.channels.all()]


async def named(url: str, *names: str) -> None:
    async with open_store(url) as store, store.transaction() as t:
        await subscribe(t, *names)


# Copying ------------------------------------------------------------------------------------------


async def test_every_value_goes_over_and_back_as_it_was(
    new_url: str, other_url: str, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await filled(new_url, tmp_path, monkeypatch)
    monkeypatch.setattr(looking, "TOGETHER", 1)  # each row is a batch of its own
    source = await held(new_url)
    assert all(one.rows for one in source.values())
    moved = await copy(new_url, other_url, NOW)
    assert await held(other_url) == source
    assert moved.rows == {name: one.rows for name, one in sorted(source.items())}
    assert await check(other_url) == []
    (tmp_path / "back").mkdir()
    with nothing(engine, tmp_path / "back") as back:
        await copy(other_url, back, NOW)
        assert await held(back) == source
        assert await check(back) == []


async def test_a_file_is_copied_to_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = file_url(tmp_path / "one.db"), file_url(tmp_path / "new" / "other.db")
    await filled(one, tmp_path, monkeypatch)
    moved = await copy(one, other, NOW)
    assert os.listdir(tmp_path / "new") == ["other.db"]
    assert await held(other) == await held(one)
    assert moved.kept is None


async def test_new_rows_get_numbers_that_were_never_given(
    new_url: str, other_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even those of rows that are gone."""
    await filled(new_url, tmp_path, monkeypatch)
    async with open_store(new_url) as store, store.transaction() as t:
        for place in await subscribe(t, "new", "newer"):
            await t.channels.remove(place.id)
    await copy(new_url, other_url, NOW)
    async with open_store(other_url) as store, store.transaction() as t:
        [place] = await subscribe(t, "newest")
        assert place.id == 8  # 5 was the last of the rows, 7 of the numbers
        assert (await t.topics.add(Topic("a", 0, place.id))).id == 4
        await t.papers.put([paper(99)])
        assert await t.work.value(text("SELECT max(number) FROM papers")) == 8


async def test_what_was_found_is_found(
    new_url: str, other_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await filled(new_url, tmp_path, monkeypatch)
    monkeypatch.setattr(pouring, "_INDEXED", 1)
    await copy(new_url, other_url, NOW)
    async with open_store(other_url) as store, store.snapshot() as t:
        for words, found in (("视频", "2512.00001"), ("DUST", "astro-ph/0601001"), ("kim", None)):
            answers = [one.id for one in await t.papers.search(words, limit=9)]
            assert answers == [found or "2512.00001"]


async def test_the_fences_of_a_server_are_its_own(
    new_url: str, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else one who was taken over there could pass for the holder again."""
    await filled(new_url, tmp_path, monkeypatch)
    (tmp_path / "server").mkdir()
    with nothing("postgresql", tmp_path / "server") as server:
        await upgrade(server)
        async with open_store(server) as store:
            for _ in range(2):
                async with store.fence("bell"):
                    pass
        await copy(new_url, server, NOW)
        async with open_store(server) as store, store.snapshot() as t:
            assert await t.notes.starting("") == {"fence:bell": "2", "told:a": "yes"}


async def test_nothing_is_copied_over_what_stands_there(
    url: str, other_url: str, tmp_path: Path
) -> None:
    await named(url, "new")
    await named(other_url, "old")
    with pytest.raises(SetUpWrong, match=r"not empty.*--replace"):
        await copy(url, other_url, NOW)
    assert await chats(other_url) == ["old"]
    moved = await copy(url, other_url, NOW, replace=True)
    assert await chats(other_url) == ["new"]
    assert await check(other_url) == []
    if other_url.startswith("sqlite"):
        assert moved.kept is not None
        assert moved.kept.name.endswith(ASIDE)
        assert await chats(file_url(moved.kept)) == ["old"]


async def test_a_database_is_not_copied_to_itself_or_from_nothing(
    new_url: str, tmp_path: Path
) -> None:
    with pytest.raises(SetUpWrong, match="no database"):
        await copy(new_url, file_url(tmp_path / "x.db"), NOW)
    await upgrade(new_url)
    with pytest.raises(SetUpWrong, match="Both are"):
        await copy(new_url, new_url, NOW, replace=True)
    with pytest.raises(SetUpWrong, match="in memory"):
        await copy(new_url, "sqlite://", NOW)


@pytest.mark.parametrize("place", ["_rows", "contradictions"])
async def test_a_copy_that_is_broken_off_leaves_what_stood_there(
    url: str, other_url: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await named(url, "new")
    await named(other_url, "old")

    monkeypatch.setattr(pouring, place, dies)
    with pytest.raises(KeyboardInterrupt):
        await copy(url, other_url, NOW, replace=True)
    assert await chats(other_url) == ["old"]
    assert await check(other_url) == []
    if other_url.startswith("sqlite"):
        folder = os.listdir(Path(other_url.removeprefix("sqlite:///")).parent)
        assert [one for one in folder if "part" in one or ASIDE in one] == []


async def test_rows_that_do_not_fit_are_one_sentence(tmp_path: Path) -> None:
    """A server takes no row without its channel; a file may hold one after foreign hands."""
    url = file_url(tmp_path / "paperboy.db")
    await named(url, "lab")
    with closing(sqlite3.connect(tmp_path / "paperboy.db")) as file:
        file.execute("INSERT INTO topics (channel_id, text) VALUES (77, 'agents')")
        file.commit()
    with nothing("postgresql", tmp_path) as server:
        with pytest.raises(SetUpWrong, match=r"do not fit.*paperboy db check"):
            await copy(url, server, NOW)
        assert await chats(server) == []


async def test_on_the_other_engine_the_bot_goes_on_and_sends_nothing_twice(
    new_url: str, other_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One message was sent, of one nobody knows whether it arrived, the third waits."""
    from bot.rounds import make_round
    from tests.bot.conftest import MONDAY, at
    from tests.wires.lists import ScriptedSource, a_paper
    from tests.wires.mail import Mail, Part

    source, mail = ScriptedSource(), Mail(parts=(Part(), Part(), Part()))
    for number in (1, 2, 3):
        source.show(MONDAY, a_paper(number, upvotes=10 - number))
    now = at("2026-01-06 09:00")

    async with open_store(new_url) as store:
        desk = Desk(store, {source.name: source}, {}, {"mail": mail})
        async with store.transaction() as t:
            await new_channel(desk, t, Address("mail", "lab"), at("2026-01-05 12:00"))
        mail.answer = lambda _: None if len(mail.calls) == 1 else UNREACHED
        await make_round(desk, now)
        async with store.transaction() as t:  # the process ends during the second call
            assert await t.deliveries.wake("mail", at("2026-01-07 09:00")) == 1
            [second, _] = await t.deliveries.unsettled()
            assert await t.deliveries.claim([second.id], at=now, lease_until=now)
    await copy(new_url, other_url, NOW)
    assert await held(other_url) == await held(new_url)

    asked: list[str] = []

    def arrived(question: object) -> Outcome:
        asked.append(str(question))
        return Outcome(Verdict.ACCEPTED, ("m2",))

    mail.answer, mail.look = lambda _: None, arrived
    async with open_store(other_url) as store:
        desk = Desk(store, {source.name: source}, {}, {"mail": mail.bounded(verbs={"find"})})
        async with store.snapshot() as t:
            states = [one.state for one in await t.deliveries.unsettled()]
        assert states == [DeliveryState.IN_FLIGHT, DeliveryState.READY]
        await recover(desk, now, alone=True)
        for minute in (1, 2):
            desk.pacers.clear()
            await make_round(desk, at(f"2026-01-06 09:0{minute}"))
        async with store.snapshot() as t:
            assert not await t.deliveries.any_open()
            [place] = await t.channels.all()
            ledger = await t.ledger.of_channel(place.id, limit=9)
    assert len(asked) == 1
    assert [one.text.split()[-1] for one in mail.accepted] == ["2601.00001", "2601.00003"]
    assert sorted(one.paper_id for one in ledger) == ["2601.00001", "2601.00002", "2601.00003"]
    assert {one.state.value for one in ledger} == {"shown"}
    assert await check(other_url) == []


# Restoring ----------------------------------------------------------------------------------------


async def test_a_backup_of_one_engine_is_restored_on_any(url: str, tmp_path: Path) -> None:
    await named(url, "lab")
    made = await backup(url, tmp_path / "copy.db")
    for engine in ENGINES:
        folder = tmp_path / engine
        folder.mkdir()
        with nothing(engine, folder) as other:
            moved = await restore(other, made.file, NOW)
            assert (moved.before, moved.schema, moved.rows) == (
                *(migrations.HEAD, migrations.HEAD, made.rows),
            )
            assert await held(other) == await held(url)


async def test_what_stood_there_is_kept_beside_with_all_its_commits(tmp_path: Path) -> None:
    """Those too that stood in the WAL alone when its process was killed."""
    url, file = file_url(tmp_path / "paperboy.db"), tmp_path / "paperboy.db"
    await named(url, "old")
    made = await backup(url, tmp_path / "copies" / "copy.db")
    async with open_store(url) as store:
        async with store.transaction() as t:
            await subscribe(t, "newer")
        for name in [one for one in os.listdir(tmp_path) if one.startswith("paperboy.db")]:
            shutil.copy(tmp_path / name, tmp_path / name.replace("paperboy", "killed"))
    killed = tmp_path / "killed.db"
    assert (tmp_path / "killed.db-wal").stat().st_size > 0
    killed.chmod(0o640)
    moved = await restore(file_url(killed), made.file, NOW)
    assert await chats(file_url(killed)) == ["old"]
    assert moved.kept == tmp_path / f"killed.db.{ASIDE}"
    assert await chats(file_url(moved.kept)) == ["old", "newer"]
    assert killed.stat().st_mode & 0o777 == 0o640
    assert (await restore(url, made.file, NOW)).kept == tmp_path / f"paperboy.db.{ASIDE}"
    assert (await restore(url, made.file, NOW)).kept == tmp_path / f"paperboy.db.{ASIDE}-2"
    assert file.stat().st_mode & 0o077 in (0o044, 0o000)


async def test_numbers_given_since_the_backup_are_not_given_again(url: str, tmp_path: Path) -> None:
    """They name messages in chats, which stand there still."""
    await named(url, "a")
    made = await backup(url, tmp_path / "copy.db")
    await named(url, "b", "c")
    await restore(url, made.file, NOW, replace=True)
    async with open_store(url) as store, store.transaction() as t:
        [place] = await subscribe(t, "d")
    assert place.id == 4


async def test_a_file_that_somebody_has_open_is_not_replaced(tmp_path: Path) -> None:
    url = file_url(tmp_path / "paperboy.db")
    await named(url, "old")
    made = await backup(url, tmp_path / "copy.db")
    async with open_store(url) as store:
        async with store.transaction() as t:
            await subscribe(t, "newer")
        with pytest.raises(StoreBusy, match="locked by another process"):
            await restore(url, made.file, NOW)
    assert await chats(url) == ["old", "newer"]
    assert sorted(os.listdir(tmp_path)) == ["copy.db", "paperboy.db"]


async def test_a_damaged_database_is_replaced_and_kept_as_it_is(tmp_path: Path) -> None:
    url, file = file_url(tmp_path / "paperboy.db"), tmp_path / "paperboy.db"
    await named(url, "old")
    made = await backup(url, tmp_path / "copy.db")
    file.write_bytes(b"no database at all " * 400)
    moved = await restore(url, made.file, NOW)
    assert await chats(url) == ["old"]
    assert moved.kept is not None
    assert moved.kept.read_bytes().startswith(b"no database")


async def test_a_wal_that_cannot_be_taken_in_stays_with_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside another file SQLite would read it into that one."""
    url, file = file_url(tmp_path / "paperboy.db"), tmp_path / "paperboy.db"
    await named(url, "old")
    made = await backup(url, tmp_path / "copy.db")
    async with open_store(url) as store:
        async with store.transaction() as t:
            await subscribe(t, "newer")
        killed = {
            name: (tmp_path / name).read_bytes()
            for name in os.listdir(tmp_path)
            if name.startswith("paperboy.db")
        }
    for name, content in killed.items():
        (tmp_path / name).write_bytes(content)
    monkeypatch.setattr(files, "_close", lambda where: None)
    monkeypatch.setattr("storage.upkeep.moving.count_on", lambda part, where: None)
    moved = await restore(url, made.file, NOW)
    assert await chats(url) == ["old"]
    assert moved.kept == file.with_name(f"{file.name}.{ASIDE}")
    assert await chats(file_url(moved.kept)) == ["old", "newer"]


async def test_an_older_backup_is_brought_up_to_date_and_stays_as_it_is(
    new_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "monday.db"
    early.make(file_url(file), "0001", tmp_path, monkeypatch)
    moved = await restore(new_url, file, NOW)
    assert (moved.before, moved.schema) == ("0001", migrations.HEAD)
    assert await check(new_url) == []
    assert await chats(new_url) == ["lab", "-1001234567890"]
    assert (await facts(file_url(file))).revision == "0001"
    assert [one for one in os.listdir(tmp_path) if one.startswith("monday.db.")] == []


async def test_what_is_no_whole_backup_changes_nothing(tmp_path: Path) -> None:
    url = file_url(tmp_path / "paperboy.db")
    await named(url, "old")
    made = await backup(url, tmp_path / "copy.db")
    empty, stranger, newer, torn = (tmp_path / f"{name}.db" for name in "abcd")
    empty.touch()
    stranger.write_text("something else " * 300)
    shutil.copy(made.file, newer)
    with closing(sqlite3.connect(newer)) as file:
        file.execute("UPDATE alembic_version SET version_num = '9999'")
        file.commit()
    whole = made.file.read_bytes()
    torn.write_bytes(whole[: len(whole) // 2])
    for path, said in (
        (tmp_path / "none.db", "There is no file"),
        (empty, "not a backup of Paperboy's"),
        (stranger, "not a backup of Paperboy's"),
        (newer, "9999, which is newer"),
        (torn, "malformed|damaged"),
    ):
        with pytest.raises(SetUpWrong, match=said):
            await restore(url, path, NOW)
    assert await chats(url) == ["old"]
    assert [one for one in os.listdir(tmp_path) if "part" in one or ASIDE in one] == []


@contextmanager
def failing(monkeypatch: pytest.MonkeyPatch, name: str, error: BaseException) -> Iterator[None]:
    def fail(*_: object) -> None:
        raise error

    with monkeypatch.context() as then:
        then.setattr(os, name, fail)
        yield


async def test_a_database_stands_under_its_name_whenever_it_is_broken_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = file_url(tmp_path / "paperboy.db")
    await named(url, "new")
    made = await backup(url, tmp_path / "copy.db")
    await named(url, "old")
    with (
        failing(monkeypatch, "replace", OSError(13, "Permission denied")),
        pytest.raises(SetUpWrong, match="Permission denied"),
    ):
        await restore(url, made.file, NOW)
    assert await chats(url) == ["new", "old"]
    with failing(monkeypatch, "replace", KeyboardInterrupt()), pytest.raises(KeyboardInterrupt):
        await restore(url, made.file, NOW)
    assert await chats(url) == ["new", "old"]
    assert [one for one in os.listdir(tmp_path) if "part" in one] == []
    with failing(monkeypatch, "link", OSError(95, "Operation not supported")):
        moved = await restore(url, made.file, NOW)
    assert await chats(url) == ["new"]
    assert moved.kept is not None
    assert await chats(file_url(moved.kept)) == ["new", "old"]


async def test_a_server_is_emptied_only_when_told_and_in_one_stroke(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with nothing("postgresql", tmp_path) as url:
        await named(url, "new")
        made = await backup(url, tmp_path / "copy.db")
        await named(url, "old")
        with pytest.raises(SetUpWrong, match="--replace"):
            await restore(url, made.file, NOW)
        with monkeypatch.context() as then:
            then.setattr(pouring, "_count_on", dies)
            with pytest.raises(KeyboardInterrupt):
                await restore(url, made.file, NOW, replace=True)
        assert await chats(url) == ["new", "old"]
        await restore(url, made.file, NOW, replace=True)
        assert await chats(url) == ["new"]
