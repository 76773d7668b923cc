"""Simulates calls: each week the best by a score who were not called before, as many as the capacity allows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

import numpy as np

from calibrate.past.panel import Codes
from calibrate.statistics.fit import Floats

DRAWS: Final = 200
NOBODY: Final = 1e-9
"""Less of a call than this is rounding."""


@dataclass(frozen=True)
class Openings:
    """Whom there was to call: a row for each lead that was open in each week, in order of the weeks."""

    week: Codes
    lead: Codes
    """Numbers from 0."""
    won: Floats
    """1 where the lead converted within the horizon after that week's call, else 0."""
    group: Codes
    """The company or person of each lead, by its number. Intervals resample these."""

    @cached_property
    def weeks(self) -> int:
        """Return in how many weeks there was anybody to call."""
        return len(np.unique(self.week))

    @cached_property
    def wins(self) -> int:
        """Return how many leads converted within the horizon of one of their weeks."""
        return len(np.unique(self.lead[self.won > 0]))

    @cached_property
    def bounds(self) -> Sequence[tuple[int, int]]:
        """Return the first row of each week and the one after its last."""
        edges = np.flatnonzero(np.diff(self.week)) + 1
        return list(pairwise([0, *edges.tolist(), len(self.week)])) if len(self.week) else []

    def usual(self, share: float) -> int:
        """Return the calls a week that reach this share of the leads over all weeks, at least 1."""
        return max(1, round(share * len(np.unique(self.lead)) / max(1, self.weeks)))


@dataclass(frozen=True)
class Queue:
    """The rows of openings in the order of calling: by week, the best score first. Equal scores are called together."""

    openings: Openings
    rows: Codes
    runs: Sequence[tuple[Codes, Codes]]
    """For each week, where its runs of equal scores begin, and how long they are."""

    @classmethod
    def by(cls, openings: Openings, score: Floats) -> "Queue":
        """Return the queue by a score without NaN."""
        rows = np.lexsort((-score, openings.week))
        ordered = score[rows]
        return cls(openings, rows, [_runs(ordered[first:last]) for first, last in openings.bounds])

    def called(self, capacity: float) -> Floats:
        """Return for each row of the openings the part of a call that the lead gets in that week.

        Leads with equal scores share the calls that are left for them evenly. The parts of a lead add up to at most 1.
        """
        openings, left, parts = self.openings, np.ones(len(self.openings.group)), np.zeros(len(self.rows))
        for (first, last), runs in zip(openings.bounds, self.runs, strict=True):
            rows = self.rows[first:last]
            lead = openings.lead[rows]
            part = left[lead] * _reached(left[lead], runs, capacity)
            parts[rows] = part
            left[lead] -= part
        return parts

    def caught(self, capacity: float) -> float:
        """Return how many conversions follow a call within the horizon."""
        return float(self.called(capacity) @ self.openings.won)


def _runs(ordered: Floats) -> tuple[Codes, Codes]:
    """Return the start of each run of equal values, and its length."""
    starts = np.flatnonzero(np.concatenate([[True], np.diff(ordered) != 0])).astype(np.int64)
    return starts, np.diff(starts, append=len(ordered))


def _reached(size: Floats, runs: tuple[Codes, Codes], capacity: float) -> Floats:
    """Return the share of each row that the calls reach, given how many calls each takes, best first."""
    starts, lengths = runs
    run = np.add.reduceat(size, starts)
    before = np.cumsum(run) - run
    share = np.clip((capacity - before) / np.maximum(run, NOBODY), 0.0, 1.0)
    return np.repeat(share, lengths)


def draws(openings: Openings, parts: Mapping[str, Floats], seed: int) -> dict[str, Floats]:
    """Return how many conversions are caught on bootstrap samples of the groups, the same samples for all scores.

    `parts`: the calls that each row gets by each score. They stay as they were: simulating them again on each sample
    gave wider intervals, which found fewer of the true differences.
    """
    generator = np.random.default_rng(seed)
    group = np.unique(openings.group, return_inverse=True)[1][openings.lead]
    size = int(group.max(initial=-1)) + 1
    caught = np.array([np.bincount(group, part * openings.won, size) for part in parts.values()])
    found = np.zeros((len(parts), DRAWS))
    for draw in range(DRAWS):
        found[:, draw] = caught @ np.bincount(generator.integers(size, size=size), minlength=size)
    return dict(zip(parts, found, strict=True))


def curve(queue: Queue, capacities: Sequence[float]) -> tuple[float, ...]:
    """Return how many conversions are caught with each of some capacities."""
    return tuple(queue.caught(capacity) for capacity in capacities)
