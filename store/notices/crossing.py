"""Leads and accounts that reach the first priority, noted when the CRM is told, and whom to tell about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import orjson
import polars as pl
from sqlalchemy import select, update

from store.sql import bulk
from store.sql.database import micros
from store.sql.leases import Transaction
from store.sql.schema import accounts, crossings, leads, notices, outboxes, results, runs
from vocabulary.outputs import Of

BACKFILL: Final = "backfill"
"""The kind of run whose results alert nobody."""
PRIORITY_NOTICE: Final = "priority"

_KEY: Final = {"bucket": pl.Int16(), "lead": pl.String()}
_STATE: Final = {**_KEY, "crossed_at": pl.Int64(), "left_at": pl.Int64()}
_TOLD: Final = {
    **_KEY,
    "before": pl.String(),
    "after": pl.String(),
    "causes": pl.String(),
    "staged_by": pl.Int64(),
}


@dataclass(frozen=True, slots=True)
class Listener:
    """A sink that is told about new leads of the first priority."""

    sink: str
    field: str | None = None
    """The mapped field that holds the owner."""
    owners: frozenset[str] = frozenset()
    """Only what these own; empty for everything."""

    def wants(self, fields: str) -> bool:
        """Return whether it is told about a lead or an account with these fields (JSON)."""
        if self.field is None or not self.owners:
            return True
        return str(orjson.loads(fields).get(self.field)) in self.owners


@dataclass(frozen=True, slots=True)
class Alerting:
    """What counts as reaching the first priority of a scorecard, and who is told."""

    first: str
    """The name of the first priority."""
    rearm: timedelta
    """How long a lead must have been without it to be told about again."""
    listeners: tuple[Listener, ...] = ()
    of: Of = "leads"


@dataclass(frozen=True, slots=True)
class Told:
    """What the CRM was told of a lead's priority, the value before, what changed it, and the run that staged it."""

    bucket: int
    lead: str
    before: str | None
    after: str | None
    causes: str
    staged_by: int | None


def note(tx: Transaction, outbox: int, told: Sequence[Told], alerting: Alerting, at: datetime) -> None:
    """Note who reached or left the first priority, and queue a message about the new ones for each listener.

    A lead that comes back alerts again only after `rearm` without it. What an edited scorecard alone has moved, what a
    backfill staged, and everything until the first complete writing changes the state without a message.
    """
    frame = pl.DataFrame([_row(one) for one in told], schema=_TOLD, orient="row")
    here, there = pl.col("after").eq_missing(alerting.first), pl.col("before").eq_missing(alerting.first)
    concerned = frame.with_columns(here=here, there=there).filter(~(pl.col("here") & pl.col("there")))
    if concerned.is_empty():
        return
    known = bulk.find(tx.sql, crossings, bulk.owned(concerned.select(*_KEY), outbox=outbox), _STATE)
    beside = concerned.join(known.with_columns(known=True), on=list(_KEY), how="left")
    # An undo, or the fields of a lead that left the filter, may have taken the priority without a word here.
    lost_before = pl.col("known").fill_null(value=False) & pl.col("left_at").is_null()
    moved = beside.filter(pl.col("here") | pl.col("there") | lost_before)
    armed = pl.col("known").is_null() | (pl.col("left_at") <= micros(at - alerting.rearm)).fill_null(value=False)
    judged = moved.with_columns(loud=pl.col("here") & armed & _counts(tx, outbox, moved))
    now = pl.lit(micros(at))
    state = judged.select(
        *_KEY,
        crossed_at=pl.when("loud").then(now).otherwise("crossed_at"),
        left_at=pl.when(~pl.col("here")).then(now),
    )
    bulk.upsert(tx.sql, crossings, bulk.owned(state, outbox=outbox))
    _queue(tx, outbox, judged.filter("loud").select(*_KEY), alerting, at)


def _row(one: Told) -> tuple[object, ...]:
    return one.bucket, one.lead, one.before, one.after, one.causes, one.staged_by


def _counts(tx: Transaction, outbox: int, moved: pl.DataFrame) -> pl.Expr:
    """Return whether a move is news: not of a backfill or the first writing, and not by the scorecard alone."""
    after = tx.sql.scalar(select(outboxes.c.alerts_after).where(outboxes.c.outbox == outbox))
    if after is None:
        return pl.lit(value=False)
    staged = moved["staged_by"].drop_nulls().unique().to_list()
    of_backfills = tx.sql.scalars(select(runs.c.run).where(runs.c.run.in_(staged), runs.c.kind == BACKFILL)).all()
    news = (pl.col("staged_by") > after) & ~pl.col("staged_by").is_in(list(of_backfills))
    stirred = ~pl.col("causes").is_in(["scorecard", "undo", ""])
    return pl.all_horizontal(news.fill_null(value=False), stirred)


def _queue(tx: Transaction, outbox: int, new: pl.DataFrame, alerting: Alerting, at: datetime) -> None:
    if new.is_empty() or not alerting.listeners:
        return
    known = _fields(tx, new, alerting.of)
    for listener in alerting.listeners:
        wanted = [lead for lead, fields in known.iter_rows() if listener.wants(fields)]
        rows = pl.DataFrame({"lead": wanted}, schema={"lead": pl.String()}).with_columns(
            connection=pl.lit(tx.connection),
            sink=pl.lit(listener.sink),
            key=pl.format(f"{PRIORITY_NOTICE}:{outbox}:{{}}:{tx.number}", "lead"),
            kind=pl.lit(PRIORITY_NOTICE),
            outbox=pl.lit(outbox),
            queued_at=pl.lit(micros(at)),
            due_at=pl.lit(micros(at)),
        )
        if len(rows):
            bulk.insert_new(tx.sql, notices, rows)


def _fields(tx: Transaction, new: pl.DataFrame, of: Of) -> pl.DataFrame:
    """Return the fields of leads or accounts that the mirror has, as JSON: `lead`, `fields`."""
    if of == "leads":
        key = bulk.owned(new, connection=tx.connection)
        return bulk.find(tx.sql, leads, key, {**_KEY, "fields": pl.String()}).select("lead", "fields")
    key = bulk.owned(new.select(account="lead"), connection=tx.connection)
    found = bulk.find(tx.sql, accounts, key, {"account": pl.String(), "fields": pl.String()})
    return found.select(pl.col("account").alias("lead"), "fields")


def begin(tx: Transaction, outbox: int, run: int, first: str) -> None:
    """Let the results of runs after this one alert people, unless an earlier run let them already.

    Who has the first priority by then is known, so that nobody is told when their fields are only written again.
    """
    unset = (outboxes.c.outbox == outbox, outboxes.c.alerts_after.is_(None))
    if tx.sql.execute(update(outboxes).where(*unset).values(alerts_after=run)).rowcount:
        key = (results.c.outbox, results.c.bucket, results.c.lead)
        ranked = (results.c.outbox == outbox, results.c.bucket >= 0, results.c.told_lead_priority == first)
        bulk.copy(tx.sql, crossings, select(*key).where(*ranked))
