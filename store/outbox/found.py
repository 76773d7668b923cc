"""Values in our CRM fields that we did not write: from before the first write, or drift since then.

A row of `found` is a lead whose fields hold something else than we wrote. Before the first write to the lead, that is
everything its fields hold; the first write moves it to `before`, for `undo` and for removed fields. After the first
write it is drift.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
import polars as pl
from sqlalchemy import select, update

from store.leads import merging
from store.outbox import outputs, whose
from store.outbox.box import Box
from store.outbox.comparing import kept_otherwise
from store.outbox.outputs import AGAIN, MEND, TOLD
from store.sql import bulk
from store.sql.database import micros
from store.sql.leases import Transaction
from store.sql.schema import connections, found, outboxes, results, stale
from vocabulary.outputs import SCORED_AT, Of
from vocabulary.pages import Page

SETTLED: Final = timedelta(minutes=10)
"""A value written more recently than this may not be visible yet, since the CRM's replicas lag."""

_KEY: Final = {"bucket": pl.Int16(), "lead": pl.String()}
_VALUES: Final = ("holds", "before")
_TEXTS: Final = {name: pl.String() for name in (*_VALUES, "mended")}
_STATE: Final = {"told_at": pl.Int64(), "told_by": pl.Int64(), "pending": pl.String()}
_PARTS_OF_A_SECOND: Final = 1_000_000
_UNSURE: Final = pl.col("pending").eq_missing(pl.lit(AGAIN))
"""Whether a row was sent and its answer never came, so that the value read may be ours."""


def note(tx: Transaction, page: Page, listed: int | None, at: datetime) -> int:
    """Record the values of our fields on a page; for leads written before, only if it is from a listing.

    Changes come through the CRM's search, which may still show the values from before our last write. Return how many
    leads have a later `lead_scored_at` than this database ever wrote, because it was restored from a backup or another
    database writes the same fields.
    """
    _send_missed(tx, page.copies)
    held = {"leads": page.outputs, "accounts": page.account_outputs}
    if all(frame.is_empty() for frame in held.values()):
        return 0
    parts = ((box, _plain(held[box.of], box)) for box in _boxes(tx))
    return sum(_note(tx, box, frame, listed, at) for box, frame in parts if frame.width > 1 and len(frame))


def _send_missed(tx: Transaction, copies: pl.DataFrame) -> None:
    """Send leads all their values again if a copy of what was written to them differs."""
    for box in _boxes(tx) if len(copies) else ():
        names = {field: name for name, field in box.fields.items() if field in copies.columns}
        if box.of == "leads" and names:
            _send_differing(tx, box, copies.select("lead", *names).rename(names))


def _send_differing(tx: Transaction, box: Box, copies: pl.DataFrame) -> None:
    compared = [name for name in copies.columns if f"told_{name}" in TOLD]
    told = {f"told_{name}": TOLD[f"told_{name}"] for name in compared}
    key = bulk.owned(bulk.keyed(copies.select("lead").unique()), outbox=box.number)
    stored = bulk.find(tx.sql, results, key, {**_KEY, **told, **_STATE}).filter(pl.col("told_at").is_not_null())
    both = copies.join(stored, on="lead")
    missed = both.filter(pl.any_horizontal(pl.lit(value=False), *map(kept_otherwise, compared)))
    merging.send_again(tx, box.number, missed["lead"].unique())


def read_since(tx: Transaction, box: Box) -> dict[str, int]:
    """Return since which change each output of an outbox is read with every lead or account."""
    known = _declared(tx) or {}
    return {name: known[field] for name, field in box.fields.items() if field in known}


def unread(tx: Transaction, box: Box, names: Sequence[str]) -> None:
    """Mark the values of these outputs as not read yet."""
    known = _declared(tx)
    if known is not None:
        fields = {box.fields[name] for name in names}
        left = {name: since for name, since in known.items() if name not in fields}
        here = update(connections).where(connections.c.connection == tx.connection)
        tx.sql.execute(here.values(outputs=orjson.dumps(left).decode()))


def _declared(tx: Transaction) -> dict[str, int] | None:
    """Return since which change each field of ours is read; None if none was declared yet."""
    here = select(connections.c.outputs).where(connections.c.connection == tx.connection)
    text = tx.sql.execute(here).scalar_one()
    return None if text is None else dict(orjson.loads(text))


def strip(tx: Transaction, outbox: int, names: Sequence[str]) -> None:
    """Delete what was found in these outputs, since their fields are new."""
    mine = select(*(found.c[name] for name in (*_KEY, *_TEXTS))).where(found.c.outbox == outbox)
    rows = bulk.read(tx.sql, mine, {**_KEY, **_TEXTS})
    put(tx, outbox, [_without(row, set(names)) for row in rows.iter_rows(named=True)])


def put(tx: Transaction, outbox: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store rows, and delete those that are empty."""
    frame = pl.DataFrame([_packed(row) for row in rows], schema={**_KEY, **_TEXTS}, orient="row")
    nothing = (pl.col("holds") == "{}") & (pl.col("before") == "{}") & (pl.col("mended") == "[]")
    bulk.upsert(tx.sql, found, bulk.owned(frame.filter(~nothing), outbox=outbox))
    bulk.delete_rows(tx.sql, found, bulk.owned(frame.filter(nothing).select(*_KEY), outbox=outbox))


def unpacked(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with its JSON parsed; null means empty."""
    values = {part: outputs.loaded(row[part] or "{}") for part in _VALUES}
    return {"bucket": row["bucket"], "lead": row["lead"], **values, "mended": orjson.loads(row["mended"] or "[]")}


def _boxes(tx: Transaction) -> Sequence[Box]:
    columns = select(outboxes.c.outbox, outboxes.c.prefix, outboxes.c.of)
    return [Box(*row) for row in tx.sql.execute(columns.where(outboxes.c.connection == tx.connection))]


def _plain(held: pl.DataFrame, box: Box) -> pl.DataFrame:
    """Return the values of the fields of one outbox, under the neutral names of the outputs."""
    names = {field: name for name, field in box.fields.items() if field in held.columns}
    return held.select("lead", *names).rename(names).unique("lead", keep="last", maintain_order=True)


def _note(tx: Transaction, box: Box, held: pl.DataFrame, listed: int | None, at: datetime) -> int:
    outbox, names = box.number, held.columns[1:]
    whose.note_read(tx, held["lead"], box.of)
    key = bulk.owned(bulk.keyed(held.select("lead")), outbox=outbox)
    told = {f"told_{name}": TOLD[f"told_{name}"] for name in names}
    stored = bulk.find(tx.sql, results, key, {**_KEY, **told, **_STATE})
    kept = bulk.find(tx.sql, found, key, {**_KEY, **_TEXTS})
    beside = (
        bulk.keyed(held).join(stored, on=list(_KEY), how="left").join(kept, on=list(_KEY), how="left").filter(~_UNSURE)
    )
    since, settled = read_since(tx, box), _settled(listed, at)
    others = [_other(name, since.get(name), settled).alias(f"other_{name}") for name in names]
    flagged = beside.with_columns(others)
    had = pl.col("holds").fill_null("{}") != "{}"
    flags = pl.any_horizontal(had, *(f"other_{name}" for name in names))
    touched = _mirrored(tx, flagged.filter(flags), box.of)
    rows = [_row(row, names) for row in touched.iter_rows(named=True)]
    put(tx, outbox, rows)
    waiting = set(touched.filter(pl.col("pending") == MEND)["lead"])
    _stage_again(tx, outbox, [row["lead"] for row in rows if row["lead"] in waiting and not row["holds"]])
    return _ahead(tx, outbox, held)


def _stage_again(tx: Transaction, outbox: int, calm: Sequence[str]) -> None:
    """Stop correcting leads whose fields hold the right values again."""
    key = bulk.keys(calm, outbox=outbox)
    bulk.set_columns(tx.sql, results, key, tuple(key.columns), pending=None)
    bulk.upsert(tx.sql, stale, key.with_columns(change=pl.lit(tx.number), data=False, activity=False))


def _ahead(tx: Transaction, outbox: int, held: pl.DataFrame) -> int:
    """Count the leads with a later `lead_scored_at` than this database ever wrote; 0 if it never wrote."""
    latest = tx.sql.execute(select(outboxes.c.sent_until).where(outboxes.c.outbox == outbox)).scalar_one()
    if latest is None or SCORED_AT not in held.columns:
        return 0
    return held.filter(pl.col(SCORED_AT).dt.epoch("us") > latest + _PARTS_OF_A_SECOND).height


def _other(name: str, since: int | None, settled: pl.Expr) -> pl.Expr:
    """Return whether an output holds a value that we did not write; null if this page cannot tell."""
    unwritten = pl.col("told_at").is_null()
    if since is not None:
        unwritten |= pl.col(f"told_{name}").is_null() & (pl.col("told_by") < since)
    return pl.when(unwritten).then(pl.col(name).is_not_null()).when(settled).then(kept_otherwise(name))


def _settled(listed: int | None, at: datetime) -> pl.Expr:
    """Return whether a lead was last written before the listing started, and long enough ago."""
    if listed is None:
        return pl.lit(value=False)
    before = pl.col("told_by").is_null() | (pl.col("told_by") < listed)
    return before & (pl.col("told_at") <= micros(at - SETTLED))


def _mirrored(tx: Transaction, frame: pl.DataFrame, of: Of) -> pl.DataFrame:
    """Keep the leads or accounts that the mirror has; a page may contain merged ones."""
    return frame.join(whose.present(tx, frame["lead"], of), on="lead", how="semi")


def _row(row: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return the values found on this page; fields about which it cannot tell keep those found before."""
    kept = unpacked(row)
    unknown = {name: value for name, value in kept["holds"].items() if row.get(f"other_{name}") is None}
    return kept | {"holds": unknown | {name: row[name] for name in names if row[f"other_{name}"]}}


def _without(row: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    kept = unpacked(row)
    values = {part: {name: value for name, value in kept[part].items() if name not in names} for part in _VALUES}
    return kept | values | {"mended": [name for name in kept["mended"] if name not in names]}


def _packed(row: Mapping[str, Any]) -> tuple[Any, ...]:
    texts = (*(outputs.dumped(row[part]) for part in _VALUES), orjson.dumps(row["mended"]).decode())
    return row["bucket"], row["lead"], *texts
