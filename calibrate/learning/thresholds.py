"""Moves a chosen threshold to where it says most, between the thresholds beside it that were to choose from."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from calibrate.card.rules import Candidate, LeadRule, NumberRule
from calibrate.learning.bins import cuts, shown, threshold, words
from calibrate.past.panel import Panel

FINE: Final = 40
"""So many thresholds of a number are looked at, in all."""
FINEST: Final = 20
"""So many thresholds of a number tell how far its shape may be another one."""


def finer(rule: Candidate, known: Sequence[LeadRule | NumberRule], panel: Panel) -> list[LeadRule]:
    """Return the thresholds nearer to that of a rule than others of the same field; none if it has no threshold.

    None is lower than the lowest or higher than the highest known one: that would be met by too many, or too few.
    """
    place = _cut(rule)
    if place is None or not isinstance(rule, LeadRule):
        return []
    [name] = rule.subjects
    others = sorted({cut for one in known if one.subjects == rule.subjects and (cut := _cut(one)) is not None})
    lower = max((cut for cut in others if cut < place), default=place)
    upper = min((cut for cut in others if cut > place), default=place)
    column = panel.fields[name]
    found = [threshold(name, cut) for cut in cuts(column, FINE) if lower < cut < upper and cut != place]
    head, _, said = rule.name.rpartition(": ")
    label = head if said == f"{shown(place)} or more" else words(name)
    return [replace(one, name=label + one.name.removeprefix(words(name))) for one in found]


def finest(known: Sequence[LeadRule | NumberRule], panel: Panel) -> list[LeadRule]:
    """Return many thresholds of each number that has thresholds, the lowest and the highest leads apart too."""
    names = {name for rule in known if _cut(rule) is not None for name in rule.subjects}
    return [threshold(name, cut) for name in sorted(names) for cut in cuts(panel.fields[name], FINEST)]


def _cut(rule: Candidate) -> float | None:
    """Return the number from which on a rule fires."""
    if not isinstance(rule, LeadRule) or len(rule.subjects) != 1:
        return None
    test = rule.condition.get(rule.subjects[0])
    lone = len(rule.condition) == 1 and isinstance(test, dict) and set(test) == {"at_least"}
    number = test["at_least"] if lone and isinstance(test, dict) else None
    return float(number) if isinstance(number, int | float | np.floating) else None
