"""Reading what the streams have about some leads, for those that are new to the mirror but not to Salesforce.

Every object is asked for the records whose lookups name the leads, many leads per query. Account Engagement is not
asked: its activities wait for the address until the lead enters, and are listed again by the next reconciliation.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from connectors.salesforce import rest
from connectors.salesforce.errors import NOT_THERE, Rejected
from connectors.salesforce.parts import Contents, StreamObject
from connectors.salesforce.people import KINDS, kind_of
from connectors.salesforce.session import Session
from connectors.salesforce.soql import Query, in_chunks, one_of
from vocabulary.pages import Page, Stream

AT_ONCE: Final = 100
"""Leads per query: their ids in several lookups, and their addresses, still fit into a URL."""

MANY: Final = 5_000
"""More leads than this are not read by lead: listing the stream again takes fewer calls."""


@dataclass(frozen=True, slots=True)
class Entrants:
    """Reads one stream for some leads."""

    session: Session
    stream: Stream
    parts: Sequence[StreamObject]

    def pages(self, leads: Sequence[str]) -> Iterator[Page]:
        """Yield the pages with the records of these leads."""
        for chunk in in_chunks(leads, AT_ONCE):
            addresses = self._addresses(chunk) if any(part.address for part in self.parts) else []
            for part in self.parts:
                query = part.of_leads(chunk, addresses)
                for contents in self._contents(part, query) if query else ():
                    yield Page(self.stream.name, {}, aside=True, **contents)

    def _contents(self, part: StreamObject, query: Query) -> Iterator[Contents]:
        try:
            for page in rest.pages(self.session, query, lambda rows: part.check(rows, stamped=False)):
                if page.rows.height:
                    yield part.contents(page.rows)
        except Rejected as error:
            if not (part.optional and error.code in NOT_THERE):
                raise

    def _addresses(self, leads: Sequence[str]) -> list[str]:
        """Return the e-mail addresses of leads, of which the mirror has only digests."""
        found: list[str] = []
        for kind in KINDS:
            if ids := [lead for lead in leads if kind_of(lead) == kind]:
                found += rest.rows(self.session, Query(kind, ("Id", "Email"), one_of("Id", ids)))["Email"].drop_nulls()
        return list(dict.fromkeys(found))
