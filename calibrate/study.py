"""What is learned from the training part, step by step, each computed once."""

from dataclasses import dataclass
from functools import cached_property
from math import isinf
from typing import Literal

import polars as pl

from calibrate import (
    chances,
    comparing,
    contacts,
    drift,
    emptiness,
    floors,
    leaks,
    names,
    population,
)
from calibrate.ages import as_numbers
from calibrate.by_segment import by_segment
from calibrate.current_card import lead_rules
from calibrate.fit import Floats
from calibrate.learning import Learned, candidates, guarded, learn
from calibrate.material import Material
from calibrate.notes import Notes
from calibrate.options import Options
from calibrate.panel import Mask, Panel
from calibrate.rules import LeadRule, NumberRule
from calibrate.selection import Candidates
from calibrate.snapshots import moment_of
from calibrate.uncertainty import uncertainty
from scoring import Scorecard
from scoring.likelihood import Likelihood, Reference, points_digest
from scoring.uncertainty import Uncertainty


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
    def seen(self) -> Panel:
        """The training part as rules are learned from it."""
        return emptiness.with_filled_in(self.train, self.usable.usual)

    @cached_property
    def candidates(self) -> Candidates:
        """What rules are chosen from."""
        found = candidates(self.train, self.usable, self.old_rules, self.options)
        return guarded(found, self.train, self.options.seed, self.notes)

    @cached_property
    def learned(self) -> Learned:
        """The rules and their points."""
        options, most = self.options, self.floor.most_rules
        pooled = learn(self.candidates, self.seen, options, most, draws=options.bootstraps)
        return by_segment(pooled, self.candidates, self.seen, options, most, self.notes)

    @property
    def ours(self) -> list[comparing.Ours]:
        """The scores that were learned: the percentages, if there are any, then the points."""
        if not self.found:
            return []
        learned, chance = self.learned, self.chance
        said = comparing.Ours(
            comparing.LIKELIHOOD,
            lambda panel: chance.of(learned.score(panel), panel),
            learned.reasons,
            chance=True,
        )
        points = comparing.Ours(comparing.POINTS, learned.score, learned.reasons)
        return [said, points] if self.floor.percentages else [points]

    @property
    def found(self) -> bool:
        """Whether there is a card to propose: learned rules, or points that stay."""
        return bool(self.learned.rules) or self.train.locked is not None

    @cached_property
    def out_of_fold(self) -> Floats:
        """The points that the rules give the training part where they were fitted on the rest of it."""
        learned, train = self.learned, self.seen
        return chances.out_of_fold(learned.rules, train, learned.offset(train), learned.doubling, self.options.seed)

    @cached_property
    def unmoved(self) -> chances.Chance:
        """The likelihood without the newest rate."""
        return chances.fitted(self.out_of_fold, self.seen, self.learned.rules, self.options.seed)

    @cached_property
    def chance(self) -> chances.Chance:
        """The likelihood as it could be known at the cut."""
        return self.unmoved.moved(self.out_of_fold, self.seen)

    @cached_property
    def points(self) -> Floats:
        """What the proposal gives to the test part."""
        return self.learned.score(self.test)

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

    @property
    def inputs(self) -> set[str]:
        """The fields that rules use."""
        return {subject for rule in self.learned.rules if rule.part == "fit" for subject in rule.subjects}

    def likelihood(self, card: Scorecard) -> Likelihood:
        """Return the likelihood with its base rate adjusted to the newest matured snapshots, those of the test part."""
        chance = self.chance.moved(self.points, self.test) if len(self.test) else self.chance
        return Likelihood(
            likelihood=card.scorecard,
            of=card.whose,
            points=points_digest(card),
            fitted_at=self.material.fitted_at,
            horizon=self.material.horizon,
            look_back=self._look_back,
            quality="rough" if self.floor.standing == "rough" else "calibrated",
            intercept=chance.intercept,
            per_point=chance.per_point,
            age=chance.age,
            counts=chance.counts,
            uncertainty=self._uncertainty(chance),
            reference=self._reference(),
        )

    @property
    def _look_back(self) -> float | Literal["all"] | None:
        """Return the look-back of the likelihood; None if there are no activities to count."""
        days = self.options.days_back
        return None if self.material.horizon is None else "all" if isinf(days) else days

    def _uncertainty(self, chance: chances.Chance) -> Uncertainty:
        learned, train, recent = self.learned, self.seen, chances.newest(self.test if len(self.test) else self.train)
        points, others = learned.score(train), [*self.candidates.lead, *self.candidates.activity]
        return uncertainty(chance, points, train, learned.rules, others, recent.converted)

    def _reference(self) -> Reference:
        train, within = self.train, self.material.horizon
        dated = self.material.as_of is not None
        young = train.take(train.age <= within) if train.age is not None and within else train
        window = (moment_of(float(train.moment.min())), moment_of(float(train.moment.max()))) if dated else (None, None)
        return drift.reference(young, self.learned.score(young), sorted(self.inputs), window)
