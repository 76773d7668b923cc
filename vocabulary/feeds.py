"""What a feed of a CRM says: which records have changed, so that they are due to be read."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from vocabulary.fields import TIME
from vocabulary.pages import Cursor

ALIVE: Final = timedelta(seconds=30)
"""A feed is heard at least this often, if only that there was nothing."""

DUE: Final = pl.Schema({"stream": pl.String(), "by": pl.String(), "id": pl.String(), "changed_at": TIME})
"""What is to be read, one row each: of a `stream`, what it has `by` the `lead` or the `record` with this `id`.

Of the stream with the leads themselves, `lead` means the lead as it is now. A `record` is the id that the CRM knows it
by. `changed_at`: when it changed by the CRM's clock, the earliest if there were several changes; null if it is not
told.
"""


@dataclass(frozen=True, slots=True)
class Heard:
    """One step of a feed, and the cursor that resumes after it.

    The store saves what is due and the cursor in one transaction. Steps are delivered at least once.
    """

    cursor: Cursor
    due: pl.DataFrame = field(default_factory=DUE.to_frame().clone)
    events: int = 0
    """How many events it had, including those that make nothing due, such as our own writes."""
    gap: str = ""
    """Why changes before this step may be missing from the feed, as a sentence; the streams will bring them."""
    until: datetime | None = None
    """When the newest of its events happened, by the CRM's clock."""
