"""Deals as conversions, for `calibrate`: created and won, for every contact of the deal."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import polars as pl

from connectors.hubspot import frames
from connectors.hubspot.contacts import associated
from connectors.hubspot.entrants import Linked
from connectors.hubspot.objects import Objects, Rows, changes, listing
from connectors.hubspot.streams import Followed, Reader
from connectors.hubspot.transport import Transport
from vocabulary.pages import Stream
from vocabulary.rows import OUTCOMES

STEPS: Final = ("opportunity_created", "opportunity_won")
OPPORTUNITIES: Final = Stream("opportunities", "deals")
Leads = Mapping[str, Sequence[str]]


def opportunities(reader: Reader, transport: Transport, inline: Callable[[Rows], Leads]) -> Followed:
    """Return the stream of deals. `inline` returns the contacts in a listing's associations."""
    properties = ("createdate", "closedate", "hs_is_closed_won")
    objects = Objects(transport, "deals", properties, associations="contacts")

    def listed(rows: Rows) -> dict[str, Any]:
        return _parts(rows, inline(rows))

    def changed(rows: Rows) -> dict[str, Any]:
        return _parts(rows, associated(transport, "deals", "contacts", [str(row["id"]) for row in rows]))

    def of_leads(leads: Sequence[str]) -> Iterator[dict[str, Any]]:
        yield {"outcomes": _outcomes(*Linked(transport, objects).of(leads))}

    taken = listing(objects, listed), changes(objects, changed, 5)
    return Followed(OPPORTUNITIES, reader, *taken, objects.count, of_leads)


def _parts(rows: Rows, leads: Leads) -> dict[str, Any]:
    """Return the conversions of deals, and those that they do not have, or no longer: a deal may be lost after all."""
    outcomes = _outcomes(rows, leads)
    held = set(outcomes.select("lead", "id").iter_rows())
    either = [
        (lead, f"deal:{row['id']}:{outcome}")
        for row in rows
        for outcome in STEPS
        for lead in leads.get(str(row["id"]), ())
    ]
    return {"outcomes": outcomes, "gone_outcomes": [pair for pair in either if pair not in held]}


def _outcomes(rows: Rows, leads: Leads) -> pl.DataFrame:
    found = [
        (lead, f"deal:{row['id']}:{outcome}", outcome, at)
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
