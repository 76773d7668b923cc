"""Rules of an account's engagement that count its people. They are made from `people` and `coverage`, never written."""

from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np
import polars as pl

from scoring.card.ranges import Range
from scoring.card.rules.ahead import Ahead, next_sweep
from scoring.card.rules.base import BaseRule, Given, LineType, Naming

if TYPE_CHECKING:
    from scoring.conditions import Terms
    from scoring.history import History
    from vocabulary.arrays import Floats

PERSON: Final = "#person{}"
"""The points of the person in each place; null where an account has fewer people."""
WHO: Final = "#who{}"
"""The id of that person."""
COVERED: Final = "#covered{}"
"""Whether one of the people has the value in each place."""


class PersonRule(BaseRule):
    """The engagement of the person in one place, the strongest first."""

    key: ClassVar = "people"
    line: ClassVar[LineType] = "person"

    place: int
    most: float

    @property
    def uncut(self) -> Range:
        """Anything up to what a person can give."""
        return Range(0, self.most)

    def column(self, terms: "Terms") -> pl.Expr:
        """Return the points of the person."""
        del terms
        return pl.col(PERSON.format(self.place)).fill_null(0.0)

    def given(self, answers: "Floats | None", frame: pl.DataFrame, history: "History") -> Given:
        """Return the points, named after the person."""
        del history
        assert answers is not None
        ids = frame[WHO.format(self.place)].fill_null("").to_list()
        return Given(answers, naming=Naming([f"Person {one}" for one in ids], np.arange(len(ids)), ids))

    def ahead(self, given: Given, answers: "Floats | None", frame: pl.DataFrame, history: "History") -> Ahead:
        """Return that it is not known how long the people of an account stay as they are."""
        del given, answers, history
        return Ahead(next_sweep(np.ones(frame.height, np.bool_)))


class CoverageRule(BaseRule):
    """The points for a value that an engaged person has."""

    key: ClassVar = "coverage"
    line: ClassVar[LineType] = "coverage"

    place: int
    points: float

    @property
    def uncut(self) -> Range:
        """Zero or all points."""
        return Range(min(self.points, 0), max(self.points, 0))

    def column(self, terms: "Terms") -> pl.Expr:
        """Return the points if the value is covered."""
        del terms
        return pl.when(pl.col(COVERED.format(self.place))).then(self.points).otherwise(0.0)

    def given(self, answers: "Floats | None", frame: pl.DataFrame, history: "History") -> Given:
        """Return the points."""
        del frame, history
        assert answers is not None
        return Given(answers)

    def ahead(self, given: Given, answers: "Floats | None", frame: pl.DataFrame, history: "History") -> Ahead:
        """Return that it is not known how long the people of an account stay as they are."""
        del given, answers, history
        return Ahead(next_sweep(np.ones(frame.height, np.bool_)))
