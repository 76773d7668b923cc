"""Conditions on leads and activities, in three-valued logic."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from itertools import chain
from keyword import iskeyword
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    PlainSerializer,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
    create_model,
    field_validator,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from scoring.card.base import CardModel, Some
from scoring.card.declarations import ACCOUNT, Declarations, too_early
from scoring.card.mistakes import CardMistake, meant, refuse, validated
from scoring.card.operands import ACTIVITY_FIELDS, NOWHERE, During, Scope, ValueType, as_period
from scoring.card.operators import ALL, BY_NAME, OPERATORS, Operator
from scoring.card.values import as_text
from vocabulary.units import Duration


def _period(value: object) -> During:
    return value if isinstance(value, During) else as_period(value)


PeriodText = Annotated[
    During,
    BeforeValidator(_period),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "examples": ["this month", "last quarter"]}),
]
COMPUTED: Final[Mapping[str, ValueType]] = {
    "fit": "number",
    "engagement": "number",
    "score": "number",
    "grade": "grade",
    "stage": "stage",
    "urgency": "urgency",
}
"""The computed values that a condition can use, in the order in which they are computed."""

LOGIC: Final = frozenset({"all", "any", "not", "activities", "unanswered", "surge"})


class BaseTest(CardModel):
    """A test of one field: a scalar (equals), a list (one of), or operators that must all hold."""

    __test__: ClassVar[bool] = False  # pytest collects classes named Test

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, raw: object) -> object:
        if isinstance(raw, Mapping | BaseTest):
            return raw
        return {"in": raw} if isinstance(raw, list | tuple) else {"is": raw}

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Add the short forms to the operators."""
        operators = handler.resolve_ref_schema(handler(core_schema))
        scalar = {"type": ["string", "number", "boolean"]}
        return {
            "title": operators.get("title", "Test"),
            "description": cls.__doc__,
            "anyOf": [scalar, {"type": "array", "items": scalar}, {**operators, "minProperties": 1}],
        }

    or_missing: bool | None = Field(
        None, description="true, beside other operators: a missing value, or the grade `?`, makes the line true."
    )

    @property
    def operators(self) -> dict[str, Any]:
        """Return the given operators with their operands, as written."""
        names = (name for name in type(self).model_fields if name in self.model_fields_set and name != "or_missing")
        given = {name: getattr(self, name) for name in names}
        return {name.rstrip("_"): operand for name, operand in given.items()}

    @property
    def referred(self) -> frozenset[str]:
        """Return the fields that operands refer to."""
        written = chain.from_iterable(
            raw if isinstance(raw, list | tuple) else [raw] for raw in self.operators.values()
        )
        return frozenset(str(raw["field"]) for raw in written if isinstance(raw, Mapping) and "field" in raw)

    def mistakes(self, value_type: ValueType, scope: Scope = NOWHERE) -> Iterator[CardMistake]:
        """Yield the parts of this test that do not fit a value of this type."""
        if self.or_missing is not None and (not self.operators or "known" in self.operators):
            remedy = "write it beside an operator such as is or below"
            yield CardMistake(("or_missing",), "`or_missing` has no effect without another operator", remedy)
        elif not self.operators:
            yield CardMistake((), "an operator is missing here", f"write one of {', '.join(OPERATORS[value_type])}")
        for operator, operand in self.operators.items():
            yield from _operand_mistakes(operator, operand, value_type, scope)


def _option(operator: Operator) -> tuple[str, Any]:
    """Return the option of an operator; a Python keyword gets an underscore."""
    alias = operator.name if iskeyword(operator.name) else None
    field = Field(None, alias=alias, description=operator.description)
    return f"{operator.name}_" if alias else operator.name, (operator.written, field)


if TYPE_CHECKING:
    Test = BaseTest
else:
    Test = create_model(
        "Test", __base__=BaseTest, __doc__=BaseTest.__doc__, __module__=__name__, **dict(map(_option, ALL))
    )


def _operand_mistakes(operator: str, operand: Any, value_type: ValueType, scope: Scope) -> Iterator[CardMistake]:
    if operator not in OPERATORS[value_type]:
        allowed = ", ".join(OPERATORS[value_type])
        yield CardMistake(
            (operator,), f"'{operator}' cannot be used on a {value_type} value", f"use one of {allowed}", operand
        )
        return
    try:
        converted(operator, operand, value_type, scope)
    except ValueError as error:
        yield CardMistake((operator,), str(error), given=operand)


def converted(operator: str, operand: Any, value_type: ValueType, scope: Scope = NOWHERE) -> Any:
    """Return an operand in the form to compare with: a tuple for operators that take several values."""
    if operand is None:
        raise ValueError("a value is missing here: to match leads without a value, write known: false")
    return BY_NAME[operator].operand(operator, operand, value_type, scope)


class ActivityCondition(CardModel):
    """A condition on one activity. All its keys must hold; an empty one matches every activity."""

    all: "tuple[ActivityCondition, ...] | None" = Field(None, description="All of these conditions hold.")
    any: "tuple[ActivityCondition, ...] | None" = Field(None, description="At least one of these conditions holds.")
    not_: "ActivityCondition | None" = Field(None, alias="not", description="This condition does not hold.")
    kind: Test | None = Field(None, description="What the lead did, such as page_view or demo_request.")
    url: Test | None = Field(None, description="The URL without tracking parameters.")
    name: Test | None = Field(None, description="The name of the asset, form, campaign or subject.")
    seconds: Test | None = Field(None, description="The time spent, in seconds.")
    value: Test | None = Field(None, description="The number recorded with the activity.")
    occurred_at: Test | None = Field(None, description="When it happened.")

    @model_validator(mode="after")
    def _check(self) -> "ActivityCondition":
        refuse("activity", self._mistakes())
        return self

    def _mistakes(self) -> Iterator[CardMistake]:
        for name, test in self.tests.items():
            yield from (mistake.below(name) for mistake in test.mistakes(ACTIVITY_FIELDS[name]))
        for name in sorted(self.model_fields_set):
            yield from missing_condition(name.rstrip("_"), getattr(self, name))

    @property
    def tests(self) -> dict[str, Test]:
        """Return the tests of this condition by field."""
        return {name: test for name in ACTIVITY_FIELDS if (test := getattr(self, name)) is not None}

    @property
    def fields(self) -> frozenset[str]:
        """Return the names of all activity fields that this condition uses, including nested ones."""
        nested = [*(self.all or ()), *(self.any or ()), *([self.not_] if self.not_ else [])]
        return frozenset(self.tests).union(*(condition.fields for condition in nested))


class RecentActivity(ActivityCondition):
    """A condition on one activity, and on when it happened."""

    within: Duration | None = Field(None, description="Only count activities younger than this.")
    during: PeriodText | None = Field(None, description="Only count activities of this period, such as `this month`.")


class ActivitiesCondition(RecentActivity):
    """A condition on the number of matching activities: at least one by default."""

    at_least: int | None = Field(
        None, ge=0, description="This many or more; 1 by default, or 0 if only `at_most` is given."
    )
    at_most: int | None = Field(None, ge=0, description="This many or fewer.")

    @model_validator(mode="after")
    def _check_bounds(self) -> "ActivitiesCondition":
        if self.at_most is not None and self.least > self.at_most:
            refuse("activities", [CardMistake(("at_most",), "at_most is less than at_least, so this never holds")])
        return self

    @property
    def least(self) -> int:
        """Return the minimum number of activities."""
        if self.at_least is not None:
            return self.at_least
        return 1 if self.at_most is None else 0


def _listed(value: object) -> object:
    return value if isinstance(value, list | tuple) else [value]


Kinds = Annotated[Some[str], BeforeValidator(_listed)]


class Unanswered(CardModel):
    """An activity of `kind` in the window without an activity of `by` at the same time or later."""

    kind: Kinds = Field(description="The kinds that need an answer: one or a list.")
    by: Kinds = Field(description="The kinds that answer: one or a list.")
    within: Duration | None = Field(None, description="How old the unanswered activity may be.")

    @field_validator("kind", "by")
    @classmethod
    def _check_kinds(cls, kinds: tuple[str, ...]) -> tuple[str, ...]:
        for kind in kinds:
            as_text(kind)
        return kinds

    @cached_property
    def asking(self) -> ActivityCondition:
        """The activities that need an answer."""
        return ActivityCondition.model_validate({"kind": self.kind})

    @cached_property
    def answering(self) -> ActivityCondition:
        """The activities that answer."""
        return ActivityCondition.model_validate({"kind": self.by})


class Surge(CardModel):
    """More activity in the last 7 days than usual in the three weeks before.

    S7 is the sum of positive activity-rule points of the last 7 days, before decay and caps. B is a third of that sum
    for the 21 days before. The condition holds if S7 >= points and S7 >= at_least x B.
    """

    at_least: float = Field(ge=0, allow_inf_nan=False, description="How many times the usual amount.")
    points: float = Field(allow_inf_nan=False, description="The minimum points in the last 7 days.")


class LeadCondition(CardModel):
    """A condition on a lead. All its keys must hold; a key that is not listed here is a declared field."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Test]

    all: "tuple[LeadCondition, ...] | None" = Field(None, description="All of these conditions hold.")
    any: "tuple[LeadCondition, ...] | None" = Field(None, description="At least one of these conditions holds.")
    not_: "LeadCondition | None" = Field(None, alias="not", description="This condition does not hold.")
    activities: ActivitiesCondition | None = Field(None, description="The number of the lead's activities that match.")
    unanswered: Unanswered | None = Field(None, description="A request that has not been answered yet.")
    surge: Surge | None = Field(None, description="Much more activity than usual. Needs the engagement section.")
    fit: Test | None = Field(None, description="The rounded fit. Only after it is computed.")
    engagement: Test | None = Field(None, description="The rounded engagement. Only after it is computed.")
    score: Test | None = Field(None, description="The rounded score. Only after it is computed.")
    grade: Test | None = Field(
        None,
        description="The grade, A+ being the best. A letter without a sign includes those with one; `?` is unknown.",
    )
    stage: Test | None = Field(None, description="The stage, in the order of the list.")
    urgency: Test | None = Field(None, description="The urgency: now, soon, later or none.")

    @model_validator(mode="wrap")
    @classmethod
    def _check(cls, raw: object, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> "LeadCondition":
        mistakes = _lead_mistakes(raw, info.context) if isinstance(info.context, Declarations) else ()
        condition: LeadCondition = validated("condition", raw, handler, mistakes)
        return condition

    @property
    def field_tests(self) -> dict[str, Test]:
        """Return the tests of declared fields."""
        return self.__pydantic_extra__ or {}

    @property
    def named_fields(self) -> frozenset[str]:
        """Return the declared fields that are tested or compared with."""
        tests = [*self.field_tests.values(), *self.computed_tests.values()]
        return frozenset(self.field_tests).union(*(test.referred for test in tests))

    @property
    def computed_tests(self) -> dict[str, Test]:
        """Return the tests of computed values."""
        return {name: test for name in COMPUTED if (test := getattr(self, name)) is not None}

    @property
    def tested(self) -> tuple[list[str], bool]:
        """Return the declared fields that this condition tests, nested ones too, and whether it tests anything else."""
        fields = dict.fromkeys(self.field_tests)
        others = bool(self.computed_tests or self.activities or self.unanswered or self.surge)
        for inner in self.nested:
            more, other = inner.tested
            fields |= dict.fromkeys(more)
            others |= other
        return list(fields), others

    @property
    def nested(self) -> tuple["LeadCondition", ...]:
        """Return the conditions directly inside this one."""
        return (*(self.all or ()), *(self.any or ()), *([self.not_] if self.not_ else []))


def _lead_mistakes(raw: object, declared: Declarations) -> Iterator[CardMistake]:
    """Yield the mistakes in the keys of a condition, even if its content is also wrong."""
    for name, operand in raw.items() if isinstance(raw, Mapping) else ():
        if name in COMPUTED:
            yield from _computed_mistakes(name, operand, declared)
        elif name == "surge" and name not in declared.exists:
            yield _too_early(name, declared)
        elif name in LOGIC:
            yield from missing_condition(name, operand)
        else:
            yield from _field_mistakes(str(name), operand, declared)


def _computed_mistakes(name: str, operand: object, declared: Declarations) -> Iterator[CardMistake]:
    if name not in declared.exists & (declared.sections | {"surge"}):
        yield _too_early(name, declared)
    else:
        yield from test_mistakes(name, operand, COMPUTED[name], declared.scope)


def _too_early(name: str, declared: Declarations) -> CardMistake:
    usable = [known for known in COMPUTED if known in declared.exists & declared.sections]
    remedy = f"only {', '.join(usable)} can be used here" if usable else "only fields and activities can be used here"
    return CardMistake((name,), f"'{name}' is not computed yet at this point", remedy)


def _field_mistakes(name: str, operand: object, declared: Declarations) -> Iterator[CardMistake]:
    if declared.is_early and name in declared.late:
        yield too_early((name,), name)
    elif name in declared.fields:
        yield from test_mistakes(name, operand, declared.fields[name], declared.scope)
    elif name.startswith(ACCOUNT) and declared.in_figure:
        yield CardMistake((name,), f"a figure cannot use '{name}'", "use a field of the leads themselves")
    else:
        names = ", ".join(declared.fields) or "none"
        otherwise = f"declare it under `{declared.under}`, or use one of: {names}"
        if name.startswith(ACCOUNT):
            otherwise = f"declare it as `{name.removeprefix(ACCOUNT)}` under `accounts.fields`"
        yield CardMistake((name,), f"there is no field '{name}'", meant(name, declared.fields, otherwise))


def test_mistakes(name: str, operand: object, value_type: ValueType, scope: Scope) -> Iterator[CardMistake]:
    """Yield the mistakes in the test of a field."""
    try:
        test = Test.model_validate(operand)
    except ValidationError:
        return  # reported with the test itself
    yield from (mistake.below(name) for mistake in test.mistakes(value_type, scope))


def missing_condition(name: str, operand: object) -> Iterator[CardMistake]:
    """Yield a mistake if a key has no value, which YAML reads as null."""
    if operand is None:
        yield CardMistake((name,), f"'{name}' has no value", "write one or remove the key")


def knowing(model: type[CardModel], *exists: str) -> WrapValidator:
    """Return a validator for a part that is evaluated after these values are computed."""

    def validate(raw: object, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> object:
        if isinstance(info.context, Declarations):
            return model.model_validate(raw, context=replace(info.context, exists=frozenset(exists)))
        return handler(raw)

    return WrapValidator(validate)


_POINTS: Final = ("fit", "engagement", "score", "surge")

BeforeGrade = Annotated[LeadCondition, knowing(LeadCondition, *_POINTS)]
BeforeStage = Annotated[LeadCondition, knowing(LeadCondition, *_POINTS, "grade")]
BeforeUrgency = Annotated[LeadCondition, knowing(LeadCondition, *_POINTS, "grade", "stage")]
BeforeAccounts = Annotated[LeadCondition, knowing(LeadCondition, *_POINTS, "grade", "stage", "urgency")]
BeforePriority = Annotated[LeadCondition, knowing(LeadCondition, *_POINTS, "grade", "stage", "urgency", "accounts")]
