"""Compares the proposal with the current card, Odoo's method and gradient boosting on held-out leads."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import polars as pl

from calibrate.card.rules import LeadRule, NumberRule
from calibrate.guards import emptiness
from calibrate.guards.leaks import Usable
from calibrate.judging import challenger, odoo
from calibrate.learning import ages
from calibrate.learning.bins import folded
from calibrate.learning.learn import candidates, learn
from calibrate.learning.selection import folds
from calibrate.options import Options
from calibrate.past.panel import Panel
from calibrate.result import Confusion, Level, Performance
from calibrate.statistics import metrics
from calibrate.statistics.fit import Floats

PROPOSAL: Final = "Proposal"
PERCENTAGES: Final = "Proposal, percentages"
CURRENT: Final = "Current scorecard"
ODOO: Final = "Odoo's method"
CHALLENGER: Final = "Gradient boosting"
CROSS_ROWS: Final = 10_000
TOP: Final = 0.2

SCALES: Final = {"lead_grade": "grade", "lead_readiness": "stage", "lead_priority": "priority"}


def performance(name: str, label: Floats, score: Floats, draws: Floats, chance: Floats | None = None) -> Performance:
    """Return all metrics of a score on the test part."""
    low, high = metrics.interval(draws)
    ranked = Performance(
        name=name,
        auc=metrics.auc(label, score),
        auc_low=low,
        auc_high=high,
        average_precision=metrics.average_precision(label, score),
        lift_10=metrics.lift(label, score, 0.1),
        lift_20=metrics.lift(label, score, 0.2),
        wins_in_top_fifth=metrics.wins_in_top(label, score, TOP),
        gains=tuple(metrics.gains(label, score)),
    )
    return ranked if chance is None else _with_truth(ranked, label, chance)


def _with_truth(ranked: Performance, label: Floats, chance: Floats) -> Performance:
    return replace(
        ranked,
        brier=metrics.brier(label, chance),
        brier_of_rate=metrics.brier(label, np.full(len(label), label.mean())),
        slope=metrics.slope(label, chance),
        expected_error=metrics.expected_error(metrics.calibration(label, chance)),
        mean=float(chance.mean()),
    )


def current(now: pl.DataFrame | None) -> dict[str, Floats]:
    """Return the score of the current card, by its name; nothing without one."""
    return {} if now is None else {CURRENT: now["lead_score"].fill_null(0).cast(pl.Float64).to_numpy()}


def rivals(train: Panel, test: Panel, usable: Usable, options: Options) -> dict[str, Floats]:
    """Return the chances that Odoo's method and gradient boosting give, fitted on the training part."""
    known, asked = _only(train, usable), _only(test, usable)
    return {
        ODOO: odoo.chances(known, asked, list(usable.fields), usable.usual),
        CHALLENGER: _challenged(known, asked, usable, options),
    }


def compared(
    test: Panel, scores: Mapping[str, Floats], chances: Mapping[str, Floats], seed: int
) -> tuple[list[Performance], dict[str, Floats]]:
    """Return the metrics of each score, and of those that are chances, and the AUC draws of each."""
    draws = metrics.auc_draws(test.label, scores, test.group, seed)
    figures = [performance(name, test.label, score, draws[name], chances.get(name)) for name, score in scores.items()]
    return figures, draws


def _only(panel: Panel, usable: Usable) -> Panel:
    """Return the panel with usable fields only, and with values blanked that must not be used."""
    fields = ages.as_numbers(panel).fields.select(_unless(name, usable.blanked.get(name, ())) for name in usable.fields)
    return replace(panel, fields=fields, locked=None, days={})


def _unless(name: str, values: Sequence[str]) -> pl.Expr:
    if not values:
        return pl.col(name)
    return pl.when(~folded(name).is_in(list(values))).then(pl.col(name)).alias(name)


def _challenged(train: Panel, test: Panel, usable: Usable, options: Options) -> Floats:
    """Return the challenger's chances. Which fields are known is learned beside the others, as for rules.

    All test leads count as if they were known.
    """
    columns = [pl.Series(f"{name}?", ~emptiness.empty(train.fields[name])) for name in usable.usual]
    all_known = [pl.lit(value=True).alias(column.name) for column in columns]
    seen = replace(train, fields=emptiness.filled(train.fields, usable.usual).with_columns(columns))
    asked = replace(test, fields=emptiness.filled(test.fields, usable.usual).with_columns(all_known))
    return challenger.chances(seen, asked, options)


def cross_validated(
    panel: Panel, usable: Usable, old: Sequence[LeadRule | NumberRule], options: Options, most: int
) -> tuple[float, float]:
    """Return the mean AUC of points and of the challenger in random cross-validation, including selection."""
    part = panel.sample(CROSS_ROWS, np.random.default_rng(options.seed))
    fold = folds(part, options.folds, options.seed)
    areas = [
        _fold(part.take(fold != number), part.take(fold == number), usable, old, options, most)
        for number in range(options.folds)
    ]
    return float(np.nanmean([area[0] for area in areas])), float(np.nanmean([area[1] for area in areas]))


def _fold(
    train: Panel, held: Panel, usable: Usable, old: Sequence[LeadRule | NumberRule], options: Options, most: int
) -> tuple[float, float]:
    seen = emptiness.with_filled_in(train, usable.usual)
    learned = learn(candidates(train, usable, old, options), seen, options, most, draws=0)
    against = _challenged(_only(train, usable), _only(held, usable), usable, options)
    return metrics.auc(held.label, learned.score(held)), metrics.auc(held.label, against)


def levels(results: pl.DataFrame, label: Floats) -> list[Level]:
    """Return the conversions of each grade, stage and priority."""
    frame = results.with_columns(pl.Series("won", label))
    scales = [
        (column, words)
        for column, words in SCALES.items()
        if column in frame.columns and frame[column].null_count() < len(frame)
    ]
    return [level for column, words in scales for level in _levels(frame, column, words)]


def _levels(frame: pl.DataFrame, column: str, words: str) -> list[Level]:
    counted = frame.group_by(pl.col(column).cast(pl.String).fill_null("none").alias("level")).agg(
        pl.len(), pl.col("won").sum()
    )
    ordered = counted.sort(pl.col("won") / pl.col("len"), pl.col("level"), descending=[True, False])
    return [Level(words, level, int(count), int(won)) for level, count, won in ordered.iter_rows()]


def confusion(name: str, label: Floats, score: Floats) -> Confusion:
    """Return the outcomes if the top fifth by score were called; ties are broken by order."""
    called = np.zeros(len(score), np.bool_)
    called[np.argsort(-score, kind="stable")[: round(TOP * len(score))]] = True
    won = label > 0
    return Confusion(
        name,
        int((called & won).sum()),
        int((called & ~won).sum()),
        int((~called & won).sum()),
        int((~called & ~won).sum()),
    )
