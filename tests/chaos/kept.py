"""The contents of a database that do not depend on the order of events, for comparison."""

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Select, create_engine, select

from store.sql.schema import (
    OUTPUTS,
    accounts,
    activities,
    addresses,
    deal_leads,
    deals,
    field_history,
    found,
    in_flight,
    leads,
    memberships,
    merges,
    outcomes,
    refused,
    results,
    stale,
    touchpoints,
    unclaimed,
    writes,
)
from store.sql.schema import due as due_rows
from vocabulary import outputs

LASTING = (*(output.name for output in outputs.OUTPUTS if output.lasting), "lead_expires_at", "lead_next_step")
"""Outputs that depend on which pass found the priority moved or sought the day it falls, which the next step names."""
ALONG = ("lead_score_reasons", "lead_scorecard", "lead_scored_at", *LASTING)
"""Outputs that depend on when they were written: along with others, or when the priority moved."""

Kept = dict[str, list[tuple[Any, ...]]]


def kept(url: str) -> Kept:
    """Return mirror and outbox by table, in order."""
    return {
        name: sorted((tuple(map(_plain, row)) for row in rows), key=repr) for name, rows in _read(url, _QUERIES).items()
    }


def past(url: str) -> Kept:
    """Return what must not be lost, by table and lead: leads, activities, results and their history."""
    return _read(url, _PAST)


def drifted(url: str) -> frozenset[str]:
    """Return the leads whose fields in the CRM held something else than what was written, at the last listing."""
    rows = _read(url, {"found": select(found.c.lead).where(found.c.holds != "{}")})
    return frozenset(lead for (lead,) in rows["found"])


def due(url: str, *, beside: bool = False) -> frozenset[str]:
    """Return the leads that are due to be read themselves.

    `beside`: read-only. Otherwise the last connection to close moves SQLite's log into the file, as no power cut does.
    """
    mine = select(due_rows.c.id).where(due_rows.c.by == "lead", due_rows.c.stream.in_(("contacts", "leads")))
    return frozenset(lead for (lead,) in _read(_read_only(url) if beside else url, {"due": mine})["due"])


def _read_only(url: str) -> str:
    return f"{url.replace('sqlite:///', 'sqlite:///file:')}?mode=ro&uri=true" if url.startswith("sqlite") else url


def students(url: str) -> dict[str, str | None]:
    """Return whether leads are students, as a text, by lead."""
    rows = _read(url, {"leads": select(leads.c.lead, leads.c.fields)})["leads"]
    return {lead: str(orjson.loads(fields).get("is_student")).lower() for lead, fields in rows}


def _read(url: str, queries: Mapping[str, Select[Any]]) -> Kept:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as sql:
        rows = {name: [tuple(row) for row in sql.execute(query)] for name, query in queries.items()}
    engine.dispose()
    return rows


def _plain(value: Any) -> Any:
    """Return a comparable value: JSON regardless of key order."""
    return orjson.loads(value) if isinstance(value, str) and value.startswith("{") else value


def _did(table: Any, *owner: ColumnElement[Any]) -> Select[Any]:
    """Return activities with the full touchpoint, as its number depends on the order of arrival."""
    what = (touchpoints.c.kind, touchpoints.c.url, touchpoints.c.name)
    joined = table.join(
        touchpoints, (touchpoints.c.connection == table.c.connection) & (touchpoints.c.touchpoint == table.c.touchpoint)
    )
    return select(*owner, table.c.id, *what, table.c.occurred_at, table.c.seconds, table.c.value).select_from(joined)


_RESULTS = [results.c[start + name] for name in OUTPUTS if name not in ALONG for start in ("", "told_")]
_HERE = select(leads.c.lead)
"""Leave out rows of people who are not leads: a mirror that knew them keeps theirs, a new one does not."""

_QUERIES: dict[str, Select[Any]] = {
    "leads": select(leads.c.lead, leads.c.account, leads.c.address, leads.c.created_at, leads.c.fields),
    "addresses": select(addresses.c.lead, addresses.c.address).where(addresses.c.bucket >= 0),
    "accounts": select(accounts.c.account, accounts.c.fields),
    "activities": _did(activities, activities.c.lead).where(activities.c.bucket >= 0),
    # Rows that wait for a lead by its id are dropped by the next listing if the CRM no longer has the lead.
    "unclaimed": _did(unclaimed, unclaimed.c.address).where(unclaimed.c.lead == ""),
    # Only a mirror that saw a merged lead before knows it was a customer; that stays the survivor's conversion.
    "outcomes": select(outcomes.c.lead, outcomes.c.id, outcomes.c.outcome, outcomes.c.occurred_at).where(
        outcomes.c.id.not_in(select("customer:" + merges.c.old)), outcomes.c.lead.in_(_HERE)
    ),
    "deals": select(deals.c.deal, deals.c.account, deals.c.created_at, deals.c.won_at, deals.c.fields),
    "deal_leads": select(deal_leads.c.lead, deal_leads.c.id, deal_leads.c.deal).where(
        deal_leads.c.lead.in_(_HERE), deal_leads.c.deal.in_(select(deals.c.deal))
    ),
    "memberships": select(memberships.c.lead, memberships.c.segment).where(memberships.c.lead.in_(_HERE)),
    "field_history": select(
        field_history.c.lead, field_history.c.field, field_history.c.since, field_history.c.value
    ).where(field_history.c.lead.in_(_HERE)),
    "results": select(results.c.lead, *_RESULTS, results.c.pending).where(results.c.bucket >= 0),
    "stale": select(stale.c.lead),
    "in_flight": select(in_flight.c.lead),
    "refused": select(refused.c.lead, refused.c.code),
}

_PAST: dict[str, Select[Any]] = {
    "leads": select(leads.c.lead),
    "activities": select(activities.c.lead, activities.c.id),
    "results": select(results.c.lead).where(results.c.told_at.is_not(None)),
    "writes": select(writes.c.lead, writes.c.change, writes.c.after),
}
