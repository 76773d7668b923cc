"""Resets: moments from which on a lead's activities count anew."""

from collections.abc import Iterator
from typing import Annotated, Final, TypeVar

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from scoring.card.base import CardModel
from scoring.card.conditions import ActivityCondition
from scoring.card.declarations import Declarations, untimed
from scoring.card.mistakes import CardMistake, meant, refuse
from scoring.card.naming import name_mistakes
from vocabulary.units import Duration


class Reset(CardModel):
    """A moment of each lead: only later activities count in the place that names it."""

    name: str = Field(min_length=1, description="The name of the reset in explanations.")
    activity: ActivityCondition | None = Field(
        None, description="The latest activity that matches, in the lead's whole history, is the moment."
    )
    since: str | None = Field(
        None, description="A time field that has the moment; missing or in the future, nothing is reset."
    )

    @model_validator(mode="after")
    def _check(self, info: ValidationInfo) -> "Reset":
        refuse("reset", self._mistakes(info.context if isinstance(info.context, Declarations) else None))
        return self

    @property
    def fields(self) -> frozenset[str]:
        """The lead fields that the reset reads."""
        return frozenset([self.since] if self.since else [])

    def _mistakes(self, declared: Declarations | None) -> Iterator[CardMistake]:
        if (self.activity is None) == (self.since is None):
            yield CardMistake((), "a reset has one moment", "write either `activity` or `since`")
        elif self.since is not None and declared and self.since in declared.of_history:
            wrong = f"the figure '{self.since}' does not exist yet: it is made of what the resets leave"
            yield CardMistake(("since",), wrong, "use a field, or a figure of deals")
        elif self.since is not None and declared:
            yield from untimed("since", self.since, declared)


class CardReset(Reset):
    """A reset of the whole scorecard, after which the lead may rest."""

    reason: str | None = Field(None, description="A text field with the reason, for explanations.")
    rest: Duration | None = Field(
        None, description="For this long the lead gets no priority from the matrix: its status is `resting`."
    )

    @property
    def fields(self) -> frozenset[str]:
        """The lead fields that the reset reads, for its reason too."""
        return super().fields | frozenset([self.reason] if self.reason else [])

    def _mistakes(self, declared: Declarations | None) -> Iterator[CardMistake]:
        yield from super()._mistakes(declared)
        if declared and self.reason is not None and self.reason not in declared.recorded:
            remedy = meant(self.reason, declared.recorded, f"declare it under `{declared.under}`")
            yield CardMistake(("reason",), f"there is no field '{self.reason}'", remedy)
        elif declared and self.reason is not None and declared.recorded[self.reason] != "text":
            wrong = f"'{self.reason}' is a {declared.recorded[self.reason]} field and no reason"
            yield CardMistake(("reason",), wrong, "use a text field")


R = TypeVar("R", bound=Reset)


def _of_different_names(given: tuple[R, ...]) -> tuple[R, ...]:
    refuse("reset", name_mistakes([one.name for one in given], "resets"))
    return given


DIFFERENT_NAMES: Final = AfterValidator(_of_different_names)
"""Refuses resets of one place that have the same name."""


class Resettable(CardModel):
    """A part of the scorecard whose history can begin anew."""

    reset: Annotated[tuple[Reset, ...], DIFFERENT_NAMES] = Field(
        (), description="Moments of the lead: here, only activities later than all of them count."
    )
