"""What users of an account do to its records, drawn at random: each deed is one kind of change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from leadgauge_sandbox.catalogue import PLACES
from leadgauge_sandbox.hubspot.answers import Refused, iso
from leadgauge_sandbox.hubspot.links import PRIMARY
from leadgauge_sandbox.hubspot.table import ADDITIONAL, addresses
from leadgauge_sandbox.names import INDUSTRIES
from leadgauge_sandbox.records import Activity

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator, Sequence

    from leadgauge_sandbox.hubspot.lists import Segment
    from leadgauge_sandbox.hubspot.portal import Portal
    from leadgauge_sandbox.hubspot.table import Record, Table

ENGAGEMENTS: Final[dict[str, dict[str, str]]] = {
    "0-48": {"hs_call_title": "Call", "hs_call_status": "COMPLETED", "hs_call_duration": "60000"},
    "0-47": {"hs_meeting_title": "Meeting", "hs_meeting_outcome": "COMPLETED"},
    "0-49": {"hs_email_subject": "Mail", "hs_email_direction": "EMAIL", "hs_email_status": "SENT"},
    "0-46": {"hs_note_body": "Note"},
    "0-27": {"hs_task_subject": "Task", "hs_task_status": "COMPLETED"},
    "0-18": {"hs_communication_channel_type": "LINKEDIN_MESSAGE"},
}
"""The types of engagements, with the properties of one that took place."""
UNDONE: Final[dict[str, dict[str, str]]] = {
    "0-48": {"hs_call_status": "CANCELED"},
    "0-47": {"hs_meeting_outcome": "NO_SHOW"},
    "0-49": {"hs_email_status": "BOUNCED"},
    "0-27": {"hs_task_status": "NOT_STARTED"},
}
"""The properties of engagements that did not take place after all."""
EMPLOYS: Final = ("0-1", "0-2")
SELLS: Final = ("0-3", "0-2")
LIVING: Final = (
    *("change_address", "add_address", "restore_contact", "become_customer", "clear_customer"),
    *("log_engagement", "link_engagement", "move_engagement", "unlink_engagement", "delete_engagement"),
    *("undo_engagement", "create_deal", "win_deal", "lose_deal", "link_deal", "move_deal", "delete_deal"),
    *(
        "price_deal",
        "sell_deal_to",
        "merge_deals",
        "restore_deal",
        "delete_company",
        "restore_company",
        "merge_companies",
    ),
    *("join_company", "leave_company", "prefer_company", "join_list", "leave_list"),
)
"""What users do while an account lives, besides what its population does."""
FEEDBACK: Final = "lead_feedback"
SAID: Final = ("Good", "Bad fit", "Bad timing", "Bot", "")
"""What sellers say; an empty text takes it back."""
RATE: Final = 0.0005
"""How often each of them is done, per contact and day."""


@dataclass(frozen=True, slots=True)
class Deed:
    """A change that a user made."""

    name: str


class Deeds:
    """The changes that users make by hand; each picks its records at random and does nothing if there are none."""

    def __init__(self, portal: Portal, act: Callable[[Activity, Record], None], draw: random.Random) -> None:
        """Act in one account; `act` stores a contact's activity."""
        self.portal, self.draw, self._act = portal, draw, act
        self.contacts, self.companies, self.deals = (portal.tables[kind] for kind in ("0-1", "0-2", "0-3"))
        self.altered: set[int] = set()
        """The engagements and deals that were deleted, undone, or lost contacts."""
        self.parted: dict[int, str] = {}
        """The contacts that lost an address or got one from another contact, and which."""

    # Contacts ---------------------------------------------------------------------------------------------------

    def create_contact(self) -> None:
        """Create a contact, with an address, in a company or in none."""
        values = {"email": self._new_address(), "firstname": "Robin", "jobtitle": self._title()}
        record = self.portal.create(self.contacts, values, "CRM_UI")
        if company := self.draw.choice([None, self._one(self.companies)]):
            self.portal.associate(EMPLOYS, record.id, company.id)

    def edit_contact(self) -> None:
        """Give a contact another job title."""
        if record := self._one(self.contacts):
            self._change(self.contacts, record, jobtitle=self._title())

    def change_address(self) -> None:
        """Give a contact another primary address and keep the earlier one as an additional one."""
        if record := self._one(self.contacts):
            others = ";".join(addresses(record.values))
            self._change(self.contacts, record, **{"email": self._new_address(), ADDITIONAL: others})

    def add_address(self) -> None:
        """Add an address to a contact."""
        if record := self._one(self.contacts):
            self._give_address(record, self._new_address())

    def remove_address(self) -> None:
        """Remove one of a contact's additional addresses."""
        if record := self._one_with_addresses():
            self._take_address(record)

    def move_address(self) -> None:
        """Move an additional address of a contact to another contact."""
        record, other = self._one_with_addresses(), self._one(self.contacts)
        if record and other and record is not other:
            taken = self._take_address(record)
            self._give_address(other, taken)
            self.parted[other.id] = taken

    def delete_contact(self) -> None:
        """Move a contact to the recycle bin."""
        if record := self._one(self.contacts):
            self.portal.archive(self.contacts, record)

    def restore_contact(self) -> None:
        """Restore a contact from the recycle bin, unless its address has been taken."""
        self._restore(self.contacts)

    def erase_contact(self) -> None:
        """Delete a contact for privacy, from the recycle bin too."""
        if record := self._one(self.contacts) or self._one(self.contacts, archived=True):
            self.portal.erase(self.contacts, record)

    def merge_contacts(self) -> None:
        """Merge a contact into another, which may have absorbed one before."""
        absorbed = [record for record in self.contacts.live() if record.values.get("hs_merged_object_ids")]
        survivor = self.draw.choice(absorbed) if absorbed and self.draw.random() < 1 / 2 else self._one(self.contacts)
        loser = self._one(self.contacts)
        if survivor and loser and survivor is not loser:
            self.portal.merge(self.contacts, survivor, loser)

    def give_feedback(self) -> None:
        """Say what sales found of a contact, or take it back; nothing in an account without the property."""
        if self.gives_feedback and (record := self._one(self.contacts)):
            self._change(self.contacts, record, **{FEEDBACK: self.draw.choice(SAID)})

    @property
    def gives_feedback(self) -> bool:
        """Whether sellers have a property to say what they found."""
        found = self.contacts.definitions.get(FEEDBACK)
        return found is not None and not found.archived

    def become_customer(self) -> None:
        """Make a contact a customer."""
        if record := self._one(self.contacts):
            dated = {"hs_lifecyclestage_customer_date": self._now()}
            self._change(self.contacts, record, lifecyclestage="customer", **dated)

    def clear_customer(self) -> None:
        """Make a customer a lead again."""
        won = [record for record in self.contacts.live() if record.values.get("hs_lifecyclestage_customer_date")]
        if won:
            cleared = {"hs_lifecyclestage_customer_date": "", "lifecyclestage": "lead"}
            self._change(self.contacts, self.draw.choice(won), **cleared)

    def act(self) -> None:
        """Let a contact view a page, submit a form, answer a mail, take part in a webinar, …."""
        if record := self._one(self.contacts):
            kind = self.draw.choice(sorted({place.kind for place in PLACES}))
            place = self.draw.choice([at for at, place in enumerate(PLACES) if place.kind == kind])
            self._act(Activity(-1, place, self.portal.clock.now(), 44.0), record)

    # Engagements ------------------------------------------------------------------------------------------------

    def log_engagement(self) -> None:
        """Log a call, meeting, mail, note, task or message with up to two contacts."""
        type_id, now = self.draw.choice(list(ENGAGEMENTS)), self._now()
        began = {"hs_meeting_start_time": now} if type_id == "0-47" else {}
        values = {"hs_timestamp": now, **ENGAGEMENTS[type_id], **began}
        record = self.portal.create(self.portal.tables[type_id], values, "CRM_UI")
        for contact in self._some(self.draw.randrange(3)):
            self.portal.associate((type_id, "0-1"), record.id, contact.id)

    def link_engagement(self) -> None:
        """Associate an engagement with one more contact."""
        self._link(self._engagement())

    def move_engagement(self) -> None:
        """Give an engagement to another contact."""
        found = self._engagement()
        self._unlink(found)
        self._link(found)

    def unlink_engagement(self) -> None:
        """Remove the contacts of an engagement."""
        self._unlink(self._engagement())

    def delete_engagement(self) -> None:
        """Delete an engagement."""
        self._delete(self._engagement())

    def undo_engagement(self) -> None:
        """Say that an engagement did not take place."""
        type_id, record = self._engagement()
        if record and type_id in UNDONE:
            self.altered.add(record.id)
            self._change(self.portal.tables[type_id], record, **UNDONE[type_id])

    # Deals ------------------------------------------------------------------------------------------------------

    def create_deal(self) -> None:
        """Create a deal with up to two contacts."""
        values = {"dealname": "Deal", "dealstage": "presentationscheduled"}
        record = self.portal.create(self.deals, values, "CRM_UI")
        for contact in self._some(self.draw.randrange(3)):
            self.portal.associate(("0-3", "0-1"), record.id, contact.id)

    def price_deal(self) -> None:
        """Give a deal another amount, or reopen it."""
        if record := self._one(self.deals):
            self._change(self.deals, record, amount=str(self.draw.randrange(9)), dealstage="contractsent")

    def sell_deal_to(self) -> None:
        """Make a company the primary one of a deal."""
        deal, company = self._one(self.deals), self._one(self.companies)
        if deal and company:
            self.portal.associate(SELLS, deal.id, company.id, PRIMARY[SELLS])

    def merge_deals(self) -> None:
        """Merge a deal into another."""
        survivor, loser = self._one(self.deals), self._one(self.deals)
        if survivor and loser and survivor is not loser:
            self.portal.merge(self.deals, survivor, loser)

    def win_deal(self) -> None:
        """Win a deal."""
        self._close("closedwon")

    def lose_deal(self) -> None:
        """Lose a deal, even one that was won."""
        self._close("closedlost")

    def join_list(self) -> None:
        """Add a contact to a static list."""
        if (segment := self._static_list()) and (record := self._one(self.contacts)):
            self.portal.lists.add(segment.number, [record.id])

    def leave_list(self) -> None:
        """Remove a contact from a static list."""
        if (segment := self._static_list()) and segment.joined:
            self.portal.lists.remove(segment.number, [self.draw.choice(sorted(segment.joined))])

    def _static_list(self) -> Segment | None:
        static = [one for one in self.portal.lists.all() if one.processing == "MANUAL"]
        return self.draw.choice(static) if static else None

    def link_deal(self) -> None:
        """Associate a deal with one more contact."""
        self._link(("0-3", self._one(self.deals)))

    def move_deal(self) -> None:
        """Give a deal to another contact."""
        found = "0-3", self._one(self.deals)
        self._unlink(found)
        self._link(found)

    def delete_deal(self) -> None:
        """Delete a deal."""
        self._delete(("0-3", self._one(self.deals)))

    def restore_deal(self) -> None:
        """Restore a deal from the recycle bin."""
        self._restore(self.deals)

    # Companies --------------------------------------------------------------------------------------------------

    def edit_company(self) -> None:
        """Move a company to another industry."""
        if record := self._one(self.companies):
            self._change(self.companies, record, industry=self.draw.choice(list(INDUSTRIES)))

    def delete_company(self) -> None:
        """Delete a company."""
        if record := self._one(self.companies):
            self.portal.archive(self.companies, record)

    def restore_company(self) -> None:
        """Restore a company from the recycle bin."""
        self._restore(self.companies)

    def merge_companies(self) -> None:
        """Merge a company into another."""
        survivor, loser = self._one(self.companies), self._one(self.companies)
        if survivor and loser and survivor is not loser:
            self.portal.merge(self.companies, survivor, loser)

    def join_company(self) -> None:
        """Add a contact to a company, beside those that it has."""
        contact, company = self._one(self.contacts), self._one(self.companies)
        if contact and company:
            self.portal.associate(EMPLOYS, contact.id, company.id)

    def leave_company(self) -> None:
        """Remove a contact from a company."""
        if (contact := self._employed()) is not None:
            self.portal.part(EMPLOYS, contact, self.draw.choice(self._companies_of(contact)))

    def prefer_company(self) -> None:
        """Make one of a contact's companies its primary one."""
        if (contact := self._employed()) is not None:
            self.portal.associate(EMPLOYS, contact, self.draw.choice(self._companies_of(contact)), PRIMARY[EMPLOYS])

    # ------------------------------------------------------------------------------------------------------------

    def _now(self) -> str:
        return iso(self.portal.clock.now())

    def _title(self) -> str:
        return self.draw.choice(["CEO", "Head of Sales", "Student", "Developer", ""])

    def _new_address(self) -> str:
        return f"p{self.draw.randrange(10**9)}@further.example"

    def _change(self, table: Table, record: Record, **values: str) -> None:
        self.portal.change(table, record, values, "CRM_UI")

    def _one(self, table: Table, *, archived: bool = False) -> Record | None:
        found = [record for record in table.records.values() if (record.archived_at is not None) == archived]
        return self.draw.choice(found) if found else None

    def _some(self, count: int) -> Sequence[Record]:
        found = list(self.contacts.live())
        return self.draw.sample(found, min(count, len(found)))

    def _one_with_addresses(self) -> Record | None:
        found = [record for record in self.contacts.live() if record.values.get(ADDITIONAL)]
        return self.draw.choice(found) if found else None

    def _give_address(self, record: Record, address: str) -> None:
        others = filter(None, [record.values.get(ADDITIONAL, ""), address])
        self._change(self.contacts, record, **{ADDITIONAL: ";".join(others)})

    def _take_address(self, record: Record) -> str:
        """Remove one of the additional addresses and return it."""
        others = record.values[ADDITIONAL].split(";")
        taken = others.pop(self.draw.randrange(len(others)))
        self._change(self.contacts, record, **{ADDITIONAL: ";".join(others)})
        self.parted[record.id] = taken
        return taken

    def _restore(self, table: Table) -> None:
        record = self._one(table, archived=True)
        if record is None:
            return
        try:
            self.portal.restore(table, record)
        except Refused:  # another contact has its address by now
            return

    def _engagement(self) -> tuple[str, Record | None]:
        """Return an engagement, as often of one type as of another."""
        type_id = self.draw.choice(list(ENGAGEMENTS))
        return type_id, self._one(self.portal.tables[type_id])

    def _link(self, found: tuple[str, Record | None]) -> None:
        (type_id, record), contact = found, self._one(self.contacts)
        if record and contact:
            self.portal.associate((type_id, "0-1"), record.id, contact.id)

    def _unlink(self, found: tuple[str, Record | None]) -> None:
        type_id, record = found
        if record:
            self.altered.add(record.id)
            for contact in list(self.portal.links.of((type_id, "0-1"), record.id)):
                self.portal.part((type_id, "0-1"), record.id, contact)

    def _delete(self, found: tuple[str, Record | None]) -> None:
        type_id, record = found
        if record:
            self.altered.add(record.id)
            self.portal.archive(self.portal.tables[type_id], record)

    def _close(self, stage: str) -> None:
        if record := self._one(self.deals):
            self._change(self.deals, record, dealstage=stage, closedate=self._now())

    def _companies_of(self, contact: int) -> list[int]:
        return list(self.portal.links.of(EMPLOYS, contact))

    def _employed(self) -> int | None:
        """Return a contact that has a company."""
        found = [record.id for record in self.contacts.live() if self._companies_of(record.id)]
        return self.draw.choice(found) if found else None


KINDS: Final[tuple[str, ...]] = tuple(name for name, deed in vars(Deeds).items() if callable(deed) and name[0] != "_")
"""All kinds of change, by name."""


def live(deeds: Deeds, days: float) -> Iterator[Deed]:
    """Do what users do in some days, now."""
    expected = RATE * days * sum(1 for _ in deeds.contacts.live())
    for name in (*LIVING, *(["give_feedback"] if deeds.gives_feedback else [])):
        for _ in range(_drawn(deeds.draw, expected)):
            getattr(deeds, name)()
            yield Deed(name)


def _drawn(draw: random.Random, expected: float) -> int:
    """Draw how often something happens: the whole part of the expected number, and perhaps once more."""
    return int(expected) + (draw.random() < expected % 1)
