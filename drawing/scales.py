"""Scales: where a value stands on an axis, from 0 to 1, and what is written beside it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, floor, log10
from typing import Final, Protocol
from zoneinfo import ZoneInfo

STEPS: Final = (1, 2, 5, 10)

Tick = tuple[float, str]
"""A place on an axis from 0 to 1, and its text."""


class Scale(Protocol):
    """One axis of a chart."""

    def place(self, value: float) -> float:
        """Return where a value stands, from 0 to 1."""

    def ticks(self) -> Sequence[Tick]:
        """Return the places that have a text."""


def number(value: float) -> str:
    """Return a number as a person reads it."""
    return f"{value:,.0f}" if value == round(value) else f"{value:,.6g}"


@dataclass(frozen=True, slots=True)
class Numbers:
    """A scale of numbers; it ends at round ones unless `exact`."""

    low: float
    high: float
    said: Callable[[float], str] = number
    most: int = 6
    """How many ticks there are at most."""
    exact: bool = False

    @property
    def step(self) -> float:
        """The distance between two ticks: 1, 2 or 5 times a power of ten."""
        rough = (self.high - self.low) / self.most or 1.0
        power = 10.0 ** floor(log10(rough))
        return next(power * step for step in STEPS if power * step >= rough * (1 - 1e-9))

    @property
    def ends(self) -> tuple[float, float]:
        """The first and the last value on the axis."""
        if self.exact:
            return self.low, self.high if self.high > self.low else self.low + 1
        low, high = (floor(self.low / self.step + 1e-9), ceil(self.high / self.step - 1e-9))
        return low * self.step, max(high, low + 1) * self.step

    def place(self, value: float) -> float:
        """Return where a value stands."""
        low, high = self.ends
        return (value - low) / (high - low)

    def ticks(self) -> Sequence[Tick]:
        """Return the round values between the ends."""
        low, high = self.ends
        first, last = ceil(low / self.step - 1e-9), floor(high / self.step + 1e-9)
        values = [round(place * self.step, 12) for place in range(first, last + 1)]
        return [(self.place(value), self.said(value)) for value in values]


@dataclass(frozen=True, slots=True)
class Names:
    """A scale of names, each with the same room; the value of a name is its index."""

    names: Sequence[str]
    every: int = 1
    """Only each such name is written."""

    def place(self, value: float) -> float:
        """Return the middle of a name's room."""
        return (value + 0.5) / max(len(self.names), 1)

    def ticks(self) -> Sequence[Tick]:
        """Return the names that are written."""
        return [(self.place(index), name) for index, name in enumerate(self.names) if index % self.every == 0]


@dataclass(frozen=True, slots=True)
class Times:
    """A scale of time; its values are seconds since 1970."""

    low: datetime
    high: datetime
    zone: ZoneInfo
    most: int = 6

    def place(self, value: float) -> float:
        """Return where a moment stands."""
        low, high = self.low.timestamp(), self.high.timestamp()
        return 0.5 if high == low else (value - low) / (high - low)

    def ticks(self) -> Sequence[Tick]:
        """Return moments that are evenly spread over the time, as precise as the distance between them."""
        span = self.high - self.low
        if not span:
            return [(0.5, self._said(self.low, timedelta()))]
        steps = self.most - 1
        moments = [self.low + span * step / steps for step in range(steps + 1)]
        written = [(self.place(one.timestamp()), self._said(one, span / steps)) for one in moments]
        return [
            tick for before, tick in zip([None, *written], written, strict=False) if not before or before[1] != tick[1]
        ]

    def _said(self, moment: datetime, step: timedelta) -> str:
        there = moment.astimezone(self.zone)
        if step > timedelta(days=300):
            return f"{there:%Y}"
        if step > timedelta(days=27):
            return f"{there:%b %Y}"
        if step >= timedelta(hours=22):
            return f"{there.day} {there:%b}"
        return f"{there.day} {there:%b %H:%M}"
