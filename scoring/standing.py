"""Standing: since when a lead has its priority, when it last rose by itself, and when the priority falls.

These follow from what was computed last. The first two move only when the priority does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

import numpy as np
import polars as pl

from scoring.frames import microseconds_since_epoch
from vocabulary.arrays import Flags, Ints
from vocabulary.fields import TIME

STATE: Final = pl.Schema(
    {
        "lead_priority": pl.String(),
        "lead_priority_since": TIME,
        "lead_priority_rose_at": TIME,
        "lead_expires_at": TIME,
        "lead_scorecard": pl.String(),
        "lead_scored_at": TIME,
        "own": pl.Boolean(),
    }
)
"""What was computed last, and whether the lead's own activities or fields have changed since (`own`)."""

AHEAD: Final = (1, 2, 4, 8, 16, 32, 64, 90)
"""Days at which the first fall is sought; it is then found by halving."""
NEVER: Final = 0
FEW: Final = 256
"""Up to this many leads, asking about all days at once is cheaper than asking day by day."""


class Later(Protocol):
    """Computes priorities at later times, if nothing happens. A lead may be asked about more than once."""

    def __call__(self, chosen: Ints, moments: Ints) -> pl.Series:
        """Return the priority of each chosen lead at its moment."""


Falls = Callable[[Ints, Ints], Flags]
"""The question whether leads have a lower priority on days, by their places and numbers."""


def state_of(previous: pl.DataFrame | None, leads: pl.DataFrame) -> pl.DataFrame | None:
    """Return the state of each lead, null for leads without one; None if `previous` does not have all of it."""
    if previous is None or not set(STATE) <= set(previous.columns):
        return None
    known = previous.select("lead", *STATE).cast(STATE).unique("lead", keep="last")
    return leads.select("lead").join(known, on="lead", how="left", maintain_order="left").select(*STATE)


@dataclass(frozen=True)
class Standing:
    """The priorities of a chunk of leads now, and what was computed before."""

    state: pl.DataFrame
    priority: pl.Series
    names: Sequence[str]
    """The names of the priorities, best first."""
    label: str
    """The label of the scorecard."""
    as_of: datetime

    @property
    def _known(self) -> Flags:
        return self.state["lead_scorecard"].is_not_null().to_numpy()

    @property
    def _moved(self) -> Flags:
        moved: Flags = ~self._known | self.priority.ne_missing(self.state["lead_priority"]).to_numpy()
        return moved

    @property
    def _now(self) -> pl.Series:
        """The time of scoring for each lead, in whole seconds, which every CRM keeps."""
        return pl.Series([self.as_of.replace(microsecond=0)], dtype=TIME).new_from_index(0, len(self.priority))

    def since(self) -> pl.Series:
        """Return since when each lead has its priority.

        A lead that an older version scored has had it at least since it was scored last.
        """
        before = self.state["lead_priority_since"]
        scored = self.state["lead_scored_at"].dt.truncate("1s")
        before = before.zip_with(before.is_not_null(), scored)
        return self._now.zip_with(pl.Series(self._moved), before).set(self.priority.is_null(), None)

    @property
    def _same_card(self) -> Flags:
        same: Flags = (self.state["lead_scorecard"] == self.label).fill_null(value=False).to_numpy()
        return same

    @property
    def _own(self) -> Flags:
        own: Flags = self.state["own"].fill_null(value=False).to_numpy()
        return own

    def rose_at(self) -> pl.Series:
        """Return when the lead's own activities or fields last raised its priority under an unchanged scorecard."""
        rises = levels(self.priority, self.names) < levels(self.state["lead_priority"], self.names)
        risen = (~self._known | self._same_card) & self._own & rises
        return self._now.zip_with(pl.Series(risen), self.state["lead_priority_rose_at"])

    def expires_at(self, days: Ints, later: Later, few: int) -> pl.Series:
        """Return when the priority falls if nothing happens: the first of the `days` on which it is lower.

        Up to `few` leads, `later` is asked about all days at once.
        """
        level, lowest = levels(self.priority, self.names), len(self.names)
        fresh = self._outdated
        chosen = np.flatnonzero(fresh & (level < lowest))
        kept = self.state["lead_expires_at"].set(pl.Series(fresh | (level == lowest)), None)
        if not len(chosen):
            return kept
        falls = self._falls(chosen, level, days, later)
        fall = _first_fall(len(chosen), _asked(len(chosen), len(days), falls) if len(chosen) <= few else falls)
        at = pl.Series(days[fall]).cast(TIME).set(pl.Series(fall == NEVER), None)
        return kept.scatter(chosen, at)

    @property
    def _outdated(self) -> Flags:
        """Return whose expiry has to be sought anew: what it rests on changed, or it came and the priority held."""
        untold = self.state["lead_priority_since"].is_null().to_numpy()
        past = (self.state["lead_expires_at"] <= self._now).fill_null(value=False).to_numpy()
        outdated: Flags = self._moved | untold | self._own | ~self._same_card | past
        return outdated

    def _falls(self, chosen: Ints, level: Ints, days: Ints, later: Later) -> Falls:
        """Return the question whether some of the chosen leads have a lower priority on days with these numbers."""

        def falls(places: Ints, numbers: Ints) -> Flags:
            lower: Flags = levels(later(chosen[places], days[numbers]), self.names) > level[chosen[places]]
            return lower

        return falls


def levels(priority: pl.Series, names: Sequence[str]) -> Ints:
    """Return the level of each priority by the `names`, best first: 1 is the best. None counts as the last one."""
    ranks = {name: level for level, name in enumerate(names, 1)}
    return priority.replace_strict(ranks, default=len(names), return_dtype=pl.Int64).to_numpy()


def midnights(as_of: datetime) -> Ints:
    """Return the start of the day of `as_of` and of each of the 90 days after it, on the clocks of its zone."""
    today = as_of.replace(hour=0, minute=0, second=0, microsecond=0, fold=0, tzinfo=None)
    days = (today + timedelta(days=number) for number in range(AHEAD[-1] + 1))
    return np.array([microseconds_since_epoch(day.replace(tzinfo=as_of.tzinfo)) for day in days])


def _first_fall(leads: int, falls: Falls) -> Ints:
    """Return the number of the day on which the priority of each lead is lower; `NEVER` if on none."""
    held, fallen = np.zeros(leads, np.int64), np.full(leads, NEVER)

    def ask(places: Ints, numbers: Ints) -> None:
        lower = falls(places, numbers)
        fallen[places[lower]] = numbers[lower]
        held[places[~lower]] = numbers[~lower]

    for number in AHEAD:
        left = np.flatnonzero(fallen == NEVER)
        if len(left):
            ask(left, np.full(len(left), number))
    while len(open_ := np.flatnonzero(fallen - held > 1)):
        ask(open_, (held[open_] + fallen[open_]) // 2)
    return fallen


def _asked(leads: int, days: int, falls: Falls) -> Falls:
    """Ask about every day that `_first_fall` may ask about, in two calls instead of fifteen; return the answers."""
    known = np.zeros((leads, days), np.bool_)
    ahead = np.array(AHEAD)

    def ask(places: Ints, numbers: Ints) -> None:
        if len(places):
            known[places, numbers] = falls(places, numbers)

    ask(np.repeat(np.arange(leads), len(ahead)), np.tile(ahead, leads))
    lower, step = known[:, ahead], np.searchsorted(ahead, np.arange(days))
    in_first_step = (step == lower.argmax(axis=1, keepdims=True)) & lower.any(axis=1, keepdims=True)
    ask(*np.nonzero(in_first_step))
    return lambda places, numbers: known[places, numbers]
