"""The current card's rules that the proposal drops: what they did, and why they are dropped."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from calibrate.card import current_card
from calibrate.card.current_card import PER_ACTIVITY, Entry, Old, fields_of, timeless
from calibrate.card.rules import LeadRule
from calibrate.guards.leaks import Usable
from calibrate.judging.beside import Beside
from calibrate.learning.bins import FEWEST_LEADS
from calibrate.learning.learn import Learned
from calibrate.notes import Notes
from calibrate.options import Options
from calibrate.past.panel import Panel
from calibrate.result import RuleFound
from calibrate.statistics.fit import Floats
from scoring.card import rules as card_rules
from scoring.card.rules import BaseRule
from vocabulary.command_line import option

ROWS: Final = 40_000
"""The most snapshots to measure on; of more, those of some leads are taken."""
NAN: Final = float("nan")
TOO_GOOD: Final = "Alone predicts conversions too well to be known beforehand."

Replay = Callable[[Panel, Sequence[str]], Mapping[str, Floats]]
"""Returns the points that rules of the card, by name, give snapshots as they stand."""


def part_of_leads(train: Panel, seed: int) -> Panel:
    """Return all snapshots, or those of some leads if there are many."""
    if len(train) <= ROWS:
        return train
    leads = np.unique(train.lead)
    some = np.random.default_rng(seed).choice(leads, int(len(leads) * ROWS / len(train)), replace=False)
    return train.take(np.isin(train.lead, some))


@dataclass(frozen=True)
class _Piece:
    """A rule, or one value of a table."""

    name: str
    part: str
    entry: Entry
    rule: BaseRule
    before: float
    column: Floats | None = None
    unmeasured: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.part, self.name


@dataclass(frozen=True)
class Dropped:
    """What there is to measure dropped rules with. `train` has all snapshots of its leads."""

    old: Old
    train: Panel
    learned: Learned
    usable: Usable
    beside: Beside
    options: Options
    notes: Notes
    candidates: frozenset[str]
    """The names of the card's rules that could be learned."""
    replay: Replay | None
    """None without dates."""

    def rules(self, written: Sequence[str]) -> list[RuleFound]:
        """Return the rules of these sections that are neither learned nor locked."""
        stay = {rule.name for rule in self.learned.rules} | set(self.options.locked)
        pieces = [
            _Piece(str(entry["name"]), part, entry, rule, self.old.points_of(str(entry["name"])))
            for part in written
            for entry, rule in self.old.rules(part)
            if str(entry["name"]) not in stay
        ]
        return [self._found(piece) for piece in self._measured(pieces)]

    def _measured(self, pieces: Sequence[_Piece]) -> list[_Piece]:
        """Return the pieces with their columns, those of tables apart."""
        known = [replace(piece, unmeasured=self._hidden(piece.rule)) for piece in pieces]
        plain = [piece for piece in known if not piece.unmeasured and self._plain(piece.rule)]
        timed = [piece for piece in known if not piece.unmeasured and not self._plain(piece.rule)]
        done = {piece.key: list(self._split(piece, given)) for piece, given in self._fired(plain)}
        done |= {piece.key: [piece] for piece in self._replayed(timed)}
        return [one for piece in known for one in done.get(piece.key, [piece])]

    def _fired(self, pieces: Sequence[_Piece]) -> list[tuple[_Piece, Floats]]:
        """Return the pieces with what each gives; of tables, the place of the value."""
        if not pieces:
            return []
        fields = self.train.fields.select([name for name in self.train.fields.columns if name in self._declared])
        given = current_card.fired(self.old, [_places(piece) for piece in pieces], fields)
        return [(piece, given[place]) for place, piece in enumerate(pieces)]

    @cached_property
    def _declared(self) -> set[str]:
        accounts = self.old.whole.get("accounts") or {}
        firms = {f"account.{name}" for name in accounts.get("fields") or {}}
        return {*self.old.card.fields, *current_card.figure_types(self.old.card), *firms}

    def _replayed(self, pieces: Sequence[_Piece]) -> list[_Piece]:
        if not pieces:
            return []
        if self.replay is None:
            said = "Not measured: a plain table has neither dates nor activities."
            return [replace(piece, unmeasured=said) for piece in pieces]
        points = self.replay(self.train, [piece.name for piece in pieces])
        return [
            replace(piece, column=points.get(piece.name, np.zeros(len(self.train))) / (piece.before or 1.0))
            for piece in pieces
        ]

    def _split(self, piece: _Piece, given: Floats) -> Iterator[_Piece]:
        """Yield the values of a table that give points and are not learned as rules, or the rule as it is."""
        rule = piece.rule
        if not isinstance(rule, card_rules.TableRule):
            size = (piece.before or 1.0) if isinstance(rule, card_rules.NumberRule) else 1.0
            yield replace(piece, column=given / size)
            return
        values = {**rule.points, "other": rule.otherwise, "unknown": rule.missing}
        for place, (value, points) in enumerate(values.items(), start=1):
            if points and (str(rule.table), value.strip().lower()) not in self._learned_values:
                yield replace(
                    piece, name=f"{piece.name}: {value}", before=points, column=(given == place).astype(float)
                )

    @cached_property
    def _learned_values(self) -> set[tuple[str, str]]:
        alone = [
            rule.condition for rule in self.learned.rules if isinstance(rule, LeadRule) and len(rule.condition) == 1
        ]
        return {(name, str(value).strip().lower()) for condition in alone for name, value in condition.items()}

    def _hidden(self, rule: BaseRule) -> str:
        """Return why the rule cannot be measured, if it cannot."""
        computed = {name for name, figure in self.old.card.figures.items() if figure.what != "deals"}
        untracked = {note.subject for note in self.notes.of("no history")}
        for name in sorted(fields_of(rule)):
            if name in untracked:
                return f"Not measured: past values of {self.notes.label(name)} are not known."
            if name not in self.train.fields.columns and name not in computed:
                there = "a figure whose past is not known" if name in self.old.card.figures else "not in the data"
                return f"Not measured: {self.notes.label(name)} is {there}."
        return ""

    def _plain(self, rule: BaseRule) -> bool:
        """Return whether a rule follows from fields alone."""
        source = rule.table if isinstance(rule, card_rules.TableRule) else getattr(rule, "number", "")
        of_fields = isinstance(rule, card_rules.LeadRule | card_rules.NumberRule | card_rules.TableRule)
        fades = isinstance(rule, card_rules.LeadRule) and rule.since is not None
        held = fields_of(rule) <= set(self.train.fields.columns)
        return of_fields and isinstance(source, str) and not fades and held and timeless(rule)

    def _found(self, piece: _Piece) -> RuleFound:
        nothing = RuleFound(piece.name, piece.part, 0, 0, NAN, piece.before, 0.0, NAN, NAN, NAN)
        if piece.column is None:
            return replace(nothing, reason=piece.unmeasured, measured=False)
        fired = piece.column != 0
        leads, conversions = self.train.counted(fired)
        counted = replace(nothing, leads=leads, conversions=conversions, lift=self.train.lift(fired))
        return self._reasoned(piece, piece.column, counted)

    def _reasoned(self, piece: _Piece, column: Floats, found: RuleFound) -> RuleFound:
        """Return the rule with its reason, and its interval where it could have had points."""
        if why := self._beforehand(piece, found):
            return replace(found, reason=why)
        weight, unit = self.beside.weight(column), self.learned.doubling / np.log(2)
        low, high = (float(end * unit) for end in weight.ends)
        why = self._not_learned(piece) or self._unwanted(piece, weight.value)
        if not why:
            keep = f" To keep it, use {option('--lock', piece.rule.name)}." if weight.sure else ""
            why = self.beside.reason(column, weight) + keep
        return replace(found, low=low, high=high, same_sign=weight.same_sign, reason=why)

    def _beforehand(self, piece: _Piece, found: RuleFound) -> str:
        """Return why nothing could be learned of the rule."""
        out = [name for name in sorted(fields_of(piece.rule)) if self._left_out(name)]
        if out:
            return f"Uses {' and '.join(map(self.notes.label, out))}, which is left out."
        if any(note.subject == piece.name for note in self.notes.of("too good")):
            return TOO_GOOD
        if masked := self._masked(piece):
            return f"Tells whether {self.notes.label(masked)} is filled in, which follows from the outcome."
        if piece.column is not None and found.leads >= FEWEST_LEADS and self.beside.repeats(piece.column):
            return f"Says the same as {self.beside.closest(piece.column)}."
        return self._rare(piece, found)

    def _masked(self, piece: _Piece) -> str | None:
        """Return the field of which the rule tells no more than whether it is filled in, if it must not."""
        usual = self.usable.usual
        if isinstance(piece.rule, card_rules.TableRule):
            field = str(piece.rule.table)
            told = {f"{piece.rule.name}: {value}".lower() for value in ("unknown", usual.get(field))}
            return field if field in usual and piece.name.lower() in told else None
        unfair = self._plain(piece.rule) and piece.name not in self.candidates
        return next((name for name in sorted(fields_of(piece.rule)) if name in usual), None) if unfair else None

    def _rare(self, piece: _Piece, found: RuleFound) -> str:
        """Return that too few, or all, have it."""
        units = self.notes.units
        if not found.leads:
            return f"Gives points to none of the {units} that rules were learned from."
        if found.leads < FEWEST_LEADS:
            return f"Only {found.leads} {units}: too few to learn from."
        constant = piece.column is not None and not np.ptp(piece.column)
        return f"All {units} have it, so it tells none apart." if constant else ""

    def _left_out(self, name: str) -> bool:
        kind = self.old.card.fields.get(name)
        return kind not in {None, "time", "date"} and name not in self.usable.fields

    def _not_learned(self, piece: _Piece) -> str:
        """Return why rules of this kind are not learned, if they are not."""
        figures = sorted(fields_of(piece.rule) & set(self.old.card.figures) - set(self.usable.fields))
        if figures:
            return f"Uses the figure {figures[0]}; such rules are not learned."
        if "activity" in piece.entry:
            special = sorted(current_card.keys(piece.entry["activity"]) & PER_ACTIVITY)
            return f"Looks at {special[0]} of each activity; such rules are not learned." if special else ""
        if isinstance(piece.rule, card_rules.TableRule) and self.old.card.fields.get(str(piece.rule.table)) == "number":
            return "A range of a table; thresholds and points per unit are learned instead."
        return "" if self._plain(piece.rule) else "Depends on the time or on activities; such rules are not learned."

    def _unwanted(self, piece: _Piece, value: float) -> str:
        """Return why points of this sign must not be."""
        kinds = piece.entry.get("activity", {}).get("kind", ()) if "activity" in piece.entry else ()
        subjects = {*fields_of(piece.rule), *([kinds] if isinstance(kinds, str) else kinds)}
        wanted = {self.options.signs[subject] for subject in subjects if subject in self.options.signs}
        if wanted and wanted != {"+" if value > 0 else "-"}:
            return "Would have the sign that --sign rules out."
        if "activity" in piece.entry and value < 0 and piece.entry.get("award") != "once":
            return "Would take points that fade, so that a score would rise while nothing happens."
        return ""


def _places(piece: _Piece) -> Entry:
    """Return the rule, a table with the place of each value instead of its points."""
    rule = piece.rule
    if not isinstance(rule, card_rules.TableRule):
        return piece.entry
    places = {value: place for place, value in enumerate(rule.points, start=1)}
    return {**piece.entry, "points": places, "otherwise": len(places) + 1, "missing": len(places) + 2}
