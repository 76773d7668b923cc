"""The figures of `/metrics`, with the alert rules that ask for them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from prometheus_client import Metric
from ruamel.yaml import YAML

import deploy.monitoring
from config.docs import table
from pipeline.daemon.metrics import Metrics
from watch.gauges import FINDINGS, GAUGES, MADE, PREFIX

RULES: Final = Path(deploy.monitoring.__file__).parent / "alerts.yaml"
HEADINGS: Final = ("figure", "says", "alert rule, or when to write one")
HINTS: Final = {
    "leadgauge_pending_rows": "it grows over days",
    "leadgauge_alerts_waiting": "it grows",
    "leadgauge_alerts_dropped": "above 0",
    "leadgauge_feed_events_total": "it stands still for a day although people work in the CRM",
    "leadgauge_feed_gaps_total": "it grows daily",
    "leadgauge_due_leads": "it grows for 15 minutes: more changes than passes can read",
    "leadgauge_feed_lag_seconds": "the 95th percentile exceeds what sales can accept",
    "leadgauge_report_first_priority_new_leads": "it stays above `leadgauge_report_capacity_leads`",
    "leadgauge_report_drift_psi": "0.25 and more",
    "leadgauge_report_findings": "above 0, of the [kinds](report.md#findings) that you act upon",
}
"""When to alert on figures that no rule asks for, since what is too much depends on the company."""
Row = tuple[str, str, str]


def metrics() -> str:
    """Return a table of what the daemon tells, and one of what the report tells."""
    return "\n\n".join(
        [
            "## Of the daemon",
            table(HEADINGS, list(_of_the_daemon())),
            "## Of the report",
            table(HEADINGS, list(_of_the_report())),
        ]
    )


def _of_the_daemon() -> Iterator[Row]:
    registry = Metrics().registry
    for found in registry.collect():
        said = f"{found.documentation} A histogram." if found.type == "histogram" else found.documentation
        yield _row(_exported(found), _labels(registry, found.name), said)


def _exported(found: Metric) -> str:
    return f"{found.name}_total" if found.type == "counter" else found.name


def _labels(registry: Any, name: str) -> tuple[str, ...]:
    """Return what a figure is by, beside the connection. The library tells that of one without values nowhere else."""
    known = registry._names_to_collectors  # noqa: SLF001 - as above
    first, *others = getattr(known.get(name), "_labelnames", ("connection", "sink"))
    assert first == "connection"
    return tuple(others)


def _of_the_report() -> Iterator[Row]:
    for name, gauge in (GAUGES | {"findings": FINDINGS, "timestamp_seconds": MADE}).items():
        yield _row(f"{PREFIX}{name}", (gauge.by,) if gauge.by else (), gauge.help)


def _row(name: str, labels: tuple[str, ...], says: str) -> Row:
    alert = ", ".join(_rules(name)) or HINTS.get(name, "")
    by = f" By {' and '.join(f'`{one}`' for one in labels)}." if labels else ""
    return f"`{name}`", says + by, alert


def _rules(name: str) -> Iterator[str]:
    for group in YAML(typ="safe").load(RULES)["groups"]:
        for rule in group["rules"]:
            if re.search(rf"\b{name}\b", rule["expr"]):
                yield f"`{rule['alert']}`"
