"""Comparing results with what was last written to the CRM, and deciding whether the difference is worth a write."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from store.outbox.outputs import SCHEMA
from vocabulary.outputs import OUTPUTS, SCORED_AT, TIMES, Output


@dataclass(frozen=True, slots=True)
class Tolerances:
    """How far a number may differ from the CRM's before it is written without a band change."""

    dead_band: float = 3.0
    """Points, for `lead_score`, `lead_fit`, `lead_engagement` and `lead_priority_index`."""
    likelihood: float = 1.0
    """Percentage points, for `lead_likelihood`."""

    @property
    def least(self) -> Mapping[str, float]:
        """By how much a number has to differ to be written, by the unit of its output."""
        return {"points": self.dead_band, "percent": self.likelihood}


def flags(tolerances: Tolerances, written: Collection[str]) -> list[pl.Expr]:
    """Return the columns `first`, `band_changed`, `drifted`, `reworded` and `write`.

    For rows with the outputs, `told_…` and `told_at`. `drifted`: a number differs by more than its tolerance. Only the
    outputs in `written` count, since the others are computed but not in the CRM.
    """
    first = pl.col("told_at").is_null()
    ours = [output for output in OUTPUTS if output.name in written]
    bands = _any(first, [differs(output.name) for output in ours if output.why == "band"])
    drifted, reworded = _any(_NEVER, _drifted(ours, tolerances)), _any(_NEVER, _reworded(ours))
    return [
        first.alias("first"),
        bands.alias("band_changed"),
        drifted.alias("drifted"),
        reworded.alias("reworded"),
        _any(bands | drifted | reworded, _switched(ours)).alias("write"),
    ]


def _any(first: pl.Expr, others: Sequence[pl.Expr]) -> pl.Expr:
    return pl.any_horizontal(first, *others)


def differs(name: str) -> pl.Expr:
    """Return whether an output differs from what was last written."""
    return pl.col(name).ne_missing(pl.col(f"told_{name}"))


def kept_otherwise(name: str) -> pl.Expr:
    """Return whether a field holds something else than was written, in whatever form the CRM stores it.

    CRMs trim texts, truncate them to the length of the field, round numbers to its decimals, drop fractions of a
    second, and change the case of choices.
    """
    held, told = pl.col(name), pl.col(f"told_{name}")
    if SCHEMA[name] == pl.String():
        return _folded(held).ne_missing(_folded(told)) & ~_is_cut(_folded(held), _folded(told))
    if name in TIMES:
        return _apart(held.dt.epoch("us") - told, 1_000_000, held, told)
    rounded = (held.round() == held) & ((held - told).abs() <= _HALF)
    return _apart(held - told, _ROUNDING, held, told) & ~rounded.fill_null(value=False)


def _folded(text: pl.Expr) -> pl.Expr:
    plain = text.str.normalize("NFC").str.replace_all(r"\s+", " ").str.strip_chars().str.to_lowercase()
    return pl.when(plain != "").then(plain)


def _is_cut(held: pl.Expr, told: pl.Expr) -> pl.Expr:
    """Return whether a text was truncated. Short texts, such as grades, never are."""
    begins = told.str.starts_with(held) & (held.str.len_chars() >= _SHORTEST_CUT)
    return begins.fill_null(value=False)


def _apart(distance: pl.Expr, least: float, held: pl.Expr, told: pl.Expr) -> pl.Expr:
    """Return whether two values differ by `least` or more, or only one is null."""
    return (distance.abs() >= least).fill_null(held.is_null() != told.is_null())


def _reworded(outputs: Sequence[Output]) -> list[pl.Expr]:
    return [differs(output.name) for output in outputs if output.why == "text"]


def _switched(outputs: Sequence[Output]) -> list[pl.Expr]:
    """Return whether each output that otherwise causes no write came or went: it was switched on, or has no value."""
    along = [
        output.name for output in outputs if output.why == "along" and not output.lasting and output.name != SCORED_AT
    ]
    return [pl.col(name).is_null() != pl.col(f"told_{name}").is_null() for name in along]


def _drifted(outputs: Sequence[Output], tolerances: Tolerances) -> list[pl.Expr]:
    return [_moved(output.name, tolerances.least[output.unit]) for output in outputs if output.why == "drift"]


def _moved(name: str, least: float) -> pl.Expr:
    """Return whether a number differs by `least` or more, or only one is null."""
    far = (pl.col(name) - pl.col(f"told_{name}")).abs() >= least - _ROUNDING
    return differs(name) & far.fill_null(value=True)


_NEVER: Final = pl.lit(value=False)
_SHORTEST_CUT: Final = 40
_HALF: Final = 0.5
_ROUNDING = 1e-9
"""Likelihoods have one decimal, and 5.1 - 4.1 is not exactly 1 in floating point."""

DEFAULT: Final = Tolerances()
