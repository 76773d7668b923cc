"""Activities tracked by Account Engagement."""

from datetime import datetime
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from leadgauge_sandbox.catalogue import PLACES, places_of
from leadgauge_sandbox.population import DAY, Population
from leadgauge_sandbox.salesforce.rendering import times

TYPES: Final = {
    "email_click": (1, "Click"),
    "email_open": (11, "Open"),
    "unsubscribe": (12, "Unsubscribe Page"),
    "bounce": (13, "Bounced"),
    "sent": (6, "Sent"),
}
"""The types by kind; of mails that several activities are of, when they were sent is one too."""
FIRST_MAIL: Final = 70_000
FIRST: Final = 40_000_000
"""First id of an activity."""


class VisitorActivities:
    """All activities in order of id, which is the order of time for those loaded at the start."""

    def __init__(self, population: Population) -> None:
        acts = population.activities
        chosen = np.flatnonzero(np.isin(acts.place, places_of(*TYPES)) & ~acts.bot)
        kinds = [TYPES.get(place.kind, (0, ""))[0] for place in PLACES]
        names = [place.name for place in PLACES]
        place = pl.Series(acts.place[chosen].astype(np.int64))
        done = pl.DataFrame(
            {
                "type": pl.Series(kinds, dtype=pl.Int64).gather(place),
                "person": pl.Series(acts.person[chosen].astype(np.int64)),
                "details": pl.Series(names, dtype=pl.String).gather(place),
                "at": times(acts.at[chosen]),
                "mail": _mails(acts.place[chosen], acts.sent[chosen]),
                "sent": times(acts.sent[chosen]),
            }
        )
        whole = pl.concat([_sendings(done), done.drop("sent")]).sort("at", maintain_order=True)
        self._frame = whole.select(pl.int_range(pl.len(), dtype=pl.Int64).alias("id") + FIRST, *whole.columns)
        self._added: list[dict[str, Any]] = []

    def add(self, kind: str, person: int, details: str, at: datetime) -> None:
        """Add a new activity."""
        if kind in TYPES:
            number = FIRST + self._frame.height + len(self._added)
            row = {"id": number, "type": TYPES[kind][0], "person": person, "details": details, "at": at, "mail": None}
            self._added.append(row)

    def frame(self) -> pl.DataFrame:
        """Return all activities."""
        if self._added:
            self._frame = pl.concat([self._frame, pl.DataFrame(self._added, schema=self._frame.schema)])
            self._added = []
        return self._frame


def _sendings(done: pl.DataFrame) -> pl.DataFrame:
    """Return when the mails of these activities were sent, as activities."""
    mails = done.drop_nulls("mail").unique(["person", "mail"], maintain_order=True)
    return mails.with_columns(type=pl.lit(TYPES["sent"][0], pl.Int64), at="sent").drop("sent")


def _mails(place: NDArray[np.int16], sent: NDArray[np.int64]) -> pl.Series:
    """Return the number of the list email of each activity: what was sent at once, where that is known."""
    subject = pl.Series([place.name for place in PLACES], dtype=pl.String).gather(pl.Series(place.astype(np.int64)))
    frame = pl.DataFrame({"subject": subject, "day": pl.Series(sent // DAY)})
    number = pl.struct("subject", "day").rank("dense").cast(pl.Int64) + FIRST_MAIL
    return frame.select(pl.when(pl.col("day") > 0).then(number).alias("mail")).to_series()
