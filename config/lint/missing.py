"""Conditions that read as if a missing value met them."""

from collections.abc import Iterator

from config.lint.scene import Scene, Slip
from scoring.card.conditions import LeadCondition, Test
from scoring.card.walking import placed_conditions

_NOTHING = {"above": 0.0, "at_least": 1.0}
"""What people deny when they mean that there is none: `not: {employees: {above: 0}}`."""


def slips(scene: Scene) -> Iterator[Slip]:
    """Yield each `not` that means "none", but that a missing value never meets."""
    for path, condition in placed_conditions(scene.card):
        for name in sorted(_denied(condition, scene)):
            message = f"a lead without `{name}` never meets this `not`: a missing value is unknown, not 0."
            remedy = f"Write `{name}: {{at_most: 0, or_missing: true}}` to include it."
            yield Slip((*path, "not"), message, remedy, (name,))


def _denied(condition: LeadCondition, scene: Scene) -> set[str]:
    """Return the number fields that a `not` requires to be nothing."""
    inner = condition.not_
    if inner is None or inner.computed_tests or inner.nested or len(inner.field_tests) != 1:
        return set()
    ((name, test),) = inner.field_tests.items()
    return {name} if scene.card.fields.get(name) == "number" and _is_something(test) else set()


def _is_something(test: Test) -> bool:
    given = test.operators
    return (
        not test.or_missing
        and len(given) == 1
        and all(_NOTHING.get(name) == _number(raw) for name, raw in given.items())
    )


def _number(raw: object) -> float | None:
    try:
        return float(str(raw))
    except ValueError:
        return None
