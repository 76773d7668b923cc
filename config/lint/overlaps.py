"""Activity rules that count one touch twice."""

from collections.abc import Iterator
from itertools import combinations

from config.lint.rules import kinds_of
from config.lint.scene import Placed, Scene, Slip
from scoring.card.conditions import ActivityCondition
from scoring.card.rules import ActivityRule


def slips(scene: Scene) -> Iterator[Slip]:
    """Yield pairs of rules of which one counts everything of some kind that the other counts as well.

    A rule that takes points away may look at the same touch as one that gives some: that is a correction.
    """
    rules = [placed for placed in scene.rules if isinstance(placed.rule, ActivityRule) and _chooses(scene, placed.rule)]
    for first, second in combinations(rules, 2):
        if (first.rule.points > 0) == (second.rule.points > 0):  # type: ignore[operator]  # activity rules have numbers
            yield from _overlap(scene, first, second)


def _chooses(scene: Scene, rule: ActivityRule) -> bool:
    """Tell whether a rule counts some activities and not others; the rest is told of it alone."""
    return scene.fires(rule) and not scene.plain.always(rule.activity)


def _overlap(scene: Scene, first: Placed, second: Placed) -> Iterator[Slip]:
    assert isinstance(first.rule, ActivityRule)
    assert isinstance(second.rule, ActivityRule)
    one, other = first.rule.activity, second.rule.activity
    shared = [kind for kind in _kinds(scene, one, other) if _nested(scene, _only(one, kind), _only(other, kind))]
    if shared:
        what = f"{', '.join(filter(None, shared))} twice" if any(shared) else "some activities twice"
        message = f"the rules '{first.rule.name}' and '{second.rule.name}' count {what}."
        yield Slip(second.path, message, "Leave those out of one of them with `not:`, or make one rule of both.")


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
