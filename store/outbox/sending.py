"""Sending rows to the CRM: in flight, then written, refused, gone or merged."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl
from sqlalchemy import RowMapping, case, delete, or_, select, update

from store.leads import merging, staleness
from store.notices import crossing
from store.notices.crossing import Alerting, Told
from store.outbox import outputs, whose
from store.outbox.box import Box
from store.outbox.found import put, read_since, strip, unpacked, unread
from store.outbox.outputs import AGAIN, ANEW, MEND
from store.sql import bulk
from store.sql.database import micros
from store.sql.leases import Transaction
from store.sql.schema import OUTPUTS, found, in_flight, outboxes, refused, results, stale, writes
from vocabulary.outputs import PRIORITY, SCORED_AT
from vocabulary.writes import Pushed, Refusal, Row, Value


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many rows the CRM accepted, refused, and so on."""

    written: int = 0
    refused: int = 0
    gone: int = 0
    merged: int = 0


FIRST_PAUSE: Final = timedelta(minutes=15)
LONGEST_PAUSE: Final = timedelta(days=1)
PASSING_PAUSE: Final = timedelta(minutes=1)
"""The first pause after a temporary refusal, such as a lock."""


_KEY: Final = ("outbox", "bucket", "lead")
_LEAD: Final = {"bucket": pl.Int16(), "lead": pl.String()}
_WRITE: Final = {**_LEAD, "causes": pl.String(), "before": pl.String(), "after": pl.String()}
_REFUSED: Final = {
    **_LEAD,
    "code": pl.String(),
    "message": pl.String(),
    "payload": pl.String(),
    "attempts": pl.Int64(),
    "first_at": pl.Int64(),
    "last_at": pl.Int64(),
    "next_at": pl.Int64(),
}


def pause(attempts: int, *, passing: bool) -> timedelta:
    """Return how long a refused row waits: twice as long after each attempt, up to a day."""
    first = PASSING_PAUSE if passing else FIRST_PAUSE
    return min(first * (1 << min(attempts - 1, 16)), LONGEST_PAUSE)


def send(tx: Transaction, outbox: int, rows: Sequence[Row], run: int, at: datetime) -> None:
    """Move pending rows to `in_flight`."""
    frame = pl.DataFrame(
        {"lead": [row.lead for row in rows], "payload": [outputs.dumped(row.values) for row in rows]},
        schema={"lead": pl.String(), "payload": pl.String()},
    )
    keyed = bulk.owned(bulk.keyed(frame), outbox=outbox)
    waiting = _waiting(tx, keyed.select("outbox", "bucket", "lead"))
    sent = keyed.join(waiting, on=["bucket", "lead"], how="left").with_columns(
        pl.col("causes").fill_null(""), run=pl.lit(run), sent_at=pl.lit(micros(at))
    )
    bulk.upsert(tx.sql, in_flight, sent)
    _note_latest(tx, outbox, rows)
    bulk.set_columns(tx.sql, results, keyed.select("outbox", "bucket", "lead"), _KEY, pending=None, causes="")


def _note_latest(tx: Transaction, outbox: int, rows: Sequence[Row]) -> None:
    """Record the latest `lead_scored_at` sent. A later one in the CRM was written by a different database."""
    moments = [micros(at) for row in rows if isinstance(at := row.values.get(SCORED_AT), datetime)]
    if not moments:
        return
    latest = max(moments)
    earlier = or_(outboxes.c.sent_until.is_(None), outboxes.c.sent_until < latest)
    tx.sql.execute(update(outboxes).where(outboxes.c.outbox == outbox, earlier).values(sent_until=latest))


def recover(tx: Transaction, outbox: int) -> int:
    """Make the rows pending again that were in flight when their run broke off; return how many."""
    sent = tx.sql.execute(select(in_flight).where(in_flight.c.outbox == outbox)).mappings().all()
    frame = pl.DataFrame(
        [(row["bucket"], row["lead"], row["causes"]) for row in sent],
        schema={**_LEAD, "causes": pl.String()},
        orient="row",
    )
    bulk.set_columns(tx.sql, results, bulk.owned(frame, outbox=outbox), _KEY, pending=AGAIN)
    tx.sql.execute(delete(in_flight).where(in_flight.c.outbox == outbox))
    return len(frame)


def recover_all(tx: Transaction) -> int:
    """Recover the rows of every outbox of the connection; return how many."""
    every = [*staleness.outboxes_of(tx), *staleness.outboxes_of(tx, "accounts")]
    return sum(recover(tx, outbox) for outbox in every)


def forget_written(tx: Transaction, box: Box, names: Sequence[str], adopted: Sequence[str]) -> int:
    """Clear the last written values of these outputs, and make leads that had one pending again.

    A lead without any written values left counts as never written.
    """
    if not names:
        return 0
    outbox, told = box.number, [results.c[f"told_{name}"] for name in names]
    had = (results.c.outbox == outbox, or_(*(column.is_not(None) for column in told)))
    reason = case((results.c.pending == AGAIN, AGAIN), else_=ANEW)
    again = update(results).where(*had).values({"pending": reason, **{column.name: None for column in told}})
    touched = tx.sql.execute(again).rowcount
    nothing = (results.c[f"told_{name}"].is_(None) for name in OUTPUTS)
    unwritten = (results.c.outbox == outbox, results.c.told_at.is_not(None), *nothing)
    tx.sql.execute(update(results).where(*unwritten).values(told_at=None))
    strip(tx, outbox, names)
    if adopted:
        _mark_unread(tx, box, adopted)
    return touched


def _mark_unread(tx: Transaction, box: Box, names: Sequence[str]) -> None:
    """Mark these outputs as not read yet, and all writes so far as earlier than the reading."""
    unread(tx, box, names)
    unnumbered = (results.c.outbox == box.number, results.c.told_at.is_not(None), results.c.told_by.is_(None))
    tx.sql.execute(update(results).where(*unnumbered).values(told_by=0))


def undone(tx: Transaction, outbox: int, ids: Sequence[str], unwritten: Mapping[str, Mapping[str, Value]]) -> None:
    """Mark leads as dirty, and those in `unwritten` (with their current values) as never written."""
    again = bulk.keys(ids, outbox=outbox).with_columns(change=pl.lit(tx.number), data=False, activity=False)
    bulk.upsert(tx.sql, stale, again, change=("change",))
    nothing = {"told_at": None, "told_by": None, **dict.fromkeys(outputs.TOLD)}
    key = bulk.keys(unwritten, outbox=outbox)
    bulk.set_columns(tx.sql, results, key, _KEY, **nothing)
    held = [{name: value for name, value in unwritten[lead].items() if value is not None} for lead in key["lead"]]
    rows = zip(key.iter_rows(named=True), held, strict=True)
    put(tx, outbox, [{**row, "holds": holds, "before": {}, "mended": []} for row, holds in rows])


def record(
    tx: Transaction, box: Box, pushed: Sequence[Pushed], run: int, at: datetime, alerting: Alerting | None = None
) -> Recorded:
    """Record the CRM's answers for rows in flight, and queue what people are to be told about them."""
    outbox, sent = box.number, _in_flight(tx, box, [answer.lead for answer in pushed])
    known = [answer for answer in pushed if answer.lead in sent]
    taken = [sent[answer.lead] for answer in known if answer.refusal is None]
    barred = [(sent[answer.lead], answer.refusal) for answer in known if answer.refusal and not answer.refusal.gone]
    merged = {answer.lead: answer.survivor for answer in known if answer.survivor not in (None, answer.lead)}
    gone = {answer.lead for answer in known if answer.refusal and answer.refusal.gone} - merged.keys()
    _take(tx, box, taken, run, at)
    if alerting is not None:
        crossing.note(tx, box.number, [_told_priority(row) for row in taken], alerting, at)
    _refuse(tx, outbox, barred, at)
    _clear_in_flight(tx, outbox, sent)
    whose.leave(tx, gone, box.of, at)
    whose.merge(tx, merged, box.of)
    merging.send_again(tx, outbox, merged.values())
    return Recorded(written=len(taken), refused=len(barred), gone=len(gone), merged=len(merged))


def _waiting(tx: Transaction, key: pl.DataFrame) -> pl.DataFrame:
    return bulk.find(tx.sql, results, key, {**_LEAD, "pending": pl.String(), "causes": pl.String()})


def _in_flight(tx: Transaction, box: Box, ids: Iterable[str]) -> dict[str, RowMapping]:
    """Return the rows in flight by lead, with the values written before and the number of refusals."""
    key = bulk.keys(ids, outbox=box.number)
    if key.is_empty():
        return {}
    told = [results.c[f"told_{name}"] for name in OUTPUTS]
    seen = (found.c.holds, found.c.before, found.c.mended, *whose.read_by(box.of))
    source = bulk.rows(tx.sql.dialect.name, in_flight, tuple(key.columns))
    way = in_flight.join(source, bulk.same(in_flight, source, key.columns))
    way = way.join(results, bulk.same(results, in_flight, key.columns))
    way = way.outerjoin(refused, bulk.same(refused, in_flight, key.columns)).outerjoin(
        *whose.beside(tx, in_flight, box.of)
    )
    way = way.outerjoin(found, bulk.same(found, in_flight, key.columns))
    columns = (
        results.c.told_at,
        results.c.told_by,
        results.c.run.label("staged_by"),
        *told,
        refused.c.attempts,
        refused.c.first_at,
        *seen,
    )
    rows = select(in_flight, *columns).select_from(way)
    return {row["lead"]: row for row in tx.sql.execute(rows, bulk.packed(tx.sql, key)).mappings()}


def _take(tx: Transaction, box: Box, rows: Sequence[RowMapping], run: int, at: datetime) -> None:
    """Make the sent values the last written ones, and record the write."""
    outbox = box.number
    told = pl.DataFrame([_told(row) for row in rows], schema={**_LEAD, **outputs.TOLD}, orient="row")
    bulk.set_columns(tx.sql, results, bulk.owned(told, outbox=outbox), _KEY, told_at=micros(at), told_by=tx.number)
    since = read_since(tx, box)
    written = pl.DataFrame([_write(row, since) for row in rows], schema=_WRITE, orient="row")
    fixed = {"change": pl.lit(tx.number), "written_at": pl.lit(micros(at)), "run": pl.lit(run)}
    bulk.upsert(tx.sql, writes, bulk.owned(written, outbox=outbox).with_columns(**fixed))
    accepted = [(row["bucket"], row["lead"]) for row in rows if row["attempts"] is not None]
    bulk.delete_rows(tx.sql, refused, bulk.owned(pl.DataFrame(accepted, schema=_LEAD, orient="row"), outbox=outbox))
    put(tx, outbox, [_overwritten(row) for row in rows if row["holds"] not in (None, "{}")])


def _told(row: RowMapping) -> tuple[Any, ...]:
    """Return the row's key and the last written values, updated with those just sent."""
    sent = {name: outputs.to_column(value) for name, value in outputs.loaded(row["payload"]).items()}
    return row["bucket"], row["lead"], *(sent.get(name, row[f"told_{name}"]) for name in OUTPUTS)


def _told_priority(row: RowMapping) -> Told:
    """Return the priority that the CRM was told, with the one before and what made it."""
    before = row[f"told_{PRIORITY}"]
    after = outputs.loaded(row["payload"]).get(PRIORITY, before)
    return Told(row["bucket"], row["lead"], before, after, row["causes"], row["staged_by"])


def _write(row: RowMapping, since: Mapping[str, int]) -> tuple[Any, ...]:
    """Return the write with the values before and after; `before` lacks fields whose value was unknown."""
    sent = outputs.loaded(row["payload"])
    told = {name: outputs.from_column(name, row[f"told_{name}"]) for name in sent if _is_known(row, name, since)}
    holds = outputs.loaded(row["holds"] or "{}")
    before = told | {name: holds[name] for name in sent if name in holds}
    return row["bucket"], row["lead"], row["causes"] or "undo", outputs.dumped(before), row["payload"]


def _is_known(row: RowMapping, name: str, since: Mapping[str, int]) -> bool:
    """Return whether the field's previous value is known, because it was written or read.

    A write without a number (`told_by`) is from an older version, which wrote every field.
    """
    if row[f"told_{name}"] is not None or (row["told_at"] is not None and row["told_by"] is None):
        return True
    read_at = max(row["listing"] or 0, row["first_seen"] or 0, row["told_by"] or 0)
    return name in since and read_at >= since[name]


def _overwritten(row: RowMapping) -> dict[str, Any]:
    """Return the found values left after a write; on a first write, the overwritten ones move to `before`."""
    kept, sent = unpacked(dict(row)), outputs.loaded(row["payload"]).keys()
    lost = {name: value for name, value in kept["holds"].items() if name in sent}
    holds = {name: value for name, value in kept["holds"].items() if name not in sent}
    if row["pending"] == MEND:
        return kept | {"holds": holds, "mended": sorted({*kept["mended"], *lost})}
    first = {name: value for name, value in lost.items() if row[f"told_{name}"] is None}
    return kept | {"holds": holds, "before": first | kept["before"]}


def _refuse(tx: Transaction, outbox: int, barred: Sequence[tuple[RowMapping, Refusal]], at: datetime) -> None:
    """Keep refused rows for a retry, except those that were not pending, such as an undo."""
    kept = [(row, refusal) for row, refusal in barred if row["pending"]]
    frame = pl.DataFrame([_refusal(row, refusal, at) for row, refusal in kept], schema=_REFUSED, orient="row")
    bulk.upsert(tx.sql, refused, bulk.owned(frame, outbox=outbox))
    state = [(row["bucket"], row["lead"], row["pending"], row["causes"]) for row, _ in kept]
    waiting = pl.DataFrame(state, schema={**_LEAD, "pending": pl.String, "causes": pl.String}, orient="row")
    bulk.set_columns(tx.sql, results, bulk.owned(waiting, outbox=outbox), _KEY)


def _refusal(row: RowMapping, refusal: Refusal, at: datetime) -> tuple[Any, ...]:
    attempts = (row["attempts"] or 0) + 1
    rest = at + pause(attempts, passing=refusal.retry)
    times = (row["first_at"] or micros(at), micros(at), micros(rest))
    return row["bucket"], row["lead"], refusal.code, refusal.message, row["payload"], attempts, *times


def _clear_in_flight(tx: Transaction, outbox: int, ids: Iterable[str]) -> None:
    bulk.delete_rows(tx.sql, in_flight, bulk.keys(ids, outbox=outbox))
