"""Calibrates on dated data: the mirror's history, or files with leads, activities and outcomes."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Final

import numpy as np
import polars as pl
from ruamel.yaml import YAML
from threadpoolctl import threadpool_limits

from calibrate import floors
from calibrate.assess import assess
from calibrate.bakeoff import comparing, rivals
from calibrate.card import current_card, proposal, replay
from calibrate.card.current_card import Old
from calibrate.card.replay import Past, Reasons
from calibrate.card.rules import LeadRule, NumberRule
from calibrate.errors import CalibrationError
from calibrate.guards import contacts, feedback, names, population
from calibrate.guards.overrides import There, settled
from calibrate.inputs import placeholders, wide
from calibrate.inputs.frames import Frames
from calibrate.learning import ages, look_back
from calibrate.material import Material
from calibrate.notes import Notes
from calibrate.options import Options
from calibrate.past import horizon, signals, snapshots, splits
from calibrate.past.panel import Codes, Mondays, Panel, Signal
from calibrate.past.snapshots import Behaviour, Moments, People
from calibrate.past.units import AccountUnits, LeadUnits, Units
from calibrate.result import Calibration
from calibrate.statistics.fit import Floats
from scoring import Scorecard
from scoring.card.walking import named_fields
from vocabulary.command_line import option
from vocabulary.fields import FieldType
from vocabulary.outputs import Of

NEWEST_ROWS: Final = 20_000
CALLED_ROWS: Final = 200_000
"""The most snapshots to simulate calls on."""
DATED: Final = "It is known of deals with a field created_at, or if the settings read `opportunities` as outcomes."


def run(
    given: Frames,
    card: Scorecard | None,
    options: Options,
    as_of: datetime,
    *,
    card_text: str | None = None,
    notes: Notes | None = None,
) -> Calibration:
    """Learn points and a likelihood from what was before conversions, and report how far to trust them.

    `notes.units` says whether for leads or for accounts.
    """
    said = notes or Notes()
    with threadpool_limits(1):
        return _Past(units_of(given, card, card_text, as_of, said), card_text, options).assessed()


def units_of(
    given: Frames, card: Scorecard | None, card_text: str | None, as_of: datetime, notes: Notes
) -> LeadUnits | AccountUnits:
    """Return what is calibrated."""
    old = old_card(card, card_text, notes.units)
    given = placeholders.known(given, placeholders.counted(old.whole if old else None), notes)
    if notes.units == "leads":
        return LeadUnits(given, card, old, as_of, notes)
    if old is None:
        raise CalibrationError("Accounts are calibrated with a scorecard: name one that has a section `accounts`.")
    return AccountUnits(given, card, old, as_of, notes)


def old_card(card: Scorecard | None, text: str | None, of: Of = "leads") -> Old | None:
    """Return the current scorecard as plain data and model."""
    if card is None:
        return None
    current_card.part_of(card, of)
    written = proposal.plain(text) if text else card.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return Old(written, card, of)


def text_of(old: Old | None, text: str | None) -> str | None:
    """Return the scorecard's YAML, generated from the model if there is no file."""
    if text or old is None:
        return text
    stream = io.StringIO()
    YAML().dump(old.whole, stream)
    return stream.getvalue()


@dataclass(frozen=True)
class _Past:
    """One calibration: what it is made from, and what is asked."""

    units: Units
    card_text: str | None
    options: Options

    @property
    def notes(self) -> Notes:
        return self.units.notes

    def assessed(self) -> Calibration:
        declared, asked = self.units.declared(), self.options.against
        others = rivals.named(asked, self.source, self.notes.columns) if asked else {}
        there = self._there({**dict.fromkeys(others.values(), "text"), **declared})
        wished = replace(self, options=settled(self.options, there))
        found = rivals.rivals(asked, others, self.source, wished.options, self.notes) if asked else ()
        return wished.learned(declared, found)

    @cached_property
    def source(self) -> rivals.Source:
        """Where other scores can come from."""
        units = self.units
        return rivals.Source(units.line, units.line.leads.drop("lead", "created_at"), units.history)

    def learned(self, declared: dict[str, FieldType], others: tuple[rivals.Rival, ...]) -> Calibration:
        """Return the calibration, after all names in the options are resolved."""
        units, given, line = self.units, self.units.given, self.units.line
        fields = rivals.without(others, declared)
        usable = self._tracked(
            names.usable(fields, line.leads, self.options.include, self.options.exclude, self.notes), others
        )
        if not given.activities.is_empty():
            population.say_what_came_after(units.activities, given.touchpoints, units.outcomes, self.notes)
        usable |= self._figures()
        if units.old is not None and units.old.fixed:
            stays = " and ".join(units.old.fixed)
            self.notes.add("people", f"What accounts get for {stays} stays; the other points are fitted around it.")
        population.say_who_is_missing(units.activities, given.touchpoints, self.notes)
        groups = units.groups(self.options.group, usable)
        make = _Maker(self, declared, self._behaviour(), horizon.USUAL, groups)
        found = horizon.chosen(line, self.options.horizon, make.left_to_fit)
        make = replace(make, horizon=found.days).looking_back()
        result = assess(make.material(usable, others), make.past.options, self.notes)
        if not result.declined:  # its message says what helps; a second horizon would contradict it
            result.suggested_horizon = found.better
        if found.why and not (result.declined and found.better):
            self.notes.add("horizon", found.why)
        return result

    def _figures(self) -> dict[str, FieldType]:
        """Return the numbers that are made of deals whose past is known, and say which are not known."""
        card, deals = self.units.card, self.units.deals
        if card is None or not (named := [name for name, one in card.figures.items() if one.what == "deals"]):
            return {}
        known = {} if deals is None else current_card.figure_types(card)
        if unknown := [name for name in named if name not in known]:
            past = "The past of deals is not known" if deals is None else "What open deals held before is not known"
            without = f"{', '.join(unknown)} counted as for {self.notes.units} without deals."
            remedy = f" {DATED}" if deals is None else ""
            self.notes.add("deals", f"{past}, so {without} Rules that use them are not learned.{remedy}", "warning")
        wanted = {name: kind for name, kind in known.items() if kind == "number"}
        return {name: kind for name, kind in wanted.items() if name not in self.options.exclude}

    def _there(self, declared: dict[str, FieldType]) -> There:
        units = self.units
        figures = current_card.figure_types(units.card) if units.card and units.deals else {}
        kinds = units.given.touchpoints["kind"].drop_nulls().unique()
        columns = [name for name in units.rows.columns if name != "lead"]
        return There({**declared, **figures}, self.notes.columns, kinds, units.old.names if units.old else (), columns)

    def _tracked(self, usable: Mapping[str, FieldType], others: Sequence[rivals.Rival] = ()) -> dict[str, FieldType]:
        """Leave out fields without history, unless they are known to be set at creation."""
        compared = [one.field for one in others]
        history = self.units.history.filter(~pl.col("field").is_in(compared))
        if history.is_empty():
            said = f"There is no field history, so every field counts as set when the {self.notes.unit} was created."
            self.notes.add("history", f"{said} Use --exclude for fields that are set later.", "warning")
            return wide.without_counts(usable, self.options.include, self.notes)
        tracked = {*history["field"].unique(), *self.options.at_creation}
        for name in usable:
            if name not in tracked:
                said = f"{self.notes.label(name)} has no history, so its past values are not known."
                remedy = f"Left out; use {option('--at-creation', name)} to include it."
                self.notes.add("no history", f"{said} {remedy}", "left out", name)
        return {name: kind for name, kind in usable.items() if name in tracked}

    def _behaviour(self) -> Behaviour:
        units, given = self.units, self.units.given
        if given.activities.is_empty():
            return Behaviour((), signals.events(given.activities, [], units.doers))
        known = current_card.signals(units.old, given.touchpoints, self.options.locked) if units.old else []
        found = {repr(signal.condition): (signal, touchpoints) for signal, touchpoints in known}
        for signal in signals.found(units.activities, given.touchpoints):
            found.setdefault(repr(signal.condition), (signal, signals.matches(signal, given.touchpoints)))
        pairs = [(number, touchpoints) for number, (_, touchpoints) in enumerate(found.values())]
        events = signals.events(given.activities, pairs, units.doers)
        return Behaviour(tuple(replace(one, once=self._once(one)) for one, _ in found.values()), events)

    def _once(self, signal: Signal) -> bool:
        """Return whether a lead has at most one; an account can have several, one from each person."""
        kinds = {kind.strip().lower() for kind in signal.kinds}
        single = {kind.strip().lower() for kind in self.notes.first_times}
        return self.notes.units == "leads" and len(kinds) == 1 and kinds <= single


@dataclass(frozen=True)
class _Maker:
    """Builds panels from moments."""

    past: _Past
    declared: dict[str, FieldType]
    done: Behaviour
    horizon: float
    group: Codes

    @property
    def units(self) -> Units:
        return self.past.units

    def material(self, usable: dict[str, FieldType], others: tuple[rivals.Rival, ...] = ()) -> Material:
        options, units = self.past.options, self.units
        generator = np.random.default_rng(options.seed)
        self._say_too_fast()
        made = self.panel(self._moments(self.horizon, generator))
        days = ages.judged(made, usable, self._clock(made), options.include, units.notes)
        usable = {name: kind for name, kind in usable.items() if name in days or kind not in ages.TIMES}
        rules, panel = self._with_rules(ages.added(made, days, usable, self._clock(made)), usable)
        coming = self.panel(snapshots.young(units.line, self.horizon, units.most(NEWEST_ROWS), generator))
        coming = ages.added(coming, days, usable, self._clock(coming))
        said = units.given.feedback if units.notes.units == "leads" else None
        return Material(
            panel=panel,
            fields=usable,
            split=splits.by_time(panel, units.line.created, self.horizon, units.notes.units),
            old=units.old,
            old_rules=tuple(rules),
            scored=self.scored,
            newest=self._with_rules(coming, usable)[1],
            name=units.scorecard.scorecard if units.scorecard else "calibrated",
            card_text=text_of(units.old, self.past.card_text),
            columns=dict(units.notes.columns),
            as_of=units.as_of,
            fitted_at=units.as_of,
            horizon=self.horizon,
            against=self._against(usable, others) if others else None,
            mondays=self._mondays(usable),
            left_to_fit=self.left_to_fit,
            replay=None if units.old is None else self.replayed,
            tried=contacts.contacted(units.activities, units.given.touchpoints, units.line, said),
            feedback=feedback.Feedback.of(said, units.line),
            said=None if said is None else feedback.heard(said, units.line.leads["lead"], units.notes),
        )

    def _against(self, usable: dict[str, FieldType], others: tuple[rivals.Rival, ...]) -> comparing.Asked:
        """Return what to compare with, on the Mondays of all leads that were open."""
        units, options = self.units, self.past.options
        used = frozenset[str]() if units.card is None else named_fields(units.card)
        unknown = (used & set(units.line.leads.columns)) - {*self.past.source.tracked, *options.at_creation}
        return comparing.Asked(
            others,
            options.capacity,
            units.line.leads,
            self._mondays(usable),
            self.reasons,
            as_today=tuple(units.notes.label(name) for name in sorted(unknown)),
            within=tuple(one.name for one in others if one.field in used),
        )

    def _mondays(self, usable: dict[str, FieldType]) -> Mondays:
        units, options = self.units, self.past.options
        line, most = units.line, units.most(CALLED_ROWS)

        def mondays(since: float) -> tuple[Panel, float]:
            span = max(since, self._known_since()), line.now - self.horizon
            moments, share = snapshots.mondays(line, span, most, self.group, options.seed)
            return self._with_rules(self.panel(moments), usable)[1], share

        return mondays

    def reasons(self, panel: Panel) -> Sequence[Reasons]:
        """Return what gives the snapshots their points in the current scorecard."""
        assert self.units.scorecard is not None, "there is a current scorecard"
        moments, people = self.units.present(Moments(panel.lead, panel.moment))
        return replay.reasons(self.units.scorecard, self._asked(moments, people, panel.fields))

    def _clock(self, panel: Panel) -> ages.Clock:
        return ages.Clock(panel.moment, self.units.calendar)

    def _moments(self, horizon: float, generator: np.random.Generator) -> Moments:
        line = self.units.line
        span = self._known_since(), line.now - horizon
        return snapshots.weekly(line, span, self.units.most(self.past.options.max_rows), generator)

    def left_to_fit(self, horizon: float) -> int:
        """Return how many leads another horizon would leave to fit on, the fewer of converted and not converted."""
        bare = self._bare(horizon)
        if min(bare.converted, bare.leads - bare.converted) < floors.DECLINE:
            return 0
        train = bare.take(splits.by_time(bare, self.units.line.created, horizon).train)
        return min(train.converted, train.leads - train.converted)

    def _bare(self, horizon: float) -> Panel:
        """Return the snapshots without fields and counts."""
        line, moments = self.units.line, self._moments(horizon, np.random.default_rng(self.past.options.seed))
        ahead = np.nan_to_num(line.converted[moments.lead] - moments.day, nan=np.inf)
        label = (ahead <= horizon).astype(np.float64)
        return Panel(pl.DataFrame(), label, moments.lead, self.group[moments.lead], moments.day)

    def looking_back(self) -> "_Maker":
        """Return the same with the look-back that is asked for, else the one that says best what comes later."""
        options, bare = self.past.options, self._bare(self.horizon)
        train = bare.take(splits.by_time(bare, self.units.line.created, self.horizon).train)
        moments = look_back.sampled(Moments(train.lead, train.moment), np.random.default_rng(options.seed))
        tried = look_back.longer(moments, self.done.events) if options.look_back is None else []
        if not tried:
            return self
        theirs = look_back.of_those(self.done.events, self.units.present(moments)[1].lead)
        fewer = replace(self, done=replace(self.done, events=theirs))
        found = look_back.chosen(fewer.panel(moments), tried, lambda days: fewer.back(days).panel(moments).counts)
        if found.why:
            self.units.notes.add("look-back", found.why)
        return self.back(found.days)

    def back(self, days: float) -> "_Maker":
        """Return the same with a look-back."""
        return replace(self, past=replace(self.past, options=replace(self.past.options, look_back=days)))

    def _with_rules(self, panel: Panel, usable: dict[str, FieldType]) -> tuple[list[LeadRule | NumberRule], Panel]:
        if self.units.old is None:
            return [], panel
        rules, fields = current_card.lead_rules(self.units.old, panel.fields, usable)
        return rules, replace(panel, fields=fields)

    def panel(self, moments: Moments) -> Panel:
        units, options = self.units, self.past.options
        moments, people = units.present(moments)
        fields = snapshots.fields_then(units.line.leads, moments, units.history, list(self.declared), units.zone)
        asked, days = self._asked(moments, people, fields), (self.horizon, options.days_back)
        people = replace(people, begins=units.beginnings(asked, people))
        made = snapshots.panel(units.line, moments, fields, self.done, self.group, days, people)
        figures = units.figures(moments).select(pl.col(pl.Float64))  # times are for resets alone
        made = replace(made, age=units.ages(moments, people), fields=made.fields.hstack(figures))
        if units.old is None or not (options.locked or units.old.fixed):
            return made
        return replace(made, locked=replay.rule_points(units.old, options.locked, asked))

    def scored(self, panel: Panel, card: Scorecard) -> pl.DataFrame:
        moments, people = self.units.present(Moments(panel.lead, panel.moment))
        return replay.results(card, self._asked(moments, people, ages.then(panel)))

    def replayed(self, panel: Panel, names: Sequence[str]) -> dict[str, Floats]:
        """Return what each of these rules of the card gave each snapshot."""
        assert self.units.old is not None
        moments, people = self.units.present(Moments(panel.lead, panel.moment))
        return replay.points_by_rule(self.units.old, names, self._asked(moments, people, ages.then(panel)))

    def _asked(self, moments: Moments, people: People, fields: pl.DataFrame) -> Past:
        return self.units.asked(moments, people, fields.select(list(self.declared)))

    def _known_since(self) -> float:
        since = snapshots.known_since(self.units.line, self.done.events)
        if np.isfinite(since):
            idle = f"because {self.past.notes.units} would look idle"
            said = f"Activities are known from {snapshots.moment_of(since):%Y-%m-%d} on"
            self.past.notes.add("activities", f"{said}. Earlier snapshots are not used, {idle}.")
        return since

    def _say_too_fast(self) -> None:
        line, notes = self.units.line, self.past.notes
        due = ~np.isnan(line.converted) & (line.converted <= line.now - self.horizon)
        missed = int((due & (np.ceil(line.converted) - 1 < line.first_day)).sum())
        if missed:
            said = f"{missed} {notes.units} converted before their first snapshot, soon after they were created"
            notes.add("too fast", f"{said}; nothing is learned from them.")
