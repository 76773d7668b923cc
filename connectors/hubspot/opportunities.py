"""Deals as conversions, for `calibrate`: created and won, for every contact of the deal."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import polars as pl

from connectors.hubspot import frames
from connectors.hubspot.contacts import associated
from connectors.hubspot.entrants import Linked
from connectors.hubspot.objects import Objects, Rows, changes, listing
from connectors.hubspot.streams import Followed, Reader
from connectors.hubspot.transport import Transport
from connectors.hubspot.windows import Relook
from vocabulary.pages import Stream
from vocabulary.rows import OUTCOMES, PRESENT

STEPS: Final = ("opportunity_created", "opportunity_won")
OPPORTUNITIES: Final = Stream("opportunities", "deals", compared="deal", compares="outcomes")
Leads = Mapping[str, Sequence[str]]


def opportunities(reader: Reader, transport: Transport, inline: Callable[[Rows], Leads], relook: Relook) -> Followed:
    """Return the stream of deals. `inline` returns the contacts in a listing's associations.

    A deal that is associated with a contact need not be modified, so those of the last weeks are searched again now and
    then, with their contacts, like engagements.
    """
    properties = ("createdate", "closedate", "hs_is_closed_won")
    objects = Objects(transport, "deals", properties, associations="contacts")

    def listed(rows: Rows) -> dict[str, Any]:
        return _parts(rows, inline(rows))

    def changed(rows: Rows) -> dict[str, Any]:
        return _parts(rows, associated(transport, "deals", "contacts", [str(row["id"]) for row in rows]))

    def again(records: Sequence[str]) -> Iterator[dict[str, Any]]:
        yield changed(objects.read([record.partition(":")[2] for record in records]))

    def of_leads(leads: Sequence[str]) -> Iterator[dict[str, Any]]:
        yield {"outcomes": _outcomes(*Linked(transport, objects).of(leads))}

    taken = listing(objects, listed), changes(objects, changed, 5)
    ids = listing(Objects(transport, "deals", (), associations="contacts"), lambda rows: _present(rows, inline(rows)))
    return Followed(OPPORTUNITIES, reader, *taken, objects.count, of_leads, relook, lambda _since: ids, again)


def _parts(rows: Rows, leads: Leads) -> dict[str, Any]:
    """Return the conversions of deals. Others hold no longer: a deal may be lost after all, or given to another."""
    return {"outcomes": _outcomes(rows, leads), "complete_outcomes": outcomes_of(str(row["id"]) for row in rows)}


def _present(rows: Rows, leads: Leads) -> dict[str, Any]:
    """Return which deals there are, and of whom."""
    pairs = [(lead, None, f"deal:{row['id']}") for row in rows for lead in leads.get(str(row["id"]), ())]
    return {"present": pl.DataFrame(pairs, PRESENT, orient="row")}


def outcomes_of(deals: Iterable[str]) -> list[str]:
    """Return the ids of the conversions that deals may have."""
    return [_id(deal, outcome) for deal in deals for outcome in STEPS]


def _id(deal: str, outcome: str) -> str:
    return f"deal:{deal}:{outcome}"


def _outcomes(rows: Rows, leads: Leads) -> pl.DataFrame:
    found = [
        (lead, _id(str(row["id"]), outcome), outcome, at)
        for row in rows
        for outcome, at in _steps(row["properties"])
        for lead in leads.get(str(row["id"]), ())
    ]
    columns = {
        "lead": [lead for lead, *_ in found],
        "account": [None] * len(found),
        "id": [identity for _, identity, *_ in found],
        "outcome": [outcome for *_, outcome, _ in found],
        "occurred_at": frames.times([at for *_, at in found]),
    }
    return pl.DataFrame(columns, OUTCOMES).drop_nulls("occurred_at")


def _steps(found: Mapping[str, Any]) -> list[tuple[str, Any]]:
    created, won = STEPS
    closed = [(won, found.get("closedate"))] if found.get("hs_is_closed_won") == "true" else []
    return [(created, found.get("createdate")), *closed]
