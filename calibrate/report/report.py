"""The report, one page for marketers: what would change, how far to trust it, and all warnings."""

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from math import isnan
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from calibrate.judging import nothing
from calibrate.judging.verdict import NOTHING, gap, percent, verdict
from calibrate.notes import Note
from calibrate.report import charts
from calibrate.result import Calibration, Level, Performance, RuleFound
from vocabulary.units import counted

OPTION: Final = re.compile(r"(--[a-z][a-z-]*)")
STANDINGS: Final = {
    "declined": "Not enough data",
    nothing.STANDING: "Nothing found",
    "ranking only": "A ranking without percentages",
    "rough": "Points and rough percentages",
    "calibrated": "Points and percentages",
}

FIRST: Final = ("promise", "against", "told apart", "random flatters", "after the outcome", "today's value", "too sure")
LAST: Final = ("protected", "proxy", "deals", "accounts", "history", "selection bias")
"""Kinds of warnings that come before and after the others."""


def environment() -> Environment:
    """Return what fills the templates of pages."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    made.filters |= {
        "percent": percent,
        "figure": figure,
        "coded": coded,
        "span": span,
        "brier": brier,
        "counted": counted,
    }
    return made


def page(result: Calibration, beside: str | None = None) -> str:
    """Return the report as self-contained HTML; `beside`: where the page is that compares scores."""
    return (
        environment()
        .get_template("report.html")
        .render(
            result=result,
            unit=result.of.removesuffix("s"),
            standing=STANDINGS[result.standing],
            pictures=pictures(result),
            scales=_scales(result),
            verdict=verdict(result),
            beside=beside,
            gap=gap(result),
            warnings=_warnings(result),
            left_out=_of(result, "left out"),
            facts=_of(result, "note"),
        )
    )


def _of(result: Calibration, level: str) -> list[Note]:
    return [note for note in result.notes if note.level == level]


def _warnings(result: Calibration) -> list[list[Note]]:
    """Return the warnings by kind, those first that can change a decision."""
    found = _of(result, "warning")
    others = [note.kind for note in found if note.kind not in {*FIRST, *LAST}]
    kinds = dict.fromkeys([*FIRST, *others, *LAST])
    by_kind = [[note for note in found if note.kind == kind] for kind in kinds]
    return [notes for notes in by_kind if notes]


def brier(one: Performance) -> str:
    """Format the squared error of percentages, with that of the rate alone."""
    return NOTHING if isnan(one.brier) else f"{one.brier:.4f} ({one.brier_of_rate:.4f})"


def figure(value: float, digits: int = 2) -> str:
    """Format a number for people."""
    return NOTHING if isnan(value) else f"{value:.{digits}f}"


def span(rule: RuleFound) -> str:
    """Return the range of a rule's points."""
    return NOTHING if isnan(rule.low) else f"{round(rule.low)} to {round(rule.high)}"


def coded(text: str) -> Markup:
    """Return text with its options as code, which does not break at their dashes."""
    return Markup(OPTION.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped


def pictures(result: Calibration) -> Mapping[str, str]:
    """Return the charts that have data."""
    drawn: dict[str, str] = {}
    if result.rules:
        drawn["rules"] = charts.rules(result.rules)
    if result.performance:
        drawn["gains"] = charts.gains(result.performance, result.of)
        drawn["ranking"] = charts.ranking(result.performance, result.random_auc, result.of)
    if result.bins:
        drawn["calibration"] = charts.calibration(result.bins)
    return drawn


def _scales(result: Calibration) -> list[dict[str, Any]]:
    return [
        {"scale": scale, "now": _drawn(result.levels_now, scale, result), "then": _drawn(levels, scale, result)}
        for scale, levels in _by_scale(result.levels)
    ]


def _by_scale(levels: Sequence[Level]) -> list[tuple[str, list[Level]]]:
    return [(scale, list(group)) for scale, group in groupby(levels, key=lambda level: level.scale)]


def _drawn(levels: Sequence[Level], scale: str, result: Calibration) -> str:
    these = [level for level in levels if level.scale == scale]
    return charts.levels(these, result.rate, result.of) if these else ""
