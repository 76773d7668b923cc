"""What quality is judged on: the files that calibrate gets, and who of the leads held out converts in truth."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl

from bench.worlds import OUTCOME, DatedWorld, TableWorld, World
from bench.worlds.made import Flags, Floats

HELD: float = 0.3
"""The share of the rows that is held out."""


@dataclass(frozen=True)
class TableTrial:
    """A table without dates: rows to learn from, and rows to score."""

    learn: pl.DataFrame
    ask: pl.DataFrame
    """With `id`; may have the outcome, which `score` ignores."""
    outcome: str
    won: Flags
    """Which rows of `ask` convert."""
    chance: Floats | None = None
    """The true chance of each row of `ask`, if it is known."""
    options: tuple[str, ...] = ()
    honest: tuple[str, ...] = ()
    """Columns that are known to be set at creation, so that the challenger has them whatever a guard says."""
    as_of: str | None = None
    """The day to score for, if a column has dates."""

    @property
    def converted(self) -> Flags:
        """Return which rows of `learn` convert."""
        return yes(self.learn[self.outcome])

    @property
    def conversions(self) -> int:
        """Return how many conversions calibrate can learn from."""
        return int(self.converted.sum())


@dataclass(frozen=True)
class DatedTrial:
    """Leads with dates until `as_of`, who are scored then, and what becomes of them later."""

    leads: pl.DataFrame
    """`id`, `created_at`, the fields and perhaps `closed_at`."""
    activities: pl.DataFrame
    """`lead_id`, `id`, `kind`, `occurred_at`."""
    outcomes: pl.DataFrame
    """`lead_id`, `converted_at`, also later than `as_of`: calibrate does not get these."""
    as_of: datetime
    chance: Callable[[float], Floats] | None = None
    """The true chance of each lead to convert within a number of days, if it is known."""
    options: tuple[str, ...] = ()

    @property
    def known(self) -> pl.DataFrame:
        """Return the conversions that are known at `as_of`."""
        return self.outcomes.filter(pl.col("converted_at") <= self.as_of)

    @property
    def conversions(self) -> int:
        """Return how many conversions calibrate can learn from."""
        return self.known["lead_id"].n_unique()

    @property
    def open(self) -> Flags:
        """Return which leads are open at `as_of`."""
        closed = self.leads["closed_at"] if "closed_at" in self.leads.columns else None
        still = ~self.leads["id"].is_in(self.known["lead_id"].implode())
        return (still if closed is None else still & (closed > self.as_of).fill_null(value=True)).to_numpy()

    def won(self, horizon: float) -> Flags:
        """Return which leads convert within a number of days after `as_of`."""
        until = pl.lit(self.as_of) + pl.duration(days=horizon)
        later = self.outcomes.filter((pl.col("converted_at") > self.as_of) & (pl.col("converted_at") <= until))
        return self.leads["id"].is_in(later["lead_id"].implode()).to_numpy()


Trial = TableTrial | DatedTrial


@dataclass(frozen=True)
class Source:
    """Makes trials by their seed, which says how leads are drawn or held out."""

    make: Callable[[int], Trial]
    draws: int = 1
    """Over how many seeds the figures are averaged."""


def of_world(make: Callable[..., World], leads: int | None = None, seed: int = 0) -> Trial:
    """Return the trial of a simulated world; of a table twice as many leads are made, to learn from half."""
    world = make(seed=seed) if leads is None else make(leads=leads, seed=seed)
    if isinstance(world, DatedWorld):
        return _of_dated(world)
    twice = make(leads=2 * len(world.won), seed=seed)
    assert isinstance(twice, TableWorld)
    return _of_table(twice)


def _of_table(world: TableWorld) -> TableTrial:
    """Hold out the newer half, as it was when it was created."""
    first = len(world.won) // 2
    return TableTrial(
        learn=world.table[:first],
        ask=world.then[first:],
        outcome=OUTCOME,
        won=world.won[first:],
        chance=world.chance[first:],
        honest=world.honest,
        as_of=world.as_of,
    )


def _of_dated(world: DatedWorld) -> DatedTrial:
    ever = np.flatnonzero(np.isfinite(world.converted))
    return DatedTrial(
        leads=world.leads.rename({"lead": "id"}),
        activities=world.activities.rename({"lead": "lead_id"}),
        outcomes=world.conversions(ever).rename({"lead": "lead_id", "occurred_at": "converted_at"}),
        as_of=world.as_of,
        chance=world.chance,
    )


@dataclass(frozen=True)
class Rows:
    """How a table of real data is read: what converts, in which order, and what was not known beforehand."""

    outcome: str
    order: str | None = None
    without: tuple[str, ...] = ()
    share: float = HELD
    mixed: bool = False
    """Whether the order of the rows means nothing, so that random parts are held out."""
    honest: tuple[str, ...] = ()
    as_of: str | None = None


def of_rows(path: Path, rows: Rows, seed: int = 0) -> TableTrial:
    """Hold out the newest rows of a file, or random ones."""
    frame = read(path)
    if rows.order is not None:
        frame = frame.sort(pl.col(rows.order).cast(pl.Float64))
    if rows.mixed:
        frame = frame.sample(fraction=1.0, shuffle=True, seed=seed)
    numbered = frame.with_columns(pl.format("row {}", pl.int_range(pl.len())).alias("id"))
    options = [word for column in rows.without for word in ("--exclude", column)]
    if rows.order is not None:
        options += ["--order", rows.order]
    first = round((1 - rows.share) * len(frame))
    won = yes(numbered[rows.outcome])
    plain = numbered.drop([name for name in frame.columns if name.lower() == "id"])
    return TableTrial(
        plain[:first],
        plain[first:],
        rows.outcome,
        won[first:],
        options=tuple(options),
        honest=rows.honest,
        as_of=rows.as_of,
    )


def yes(column: pl.Series) -> Flags:
    """Return which cells of an outcome say yes."""
    return column.cast(pl.String).str.to_lowercase().is_in(["1", "yes", "true"]).to_numpy()


def read(path: Path) -> pl.DataFrame:
    """Read a CSV file with the separator of its first line, every cell as text."""
    with path.open(encoding="utf-8-sig") as lines:
        first = lines.readline()
    return pl.read_csv(path, separator=max(",;\t", key=first.count), infer_schema=False)
