"""Filter expressions of channel members: which change events a channel delivers."""

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

from leadgauge_sandbox.salesforce.errors import SalesforceError
from leadgauge_sandbox.salesforce.schema.sobject import SObject
from leadgauge_sandbox.salesforce.soql.parser import parse, unescaped
from leadgauge_sandbox.salesforce.soql.tree import (
    And,
    Comparison,
    Condition,
    Day,
    Membership,
    Moment,
    Not,
    Number,
    Operand,
    Or,
    Path,
    Text,
    Value,
    Word,
)

# Header fields that are no lists may be named: https://developer.salesforce.com/docs/platform/change-data-capture/guide/cdc-filters.html
# (2026-11).
_HEADER: Final = "ChangeEventHeader."
_NAMED: Final = frozenset(
    {
        *("entityName", "changeType", "changeOrigin", "transactionKey", "sequenceNumber"),
        *("commitTimestamp", "commitNumber", "commitUser"),
    }
)
_WORDS: Final[dict[str, bool | None]] = {"TRUE": True, "FALSE": False, "NULL": None}
_ORDERED: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

Known = Mapping[str, Any]
"""Values by field; those of the header by `ChangeEventHeader.changeType`."""


def read_filter(sobject: SObject, expression: str) -> Condition:
    """Return the condition of an expression; refuses an unknown field or an unsupported operator."""
    condition = parse(f"SELECT Id FROM {sobject.name} WHERE {expression}").where  # noqa: S608 - SOQL, of an admin
    if condition is None:
        raise _invalid(expression)
    for leaf in _leaves(condition):
        name = _name(leaf.operand)
        header = name.startswith(_HEADER) and name.removeprefix(_HEADER) in _NAMED
        if not header and sobject.find(name) is None:
            raise _invalid(name)
        holds(leaf, {})
    return condition


def fields(condition: Condition) -> frozenset[str]:
    """Return the record's fields in a condition."""
    names = (_name(leaf.operand) for leaf in _leaves(condition))
    return frozenset(name for name in names if not name.startswith(_HEADER))


def _leaves(condition: Condition) -> Iterator[Comparison | Membership]:
    match condition:
        case And(conditions) | Or(conditions):
            for each in conditions:
                yield from _leaves(each)
        case Not(inner):
            yield from _leaves(inner)
        case Comparison() | Membership():
            yield condition


def holds(condition: Condition, known: Known) -> bool:
    """Return whether a condition holds for an event."""
    match condition:
        case And(conditions):
            return all(holds(each, known) for each in conditions)
        case Or(conditions):
            return any(holds(each, known) for each in conditions)
        case Not(inner):
            return not holds(inner, known)
        case Comparison():
            return _compares(known.get(_name(condition.operand)), condition)
        case Membership(operand, "in" | "not in", tuple(values)):
            inside = any(_folded(known.get(_name(operand))) == _folded(_plain(each)) for each in values)
            return inside == (condition.operator == "in")
        case _:
            raise _invalid(f"{condition.operator} is not supported")


def _compares(held: Any, comparison: Comparison) -> bool:
    wanted = _plain(comparison.value)
    match comparison.operator:
        case "=":
            return _equal(held, wanted)
        case "!=":
            return not _equal(held, wanted)
        case "like":
            pattern = re.escape(str(wanted)).replace("%", ".*").replace("_", ".")
            return held is not None and re.fullmatch(pattern, str(held), re.IGNORECASE | re.DOTALL) is not None
        case sign:
            return held is not None and wanted is not None and _ORDERED[sign](_folded(held), _folded(wanted))


def _equal(held: Any, wanted: Any) -> bool:
    return bool(_folded(held) == _folded(wanted))


def _folded(value: Any) -> Any:
    """Return a value as filters compare it: text without letter case."""
    if isinstance(value, datetime):
        return value.timestamp()
    return value.lower() if isinstance(value, str) else value


def _plain(value: Value) -> str | float | bool | date | datetime | None:
    match value:
        case Text():
            return unescaped(value.value)
        case Number():
            return float(value.value)
        case Day() | Moment():
            return value.value
        case Word() if value.value in _WORDS:
            return _WORDS[value.value]
        case _:
            raise _invalid(value.value)


def _name(operand: Operand) -> str:
    if not isinstance(operand, Path):
        raise _invalid(operand.name)
    return ".".join(operand.parts)


def _invalid(what: str) -> SalesforceError:
    return SalesforceError("FIELD_INTEGRITY_EXCEPTION", f"The filter expression is not valid: {what}", fields=())
