"""Turning: when time alone changes what a test of a moment says."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from scoring.card.calendar import Calendar
from scoring.card.conditions import Test
from scoring.card.operands import During, as_period
from scoring.card.operators import BY_NAME
from scoring.card.rules.ahead import NEVER, crossing
from scoring.card.values import microseconds
from scoring.periods import period_numbers, until_next
from vocabulary.arrays import Ints


@dataclass(frozen=True, slots=True)
class Turning:
    """What makes the answers to some tests of the same moment change with time."""

    ages: tuple[int, ...] = ()
    """The ages, in microseconds, at which one of them changes; less than 0 for moments that are to come."""
    periods: tuple[During, ...] = ()
    """The periods of the calendar that are asked for."""

    def __bool__(self) -> bool:
        return bool(self.ages or self.periods)

    def until(self, ages: Ints, as_of: int, calendar: Calendar) -> Ints:
        """Return in how many microseconds after `as_of` the answer about moments of these ages can change."""
        until = crossing(ages, *self.ages)
        for during in self.periods:
            until = np.minimum(until, _until_period(during, as_of - ages, as_of, calendar))
        return until


STILL: Final = Turning()
"""What does not change with time."""


def _until_period(during: During, moments: Ints, as_of: int, calendar: Calendar) -> Ints:
    """Return when a moment can enter or leave a period: with the next one, unless the period is over for good."""
    now = period_numbers(np.array([as_of]), during.period, calendar)[0]
    open_ = period_numbers(moments, during.period, calendar) - now >= during.ahead
    return np.where(open_, until_next(as_of, during.period, calendar), NEVER)


def turning(tests: Iterable[Test]) -> Turning:
    """Return what makes the answers to these tests change with time."""
    ages, periods = set[int](), dict[During, None]()
    for test in tests:
        for name, operand in test.operators.items():
            if BY_NAME[name].of_age:
                length = microseconds(operand)
                ages |= {-length, 0, length}
            if BY_NAME[name].of_calendar:
                periods[as_period(operand)] = None
    return Turning(tuple(sorted(ages)), tuple(periods))
