"""The daemon's metrics for Prometheus."""

import math
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge

from pipeline.daemon.reloading import REFUSED
from pipeline.passes import Report
from pipeline.watching import REFIT
from store import Figures

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
        """Count a completed pass."""
        tally = report.tally
        self._passes.labels(connection, report.kind, report.state).inc()
        self._rows.labels(connection, "written").inc(tally.written)
        self._rows.labels(connection, "refused").inc(tally.refused)
        self._refused.labels(connection).set(tally.refused)
        self._calls.labels(connection).inc(tally.calls)
        self._ended.labels(connection).set_to_current_time()

    def failed(self, connection: str, kind: str) -> None:
        """Count a pass that failed."""
        self._passes.labels(connection, kind, "failed").inc()
