"""Field values: stored as one JSON text per lead or account, and read into typed columns."""

from collections.abc import Mapping
from typing import Any, Final

import orjson
import polars as pl

from store.sql.errors import StoreError
from vocabulary.fields import KEPT, FieldType

_OPTIONS: Final = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z


def packed(fields: pl.DataFrame) -> pl.Series:
    """Return one JSON text per row, with sorted names and without missing values."""
    return pl.Series("fields", [_pack(row) for row in fields.iter_rows(named=True)], dtype=pl.String)


def unpacked(texts: pl.Series, fields: Mapping[str, FieldType]) -> pl.DataFrame:
    """Return one column per field (`KEPT`, but of dates); values that a text lacks are null."""
    wire = pl.Struct([pl.Field(name, _wire(kind)) for name, kind in fields.items()])
    if not fields:
        return pl.DataFrame(height=len(texts))
    try:
        values = texts.str.json_decode(wire).struct.unnest()
    except pl.exceptions.ComputeError as error:
        raise StoreError(
            "A field of the mirror has a different type than the scorecard declares. "
            "Read the CRM again with `leadgauge backfill`."
        ) from error
    return values.select(_typed(name, kind) for name, kind in fields.items())


def without(text: str, names: set[str]) -> str:
    """Return a JSON text without the named values."""
    return orjson.dumps(
        {name: value for name, value in orjson.loads(text).items() if name not in names}, option=_OPTIONS
    ).decode()


def differences(before: pl.DataFrame, after: pl.DataFrame) -> dict[str, set[str]]:
    """Return the names of the fields in which accounts (`account`, `fields`) differ from before, by account."""
    known = dict(before.select("account", "fields").iter_rows())
    return {
        account: _different(orjson.loads(known.get(account, "{}")), orjson.loads(text))
        for account, text in after.select("account", "fields").iter_rows()
    }


def _different(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def _pack(row: dict[str, Any]) -> str:
    known = {name: value for name, value in row.items() if value is not None and value != []}
    return orjson.dumps(known, option=_OPTIONS).decode()


def _wire(kind: FieldType) -> pl.DataType:
    return pl.String() if kind == "date" else KEPT[kind]


def _typed(name: str, kind: FieldType) -> pl.Expr:
    if kind == "date":
        return pl.col(name).str.slice(0, len("2026-03-31")).str.to_date()  # it may have been declared as a time
    return pl.col(name)
