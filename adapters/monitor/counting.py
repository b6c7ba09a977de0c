"""What happens in this process, counted in the words of Prometheus.

https://prometheus.io/docs/practices/naming/
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from prometheus_client.core import Metric

_QUICK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20)  # seconds
_SLOW = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300)
_LATE = (5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 10800, 21600, 43200, 86400)


class Counted:
    """bot.ports.Meter with a registry of its own, to which what is told at each look is added."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Histogram

        class Registry(CollectorRegistry):
            """Without the instants at which each counter was made: nobody draws them."""

            def collect(self) -> Iterator[Metric]:
                for metric in super().collect():
                    metric.samples = [
                        one for one in metric.samples if not one.name.endswith("_created")
                    ]
                    yield metric

        self.registry: CollectorRegistry = Registry(auto_describe=True)

        def counter(name: str, said: str, *labels: str) -> Any:
            return Counter(name, said, labels, registry=self.registry)

        def histogram(name: str, said: str, *labels: str, buckets: tuple[float, ...]) -> Any:
            return Histogram(name, said, labels, buckets=buckets, registry=self.registry)

        self._lists = counter(
            "paperboy_lists_read_total",
            "Lists that were read, by what the list was afterwards; or failed.",
            "source",
            "state",
        )
        self._opened = counter("paperboy_digests_opened_total", "Digests opened.", "platform")
        self._calls = counter(
            "paperboy_calls_total",
            "Calls that carried digests, by what the platform made of them.",
            "platform",
            "verdict",
        )
        self._took = histogram(
            "paperboy_call_seconds",
            "How long the platform took for such a call.",
            "platform",
            buckets=_QUICK,
        )
        self._settled = counter(
            "paperboy_deliveries_total",
            "Messages of digests that became final, by how.",
            "platform",
            "kind",
            "state",
        )
        self._late = histogram(
            "paperboy_lateness_seconds",
            "From the time at which a digest was due until a message of it was accepted.",
            "platform",
            buckets=_LATE,
        )
        self._doubted = counter(
            "paperboy_unknown_outcomes_total",
            "Attempts of which nobody knows whether they arrived.",
            "platform",
        )
        self._held_up = counter(
            "paperboy_rate_limited_total",
            "Pauses that the platform asked for (429), of one chat or of the whole token.",
            "platform",
            "scope",
        )
        self._made = counter(
            "paperboy_readings_made_total", "Readings that were made.", "rung", "language"
        )
        self._reading = histogram(
            "paperboy_reading_seconds", "How long a reading took.", "rung", buckets=_SLOW
        )
        self._spent = counter("paperboy_tokens_total", "Tokens paid for, in and out.", "purpose")
        self._answers = counter(
            "paperboy_answers_total",
            "Answers to people, by command and how they ended.",
            "platform",
            "command",
            "ended",
        )
        self._answering = histogram(
            "paperboy_answer_seconds",
            "From a command to its answer.",
            "platform",
            buckets=_QUICK,
        )
        self._tick = histogram("paperboy_tick_seconds", "How long a tick took.", buckets=_SLOW)
        self._tick_lag = histogram(
            "paperboy_tick_lag_seconds", "How long after its time a tick began.", buckets=_QUICK
        )
        self._loop_lag = histogram(
            "paperboy_loop_lag_seconds",
            "How late the event loop came to a due task.",
            buckets=_QUICK,
        )

    def listed(self, source: str, state: str) -> None:
        """A list was read."""
        self._lists.labels(source, state).inc()

    def opened(self, platform: str, digests: int) -> None:
        """Digests were opened."""
        self._opened.labels(platform).inc(digests)

    def called(self, platform: str, verdict: str, seconds: float) -> None:
        """A call of the courier ended."""
        self._calls.labels(platform, verdict).inc()
        self._took.labels(platform).observe(seconds)

    def settled(self, platform: str, kind: str, state: str, late: timedelta | None) -> None:
        """A delivery became final."""
        self._settled.labels(platform, kind, state).inc()
        if late is not None:
            self._late.labels(platform).observe(max(0.0, late.total_seconds()))

    def doubted(self, platform: str, messages: int) -> None:
        """Attempts ended in doubt."""
        self._doubted.labels(platform).inc(messages)

    def held_up(self, platform: str, scope: str) -> None:
        """The platform asked for a pause."""
        self._held_up.labels(platform, scope).inc()

    def made(self, rung: str, language: str, seconds: float) -> None:
        """A reading was made."""
        self._made.labels(rung, language).inc()
        self._reading.labels(rung).observe(seconds)

    def spent(self, purpose: str, tokens: int) -> None:
        """Tokens were paid for."""
        self._spent.labels(purpose).inc(max(0, tokens))

    def answered(self, platform: str, command: str, seconds: float, ended: str) -> None:
        """A person was answered."""
        self._answers.labels(platform, command, ended).inc()
        self._answering.labels(platform).observe(seconds)

    def rang(self, seconds: float, late: float) -> None:
        """A round of the bell took place."""
        self._tick.observe(seconds)
        self._tick_lag.observe(late)

    def lagged(self, seconds: float) -> None:
        """The event loop was late."""
        self._loop_lag.observe(seconds)
