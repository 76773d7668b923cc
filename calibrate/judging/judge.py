"""Judges the proposal on what came after the cut, beside the current card, Odoo's method and gradient boosting."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from calibrate import floors
from calibrate.guards.contacts import Evidence
from calibrate.guards.leaks import Usable
from calibrate.judging import gate, validation
from calibrate.judging.validation import CURRENT, ODOO, PERCENTAGES, PROPOSAL
from calibrate.learning.learn import Learned
from calibrate.options import Options
from calibrate.past.panel import Mask, Panel
from calibrate.result import Calibration
from calibrate.statistics import metrics
from calibrate.statistics.fit import Floats
from vocabulary.units import counted


@dataclass(frozen=True)
class Judge:
    """What is compared. All figures but those of `newer` are about all that scoring would have met after the cut."""

    train: Panel
    test: Panel
    newer: Mask
    """The rows of the test part that are of leads created after the cut."""
    usable: Usable
    learned: Learned
    points: Floats
    percentages: Floats | None
    now: pl.DataFrame | None
    """What the current card gives to the test part."""
    floor: floors.Floor
    options: Options
    evidence: Evidence | None = None
    """Whom sales contacted."""

    def into(self, result: Calibration) -> None:
        """Put all figures and the gate into the result."""
        label = self.test.label
        if not 0 < result.test_conversions < self.test.leads:
            result.gate = gate.Gate((gate.enough(self.floor, result.test_conversions),))
            return
        result.performance, draws = validation.compared(self.test, self._scores, self._chances, self.options.seed)
        result.odoo_above = self._odoo_above(draws)
        result.confusion = [validation.confusion(name, label, score) for name, score in self._own.items()]
        if self.percentages is not None:
            result.bins = metrics.calibration(label, self.percentages)
        if self.now is not None:
            result.levels_now = validation.levels(self.now, label)
        self._newer_into(result)
        if self.evidence is not None:
            result.performance_contacted = self.evidence.among(self.test, self._own, self._said, self.options.seed)
        result.gate = self._gate(result, draws)

    def _newer_into(self, result: Calibration) -> None:
        """Put in the figures of leads created after the cut, unless they are all there is."""
        new = self.test.take(self.newer)
        result.newer_conversions = new.converted
        if self.newer.all() or new.converted == new.leads > 0:
            return
        if new.converted < floors.TEST:
            found = f"{result.of.capitalize()} created after the fitting have {counted(new.converted, 'conversions')}"
            result.newer_told = f"{found}, too few to show figures of these alone ({floors.TEST} are needed)."
            return
        scores, chances = ({name: one[self.newer] for name, one in of.items()} for of in (self._scores, self._chances))
        result.performance_newer, _ = validation.compared(new, scores, chances, self.options.seed)

    def _odoo_above(self, draws: Mapping[str, Floats]) -> bool:
        """Return whether Odoo's method, whose points people can read too, ranks clearly above the proposal."""
        best = PROPOSAL if self.percentages is None else PERCENTAGES
        low, _ = metrics.interval(draws[ODOO] - draws[best])
        return low > 0

    @cached_property
    def _own(self) -> dict[str, Floats]:
        """The proposal, and the current card."""
        return {PROPOSAL: self.points, **self._said, **validation.current(self.now)}

    @property
    def _said(self) -> dict[str, Floats]:
        return {} if self.percentages is None else {PERCENTAGES: self.percentages}

    @cached_property
    def _rivals(self) -> dict[str, Floats]:
        return validation.rivals(self.train, self.test, self.usable, self.options)

    @property
    def _scores(self) -> dict[str, Floats]:
        return {**self._own, **self._rivals}

    @property
    def _chances(self) -> dict[str, Floats]:
        return {**self._said, **self._rivals}

    def _gate(self, result: Calibration, draws: Mapping[str, Floats]) -> gate.Gate:
        mine, now, said = (result.performance_of(name) for name in (PROPOSAL, CURRENT, PERCENTAGES))
        gained = draws[PROPOSAL] - draws[CURRENT] if now else None
        better = gate.better(gained, mine.auc - now.auc if mine and now else 0.0)
        apart = [gate.tells_apart(best.auc, best.auc_low)] if (best := said or mine) else []
        truth = [gate.true_slope(said.slope), gate.true_mean(said.mean, self.test.rate)] if said else []
        steady = gate.stable([rule.name for rule in self.learned.rules], [one.same_sign for one in self.learned.firm])
        return gate.Gate((gate.enough(self.floor, self.test.converted), *apart, better, *truth, steady))
