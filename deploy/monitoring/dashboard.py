"""Writes `dashboard.json`, the dashboard for Grafana: `python -m deploy.monitoring.dashboard`."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

FILE: Final = Path(__file__).with_name("dashboard.json")
SOURCE: Final = {"type": "prometheus", "uid": "${source}"}
WIDTH: Final = 24
"""The columns of Grafana's grid."""
MINE: Final = 'connection=~"$connection"'


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture: its queries with their legends, and how its values are read."""

    title: str
    queries: Sequence[tuple[str, str]]
    unit: str = "short"
    kind: str = "timeseries"
    width: int = 8
    height: int = 8
    bad_from: float | None = None
    """From which value on it is red."""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A heading and the panels below it."""

    title: str
    panels: Sequence[Panel]


def _best(metric: str, by: str = "connection", of: str = "max") -> str:
    """Return the value of a gauge: of two daemons, the one that stands by has none of its own."""
    return f"{of} by ({by}) ({metric}{{{MINE}}})"


def _per_hour(metric: str, by: str) -> str:
    return f"sum by ({by}) (rate({metric}{{{MINE}}}[$__rate_interval])) * 3600"


CONNECTION: Final = "{{connection}}"
HELD: Final = " + ".join(_best(f"leadgauge_held_{what}") for what in ("scorecards", "leads", "activities"))
OLDEST: Final = f"time() - {_best('leadgauge_oldest_unwritten_timestamp_seconds', of='min')}"
ROWS: Final = (
    Row(
        "At a glance",
        (
            Panel(
                "Last pass",
                [(f"time() - {_best('leadgauge_last_pass_timestamp_seconds')}", CONNECTION)],
                "s",
                "stat",
                6,
                5,
                3600,
                "How long ago the last pass ended.",
            ),
            Panel(
                "Waits for a person",
                [(HELD, CONNECTION)],
                kind="stat",
                width=6,
                height=5,
                bad_from=1,
                about="Held scorecards, and missing leads and activities whose removal is held.",
            ),
            Panel(
                "Calls left today",
                [(_best("leadgauge_calls_left", of="min"), CONNECTION)],
                kind="stat",
                width=6,
                height=5,
            ),
            Panel(
                "Refused rows",
                [(_best("leadgauge_refused_rows"), CONNECTION)],
                kind="stat",
                width=6,
                height=5,
                bad_from=1,
                about="Rows that the CRM refused in the last pass.",
            ),
        ),
    ),
    Row(
        "Passes and writes",
        (
            Panel("Passes an hour", [(_per_hour("leadgauge_passes_total", "kind, state"), "{{kind}} {{state}}")]),
            Panel("Rows written and refused an hour", [(_per_hour("leadgauge_rows_total", "answer"), "{{answer}}")]),
            Panel("Calls an hour", [(_per_hour("leadgauge_calls_total", "connection"), CONNECTION)]),
            Panel("Rows that wait", [(_best("leadgauge_pending_rows"), CONNECTION)]),
            Panel("Oldest result that is not written", [(OLDEST, CONNECTION)], "s"),
            Panel(
                "Messages that wait",
                [
                    (_best("leadgauge_alerts_waiting", "connection, sink"), "{{connection}} {{sink}}"),
                    (_best("leadgauge_alerts_dropped", "connection, sink"), "{{connection}} {{sink}} dropped"),
                ],
            ),
        ),
    ),
    Row(
        "Is the score right?",
        (
            Panel(
                "Converted, by priority",
                [(_best("leadgauge_report_conversion_ratio", "priority"), "{{priority}}")],
                "percentunit",
                about="Share of matured leads that converted within the horizon.",
            ),
            Panel(
                "New leads of the first priority a week",
                [
                    (_best("leadgauge_report_first_priority_new_leads"), CONNECTION),
                    (_best("leadgauge_report_capacity_leads"), "{{connection}}: sales can call"),
                ],
            ),
            Panel(
                "Open leads that have the first priority",
                [(_best("leadgauge_report_first_priority_ratio"), CONNECTION)],
                "percentunit",
            ),
            Panel(
                "Error of the likelihood",
                [(_best("leadgauge_report_likelihood_error_ratio"), CONNECTION)],
                "percentunit",
            ),
            Panel(
                "Drift",
                [(_best("leadgauge_report_drift_psi", "of"), "{{of}}")],
                bad_from=0.25,
                about="Population stability index; 0.25 and more is much.",
            ),
            Panel("Findings of the report", [(_best("leadgauge_report_findings", "kind"), "{{kind}}")]),
            Panel("Time to the first touch", [(_best("leadgauge_report_first_touch_median_seconds"), CONNECTION)], "s"),
            Panel("Touched as promised", [(_best("leadgauge_report_promise_kept_ratio"), CONNECTION)], "percentunit"),
            Panel("Nobody touched", [(_best("leadgauge_report_untouched_leads"), CONNECTION)]),
        ),
    ),
)


def dashboard() -> dict[str, Any]:
    """Return the dashboard as Grafana imports it."""
    return {
        "title": "leadgauge",
        "uid": "leadgauge",
        "tags": ["leadgauge"],
        "schemaVersion": 39,
        "editable": True,
        "refresh": "1m",
        "time": {"from": "now-24h", "to": "now"},
        "timezone": "browser",
        "templating": {"list": [_source(), _connection()]},
        "panels": list(_panels()),
    }


def _source() -> dict[str, Any]:
    return {"name": "source", "label": "Prometheus", "type": "datasource", "query": "prometheus"}


def _connection() -> dict[str, Any]:
    query = "label_values(leadgauge_last_pass_timestamp_seconds, connection)"
    shown = {"name": "connection", "type": "query", "datasource": SOURCE, "query": query, "refresh": 2}
    return shown | {"multi": True, "includeAll": True, "allValue": ".*", "current": {"text": "All", "value": "$__all"}}


def _panels() -> Iterator[dict[str, Any]]:
    number, top = 1, 0
    for row in ROWS:
        place = {"h": 1, "w": WIDTH, "x": 0, "y": top}
        yield {"id": number, "type": "row", "title": row.title, "gridPos": place, "collapsed": False, "panels": []}
        number, top, left = number + 1, top + 1, 0
        for panel in row.panels:
            if left + panel.width > WIDTH:
                left, top = 0, top + panel.height
            yield _shown(panel, number, {"h": panel.height, "w": panel.width, "x": left, "y": top})
            number, left = number + 1, left + panel.width
        top += row.panels[-1].height


def _shown(panel: Panel, number: int, place: dict[str, int]) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    if panel.bad_from is not None:
        steps.append({"color": "red", "value": panel.bad_from})
    defaults = {"unit": panel.unit, "thresholds": {"mode": "absolute", "steps": steps}}
    targets = [
        {"refId": chr(ord("A") + at), "datasource": SOURCE, "expr": query, "legendFormat": legend}
        for at, (query, legend) in enumerate(panel.queries)
    ]
    head = {"id": number, "type": panel.kind, "title": panel.title, "description": panel.about, "gridPos": place}
    return head | {"datasource": SOURCE, "targets": targets, "fieldConfig": {"defaults": defaults, "overrides": []}}


if __name__ == "__main__":
    FILE.write_text(json.dumps(dashboard(), indent=1) + "\n")
