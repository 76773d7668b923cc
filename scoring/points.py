"""The points of a chunk of leads: one row for each rule, for each limit and for the rounding."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final, Literal

import numpy as np
import polars as pl

from scoring.card import BaseRule, Group, LeadCondition, Scorecard, Section
from scoring.card.rules import Given, Naming
from scoring.card.rules.ahead import Ahead
from scoring.card.rules.base import LineType
from scoring.card.score import Limited, SectionName
from scoring.conditions import Terms
from scoring.history import History
from scoring.motion import Motion
from scoring.operators import asked
from scoring.picked import Picked
from scoring.resets import Place
from vocabulary.arrays import Flags, Floats, Ints

SumName = Literal["fit", "engagement", "total"]
LEAST: Final = 1e-9
"""Smaller cuts are rounding errors."""


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """The meaning of a row in the ledger: a rule, a limit or the rounding."""

    part: SumName
    type: LineType | Literal["limit", "rounding", "disqualified"]
    name: str
    each: float = 0.0
    """The points of one activity before decay."""
    first: int = 0
    """Of a limit: the first row inside."""
    minimum: float = -np.inf
    maximum: float = np.inf


class Ledger:
    """All points of a chunk: one row for each rule, limit and rounding, one column per lead. They add up to the scores.

    Activity rules also record how many activities counted, the age of the latest, and the points after decay but
    before the rule's maximum; for other rows these are 0.
    """

    def __init__(self, card: Scorecard, history: History, *, brief: bool = False) -> None:
        """Begin an empty ledger; a `brief` one records points only."""
        self._brief = brief
        shape = (_rows(card), history.leads)
        self.history, self.rows = history, list[LedgerRow]()
        self.points, self.decayed = np.zeros(shape), np.zeros(shape)
        self.count, self.latest = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        self.rules = dict[int, BaseRule]()
        """The rule of each row that is one."""
        self.counted = set[int]()
        """The rows of rules whose activities count."""
        self._named = dict[int, Naming]()
        self.undecayed = dict[int, Floats]()
        """The points before decay of rows whose points do not grow with the count."""
        self.week, self.before = np.zeros(history.leads), np.zeros(history.leads)
        """Positive activity points of the last 7 days and the 21 days before, for `surge`."""
        self.ahead = dict[int, Ahead]()
        """What time makes of the points of each rule, if that was asked."""
        self.recent = list[Picked]()
        """The activities that give points by which a surge is recognised, if that was asked."""
        self.contested = np.zeros(history.leads, np.bool_)
        """The leads of which a group has left out rules that gave points, where the points of some fade."""

    def add_up(self, part: SectionName, section: Section, asked: "Asked") -> Floats:
        """Record a section's rules and cuts and return its sum for each lead."""
        total, first = np.zeros(self.history.leads), len(self.rows)
        for rule, given in zip(section.direct, asked.direct(), strict=True):
            total += self._rule(part, rule, given)
        for number, group in enumerate(section.groups):
            begin = len(self.rows)
            for rule, given in zip(group.faded, asked.of_group(number), strict=True):
                self._rule(part, rule, _open(given, asked.open_to(number)))
            subtotal = self._awarded(begin, group.award)
            total += self.cut(part, group.name, group, subtotal, begin, asked.open_to(number))
        return self.cut(part, part, section, total, first)

    def _awarded(self, first: int, award: str) -> Floats:
        """Return the sum of a group's rules, having emptied those that `award` leaves out."""
        given = self.points[first : len(self.rows)]
        if award != "all" and len(given):
            self.contested |= ((given != 0).sum(axis=0) > 1) & self._fades(range(first, len(self.rows)))
            ranked = np.where(given != 0, given if award == "best" else -given, -np.inf)
            given[np.arange(len(given))[:, None] != ranked.argmax(axis=0)] = 0
        total: Floats = given.sum(axis=0)
        return total

    def _fades(self, rows: Iterable[int]) -> Flags:
        """Return whether the points of any of these rules fade, if that was asked."""
        fades = np.zeros(self.history.leads, np.bool_)
        for row in rows:
            fades = fades | self.ahead[row].fades if row in self.ahead else fades
        return fades

    def uncut(self, part: SumName) -> Floats:
        """Return each lead's points from the rules of a section, before any limit."""
        given = [number for number in self.rules if self.rows[number].part == part]
        uncut: Floats = self.points[given].sum(axis=0)
        return uncut

    def cut(
        self, part: SumName, name: str, limits: Limited, total: Floats, first: int, open_to: Flags | None = None
    ) -> Floats:
        """Return the sum of the rows from `first` on, cut to its bounds, and record the cut; 0 for the other leads."""
        minimum = -np.inf if limits.minimum is None else limits.minimum
        maximum = np.inf if limits.maximum is None else limits.maximum
        kept = np.clip(total, minimum, maximum)
        kept = kept if open_to is None else np.where(open_to, kept, 0.0)
        row = LedgerRow(part, "limit", name, first=first, minimum=minimum, maximum=maximum)
        self._difference(row, kept - total)
        return kept

    def round(self, total: Floats) -> Ints:
        """Return whole points, and record the rounding."""
        rounded = half_away(total)
        self._difference(LedgerRow("total", "rounding", "Rounding"), rounded - total)
        return rounded

    def disqualify(self, points: Floats) -> None:
        """Record what is taken from the scores of disqualified leads."""
        self._enter(LedgerRow("total", "disqualified", "Disqualified"), -points)

    @property
    def scored(self) -> Flags:
        """Whether any rule gave each lead points."""
        scored = np.zeros(self.history.leads, np.bool_)
        for number in self.rules:
            scored |= self.points[number] != 0
        return scored

    def motion(self, part: str, sign: int) -> Motion:
        """Return how much the points of this sign can fade: those of a section, or of all by any other name."""
        rows = (row for row in self.ahead if part not in {"fit", "engagement"} or self.rows[row].part == part)
        return Motion.of([self.ahead[row] for row in rows], sign, self.history.leads)

    def names(self, number: Ints, lead: Ints) -> pl.Series:
        """Return what reasons call each cell: the name of its row, or what the rule says about the lead."""
        return self._texts(number, lead, {row: naming.texts for row, naming in self._named.items()})

    def line_names(self, number: Ints, lead: Ints) -> pl.Series | None:
        """Return what the explanation calls each cell; None if these are the names of the rows."""
        told = {row: naming.of_lines for row, naming in self._named.items() if naming.of_lines is not None}
        return self._texts(number, lead, told) if told else None

    def _texts(self, number: Ints, lead: Ints, by_row: Mapping[int, Sequence[str]]) -> pl.Series:
        """Return a text for each cell: one of those of its row, or the name of the row."""
        texts, at = [row.name for row in self.rows], number
        if by_row:
            begins, choices = np.full(len(texts), -1), np.full(len(texts), -1)
            for place, (row, several) in enumerate(by_row.items()):
                begins[row], choices[row] = len(texts), place
                texts += several
            chosen = np.vstack([self._named[row].chosen for row in by_row])
            at = np.where(begins[number] < 0, number, begins[number] + chosen[choices[number], lead])
        return pl.Series(texts, dtype=pl.String).gather(at)

    def _difference(self, row: LedgerRow, difference: Floats) -> None:
        self._enter(row, np.where(np.abs(difference) > LEAST, difference, 0.0))

    def _enter(self, row: LedgerRow, points: Floats) -> Floats:
        """Write a row and return its points."""
        self.points[len(self.rows)] = points
        self.rows.append(row)
        return points

    def _rule(self, part: SumName, rule: BaseRule, given: Given) -> Floats:
        """Write a rule's row and return its points."""
        number = len(self.rows)
        self.rules[number] = rule
        if given.ahead is not None:
            self.ahead[number] = given.ahead
        if given.ahead is not None and given.counted is not None:
            self.recent.append(given.counted)
        if self._brief:
            return self._enter(LedgerRow(part, rule.line, rule.name, given.each), given.points)
        if given.counted is not None:
            self.counted.add(number)
            self.count[number], self.latest[number] = given.counted.count, given.counted.youngest
        if given.decayed is not None:
            self.decayed[number] = given.decayed
        if given.undecayed is not None:
            self.undecayed[number] = given.undecayed
        if given.naming is not None:
            self._named[number] = given.naming
        if given.week is not None and given.before is not None:
            self.week += given.week
            self.before += given.before
        return self._enter(LedgerRow(part, rule.line, rule.name, given.each), given.points)


def _open(given: Given, leads: Flags | None) -> Given:
    """Return the same, with nothing ahead of leads that the group is closed to."""
    return given if given.ahead is None or leads is None else replace(given, ahead=given.ahead.only(leads))


def _rows(card: Scorecard) -> int:
    """Return the largest number of rows: rules; limits of groups, sections and the total; rounding; disqualified."""
    return 3 + sum(1 + len(section.groups) + len(section.rules) for section in card.sections.values())


def half_away(values: Floats) -> Ints:
    """Round to whole numbers, halves away from zero, ignoring errors below 1e-9."""
    settled = np.round(np.clip(values, -1e15, 1e15), 9)
    return np.copysign(np.floor(np.abs(settled) + 0.5), settled).astype(np.int64)


class SectionRules:
    """The rules of a section, with their questions about the lead prepared for a single pass."""

    def __init__(self, name: SectionName, section: Section, terms: Callable[[Place], Terms]) -> None:
        self.direct = [_Ready(rule, (name, -1 - place), None, terms) for place, rule in enumerate(section.direct)]
        self.groups = [
            [_Ready(rule, (name, number, place), group, terms) for place, rule in enumerate(group.faded)]
            for number, group in enumerate(section.groups)
        ]
        self.opening = {
            number: _condition(group.when, terms((name, number)))
            for number, group in enumerate(section.groups)
            if group.when is not None
        }

    def asked(self, frame: pl.DataFrame, history: Callable[[Place], History], *, looks_ahead: bool = False) -> "Asked":
        """Ask all questions about the leads of a frame; `history` returns what a place sees.

        `looks_ahead`: also ask every rule what time makes of its points.
        """
        columns = dict(self.opening.values())
        for ready in chain(self.direct, *self.groups):
            columns |= ready.columns
        return Asked(self, frame, history, asked(frame, columns) if columns else frame, looks_ahead)


class _Ready:
    """A rule, its place, and its questions about the lead; it has no group if it stands in the section itself."""

    def __init__(self, rule: BaseRule, place: Place, group: Group | None, terms: Callable[[Place], Terms]) -> None:
        self.rule, self.place = rule, place
        opening = [(rule.lead_conditions.get("when"), place)]
        opening += [(group.when, place[:-1])] if group else []
        opened = dict(_condition(when, terms(at)) for when, at in opening if when is not None)
        column = rule.column(terms(place))
        self.column = None if column is None else str(place)
        self.opened = list(opened)
        self.columns = opened if column is None else {**opened, str(place): column}

    def given(self, asked: "Asked") -> Given:
        """Return the points that the rule gives each lead."""
        answers = None if self.column is None else asked.found[self.column].to_numpy()
        history = asked.history(self.place)
        given = self.rule.given(answers, asked.frame, history)
        if asked.looks_ahead:
            given = replace(given, ahead=self.rule.ahead(given, answers, asked.frame, history))
        for column in self.opened:
            given = given.only(asked.found[column].to_numpy())
        return given


def _condition(when: LeadCondition, terms: Terms) -> tuple[str, pl.Expr]:
    """Return a condition as a column of flags, under a name that equal conditions of a place share."""
    return f"#when{terms.place}{when.content}", terms.holds(when).fill_null(value=False)


@dataclass
class Asked:
    """The answers of a section's rules about the leads of a frame."""

    rules: SectionRules
    frame: pl.DataFrame
    history: Callable[[Place], History]
    found: pl.DataFrame
    looks_ahead: bool = False

    def direct(self) -> Iterator[Given]:
        """Yield the points that the rules in the section itself give each lead."""
        return (ready.given(self) for ready in self.rules.direct)

    def of_group(self, number: int) -> Iterator[Given]:
        """Yield the points that the rules of a group give each lead."""
        return (ready.given(self) for ready in self.rules.groups[number])

    def open_to(self, number: int) -> Flags | None:
        """Return the leads that a group is for; None for all."""
        if number not in self.rules.opening:
            return None
        return self.found[self.rules.opening[number][0]].to_numpy()
