"""The columns by which leads are listed, filtered and counted: all results but the long texts."""

from collections.abc import Sequence
from typing import Final

import polars as pl
from sqlalchemy import Connection, select

from store.outbox import outputs
from store.outbox.outputs import SCHEMA, TOLD
from store.sql import bulk
from store.sql.schema import results
from vocabulary.fields import TIME
from vocabulary.outputs import BY_NAME

COLUMNS: Final = tuple(name for name in SCHEMA if BY_NAME[name].type != "text" or name == "lead_scorecard")

AT_ONCE: Final = 32
"""The buckets that are read at a time: as text, a million leads take half a gigabyte."""


def read(sql: Connection, outbox: int, flags: Sequence[pl.Expr] = ()) -> pl.DataFrame:
    """Return `lead`, these outputs as last computed, `level`, `waits` and `told_at` of all leads of an outbox.

    `level`: the place of the priority, 1 is the best. `waits`: whether a write to the CRM waits. In no order.
    `flags`: those of `comparing.flags`, if the outbox is held. Then who differs from what was last written waits too:
    after an undo that is everybody whom it restored, though no write of theirs is pending before the next pass.
    """
    schema = {
        "lead": pl.String(),
        **{name: SCHEMA[name] for name in COLUMNS},
        "level": pl.Int64(),
        "told_at": pl.Int64(),
    }
    beside = {name: dtype for name, dtype in {**SCHEMA, **TOLD}.items() if name not in schema} if flags else {}
    columns = (results.c[name] for name in (*schema, *beside))
    wanted = select(*columns, results.c.pending.is_not(None).label("waits"))

    def some(first: int) -> pl.DataFrame:
        rows = wanted.where(results.c.outbox == outbox, results.c.bucket >= first, results.c.bucket < first + AT_ONCE)
        read = bulk.read(sql, rows, schema | beside | {"waits": pl.Boolean()})
        differ = read.with_columns(flags).with_columns(pl.col("waits") | pl.col("write")) if flags else read
        return differ.select(*schema, "waits")

    found = pl.concat([some(first) for first in range(0, bulk.BUCKETS, AT_ONCE)])
    return outputs.as_moments(found).with_columns(pl.col("told_at").cast(TIME), pl.col("level").cast(pl.Int16))
