"""The points: groups of rules in the sections fit and engagement."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Annotated, Literal

from pydantic import (
    Field,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
    model_validator,
)

from scoring.card.base import CardModel
from scoring.card.conditions import knowing
from scoring.card.declarations import Declarations
from scoring.card.mistakes import CardMistake, refuse
from scoring.card.resets import Resettable
from scoring.card.rules import BaseRule, Conditional, Decaying, Rule
from scoring.card.rules.base import DECAYS

SectionName = Literal["fit", "engagement"]


class Limited(CardModel):
    """A sum that is cut to a minimum and a maximum."""

    minimum: float | None = Field(None, allow_inf_nan=False, description="A smaller sum is raised to this.")
    maximum: float | None = Field(None, allow_inf_nan=False, description="A larger sum is cut to this.")

    @field_validator("maximum")
    @classmethod
    def _check_bounds(cls, maximum: float | None, info: ValidationInfo) -> float | None:
        minimum = info.data.get("minimum")
        if minimum is not None and maximum is not None and minimum > maximum:
            raise ValueError("maximum is less than minimum; swap them")
        return maximum


def _fading(raw: object, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> object:
    """Tell the rules of a group that it has a decay."""
    decays = isinstance(raw, Mapping) and any(raw.get(name) is not None for name in DECAYS)
    if not decays or not isinstance(info.context, Declarations) or info.context.fading:
        return handler(raw)
    return Group.model_validate(raw, context=replace(info.context, fading=True))


class Group(Limited, Decaying, Conditional, Resettable):
    """Rules that are added up, with bounds of their own."""

    name: str = Field(min_length=1, description="The name of the group in explanations.")
    rules: tuple[Rule, ...] = Field(description="The rules. Their order does not matter.")
    award: Literal["all", "best", "worst"] = Field(
        "all", description="Which of the rules that gave points count: all, or only the highest or the lowest."
    )

    @model_validator(mode="after")
    def _check_fading(self) -> "Group":
        if self.decays and not any(rule.fades for rule in self.rules):
            remedy = "give the decay to an activity rule, or to a rule with `since`"
            refuse("group", [CardMistake((self.decays[0],), "no rule of this group can fade", remedy)])
        return self

    @cached_property
    def faded(self) -> tuple[BaseRule, ...]:
        """The rules, with the decay of the group where they have none of their own."""
        return tuple(rule.fading_as(self) for rule in self.rules)


Groups = tuple[Annotated[Group, WrapValidator(_fading)], ...]


class Section(Limited, Resettable):
    """Fit or engagement: groups that are added up, with bounds of their own."""

    groups: Groups = Field(description="The groups of rules.")

    @property
    def direct(self) -> tuple[BaseRule, ...]:
        """The rules of the section itself, which come before its groups."""
        return ()

    @property
    def rules(self) -> list[BaseRule]:
        """Return all rules in order."""
        return [*self.direct, *(rule for group in self.groups for rule in group.faded)]


class Score(Limited):
    """The points: what a lead is (fit) and what it does (engagement)."""

    fit: Annotated[Section, knowing(Section)] | None = Field(None, description="Points for who the lead is.")
    engagement: Annotated[Section, knowing(Section, "fit")] | None = Field(
        None, description="Points for what the lead does. Conditions on the lead can use `fit` here."
    )

    @property
    def sections(self) -> dict[SectionName, Section]:
        """Return the sections by name, in the order in which they are computed."""
        given: dict[SectionName, Section | None] = {"fit": self.fit, "engagement": self.engagement}
        return {name: section for name, section in given.items() if section is not None}
