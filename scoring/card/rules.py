"""Points: rules, groups, and the two sections fit and engagement."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import (
    BeforeValidator,
    Field,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
    model_validator,
)

from scoring.card.base import Declared, Part
from scoring.card.conditions import ActivityCondition, LeadCondition, knowing
from scoring.card.mistakes import Mistake, meant, refuse
from scoring.card.values import Duration, FieldType, LimitText, Percent, as_text, microseconds, typed

Points = Annotated[float, Field(allow_inf_nan=False)]
DECAYS: Final = ("half_life", "lifespan", "steps")


class Steps(Part):
    """Decay in steps: every so often a fixed share of the points is lost."""

    every: Duration = Field(description="How long a step lasts.")
    lose: Percent = Field(description="The share of the full points that each step takes, such as 50%.")


class Decaying(Part):
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
            [Mistake((name,), f"decay stands here twice: {given[0]} is given too", remedy) for name in given[1:]],
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


class LeadRule(Decaying):
    """Points once, for what the lead is."""

    name: str = Field(min_length=1, description="What the explanation calls this rule.")
    lead: LeadCondition = Field(description="The condition that gives the points.")
    points: Points = Field(description="The points, positive or negative.")
    since: str | None = Field(None, description="A time field: the points fade with the time since then.")

    @model_validator(mode="after")
    def _check_since(self, info: ValidationInfo) -> "LeadRule":
        refuse("rule", self._mistakes(info.context))
        return self

    def _mistakes(self, declared: Declared | None) -> Iterator[Mistake]:
        if self.since is None:
            yield from (
                Mistake((name,), f"{name} needs a time to count from", "name a time field in `since`")
                for name in self.decays
            )
            return
        if not self.decays:
            yield Mistake(("since",), "`since` without a decay does nothing", "add half_life, lifespan or steps")
        if declared and declared.fields.get(self.since) != "time":
            yield Mistake(
                ("since",), f"'{self.since}' is no declared time field", "declare it as `time` under `fields`"
            )


def _keys_as_scalars(raw: object) -> object:
    return (
        {str(key) if not isinstance(key, bool) else as_text(key): points for key, points in raw.items()}
        if isinstance(raw, Mapping)
        else raw
    )


class TableRule(Part):
    """Points by the value of one field."""

    name: str = Field(min_length=1, description="What the explanation calls this rule.")
    table: str = Field(description="The field whose value gives the points: text, number or flag.")
    points: Annotated[dict[str, Points], BeforeValidator(_keys_as_scalars)] = Field(
        min_length=1, description="The points of each value."
    )
    otherwise: Points = Field(0, description="The points of any other value.")
    missing: Points = Field(0, description="The points of a missing value.")

    @model_validator(mode="after")
    def _check(self, info: ValidationInfo) -> "TableRule":
        if isinstance(info.context, Declared):
            refuse("rule", self._mistakes(info.context))
        return self

    def _mistakes(self, declared: Declared) -> Iterator[Mistake]:
        field_type = declared.fields.get(self.table)
        if field_type is None:
            names = ", ".join(declared.fields) or "none"
            remedy = meant(self.table, declared.fields, f"declare it, or use one of: {names}")
            yield Mistake(("table",), f"there is no field '{self.table}'", remedy)
        elif field_type in {"time", "list"}:
            yield Mistake(("table",), f"a table cannot read a {field_type} field", "write `lead:` rules instead")
        else:
            yield from self._value_mistakes(field_type)

    def _value_mistakes(self, field_type: FieldType) -> Iterator[Mistake]:
        seen: dict[Any, str] = {}
        for written in self.points:
            try:
                value = typed(written, field_type)
            except ValueError as error:
                yield Mistake(("points", written), str(error), given=written)
                continue
            if value in seen:
                yield Mistake(("points", written), f"'{written}' is the same value as '{seen[value]}'", "keep one")
            seen[value] = written


class ActivityRule(Decaying):
    """Points for what the lead did."""

    name: str = Field(min_length=1, description="What the explanation calls this rule.")
    activity: ActivityCondition = Field(description="The activities that give the points.")
    points: Points = Field(description="The points of one activity, positive or negative.")
    within: Duration | None = Field(None, description="Only activities younger than this count.")
    limit: LimitText | None = Field(
        None,
        description="How many count in each period, the latest first: N per day, week or month (UTC calendar), "
        "N per 90d (counted back from now), N ever.",
    )
    at_least: int = Field(1, ge=1, description="Fewer activities than this give nothing.")
    award: Literal["each", "once"] = Field("each", description="Points for each activity, or for the latest alone.")
    maximum: float | None = Field(
        None, ge=0, allow_inf_nan=False, description="The rule gives no more than this, nor less than minus this."
    )


RULES: Final[Mapping[str, type[LeadRule] | type[TableRule] | type[ActivityRule]]] = {
    "lead": LeadRule,
    "table": TableRule,
    "activity": ActivityRule,
}


def _by_key(raw: object, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> object:
    """Choose the kind of rule by its key, so that mistakes are reported for that kind alone."""
    if not isinstance(raw, Mapping):
        return handler(raw)
    kinds = [key for key in RULES if key in raw]
    if len(kinds) != 1:
        raise ValueError("a rule has exactly one of `lead`, `table` and `activity`: keep one of them")
    return RULES[kinds[0]].model_validate(raw, context=info.context)


Rule = Annotated[LeadRule | TableRule | ActivityRule, WrapValidator(_by_key)]


class Limited(Part):
    """A sum that is cut to bounds."""

    minimum: float | None = Field(None, allow_inf_nan=False, description="The sum is never less than this.")
    maximum: float | None = Field(None, allow_inf_nan=False, description="The sum is never more than this.")

    @field_validator("maximum")
    @classmethod
    def _check_bounds(cls, maximum: float | None, info: ValidationInfo) -> float | None:
        minimum = info.data.get("minimum")
        if minimum is not None and maximum is not None and minimum > maximum:
            raise ValueError("maximum is less than minimum; swap them")
        return maximum


class Group(Limited):
    """Rules that add up together, with bounds of their own."""

    name: str = Field(min_length=1, description="What the explanation calls this group.")
    rules: tuple[Rule, ...] = Field(description="The rules; their order does not matter.")


class Section(Limited):
    """Fit or engagement: groups that add up, with bounds of their own."""

    groups: tuple[Group, ...] = Field(description="The groups of rules.")

    @property
    def rules(self) -> list[LeadRule | TableRule | ActivityRule]:
        """Return the rules of all groups in order."""
        return [rule for group in self.groups for rule in group.rules]


class Score(Limited):
    """The points: what a lead is (fit) and what it does (engagement)."""

    fit: Annotated[Section, knowing(Section)] | None = Field(None, description="Points for who the lead is.")
    engagement: Annotated[Section, knowing(Section, "fit")] | None = Field(
        None, description="Points for what the lead does. Conditions on the lead may use `fit` here."
    )

    @property
    def sections(self) -> dict[Literal["fit", "engagement"], Section]:
        """Return the sections that exist, by name, in their order of computing."""
        given: dict[Literal["fit", "engagement"], Section | None] = {"fit": self.fit, "engagement": self.engagement}
        return {name: section for name, section in given.items() if section is not None}
