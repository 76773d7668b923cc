"""The lists of an account; each is an always current search."""

from dataclasses import dataclass
from typing import Final

from leadgauge_sandbox.hubspot.answers import Refused
from leadgauge_sandbox.hubspot.table import Table


@dataclass(frozen=True, slots=True)
class Segment:
    """A list of contacts that have a property."""

    number: str
    name: str
    holds: str
    value: str


SEGMENTS: Final = (
    Segment("3", "Leads", "lifecyclestage", "lead"),
    Segment("4", "Customers", "lifecyclestage", "customer"),
    Segment("5", "Unsubscribed", "hs_email_optout", "true"),
)


class Lists:
    """The lists of an account."""

    def members(self, contacts: Table, number: str) -> list[tuple[int, int]]:
        """Return (contact id, joined at) of a list's members, by id."""
        segment = self.find(number)
        return [
            (record.id, record.created)
            for record in contacts.live()
            if record.values.get(segment.holds) == segment.value
        ]

    def find(self, number: str) -> Segment:
        """Return a list by its id, or refuse the call."""
        for segment in SEGMENTS:
            if segment.number == number:
                return segment
        raise Refused(404, f"List {number} does not exist.", "OBJECT_NOT_FOUND", subCategory="ListError.LIST_NOT_FOUND")
