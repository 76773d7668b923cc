"""Runs one calibration: learn on the training part, judge on what came after it, learn again from all and propose."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import polars as pl

from calibrate import floors
from calibrate.bakeoff import comparing
from calibrate.card import proposal
from calibrate.card.current_card import part_of
from calibrate.card.rules import in_words, matrix
from calibrate.fitting import Fitting
from calibrate.guards import contacts, leaks, left_out
from calibrate.judging import cutoffs, dropped, nothing, promises, validation
from calibrate.judging.beside import Beside
from calibrate.judging.judge import Judge
from calibrate.likelihood import drift, rate
from calibrate.material import Material
from calibrate.notes import Notes
from calibrate.options import Options
from calibrate.past import horizon
from calibrate.past.panel import Panel, some_of
from calibrate.result import Calibration, RuleFound
from calibrate.statistics.fit import Floats
from calibrate.study import Study
from scoring import Scorecard

FLATTERS: Final = 0.02
TEST_ROWS: Final = 30_000
NOTHING_LEFT: Final = (
    "No field is left to learn from. The notes say why each was left out; use --include to add one back."
)


def assess(material: Material, options: Options, notes: Notes) -> Calibration:
    """Return the calibration. What is judged is learned from the training part only."""
    result, ours = _assessed(material, options, notes)
    train = material.panel.take(material.split.train)
    if material.against is not None:
        scores = [*ours, *comparing.of_card(material.old, material.scored, material.against)]
        result.against = comparing.compared(
            material.against, scores, train, material.horizon, options.seed, notes.units
        )
    left_out.ranked(notes, train)
    return result


def _assessed(material: Material, options: Options, notes: Notes) -> tuple[Calibration, list[comparing.Ours]]:
    """Return the calibration, and the scores that were learned, the one that counts first."""
    panel = material.panel
    floor = floors.floor(panel.converted, panel.leads - panel.converted, notes.units)
    result = _opened(material, floor, options, notes)
    train = panel.take(material.split.train)
    if declined := _declined(floor, train, material, notes):
        result.standing, result.message = "declined", declined
        return result, []
    rows = some_of(np.flatnonzero(material.split.test), TEST_ROWS, np.random.default_rng(options.seed))
    assessment = _Assessment(
        material, options, notes, floor, train, panel.take(rows), material.split.newer[rows], result
    )
    result.told_apart = assessment.adversary.auc
    if not (assessment.usable.fields or train.signals):
        result.standing, result.message = "declined", NOTHING_LEFT
        return result, []
    assessment.run()
    assessment.look_at_cutoffs()
    return result, assessment.ours


def _declined(floor: floors.Floor, train: Panel, material: Material, notes: Notes) -> str:
    """Return what is missing and the one thing that helps; empty if nothing is."""
    left = min(train.converted, train.leads - train.converted)
    if floor.standing != "declined" and left >= floors.FIT:
        return _too_few_groups(len(np.unique(train.group)), notes)
    shorter = horizon.advice(material.horizon, material.left_to_fit)
    if floor.standing == "declined":
        return f"{floor.message} {shorter}".strip()
    said = f"Only {left} conversions (or {notes.units} without one) are old enough to fit on; {floors.FIT} are needed."
    return f"{said} {shorter or f'Use a longer history, or wait until more {notes.units} have converted.'}"


def _too_few_groups(groups: int, notes: Notes) -> str:
    """Return that hardly anything can be held out, if so."""
    if groups >= floors.FIT:
        return ""
    apart = f"belong to only {groups} groups, such as companies or what --group names; {floors.FIT} are needed"
    return f"The {notes.units} to fit on {apart}, because groups stay together where results are checked."


def _opened(material: Material, floor: floors.Floor, options: Options, notes: Notes) -> Calibration:
    panel = material.panel
    return Calibration(
        standing=floor.standing,
        message=floor.message,
        outcome=options.outcome,
        of=notes.units,
        as_of=material.as_of,
        horizon=material.horizon,
        look_back=options.days_back,
        leads=panel.leads,
        conversions=panel.converted,
        snapshots=len(panel),
        rate=panel.rate,
        notes=notes.items,
        split=material.split.message,
        feedback=material.said,
    )


def _card(written: str) -> Scorecard:
    return Scorecard.model_validate(proposal.plain(written))


@dataclass(frozen=True)
class _Assessment(Study):
    """Puts what was learned, and how good it is, into the result."""

    result: Calibration

    def run(self) -> None:
        result = self.result
        result.train_conversions, result.test_conversions = self.train.converted, self.test.converted
        result.gone = self._gone()
        if self.found:
            result.doubling, result.rules = self.proposed.learned.doubling, self._rules(self.proposed)
            result.learned_from = self.proposed.panel.converted
            self._look_at_contacts()
            self._judge()
            self._propose()
            self._look_at_drift()
        else:
            self._say_nothing()

    def _rules(self, fitting: Fitting) -> list[RuleFound]:
        columns = matrix(fitting.learned.rules, fitting.panel)
        return [self._found(fitting, place, columns[:, place]) for place in range(len(fitting.learned.rules))]

    def _found(self, fitting: Fitting, place: int, column: Floats) -> RuleFound:
        learned, panel, old = fitting.learned, fitting.panel, self.material.old
        rule, fired, unit = learned.rules[place], column != 0, learned.doubling / np.log(2)
        firm, points = learned.firm[place], int(learned.points[place])
        entry = rule.entry(points)
        leads, conversions = panel.counted(fired)
        said = self.material.feedback
        judged, rejected = (0, float("nan")) if said is None else said.share(panel.lead[fired])
        return RuleFound(
            name=rule.name,
            part=rule.part,
            leads=leads,
            conversions=conversions,
            lift=panel.lift(fired),
            before=old.points_of(rule.name, entry.get("lead", entry.get("activity"))) if old else 0.0,
            after=float(points),
            low=float(firm.low * unit),
            high=float(firm.high * unit),
            same_sign=firm.same_sign,
            half_life=getattr(rule, "days", None),
            per_unit=in_words(entry),
            tried=self.evidence.share(panel.lead[fired]) if self.evidence else float("nan"),
            judged=judged,
            rejected=rejected,
        )

    def _gone(self) -> list[RuleFound]:
        """Return the old card's rules that the proposal drops from the sections it rewrites, and what they did."""
        old, options = self.material.old, self.options
        if old is None:
            return []
        fitting = self.proposed if self.found else self.judged
        learned, found = fitting.learned, fitting.candidates
        part = dropped.part_of_leads(fitting.panel, options.seed)
        beside = Beside(learned, part, len(found.lead) + len(found.activity), self.floor.most_rules, options.seed)
        names, replay = frozenset(rule.name for rule in found.lead), self.material.replay
        measured = dropped.Dropped(old, part, learned, self.usable, beside, options, self.notes, names, replay)
        self.result.gone_measured_on = None if part is fitting.panel else part.leads
        return measured.rules(self.written)

    def _say_nothing(self) -> None:
        """Make it the result that nothing tells leads apart, with what else there is to compare."""
        result, train, test, options = self.result, self.train, self.test, self.options
        result.standing = nothing.STANDING
        result.message = nothing.said(len(self.usable.fields), len(train.signals), self.notes.units)
        result.gate = nothing.closed(result.message)
        if 0 < test.converted < test.leads:
            rivals = validation.rivals(train, test, self.usable, options)
            result.performance, _ = validation.compared(
                test, {**validation.current(self.now), **rivals}, rivals, options.seed
            )

    def _judge(self) -> None:
        """Compare the proposal with the current card, Odoo's method and the challenger on the test part."""
        result, material, judged = self.result, self.material, self.judged
        said = self.said if self.floor.percentages else None
        Judge(
            self.train, self.test, self.newer, self.usable, judged.learned, self.points, said, self.now, self.floor,
            self.options, self.evidence,
        ).into(result)  # fmt: skip
        if self.floor.percentages and result.performance:
            result.rate_check = rate.checked(judged.chance, judged.unmoved, self.points, self.test)
        if result.performance:
            result.random_auc, result.random_auc_challenger = validation.cross_validated(
                material.panel, self.usable, self.old_rules, self.options, self.floor.most_rules
            )
            self._say_if_random_flatters()

    def look_at_cutoffs(self) -> None:
        """Say from how many points up to call, if a capacity was stated."""
        options, material = self.options, self.material
        if options.capacity is None or material.mondays is None or material.horizon is None or not self.found:
            return
        panel, sample = material.mondays(float(self.train.moment.max()) + material.horizon)
        fitting, said = self.proposed, self.floor.percentages
        points = fitting.learned.score(panel)
        chance = fitting.chance.of(points, panel) if said else None
        known = self.result.likelihood.uncertainty if self.result.likelihood else None
        flow = cutoffs.Flow(panel, sample, points, chance, fitting.chance.terms(points, panel), known)
        self.result.cutoffs = cutoffs.cutoffs(flow, options.capacity, material.horizon, self.notes.units)

    def _look_at_contacts(self) -> None:
        """Say which groups sales never tried, and which rules were learned from them."""
        if self.evidence is None:
            return
        firsts = leaks.first_rows(self.material.panel)
        groups = promises.by_field(firsts, list(self.material.fields), self.notes)
        self.result.contacts = self.evidence.judged(firsts, groups, self.test, self.points)
        self.evidence.say_rules([rule.name for rule in self.result.rules if rule.tried <= contacts.HARDLY])

    def _say_if_random_flatters(self) -> None:
        honest, random = self.result.performance[0].auc, self.result.random_auc
        if random - honest > FLATTERS:
            said = f"it gives an AUC of {random:.2f}, the split by time {honest:.2f}. Trust the latter."
            self.notes.add("random flatters", f"Random cross-validation is too optimistic: {said}", "warning")

    def _propose(self) -> None:
        result, units = self.result, self.notes.units
        result.scorecard = self._written(self.proposed, result.rules)
        if self._scored is not None:
            result.levels = validation.levels(self._scored, self.test.label)
        if result.bins:
            self._compare_promises()
        if self.floor.percentages:
            result.likelihood = self.likelihood(part_of(_card(result.scorecard), units))

    @cached_property
    def _scored(self) -> pl.DataFrame | None:
        """What the rules that are judged give to the test part as a scorecard; None without grades and stages."""
        card = _card(self._written(self.judged, self._rules(self.judged)))
        part = part_of(card, self.notes.units)
        return self.material.scored(self.test, card) if self.test.converted and (part.grade or part.readiness) else None

    def _written(self, fitting: Fitting, rules: list[RuleFound]) -> str:
        """Return the scorecard with these rules, as YAML."""
        material, notes = self.material, self.notes
        base = proposal.Base(
            material.card_text,
            material.name,
            {name: kind for name, kind in material.fields.items() if name in fitting.inputs},
            material.columns,
            notes.units,
            sorted(notes.placeholders.values()),
            notes.activity_columns,
        )
        pairs = list(zip(fitting.learned.rules, rules, strict=True))
        return proposal.text(base, pairs, self.options.locked, self.written)

    def _compare_promises(self) -> None:
        """Find the groups of the test part that converted otherwise than promised, and warn of them."""
        test, said = self.test, self.said
        used = [name for name in self.usable.fields if name in self.judged.inputs]
        others = [name for name in self.usable.fields if name not in used]
        groups = [
            *promises.by_percentage(said),
            *([] if self._scored is None else promises.by_level(self._scored)),
            *promises.by_field(test, [*used, *others], self.notes),
        ]
        self.result.broken_promises = promises.broken(groups, test, said)
        promises.say(self.result.broken_promises, self.notes)

    def _look_at_drift(self) -> None:
        judged, test, newest = self.judged, self.test, self.material.newest
        if self.result.likelihood is None or not len(test):
            return
        coming = newest if newest is not None and len(newest) else test
        shifts = drift.compare(self.reference(judged), coming.fields, judged.learned.score(coming))
        of = f"newest {self.notes.units}"
        if self.material.horizon:
            of += " whose outcome is known, each counted as often as it was looked at"
        self.result.drift = drift.judged(shifts, test.label, self.said, test.leads, of)
