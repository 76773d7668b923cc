"""Loads a population into an account and keeps the account up to date as people act."""

from __future__ import annotations

import random
import uuid
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from leadgauge_sandbox.catalogue import FORM_KINDS, PLACES, SHORT, TAGS, places_of
from leadgauge_sandbox.hubspot.answers import iso
from leadgauge_sandbox.hubspot.deeds import Deed, Deeds, live
from leadgauge_sandbox.hubspot.links import PRIMARY, unlabeled
from leadgauge_sandbox.hubspot.pipelines import LEAD_STAGES
from leadgauge_sandbox.hubspot.portal import derived as derived_from
from leadgauge_sandbox.hubspot.streams import SENT_BEFORE, STREAMS, Act
from leadgauge_sandbox.live import Acted, CompanyEdited, Created, Deleted, Edited, Merged, live_step
from leadgauge_sandbox.records import DAY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from leadgauge_sandbox.hubspot.portal import Portal
    from leadgauge_sandbox.hubspot.table import Record
    from leadgauge_sandbox.live import Change
    from leadgauge_sandbox.population import Population
    from leadgauge_sandbox.records import Activity, Company, Person

NAMESPACE: Final = uuid.UUID("5f2a6c1e-0d5b-4b0e-9d6f-2f1e7f7f0a11")


def form_id(place: int) -> str:
    """Return the GUID of the form at a place."""
    return str(uuid.uuid5(NAMESPACE, PLACES[place].name))


class Filling:
    """The population of an account, and the contact of each person."""

    def __init__(self, portal: Portal, population: Population, *, open_leads: bool = False) -> None:
        """Load all people and activities into the account; with `open_leads`, sales works on leads of some of them."""
        self.portal, self.population = portal, population
        self.contacts, self.companies = portal.tables["0-1"], portal.tables["0-2"]
        self.company_ids = [self._company(each) for each in population.companies]
        self.streams = portal.streams
        portal.webinars = population.webinars
        self.serial = len(population.activities)
        derived = _Derived(population)
        self.ids = np.array(
            [self._person(each, derived.of(each.number), indexed=False) for each in population.people], np.int64
        )
        self.deeds = Deeds(portal, self.act, random.Random(population.seed))
        self._fill_streams()
        self._fill_engagements()
        self._fill_deals()
        if open_leads:
            self._fill_leads()
        self._count_contacts()
        for table in portal.tables.values():
            table.reindex()

    def _company(self, firm: Company) -> int:
        values = {
            "name": firm.name,
            "domain": firm.domain or "",
            "website": firm.domain or "",
            "industry": firm.industry or "",
            "numberofemployees": "" if firm.employees is None else str(firm.employees),
            "annualrevenue": "" if firm.revenue is None else f"{firm.revenue:.2f}",
            "country": firm.country or "",
            "hs_is_target_account": "true" if firm.is_target else "",
        }
        return self.companies.add(
            {name: value for name, value in values.items() if value}, firm.created_at, indexed=False
        ).id

    def _person(self, person: Person, derived: dict[str, str], *, indexed: bool = True) -> int:
        values, company = {**written_values(person), **derived}, self._employer(person)
        if company is not None:
            values["associatedcompanyid"] = str(company.id)
        values["hs_all_contact_vids"] = str(self.contacts.next_id)
        modified = int(values.pop("", "0"))
        record = self.contacts.add(values, person.created_at, max(person.created_at, modified), indexed=indexed)
        if person.converted_at is not None:
            stages = [(person.created_at, "lead", "CRM_UI"), (person.converted_at, "customer", "CRM_UI")]
            record.history = {"lifecyclestage": stages}
        if company is not None:
            pair = ("0-1", "0-2")
            join = self.portal.associate if indexed else self.portal.links.join
            join(pair, record.id, company.id, PRIMARY[pair])
        return record.id

    def _employer(self, person: Person) -> Record | None:
        """Return the company that a person works for, following merges; None if it was deleted."""
        return None if person.company is None else self.companies.find(self.company_ids[person.company])

    def _fill_streams(self) -> None:
        acts = self.population.activities
        serial = np.arange(len(acts))
        for name, kinds in STREAMS.items():
            rows = np.flatnonzero(np.isin(acts.place, places_of(*kinds)))
            columns: dict[str, NDArray[Any]] = {
                "at": acts.at[rows],
                "contact": self.ids[acts.person[rows]],
                "place": acts.place[rows],
                "tag": acts.tag[rows],
                "bot": acts.bot[rows],
                "serial": serial[rows],
                "sent": acts.sent[rows],
            }
            self.streams[name].load(**columns)
            if name == "OPEN":
                for mail, before in SENT_BEFORE.items():
                    self.streams[mail].load(**_sent(columns, before))

    def _fill_engagements(self) -> None:
        acts = self.population.activities
        for row in np.flatnonzero(np.isin(acts.place, places_of(*ENGAGEMENTS))).tolist():
            act = self.population.activity(row)
            self._engage(act, int(self.ids[act.person]), indexed=False)

    def _engage(self, act: Activity, contact: int, *, indexed: bool = True) -> None:
        """Store a call, meeting or sales mail as an engagement record."""
        type_id, shape = ENGAGEMENTS[act.where.kind]
        values = {"hs_timestamp": iso(act.at), "hubspot_owner_id": "71000001", **shape(act)}
        record = self.portal.tables[type_id].add(values, act.at, indexed=indexed)
        self.portal.links.join((type_id, "0-1"), record.id, contact, unlabeled((type_id, "0-1")))

    def _fill_deals(self) -> None:
        """Store a won deal for each converted lead, and a lost or an open one for some who only asked."""
        asked = set(self.population.activities.person[np.isin(self.population.activities.place, ASKING)].tolist())
        for person in self.population.people:
            if person.converted_at is not None:
                self._deal(person, person.converted_at, "closedwon")
            elif person.number in asked and person.number % LOST == 0:
                self._deal(person, self.population.now - DAY, "closedlost")
            elif person.number in asked and person.number % LOST == 1:
                self._deal(person, self.population.now + 21 * DAY, "presentationscheduled")

    def _fill_leads(self) -> None:
        """Store a lead for everybody who asked for something and did not convert, spread over the stages."""
        leads, stages = self.portal.tables["0-136"], list(LEAD_STAGES)
        asked = np.unique(self.population.activities.person[np.isin(self.population.activities.place, ASKING)])
        people = [self.population.people[number] for number in asked.tolist()]
        for place, person in enumerate(one for one in people if one.converted_at is None):
            contact = int(self.ids[person.number])
            values = {
                "hs_lead_name": " ".join(filter(None, (person.given, person.family))) or f"Lead {person.number}",
                "hs_lead_type": "NEW_BUSINESS",
                "hs_pipeline": "lead-pipeline-id",
                "hs_pipeline_stage": stages[2 * place % len(stages)],
                "hs_primary_contact_id": str(contact),
            }
            made = leads.add({**values, **derived_from(leads, values)}, person.created_at, indexed=False)
            self.portal.links.join(("0-136", "0-1"), made.id, contact, unlabeled(("0-136", "0-1")))

    def _deal(self, person: Person, closed: int, stage: str) -> None:
        """Store a deal that takes three weeks, or less if the lead is newer."""
        begun = max(person.created_at, closed - 21 * DAY)
        values = {
            "dealname": f"{person.family or 'Deal'} {person.number}",
            "amount": "" if person.budget is None else f"{person.budget:.2f}",
            "closedate": iso(closed),
            "dealstage": stage,
            "pipeline": "default",
        }
        deals = self.portal.tables["0-3"]
        changed = min(closed, self.population.now)
        record = deals.add({**values, **derived_from(deals, values)}, begun, changed, indexed=False)
        links = self.portal.links
        links.join(("0-3", "0-1"), record.id, int(self.ids[person.number]), unlabeled(("0-3", "0-1")))
        if person.company is not None:
            self.portal.associate(("0-3", "0-2"), record.id, self.company_ids[person.company])

    def _count_contacts(self) -> None:
        for company in self.companies.records.values():
            contacts = len(self.portal.links.of(("0-2", "0-1"), company.id))
            company.values["num_associated_contacts"] = str(contacts)

    # Changes ---------------------------------------------------------------------------------------------------

    def step(self, now: int, pace: float = 1.0) -> list[Change | Deed]:
        """Advance the population to `now` and apply its changes; then users do what they do in that time."""
        days = pace * max(0, now - self.population.now) / DAY
        changes = live_step(self.population, now, pace)
        for change in changes:
            self.follow(change)
        return [*changes, *live(self.deeds, days)]

    def follow(self, change: Change) -> None:
        """Apply one change of the population to the account."""
        if isinstance(change, Created):
            self.ids = np.append(self.ids, self._person(change.person, {}))
        elif isinstance(change, Edited):
            self._edit(change)
        elif isinstance(change, CompanyEdited):
            self._edit_company(change)
        elif isinstance(change, Acted):
            self._acted(change.activity)
        else:
            self._leave(change)

    def contact(self, person: int) -> Record | None:
        """Return a person's current contact, following merges."""
        return self.contacts.find(int(self.ids[person]))

    def _edit(self, change: Edited) -> None:
        record, values = self.contact(change.person.number), written_values(change.person)
        if record is not None:
            names = [PERSON_FIELDS[name] for name in change.fields]
            self.contacts.change(record, {name: values.get(name, "") for name in names}, change.at, "CRM_UI")

    def _edit_company(self, change: CompanyEdited) -> None:
        record, firm = self.companies.find(self.company_ids[change.company.number]), change.company
        if record is not None:
            values = {"numberofemployees": str(firm.employees or ""), "industry": firm.industry or ""}
            self.companies.change(record, values, change.at, "CRM_UI")

    def _leave(self, change: Merged | Deleted) -> None:
        if isinstance(change, Merged):
            survivor, loser = self.contact(change.survivor.number), self.contact(change.loser.number)
            if survivor is not None and loser is not None and survivor is not loser:
                self.portal.merge(self.contacts, survivor, loser)
            return
        record = self.contact(change.person.number)
        if record is not None:
            (self.portal.erase if change.erased else self.portal.archive)(self.contacts, record)

    def _acted(self, act: Activity) -> None:
        record = self.contact(act.person)
        if record is not None:
            self.act(act, record)

    def act(self, act: Activity, record: Record) -> None:
        """Store a contact's new activity and the properties that HubSpot derives from it."""
        self.serial += 1
        for name, kinds in STREAMS.items():
            if act.where.kind in kinds:
                self._stream(name, act, record.id)
        if act.where.kind in ENGAGEMENTS:
            self._engage(act, record.id)
        self.contacts.change(record, _after(act, record.values), act.at, "ANALYTICS")

    def _stream(self, name: str, act: Activity, contact: int) -> None:
        entry = Act(act.at, contact, act.place, act.tag, act.bot, self.serial, act.sent)
        self.streams[name].add(entry)
        for mail, before in SENT_BEFORE.items() if name == "OPEN" else ():
            sent = act.sent or act.at - before
            self.streams[mail].add(Act(sent, contact, act.place, 0, False, self.serial, act.sent))


def _sent(columns: dict[str, NDArray[Any]], before: int) -> dict[str, NDArray[Any]]:
    """Return when the mails of these opens were sent or delivered, in order of time."""
    at = np.where(columns["sent"] > 0, columns["sent"], columns["at"] - before)
    order = np.argsort(at, kind="stable")
    return {name: column[order] for name, column in {**columns, "at": at}.items()}


def written_values(person: Person) -> dict[str, str]:
    """Return a person's fields as contact properties, without blanks."""
    values: dict[str, Any] = {
        "firstname": person.given,
        "lastname": person.family,
        "email": person.email,
        "hs_email_domain": person.email_domain,
        "phone": person.phone,
        "jobtitle": person.job_title and person.job_title.strip(),
        "seniority": person.seniority,
        "hs_buying_role": ";".join(role.upper().replace(" ", "_") for role in person.buying_roles),
        "country": person.country,
        "budget": None if person.budget is None else f"{person.budget:.2f}".removesuffix(".00"),
        "purchase_by": person.purchase_by,
        "is_student": None if person.is_student is None else str(person.is_student).lower(),
        "lead_source": person.source,
        "hs_analytics_source": person.source,
        "lifecyclestage": "customer" if person.converted_at else "lead",
        "hs_lifecyclestage_customer_date": person.converted_at and iso(person.converted_at),
        "hs_lifecyclestage_lead_date": iso(person.created_at),
        "hs_is_contact": "true",
        "hs_is_unworked": "true",
        "hs_pipeline": "contacts-lifecycle-pipeline",
        "hs_object_source": "CRM_UI",
        "hs_object_source_label": "CRM_UI",
    }
    return {name: value for name, value in values.items() if value}


ASKING: Final = places_of("demo_request", "pricing_request")
LOST: Final = 5
"""One in this many of those who asked and did not convert has a lost deal, and one an open deal."""
PERSON_FIELDS: Final = {"job_title": "jobtitle", "seniority": "seniority", "budget": "budget"}


CONNECTED, VOICEMAIL = "f240bbac-87c9-4f6e-bf70-924b57d47db7", "b2cf5968-551e-4856-9783-52b3da59a7d0"


def _call(act: Activity) -> dict[str, str]:
    """Return a call; HubSpot calls it completed whether somebody answered or not."""
    reached = act.seconds is None or act.seconds >= SHORT
    return {
        "hs_call_disposition": CONNECTED if reached else VOICEMAIL,
        "hs_call_title": act.where.name,
        "hs_call_direction": "OUTBOUND",
        "hs_call_status": "COMPLETED",
        "hs_call_duration": str(int((act.seconds or 0) * 1000)),
    }


def _meeting(act: Activity) -> dict[str, str]:
    return {
        "hs_meeting_title": act.where.name,
        "hs_meeting_outcome": "NO_SHOW" if act.seconds is not None and act.seconds < SHORT else "COMPLETED",
        "hs_meeting_start_time": iso(act.at),
        "hs_meeting_end_time": iso(act.at + int((act.seconds or 0) * 1000)),
    }


def _mail(direction: str) -> Callable[[Activity], dict[str, str]]:
    return lambda act: {"hs_email_subject": act.where.name, "hs_email_direction": direction, "hs_email_status": "SENT"}


ENGAGEMENTS: Final[dict[str, tuple[str, Callable[[Activity], dict[str, str]]]]] = {
    "call": ("0-48", _call),
    "meeting": ("0-47", _meeting),
    "sales_email": ("0-49", _mail("EMAIL")),
    "email_reply": ("0-49", _mail("INCOMING_EMAIL")),
}


class _Derived:
    """Contact properties that HubSpot calculates from a contact's activities."""

    def __init__(self, population: Population) -> None:
        """Compute counts and latest times for all contacts at once."""
        self._acts, self._size = population.activities, len(population.people)
        self._counts: dict[str, Sequence[int]] = {}
        self._latest: dict[str, Sequence[int]] = {}
        for name, kinds in COUNTED.items():
            self._counts[name] = self._count(self._rows(*kinds))
        for name, kinds in LATEST.items():
            self._latest[name] = self._last(self._rows(*kinds))
        self._first = self._last(self._rows("page_view"), first=True)
        self._sessions = self._count(self._session_starts())
        self._forms = self._form_of("latest")
        self._first_forms = self._form_of("first")
        self._any = self._last(np.arange(len(self._acts)))

    def _rows(self, *kinds: str) -> NDArray[np.int64]:
        return np.flatnonzero(np.isin(self._acts.place, places_of(*kinds)) & ~self._acts.bot)

    def _count(self, rows: NDArray[np.int64]) -> list[int]:
        counts: list[int] = np.bincount(self._acts.person[rows], minlength=self._size).tolist()
        return counts

    def _last(self, rows: NDArray[np.int64], *, first: bool = False) -> list[int]:
        found = np.zeros(self._size, np.int64)
        ordered = rows[::-1] if first else rows
        found[self._acts.person[ordered]] = self._acts.at[ordered]
        return found.tolist()

    def _session_starts(self) -> NDArray[np.int64]:
        """Return the page views that start a session, half an hour or more after the one before."""
        rows = self._rows("page_view")
        rows = rows[np.lexsort((self._acts.at[rows], self._acts.person[rows]))]
        who, at = self._acts.person[rows], self._acts.at[rows]
        starts = np.ones(len(rows), bool)
        starts[1:] = (who[1:] != who[:-1]) | (at[1:] - at[:-1] > DAY // 48)
        return rows[starts]

    def _form_of(self, which: str) -> list[int]:
        rows = self._rows(*FORM_KINDS)
        found = np.full(self._size, -1, np.int64)
        ordered = rows if which == "latest" else rows[::-1]
        found[self._acts.person[ordered]] = self._acts.place[ordered]
        return found.tolist()

    def of(self, person: int) -> dict[str, str]:
        """Return one person's properties; "" holds the time of the latest change."""
        values = {name: str(counts[person]) for name, counts in self._counts.items() if counts[person]}
        values |= {name: iso(times[person]) for name, times in self._latest.items() if times[person]}
        if self._sessions[person]:
            values["hs_analytics_num_visits"] = str(self._sessions[person])
            values["hs_analytics_first_timestamp"] = iso(self._first[person])
        if self._forms[person] >= 0:
            values["recent_conversion_event_name"] = PLACES[self._forms[person]].name
            values["first_conversion_event_name"] = PLACES[self._first_forms[person]].name
        if "hs_email_open" in values:
            values["hs_email_delivered"] = values["hs_email_open"]
        if values.pop("unsubscribed", None):
            values["hs_email_optout"] = "true"
        values["num_notes"] = values.get("num_contacted_notes", "0")
        return {**values, "": str(self._any[person])}


COUNTED: Final[dict[str, tuple[str, ...]]] = {
    "hs_analytics_num_page_views": ("page_view",),
    "hs_email_open": ("email_open",),
    "hs_email_click": ("email_click",),
    "hs_email_bounce": ("bounce",),
    "num_conversion_events": FORM_KINDS,
    "num_contacted_notes": ("call", "meeting", "sales_email"),
    "unsubscribed": ("unsubscribe",),
}
LATEST: Final[dict[str, tuple[str, ...]]] = {
    "hs_analytics_last_timestamp": ("page_view",),
    "hs_analytics_last_visit_timestamp": ("page_view",),
    "hs_email_last_open_date": ("email_open",),
    "hs_email_last_click_date": ("email_click",),
    "recent_conversion_date": FORM_KINDS,
    "hs_sales_email_last_replied": ("email_reply",),
    "notes_last_updated": ("call", "meeting", "sales_email", "email_reply"),
    "notes_last_contacted": ("call", "meeting", "sales_email"),
    "hs_last_sales_activity_timestamp": ("call", "meeting", "sales_email", "email_reply"),
}


def _after(act: Activity, held: Mapping[str, str]) -> dict[str, str]:
    """Return the derived properties changed by one more activity."""
    kind, when = act.where.kind, iso(act.at)
    if act.bot:
        return {}
    values = {
        name: str(int(held.get(name) or 0) + 1)
        for name, kinds in COUNTED.items()
        if kind in kinds and name != "unsubscribed"
    }
    values |= {name: max(when, held.get(name, "")) for name, kinds in LATEST.items() if kind in kinds}
    if kind == "unsubscribe":
        values["hs_email_optout"] = "true"
    if kind in FORM_KINDS:
        values["recent_conversion_event_name"] = act.where.name
    if kind == "page_view":
        values["hs_analytics_last_url"] = (act.where.url or "") + TAGS[act.tag]
    return values
