"""Deals with the mapped fields and their contacts. They are conversions too, for `calibrate`: created and won."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import polars as pl

from connectors.hubspot import frames
from connectors.hubspot.contacts import associated, merges
from connectors.hubspot.mapping import Fields, properties_of
from connectors.hubspot.objects import Objects, Rows, changes, listing
from connectors.hubspot.streams import Followed, Reader
from connectors.hubspot.transport import Transport
from connectors.hubspot.windows import Relook
from connectors.odd import OddValues
from vocabulary.pages import DEALS_OF, Stream
from vocabulary.rows import DEAL_LEADS, PRESENT

STREAM: Final = Stream("opportunities", "deals", deals=True, compared="deal", compares="deals")
OWN: Final = ("createdate", "closedate", "hs_is_closed_won", "hs_merged_object_ids", frames.DEAL_COMPANY)
"""Deal properties that are always read."""
_PAGES_PER_ASSOCIATION_CALL: Final = 5
"""Search pages of 200 per associations call of 1,000."""
Leads = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Deals:
    """Reads deals: each once, whether figures or `calibrate` use it."""

    transport: Transport
    fields: Fields
    odd: OddValues
    conversions: bool
    """Whether creation and winning count as conversions."""

    def stream(self, reader: Reader, inline: Callable[[Rows], Leads], relook: Relook) -> Followed:
        """Return the stream. `inline` returns the contacts in a listing's associations.

        A deal that is associated with a contact need not be modified, so those of the last weeks are searched again
        now and then, with their contacts, like engagements.
        """
        objects = self._objects(*OWN, *properties_of(self.fields.deal))
        ids = self._objects(frames.DEAL_COMPANY)

        def listed(rows: Rows) -> dict[str, Any]:
            return self._parts(rows, inline(rows))

        return Followed(
            STREAM,
            reader,
            listing(objects, listed),
            changes(objects, self._with_contacts, _PAGES_PER_ASSOCIATION_CALL),
            objects.count,
            partial(self._of_leads, objects),
            relook,
            lambda _since: listing(ids, lambda rows: _present(rows, inline(rows))),
            partial(self._again, objects),
        )

    def _objects(self, *properties: str) -> Objects:
        return Objects(self.transport, "deals", tuple(dict.fromkeys(properties)), associations="contacts")

    def _again(self, objects: Objects, records: Sequence[str]) -> Iterator[tuple[list[str], dict[str, Any]]]:
        rows = objects.read(list(dict.fromkeys(record.split(":")[1] for record in records)))
        yield [str(row["id"]) for row in rows], self._with_contacts(rows)

    def _of_leads(self, objects: Objects, leads: Sequence[str]) -> Iterator[dict[str, Any]]:
        found = associated(self.transport, "contacts", "deals", leads)
        yield self._with_contacts(objects.read(list(dict.fromkeys(deal for of in found.values() for deal in of))))

    def _with_contacts(self, rows: Rows) -> dict[str, Any]:
        """Return the parts of a page; searches and reads by id return no associations."""
        return self._parts(rows, associated(self.transport, "deals", "contacts", [str(row["id"]) for row in rows]))

    def _parts(self, rows: Rows, leads: Leads) -> dict[str, Any]:
        return {
            "deals": frames.deals(rows, self.fields, self.odd, conversions=self.conversions),
            "deal_leads": _leads(rows, leads),
            "gone_deals": list(merges(rows)),
        }


def _leads(rows: Rows, leads: Leads) -> pl.DataFrame:
    """Return whose deals they are: all contacts of each, or nobody."""
    ids = [str(row["id"]) for row in rows]
    told = [(one, f"deal:{one}", lead) for one in ids for lead in leads.get(one) or (None,)]
    return pl.DataFrame(told, DEAL_LEADS, orient="row")


def _present(rows: Rows, leads: Leads) -> dict[str, Any]:
    """Return which deals there are, of which company, and of whom."""
    named = [(str(row["id"]), row["properties"].get(frames.DEAL_COMPANY)) for row in rows]
    deals = [(None, None, ":".join(filter(None, (DEALS_OF, deal, company)))) for deal, company in named]
    pairs = [(lead, None, f"deal:{deal}") for deal, _ in named for lead in leads.get(deal, ())]
    return {"present": pl.DataFrame([*deals, *pairs], PRESENT, orient="row")}
