"""How many points a rule, a group, a section and the whole score can come to at the least and at the most."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

import numpy as np

from scoring.card.rules import ActivityRule, Group, LeadRule, Limited, Score, Section, TableRule
from scoring.card.values import Limit

SHORTEST = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=28)}
PERIODS = 2000
"""So many periods back are added up; what decay leaves beyond them is bounded from above."""
NEGLIGIBLE = 1e-9
"""What is left of the points of one activity when the rest no longer matters."""

Fires = Callable[[LeadRule | TableRule | ActivityRule], bool]


@dataclass(frozen=True, slots=True)
class Range:
    """The least and the most that a sum can come to; never narrower than the truth."""

    low: float
    high: float

    def __add__(self, other: Self) -> "Range":
        return Range(self.low + other.low, self.high + other.high)

    def cut(self, limits: Limited) -> "Range":
        """Return what is left within the limits."""
        low = -math.inf if limits.minimum is None else limits.minimum
        high = math.inf if limits.maximum is None else limits.maximum
        return Range(min(max(self.low, low), high), max(min(self.high, high), low))


NOTHING = Range(0, 0)


def total(ranges: Iterable[Range]) -> Range:
    """Add ranges up."""
    return sum(ranges, NOTHING)


def of_score(score: Score, fires: Fires) -> Range:
    """Return the range of the total before its own limits."""
    return total(of_section(section, fires).cut(section) for section in score.sections.values())


def of_section(section: Section, fires: Fires) -> Range:
    """Return the range of a section before its own limits."""
    return total(of_group(group, fires).cut(group) for group in section.groups)


def of_group(group: Group, fires: Fires) -> Range:
    """Return the range of a group before its own limits."""
    return total(of_rule(rule) for rule in group.rules if fires(rule))


def of_rule(rule: LeadRule | TableRule | ActivityRule) -> Range:
    """Return the range of a rule, its maximum included."""
    if isinstance(rule, TableRule):
        points = [*rule.points.values(), rule.otherwise, rule.missing]
        return Range(min(points), max(points))
    if isinstance(rule, LeadRule):
        return Range(min(rule.points, 0), max(rule.points, 0))
    most = uncut(rule)
    cut = most if rule.maximum is None else min(most, rule.maximum)
    return Range(-cut if rule.points < 0 else 0, cut if rule.points > 0 else 0)


def uncut(rule: ActivityRule) -> float:
    """Return the most that an activity rule can give, either way, before its own maximum."""
    return abs(rule.points) * _full_activities(rule) if rule.points else 0


def _full_activities(rule: ActivityRule) -> float:
    """Return how many activities of full points the rule can come to at the most."""
    if rule.award == "once":
        return 1
    if rule.limit is None:
        return math.inf
    return rule.limit.count * _full_periods(rule, rule.limit)


def periods(limit: Limit, within: timedelta | None) -> float:
    """Return how many periods of a limit the window reaches into at the most; one that is cut by its edge counts."""
    if limit.period == "ever":
        return 1
    if within is None:
        return math.inf
    whole = math.ceil(within / _length(limit))
    return whole if isinstance(limit.period, timedelta) else whole + 1


def _length(limit: Limit) -> timedelta:
    return limit.period if isinstance(limit.period, timedelta) else SHORTEST[limit.period]


def _full_periods(rule: ActivityRule, limit: Limit) -> float:
    """Add up what decay leaves of the best activity of each period, the current one first.

    The activity of the n-th calendar period before the current one is at least n-1 periods old.
    """
    if limit.period == "ever":
        return 1
    counted_back = isinstance(limit.period, timedelta)
    ages = np.arange(PERIODS) * (_length(limit) // timedelta(microseconds=1))
    left = rule.remaining(ages)
    if rule.within is not None:
        left = np.where(ages < rule.within // timedelta(microseconds=1), left, 0.0)
    if left[-1] > NEGLIGIBLE:
        return math.inf
    return float(left.sum()) + (0 if counted_back else 1)
