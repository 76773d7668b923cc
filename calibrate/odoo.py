"""Odoo's predictive lead scoring, for comparison: naive Bayes over the values of each field."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl

from calibrate.bins import cuts
from calibrate.fit import Floats, sigmoid
from calibrate.panel import Panel

NEVER: Final = 0.1
"""What Odoo adds to every count, so that an unseen value does not decide alone."""


def chances(train: Panel, test: Panel, names: Sequence[str]) -> Floats:
    """Return the chances of the test snapshots by Odoo's method."""
    won = train.label.sum() + NEVER
    lost = len(train) - train.label.sum() + NEVER
    odds = np.full(len(test), np.log(won / lost))
    for name in names:
        edges = cuts(train.fields[name]) if train.fields[name].dtype == pl.Float64 else []
        odds += _log_ratio(
            _values(train.fields[name], edges), train.label, _values(test.fields[name], edges), won, lost
        )
    return sigmoid(odds)


def _values(column: pl.Series, edges: Sequence[float]) -> pl.Series:
    if column.dtype == pl.Float64:
        binned = pl.Series(np.searchsorted(edges, column.fill_null(0).to_numpy(), side="right")).cast(pl.String)
        return binned.set(column.is_null(), None)
    if isinstance(column.dtype, pl.List):
        return column.list.sort().list.join(";")
    return column.cast(pl.String).str.to_lowercase()


def _log_ratio(train: pl.Series, label: Floats, test: pl.Series, won: float, lost: float) -> Floats:
    """Return ln P(value | won) / P(value | lost); a missing or unseen value adds nothing."""
    counted = (
        pl.DataFrame({"value": train, "won": label}).drop_nulls().group_by("value").agg(pl.col("won").sum(), pl.len())
    )
    ratio = ((pl.col("won") + NEVER) / won / (pl.col("len") - pl.col("won") + NEVER) * lost).log()
    table = counted.select("value", ratio.alias("ratio"))
    return (
        pl.DataFrame({"value": test})
        .join(table, on="value", how="left", maintain_order="left")["ratio"]
        .fill_null(0.0)
        .to_numpy()
    )
