"""Fields computed on read: they are not stored, and a change of them bumps no timestamp."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import polars as pl

from leadgauge_sandbox.salesforce.schema.field import Field

ADDRESS_PARTS: Final = (
    "city",
    "country",
    "geocodeAccuracy",
    "latitude",
    "longitude",
    "postalCode",
    "state",
    "street",
)
ARCHIVED_AFTER: Final = timedelta(days=365)

Build = Callable[[Sequence[pl.Expr], date], pl.Expr]


@dataclass(frozen=True, slots=True)
class Formula:
    """The paths a formula reads, and its expression over those columns and today's date."""

    needs: tuple[str, ...]
    build: Build


def _person_name(parts: Sequence[pl.Expr], _today: date) -> pl.Expr:
    return pl.concat_str(*parts, separator=" ", ignore_nulls=True)


def _photo(parts: Sequence[pl.Expr], _today: date) -> pl.Expr:
    return pl.lit("/services/images/photo/") + parts[0]


def _size(parts: Sequence[pl.Expr], _today: date) -> pl.Expr:
    employees = parts[0]
    small, medium = 50, 1000
    name = pl.when(employees < small).then(pl.lit("Small")).when(employees < medium).then(pl.lit("Medium"))
    return name.when(employees.is_not_null()).then(pl.lit("Large"))


def _domain(parts: Sequence[pl.Expr], _today: date) -> pl.Expr:
    return parts[0].str.extract("@(.+)$").str.to_lowercase()


def _archived(parts: Sequence[pl.Expr], today: date) -> pl.Expr:
    """Activities are archived a year after they were due; tasks only if closed."""
    due, *closed = parts
    return pl.all_horizontal(due < today - ARCHIVED_AFTER, *closed).fill_null(value=False)


def _address(parts: Sequence[pl.Expr], _today: date) -> pl.Expr:
    named = [part.alias(name) for part, name in zip(parts, ADDRESS_PARTS, strict=True)]
    return pl.when(pl.any_horizontal(*(part.is_not_null() for part in parts))).then(pl.struct(named))


_FORMULAS: Final = {
    "PERSON_NAME": Formula(("FirstName", "LastName"), _person_name),
    "PHOTO_URL": Formula(("Id",), _photo),
    "CASE_SIZE(NumberOfEmployees)": Formula(("NumberOfEmployees",), _size),
    "CASE_SIZE(Account.NumberOfEmployees)": Formula(("Account.NumberOfEmployees",), _size),
    "EMAIL_DOMAIN(Email)": Formula(("Email",), _domain),
    "TASK_ARCHIVED": Formula(("ActivityDate", "IsClosed"), _archived),
    "EVENT_ARCHIVED": Formula(("ActivityDate",), _archived),
}


def _nothing(_parts: Sequence[pl.Expr], _today: date) -> pl.Expr:
    return pl.lit(None)


_NOT_COMPUTED: Final = Formula((), _nothing)
"""A custom formula, which the sandbox does not evaluate: its value is null."""


def formula_of(field: Field) -> Formula | None:
    """Return a field's formula, or None if it is stored."""
    if field.type == "address":
        prefix = field.name.removesuffix("Address")
        return Formula(tuple(prefix + part[0].upper() + part[1:] for part in ADDRESS_PARTS), _address)
    return None if field.formula is None else _FORMULAS.get(field.formula, _NOT_COMPUTED)
