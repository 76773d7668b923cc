"""Named notes that `status` shows for a connection."""

from typing import Final

import polars as pl
from sqlalchemy import Connection, delete

from store.sql import bulk
from store.sql.schema import notes
from vocabulary.outside import printable

OLDER: Final = "older database"
"""The note that the CRM has later results than this database."""


FAILING: Final = "failing"
"""The note that says since when the daemon's passes fail, why, and when the next one starts."""


def note(sql: Connection, connection: int, name: str, text: str | None) -> None:
    """Save a note under a name, or remove it."""
    if text is None:
        sql.execute(delete(notes).where(notes.c.connection == connection, notes.c.name == name))
        return
    bulk.upsert(
        sql, notes, bulk.owned(pl.DataFrame({"name": [name], "text": [printable(text)]}), connection=connection)
    )
