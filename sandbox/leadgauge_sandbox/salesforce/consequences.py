"""Fields that Salesforce fills in when a record is written."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

Look = Callable[[str], Any]
"""Reads a field of the record as it will be after the write."""

RESPONDED: Final = frozenset({"Responded", "Attended"})


def consequences(sobject: str, changed: Mapping[str, Any], look: Look, now: datetime) -> dict[str, Any]:
    """Return the values derived from the changed ones."""
    rule = _RULES.get(sobject)
    return {} if rule is None else rule(changed, look, now)


def _task(changed: Mapping[str, Any], look: Look, now: datetime) -> dict[str, Any]:
    if "Status" not in changed:
        return {}
    closed = look("Status") == "Completed"
    return {"IsClosed": closed, "CompletedDateTime": (look("CompletedDateTime") or now) if closed else None}


def _event(changed: Mapping[str, Any], look: Look, _now: datetime) -> dict[str, Any]:
    start = look("StartDateTime") or look("ActivityDateTime")
    if start is None or not changed.keys() & {"StartDateTime", "ActivityDateTime"}:
        return {}
    return {"StartDateTime": start, "ActivityDateTime": start, "ActivityDate": start.astimezone(UTC).date()}


def _campaign_member(_changed: Mapping[str, Any], look: Look, now: datetime) -> dict[str, Any]:
    responded = look("Status") in RESPONDED
    person = look("ContactId") or look("LeadId")
    return {
        "HasResponded": responded,
        "FirstRespondedDate": look("FirstRespondedDate") or (now.date() if responded else None),
        "LeadOrContactId": person,
        "Type": "Contact" if look("ContactId") else "Lead",
    }


def _opportunity(changed: Mapping[str, Any], look: Look, now: datetime) -> dict[str, Any]:
    if "StageName" not in changed:
        return {}
    stage = look("StageName") or ""
    return {
        "IsClosed": stage.startswith("Closed"),
        "IsWon": stage == "Closed Won",
        "LastStageChangeDate": now,
        "ForecastCategory": {"Closed Won": "Closed", "Closed Lost": "Omitted"}.get(stage, "Pipeline"),
    }


_PREFIXES: Final = {"003": "Contact", "00Q": "Lead", "005": "User"}


def _email_relation(_changed: Mapping[str, Any], look: Look, _now: datetime) -> dict[str, Any]:
    return {"RelationObjectType": _PREFIXES.get((look("RelationId") or "")[:3])}


def _email_message(changed: Mapping[str, Any], look: Look, _now: datetime) -> dict[str, Any]:
    return {"IsOpened": look("FirstOpenedDate") is not None, "IsBounced": False} if "FirstOpenedDate" in changed else {}


_RULES: Final[dict[str, Callable[[Mapping[str, Any], Look, datetime], dict[str, Any]]]] = {
    "Task": _task,
    "Event": _event,
    "CampaignMember": _campaign_member,
    "Opportunity": _opportunity,
    "EmailMessageRelation": _email_relation,
    "EmailMessage": _email_message,
}
