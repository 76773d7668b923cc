"""Lead rules: points for what the lead is, given once."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import polars as pl
from pydantic import Field, ValidationInfo, model_validator

from scoring.card.conditions import LeadCondition
from scoring.card.declarations import Declarations, untimed
from scoring.card.mistakes import CardMistake, refuse
from scoring.card.ranges import Range
from scoring.card.rules.ahead import NEVER, Ahead, crossing, never
from scoring.card.rules.base import BaseRule, Decaying, Given, Points
from scoring.card.values import AS_OF

if TYPE_CHECKING:
    from scoring.conditions import Terms
    from scoring.history import History
    from vocabulary.arrays import Floats


class LeadRule(BaseRule, Decaying):
    """Points for what the lead is, given once."""

    key: ClassVar = "lead"
    too_wide: ClassVar = "fires for every lead: its condition cannot fail."

    lead: LeadCondition = Field(description="The condition that gives the points.")
    points: Points = Field(description="The points, positive or negative.")
    since: str | None = Field(None, description="A time field. The points decay with the time since then.")

    @model_validator(mode="after")
    def _check_since(self, info: ValidationInfo) -> "LeadRule":
        refuse("rule", self.mistakes(info.context))
        return self

    def mistakes(self, declared: Declarations | None) -> Iterator[CardMistake]:
        """Yield a mistake for a decay without `since`, or a `since` without a decay or that is not a time field."""
        if self.since is None:
            yield from (
                CardMistake((name,), f"{name} needs a time to start from", "set `since` to a time field")
                for name in self.decays
            )
            return
        if not (self.decays or (declared and declared.fading)):
            yield CardMistake(("since",), "`since` has no effect without a decay", "add half_life, lifespan or steps")
        if declared:
            yield from untimed("since", self.since, declared)

    @property
    def lead_conditions(self) -> Mapping[str, LeadCondition]:
        """The rule's condition."""
        return {"lead": self.lead}

    @property
    def fields(self) -> frozenset[str]:
        """The `since` field, if given."""
        return frozenset([self.since] if self.since else [])

    @property
    def shown_field(self) -> str | None:
        """The field of the condition, if it tests exactly one and nothing else."""
        fields, others = self.lead.tested
        return fields[0] if len(fields) == 1 and not others else None

    @property
    def fades(self) -> bool:
        """Whether there is a time to fade from."""
        return self.since is not None

    @property
    def uncut(self) -> Range:
        """Zero or all points."""
        return Range(min(self.points, 0), max(self.points, 0))

    def column(self, terms: "Terms") -> pl.Expr:
        """Return the full points if the condition holds."""
        return pl.when(terms.holds(self.lead)).then(self.points).otherwise(0.0)

    def given(self, answers: "Floats | None", frame: pl.DataFrame, history: "History") -> Given:
        """Return the points after decay."""
        del history
        assert answers is not None
        return Given(
            answers if self.since is None or not self.decays else answers * self._left(frame[self.since], frame[AS_OF])
        )

    def ahead(self, given: Given, answers: "Floats | None", frame: pl.DataFrame, history: "History") -> Ahead:
        """Return how the points fade, from the moment on from which they do."""
        del history
        assert answers is not None
        if self.since is None or not self.decays:
            return Ahead(never(len(answers)))
        since = frame[self.since]
        age = (frame[AS_OF] - since).cast(pl.Int64).fill_null(0).to_numpy()
        fades = (answers != 0) & since.is_not_null().to_numpy()
        begun = fades & (age >= 0)
        until = np.where(begun, self.even_until(np.maximum(0, age)), crossing(age, 0))
        left = np.where(begun, given.points, 0.0)
        return self.fading(np.where(fades, until, NEVER), left, np.where(begun & (left != 0), answers, 0.0))

    def _left(self, since: pl.Series, as_of: pl.Series) -> "Floats":
        """Return the share left after decay; 0 if `since` is missing."""
        age = (as_of - since).cast(pl.Int64).fill_null(0).to_numpy()
        return np.where(since.is_null().to_numpy(), 0.0, self.remaining(np.maximum(0, age)))
