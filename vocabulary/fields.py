"""The types that a field may have, and how a frame holds each."""

from typing import Final, Literal

import polars as pl

FieldType = Literal["text", "number", "flag", "time", "list"]
"""The types a scorecard may declare for a field."""

TIME: Final = pl.Datetime("us", "UTC")

DTYPES: Final[dict[FieldType, pl.DataType]] = {
    "text": pl.String(),
    "number": pl.Float64(),
    "flag": pl.Boolean(),
    "time": TIME,
    "list": pl.List(pl.String()),
}
"""How a frame holds a field of each type. Missing is always null; a list without entries is null too."""
