"""Shares: what each line contributes to the score once limits are shared over the lines, in whole points."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from scoring.points import Ledger
from vocabulary.arrays import Floats, Ints

NANO: Final = 10**9
"""Points are settled to this fraction of a point, so that equal remainders compare as equal."""

_MOST: Final = 9e9
"""In billionths no more than this fits into a word."""
WORD: Final = 63
"""Bits of a sorting key. Sorting one integer is several times as fast as sorting by two."""


@dataclass(frozen=True, slots=True)
class Shares:
    """The items of a chunk, ordered by lead and by the scorecard; their whole points add up to the scores."""

    number: Ints
    """The row of each item in the ledger."""
    lead: Ints
    line: Floats
    """The points before limits were shared."""
    points: Floats
    whole: Ints


def shares(ledger: Ledger, score: Ints) -> Shares:
    """Return the items of every lead; `score` has the rounded scores."""
    scale = _Scale(ledger)
    number, lead = scale.cells()
    line = scale.lines(number, lead)
    points = scale.scaled(number, lead, line)
    return Shares(number, lead, line, points, _whole(lead, points, score))


class _Scale:
    """What the limits leave of each row: a factor for the positive items below them, and one for the negative ones.

    A cut takes from the positive items of its place in proportion, a lift gives back to the negative ones. What they
    cannot bear becomes an item of the place itself, in the row of its limit.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.over = surrounding(ledger)
        self.left: dict[int, Floats] = {}
        """The points of places, by the row of their limit."""
        self._factors: dict[int, tuple[Floats, Floats]] = {}
        self._add_up()
        self._multiply()

    def _add_up(self) -> None:
        """Add up the positive and the negative items of each place, from the inside out."""
        sums = {number: self._nothing() for number, row in enumerate(self.ledger.rows) if row.type == "limit"}
        for number, row in enumerate(self.ledger.rows):
            points = self.ledger.points[number]
            if row.type == "limit":
                gains, losses = self._limited(number, points, *sums.pop(number))
            else:
                gains, losses = np.maximum(points, 0), np.minimum(points, 0)
            if self.over[number] in sums:
                for total, more in zip(sums[self.over[number]], (gains, losses), strict=True):
                    np.add(total, more, out=total)

    def _nothing(self) -> tuple[Floats, Floats]:
        return np.zeros(self.ledger.history.leads), np.zeros(self.ledger.history.leads)

    def _limited(self, number: int, change: Floats, gains: Floats, losses: Floats) -> tuple[Floats, Floats]:
        """Return what a limit leaves of the positive and the negative items of its place."""
        if not change.any():
            return gains, losses
        kept, raised = gains + np.minimum(change, 0), losses + np.maximum(change, 0)
        self.left[number] = np.minimum(kept, 0) + np.maximum(raised, 0)
        after, below = np.maximum(kept, 0), np.minimum(raised, 0)
        self._factors[number] = _ratio(after, gains), _ratio(below, losses)
        return after + np.maximum(raised, 0), below + np.minimum(kept, 0)

    def _multiply(self) -> None:
        """Multiply the factors of each place by those of the places around it."""
        for number in reversed(range(len(self.ledger.rows))):
            outer = self._factors.get(self.over[number])
            if self.ledger.rows[number].type == "limit" and outer is not None:
                own = self._factors.get(number)
                self._factors[number] = outer if own is None else (own[0] * outer[0], own[1] * outer[1])

    def cells(self) -> tuple[Ints, Ints]:
        """Return the row and the lead of every item, lead by lead."""
        rows = len(self.ledger.rows)
        there = self.ledger.points[:rows] != 0
        for place in range(rows):
            if place not in self.ledger.rules:
                there[place] = self.left[place] != 0 if place in self.left else False
        lead, number = np.nonzero(np.ascontiguousarray(there.T))
        return number, lead

    def lines(self, number: Ints, lead: Ints) -> Floats:
        """Return the points of items before the limits around them."""
        points: Floats = self.ledger.points.take(number * self.ledger.history.leads + lead)
        for row, left in self.left.items():
            own = np.flatnonzero(number == row)
            points[own] = left[lead[own]]
        return points

    def scaled(self, number: Ints, lead: Ints, points: Floats) -> Floats:
        """Return the points of items after all limits."""
        if not self._factors:
            return points
        rank = {place: 1 + 2 * position for position, place in enumerate(self._factors)}
        none = (np.ones(self.ledger.history.leads),)
        factors = np.concatenate([*none, *(one for both in self._factors.values() for one in both)])
        first = np.array([rank.get(over, 0) for over in self.over])[number]
        first += (points < 0) & (first > 0)
        scaled: Floats = points * factors.take(first * self.ledger.history.leads + lead)
        return scaled


def surrounding(ledger: Ledger) -> list[int]:
    """Return the row of the limit that is directly around each row; -1 if there is none."""
    over = [-1] * len(ledger.rows)
    for number, row in enumerate(ledger.rows):
        if row.type == "limit":
            for inner in range(row.first, number):
                over[inner] = number if over[inner] < 0 else over[inner]
    return over


def _ratio(after: Floats, before: Floats) -> Floats:
    return np.divide(after, before, out=np.ones_like(before), where=before != 0)


def _whole(lead: Ints, points: Floats, score: Ints) -> Ints:
    """Round by largest remainder: down, then one more for the greatest fractions until the sum is the score."""
    settled = np.round(np.clip(points, -1e15, 1e15), 9)
    down = np.floor(settled)
    fraction = np.rint((settled - down) * NANO).astype(np.int64)
    count = np.bincount(lead, minlength=len(score))
    missing = score - np.bincount(lead, down, len(score)).astype(np.int64)
    each, first = np.divmod(missing, np.maximum(count, 1))
    whole: Ints = down.astype(np.int64) + (each[lead] if each.any() else 0)
    whole[by_weight(lead, count, fraction)[ranks(lead, count) < first[lead]]] += 1
    return whole


def ranks(lead: Ints, count: Ints) -> Ints:
    """Return the position of each item among those of its lead; `lead` is sorted, `count` the items of each lead."""
    return np.arange(len(lead)) - (np.cumsum(count) - count)[lead]


def settled(points: Floats) -> Ints:
    """Return points in billionths, in which those that differ by a rounding error are equal."""
    return np.rint(np.round(np.clip(points, -_MOST, _MOST), 9) * NANO).astype(np.int64)


def heaviest(items: Shares, chosen: Ints, most: int, weight: Ints) -> tuple[Ints, Ints]:
    """Return the heaviest of the chosen items of each lead, heaviest first, and the rank of each.

    `chosen`: places in `items`; `weight`: what each of all items weighs, ties as they are. It is not negative.
    """
    lead = items.lead[chosen]
    count = np.bincount(lead, minlength=1)
    order = by_weight(lead, count, weight[chosen])
    rank = ranks(lead, count)
    kept = np.flatnonzero(rank < most)
    return chosen[order[kept]], rank[kept]


def by_weight(lead: Ints, count: Ints, weight: Ints) -> Ints:
    """Return the order of items by lead, heaviest first, ties as they are; `lead` is sorted, no weight is negative."""
    place, most = ranks(lead, count), int(weight.max(initial=0))
    for_place, for_weight = int(count.max(initial=0)).bit_length(), most.bit_length()
    if len(count).bit_length() + for_weight + for_place >= WORD:
        return np.lexsort((-weight, lead))
    keys = (((lead << for_weight) | (most - weight)) << for_place) | place
    keys.sort()
    ordered: Ints = (np.cumsum(count) - count)[lead] + (keys & ((1 << for_place) - 1))
    return ordered
