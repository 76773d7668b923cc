"""Saving a connector's pages in one idempotent transaction."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from operator import add

import orjson
import polars as pl

from store.leads import (
    addresses,
    claiming,
    companies,
    domains,
    entering,
    erasing,
    excluding,
    further,
    keeping_out,
    merging,
    staleness,
    suspicion,
    vanishing,
)
from store.mirror import deals, fields, hearing, links, listing, memberships, records, touchpoints
from store.mirror.coalescing import coalesced
from store.sql import bulk
from store.sql.database import micros
from store.sql.leases import Transaction
from store.sql.schema import accounts, activities, cursors, leads
from vocabulary.pages import Page
from vocabulary.rows import ACCOUNTS, FURTHER, LEADS


@dataclass(frozen=True, slots=True)
class Saved:
    """How many rows the pages had, and how many of them were new or changed."""

    leads: int = 0
    leads_new: int = 0
    leads_changed: int = 0
    accounts_changed: int = 0
    activities: int = 0
    activities_new: int = 0
    activities_changed: int = 0
    unclaimed: int = 0
    """Activities of leads that are not in the mirror yet."""
    gone: int = 0
    """Leads that left the mirror because the CRM reported them as deleted. Their history is kept for a while."""
    merged: int = 0
    returned: int = 0
    """Leads that had vanished and returned."""
    ahead: int = 0
    """Leads with a later `lead_scored_at` than this database ever wrote."""

    def __add__(self, other: "Saved") -> "Saved":
        """Return the sum."""
        return Saved(*map(add, astuple(self), astuple(other)))


_LEAD = {
    "bucket": pl.Int16,
    "lead": pl.String,
    "account": pl.String,
    "address": pl.String,
    "created_at": pl.Int64,
    "fields": pl.String,
    "domain": pl.String,
}
_ACTIVITY = {
    "bucket": pl.Int16,
    "lead": pl.String,
    "id": pl.String,
    "touchpoint": pl.Int32,
    "occurred_at": pl.Int64,
    "seconds": pl.Float64,
    "value": pl.Float64,
    "mail": pl.Int64,
    "sent_at": pl.Int64,
    "mail_domain": pl.Int64,
}
_LEAD_VALUES = ("account", "address", "created_at", "fields", "domain")
_ACCOUNT = {"connection": pl.Int64, "account": pl.String, "fields": pl.String, "domain": pl.String}

NoteOutputs = Callable[[Transaction, Page, int | None, datetime], int]
"""Records the values of our fields on a page (`outbox.found.note`), since the mirror does not know the outbox."""


def save(
    tx: Transaction, pages: Sequence[Page], at: datetime, note_outputs: NoteOutputs, filled: datetime | None = None
) -> Saved:
    """Store pages, read at `at`, with their cursors; return what was new. `filled`: see `Mirror.save_all`."""
    saved = sum((_save(tx, page, at, note_outputs, filled) for page in coalesced(pages)), Saved())
    _save_cursors(tx, [page for page in pages if not page.aside])
    return saved


def _save(
    tx: Transaction, page: Page, at: datetime, note_outputs: NoteOutputs, filled: datetime | None = None
) -> Saved:
    page, kept_out = keeping_out.without(tx, page)
    erasing.leave_out(tx, kept_out)
    returned = _returned(tx, page, filled)
    heirs = _heirs(tx, page) if filled else _Heirs()
    merged = merging.merge(tx, page.merged, page.leads["lead"].to_list())
    account_changes = _save_accounts(tx, page.accounts)
    listed = listing.number(tx, page.listing)
    leads_new, leads_changed = _save_leads(tx, page, listed, filled, at, heirs.of_known)
    entering.note(tx, merging.held(tx, heirs.of_strangers)["lead"] if heirs.of_strangers else ())
    companies.regroup(tx, page.members)
    ahead = note_outputs(tx, page, listed, at)
    activities_new, activities_changed, waiting = _save_activities(tx, page.activities)
    _save_further(tx, page.further)
    records.save(tx, page)
    deals.save(tx, page)
    memberships.save(tx, page)
    records.drop_outcomes(tx, page.gone_outcomes)
    records.drop_activities(tx, page.gone_activities)
    suspicion.suspect(tx, (), links.lost(tx, page.complete_activities, page.activities))
    companies.merge(tx, page.merged_accounts)
    companies.drop(tx, page.gone_accounts)
    gone = vanishing.vanish(tx, page.gone, "deleted", at)
    suspicion.suspect(tx, page.missing, page.missing_activities)
    listing.close(tx, page)
    return Saved(
        leads=len(page.leads),
        leads_new=leads_new,
        leads_changed=leads_changed,
        accounts_changed=account_changes,
        activities=len(page.activities),
        activities_new=activities_new,
        activities_changed=activities_changed,
        unclaimed=waiting,
        gone=gone,
        merged=merged,
        returned=returned,
        ahead=ahead,
    )


@dataclass(frozen=True, slots=True)
class _Heirs:
    """The survivors of merged leads, as far as they matter for who has to be read by lead."""

    of_strangers: Collection[str] = ()
    """Those of leads that the mirror does not know, and so neither what they did."""
    of_known: Collection[str] = ()
    """Those of whom the mirror has all leads that were merged, with everything that they did."""


def _heirs(tx: Transaction, page: Page) -> _Heirs:
    lost = {old: survivor for old, survivor in page.merged.items() if old != survivor}
    if not lost:
        return _Heirs()
    carriers = merging.survivors(tx, lost)
    here = {*merging.held(tx, {*lost, *carriers.values()})["lead"]}
    known = {*here, *carriers, *vanishing.away(tx, lost)}
    lacking = {survivor for old, survivor in lost.items() if carriers.get(old, old) not in here}
    return _Heirs([lost[old] for old in lost if old not in known], {*lost.values()} - lacking)


def _returned(tx: Transaction, page: Page, filled: datetime | None) -> int:
    """Clear the suspicion of everything on the page, and bring back vanished leads; return how many."""
    if suspicion.any_known(tx):
        suspicion.found(tx, page.leads["lead"])
        suspicion.found_activities(tx, page.activities)
        suspicion.found_activities(tx, page.further)
    if page.leads.is_empty() or not vanishing.any_known(tx):
        return 0
    carried = merging.with_survivors(tx, page.leads.select("lead"))["lead"]
    return vanishing.bring_back(tx, carried, entering_again=filled is not None)


def _save_accounts(tx: Transaction, frame: pl.DataFrame) -> int:
    if frame.is_empty():
        return 0
    texts = fields.packed(frame.drop(ACCOUNTS.names()))
    last = frame.select("account", texts).unique("account", keep="last", maintain_order=True)
    placed = last.with_columns(domains.of_accounts(tx.sql, tx.connection, last))
    given = bulk.owned(placed, connection=tx.connection)
    known = bulk.find(tx.sql, accounts, given.select("connection", "account"), _ACCOUNT)
    changed = given.join(known, on=given.columns, how="anti", nulls_equal=True)
    bulk.upsert(tx.sql, accounts, changed, change=("fields", "domain"))
    if excluding.any_known(tx):
        excluding.note_changes(tx, fields.differences(known, changed))
    staleness.mark(tx, _leads_of(tx, changed["account"]), "data")
    staleness.mark_accounts(tx, changed["account"], "data")
    before = known.join(changed, on="account", how="semi")
    domains.mark(tx, pl.concat([changed["domain"], before["domain"]]))
    return len(changed)


def _leads_of(tx: Transaction, ids: pl.Series) -> pl.DataFrame:
    wanted = bulk.owned(ids.to_frame(), connection=tx.connection)
    return bulk.find(tx.sql, leads, wanted, {"bucket": pl.Int16, "lead": pl.String})


def _save_leads(
    tx: Transaction, page: Page, listed: int | None, filled: datetime | None, at: datetime, heirs: Collection[str]
) -> tuple[int, int]:
    """Store new and changed leads; return how many of each. `heirs`: survivors whose past the mirror has."""
    frame = page.leads
    if frame.is_empty():
        return 0, 0
    carried = merging.with_survivors(tx, frame)
    given = _lead_rows(tx, _own_rows(tx, frame, carried))
    key = bulk.owned(given.select("bucket", "lead"), connection=tx.connection)
    known = bulk.find(tx.sql, leads, key, _LEAD)
    changed = given.join(known, on=list(_LEAD), how="anti", nulls_equal=True)
    staleness.mark_left(tx, known.join(changed, on="lead", how="semi"))
    hearing.note(tx, known, changed, at)
    rows = bulk.owned(changed, connection=tx.connection)
    bulk.upsert(tx.sql, leads, rows.with_columns(first_seen=pl.lit(tx.number)), change=_LEAD_VALUES)
    listing.mark(tx, carried["lead"], listed)
    gained = addresses.save(tx, given, _own_addresses(page.addresses, frame, carried))
    arrived = changed.join(known, on=["lead", "address"], how="anti", nulls_equal=True)
    claiming.claim(tx, pl.concat([arrived.select(gained.columns), gained]))
    staleness.mark(tx, changed, "data")
    staleness.mark(tx, gained, "activity")
    new = changed.join(known, on="lead", how="anti")
    if filled:
        strangers = new.filter(~pl.col("lead").is_in(list(heirs)))
        entering.note(tx, strangers.filter(pl.col("created_at").fill_null(0) < micros(filled))["lead"])
    return len(new), len(changed) - len(new)


def _own_rows(tx: Transaction, frame: pl.DataFrame, carried: pl.DataFrame) -> pl.DataFrame:
    """Leave out rows of merged leads whose survivors have rows of their own."""
    lost = carried["lead"] != frame["lead"]
    if not lost.any():
        return carried
    survivors = (
        merging.held(tx, carried.filter(lost)["lead"])["lead"].to_list() + carried.filter(~lost)["lead"].to_list()
    )
    return carried.filter(~lost | ~carried["lead"].is_in(survivors))


def _own_addresses(further: pl.DataFrame, frame: pl.DataFrame, carried: pl.DataFrame) -> pl.DataFrame:
    """Leave out the addresses of merged leads, because their survivors name them."""
    lost = frame["lead"].filter(carried["lead"] != frame["lead"])
    return further.filter(~pl.col("lead").is_in(lost.implode())) if len(lost) else further


def _lead_rows(tx: Transaction, frame: pl.DataFrame) -> pl.DataFrame:
    texts = fields.packed(frame.drop(LEADS.names()))
    plain = frame.select("lead", "account", "address", pl.col("created_at").dt.timestamp("us"), texts)
    placed = plain.with_columns(domains.of_leads(tx.sql, tx.connection, plain))
    return bulk.keyed(placed.unique("lead", keep="last", maintain_order=True))


def _save_activities(tx: Transaction, frame: pl.DataFrame) -> tuple[int, int, int]:
    """Store activities under their leads or as unclaimed; return how many are new, changed and unclaimed."""
    if frame.is_empty():
        return 0, 0, 0
    rows = claiming.addressed(tx, touchpoints.numbered(tx, frame))
    carriers = merging.carriers(tx, rows["lead"].drop_nulls().unique())
    placed = rows.join(carriers, on="lead", how="left", maintain_order="left").with_columns(lead=pl.col("carrier"))
    waiting = excluding.without(tx, placed.filter(pl.col("bucket").is_null()))
    claiming.keep(tx, waiting)
    new, changed = _save_claimed(tx, placed.filter(pl.col("bucket").is_not_null()))
    return new, changed, len(waiting)


def _save_claimed(tx: Transaction, frame: pl.DataFrame) -> tuple[int, int]:
    """Store new and changed activities of leads in the mirror; return how many of each."""
    last = frame.select(*_ACTIVITY).unique(["lead", "id"], keep="last", maintain_order=True)
    given = bulk.owned(last.sort("bucket", "lead"), connection=tx.connection)
    new = bulk.insert_new(tx.sql, activities, given)
    old = given.filter(~new)
    known = bulk.find(tx.sql, activities, old.select("connection", "bucket", "lead", "id"), _ACTIVITY)
    old = _with_sending(old, known)
    changed = old.join(known, on=list(_ACTIVITY), how="anti", nulls_equal=True)
    bulk.upsert(tx.sql, activities, changed)
    staleness.mark(tx, pl.concat([given.filter(new), changed]), "activity")
    return len(given) - len(old), len(changed)


def _with_sending(rows: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Keep when a mail was sent where that is not told again, as in a page without the sending."""
    before = known.select("lead", "id", before="sent_at")
    both = rows.join(before, on=["lead", "id"], how="left", maintain_order="left")
    return both.with_columns(sent_at=pl.coalesce("sent_at", "before")).drop("before")


def _save_further(tx: Transaction, frame: pl.DataFrame) -> None:
    """Store fields of a warehouse."""
    if frame.is_empty():
        return
    texts = fields.packed(frame.drop(FURTHER.names()))
    changed = pl.col("changed_at").dt.timestamp("us").fill_null(0)
    further.save(tx, frame.select("lead", "address", "id", changed, texts))


def _save_cursors(tx: Transaction, pages: Sequence[Page]) -> None:
    """Save the last cursor and the last total of each stream."""
    last = {page.stream: page for page in pages}
    totals = {page.stream: page.total for page in pages if page.total is not None}
    with_total = [name for name in last if name in totals]
    without_total = [name for name in last if name not in totals]
    for streams, kept in ((with_total, ("cursor", "moved_at", "total")), (without_total, ("cursor", "moved_at"))):
        rows = pl.DataFrame(
            {
                "stream": streams,
                "cursor": [orjson.dumps(dict(last[name].cursor)).decode() for name in streams],
                "total": [totals.get(name) for name in streams],
            },
            schema={"stream": pl.String, "cursor": pl.String, "total": pl.Int64},
        )
        owned = bulk.owned(rows, connection=tx.connection).with_columns(moved_at=pl.lit(micros(datetime.now(UTC))))
        bulk.upsert(tx.sql, cursors, owned, change=kept)
