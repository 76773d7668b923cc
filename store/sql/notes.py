"""Remarks that `status` shows for a connection, each under a name."""

from typing import Final

import polars as pl
from sqlalchemy import Connection, delete

from store.sql import bulk
from store.sql.schema import notes
from vocabulary.outside import printable

OLDER: Final = "older database"
"""The note that the CRM knows more than this database."""


def note(sql: Connection, connection: int, name: str, text: str | None) -> None:
    """Keep a remark under a name, or take it away."""
    if text is None:
        sql.execute(delete(notes).where(notes.c.connection == connection, notes.c.name == name))
        return
    bulk.put(sql, notes, bulk.owned(pl.DataFrame({"name": [name], "text": [printable(text)]}), connection=connection))
