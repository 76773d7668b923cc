"""Accounts: the companies of leads, with fields, figures over all their leads, and a scorecard of their own."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Final

from pydantic import (
    BeforeValidator,
    Field,
    TypeAdapter,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
    model_validator,
)

from scoring.card.base import RESERVED, CardModel, FieldName
from scoring.card.conditions import LeadCondition, knowing
from scoring.card.declarations import Declarations
from scoring.card.figures import ON_LEADS, AccountFigure, BaseFigure
from scoring.card.grade import Grade
from scoring.card.intervals import keys_as_text
from scoring.card.mistakes import CardMistake, meant, refuse
from scoring.card.naming import reserved_names, taken_names
from scoring.card.readiness import Priority, Readiness, with_stages
from scoring.card.resets import DIFFERENT_NAMES, CardReset
from scoring.card.rules import BaseRule, CoverageRule, PersonRule
from scoring.card.rules.base import Points
from scoring.card.score import Groups, Score, Section
from scoring.card.values import normal
from vocabulary.fields import LISTS, FieldType, PlainFieldType

MOST_PEOPLE: Final = 100
"""How many people of an account can count. Each has a line of its own."""
ACCOUNT_ID: Final = "account"
"""The column with the id of an account, which no field can be called."""


def of_account(type_: Any) -> WrapValidator:
    """Return a validator for a part whose conditions are about accounts."""
    adapter = TypeAdapter(type_)

    def validate(raw: object, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> object:
        if isinstance(info.context, Declarations) and info.context.company is not None:
            return adapter.validate_python(raw, context=info.context.company)
        return handler(raw)

    return WrapValidator(validate)


class ByDomain(CardModel):
    """The fields by which a lead without an account is assigned to one."""

    lead: str = Field(description="The lead's text field with its domain.")
    account: str = Field(description="The account's text field with its domain.")

    @model_validator(mode="after")
    def _check(self, info: ValidationInfo) -> "ByDomain":
        if isinstance(info.context, Declarations) and info.context.company is not None:
            leads, company = info.context, info.context.company
            found = [*_no_text("lead", self.lead, leads.own, leads.under)]
            refuse("by_domain", [*found, *_no_text("account", self.account, company.own, company.under)])
        return self


def _no_text(option: str, field: str, fields: Mapping[str, FieldType], under: str) -> Iterator[CardMistake]:
    """Yield a mistake if a field is not declared as text."""
    if field not in fields:
        yield CardMistake(
            (option,), f"there is no field '{field}'", meant(field, fields, f"declare it under `{under}`")
        )
    elif fields[field] != "text":
        yield CardMistake((option,), f"'{field}' is a {fields[field]} field", "use a text field")


class People(CardModel):
    """Points for how engaged the account's people are."""

    top: int = Field(ge=1, le=MOST_PEOPLE, description="How many people count: those with the most.")
    maximum: float = Field(
        ge=0, allow_inf_nan=False, description="The rounded engagement of one person is cut to this; below 0 it is 0."
    )

    @model_validator(mode="after")
    def _check(self, info: ValidationInfo) -> "People":
        leads = info.context.people if isinstance(info.context, Declarations) else None
        if leads is not None and "engagement" not in leads.sections:
            remedy = "add `score.engagement` for leads, or remove `people`"
            refuse("people", [CardMistake((), "the leads of this card have no engagement", remedy)])
        return self

    @property
    def rules(self) -> tuple[BaseRule, ...]:
        """Return a rule for each person that can count, the strongest first."""
        return tuple(PersonRule(name="Person", place=place, most=self.maximum) for place in range(self.top))


def of_leads(raw: object, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> object:
    """Validate a condition on the leads of an account."""
    if isinstance(info.context, Declarations) and info.context.people is not None:
        return ON_LEADS.validate_python(raw, context=info.context.people)
    return handler(raw)


class Coverage(CardModel):
    """Points for the roles of a buying group that engaged people have."""

    by: str = Field(description="The lead's text or list field with its role, such as `buying_role`.")
    engaged: Annotated[LeadCondition, WrapValidator(of_leads)] = Field(
        description="Which leads count. Results of leads, such as engagement or stage, can be used here."
    )
    points: Annotated[dict[str, Points], BeforeValidator(keys_as_text)] = Field(
        min_length=1, description="The points of each value, given once however many people have it."
    )

    @model_validator(mode="after")
    def _check(self, info: ValidationInfo) -> "Coverage":
        leads = info.context.people if isinstance(info.context, Declarations) else None
        refuse("coverage", [*self._repeated(), *(self._unsuitable(leads.own) if leads is not None else ())])
        return self

    def _unsuitable(self, fields: Mapping[str, FieldType]) -> Iterator[CardMistake]:
        found = fields.get(self.by)
        if found is None:
            remedy = meant(self.by, fields, "declare it under `fields`")
            yield CardMistake(("by",), f"leads have no field '{self.by}'", remedy)
        elif found not in {"text", *LISTS}:
            yield CardMistake(("by",), f"'{self.by}' is a {found} field", "use a text or list field")

    def _repeated(self) -> Iterator[CardMistake]:
        seen: dict[str, str] = {}
        for written in self.points:
            if normal(written) in seen:
                message = f"'{written}' is the same value as '{seen[normal(written)]}'"
                yield CardMistake(("points", written), message, "keep one of them")
            seen[normal(written)] = written

    @property
    def values(self) -> tuple[str, ...]:
        """Return the values in the form to compare."""
        return tuple(normal(value) for value in self.points)

    @property
    def rules(self) -> tuple[BaseRule, ...]:
        """Return a rule for each value."""
        points = enumerate(self.points.items())
        return tuple(CoverageRule(name=name, place=place, points=given) for place, (name, given) in points)


class AccountEngagement(Section):
    """The engagement of an account: that of its people, and what they did together."""

    groups: Groups = Field((), description="The groups of rules, over what all people of the account did.")
    people: People | None = Field(None, description="Points for how engaged the account's people are.")
    coverage: Coverage | None = Field(
        None, description="Points for the roles of a buying group that engaged people have."
    )

    @model_validator(mode="after")
    def _check(self) -> "AccountEngagement":
        if not (self.groups or self.people or self.coverage):
            remedy = "write people, coverage or groups"
            refuse("engagement", [CardMistake((), "nothing gives an account engagement", remedy)])
        return self

    @cached_property
    def direct(self) -> tuple[BaseRule, ...]:
        """The rules for people and covered values, before the groups."""
        return tuple(rule for part in (self.people, self.coverage) if part is not None for rule in part.rules)


class AccountScore(Score):
    """The points of an account: what it is (fit), and what its people do (engagement)."""

    fit: Annotated[Section, knowing(Section)] | None = Field(None, description="Points for what the account is.")
    engagement: Annotated[AccountEngagement, knowing(AccountEngagement, "fit")] | None = Field(
        None, description="Points for what the account's people do. Conditions can use `fit` here."
    )


class Accounts(CardModel):
    """What is known and computed of the companies of leads."""

    fields: dict[FieldName, PlainFieldType] = Field(
        {},
        description="The account fields, with their types: those of leads, but not member_of. A lead's condition uses"
        " them as `account.employees`.",
    )
    by_domain: ByDomain | None = Field(
        None, description="The fields by which a lead without an account is assigned to one."
    )
    figures: dict[FieldName, Annotated[AccountFigure, of_account(AccountFigure)]] = Field(
        {}, description="Figures of the account, made of its deals, or of the activities or results of all its leads."
    )
    reset: Annotated[tuple[Annotated[CardReset, of_account(CardReset)], ...], DIFFERENT_NAMES] = Field(
        (), description="Moments of the account: only later activities of its leads count for it."
    )
    score: Annotated[AccountScore, of_account(AccountScore)] | None = Field(
        None, description="Points for what an account is and what its people do."
    )
    grade: Annotated[Grade, of_account(Grade)] | None = Field(
        None, description="How well an account matches the ideal customer profile."
    )
    readiness: Annotated[Readiness, of_account(Readiness)] | None = Field(
        None, description="Where an account is in its buying cycle."
    )
    priority: Annotated[Priority, of_account(Priority)] | None = Field(
        None, description="The priority of an account. Needs `readiness`."
    )

    @field_validator("fields")
    @classmethod
    def _check_fields(cls, fields: dict[str, PlainFieldType]) -> dict[str, PlainFieldType]:
        refuse("fields", reserved_names(fields, {*RESERVED, ACCOUNT_ID}, "field"))
        return fields

    @field_validator("figures")
    @classmethod
    def _check_figures(cls, figures: dict[str, BaseFigure], info: ValidationInfo) -> dict[str, BaseFigure]:
        refuse("figures", reserved_names(figures, {*RESERVED, ACCOUNT_ID}, "figure"))
        refuse("figures", taken_names(figures, info.data.get("fields", {})))
        return figures

    @field_validator("priority")
    @classmethod
    def _check_readiness(cls, priority: Priority | None, info: ValidationInfo) -> Priority | None:
        return with_stages(priority, info.context.company if isinstance(info.context, Declarations) else None)

    @property
    def scored(self) -> bool:
        """Whether accounts have results of their own."""
        return any(part is not None for part in (self.score, self.grade, self.readiness))
