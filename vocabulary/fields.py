"""The field types and the Polars dtype of each."""

from typing import Final, Literal

import polars as pl

FieldType = Literal["text", "number", "flag", "time", "date", "list", "member_of"]
"""The types a scorecard may declare for a field. A date is a day on the calendar; scoring applies the card's zone.

`member_of` is a list of what a lead belongs to, of which none is an answer too.
"""

PlainFieldType = Literal["text", "number", "flag", "time", "date", "list"]
"""The types a scorecard may declare for a field of deals or of accounts: only leads are in segments or campaigns."""

LISTS: Final = frozenset[FieldType]({"list", "member_of"})
"""The types whose values are lists of texts."""

ALSO_CALLED: Final[dict[str, FieldType]] = {
    **dict.fromkeys(("string", "str", "varchar", "picklist"), "text"),
    **dict.fromkeys(("integer", "int", "float", "double", "decimal", "currency"), "number"),
    **dict.fromkeys(("bool", "boolean", "checkbox"), "flag"),
    **dict.fromkeys(("datetime", "timestamp"), "time"),
    **dict.fromkeys(("array", "multiselect"), "list"),
    **dict.fromkeys(("membership", "memberships", "segments"), "member_of"),
}
"""What other programs call the types: not accepted, but understood."""

ACCOUNT: Final = "account."
"""The prefix of a field that belongs to the account alone, not to its leads."""


def option_of(field: str) -> str:
    """Return the option of the settings that maps a field: `fields.industry`, or `accounts.employees`."""
    return f"accounts.{field.removeprefix(ACCOUNT)}" if field.startswith(ACCOUNT) else f"fields.{field}"


TIME: Final = pl.Datetime("us", "UTC")

FLAGS: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
"""Texts that are read as true or false, from a CRM and from a file alike; in lower case."""

DTYPES: Final[dict[FieldType, pl.DataType]] = {
    "text": pl.String(),
    "number": pl.Float64(),
    "flag": pl.Boolean(),
    "time": TIME,
    "date": pl.Date(),
    "list": pl.List(pl.String()),
    "member_of": pl.List(pl.String()),
}
"""The dtype of each field type. A missing value is always null; so is an empty list. Of memberships null means none."""

KEPT: Final[dict[FieldType, pl.DataType]] = {**DTYPES, "time": pl.String()}
"""The dtype of each field type in what a CRM gives and the mirror keeps: there a time is an ISO text, which may be a
day without a clock (`vocabulary.moments`)."""
