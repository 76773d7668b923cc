"""Table rules: points by the value of one field."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import polars as pl
from pydantic import BeforeValidator, Field, ValidationInfo, model_validator

from scoring.card.base import Declarations
from scoring.card.mistakes import CardMistake, meant, refuse
from scoring.card.ranges import Range
from scoring.card.rules.base import BaseRule, Given, Points
from scoring.card.values import as_text, typed
from vocabulary.fields import FieldType

if TYPE_CHECKING:
    from scoring.conditions import Terms
    from scoring.history import History
    from vocabulary.arrays import Floats


def _keys_as_scalars(raw: object) -> object:
    return (
        {str(key) if not isinstance(key, bool) else as_text(key): points for key, points in raw.items()}
        if isinstance(raw, Mapping)
        else raw
    )


class TableRule(BaseRule):
    """Points by the value of one field."""

    key: ClassVar = "table"

    table: str = Field(description="The field whose value gives the points: text, number or flag.")
    points: Annotated[dict[str, Points], BeforeValidator(_keys_as_scalars)] = Field(
        min_length=1, description="The points of each value."
    )
    otherwise: Points = Field(0, description="The points of any other value.")
    missing: Points = Field(0, description="The points of a missing value.")

    @model_validator(mode="after")
    def _check(self, info: ValidationInfo) -> "TableRule":
        refuse("rule", self.mistakes(info.context))
        return self

    def mistakes(self, declared: Declarations | None) -> Iterator[CardMistake]:
        """Yield a mistake for an unknown or unsuitable field and for values that are wrong or duplicated."""
        if declared is None:
            return
        field_type = declared.fields.get(self.table)
        if field_type is None:
            names = ", ".join(declared.fields) or "none"
            remedy = meant(self.table, declared.fields, f"declare it, or use one of: {names}")
            yield CardMistake(("table",), f"there is no field '{self.table}'", remedy)
        elif field_type in {"time", "date", "list"}:
            yield CardMistake(("table",), f"a table cannot use a {field_type} field", "write `lead:` rules instead")
        else:
            yield from self._value_mistakes(field_type)

    def _value_mistakes(self, field_type: FieldType) -> Iterator[CardMistake]:
        seen: dict[Any, str] = {}
        for written in self.points:
            try:
                value = typed(written, field_type)
            except ValueError as error:
                yield CardMistake(("points", written), str(error), given=written)
                continue
            if value in seen:
                yield CardMistake(
                    ("points", written), f"'{written}' is the same value as '{seen[value]}'", "keep one of them"
                )
            seen[value] = written

    @property
    def fields(self) -> frozenset[str]:
        """The table's field."""
        return frozenset([self.table])

    @property
    def uncut(self) -> Range:
        """The lowest and highest points in the table."""
        points = [*self.points.values(), self.otherwise, self.missing]
        return Range(min(points), max(points))

    def column(self, terms: "Terms") -> pl.Expr:
        """Return the points of the field's value."""
        values = {typed(written, terms.fields[self.table]): points for written, points in self.points.items()}
        found = pl.col(self.table).replace_strict(
            list(values), list(values.values()), default=self.otherwise, return_dtype=pl.Float64
        )
        return pl.when(pl.col(self.table).is_null()).then(self.missing).otherwise(found)

    def given(self, answers: "Floats | None", frame: pl.DataFrame, history: "History") -> Given:
        """Return the points from the table."""
        del frame, history
        assert answers is not None
        return Given(answers)
