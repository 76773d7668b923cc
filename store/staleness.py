"""Which leads must be scored again, by outbox."""

from functools import cache
from typing import Any, Final, Literal

import polars as pl
from sqlalchemy import BigInteger, Boolean, bindparam, or_, select, true

from store import bulk
from store.leases import Change
from store.schema import leads, outboxes, stale

Reason = Literal["data", "activity"]
REASONS: Final = ("data", "activity")


def mark(change: Change, touched: pl.DataFrame, reason: Reason) -> None:
    """Mark leads (`bucket`, `lead`) as changed, for every outbox of the connection."""
    if touched.is_empty():
        return
    given = {"of_connection": change.connection, "number": change.number}
    reasons = {"has_data": reason == "data", "has_activity": reason == "activity"}
    frame = bulk.packed(change.sql, touched.select("bucket", "lead").unique())
    change.sql.execute(_marking(change.sql.dialect.name), {**frame, **given, **reasons})


@cache
def _marking(database: str) -> Any:
    source = bulk.rows(database, leads, ("bucket", "lead"))
    number, flags = bindparam("number", type_=BigInteger), [bindparam(f"has_{name}", type_=Boolean) for name in REASONS]
    mine = select(outboxes.c.outbox, source.c.bucket, source.c.lead, number, *flags).join_from(outboxes, source, true())
    mine = mine.where(outboxes.c.connection == bindparam("of_connection"))
    statement = bulk.insert(database, stale).from_select(["outbox", "bucket", "lead", "change", *REASONS], mine)
    new = statement.excluded
    merged = {"change": new.change, **{name: or_(stale.c[name], new[name]) for name in REASONS}}
    return statement.on_conflict_do_update(index_elements=list(stale.primary_key), set_=merged)
