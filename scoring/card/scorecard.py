"""The scorecard: all that a revenue team decides, in one object."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import orjson
from pydantic import (
    Field,
    StringConstraints,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)

from scoring.card.base import RESERVED, CardModel
from scoring.card.calendar import UTC_CALENDAR, Calendar
from scoring.card.declarations import Declarations
from scoring.card.examples import Example
from scoring.card.figures import DEAL_COLUMNS, BaseFigure, Figure
from scoring.card.grade import Grade
from scoring.card.mistakes import CardMistake, refuse
from scoring.card.naming import name_mistakes
from scoring.card.operands import Scope
from scoring.card.readiness import Priority, Readiness
from scoring.card.resets import CardReset
from scoring.card.score import Score, Section, SectionName
from vocabulary.fields import DealFieldType, FieldType

FieldName = Annotated[str, StringConstraints(pattern=r"^\w[\w .-]*$")]


def _renamed(raw: Any) -> Any:
    """Return a card with `timezone`, as `calendar` was called before, under its present name."""
    if not isinstance(raw, Mapping) or "timezone" not in raw or "calendar" in raw:
        return raw
    return {"calendar" if name == "timezone" else name: value for name, value in raw.items()}


def _reserved(names: Iterable[str], reserved: Collection[str], what: str) -> Iterator[CardMistake]:
    for name in names:
        if name in reserved:
            yield CardMistake((name,), f"'{name}' is a reserved name", f"rename the {what}")


class Scorecard(CardModel):
    """The definition of points, ideal customer profile, buying stages and priorities.

    Scalars can be YAML types or the text as written; the type of the field decides how they are read.
    """

    scorecard: str = Field(min_length=1, description="The name of the scorecard.")
    fields: dict[FieldName, FieldType] = Field(
        {},
        description="The lead fields that conditions can use, with their types: text, number, flag, time, date, list,"
        " member_of.",
    )
    calendar: Calendar = Field(
        UTC_CALENDAR,
        description="The time zone of days, such as `Europe/Berlin`, or `{zone: Europe/Berlin, year_starts: February}`."
        " Default: UTC and January.",
    )
    deals: dict[FieldName, DealFieldType] = Field(
        {}, description="The fields of a deal that figures can use, with their types."
    )
    figures: dict[FieldName, Figure] = Field(
        {},
        description="Figures of the lead, made of its deals or activities. A figure can be used like a field.",
    )
    reset: tuple[CardReset, ...] = Field(
        (), description="Moments of the lead: only activities later than all of them count, in the whole scorecard."
    )
    score: Score | None = Field(None, description="Points for who a lead is and what it does.")
    grade: Grade | None = Field(None, description="How well a lead matches the ideal customer profile.")
    readiness: Readiness | None = Field(None, description="Where a lead is in its buying cycle.")
    priority: Priority | None = Field(
        None, description="The priority from grade, stage and urgency. Needs `readiness`."
    )
    examples: tuple[Example, ...] = Field((), description="Tests that are part of the file. `check` runs them.")

    @model_validator(mode="wrap")
    @classmethod
    def _knowing_what_is_declared(
        cls, raw: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> "Scorecard":
        """Pass the declared names to all conditions, so that each can check itself."""
        if isinstance(info.context, Declarations) or isinstance(raw, Scorecard):
            checked: Scorecard = handler(raw)
            return checked
        return cls.model_validate(_renamed(raw), context=Declarations.of(_renamed(raw)))

    @field_validator("fields")
    @classmethod
    def _check_names(cls, fields: dict[str, FieldType]) -> dict[str, FieldType]:
        refuse("fields", _reserved(fields, RESERVED, "field"))
        return fields

    @field_validator("deals")
    @classmethod
    def _check_deals(cls, deals: dict[str, DealFieldType]) -> dict[str, DealFieldType]:
        refuse("deals", _reserved(deals, DEAL_COLUMNS, "field"))
        return deals

    @field_validator("figures")
    @classmethod
    def _check_figures(cls, figures: dict[str, BaseFigure], info: ValidationInfo) -> dict[str, BaseFigure]:
        refuse("figures", _reserved(figures, RESERVED, "figure"))
        fields = info.data.get("fields", {})
        remedy = "rename the figure"
        refuse(
            "figures", (CardMistake((name,), f"'{name}' is a field too", remedy) for name in figures if name in fields)
        )
        return figures

    @field_validator("reset")
    @classmethod
    def _check_resets(cls, given: tuple[CardReset, ...]) -> tuple[CardReset, ...]:
        refuse("reset", name_mistakes([one.name for one in given], "resets"))
        return given

    @field_validator("priority")
    @classmethod
    def _check_readiness(cls, priority: Priority | None, info: ValidationInfo) -> Priority | None:
        if priority and isinstance(info.context, Declarations) and "stage" not in info.context.sections:
            raise ValueError("priority needs readiness: add `readiness` with stages")
        return priority

    @property
    def zone(self) -> ZoneInfo:
        """Return the time zone of dates."""
        return self.calendar.clocks

    @property
    def scope(self) -> Scope:
        """Return what operands can refer to."""
        return Scope(self.readiness.names if self.readiness else (), self.values, self.calendar)

    @property
    def values(self) -> dict[str, FieldType]:
        """Return the fields and figures that conditions can use, with their types."""
        return {**self.fields, **{name: figure.type_in(self.deals) for name, figure in self.figures.items()}}

    @property
    def of_deals(self) -> Scope:
        """Return what operands of conditions on a deal can refer to."""
        return Scope(fields=self.deals, calendar=self.calendar)

    @property
    def priorities(self) -> tuple[str, ...]:
        """Return the names of the priorities, best first."""
        return self.priority.levels if self.priority else ()

    @property
    def name(self) -> str:
        """Return the scorecard's name."""
        return self.scorecard

    @property
    def sections(self) -> dict[SectionName, Section]:
        """Return the sections by name, in the order in which they are computed."""
        return self.score.sections if self.score else {}

    @cached_property
    def digest(self) -> str:
        """Return a hash of everything that affects results."""
        content = self.model_dump(mode="json", by_alias=True, exclude={"examples"}, exclude_none=True)
        return hashlib.blake2b(orjson.dumps(content, option=orjson.OPT_SORT_KEYS), digest_size=6).hexdigest()

    @property
    def label(self) -> str:
        """Return the name and the content hash, to trace results to the card."""
        return f"{self.name} {self.digest}"

    def written(self) -> dict[str, Any]:
        """Return the scorecard as plain data that loads into an equal scorecard."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)
