"""How far a week of calls reaches among scored leads, and what is expected to come of it."""

from dataclasses import dataclass, field
from typing import Final

import click
import polars as pl

from scoring import Likelihood
from scoring.expecting import expected
from scoring.likelihood import HIGH, LOW
from vocabulary.outputs import LIKELIHOOD, STATUS

NOT_CALLED: Final = ("disqualified", "resting")


def calls_of(capacity: int | None, likelihood: Likelihood | None) -> "Calls | None":
    """Return what counts a week of calls; None if no capacity is stated. Raise UsageError without a likelihood."""
    if capacity is None:
        return None
    if likelihood is None:
        raise click.UsageError("--capacity says what calls are expected to bring: it needs --likelihood.")
    return Calls(likelihood, capacity)


@dataclass
class Calls:
    """Keeps the likeliest leads of all chunks, as many as are called in a week."""

    likelihood: Likelihood
    capacity: int
    converted: pl.Series = field(default_factory=lambda: pl.Series([], dtype=pl.String))
    """The leads that are customers already, whom nobody calls."""
    _kept: list[pl.DataFrame] = field(default_factory=list)
    _leads: int = 0

    def add(self, results: pl.DataFrame) -> None:
        """Add the results of a chunk."""
        called = ~pl.col(STATUS).cast(pl.String).is_in(NOT_CALLED).fill_null(value=False)
        open_ = results.filter(called & ~pl.col("lead").is_in(self.converted.implode()))
        known = open_.select(LIKELIHOOD, LOW, HIGH).drop_nulls(LIKELIHOOD)
        self._leads += known.height
        self._kept = [pl.concat([*self._kept, known]).sort(LIKELIHOOD, descending=True).head(self.capacity)]

    @property
    def sentence(self) -> str:
        """Return how far the calls reach, in words."""
        calls = "1 call a week reaches" if self.capacity == 1 else f"{self.capacity:,} calls a week reach"
        if not self._leads:
            return f"No lead has a likelihood, so {calls} nobody."
        (called,) = self._kept
        down_to = f"{called[LIKELIHOOD][-1]:g}%"
        told = expected(self.likelihood, called).sentence
        return f"By likelihood, {calls} {called.height:,} of {self._leads:,} leads, down to {down_to}. {told}"
