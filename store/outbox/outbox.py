"""The outbox: the computed results, compared with what was last written to the CRM."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, Literal, Required, TypedDict, Unpack, cast

import polars as pl
from sqlalchemy import ColumnElement, Connection, RowMapping, Select, Table, func, select, update

from store.notices import crossing
from store.notices.crossing import Alerting
from store.outbox import choosing, drifting, feeding, listing, outputs, sending, staging, telling
from store.outbox.box import Box
from store.outbox.choosing import Moved, Wanted, add_moves, conditions
from store.outbox.comparing import DEFAULT, Tolerances, flags
from store.outbox.drifting import Drift, Mended
from store.outbox.feeding import Fed
from store.outbox.outputs import AGAIN, ANEW, MEND, SCHEMA, TOLD
from store.outbox.sending import Recorded
from store.outbox.staging import Staged
from store.outbox.telling import Since, Told
from store.sql import bulk
from store.sql.bulk import Of
from store.sql.database import Database, micros, moment
from store.sql.leases import Lease, Transaction
from store.sql.runs import note
from store.sql.schema import (
    DUE,
    OUTPUTS,
    PENDING,
    SURPRISED,
    TOLD_BY,
    URGENCY,
    WRITES_OF_RUN,
    found,
    in_flight,
    outboxes,
    refused,
    results,
    stale,
    vanished,
    writes,
)
from vocabulary.fields import TIME
from vocabulary.outputs import COMPUTED, LIKELIHOOD, SCORECARD, SCORED_AT
from vocabulary.writes import Pushed, Row, Value

__all__ = ["Held", "Moved", "Outbox", "Recorded", "Refused", "Staged", "Tolerances", "Wanted", "Write"]

EVERYBODY: Final = Wanted()

Cause = Literal["first", "activity", "data", "account", "scorecard", "time", "undo"]


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that the CRM refused: why, what was sent, and when it is tried again."""

    lead: str
    code: str
    message: str
    payload: Mapping[str, Value]
    attempts: int
    first_at: datetime
    last_at: datetime
    next_at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """Why nothing is written: the run whose results wait to be accepted."""

    run: int
    reason: str
    most: int = 0
    """The hold ends by itself once no more than this many of the surprising leads differ."""


@dataclass(frozen=True, slots=True)
class Write:
    """One write to one lead: the values before and after, and what caused it.

    `before` lacks fields whose value was unknown.
    """

    run: int
    lead: str
    at: datetime
    causes: tuple[Cause, ...]
    before: Mapping[str, Value]
    after: Mapping[str, Value]


class How(TypedDict, total=False):
    """How results were computed and are staged; see `Outbox.staging`."""

    scored_at: Required[datetime]
    change: int | None
    tolerances: Tolerances
    surprising: Sequence[str]
    anew: Sequence[str]
    beside: Sequence[str]
    fed: int
    due: pl.DataFrame | None


class Outbox:
    """The results of one scorecard (by its prefix) on one connection: those of leads, or those of accounts.

    A row goes through `stage` → `pending` → `sending` → (push) → `record`. If a run breaks off, its rows in flight may
    or may not have reached the CRM, so the next `Runs.start` makes them pending again with all their values.

    What is said of leads here holds for accounts alike, whose ids then take the place of `lead`.

    Rows use the names of the fields in the CRM, everything else those of the outputs. `outputs` are the names of the
    scorecard's outputs that are written; without them, outputs that are empty and were never written are left out.
    Outputs in `switched_off` are stored, but neither compared with what was written nor written. `priorities`: the
    names of the scorecard's priorities, best first, by which rows are ordered.
    """

    def __init__(
        self,
        database: Database,
        connection: int,
        box: Box,
        clock: Callable[[], datetime],
        outputs: Collection[str] | None = None,
        switched_off: Collection[str] = (),
        *,
        priorities: Sequence[str] = (),
    ) -> None:
        self._database, self._connection, self._box, self._id = database, connection, box, box.number
        self._fields, self._names = box.fields, {field: name for name, field in box.fields.items()}
        self._outputs, self._clock, self._priorities = outputs, clock, tuple(priorities)
        self.written: Final = frozenset(COMPUTED) - frozenset(switched_off)
        """The outputs that are written to the CRM; the others are only computed and stored."""
        self._latest = datetime.min.replace(tzinfo=UTC)

    def dirty_among(self, of: Of) -> list[str]:
        """Return the leads of a bucket, some buckets, or the named ones, that `dirty` would return."""
        return self._rows(stale, of, {"lead": pl.String()})["lead"].to_list()

    def dirty(self, limit: int | None = None, *, since: int = 0) -> list[str]:
        """Return leads that changed since they were last staged: their data, their account's, or their activities.

        `since`: only those that a change of this number, or a later one, marked.
        """
        mine = (stale.c.outbox == self._id, *([stale.c.change >= since] if since else []))
        dirty = select(stale.c.lead).where(*mine).order_by(stale.c.bucket, stale.c.lead).limit(limit)
        return self._database.read(lambda sql: list(sql.scalars(dirty)))

    def due(self, at: datetime) -> list[str]:
        """Return leads whose results have to be computed again at a time although nothing changed.

        Those about whom time alone may have changed what is written; who wait to be written, so that what is sent is
        as of then; and who count as surprising, which is over once they no longer differ.
        """
        mine = (results.c.outbox == self._id, results.c.bucket >= 0)
        reasons = {
            DUE: results.c.due_at <= micros(at),
            PENDING: results.c.pending.is_not(None),
            SURPRISED: results.c.surprised_by.is_not(None),
        }
        schema = {"bucket": pl.Int16(), "lead": pl.String()}
        # Not as one query: to return it in order, SQLite would scan the table rather than read three indices.
        columns = select(*(results.c[name] for name in schema)).where(*mine)
        parts = [bulk.by_index(columns.where(reason), index) for index, reason in reasons.items()]
        found = self._database.read(lambda sql: pl.concat([bulk.read(sql, part, schema) for part in parts]))
        return found.unique().sort("bucket", "lead")["lead"].to_list()

    def told_count(self) -> int:
        """Count the leads that were ever written."""
        told = (results.c.outbox == self._id, results.c.bucket >= 0, results.c.told_at.is_not(None))
        return self._count(select(func.count()).select_from(results).where(*told))

    def dirty_count(self) -> int:
        """Count the leads that changed since they were last staged."""
        return self._count(select(func.count()).select_from(stale).where(stale.c.outbox == self._id))

    def previous(self, of: Of) -> pl.DataFrame:
        """Return what was last computed that later results depend on, for a bucket, some buckets, or the named leads.

        `own`: whether the lead's own fields or activities have changed since. `as_of`: when it was computed last; a
        result that stays as it was keeps its time, unless the lead began anew.
        """
        known = self._rows(results, of, {name: SCHEMA.get(name, pl.String()) for name in ("lead", *_REMEMBERED)})
        changed = self._rows(stale, of, {"lead": pl.String(), "data": pl.Boolean(), "activity": pl.Boolean()})
        own = changed.select("lead", own=pl.col("data") | pl.col("activity"))
        both = known.join(own, on="lead", how="full", coalesce=True).with_columns(pl.col("own").fill_null(value=False))
        return outputs.as_moments(both).with_columns(as_of=pl.col(SCORED_AT))

    def computed(self, of: Of) -> pl.DataFrame:
        """Return the last computed outputs of a bucket, some buckets, or the named leads."""
        return outputs.as_moments(self._rows(results, of, {"lead": pl.String(), **SCHEMA}))

    def likelihoods(self, of: Of) -> pl.DataFrame:
        """Return `lead` and `lead_likelihood` as they were computed last, as `previous` does."""
        return self._rows(results, of, {"lead": pl.String(), LIKELIHOOD: pl.Float64()})

    def scorecards(self, of: Of) -> pl.DataFrame:
        """Return `lead` and `lead_scorecard`, the version that computed the last results, as `previous` does."""
        return self._rows(results, of, {"lead": pl.String(), SCORECARD: pl.String()})

    def last_written(self, of: Of) -> pl.DataFrame:
        """Return the outputs last written to the CRM; leads never written are absent."""
        found = (
            self._rows(results, of, {"lead": pl.String(), **TOLD, "told_at": pl.Int64()})
            .drop_nulls("told_at")
            .drop("told_at")
        )
        return outputs.as_moments(found.rename({name: name.removeprefix("told_") for name in TOLD}))

    def told_until(self) -> int:
        """Return the number of the last change that recorded a write to the CRM; 0 without any."""
        last = select(func.max(results.c.told_by)).where(results.c.outbox == self._id, results.c.bucket >= 0)
        return self._database.read(lambda sql: sql.scalar(bulk.by_index(last, TOLD_BY))) or 0

    def told_since(self, after: int | None, until: int) -> Iterator[pl.DataFrame]:
        """Yield `lead` and what the CRM was told, of leads that were told by a change after one, up to another.

        `after`: None for everything, by ranges of buckets.
        """
        schema = {"lead": pl.String(), **TOLD}
        rows = select(*(results.c[name] for name in schema)).where(
            results.c.outbox == self._id, results.c.told_at.is_not(None)
        )
        if after is not None:
            later = rows.where(results.c.told_by > after, results.c.told_by <= until, results.c.bucket >= 0)
            parts = [bulk.by_index(later, TOLD_BY)]
        else:
            firsts = range(0, bulk.BUCKETS, listing.AT_ONCE)
            parts = [rows.where(results.c.bucket >= one, results.c.bucket < one + listing.AT_ONCE) for one in firsts]
        for part in parts:
            found = self._database.read(partial(_read, part, schema))
            yield outputs.as_moments(found.rename({name: name.removeprefix("told_") for name in TOLD}))

    def told(self, of: Of, names: Sequence[str]) -> pl.DataFrame:
        """Return `lead`, `told_at` and these outputs as they were last written; null for leads never written."""
        columns = {f"told_{name}": SCHEMA[name] for name in names}
        found = self._rows(results, of, {"lead": pl.String(), "told_at": pl.Int64(), **columns})
        return outputs.as_moments(found.rename({one: one.removeprefix("told_") for one in columns})).with_columns(
            pl.col("told_at").cast(TIME)
        )

    def past_writes(self, of: Of) -> pl.DataFrame:
        """Return `lead change written_at run causes before after` of the writes that are kept; the last two as JSON."""
        schema = {"lead": pl.String(), "change": pl.Int64(), "written_at": pl.Int64(), "run": pl.Int64()}
        texts = dict.fromkeys(("causes", "before", "after"), pl.String())
        return self._rows(writes, of, schema | texts).with_columns(pl.col("written_at").cast(TIME))

    def first_write(self) -> datetime | None:
        """Return when the first row was written, of the writes that are kept; None without any."""
        mine = writes.c.outbox == self._id
        run = select(func.min(writes.c.run)).where(mine).scalar_subquery()
        earliest = select(func.min(writes.c.written_at)).where(mine, writes.c.run == run)
        found = self._database.read(lambda sql: sql.execute(bulk.by_index(earliest, WRITES_OF_RUN)).scalar())
        return None if found is None else moment(found)

    def top(self, limit: int, wanted: Wanted = EVERYBODY) -> pl.DataFrame:
        """Return the last computed outputs of the most urgent leads, and `told_at`, most urgent first."""
        schema = {"lead": pl.String(), **SCHEMA, "told_at": pl.Int64()}
        columns = select(*(results.c[name] for name in schema))
        _, *order = URGENCY

        def chosen(sql: Connection) -> pl.DataFrame:
            rows = columns.where(*conditions(sql, self._id, wanted)).order_by(*order).limit(limit)
            return bulk.read(sql, rows, schema)

        return outputs.as_moments(self._database.read(chosen)).with_columns(pl.col("told_at").cast(TIME))

    def listing(self, tolerances: Tolerances = DEFAULT) -> pl.DataFrame:
        """Return the columns by which leads are listed, filtered and counted; see `store.outbox.listing`."""
        compared = flags(tolerances, self.written) if self.held() else ()
        return self._database.read(lambda sql: listing.read(sql, self._id, compared))

    def movers(self, since: datetime) -> pl.Series:
        """Return the leads to which another grade, stage, priority or status was written since then; see `Wanted`."""
        schema = {"bucket": pl.Int64(), "lead": pl.String()}
        found = self._database.read(lambda sql: bulk.read(sql, choosing.moved(sql, self._id, since), schema))
        return found["lead"].unique()

    def moved(self, leads: Sequence[str], since: datetime) -> dict[str, list[Moved]]:
        """Return the values of each output that was written differently since then, by lead, without first writes."""
        schema = {"lead": pl.String(), "written_at": pl.Int64(), "causes": pl.String()}
        texts = {"before": pl.String(), "after": pl.String(), "change": pl.Int64()}
        rows = self._rows(writes, leads, schema | texts).filter(pl.col("written_at") >= micros(since)).sort("change")
        found: dict[str, dict[str, list[Value]]] = {}
        for row in rows.filter(~pl.col("causes").str.contains("first")).iter_rows(named=True):
            add_moves(found.setdefault(row["lead"], {}), outputs.loaded(row["before"]), outputs.loaded(row["after"]))
        return {lead: [Moved(name, tuple(values)) for name, values in of.items()] for lead, of in found.items()}

    def compare(self, computed: pl.DataFrame, tolerances: Tolerances = DEFAULT) -> pl.DataFrame:
        """Compare results with what was last written, without storing anything, for `plan` and the guard.

        Returns `lead`, the outputs, the same as `told_…`, and the columns of `flags`. For an output that is not
        written, `told_…` is what was last computed.
        """
        given = outputs.rounded(computed)
        told = self._told(given["lead"].to_list())
        beside = given.join(told, on="lead", how="left", maintain_order="left")
        return outputs.as_moments(beside.with_columns(flags(tolerances, self.written)).drop("told_at"))

    def _told(self, leads: Sequence[str]) -> pl.DataFrame:
        """Return what was last written to these leads, and for outputs that are not written, what was computed."""
        kept = {f"told_{name}": name for name in COMPUTED if name not in self.written}
        computed = {name: SCHEMA[name] for name in kept.values()}
        told = self._rows(results, leads, {"lead": pl.String(), **TOLD, **computed, "told_at": pl.Int64()})
        return told.with_columns(pl.col(name).alias(shown) for shown, name in kept.items()).drop(computed)

    def stage(self, results: pl.DataFrame, run: int, lease: Lease, **how: Unpack[How]) -> Staged:
        """Store results, and make those pending that must be written to the CRM, in one transaction.

        See `staging`.
        """
        return lease.write(self._connection, self.staging(results, run, **how))

    def staging(self, results: pl.DataFrame, run: int, **how: Unpack[How]) -> Callable[[Transaction], Staged]:
        """Return what stores results and makes those pending that must be written, in a transaction that others share.

        A row becomes pending if a band field differs from what was last written, or a number by its tolerance. The
        leads are clean afterwards, except for changes after `change` (of `Frames`).
        `surprising`: leads that `surprises` counts for as long as they differ. `anew`: leads that began anew since they
        were computed, whose time is kept even where no result has changed. `beside`: leads whose account has changed.
        `fed`: how many of the leads a pass by the feed moves, which `Fed` counts.
        `due`: from when on time alone can change what is written (`lead`, `due_at`); without it that is at once.
        """
        special = (how.get("surprising", ()), how.get("anew", ()), how.get("beside", ()))
        scored = staging.Scored(run, how["scored_at"], self._priorities, how.get("change"), *special, how.get("due"))
        wanted = staging.Wanted(self.written, how.get("tolerances", DEFAULT))

        def write(tx: Transaction) -> Staged:
            feeding.add(tx, self._id, how.get("fed", 0))
            return staging.stage(tx, self._box, results, scored, wanted)

        return write

    def fed(self, lease: Lease, at: datetime) -> Fed:
        """Return what passes by the feed have moved in the last day; see `store.outbox.feeding`."""
        return feeding.read(self._database, self._connection, self._id, lease, at)

    def recount(self, lease: Lease) -> int:
        """Count the leads that were ever written, and keep it for `fed`."""
        return lease.write(self._connection, lambda tx: feeding.recount(tx, self._id))

    def pending(
        self, limit: int, now: datetime | None = None, *, unread: bool = True, of_run: int | None = None
    ) -> list[Row]:
        """Return the next rows to write, with the values that differ and `lead_scored_at`.

        Rows of a broken-off run come first, then band changes, most urgent priority first. Refused rows wait out their
        pause. A held outbox has no pending rows. `unread`: include rows whose fields were adopted or recreated, and may
        not have been read yet. `of_run`: only what this run staged, although another one may not have been judged yet;
        rows in flight wait for their answer.
        """
        self._latest = now or self._clock()  # pauses are counted from the caller's time
        beside = select(results, found.c.holds, found.c.mended).join_from(results, found, _SAME_LEAD, isouter=True)
        mine = self._pending(beside, now, unread=unread) if of_run is None else self._staged_by(of_run, beside, now)
        waiting = mine.order_by(*URGENCY).limit(limit)
        return [self._row(row) for row in self._database.read(lambda sql: sql.execute(waiting).mappings().all())]

    def pending_count(self, now: datetime | None = None, *, unread: bool = True) -> int:
        """Count all rows that `pending` would return."""
        return self._count(self._pending(select(func.count()).select_from(results), now, unread=unread))

    def sending(self, rows: Sequence[Row], run: int, lease: Lease) -> None:
        """Record durably, before the push, that these rows are in flight with these values."""
        plain = [replace(row, values=self._plain(row.values)) for row in rows]
        lease.write(self._connection, lambda tx: sending.send(tx, self._id, plain, run, self._clock()))

    def record(
        self,
        pushed: Iterable[Pushed],
        run: int,
        lease: Lease,
        now: datetime | None = None,
        *,
        alerting: Alerting | None = None,
    ) -> Recorded:
        """Record the CRM's answers for rows in flight.

        Accepted values become the last written ones, refused rows are kept for a retry, gone leads vanish from the
        mirror, and merged leads are replaced by their survivors. `alerting`: whom to tell about leads that reached the
        first priority.
        """
        answers, at = list(pushed), now or max(self._clock(), self._latest)
        return lease.write(self._connection, lambda tx: sending.record(tx, self._box, answers, run, at, alerting))

    def begin_alerts(self, run: int, first: str, lease: Lease) -> None:
        """Let the results of later runs alert people, if this is the first run that wrote all that waited.

        `first`: the name of the first priority.
        """
        lease.write(self._connection, lambda tx: crossing.begin(tx, self._id, run, first))

    def refused(self, lead: str | None = None) -> list[Refused]:
        """Return the rows that the CRM refused: all, or that of one lead."""
        mine = select(refused).where(refused.c.outbox == self._id).order_by(refused.c.first_at, refused.c.lead)
        if lead is not None:
            mine = mine.where(refused.c.bucket == bulk.bucket(lead), refused.c.lead == lead)
        return [_refused(row) for row in self._database.read(lambda sql: sql.execute(mine).mappings().all())]

    def forget_written(self, fields: Collection[str], lease: Lease, adopted: Collection[str] = ()) -> int:
        """Treat these output fields, by their names in the CRM, as never written, since they are new there.

        `adopted`: those that may hold someone else's values, so that leads must be read before they are written (see
        `Mirror.declare_outputs`). Fields of other outboxes are ignored. Return how many leads are written again.
        """
        names, theirs = self._box.named(fields), self._box.named(adopted)
        return lease.write(self._connection, lambda tx: sending.forget_written(tx, self._box, names, theirs))

    def written_values(self, leads: Sequence[str]) -> dict[str, Mapping[str, Value]]:
        """Return the values last written to these leads, by lead and output; leads never written are absent."""
        rows = self.last_written(leads).iter_rows(named=True)
        return {row["lead"]: {name: row[name] for name in OUTPUTS} for row in rows}

    def before(self, leads: Sequence[str]) -> dict[str, Mapping[str, Value]]:
        """Return the values from before the first write to these leads, by output; empty ones are absent."""
        rows = self._rows(found, leads, {"lead": pl.String(), "before": pl.String()}).iter_rows(named=True)
        return {row["lead"]: outputs.loaded(row["before"]) for row in rows}

    def holds(self, leads: Sequence[str]) -> dict[str, Mapping[str, Value]]:
        """Return what fields of these leads hold that differs from what was last written, by lead and output."""
        rows = self._rows(found, leads, {"lead": pl.String(), "holds": pl.String()}).iter_rows(named=True)
        return {row["lead"]: outputs.loaded(row["holds"]) for row in rows}

    def drift(self) -> Drift:
        """Return the drift that was last found."""
        return self._database.read(lambda sql: drifting.drift(sql, self._box, self.written))

    def mend(self, run: int, lease: Lease) -> Mended:
        """Make drifted leads pending, except for fields that were corrected before; return how many.

        They count as surprising until `settle`.
        """
        return lease.write(self._connection, lambda tx: drifting.mend(tx, self._id, run, self.written))

    def send_all(self, lease: Lease) -> None:
        """Make every lead that was written before pending with all its values."""
        lease.write(self._connection, lambda tx: drifting.send_all(tx, self._id))

    def undone(self, leads: Sequence[str], unwritten: Mapping[str, Mapping[str, Value]], lease: Lease) -> None:
        """Mark leads as dirty because their last write was undone, so that they are staged after the release.

        `unwritten`: leads whose first write was undone, with the current values of their fields. They count as never
        written.
        """
        lease.write(self._connection, lambda tx: sending.undone(tx, self._id, leads, unwritten))

    def clean(self, ids: Sequence[str], change: int, lease: Lease) -> None:
        """Mark accounts as clean; see `cleaning`."""
        lease.write(self._connection, self.cleaning(ids, change))

    def cleaning(self, ids: Sequence[str], change: int) -> Callable[[Transaction], None]:
        """Return what marks accounts as clean that were scored without results of their own.

        Except for changes after `change`.
        """
        key = bulk.keys(ids)
        return lambda tx: staging.clean(tx, self._id, key, change)

    def begin(self, run: int, lease: Lease) -> None:
        """Block all writes until `hold` or `settle`, in this pass or a later one."""
        here = update(outboxes).where(outboxes.c.outbox == self._id).values(judging=run)
        lease.write(self._connection, lambda tx: tx.sql.execute(here))

    def judging(self) -> bool:
        """Return whether a pass called `begin` and neither `hold` nor `settle` followed."""
        here = select(outboxes.c.judging).where(outboxes.c.outbox == self._id)
        return self._database.read(lambda sql: sql.execute(here).scalar_one() is not None)

    def hold(self, run: int, reason: str, lease: Lease, most: int = 0) -> None:
        """Block all writes until `release`. `most`: see `Held`."""
        held = {"held_run": run, "held_reason": reason, "held_most": most, "judging": None}
        here = update(outboxes).where(outboxes.c.outbox == self._id).values(held)
        lease.write(self._connection, lambda tx: tx.sql.execute(here))

    def settle(self, lease: Lease, run: int | None = None) -> None:
        """Accept the surprising leads of this run, or of all runs, and allow writing."""
        marked = results.c.surprised_by.is_not(None) if run is None else results.c.surprised_by == run
        free = update(results).where(results.c.outbox == self._id, marked).values(surprised_by=None)
        judged = update(outboxes).where(outboxes.c.outbox == self._id).values(judging=None)
        lease.write(self._connection, lambda tx: (tx.sql.execute(free), tx.sql.execute(judged)))

    def surprises(self, besides: int | None = None) -> int:
        """Count the surprising leads of all runs, or of all `besides` one, that still differ from what was written."""
        marked = results.c.surprised_by.is_not(None) if besides is None else results.c.surprised_by != besides
        mine = select(func.count()).select_from(results).where(results.c.outbox == self._id, marked)
        return self._count(bulk.by_index(mine, SURPRISED))

    def release(self, run: int) -> bool:
        """Release the results of a held run; return whether the outbox was held by it.

        Needs no lease, since a person may accept while the daemon runs.
        """
        return self._database.write(lambda sql: self._release(sql, run))

    def accept(self, run: int, by: str = "") -> bool:
        """Release the results of a held run because a person accepted them, which also allows a first write.

        `by`: who it was, kept in the counts of that run.
        """

        def accept(sql: Connection) -> bool:
            released = self._release(sql, run)
            if released:
                self._allow(sql, allowed=True)
                note(
                    sql, self._connection, run, "accepted", {"by": by, "at": self._clock().isoformat()} if by else None
                )
            return released

        return self._database.write(accept)

    def allow(self, *, allowed: bool = True) -> None:
        """Record that a person, or the settings, allowed to write, or that they must be asked before the next write.

        Needs no lease, like `release`.
        """
        self._database.write(lambda sql: self._allow(sql, allowed=allowed))

    def _allow(self, sql: Connection, *, allowed: bool) -> None:
        sql.execute(update(outboxes).where(outboxes.c.outbox == self._id).values(allowed=allowed))

    def allowed(self) -> bool:
        """Return whether writing was ever allowed, by a person or the settings."""
        here = select(outboxes.c.allowed).where(outboxes.c.outbox == self._id)
        return self._database.read(lambda sql: bool(sql.execute(here).scalar_one()))

    def has_sent(self) -> bool:
        """Return whether any row was ever sent to the CRM."""
        here = select(outboxes.c.sent_until).where(outboxes.c.outbox == self._id)
        return self._database.read(lambda sql: sql.execute(here).scalar_one() is not None)

    def waiting(self, output: str) -> dict[str | None, int]:
        """Count the rows that wait to be written, held or not, by the value of an output."""
        column = results.c[output]
        mine = (results.c.outbox == self._id, results.c.bucket >= 0, results.c.pending.is_not(None))
        counted = select(column.label("value"), func.count().label("leads")).where(*mine).group_by(column)
        sorted_ = bulk.by_index(counted.order_by(column), PENDING)
        rows = self._database.read(lambda sql: sql.execute(sorted_).all())
        return {row.value: row.leads for row in rows}

    def waiting_levels(self) -> dict[int | None, int]:
        """Count the rows that wait to be written, held or not, by the place of their priority; 1 is the best."""
        mine = (results.c.outbox == self._id, results.c.bucket >= 0, results.c.pending.is_not(None))
        counted = bulk.by_index(select(results.c.level, func.count().label("leads")).where(*mine), PENDING)
        found: dict[int | None, int] = {}
        for level, leads in self._database.read(
            lambda sql: sql.execute(counted.group_by(results.c.pending, results.c.level)).all()
        ):
            found[level] = found.get(level, 0) + leads
        return found

    def resent_among(self, of: Of) -> list[str]:
        """Return the leads of a bucket, some buckets, or the named ones, that `resent` would return."""
        found = self._rows(results, of, {"lead": pl.String(), "pending": pl.String()})
        return found.filter(pl.col("pending").is_in([AGAIN, ANEW, MEND]))["lead"].to_list()

    def resent(self) -> list[str]:
        """Return the leads that are sent again even if they hold what was computed.

        Their last answer never came, their fields are new, or someone else wrote to them.
        """
        mine = (results.c.outbox == self._id, results.c.bucket >= 0, results.c.pending.in_([AGAIN, ANEW, MEND]))
        resent = bulk.by_index(select(results.c.lead).where(*mine), PENDING)
        return self._database.read(lambda sql: list(sql.scalars(resent)))

    def _release(self, sql: Connection, run: int) -> bool:
        here = (outboxes.c.outbox == self._id, outboxes.c.held_run == run)
        free = (
            update(outboxes)
            .where(*here)
            .values(held_run=None, held_reason=None, held_most=None, fed_since=None, fed_moved=0)
        )
        if not sql.execute(free).rowcount:
            return False
        marked = (results.c.outbox == self._id, results.c.surprised_by.is_not(None))
        sql.execute(update(results).where(*marked).values(surprised_by=None))
        return True

    def held(self) -> Held | None:
        """Return why the outbox is held, or None."""
        return self._database.read(lambda sql: held(sql, self._id))

    def writes_of(self, run: int) -> list[Write]:
        """Return what a run wrote, with all writes to a lead combined into one."""
        joined: dict[str, Write] = {}
        mine = bulk.by_index(select(writes).where(writes.c.run == run, writes.c.bucket >= 0), WRITES_OF_RUN)
        for write in self._writes(mine):
            earlier = joined.get(write.lead)
            joined[write.lead] = _joined(earlier, write) if earlier else write
        return list(joined.values())

    def written_aside(self, run: int) -> Mapping[str, int]:
        """Count the leads that a run wrote and that have vanished since, by why."""
        same = (vanished.c.connection == self._connection) & (vanished.c.lead == writes.c.lead)
        query = select(vanished.c.why, func.count(writes.c.lead.distinct()).label("leads")).join_from(
            writes, vanished, same
        )
        mine = query.where(writes.c.outbox == self._id, writes.c.run == run, writes.c.bucket < 0)
        rows = self._database.read(lambda sql: sql.execute(mine.group_by(vanished.c.why)).all())
        return {row.why: row.leads for row in rows}

    def wrote(self, run: int) -> Told:
        """Return what a run wrote, in figures, and the leads that it moved."""
        return self._database.read(lambda sql: telling.wrote(sql, self._id, run))

    def since(self, run: int) -> Since:
        """Return what became of the leads that a run wrote, as far as the database knows."""
        return self._database.read(lambda sql: telling.since(sql, self._id, run))

    def history(self, lead: str) -> list[Write]:
        """Return all writes to a lead, oldest first."""
        return self._writes(select(writes).where(writes.c.bucket == bulk.bucket(lead), writes.c.lead == lead))

    def _writes(self, which: Select[Any]) -> list[Write]:
        mine = which.where(writes.c.outbox == self._id).order_by(writes.c.change, writes.c.lead)
        return [_write(row) for row in self._database.read(lambda sql: sql.execute(mine).mappings().all())]

    def _rows(self, table: Table, of: Of, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
        return self._database.read(lambda sql: bulk.read_of(sql, table, of, schema, outbox=self._id))

    def _count(self, statement: Select[Any]) -> int:
        return self._database.read(lambda sql: int(sql.execute(statement).scalar_one()))

    def _staged_by(self, run: int, columns: Select[Any], now: datetime | None) -> Select[Any]:
        """Restrict a query of results to those of a run that can be written while another one is judged."""
        free = (outboxes.c.held_run.is_(None), outboxes.c.allowed)
        flying = select(in_flight.c.lead).where(bulk.same(in_flight, results, ("outbox", "bucket", "lead")))
        return self._writable(columns, now, *free, unread=False).where(results.c.run == run, ~flying.exists())

    def _pending(self, columns: Select[Any], now: datetime | None, *, unread: bool) -> Select[Any]:
        """Restrict a query of results to those that can be written now."""
        free = (outboxes.c.held_run.is_(None), outboxes.c.judging.is_(None))
        return self._writable(columns, now, *free, unread=unread)

    def _writable(
        self, columns: Select[Any], now: datetime | None, *free: ColumnElement[bool], unread: bool
    ) -> Select[Any]:
        """Restrict a query of results to those that wait, if the outbox is free."""
        resting = select(refused.c.lead).where(
            *(refused.c[name] == results.c[name] for name in ("outbox", "bucket", "lead")),
            refused.c.next_at > micros(now or self._clock()),
        )
        open_ = select(outboxes.c.outbox).where(outboxes.c.outbox == self._id, *free)
        waits = results.c.pending.is_not(None) if unread else results.c.pending != ANEW
        mine = (results.c.outbox == self._id, results.c.bucket >= 0)
        return bulk.by_index(columns, PENDING).where(*mine, waits, open_.exists(), ~resting.exists())

    def _row(self, row: RowMapping) -> Row:
        sent = {self._fields[name]: outputs.from_column(name, row[name]) for name in self._to_send(row)}
        return Row(row["lead"], sent)

    def _to_send(self, row: RowMapping) -> list[str]:
        """Return which outputs to send: those that differ or drifted (all if unknown), and `lead_scored_at`."""
        unknown = row["told_at"] is None or row["pending"] in (AGAIN, ANEW)
        drifted = drifting.to_mend(row["holds"], row["mended"]) if row["pending"] == MEND else ()
        sent = (
            name
            for name in COMPUTED
            if name in self.written
            if row[name] != row[f"told_{name}"] or name in drifted or (unknown and self._has(name, row))
        )
        return [*sent, SCORED_AT]

    def _has(self, name: str, row: RowMapping) -> bool:
        return name in self._outputs if self._outputs is not None else row[name] is not None

    def _plain(self, values: Mapping[str, Value]) -> dict[str, Value]:
        return {self._names[field]: value for field, value in values.items()}


def held(sql: Connection, outbox: int) -> Held | None:
    """Return why an outbox is held, or None."""
    columns = (outboxes.c.held_run, outboxes.c.held_reason, outboxes.c.held_most)
    run, reason, most = sql.execute(select(*columns).where(outboxes.c.outbox == outbox)).one()
    return None if run is None else Held(run, reason, most or 0)


_REMEMBERED: Final = (
    "lead_readiness",
    "lead_priority",
    "lead_priority_since",
    "lead_priority_rose_at",
    "lead_expires_at",
    SCORECARD,
    SCORED_AT,
)
_SAME_LEAD: Final = bulk.same(results, found, ("outbox", "bucket", "lead"))


def _refused(row: RowMapping) -> Refused:
    return Refused(
        lead=row["lead"],
        code=row["code"],
        message=row["message"],
        payload=outputs.loaded(row["payload"]),
        attempts=row["attempts"],
        first_at=moment(row["first_at"]),
        last_at=moment(row["last_at"]),
        next_at=moment(row["next_at"]),
    )


def _write(row: RowMapping) -> Write:
    causes = cast("tuple[Cause, ...]", tuple(row["causes"].split(",")))
    before, after = outputs.loaded(row["before"]), outputs.loaded(row["after"])
    return Write(row["run"], row["lead"], moment(row["written_at"]), causes, before, after)


def _joined(earlier: Write, later: Write) -> Write:
    """Combine two writes to a lead. Values unknown before the earlier one stay unknown."""
    unknown = earlier.after.keys() - earlier.before.keys()
    known = {name: value for name, value in later.before.items() if name not in unknown}
    before, after = {**known, **earlier.before}, {**earlier.after, **later.after}
    return replace(later, causes=tuple(dict.fromkeys(earlier.causes + later.causes)), before=before, after=after)


def _read(rows: Select[Any], schema: Mapping[str, Any], sql: Connection) -> pl.DataFrame:
    return bulk.read(sql, rows, schema)
