"""One page that a marketer understands: what would change, how far it can be trusted, every warning in words."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from math import isnan
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from calibrate import charts
from calibrate.result import Calibration, Level
from calibrate.validation import CHALLENGER, CURRENT, PROPOSAL

NOTHING: Final = "-"
STANDINGS: Final = {
    "declined": "Too little to learn from",
    "ranking only": "A ranking, no percentages",
    "rough": "Points, and rough percentages",
    "calibrated": "Points and percentages",
}


def page(result: Calibration) -> str:
    """Return the report as HTML that needs no other file and no network."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    environment.filters |= {"percent": percent, "figure": figure}
    return environment.get_template("report.html").render(
        result=result,
        standing=STANDINGS[result.standing],
        pictures=pictures(result),
        scales=_scales(result),
        verdict=verdict(result),
        gap=gap(result),
        warnings=_of(result, "warning"),
        left_out=_of(result, "left out"),
        facts=_of(result, "note"),
    )


def _of(result: Calibration, level: str) -> list[Any]:
    return [note for note in result.notes if note.level == level]


def percent(value: float, digits: int = 0) -> str:
    """Return a share for people."""
    return NOTHING if isnan(value) else f"{value:.{digits}%}"


def figure(value: float, digits: int = 2) -> str:
    """Return a number for people."""
    return NOTHING if isnan(value) else f"{value:.{digits}f}"


def verdict(result: Calibration) -> str:
    """Return the page's first sentence."""
    if result.declined:
        return result.message
    mine, now = result.of(PROPOSAL), result.of(CURRENT)
    if mine is None:
        return f"{result.message} There are too few newer leads to test the proposal on."
    against = f" The current scorecard finds {percent(now.wins_in_top_fifth)} there." if now else ""
    return (
        f"On newer leads that it had never seen, the best-scored fifth held {percent(mine.wins_in_top_fifth)} of the "
        f"conversions (a fifth picked blindly holds 20%).{against}"
    )


def gap(result: Calibration) -> str:
    """Say what a readable card gives away against gradient boosting."""
    mine, best = result.of(PROPOSAL), result.of(CHALLENGER)
    if mine is None or best is None:
        return ""
    lost = best.auc - mine.auc
    if lost <= 0:
        return "Gradient boosting, a black box, ranks these leads no better than the card."
    price = "the price of points that people understand"
    return f"Gradient boosting, a black box, ranks them better by {lost:.3f} AUC: {price}."


def pictures(result: Calibration) -> Mapping[str, str]:
    """Return the pictures there is something to draw for."""
    drawn: dict[str, str] = {}
    if result.rules:
        drawn["rules"] = charts.rules(result.rules)
    if result.performance:
        drawn["gains"] = charts.gains(result.performance)
        drawn["ranking"] = charts.ranking(result.performance, result.random_auc)
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
    return charts.levels(these, result.rate) if these else ""
