"""The base of all rules: points, decay, and the interface that the rest of leadgauge uses.

A rule type is one module in this folder and one entry in `scoring.card.rules.TYPES`. It has its options, names the
conditions and fields it uses, gives the points and knows their range. No other code distinguishes types.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import Field, model_validator

from scoring.card.base import CardModel
from scoring.card.conditions import ActivityCondition, LeadCondition
from scoring.card.declarations import Declarations
from scoring.card.intervals import Interval
from scoring.card.mistakes import CardMistake, refuse
from scoring.card.ranges import Range
from scoring.card.rules.ahead import NEVER, NOW, Ahead, crossing
from scoring.card.values import Percent, microseconds
from vocabulary.units import Duration

if TYPE_CHECKING:  # for signatures only: the card does not depend on the code that evaluates it
    from scoring.card.resets import Reset
    from scoring.conditions import Terms
    from scoring.history import History
    from scoring.picked import Picked
    from vocabulary.arrays import Flags, Floats, Ints

LineType = Literal["rule", "person", "coverage"]
Points = Annotated[float, Field(allow_inf_nan=False)]
DECAYS: Final = ("half_life", "lifespan", "steps")
FAINT: Final = 1050
GONE: Final = 1100
"""After this many half-lives, floating point makes 0 of what is left; `FAINT` is well before."""


class Steps(CardModel):
    """Decay in steps: a fixed share of the points is lost at a fixed interval."""

    every: Duration = Field(description="The length of a step.")
    lose: Percent = Field(description="The share of the full points lost with each step, such as 50%.")


class Decaying(CardModel):
    """Points that decay with age, in at most one way."""

    half_life: Duration | None = Field(
        None, description="Half of the points are left after this time: 2^(-age / half_life)."
    )
    lifespan: Duration | None = Field(
        None, description="The points decay evenly to 0 over this time: max(0, 1 - age / lifespan)."
    )
    steps: Steps | None = Field(None, description="The points decay in steps: max(0, 1 - lose x floor(age / every)).")

    @model_validator(mode="after")
    def _check_decay(self) -> "Decaying":
        given = self.decays
        remedy = "keep one of half_life, lifespan and steps"
        refuse(
            "rule",
            [
                CardMistake((name,), f"{given[0]} is given too, and a rule has only one decay", remedy)
                for name in given[1:]
            ],
        )
        return self

    @property
    def decays(self) -> list[str]:
        """Return the names of the given decays."""
        return [name for name in DECAYS if getattr(self, name) is not None]

    def remaining(self, age: NDArray[np.signedinteger[Any]]) -> NDArray[np.floating[Any]]:
        """Return the share of the points left at each age in microseconds, at least 0."""
        left = np.ones(len(age))
        if self.half_life:
            left = np.exp2(-age / microseconds(self.half_life))
        if self.lifespan:
            left = np.clip(1 - age / microseconds(self.lifespan), 0.0, None)
        if self.steps:
            left = np.clip(1 - self.steps.lose * (age // microseconds(self.steps.every)), 0.0, None)
        return left

    def even_until(self, age: "Ints") -> "Ints":
        """Return in how many microseconds the share left at each age jumps, or comes to 0; until then it only fades."""
        if self.half_life:
            length = microseconds(self.half_life)
            fading_out = (age > FAINT * length) & (age < GONE * length)
            return np.where(fading_out, NOW, crossing(age, FAINT * length))
        if self.lifespan:
            return crossing(age, microseconds(self.lifespan))
        if self.steps:
            every = microseconds(self.steps.every)
            return np.where(self.remaining(age) > 0, every - age % every, NEVER)
        return np.full(len(age), NEVER)

    def fading(self, until: "Ints", left: "Floats", whole: "Floats") -> Ahead:
        """Return how points fade that jump in so many microseconds.

        `left`: those left after decay. `whole`: what they were before, without those of which nothing is left.
        """
        if self.half_life:
            return Ahead(until, fading=left, half_life=microseconds(self.half_life))
        if self.lifespan:
            return Ahead(until, slope=whole / microseconds(self.lifespan))
        return Ahead(until)


class Conditional(CardModel):
    """A rule or a group that gives points only to some leads."""

    when: LeadCondition | None = Field(
        None, description="Unless this holds, it gives 0 points. It is asked at the time of scoring."
    )

    @property
    def opening(self) -> Mapping[str, LeadCondition]:
        """The condition, by option; none if it is open to all leads."""
        return {} if self.when is None else {"when": self.when}


@dataclass(frozen=True, slots=True)
class Naming:
    """What reasons call a rule for each lead, where its name alone would not say enough."""

    texts: Sequence[str]
    chosen: "Ints"
    """The place of each lead's text."""
    of_lines: Sequence[str] | None = None
    """The names of the explanation's lines, if these are not the rule's name; as many as texts."""


@dataclass(frozen=True, slots=True)
class Given:
    """The points that a rule gives each lead of a chunk, and what they are made of."""

    points: "Floats"
    counted: "Picked | None" = None
    """The activities that count; None for a rule without activities."""
    decayed: "Floats | None" = None
    """The points before the rule's own maximum, if it has one."""
    each: float = 0.0
    """The points of one activity before decay."""
    week: "Floats | None" = None
    before: "Floats | None" = None
    """Positive activity points of the last 7 days and the 21 days before, for `surge`."""
    undecayed: "Floats | None" = None
    """The points of the activities together before decay, if these are not `each` times their number."""
    naming: Naming | None = None
    ahead: Ahead | None = None
    """What time makes of the points, if that was asked."""

    def only(self, leads: "Flags") -> "Given":
        """Return the same for some leads, and nothing for the others."""
        return replace(
            self,
            points=np.where(leads, self.points, 0.0),
            counted=None if self.counted is None else self.counted.only(leads[self.counted.lead]),
            decayed=_only(self.decayed, leads),
            week=_only(self.week, leads),
            before=_only(self.before, leads),
            ahead=None if self.ahead is None else self.ahead.only(leads),
        )


def _only(points: "Floats | None", leads: "Flags") -> "Floats | None":
    return None if points is None else np.where(leads, points, 0.0)


class BaseRule(CardModel):
    """A rule: a name, a condition and points."""

    key: ClassVar[str]
    """The option that identifies this type."""
    line: ClassVar[LineType] = "rule"
    """The type of the rule's line in an explanation."""
    called_by_value: ClassVar[bool] = False
    """Whether reasons call it by the value that it gives points for."""
    too_wide: ClassVar[str] = ""
    """The message of `check` for a rule whose condition cannot fail."""

    name: str = Field(min_length=1, description="The name of the rule in explanations.")

    @property
    def lead_conditions(self) -> Mapping[str, LeadCondition]:
        """The conditions on the lead, by option."""
        return {}

    @property
    def activity_conditions(self) -> Mapping[str, ActivityCondition]:
        """The conditions on activities, by option."""
        return {}

    @property
    def activity_fields(self) -> frozenset[str]:
        """The activity fields that the rule uses outside its conditions."""
        return frozenset()

    @property
    def fields(self) -> frozenset[str]:
        """The lead fields that the rule uses outside its conditions."""
        return frozenset()

    @property
    def shown_field(self) -> str | None:
        """The lead field whose value says why the rule gives points, if there is exactly one."""
        return None

    @property
    def points_of_texts(self) -> Mapping[str, float]:
        """The points of each value of `shown_field` that is written in the rule."""
        return {}

    @property
    def points_of_missing(self) -> float:
        """The points of a missing value of `shown_field`."""
        return 0.0

    @property
    def gaps(self) -> Sequence[tuple[Interval, Interval]]:
        """Neighbouring ranges over days that leave out the moments between them."""
        return ()

    @property
    def cap(self) -> float | None:
        """The rule's own maximum, if it has one."""
        return None

    @property
    def uncut(self) -> Range:
        """The range of the rule's points before its own maximum."""
        raise NotImplementedError

    @property
    def reach(self) -> Range:
        """The range of the rule's points."""
        if self.cap is None:
            return self.uncut
        return Range(max(self.uncut.low, -self.cap), min(self.uncut.high, self.cap))

    @property
    def sign(self) -> int:
        """1 for a rule that gives points, -1 for one that takes points, 0 for one that can do both."""
        low, high = self.reach.low < 0, self.reach.high > 0
        return int(high) - int(low)

    @property
    def resets(self) -> "tuple[Reset, ...]":
        """The moments from which on the rule's history begins."""
        return ()

    @property
    def fades(self) -> bool:
        """Whether the points can decay."""
        return False

    def fading_as(self, group: Decaying) -> Self:
        """Return the rule with the decay of its group if it can fade and has none of its own."""
        own = [name for name in DECAYS if getattr(self, name, None) is not None]
        if not self.fades or own or not group.decays:
            return self
        return self.model_copy(update={name: getattr(group, name) for name in group.decays})

    def never_enough(self) -> str | None:
        """Return why the rule's options keep it from ever giving points, or None if they do not."""
        return None

    def column(self, terms: "Terms") -> pl.Expr | None:
        """Return the expression to evaluate for each lead, or None if the rule needs none."""
        raise NotImplementedError

    def given(self, answers: "Floats | None", frame: pl.DataFrame, history: "History") -> Given:
        """Return the points; `answers` has the value of `column` for each lead of `frame`."""
        raise NotImplementedError

    def ahead(self, given: Given, answers: "Floats | None", frame: pl.DataFrame, history: "History") -> Ahead:
        """Return what time alone makes of the points that `given` returned, of the same leads.

        The rule's conditions on the lead are asked apart. A type that cannot tell says `next_sweep`, never `never`.
        """
        raise NotImplementedError

    def mistakes(self, declared: Declarations | None) -> Iterator[CardMistake]:
        """Yield the mistakes in the rule's options, given the scorecard's declarations."""
        del declared
        yield from ()
