"""Whose a row is, and rows that cannot be used."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Final

import polars as pl

from connectors.base import ConfigurationError
from connectors.warehouse import moments
from connectors.warehouse.settings import Whose
from vocabulary.rows import address_digest
from vocabulary.units import counted

NOBODY: Final = "name nobody"
WITHOUT_TIME: Final = "have no time that can be read"
OTHER_KIND: Final = "have a value in the column of the kind that the settings do not name"
UNREADABLE: Final = "have a value that cannot be read as its type"
"""Such a row is not left out."""

_ZONE: Final = (
    "Add `timezone: NAME` to `warehouse`, such as Europe/Berlin, if all such times are on its clocks; or store times"
    " with their zone."
)
_LONGEST: Final = 200
"""Longer ids are kept as digests: an index of PostgreSQL takes no longer text."""


def named(rows: pl.DataFrame, whose: Whose) -> pl.DataFrame:
    """Return `lead` and `address` of each row: the id as it is, or the digest of the e-mail address."""
    told = rows[whose.column].cast(pl.String).str.strip_chars()
    told = told.set(told == "", None)
    nothing = pl.Series([None] * len(rows), dtype=pl.String)
    if whose.email is None:
        return pl.DataFrame({"lead": told, "address": nothing}, schema={"lead": pl.String, "address": pl.String})
    digests = {address: address_digest(address) for address in told.unique().drop_nulls()}
    found = [digests.get(address) for address in told]
    return pl.DataFrame({"lead": nothing, "address": found}, schema={"lead": pl.String, "address": pl.String})


def identities(rows: pl.DataFrame, column: str | None) -> pl.Series:
    """Return what tells each row from the others: its id, or a digest of all that is read of it."""
    if column is not None:
        return pl.Series([_short(one) for one in rows[column].cast(pl.String)], dtype=pl.String)
    texts = rows.select(pl.all().cast(pl.String))
    return pl.Series([digest(*row) for row in texts.iter_rows()], dtype=pl.String)


def digest(*parts: str | None) -> str:
    """Return the digest of texts, of which some may be missing."""
    told = "\x1f".join("\x00" if part is None else part for part in parts)
    return hashlib.blake2b(told.encode(), digest_size=12).hexdigest()


def times(rows: pl.DataFrame, column: str, zone: str | None, option: str) -> pl.Series:
    """Return the moments of a column; raise if one names no zone and the settings name none either."""
    dtype = rows.schema[column]
    if zone is None and rows.select(moments.without_zone(pl.col(column), dtype).fill_null(value=False).any()).item():
        raise ConfigurationError(
            f"The times of the column {column} (`warehouse.{option}`) name no time zone.", remedy=_ZONE
        )
    return rows.select(moments.read(pl.col(column), dtype, zone)).to_series()


def sentences(label: str, counts: Mapping[str, int]) -> Iterator[str]:
    """Yield how many rows were left out, and why."""
    for why, count in counts.items():
        if count:
            is_missing = " and counts as missing" if count == 1 else " and count as missing"
            is_left_out = " and is left out" if count == 1 else " and are left out"
            end = is_missing if why == UNREADABLE else is_left_out
            yield f"{label}: {counted(count, 'rows')} {_agreeing(why, count)}{end}."


def _agreeing(why: str, count: int) -> str:
    return why if count != 1 else why.replace("name nobody", "names nobody").replace("have ", "has ", 1)


def _short(identity: str | None) -> str | None:
    """Return an id without colons, which part ids in the mirror."""
    if identity is None or identity == "":
        return None
    told = identity.replace("%", "%25").replace(":", "%3A")
    return told if len(told.encode()) <= _LONGEST else digest(told)
