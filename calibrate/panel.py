"""Snapshots as arrays: what was known of a lead at a moment, and whether it converted within the horizon."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from calibrate.fit import Floats

Mask = NDArray[np.bool_]
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Signal:
    """Something a lead does that a rule can name: the condition of an activity rule, and words for it."""

    name: str
    condition: dict[str, Any]

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return the kinds of activity that the condition names."""
        kind = self.condition.get("kind", ())
        return (kind,) if isinstance(kind, str) else tuple(kind)


@dataclass(frozen=True)
class Panel:
    """One row a snapshot. `counts[h][:, s]` is the decayed count of signal `s` at the half-life `GRID[h]`."""

    fields: pl.DataFrame
    label: Floats
    lead: Codes
    group: Codes
    moment: Floats
    """Days since the epoch, or the place in the order where there are no dates."""
    age: Floats | None = None
    signals: tuple[Signal, ...] = ()
    counts: tuple[NDArray[np.float32], ...] = ()
    ever: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    ahead: Floats | None = None
    """Days until the lead converts, infinite where it has not."""
    window: float | None = None
    """Days in which the label looks for a conversion; None where there are no dates."""
    locked: Floats | None = None
    """Points of the locked rules."""

    def __len__(self) -> int:
        return len(self.label)

    def take(self, rows: Mask | Codes) -> "Panel":
        """Return the named rows as a panel of their own."""
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
        )

    def sample(self, rows: int, generator: np.random.Generator) -> "Panel":
        """Return at most this many rows, drawn evenly."""
        if len(self) <= rows:
            return self
        return self.take(np.sort(generator.choice(len(self), rows, replace=False)))

    def about_now(self, days: float) -> "Panel":
        """Return the panel labelled by the next few days: later events would hide the decay."""
        return self if self.ahead is None else replace(self, label=(self.ahead <= days).astype(np.float64), window=days)

    @property
    def weight(self) -> Floats:
        """Return the weight of each row: one over how many snapshots of a lead look at the same days."""
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
        """Return how many leads there are."""
        return len(np.unique(self.lead))

    @property
    def converted(self) -> int:
        """Return how many leads converted within the horizon of one of their snapshots."""
        return len(np.unique(self.lead[self.label > 0]))

    @property
    def rate(self) -> float:
        """Return the share of snapshots followed by a conversion."""
        return float(self.label.mean()) if len(self) else 0.0
