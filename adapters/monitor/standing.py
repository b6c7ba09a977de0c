"""What the memory holds, and what this process does, as gauges told at each look."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.ports import Standing

if TYPE_CHECKING:
    from prometheus_client.core import GaugeMetricFamily, Metric


class Stood:
    """A collector of prometheus-client; `standing` and `at_work` are what it tells next."""

    def __init__(self, release: str) -> None:
        self._release = release
        self.standing: Standing | None = None
        self.at_work: Mapping[str, bool] = {}

    def describe(self) -> Iterable[Metric]:
        """Their names, before anything is known."""
        return [*self._of_process(), *_of_memory(Standing(datetime.now(UTC)))]

    def collect(self) -> Iterator[Metric]:
        """The gauges; those of the memory only while it answers."""
        yield from self._of_process()
        if self.standing is not None:
            yield from _of_memory(self.standing)

    def _of_process(self) -> Iterator[Metric]:
        built = _gauge("paperboy_build_info", "The release that runs; always 1.", "version")
        built.add_metric((self._release,), 1)
        yield built
        work = _gauge(
            "paperboy_task_at_work",
            "Tasks of this process: 1 at work, 0 standing by for another process.",
            "task",
        )
        for name, working in self.at_work.items():
            work.add_metric((name,), float(working))
        yield work
        answers = _gauge("paperboy_memory_answers", "Whether the database answered this look.")
        answers.add_metric((), float(self.standing is not None))
        yield answers


def _of_memory(told: Standing) -> Iterator[Metric]:
    yield from (
        _counted(
            "paperboy_editions",
            "Lists of the last 31 days.",
            ("source", "state"),
            told.editions,
        ),
        _one("paperboy_papers", "Papers that are stored.", told.papers),
        _counted("paperboy_readings", "Readings that are stored.", ("rung",), told.readings),
        _one("paperboy_day_tokens", "Tokens spent today (UTC).", told.tokens_today),
        _one("paperboy_day_model_calls", "Calls of the model today (UTC).", told.calls_today),
        _counted("paperboy_channels", "Channels.", ("platform", "state"), told.channels),
        _counted(
            "paperboy_day_digests",
            "Digests opened in the last 24 hours.",
            ("platform",),
            told.digests_today,
        ),
        _counted(
            "paperboy_outbox_messages",
            "Messages that are not settled.",
            ("platform", "state"),
            told.outbox,
        ),
        _counted(
            "paperboy_outbox_age_seconds",
            "How long the oldest message that could go waits.",
            ("platform",),
            {name: max(0.0, (told.at - at).total_seconds()) for name, at in told.oldest.items()},
        ),
        _one(
            "paperboy_next_due_timestamp_seconds",
            "When the next digest is due.",
            told.next_due.timestamp() if told.next_due else None,
        ),
        _one(
            "paperboy_last_round_timestamp_seconds",
            "The last look through the lists, by any process.",
            told.last_round.timestamp() if told.last_round else None,
        ),
        _counted(
            "paperboy_source_failing",
            "Sources whose last read failed.",
            ("source",),
            {one.source: 1 for one in told.failing},
        ),
        _counted(
            "paperboy_source_failing_since_timestamp_seconds",
            "Since when.",
            ("source",),
            {one.source: one.since.timestamp() for one in told.failing if one.since},
        ),
    )


def _gauge(name: str, said: str, *labels: str) -> GaugeMetricFamily:
    from prometheus_client.core import GaugeMetricFamily

    return GaugeMetricFamily(name, said, labels=labels)


def _one(name: str, said: str, value: float | None) -> GaugeMetricFamily:
    family = _gauge(name, said)
    if value is not None:
        family.add_metric((), value)
    return family


def _counted(
    name: str,
    said: str,
    labels: tuple[str, ...],
    values: Mapping[tuple[str, str], float] | Mapping[str, float],
) -> GaugeMetricFamily:
    family = _gauge(name, said, *labels)
    for key, value in values.items():
        family.add_metric((key,) if isinstance(key, str) else key, value)
    return family
