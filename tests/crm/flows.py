"""Which saves start a record-triggered flow: its entry conditions, as Salesforce evaluates them when a record is updated."""

from collections.abc import Mapping
from typing import Any

from lxml import etree

from tests.crm.metadata_types import NAMESPACE

Record = Mapping[str, Any]


def starts(flow: str, before: Record, after: Record) -> bool:
    """Return whether an update of a record starts a flow, which must be one for updates whose conditions all hold."""
    start = etree.fromstring(flow.encode()).find(f"{{{NAMESPACE}}}start")
    assert [word(start, name) for name in ("filterLogic", "recordTriggerType")] == ["and", "Update"]
    return all(holds(one, before, after) for one in start.findall(f"{{{NAMESPACE}}}filters"))


def holds(condition: Any, before: Record, after: Record) -> bool:
    """Return whether a condition holds."""
    field, operator = word(condition, "field"), word(condition, "operator")
    wanted = condition.find(f"{{{NAMESPACE}}}value")[0].text
    match operator:
        case "IsChanged":
            return (before[field] != after[field]) is (wanted == "true")
        case "IsNull":
            return (after[field] is None) is (wanted == "true")
        case "EqualTo":
            return bool(after[field] == wanted)
    raise AssertionError(operator)


def word(element: Any, name: str) -> str:
    """Return the text of a child."""
    return str(element.findtext(f"{{{NAMESPACE}}}{name}"))


def enrolls(workflow: Mapping[str, Any], before: Record, after: Record) -> bool:
    """Return whether an update of a contact enrolls it in a HubSpot workflow, as HubSpot tells it of each new value."""
    criteria = workflow["enrollmentCriteria"]
    assert (criteria["type"], criteria["shouldReEnroll"]) == ("EVENT_BASED", True)
    events = [{"hs_name": name, "hs_value": value} for name, value in after.items() if value != before[name]]
    started = any(
        all(passes(one, event) for one in branch["filters"])
        for branch in criteria["eventFilterBranches"]
        for event in events
    )
    ands = criteria["refinementCriteria"]["filterBranches"]
    return started and any(all(passes(one, after) for one in branch["filters"]) for branch in ands)


def passes(condition: Mapping[str, Any], of: Record) -> bool:
    """Return whether a property, or an attribute of an event, is as a condition says."""
    value, operation = of[condition["property"]], condition["operation"]
    match operation["operator"]:
        case "IS_EQUAL_TO":
            return bool(value == operation["value"])
        case "IS_KNOWN":
            return value is not None
        case "IS_ANY_OF":
            return value in operation["values"]
    raise AssertionError(operation)
