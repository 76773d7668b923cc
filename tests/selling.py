"""What sales people do with deals, the same in both sandboxes."""

from abc import ABC, abstractmethod
from typing import Any

from leadgauge_sandbox.salesforce import control
from leadgauge_sandbox.salesforce.consequences import consequences
from tests.stage import HubSpotStage, SalesforceStage, Stage

STAGES = {
    "open": ("contractsent", "Prospecting"),
    "won": ("closedwon", "Closed Won"),
    "lost": ("closedlost", "Closed Lost"),
}
"""What each CRM calls a stage."""


class Sales(ABC):
    """The deals of a stage."""

    @property
    @abstractmethod
    def leads(self) -> list[str]:
        """The leads that can have deals."""

    @abstractmethod
    def sell(self, amount: float, *leads: str, stage: str = "open") -> str:
        """Create a deal of some leads, in their account if they have one; return its id."""

    @abstractmethod
    def change(self, deal: str, *, amount: float | None = None, stage: str | None = None) -> None:
        """Give a deal another amount or stage."""

    @abstractmethod
    def give(self, deal: str, lead: str) -> None:
        """Give a deal to one other lead instead."""

    @abstractmethod
    def delete(self, deal: str) -> None:
        """Move a deal to the recycle bin."""

    @abstractmethod
    def restore(self, deal: str) -> None:
        """Restore a deal."""


def sales_of(stage: Stage) -> Sales:
    """Return what sales people do in the CRM of a stage."""
    if isinstance(stage, HubSpotStage):
        return _HubSpot(stage)
    assert isinstance(stage, SalesforceStage)
    return _Salesforce(stage)


class _HubSpot(Sales):
    def __init__(self, stage: HubSpotStage) -> None:
        self._stage, self._portal = stage, stage.app.state.portal
        self._deals = self._portal.tables["0-3"]

    @property
    def leads(self) -> list[str]:
        return self._stage.people()

    def sell(self, amount: float, *leads: str, stage: str = "open") -> str:
        made = self._portal.create(self._deals, _of_hubspot(amount, stage))
        for lead in leads:
            self._portal.associate(("0-3", "0-1"), made.id, int(lead))
            company = self._portal.tables["0-1"].find(int(lead)).values.get("associatedcompanyid")
            if company:
                self._portal.associate(("0-3", "0-2"), made.id, int(company))
        return str(made.id)

    def change(self, deal: str, *, amount: float | None = None, stage: str | None = None) -> None:
        self._portal.change(self._deals, self._deals.find(int(deal)), _of_hubspot(amount, stage))

    def give(self, deal: str, lead: str) -> None:
        for one in list(self._portal.links.of(("0-3", "0-1"), int(deal))):
            self._portal.part(("0-3", "0-1"), int(deal), one)
        self._portal.associate(("0-3", "0-1"), int(deal), int(lead))

    def delete(self, deal: str) -> None:
        self._portal.archive(self._deals, self._deals.find(int(deal)))

    def restore(self, deal: str) -> None:
        self._portal.restore(self._deals, self._deals.find(int(deal), archived=True))


def _of_hubspot(amount: float | None, stage: str | None) -> dict[str, str]:
    told = {"amount": None if amount is None else f"{amount:g}", "dealstage": stage and STAGES[stage][0]}
    return {name: value for name, value in told.items() if value is not None}


class _Salesforce(Sales):
    def __init__(self, stage: SalesforceStage) -> None:
        self._stage, self._sandbox = stage, stage.app.state.sandbox

    @property
    def leads(self) -> list[str]:
        return [lead for lead in self._stage.people() if lead.startswith("003")]

    def sell(self, amount: float, *leads: str, stage: str = "open") -> str:
        contacts = {row["Id"]: row["AccountId"] for row in self._sandbox.org.rows("Contact")}
        account = next((contacts[lead] for lead in leads if contacts[lead]), None)
        values = {"AccountId": account, "Name": "Deal", "Amount": amount, "StageName": STAGES[stage][1]}
        deal = self._insert("Opportunity", {**values, "CloseDate": self._stage.moment.date()})
        for lead in leads:
            self._insert("OpportunityContactRole", {"OpportunityId": deal, "ContactId": lead})
        return deal

    def change(self, deal: str, *, amount: float | None = None, stage: str | None = None) -> None:
        told = {"Amount": amount, "StageName": stage and STAGES[stage][1]}
        values = {name: value for name, value in told.items() if value is not None}
        self._stage._ask(control.change, {"id": deal, "values": values})

    def give(self, deal: str, lead: str) -> None:
        for row in [row for row in self._sandbox.org.rows("OpportunityContactRole") if row["OpportunityId"] == deal]:
            self._stage._ask(control.delete, {"id": row["Id"]})
        self._insert("OpportunityContactRole", {"OpportunityId": deal, "ContactId": lead})

    def delete(self, deal: str) -> None:
        self._stage._ask(control.delete, {"id": deal})

    def restore(self, deal: str) -> None:
        self._stage._ask(control.restore, {"id": deal})

    def _insert(self, name: str, values: dict[str, Any]) -> str:
        at = self._sandbox.org.clock.second()
        derived = consequences(name, values, values.get, at)
        inserted: str = self._sandbox.living.insert(name, {"IsDeleted": False, **values, **derived}, at)
        return inserted
