"""Odoo's predictive lead scoring, as `calibrate` states it (`calibrate/judging/odoo.py`), on the files of a trial."""

import numpy as np
import polars as pl

from bench.boosting import NO_FIELDS, Guarded, usable
from bench.trials import DatedTrial, TableTrial
from bench.worlds.made import Flags, Floats
from calibrate.inputs.fields import cleaned, inferred_type, numbers, times
from calibrate.judging import odoo
from calibrate.past.panel import Panel


def of_table(trial: TableTrial, guarded: Guarded) -> Floats:
    """Return the chances of the rows to score."""
    named = usable(trial.learn.columns, {trial.outcome, "id"}, guarded, trial.honest)
    return chances(trial.learn.select(named), trial.converted, trial.ask.select(named))


def of_dates(trial: DatedTrial, guarded: Guarded, horizon: float) -> Floats:
    """Return the chances of all leads, learned from those that were won and those that were lost.

    Lost are those that were closed, or that are older than the horizon where nobody closes leads.
    """
    won = trial.leads["id"].is_in(trial.known["lead_id"].implode())
    until = "closed_at" if "closed_at" in trial.leads.columns else "created_at"
    last = pl.lit(trial.as_of) - pl.duration(days=0 if until == "closed_at" else horizon)
    over = won | trial.leads.select((pl.col(until) <= last).fill_null(value=False)).to_series()
    named = usable(trial.leads.columns, NO_FIELDS, guarded, ())
    return chances(trial.leads.filter(over).select(named), won.filter(over).to_numpy(), trial.leads.select(named))


def chances(learn: pl.DataFrame, won: Flags, ask: pl.DataFrame) -> Floats:
    """Return the chances of some leads, learned from the values that others had. Numbers are counted by range."""
    pairs = {name: _typed(learn[name], ask[name]) for name in learn.columns}
    known, asked = (pl.DataFrame([pair[place] for pair in pairs.values()]) for place in (0, 1))
    return of_typed(known, won, asked)


def of_typed(learn: pl.DataFrame, won: Flags, ask: pl.DataFrame) -> Floats:
    """Return the chances of some leads whose columns have types already."""
    known, asked = _panel(learn, won.astype(np.float64)), _panel(ask, np.zeros(len(ask)))
    return odoo.chances(known, asked, learn.columns, {})


def _typed(learn: pl.Series, ask: pl.Series) -> tuple[pl.Series, pl.Series]:
    both = pl.concat([learn.cast(pl.String), ask.cast(pl.String)])
    kind, texts = inferred_type(both), cleaned(both)
    if kind == "number":
        texts = numbers(texts)
    elif kind in {"time", "date"}:
        texts = times(texts).cast(pl.Int64).cast(pl.Float64)
    return texts[: len(learn)].alias(learn.name), texts[len(learn) :].alias(learn.name)


def _panel(fields: pl.DataFrame, label: Floats) -> Panel:
    rows = np.arange(len(label))
    return Panel(fields, label, rows, rows, rows.astype(np.float64))
