"""A HubSpot account: its records, properties, associations and clock, and the effects of changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import orjson

from leadgauge_sandbox.faults import Faults
from leadgauge_sandbox.hubspot.answers import Refused, invalid, iso
from leadgauge_sandbox.hubspot.clock import Clock
from leadgauge_sandbox.hubspot.faults import FAULTS
from leadgauge_sandbox.hubspot.happenings import Happening, Happenings
from leadgauge_sandbox.hubspot.jobs import Jobs
from leadgauge_sandbox.hubspot.journal import Journal
from leadgauge_sandbox.hubspot.limits import Limits
from leadgauge_sandbox.hubspot.links import COMPANY, PRIMARY, Links, unlabeled
from leadgauge_sandbox.hubspot.lists import Lists
from leadgauge_sandbox.hubspot.properties import Property, Rejected, normal
from leadgauge_sandbox.hubspot.pushing import Pushing
from leadgauge_sandbox.hubspot.shipped import groups, shipped
from leadgauge_sandbox.hubspot.streams import SENT_BEFORE, STREAMS, Stream
from leadgauge_sandbox.hubspot.table import ADDITIONAL, Record, Table, Version, addresses
from leadgauge_sandbox.hubspot.tokens import Tokens
from leadgauge_sandbox.hubspot.types import TYPES, ObjectType, names_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from leadgauge_sandbox.hubspot.happenings import Action

PORTAL_ID: Final = 20_858_235
SEARCH_WINDOW: Final = 10_000
ZIPPED_FROM: Final = 1_000_000
SOURCE_ID: Final = "19083857"
CLOSED_STAGES: Final = frozenset({"qualified-stage-id", "unqualified-stage-id"})
"""The stages of the pipeline of leads in which these are closed, under the ids that they have in every portal."""


class Portal:
    """Everything one account holds. Not thread-safe: one event loop serves it."""

    def __init__(self, clock: Clock | None = None, seed: int = 7) -> None:
        """Open an empty account with HubSpot's own properties."""
        self.clock = clock or Clock()
        self.seed = seed
        self.random = np.random.default_rng(seed)
        self.tokens = Tokens(self.clock, seed)
        self.limits = Limits(self.clock)
        self.faults = Faults(FAULTS, seed)
        self.journal = Journal(PORTAL_ID, int(SOURCE_ID), self.clock, self.faults, seed)
        self.pushing = Pushing(PORTAL_ID, int(SOURCE_ID), self.tokens.client, self.clock, self.faults)
        self.happenings = Happenings(self.journal, self.pushing, faults=self.faults)
        self.search_window = SEARCH_WINDOW
        """Most records that one query can page through."""
        self.export_zip_rows = ZIPPED_FROM
        """Rows from which an export is a zip of several files."""
        self.tables: dict[str, Table] = {}
        self._names: dict[str, str] = {}
        self.links = Links(self._associated)
        self.unlinked: dict[tuple[str, int], list[tuple[tuple[str, str], int, tuple[int, ...]]]] = {}
        """Associations of the records in the recycle bin."""
        self.blocked_emails: set[str] = set()
        self.former: dict[int, list[tuple[int, str]]] = {}
        """Addresses of merged contacts, with the time of each."""
        self.rules: list[tuple[str, Callable[[int, Mapping[str, str]], str | None]]] = []
        """Validation rules of the portal, as (type id, function that returns a refusal)."""
        self.on_call: list[Callable[[], None]] = []
        """Called before every request, for changes in the account."""
        self.on_erase: list[Callable[[str, int], None]] = []
        self.streams: dict[str, Stream] = {name: Stream() for name in (*STREAMS, *SENT_BEFORE)}
        self.webinars: Mapping[int, int] = {}
        """When each webinar takes place, by the index of its attendance place."""
        self.jobs = Jobs()
        self.lists = Lists(self.tables, self.clock)
        self.labels: dict[str, dict[str, str]] = {}
        """Labels of the custom types, by type id."""
        self.opened = self.clock.now()
        self.currencies: list[str] = []
        """The currencies of deals besides that of the account."""
        self.enterprise = True
        """Whether the account has the events API."""
        for kind in TYPES:
            self.open(kind)

    def open(self, kind: ObjectType, definitions: Mapping[str, Property] | None = None) -> Table:
        """Add a table for a type of records."""
        table = self.tables[kind.id] = Table(
            kind,
            dict(definitions or shipped(kind)),
            {g["name"]: g for g in groups(kind)},
            happenings=self.happenings,
        )
        for name in names_of(kind):
            self._names[name] = kind.id
        return table

    def table(self, name: str) -> Table:
        """Return the table named in a URL; refuses a type that HubSpot cannot infer."""
        found = self._names.get(name.lower())
        if found is None:
            raise Refused(400, f"Unable to infer object type from: {name}")
        return self.tables[found]

    def happen(self) -> None:
        """Apply the changes that happen between two calls."""
        for told in self.on_call:
            told()

    def association_types(self, pair: tuple[str, str]) -> set[int]:
        """Return the ids of the association types from one type of records to another."""
        return {unlabeled(pair)} | ({PRIMARY[pair]} if pair in PRIMARY else set())

    # Writing ----------------------------------------------------------------------------------------------------

    def checked(self, table: Table, rows: list[Mapping[str, Any]]) -> list[dict[str, str]]:
        """Return the rows with values as HubSpot stores them; one bad value refuses all, and the error lists each."""
        faults: list[dict[str, Any]] = []
        clean = [self._row(table, row, faults) for row in rows]
        if faults:
            raise _not_valid(faults)
        return clean

    def _row(self, table: Table, row: Mapping[str, Any], faults: list[dict[str, Any]]) -> dict[str, str]:
        values: dict[str, str] = {}
        for name, value in row.items():
            definition = table.definitions.get(name)
            if definition is None or definition.archived:
                faults.append(_fault("PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist', name))
                continue
            try:
                values[name] = normal(definition, value)
            except Rejected as error:
                faults.append(_fault(error.code, str(error), name))
        return values

    def obey(self, table: Table, record_id: int, values: Mapping[str, str]) -> None:
        """Apply the portal's own validation rules, as the API does since 2026-09."""
        for kind, rule in self.rules:
            reason = rule(record_id, values) if kind == table.kind.id else None
            if reason is not None:
                raise invalid(
                    f"Property values were not valid: {reason}",
                    errors=[
                        {"message": reason, "code": "CUSTOM_VALIDATION_RULE", "context": {"objectId": [str(record_id)]}}
                    ],
                )

    def create(self, table: Table, values: dict[str, str], source: str = "INTEGRATION") -> Record:
        """Store a new record and the properties that HubSpot derives from its values."""
        now = self.clock.now()
        self.obey(table, 0, values)
        return table.add({**values, **derived(table, values), **born(table, values, source, now)}, now)

    def change(self, table: Table, record: Record, values: dict[str, str], source: str = "INTEGRATION") -> bool:
        """Change a record; the modification time changes only if a value does."""
        return table.change(record, {**values, **derived(table, values)}, self.clock.now(), source)

    def archive(self, table: Table, record: Record) -> None:
        """Move a record to the recycle bin; its associations are removed until it is restored."""
        table.archive(record, self.clock.now())
        self.unlinked[table.kind.id, record.id] = self.links.around(table.kind.id, record.id)
        self._unlink(table, record)

    def restore(self, table: Table, record: Record) -> None:
        """Restore a record from the recycle bin with its associations; its time of change is now.

        Its activities come back (knowledge.hubspot.com "Understand restorable and permanent contact deletions",
        2025-02-14); its time of change is set (integrate.hubspot.com, thread 11963); a contact whose address
        another one has by now cannot be restored ("Restore deleted records", 2025-11-10).
        """
        taken = table.find_by("email", record.values.get("email", "")) if record.values.get("email") else None
        if taken is not None:
            raise invalid(f"Contact already exists. Existing ID: {taken.id}")
        table.restore(record, self.clock.now())
        for pair, other, types in self.unlinked.pop((table.kind.id, record.id), []):
            if self.tables[pair[1]].find(other) is not None:
                kept = max(types) if PRIMARY.get(pair) not in types else PRIMARY[pair]
                with self.happenings.hushed():
                    self.links.join(pair, record.id, other, kept)
        self._note_company((table.kind.id, "0-2"), record.id)
        for company in self._companies(table, record):
            self._count_contacts(("0-1", "0-2"), company)
        self._moved(self._people(table, record), record)

    def erase(self, table: Table, record: Record) -> None:
        """Delete a record permanently for privacy and block its addresses."""
        self.blocked_emails.update(addresses(record.values))
        self._unlink(table, record)
        # "A privacy deletion event will also trigger the contact deletion event, so you will receive two notifications"
        # https://developers.hubspot.com/docs/api-reference/legacy/webhooks/guide (2026-11)
        if record.archived_at is None:
            table.tell("DELETE", record, self.clock.now())
        table.tell("GDPR_DELETE", record, self.clock.now())
        table.erase(record)
        for told in self.on_erase:
            told(table.kind.id, record.id)

    def _companies(self, table: Table, record: Record) -> list[int]:
        return list(self.links.of(("0-1", "0-2"), record.id)) if table.kind.id == "0-1" else []

    def _people(self, table: Table, record: Record) -> list[tuple[str, int]]:
        """Return the contacts and deals of a company, as (type id, id)."""
        if table.kind.id != "0-2":
            return []
        return [(kind, one) for kind in COMPANY for one in self.links.of(("0-2", kind), record.id)]

    def _moved(self, people: list[tuple[str, int]], company: Record) -> None:
        """Note the present company of contacts and deals whose company was merged, deleted or restored."""
        for kind, one in people:
            self._note_company((kind, "0-2"), one)
        if people:
            self._count_contacts(("0-1", "0-2"), company.id)

    def _unlink(self, table: Table, record: Record) -> None:
        """Remove a record's associations and update the contact count of its companies."""
        companies, people = self._companies(table, record), self._people(table, record)
        with self.happenings.hushed():
            self.links.drop(table.kind.id, record.id)
        self._moved(people, record)
        for company in companies:
            self._count_contacts(("0-1", "0-2"), company)

    def merge(self, table: Table, primary: Record, other: Record) -> Record:
        """Merge two records into a new one: it has the primary's values, and the other's where these are blank.

        It has a new id, to which both old ones lead; associations of the primary come first:
        https://developers.hubspot.com/changelog/updated-merge-functionality-for-contacts-and-companies (2026-11).
        """
        now = self.clock.now()
        gained = {
            name: value
            for name, value in other.values.items()
            if not primary.values.get(name) and (name not in table.definitions or not table.definitions[name].read_only)
        }
        lost = (primary, other)
        # Unlike the vids, these also name what both absorbed earlier (fivetran/dbt_hubspot issue 172, 2025-10-01).
        absorbed = (record.values.get("hs_merged_object_ids", "") for record in lost)
        gained["hs_merged_object_ids"] = ";".join(filter(None, [*absorbed, *(str(record.id) for record in lost)]))
        if table.kind.name == "contacts":
            gained |= self._of_merged_contacts(table, primary, other)
        with self.happenings.hushed():
            for record in lost:
                table.archive(record, now)
            made = table.add({**primary.values, **gained}, min(record.created for record in lost), now)
        made.before = Version(None, now, now + table.lag) if table.lag else None
        made.history = {name: list(told) for name, told in (primary.history or {}).items()}
        for record in lost:
            self._hand_over(table, record, made)
        self._tell_merge(table, lost, made, gained)
        return made

    def _tell_merge(self, table: Table, lost: tuple[Record, Record], made: Record, gained: dict[str, str]) -> None:
        """Tell of a merge and of the deletion of the secondary record, but of no changed property.

        https://github.com/amp-labs/connectors/pull/3487 (2026-09-15).
        """
        ids, now = tuple(record.id for record in lost), self.clock.now()
        told = Happening("MERGE", table.kind.id, made.id, now, changed=gained, values=made.values, merged=ids)
        self.happenings.tell(told)
        table.tell("DELETE", lost[1], now)

    def _of_merged_contacts(self, table: Table, primary: Record, other: Record) -> dict[str, str]:
        """Return the ids and addresses that a contact has of those merged into it."""
        lost, now = (primary, other), self.clock.now()
        for record in lost:
            self.former[record.id] = addressed(record)
        email = primary.values.get("email") or other.values.get("email", "")
        others = dict.fromkeys([*addresses(primary.values), *addresses(other.values)])
        vids = (record.values.get("hs_all_contact_vids", str(record.id)) for record in lost)
        return {
            "hs_calculated_merged_vids": ";".join(f"{record.id}:{now}" for record in lost),
            "hs_all_contact_vids": ";".join([str(table.next_id), *vids]),
            ADDITIONAL: ";".join(other for other in others if other != email.lower()),
        }

    def _hand_over(self, table: Table, lost: Record, made: Record) -> None:
        """Give what a merged record is associated with to the new one, and make its id lead there."""
        companies, people = self._companies(table, lost), self._people(table, lost)
        with self.happenings.hushed():
            self.links.move(table.kind.id, lost.id, made.id)
        self.lists.rename(table.kind.id, lost.id, made.id)
        self._note_company((table.kind.id, "0-2"), made.id)
        for company in companies:
            self._count_contacts(("0-1", "0-2"), company)
        self._moved(people, made)
        table.merged[lost.id] = made.id
        table.erase(lost)

    def associate(self, pair: tuple[str, str], one: int, other: int, type_id: int | None = None) -> None:
        """Associate two records; a contact's first company becomes its primary one.

        An engagement's association changes hs_lastmodifieddate of neither record:
        https://github.com/airbytehq/airbyte/issues/27199 and 44554 (2026-11).
        """
        if type_id is None and pair[1] == "0-2" and pair[0] in COMPANY and not self.links.of(pair, one):
            type_id = PRIMARY[pair]
        self.links.join(pair, one, other, type_id)
        self._note_company(pair, one)
        self._note_contact(pair, one)
        self._count_contacts(pair, other)

    def part(self, pair: tuple[str, str], one: int, other: int) -> None:
        """Remove the associations between two records."""
        self.links.part(pair, one, other)
        self._note_company(pair, one)
        self._note_contact(pair, one)
        self._count_contacts(pair, other)

    def _note_company(self, pair: tuple[str, str], one: int) -> None:
        """Update the property with the primary company, which alone does not count as a modification."""
        record = self.tables[pair[0]].find(one) if pair[1] == "0-2" and pair[0] in COMPANY else None
        if record is not None:
            linked = self.links.of(pair, one).items()
            primary = next((str(other) for other, types in linked if PRIMARY[pair] in types), "")
            before, new = record.values.get(COMPANY[pair[0]], ""), {COMPANY[pair[0]]: primary}
            record.values = {**record.values, **new}
            if primary != before:
                self.tables[pair[0]].tell("UPDATE", record, self.clock.now(), "CALCULATED", new)

    def _associated(self, pair: tuple[str, str], one: int, other: int, type_id: int, added: bool) -> None:  # noqa: FBT001
        """Tell of an association, once for each end."""
        if self.happenings.heard:
            action: Action = "ASSOCIATION_ADDED" if added else "ASSOCIATION_REMOVED"
            there = (pair[1], other)
            self.happenings.tell(Happening(action, pair[0], one, self.clock.now(), other=there, association=type_id))

    def _note_contact(self, pair: tuple[str, str], lead: int) -> None:
        """Update the contact of a lead: the first of those that it is associated with."""
        record = self.tables[pair[0]].find(lead) if pair == ("0-136", "0-1") else None
        if record is not None:
            contact = next((str(one) for one in self.links.of(pair, lead)), "")
            self.change(self.tables[pair[0]], record, {"hs_primary_contact_id": contact}, "CALCULATED")

    def _count_contacts(self, pair: tuple[str, str], company: int) -> None:
        """Update the company's number of contacts, which does count as its modification."""
        record = self.tables["0-2"].find(company) if pair == ("0-1", "0-2") else None
        if record is not None:
            count = str(len(self.links.of(("0-2", "0-1"), record.id)))
            self.change(self.tables["0-2"], record, {"num_associated_contacts": count}, "CALCULATED")


def addressed(record: Record) -> list[tuple[int, str]]:
    """Return a contact's primary addresses and the time of each, oldest first."""
    changes = (record.history or {}).get("email")
    if changes is None:
        return [(record.created, record.values.get("email", ""))]
    return [(at, address) for at, address, _ in changes]


def derived(table: Table, values: Mapping[str, str]) -> dict[str, str]:
    """Return the properties that HubSpot calculates from written values."""
    if table.kind.name == "contacts" and "email" in values:
        return {"hs_email_domain": values["email"].rpartition("@")[2]}
    if table.kind.name == "deals":
        return {**_of_stage(values.get("dealstage")), **_in_home_currency(values.get("amount"))}
    if table.kind.name == "leads" and values.get("hs_pipeline_stage"):
        return {"hs_lead_is_open": str(values["hs_pipeline_stage"] not in CLOSED_STAGES).lower()}
    if table.kind.name == "companies" and values.get("domain") and "website" not in values:
        return {"website": values["domain"]}
    return {}


def _of_stage(stage: str | None) -> dict[str, str]:
    """Return whether a deal in a stage is closed, won or lost."""
    if not stage:
        return {}
    said = {"hs_is_closed": stage.startswith("closed"), "hs_is_closed_won": stage == "closedwon"}
    return {name: str(is_so).lower() for name, is_so in {**said, "hs_is_closed_lost": stage == "closedlost"}.items()}


def _in_home_currency(amount: str | None) -> dict[str, str]:
    """Return an amount in the only currency of the account."""
    return {} if amount is None else {"amount_in_home_currency": amount}


def born(table: Table, values: Mapping[str, str], source: str, now: int) -> dict[str, str]:
    """Return the properties that HubSpot sets on a new record."""
    origin = {"hs_object_source": source, "hs_object_source_id": SOURCE_ID, "hs_object_source_label": source}
    if table.kind.name != "contacts":
        return {} if table.kind.custom else origin
    stage = values.get("lifecyclestage") or "lead"
    return {
        **origin,
        "hs_all_contact_vids": str(table.next_id),
        "hs_associated_target_accounts": "0",
        "hs_currently_enrolled_in_prospecting_agent": "false",
        "hs_full_name_or_email": " ".join(filter(None, (values.get("firstname"), values.get("lastname"))))
        or values.get("email", ""),
        "hs_is_contact": "true",
        "hs_is_unworked": "true",
        f"hs_lifecyclestage_{stage}_date": iso(now),
        "hs_membership_has_accessed_private_content": "0",
        "hs_pipeline": "contacts-lifecycle-pipeline",
        "hs_prospecting_agent_actively_enrolled_count": "0",
        "hs_prospecting_agent_total_enrolled_count": "0",
        "hs_registered_member": "0",
        "hs_sequences_actively_enrolled_count": "0",
        "lifecyclestage": stage,
        "num_notes": "0",
    }


def _fault(code: str, message: str, name: str) -> dict[str, Any]:
    return {"isValid": False, "message": message, "error": code, "name": name}


def _not_valid(faults: list[dict[str, Any]]) -> Refused:
    return invalid(
        f"Property values were not valid: {orjson.dumps(faults).decode()}",
        errors=[
            {"message": each["message"], "code": each["error"], "context": {"propertyName": [each["name"]]}}
            for each in faults
        ],
    )
