"""The figures of reports for Prometheus."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from watch.report import Report

PREFIX: Final = "leadgauge_report_"


@dataclass(frozen=True, slots=True)
class Gauge:
    """A metric: what it is, and what its values are by, beside connection and scorecard."""

    help: str
    by: str | None = None


GAUGES: Final = {
    "conversion_ratio": Gauge("Share of matured leads that converted within the horizon, by priority.", "priority"),
    "first_priority_ratio": Gauge("Share of the open leads with a priority that have the first one now."),
    "first_priority_new_leads": Gauge("Leads that reach the first priority in a week, on average."),
    "capacity_leads": Gauge("Leads that sales can call in a week, as the settings say."),
    "likelihood_error_ratio": Gauge("Mean distance between the promised and the observed conversion rate (ECE)."),
    "drift_psi": Gauge("Population stability index of a field or of the score; much from 0.25 on.", "of"),
    "first_touch_median_seconds": Gauge("Time until half of the leads of the first priority are touched by sales."),
    "promise_kept_ratio": Gauge("Share of the leads of the first priority that were touched within the promise."),
    "untouched_leads": Gauge("Leads of the first priority that nobody has touched within the promise, nor since."),
}
"""By the names of `Report.measures`."""
FINDINGS: Final = Gauge("Findings of the report, by kind.", "kind")
MADE: Final = Gauge("When the report was made.")


@dataclass(eq=False)
class Gauges(Collector):
    """The latest reports of all connections, as metrics. Written by one thread, read by others."""

    _reports: dict[str, Sequence[Report]] = field(default_factory=dict)

    def note(self, connection: str, reports: Sequence[Report]) -> None:
        """Replace the reports of a connection."""
        self._reports = {**self._reports, connection: reports}

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the metrics that have a value."""
        reports = [one for several in self._reports.values() for one in several]
        for name, gauge in GAUGES.items():
            yield from _family(name, gauge, ((one, one.measures.get(name, {})) for one in reports))
        yield from _family("findings", FINDINGS, ((one, _kinds(one)) for one in reports))
        yield from _family("timestamp_seconds", MADE, ((one, {"": one.as_of.timestamp()}) for one in reports))


def _kinds(report: Report) -> dict[str, float]:
    kinds = [one.kind for one in report.findings]
    return {kind: float(kinds.count(kind)) for kind in dict.fromkeys(kinds)}


def _family(name: str, gauge: Gauge, found: "Iterator[tuple[Report, object]]") -> Iterator[GaugeMetricFamily]:
    made = GaugeMetricFamily(
        f"{PREFIX}{name}", gauge.help, labels=["connection", "scorecard", *([gauge.by] if gauge.by else [])]
    )
    for report, values in found:
        assert isinstance(values, dict)
        for of, value in values.items():
            made.add_metric([report.connection, report.scorecard, *([of] if gauge.by else [])], value)
    if made.samples:
        yield made
