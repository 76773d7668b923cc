"""The report's charts, as inline SVG."""

import io
import re
from collections.abc import Sequence
from itertools import cycle
from math import isnan
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from calibrate.bakeoff.against import Against
from calibrate.judging.validation import CHALLENGER, CURRENT, ODOO, PERCENTAGES, PROPOSAL
from calibrate.result import Level, Performance, RuleFound
from calibrate.statistics.metrics import Bin
from vocabulary.outputs import Of

BLUE, RED, GREY, GREEN, INK = "#2563eb", "#dc2626", "#9aa5b1", "#059669", "#334155"
THEIRS: Final = ("#d97706", GREEN, "#9333ea", RED)
"""The colours of the scores that ours are compared with."""
FAINT: Final = "#cbd5e1"
COLORS: Final = {PROPOSAL: BLUE, PERCENTAGES: "#7c3aed", CURRENT: GREY, ODOO: "#d97706", CHALLENGER: GREEN}
STYLE: Final[Any] = {
    "svg.hashsalt": "leadgauge", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": FAINT, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK,
    "axes.spines.top": False, "axes.spines.right": False,
}  # fmt: skip
ONE: Final[dict[Of, str]] = {"leads": "a lead", "accounts": "an account"}
NAME_LENGTH: Final = 48
METADATA: Final = re.compile("<metadata>.*?</metadata>", re.DOTALL)
THEMED: Final = {INK: "currentColor", FAINT: "var(--line)"}
"""Colours that follow the page's, in light and in dark."""


def _axes(width: float, height: float) -> tuple[Figure, Axes]:
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        return figure, figure.subplots()


def _svg(figure: Figure, label: str) -> str:
    """Return the drawing with a label for those who do not see it."""
    stream = io.StringIO()
    with mpl.rc_context(STYLE):
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    drawn = stream.getvalue()
    bare = METADATA.sub("", drawn[drawn.index("<svg") :])
    for color, themed in THEMED.items():
        bare = bare.replace(color, themed)
    return bare.replace("<svg", f'<svg role="img" aria-label="{label}"', 1)


def calibration(bins: Sequence[Bin]) -> str:
    """Plot predicted against observed rates; on the line the percentages are right."""
    figure, axes = _axes(5.2, 4.2)
    top = max([*(part.said for part in bins), *(part.came for part in bins), 0.01]) * 110
    axes.plot([0, top], [0, top], color=GREY, linestyle="--", linewidth=1, label="predicted = observed")
    said, came = [part.said * 100 for part in bins], [part.came * 100 for part in bins]
    axes.plot(said, came, color=BLUE, marker="o", label="observed")
    axes.set_xlabel("predicted conversion rate, %")
    axes.set_ylabel("observed conversion rate, %")
    axes.set_xlim(0, top)
    axes.set_ylim(0, top)
    axes.legend(frameon=False, labelcolor=INK, loc="upper left")
    return _svg(figure, "Predicted against observed conversion rates")


def _distinct(performance: Sequence[Performance]) -> list[Performance]:
    """Return what ranks differently: without age and activity, percentages rank as their points do."""
    points = next((one.auc for one in performance if one.name == PROPOSAL), None)
    return [one for one in performance if one.name != PERCENTAGES or one.auc != points]


def gains(performance: Sequence[Performance], units: Of) -> str:
    """Plot the share of conversions against the share of leads, best score first."""
    figure, axes = _axes(5.8, 4.2)
    axes.plot([0, 100], [0, 100], color=GREY, linestyle="--", linewidth=1, label="no score")
    for one in _distinct(performance):
        share = [100 * step / (len(one.gains) - 1) for step in range(len(one.gains))]
        width = 2.4 if one.name == PROPOSAL else 1.4
        axes.plot(
            share, [100 * part for part in one.gains], color=COLORS.get(one.name, INK), linewidth=width, label=one.name
        )
    axes.axvline(20, color=FAINT, zorder=0)
    axes.set_xlabel(f"% of {units}, best score first")
    axes.set_ylabel("% of all conversions")
    axes.legend(frameon=False, labelcolor=INK, loc="lower right")
    return _svg(figure, f"Share of conversions by share of {units}, best score first")


def calls(against: Against) -> str:
    """Plot the conversions that each score catches by the number of calls; the line is the capacity."""
    figure, axes = _axes(6.4, 4.0)
    theirs = cycle(THEIRS)
    dashes = cycle((":", "-."))
    best = next((one.name for one in against.scores if one.ours), None)
    for one in against.scores:
        color = (BLUE if one.name == best else GREY) if one.ours else next(theirs)
        width = 2.4 if one.name == best or not one.ours else 1.2
        style = next(dashes) if color == GREY else "-"
        axes.plot(against.capacities, one.curve, color=color, linewidth=width, linestyle=style, label=_plain(one.name))
    axes.plot(against.capacities, against.by_lot, color=GREY, linestyle="--", linewidth=1, label="Without a score")
    axes.axvline(against.capacity, color=FAINT, zorder=0)
    axes.set_xlim(0, max(against.capacities))
    axes.set_ylim(0, None)
    axes.set_xlabel("calls a week" if against.since else "calls")
    axes.set_ylabel(f"conversions caught, of {against.conversions:,}")
    axes.legend(frameon=False, labelcolor=INK, loc="upper left")
    return _svg(figure, "Conversions that each score catches by the number of calls; the table has the numbers")


def rules(found: Sequence[RuleFound]) -> str:
    """Plot the points of each rule with their interval."""
    ordered = sorted(found, key=lambda rule: rule.after)
    figure, axes = _axes(8.6, 0.8 + 0.3 * len(ordered))
    places = range(len(ordered))
    axes.barh(
        places, [rule.after for rule in ordered], color=[BLUE if rule.after > 0 else RED for rule in ordered], alpha=0.8
    )
    for place, rule in zip(places, ordered, strict=True):
        axes.plot([rule.low, rule.high], [place, place], color=INK, linewidth=1.2)
        if rule.before:
            axes.plot([rule.before], [place], color=INK, marker="D", markersize=4)
    axes.set_yticks(list(places), [_plain(rule.name) for rule in ordered])
    axes.axvline(0, color=FAINT, linewidth=1)
    axes.set_xlabel("points (line: range in 9 of 10 refits; diamond: before)")
    return _svg(figure, "Points of each rule; the table has the numbers")


def _plain(name: str) -> str:
    """Return a name in a form that matplotlib does not interpret."""
    head, tail = NAME_LENGTH // 2, NAME_LENGTH - NAME_LENGTH // 2 - 1
    short = name if len(name) <= NAME_LENGTH else f"{name[:head].rstrip()}…{name[-tail:].lstrip()}"
    return short.replace("$", r"\$")


def ranking(performance: Sequence[Performance], random_auc: float, units: Of) -> str:
    """Plot the AUC of each score with its interval, and that of random cross-validation."""
    shown = _distinct(performance)[::-1]
    figure, axes = _axes(5.6, 1.3 + 0.5 * len(shown))
    for place, one in enumerate(shown):
        color = COLORS.get(one.name, INK)
        axes.plot([one.auc_low, one.auc_high], [place, place], color=color, linewidth=3, alpha=0.4)
        axes.plot([one.auc], [place], color=color, marker="o", markersize=8)
        axes.annotate(
            f"{one.auc:.3f}", (one.auc, place), xytext=(0, 7), textcoords="offset points", ha="center", fontsize=9
        )
    if not isnan(random_auc):
        label = f"random cross-validation: {random_auc:.3f}"
        axes.axvline(random_auc, color=RED, linestyle=":", linewidth=1.4, label=label)
    axes.axvline(0.5, color=GREY, linestyle="--", linewidth=1, label="chance")
    axes.set_yticks(range(len(shown)), [one.name for one in shown])
    axes.set_ylim(-0.6, len(shown) - 0.2)
    axes.set_xlabel(f"AUC: how often {ONE[units]} that converted\nranks above another (1 always, 0.5 by chance)")
    figure.legend(frameon=False, labelcolor=INK, fontsize=8, loc="outside upper left", ncols=2)
    return _svg(figure, "AUC of each score; the table has the numbers")


def levels(found: Sequence[Level], rate: float, units: Of) -> str:
    """Plot the conversion rate of each grade, stage or priority."""
    figure, axes = _axes(4.6, 0.9 + 0.34 * len(found))
    ordered = list(found)[::-1]
    axes.barh(range(len(ordered)), [level.rate * 100 for level in ordered], color=BLUE, alpha=0.8)
    axes.axvline(rate * 100, color=RED, linestyle=":", linewidth=1.4)
    axes.set_yticks(range(len(ordered)), [_plain(f"{level.level} ({level.snapshots:,})") for level in ordered])
    axes.set_xlabel(f"% that converted (red: all {units})")
    return _svg(figure, "Conversion rate of each level")
