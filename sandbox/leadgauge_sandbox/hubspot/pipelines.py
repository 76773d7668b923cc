"""Endpoints of pipelines: the stages of contacts, deals and leads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from leadgauge_sandbox.hubspot.answers import Answer, Refused
from leadgauge_sandbox.hubspot.calls import Call, Endpoint
from leadgauge_sandbox.hubspot.objects import reading
from leadgauge_sandbox.hubspot.portal import CLOSED_STAGES
from leadgauge_sandbox.hubspot.shipped import STAGES

if TYPE_CHECKING:
    from leadgauge_sandbox.hubspot.portal import Portal

EPOCH: Final = "1970-01-01T00:00:00Z"
DEAL_STAGES: Final = {
    "appointmentscheduled": ("Appointment Scheduled", "0.2"),
    "qualifiedtobuy": ("Qualified To Buy", "0.4"),
    "presentationscheduled": ("Presentation Scheduled", "0.6"),
    "decisionmakerboughtin": ("Decision Maker Bought-In", "0.8"),
    "contractsent": ("Contract Sent", "0.9"),
    "closedwon": ("Closed Won", "1.0"),
    "closedlost": ("Closed Lost", "0.0"),
}


def _stage(order: int, name: str, label: str, metadata: dict[str, str]) -> dict[str, Any]:
    return {
        "label": label,
        "displayOrder": order,
        "metadata": metadata,
        "id": name,
        "createdAt": EPOCH,
        "updatedAt": EPOCH,
        "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
        "archived": False,
    }


def _contact_stages() -> list[dict[str, Any]]:
    closed = {"isClosed": "true", "state": "CLOSED"}
    opened = {"isClosed": "false", "state": "OPEN"}
    return [
        _stage(order, name, label, closed if name == "other" else opened)
        for order, (name, label) in enumerate(STAGES.items())
    ]


def _deal_stages() -> list[dict[str, Any]]:
    return [
        _stage(order, name, label, {"isClosed": str(name.startswith("closed")).lower(), "probability": probability})
        for order, (name, (label, probability)) in enumerate(DEAL_STAGES.items())
    ]


LEAD_STAGES: Final = {
    "new-stage-id": "New",
    "attempting-stage-id": "Attempting",
    "connected-stage-id": "Connected",
    "qualified-stage-id": "Qualified",
    "unqualified-stage-id": "Disqualified",
}
"""The stages of leads under the ids that they have in every portal, as many programs name them (2026-11)."""


def _lead_stages() -> list[dict[str, Any]]:
    states = {True: "CLOSED", False: "OPEN"}
    return [
        _stage(
            order, name, label, {"isClosed": str(name in CLOSED_STAGES).lower(), "state": states[name in CLOSED_STAGES]}
        )
        for order, (name, label) in enumerate(LEAD_STAGES.items())
    ]


PIPELINES: Final = {
    "0-1": ("contacts-lifecycle-pipeline", "Lifecycle Stage Pipeline", _contact_stages),
    "0-3": ("default", "Sales Pipeline", _deal_stages),
    "0-136": ("lead-pipeline-id", "Lead pipeline", _lead_stages),
}


def listed(portal: Portal, call: Call) -> Answer:
    """GET /crm/v3/pipelines/{type}."""
    table = portal.table(call["type"])
    reading(call, table)
    if table.kind.id not in PIPELINES:
        raise Refused(400, f"Object type {table.kind.id} has no pipelines.", "VALIDATION_ERROR")
    name, label, stages = PIPELINES[table.kind.id]
    body = {"label": label, "displayOrder": 0, "id": name, "stages": stages()}
    return Answer({"results": [{**body, "createdAt": EPOCH, "updatedAt": EPOCH, "archived": False}]})


ENDPOINTS: Final = (Endpoint("GET", "/crm/v3/pipelines/{type}", listed),)
