"""Checks the operands of operators and converts them to the type to compare with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from scoring.card.calendar import PERIODS, UTC_CALENDAR, Calendar
from scoring.card.letters import ranks
from scoring.card.mistakes import meant
from scoring.card.values import normal, typed
from vocabulary.fields import LISTS, FieldType
from vocabulary.outputs import BY_NAME
from vocabulary.patterns import checked

ValueType = FieldType | Literal["grade", "stage", "urgency"]
VALUE_TYPES: Final[tuple[ValueType, ...]] = (
    "text",
    "number",
    "flag",
    "time",
    "date",
    "list",
    "member_of",
    "grade",
    "stage",
    "urgency",
)
"""In the order of the documentation."""

ACTIVITY_FIELDS: Final[Mapping[str, FieldType]] = {
    "kind": "text",
    "url": "text",
    "name": "text",
    "seconds": "number",
    "value": "number",
    "occurred_at": "time",
}
"""The fields of an activity with their types."""
TOO_EARLY: Final = "it is made of results of leads, so only the priorities under `first` can use it"
URGENCIES: Final = BY_NAME["lead_urgency"].choices
_PAIR: Final = 2


@dataclass(frozen=True, slots=True)
class Scope:
    """What the operands of a scorecard can refer to."""

    stages: Sequence[str] = ()
    fields: Mapping[str, FieldType] = field(default_factory=dict)
    calendar: Calendar = UTC_CALENDAR
    late: frozenset[str] = frozenset()
    """Fields that are not computed yet."""


NOWHERE: Final = Scope()


@dataclass(frozen=True, slots=True)
class Other:
    """Another field whose value is the operand, written `{field: name}`."""

    name: str


@dataclass(frozen=True, slots=True)
class During:
    """A period of the calendar, relative to the one of the time of scoring."""

    ahead: int
    """0 for the same period, -1 for the one before, 1 for the one after."""
    period: str

    def __str__(self) -> str:
        """Return the period as a scorecard writes it."""
        return f"{next(word for word, ahead in _AHEAD.items() if ahead == self.ahead)} {self.period}"


_AHEAD: Final = {"this": 0, "last": -1, "next": 1}


def as_period(value: object) -> During:
    """Return a period written like `this month`."""
    match str(value).strip().lower().split():
        case [which, period] if which in _AHEAD and period in PERIODS:
            return During(_AHEAD[which], period)
    raise ValueError(f"'{value}' is not a period: write this, last or next and {', '.join(PERIODS)}")


def period(_operator: str, operand: Any, _value_type: ValueType, _scope: Scope) -> During:
    """Return a period of the calendar."""
    return as_period(operand)


def as_it_is(_operator: str, operand: Any, _value_type: ValueType, _scope: Scope) -> Any:
    """Return the operand unchanged: pydantic has already checked it."""
    return operand


def pattern(_operator: str, operand: Any, _value_type: ValueType, _scope: Scope) -> str:
    """Return a regular expression that ignores case."""
    return checked_pattern(operand)


def one(operator: str, operand: Any, value_type: ValueType, scope: Scope) -> Any:
    """Return a single operand."""
    if isinstance(operand, list | tuple | Mapping):
        raise ValueError(f"'{operator}' takes one value: use `in` for several")  # noqa: TRY004 - pydantic collects ValueError
    return _converted(operand, value_type, scope)


def one_or_field(operator: str, operand: Any, value_type: ValueType, scope: Scope) -> Any:
    """Return a single operand, which can be another field."""
    return one(operator, _referring(operand), value_type, scope)


def pair_or_fields(operator: str, operand: Any, value_type: ValueType, scope: Scope) -> tuple[Any, ...]:
    """Return two operands, each of which can be another field."""
    listed = [_referring(value) for value in operand] if isinstance(operand, list | tuple) else operand
    return pair(operator, listed, value_type, scope)


def _referring(operand: Any) -> Any:
    """Return the field that `{field: name}` refers to; anything else as it is."""
    named = operand["field"] if isinstance(operand, Mapping) and set(operand) == {"field"} else None
    return operand if named is None else Other(str(named))


def _of_type(other: Other, value_type: ValueType, scope: Scope) -> Other:
    if value_type in LISTS:
        raise ValueError("a list cannot be compared with another field: use contains, or a field of another type")
    if not scope.fields:
        raise ValueError("this cannot be compared with another field: write a value")
    if other.name in scope.late:
        raise ValueError(f"'{other.name}' is not computed yet at this point: {TOO_EARLY}")
    if other.name not in scope.fields:
        remedy = meant(other.name, scope.fields, "declare it under `fields`")
        raise ValueError(f"there is no field '{other.name}' to compare with: {remedy}")
    found = scope.fields[other.name]
    if found != value_type:
        raise ValueError(
            f"a {value_type} cannot be compared with '{other.name}', which is a {found}: use a {value_type} field"
        )
    return other


def several(operator: str, operand: Any, value_type: ValueType, scope: Scope) -> tuple[Any, ...]:
    """Return the operands of an operator that takes a list or a single value."""
    listed = operand if isinstance(operand, list | tuple) else [operand]
    values = tuple(_converted(value, value_type, scope) for value in listed)
    if not values:
        raise ValueError(f"'{operator}' needs at least one value")
    return values


def pair(operator: str, operand: Any, value_type: ValueType, scope: Scope) -> tuple[Any, ...]:
    """Return two operands, the lower one first."""
    values = several(operator, operand, value_type, scope)
    if len(values) != _PAIR:
        raise ValueError(f"'{operator}' takes two values: [from, to]")
    if not any(isinstance(value, tuple | Other) for value in values) and values[0] > values[1]:
        raise ValueError(f"'{operator}' never holds because its first value is greater than its second: swap them")
    return values


def _converted(value: Any, value_type: ValueType, scope: Scope) -> Any:
    if isinstance(value, Other):
        return _of_type(value, value_type, scope)
    match value_type:
        case "grade":
            return ranks(value)
        case "stage":
            return _position(value, scope.stages)
        case "urgency":
            return _urgency(value)
        case _:
            return typed(value, value_type, scope.calendar)


def _position(value: Any, stages: Sequence[str]) -> int:
    names = [normal(name) for name in stages]
    known = f"use one of {', '.join(stages)}" if stages else "declare it under `readiness.stages`"
    if normal(str(value)) not in names:
        raise ValueError(f"there is no stage '{value}': {known}")
    return names.index(normal(str(value)))


def _urgency(value: Any) -> str:
    if normal(str(value)) not in URGENCIES:
        raise ValueError(f"there is no urgency '{value}': use one of {', '.join(URGENCIES)}")
    return normal(str(value))


def checked_pattern(pattern: Any) -> str:
    """Return a regular expression that ignores case. Raise ValueError if the Rust engine rejects it."""
    if not isinstance(pattern, str):
        raise ValueError(f"'{pattern}' is not a regular expression: write it in quotes")  # noqa: TRY004 - pydantic collects ValueError
    return f"(?i){checked(pattern)}"
