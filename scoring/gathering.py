"""Collects activities in compact arrays, one set per chunk of leads, without duplicates and future ones."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from scoring.card.calendar import UTC_CALENDAR, Calendar
from scoring.chunks import Chunks
from scoring.history import History, Touchpoints
from scoring.lookup import UNKNOWN, Lookup, fingerprints
from scoring.machine_traffic import can_be_a_machines, recognised
from vocabulary.arrays import Places
from vocabulary.fields import TIME

Arrays = dict[str, NDArray[np.generic]]
NO_MAIL: Final = 0
UNSENT: Final = -(2**62)
"""The age of the sending of a mail of which it is not known."""


@dataclass
class Gathered:
    """The activities of all leads, which are identified by row number, as arrays for each chunk."""

    as_of: int
    leads: pl.Series
    """The distinct ids of all leads."""
    chunks: Chunks
    """Which of them are computed together."""
    numbers: Sequence[str] = ()
    """Which of `seconds` and `value` the conditions use."""
    calendar: Calendar = UTC_CALENDAR
    counts_machines: bool = False
    """Whether activities that are marked as a machine's are kept."""
    recognises: bool = False
    """Whether those of machines are recognised here, by the whole sequence of each lead, and left out."""
    machines: list[int] = field(default_factory=list)
    """How many of them each chunk had that was looked at; one without opens, clicks and page views is not."""
    seen: int = 0
    _rows: Lookup = field(default_factory=Lookup)
    _chunks: list[list[Arrays]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._chunks = [[] for _ in range(len(self.chunks))]
        self._rows.learn(fingerprints(self.leads.to_frame()))
        if len(self._rows) < len(self.leads):
            raise ValueError("a lead is given more than once")

    def add(self, activities: pl.DataFrame) -> pl.Series:
        """Add activities with `lead`, `id`, `occurred_at`, `touchpoint` and the wanted numbers.

        Activities without a time, in the future or of unknown leads are dropped; so are those of machines, which the
        column `machine` marks, unless they count. Return the ids of the unknown leads.
        """
        if not self.counts_machines and "machine" in activities.columns:
            activities = activities.filter(pl.col("machine").is_null())
        leads = activities.select("lead")
        rows = self._rows.find(fingerprints(leads))
        frame = activities.select(
            pl.lit(pl.Series(rows)).alias("row"),
            self._identity().alias("identity"),
            (self.as_of - pl.col("occurred_at").cast(pl.Int64)).alias("age"),
            pl.col("touchpoint").cast(pl.UInt32),
            *(pl.col(name).cast(pl.Float64) for name in self.numbers),
            *self._of_mails(activities.columns),
        ).filter((pl.col("row") != UNKNOWN) & (pl.col("age") >= 0))
        self.seen += activities.height
        self._distribute(frame)
        return leads["lead"].filter(pl.Series(rows == UNKNOWN))

    def _of_mails(self, columns: Collection[str]) -> Iterator[pl.Expr]:
        """Yield which mail an activity is of, and its age when it was sent, if machines are to be recognised."""
        if self.recognises:
            mail = pl.col("mail").hash().reinterpret(signed=True) if "mail" in columns else pl.lit(None, pl.Int64)
            sent = pl.col("sent_at").cast(pl.Int64) if "sent_at" in columns else pl.lit(None, pl.Int64)
            known = pl.col("mail").is_not_null() if "mail" in columns else pl.lit(value=False)
            yield pl.when(known).then(mail).otherwise(NO_MAIL).alias("mail")
            yield (self.as_of - sent).fill_null(UNSENT).alias("sent")

    def _identity(self) -> pl.Expr:
        """Return a key that is equal if an activity was read twice. An activity without an id is always distinct."""
        unnamed = (pl.int_range(pl.len(), dtype=pl.UInt64) + self.seen).hash(seed=1)
        named = pl.when(pl.col("id").is_null()).then(unnamed).otherwise(pl.col("id").hash())
        return named ^ pl.col("lead").hash(seed=2)

    def _distribute(self, frame: pl.DataFrame) -> None:
        chunks, places = self.chunks.places
        rows = frame["row"].to_numpy()
        arrays: Arrays = {name: frame[name].to_numpy() for name in frame.columns}
        arrays["row"] = places[rows]
        if len(self._chunks) <= 1:
            self._chunks[:1] = [[*chunk, arrays] for chunk in self._chunks[:1]]
            return
        chunk = chunks[rows]
        order = np.argsort(chunk, kind="stable")
        bounds = np.searchsorted(chunk[order], np.arange(len(self._chunks) + 1))
        for number, (start, end) in enumerate(pairwise(bounds)):
            if end > start:
                self._chunks[number].append({name: array[order[start:end]] for name, array in arrays.items()})

    def take(self, number: int, touchpoints: Touchpoints) -> History:
        """Return the history of a chunk's leads and release its memory."""
        parts, self._chunks[number] = self._chunks[number], []
        leads = self.chunks.size(number)
        names = ("row", "identity", "age", "touchpoint", *self.numbers, *(("mail", "sent") if self.recognises else ()))
        empty = np.zeros(0, np.int64)
        whole = {name: np.concatenate([part[name] for part in parts]) if parts else empty for name in names}
        order = _in_order(whole["row"], whole["age"], _first_of_each(whole["identity"]))
        if self.recognises:
            order = order[self._by_people({name: column[order] for name, column in whole.items()}, touchpoints)]
        return History(
            leads=leads,
            lead=whole["row"][order].astype(np.int64),
            age=whole["age"][order].astype(np.int64),
            place=touchpoints.places(whole["touchpoint"][order].astype(np.int64)),
            numbers={name: whole[name][order].astype(np.float64) for name in self.numbers},
            touchpoints=touchpoints,
            as_of=np.full(leads, self.as_of),
            calendar=self.calendar,
            scored_for=self.as_of,
        )

    def _by_people(self, done: Arrays, touchpoints: Touchpoints) -> Places:
        """Return the positions of what people did; only opens, clicks and page views are looked at."""
        everything = np.arange(len(done["row"]))
        places = touchpoints.places(done["touchpoint"].astype(np.int64))
        judged = np.flatnonzero(can_be_a_machines(touchpoints.frame["kind"])[places])
        if not len(judged):
            return everything
        looked_at = {name: column[judged] for name, column in done.items()}
        marked = self._of_machines(looked_at, judged, places[judged], touchpoints)
        self.machines.append(len(marked))
        return np.delete(everything, marked)

    def _of_machines(self, done: Arrays, ids: Places, places: Places, touchpoints: Touchpoints) -> Places:
        """Return the ids of what machines did."""
        mail, sent = pl.Series(done["mail"], dtype=pl.Int64), pl.Series(done["sent"], dtype=pl.Int64)
        frame = pl.DataFrame(
            {
                "lead": done["row"].astype(np.int64),
                "id": ids,
                "occurred_at": pl.Series(self.as_of - done["age"].astype(np.int64)).cast(TIME),
                "touchpoint": places,
                "mail": mail.set(mail == NO_MAIL, None),
                "sent_at": (self.as_of - sent.set(sent == UNSENT, None)).cast(TIME),
            }
        )
        known = touchpoints.frame.with_columns(touchpoint=pl.int_range(pl.len(), dtype=pl.Int64))
        found: Places = recognised(frame, known)["id"].cast(pl.Int64).to_numpy()
        return found


def _first_of_each(identity: NDArray[np.generic]) -> NDArray[np.intp] | None:
    """Return the first position of each activity, or None if there are no duplicates."""
    ordered = np.sort(identity)
    if not np.any(ordered[1:] == ordered[:-1]):
        return None
    first: NDArray[np.intp] = np.unique(identity, return_index=True)[1]
    return first


def _in_order(row: NDArray[np.generic], age: NDArray[Any], kept: NDArray[np.intp] | None) -> NDArray[np.intp]:
    """Return the order of the kept activities by lead and then age."""
    order = _by_age(age) if kept is None else kept[_by_age(age[kept])]
    return order[np.argsort(row[order], kind="stable")]


def _by_age(age: NDArray[Any]) -> NDArray[np.intp]:
    """Return the order by age. Exports are mostly in order of time already, so this is checked before sorting."""
    if np.all(age[1:] <= age[:-1]):
        return np.arange(len(age))[::-1]
    return np.argsort(age)
