"""Examples: small tests that are part of the scorecard."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import (
    BeforeValidator,
    Field,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from scoring.card.base import CardModel
from scoring.card.calendar import UTC_CALENDAR, Calendar
from scoring.card.conditions import Test
from scoring.card.declarations import Declarations
from scoring.card.letters import UNKNOWN
from scoring.card.mistakes import CardMistake, Path, meant, refuse
from scoring.card.operands import Scope
from scoring.card.values import TIMES, as_date, as_time, normal, typed
from vocabulary.fields import LISTS
from vocabulary.units import Age, duration

NUMBERS: Final = ("score", "fit", "engagement", "index", "percent")
WORDS: Final = ("priority", "status")


class ExampleActivity(CardModel):
    """An activity of the example's lead."""

    kind: str = Field(description="What the lead did.")
    age: Age = Field(description="How long ago it was, such as 0h, 36h, 14d or 8w.")
    url: str | None = Field(None, description="The URL.")
    name: str | None = Field(None, description="The name of the asset, form, campaign or subject.")
    seconds: float | None = Field(None, description="The time spent, in seconds.")
    value: float | None = Field(None, description="The number recorded with it.")


def _unknown_as_missing(expected: object) -> object:
    return {"known": False} if expected == UNKNOWN else expected


class Expect(CardModel):
    """The expected results: each a value, a list (one of), or operators as in a condition. `?` is the unknown grade."""

    score: Test | None = Field(None, description="The rounded score.")
    fit: Test | None = Field(None, description="The rounded fit.")
    engagement: Test | None = Field(None, description="The rounded engagement.")
    grade: Annotated[Test | None, BeforeValidator(_unknown_as_missing)] = Field(
        None, description="The grade. A letter without a sign includes those with one; `?` is unknown."
    )
    percent: Test | None = Field(None, description="The percentage behind the grade.")
    stage: Test | None = Field(None, description="The stage.")
    urgency: Test | None = Field(None, description="The urgency.")
    priority: Test | None = Field(None, description="The priority; `known: false` if there is none.")
    index: Test | None = Field(None, description="The priority index.")
    status: Test | None = Field(None, description="scored, insufficient data or disqualified.")

    @model_validator(mode="after")
    def _check(self, info: ValidationInfo) -> "Expect":
        if isinstance(info.context, Declarations):
            refuse("expect", self._mistakes(info.context))
        return self

    def _mistakes(self, declared: Declarations) -> Iterator[CardMistake]:
        for name, test in self.tests.items():
            yield from (mistake.below(name) for mistake in test.mistakes(EXPECTED[name], Scope(declared.stages)))
        if self.priority is not None and declared.priorities:
            yield from _unknown_priorities(self.priority, declared.priorities)

    @property
    def tests(self) -> dict[str, Test]:
        """Return the expected results by name."""
        return {name: test for name in EXPECTED if (test := getattr(self, name)) is not None}


def _unknown_priorities(test: Test, known: tuple[str, ...]) -> Iterator[CardMistake]:
    folded = [normal(name) for name in known]
    for operator, operand in test.operators.items():
        listed = operand if isinstance(operand, list | tuple) else [operand]
        for name in listed if operator in {"is", "is_not", "in", "not_in"} else []:
            if normal(str(name)) not in folded:
                remedy = meant(str(name), known, f"use {', '.join(known)}")
                yield CardMistake(("priority", operator), f"there is no priority '{name}'", remedy, operand)


EXPECTED: Final[Mapping[str, Any]] = {
    **dict.fromkeys(NUMBERS, "number"),
    **dict.fromkeys(WORDS, "text"),
    "grade": "grade",
    "stage": "stage",
    "urgency": "urgency",
}


def _moment(value: object, info: ValidationInfo) -> datetime:
    return as_time(value, info.context.calendar if isinstance(info.context, Declarations) else UTC_CALENDAR)


class Colleague(CardModel):
    """Another lead of the same account."""

    lead: dict[str, Any] = Field({}, description="The lead's fields. A time can be `{age: 30d}` or `{ahead: 30d}`.")
    activities: tuple[ExampleActivity, ...] = Field((), description="The lead's activities.")


def _of_account(raw: object, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> object:
    """Validate the expected results of an account."""
    if isinstance(info.context, Declarations) and info.context.company is not None:
        return Expect.model_validate(raw, context=info.context.company)
    return handler(raw)


class Example(CardModel):
    """A lead with its activities and the expected results."""

    name: str = Field(min_length=1, description="A short description of the example.")
    lead: dict[str, Any] = Field({}, description="The lead's fields. A time can be `{age: 30d}` or `{ahead: 30d}`.")
    activities: tuple[ExampleActivity, ...] = Field((), description="The lead's activities.")
    deals: tuple[dict[str, Any], ...] = Field(
        (), description="The lead's deals, with their fields. A time can be `{age: 30d}` or `{ahead: 30d}`."
    )
    account: dict[str, Any] | None = Field(
        None, description="The fields of the lead's account. Deals of the lead are deals of its account."
    )
    colleagues: tuple[Colleague, ...] = Field((), description="The other leads of the account.")
    previous: str | None = Field(None, description="The stage that the lead was in before, for `keep`.")
    as_of: Annotated[datetime, BeforeValidator(_moment)] = Field(
        as_time("2026-01-15T12:00:00Z"), description="The time to score for. Default: a fixed date."
    )
    expect: Expect = Field(description="The expected results.")
    expect_account: Annotated[Expect, WrapValidator(_of_account)] | None = Field(
        None, description="The expected results of the account."
    )

    @property
    def has_account(self) -> bool:
        """Whether the lead has an account."""
        return self.account is not None or bool(self.colleagues) or self.expect_account is not None

    @model_validator(mode="after")
    def _check(self, info: ValidationInfo) -> "Example":
        if isinstance(info.context, Declarations):
            refuse("example", self._mistakes(info.context))
        return self

    def _mistakes(self, declared: Declarations) -> Iterator[CardMistake]:
        yield from self._of_fields(("lead",), self.lead, declared.own, "fields", declared)
        for number, deal in enumerate(self.deals):
            yield from self._of_fields(("deals", number), deal, declared.deals, "deals", declared)
        yield from self._of_account(declared)
        if self.previous is not None and normal(self.previous) not in map(normal, declared.stages):
            yield CardMistake(
                ("previous",), f"there is no stage '{self.previous}'", f"use {', '.join(declared.stages)}"
            )

    def _of_account(self, declared: Declarations) -> Iterator[CardMistake]:
        if self.has_account and declared.company is None:
            yield CardMistake((), "this scorecard has no accounts", "add `accounts`, or remove them from the example")
            return
        for number, one in enumerate(self.colleagues):
            yield from self._of_fields(("colleagues", number, "lead"), one.lead, declared.own, "fields", declared)
        if declared.company is not None:
            types = declared.company.recorded
            yield from self._of_fields(("account",), self.account or {}, types, "accounts.fields", declared)

    def _of_fields(
        self, path: Path, values: Mapping[str, Any], types: Mapping[str, Any], option: str, declared: Declarations
    ) -> Iterator[CardMistake]:
        """Yield the values of fields that are not declared, or that do not fit their type."""
        for name, value in values.items():
            if name not in types:
                remedy = meant(name, types, f"declare it under `{option}`")
                yield CardMistake((*path, name), f"there is no field '{name}'", remedy)
                continue
            try:
                field_value(value, types[name], self.as_of, declared.calendar)
            except ValueError as error:
                yield CardMistake((*path, name), str(error), given=value)


def field_value(value: Any, field_type: Any, as_of: datetime, calendar: Calendar = UTC_CALENDAR) -> Any:
    """Return a field value of an example, converted to the field's type."""
    if value is None:
        return None
    if field_type in LISTS:
        return [str(entry) for entry in (value if isinstance(value, list | tuple) else [value])]
    if field_type in TIMES and isinstance(value, Mapping):
        moment = _relative(value, as_of)
        return moment.date() if field_type == "date" else moment
    if field_type == "date" and str(value).strip():
        return as_date(value)
    return typed(value, field_type, calendar) if str(value).strip() else None


def _relative(value: Mapping[str, Any], as_of: datetime) -> datetime:
    if set(value) == {"age"}:
        return as_of - duration(value["age"])
    if set(value) == {"ahead"}:
        return as_of + duration(value["ahead"])
    raise ValueError("this is not a time: write an ISO time, {age: 30d} or {ahead: 30d}")
