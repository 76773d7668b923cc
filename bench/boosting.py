"""Gradient boosting on the fields that calibrate may use, to measure what a card of whole points leaves."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from sklearn.ensemble import HistGradientBoostingClassifier

from bench.trials import DatedTrial, TableTrial
from bench.worlds.made import Flags, Floats
from calibrate.inputs.fields import cleaned, inferred_type, numbers, times
from calibrate.past.panel import Codes
from connectors.files.headings import plain_name

LEVELS = 100
ROWS = 30_000
WINDOWS = (30, 90, 180, 400)
WEEK = 7


@dataclass(frozen=True)
class Guarded:
    """What the guards of calibrate said, by the names of fields."""

    out: frozenset[str] = field(default_factory=frozenset)
    masked: frozenset[str] = field(default_factory=frozenset)
    """Fields whose emptiness tells too much: a blank cell is read as the most common value."""


def of_table(trial: TableTrial, guarded: Guarded) -> Floats:
    """Return the chances of the rows to score."""
    named = usable(trial.learn.columns, {trial.outcome, "id"}, guarded, trial.honest)
    seen, asked, kinds = _encoded(trial.learn.select(named), trial.ask.select(named), guarded)
    return _fitted(seen, trial.converted, asked, kinds)


def of_dates(trial: DatedTrial, guarded: Guarded, horizon: float) -> Floats:
    """Return the chances of all leads at `as_of`, learned from a snapshot a week of each lead while it was open."""
    now = trial.as_of.timestamp() / 86_400
    created = _days(trial.leads["created_at"])
    converted = _converted(trial)
    closed = _days(trial.leads["closed_at"]) if "closed_at" in trial.leads.columns else np.full(len(created), np.inf)
    end = np.fmin(np.fmin(converted, closed), now - horizon)
    weeks = np.maximum(np.ceil((end - np.ceil(created)) / WEEK), 0).astype(np.int64)
    lead = np.repeat(np.arange(len(created)), weeks)
    day = np.ceil(created)[lead] + WEEK * (np.arange(len(lead)) - np.repeat(np.cumsum(weeks) - weeks, weeks))
    if len(lead) > ROWS:
        some = np.sort(np.random.default_rng(0).choice(len(lead), ROWS, replace=False))
        lead, day = lead[some], day[some]
    won = converted[lead] <= day + horizon
    everyone = np.arange(len(created)), np.full(len(created), now)
    named = usable(trial.leads.columns, NO_FIELDS, guarded, ())
    seen, asked, kinds = _encoded(trial.leads.select(named)[lead], trial.leads.select(named), guarded)
    then, at_last = (_behaviour(trial, *moments) for moments in ((lead, day), everyone))
    flags = [*kinds, *([False] * then.shape[1])]
    return _fitted(np.hstack([seen, then]), won, np.hstack([asked, at_last]), flags)


NO_FIELDS = frozenset({"id", "created_at", "closed_at"})


def usable(columns: Sequence[str], without: Container[str], guarded: Guarded, honest: Sequence[str]) -> list[str]:
    """Return the fields that the guards leave, and those that are known to be honest."""
    names = [name for name in columns if name not in without]
    return [name for name in names if name in honest or plain_name(name) not in guarded.out]


def _fitted(seen: Floats, won: Flags, asked: Floats, kinds: Sequence[bool]) -> Floats:
    if not seen.shape[1] or not 0 < won.sum() < len(won):
        return np.full(len(asked), won.mean() if len(won) else np.nan)
    model = HistGradientBoostingClassifier(
        max_iter=150, learning_rate=0.06, max_leaf_nodes=15, l2_regularization=1.0, early_stopping=False,
        categorical_features=list(kinds), random_state=0,
    )  # fmt: skip
    return np.asarray(model.fit(seen, won).predict_proba(asked)[:, 1], dtype=np.float64)


def _encoded(learn: pl.DataFrame, ask: pl.DataFrame, guarded: Guarded) -> tuple[Floats, Floats, list[bool]]:
    """Return columns as numbers, those of `ask` in the same way, and which of them are categories."""
    pairs = [_pair(learn[name], ask[name], masked=plain_name(name) in guarded.masked) for name in learn.columns]
    blank = np.zeros((len(learn), 0)), np.zeros((len(ask), 0)), []
    return (
        (np.column_stack([p[0] for p in pairs]), np.column_stack([p[1] for p in pairs]), [p[2] for p in pairs])
        if pairs
        else blank
    )


def _pair(learn: pl.Series, ask: pl.Series, *, masked: bool) -> tuple[Floats, Floats, bool]:
    """Return a column for learning and asking, and whether it holds categories."""
    both = pl.concat([learn.cast(pl.String), ask.cast(pl.String)])
    kind, texts = inferred_type(both.rename(learn.name)), cleaned(both)
    category = kind not in {"number", "time", "date"}
    if category:
        known = texts.str.to_lowercase()
        common = known[: len(learn)].drop_nulls().value_counts(sort=True)[known.name].head(LEVELS)
        codes = {value: float(code) for code, value in enumerate(common)}
        values = known.replace_strict(codes, default=None, return_dtype=pl.Float64)
        usual: float | None = 0.0
    else:
        values = numbers(texts) if kind == "number" else times(texts).cast(pl.Int64).cast(pl.Float64)
        usual = values[: len(learn)].median()  # type: ignore[assignment] # of numbers it is one
    filled = values.fill_null(usual) if masked else values
    plain = filled.fill_null(float("nan")).to_numpy()
    return plain[: len(learn)], plain[len(learn) :], category


def _converted(trial: DatedTrial) -> Floats:
    first = trial.known.group_by("lead_id").agg(pl.col("converted_at").min())
    joined = trial.leads.select("id").join(first, left_on="id", right_on="lead_id", how="left", maintain_order="left")
    return np.nan_to_num(_days(joined["converted_at"]), nan=np.inf)


def _days(column: pl.Series) -> Floats:
    days: Floats = column.dt.epoch("us").cast(pl.Float64).to_numpy() / 86_400e6
    return days


def _behaviour(trial: DatedTrial, lead: Codes, day: Floats) -> Floats:
    """Return the age of each lead at a day, and how often it did each kind of thing in the days before."""
    age = day - _days(trial.leads["created_at"])[lead]
    columns = [age]
    place = dict(zip(trial.leads["id"], range(len(trial.leads)), strict=True))
    for kind in sorted(trial.activities["kind"].unique()):
        some = trial.activities.filter(pl.col("kind") == kind)
        doer = some["lead_id"].replace_strict(place, return_dtype=pl.Int64).to_numpy()
        columns += _counts(doer, _days(some["occurred_at"]), lead, day)
    return np.column_stack(columns)


def _counts(doer: Codes, moment: Floats, lead: Codes, day: Floats) -> list[Floats]:
    """Return for each window how many moments of the lead lie in it before the day."""
    span = 1e6  # more than all days since the epoch, so that each lead has its own stretch of a single axis
    axis = np.sort(doer * span + moment)
    until = np.searchsorted(axis, lead * span + day)
    return [(until - np.searchsorted(axis, lead * span + day - window)).astype(np.float64) for window in WINDOWS]
