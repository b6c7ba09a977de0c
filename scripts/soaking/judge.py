"""Whether a bot holds on to what it should let go: judged on samples alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from scripts.soaking.samples import Counts, Sample

FLAT = 0.05  # share by which memory may grow after the warm-up
SETTLED = 3.0  # days of warm-up after which notes go as fast as they come: rows are judged
LEAST = 9  # samples without which nothing can be said
_SUSPECTS = 8

# What is written for good, or for as long as the operator wishes: it grows day by day alike.
GROWS = frozenset(
    "papers listings editions readings reading_work digests deliveries bodies ledger saved "
    "topics spending".split()
)
_NOISE = 0.2  # share by which counts of objects go up and down


@dataclass(frozen=True)
class Growth:
    """How one figure went on after the warm-up."""

    before: float  # median of the first sixth behind it
    after: float  # median of the last sixth of all
    line: float  # what the line through all of them (Theil, Sen) adds in that time

    @property
    def share(self) -> float:
        """By the medians."""
        return (self.after - self.before) / self.before if self.before else 0.0

    @property
    def line_share(self) -> float:
        """By the line."""
        return self.line / self.before if self.before else 0.0


@dataclass
class Verdict:
    """What is wrong, and the figures it comes from. It passes when nothing is."""

    wrong: list[str] = field(default_factory=list)
    memory: Growth | None = None
    rates: dict[str, tuple[float, float]] = field(default_factory=dict)  # rows a day, then and now
    suspects: list[str] = field(default_factory=list)

    @property
    def passes(self) -> bool:
        return not self.wrong


def thirds(samples: Sequence[Sample]) -> tuple[list[Sample], list[Sample]]:
    """The middle third and the last one; the first is the warm-up."""
    at = len(samples) // 3
    return list(samples[at : 2 * at]), list(samples[2 * at :])


def growth(samples: Sequence[Sample], of: Callable[[Sample], float]) -> Growth:
    """How a figure grew behind the first third of the samples."""
    rest = samples[len(samples) // 3 :]
    some = max(1, len(samples) // 6)
    return Growth(
        median(map(of, rest[:some])),
        median(map(of, rest[-some:])),
        slope([(one.day, of(one)) for one in rest]) * (rest[-1].day - rest[0].day),
    )


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Of the line through the points: the median of those of all pairs (Theil, Sen)."""
    found = [
        (y - value) / (x - day)
        for n, (day, value) in enumerate(points)
        for x, y in points[n + 1 :]
        if x > day
    ]
    return median(found) if found else 0.0


def judge(samples: Sequence[Sample]) -> Verdict:
    """The verdict on samples that were taken at equal distances, the warm-up included."""
    verdict = Verdict()
    if len(samples) < LEAST:
        verdict.wrong.append(f"{len(samples)} samples are too few; {LEAST} are needed")
        return verdict
    found = verdict.memory = growth(samples, lambda one: one.memory)
    if max(found.share, found.line_share) > FLAT:
        verdict.wrong.append(
            f"memory grew by {found.share:.1%} (by the line {found.line_share:.1%}) after the "
            f"warm-up, from {found.before / 1e6:.1f} to {found.after / 1e6:.1f} MB"
        )
        verdict.suspects = suspects(samples)
    verdict.wrong += [
        f"{name}: {low:g} after the warm-up, {high:g} at the end"
        for name, low, high in leaking(samples, lambda one: one.things)
    ]
    _rows(samples, verdict)
    for one in {name: None for sample in samples for name in sample.wrong}:
        there = [f"{sample.wrong.get(one, 0)}" for sample in samples]
        if samples[-1].wrong.get(one):
            verdict.wrong.append(f"rows that should not be there: {one}: {' '.join(there[-5:])}")
    return verdict


def leaking(
    samples: Sequence[Sample], of: Callable[[Sample], Counts]
) -> list[tuple[str, float, float]]:
    """What is more in the last third than in the middle one, by more than it goes up and down
    along its line, or by far; with its medians there.

    One more from some instant on is none that leaks: so do pools.
    """
    middle, last = thirds(samples)
    found = []
    for name in sorted({name for sample in last for name in of(sample)}):
        points = [(float(one.day), float(of(one).get(name, 0))) for one in (*middle, *last)]
        before, after = points[: len(middle)], points[len(middle) :]
        low, high = (median(value for _, value in part) for part in (before, after))
        tilt = slope(points)
        level = [value - tilt * day for day, value in points]
        ends = max(1, len(points) // 4)
        risen = median(y for _, y in points[-ends:]) - median(y for _, y in points[:ends])
        over = high - low > max(level) - min(level) and risen >= 2
        if over or high > 2 * max(value for _, value in before) + 3:
            found.append((name, low, high))
    return found


def _rows(samples: Sequence[Sample], verdict: Verdict) -> None:
    middle, last = thirds(samples)
    for name in sorted(GROWS & {name for sample in last for name in sample.rows}):
        verdict.rates[name] = _rate(middle, name), _rate(last, name)
    if middle[0].day < SETTLED:
        return
    verdict.wrong += [
        f"rows of {name} grow: {low:g} after the warm-up, {high:g} at the end"
        for name, low, high in leaking(
            samples, lambda one: {k: n for k, n in one.rows.items() if k not in GROWS}
        )
    ]
    for name, (then, now) in verdict.rates.items():
        if now > 2 * then + 10 and samples[-1].rows[name] > 100:
            verdict.wrong.append(
                f"rows of {name} come faster and faster: {then:.1f} a day after the warm-up, "
                f"{now:.1f} at the end"
            )


def _rate(samples: Sequence[Sample], name: str) -> float:
    first, last = samples[0], samples[-1]
    days = last.day - first.day
    return (last.rows.get(name, 0) - first.rows.get(name, 0)) / days if days else 0.0


def suspects(samples: Sequence[Sample]) -> list[str]:
    """The containers and kinds of objects that grew most after the warm-up."""
    return [
        *_grown(samples, "entries in", lambda one: one.holds, 20),
        *_grown(samples, "objects of", lambda one: one.objects, 200),
    ]


def _grown(
    samples: Sequence[Sample], what: str, of: Callable[[Sample], Mapping[str, int]], least: int
) -> list[str]:
    found = []
    for name in set(of(samples[-1])):
        grown = growth(samples, lambda one, name=name: of(one).get(name, 0))  # type: ignore[misc]
        added = min(grown.after - grown.before, grown.line)
        if added >= least and added > _NOISE * grown.before:
            found.append((added, f"{what} {name}: {grown.before:g} to {grown.after:g}"))
    return [said for _, said in sorted(found, reverse=True)[:_SUSPECTS]]
