"""The way of a row to the CRM: on its way, then written, refused, gone or merged."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl
from sqlalchemy import RowMapping, and_, case, delete, or_, select, update

from store.leads import merging, staleness, vanishing
from store.outbox import outputs
from store.outbox.found import put, read_since, strip, unpacked, unread
from store.outbox.outputs import AGAIN, ANEW, MEND
from store.sql import bulk
from store.sql.database import micros
from store.sql.leases import Transaction
from store.sql.schema import OUTPUTS, found, in_flight, leads, outboxes, refused, results, stale, writes
from vocabulary.outputs import SCORED_AT
from vocabulary.writes import Pushed, Refusal, Row, Value


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the CRM's answers came to."""

    written: int = 0
    refused: int = 0
    gone: int = 0
    merged: int = 0


FIRST_PAUSE: Final = timedelta(minutes=15)
LONGEST_PAUSE: Final = timedelta(days=1)
PASSING_PAUSE: Final = timedelta(minutes=1)
"""The first pause after a refusal that passes by itself, such as a lock."""


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
    """Return how long a row rests that was refused so many times: each time twice as long, up to a day."""
    first = PASSING_PAUSE if passing else FIRST_PAUSE
    return min(first * (1 << min(attempts - 1, 16)), LONGEST_PAUSE)


def send(tx: Transaction, outbox: int, rows: Sequence[Row], run: int, at: datetime) -> None:
    """Note rows as on their way; they are pending no more."""
    frame = pl.DataFrame(
        {"lead": [row.lead for row in rows], "payload": [outputs.dumped(row.values) for row in rows]},
        schema={"lead": pl.String(), "payload": pl.String()},
    )
    keyed = bulk.owned(bulk.keyed(frame), outbox=outbox)
    waiting = _waiting(tx, keyed.select("outbox", "bucket", "lead"))
    flying = keyed.join(waiting, on=["bucket", "lead"], how="left").with_columns(
        pl.col("causes").fill_null(""), run=pl.lit(run), sent_at=pl.lit(micros(at))
    )
    bulk.put(tx.sql, in_flight, flying)
    _note_latest(tx, outbox, rows)
    bulk.alter(tx.sql, results, keyed.select("outbox", "bucket", "lead"), _KEY, pending=None, causes="")


def _note_latest(tx: Transaction, outbox: int, rows: Sequence[Row]) -> None:
    """Note the latest moment that the CRM may know: a later one was written by another database, or a later state."""
    moments = [micros(at) for row in rows if isinstance(at := row.values.get(SCORED_AT), datetime)]
    if not moments:
        return
    latest = max(moments)
    earlier = or_(outboxes.c.sent_until.is_(None), outboxes.c.sent_until < latest)
    tx.sql.execute(update(outboxes).where(outboxes.c.outbox == outbox, earlier).values(sent_until=latest))


def land(tx: Transaction, outbox: int) -> int:
    """Make every row pending again that was on its way when its run broke off; returns how many."""
    flying = tx.sql.execute(select(in_flight).where(in_flight.c.outbox == outbox)).mappings().all()
    frame = pl.DataFrame(
        [(row["bucket"], row["lead"], row["causes"]) for row in flying],
        schema={**_LEAD, "causes": pl.String()},
        orient="row",
    )
    bulk.alter(tx.sql, results, bulk.owned(frame, outbox=outbox), _KEY, pending=AGAIN)
    tx.sql.execute(delete(in_flight).where(in_flight.c.outbox == outbox))
    return len(frame)


def land_all(tx: Transaction) -> int:
    """Land the rows of every outbox of the connection; returns how many."""
    return sum(land(tx, outbox) for outbox in staleness.outboxes_of(tx))


def forget_told(tx: Transaction, outbox: int, names: Sequence[str], adopted: Sequence[str]) -> int:
    """Empty what the CRM was told of these outputs, and make the leads that had a value pending again.

    A lead of which nothing is left that it was told counts as never told.
    """
    if not names:
        return 0
    told = [results.c[f"told_{name}"] for name in names]
    had = (results.c.outbox == outbox, or_(*(column.is_not(None) for column in told)))
    reason = case((results.c.pending == AGAIN, AGAIN), else_=ANEW)
    again = update(results).where(*had).values({"pending": reason, **{column.name: None for column in told}})
    touched = tx.sql.execute(again).rowcount
    nothing = (results.c[f"told_{name}"].is_(None) for name in OUTPUTS)
    untold = (results.c.outbox == outbox, results.c.told_at.is_not(None), *nothing)
    tx.sql.execute(update(results).where(*untold).values(told_at=None))
    strip(tx, outbox, names)
    if adopted:
        _read_anew(tx, outbox, adopted)
    return touched


def _read_anew(tx: Transaction, outbox: int, names: Sequence[str]) -> None:
    """Take what these outputs hold as not read yet, and what leads were told as told before it is."""
    unread(tx, outbox, names)
    unnumbered = (results.c.outbox == outbox, results.c.told_at.is_not(None), results.c.told_by.is_(None))
    tx.sql.execute(update(results).where(*unnumbered).values(told_by=0))


def undone(tx: Transaction, outbox: int, ids: Sequence[str], untold: Mapping[str, Mapping[str, Value]]) -> None:
    """Have leads staged again; of some the first write was taken back, and this is what their fields hold now."""
    again = bulk.keys(ids, outbox=outbox).with_columns(change=pl.lit(tx.number), data=False, activity=False)
    bulk.put(tx.sql, stale, again, change=("change",))
    nothing = {"told_at": None, "told_by": None, **dict.fromkeys(outputs.TOLD)}
    key = bulk.keys(untold, outbox=outbox)
    bulk.alter(tx.sql, results, key, _KEY, **nothing)
    held = [{name: value for name, value in untold[lead].items() if value is not None} for lead in key["lead"]]
    rows = zip(key.iter_rows(named=True), held, strict=True)
    put(tx, outbox, [{**row, "holds": holds, "before": {}, "mended": []} for row, holds in rows])


def record(tx: Transaction, outbox: int, pushed: Sequence[Pushed], run: int, at: datetime) -> Recorded:
    """Take the CRM's answers for rows on their way."""
    flying = _flying(tx, outbox, [answer.lead for answer in pushed])
    known = [answer for answer in pushed if answer.lead in flying]
    taken = [flying[answer.lead] for answer in known if answer.refusal is None]
    barred = [(flying[answer.lead], answer.refusal) for answer in known if answer.refusal and not answer.refusal.gone]
    merged = {answer.lead: answer.survivor for answer in known if answer.survivor not in (None, answer.lead)}
    gone = {answer.lead for answer in known if answer.refusal and answer.refusal.gone} - merged.keys()
    _take(tx, outbox, taken, run, at)
    _refuse(tx, outbox, barred, at)
    _landed(tx, outbox, flying)
    vanishing.vanish(tx, gone, "deleted", at)
    merging.merge(tx, merged)
    merging.send_again(tx, outbox, merged.values())
    return Recorded(written=len(taken), refused=len(barred), gone=len(gone), merged=len(merged))


def _waiting(tx: Transaction, key: pl.DataFrame) -> pl.DataFrame:
    return bulk.find(tx.sql, results, key, {**_LEAD, "pending": pl.String(), "causes": pl.String()})


def _flying(tx: Transaction, outbox: int, ids: Iterable[str]) -> dict[str, RowMapping]:
    """Return the rows on their way by lead, each with what its lead was told before and how often it was refused."""
    key = bulk.keys(ids, outbox=outbox)
    if key.is_empty():
        return {}
    told = [results.c[f"told_{name}"] for name in OUTPUTS]
    seen = (found.c.holds, found.c.before, found.c.mended, leads.c.listing, leads.c.first_seen)
    mirrored = (leads.c.connection == tx.connection, bulk.same(leads, in_flight, ("bucket", "lead")))
    source = bulk.rows(tx.sql.dialect.name, in_flight, tuple(key.columns))
    way = in_flight.join(source, bulk.same(in_flight, source, key.columns))
    way = way.join(results, bulk.same(results, in_flight, key.columns))
    way = way.outerjoin(refused, bulk.same(refused, in_flight, key.columns)).outerjoin(leads, and_(*mirrored))
    way = way.outerjoin(found, bulk.same(found, in_flight, key.columns))
    columns = (results.c.told_at, results.c.told_by, *told, refused.c.attempts, refused.c.first_at, *seen)
    rows = select(in_flight, *columns).select_from(way)
    return {row["lead"]: row for row in tx.sql.execute(rows, bulk.packed(tx.sql, key)).mappings()}


def _take(tx: Transaction, outbox: int, rows: Sequence[RowMapping], run: int, at: datetime) -> None:
    """Make what was sent what the CRM was told, and keep what it held before."""
    told = pl.DataFrame([_told(row) for row in rows], schema={**_LEAD, **outputs.TOLD}, orient="row")
    bulk.alter(tx.sql, results, bulk.owned(told, outbox=outbox), _KEY, told_at=micros(at), told_by=tx.number)
    since = read_since(tx, outbox)
    written = pl.DataFrame([_write(row, since) for row in rows], schema=_WRITE, orient="row")
    fixed = {"change": pl.lit(tx.number), "written_at": pl.lit(micros(at)), "run": pl.lit(run)}
    bulk.put(tx.sql, writes, bulk.owned(written, outbox=outbox).with_columns(**fixed))
    bulk.drop(tx.sql, refused, bulk.owned(told.select(*_LEAD), outbox=outbox))
    put(tx, outbox, [_overwritten(row) for row in rows if row["holds"] not in (None, "{}")])


def _told(row: RowMapping) -> tuple[Any, ...]:
    """Return the row's key and what the CRM was told, with what was sent laid over it."""
    sent = {name: outputs.to_column(value) for name, value in outputs.loaded(row["payload"]).items()}
    return row["bucket"], row["lead"], *(sent.get(name, row[f"told_{name}"]) for name in OUTPUTS)


def _write(row: RowMapping, since: Mapping[str, int]) -> tuple[Any, ...]:
    """Return what was written over what; where that is not known, `before` says nothing of the field."""
    sent = outputs.loaded(row["payload"])
    told = {name: outputs.from_column(name, row[f"told_{name}"]) for name in sent if _is_known(row, name, since)}
    holds = outputs.loaded(row["holds"] or "{}")
    before = told | {name: holds[name] for name in sent if name in holds}
    return row["bucket"], row["lead"], row["causes"] or "undo", outputs.dumped(before), row["payload"]


def _is_known(row: RowMapping, name: str, since: Mapping[str, int]) -> bool:
    """Return whether the CRM was told what the field holds, or the lead was read along with it.

    A lead that was told something before that was numbered was told of every field.
    """
    if row[f"told_{name}"] is not None or (row["told_at"] is not None and row["told_by"] is None):
        return True
    read_at = max(row["listing"] or 0, row["first_seen"] or 0, row["told_by"] or 0)
    return name in since and read_at >= since[name]


def _overwritten(row: RowMapping) -> dict[str, Any]:
    """Return what is left of what a lead's fields held when some were written: of a first write, as before it."""
    kept, sent = unpacked(dict(row)), outputs.loaded(row["payload"]).keys()
    lost = {name: value for name, value in kept["holds"].items() if name in sent}
    holds = {name: value for name, value in kept["holds"].items() if name not in sent}
    if row["pending"] == MEND:
        return kept | {"holds": holds, "mended": sorted({*kept["mended"], *lost})}
    first = {name: value for name, value in lost.items() if row[f"told_{name}"] is None}
    return kept | {"holds": holds, "before": first | kept["before"]}


def _refuse(tx: Transaction, outbox: int, barred: Sequence[tuple[RowMapping, Refusal]], at: datetime) -> None:
    """Keep refused rows to be tried again; a row that was not pending, such as an undo, is not tried again."""
    kept = [(row, refusal) for row, refusal in barred if row["pending"]]
    frame = pl.DataFrame([_refusal(row, refusal, at) for row, refusal in kept], schema=_REFUSED, orient="row")
    bulk.put(tx.sql, refused, bulk.owned(frame, outbox=outbox))
    state = [(row["bucket"], row["lead"], row["pending"], row["causes"]) for row, _ in kept]
    waiting = pl.DataFrame(state, schema={**_LEAD, "pending": pl.String, "causes": pl.String}, orient="row")
    bulk.alter(tx.sql, results, bulk.owned(waiting, outbox=outbox), _KEY)


def _refusal(row: RowMapping, refusal: Refusal, at: datetime) -> tuple[Any, ...]:
    attempts = (row["attempts"] or 0) + 1
    rest = at + pause(attempts, passing=refusal.retry)
    times = (row["first_at"] or micros(at), micros(at), micros(rest))
    return row["bucket"], row["lead"], refusal.code, refusal.message, row["payload"], attempts, *times


def _landed(tx: Transaction, outbox: int, ids: Iterable[str]) -> None:
    bulk.drop(tx.sql, in_flight, bulk.keys(ids, outbox=outbox))
