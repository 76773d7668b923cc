"""Gradient boosting on the same inputs, to measure how much accuracy a card of whole points loses."""

from typing import Final

import numpy as np
import polars as pl
from sklearn.ensemble import HistGradientBoostingClassifier

from calibrate.card.halflife import GRID
from calibrate.options import Options
from calibrate.past.panel import Panel
from calibrate.statistics.fit import Floats

ROWS: Final = 30_000
MOST_LEVELS: Final = 100
DECAYS: Final = (None, 14.0, 60.0)


def chances(train: Panel, test: Panel, options: Options) -> Floats:
    """Fit on the training part and return the chance of each test snapshot."""
    part = train.sample(ROWS, np.random.default_rng(options.seed))
    seen, asked, categories = _encoded(part, test)
    seen, asked = np.hstack([seen, _behaviour(part)]), np.hstack([asked, _behaviour(test)])
    flags = [*categories, *([False] * (seen.shape[1] - len(categories)))]
    if not len(test) or not seen.shape[1] or len(np.unique(part.label)) == 1:
        return np.full(len(test), part.rate)
    model = HistGradientBoostingClassifier(
        max_iter=options.trees,
        learning_rate=0.06,
        max_leaf_nodes=15,
        l2_regularization=1.0,
        categorical_features=flags,
        early_stopping=False,
        random_state=options.seed,
    )
    model.fit(seen, part.label)
    return np.asarray(model.predict_proba(asked)[:, 1], dtype=np.float64)


def _encoded(train: Panel, test: Panel) -> tuple[Floats, Floats, list[bool]]:
    then, now = train.fields, test.fields
    pairs = [_pair(then[name], now[name]) for name in then.columns if not isinstance(then[name].dtype, pl.Datetime)]
    if not pairs:
        return np.zeros((len(train), 0)), np.zeros((len(test), 0)), []
    return np.column_stack([p[0] for p in pairs]), np.column_stack([p[1] for p in pairs]), [p[2] for p in pairs]


def _pair(train: pl.Series, test: pl.Series) -> tuple[Floats, Floats, bool]:
    if train.dtype == pl.Float64:
        return _numbers(train), _numbers(test), False
    if train.dtype == pl.Boolean:
        return _numbers(train.cast(pl.Float64)), _numbers(test.cast(pl.Float64)), False
    codes = _codes(_text(train))
    return _coded(train, codes), _coded(test, codes), True


def _numbers(column: pl.Series) -> Floats:
    return column.fill_null(float("nan")).to_numpy()


def _text(column: pl.Series) -> pl.Series:
    joined = column.list.sort().list.join(";") if isinstance(column.dtype, pl.List) else column
    return joined.str.strip_chars().str.to_lowercase()


def _codes(values: pl.Series) -> dict[str, float]:
    common = (
        pl.DataFrame({"value": values})
        .drop_nulls()
        .group_by("value")
        .len()
        .sort(["len", "value"], descending=[True, False])
    )
    return {value: float(code) for code, value in enumerate(common.head(MOST_LEVELS)["value"])}


def _coded(column: pl.Series, codes: dict[str, float]) -> Floats:
    return _text(column).replace_strict(codes, default=None, return_dtype=pl.Float64).fill_null(float("nan")).to_numpy()


def _behaviour(panel: Panel) -> Floats:
    blocks = [panel.counts[GRID.index(days)] for days in DECAYS] if panel.counts else []
    age = [] if panel.age is None else [panel.age[:, None]]
    return np.hstack([np.zeros((len(panel), 0)), *blocks, *age]).astype(np.float64)
