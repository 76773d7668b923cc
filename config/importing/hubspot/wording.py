"""Names for rules, which HubSpot's have not: what they test, in words."""

from collections.abc import Iterator, Sequence
from typing import Final

from config.importing.hubspot.properties import Place, label
from config.importing.hubspot.shapes import (
    AnyOperation,
    Composite,
    Flag,
    NumberIs,
    NumberRange,
    RollingDays,
    Single,
    Text,
)

LONGEST: Final = 60
_SIGNS: Final = ("IS_", "HAS_", "_TO", "_X")


def of_test(property_: str, operation: AnyOperation, place: Place) -> str:
    """Return a test in words: `Job title contains director`."""
    texts = [place.value(property_, one) for one in _texts(operation)]
    return _cut(f"{label(property_)}{_said(operation, texts)}")


def _said(operation: AnyOperation, texts: Sequence[str]) -> str:
    """Return what a test asks for, to follow the name of its property."""
    equal = operation.operator in {"IS_EQUAL_TO", "IS", "IS_ANY_OF"}
    between = operation.operator == "IS_BETWEEN"
    match operation:
        case Flag():
            return "" if operation.value != ("NOT" in operation.operator) else ": no"
        case NumberRange():
            return f" {'' if between else 'not '}{operation.low:g} to {operation.high:g}"
        case RollingDays():
            return f" {_words(operation.operator.replace('X_DAYS', f'{operation.days}_DAYS'))}"
    values = [f"{operation.value:g}"] if isinstance(operation, NumberIs) else texts
    several = " and ".join(values) if operation.operator.endswith("_ALL") else " or ".join(values)
    return " ".join(["", *([] if equal and values else [_words(operation.operator)]), several]).rstrip()


def _texts(operation: AnyOperation) -> Sequence[str]:
    return [operation.value] if isinstance(operation, Text) else getattr(operation, "values", ())


def of_condition(where: Composite, place: Place) -> str:
    """Return the tests of a condition in words."""
    return _cut(" and ".join(_singles(where, place)) or "Everyone")


def _singles(where: Composite, place: Place) -> Iterator[str]:
    for one in where.conditions:
        yield from [of_test(one.property, one.operation, place)] if isinstance(one, Single) else _singles(one, place)


def _words(operator: str) -> str:
    words = operator
    for sign in _SIGNS:
        words = words.removeprefix(sign) if sign.endswith("_") else words.removesuffix(sign)
    return words.replace("_", " ").lower()


def _cut(text: str) -> str:
    said = " ".join(text.split()) or "Property"
    return said if len(said) <= LONGEST else f"{said[: LONGEST - 1].rstrip(' ,')}…"
