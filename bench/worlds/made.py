"""What a simulated world is: the files that calibrate gets, and the truth about each lead."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from calibrate.inputs.frames import HISTORY, Frames
from scoring import touchpoints

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
OUTCOME = "converted"
TIME = pl.Datetime("us", "UTC")


@dataclass(frozen=True)
class TableWorld:
    """One row per lead in order of time, without dates: the input of `calibrate.from_table.run`."""

    table: pl.DataFrame
    """`id`, the fields and `converted` (yes or no), as they are today."""
    then: pl.DataFrame
    """The same rows as they were when the leads were created, which is when leads are scored."""
    chance: Floats
    """The true chance of each lead, given what was known at its creation."""
    won: Flags
    honest: tuple[str, ...] = ()
    """The fields that tell at creation although they look as if they did not."""
    as_of: str | None = None
    """The day of which the rows are, if a field has dates."""

    @property
    def rate(self) -> float:
        """Return the share of leads that converted."""
        return float(self.won.mean())


@dataclass(frozen=True)
class DatedWorld:
    """Leads with dates until a day `as_of`, and what became of them after it: the input of `calibrate.run`."""

    leads: pl.DataFrame
    """`lead`, `created_at` and the fields, of the leads created before `as_of`."""
    activities: pl.DataFrame
    """`lead`, `id`, `kind`, `occurred_at`, before `as_of`."""
    as_of: datetime
    converted: Floats
    """The day after `BEGIN` on which each lead converts, also later than `as_of`; infinite for never."""
    chance: Callable[[float], Floats]
    """Return each lead's true chance to convert within a number of days after `as_of`, if it has not converted yet."""

    @property
    def day(self) -> float:
        """Return `as_of` in days after `BEGIN`."""
        return (self.as_of - BEGIN) / timedelta(days=1)

    @property
    def open(self) -> Flags:
        """Return which leads have not converted by `as_of`."""
        return self.converted > self.day

    def won(self, horizon: float) -> Flags:
        """Return which leads convert within a number of days after `as_of`."""
        return self.open & (self.converted <= self.day + horizon)

    @property
    def outcomes(self) -> pl.DataFrame:
        """Return `lead`, `occurred_at` of the conversions before `as_of`."""
        return self.conversions(np.flatnonzero(~self.open))

    def conversions(self, rows: NDArray[np.int64]) -> pl.DataFrame:
        """Return `lead`, `occurred_at` of the conversions of some leads."""
        return pl.DataFrame({"lead": self.leads["lead"][rows], "occurred_at": moments(self.converted[rows])})

    @property
    def frames(self) -> Frames:
        """Return what was known by `as_of`."""
        blank = {"url": pl.String, "name": pl.String, "seconds": pl.Float64, "value": pl.Float64}
        done = self.activities.with_columns(pl.lit(None, kind).alias(name) for name, kind in blank.items())
        return Frames(self.leads, *touchpoints(done), self.outcomes, HISTORY.to_frame())

    def write(self, folder: Path) -> dict[str, Path]:
        """Write the files of `leadgauge calibrate`, and return them by option."""
        rows = {"leads": self.leads.rename({"lead": "id"}), "outcomes": _named(self.outcomes, "converted_at")}
        if len(self.activities):
            rows["activities"] = _named(self.activities, "occurred_at")
        for name, frame in rows.items():
            frame.write_csv(folder / f"{name}.csv")
        return {name: folder / f"{name}.csv" for name in rows}


def _named(frame: pl.DataFrame, moment: str) -> pl.DataFrame:
    return frame.rename({"lead": "lead_id", "occurred_at": moment})


def moments(days: Floats) -> pl.Series:
    """Return days after `BEGIN` as times."""
    start = int(BEGIN.timestamp()) * 1_000_000
    return pl.Series((days * 86_400e6).astype(np.int64) + start).cast(TIME)


def based(odds: Floats, rate: float) -> Floats:
    """Return the chances of log-odds that are moved so that their mean is `rate`."""
    low, high = -30.0, 30.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if sigmoid(odds + middle).mean() < rate else (low, middle)
    return sigmoid(odds + low)


def sigmoid(odds: Floats) -> Floats:
    """Return log-odds as chances."""
    chances: Floats = 1 / (1 + np.exp(-odds))
    return chances
