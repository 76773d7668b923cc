"""How the outbox stores output fields: column types, reasons to be pending, and values as JSON."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import orjson
import polars as pl
from sqlalchemy import BigInteger, Double, Integer, Text

from store.sql.database import micros, moment
from store.sql.schema import OUTPUTS
from vocabulary.fields import TIME
from vocabulary.outputs import BY_NAME, COMPUTED, TIMES, Output
from vocabulary.writes import Value

REASONS: Final = "lead_score_reasons"
DTYPES: Final[dict[Any, pl.DataType]] = {
    Integer: pl.Int64(),
    BigInteger: pl.Int64(),
    Double: pl.Float64(),
    Text: pl.String(),
}
SCHEMA: Final = {name: DTYPES[kind] for name, kind in OUTPUTS.items()}
TOLD: Final = {f"told_{name}": dtype for name, dtype in SCHEMA.items()}


AGAIN: Final = "again"
"""Pending because it was in flight when a run broke off, or its lead was merged: all values are sent."""
ANEW: Final = "anew"
"""Pending because a field was created, recreated or adopted: all values are sent."""

MEND: Final = "mend"
"""Pending because fields drifted: the values that differ and those that drifted are sent."""


def rounded(results: pl.DataFrame) -> pl.DataFrame:
    """Return `lead` and the outputs, rounded as they are written; absent outputs are null.

    Raise ValueError for a column that is not an output, since it would be lost silently.
    """
    if strange := set(results.columns) - {"lead", *COMPUTED}:
        raise ValueError(f"the results hold {', '.join(sorted(strange))}, which `vocabulary.outputs` does not declare")
    absent = [pl.lit(None, SCHEMA[name]).alias(name) for name in COMPUTED if name not in results.columns]
    return results.with_columns(absent).select("lead", *(_written(BY_NAME[name]) for name in COMPUTED))


def _written(output: Output) -> pl.Expr:
    column = pl.col(output.name).cast(output.dtype)
    if output.type == "time":
        return column.cast(pl.Int64)
    return column.round(output.decimals) if output.type == "number" and output.decimals else column


def as_moments(frame: pl.DataFrame) -> pl.DataFrame:
    """Convert stored microseconds to times."""
    return frame.with_columns(pl.col(name).cast(TIME) for name in frame.columns if name.removeprefix("told_") in TIMES)


def dumped(values: Mapping[str, Value]) -> str:
    """Return values, by output, as JSON."""
    return orjson.dumps(dict(values), option=orjson.OPT_UTC_Z).decode()


def loaded(text: str) -> dict[str, Value]:
    """Return the values that `dumped` wrote."""
    values = orjson.loads(text)
    for name in TIMES.intersection(values):
        if values[name]:
            values[name] = datetime.fromisoformat(values[name]).astimezone(UTC)
    return values  # type: ignore[no-any-return]  # JSON


def to_column(value: Value) -> Any:
    """Convert a value for storage."""
    return micros(value) if isinstance(value, datetime) else value


def from_column(name: str, value: Any) -> Value:
    """Convert a stored value for the CRM."""
    return moment(value) if name in TIMES and value is not None else value
