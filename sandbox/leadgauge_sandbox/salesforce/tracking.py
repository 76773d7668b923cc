"""Field history: a record for every change of a tracked field."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from leadgauge_sandbox.salesforce.org import Org
from leadgauge_sandbox.salesforce.table import Table

TRACKED: Final[Mapping[str, frozenset[str]]] = {
    "Lead": frozenset(
        {
            "Title",
            "Industry",
            "NumberOfEmployees",
            "Country",
            "Email",
            "Status",
            "Rating",
            "Seniority__c",
            "Budget__c",
            "Is_Student__c",
            "Purchase_By__c",
            "Lead_Feedback__c",
        }
    ),
    "Contact": frozenset(
        {"Title", "MailingCountry", "Email", "Seniority__c", "Budget__c", "Is_Student__c", "Purchase_By__c"}
    ),
}
"""The fields with history tracking switched on, by object; Salesforce allows twenty."""


def track(org: Org, table: Table, row: int, values: Mapping[str, Any], user: str, at: datetime) -> None:
    """Record old and new values of tracked fields; called before the record changes."""
    name = table.sobject.name
    for field in sorted(TRACKED.get(name, frozenset()) & values.keys()):
        if (old := table.value(row, field)) != (new := values[field]):
            org.tables[f"{name}History"].insert(
                {
                    f"{name}Id": table.identifier(row),
                    "IsDeleted": False,
                    "CreatedById": user,
                    "CreatedDate": at,
                    "Field": field,
                    "OldValue": _shown(old),
                    "NewValue": _shown(new),
                }
            )


def _shown(value: Any) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
        case _:
            return str(value)
