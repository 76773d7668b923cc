"""The daemon's metrics for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge

from pipeline.passes import Report


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
        self._calls_before: dict[str, int] = {}

    def passed(self, connection: str, report: Report) -> None:
        """Count a completed pass."""
        tally = report.tally
        self._passes.labels(connection, report.kind, report.state).inc()
        self._rows.labels(connection, "written").inc(tally.written)
        self._rows.labels(connection, "refused").inc(tally.refused)
        self._refused.labels(connection).set(tally.refused)
        self._calls.labels(connection).inc(max(tally.calls - self._calls_before.get(connection, 0), 0))
        self._calls_before[connection] = tally.calls
        self._ended.labels(connection).set_to_current_time()

    def failed(self, connection: str, kind: str) -> None:
        """Count a pass that failed."""
        self._passes.labels(connection, kind, "failed").inc()
