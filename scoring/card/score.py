"""The points: groups of rules in the sections fit and engagement."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from scoring.card.base import CardModel
from scoring.card.conditions import knowing
from scoring.card.rules import BaseRule, Rule

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


class Group(Limited):
    """Rules that are added up, with bounds of their own."""

    name: str = Field(min_length=1, description="The name of the group in explanations.")
    rules: tuple[Rule, ...] = Field(description="The rules. Their order does not matter.")


class Section(Limited):
    """Fit or engagement: groups that are added up, with bounds of their own."""

    groups: tuple[Group, ...] = Field(description="The groups of rules.")

    @property
    def rules(self) -> list[BaseRule]:
        """Return the rules of all groups in order."""
        return [rule for group in self.groups for rule in group.rules]


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
