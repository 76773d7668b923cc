"""What all rules share: points, decay, and what the rest of leadgauge asks of a rule.

A rule type is one module beside this one and one entry in `scoring.card.rules.TYPES`. It holds its options, names the
conditions and fields it looks at, gives the points, and knows how many they can be. No other code distinguishes types.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import Field, model_validator

from scoring.card.base import CardModel, Declarations
from scoring.card.conditions import ActivityCondition, LeadCondition
from scoring.card.mistakes import CardMistake, refuse
from scoring.card.ranges import Range
from scoring.card.values import Percent, microseconds
from vocabulary.units import Duration

if TYPE_CHECKING:  # for the signatures alone: the card does not depend on what computes with it
    from scoring.conditions import Terms
    from scoring.history import History
    from scoring.picked import Picked
    from vocabulary.arrays import Floats

Points = Annotated[float, Field(allow_inf_nan=False)]
DECAYS: Final = ("half_life", "lifespan", "steps")


class Steps(CardModel):
    """Decay in steps: every so often a fixed share of the points is lost."""

    every: Duration = Field(description="How long a step lasts.")
    lose: Percent = Field(description="The share of the full points that each step takes, such as 50%.")


class Decaying(CardModel):
    """Points that fade with age, in at most one way."""

    half_life: Duration | None = Field(None, description="After this time half is left: 2^(-age / half_life).")
    lifespan: Duration | None = Field(None, description="Fades evenly to nothing: max(0, 1 - age / lifespan).")
    steps: Steps | None = Field(None, description="Fades in steps: max(0, 1 - lose x floor(age / every)).")

    @model_validator(mode="after")
    def _check_decay(self) -> "Decaying":
        given = self.decays
        remedy = "keep one of half_life, lifespan and steps"
        refuse(
            "rule",
            [CardMistake((name,), f"decay stands here twice: {given[0]} is given too", remedy) for name in given[1:]],
        )
        return self

    @property
    def decays(self) -> list[str]:
        """Return the names of the decays that are given."""
        return [name for name in DECAYS if getattr(self, name) is not None]

    def remaining(self, age: NDArray[np.signedinteger[Any]]) -> NDArray[np.floating[Any]]:
        """Return the share of the points that is left at each age, in microseconds, none below 0."""
        left = np.ones(len(age))
        if self.half_life:
            left = np.exp2(-age / microseconds(self.half_life))
        if self.lifespan:
            left = np.clip(1 - age / microseconds(self.lifespan), 0.0, None)
        if self.steps:
            left = np.clip(1 - self.steps.lose * (age // microseconds(self.steps.every)), 0.0, None)
        return left


@dataclass(frozen=True, slots=True)
class Given:
    """The points that a rule gives each lead of a chunk, and where they come from."""

    points: "Floats"
    counted: "Picked | None" = None
    """The activities that count; None for a rule that looks at no activity."""
    decayed: "Floats | None" = None
    """The points before the rule's own maximum, where it has one."""
    each: float = 0.0
    """The points of one activity before decay."""
    week: "Floats | None" = None
    before: "Floats | None" = None
    """Positive activity points of the last 7 days and the 21 days before, for `surge`."""


class BaseRule(CardModel):
    """A rule: a name and points under some condition."""

    key: ClassVar[str]
    """The option that makes a rule one of this type."""
    too_wide: ClassVar[str] = ""
    """What `check` says of a rule whose condition cannot fail."""

    name: str = Field(min_length=1, description="What the explanation calls this rule.")

    @property
    def lead_conditions(self) -> Mapping[str, LeadCondition]:
        """The conditions on the lead, by their option."""
        return {}

    @property
    def activity_conditions(self) -> Mapping[str, ActivityCondition]:
        """The conditions on activities, by their option."""
        return {}

    @property
    def fields(self) -> frozenset[str]:
        """The lead fields that the rule names outside of its conditions."""
        return frozenset()

    @property
    def cap(self) -> float | None:
        """The rule's own maximum, where it has one."""
        return None

    @property
    def uncut(self) -> Range:
        """The least and the most that the rule can give before its own maximum."""
        raise NotImplementedError

    @property
    def reach(self) -> Range:
        """The least and the most that the rule can give."""
        if self.cap is None:
            return self.uncut
        return Range(max(self.uncut.low, -self.cap), min(self.uncut.high, self.cap))

    @property
    def sign(self) -> int:
        """1 for a rule that gives points, -1 for one that takes some, 0 for one that may do both."""
        low, high = self.reach.low < 0, self.reach.high > 0
        return int(high) - int(low)

    def never_enough(self) -> str | None:
        """Return why the rule's own options keep it from ever counting anything; None where they do not."""
        return None

    def column(self, terms: "Terms") -> pl.Expr | None:
        """Return the expression to ask of each lead; None for a rule that needs none."""
        raise NotImplementedError

    def given(self, answers: "Floats | None", frame: pl.DataFrame, history: "History") -> Given:
        """Return the points; `answers` is what `column` said of each lead of `frame`."""
        raise NotImplementedError

    def mistakes(self, declared: Declarations | None) -> Iterator[CardMistake]:
        """Yield what is wrong with the rule's options, given what the scorecard declares."""
        del declared
        yield from ()
