"""Table rules: points by the value of one field."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

import numpy as np
import polars as pl
from pydantic import BeforeValidator, Field, ValidationInfo, model_validator

from scoring.card.base import Declarations
from scoring.card.mistakes import CardMistake, meant, refuse
from scoring.card.ranges import Range
from scoring.card.rules.base import BaseRule, Given, Naming, Points
from scoring.card.values import as_text, in_words, typed
from vocabulary.fields import FieldType

if TYPE_CHECKING:
    from scoring.conditions import Terms
    from scoring.history import History
    from vocabulary.arrays import Floats


FLAGS: Final = {"true": "yes", "false": "no"}


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
    def shown_field(self) -> str:
        """The table's field."""
        return self.table

    @property
    def uncut(self) -> Range:
        """The lowest and highest points in the table."""
        points = [*self.points.values(), self.otherwise, self.missing]
        return Range(min(points), max(points))

    def column(self, terms: "Terms") -> pl.Expr:
        """Return the place of the field's value in the table; then comes any other value, then a missing one."""
        values = [typed(written, terms.fields[self.table]) for written in self.points]
        found = pl.col(self.table).replace_strict(
            values, list(range(len(values))), default=len(values), return_dtype=pl.Int64
        )
        return pl.when(pl.col(self.table).is_null()).then(len(values) + 1).otherwise(found)

    def given(self, answers: "Floats | None", frame: pl.DataFrame, history: "History") -> Given:
        """Return the points from the table, and the value that they are for."""
        del history
        assert answers is not None
        place = answers.astype(np.int64)
        points = np.array([*self.points.values(), self.otherwise, self.missing], np.float64)
        return Given(points[place], naming=Naming(self._texts(frame.schema[self.table]), place))

    def _texts(self, dtype: pl.DataType) -> list[str]:
        """Return what reasons call each value: a text speaks for itself."""
        if dtype == pl.String():
            written = [in_words(value) for value in self.points]
        else:
            shown = FLAGS if dtype == pl.Boolean() else {}
            written = [f"{self.name}: {shown.get(value.strip().lower(), value)}" for value in self.points]
        return [*written, f"{self.name}: other", f"{self.name}: unknown"]
