"""What a calibration comes to, in a sentence, and what points that people can read cost."""

from math import isnan
from typing import Final

from calibrate.judging.validation import CHALLENGER, CURRENT, ODOO, PERCENTAGES, PROPOSAL
from calibrate.result import Calibration, Performance

NOTHING: Final = "-"


def percent(value: float, digits: int = 0) -> str:
    """Format a share for people."""
    return NOTHING if isnan(value) else f"{value:.{digits}%}"


def verdict(result: Calibration) -> str:
    """Return the page's first sentence."""
    if result.declined or result.nothing_found:
        return result.message
    best, now = headline(result), result.performance_of(CURRENT)
    if best is None:
        return f"{result.message} There are not enough later {result.of} to test the proposal on."
    against = f" By the current scorecard it has {percent(now.wins_in_top_fifth)}." if now else ""
    by = "likelihood" if best.name == PERCENTAGES else "points"
    whose = f"all {result.of} open after the fitting" if result.horizon else f"newer {result.of}"
    fifth = f"the best fifth by {by} has {percent(best.wins_in_top_fifth)} of the conversions"
    return f"Of {whose}, {fifth} (a random fifth has 20%).{against}"


def headline(result: Calibration) -> Performance | None:
    """Return what is judged first: the likelihood where there is one, else the points."""
    return result.performance_of(PERCENTAGES) or result.performance_of(PROPOSAL)


def gap(result: Calibration) -> str:
    """Return what points that people can read cost, and what age and recent activity add to them."""
    mine, said, best = (result.performance_of(name) for name in (PROPOSAL, PERCENTAGES, CHALLENGER))
    if mine is None or best is None:
        return ""
    aged = result.horizon is not None and said is not None
    alone = f"Points alone rank at an AUC of {mine.auc:.3f}"
    more = f", with age and recent activity, as in the likelihood, at {said.auc:.3f}" if aged and said else ""
    seen = "that sees age and activity too" if aged else "on the same fields"
    box = f"Gradient boosting, a black box {seen}, reaches {best.auc:.3f}"
    odoo = result.performance_of(ODOO)
    if odoo is not None and result.odoo_above:
        told = f"Odoo's method, whose points people can read too, ranks clearly better, at {odoo.auc:.3f}"
        return f"{alone}{more}. {told}, so better points than these can be had. {box}."
    lost = round(best.auc - (said or mine).auc, 3)
    price = f"so what people can read costs {lost:.3f}" if lost > 0 else "so what people can read costs nothing"
    return f"{alone}{more}. {box}, {price}."
