"""Figures: numbers and times of a lead that are made of its deals or of its activities."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import (
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from scoring.card.base import CardModel
from scoring.card.conditions import (
    BeforeAccounts,
    LeadCondition,
    PeriodText,
    RecentActivity,
    Test,
    missing_condition,
    test_mistakes,
)
from scoring.card.declarations import Declarations, needs_results, what_of
from scoring.card.mistakes import CardMistake, meant, refuse, validated
from scoring.card.values import TIMES
from vocabulary.fields import FieldType
from vocabulary.units import Duration

Way = Literal["count", "sum", "average", "max", "min"]
WAYS: Final[tuple[Way, ...]] = ("count", "sum", "average", "max", "min")
"""How a figure makes one value of many."""
ADDING: Final = frozenset({"sum", "average"})
"""The ways that need a number."""
DEAL_COLUMNS: Final = frozenset({"all", "any", "not", "id", "deal", "lead", "lead_id", "account", "account_id"})
"""What the fields of a deal cannot be called."""


class DealCondition(CardModel):
    """A condition on a deal. All its keys must hold; a key that is not listed here is a declared field of deals."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Test]

    all: "tuple[DealCondition, ...] | None" = Field(None, description="All of these conditions hold.")
    any: "tuple[DealCondition, ...] | None" = Field(None, description="At least one of these conditions holds.")
    not_: "DealCondition | None" = Field(None, alias="not", description="This condition does not hold.")

    @model_validator(mode="wrap")
    @classmethod
    def _check(cls, raw: object, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> "DealCondition":
        mistakes = _condition_mistakes(raw, info.context) if isinstance(info.context, Declarations) else ()
        condition: DealCondition = validated("condition", raw, handler, mistakes)
        return condition

    @property
    def field_tests(self) -> dict[str, Test]:
        """Return the tests of fields."""
        return self.__pydantic_extra__ or {}

    @property
    def fields(self) -> frozenset[str]:
        """Return the fields that are tested or compared with, in nested conditions too."""
        nested = [*(self.all or ()), *(self.any or ()), *([self.not_] if self.not_ else [])]
        referred = (test.referred for test in self.field_tests.values())
        return frozenset(self.field_tests).union(*referred, *(one.fields for one in nested))


def _condition_mistakes(raw: object, declared: Declarations) -> Iterator[CardMistake]:
    for name, operand in raw.items() if isinstance(raw, Mapping) else ():
        if name in {"all", "any", "not"}:
            yield from missing_condition(name, operand)
        elif name in declared.deals:
            yield from test_mistakes(name, operand, declared.deals[name], declared.of_deals)
        else:
            yield CardMistake((name,), *_unknown(str(name), "deals", declared.deals))


class BaseFigure(CardModel):
    """One value of a lead that is made of many: their number, or the sum, average, greatest or least of a field."""

    what: ClassVar[str]
    """What it is made of."""

    count: str | None = Field(None)
    sum: str | None = Field(None, description="The sum of this number field; 0 of none.")
    average: str | None = Field(None, description="The average of this number field; missing of none.")
    max: str | None = Field(None, description="The greatest value of this number or time field; missing of none.")
    min: str | None = Field(None, description="The least value of this number or time field; missing of none.")
    of: str | None = Field(None)

    @model_validator(mode="after")
    def _check(self, info: ValidationInfo) -> "BaseFigure":
        refuse("figure", self.mistakes(info.context if isinstance(info.context, Declarations) else None))
        return self

    def mistakes(self, declared: Declarations | None) -> Iterator[CardMistake]:
        """Yield a mistake for several ways or none, and for a field that does not fit."""
        given = [way for way in WAYS if getattr(self, way) is not None]
        if len(given) != 1:
            words = ", ".join(f"`{way}`" for way in WAYS[:-1])
            yield CardMistake((), "a figure is made in one way", f"write exactly one of {words} and `{WAYS[-1]}`")
        elif given == ["count"] and self.of is not None:
            yield CardMistake(("of",), "`count` says already what is counted", "leave out `of`")
        elif declared and self.field is not None:
            yield from self._field_mistakes(self.field, declared.sources.get(self.what, {}))

    def _field_mistakes(self, name: str, fields: Mapping[str, FieldType]) -> Iterator[CardMistake]:
        allowed = {"number"} if self.way in ADDING else {"number", *TIMES}
        fitting = [one for one, kind in fields.items() if kind in allowed]
        if name not in fields:
            yield CardMistake((self.way,), *_unknown(name, self.what, fields))
        elif name not in fitting:
            needs = "a number" if self.way in ADDING else "a number or a time"
            remedy = f"use one of {', '.join(fitting)}" if fitting else f"count the {self.what} instead"
            yield CardMistake((self.way,), f"`{self.way}` needs {needs}, and '{name}' is a {fields[name]}", remedy)

    @property
    def way(self) -> Way:
        """How one value is made of many."""
        return next(way for way in WAYS if getattr(self, way) is not None)

    @property
    def field(self) -> str | None:
        """The field whose values are summarised; None if they are counted."""
        return None if self.way == "count" else getattr(self, self.way)

    def type_in(self, sources: Mapping[str, Mapping[str, FieldType]]) -> FieldType:
        """Return the type of the figure, given the fields of what figures are made of: times have a greatest time."""
        return "time" if sources[self.what].get(self.field or "") in TIMES else "number"


class DealFigure(BaseFigure):
    """A figure of the lead's deals."""

    what: ClassVar = "deals"

    count: Literal["deals"] | None = Field(None, description="`deals`: how many there are; 0 of none.")
    of: Literal["deals"] | None = Field(None, description="`deals`.")
    where: DealCondition | None = Field(None, description="Only deals for which this is true. Default: all.")


class ActivityFigure(BaseFigure):
    """A figure of the lead's activities after the resets of the scorecard."""

    what: ClassVar = "activities"

    count: Literal["activities"] | None = Field(None, description="`activities`: how many there are; 0 of none.")
    of: Literal["activities"] | None = Field(None, description="`activities`.")
    where: RecentActivity | None = Field(None, description="Only activities for which this is true. Default: all.")
    within: Duration | None = Field(None, description="Only activities younger than this.")
    during: PeriodText | None = Field(None, description="Only activities of this period, such as `this month`.")


def of_leads(raw: object, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> object:
    """Validate a condition on the leads of an account, who cannot be asked about their account here."""
    if raw is not None and isinstance(info.context, Declarations) and info.context.people is not None:
        return ON_LEADS.validate_python(raw, context=info.context.people.alone)
    return handler(raw)


ON_LEADS: Final[TypeAdapter[Any]] = TypeAdapter(BeforeAccounts)


class LeadFigure(BaseFigure):
    """A figure of an account's leads."""

    what: ClassVar = "leads"

    count: Literal["leads"] | None = Field(None, description="`leads`: how many there are; 0 of none.")
    of: Literal["leads"] | None = Field(None, description="`leads`.")
    where: Annotated[LeadCondition | None, WrapValidator(of_leads)] = Field(
        None, description="Only leads for which this is true. Default: all. Results such as `stage` can be used."
    )

    @cached_property
    def is_late(self) -> bool:
        """Whether the figure needs results of leads."""
        return needs_results(self.model_dump(by_alias=True, exclude_none=True))


OF_LEAD: Final[tuple[type[BaseFigure], ...]] = (DealFigure, ActivityFigure)
"""The kinds of figures of a lead, by what they are made of."""
OF_ACCOUNT: Final[tuple[type[BaseFigure], ...]] = (*OF_LEAD, LeadFigure)
"""The kinds of figures of an account."""


def _by_what(raw: object, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> object:
    """Choose the kind of a lead's figure by what it is made of, so that mistakes are reported for that kind only."""
    return _of_kind(OF_LEAD, raw, handler, info)


def _by_what_of_account(raw: object, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> object:
    """Choose the kind of an account's figure in the same way."""
    return _of_kind(OF_ACCOUNT, raw, handler, info)


def _of_kind(
    allowed: tuple[type[BaseFigure], ...], raw: object, handler: ValidatorFunctionWrapHandler, info: ValidationInfo
) -> object:
    if not isinstance(raw, Mapping):
        return handler(raw)
    kinds: dict[str | None, type[BaseFigure]] = {kind.what: kind for kind in allowed}
    if (what := what_of(raw)) not in kinds:
        option = "count" if "count" in raw else "of"
        names = " or ".join(f"`{option}: {name}`" for name in kinds)
        wrong = "it does not say what the figure is made of" if what is None else f"there are no figures of '{what}'"
        refuse("figure", [CardMistake((option,) if option in raw else (), wrong, f"write {names}", what)])
    return kinds[what].model_validate(raw, context=info.context)


Figure = Annotated[DealFigure | ActivityFigure, WrapValidator(_by_what)]
AccountFigure = Annotated[DealFigure | ActivityFigure | LeadFigure, WrapValidator(_by_what_of_account)]


def _unknown(name: str, what: str, fields: Mapping[str, Any]) -> tuple[str, str]:
    """Return what is wrong with a name that is no field of deals or activities, and a remedy."""
    if name.startswith("account."):
        return f"a figure cannot use '{name}'", f"use a field of the {what} themselves"
    declare = {"deals": "declare it under `deals`", "leads": "declare it under `fields`"}.get(what)
    declare = declare or f"use one of {', '.join(fields)}"
    return f"{what} have no field '{name}'", meant(name, fields, declare)
