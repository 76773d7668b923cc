"""Calibrates on dated data: the mirror's history, or files with leads, activities and outcomes."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import numpy as np
import polars as pl
from ruamel.yaml import YAML
from threadpoolctl import threadpool_limits

from calibrate import current_card, names, outcome, population, proposal, resets, signals, snapshots, splits
from calibrate.assess import Material, assess
from calibrate.current_card import Old, Past
from calibrate.fields import inferred_type
from calibrate.fit import Floats
from calibrate.notes import Notes
from calibrate.options import Options
from calibrate.outcome import Timeline
from calibrate.overrides import There, settled
from calibrate.panel import Codes, Panel
from calibrate.result import Calibration
from calibrate.rules import LeadRule, NumberRule
from calibrate.snapshots import Behaviour, Moments
from scoring import Scorecard
from vocabulary.fields import FieldType

OWN_COLUMNS: Final = frozenset({"lead", "id", "account", "address", "created_at", "closed_at"})
NEWEST_ROWS: Final = 20_000


def run(  # noqa: PLR0913, PLR0917 - the frames of the interface
    leads: pl.DataFrame,
    activities: pl.DataFrame,
    touchpoints: pl.DataFrame,
    outcomes: pl.DataFrame,
    history: pl.DataFrame,
    card: Scorecard | None,
    options: Options,
    as_of: datetime,
    *,
    card_text: str | None = None,
    notes: Notes | None = None,
) -> Calibration:
    """Learn points and a likelihood from leads as they were before they converted, and report how far to trust them.

    `leads`: `lead`, `created_at` and a column per field; `activities` and `touchpoints` as for `scoring.score`;
    `outcomes`: `lead`, `occurred_at`; `history`: `lead`, `field`, `since`, `value` (empty where there is none).
    """
    said = notes or Notes()
    with threadpool_limits(1):
        return _Past(
            leads, activities, touchpoints, outcomes, history, card, card_text, options, as_of, said
        ).assessed()


def old_card(card: Scorecard | None, text: str | None) -> Old | None:
    """Return the current scorecard as plain data and model."""
    if card is None:
        return None
    return Old(proposal.plain(text) if text else card.model_dump(mode="json", by_alias=True, exclude_unset=True), card)


def text_of(old: Old | None, text: str | None) -> str | None:
    """Return the scorecard's YAML, generated from the model if there is no file."""
    if text or old is None:
        return text
    stream = io.StringIO()
    YAML().dump(old.raw, stream)
    return stream.getvalue()


@dataclass(frozen=True)
class _Past:
    """The frames of one calibration."""

    leads: pl.DataFrame
    activities: pl.DataFrame
    touchpoints: pl.DataFrame
    outcomes: pl.DataFrame
    history: pl.DataFrame
    card: Scorecard | None
    card_text: str | None
    options: Options
    as_of: datetime
    notes: Notes

    def assessed(self) -> Calibration:
        declared, old = self._declared(), old_card(self.card, self.card_text)
        wished = replace(self, options=settled(self.options, self._there(declared, old)))
        return wished.learned(declared, old)

    def learned(self, declared: dict[str, FieldType], old: Old | None) -> Calibration:
        """Return the calibration, after all names in the options are resolved."""
        line = outcome.timeline(self.leads, self.outcomes, self.as_of, self.notes)
        horizon = outcome.horizon(line, self.options.horizon, self.notes)
        usable = self._tracked(
            names.usable(declared, line.leads, self.options.include, self.options.exclude, self.notes)
        )
        if not self.activities.is_empty():
            population.say_what_came_after(self.activities, self.touchpoints, self.outcomes, self.notes)
        self._say_of_deals()
        population.say_who_is_missing(self.activities, self.touchpoints, self.notes)
        groups = splits.groups(line.leads, self.options.group, usable)
        make = _Maker(self, line, declared, old, self._behaviour(line, old), horizon, groups)
        result = assess(make.material(usable), self.options, self.notes)
        if not result.declined:  # its message says what helps; a second horizon would contradict it
            outcome.say_suggested(line, horizon, self.notes)
        return result

    def _say_of_deals(self) -> None:
        figures = [name for name, one in (self.card.figures if self.card else {}).items() if one.what == "deals"]
        if figures:
            said = f"The past of deals is not known, so {', '.join(figures)} counted as for leads without deals."
            self.notes.add("deals", f"{said} Rules that use them are not learned.", "warning")

    def _there(self, declared: dict[str, FieldType], old: Old | None) -> There:
        kinds = self.touchpoints["kind"].drop_nulls().unique()
        columns = [name for name in self.leads.columns if name != "lead"]
        return There(declared, self.notes.columns, kinds, old.names if old else (), columns)

    def _declared(self) -> dict[str, FieldType]:
        if self.card is None:
            return {name: inferred_type(self.leads[name]) for name in self.leads.columns if name not in OWN_COLUMNS}
        extra = [name for name in self.leads.columns if name not in {*OWN_COLUMNS, *self.card.fields}]
        if extra:
            self.notes.add("undeclared", f"Ignored because the scorecard does not declare them: {', '.join(extra)}.")
        return {name: kind for name, kind in self.card.fields.items() if name in self.leads.columns}

    def _tracked(self, usable: Mapping[str, FieldType]) -> dict[str, FieldType]:
        """Leave out fields without history, unless they are known to be set at creation."""
        if self.history.is_empty():
            said = "There is no field history, so every field counts as set when the lead was created."
            self.notes.add("history", f"{said} Use --exclude for fields that are set later.", "warning")
            return dict(usable)
        tracked = {*self.history["field"].unique(), *self.options.at_creation}
        for name in usable:
            if name not in tracked:
                said = f"{self.notes.label(name)} has no history, so its past values are not known."
                self.notes.add(
                    "no history", f"{said} Left out; use --at-creation {name} to include it.", "left out", name
                )
        return {name: kind for name, kind in usable.items() if name in tracked}

    def _behaviour(self, line: Timeline, old: Old | None) -> Behaviour:
        if self.activities.is_empty():
            return Behaviour((), signals.events(self.activities, [], line.leads))
        known = current_card.signals(old, self.touchpoints, self.options.locked) if old else []
        found = {repr(signal.condition): (signal, touchpoints) for signal, touchpoints in known}
        for signal in signals.found(self.activities, self.touchpoints):
            found.setdefault(repr(signal.condition), (signal, signals.matches(signal, self.touchpoints)))
        pairs = [(number, touchpoints) for number, (_, touchpoints) in enumerate(found.values())]
        events = signals.events(self.activities, pairs, line.leads)
        return Behaviour(tuple(signal for signal, _ in found.values()), events)


@dataclass(frozen=True)
class _Maker:
    """Builds panels from moments."""

    past: _Past
    line: Timeline
    declared: dict[str, FieldType]
    old: Old | None
    done: Behaviour
    horizon: float
    group: Codes

    def material(self, usable: dict[str, FieldType]) -> Material:
        options = self.past.options
        generator = np.random.default_rng(options.seed)
        span = self._known_since(), self.line.now - self.horizon
        moments = snapshots.weekly(self.line, span, options.max_rows, generator)
        self._say_too_fast()
        rules, panel = self._with_rules(self.panel(moments), usable)
        coming = self.panel(snapshots.young(self.line, self.horizon, NEWEST_ROWS, generator))
        return Material(
            panel=panel,
            fields=usable,
            split=splits.by_time(panel, self.line.created, self.horizon),
            old=self.old,
            old_rules=tuple(rules),
            scored=self.scored,
            newest=self._with_rules(coming, usable)[1],
            name=self.past.card.scorecard if self.past.card else "calibrated",
            card_text=text_of(self.old, self.past.card_text),
            columns={},
            as_of=self.past.as_of,
            fitted_at=self.past.as_of,
            horizon=self.horizon,
            suggested=outcome.suggested_horizon(self.line),
            left_to_fit=self.left_to_fit,
        )

    def left_to_fit(self, horizon: float) -> int:
        """Return how many leads another horizon would leave to fit on, the fewer of converted and not converted."""
        line, options = self.line, self.past.options
        span = self._known_since(), line.now - horizon
        moments = snapshots.weekly(line, span, options.max_rows, np.random.default_rng(options.seed))
        ahead = np.nan_to_num(line.converted[moments.lead] - moments.day, nan=np.inf)
        label = (ahead <= horizon).astype(np.float64)
        bare = Panel(pl.DataFrame(), label, moments.lead, self.group[moments.lead], moments.day)
        train = bare.take(splits.by_time(bare, line.created, horizon).train)
        return min(train.converted, train.leads - train.converted)

    def _with_rules(self, panel: Panel, usable: dict[str, FieldType]) -> tuple[list[LeadRule | NumberRule], Panel]:
        if self.old is None:
            return [], panel
        rules, fields = current_card.lead_rules(self.old, panel.fields, usable)
        return rules, replace(panel, fields=fields)

    def panel(self, moments: Moments) -> Panel:
        options = self.past.options
        fields = snapshots.fields_then(self.line, moments, self.past.history, list(self.declared), self._zone)
        asked, days = self._asked(moments.lead, moments.day, fields), (self.horizon, options.look_back)
        begins = resets.beginnings(self.past.card, asked, self.past.as_of)
        made = snapshots.panel(self.line, moments, fields, self.done, self.group, days, begins)
        if not (self.old and options.locked):
            return made
        return replace(made, locked=current_card.rule_points(self.old, options.locked, asked))

    def scored(self, panel: Panel, card: Scorecard) -> pl.DataFrame:
        return current_card.results(card, self._asked(panel.lead, panel.moment, panel.fields))

    def _asked(self, lead: Codes, day: Floats, fields: pl.DataFrame) -> Past:
        declared = fields.select(list(self.declared))
        return Past(self.line.leads["lead"][lead], declared, day, self.past.activities, self.past.touchpoints)

    @property
    def _zone(self) -> str:
        return self.past.card.zone.key if self.past.card else "UTC"

    def _known_since(self) -> float:
        since = snapshots.known_since(self.line, self.done.events)
        if np.isfinite(since):
            said = f"Activities are known from {snapshots.moment_of(since):%Y-%m-%d} on"
            self.past.notes.add("activities", f"{said}. Earlier snapshots are not used, because leads would look idle.")
        return since

    def _say_too_fast(self) -> None:
        due = ~np.isnan(self.line.converted) & (self.line.converted <= self.line.now - self.horizon)
        missed = int((due & (np.ceil(self.line.converted) - 1 < np.ceil(self.line.created))).sum())
        if missed:
            said = f"{missed} leads converted before the first midnight after they were created"
            self.past.notes.add("too fast", f"{said}, so there is no snapshot of them.")
