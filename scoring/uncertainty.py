"""How far a likelihood may be off, lead by lead."""

from typing import Annotated, Final, Self

import numpy as np
import polars as pl
from pydantic import BaseModel, ConfigDict, Field, model_validator

from vocabulary.arrays import Floats

INSIDE: Final = 0.9
"""The share of leads whose true chance is meant to lie in their interval."""
SPREAD: Final = 1.6448536269514722
"""Standard deviations on each side that hold this share of a normal distribution."""

Variance = Annotated[float, Field(allow_inf_nan=False)]


def percent(odds: pl.Series) -> pl.Series:
    """Return log-odds as a chance in percent, with one decimal."""
    return (100 - 100 / (1 + odds.exp())).round(1)


def percent_bounds(chance: Floats, told: Floats, least: float) -> tuple[Floats, Floats]:
    """Return by how much log-odds may fall and rise while a chance stays nearer than `least` to what it is and was.

    All are in percent with one decimal; `told` is NaN where nothing was written.
    """
    near = np.abs(chance - np.nan_to_num(told, nan=np.inf)) < least - _DECIMAL
    upper, lower = np.where(near, np.maximum(told, chance), chance), np.where(near, np.minimum(told, chance), chance)
    lowest, highest = upper - least + _DECIMAL, lower + least - _DECIMAL
    with np.errstate(invalid="ignore"):  # what has come to its end has no room
        down = _odds(chance - _DECIMAL) - _odds(np.minimum(lowest, chance))
        up = _odds(np.maximum(highest, chance)) - _odds(chance + _DECIMAL)
    return np.where(lowest <= 0, np.inf, np.nan_to_num(down, nan=-1)), np.where(
        highest >= _ALL, np.inf, np.nan_to_num(up, nan=-1)
    )


_DECIMAL: Final = 0.06
"""A little more than a chance can be off by being rounded."""
_ALL: Final = 100.0


def _odds(chance: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        odds: Floats = np.log(np.clip(chance, 0, _ALL) / (_ALL - np.clip(chance, 0, _ALL)))
    return odds


class Uncertainty(BaseModel):
    """The variance of a lead's log-odds: a quadratic form of the terms of the likelihood, and a rest."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    covariance: tuple[tuple[Variance, ...], ...]
    """The covariance of the weights, lower triangle by row: intercept, points, age if it counts, and the counts."""
    rest: float = Field(ge=0, allow_inf_nan=False)
    """The variance between leads that are equal in all of these terms."""

    @model_validator(mode="after")
    def _is_a_triangle(self) -> Self:
        if not self.covariance or any(len(row) != place for place, row in enumerate(self.covariance, 1)):
            raise ValueError("covariance must have one number in its first row, and one more in each other row")
        if any(row[-1] < 0 for row in self.covariance):
            raise ValueError("covariance must not have a negative variance")
        return self

    @property
    def terms(self) -> int:
        """Return how many terms it is about."""
        return len(self.covariance)

    def bounds(self, odds: pl.Series, terms: pl.DataFrame) -> pl.DataFrame:
        """Return `low` and `high`, the interval of each chance in percent with one decimal.

        `odds`: the log-odds; `terms`: what each weight is multiplied with, in the order of the covariance.
        """
        margin = SPREAD * np.sqrt(self._variance(terms.to_numpy()))
        beside = pl.Series(margin)
        return pl.DataFrame({"low": percent(odds - beside), "high": percent(odds + beside)})

    @property
    def matrix(self) -> Floats:
        """Return the whole covariance of the weights."""
        size = self.terms
        matrix = np.zeros((size, size))
        matrix[np.tril_indices(size)] = [value for row in self.covariance for value in row]
        matrix += np.tril(matrix, -1).T
        return matrix

    def _variance(self, terms: Floats) -> Floats:
        explained: Floats = ((terms @ self.matrix) * terms).sum(axis=1)
        return np.maximum(0.0, explained) + self.rest
