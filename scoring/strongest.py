"""How long the lines that *why now* names stay the strongest, while the points of some of them fade."""

from collections.abc import Iterator
from functools import cached_property
from typing import Final

import numpy as np

from scoring.card.rules.ahead import NEVER, NOW
from scoring.motion import Motion
from scoring.points import Ledger
from scoring.room import SAFE
from scoring.shares import Shares
from scoring.why_now import KNOWN, rows_of_deeds, rows_of_fit
from vocabulary.arrays import Flags, Floats, Ints

DEEDS: Final = 1
HALF: Final = 0.5
TINY: Final = 1e-9


def until_others_lead(ledger: Ledger, items: Shares, asked: Flags) -> Ints:
    """Return in how many microseconds other lines can become the strongest of the leads that are asked for.

    The line with more points never gets fewer whole ones, since the greatest fractions are rounded up first. It stays
    before another one that comes first in the scorecard as long as it has one point more.
    """
    until = np.full(ledger.history.leads, NEVER)
    fades = ledger.motion("uncut", 1).moves | ledger.motion("uncut", -1).moves
    at = np.flatnonzero(fades & asked)
    if len(at):
        until[at] = _Lines(ledger, items, at).until()
    return until


class _Lines:
    """The lines of some leads: one row each, one column per lead."""

    def __init__(self, ledger: Ledger, items: Shares, at: Ints) -> None:
        self.ledger, self.at, self.columns = ledger, at, np.arange(len(at))
        self.points = ledger.points[:, at]
        self.whole, self.shared = np.zeros(self.points.shape, np.int64), np.zeros(self.points.shape)
        place = np.full(ledger.history.leads, -1)
        place[at] = self.columns
        mine = np.flatnonzero(place[items.lead] >= 0)
        self.whole[items.number[mine], place[items.lead[mine]]] = items.whole[mine]
        self.shared[items.number[mine], place[items.lead[mine]]] = items.points[mine]
        limits = [number for number, row in enumerate(ledger.rows) if row.type == "limit"]
        self.limited: Flags = (self.points[limits] != 0).any(axis=0)
        """Whose lines are cut or lifted by a limit."""

    def until(self) -> Ints:
        """Return how long the same lines are named."""
        negative = (self.points[list(self.ledger.rules)] < 0).any(axis=0)
        unknown = self.ledger.contested[self.at] | (self.limited & negative)
        found = [*self._of(rows_of_deeds(self.ledger), DEEDS), *self._of(rows_of_fit(self.ledger), KNOWN)]
        until = np.where(unknown, NOW, np.minimum.reduce([np.full(len(self.at), NEVER), *found]))
        return np.where(self._settled & ~self.ledger.contested[self.at], NEVER, until)

    @property
    def _settled(self) -> Flags:
        """Return whose fractions are too small together to give any line another whole point."""
        loose = np.zeros(len(self.at))
        for row in self.ledger.rules:
            points = np.round(self.points[row], 9)
            whole = ~self._motion(row).moves & (points == np.floor(points))
            loose += np.where(whole, 0.0, np.abs(points))
        settled: Flags = ~self.limited & (loose < HALF - SAFE)
        return settled

    def _motion(self, row: int) -> Motion:
        """Return how much the points of a line can fade, of either sign."""
        ahead = [self.ledger.ahead[row]] if row in self.ledger.ahead else []
        gains, losses = (Motion.of(ahead, sign, self.ledger.history.leads).only(self.at) for sign in (1, -1))
        return Motion(gains.half_lives, gains.halved + losses.halved, gains.slope + losses.slope)

    def _of(self, rows: Ints, named: int) -> Iterator[Ints]:
        """Yield how long each place among the strongest of these lines stays taken by the same one."""
        if not len(rows):
            return
        order = rows[np.argsort(-self.whole[rows], axis=0, kind="stable")]
        for place in range(min(named, len(rows))):
            first, later = order[place], order[place + 1 :]
            taken = self.whole[first, self.columns] > 0
            needed, empty = np.ones(len(self.at)), self.points[first, self.columns] <= 0
            for row in later:
                points = self.points[row, self.columns]
                beside = self._keeps_pace(first, row)
                needed = np.maximum(needed, np.where((points > 0) & ~beside, points + (row < first), 0.0))
                empty &= points <= 0
            yield np.where(taken, self._at_least(first, needed), np.where(empty, NEVER, NOW))

    def _keeps_pace(self, first: Ints, row: Ints) -> Flags:
        """Return where a weaker line comes later in the scorecard and is halved in the same time, or sooner."""
        pace, own = self._pace[first, self.columns], self._pace[row, self.columns]
        more = self.points[first, self.columns] >= self.points[row, self.columns]
        keeps: Flags = (own > 0) & (own <= pace) & more & (row > first) & ~self.limited
        return keeps

    @cached_property
    def _pace(self) -> Ints:
        """The time in which the points of each line are halved; 0 where they fade otherwise, or are cut."""
        pace = np.zeros(self.points.shape, np.int64)
        for row, ahead in self.ledger.ahead.items():
            if ahead.fading is not None:
                pace[row] = np.where(ahead.fading[self.at] == self.points[row], ahead.half_life, 0)
        return pace

    def _at_least(self, first: Ints, needed: Floats) -> Ints:
        """Return how long the line in a row of each lead keeps at least so many points."""
        shared, until = self.shared[first, self.columns], np.full(len(self.at), NEVER)
        until[shared < needed - TINY] = NOW
        for row in np.unique(first):
            mine = np.flatnonzero((first == row) & (until == NEVER))
            slack = np.maximum(shared[mine] - needed[mine] - SAFE, 0.0)
            until[mine] = self._motion(int(row)).only(mine).until(slack)
        return until
