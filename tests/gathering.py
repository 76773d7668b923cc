"""Segments of people and who is in them, the same in both sandboxes: lists in HubSpot, campaigns in Salesforce."""

from abc import ABC, abstractmethod

from leadgauge_sandbox.salesforce import control
from tests.stage import HubSpotStage, SalesforceStage, Stage


class Gatherings(ABC):
    """The segments of a stage."""

    @abstractmethod
    def make(self, name: str) -> str:
        """Create a segment without members; return its id."""

    @abstractmethod
    def join(self, segment: str, *leads: str) -> None:
        """Add leads to a segment."""

    @abstractmethod
    def leave(self, segment: str, lead: str) -> None:
        """Remove a lead from a segment."""

    @abstractmethod
    def drop(self, segment: str) -> None:
        """Delete a segment."""

    @abstractmethod
    def restore(self, segment: str) -> None:
        """Restore a deleted segment."""


def memberships_of(stage: Stage) -> dict[str, dict[str, str]]:
    """Return `member_of` for the card of `tests.chaos.cards`, with segments that change as the population acts."""
    if isinstance(stage, SalesforceStage):
        ids = [str(row["Id"]) for row in stage.app.state.sandbox.org.rows("Campaign")]
        return {"segments": {"chosen": ids[0], "left": ids[-1]}}
    return {"segments": {"chosen": "Partners", "left": "5", "customer": "Customers"}}


def gatherings_of(stage: Stage) -> Gatherings:
    """Return the segments of the CRM of a stage."""
    if isinstance(stage, HubSpotStage):
        return _HubSpot(stage)
    assert isinstance(stage, SalesforceStage)
    return _Salesforce(stage)


class _HubSpot(Gatherings):
    def __init__(self, stage: HubSpotStage) -> None:
        self._lists = stage.app.state.portal.lists

    def make(self, name: str) -> str:
        return str(self._lists.create(name).number)

    def join(self, segment: str, *leads: str) -> None:
        self._lists.add(segment, map(int, leads))

    def leave(self, segment: str, lead: str) -> None:
        self._lists.remove(segment, [int(lead)])

    def drop(self, segment: str) -> None:
        self._lists.delete(segment)

    def restore(self, segment: str) -> None:
        self._lists.restore(segment)


class _Salesforce(Gatherings):
    def __init__(self, stage: SalesforceStage) -> None:
        self._stage, self._sandbox = stage, stage.app.state.sandbox

    def make(self, name: str) -> str:
        return self._insert("Campaign", {"Name": name, "IsActive": True})

    def join(self, segment: str, *leads: str) -> None:
        for lead in leads:
            kind = "ContactId" if lead.startswith("003") else "LeadId"
            values = {"CampaignId": segment, kind: lead, "LeadOrContactId": lead, "Status": "Sent"}
            self._insert("CampaignMember", values)

    def leave(self, segment: str, lead: str) -> None:
        for row in list(self._sandbox.org.rows("CampaignMember")):
            if row["CampaignId"] == segment and lead in (row["LeadId"], row["ContactId"]):
                self._stage._ask(control.delete, {"id": row["Id"]})

    def drop(self, segment: str) -> None:
        self._stage._ask(control.delete, {"id": segment})

    def restore(self, segment: str) -> None:
        self._stage._ask(control.restore, {"id": segment})

    def _insert(self, name: str, values: dict[str, object]) -> str:
        at = self._sandbox.org.clock.second()
        inserted: str = self._sandbox.living.insert(name, {"IsDeleted": False, **values}, at)
        return inserted
