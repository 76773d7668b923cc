"""The dashboard and the alert rules ask only for figures that the daemon exports."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator

import promql_parser
import pytest
import yaml
from prometheus_client import generate_latest

from deploy.monitoring.dashboard import FILE, ROWS, dashboard
from pipeline.daemon.metrics import ALERTS, Metrics
from watch.gauges import GAUGES, PREFIX

FOLDER = FILE.parent
RULES = FOLDER / "alerts.yaml"
OF_PROMETHEUS = {"up"}
SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}


def exported() -> set[str]:
    """Return the names of all series that a daemon can have."""
    families = list(Metrics().registry.collect())
    named = {one.name + suffix for one in families for suffix in SUFFIXES.get(one.type, ("",))}
    assert all(one.documentation for one in families)
    report = [*GAUGES, "findings", "timestamp_seconds"]
    return {*named, *(f"leadgauge_{name}" for name in ALERTS), *(PREFIX + name for name in report)}


def metrics_of(query: str) -> set[str]:
    """Return the series that a query asks for; fail if it is not PromQL."""
    return set(_names(promql_parser.parse(query.replace("$__rate_interval", "5m"))))


def _names(node: object) -> Iterator[str]:
    if isinstance(node, promql_parser.VectorSelector):
        yield node.name
        return
    for part in ("expr", "lhs", "rhs", "vector_selector", "vs", "args", "param"):
        for inner in _parts(getattr(node, part, None)):
            yield from _names(inner)


def _parts(found: object) -> list[object]:
    return [] if found is None else list(found) if isinstance(found, list) else [found]


QUERIES = [query for row in ROWS for panel in row.panels for query, _ in panel.queries]


@pytest.mark.parametrize("query", QUERIES)
def test_panels_ask_for_figures_that_are_exported(query: str) -> None:
    """Each query of the dashboard is PromQL over the daemon's figures."""
    asked = metrics_of(query)
    assert asked
    assert asked <= exported()


def test_the_dashboard_is_the_file() -> None:
    """`dashboard.json` is what its module makes, with panels that do not overlap."""
    assert json.loads(FILE.read_text()) == dashboard()
    cells = [
        (x, y)
        for panel in dashboard()["panels"]
        for place in [panel["gridPos"]]
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


def test_rules_ask_for_figures_that_are_exported() -> None:
    """Each alert rule is PromQL over the daemon's figures, and says what to do."""
    rules = [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]
    assert rules
    for rule in rules:
        asked = metrics_of(rule["expr"])
        assert asked, rule["alert"]
        assert asked <= exported() | OF_PROMETHEUS, rule["alert"]
        assert rule["annotations"]["description"]


@pytest.mark.parametrize("arguments", [("check", "rules", "alerts.yaml"), ("test", "rules", "alerts.test.yaml")])
def test_promtool_accepts_the_rules(arguments: tuple[str, ...]) -> None:
    """The rules fire in the cases that their own test describes, and only there."""
    tool = shutil.which("promtool")
    if tool is None:
        pytest.skip("promtool is not installed (Debian's package prometheus)")
    done = subprocess.run([tool, *arguments], cwd=FOLDER, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_rule_is_tested() -> None:
    """The test of the rules names each alert, but for the one that is only advice."""
    tested = set(re.findall(r"alertname: (\w+)", (FOLDER / "alerts.test.yaml").read_text()))
    rules = {rule["alert"] for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]}
    assert rules - tested == {"LeadgaugeRefitDue"}


def test_metrics_pass_the_linter_of_prometheus() -> None:
    """`promtool check metrics` finds nothing to complain about in the names and help texts."""
    tool = shutil.which("promtool")
    if tool is None:
        pytest.skip("promtool is not installed (Debian's package prometheus)")
    text = generate_latest(Metrics().registry)
    done = subprocess.run([tool, "check", "metrics"], input=text, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
