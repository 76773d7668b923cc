"""What a table or a number rule measures: a field, or the days since or until a time."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
import polars as pl
from pydantic import Field, WrapValidator, model_validator

from scoring.card.base import CardModel
from scoring.card.declarations import Declarations, too_early
from scoring.card.mistakes import CardMistake, meant, refuse
from scoring.card.rules.ahead import NEVER, crossing
from scoring.card.values import AS_OF, DAY, TIMES
from vocabulary.fields import FieldType

if TYPE_CHECKING:
    from pydantic import ValidationInfo, ValidatorFunctionWrapHandler

    from vocabulary.arrays import Floats, Ints


class Days(CardModel):
    """The days from a time to the time of scoring, or the other way round; not rounded, below 0 if it is reversed."""

    days_since: str | None = Field(None, description="A time field: the days since then.")
    days_until: str | None = Field(None, description="A time field: the days until then.")

    @model_validator(mode="after")
    def _check(self) -> "Days":
        if (self.days_since is None) == (self.days_until is None):
            refuse("days", [CardMistake((), "one time is needed here", "write days_since or days_until")])
        return self

    @property
    def field(self) -> str:
        """The time field."""
        return self.days_since or self.days_until or ""

    @property
    def way(self) -> Literal["days_since", "days_until"]:
        """The option that is given."""
        return "days_until" if self.days_since is None else "days_since"


def _by_form(raw: Any, handler: "ValidatorFunctionWrapHandler", info: "ValidationInfo") -> Any:
    """Read a mapping as days, so that its mistakes are reported for that form only."""
    return Days.model_validate(raw, context=info.context) if isinstance(raw, dict) else handler(raw)


Source = Annotated[str | Days, WrapValidator(_by_form)]


def field_of(source: "str | Days") -> str:
    """Return the field that is measured."""
    return source.field if isinstance(source, Days) else source


def type_of(source: "str | Days", declared: Declarations) -> FieldType | None:
    """Return the type of what is measured, or None if its field is not declared."""
    known = declared.fields.get(field_of(source))
    return "number" if isinstance(source, Days) and known else known


def source_mistakes(option: str, source: "str | Days", declared: Declarations) -> Iterator[CardMistake]:
    """Yield a mistake if a field is not declared, or if days are to be counted from what is no time."""
    name = field_of(source)
    path = (option, source.way) if isinstance(source, Days) else (option,)
    if declared.is_early and name in declared.late:
        yield too_early(path, name)
    elif name not in declared.fields:
        names = ", ".join(declared.fields) or "none"
        remedy = meant(name, declared.fields, f"declare it, or use one of: {names}")
        yield CardMistake(path, f"there is no field '{name}'", remedy)
    elif isinstance(source, Days) and declared.fields[name] not in TIMES:
        yield CardMistake(
            path, f"'{name}' is a {declared.fields[name]} field and has no days", "declare it as `time` or `date`"
        )


def measured(source: "str | Days") -> pl.Expr:
    """Return the number, null if it is missing."""
    if not isinstance(source, Days):
        return pl.col(source)
    days = (pl.col(AS_OF) - pl.col(source.field)).dt.total_microseconds() / DAY
    return days if source.days_since else -days


def until_days(source: Days, days: "Floats", bounds: Sequence[float]) -> "Ints":
    """Return in how many microseconds days come to one of the bounds, a little early; NEVER for missing ones.

    Days until a time become less, so that their bounds are those of the days since then with the opposite sign.
    """
    missing = np.isnan(days)
    sign = 1 if source.days_since else -1
    ages = np.floor(sign * np.where(missing, 0.0, days) * DAY).astype(np.int64)
    ends = [int(sign * bound * DAY) + beside for bound in bounds for beside in (-2, 2)]
    return np.where(missing, NEVER, crossing(ages, *ends))
