"""How long the lines that *why now* names stay the strongest, while the points of some of them fade."""

from functools import cached_property
from typing import Final

import numpy as np

from scoring.card.rules.ahead import NEVER, NOW
from scoring.motion import LONGEST
from scoring.points import Ledger
from scoring.room import SAFE
from scoring.shares import Shares, heaviest, settled, surrounding
from scoring.why_now import FAINT, KNOWN, rows_of_deeds, rows_of_fit, worth_naming
from vocabulary.arrays import Flags, Floats, Ints

DEEDS: Final = 1
STEPS: Final = 16
"""How often the moment of a crossing is bounded again from where the last bound came to."""
SLIGHT: Final = 0.01
"""Where limits may leave less than this share of a line, shares that differ could settle to equal ones."""
TINY: Final = 1e-30
ALIKE: Final = 1e-6
"""Points that differ by a smaller share of them could settle to equal ones while they fade."""


def until_others_lead(ledger: Ledger, items: Shares, asked: Flags) -> Ints:
    """Return in how many microseconds other lines can become the strongest of the leads that are asked for.

    A line loses its place by fading, or because a limit takes more from it, or less from another one.
    """
    until, places = np.full(ledger.history.leads, NEVER), _Places(ledger)
    for rows, named in ((rows_of_deeds(ledger), DEEDS), (rows_of_fit(ledger), KNOWN)):
        there = worth_naming(items, rows)
        there = there[asked[items.lead[there]]]
        if len(there):
            at, rank = heaviest(items, there, len(ledger.rows), settled(items.points))
            lines = _Lines(ledger, places, items.number[at], items.lead[at])
            for place in range(named):
                first = np.flatnonzero((rank == place) & (lines.fade | lines.stirred))
                lead = lines.lead[first]
                until[lead] = np.minimum(until[lead], _Contest(lines, first, np.flatnonzero(rank > place)).until())
    return until


class _Places:
    """What the limit of each place leaves of the points above 0 inside: one row for each row of the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self.around = np.array(surrounding(ledger))
        shape = ledger.points.shape
        self.least, self.most = np.ones(shape), np.full(shape, np.inf)
        """The least share that will be left of each line, and the most points of any."""
        self.stirred = np.zeros(shape, np.bool_)
        """Where a limit takes from lines of which some fade."""
        self.fades = np.zeros(shape[1], np.bool_)
        for ahead in ledger.ahead.values():
            self.fades |= ahead.fades
        self.unclear = ledger.contested.copy()
        """The leads of which that is not known: a place that holds points of both signs is closed to them."""
        for number, row in enumerate(ledger.rows):
            if row.type == "limit":
                self._limit(ledger, number)

    def _limit(self, ledger: Ledger, number: int) -> None:
        row = ledger.rows[number]
        inside = [one for one in range(row.first, number) if one in ledger.rules]
        lifted = sum(max(one.minimum, 0.0) for one in ledger.rows[row.first : number] if one.type == "limit")
        gains = np.maximum(ledger.points[inside], 0).sum(axis=0) + lifted
        losses = -np.minimum(ledger.points[inside], 0).sum(axis=0)
        kept = losses.copy()
        for one in inside:
            if one in ledger.ahead:
                kept[ledger.ahead[one].fades & (ledger.points[one] < 0)] = 0
        cut = gains > row.maximum
        self.least[number, cut] = np.clip((row.maximum + kept[cut]) / gains[cut], 0, 1)
        self.most[number, cut] = np.maximum(row.maximum + losses[cut], 0)
        for one in inside:
            if one in ledger.ahead:
                self.stirred[number] |= cut & ledger.ahead[one].fades
        total = ledger.points[row.first : number].sum(axis=0)
        closed = np.abs(np.clip(total, row.minimum, row.maximum) - total - ledger.points[number]) > SAFE
        self.unclear |= closed & (losses > 0)


class _Lines:
    """Lines that can be named, ordered by lead, and what they are made of before the limits around them.

    The points of a line are at most `points`, and at most what is left after decay.
    """

    def __init__(self, ledger: Ledger, places: _Places, number: Ints, lead: Ints) -> None:
        self.number, self.lead, self.leads = number, lead, ledger.history.leads
        self.points = ledger.points[number, lead]
        self.faded, self.slope, self.half_life = np.zeros(len(lead)), np.zeros(len(lead)), np.ones(len(lead))
        for row in np.unique(number):
            self._ahead(ledger, int(row), np.flatnonzero(number == row))
        left = np.where(self.slope != 0, ledger.decayed[number, lead], 0)
        self.even = np.where(self.faded != 0, 0, np.maximum(left, self.points))
        """What does not halve: the points that stay, or are lost evenly."""
        self._around(places)

    def _ahead(self, ledger: Ledger, row: int, mine: Ints) -> None:
        ahead = ledger.ahead.get(row)
        if ahead is not None and ahead.fading is not None:
            self.faded[mine], self.half_life[mine] = ahead.fading[self.lead[mine]], ahead.half_life
        if ahead is not None and ahead.slope is not None:
            self.slope[mine] = ahead.slope[self.lead[mine]]

    def _around(self, places: _Places) -> None:
        """Note the group and the section of each line, and what their limits leave."""
        outer = places.around[places.around[self.number]]
        grouped = (outer >= 0) & (places.around[outer] >= 0)
        self.group = np.where(grouped, places.around[self.number], -1)
        self.section = np.where(grouped, outer, places.around[self.number])
        whole = places.around[self.section]
        self.least = np.where(grouped, places.least[self.group, self.lead], 1.0)
        self.most = np.where(grouped, places.most[self.group, self.lead], np.inf)
        self.cut = places.least[self.section, self.lead] < 1
        """Whether the section's limit takes from them."""
        left = self.least * places.least[self.section, self.lead] * places.least[whole, self.lead]
        self.unclear = places.unclear[self.lead] | (left < SLIGHT)
        moving = places.stirred[self.section, self.lead] | (self.unclear & places.fades[self.lead])
        moving |= grouped & places.stirred[self.group, self.lead]
        anyone = np.zeros(self.leads, np.bool_)
        anyone[self.lead[moving]] = True
        self.stirred = anyone[self.lead]
        """Whether limits may take more or less from any line of the same lead, or it is not known what they take."""

    @cached_property
    def fade(self) -> Flags:
        """Whether each line fades."""
        fade: Flags = (self.faded != 0) | (self.slope != 0)
        return fade

    def level(self, at: Ints, after: Floats) -> Floats:
        """Return what is left of some lines after decay, without their maximum, after so many microseconds."""
        level: Floats = self.faded[at] * np.exp2(-after / self.half_life[at]) + self.even[at] - self.slope[at] * after
        return level

    def speed(self, at: Ints, after: Floats) -> Floats:
        """Return what some lines lose at most in each microsecond from then on."""
        halves = np.log(2) / self.half_life[at]
        speed: Floats = self.faded[at] * halves * np.exp2(-after / self.half_life[at]) + self.slope[at]
        return speed


class _Contest:
    """The line in one place of each lead, against all that come after it."""

    def __init__(self, lines: _Lines, first: Ints, later: Ints) -> None:
        self.lines, self.first = lines, first
        owner = np.full(lines.leads, -1)
        owner[lines.lead[first]] = np.arange(len(first))
        self.later = later[owner[lines.lead[later]] >= 0]
        self.owner = owner[lines.lead[self.later]]
        """The place in `first` of the line that each later one is compared with."""
        own = first[self.owner]
        self.beside = (lines.group[own] == lines.group[self.later]) & (lines.section[own] == lines.section[self.later])
        """Where the same limits hold for both."""
        apart = (lines.section[own] != lines.section[self.later]) & (lines.cut[own] | lines.cut[self.later])
        unclear = lines.unclear[first]
        np.logical_or.at(unclear, self.owner, apart | lines.unclear[self.later])
        self.unclear = unclear

    def until(self) -> Ints:
        """Return how long each line keeps its place.

        Each step goes as far as the line can fade at its speed of then until it meets the highest of the others, which
        only fall. So it never goes too far.
        """
        lines, first, owner = self.lines, self.first, self.owner
        racing = ~self._keeps_pace
        later, owner = self.later[racing], owner[racing]
        scale, most = self._factors(racing)
        after = np.zeros(len(first))
        lost = self.unclear | self._equal(later, owner, scale, most)
        for _ in range(STEPS):
            highest = np.full(len(first), FAINT)
            points = np.minimum(lines.points[later], lines.level(later, after[owner]))
            np.maximum.at(highest, owner, np.minimum(points, most) * scale)
            slack = np.maximum(lines.level(first, after) - highest - SAFE, 0)
            after = np.minimum(after + slack / np.maximum(lines.speed(first, after), TINY), LONGEST)
        return np.where(lost, NOW, np.maximum(np.floor(after), NOW)).astype(np.int64)

    def _factors(self, racing: Flags) -> tuple[Floats, Floats]:
        """Return what the points of later lines are multiplied with to be compared, and what they are cut to before."""
        own, later = self.first[self.owner[racing]], self.later[racing]
        beside = self.beside[racing]
        scale = np.where(beside, 1.0, 1 / np.maximum(self.lines.least[own], SLIGHT))
        return scale, np.where(beside, np.inf, self.lines.most[later])

    def _equal(self, later: Ints, owner: Ints, scale: Floats, most: Floats) -> Flags:
        """Return which lines have no more points than a later one that does not come after them in the scorecard."""
        lines, own = self.lines, self.first[owner]
        points = np.minimum(lines.points[later], most) * scale
        plain = (scale == 1) & (points == lines.points[later])
        behind = plain & _comes_later(lines, own, later) & (settled(lines.points[own]) >= settled(points))
        equal = np.zeros(len(self.first), np.bool_)
        np.logical_or.at(equal, owner, ~behind & (lines.points[own] - points <= SAFE))
        return equal

    @property
    def _keeps_pace(self) -> Flags:
        """Return which later lines are halved as soon as the one they are compared with, or sooner, or do not fade."""
        lines, own, later = self.lines, self.first[self.owner], self.later
        halved = (lines.faded[own] == lines.points[own]) & (lines.faded[later] == lines.points[later])
        pace = halved & (lines.half_life[later] <= lines.half_life[own]) & self.beside
        uncut = (lines.least[own] == 1) & (lines.most[later] == np.inf)
        pace |= ~lines.fade[own] & ~lines.fade[later] & (self.beside | uncut)
        ahead = lines.points[own] - lines.points[later]
        behind = (ahead >= 0) & _comes_later(lines, own, later)
        keeps: Flags = pace & (behind | (ahead > ALIKE * lines.points[own]))
        return keeps


def _comes_later(lines: _Lines, own: Ints, other: Ints) -> Flags:
    """Return where the other line comes after a line in the scorecard."""
    comes: Flags = lines.number[other] > lines.number[own]
    return comes
