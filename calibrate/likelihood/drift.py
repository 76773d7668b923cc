"""Checks whether today's leads still resemble those that the points were fitted on."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import numpy as np
import polars as pl

from calibrate.learning.bins import cuts, plain
from calibrate.past.panel import Panel
from calibrate.result import Drift, Shift
from calibrate.statistics.fit import Floats
from scoring.likelihood import Reference, Share

SOME: Final = 0.1
MUCH: Final = 0.25
SMALLEST: Final = 1e-3
MOST_LEVELS: Final = 12
CERTAIN: Final = 2.58
TOLERATED: Final = 0.2
FEWEST_LEADS: Final = 30


def reference(
    panel: Panel, score: Floats, names: Sequence[str], window: tuple[datetime | None, datetime | None]
) -> Reference:
    """Return the distributions of the fitting window, to store with the likelihood."""
    since, until = window
    return Reference(
        since=since.date() if since else None,
        until=until.date() if until else None,
        leads=panel.leads,
        conversions=panel.converted,
        rate=panel.rate,
        score=_spread(pl.Series(score, dtype=pl.Float64)),
        inputs={name: _spread(panel.fields[name]) for name in names if _has_spread(panel.fields[name])},
    )


def _has_spread(column: pl.Series) -> bool:
    return not (column.dtype.is_temporal() or isinstance(column.dtype, pl.List))


def _spread(column: pl.Series) -> tuple[Share, ...]:
    if column.dtype == pl.Float64:
        bounds = [float(plain(cut)) for cut in cuts(column, 9)]
        template = [*(Share(upto=bound, share=0.0) for bound in bounds), Share(share=0.0)]
    else:
        template = [*(Share(is_=level, share=0.0) for level in _common(column)), Share(share=0.0)]
    shares = _shares(column, template)
    return tuple(
        Share(upto=part.upto, is_=part.is_, share=round(share, 5)) for part, share in zip(template, shares, strict=True)
    )


def _common(column: pl.Series) -> list[str]:
    counted = _text(column).drop_nulls().value_counts().sort(["count", column.name], descending=[True, False])
    return counted.head(MOST_LEVELS)[column.name].to_list()


def _text(column: pl.Series) -> pl.Series:
    return column.cast(pl.String).str.strip_chars().str.to_lowercase()


def _shares(column: pl.Series, bins: Sequence[Share]) -> list[float]:
    """Return the share of each bin among the known values; the last bin takes the rest."""
    known = column.drop_nulls()
    if not len(known):
        return [0.0] * len(bins)
    if bins[0].is_ is not None:
        named = [part.is_ for part in bins if part.is_ is not None]
        counts = [int((_text(known) == name).sum()) for name in named]
        return [count / len(known) for count in [*counts, len(known) - sum(counts)]]
    bounds = [part.upto for part in bins if part.upto is not None]
    place = np.searchsorted(bounds, known.cast(pl.Float64).to_numpy(), side="right")
    return [float(share) for share in np.bincount(place, minlength=len(bins)) / len(known)]


def psi(then: Sequence[float], now: Sequence[float]) -> float:
    """Return the population stability index of two distributions over the same bins."""
    old, new = np.maximum(then, SMALLEST), np.maximum(now, SMALLEST)
    return float(((new - old) * np.log(new / old)).sum())


def compare(kept: Reference, fields: pl.DataFrame, score: Floats) -> tuple[Shift, ...]:
    """Return how far the score and the inputs have moved, furthest first."""
    columns: Mapping[str, tuple[tuple[Share, ...], pl.Series]] = {
        "score": (kept.score, pl.Series(score, dtype=pl.Float64)),
        **{name: (bins, fields[name]) for name, bins in kept.inputs.items() if name in fields.columns},
    }
    moved = [
        (name, psi([part.share for part in bins], _shares(column, bins)))
        for name, (bins, column) in columns.items()
        if bins
    ]
    return tuple(Shift(name, value, _verdict(value)) for name, value in sorted(moved, key=lambda pair: -pair[1]))


def _verdict(value: float) -> str:
    return "moved much" if value >= MUCH else "moved" if value >= SOME else "stable"


def judged(shifts: tuple[Shift, ...], label: Floats, chance: Floats, leads: int, newest: str) -> Drift:
    """Describe shifts, and observed against expected conversions. This may suggest a refit, but never starts one.

    `newest`: what `label` and `chance` are of, in words.
    """
    observed, expected = int(label.sum()), float(chance.sum())
    per_lead = max(1.0, len(label) / max(1, leads))
    spread = np.sqrt(max(1e-9, float((chance * (1 - chance)).sum())) * per_lead)
    off = leads >= FEWEST_LEADS and abs(observed - expected) > max(CERTAIN * spread, TOLERATED * expected)
    moved = [shift.name for shift in shifts if shift.psi >= MUCH]
    said = f"On the {newest}, {expected:,.0f} conversions were expected and {observed:,} happened."
    why = [*(["the conversions do not match"] if off else []), *([f"{', '.join(moved)} moved much"] if moved else [])]
    message = f"{said} Consider a new fit: {' and '.join(why)}." if why else f"{said} No new fit is needed."
    return Drift(shifts, observed, expected, bool(why), message)
