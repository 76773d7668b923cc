"""The daemon's metrics for Prometheus."""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from pipeline.daemon.reloading import REFUSED
from pipeline.passes import FEED, Report
from pipeline.watching import REFIT
from store import Figures, SinkState

FIGURES: Final = {
    "pending_rows": "Rows that wait to be written, including refused ones.",
    "held_scorecards": "Scorecards whose writes wait for a person.",
    "held_leads": "Missing leads whose removal waits for a person.",
    "held_activities": "Missing activities whose removal waits for a person.",
    "oldest_unwritten_timestamp_seconds": "When the oldest result that is not in the CRM yet was computed.",
    "calls_left": "API calls left today, as far as the CRM tells.",
    "refit_due": "Whether a likelihood expected something else than came, or is old: calibrate again.",
    "settings_refused": "Whether the settings on disk have mistakes, so that older ones are in force.",
}

ALERTS: Final = {
    "alerts_waiting": "Messages to people that wait to be sent.",
    "alerts_dropped": "Messages to people that could not be sent in time and were given up in the last seven days.",
    "alerts_oldest_timestamp_seconds": "When the oldest message that waits was queued.",
}


LAGS: Final = (0.5, 1, 2, 3, 5, 10, 15, 30, 60, 120, 300)
"""Seconds from a change in the CRM to the write that followed, by which they are counted."""


class AlertGauges(Collector):
    """What waits for each sink, as last seen: a sink that left the settings leaves the page with its last message."""

    def __init__(self) -> None:
        self.found: Mapping[str, Sequence[SinkState]] = {}

    def collect(self) -> Iterator[Metric]:
        """Yield each figure, by connection and sink."""
        gauges = {name: _by_sink(name, meaning) for name, meaning in ALERTS.items()}
        for connection, states in self.found.items():
            for state in states:
                for name, value in _figures(state).items():
                    gauges[name].add_metric([connection, state.sink], value)
        yield from gauges.values()


def _by_sink(name: str, meaning: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"leadgauge_{name}", meaning, labels=["connection", "sink"])


def _figures(state: SinkState) -> dict[str, float]:
    oldest = state.oldest.timestamp() if state.oldest else math.nan
    return dict(zip(ALERTS, (state.waiting, state.dropped, oldest), strict=True))


class Metrics:
    """Counts passes and rows by connection."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._passes = Counter(
            "leadgauge_passes", "Passes by state.", ["connection", "kind", "state"], registry=self.registry
        )
        self._rows = Counter(
            "leadgauge_rows", "Rows pushed, by the CRM's answer.", ["connection", "answer"], registry=self.registry
        )
        self._calls = Counter("leadgauge_calls", "API calls.", ["connection"], registry=self.registry)
        self._ended = Gauge(
            "leadgauge_last_pass_timestamp_seconds",
            "When the last pass completed.",
            ["connection"],
            registry=self.registry,
        )
        self._refused = Gauge(
            "leadgauge_refused_rows", "Rows refused by the last pass.", ["connection"], registry=self.registry
        )
        self.feeds = FeedFigures(self.registry)
        self.alerts = AlertGauges()
        self.registry.register(self.alerts)
        self._figures = {name: self._gauge(name, meaning) for name, meaning in FIGURES.items()}

    def _gauge(self, name: str, meaning: str) -> Gauge:
        return Gauge(f"leadgauge_{name}", meaning, ["connection"], registry=self.registry)

    def figures(self, connection: str, found: Figures, calls_left: int | None) -> None:
        """Set what waits for the CRM or for a person."""
        unwritten = found.oldest_unwritten
        told = {
            "pending_rows": found.pending,
            "held_scorecards": found.held,
            "held_leads": found.leads_held,
            "held_activities": found.activities_held,
            "oldest_unwritten_timestamp_seconds": unwritten.timestamp() if unwritten else math.nan,
            "calls_left": math.nan if calls_left is None else calls_left,
            "refit_due": REFIT in found.notes,
            "settings_refused": REFUSED in found.notes,
        }
        for name, value in told.items():
            self._figures[name].labels(connection).set(value)

    def passed(self, connection: str, report: Report) -> None:
        """Count a completed pass. Those by the feed say nothing of whether passes that read everything still end."""
        tally = report.tally
        self._passes.labels(connection, report.kind, report.state).inc()
        self._rows.labels(connection, "written").inc(tally.written)
        self._rows.labels(connection, "refused").inc(tally.refused)
        self._calls.labels(connection).inc(tally.calls)
        if report.kind != FEED.name:
            self._refused.labels(connection).set(tally.refused)
            self._ended.labels(connection).set_to_current_time()

    def failed(self, connection: str, kind: str) -> None:
        """Count a pass that failed."""
        self._passes.labels(connection, kind, "failed").inc()


class FeedFigures:
    """What is heard of the feeds, by connection."""

    def __init__(self, registry: CollectorRegistry) -> None:
        names, of = ["connection"], registry
        self._up = Gauge("leadgauge_feed_up", "Whether the feed is being listened to.", names, registry=of)
        self._events = Counter("leadgauge_feed_events", "Events of the feed.", names, registry=of)
        self._gaps = Counter("leadgauge_feed_gaps", "How often the feed lost changes.", names, registry=of)
        self._refused = Counter(
            "leadgauge_feed_refused", "Webhooks that were refused.", [*names, "status"], registry=of
        )
        self._due = Gauge("leadgauge_due_leads", "What the feed said has changed and was not read.", names, registry=of)
        self._lag = Histogram(
            "leadgauge_feed_lag_seconds",
            "Seconds from a change in the CRM to the end of the write that followed, by the CRM's clock.",
            names,
            buckets=LAGS,
            registry=of,
        )

    def begin(self, connection: str) -> None:
        """Show all figures of a connection from the start, as zeros."""
        for figure in (self._up, self._events, self._gaps, self._due, self._lag):
            figure.labels(connection)

    def is_up(self, connection: str, *, up: bool) -> None:
        """Set whether the feed is being listened to."""
        self._up.labels(connection).set(up)

    def heard(self, connection: str, events: int, *, gap: bool) -> None:
        """Count what a step of the feed had."""
        self._events.labels(connection).inc(events)
        self._gaps.labels(connection).inc(gap)

    def refused(self, connection: str, status: int) -> None:
        """Count a webhook that was refused with a status."""
        self._refused.labels(connection, str(status)).inc()

    def waits(self, connection: str, rows: int) -> None:
        """Set how much is due."""
        self._due.labels(connection).set(rows)

    def written(self, connection: str, lags: Sequence[timedelta]) -> None:
        """Count how long after changes their results were written."""
        for lag in lags:
            self._lag.labels(connection).observe(lag.total_seconds())
