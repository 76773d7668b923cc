"""The report's charts, as inline SVG."""

from collections.abc import Sequence
from itertools import cycle
from math import isnan
from typing import Final

from calibrate.bakeoff.against import Against
from calibrate.judging.validation import CHALLENGER, CURRENT, ODOO, PERCENTAGES, PROPOSAL
from calibrate.result import Level, Performance, RuleFound
from calibrate.statistics.metrics import Bin
from drawing.marks import INK, Bars, Dots, Intervals, Line, Mark, Notes, Rule
from drawing.plot import Plot
from drawing.scales import Names, Numbers
from drawing.text import shortened
from vocabulary.outputs import Of

BLUE, RED, GREY, GREEN = "#2563eb", "#dc2626", "#9aa5b1", "#059669"
THEIRS: Final = ("#d97706", GREEN, "#9333ea", RED)
"""The colours of the scores that ours are compared with."""
COLORS: Final = {PROPOSAL: BLUE, PERCENTAGES: "#7c3aed", CURRENT: GREY, ODOO: "#d97706", CHALLENGER: GREEN}
ONE: Final[dict[Of, str]] = {"leads": "a lead", "accounts": "an account"}
NAME_LENGTH: Final = 48
DASHED: Final = "5 4"
DOTTED: Final = "2 3"
SHARE: Final = Numbers(0, 100, exact=True)


def calibration(bins: Sequence[Bin]) -> str:
    """Plot predicted against observed rates; on the line the percentages are right."""
    top = max([*(part.said for part in bins), *(part.came for part in bins), 0.01]) * 110
    marks: list[Mark] = [
        Line([(0, 0), (top, top)], GREY, "predicted = observed", width=1, dash=DASHED),
        Line([(part.said * 100, part.came * 100) for part in bins], BLUE, "observed", dots=3.5),
    ]
    scale = Numbers(0, top, exact=True)
    titles = "predicted conversion rate, %", "observed conversion rate, %"
    return Plot(470, 380, scale, scale, marks, *titles).svg("Predicted against observed conversion rates")


def _distinct(performance: Sequence[Performance]) -> list[Performance]:
    """Return what ranks differently: without age and activity, percentages rank as their points do."""
    points = next((one.auc for one in performance if one.name == PROPOSAL), None)
    return [one for one in performance if one.name != PERCENTAGES or one.auc != points]


def gains(performance: Sequence[Performance], units: Of) -> str:
    """Plot the share of conversions against the share of leads, best score first."""
    marks: list[Mark] = [
        Rule(20, "x", (0, 100)),
        Line([(0, 0), (100, 100)], GREY, "no score", width=1, dash=DASHED),
        *(_gains_of(one) for one in _distinct(performance)),
    ]
    plot = Plot(520, 390, SHARE, SHARE, marks, f"% of {units}, best score first", "% of all conversions")
    return plot.svg(f"Share of conversions by share of {units}, best score first")


def _gains_of(one: Performance) -> Line:
    course = [(100 * step / (len(one.gains) - 1), 100 * part) for step, part in enumerate(one.gains)]
    return Line(course, COLORS.get(one.name, INK), one.name, width=2.4 if one.name == PROPOSAL else 1.4)


def calls(against: Against) -> str:
    """Plot the conversions that each score catches by the number of calls; the line is the capacity."""
    theirs, dashes = cycle(THEIRS), cycle((DOTTED, "6 3 2 3"))
    best = next((one.name for one in against.scores if one.ours), None)
    curves = [one.curve for one in against.scores]
    top = max([1.0, *(max(curve) for curve in [*curves, against.by_lot])])
    marks: list[Mark] = [Rule(against.capacity, "x", (0, top))]
    for one in against.scores:
        color = (BLUE if one.name == best else GREY) if one.ours else next(theirs)
        width = 2.4 if one.name == best or not one.ours else 1.2
        points = list(zip(against.capacities, one.curve, strict=True))
        marks.append(Line(points, color, _plain(one.name), width, next(dashes) if color == GREY else None))
    by_lot = list(zip(against.capacities, against.by_lot, strict=True))
    marks.append(Line(by_lot, GREY, "Without a score", width=1, dash=DASHED))
    x, y = Numbers(0, max(against.capacities), exact=True), Numbers(0, top)
    titles = "calls a week" if against.since else "calls", f"conversions caught, of {against.conversions:,}"
    label = "Conversions that each score catches by the number of calls; the table has the numbers"
    return Plot(580, 370, x, y, marks, *titles).svg(label)


def rules(found: Sequence[RuleFound]) -> str:
    """Plot the points of each rule with their interval."""
    ordered = sorted(found, key=lambda rule: rule.after)
    names = Names([_plain(rule.name) for rule in ordered])
    placed = list(enumerate(ordered))
    marks: list[Mark] = [
        Rule(0, "x", (-0.5, len(ordered) - 0.5)),
        *(Bars([(at, 0.0, rule.after)], BLUE if rule.after > 0 else RED, lies=True) for at, rule in placed),
        Intervals([(at, rule.low, rule.high) for at, rule in placed], lies=True),
        Dots([(rule.before, at) for at, rule in placed if rule.before], INK, radius=3, diamonds=True),
    ]
    values = [value for rule in ordered for value in (rule.low, rule.high, rule.after, rule.before or 0)]
    title = "points (line: range in 9 of 10 refits; diamond: before)"
    plot = Plot(780, 60 + 26.0 * len(ordered), Numbers(min([0, *values]), max([0, *values])), names, marks, title)
    return plot.svg("Points of each rule; the table has the numbers")


def _plain(name: str) -> str:
    return shortened(name, NAME_LENGTH)


def ranking(performance: Sequence[Performance], random_auc: float, units: Of) -> str:
    """Plot the AUC of each score with its interval, and that of random cross-validation."""
    shown = _distinct(performance)[::-1]
    ends = (-0.5, len(shown) - 0.3)
    marks: list[Mark] = [Rule(0.5, "x", ends, GREY, "chance", DASHED)]
    if not isnan(random_auc):
        marks.append(Rule(random_auc, "x", ends, RED, f"random cross-validation: {random_auc:.3f}", DOTTED))
    for at, one in enumerate(shown):
        color = COLORS.get(one.name, INK)
        span = Intervals([(at, one.auc_low, one.auc_high)], color, lies=True, width=3, opacity=0.4)
        marks += [span, Dots([(one.auc, at)], color), Notes([(one.auc, at, f"{one.auc:.3f}")])]
    values = [value for one in shown for value in (one.auc_low, one.auc_high) if not isnan(value)]
    scale = Numbers(min([0.5, *values]), max([0.5, *values]), said=lambda value: f"{value:.2f}")
    title = f"AUC: how often {ONE[units]} that converted\nranks above another (1 always, 0.5 by chance)"
    plot = Plot(520, 110 + 44.0 * len(shown), scale, Names([one.name for one in shown]), marks, title)
    return plot.svg("AUC of each score; the table has the numbers")


def levels(found: Sequence[Level], rate: float, units: Of) -> str:
    """Plot the conversion rate of each grade, stage or priority."""
    ordered = list(found)[::-1]
    bars = [(at, 0.0, level.rate * 100) for at, level in enumerate(ordered)]
    marks: list[Mark] = [
        Bars(bars, BLUE, lies=True),
        Rule(rate * 100, "x", (-0.5, len(ordered) - 0.5), RED, dash=DOTTED),
    ]
    scale = Numbers(0, max([rate * 100, *(value for *_, value in bars)]), most=5)
    names = Names([_plain(f"{level.level} ({level.snapshots:,})") for level in ordered])
    plot = Plot(420, 70 + 30.0 * len(ordered), scale, names, marks, f"% that converted (red: all {units})")
    return plot.svg("Conversion rate of each level")
