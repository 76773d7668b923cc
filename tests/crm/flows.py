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
