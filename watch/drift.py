"""How far leads and scores have moved from what they were: the population stability index (PSI)."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
import polars as pl

from scoring.likelihood import Share
from vocabulary.arrays import Floats
from vocabulary.fields import LISTS, FieldType
from watch.sample import Sample
from watch.statistics import MUCH, SOME, noise, psi
from watch.tables import NOTHING, Column, Finding, Section, Table, Told, said

NAME: Final = "drift"
NEW: Final = timedelta(days=90)
"""How old leads may be that count as new."""
OLDER: Final = timedelta(days=365)
"""How much older those may be that they are compared with."""
BINS: Final = 10
LEVELS: Final = 12
COMMON: Final = 20
"""How many of the earlier leads must have a text for it to be a bin: of rare ones the next sample has others."""
FEWEST: Final = 50
"""With fewer values on either side nothing is compared."""
FEW: Final = "too few"
CLEAR: Final = 3.5
"""How many standard deviations beyond the index of chance it must be to have moved: many fields are looked at."""
_COLUMNS: Final = (
    Column("name", "What"),
    Column("then", "Then", "count"),
    Column("now", "Now", "count"),
    Column("psi", "PSI", "number"),
    Column("noise", "By chance", "number"),
    Column("verdict", "Verdict"),
    Column("moved", "What grew, what shrank"),
)


def told(sample: Sample, scores: pl.DataFrame, number: str | None) -> Told:
    """Return the section. `scores`: counts by month of the number whose past is known, `number`."""
    rows = [*_of_score(scores, number), *_of_inputs(sample)]
    reference = _reference(sample)
    since = "the likelihood was fitted" if reference else "a year before"
    compared = (
        f"The fields of leads that came in the last {NEW.days} days are compared with those since {since}, as they are"
        " today; the score of this month with that of the first month. Below 0.1 nothing has moved, from 0.25 on much."
    )
    few = "Too few leads came yet to compare them with earlier ones."
    table = [Table("psi", "How far each has moved", _COLUMNS, rows)] if rows else ()
    measures = {"drift_psi": {str(one["of"]): float(one["psi"]) for one in rows if one["verdict"] != FEW}}
    return Told(
        Section(NAME, "Are they still the same leads?", [compared if rows else few], table),
        list(_findings(rows)),
        (),
        measures,
    )


def _reference(sample: Sample) -> Mapping[str, Sequence[Share]]:
    """Return the distributions that the likelihood was fitted on, by field."""
    fitted = sample.ground.active.scorer.likelihood
    return {} if fitted is None or fitted.reference is None else fitted.reference.inputs


def _of_inputs(sample: Sample) -> Iterator[dict[str, Any]]:
    now, leads = sample.ground.as_of, sample.leads
    new = leads.filter(pl.col("created_at") > now - NEW)
    old = leads.filter(pl.col("created_at").is_between(now - NEW - OLDER, now - NEW, closed="right"))
    fitted, known = _reference(sample), sample.ground.active.scorer.likelihood
    of = known.reference.leads if known is not None and known.reference is not None else 0
    for name, kind in sample.ground.active.card.fields.items():
        if kind in LISTS or kind in {"time", "date"}:
            continue
        compared = _compared(fitted[name], of, new[name]) if name in fitted else _both(old[name], new[name], kind)
        if compared is not None:
            yield moved(name, *compared)


Compared = tuple[Floats, Floats, Sequence[str]]
"""Counts over the same bins then and now, and the names of the bins."""


def _compared(bins: Sequence[Share], of: int, new: pl.Series) -> Compared | None:
    """Compare with the distribution of a fit."""
    if not bins or (bins[0].is_ is None) != (new.dtype == pl.Float64()):
        return None
    then = np.array([one.share for one in bins]) * of
    levels = [one.is_ for one in bins if one.is_ is not None]
    if levels:
        return then, _by_level(new, levels), [*levels, "others"]
    bounds = [one.upto for one in bins if one.upto is not None]
    return then, _by_bound(new, bounds), _ranges(bounds)


def _both(old: pl.Series, new: pl.Series, kind: FieldType) -> Compared | None:
    """Compare leads with earlier ones, over bins of these."""
    known = old.drop_nulls()
    if not len(known):
        return None
    if kind == "number":
        bounds = cuts(known)
        return _by_bound(known, bounds), _by_bound(new, bounds), _ranges(bounds)
    counted = _text(known).alias("level").value_counts().filter(pl.col("count") >= COMMON)
    levels = counted.sort(["count", "level"], descending=[True, False]).head(LEVELS)["level"].to_list()
    return (_by_level(known, levels), _by_level(new, levels), [*levels, "others"]) if levels else None


def cuts(known: pl.Series) -> list[float]:
    """Return the distinct bounds of ten bins of about equal size."""
    found = np.quantile(known.cast(pl.Float64).to_numpy(), np.arange(1, BINS) / BINS)
    return sorted({float(one) for one in found})


def _ranges(bounds: Sequence[float]) -> list[str]:
    if not bounds:
        return ["any"]
    between = [f"{low:g} to below {high:g}" for low, high in itertools.pairwise(bounds)]
    return [f"below {bounds[0]:g}", *between, f"{bounds[-1]:g} or more"]


def _text(column: pl.Series) -> pl.Series:
    return column.cast(pl.String).str.strip_chars().str.to_lowercase()


def _by_level(column: pl.Series, levels: Sequence[str]) -> Floats:
    texts = _text(column.drop_nulls())
    counts = [int((texts == level).sum()) for level in levels]
    return np.array([*counts, len(texts) - sum(counts)], float)


def _by_bound(column: pl.Series, bounds: Sequence[float]) -> Floats:
    values = column.drop_nulls().cast(pl.Float64).to_numpy()
    return np.bincount(np.searchsorted(bounds, values, side="right"), minlength=len(bounds) + 1).astype(float)


def _of_score(scores: pl.DataFrame, number: str | None) -> Iterator[dict[str, Any]]:
    """Yield the row of the score: its first month against its last."""
    known = scores.drop_nulls("value")
    months = known["month"].unique().sort()
    if number is None or len(months) < 2:  # noqa: PLR2004 - one to compare with the other
        return
    then, now = (known.filter(month=months[place]) for place in (0, -1))
    bounds = cuts(then["value"].repeat_by(then["leads"]).explode())
    before, after = (_weighted(one, bounds) for one in (then, now))
    first, last = months[0], months[-1]
    assert isinstance(first, datetime)
    assert isinstance(last, datetime)
    yield moved(f"{number}, {first:%b %Y} against {last:%b %Y}", before, after, _ranges(bounds)) | {"of": number}


def _weighted(counts: pl.DataFrame, bounds: Sequence[float]) -> Floats:
    place = np.searchsorted(bounds, counts["value"].to_numpy(), side="right")
    found: Floats = np.bincount(place, counts["leads"].to_numpy(), minlength=len(bounds) + 1).astype(float)
    return found


def moved(name: str, then: Floats, now: Floats, bins: Sequence[str]) -> dict[str, Any]:
    """Return how far a distribution has moved, and which bins did."""
    index, sizes = psi(then, now), (float(then.sum()), float(now.sum()), len(bins))
    few = min(then.sum(), now.sum()) < FEWEST
    clear = not few and index > noise(*sizes, CLEAR)
    verdict = (
        FEW if few else "moved much" if clear and index >= MUCH else "moved" if clear and index >= SOME else NOTHING
    )
    named = {"name": name, "of": name, "then": int(then.sum()), "now": int(now.sum())}
    return {**named, "psi": index, "noise": noise(*sizes), "verdict": verdict, "moved": _grew(then, now, bins)}


def _grew(then: Floats, now: Floats, bins: Sequence[str]) -> str:
    """Return the bin that grew most and the one that shrank most, with their shares."""
    old, new = (counts / max(1.0, counts.sum()) for counts in (then, now))
    change = new - old
    places = (int(change.argmax()), int(change.argmin()))
    told = (
        f"{bins[place]}: {said(float(old[place]), 'share')} → {said(float(new[place]), 'share')}" for place in places
    )
    return "; ".join(told) if change.any() else NOTHING


def _findings(rows: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    for one in rows:
        if one["verdict"] == "moved much":
            yield Finding(
                "drift",
                f"{one['name']} has moved much (PSI {one['psi']:.2f}): {one['moved']}.",
                "If it is a new campaign or market, calibrate on it; if a form, an import or a mapping changed, mend"
                " that first.",
                NAME,
                one["now"],
            )
