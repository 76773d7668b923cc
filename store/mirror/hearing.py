"""Since when leads have the feedback that sales gave, as far as the CRM does not tell it: when it was first seen."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import orjson
import polars as pl
from sqlalchemy import Connection, select

from store.mirror import conversions
from store.sql import bulk
from store.sql.database import micros
from store.sql.leases import Transaction
from store.sql.schema import field_history
from vocabulary.feedback import FEEDBACK, SAID
from vocabulary.fields import TIME

_STORED: Final = {"lead": pl.String(), "said": pl.String(), "at": pl.Int64()}


def note(tx: Transaction, known: pl.DataFrame, changed: pl.DataFrame, at: datetime) -> None:
    """Keep what leads (`lead`, `fields`) say now and did not say before, as of the time of reading.

    That is never earlier than it was said. Where the CRM keeps a history, what it tells stands beside it.
    """
    said = changed.select("lead", value=_said(changed["fields"]))
    before = known.select("lead", before=_said(known["fields"]))
    both = said.join(before, on="lead", how="left").filter(pl.col("value").ne_missing(pl.col("before")))
    if both.is_empty():
        return
    rows = both.with_columns(field=pl.lit(FEEDBACK), since=pl.lit(micros(at)))
    bulk.upsert(tx.sql, field_history, bulk.owned(rows, connection=tx.connection))


def statements(sql: Connection, connection: int, leads: Sequence[str] | None) -> pl.DataFrame:
    """Return what sales said about leads, or about these (`vocabulary.feedback.SAID`), by lead and time.

    What is said twice in a row, as the CRM's history and as first seen here, is one statement, at the earlier time.
    """
    columns = select(field_history.c.lead, field_history.c.value.label("said"), field_history.c.since.label("at"))
    mine = (field_history.c.connection == connection, field_history.c.field == FEEDBACK)
    chosen = () if leads is None else (field_history.c.lead.in_(leads),)
    found = bulk.read(sql, columns.where(*mine, *chosen, conversions.is_here(field_history)), _STORED)
    placed = found.sort("lead", "at").with_columns(pl.col("at").cast(TIME))
    before = pl.col("said").shift().over("lead")
    return placed.filter(pl.col("said").ne_missing(before)).select(*SAID)


def _said(texts: pl.Series) -> pl.Series:
    """Return the feedback in the stored fields of leads; most have none, so that few texts are read."""
    has = texts.str.contains(f'"{FEEDBACK}":', literal=True).to_list()
    pairs = zip(texts.to_list(), has, strict=True)
    return pl.Series([orjson.loads(text).get(FEEDBACK) if there else None for text, there in pairs], dtype=pl.String)
