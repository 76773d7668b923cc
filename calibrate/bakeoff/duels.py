"""One score of ours against one of theirs: who catches more conversions, and which ones each of them missed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, floor, isnan
from typing import Final, Literal

import numpy as np
import polars as pl

from calibrate.bakeoff.capacity import Openings
from calibrate.card.replay import Reasons
from calibrate.past.panel import Mask, Panel
from calibrate.past.snapshots import moment_of
from calibrate.statistics.fit import Floats

LISTED: Final = 20
REASONS: Final = 4
OFTEN: Final = 0.9
"""A score that has a value less often than this is said to be rarely known."""
MOSTLY: Final = 0.5
"""The difference in calls from which one score counts as calling a lead and the other as missing it."""
Outcome = Literal["more", "fewer", "no difference"]


@dataclass(frozen=True)
class Missed:
    """A conversion that one score called in time and the other did not, as it was at that call."""

    lead: str
    called: date | None
    converted: date | None
    open: int
    """How many leads were open at that time."""
    mine: str
    my_rank: int
    theirs: str
    their_rank: int
    reasons: tuple[str, ...]
    """What our score saw, such as `+12 Pricing page`."""


@dataclass(frozen=True)
class Duel:
    """What our score catches beyond the other, and how much better it ranks, with 95 % intervals."""

    mine: str
    theirs: str
    caught: float
    others: float
    more: float
    low: float
    high: float
    outcome: Outcome
    """`no difference` unless the whole interval says otherwise."""
    sentence: str
    auc_more: float
    auc_low: float
    auc_high: float
    ranking: Outcome
    they_missed: tuple[Missed, ...] = ()
    """The conversions that only ours called, at most 20."""
    they_missed_all: int = 0
    we_missed: tuple[Missed, ...] = ()
    we_missed_all: int = 0

    @property
    def span(self) -> str:
        """Return the interval of the difference in conversions, rounded outwards; empty without one."""
        return "" if isnan(self.low) else f"{signed(floor(self.low))} to {signed(ceil(self.high))}"

    @property
    def in_all(self) -> int:
        """Return the difference in whole conversions, as both are told."""
        return abs(round(self.caught) - round(self.others))


@dataclass(frozen=True)
class Frame:
    """How many calls there are, in words, how many conversions to catch, and how often theirs has a value."""

    calls: str
    conversions: int
    known: float = 1.0


def duel(
    names: tuple[str, str],
    caught: tuple[float, float],
    span: tuple[float, float],
    auc: tuple[float, float, float],
    frame: Frame,
) -> Duel:
    """Return who wins. `span` and `auc` have the 95 % intervals of the differences, `auc` after the difference."""
    outcome = _outcome(floor(span[0]), ceil(span[1])) if not isnan(span[0]) else "no difference"
    more, auc_low, auc_high = auc
    return Duel(
        *names,
        *caught,
        more=caught[0] - caught[1],
        low=span[0],
        high=span[1],
        outcome=outcome,
        sentence=_sentence(names, caught, span, outcome, frame),
        auc_more=more,
        auc_low=auc_low,
        auc_high=auc_high,
        ranking=_outcome(auc_low, auc_high),
    )


def _outcome(low: float, high: float) -> Outcome:
    if low > 0:
        return "more"
    return "fewer" if high < 0 else "no difference"


def _sentence(
    names: tuple[str, str], caught: tuple[float, float], span: tuple[float, float], outcome: Outcome, frame: Frame
) -> str:
    mine, theirs = (round(one) for one in caught)
    counts = (
        f"With {frame.calls}, the {names[0][0].lower()}{names[0][1:]} would have caught {mine:,} of"
        f" {frame.conversions:,} conversions, {names[1]} {theirs:,}"
    )
    rarely = f" It had a value for only {frame.known:.0%} of the leads each week." if frame.known < OFTEN else ""
    if outcome == "no difference":
        reach = "" if isnan(span[0]) else f" (the difference lies between {signed(floor(span[0]))} and"
        return f"{counts}: no difference beyond chance{reach and f'{reach} {signed(ceil(span[1]))})'}.{rarely}"
    low, high = sorted((abs(floor(span[0])), abs(ceil(span[1]))))
    return f"{counts}: {abs(mine - theirs):,} {outcome}, 95 % sure between {low:,} and {high:,}.{rarely}"


def signed(number: float) -> str:
    """Return a whole number with its sign; 0 has none."""
    return f"{number:+.0f}".replace("-", "−") if round(number) else "0"  # noqa: RUF001 - a minus sign


@dataclass(frozen=True)
class Side:
    """A score in a duel."""

    name: str
    ranked: Floats
    """One number for each row of the openings, the best the highest; the lowest where it has no value."""
    shown: pl.Series
    """The values as people read them."""
    parts: Floats
    """The part of a call that each row gets."""


@dataclass(frozen=True)
class Lists:
    """Finds the conversions that one side called and the other did not."""

    panel: Panel
    openings: Openings
    ids: pl.Series
    reasons: Callable[[Panel], Sequence[Reasons]]
    dated: bool

    def only(self, winner: Side, mine: Side, theirs: Side) -> tuple[tuple[Missed, ...], int]:
        """Return the conversions that only the winner called, those that it ranked highest, and how many there are."""
        loser = theirs if winner is mine else mine
        gap = self._caught(winner) - self._caught(loser)
        leads = np.flatnonzero(gap > MOSTLY)
        if not len(leads):
            return (), 0
        rows = np.array([self._call(winner, lead) for lead in leads], np.int64)
        ranks = np.array([_rank(winner, int(row), self.openings.week == self.openings.week[row]) for row in rows])
        in_all = round(float(gap[gap > 0].sum()))
        rows = rows[np.lexsort((leads, ranks, -gap[leads]))][: min(LISTED, in_all)]
        why = self.reasons(self.panel.take(rows))
        listed = [self._missed(int(row), mine, theirs, said) for row, said in zip(rows, why, strict=True)]
        return tuple(sorted(listed, key=lambda one: (one.called or date.min, one.lead))), in_all

    def _caught(self, side: Side) -> Floats:
        openings = self.openings
        caught = np.bincount(openings.lead, side.parts * openings.won, len(openings.group))
        return caught.astype(np.float64)

    def _call(self, side: Side, lead: np.int64) -> int:
        """Return the row in which a lead gets most of its call."""
        rows = np.flatnonzero(self.openings.lead == lead)
        return int(rows[np.argmax((side.parts * self.openings.won)[rows])])

    def _missed(self, row: int, mine: Side, theirs: Side, said: Reasons) -> Missed:
        panel, openings = self.panel, self.openings
        here = openings.week == openings.week[row]
        called = moment_of(float(panel.moment[row])).date() if self.dated else None
        ahead = None if panel.ahead is None else float(panel.ahead[row])
        return Missed(
            lead=str(self.ids[int(panel.lead[row])]),
            called=called,
            converted=None if ahead is None or called is None else called + timedelta(days=floor(ahead)),
            open=int(here.sum()),
            mine=mine.shown[row] or "none",
            my_rank=_rank(mine, row, here),
            theirs=theirs.shown[row] or "none",
            their_rank=_rank(theirs, row, here),
            reasons=tuple(worded(said)),
        )


def _rank(side: Side, row: int, here: Mask) -> int:
    return 1 + int((side.ranked[here] > side.ranked[row]).sum())


def worded(given: Reasons) -> list[str]:
    """Return the largest points of a snapshot with their rules."""
    largest = sorted(given, key=lambda one: (-abs(one[1]), one[0]))
    return [f"{signed(points)} {name}" for name, points in largest if round(points)][:REASONS]
