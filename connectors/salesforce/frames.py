"""Convert Salesforce's answers to text frames, one column per queried field, and their columns to typed values."""

import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl

from connectors.salesforce.errors import Unreadable
from vocabulary.fields import FLAGS, FieldType
from vocabulary.moments import DAY, written

MERGED_ID: Final = "MasterRecordId"


def of_csv(body: bytes, columns: Sequence[str]) -> pl.DataFrame:
    """Parse a CSV answer of Bulk API 2.0 into text columns named as queried; empty cells are null.

    The bytes are UTF-8: https://developer.salesforce.com/docs/platform/api-asynch/guide/datafiles-prepare-csv.md
    (2026-11).
    """
    return _named(table(body), columns) if body.strip() else empty(columns)


def table(body: bytes) -> pl.DataFrame:
    """Parse CSV as text; empty cells are null."""
    try:
        return pl.read_csv(io.BytesIO(body), infer_schema=False, null_values="")
    except pl.exceptions.PolarsError as error:
        raise Unreadable(f"CSV that cannot be read: {error}") from error


def _named(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Name the columns as in the query, because Salesforce answers in its own letter case.

    Their order is that of the query since API version 50.0:
    https://developer.salesforce.com/docs/atlas.en-us.226.0.api_bulk_v2.meta/api_bulk_v2/query_get_job_results.htm
    (2026-11).
    """
    if [name.lower() for name in frame.columns] != [name.lower() for name in columns]:
        raise Unreadable(f"CSV with the columns {', '.join(frame.columns)} instead of {', '.join(columns)}")
    return frame.rename(dict(zip(frame.columns, columns, strict=True)))


def of_json(records: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> pl.DataFrame:
    """Convert the records of a REST answer to the same text columns as `of_csv`. Each has every requested field."""
    paths = {column: column.split(".") for column in columns}
    return pl.DataFrame(
        {column: [_text_at(record, path) for record in records] for column, path in paths.items()},
        schema=dict.fromkeys(columns, pl.String),
    )


def _text_at(record: Mapping[str, Any] | None, path: Sequence[str]) -> str | None:
    value: Any = record
    for step in path:
        value = None if value is None else _member(value, step)
    match value:
        case None | "":
            return None
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case int() | float():
            return str(value)
        case _:
            raise Unreadable(f"a record whose {'.'.join(path)} is not a single value")


def _member(record: Any, name: str) -> Any:
    """Return a field, null if empty. Salesforce answers in its own letter case."""
    if type(record) is not dict:  # isinstance() would take a third of the time for a page
        raise Unreadable(f"a record in which {name} has no parent")
    if name in record:
        return record[name]
    for key, value in record.items():
        if key.lower() == name.lower():
            return value
    raise Unreadable(f"a record without {name}")


def ids(rows: pl.DataFrame) -> set[str]:
    """Return the ids of a page's records. Each record must have one and occur once."""
    found = set(rows["Id"])
    if None in found:
        raise Unreadable("a record without an id")
    if len(found) != rows.height:
        raise Unreadable("a page that repeats its records")
    return found


def check_ids(rows: pl.DataFrame) -> None:
    """Raise `Unreadable` if an id is invalid."""
    _check(rows, "Id", pl.col("Id").str.contains(r"^[A-Za-z0-9]{15}([A-Za-z0-9]{3})?$"), needed=True)


def check_flags(rows: pl.DataFrame, column: str, *, needed: bool) -> None:
    """Raise `Unreadable` if a checkbox is neither true nor false. A field of an invisible parent is null."""
    _check(rows, column, pl.col(column).is_in(["true", "false"]), needed=needed)


def check_times(rows: pl.DataFrame, column: str, *, needed: bool) -> None:
    """Raise `Unreadable` if a time is invalid."""
    _check(rows, column, pl.col(column).str.contains(r"^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d|$)"), needed=needed)


def _check(rows: pl.DataFrame, column: str, is_right: pl.Expr, *, needed: bool) -> None:
    if not rows.select(is_right.fill_null(not needed).all()).item():
        raise Unreadable(f"a record whose {column} is invalid")


def empty(columns: Sequence[str]) -> pl.DataFrame:
    """Return text columns without rows."""
    return pl.DataFrame(schema=dict.fromkeys(columns, pl.String))


def moment(column: str) -> pl.Expr:
    """Parse a date or a time, in the format of REST (`…000+0000`) or Bulk (`…000Z`). Both are always UTC (recorded)."""
    return _moment(pl.col(column))


def _moment(text: pl.Expr) -> pl.Expr:
    is_day = text.str.len_bytes() == len("2026-01-31")
    second = pl.when(is_day).then(text + "T00:00:00").otherwise(text.str.slice(0, len("2026-01-31T12:34:56")))
    milliseconds = text.str.slice(len("2026-01-31T12:34:56."), 3).cast(pl.Int64, strict=False).fill_null(0)
    # Whole seconds alone have a fast path in Polars, five times as fast as with the fraction.
    whole = second.str.to_datetime("%Y-%m-%dT%H:%M:%S", time_unit="us", strict=False, cache=False)
    return (whole + pl.duration(milliseconds=milliseconds, time_unit="us")).dt.replace_time_zone("UTC")


def number(column: str) -> pl.Expr:
    """Parse a number; null if invalid."""
    return pl.col(column).cast(pl.Float64, strict=False)


def _flag(text: pl.Expr) -> pl.Expr:
    """Parse a checkbox, or a text such as yes or no."""
    said = text.str.to_lowercase().str.strip_chars()
    return said.replace_strict(FLAGS, default=None, return_dtype=pl.Boolean)


def typed(column: str, field_type: FieldType) -> pl.Expr:
    """Return a column as a scorecard type."""
    return read(pl.col(column), field_type)


def kept(text: pl.Expr, field_type: FieldType) -> pl.Expr:
    """Return a text column as a scorecard type, in the form that the mirror keeps: a Date has no clock and stays so."""
    if field_type != "time":
        return read(text, field_type)
    return pl.when(text.str.contains(DAY)).then(text).otherwise(written(_moment(text)))


def read(text: pl.Expr, field_type: FieldType) -> pl.Expr:
    """Return a text column as a scorecard type."""
    match field_type:
        case "text":
            return text
        case "number":
            return text.cast(pl.Float64, strict=False)
        case "flag":
            return _flag(text)
        case "time":
            return _moment(text)
        case "date":
            return _moment(text).dt.date()
        case "list" | "member_of":
            return text.str.split(";").list.eval(pl.element().str.strip_chars())
