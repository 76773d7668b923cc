"""Removals: what is missing from the CRM's answers, and what was decided about it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

import polars as pl
from sqlalchemy import Select, bindparam, delete, func, literal, select, update

from store.leads import merging, suspicion, vanishing
from store.leads.suspicion import State, Subject
from store.mirror import records
from store.mirror.deals import OF_DEAL
from store.sql import bulk
from store.sql.database import Database, micros
from store.sql.leases import Lease, Transaction
from store.sql.notes import note
from store.sql.schema import (
    accounts,
    activities,
    deal_leads,
    deals,
    excluded,
    further_fields,
    leads,
    listings,
    missing,
    notes,
    outcomes,
    touchpoints,
    unclaimed,
    vanished,
)

T = TypeVar("T")
KEEP_VANISHED: Final = timedelta(days=30)
"""How long the history of a vanished lead is kept in case it returns."""

RECENT: Final = timedelta(hours=2)
"""A lead that is younger than this may appear late without being an entrant (see `pipeline.entrants`)."""

NOTES: Final[Mapping[Subject, str]] = {"leads": "missing leads held", "activities": "missing activities held"}
"""The notes under which `status` shows why removals are held."""

ON_DEAL: Final = "person on a deal"
"""The kind under which it counts that a lead has a deal."""
OF_WAREHOUSE: Final = "field of the warehouse"
"""The kind under which it counts that the warehouse has fields of somebody."""
_DID: Final = {"lead": pl.String, "id": pl.String, "kind": pl.String}


@dataclass(frozen=True, slots=True)
class Suspects:
    """What is missing, and which leads to look up as a control."""

    leads: tuple[str, ...] = ()
    activities: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(schema={"lead": pl.String, "activity": pl.String, "kind": pl.String})
    )
    """`lead` (empty if unknown), `activity`, `kind` (null if the mirror has no such activity)."""
    vanished: tuple[str, ...] = ()
    """Leads that vanished earlier and are missing from a new listing; they may have been purged since."""
    listed: bool = False
    """Whether there is a finished listing that was not checked yet."""
    controls: tuple[str, ...] = ()
    """Leads in the new listing. Those of an older one are useless as a control, since they may be gone by now."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of suspects. Leads that it does not name stay suspected."""

    gone: Sequence[str] = ()
    in_bin: Sequence[str] = ()
    outside: Sequence[str] = ()
    merged: Mapping[str, str] = field(default_factory=dict)
    kept: Sequence[str] = ()
    held: Sequence[str] = ()
    dropped: pl.DataFrame | None = None
    """Activities (`lead`, `activity`), also conversions, accounts, deals and whose they are."""
    held_activities: pl.DataFrame | None = None


class Removals:
    """The missing leads and activities of one connection."""

    def __init__(self, database: Database, connection: int) -> None:
        self._database, self._id = database, connection

    def accept(self) -> bool:
        """Let the next pass remove what is held; return whether anything was. Needs no lease, like `Outbox.release`."""
        held = (missing.c.connection == self._id, missing.c.state == "held")
        accepted = update(missing).where(*held).values(state="accepted")
        return self._database.write(lambda sql: bool(sql.execute(accepted).rowcount))

    def held(self) -> dict[Subject, int]:
        """Return how many leads and activities are held."""
        return self._database.read(lambda sql: suspicion.held(sql, self._id))

    def suspects(self, state: State) -> Suspects:
        """Return what is missing in this state; after a new listing, also the leads that vanished earlier."""
        return self._database.read(lambda sql: _suspects(Transaction(sql, self._id, 0), state))

    def missing_leads(self) -> list[str]:
        """Return the leads that are missing and still in the mirror: held, or not looked up yet."""
        here = (missing.c.connection == self._id, missing.c.activity == "")
        return self._database.read(lambda sql: list(sql.scalars(select(missing.c.lead).where(*here))))

    def leads(self) -> int:
        """Count the leads of the mirror."""
        here = select(func.count()).select_from(leads).where(leads.c.connection == self._id)
        return self._database.read(lambda sql: sql.execute(here).scalar_one())

    def activities(self) -> dict[str, int]:
        """Count the activities of the mirror by kind, in a full scan, and its conversions, accounts and deals."""
        queries = (_kinds(self._id), *_others(self._id))
        return self._database.read(lambda sql: {row.kind: row.done for each in queries for row in sql.execute(each)})

    def settle(self, verdict: Verdict, at: datetime, lease: Lease) -> int:
        """Apply a verdict; return how many leads left the mirror."""
        return self._write(lease, lambda tx: _settle(tx, verdict, at))

    def close(self, lease: Lease, at: datetime, *, whole: bool) -> None:
        """Record at a time that the finished listings were checked.

        `whole`: they were complete. Then unclaimed activities with a lead id from before the listing are deleted: their
        lead should have been in it. Should it enter later, they are read by lead. Those that name an address too, or
        happened lately, are kept.
        """
        self._write(lease, lambda tx: _close(tx, at, whole=whole))

    def expire(self, before: datetime, lease: Lease) -> int:
        """Erase leads that vanished before `before`; return how many."""
        old = _vanished(self._id).where(vanished.c.since < micros(before))
        found: list[str] = self._database.read(lambda sql: list(sql.scalars(old)))
        return self._write(lease, lambda tx: merging.erase(tx, found)) if found else 0

    def reasons(self) -> dict[Subject, str]:
        """Return the saved reasons why leads or activities are held."""
        here = select(notes.c.name, notes.c.text).where(notes.c.connection == self._id)
        noted = self._database.read(lambda sql: {row.name: row.text for row in sql.execute(here)})
        return {subject: noted[name] for subject, name in NOTES.items() if name in noted}

    def note(self, reasons: Mapping[Subject, str], lease: Lease) -> None:
        """Save for `status` why leads or activities are held, and remove the other notes."""
        self._write(lease, lambda tx: _note(tx, reasons))

    def _write(self, lease: Lease, work: Callable[[Transaction], T]) -> T:
        return lease.write(self._id, work)


def _suspects(tx: Transaction, state: State) -> Suspects:
    lost = suspicion.known(tx, state, of_leads=True)["lead"].to_list()
    listed = state == "new" and _listed(tx)
    return Suspects(
        leads=tuple(merging.held(tx, lost)["lead"].sort()),
        activities=_with_kinds(tx, suspicion.known(tx, state, of_leads=False)),
        vanished=tuple(tx.sql.scalars(_vanished(tx.connection))) if listed else (),
        listed=listed,
        controls=_controls(tx) if listed else (),
    )


def _listed(tx: Transaction) -> bool:
    """Return whether there is a finished listing that was not checked yet."""
    return tx.sql.execute(select(func.count()).select_from(listings).where(*_unsettled(tx))).scalar_one() > 0


def _unsettled(tx: Transaction) -> tuple[Any, ...]:
    here = listings.c.connection == tx.connection
    return here, listings.c.finished_at.is_not(None), listings.c.settled_at.is_(None)


def _vanished(connection: int) -> Select[tuple[str]]:
    return select(vanished.c.lead).where(vanished.c.connection == connection).order_by(vanished.c.lead)


def _controls(tx: Transaction) -> tuple[str, ...]:
    """Return the first and last lead of the latest listing: one of each object, where the id shows the object."""
    latest = select(func.max(listings.c.number)).where(
        listings.c.connection == tx.connection, listings.c.finished_at.is_not(None)
    )
    listed = (leads.c.connection == tx.connection, leads.c.listing == latest.scalar_subquery())
    ends = tx.sql.execute(select(func.min(leads.c.lead), func.max(leads.c.lead)).where(*listed)).one()
    return tuple(dict.fromkeys(lead for lead in ends if lead is not None))


def _with_kinds(tx: Transaction, rows: pl.DataFrame) -> pl.DataFrame:
    """Add the kind of each missing activity, with one row for each lead that has it."""
    if rows.is_empty():
        return Suspects().activities
    ids = rows["activity"].unique()
    done, held = (bulk.read(tx.sql, query(tx, ids.to_list()), _DID) for query in (_named, _named_outcomes))
    named = rows.select("lead", id="activity")
    joined = bulk.find(
        tx.sql, deal_leads, bulk.keyed(named, connection=tx.connection), {"lead": pl.String, "id": pl.String}
    )
    did = pl.concat(
        [
            done,
            held,
            joined.with_columns(kind=pl.lit(ON_DEAL)),
            *(
                pl.DataFrame({"lead": "", "id": ids.filter(ids.str.starts_with(begin)), "kind": kind}, schema=_DID)
                for begin, kind in (
                    (records.OF_ACCOUNT, "account"),
                    (OF_DEAL, "deal"),
                    (records.OF_FIELDS, OF_WAREHOUSE),
                )
            ),
        ]
    )
    own = rows.filter(pl.col("lead") != "").join(did, left_on=["lead", "activity"], right_on=["lead", "id"], how="left")
    without_lead = rows.filter(pl.col("lead") == "").join(
        did.drop("lead"), left_on="activity", right_on="id", how="left"
    )
    return pl.concat([own, without_lead.select(own.columns)])


def _named(tx: Transaction, ids: Sequence[str]) -> Select[Any]:
    here = (activities.c.connection == tx.connection, activities.c.bucket >= 0)
    wanted = activities.c.id.in_(bindparam("ids", list(ids), expanding=True))
    return select(activities.c.lead, activities.c.id, touchpoints.c.kind).select_from(_DONE).where(*here, wanted)


def _named_outcomes(tx: Transaction, ids: Sequence[str]) -> Select[Any]:
    wanted = outcomes.c.id.in_(bindparam("ids", list(ids), expanding=True))
    columns = (outcomes.c.lead, outcomes.c.id, outcomes.c.outcome.label("kind"))
    return select(*columns).where(outcomes.c.connection == tx.connection, wanted)


def _others(connection: int) -> Iterator[Select[Any]]:
    """Yield queries that count conversions by their name, accounts, deals and whose they are."""
    counted = func.count().label("done")
    of_outcomes = select(outcomes.c.outcome.label("kind"), counted).where(outcomes.c.connection == connection)
    yield of_outcomes.group_by(outcomes.c.outcome)
    others = ((accounts, "account"), (deals, "deal"), (deal_leads, ON_DEAL), (further_fields, OF_WAREHOUSE))
    for table, kind in others:
        columns: Any = (literal(kind).label("kind"), counted)
        yield select(*columns).select_from(table).where(table.c.connection == connection)


def _kinds(connection: int) -> Select[tuple[str, int]]:
    here = (activities.c.connection == connection, activities.c.bucket >= 0)
    return (
        select(touchpoints.c.kind, func.count().label("done"))
        .select_from(_DONE)
        .where(*here)
        .group_by(touchpoints.c.kind)
    )


def _note(tx: Transaction, reasons: Mapping[Subject, str]) -> None:
    for subject, name in NOTES.items():
        note(tx.sql, tx.connection, name, reasons.get(subject))


def _settle(tx: Transaction, verdict: Verdict, at: datetime) -> int:
    merging.merge(tx, verdict.merged)
    left = merging.erase(tx, verdict.gone)
    left += vanishing.vanish(tx, verdict.in_bin, "deleted", at)
    left += vanishing.vanish(tx, verdict.outside, "outside", at)
    over = [*verdict.gone, *verdict.in_bin, *verdict.outside, *verdict.merged, *verdict.kept]
    suspicion.clear(tx, suspicion.of_leads(over))
    suspicion.set_state(tx, suspicion.of_leads(verdict.held), "held")
    if verdict.dropped is not None:
        named = verdict.dropped.select("lead", "activity").unique()
        records.drop(tx, named)
        suspicion.clear(tx, named)
    if verdict.held_activities is not None:
        suspicion.set_state(tx, verdict.held_activities.select("lead", "activity").unique(), "held")
    return left


def _close(tx: Transaction, at: datetime, *, whole: bool) -> None:
    latest = tx.sql.execute(select(func.max(listings.c.number)).where(*_unsettled(tx))).scalar()
    if latest is None:
        return
    tx.sql.execute(update(listings).where(*_unsettled(tx)).values(settled_at=listings.c.finished_at))
    if whole:
        unseen = (excluded.c.connection == tx.connection, excluded.c.seen < latest)
        tx.sql.execute(delete(excluded).where(*unseen))
        away = select(vanished.c.lead).where(vanished.c.connection == tx.connection)
        orphans = (unclaimed.c.connection == tx.connection, unclaimed.c.lead != "", unclaimed.c.seen < latest)
        # What names an address too may be of a stream that cannot be read by lead, should the lead enter later.
        old = (unclaimed.c.address == "", unclaimed.c.occurred_at < micros(at - RECENT))
        tx.sql.execute(delete(unclaimed).where(*orphans, *old, unclaimed.c.lead.not_in(away)))


_PLACES: Final = (activities.c.connection == touchpoints.c.connection) & (
    activities.c.touchpoint == touchpoints.c.touchpoint
)
_DONE: Final = activities.join(touchpoints, _PLACES)
