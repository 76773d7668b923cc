"""Loads a population into the org: people as leads and contacts, activities as records."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from leadgauge_sandbox.catalogue import NO_SHOW, PLACES, SHORT, TAGS, VOICEMAIL, places_of
from leadgauge_sandbox.population import Population
from leadgauge_sandbox.salesforce import identifiers
from leadgauge_sandbox.salesforce.org import Org
from leadgauge_sandbox.salesforce.schema.field import TIME
from leadgauge_sandbox.salesforce.table import Table

LEADS: Final = 0.6
"""The share of leads among people who have not converted; the others are contacts."""
TIED: Final = 10
"""One record in this many was last changed by a nightly job, all in the same second."""
NOT_PROVIDED: Final = "[not provided]"
DAY: Final = 86_400_000
STAGES: Final = ("Closed Won", "Proposal/Price Quote")
BUSINESS_KINDS: Final = ("content_download", "demo_request", "pricing_request", "contact_request", "form_submit")

Numbers = NDArray[np.signedinteger[Any]]


def times(milliseconds: Any) -> pl.Series:
    """Return milliseconds as Salesforce stores times: in whole seconds."""
    numbers = pl.Series(milliseconds, dtype=pl.Int64) // 1000 * 1_000_000
    return numbers.cast(TIME)


@dataclass(slots=True)
class Setting:
    """The ids that rendered records refer to."""

    robot: str
    """The user for imports and web tracking."""
    seller: str
    """The sales user who owns people."""


@dataclass(slots=True)
class Placement:
    """The rows of each person, by number, as a lead and as a contact; -1 for none."""

    lead: Numbers
    contact: Numbers
    converted: Numbers
    """When they converted, or a time beyond all others."""

    def add(self, lead: int = -1, contact: int = -1) -> None:
        """Add the rows of the next person."""
        self.lead = np.append(self.lead, lead)
        self.contact = np.append(self.contact, contact)
        self.converted = np.append(self.converted, NEVER)


NEVER: Final = np.iinfo(np.int64).max


def place(population: Population) -> Placement:
    """Decide who is a lead, who a contact, and who was converted."""
    people = population.people
    random = np.random.default_rng((population.seed, 3))
    converted = np.array([NEVER if p.converted_at is None else p.converted_at for p in people], np.int64)
    is_contact = (converted < NEVER) | (random.random(len(people)) >= LEADS)
    is_lead = ~is_contact | (converted < NEVER)
    return Placement(_rows(is_lead), _rows(is_contact), converted)


def _rows(chosen: NDArray[np.bool_]) -> Numbers:
    return np.where(chosen, np.cumsum(chosen) - 1, -1).astype(np.int64)


def render(population: Population, org: Org, placement: Placement, setting: Setting) -> None:
    """Fill the org's tables."""
    renderer = _Renderer(population, org, placement, setting)
    renderer.accounts()
    renderer.people()
    renderer.activities()
    renderer.opportunities()


@dataclass(slots=True)
class _Renderer:
    population: Population
    org: Org
    placement: Placement
    setting: Setting

    def accounts(self) -> None:
        firms = self.population.companies
        columns: dict[str, Any] = {
            "Name": [firm.name[:255] for firm in firms],
            "Industry": [firm.industry for firm in firms],
            "NumberOfEmployees": [firm.employees for firm in firms],
            "AnnualRevenue": [firm.revenue for firm in firms],
            "Website": [firm.domain and f"https://{firm.domain}" for firm in firms],
            "BillingCountry": [firm.country for firm in firms],
            "Company_Key__c": [float(firm.number) for firm in firms],
            "Target_Account__c": [firm.is_target for firm in firms],
        }
        created = times([firm.created_at for firm in firms])
        self._fill("Account", columns, created, created, owner=self.setting.seller)

    def people(self) -> None:
        touched = self._last_touched()
        self._leads(touched)
        self._contacts(touched)

    def _leads(self, touched: Numbers) -> None:
        numbers = np.flatnonzero(self.placement.lead >= 0)
        people = [self.population.people[number] for number in numbers.tolist()]
        firms = [None if p.company is None else self.population.companies[p.company] for p in people]
        converted = pl.Series(self.placement.converted[numbers])
        is_converted = converted < NEVER
        columns = self._common(numbers) | {
            "Company": [firm.name[:255] if firm else NOT_PROVIDED for firm in firms],
            "Country": [p.country for p in people],
            "Industry": [firm and firm.industry for firm in firms],
            "NumberOfEmployees": [firm and firm.employees for firm in firms],
            "AnnualRevenue": [firm and firm.revenue for firm in firms],
            "Website": [firm and firm.domain and f"https://{firm.domain}" for firm in firms],
            "Status": _when(is_converted, "Closed - Converted", "Open - Not Contacted"),
            "IsConverted": is_converted,
            "ConvertedDate": times(_masked(converted, is_converted)).dt.date(),
            "ConvertedContactId": _only(self.contact_ids(numbers), is_converted),
            "ConvertedAccountId": _only(self._account_ids(people), is_converted),
            "ConvertedOpportunityId": _only(self._opportunity_ids(numbers), is_converted),
            "IsUnreadByOwner": ~is_converted,
        }
        modified = np.where(is_converted, self.placement.converted[numbers], touched[numbers])
        created = times([p.created_at for p in people])
        self._fill("Lead", columns, created, times(modified), owner=self.setting.seller)

    def _contacts(self, touched: Numbers) -> None:
        numbers = np.flatnonzero(self.placement.contact >= 0)
        people = [self.population.people[number] for number in numbers.tolist()]
        columns = self._common(numbers) | {
            "AccountId": self._account_ids(people),
            "MailingCountry": [p.country for p in people],
        }
        created = times([p.created_at for p in people])
        self._fill("Contact", columns, created, times(touched[numbers]), owner=self.setting.seller)

    def _common(self, numbers: Numbers) -> dict[str, Any]:
        people = [self.population.people[number] for number in numbers.tolist()]
        unsubscribed, bounced = self._first("unsubscribe")[numbers], self._first("bounce")[numbers]
        return {
            "LastName": [_text(p.family, 80) or NOT_PROVIDED for p in people],
            "FirstName": [_text(p.given, 40) for p in people],
            "Email": [p.email for p in people],
            "Phone": [p.phone for p in people],
            "Title": [_text(p.job_title, 128) for p in people],
            "LeadSource": [p.source for p in people],
            "Seniority__c": [p.seniority for p in people],
            "Buying_Role__c": [";".join(p.buying_roles) or None for p in people],
            "Budget__c": [p.budget for p in people],
            "Purchase_By__c": pl.Series([p.purchase_by for p in people], dtype=pl.String).str.to_date(),
            "Is_Student__c": [None if p.is_student is None else str(p.is_student).lower() for p in people],
            "Person_Key__c": numbers.astype(float),
            "HasOptedOutOfEmail": unsubscribed < NEVER,
            "EmailBouncedDate": times(_masked(pl.Series(bounced), pl.Series(bounced < NEVER))),
            "CleanStatus": ["Pending"] * len(people),
        }

    def activities(self) -> None:
        self._web("Web_Visit__c", ("page_view",), {"Name": self._place_names, "Seconds__c": self._seconds})
        self._web("Web_Action__c", BUSINESS_KINDS, {"Name": self._place_names, "Asset__c": self._place_names})
        self._calls()
        self._meetings()
        self._emails()
        self._webinars()

    def _web(self, name: str, kinds: tuple[str, ...], further: dict[str, Any]) -> None:
        chosen = self._of(*kinds)
        acts = self.population.activities
        person, at = acts.person[chosen], acts.at[chosen]
        as_contact = (self.placement.contact[person] >= 0) & (
            (self.placement.lead[person] < 0) | (at >= self.placement.converted[person])
        )
        urls = [(each.url or "") + tag for each in PLACES for tag in TAGS]
        columns = {
            "Contact__c": _only(self.contact_ids(person), pl.Series(as_contact)),
            "Lead__c": _only(self._lead_ids(person), pl.Series(~as_contact)),
            "Occurred_At__c": times(at),
            "Kind__c": _gather([each.kind for each in PLACES], acts.place[chosen]),
            "URL__c": _gather(urls, acts.place[chosen].astype(np.int64) * len(TAGS) + acts.tag[chosen]),
            **{field: make(chosen) for field, make in further.items()},
        }
        self._fill(name, columns, times(at), times(at), owner=self.setting.robot)

    def _place_names(self, chosen: Numbers) -> pl.Series:
        return _gather([each.name for each in PLACES], self.population.activities.place[chosen])

    def _seconds(self, chosen: Numbers) -> pl.Series:
        return pl.Series(self.population.activities.seconds[chosen].astype(float)).round(0).fill_nan(None)

    def _short(self, chosen: Numbers) -> pl.Series:
        """Return the calls and meetings that did not take place."""
        return (self._seconds(chosen) < SHORT).fill_null(value=False)

    def _calls(self) -> None:
        chosen = self._of("call")
        acts = self.population.activities
        at = times(acts.at[chosen])
        columns = self._sales(chosen) | {
            "ActivityDate": at.dt.date(),
            "Status": ["Completed"] * len(at),
            "Priority": ["Normal"] * len(at),
            "IsClosed": [True] * len(at),
            "Type": ["Call"] * len(at),
            "TaskSubtype": ["Call"] * len(at),
            "CallType": ["Outbound"] * len(at),
            "CallDurationInSeconds": self._seconds(chosen).cast(pl.Int64),
            "CallDisposition": pl.select(pl.when(self._short(chosen)).then(pl.lit(VOICEMAIL))).to_series(),
            "CompletedDateTime": at,
        }
        self._fill("Task", columns, at, at, owner=self.setting.seller)

    def _meetings(self) -> None:
        chosen = self._of("meeting")
        at = times(self.population.activities.at[chosen])
        minutes = (self._seconds(chosen).fill_null(1800) / 60).ceil().cast(pl.Int64)
        columns = self._sales(chosen) | {
            "Subject": pl.select(
                pl.when(self._short(chosen)).then(pl.lit(NO_SHOW)).otherwise(pl.lit("")) + self._place_names(chosen)
            ).to_series(),
            "StartDateTime": at,
            "ActivityDateTime": at,
            "ActivityDate": at.dt.date(),
            "DurationInMinutes": minutes,
            "EndDateTime": at + (minutes * 60_000_000).cast(pl.Duration("us")),
            "Type": ["Meeting"] * len(at),
            "ShowAs": ["Busy"] * len(at),
            "EventSubtype": ["Event"] * len(at),
            "GroupEventType": ["0"] * len(at),
        }
        events = self._fill("Event", columns, at, at, owner=self.setting.seller)
        is_parent = {"IsParent": [True] * len(at), "IsInvitee": [False] * len(at), "IsWhat": [False] * len(at)}
        self._fill("EventRelation", {"EventId": events, "RelationId": columns["WhoId"], **is_parent}, at, at)

    def _sales(self, chosen: Numbers) -> dict[str, Any]:
        return {"WhoId": self.who(self.population.activities.person[chosen]), "Subject": self._place_names(chosen)}

    def _emails(self) -> None:
        chosen = self._of("sales_email", "email_reply")
        acts = self.population.activities
        at = times(acts.at[chosen])
        incoming = pl.Series(np.isin(acts.place[chosen], places_of("email_reply")))
        addresses = pl.Series([p.email for p in self.population.people], dtype=pl.String)
        address = _at(addresses, acts.person[chosen])
        seller = "seller@sandbox.example"
        columns: dict[str, Any] = {
            "Subject": self._place_names(chosen),
            "FromAddress": pl.select(pl.when(incoming).then(address).otherwise(pl.lit(seller))).to_series(),
            "ToAddress": pl.select(pl.when(incoming).then(pl.lit(seller)).otherwise(address)).to_series(),
            "Incoming": incoming,
            "Status": _when(incoming, "1", "3"),
            "MessageDate": at,
            "IsTracked": ~incoming,
            "IsExternallyVisible": [True] * len(at),
        }
        messages = self._fill("EmailMessage", columns, at, at)
        relations = {
            "EmailMessageId": messages,
            "RelationId": self.who(acts.person[chosen]),
            "RelationType": _when(incoming, "FromAddress", "ToAddress"),
            "RelationAddress": address,
            "RelationObjectType": _when(pl.Series(self.placement.contact[acts.person[chosen]] >= 0), "Contact", "Lead"),
        }
        self._fill("EmailMessageRelation", relations, at, at)

    def _webinars(self) -> None:
        registrations, seats = places_of("webinar_register"), places_of("webinar_attend")
        dates = [self.population.webinars[seat] for seat in seats] if self.population.webinars else []
        held = times(dates)
        campaigns: dict[str, Any] = {
            "Name": [PLACES[seat].name for seat in seats][: len(dates)],
            "Type": ["Webinar"] * len(dates),
            "Status": ["Completed"] * len(dates),
            "IsActive": [True] * len(dates),
            "StartDate": held.dt.date(),
            "EndDate": held.dt.date(),
        }
        created = times([date - 60 * DAY for date in dates])
        ids = self._fill("Campaign", campaigns, created, created, owner=self.setting.seller)
        if dates:
            self._members(ids, registrations, seats)

    def _members(self, campaigns: pl.Series, registrations: list[int], seats: list[int]) -> None:
        """Add one member per person and webinar, from the first registration; attendance counts as response."""
        acts = self.population.activities
        chosen = self._of("webinar_register", "webinar_attend")
        webinar = {number: index for index, number in enumerate(registrations)}
        webinar |= {number: index for index, number in enumerate(seats)}
        attended = np.isin(acts.place[chosen], seats)
        members = (
            pl.DataFrame(
                {
                    "person": acts.person[chosen].astype(np.int64),
                    "webinar": [webinar[number] for number in acts.place[chosen].tolist()],
                    "at": acts.at[chosen],
                    "attended": attended,
                },
                schema_overrides={"webinar": pl.Int64},
            )
            .group_by("person", "webinar", maintain_order=True)
            .agg(
                pl.col("at").filter(~pl.col("attended")).min().alias("registered"),
                pl.col("at").filter(pl.col("attended")).min().alias("attended"),
            )
        )
        person = members["person"].to_numpy()
        came = members["attended"].is_not_null()
        registered = times(members["registered"])
        columns = {
            "CampaignId": campaigns.gather(members["webinar"]),
            "LeadId": self._lead_ids(person),
            "ContactId": self.contact_ids(person),
            "Status": _when(came, "Attended", "Registered"),
            "HasResponded": came,
            "FirstRespondedDate": times(members["attended"]).dt.date(),
            "LeadOrContactId": self.who(person),
            "Type": _when(pl.Series(self.placement.contact[person] >= 0), "Contact", "Lead"),
            "Registered_At__c": registered,
            "Attended_At__c": times(members["attended"]),
        }
        created = times(members["registered"].fill_null(members["attended"]))
        self._fill("CampaignMember", columns, created, times(members["attended"].fill_null(members["registered"])))

    def opportunities(self) -> None:
        numbers = np.flatnonzero(self.placement.converted < NEVER)
        people = [self.population.people[number] for number in numbers.tolist()]
        at = times(self.placement.converted[numbers])
        won = pl.Series(np.random.default_rng((self.population.seed, 4)).random(len(numbers)) < 0.5)  # noqa: PLR2004 - half of them
        columns: dict[str, Any] = {
            "AccountId": self._account_ids(people),
            "Name": [f"Opportunity {number}" for number in numbers.tolist()],
            "StageName": _when(won, *STAGES),
            "Amount": [p.budget for p in people],
            "Probability": pl.select(pl.when(won).then(100.0).otherwise(75.0)).to_series(),
            "CloseDate": at.dt.date(),
            "LeadSource": [p.source for p in people],
            "IsClosed": won,
            "IsWon": won,
            "ForecastCategory": _when(won, "Closed", "Pipeline"),
            "LastStageChangeDate": at,
            "ContactId": self.contact_ids(numbers),
        }
        ids = self._fill("Opportunity", columns, at, at, owner=self.setting.seller)
        roles: dict[str, Any] = {
            "OpportunityId": ids,
            "ContactId": self.contact_ids(numbers),
            "Role": ["Decision Maker"] * len(ids),
            "IsPrimary": [True] * len(ids),
        }
        self._fill("OpportunityContactRole", roles, at, at)

    def who(self, person: Numbers) -> pl.Series:
        """Return the contact of each person, or the lead if there is none."""
        return self.contact_ids(person).zip_with(pl.Series(self.placement.contact[person] >= 0), self._lead_ids(person))

    def contact_ids(self, person: Numbers) -> pl.Series:
        """Return each person's contact id, null for those without."""
        return _ids("003", self.placement.contact[person])

    def _lead_ids(self, person: Numbers) -> pl.Series:
        return _ids("00Q", self.placement.lead[person])

    def _account_ids(self, people: list[Any]) -> pl.Series:
        return _ids("001", np.array([-1 if p.company is None else p.company for p in people], np.int64))

    def _opportunity_ids(self, numbers: Numbers) -> pl.Series:
        return _ids("006", _rows(self.placement.converted < NEVER)[numbers])

    def _of(self, *kinds: str) -> Numbers:
        return np.flatnonzero(np.isin(self.population.activities.place, places_of(*kinds)))

    def _first(self, kind: str) -> Numbers:
        """Return the time of each person's first activity of a kind, or a time beyond all others."""
        first = np.full(len(self.population.people), NEVER, np.int64)
        chosen = self._of(kind)
        np.minimum.at(first, self.population.activities.person[chosen], self.population.activities.at[chosen])
        return first

    def _last_touched(self) -> Numbers:
        """Return when each record last changed: by its person's activity, or by a nightly job."""
        acts = self.population.activities
        touched = np.array([p.created_at for p in self.population.people], np.int64)
        np.maximum.at(touched, acts.person, acts.at)
        nightly = (self.population.now // DAY) * DAY - DAY + 7_200_000
        tied = (np.arange(len(touched)) % TIED == 0) & (touched < nightly)
        return np.where(tied, nightly, touched)

    def _fill(
        self, name: str, columns: dict[str, Any], created: pl.Series, modified: pl.Series, *, owner: str | None = None
    ) -> pl.Series:
        """Fill the table of an object and return its ids."""
        sobject = self.org.objects[name]
        ids = identifiers.sequence(sobject.prefix, 1, len(created))
        standing: dict[str, Any] = {
            "IsDeleted": pl.lit(value=False),
            "CreatedById": pl.lit(self.setting.robot),
            "LastModifiedById": pl.lit(self.setting.robot),
            "OwnerId": pl.lit(owner, pl.String),
            "CreatedDate": pl.lit(created),
            "LastModifiedDate": pl.lit(modified),
            "SystemModstamp": pl.lit(modified),
        }
        given = {field: pl.Series(field, values, sobject.fields[field].dtype) for field, values in columns.items()}
        frame = pl.DataFrame([ids, *(series.alias(field) for field, series in given.items())])
        frame = frame.with_columns(each.alias(field) for field, each in standing.items() if field in sobject.fields)
        self.org.tables[name] = Table(sobject, frame)
        return ids


def _ids(prefix: str, rows: Numbers) -> pl.Series:
    """Return the ids of rows, null for -1."""
    if len(rows) == 0:
        return pl.Series([], dtype=pl.String)
    known = identifiers.sequence(prefix, 1, int(rows.max()) + 1)
    return _at(known, rows)


def _at(values: pl.Series, places: Numbers) -> pl.Series:
    wanted = pl.Series(places.astype(np.int64))
    return values.gather(pl.select(pl.when(wanted >= 0).then(wanted)).to_series())


def _gather(values: list[str], places: Any) -> pl.Series:
    return pl.Series(values, dtype=pl.String).gather(pl.Series(places.astype(np.int64)))


def _only(values: pl.Series, chosen: pl.Series) -> pl.Series:
    return values.zip_with(chosen, pl.repeat(None, len(values), dtype=values.dtype, eager=True))


def _masked(values: pl.Series, chosen: pl.Series) -> pl.Series:
    return _only(values, chosen)


def _when(chosen: pl.Series, then: str, otherwise: str) -> pl.Series:
    return pl.select(pl.when(chosen).then(pl.lit(then)).otherwise(pl.lit(otherwise))).to_series()


def _text(value: str | None, length: int) -> str | None:
    """Return text as Salesforce stores it: stripped, null if empty, cut to the field's length."""
    return (value or "").strip()[:length] or None
