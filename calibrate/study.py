"""What is learned, each step once: what is judged from the training part, then what is proposed from all snapshots."""

from dataclasses import dataclass
from functools import cached_property
from math import isinf
from typing import Literal

import polars as pl

from calibrate import floors
from calibrate.bakeoff import comparing
from calibrate.card.current_card import lead_rules
from calibrate.card.rules import LeadRule, NumberRule
from calibrate.fitting import Fitting
from calibrate.guards import contacts, emptiness, feedback, leaks, names, population
from calibrate.learning.ages import TIMES, as_numbers
from calibrate.learning.by_segment import by_segment
from calibrate.learning.learn import candidates, guarded, learn
from calibrate.likelihood import drift
from calibrate.material import Material
from calibrate.notes import Notes
from calibrate.options import Options
from calibrate.past.panel import Mask, Panel
from calibrate.past.snapshots import moment_of
from calibrate.statistics.fit import Floats
from scoring import Scorecard
from scoring.card.walking import fields_of
from scoring.likelihood import Likelihood, Reference, points_digest


@dataclass(frozen=True)
class Study:
    """The rules, their points and the likelihood, with what they are learned from and tested on."""

    material: Material
    options: Options
    notes: Notes
    floor: floors.Floor
    train: Panel
    test: Panel
    newer: Mask
    """The rows of the test part that are of leads created after the cut."""

    @cached_property
    def adversary(self) -> population.Adversary:
        """How well newer leads can be told from older ones."""
        old, new = as_numbers(self.train), as_numbers(self.test.take(self.newer))
        return population.adversary(old, new, list(self.material.fields), self.options.seed, self.notes)

    @cached_property
    def usable(self) -> leaks.Usable:
        """The fields that may be learned from."""
        dated = self.adversary.dated - set(self.options.include)
        timeless = {name: kind for name, kind in self.material.fields.items() if name not in dated}
        usable = leaks.usable(self.train, timeless, self.options.include, self.notes)
        names.warn_of_people(usable.fields, self.notes)
        return usable

    @cached_property
    def old_rules(self) -> list[LeadRule | NumberRule]:
        """The current card's rules on usable fields, without the locked ones."""
        wanted = [
            rule
            for rule in self.material.old_rules
            if set(rule.subjects) <= set(self.usable.fields) and rule.name not in self.options.locked
        ]
        return emptiness.fair_ones(wanted, emptiness.views(self.train, self.usable.usual, self._with_old_rules))

    def _with_old_rules(self, fields: pl.DataFrame) -> pl.DataFrame:
        """Return the fields with what the current card's rules give them."""
        old = self.material.old
        return fields if old is None else lead_rules(old, fields, self.material.fields)[1]

    @cached_property
    def judged(self) -> Fitting:
        """What is learned from the training part. All figures about how good the proposal is are those of this."""
        return self._fitting(self.train, self.notes, self.notes.blank)

    @cached_property
    def proposed(self) -> Fitting:
        """What is learned in the same way from all snapshots whose labels are known, the test part too.

        What was judged is proposed itself if that finds nothing.
        """
        judged, guards = self.judged, self.notes.blank
        again = self._fitting(self.material.panel, guards, self.notes, per_unit=judged.learned.per_unit)
        self.notes.add_unless_said(guards.of("too good"))
        return again if again.learned.rules or not judged.learned.rules else judged

    def _fitting(self, panel: Panel, guards: Notes, segments: Notes, *, per_unit: bool | None = None) -> Fitting:
        """Return what is learned from a panel. The guards and the search for segments have their own notes."""
        options, most = self.options, self.floor.most_rules
        found = candidates(panel, self.usable, self.old_rules, options, guards.heading)
        found = guarded(found, panel, options.seed, guards)
        seen = emptiness.with_filled_in(panel, self.usable.usual)
        pooled = learn(found, seen, options, most, draws=options.bootstraps, per_unit=per_unit)
        learned = by_segment(pooled, found, seen, options, most, segments)
        if options.heed_feedback and self.material.feedback is not None:
            known = self.material.feedback.until(float(panel.moment.max()))
            learned = feedback.heeded(learned, seen, known, options, segments)
        return Fitting(seen, found, learned, options.seed)

    @property
    def ours(self) -> list[comparing.Ours]:
        """The scores that were learned: the percentages, if there are any, then the points."""
        if not self.found:
            return []
        learned, chance = self.judged.learned, self.judged.chance

        def chances(panel: Panel) -> Floats:
            return chance.of(learned.score(panel), panel)

        said = comparing.Ours(comparing.LIKELIHOOD, chances, learned.reasons, chance=True)
        points = comparing.Ours(comparing.POINTS, learned.score, learned.reasons)
        return [said, points] if self.floor.percentages else [points]

    @property
    def found(self) -> bool:
        """Whether there is a card to propose: learned rules, or points that stay."""
        return bool(self.judged.learned.rules) or self.train.locked is not None

    @cached_property
    def points(self) -> Floats:
        """What the rules that are judged give to the test part."""
        return self.judged.learned.score(self.test)

    @cached_property
    def said(self) -> Floats:
        """The chances that go with these points."""
        return self.judged.chance.of(self.points, self.test)

    @cached_property
    def now(self) -> pl.DataFrame | None:
        """What the current card gives to the test part."""
        old = self.material.old
        return self.material.scored(self.test, old.scorecard) if old is not None and old.scored else None

    @cached_property
    def evidence(self) -> contacts.Evidence | None:
        """Whom sales contacted; None if that is not known."""
        tried = self.material.tried
        return None if tried is None else contacts.Evidence(tried, self.notes)

    @property
    def written(self) -> list[str]:
        """The sections that the proposal rewrites: engagement only where activities are known to learn from."""
        return ["fit", "engagement"] if self.train.signals else ["fit"]

    def likelihood(self, card: Scorecard) -> Likelihood:
        """Return the likelihood of the proposal."""
        fitting = self.proposed
        chance = fitting.chance
        return Likelihood(
            likelihood=card.scorecard,
            of=card.whose,
            points=points_digest(card),
            fitted_at=self.material.fitted_at,
            horizon=self.material.horizon,
            look_back=self._look_back,
            ages_as_of=self.material.ages_as_of if _measures_times(card) else None,
            quality="rough" if self.floor.standing == "rough" else "calibrated",
            intercept=chance.intercept,
            per_point=chance.per_point,
            age=chance.age,
            counts=chance.counts,
            uncertainty=fitting.uncertainty,
            reference=self.reference(fitting),
        )

    @property
    def _look_back(self) -> float | Literal["all"] | None:
        """Return the look-back of the likelihood; None if there are no activities to count."""
        days = self.options.days_back
        return None if self.material.horizon is None else "all" if isinf(days) else days

    def reference(self, fitting: Fitting) -> Reference:
        """Return the distributions of what was fitted on, to tell later what has moved."""
        panel, within = fitting.panel, self.material.horizon
        dated = self.material.as_of is not None
        young = panel.take(panel.age <= within) if panel.age is not None and within else panel
        window = (moment_of(float(panel.moment.min())), moment_of(float(panel.moment.max()))) if dated else (None, None)
        return drift.reference(young, fitting.learned.score(young), sorted(fitting.inputs), window)


def _measures_times(card: Scorecard) -> bool:
    rules = (rule for section in card.sections.values() for rule in section.rules)
    return any(card.fields.get(name) in TIMES for rule in rules for name in fields_of(rule))
