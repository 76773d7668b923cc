"""Rows as activities."""

from collections import Counter
from typing import Final

import polars as pl

from connectors.files.parsing import parsed, unread
from connectors.warehouse import people
from connectors.warehouse.settings import ActivityRows, KindFrom
from vocabulary.rows import ACTIVITIES

_NUMBERS: Final = ("seconds", "value")
_TEXTS: Final = ("url", "name")


def prefix(name: str) -> str:
    """Return the part before the colon of the ids of a source's activities."""
    return f"warehouse.{name}"


def records(rows: pl.DataFrame, told: ActivityRows, name: str) -> pl.Series:
    """Return the ids of the activities that rows become; null for those without."""
    return f"{prefix(name)}:" + people.identities(rows, told.id)


def activities(
    rows: pl.DataFrame, told: ActivityRows, name: str, zone: str | None, left_out: Counter[str]
) -> pl.DataFrame:
    """Return the activities that rows become, and count those that become none."""
    whose = people.named(rows, told.lead)
    happened = people.times(rows, told.at, zone, f"activities.{name}.at")
    done = whose.with_columns(
        id=records(rows, told, name),
        kind=_kinds(rows, told.kind),
        occurred_at=happened,
        **{option: _text(rows, getattr(told, option)) for option in _TEXTS},
        **{option: _number(rows, getattr(told, option), left_out) for option in _NUMBERS},
        **{other: pl.lit(None, ACTIVITIES[other]) for other in ("mail", "sent_at", "mail_domain")},
    )
    for why, missing in _reasons().items():
        left_out[why] += done.filter(missing).height
        done = done.filter(~missing)
    return done.select(ACTIVITIES.names()).cast(ACTIVITIES)


def _reasons() -> dict[str, pl.Expr]:
    """Return when a row becomes no activity, by what to say about it."""
    return {
        people.NOBODY: pl.col("lead").is_null() & pl.col("address").is_null(),
        "have no id": pl.col("id").is_null(),
        people.WITHOUT_TIME: pl.col("occurred_at").is_null(),
        people.OTHER_KIND: pl.col("kind").is_null(),
    }


def _kinds(rows: pl.DataFrame, kind: str | KindFrom) -> pl.Series:
    if isinstance(kind, str):
        return pl.Series([kind] * len(rows), dtype=pl.String)
    told = rows[kind.column].cast(pl.String)
    return told.replace_strict(kind.kinds, default=None, return_dtype=pl.String)


def _text(rows: pl.DataFrame, column: str | None) -> pl.Expr | pl.Series:
    if column is None:
        return pl.lit(None, pl.String)
    told = rows[column].cast(pl.String)
    return told.set(told.str.strip_chars() == "", None)


def _number(rows: pl.DataFrame, column: str | None, left_out: Counter[str]) -> pl.Expr | pl.Series:
    if column is None:
        return pl.lit(None, pl.Float64)
    dtype = rows.schema[column]
    if dtype == pl.Boolean:
        return rows[column].cast(pl.Float64)
    left_out[people.UNREADABLE] += rows.select(
        unread("number", pl.col(column), dtype).fill_null(value=False).sum()
    ).item()
    found = rows.select(parsed("number", pl.col(column), dtype)).to_series()
    return found.set(found.is_nan() | found.is_infinite(), None)
