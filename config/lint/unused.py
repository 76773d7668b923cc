"""Fields that are declared and that nothing asks for."""

from collections.abc import Iterator

from pydantic import BaseModel

from config.lint.scene import Scene, Slip
from scoring.card.conditions import LeadCondition
from scoring.card.rules import LeadRule, TableRule


def slips(scene: Scene) -> Iterator[Slip]:
    """Yield the declared fields that no rule, criterion, stage, urgency or priority names."""
    card = scene.card
    parts = [part for part in (card.score, card.grade, card.readiness, card.priority) if part is not None]
    used = {name for part in parts for name in _named(part)}
    for name in card.fields:
        if name not in used:
            yield Slip(
                ("fields", name), f"the field `{name}` is declared and not used.", "Use it in a rule, or take it out."
            )


def _named(value: object) -> Iterator[str]:
    """Yield the names of all lead fields that a part of the scorecard asks for."""
    if isinstance(value, LeadCondition):
        yield from value.field_tests
    elif isinstance(value, TableRule):
        yield value.table
    elif isinstance(value, LeadRule) and value.since:
        yield value.since
    if isinstance(value, BaseModel):
        yield from (name for _, inner in value for name in _named(inner))
    elif isinstance(value, tuple):
        yield from (name for inner in value for name in _named(inner))
