"""Table rules: points by the value of one field."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

import numpy as np
import polars as pl
from pydantic import BeforeValidator, Field, ValidationInfo, model_validator

from scoring.card.conditions import LeadCondition
from scoring.card.declarations import Declarations
from scoring.card.intervals import Interval, Intervals, keys_as_text, range_mistakes
from scoring.card.mistakes import CardMistake, refuse
from scoring.card.ranges import Range
from scoring.card.rules.ahead import Ahead, never
from scoring.card.rules.base import BaseRule, Conditional, Given, Naming, Points
from scoring.card.rules.measure import Days, Source, field_of, measured, source_mistakes, type_of, until_days
from scoring.card.values import TIMES, in_words, typed
from vocabulary.fields import FieldType

if TYPE_CHECKING:
    from scoring.conditions import Terms
    from scoring.history import History
    from vocabulary.arrays import Floats, Ints


FLAGS: Final = {"true": "yes", "false": "no"}


class TableRule(BaseRule, Conditional):
    """Points by the value of one field."""

    key: ClassVar = "table"
    called_by_value: ClassVar = True

    table: Source = Field(
        description="The field whose value gives the points: text, number or flag; or `{days_since: …}` or"
        " `{days_until: …}` of a time field."
    )
    points: Annotated[dict[str, Points], BeforeValidator(keys_as_text)] = Field(
        min_length=1, description="The points of each value. Of a number: of each range, as `1-10`, `51+`, `below 5`."
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
        yield from source_mistakes("table", self.table, declared)
        field_type = type_of(self.table, declared)
        if field_type == "number":
            yield from (mistake.below("points") for mistake in range_mistakes(self.points))
        elif field_type in {"text", "flag"}:
            yield from self._value_mistakes(field_type)
        elif field_type is not None:
            remedy = "write `lead:` rules instead"
            if field_type in TIMES:
                remedy = f"write `table: {{days_since: {field_of(self.table)}}}`, or `lead:` rules"
            yield CardMistake(("table",), f"a table cannot use a {field_type} field", remedy)

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
    def lead_conditions(self) -> Mapping[str, LeadCondition]:
        """The condition that opens the rule."""
        return self.opening

    @property
    def fields(self) -> frozenset[str]:
        """The table's field."""
        return frozenset([field_of(self.table)])

    @cached_property
    def ranges(self) -> Intervals:
        """The ranges of a number or of days."""
        return Intervals.of(self.points)

    @property
    def gaps(self) -> Sequence[tuple[Interval, Interval]]:
        """Neighbouring ranges over days that leave out the moments between them."""
        return tuple(self.ranges.gaps()) if isinstance(self.table, Days) else ()

    @property
    def shown_field(self) -> str:
        """The table's field."""
        return field_of(self.table)

    @property
    def points_of_texts(self) -> Mapping[str, float]:
        """The points of each value of the field; of days there is no such value."""
        return {} if isinstance(self.table, Days) else self.points

    @property
    def points_of_missing(self) -> float:
        """The points of a missing value."""
        return self.missing

    @property
    def uncut(self) -> Range:
        """The lowest and highest points in the table."""
        closed = [0.0] if self.when else []
        points = [*self.points.values(), self.otherwise, self.missing, *closed]
        return Range(min(points), max(points))

    def column(self, terms: "Terms") -> pl.Expr:
        """Return the number, or the place of the value in the table; then any other value, then a missing one."""
        if isinstance(self.table, Days) or terms.fields[self.table] == "number":
            return measured(self.table)
        values = [typed(written, terms.fields[self.table]) for written in self.points]
        found = pl.col(self.table).replace_strict(
            values, list(range(len(values))), default=len(values), return_dtype=pl.Int64
        )
        return pl.when(pl.col(self.table).is_null()).then(len(values) + 1).otherwise(found)

    def given(self, answers: "Floats | None", frame: pl.DataFrame, history: "History") -> Given:
        """Return the points from the table, and the value that they are for."""
        del history
        assert answers is not None
        dtype = pl.Float64() if isinstance(self.table, Days) else frame.schema[self.table]
        place = self._in_ranges(answers) if dtype == pl.Float64() else answers.astype(np.int64)
        points = np.array([*self.points.values(), self.otherwise, self.missing], np.float64)
        return Given(points[place], naming=Naming(self._texts(dtype), place))

    def ahead(self, given: Given, answers: "Floats | None", frame: pl.DataFrame, history: "History") -> Ahead:
        """Return until when the days stay in their range; other values stay as they are."""
        del given, frame, history
        assert answers is not None
        if not isinstance(self.table, Days):
            return Ahead(never(len(answers)))
        return Ahead(until_days(self.table, answers, self.ranges.bounds))

    def _in_ranges(self, numbers: "Floats") -> "Ints":
        missing = np.isnan(numbers)
        return np.where(missing, len(self.points) + 1, self.ranges.places(np.where(missing, 0.0, numbers)))

    def _texts(self, dtype: pl.DataType) -> list[str]:
        """Return what reasons call each value: a text speaks for itself."""
        if dtype == pl.String():
            written = [in_words(value) for value in self.points]
        else:
            shown = FLAGS if dtype == pl.Boolean() else {}
            written = [f"{self.name}: {shown.get(value.strip().lower(), value)}" for value in self.points]
        return [*written, f"{self.name}: other", f"{self.name}: unknown"]
