"""Gives the points of a number another shape once all rules are there, where that says clearly more."""

from collections.abc import Sequence

import numpy as np

from calibrate.card.rules import Candidate, LeadRule, NumberRule
from calibrate.learning.refit import CLEARLY, alone, without
from calibrate.past.panel import Panel
from calibrate.statistics.fit import Floats


def numbers(rules: Sequence[Candidate]) -> set[str]:
    """Return the numbers that rules give points per unit of."""
    return {rule.measured for rule in rules if isinstance(rule, NumberRule)}


def best(
    rules: Sequence[Candidate], known: Sequence[LeadRule | NumberRule], panel: Panel, offset: Floats
) -> list[Candidate]:
    """Return the rules with points per unit in the shape that is best beside all others; the sign stays."""
    current = list(rules)
    for place, rule in enumerate(current):
        if isinstance(rule, NumberRule):
            others = [one for one in known if isinstance(one, NumberRule) and one.measured == rule.measured]
            current[place] = _best(place, [rule, *(one for one in others if one != rule)], current, panel, offset)
    return current


def _best(
    place: int, variants: Sequence[Candidate], rules: Sequence[Candidate], panel: Panel, offset: Floats
) -> Candidate:
    beside, now = without(place, rules, panel, offset)
    gains = [_gain(one, panel, beside, upwards=now > 0) - CLEARLY * (number > 0) for number, one in enumerate(variants)]
    return variants[int(np.argmax(gains))]


def _gain(rule: Candidate, panel: Panel, beside: Floats, *, upwards: bool) -> float:
    """Return the log-likelihood with this rule refitted, if its sign stays, and the others fixed."""
    weight, likelihood = alone(rule, panel, beside)
    return likelihood if (weight > 0) == upwards else -np.inf
