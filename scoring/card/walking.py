"""Walks through a scorecard: all its conditions on leads, and the fields that they and the rules name."""

from collections.abc import Iterator

from scoring.card.conditions import LeadCondition
from scoring.card.scorecard import Scorecard


def lead_conditions(card: Scorecard) -> Iterator[LeadCondition]:
    """Yield every condition on a lead in the scorecard, including nested ones."""
    for condition in _outer(card):
        if condition is not None:
            yield from _with_nested(condition)


def named_fields(card: Scorecard) -> frozenset[str]:
    """Return the lead fields that rules, criteria, stages, urgencies and priorities use."""
    tested = (name for condition in lead_conditions(card) for name in condition.field_tests)
    read = (name for section in card.sections.values() for rule in section.rules for name in rule.fields)
    return frozenset(tested).union(read)


def _with_nested(condition: LeadCondition) -> Iterator[LeadCondition]:
    yield condition
    for inner in condition.nested:
        yield from _with_nested(inner)


def _outer(card: Scorecard) -> Iterator[LeadCondition | None]:
    for section in card.sections.values():
        for rule in section.rules:
            yield from rule.lead_conditions.values()
    if card.grade:
        yield from (one.when for one in card.grade.disqualifiers)
        for profile in card.grade.profiles:
            yield profile.applies
            for criterion in profile.criteria:
                yield from (criterion.match, criterion.partial)
    if card.readiness:
        for stage in card.readiness.stages:
            yield from (stage.when, stage.keep)
        yield from (urgency.when for urgency in card.readiness.urgency)
    if card.priority:
        yield from (first.when for first in card.priority.first)
