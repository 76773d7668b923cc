"""The HubSpot workflow that tells the owner of a contact whose priority rose to the best one, as a body for its API.

Shape and required keys: HubSpot's published description of its API 2026-09-beta, `ApiContactFlowCreateRequest`
(github.com/HubSpot/HubSpot-public-api-spec-collection, 2026-11). The event of a changed property, its attributes and
the action that sends an e-mail to the owner are in no reference: they are as in workflows that others read from the
API.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from crm.boards import Board

NEEDS: Final = ("priority", "priority_rose_at", "next_step")
_PROPERTY_CHANGED: Final = "4-655002"
_EMAIL_TO_OWNER: Final = "0-8"
_CONTACT: Final = "0-1"


def workflows(boards: Sequence[Board]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the paths and bodies; none where an output is missing. Only what is in `src` is uploaded."""
    for board in boards:
        if all(key in board.leads for key in NEEDS):
            yield f"workflows/{board.prefix}priority-rose.json", _workflow(board)


def left_out(boards: Sequence[Board]) -> list[str]:
    """Return the workflows that a scorecard lacks, and what they need."""
    lacking = {board.title: [f"lead_{key}" for key in NEEDS if key not in board.leads] for board in boards}
    return [
        f"the workflow {_titled('Notify the owner', title)}, which needs {' and '.join(names)}"
        for title, names in lacking.items()
        if names
    ]


def _titled(text: str, title: str) -> str:
    return f"{text}: {title}" if title else text


def _workflow(board: Board) -> dict[str, Any]:
    priority, rose_at, step = (board.leads[key].output.name for key in NEEDS)
    best = board.leads["priority"].output.choices[0]
    return {
        "type": "CONTACT_FLOW",
        "flowType": "WORKFLOW",
        "objectTypeId": _CONTACT,
        "name": _titled("Lead priority rose: notify the owner", board.title),
        "description": f"Sends the owner an e-mail when the priority of a contact rises to {best}. Made by leadgauge.",
        "isEnabled": False,
        "canEnrollFromSalesforce": False,
        "startActionId": "1",
        "actions": [_email(step, best)],
        "enrollmentCriteria": {
            "type": "EVENT_BASED",
            "shouldReEnroll": True,
            "eventFilterBranches": [_changed(rose_at)],
            "listMembershipFilterBranches": [],
            "refinementCriteria": _has(priority, best),
        },
        "timeWindows": [],
        "blockedDates": [],
        "customProperties": {},
        "dataSources": [],
        "suppressionListIds": [],
    }


def _email(step: str, best: str) -> dict[str, Any]:
    who = "{{ enrolled_object.firstname }} {{ enrolled_object.lastname }}"
    return {
        "type": "SINGLE_CONNECTION",
        "actionId": "1",
        "actionTypeId": _EMAIL_TO_OWNER,
        "actionTypeVersion": 0,
        "fields": {
            "user_ids": [],
            "owner_properties": ["hubspot_owner_id"],
            "subject": f"{best}: {who}",
            "body": f"<p>{{{{ enrolled_object.{step} }}}}</p>",
        },
    }


def _changed(field: str) -> dict[str, Any]:
    """Return the event that a property has a new value: its attributes are the property's name and the value."""
    return {
        "filterBranchType": "UNIFIED_EVENTS",
        "filterBranchOperator": "AND",
        "eventTypeId": _PROPERTY_CHANGED,
        "operator": "HAS_COMPLETED",
        "filterBranches": [],
        "filters": [
            _filter("hs_name", {"operationType": "STRING", "operator": "IS_EQUAL_TO", "value": field}),
            _filter("hs_value", {"operationType": "ALL_PROPERTY", "operator": "IS_KNOWN"}),
        ],
    }


def _has(field: str, value: str) -> dict[str, Any]:
    """Return the condition that a property has a value, as HubSpot writes all conditions: or of ands."""
    chosen = _filter(field, {"operationType": "ENUMERATION", "operator": "IS_ANY_OF", "values": [value]})
    both = {"filterBranchType": "AND", "filterBranchOperator": "AND", "filterBranches": [], "filters": [chosen]}
    return {"filterBranchType": "OR", "filterBranchOperator": "OR", "filterBranches": [both], "filters": []}


def _filter(name: str, operation: dict[str, Any]) -> dict[str, Any]:
    return {
        "filterType": "PROPERTY",
        "property": name,
        "operation": {"includeObjectsWithNoValueSet": False, **operation},
    }
