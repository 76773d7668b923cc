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
}
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
        self._frame = pl.DataFrame(
            {
                "id": pl.Series(np.arange(len(chosen)) + FIRST, dtype=pl.Int64),
                "type": pl.Series(kinds, dtype=pl.Int64).gather(place),
                "person": pl.Series(acts.person[chosen].astype(np.int64)),
                "details": pl.Series(names, dtype=pl.String).gather(place),
                "at": times(acts.at[chosen]),
                "mail": _mails(acts.place[chosen], acts.sent[chosen]),
            }
        )
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


def _mails(place: NDArray[np.int16], sent: NDArray[np.int64]) -> pl.Series:
    """Return the number of the list email of each activity: what was sent at once, where that is known."""
    subject = pl.Series([place.name for place in PLACES], dtype=pl.String).gather(pl.Series(place.astype(np.int64)))
    frame = pl.DataFrame({"subject": subject, "day": pl.Series(sent // DAY)})
    number = pl.struct("subject", "day").rank("dense").cast(pl.Int64) + FIRST_MAIL
    return frame.select(pl.when(pl.col("day") > 0).then(number).alias("mail")).to_series()
