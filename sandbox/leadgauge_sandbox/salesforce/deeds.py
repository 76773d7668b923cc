"""What people do in an org besides visiting pages: every kind of change, on records drawn at random."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from leadgauge_sandbox.catalogue import PLACES
from leadgauge_sandbox.names import INDUSTRIES, TITLES
from leadgauge_sandbox.population import Activity
from leadgauge_sandbox.salesforce import currencies
from leadgauge_sandbox.salesforce.consequences import consequences
from leadgauge_sandbox.salesforce.persons import make_person
from leadgauge_sandbox.salesforce.relations import relate
from leadgauge_sandbox.salesforce.tracking import track
from leadgauge_sandbox.salesforce.visitors import TYPES

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from leadgauge_sandbox.salesforce.changing import Changing
    from leadgauge_sandbox.salesforce.org import Org
    from leadgauge_sandbox.salesforce.table import Table

TRIES: Final = 30
"""How many rows are drawn to find one that fits."""
PEOPLE: Final = ("Lead", "Contact")
CAMPAIGN_TYPES: Final = ("Webinar", "Conference", "Email", "Trade Show", "Content")
VISITOR_KINDS: Final = ("email_open", "email_click", "unsubscribe", "bounce")
CORPORATE: Final = "EUR"
CODES: Final = ("EUR", "USD", "JPY")
FEEDBACK: Final = "Lead_Feedback__c"
SAID: Final = ("Good", "Bad fit", "Bad timing", "Bot", "Competitor", None)
"""What sellers say; one of it is no choice of the field, and None takes it back."""

RATE: Final = 0.02
"""Deeds per lead and day."""
DAY: Final = 86_400_000

Found = tuple["Table", int]


@dataclass(frozen=True, slots=True)
class Done:
    """A deed of a kind, at a time in milliseconds."""

    at: int
    kind: str


def gives_feedback(org: Org) -> bool:
    """Return whether sellers have a field to say what they found."""
    return all(FEEDBACK in org.tables[name].sobject.fields for name in PEOPLE)


def drawn(draw: random.Random, since: int, until: int, people: float, *, feedback: bool = False) -> list[Done]:
    """Draw what a number of people do between two times; `feedback`: whether sellers say what they found."""
    kinds = [kind for kind in KINDS if feedback or kind != "give_feedback"]
    mean = RATE * people * max(0, until - since) / DAY
    count = int(mean) + (draw.random() < mean % 1)
    return [Done(draw.randint(since, until), draw.choice(kinds)) for _ in range(count)]


@dataclass(slots=True)
class Deeds:
    """One moment at which people change records that `draw` picks; nothing happens where none fits."""

    living: Changing
    draw: random.Random
    at: datetime

    def do(self, kind: str) -> None:
        """Do one of `KINDS`."""
        KINDS[kind](self)

    def create_lead(self) -> None:
        """Add a new lead."""
        self.living.newcomer(self.at)

    def create_contact(self) -> None:
        """Add a new contact."""
        self.living.newcomer(self.at, contact=True)

    def edit_person(self) -> None:
        """Change a field of a lead or contact."""
        found = self._person()
        if found:
            country = "MailingCountry" if found[0].sobject.name == "Contact" else "Country"
            self._write(found, self.draw.choice([*self._edits(), {country: self.draw.choice(["Germany", "US", None])}]))

    def _edits(self) -> list[dict[str, Any]]:
        titles = TITLES[self.draw.choice(list(TITLES))]
        return [
            {"Title": self.draw.choice(titles)},
            {"Budget__c": self.draw.choice([None, 500.0, 5_000_000.0])},
            {"Is_Student__c": self.draw.choice([None, "true", "false"])},
            {"LeadSource": self.draw.choice(["ORGANIC_SEARCH", "OFFLINE", None])},
            {"Email": self.draw.choice([None, f"new{self.draw.randrange(10)}@sandbox.example"])},
        ]

    def give_feedback(self) -> None:
        """Say what sales found of a lead or contact, or take it back; nothing in an org without the field."""
        if gives_feedback(self.living.org) and (found := self._person()):
            self._write(found, {FEEDBACK: self.draw.choice(SAID)})

    def filter_person(self) -> None:
        """Let a lead leave or enter a filter by status."""
        found = self._row("Lead", IsConverted=False)
        if found:
            was = found[0].value(found[1], "Status")
            self._write(found, {"Status": "Open - Not Contacted" if was == "Unqualified" else "Unqualified"})

    def delete_person(self) -> None:
        """Move a lead or contact to the recycle bin."""
        if found := self._person():
            self.living.delete(*found, self.at)

    def restore_person(self) -> None:
        """Restore a lead or contact from the recycle bin."""
        self._restore(self.draw.choice(PEOPLE))

    def erase_person(self) -> None:
        """Erase a lead or contact for good."""
        if found := self._person():
            self.living.erase(*found)

    def merge_people(self) -> None:
        """Merge two leads or two contacts."""
        name = self.draw.choice(PEOPLE)
        alone = {"IsConverted": False} if name == "Lead" else {"IsPersonAccount": False}
        self._merge(self._row(name, **alone), self._row(name, **alone))

    def convert(self) -> None:
        """Convert a lead, perhaps into an existing contact or without an opportunity."""
        lead, contact = self._row("Lead", IsConverted=False), self._row("Contact", IsPersonAccount=False)
        if lead and contact:
            known = self.draw.choice([None, contact[0].identifier(contact[1])])
            made = self.draw.random() < 1 / 2
            self.living.convert(lead[0].identifier(lead[1]), self.at, contact=known, opportunity=made)

    def edit_account(self) -> None:
        """Change the fields of an account."""
        firm = {"NumberOfEmployees": self.draw.randrange(1, 5_000), "AnnualRevenue": self.draw.random() * 1e8}
        self._change("Account", {"Industry": self.draw.choice(list(INDUSTRIES)), **firm})

    def merge_accounts(self) -> None:
        """Merge two accounts."""
        alone = {"IsPersonAccount": False}
        self._merge(self._row("Account", **alone), self._row("Account", **alone))

    def delete_account(self) -> None:
        """Move an account and its people to the recycle bin."""
        self._delete("Account")

    def restore_account(self) -> None:
        """Restore an account with its people."""
        self._restore("Account")

    def erase_account(self) -> None:
        """Erase an account for good, perhaps one in the recycle bin."""
        if found := self._row("Account", **self.draw.choice([{}, {"IsDeleted": True}])):
            self.living.erase(*found)

    def move_contact(self) -> None:
        """Move a contact to another account, or to none."""
        account = self._row("Account", IsPersonAccount=False)
        contact = self._row("Contact", IsPersonAccount=False)
        if account and contact:
            self._write(contact, {"AccountId": self.draw.choice([None, account[0].identifier(account[1])])})

    def make_person(self) -> None:
        """Turn a contact that is alone in its account into a person account."""
        contact = self._row("Contact", IsPersonAccount=False)
        account = contact and contact[0].value(contact[1], "AccountId")
        if contact and account and self._live_at(account) == [contact[1]]:
            make_person(self.living.org, contact[1])
            self._write(contact, {})

    def _live_at(self, account: str) -> list[int]:
        contacts = self.living.org.tables["Contact"]
        return [row for row in contacts.find("AccountId", account) if not contacts.value(row, "IsDeleted")]

    def open_opportunity(self) -> None:
        """Open an opportunity with a contact."""
        contact = self._row("Contact")
        if contact:
            account = contact[0].value(contact[1], "AccountId")
            stage = {"StageName": "Prospecting", "CloseDate": (self.at + timedelta(days=30)).date()}
            sale = self._insert("Opportunity", {"AccountId": account, "Name": "New business", **stage})
            self._insert(
                "OpportunityContactRole", {"OpportunityId": sale, "ContactId": contact[0].identifier(contact[1])}
            )

    def close_opportunity(self) -> None:
        """Win an opportunity, lose it or open it again."""
        stage = self.draw.choice(["Closed Won", "Closed Won", "Closed Lost", "Prospecting"])
        self._change("Opportunity", {"StageName": stage, "CloseDate": self.at.date()})

    def delete_opportunity(self) -> None:
        """Move an opportunity to the recycle bin."""
        self._delete("Opportunity")

    def restore_opportunity(self) -> None:
        """Restore an opportunity."""
        self._restore("Opportunity")

    def erase_opportunity(self) -> None:
        """Erase an opportunity for good."""
        self._erase("Opportunity")

    def add_role(self) -> None:
        """Give a contact a role in an opportunity."""
        sale, contact = self._row("Opportunity"), self._row("Contact")
        if sale and contact:
            ids = {"OpportunityId": sale[0].identifier(sale[1]), "ContactId": contact[0].identifier(contact[1])}
            self._insert("OpportunityContactRole", ids)

    def remove_role(self) -> None:
        """Take a role away, perhaps for good."""
        self.draw.choice([self._delete, self._erase])("OpportunityContactRole")

    def respond(self) -> None:
        """Let a campaign member respond."""
        self._change("CampaignMember", {"Status": "Attended", "Attended_At__c": self.at})

    def join_campaign(self) -> None:
        """Add a person to a campaign."""
        campaign, person = self._row("Campaign"), self._person()
        if campaign and person:
            lead = person[0].identifier(person[1])
            about = {"CampaignId": campaign[0].identifier(campaign[1]), f"{person[0].sobject.name}Id": lead}
            self._insert("CampaignMember", {**about, "LeadOrContactId": lead, "Status": "Sent"})

    def remove_member(self) -> None:
        """Remove a campaign member."""
        self._delete("CampaignMember")

    def rename_campaign(self) -> None:
        """Change the type and name of a campaign."""
        kind = self.draw.choice(CAMPAIGN_TYPES)
        self._change("Campaign", {"Type": kind, "Name": f"New {kind}"})

    def visit(self) -> None:
        """Record a visit, perhaps long after it happened."""
        if person := self._person():
            who = {f"{person[0].sobject.name}__c": person[0].identifier(person[1])}
            at = self.at - timedelta(days=self.draw.choice([0, 0, 90]))
            about = {"Name": "Pricing", "Kind__c": "page_view", "URL__c": "https://sandbox.example/pricing"}
            self._insert("Web_Visit__c", {**who, **about, "Occurred_At__c": at, "Seconds__c": 40.0})

    def log_call(self) -> None:
        """Log a call."""
        if person := self._person():
            who = {"WhoId": person[0].identifier(person[1]), "Subject": "Call", "ActivityDate": self.at.date()}
            self._insert("Task", {**who, "Status": "Completed", "TaskSubtype": "Call", "Type": "Call"})

    def meet(self) -> None:
        """Make a meeting, or a recurring series with its occurrences."""
        if person := self._person():
            who = {"WhoId": person[0].identifier(person[1]), "Subject": "Meeting", "DurationInMinutes": 30}
            series: dict[str, Any] = self.draw.choice([{}, {}, {"IsRecurrence": True}, {"GroupEventType": "3"}])
            starts = [self.at, *([self.at - timedelta(days=7)] if series else [])]
            self._insert("Event", {**who, "GroupEventType": "0", "StartDateTime": self.at, **series})
            for start in starts if series else ():
                self._insert("Event", {**who, "GroupEventType": "0", "StartDateTime": start})

    def give(self) -> None:
        """Give a call or meeting to somebody else, or take its person off."""
        if person := self._person():
            who = self.draw.choice([person[0].identifier(person[1])] * 3 + [None])
            self._change(self.draw.choice(["Task", "Event"]), {"WhoId": who})

    def reopen(self) -> None:
        """Complete a task or open it again."""
        self._change("Task", {"Status": self.draw.choice(["Completed", "Not Started"])})

    def delete_activity(self) -> None:
        """Move an activity to the recycle bin."""
        self._delete(self.draw.choice(["Task", "Event", "Web_Visit__c", "Web_Action__c", "EmailMessage"]))

    def restore_activity(self) -> None:
        """Restore an activity."""
        self._restore(self.draw.choice(["Task", "Event", "Web_Visit__c", "Web_Action__c", "EmailMessage"]))

    def erase_activity(self) -> None:
        """Erase an activity for good."""
        self._erase(self.draw.choice(["Task", "Event", "Web_Visit__c", "Web_Action__c"]))

    def take_off(self) -> None:
        """Take a person off an e-mail or a meeting."""
        self._erase(self.draw.choice(["EmailMessageRelation", "EventRelation"]))

    def be_tracked(self) -> None:
        """Let Account Engagement track a person."""
        number = self.draw.randrange(len(self.living.placement.lead))
        kind = self.draw.choice([kind for kind in VISITOR_KINDS if kind in TYPES])
        places = [place for place, found in enumerate(PLACES) if found.kind == kind]
        self.living.act(Activity(number, self.draw.choice(places), int(self.at.timestamp() * 1000)), self.at)

    def change_rate(self) -> None:
        """Change the rates of the org's currencies; the first time, give it several."""
        rates = {code: self.draw.choice([1.25, 1.5, 150.0]) for code in CODES[1:]}
        currencies.enable(self.living.org, CORPORATE, rates, self.living.setting.robot)

    def price(self) -> None:
        """Change the currency of a record, in an org that has several."""
        if "CurrencyType" in self.living.org.objects:
            self._change(self.draw.choice([*PEOPLE, "Account"]), {"CurrencyIsoCode": self.draw.choice(CODES)})

    def _person(self) -> Found | None:
        name = self.draw.choice(PEOPLE)
        return self._row(name, **({"IsConverted": False} if name == "Lead" else {"IsPersonAccount": False}))

    def _row(self, name: str, **having: Any) -> Found | None:
        """Draw a row with these values that is not deleted unless they say so."""
        table = self.living.org.tables[name]
        wanted = {"IsDeleted": False, **having}
        for _ in range(TRIES if len(table) else 0):
            row = self.draw.randrange(len(table))
            if row not in table.purged and all(
                (table.value(row, key) or False) == value for key, value in wanted.items()
            ):
                return table, row
        return None

    def _change(self, name: str, values: dict[str, Any]) -> None:
        if found := self._row(name):
            self._write(found, values)

    def _delete(self, name: str) -> None:
        if found := self._row(name):
            self.living.delete(*found, self.at)

    def _erase(self, name: str) -> None:
        if found := self._row(name):
            self.living.erase(*found)

    def _restore(self, name: str) -> None:
        found = self._row(name, IsDeleted=True)
        if found and not ("MasterRecordId" in found[0].sobject.fields and found[0].value(found[1], "MasterRecordId")):
            self.living.restore(*found, self.at)

    def _merge(self, kept: Found | None, lost: Found | None) -> None:
        if kept and lost and kept[1] != lost[1]:
            self.living.merge(kept[0], kept[1], lost[1], self.at)

    def _write(self, found: Found, values: dict[str, Any]) -> None:
        (table, row), org, seller = found, self.living.org, self.living.setting.seller

        def look(name: str) -> Any:
            return values[name] if name in values else table.value(row, name)

        values = values | consequences(table.sobject.name, values, look, self.at)
        track(org, table, row, values, seller, self.at)
        table.update(row, values | self._stamps(table))
        relate(org, table, row, values, seller, self.at)

    def _stamps(self, table: Table) -> dict[str, Any]:
        stamps = {
            "LastModifiedById": self.living.setting.seller,
            "LastModifiedDate": self.at,
            "SystemModstamp": self.at,
        }
        return {name: stamp for name, stamp in stamps.items() if name in table.sobject.fields}

    def _insert(self, name: str, values: dict[str, Any]) -> str:
        sobject = self.living.org.objects[name]
        defaults = {each.name: each.default for each in sobject.fields.values() if each.default is not None}
        values = defaults | values
        return self.living.insert(name, values | consequences(name, values, values.get, self.at), self.at)


KINDS: Final[dict[str, Callable[[Deeds], None]]] = {
    name: deed for name, deed in vars(Deeds).items() if callable(deed) and not name.startswith("_") and name != "do"
}
"""All kinds of change, by name."""
