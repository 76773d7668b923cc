"""Activity rules that count one touch twice."""

from collections.abc import Iterator
from itertools import combinations, product

from config.lint.rules import kinds_of
from config.lint.scene import Placed, Scene, Slip
from scoring.card import BaseRule
from scoring.card.conditions import ActivityCondition


def slips(scene: Scene) -> Iterator[Slip]:
    """Yield pairs of rules of which one counts everything of some kind that the other counts as well.

    A rule that takes points away may look at the same touch as one that gives some: that is a correction.
    """
    rules = [placed for placed in scene.rules if placed.rule.activity_conditions and _chooses(scene, placed.rule)]
    for first, second in combinations(rules, 2):
        if first.rule.sign == second.rule.sign:
            yield from _overlap(scene, first, second)


def _chooses(scene: Scene, rule: BaseRule) -> bool:
    """Return whether a rule counts some activities and not others; other checks report the rest."""
    return scene.fires(rule) and not scene.always(rule)


def _overlap(scene: Scene, first: Placed, second: Placed) -> Iterator[Slip]:
    pairs = product(first.rule.activity_conditions.values(), second.rule.activity_conditions.values())
    shared = [kind for one, other in pairs for kind in _shared(scene, one, other)]
    if shared:
        what = f"{', '.join(filter(None, shared))} twice" if any(shared) else "some activities twice"
        message = f"the rules '{first.rule.name}' and '{second.rule.name}' count {what}."
        yield Slip(second.path, message, "Leave those out of one of them with `not:`, or make one rule of both.")


def _shared(scene: Scene, one: ActivityCondition, other: ActivityCondition) -> list[str]:
    """Return the kinds of activity of which one condition counts all that the other counts."""
    return [kind for kind in _kinds(scene, one, other) if _nested(scene, _only(one, kind), _only(other, kind))]


def _kinds(scene: Scene, one: ActivityCondition, other: ActivityCondition) -> list[str]:
    """Return the kinds that either rule names; one nameless kind where neither names any."""
    return sorted(kinds_of(scene, one) | kinds_of(scene, other)) or [""]


def _only(condition: ActivityCondition, kind: str) -> ActivityCondition:
    """Return the condition on activities of one kind alone."""
    if not kind:
        return condition
    return ActivityCondition.model_validate({"all": [condition, {"kind": kind}]})


def _nested(scene: Scene, one: ActivityCondition, other: ActivityCondition) -> bool:
    """Tell whether both conditions can hold, and one wherever the other does."""
    prover = scene.plain
    if prover.never(one) or prover.never(other):
        return False
    return prover.follows(one, other) or prover.follows(other, one)
