"""What one channel gets: which papers of the pool, in which order, as card, line or passed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.channels import LedgerRow, LedgerState
from bot.digest.pool import RISING_WITHIN, Pool, View, bits
from bot.papers import Paper

_RANKED = frozenset({LedgerState.SHOWN, LedgerState.LISTED})


@dataclass(frozen=True, slots=True)
class Pick:
    """One paper chosen for a channel."""

    paper: Paper
    topics: tuple[str, ...]  # texts of the channel's matching topics
    places: tuple[str, ...]  # where each of them matched best
    late: bool = False
    rising: tuple[int, int] | None = None  # votes when it was only listed, and now


@dataclass(frozen=True, slots=True)
class Choice:
    """The papers of one digest. Cards on time stand before late ones; both in rank order."""

    papers: int  # candidates
    matched: int
    cards: tuple[Pick, ...]
    lines: tuple[Pick, ...]
    passed: tuple[Pick, ...]

    @property
    def hidden(self) -> int:
        """Candidates that no topic matches."""
        return self.papers - self.matched

    @property
    def shown(self) -> int:
        """Cards and lines."""
        return len(self.cards) + len(self.lines)


def choose(
    pool: Pool,
    view: View,
    topics: Sequence[str],
    ledger: Mapping[str, LedgerRow],
    *,
    limit: int,
    list_lines: int | None,
    now: datetime,
) -> Choice:
    """Choose for one channel.

    `topics` are its queries (none: everything in its view), `ledger` its rows for the pool's
    papers. At most `limit` cards; the rest are lines, at most `list_lines` (None: all); beyond
    that they are passed. Ordered by votes, then how well the topics match, then newest.
    """
    rising = rising_papers(pool, ledger, limit, now) if ledger else {}
    taken = pool.mask_of(ledger) if ledger else 0
    candidates = view.candidates & ~taken
    if topics:
        masks = [pool.mask(topic) for topic in topics]
        for_topics = 0
        for mask in masks:
            for_topics |= mask
        matching = candidates & for_topics
        risen = pool.mask_of(rising) & for_topics  # a topic may have been removed since
    else:
        masks = []
        matching = candidates
        risen = pool.mask_of(rising)
    picked = pool.picked
    order = _ordered(pool, matching | risen, topics, masks)

    late = view.late & ~risen

    def pick(i: int) -> Pick:
        own = tuple([topics[n] for n, mask in enumerate(masks) if mask >> i & 1])
        key = (i, own, late >> i & 1)
        made = picked.get(key)
        if made is None:
            places = tuple((pool.places(topic, i) or ("",))[0] for topic in own)
            made = picked[key] = Pick(pool.papers[i], own, places, bool(key[2]))
        if risen >> i & 1:
            return replace(made, rising=rising[made.paper.id])
        return made

    # A risen paper stood on a list before: it comes back as a card or not at all.
    top = order[:limit]
    risen_now = risen & sum(1 << i for i in top)
    cards = [pick(i) for i in top]
    rest = [i for i in order[limit:] if not risen >> i & 1]
    cards.sort(key=lambda one: one.late)
    cut = len(rest) if list_lines is None else list_lines
    return Choice(
        papers=((view.new & ~taken) | matching | risen_now).bit_count(),
        matched=(matching | risen_now).bit_count(),
        cards=tuple(cards),
        lines=tuple(pick(i) for i in rest[:cut]),
        passed=tuple(pick(i) for i in rest[cut:]),
    )


def _ordered(pool: Pool, mask: int, topics: Sequence[str], masks: Sequence[int]) -> list[int]:
    """Bits in rank order; papers of equal votes by how well they match."""
    order = list(bits(mask))
    if len(masks) == 0 or len({pool.papers[i].upvotes for i in order}) == len(order):
        return order

    def strength(i: int) -> tuple[int, int]:
        hits = [topic for topic, one in zip(topics, masks, strict=True) if one >> i & 1]
        in_title = any("title" in pool.places(topic, i) for topic in hits)
        return -in_title, -len(hits)

    def votes(i: int) -> int:
        upvotes = pool.papers[i].upvotes
        return 1 if upvotes is None else -upvotes

    return sorted(order, key=lambda i: (votes(i), strength(i)))


def rising_papers(
    pool: Pool, ledger: Mapping[str, LedgerRow], limit: int, now: datetime
) -> dict[str, tuple[int, int]]:
    """Papers that were only listed within 7 days and by today's votes would have had a card.

    Each digest is ranked again with today's votes; a paper of its list that is now among the
    first `limit` and has gained votes rises. Gives its votes then and now.
    """
    groups: dict[datetime, list[LedgerRow]] = {}
    for row in ledger.values():
        if row.state in _RANKED and now - row.at <= RISING_WITHIN:
            groups.setdefault(row.at, []).append(row)
    found: dict[str, tuple[int, int]] = {}
    for rows in groups.values():
        if not any(row.state is LedgerState.LISTED for row in rows):
            continue
        places = sorted(
            (pool.index[row.paper_id], row.paper_id) for row in rows if row.paper_id in pool.index
        )
        for i, paper_id in places[:limit]:
            row = ledger[paper_id]
            votes = pool.papers[i].upvotes or 0
            if row.state is LedgerState.LISTED and votes > (row.upvotes or 0):
                found[paper_id] = (row.upvotes or 0, votes)
    return found
