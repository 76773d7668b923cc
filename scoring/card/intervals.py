"""Ranges of numbers as a scorecard writes them: `1-10`, `51+`, `below 5`, `7`."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

import numpy as np

from scoring.card.mistakes import CardMistake
from scoring.card.values import as_text
from vocabulary.arrays import Floats, Ints

_NUMBER: Final = r"[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?"
_FORMS: Final = {
    "from to": re.compile(rf"({_NUMBER})\s*[-\u2013]\s*({_NUMBER})"),
    "from": re.compile(rf"({_NUMBER})\s*\+"),
    "below": re.compile(rf"below\s+({_NUMBER})"),
    "equal": re.compile(rf"({_NUMBER})"),
}
FORMS: Final = "write it like 1-10, 51+, below 5 or 7"


@dataclass(frozen=True, slots=True)
class Interval:
    """The numbers from `start` to `end`; both belong to it, except the end of `below`."""

    written: str
    start: float
    end: float
    open: bool = False

    @classmethod
    def read(cls, written: str) -> "Interval":
        """Return the interval that a text means; raise ValueError if it is none or runs backwards."""
        text = written.strip().lower()
        form, numbers = _form(text)
        match form:
            case "from to":
                found = cls(written, numbers[0], numbers[1])
            case "from":
                found = cls(written, numbers[0], math.inf)
            case "below":
                found = cls(written, -math.inf, numbers[0], open=True)
            case _:
                found = cls(written, numbers[0], numbers[0])
        if found.start > found.end:
            raise ValueError(f"'{written}' begins above its end: write {numbers[1]:g}-{numbers[0]:g}")
        return found

    def overlaps(self, later: "Interval") -> bool:
        """Return whether an interval that starts later, or at the same number, has more in common than an end."""
        return later.start < self.end or later.start == self.start


def _form(text: str) -> tuple[str, list[float]]:
    for form, pattern in _FORMS.items():
        if found := pattern.fullmatch(text):
            return form, [float(number) for number in found.groups()]
    raise ValueError(f"'{text}' is not a number or a range of numbers: {FORMS}")


@dataclass(frozen=True)
class Intervals:
    """Intervals that do not overlap. Where two touch, the number belongs to the upper one."""

    ordered: tuple[Interval, ...]
    """By their start."""
    written: tuple[int, ...]
    """The place of each in the scorecard."""

    @classmethod
    def of(cls, written: Iterable[str]) -> "Intervals":
        """Return the intervals that a table lists."""
        numbered = sorted(enumerate(map(Interval.read, written)), key=lambda one: one[1].start)
        return cls(tuple(one for _, one in numbered), tuple(place for place, _ in numbered))

    @cached_property
    def _arrays(self) -> tuple[Floats, Floats, Ints]:
        """The starts, the largest numbers inside, and the places, with a place for numbers in no interval."""
        ends = [np.nextafter(one.end, -np.inf) if one.open else one.end for one in self.ordered]
        places = np.array([*self.written, len(self.ordered)], np.int64)
        return np.array([one.start for one in self.ordered]), np.array(ends), places

    @property
    def bounds(self) -> list[float]:
        """The numbers at which an interval begins or ends."""
        return sorted({end for one in self.ordered for end in (one.start, one.end) if math.isfinite(end)})

    def gaps(self) -> Iterator[tuple[Interval, Interval]]:
        """Yield neighbours that leave out the numbers between them."""
        yield from ((one, later) for one, later in pairwise(self.ordered) if one.end < later.start)

    def places(self, numbers: Floats) -> Ints:
        """Return the place in the scorecard of each number's interval, or how many there are if it is in none."""
        starts, ends, places = self._arrays
        found = np.searchsorted(starts, numbers, side="right") - 1
        inside = (found >= 0) & (numbers <= ends[found])
        return places[np.where(inside, found, len(starts))]


def range_mistakes(written: Iterable[str], least: float = -math.inf) -> Iterator[CardMistake]:
    """Yield the texts that are no range, start below `least` or overlap with another one."""
    found: list[Interval] = []
    for text in written:
        try:
            interval = Interval.read(text)
        except ValueError as error:
            yield CardMistake((text,), str(error), given=text)
            continue
        if interval.start < least:
            yield CardMistake((text,), f"'{text}' begins below {least:g}", "begin at 1 or above", text)
        found.append(interval)
    for one, later in pairwise(sorted(found, key=lambda each: (each.start, each.end))):
        if one.overlaps(later):
            yield CardMistake(
                (later.written,),
                f"'{later.written}' overlaps with '{one.written}'",
                "let one end where the other begins",
            )


def keys_as_text(raw: object) -> object:
    """Return a table with its keys as text: YAML reads 5, true and 2026-03-31 as other types."""
    if not isinstance(raw, Mapping):
        return raw
    return {str(key) if not isinstance(key, bool) else as_text(key): points for key, points in raw.items()}
