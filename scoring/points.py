"""Points of a chunk of leads: one row for each rule, and one for each limit and the rounding."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import polars as pl

from scoring.card import ActivityRule, LeadRule, Scorecard, Section, TableRule
from scoring.card.rules import Limited
from scoring.card.values import typed
from scoring.conditions import AS_OF, Terms
from scoring.history import History
from scoring.operators import asked
from scoring.picked import WEEK, Floats, Ints

Part = Literal["fit", "engagement", "total"]
LEAST: Final = 1e-9
"""Cuts smaller than this are arithmetic noise."""


@dataclass(frozen=True, slots=True)
class Row:
    """What a row of the ledger is: a rule, a limit or the rounding."""

    part: Part
    type: Literal["rule", "limit", "rounding"]
    name: str
    each: float = 0.0
    """The points of one activity before decay."""


class Ledger:
    """All points of a chunk, a row for each rule, limit and rounding, leads across; they add up to the scores.

    Rows of activity rules tell too how many activities counted, the age of the latest, and the points after decay
    before the rule's maximum; elsewhere that is 0.
    """

    def __init__(self, card: Scorecard, history: History) -> None:
        shape = (_rows(card), history.leads)
        self.history, self.rows = history, list[Row]()
        self.points, self.decayed = np.zeros(shape), np.zeros(shape)
        self.count, self.latest = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        self.week, self.before = np.zeros(history.leads), np.zeros(history.leads)
        """Positive activity points of the last 7 days and the 21 days before, for `surge`."""

    def add_up(self, part: Literal["fit", "engagement"], section: Section, on_leads: Mapping[int, Floats]) -> Floats:
        """Enter a section's rules and cuts; return its sum for each lead. `on_leads`: the points of `OnLeads`."""
        total = np.zeros(self.history.leads)
        for group in section.groups:
            subtotal = np.zeros(self.history.leads)
            for rule in group.rules:
                subtotal += self._rule(part, rule, on_leads)
            total += self.cut(part, group.name, group, subtotal)
        return self.cut(part, part, section, total)

    def uncut(self, part: Part) -> Floats:
        """Return for each lead what the rules of a section gave, before any limit."""
        given = [number for number, row in enumerate(self.rows) if row.part == part and row.type == "rule"]
        uncut: Floats = self.points[given].sum(axis=0)
        return uncut

    def cut(self, part: Part, name: str, limits: Limited, total: Floats) -> Floats:
        """Return the sum within its bounds, entering what was cut."""
        kept = np.clip(
            total,
            -np.inf if limits.minimum is None else limits.minimum,
            np.inf if limits.maximum is None else limits.maximum,
        )
        self._difference(Row(part, "limit", name), kept - total)
        return kept

    def round(self, total: Floats) -> Ints:
        """Return whole points, entering what rounding added."""
        rounded = half_away(total)
        self._difference(Row("total", "rounding", "Rounding"), rounded - total)
        return rounded

    def _difference(self, row: Row, difference: Floats) -> None:
        self._enter(row, np.where(np.abs(difference) > LEAST, difference, 0.0))

    def _enter(self, row: Row, points: Floats) -> Floats:
        """Write a row; return its points."""
        self.points[len(self.rows)] = points
        self.rows.append(row)
        return points

    def _rule(self, part: Part, rule: LeadRule | TableRule | ActivityRule, on_leads: Mapping[int, Floats]) -> Floats:
        if not isinstance(rule, ActivityRule):
            return self._enter(Row(part, "rule", rule.name), on_leads[id(rule)])
        awarded, number, row = self.history.awarded(rule), len(self.rows), Row(part, "rule", rule.name, rule.points)
        if not len(awarded.lead):
            return self._enter(row, np.zeros(self.history.leads))
        self.count[number], self.latest[number] = awarded.count, awarded.youngest
        self.decayed[number] = awarded.total(rule.points * rule.remaining(awarded.age))
        if rule.points > 0:
            self.week += rule.points * awarded.total(awarded.age < WEEK)
            self.before += rule.points * awarded.total((awarded.age >= WEEK) & (awarded.age < 4 * WEEK))
        bound = np.inf if rule.maximum is None else rule.maximum
        return self._enter(row, np.clip(self.decayed[number], -bound, bound))


def _rows(card: Scorecard) -> int:
    """Return how many rows there are at most: a rule each, a limit for each group, section and the total, rounding."""
    return 2 + sum(1 + len(section.groups) + len(section.rules) for section in card.sections.values())


def half_away(values: Floats) -> Ints:
    """Round to whole numbers, halves away from zero; noise below 1e-9 does not decide about a half."""
    settled = np.round(np.clip(values, -1e15, 1e15), 9)
    return np.copysign(np.floor(np.abs(settled) + 0.5), settled).astype(np.int64)


class OnLeads:
    """The rules of a section that look at the lead alone, made ready to be asked in one pass."""

    def __init__(self, section: Section, terms: Terms) -> None:
        rules = [rule for rule in section.rules if not isinstance(rule, ActivityRule)]
        self._rules = {id(rule): rule for rule in rules}
        self._columns = {
            str(id(rule)): _lead_points(rule, terms) if isinstance(rule, LeadRule) else _table_points(rule, terms)
            for rule in rules
        }

    def points(self, frame: pl.DataFrame) -> dict[int, Floats]:
        """Return the points that each rule, by its identity, gives each lead."""
        found = asked(frame, self._columns) if self._columns else frame
        return {key: found[str(key)].to_numpy() * _share(rule, frame) for key, rule in self._rules.items()}


def _lead_points(rule: LeadRule, terms: Terms) -> pl.Expr:
    return pl.when(terms.holds(rule.lead)).then(rule.points).otherwise(0.0)


def _share(rule: LeadRule | TableRule, frame: pl.DataFrame) -> Floats | float:
    """Return what decay leaves of a rule's points for each lead."""
    if isinstance(rule, TableRule) or rule.since is None:
        return 1.0
    return _left(rule, frame[rule.since], frame[AS_OF])


def _left(rule: LeadRule, since: pl.Series, as_of: pl.Series) -> Floats:
    """Return what decay leaves of a lead rule; nothing where the time to count from is missing."""
    age = (as_of - since).cast(pl.Int64).fill_null(0).to_numpy()
    return np.where(since.is_null().to_numpy(), 0.0, rule.remaining(np.maximum(0, age)))


def _table_points(rule: TableRule, terms: Terms) -> pl.Expr:
    values = {typed(written, terms.fields[rule.table]): points for written, points in rule.points.items()}
    found = pl.col(rule.table).replace_strict(
        list(values), list(values.values()), default=rule.otherwise, return_dtype=pl.Float64
    )
    return pl.when(pl.col(rule.table).is_null()).then(rule.missing).otherwise(found)
