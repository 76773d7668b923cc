"""Walks through a scorecard: all its conditions on leads, and the fields that they and the rules name."""

from collections.abc import Iterator, Sequence

from scoring.card.accounts import Coverage
from scoring.card.conditions import LeadCondition
from scoring.card.figures import LeadFigure
from scoring.card.grade import Grade
from scoring.card.mistakes import Path
from scoring.card.readiness import Readiness
from scoring.card.resets import Reset
from scoring.card.rules.base import BaseRule
from scoring.card.score import Section
from scoring.card.scorecard import Scorecard

Placed = tuple[Path, LeadCondition | None]


def lead_conditions(card: Scorecard) -> Iterator[LeadCondition]:
    """Yield every condition on a lead in the scorecard, including nested ones."""
    yield from (condition for _, condition in placed_conditions(card))


def placed_conditions(card: Scorecard) -> Iterator[tuple[Path, LeadCondition]]:
    """Yield the same, each with its path."""
    for path, condition in _outer(card):
        if condition is not None:
            yield from _with_nested(path, condition)


def named_fields(card: Scorecard) -> frozenset[str]:
    """Return the lead fields that conditions, rules and resets use, and those that accounts are made of."""
    tested = (name for condition in lead_conditions(card) for name in condition.named_fields)
    read = (name for section in card.sections.values() for rule in section.rules for name in rule.fields)
    moments = (name for _, reset in placed_resets(card) for name in reset.fields)
    return frozenset(tested).union(read, moments, _of_accounts(card))


def fields_of(rule: BaseRule) -> frozenset[str]:
    """Return the lead fields that a rule and its conditions use."""
    conditions = (inner for one in rule.lead_conditions.values() for _, inner in _with_nested((), one))
    return rule.fields.union(*(condition.named_fields for condition in conditions))


def _of_accounts(card: Scorecard) -> Iterator[str]:
    """Yield the lead fields that accounts are found by and made of."""
    if card.accounts is None:
        return
    if card.accounts.by_domain is not None:
        yield card.accounts.by_domain.lead
    yield from (one.field for one in _lead_figures(card).values() if one.field is not None)
    coverage = _coverage(card)
    if coverage is not None:
        yield coverage.by


def _lead_figures(card: Scorecard) -> dict[str, LeadFigure]:
    figures = card.accounts.figures if card.accounts else {}
    return {name: one for name, one in figures.items() if isinstance(one, LeadFigure)}


def _coverage(card: Scorecard) -> Coverage | None:
    score = card.accounts.score if card.accounts else None
    return score.engagement.coverage if score and score.engagement else None


def placed_resets(card: Scorecard) -> Iterator[tuple[Path, Reset]]:
    """Yield every reset with its path."""
    yield from _numbered((), card.reset)
    for name, section in card.sections.items():
        yield from _numbered(("score", name), section.reset)
        for number, group in enumerate(section.groups):
            path: Path = ("score", name, "groups", number)
            yield from _numbered(path, group.reset)
            for place, rule in enumerate(group.rules):
                yield from _numbered((*path, "rules", place), rule.resets)


def _numbered(path: Path, resets: Sequence[Reset]) -> Iterator[tuple[Path, Reset]]:
    yield from (((*path, "reset", number), reset) for number, reset in enumerate(resets))


def _with_nested(path: Path, condition: LeadCondition) -> Iterator[tuple[Path, LeadCondition]]:
    yield path, condition
    for option in ("all", "any"):
        for number, inner in enumerate(getattr(condition, option) or ()):
            yield from _with_nested((*path, option, number), inner)
    if condition.not_:
        yield from _with_nested((*path, "not"), condition.not_)


def _outer(card: Scorecard) -> Iterator[Placed]:
    for name, section in card.sections.items():
        yield from _of_section(("score", name), section)
    if card.grade:
        yield from _of_grade(card.grade)
    if card.readiness:
        yield from _of_readiness(card.readiness)
    if card.priority:
        for number, first in enumerate(card.priority.first):
            yield ("priority", "first", number, "when"), first.when
    for figure, one in _lead_figures(card).items():
        yield ("accounts", "figures", figure, "where"), one.where
    if coverage := _coverage(card):
        yield ("accounts", "score", "engagement", "coverage", "engaged"), coverage.engaged


def _of_section(path: Path, section: Section) -> Iterator[Placed]:
    for number, group in enumerate(section.groups):
        yield (*path, "groups", number, "when"), group.when
        for place, rule in enumerate(group.rules):
            for option, condition in rule.lead_conditions.items():
                yield (*path, "groups", number, "rules", place, option), condition


def _of_grade(grade: Grade) -> Iterator[Placed]:
    named = isinstance(grade.disqualified, tuple)
    for number, one in enumerate(grade.disqualifiers):
        yield ("grade", "disqualified", *((number, "when") if named else ())), one.when
    for number, profile in enumerate(grade.profiles):
        path: Path = ("grade", "profiles", number)
        yield (*path, "applies"), profile.applies
        for place, criterion in enumerate(profile.criteria):
            yield (*path, "criteria", place, "match"), criterion.match
            yield (*path, "criteria", place, "partial"), criterion.partial


def _of_readiness(readiness: Readiness) -> Iterator[Placed]:
    for number, stage in enumerate(readiness.stages):
        yield ("readiness", "stages", number, "when"), stage.when
        yield ("readiness", "stages", number, "keep"), stage.keep
    for number, urgency in enumerate(readiness.urgency):
        yield ("readiness", "urgency", number, "when"), urgency.when
