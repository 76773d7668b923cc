"""What was computed beside what the CRM was last told: what differs, and whether it is worth a write."""

from dataclasses import dataclass
from typing import Final

import polars as pl

from store.outputs import BANDS, NUMBERS


@dataclass(frozen=True, slots=True)
class Tolerances:
    """How far a number may drift from what the CRM shows before it is written without a band change."""

    dead_band: float = 3.0
    """For `lead_score`, `lead_fit`, `lead_engagement` and `lead_priority_index`: points."""
    likelihood: float = 1.0
    """For `lead_likelihood`: percent points."""


def flags(tolerances: Tolerances) -> list[pl.Expr]:
    """Return `first`, `band_changed` and `write` for rows that hold the outputs, `told_…` and `told_at`."""
    first = pl.col("told_at").is_null()
    bands = first | pl.any_horizontal(differs(name) for name in BANDS)
    return [
        first.alias("first"),
        bands.alias("band_changed"),
        (bands | differs("lead_scorecard") | _drifted(tolerances)).alias("write"),
    ]


def differs(name: str) -> pl.Expr:
    """Tell whether an output is other than the CRM was told."""
    return pl.col(name).ne_missing(pl.col(f"told_{name}"))


def _drifted(tolerances: Tolerances) -> pl.Expr:
    points = [_moved(name, tolerances.dead_band) for name in NUMBERS]
    return pl.any_horizontal(*points, _moved("lead_likelihood", tolerances.likelihood))


def _moved(name: str, least: float) -> pl.Expr:
    """Tell whether a number differs by `least` or more, or came or went."""
    far = (pl.col(name) - pl.col(f"told_{name}")).abs() >= least - _ROUNDING
    return differs(name) & far.fill_null(value=True)


_ROUNDING = 1e-9
"""Likelihoods have a decimal, and 5.1 less 4.1 is not quite 1."""

DEFAULT: Final = Tolerances()
