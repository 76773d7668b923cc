"""Which leads must be scored again, by outbox."""

from typing import Literal

import polars as pl
from sqlalchemy import literal, or_, select, true

from store import bulk
from store.leases import Change
from store.schema import leads, outboxes, stale

Reason = Literal["data", "activity"]


def mark(change: Change, touched: pl.DataFrame, reason: Reason) -> None:
    """Mark leads (`bucket`, `lead`) as changed, for every outbox of the connection."""
    if touched.is_empty():
        return
    source = bulk.rows(change.sql, touched.select("bucket", "lead").unique(), leads)
    rows = (
        select(
            outboxes.c.outbox,
            source.c.bucket,
            source.c.lead,
            literal(change.number).label("change"),
            literal(reason == "data").label("data"),
            literal(reason == "activity").label("activity"),
        )
        .join_from(outboxes, source, true())
        .where(outboxes.c.connection == change.connection)
    )
    statement = bulk.dialect(change.sql).insert(stale).from_select([part.name for part in rows.selected_columns], rows)
    new = statement.excluded
    merged = {
        "change": new.change,
        "data": or_(stale.c.data, new.data),
        "activity": or_(stale.c.activity, new.activity),
    }
    change.sql.execute(statement.on_conflict_do_update(index_elements=list(stale.primary_key), set_=merged))
