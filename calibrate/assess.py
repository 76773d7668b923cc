"""One calibration from snapshots to verdict: learn on the training part, test on the newest, and say what holds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import polars as pl

from calibrate import chances, drift, floors, gate, leaks, metrics, names, population, proposal, validation
from calibrate.existing import Old
from calibrate.fields import FieldType
from calibrate.fit import Floats
from calibrate.learning import Learned, candidates, guarded, learn
from calibrate.notes import Notes
from calibrate.options import Options
from calibrate.panel import Panel
from calibrate.result import Calibration, RuleFound
from calibrate.rules import LeadRule, Rule, matrix
from calibrate.snapshots import moment_of
from calibrate.splits import Split
from scoring import Scorecard
from scoring.likelihood import Likelihood, points_digest

FLATTERS: Final = 0.02
TEST_ROWS: Final = 30_000


@dataclass(frozen=True)
class Material:
    """What a calibration learns from, whether it came from a mirror, from files or from a plain table."""

    panel: Panel
    fields: dict[str, FieldType]
    split: Split
    old: Old | None
    old_rules: tuple[LeadRule, ...]
    scored: Callable[[Panel, Scorecard], pl.DataFrame]
    """Scores snapshots with a scorecard."""
    newest: Panel | None
    """Open leads as of now, for drift."""
    name: str
    card_text: str | None
    columns: dict[str, str]
    as_of: datetime | None
    """The moment of calibration where there are dates."""
    fitted_at: datetime
    horizon: float | None
    suggested: float | None


def assess(material: Material, options: Options, notes: Notes) -> Calibration:
    """Return what the material allows to say; everything learned comes from the training part."""
    panel = material.panel
    floor = floors.floor(panel.converted, panel.leads - panel.converted)
    result = _opened(material, floor, options, notes)
    if floor.standing == "declined":
        return result
    train = panel.take(material.split.train)
    if (few := min(train.converted, train.leads - train.converted)) < floors.DECLINE / 2:
        result.standing, result.message = "declined", _too_short(few, material)
        return result
    test = panel.take(material.split.test).sample(TEST_ROWS, np.random.default_rng(options.seed))
    return _assessed(material, train, test, floor, result, options, notes)


def _opened(material: Material, floor: floors.Floor, options: Options, notes: Notes) -> Calibration:
    panel = material.panel
    return Calibration(
        standing=floor.standing, message=floor.message, outcome=options.outcome, as_of=material.as_of, horizon=material.horizon,
        look_back=options.look_back, leads=panel.leads, conversions=panel.converted, snapshots=len(panel), rate=panel.rate,
        notes=notes.items, suggested_horizon=material.suggested, split=material.split.message,
    )  # fmt: skip


def _too_short(few: int, material: Material) -> str:
    horizon = f" or a shorter horizon than {material.horizon:.0f} days (--horizon)" if material.horizon else ""
    return f"Only {few} conversions (or leads without) are old enough to fit on once newer leads are kept for testing. A longer history{horizon} is needed."


def _assessed(
    material: Material,
    train: Panel,
    test: Panel,
    floor: floors.Floor,
    result: Calibration,
    options: Options,
    notes: Notes,
) -> Calibration:
    usable = _guarded_fields(material, train, test, result, options, notes)
    found = guarded(
        candidates(train, usable, _usable(material.old_rules, usable), options),
        train,
        options.seed,
        notes,
    )
    learned = learn(found, train, options, floor.most_rules, draws=options.bootstraps)
    chance = _chance(learned, train, options)
    result.train_conversions, result.test_conversions, result.doubling = (
        train.converted,
        test.converted,
        learned.doubling,
    )
    result.rules = _rules(learned, train, material.old)
    result.gone = _gone(learned, material.old, options)
    _test(result, material, learned, chance, train, test, usable, floor, options, notes)
    _propose(result, material, learned, chance, train, test, floor, options)
    _look_at_drift(result, material, learned, chance, test)
    return result


def _guarded_fields(
    material: Material, train: Panel, test: Panel, result: Calibration, options: Options, notes: Notes
) -> leaks.Usable:
    against = population.adversary(train, test, list(material.fields), options.seed, notes)
    result.told_apart = against.auc
    timeless = {
        name: kind for name, kind in material.fields.items() if name not in against.dated - set(options.include)
    }
    usable = leaks.usable(train, timeless, options.include, notes)
    names.warn_of_people(usable.fields, notes)
    return usable


def _usable(rules: Sequence[LeadRule], usable: leaks.Usable) -> list[LeadRule]:
    return [rule for rule in rules if set(rule.subjects) <= set(usable.fields)]


def _chance(learned: Learned, train: Panel, options: Options) -> chances.Chance:
    out_of_fold = chances.out_of_fold(learned.rules, train, learned.offset(train), learned.doubling, options.seed)
    chance = chances.fitted(out_of_fold, train, learned.rules, options.seed)
    return chance.moved(out_of_fold, train)


def _rules(learned: Learned, train: Panel, old: Old | None) -> list[RuleFound]:
    columns = matrix(learned.rules, train)
    return [
        _found(rule, column, int(points), learned, place, train, old)
        for place, (rule, column, points) in enumerate(zip(learned.rules, columns.T, learned.points, strict=True))
    ]


def _found(
    rule: Rule, column: Floats, points: int, learned: Learned, place: int, train: Panel, old: Old | None
) -> RuleFound:
    fired = column > 0
    firm, unit = learned.firm[place], learned.doubling / np.log(2)
    entry = rule.entry(points)
    return RuleFound(
        name=rule.name, part=rule.part, leads=len(np.unique(train.lead[fired])),
        conversions=len(np.unique(train.lead[fired & (train.label > 0)])),
        lift=float(train.label[fired].mean() / train.rate) if fired.any() and train.rate else float("nan"),
        before=old.points_of(rule.name, entry.get("lead", entry.get("activity"))) if old else 0.0,
        after=float(points), low=float(firm.low * unit), high=float(firm.high * unit), same_sign=firm.same_sign,
        half_life=getattr(rule, "days", None),
    )  # fmt: skip


def _gone(learned: Learned, old: Old | None, options: Options) -> list[RuleFound]:
    """Return the old card's rules that the proposal drops, in the sections that it rewrites."""
    if old is None:
        return []
    parts = {"fit", *(rule.part for rule in learned.rules)}
    names = {rule.name for rule in learned.rules} | set(options.locked)
    return [
        RuleFound(str(entry["name"]), part, 0, 0, float("nan"), old.points_of(str(entry["name"])), 0.0, float("nan"), float("nan"), float("nan"))
        for part in sorted(parts) for entry in old.entries(part) if entry["name"] not in names
    ]  # fmt: skip


def _test(
    result: Calibration, material: Material, learned: Learned, chance: chances.Chance, train: Panel, test: Panel,
    usable: leaks.Usable, floor: floors.Floor, options: Options, notes: Notes,
) -> None:  # fmt: skip
    if not 0 < test.converted < test.leads:
        result.gate = gate.Gate((gate.enough(floor, test.converted),))
        return
    points = learned.score(test)
    scores = {validation.PROPOSAL: points}
    said = {}
    if floor.percentages:
        said[validation.PERCENTAGES] = scores[validation.PERCENTAGES] = chance.of(points, test)
        result.bins = metrics.calibration(test.label, said[validation.PERCENTAGES])
    if material.old:
        now = material.scored(test, material.old.card)
        scores[validation.CURRENT] = now["lead_score"].fill_null(0).cast(pl.Float64).to_numpy()
        result.levels_now = validation.levels(now, test.label)
    result.performance, draws = validation.compared(train, test, usable, scores, said, options.seed)
    result.confusion = [validation.confusion(name, test.label, scores[name]) for name in scores]
    result.random_auc, result.random_auc_challenger = validation.cross_validated(
        material.panel, usable, _usable(material.old_rules, usable), options, floor.most_rules
    )
    _say_if_random_flatters(result, notes)
    result.gate = _gate(result, learned, draws, floor, test)


def _say_if_random_flatters(result: Calibration, notes: Notes) -> None:
    honest = result.of(validation.PROPOSAL)
    assert honest is not None
    if result.random_auc - honest.auc > FLATTERS:
        notes.add(
            "random flatters",
            f"Random cross-validation flatters: it promises an AUC of {result.random_auc:.2f}, "
            f"the split by time gives {honest.auc:.2f}. Believe the latter.",
            "warning",
        )


def _gate(
    result: Calibration, learned: Learned, draws: dict[str, Floats], floor: floors.Floor, test: Panel
) -> gate.Gate:
    mine, now, said = (result.of(name) for name in (validation.PROPOSAL, validation.CURRENT, validation.PERCENTAGES))
    gained = draws[validation.PROPOSAL] - draws[validation.CURRENT] if now else None
    conditions = [gate.enough(floor, test.converted), gate.better(gained, mine.auc - now.auc if mine and now else 0.0)]
    if said:
        conditions += [gate.true_slope(said.slope), gate.true_mean(said.mean, test.rate)]
    rules = [rule.name for rule in learned.rules]
    return gate.Gate((*conditions, gate.stable(rules, [one.same_sign for one in learned.firm])))


def _propose(
    result: Calibration, material: Material, learned: Learned, chance: chances.Chance, train: Panel, test: Panel,
    floor: floors.Floor, options: Options,
) -> None:  # fmt: skip
    pairs = list(zip(learned.rules, result.rules, strict=True))
    named = {subject for rule in learned.rules if rule.part == "fit" for subject in rule.subjects}
    fields = {name: kind for name, kind in material.fields.items() if name in named}
    result.scorecard = proposal.text(material.card_text, material.name, fields, pairs, options.locked, material.columns)
    card = Scorecard.model_validate(proposal.plain(result.scorecard))
    if test.converted:
        result.levels = validation.levels(material.scored(test, card), test.label)
    if floor.percentages:
        final = chance.moved(learned.score(test), test) if len(test) else chance
        result.likelihood = _likelihood(final, card, material, learned, train, floor, options)


def _likelihood(
    chance: chances.Chance,
    card: Scorecard,
    material: Material,
    learned: Learned,
    train: Panel,
    floor: floors.Floor,
    options: Options,
) -> Likelihood:
    dated = material.as_of is not None
    window = (moment_of(float(train.moment.min())), moment_of(float(train.moment.max()))) if dated else (None, None)
    inputs = sorted({subject for rule in learned.rules if rule.part == "fit" for subject in rule.subjects})
    young = train if train.age is None or material.horizon is None else train.take(train.age <= material.horizon)
    return Likelihood(
        likelihood=card.scorecard, points=points_digest(card), fitted_at=material.fitted_at,
        horizon=material.horizon, look_back=options.look_back, quality="rough" if floor.standing == "rough" else "calibrated",
        intercept=chance.intercept, per_point=chance.per_point, age=chance.age, counts=chance.counts,
        reference=drift.reference(young, learned.score(young), inputs, window),
    )  # fmt: skip


def _look_at_drift(
    result: Calibration, material: Material, learned: Learned, chance: chances.Chance, test: Panel
) -> None:
    if result.likelihood is None or result.likelihood.reference is None or not len(test):
        return
    newest = material.newest if material.newest is not None and len(material.newest) else test
    shifts = drift.compare(result.likelihood.reference, newest.fields, learned.score(newest))
    points = learned.score(test)
    result.drift = drift.judged(shifts, test.label, chance.of(points, test), test.leads)
