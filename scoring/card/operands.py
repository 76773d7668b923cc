"""Checks the operands of operators and converts them to the type to compare with."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from scoring.card.letters import ranks
from scoring.card.values import normal, typed
from vocabulary.fields import FieldType
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
    "grade",
    "stage",
    "urgency",
)
"""In the order of the documentation."""

URGENCIES: Final = BY_NAME["lead_urgency"].choices
_PAIR: Final = 2


def as_it_is(_operator: str, operand: Any, _value_type: ValueType, _stages: Sequence[str]) -> Any:
    """Return the operand unchanged: pydantic has already checked it."""
    return operand


def pattern(_operator: str, operand: Any, _value_type: ValueType, _stages: Sequence[str]) -> str:
    """Return a regular expression that ignores case."""
    return checked_pattern(operand)


def one(operator: str, operand: Any, value_type: ValueType, stages: Sequence[str]) -> Any:
    """Return a single operand."""
    if isinstance(operand, list | tuple | Mapping):
        raise ValueError(f"'{operator}' takes one value: use `in` for several")  # noqa: TRY004 - pydantic collects ValueError
    return _converted(operand, value_type, stages)


def several(operator: str, operand: Any, value_type: ValueType, stages: Sequence[str]) -> tuple[Any, ...]:
    """Return the operands of an operator that takes a list or a single value."""
    listed = operand if isinstance(operand, list | tuple) else [operand]
    values = tuple(_converted(value, value_type, stages) for value in listed)
    if not values:
        raise ValueError(f"'{operator}' needs at least one value")
    return values


def pair(operator: str, operand: Any, value_type: ValueType, stages: Sequence[str]) -> tuple[Any, ...]:
    """Return two operands, the lower one first."""
    values = several(operator, operand, value_type, stages)
    if len(values) != _PAIR:
        raise ValueError(f"'{operator}' takes two values: [from, to]")
    if not isinstance(values[0], tuple) and values[0] > values[1]:
        raise ValueError(f"'{operator}' never holds because its first value is greater than its second: swap them")
    return values


def _converted(value: Any, value_type: ValueType, stages: Sequence[str]) -> Any:
    match value_type:
        case "grade":
            return ranks(value)
        case "stage":
            return _position(value, stages)
        case "urgency":
            return _urgency(value)
        case _:
            return typed(value, value_type)


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
