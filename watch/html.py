"""The report as HTML: a body for any page, and a page of its own without external resources."""

from collections.abc import Callable, Mapping, Sequence
from shlex import quote
from typing import Any, Final

from jinja2 import Environment
from markupsafe import Markup

from pipeline.markup import environment
from watch import charts
from watch.report import Report
from watch.tables import RECORDS, Chart, Finding, Table

Address = Callable[[str], str | None]
"""Returns the address of the list of records with a key; None where there is none, as in a file."""
FIRST: Final = (
    "untouched",
    "promise",
    "rejected",
    "order",
    "likelihood",
    "inflation",
    "experiment",
    "rules_wrong_way",
    "drift",
    "rules_never",
    "rules_always",
    "card",
)
"""The kinds of findings, those first that cost most."""
SHOWN: Final = 6
"""How many findings the first page has room for."""
CHARTS: Final = ("conversion", "amounts")
"""The sections whose charts are on the first page."""
MOST_COMMANDS: Final = 40


def nowhere(_key: str) -> None:
    """Return no address: a file has no list of records."""


def _drawn(chart: Chart) -> Markup:
    return Markup(charts.draw(chart))  # noqa: S704 - names are escaped where they are drawn


def _environment() -> Environment:
    made = environment("watch")
    made.globals |= {"draw": _drawn, "command": command, "commands": commands}
    return made


def ordered(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings, those first that cost most."""
    places = {kind: place for place, kind in enumerate(FIRST)}
    return sorted(findings, key=lambda one: places.get(one.kind, len(FIRST)))


def command(report: Report, key: str) -> str:
    """Return the command that lists the records with a key."""
    return f"leadgauge report -c {quote(report.connection)} --records {quote(key)}"


def commands(report: Report, table: Table) -> list[str]:
    """Return the commands that list the records of the first rows of a table."""
    keys = [str(row[RECORDS]) for row in table.rows if row.get(RECORDS)]
    return [command(report, key) for key in keys[:MOST_COMMANDS]]


def body(report: Report, address: Address = nowhere) -> Markup:
    """Return the report for the inside of a page whose styles have the names of `_style.html`."""
    return Markup(_rendered("_body.html", report, address))  # noqa: S704 - the template escapes


def styles() -> Markup:
    """Return the styles of the body besides those that every page has."""
    return Markup(TEMPLATES.get_template("_style.html").render())  # noqa: S704 - ours


def page(report: Report) -> str:
    """Return the report as one self-contained file; its first page, printed, is for a board."""
    return _rendered("report.html", report, nowhere)


def _rendered(template: str, report: Report, address: Address) -> str:
    found = ordered(report.findings)
    context: Mapping[str, Any] = {
        "report": report,
        "address": address,
        "first": found[:SHOWN],
        "rest": found[SHOWN:],
        "board_charts": [one.chart for one in report.sections if one.name in CHARTS and one.chart],
        "on_board": CHARTS,
    }
    return TEMPLATES.get_template(template).render(context)


TEMPLATES: Final = _environment()
