"""Learns a card of rules from snapshots: candidates, selection, decay, joint points, pruning."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from calibrate.card.rules import ActivityRule, Candidate, LeadRule, NumberRule, design, matrix, reaches, ridges
from calibrate.card.sameness import distinct
from calibrate.guards import emptiness, leaks
from calibrate.guards.leaks import Usable
from calibrate.judging.gate import STABLE
from calibrate.learning import ages, amounts, bins, conjunctions, inner
from calibrate.learning.amounts import AmountRule
from calibrate.learning.bootstrap import Firmness, firmness
from calibrate.learning.selection import SELECTION_ROWS, Candidates, best_decay, forward
from calibrate.notes import Notes
from calibrate.options import Options
from calibrate.past.panel import Panel
from calibrate.statistics.fit import DOUBLINGS, Floats, doubling, logistic, whole_points, with_intercept

GUARD_ROWS: Final = 20_000
LOCKED: Final = "rules that stay as they are"
SOON: Final = 14.0
"""Half-lives are fitted on conversions within this many days, because activities decay during a longer wait."""
FEWEST_SHARE: Final = 200
"""A rule needs 30 leads, or this share of all leads if there are fewer than 6,000."""


@dataclass(frozen=True)
class Learned:
    """The learned rules with whole points, and how many points double the odds."""

    rules: tuple[Candidate, ...]
    points: NDArray[np.int64]
    doubling: int
    firm: tuple[Firmness, ...] = ()
    per_unit: bool = True
    """Whether points per unit were among what rules were chosen from."""

    def score(self, panel: Panel) -> Floats:
        """Return the points of each snapshot, including locked rules."""
        total = matrix(self.rules, panel) @ self.points.astype(np.float64)
        return total if panel.locked is None else total + panel.locked

    def reasons(self, panel: Panel) -> list[list[tuple[str, float]]]:
        """Return which rules give each snapshot how many points."""
        given = matrix(self.rules, panel) * self.points
        names = [rule.name for rule in self.rules]
        if panel.locked is not None:
            given, names = np.column_stack([given, panel.locked]), [*names, LOCKED]
        return [[(names[place], float(row[place])) for place in np.flatnonzero(row)] for row in given]

    def offset(self, panel: Panel) -> Floats:
        """Return the log-odds of the locked rules."""
        return locked_odds(panel, self.doubling)


def locked_odds(panel: Panel, points_per_doubling: int) -> Floats:
    """Return the log-odds of the locked points."""
    return np.zeros(len(panel)) if panel.locked is None else panel.locked * np.log(2) / points_per_doubling


def candidates(
    train: Panel,
    usable: Usable,
    old: Sequence[LeadRule | NumberRule],
    options: Options,
    label: Callable[[str], str] = bins.words,
) -> Candidates:
    """Return all candidates: the card's own rules first, then levels, thresholds and whether a field is known.

    `label` says what a field is called in the names of rules.
    """
    fewest = max(10, min(bins.FEWEST_LEADS, train.leads // FEWEST_SHARE))
    known = [name for name in usable.fields if name not in {*usable.masked, *train.days}]
    numbers = [amounts.Number.of_field(name) for name, kind in usable.fields.items() if kind == "number"]
    numbers += ages.numbers(train, usable.fields)
    made: list[LeadRule | NumberRule] = [
        *bins.lead_rules(train, usable.fields, fewest),
        *bins.below_rules(train, usable.usual, fewest),
    ]
    made += ages.rules(train, list(usable.fields), fewest)
    made += amounts.number_rules(train, numbers, fewest, usable.masked)
    fair = [*emptiness.fair_ones(made, emptiness.views(train, usable.usual))]
    fair += bins.known_rules(train, known, fewest)
    found = [*old, *(_labelled(rule, label) for rule in fair)]
    found = [rule for rule in found if not _names_blanked(rule, usable)]
    unique = {repr(rule.condition): rule for rule in reversed(found)}
    activity = [
        ActivityRule(number, signal.name, signal.condition, options.days_back, once=signal.once)
        for number, signal in enumerate(train.signals)
    ]
    return Candidates(tuple(reversed(unique.values())), tuple(activity))


def _labelled(rule: LeadRule | NumberRule, label: Callable[[str], str]) -> LeadRule | NumberRule:
    """Return a rule on one field with the field's own heading in its name."""
    [field] = rule.subjects
    named = replace(rule, name=label(field) + rule.name.removeprefix(bins.words(field)))
    return replace(named, of=replace(named.of, label=label(field))) if isinstance(named, AmountRule) else named


def _names_blanked(rule: LeadRule | NumberRule, usable: Usable) -> bool:
    """Return whether a rule is on a value that must not be used."""
    return any(str(value).lower() in usable.blanked.get(name, ()) for name, value in rule.condition.items())


def guarded(found: Candidates, train: Panel, seed: int, notes: Notes) -> Candidates:
    """Leave out candidates that alone predict conversions too well."""
    part = train.sample(GUARD_ROWS, np.random.default_rng(seed))
    lead = leaks.too_good_alone(found.lead, matrix(found.lead, part), part.label, notes)
    activity = leaks.too_good_alone(found.activity, matrix(found.activity, part), part.label, notes)
    return Candidates(
        tuple(rule for rule, leak in zip(found.lead, lead, strict=True) if not leak),
        tuple(rule for rule, leak in zip(found.activity, activity, strict=True) if not leak),
    )


def learn(
    found: Candidates, train: Panel, options: Options, most: int, *, draws: int, per_unit: bool | None = None
) -> Learned:
    """Choose rules, find their decay, fit them together, and drop those that the refits do not confirm.

    `per_unit`: whether to give points per unit; None to find out which foretells others better.
    """
    per_doubling = _doubling_of_locked(train)
    part = train.sample(SELECTION_ROWS, np.random.default_rng(options.seed))
    offset = locked_odds(part, per_doubling or 1)
    if per_unit is None:
        per_unit = inner.per_unit_pays(found, part, options.signs, most, offset)
    found = found if per_unit else found.without_amounts
    rules = forward(found, part, options.signs, most, offset)
    single = [rule for rule in found.lead if isinstance(rule, LeadRule)]
    rules = conjunctions.added(single, rules, part, options.signs, most, offset)
    soon, offset = train.about_now(SOON), locked_odds(train, per_doubling or 1)
    rules = forward(found.only_activity, soon, options.signs, most, offset, rules)
    rules = best_decay(rules, soon, offset)
    return replace(settled(rules, train, options, draws=draws), per_unit=per_unit)


def settled(rules: Sequence[Candidate], train: Panel, options: Options, *, draws: int) -> Learned:
    """Fit rules together, each condition once, and drop those that the refits do not confirm."""
    rules = distinct(rules)
    return _pruned(rules, train, options, _doubling_of_locked(train, rules), draws)


def _doubling_of_locked(train: Panel, rules: Sequence[Candidate] = ()) -> int | None:
    """Return how many locked points double the odds in this data, beside these rules; None without locked rules."""
    if train.locked is None or not np.ptp(train.locked):
        return None
    columns = with_intercept(np.column_stack([train.locked, design(rules, train)[:, 1:]]))
    slope = float(logistic(columns, train.label, train.weight).weights[0])
    return int(np.clip(round(np.log(2) / slope), 2, 2 * DOUBLINGS[0])) if slope > 0 else DOUBLINGS[0]


def _pruned(
    rules: Sequence[Candidate], train: Panel, options: Options, per_doubling: int | None, draws: int
) -> Learned:
    """Fit and drop rules with a wrong or unstable sign or without points, until all rules stay."""
    while True:
        learned, wrong = _fitted(rules, train, options, per_doubling, draws)
        if not wrong.any():
            return learned
        rules = [rule for rule, out in zip(rules, wrong, strict=True) if not out]


def _fitted(
    rules: Sequence[Candidate], train: Panel, options: Options, per_doubling: int | None, draws: int
) -> tuple[Learned, NDArray[np.bool_]]:
    offset = locked_odds(train, per_doubling or 1)
    fit = logistic(design(rules, train), train.label, train.weight, ridge=ridges(rules), offset=offset)
    weights = fit.weights[: len(rules)]
    limits = reaches(rules)
    scale = per_doubling or doubling(weights / limits)
    points = whole_points(weights, scale, limits)
    firm = firmness(rules, weights, train, offset, draws, options.seed) if draws else []
    wrong = np.array(
        [_is_wrong(rule, float(weight), options) for rule, weight in zip(rules, weights, strict=True)], np.bool_
    )
    wrong |= points == 0
    if firm and not wrong.any():
        wrong |= np.array([one.same_sign < STABLE for one in firm])
    settled = [
        rule.settled(most) if isinstance(rule, AmountRule) and most else rule
        for rule, most in zip(rules, points.tolist(), strict=True)
    ]
    return Learned(tuple(settled), points, scale, tuple(firm)), wrong


def _is_wrong(rule: Candidate, weight: float, options: Options) -> bool:
    """Return whether a weight has the wrong sign or would make the score rise over time."""
    wanted = {options.signs[subject] for subject in rule.subjects if subject in options.signs}
    sign = "+" if weight > 0 else "-"
    fades = isinstance(rule, ActivityRule) and not rule.ever
    return bool(wanted and wanted != {sign}) or (fades and weight < 0)
