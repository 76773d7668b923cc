"""A flow that tells the owner of a lead whose priority rose to the best one. It is uploaded as a draft."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from crm.boards import Board
from crm.for_salesforce.metadata import API, MAIN, Component, Org
from crm.for_salesforce.naming import api_name, label, present

NEEDS: Final = ("priority", "priority_rose_at", "next_step")
_TYPE: Final = "type_of_notice"
_OWNER: Final = "owner"
_OWNERS: Final = "owners"
_SEND: Final = "notify"


def components(boards: Sequence[Board], org: Org) -> Iterator[Component]:
    """Yield a type of notification and a flow of each object; none where an output is missing."""
    for board in boards:
        if all(key in board.leads for key in NEEDS):
            yield _notification(board)
            yield from (_flow(board, name) for name in org.leads)


def left_out(boards: Sequence[Board]) -> Iterator[str]:
    """Yield the flows that a scorecard lacks, and what they need."""
    for board in boards:
        if lacking := [f"lead_{key}" for key in NEEDS if key not in board.leads]:
            yield f"the flow {label(board, 'Notify the owner')}, which needs {' and '.join(lacking)}"


def _notification(board: Board) -> Component:
    title = label(board, "Lead priority rose")
    return Component(
        "CustomNotificationType",
        f"{MAIN}/notificationtypes/{api_name(board, 'rose')}.notiftype-meta.xml",
        {
            "customNotifTypeName": title,
            "description": "Tells the owner that a record has the best priority now.",
            "desktop": True,
            "masterLabel": title,
            "mobile": True,
        },
    )


def _flow(board: Board, name: str) -> Component:
    """Return the flow of an object.

    The entry condition *Is Changed* compares with the value before the save, and is there for flows that start when a
    record is updated:
    https://help.salesforce.com/s/articleView?id=platform.flow_ref_elements_start_trigger_record.htm (2026-11).
    """
    rose_at, priority, step = present(board, "leads", "priority_rose_at", "priority", "next_step")
    best = board.leads["priority"].output.choices[0]
    return Component(
        "Flow",
        f"{MAIN}/flows/{api_name(board, f'notify_{name.lower()}')}.flow-meta.xml",
        {
            "actionCalls": _send(step, best),
            "apiVersion": API,
            "assignments": {
                **_node("remember_owner", "Remember the owner"),
                "assignmentItems": {
                    "assignToReference": _OWNERS,
                    "operator": "Add",
                    "value": {"elementReference": "$Record.OwnerId"},
                },
                "connector": {"targetReference": _TYPE},
            },
            "description": "Sends the owner of a record a notice when its priority rises to the best one.",
            "environments": "Default",
            "interviewLabel": f"{label(board, 'Notify the owner')} {{!$Flow.CurrentDateTime}}",
            "label": f"{label(board, 'Notify the owner')} ({name})",
            "processMetadataValues": {"name": "BuilderType", "value": {"stringValue": "LightningFlowBuilder"}},
            "processType": "AutoLaunchedFlow",
            "recordLookups": _lookup(board),
            "start": {
                "locationX": 50,
                "locationY": 0,
                "connector": {"targetReference": "remember_owner"},
                "filterLogic": "and",
                "filters": [
                    _condition(rose_at, "IsChanged", {"booleanValue": True}),
                    _condition(rose_at, "IsNull", {"booleanValue": False}),
                    _condition(priority, "EqualTo", {"stringValue": best}),
                ],
                "object": name,
                "recordTriggerType": "Update",
                "triggerType": "RecordAfterSave",
            },
            "status": "Draft",
            "variables": {
                "name": _OWNERS,
                "dataType": "String",
                "isCollection": True,
                "isInput": False,
                "isOutput": False,
            },
        },
    )


def _node(name: str, text: str) -> dict[str, Any]:
    return {"name": name, "label": text, "locationX": 0, "locationY": 0}


def _condition(field: str, operator: str, value: Mapping[str, Any]) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


def _lookup(board: Board) -> dict[str, Any]:
    """Return the step that finds the type of notification, whose id differs from org to org."""
    return {
        **_node(_TYPE, "Find the type of notification"),
        "assignNullValuesIfNoRecordsFound": False,
        "connector": {"targetReference": _SEND},
        "filterLogic": "and",
        "filters": _condition("DeveloperName", "EqualTo", {"stringValue": api_name(board, "rose")}),
        "getFirstRecordOnly": True,
        "object": "CustomNotificationType",
        "storeOutputAutomatically": True,
    }


def _send(step: str, best: str) -> dict[str, Any]:
    given = {
        "customNotifTypeId": {"elementReference": f"{_TYPE}.Id"},
        "recipientIds": {"elementReference": _OWNERS},
        "title": {"stringValue": f"{best}: {{!$Record.Name}}"},
        "body": {"stringValue": f"{{!$Record.{step}}}"},
        "targetId": {"elementReference": "$Record.Id"},
    }
    return {
        **_node(_SEND, "Notify the owner"),
        "actionName": "customNotificationAction",
        "actionType": "customNotificationAction",
        "flowTransactionModel": "CurrentTransaction",
        "inputParameters": [{"name": name, "value": value} for name, value in given.items()],
    }
