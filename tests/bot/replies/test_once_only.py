"""An update is handled once, though a platform tells it twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.replies.once_only import first_time, is_known, remember

if TYPE_CHECKING:
    from tests.bot.conftest import Town


async def test_a_key_is_new_once_on_each_platform(town: Town) -> None:
    async with town.desk.store.transaction() as tx:
        assert await first_time(tx, "mail", "1")
        assert await first_time(tx, "letter", "1")
    async with town.desk.store.transaction() as tx:
        assert not await first_time(tx, "mail", "1")
        assert await first_time(tx, "mail", "11")


async def test_what_was_not_remembered_is_not_known(town: Town) -> None:
    async with town.desk.store.transaction() as tx:
        assert not await is_known(tx, "mail", "1")
        assert not await is_known(tx, "mail", "1")
        for _ in range(2):
            await remember(tx, "mail", "1")
        assert await is_known(tx, "mail", "1")


async def test_the_last_two_hundred_are_known(town: Town) -> None:
    async with town.desk.store.transaction() as tx:
        for number in range(300):
            await remember(tx, "mail", str(number))
        assert not await is_known(tx, "mail", "99")
        assert await is_known(tx, "mail", "100")
        assert len((await tx.notes.get("handled:mail") or "").split()) == 200
