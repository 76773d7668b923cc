"""Number rules: points per unit of a number, up to a maximum."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
import polars as pl
from pydantic import Field, ValidationInfo, model_validator

from scoring.card.base import CardModel
from scoring.card.conditions import LeadCondition
from scoring.card.declarations import Declarations
from scoring.card.mistakes import CardMistake, refuse
from scoring.card.ranges import Range
from scoring.card.rules.ahead import Ahead, never, next_sweep
from scoring.card.rules.base import BaseRule, Conditional, Given, Points
from scoring.card.rules.measure import Days, Source, field_of, measured, source_mistakes, type_of

if TYPE_CHECKING:
    from scoring.conditions import Terms
    from scoring.history import History
    from vocabulary.arrays import Floats


class NumberPoints(CardModel):
    """How many points a number gives."""

    give: Points = Field(description="The points for one unit, positive or negative.")
    per: float = Field(gt=0, allow_inf_nan=False, description="How much a unit is.")
    from_: float = Field(
        0, alias="from", allow_inf_nan=False, description="Where the units begin; less than this gives nothing."
    )
    shape: Literal["even", "root", "log"] = Field(
        "even",
        description="How the points grow with the units x: give times x (`even`), √x (`root`) or log2(1 + x) (`log`).",
    )

    def of(self, numbers: "Floats") -> "Floats":
        """Return the points of each number."""
        if not self.give:
            return np.zeros(len(numbers))
        units = np.maximum(0.0, numbers - self.from_) / self.per
        shaped: Floats = units
        if self.shape == "root":
            shaped = np.sqrt(units)
        elif self.shape == "log":
            shaped = np.log2(1 + units)
        return np.multiply(self.give, shaped)


class NumberRule(BaseRule, Conditional):
    """Points per unit of a number, up to a maximum."""

    key: ClassVar = "number"

    number: Source = Field(description="The number field, or `{days_since: …}` or `{days_until: …}` of a time field.")
    points: NumberPoints = Field(description="The points per unit.")
    maximum: float = Field(
        ge=0, allow_inf_nan=False, description="The points are cut to this, and to minus this if they are negative."
    )
    missing: Points = Field(0, description="The points of a missing value.")

    @model_validator(mode="after")
    def _check(self, info: ValidationInfo) -> "NumberRule":
        refuse("rule", self.mistakes(info.context))
        return self

    def mistakes(self, declared: Declarations | None) -> Iterator[CardMistake]:
        """Yield a mistake for a field that is not declared or no number."""
        if declared is None:
            return
        yield from source_mistakes("number", self.number, declared)
        if type_of(self.number, declared) not in {"number", None}:
            yield CardMistake(
                ("number",), f"'{field_of(self.number)}' is no number field", "use a `table:` or a `lead:` rule instead"
            )

    @property
    def lead_conditions(self) -> Mapping[str, LeadCondition]:
        """The condition that opens the rule."""
        return self.opening

    @property
    def fields(self) -> frozenset[str]:
        """The field that is measured."""
        return frozenset([field_of(self.number)])

    @property
    def shown_field(self) -> str:
        """The field that is measured."""
        return field_of(self.number)

    @property
    def uncut(self) -> Range:
        """Anything between nothing, the maximum and the points of a missing value."""
        most = self.maximum if self.points.give else 0
        ends = (0, -most if self.points.give < 0 else most, self.missing)
        return Range(min(ends), max(ends))

    def column(self, terms: "Terms") -> pl.Expr:
        """Return the number."""
        del terms
        return measured(self.number)

    def given(self, answers: "Floats | None", frame: pl.DataFrame, history: "History") -> Given:
        """Return the points of each number, cut to the maximum."""
        del frame, history
        assert answers is not None
        points = np.clip(self.points.of(answers), -self.maximum, self.maximum)
        return Given(np.where(np.isnan(answers), self.missing, points))

    def ahead(self, given: Given, answers: "Floats | None", frame: pl.DataFrame, history: "History") -> Ahead:
        """Return that days move every moment, unless they can no longer give other points; numbers stay as they are."""
        del frame, history
        assert answers is not None
        if not isinstance(self.number, Days):
            return Ahead(never(len(answers)))
        full, none = np.abs(given.points) >= self.maximum, answers <= self.points.from_
        settled = full & (answers > self.points.from_) if self.number.days_since else none
        return Ahead(next_sweep(~(np.isnan(answers) | settled)))
