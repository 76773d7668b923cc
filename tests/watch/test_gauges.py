"""The figures of the report for Prometheus: their names, and when they are made anew."""

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from threading import Event

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from pipeline.passes import BACKFILL, SYNC
from tests.stage import Opener, Stage, opener
from tests.watch.reports import report
from watch.gauges import FINDINGS, GAUGES, MADE, PREFIX, Gauges
from watch.report import Report
from watch.watcher import Watcher

__all__ = ["opener"]

NAMES = [*GAUGES, "findings", "timestamp_seconds"]
METRICS = Path(__file__).parents[2] / "docs" / "metrics.md"


def exported(gauges: Gauges) -> dict[str, list[dict[str, str]]]:
    registry = CollectorRegistry()
    registry.register(gauges)
    families = text_string_to_metric_families(generate_latest(registry).decode())
    return {family.name: [sample.labels for sample in family.samples] for family in families}


def test_each_figure_has_a_sentence_and_base_units_and_is_documented() -> None:
    """What `promtool check metrics` asks for: help texts, no totals of gauges, seconds and ratios."""
    page = METRICS.read_text(encoding="utf-8")
    for name, gauge in {**GAUGES, "findings": FINDINGS, "timestamp_seconds": MADE}.items():
        assert gauge.help.endswith(".")
        assert re.fullmatch(r"[a-z_]+", name)
        assert not re.search(r"(total|count|sum|bucket|info|percent|minutes|hours|days|weeks)$", name)
        assert f"`{PREFIX}{name}`" in page


def test_promtool_has_nothing_to_say_about_them() -> None:
    """Prometheus' own linter; where it is installed."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is missing: apt install prometheus")
    gauges, registry = Gauges(), CollectorRegistry()
    gauges.note("main", [_with(report(), {name: {"x": 1.0} for name in GAUGES})])
    registry.register(gauges)
    done = subprocess.run(
        [promtool, "check", "metrics"], input=generate_latest(registry), capture_output=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_the_figures_of_all_connections_are_those_of_their_latest_reports() -> None:
    """A new report takes the place of the old one; names of priorities and fields are labels."""
    gauges, one = Gauges(), report()
    assert exported(gauges) == {}
    measures = {"conversion_ratio": {'P"1\n': 0.3, "P2": 0.1}, "untouched_leads": {"": 4.0}, "drift_psi": {}}
    gauges.note("main", [_with(one, measures)])
    found = exported(gauges)
    assert [labels["priority"] for labels in found[f"{PREFIX}conversion_ratio"]] == ['P"1\n', "P2"]
    assert {labels["kind"] for labels in found[f"{PREFIX}findings"]} == {"untouched", "order"}
    assert f"{PREFIX}drift_psi" not in found
    gauges.note("main", [_with(one, {"conversion_ratio": {"P3": 0.2}})])
    assert [labels["priority"] for labels in exported(gauges)[f"{PREFIX}conversion_ratio"]] == ["P3"]


def _with(one: Report, measures: dict[str, dict[str, float]]) -> Report:
    return Report(*(measures if name == "measures" else getattr(one, name) for name in Report.__slots__))


@pytest.fixture
def stage(opener: Opener) -> Stage:
    found = opener.hubspot(10)
    found.provision()
    found.do(BACKFILL)
    return found


def test_the_report_is_made_anew_after_a_pass_that_scored_everybody(stage: Stage) -> None:
    """Not after each sync; and work that is stopped leaves the figures as they were."""
    made: list[str] = []

    class Counting(Gauges):
        def note(self, connection: str, reports: Sequence[Report]) -> None:
            made.append(connection)
            super().note(connection, reports)

    with stage.job() as job:
        stop, gauges = Event(), Counting()
        watcher = Watcher(job.store, lambda: stage.settings().connections, stop, gauges)
        watcher.look()
        watcher.look()
        assert made == ["main"]
        stage.do(SYNC)
        watcher.look()
        assert made == ["main"]
        stage.do(BACKFILL)
        watcher.look()
        assert made == ["main", "main"]
        assert f"{PREFIX}first_priority_ratio" in exported(gauges)
        stage.do(BACKFILL)
        stop.set()
        watcher.look()
        assert made == ["main", "main"]
