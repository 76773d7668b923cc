"""The filters of lists: branches joined by OR and AND, with filters on properties and on other lists.

https://developers.hubspot.com/docs/api-reference/latest/crm/lists/list-filters (2026-11)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from leadgauge_sandbox.hubspot.answers import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

JOINED_BY: Final = {"OR": any, "AND": all}


def having(name: str, value: str) -> dict[str, Any]:
    """Return the filters for records whose property has a value."""
    operation = {
        "operationType": "ENUMERATION",
        "operator": "IS_ANY_OF",
        "values": [value],
        "includeObjectsWithNoValueSet": False,
    }
    return joined({"filterType": "PROPERTY", "property": name, "operation": operation})


def joined(*filters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the filters for records that meet all of these: HubSpot's root is an OR of ANDs."""
    inner = {"filterBranchType": "AND", "filterBranchOperator": "AND", "filterBranches": [], "filters": list(filters)}
    return {"filterBranchType": "OR", "filterBranchOperator": "OR", "filterBranches": [inner], "filters": []}


def matches(
    branch: Mapping[str, Any], record: int, values: Mapping[str, str], is_in: Callable[[str, int], bool]
) -> bool:
    """Return whether a record meets a branch. `is_in` tells whether it is in another list."""
    join = JOINED_BY[branch["filterBranchType"]]
    inner = (matches(one, record, values, is_in) for one in branch["filterBranches"])
    own = (_meets(one, record, values, is_in) for one in branch["filters"])
    return join([*inner, *own])


def checked(branch: Any) -> Mapping[str, Any]:
    """Return a branch, or refuse one that this sandbox does not evaluate."""
    if not isinstance(branch, dict) or branch.get("filterBranchType") not in JOINED_BY:
        raise _refused(branch)
    for inner in branch.get("filterBranches") or ():
        checked(inner)
    for one in branch.get("filters") or ():
        known = one.get("filterType") in ("PROPERTY", "IN_LIST")
        if not known or one.get("operator", "IN_LIST") not in ("IN_LIST", "NOT_IN_LIST"):
            raise _refused(one)
        if one["filterType"] == "PROPERTY" and one["operation"].get("operator") not in _OPERATORS:
            raise _refused(one)
    return {"filterBranches": [], "filters": [], **branch}


_OPERATORS: Final[dict[str, Callable[[str, Mapping[str, Any]], bool]]] = {
    "IS_ANY_OF": lambda held, told: held in told["values"],
    "IS_EQUAL_TO": lambda held, told: held in map(str, told.get("values") or [told.get("value")]),
    "IS_GREATER_THAN": lambda held, told: bool(held) and float(held) > float(told["value"]),
    "IS_LESS_THAN": lambda held, told: bool(held) and float(held) < float(told["value"]),
    "IS_KNOWN": lambda held, _: bool(held),
}


def _meets(one: Mapping[str, Any], record: int, values: Mapping[str, str], is_in: Callable[[str, int], bool]) -> bool:
    if one["filterType"] == "IN_LIST":
        return is_in(str(one["listId"]), record) is (one["operator"] == "IN_LIST")
    return _OPERATORS[one["operation"]["operator"]](values.get(one["property"], ""), one["operation"])


def _refused(what: Any) -> Refused:
    return Refused(400, f"This sandbox does not evaluate the filter {what}", "VALIDATION_ERROR")
