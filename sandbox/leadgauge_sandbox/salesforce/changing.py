"""Changes of the org's records by others: new leads, edits, visits, conversions, merges and deletions."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from leadgauge_sandbox.catalogue import NO_SHOW, SHORT, VOICEMAIL
from leadgauge_sandbox.live import Acted, Change, CompanyEdited, Created, Edited, Merged, new_person
from leadgauge_sandbox.population import Activity, Company, Person, Population
from leadgauge_sandbox.salesforce import identifiers
from leadgauge_sandbox.salesforce.currencies import currency_of_new
from leadgauge_sandbox.salesforce.errors import SalesforceError, entity_is_deleted
from leadgauge_sandbox.salesforce.org import Org
from leadgauge_sandbox.salesforce.relations import bring_along, purge_along, relate, take_along
from leadgauge_sandbox.salesforce.rendering import BUSINESS_KINDS, NOT_PROVIDED, Placement, Setting
from leadgauge_sandbox.salesforce.table import Table
from leadgauge_sandbox.salesforce.tracking import track
from leadgauge_sandbox.salesforce.visitors import TYPES, VisitorActivities

_EDITS: Final = {"seniority": "Seniority__c", "job_title": "Title", "budget": "Budget__c"}
_OF_CONTACT: Final = frozenset(
    {
        *("IsDeleted", "CreatedById", "CreatedDate", "LastModifiedById", "LastModifiedDate", "SystemModstamp"),
        *("OwnerId", "LastName", "FirstName", "Email", "Title", "LeadSource", "Seniority__c", "Budget__c"),
        *("Is_Student__c", "Person_Key__c", "HasOptedOutOfEmail", "CurrencyIsoCode", "Buying_Role__c"),
    }
)
"""The values of a new lead that a new contact has too."""
CHILDREN: Final = (
    ("Task", "WhoId"),
    ("Event", "WhoId"),
    ("EventRelation", "RelationId"),
    ("CampaignMember", "{}Id"),
    ("EmailMessageRelation", "RelationId"),
    ("Web_Visit__c", "{}__c"),
    ("Web_Action__c", "{}__c"),
    ("OpportunityContactRole", "ContactId"),
    ("Contact", "{}Id"),
    ("Opportunity", "{}Id"),
)
"""Objects whose records move to the survivor of a merge, with the field that refers to it."""


@dataclass(slots=True)
class Changing:
    """Changes the org's records as others do, with the time of the change."""

    org: Org
    population: Population
    placement: Placement
    setting: Setting
    visitors: VisitorActivities

    def apply(self, change: Change) -> None:
        """Apply one change."""
        at = moment(change.at)
        match change:
            case Created(person=person):
                self._create(person, at)
            case Edited(person=person, fields=fields):
                self._edit(person, fields, at)
            case CompanyEdited(company=company):
                self._edit_company(company, at)
            case Acted(activity=activity):
                self.act(activity, at)
            case Merged(survivor=survivor, loser=loser):
                self._merge_people(survivor, loser, at)
            case _:
                self._leave(change.person, at, erased=change.erased)

    def current(self, number: int) -> tuple[Table, int] | None:
        """Return the live record of a person: the contact, or the lead."""
        if number >= len(self.placement.lead):
            return None
        for name, rows in (("Contact", self.placement.contact), ("Lead", self.placement.lead)):
            table, row = self.org.tables[name], int(rows[number])
            if row >= 0 and row not in table.purged and not table.value(row, "IsDeleted"):
                return table, row
        return None

    def newcomer(self, at: datetime, *, contact: bool = False) -> None:
        """Add a new person, as a lead or as a contact of an account."""
        person = new_person(self.population, int(at.timestamp() * 1000))
        if contact:
            self._create_contact(person, at)
        else:
            self._create(person, at)

    def _create_contact(self, person: Person, at: datetime) -> None:
        accounts, firm = self.org.tables["Account"], person.company
        is_there = firm is not None and firm not in accounts.purged and not accounts.value(firm, "IsDeleted")
        account = accounts.identifier(firm) if firm is not None and is_there else None
        same = {name: value for name, value in self._lead(person, at).items() if name in _OF_CONTACT}
        values = {**same, "AccountId": account, "MailingCountry": person.country}
        self.placement.add(contact=self.org.tables["Contact"].insert(values))

    def _create(self, person: Person, at: datetime) -> None:
        self.placement.add(lead=self.org.tables["Lead"].insert(self._lead(person, at)))

    def _lead(self, person: Person, at: datetime) -> dict[str, Any]:
        firm = None if person.company is None else self.population.companies[person.company]
        return {
            **self._new(at, self.setting.robot),
            "OwnerId": self.setting.seller,
            "LastName": person.family or NOT_PROVIDED,
            "FirstName": person.given,
            "Email": person.email,
            "Title": ((person.job_title or "").strip() or None) and (person.job_title or "").strip()[:128],
            "Company": firm.name if firm else NOT_PROVIDED,
            "Country": person.country,
            "Industry": firm and firm.industry,
            "NumberOfEmployees": firm and firm.employees,
            "LeadSource": person.source,
            "Status": "Open - Not Contacted",
            "Seniority__c": person.seniority,
            "Buying_Role__c": ";".join(person.buying_roles) or None,
            "Budget__c": person.budget,
            "Is_Student__c": None if person.is_student is None else str(person.is_student).lower(),
            "Person_Key__c": float(person.number),
            "IsConverted": False,
            "HasOptedOutOfEmail": False,
            "IsUnreadByOwner": True,
        }

    def _new(self, at: datetime, user: str) -> dict[str, Any]:
        made = {"IsDeleted": False, "CreatedById": user, "CreatedDate": at}
        return {**made, **self._stamps(at, user), **currency_of_new(self.org)}

    def _stamps(self, at: datetime, user: str) -> dict[str, Any]:
        return {"LastModifiedById": user, "LastModifiedDate": at, "SystemModstamp": at}

    def _edit(self, person: Person, fields: tuple[str, ...], at: datetime) -> None:
        found = self.current(person.number)
        if found is not None:
            values = {_EDITS[name]: getattr(person, name) for name in fields if name in _EDITS}
            track(self.org, *found, values, self.setting.seller, at)
            found[0].update(found[1], values | self._stamps(at, self.setting.seller))

    def _edit_company(self, company: Company, at: datetime) -> None:
        """Update the account and the leads that name the company, as an enrichment service does."""
        values = {"NumberOfEmployees": company.employees, "Industry": company.industry}
        stamped = values | self._stamps(at, self.setting.seller)
        self.org.tables["Account"].update(company.number, stamped)
        leads = self.org.tables["Lead"]
        for person in self.population.people[: len(self.placement.lead)]:
            row = int(self.placement.lead[person.number])
            if person.company == company.number and row >= 0 and not leads.value(row, "IsConverted"):
                track(self.org, leads, row, values, self.setting.seller, at)
                leads.update(row, dict(stamped))

    def act(self, activity: Activity, at: datetime) -> None:
        """Record an activity of a person in its object."""
        found = self.current(activity.person)
        if found is None:
            return
        person = found[0].sobject.name, found[0].identifier(found[1])
        kind, name = activity.where.kind, activity.where.name
        if kind in TYPES and not activity.bot:
            self.visitors.add(kind, activity.person, name, at)
        elif kind.startswith("webinar_"):
            self._attend(*person, name, at, came=kind == "webinar_attend")
        elif kind in ("sales_email", "email_reply"):
            self._mail(*person, name, at, incoming=kind == "email_reply")
        elif kind in _RECORDS:
            self.insert(*_RECORDS[kind](self, *person, activity, at), at)

    def insert(self, name: str, values: dict[str, Any], at: datetime) -> str:
        """Insert a record and return its id."""
        table = self.org.tables[name]
        new = {"OwnerId": self.setting.robot, **self._new(at, self.setting.robot)}
        row = table.insert(_known(table, new) | values)
        relate(self.org, table, row, values, self.setting.robot, at)
        return table.identifier(row)

    def _web(self, kind: str, person: str, activity: Activity, at: datetime) -> tuple[str, dict[str, Any]]:
        where = activity.where
        values = {f"{kind}__c": person, "Name": where.name, "Kind__c": where.kind, "URL__c": activity.url}
        if where.kind == "page_view":
            return "Web_Visit__c", {**values, "Occurred_At__c": at, "Seconds__c": activity.seconds}
        return "Web_Action__c", {**values, "Occurred_At__c": at, "Asset__c": where.name}

    def _call(self, _kind: str, person: str, activity: Activity, at: datetime) -> tuple[str, dict[str, Any]]:
        seconds = None if activity.seconds is None else int(activity.seconds)
        about = {"WhoId": person, "Subject": activity.where.name, "ActivityDate": at.date(), "Type": "Call"}
        state = {"Status": "Completed", "Priority": "Normal", "IsClosed": True, "CompletedDateTime": at}
        result = VOICEMAIL if seconds is not None and seconds < SHORT else None
        call = {"TaskSubtype": "Call", "CallDurationInSeconds": seconds, "CallDisposition": result}
        return "Task", {**about, **state, **call}

    def _meeting(self, _kind: str, person: str, activity: Activity, at: datetime) -> tuple[str, dict[str, Any]]:
        prefix = NO_SHOW if activity.seconds is not None and activity.seconds < SHORT else ""
        times = {"StartDateTime": at, "ActivityDateTime": at, "ActivityDate": at.date(), "DurationInMinutes": 30}
        about = {
            "WhoId": person,
            "Subject": prefix + activity.where.name,
            "Type": "Meeting",
            "EventSubtype": "Event",
            "GroupEventType": "0",
        }
        return "Event", {**about, **times, "EndDateTime": at + timedelta(minutes=30)}

    def _mail(self, kind: str, person: str, subject: str, at: datetime, *, incoming: bool) -> None:
        message = {"Subject": subject, "Incoming": incoming, "Status": "1" if incoming else "3", "MessageDate": at}
        identifier = self.insert("EmailMessage", message, at)
        relation = {"EmailMessageId": identifier, "RelationId": person, "RelationObjectType": kind}
        kind_of = {"RelationType": "FromAddress" if incoming else "ToAddress"}
        self.insert("EmailMessageRelation", {**relation, **kind_of}, at)

    def _attend(self, kind: str, person: str, webinar: str, at: datetime, *, came: bool) -> None:
        """Record a registration or attendance; attending without registering creates a member."""
        campaigns, members = self.org.tables["Campaign"], self.org.tables["CampaignMember"]
        campaign = next(iter(campaigns.find("Name", webinar)), None)
        if campaign is None:
            return
        of_campaign = set(members.find("CampaignId", campaigns.identifier(campaign)))
        known = [row for row in members.find(f"{kind}Id", person) if row in of_campaign]
        response = {"Status": "Attended", "HasResponded": True, "FirstRespondedDate": at.date(), "Attended_At__c": at}
        if known and came:
            members.update(known[0], {**response, **self._stamps(at, self.setting.robot)})
        elif not known:
            state = response if came else {"Status": "Registered", "HasResponded": False, "Registered_At__c": at}
            about = {"CampaignId": campaigns.identifier(campaign), f"{kind}Id": person, "LeadOrContactId": person}
            self.insert("CampaignMember", {**about, "Type": kind, **state}, at)

    def _merge_people(self, survivor: Person, loser: Person, at: datetime) -> None:
        kept, lost = self.current(survivor.number), self.current(loser.number)
        if kept is None or lost is None or kept[0] is not lost[0] or kept[1] == lost[1]:
            return
        self.merge(kept[0], kept[1], lost[1], at)

    def merge(self, table: Table, survivor: int, loser: int, at: datetime) -> None:
        """Merge two records: related records move to the survivor, the loser goes to the recycle bin."""
        stamps = self._stamps(at, self.setting.seller)
        kept, lost = table.identifier(survivor), table.identifier(loser)
        for name, pattern in CHILDREN:
            field_name, children = pattern.format(table.sobject.name), self.org.tables[name]
            if field_name in children.sobject.fields:
                for row in children.find(field_name, lost):
                    children.update(row, {field_name: kept, **_known(children, stamps)})
        table.update(loser, {"IsDeleted": True, "MasterRecordId": kept, **stamps})
        table.update(survivor, stamps)

    def _leave(self, person: Person, at: datetime, *, erased: bool) -> None:
        found = self.current(person.number)
        if found is None:
            return
        table, row = found
        if erased:
            self.erase(table, row)
        else:
            self.delete(table, row, at)

    def erase(self, table: Table, row: int) -> None:
        """Delete a record permanently, from the recycle bin too."""
        table.purged.add(row)
        purge_along(self.org, table, row)

    def delete(self, table: Table, row: int, at: datetime) -> None:
        """Move a record to the recycle bin, or delete it permanently if the object has none."""
        if not table.sobject.has_bin:
            table.purged.add(row)
            return
        stamps = self._stamps(at, self.setting.seller)
        table.update(row, {"IsDeleted": True, **_known(table, stamps)})
        take_along(self.org, table, row, stamps)

    def restore(self, table: Table, row: int, at: datetime) -> None:
        """Restore a record from the recycle bin; SystemModstamp is now, as for any change by the system."""
        if not table.value(row, "IsDeleted") or row in table.purged or table.value(row, "MasterRecordId"):
            raise SalesforceError("UNDELETE_FAILED", "entity is not in the recycle bin")
        stamps = self._stamps(at, self.setting.seller)
        bring_along(self.org, table, row, stamps)
        table.update(row, {"IsDeleted": False, **_known(table, stamps)})

    def convert(
        self, lead_id: str, at: datetime, *, contact: str | None = None, opportunity: bool = True
    ) -> dict[str, str]:
        """Convert a lead to a contact, an account and an opportunity, as a user does.

        `contact`: an existing one, with its account. Without `opportunity` none is made.
        """
        leads, row = self.lead(lead_id)
        if leads.value(row, "IsConverted"):
            raise SalesforceError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", fields=())
        made = self._make_customer(leads, row, at, contact, opportunity=opportunity)
        leads.update(
            row,
            {
                "IsConverted": True,
                "ConvertedDate": at.date(),
                "Status": "Closed - Converted",
                **{f"Converted{name}Id": identifier for name, identifier in made.items()},
                **self._stamps(at, self.setting.seller),
            },
        )
        self._move_activities(leads.identifier(row), made["Contact"], at)
        number = leads.value(row, "Person_Key__c")
        if number is not None and int(number) < len(self.placement.contact):
            self.placement.contact[int(number)] = identifiers.serial(made["Contact"]) - 1
        return made

    def lead(self, lead_id: str) -> tuple[Table, int]:
        """Return the row of a live lead."""
        leads = self.org.tables["Lead"]
        row = leads.row_of(identifiers.normalise(lead_id) or "")
        if row is None or leads.value(row, "IsDeleted"):
            raise entity_is_deleted()
        return leads, row

    def _make_customer(
        self, leads: Table, row: int, at: datetime, known: str | None, *, opportunity: bool
    ) -> dict[str, str]:
        new = {"OwnerId": self.setting.seller, **self._new(at, self.setting.seller)}

        def insert(name: str, **values: Any) -> str:
            table = self.org.tables[name]
            return table.identifier(table.insert(_known(table, new) | values))

        look = {name: leads.value(row, name) for name in ("Company", "Industry", "NumberOfEmployees", "LeadSource")}
        same = ("LastName", "FirstName", "Email", "Phone", "Title", "LeadSource", "Seniority__c", "Budget__c")
        own = ("Is_Student__c", "Purchase_By__c", "Person_Key__c", "Buying_Role__c")
        kept = {name: leads.value(row, name) for name in (*same, *own)}
        if known is None:
            firm = {"Industry": look["Industry"], "NumberOfEmployees": look["NumberOfEmployees"]}
            account = insert("Account", Name=look["Company"], Target_Account__c=False, **firm)
            contact = insert("Contact", AccountId=account, MailingCountry=leads.value(row, "Country"), **kept)
        else:
            contact, account = known, self._touched(known, at)
        made = {"Contact": contact, "Account": account}
        if not opportunity:
            return made
        stage = {
            "StageName": "Prospecting",
            "IsClosed": False,
            "IsWon": False,
            "CloseDate": (at + timedelta(days=90)).date(),
        }
        sale = insert("Opportunity", AccountId=account, Name=f"{look['Company']}-", ContactId=contact, **stage)
        insert("OpportunityContactRole", OpportunityId=sale, ContactId=contact, IsPrimary=True)
        return {**made, "Opportunity": sale}

    def _touched(self, contact: str, at: datetime) -> str:
        """Stamp the contact of a converted lead and return its account."""
        contacts = self.org.tables["Contact"]
        row = contacts.row_of(contact)
        if row is None or contacts.value(row, "IsDeleted"):
            raise entity_is_deleted()
        contacts.update(row, self._stamps(at, self.setting.seller))
        return str(contacts.value(row, "AccountId"))

    def _move_activities(self, lead: str, contact: str, at: datetime) -> None:
        """Move tasks, events and mails to the contact and add it to members; custom objects stay with the lead."""
        stamps = self._stamps(at, self.setting.seller)
        moves = (("Task", "WhoId", "WhoId"), ("Event", "WhoId", "WhoId"), ("CampaignMember", "LeadId", "ContactId"))
        related = ((name, "RelationId", "RelationId") for name in ("EmailMessageRelation", "EventRelation"))
        for name, held, gets in (*moves, *related):
            table = self.org.tables[name]
            for row in table.find(held, lead):
                table.update(row, {gets: contact, **_known(table, stamps)})


_RECORDS: Final = {
    "page_view": Changing._web,  # noqa: SLF001 - its own
    **dict.fromkeys(BUSINESS_KINDS, Changing._web),  # noqa: SLF001 - its own
    "call": Changing._call,  # noqa: SLF001 - its own
    "meeting": Changing._meeting,  # noqa: SLF001 - its own
}
"""The function that records each kind of activity."""


def _known(table: Table, values: dict[str, Any]) -> dict[str, Any]:
    """Return only the values that have a field in the object."""
    return {name: value for name, value in values.items() if name in table.sobject.fields}


def moment(milliseconds: int) -> datetime:
    """Return a time in whole seconds."""
    return datetime.fromtimestamp(milliseconds // 1000, UTC)
