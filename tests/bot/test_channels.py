"""What a delivery is called by on a platform."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from bot.channels import Address, Delivery

MADE = datetime(2025, 12, 26, 9, 0, 0, 123_456, tzinfo=UTC)
HERE = Address("discord", "1")


def test_a_key_is_the_same_whatever_else_changes_and_the_instant_may_come_in_another_zone():
    first = Delivery(1, HERE, id=7, created=MADE)
    later = replace(first, attempts=3, tried_at=MADE, plain=True, address=Address("discord", "2"))
    elsewhere = replace(first, created=MADE.astimezone(timezone(timedelta(hours=9))))
    assert first.key == later.key == elsewhere.key


def test_a_row_of_a_database_made_anew_has_another_key():
    first = Delivery(1, HERE, id=7, created=MADE)
    assert first.key != replace(first, created=MADE + timedelta(microseconds=1)).key
    assert first.key != replace(first, id=8).key


def test_a_key_is_short_enough_to_be_a_nonce():
    assert len(Delivery(1, HERE, id=10**14 - 1, created=MADE).key) <= 25
    assert Delivery(1, HERE, id=7).key == "pb7"
