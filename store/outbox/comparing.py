"""What was computed beside what the CRM was last told: what differs, and whether it is worth a write."""

from dataclasses import dataclass
from typing import Final

import polars as pl

from store.outbox.outputs import SCHEMA
from vocabulary.outputs import BANDS, OUTPUTS, SCORED_AT


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
        (bands | _scorecard_differs() | _drifted(tolerances)).alias("write"),
    ]


def differs(name: str) -> pl.Expr:
    """Tell whether an output is other than the CRM was told."""
    return pl.col(name).ne_missing(pl.col(f"told_{name}"))


def kept_otherwise(name: str) -> pl.Expr:
    """Return whether a field holds something else than it was told, however the CRM keeps it.

    CRMs trim texts, cut them to the field's length, round numbers to its decimals, drop parts of a second, and spell a
    choice as their list does.
    """
    held, told = pl.col(name), pl.col(f"told_{name}")
    if SCHEMA[name] == pl.String():
        return _folded(held).ne_missing(_folded(told)) & ~_is_cut(_folded(held), _folded(told))
    if name == SCORED_AT:
        return _apart(held.dt.epoch("us") - told, 1_000_000, held, told)
    rounded = (held.round() == held) & ((held - told).abs() <= _HALF)
    return _apart(held - told, _ROUNDING, held, told) & ~rounded.fill_null(value=False)


def _folded(text: pl.Expr) -> pl.Expr:
    plain = text.str.normalize("NFC").str.replace_all(r"\s+", " ").str.strip_chars().str.to_lowercase()
    return pl.when(plain != "").then(plain)


def _is_cut(held: pl.Expr, told: pl.Expr) -> pl.Expr:
    """Return whether a text is the beginning of another, as far as a short field holds it; grades are shorter."""
    begins = told.str.starts_with(held) & (held.str.len_chars() >= _SHORTEST_CUT)
    return begins.fill_null(value=False)


def _apart(distance: pl.Expr, least: float, held: pl.Expr, told: pl.Expr) -> pl.Expr:
    """Return whether two values are that far from each other, or only one is there."""
    return (distance.abs() >= least).fill_null(held.is_null() != told.is_null())


def _scorecard_differs() -> pl.Expr:
    return pl.any_horizontal(differs(output.name) for output in OUTPUTS if output.why == "card")


def _drifted(tolerances: Tolerances) -> pl.Expr:
    least = {"points": tolerances.dead_band, "percent": tolerances.likelihood}
    return pl.any_horizontal(_moved(output.name, least[output.unit]) for output in OUTPUTS if output.why == "drift")


def _moved(name: str, least: float) -> pl.Expr:
    """Tell whether a number differs by `least` or more, or came or went."""
    far = (pl.col(name) - pl.col(f"told_{name}")).abs() >= least - _ROUNDING
    return differs(name) & far.fill_null(value=True)


_SHORTEST_CUT: Final = 40
_HALF: Final = 0.5
_ROUNDING = 1e-9
"""Likelihoods have a decimal, and 5.1 less 4.1 is not quite 1."""

DEFAULT: Final = Tolerances()
