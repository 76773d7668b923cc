"""Rows as fields of leads."""

from collections import Counter
from collections.abc import Mapping

import polars as pl

from connectors.files.parsing import parsed, unread
from connectors.warehouse import people
from connectors.warehouse.settings import FieldRows
from vocabulary.fields import KEPT, TIME, FieldType
from vocabulary.moments import DAY, written
from vocabulary.pages import FIELDS_OF
from vocabulary.rows import FURTHER


def prefix(name: str) -> str:
    """Return the part before the colon of the ids of what a source says."""
    return f"{FIELDS_OF}.{name}"


def records(rows: pl.DataFrame, told: FieldRows, name: str) -> pl.Series:
    """Return the ids of what rows say: one for each person; null for rows that name nobody."""
    named = people.named(rows, told.lead)
    keys = named["lead"].fill_null(named["address"]) if len(named) else named["lead"]
    digests = {key: f"{prefix(name)}:{people.digest(key)}" for key in keys.unique().drop_nulls()}
    return pl.Series("id", [digests.get(key) for key in keys], dtype=pl.String)


def further(
    rows: pl.DataFrame,
    told: FieldRows,
    name: str,
    types: Mapping[str, FieldType],
    zone: str | None,
    changed: pl.Series,
    left_out: Counter[str],
) -> pl.DataFrame:
    """Return what rows say about leads (`FURTHER`), and count what cannot be used."""
    path = f"fields.{name}.columns"
    columns = [
        _values(rows, told.columns_of[field], kind, zone, f"{path}.{field}", left_out).alias(field)
        for field, kind in types.items()
    ]
    named = people.named(rows, told.lead).with_columns(
        records(rows, told, name), changed.cast(TIME).alias("changed_at"), *columns
    )
    left_out[people.NOBODY] += named["id"].null_count()
    return named.drop_nulls("id").select(*FURTHER, *types)


def _values(
    rows: pl.DataFrame, column: str, kind: FieldType, zone: str | None, option: str, left_out: Counter[str]
) -> pl.Series:
    """Return a column as a field has its values; null where it is empty or unreadable."""
    cells, dtype = pl.col(column), rows.schema[column]
    if dtype == pl.Null:
        return pl.Series(column, [None] * len(rows), dtype=KEPT[kind])
    if kind == "number" and dtype == pl.Boolean:
        return rows[column].cast(pl.Float64)
    if kind != "time":
        left_out[people.UNREADABLE] += rows.select(unread(kind, cells, dtype).fill_null(value=False).sum()).item()
        if kind == "date" and isinstance(dtype, pl.Datetime) and dtype.time_zone:
            cells = cells.dt.convert_time_zone(zone or "UTC")
        return rows.select(parsed(kind, cells, dtype).cast(KEPT[kind])).to_series()
    return _times(rows, column, zone, option, left_out)


def _times(rows: pl.DataFrame, column: str, zone: str | None, option: str, left_out: Counter[str]) -> pl.Series:
    """Return ISO texts; a day without a clock stays one, since the scorecard says when it begins."""
    dtype = rows.schema[column]
    if dtype == pl.Date:
        return rows[column].dt.to_string("%Y-%m-%d")
    days = pl.lit(value=False)
    if dtype == pl.String:
        days = pl.col(column).str.strip_chars().str.contains(DAY).fill_null(value=False)
    clocked = rows.with_columns(pl.when(~days).then(pl.col(column)).alias(column))
    found = people.times(clocked, column, zone, option)
    texts = clocked.select(written(pl.lit(found)).alias("at")).to_series()
    told = clocked[column].is_not_null()
    if dtype == pl.String:
        told &= clocked[column].str.strip_chars() != ""
    left_out[people.UNREADABLE] += int((told & found.is_null()).sum())
    return rows.select(
        pl.when(days).then(pl.col(column).cast(pl.String).str.strip_chars()).otherwise(pl.lit(texts))
    ).to_series()
