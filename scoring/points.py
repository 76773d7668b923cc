"""Points of a chunk of leads: one column a rule, then one column for each limit that cuts."""

from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
import polars as pl

from scoring.card import ActivityRule, LeadRule, Section, TableRule
from scoring.card.rules import Limited
from scoring.card.values import typed
from scoring.conditions import Terms
from scoring.frames import microseconds_since_epoch
from scoring.history import WEEK, Floats, History, Ints
from scoring.operators import asked

Part = Literal["fit", "engagement", "total"]
LEAST: Final = 1e-9
"""Cuts smaller than this are arithmetic noise."""


@dataclass(frozen=True)
class Counted:
    """What stands behind the points of an activity rule, for each lead."""

    count: Ints
    latest: Ints
    """The age of the latest activity that counted."""
    undecayed: Floats
    decayed: Floats
    """The points after decay, before the rule's maximum."""


@dataclass(frozen=True)
class Column:
    """One column of the ledger: a rule, a limit or the rounding, with its points for each lead."""

    part: Part
    type: Literal["rule", "limit", "rounding"]
    name: str
    points: Floats
    counted: Counted | None = None


@dataclass
class Ledger:
    """All columns of a chunk; for each lead they add up to its score."""

    columns: list[Column] = field(default_factory=list)
    week: Floats | float = 0.0
    before: Floats | float = 0.0
    """Positive activity points of the last 7 days and the 21 days before, for `surge`."""

    def add_up(
        self, part: Literal["fit", "engagement"], section: Section, frame: pl.DataFrame, terms: Terms, history: History
    ) -> Floats:
        """Enter a section's rules and cuts; return its sum for each lead."""
        static = _static_points(section, frame, terms)
        total = np.zeros(history.leads)
        for number, group in enumerate(section.groups):
            entered = [
                self._enter(part, rule, static.get((number, place)), history) for place, rule in enumerate(group.rules)
            ]
            total += self.cut(part, group.name, group, np.sum([np.zeros(history.leads), *entered], axis=0))
        return self.cut(part, part, section, total)

    def uncut(self, part: Part) -> Floats | float:
        """Return for each lead what the rules of a section gave, before any limit."""
        return sum((column.points for column in self.columns if column.part == part and column.type == "rule"), 0.0)

    def cut(self, part: Part, name: str, limits: Limited, total: Floats) -> Floats:
        """Return the sum within its bounds, entering what was cut."""
        kept = np.clip(
            total,
            -np.inf if limits.minimum is None else limits.minimum,
            np.inf if limits.maximum is None else limits.maximum,
        )
        self._enter_difference(part, "limit", name, kept - total)
        return kept

    def round(self, total: Floats) -> Ints:
        """Return whole points, entering what rounding added."""
        rounded = half_away(total)
        self._enter_difference("total", "rounding", "Rounding", rounded - total)
        return rounded

    def _enter_difference(self, part: Part, type_: Literal["limit", "rounding"], name: str, difference: Floats) -> None:
        if np.any(np.abs(difference) > LEAST):
            self.columns.append(Column(part, type_, name, np.where(np.abs(difference) > LEAST, difference, 0.0)))

    def _enter(
        self, part: Part, rule: LeadRule | TableRule | ActivityRule, static: Floats | None, history: History
    ) -> Floats:
        if isinstance(rule, ActivityRule):
            column = self._activity_points(part, rule, history)
        else:
            assert static is not None
            column = Column(part, "rule", rule.name, static)
        self.columns.append(column)
        return column.points

    def _activity_points(self, part: Part, rule: ActivityRule, history: History) -> Column:
        awarded = history.awarded(rule)
        age = history.age[awarded]
        decayed = history.totals(awarded, rule.points * rule.remaining(age))
        count = history.counts(awarded)
        bound = np.inf if rule.maximum is None else rule.maximum
        if rule.points > 0:
            self.week = self.week + rule.points * history.counts(awarded[age < WEEK])
            self.before = self.before + rule.points * history.counts(awarded[(age >= WEEK) & (age < 4 * WEEK)])
        counted = Counted(count, history.youngest(awarded), rule.points * count, decayed)
        return Column(part, "rule", rule.name, np.clip(decayed, -bound, bound), counted)


def half_away(values: Floats) -> Ints:
    """Round to whole numbers, halves away from zero; noise below 1e-9 does not decide about a half."""
    settled = np.round(np.clip(values, -1e15, 1e15), 9)
    return np.copysign(np.floor(np.abs(settled) + 0.5), settled).astype(np.int64)


def _static_points(section: Section, frame: pl.DataFrame, terms: Terms) -> dict[tuple[int, int], Floats]:
    """Return the points of lead and table rules by their place, computed in one pass."""
    rules = {
        (number, place): rule
        for number, group in enumerate(section.groups)
        for place, rule in enumerate(group.rules)
        if not isinstance(rule, ActivityRule)
    }
    columns = {
        f"#points{number}": _lead_points(rule, terms) if isinstance(rule, LeadRule) else _table_points(rule, terms)
        for number, rule in enumerate(rules.values())
    }
    points = asked(frame, columns)
    return {
        key: points[name].to_numpy() * _share_since(rule, frame, terms)
        for (key, rule), name in zip(rules.items(), columns, strict=True)
    }


def _lead_points(rule: LeadRule, terms: Terms) -> pl.Expr:
    return pl.when(terms.holds(rule.lead)).then(rule.points).otherwise(0.0)


def _table_points(rule: TableRule, terms: Terms) -> pl.Expr:
    values = {typed(written, terms.fields[rule.table]): points for written, points in rule.points.items()}
    found = pl.col(rule.table).replace_strict(
        list(values), list(values.values()), default=rule.otherwise, return_dtype=pl.Float64
    )
    return pl.when(pl.col(rule.table).is_null()).then(rule.missing).otherwise(found)


def _share_since(rule: LeadRule | TableRule, frame: pl.DataFrame, terms: Terms) -> Floats | float:
    """Return what decay leaves of a lead rule; nothing where the time to count from is missing."""
    if isinstance(rule, TableRule) or rule.since is None:
        return 1.0
    since = frame[rule.since].cast(pl.Int64)
    age = np.maximum(0, microseconds_since_epoch(terms.as_of) - since.fill_null(0).to_numpy())
    return np.where(since.is_null().to_numpy(), 0.0, rule.remaining(age))
