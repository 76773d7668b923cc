"""Snapshots as arrays: what was known about a lead at a time, and whether it converted within the horizon."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from calibrate.statistics.fit import Floats
from scoring.card.rules.measure import Days

Mask = NDArray[np.bool_]
Codes = NDArray[np.int64]


def some_of(rows: Codes, most: int, generator: np.random.Generator) -> Codes:
    """Return at most this many of some rows, sampled evenly, in their order."""
    return rows if len(rows) <= most else np.sort(generator.choice(rows, most, replace=False))


@dataclass(frozen=True)
class Signal:
    """A kind of activity that a rule can use: the condition of an activity rule and its name."""

    name: str
    condition: dict[str, Any]
    once: bool = False
    """Whether no lead has more than one, such as a first visit."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return the activity kinds of the condition."""
        kind = self.condition.get("kind", ())
        return (kind,) if isinstance(kind, str) else tuple(kind)


@dataclass(frozen=True)
class Panel:
    """One row per snapshot. `counts[h][:, s]` is the decayed count of signal `s` at the half-life `GRID[h]`."""

    fields: pl.DataFrame
    label: Floats
    lead: Codes
    group: Codes
    moment: Floats
    """Days since the epoch, or the position in the order if there are no dates."""
    age: Floats | None = None
    signals: tuple[Signal, ...] = ()
    counts: tuple[NDArray[np.float32], ...] = ()
    ever: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    ahead: Floats | None = None
    """Days until the lead converts; infinite if it has not."""
    window: float | None = None
    """The horizon of the label in days; None if there are no dates."""
    locked: Floats | None = None
    """The points of the locked rules."""
    days: Mapping[str, Days] = field(default_factory=dict)
    """How the time fields are measured as of each snapshot; the numbers are among the fields."""
    filled_in: Floats | None = None
    """Whether fields with telling emptiness are known: fitted beside the rules and never scored."""

    def __len__(self) -> int:
        return len(self.label)

    def take(self, rows: Mask | Codes) -> "Panel":
        """Return a panel of these rows."""
        index = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        return replace(
            self,
            fields=self.fields[index] if self.fields.width else self.fields,
            label=self.label[index],
            lead=self.lead[index],
            group=self.group[index],
            moment=self.moment[index],
            age=None if self.age is None else self.age[index],
            counts=tuple(block[index] for block in self.counts),
            ever=self.ever[index] if len(self.ever) else self.ever,
            ahead=None if self.ahead is None else self.ahead[index],
            locked=None if self.locked is None else self.locked[index],
            filled_in=None if self.filled_in is None else self.filled_in[index],
        )

    def sample(self, rows: int, generator: np.random.Generator) -> "Panel":
        """Return at most this many rows, sampled evenly."""
        return self if len(self) <= rows else self.take(some_of(np.arange(len(self)), rows, generator))

    def some_rows(self, rows: int, generator: np.random.Generator) -> Codes:
        """Return the places of at most this many rows, in order; with the same seed, fewer are part of more."""
        return np.sort(generator.permutation(len(self))[:rows]).astype(np.int64)

    def counted(self, rows: Mask) -> tuple[int, int]:
        """Return how many leads there are in these rows, and how many that convert within the horizon of one."""
        return len(np.unique(self.lead[rows])), len(np.unique(self.lead[rows & (self.label > 0)]))

    def lift(self, rows: Mask) -> float:
        """Return how often these rows are followed by a conversion, relative to all; NaN without rows."""
        return float(self.label[rows].mean() / self.rate) if rows.any() else float("nan")

    def about_now(self, days: float) -> "Panel":
        """Return the panel labelled by the next few days only, because later events would hide the decay."""
        return self if self.ahead is None else replace(self, label=(self.ahead <= days).astype(np.float64), window=days)

    @property
    def weight(self) -> Floats:
        """Return the weight of each row: one divided by the number of the lead's snapshots that cover the same days."""
        return np.full(len(self), 1 / self._overlap())

    def _overlap(self) -> float:
        if self.window is None or not len(self):
            return 1.0
        leads, place = np.unique(self.lead, return_inverse=True)
        last, first = np.full(len(leads), -np.inf), np.full(len(leads), np.inf)
        np.maximum.at(last, place, self.moment)
        np.minimum.at(first, place, self.moment)
        a_day = len(self) / float((last - first + self.window).sum())
        return max(1.0, a_day * self.window)

    @property
    def leads(self) -> int:
        """Return the number of leads."""
        return len(np.unique(self.lead))

    @property
    def converted(self) -> int:
        """Return the number of leads that converted within the horizon of one of their snapshots."""
        return len(np.unique(self.lead[self.label > 0]))

    @property
    def rate(self) -> float:
        """Return the share of snapshots followed by a conversion."""
        return float(self.label.mean()) if len(self) else 0.0


Mondays = Callable[[float], tuple[Panel, float]]
"""Returns who was open on each Monday from a day on, and which share of the leads these are a sample of."""
