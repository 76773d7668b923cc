"""Odoo's predictive lead scoring, for comparison: naive Bayes over the values of each field."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import polars as pl

from calibrate.guards.emptiness import Value, like
from calibrate.learning.bins import cuts
from calibrate.past.panel import Panel
from calibrate.statistics.fit import Floats, sigmoid

NEVER: Final = 0.1
"""What Odoo adds to every count, so that an unseen value does not decide alone."""


def chances(train: Panel, test: Panel, names: Sequence[str], usual: Mapping[str, Value]) -> Floats:
    """Return the chances of the test snapshots by Odoo's method; a missing value counts as the usual one."""
    won = train.label.sum() + NEVER
    lost = len(train) - train.label.sum() + NEVER
    odds = np.full(len(test), np.log(won / lost))
    for name in names:
        edges = cuts(train.fields[name]) if train.fields[name].dtype == pl.Float64 else []
        values = _values(train.fields[name], edges), _values(test.fields[name], edges)
        base = _values(like(train.fields[name], usual[name]), edges)[0] if name in usual else None
        odds += _log_ratio(values[0], train.label, values[1], won, lost, base)
    return sigmoid(odds)


def _values(column: pl.Series, edges: Sequence[float]) -> pl.Series:
    if column.dtype == pl.Float64:
        binned = pl.Series(np.searchsorted(edges, column.fill_null(0).to_numpy(), side="right")).cast(pl.String)
        return binned.set(column.is_null(), None)
    if isinstance(column.dtype, pl.List):
        return column.list.sort().list.join(";")
    return column.cast(pl.String).str.to_lowercase()


def _log_ratio(
    train: pl.Series, label: Floats, test: pl.Series, won: float, lost: float, base: str | None = None
) -> Floats:
    """Return ln P(value | won) / P(value | lost), over that of a base; a missing or unseen value adds nothing."""
    counted = (
        pl.DataFrame({"value": train, "won": label}).drop_nulls().group_by("value").agg(pl.col("won").sum(), pl.len())
    )
    ratio = ((pl.col("won") + NEVER) / won / (pl.col("len") - pl.col("won") + NEVER) * lost).log()
    table = counted.select("value", ratio.alias("ratio"))
    if base is not None:
        table = table.with_columns(pl.col("ratio") - pl.col("ratio").filter(pl.col("value") == base).sum())
    return (
        pl.DataFrame({"value": test})
        .join(table, on="value", how="left", maintain_order="left")["ratio"]
        .fill_null(0.0)
        .to_numpy()
    )
