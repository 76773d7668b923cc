"""Groups of the test part that converted clearly more, or less, often than their percentages promised."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from scipy.stats import norm

from calibrate.judging.validation import SCALES
from calibrate.learning.bins import cuts, folded, shown
from calibrate.notes import Notes
from calibrate.past.panel import Codes, Mask, Panel
from calibrate.result import Promise
from calibrate.statistics.fit import Floats, logistic, sigmoid
from calibrate.statistics.metrics import BINS, SMALLEST

FEWEST_LEADS: Final = 30
ERROR: Final = 0.05
"""The chance that any group at all is named although every percentage is right."""
WORTH_SAYING: Final = 0.25
"""A group is named if promise and outcome differ by more than this share of the larger one."""
MOST_LEVELS: Final = 8
MOST_FIELDS: Final = 12
MOST_NAMED: Final = 5
INSIDE: Final = 1.96
ALL: Final = "all"
"""The scale of the group that is the whole test part."""
PERCENTAGE: Final = "percentage"


@dataclass(frozen=True)
class Group:
    """Rows of the test part that belong together."""

    scale: str
    name: str
    rows: Mask


def broken(groups: Iterable[Group], test: Panel, said: Floats) -> list[Promise]:
    """Return the groups whose promise was clearly not kept, the clearest first.

    The intervals allow for snapshots of the same group of leads, and for how many groups are looked at (Bonferroni). If
    all leads together came otherwise than promised, that comes first, and a group is named if it is off beyond that.
    """
    whole = Group(ALL, "the test part", np.ones(len(said), np.bool_))
    asked = [group for group in groups if test.counted(group.rows)[0] >= FEWEST_LEADS]
    strict = float(norm.isf(ERROR / 2 / max(1, len(asked))))
    off = len(said) > 0 and _off(whole, test, said, INSIDE) > 0
    beyond = _moved(said, test.label) if off else said
    found = [(min(_off(group, test, one, strict) for one in (said, beyond)), group) for group in asked]
    worst = sorted((one for one in found if one[0] > 0), key=lambda one: -one[0])
    return [_promise(group, test, said) for group in [*([whole] if off else []), *(group for _, group in worst)]]


def _moved(said: Floats, label: Floats) -> Floats:
    """Return the percentages with their log-odds moved so far that their mean is right."""
    clipped = np.clip(said, SMALLEST, 1 - SMALLEST)
    odds = np.log(clipped / (1 - clipped))
    fit = logistic(np.ones((len(said), 1)), label, np.ones(len(said)), offset=odds, start=np.zeros(1))
    return sigmoid(odds + fit.intercept)


def _off(group: Group, test: Panel, said: Floats, strict: float) -> float:
    """Return how far the promise is outside the strict interval, relative to its width; 0 if inside, or close."""
    promised, came = float(said[group.rows].mean()), float(test.label[group.rows].mean())
    if abs(promised - came) <= WORTH_SAYING * max(promised, came):
        return 0.0
    low, high = interval(test.label[group.rows], test.group[group.rows], strict)
    return max(low - promised, promised - high, 0.0) / (high - low)


def interval(label: Floats, cluster: Codes, errors: float = INSIDE) -> tuple[float, float]:
    """Return Wilson's interval of a rate; rows of a cluster count for less than as many independent ones."""
    rate, rows = float(label.mean()), len(label) / _worth(label, cluster)
    middle = (rate + errors**2 / (2 * rows)) / (1 + errors**2 / rows)
    half = errors * np.sqrt(rate * (1 - rate) / rows + errors**2 / (4 * rows**2)) / (1 + errors**2 / rows)
    return max(0.0, middle - half), min(1.0, middle + half)


def _worth(label: Floats, cluster: Codes) -> float:
    """Return how many rows count as one: between one and the mean size of a cluster, or more if these are uneven."""
    _, place = np.unique(cluster, return_inverse=True)
    sums = np.bincount(place, label - label.mean())
    single = float(((label - label.mean()) ** 2).sum())
    return max(1.0, float((sums**2).sum()) / single) if single > 0 else len(label) / len(sums)


def _promise(group: Group, test: Panel, said: Floats) -> Promise:
    label = test.label[group.rows]
    leads, conversions = test.counted(group.rows)
    low, high = interval(label, test.group[group.rows])
    return Promise(
        scale=group.scale,
        group=group.name,
        leads=leads,
        snapshots=len(label),
        conversions=conversions,
        promised=float(said[group.rows].mean()),
        came=float(label.mean()),
        low=low,
        high=high,
    )


def by_percentage(said: Floats) -> Iterator[Group]:
    """Yield ten groups of equal size by percentage, as the report shows them."""
    for number, rows in enumerate(np.array_split(np.argsort(said, kind="stable"), BINS), start=1):
        mask = np.zeros(len(said), np.bool_)
        mask[rows] = True
        yield Group(PERCENTAGE, f"group {number} of {BINS}", mask)


def by_level(results: pl.DataFrame) -> Iterator[Group]:
    """Yield the grades, stages and priorities of scored snapshots."""
    for column, scale in SCALES.items():
        if column in results.columns:
            levels = results[column].cast(pl.String)
            for level in levels.drop_nulls().unique().sort():
                yield Group(scale, level, (levels == level).fill_null(value=False).to_numpy())


def by_field(test: Panel, fields: Sequence[str], notes: Notes) -> Iterator[Group]:
    """Yield the values of fields: the common ones of texts, both of flags, ranges of numbers, and unknown."""
    for name in fields[:MOST_FIELDS]:
        column = test.fields[name]
        yield from (Group(notes.label(name), value, rows) for value, rows in _values(column))


def _values(column: pl.Series) -> Iterator[tuple[str, Mask]]:
    if column.dtype == pl.String:
        texts = column.to_frame().select(folded(column.name)).to_series()
        common = texts.drop_nulls().value_counts().sort(["count", column.name], descending=[True, False])
        for text in common.head(MOST_LEVELS)[column.name]:
            rows = (texts == text).fill_null(value=False).to_numpy()
            yield column.filter(pl.Series(rows))[0].strip(), rows
    elif column.dtype == pl.Boolean:
        yield "yes", column.fill_null(value=False).to_numpy()
        yield "no", (~column).fill_null(value=False).to_numpy()
    elif column.dtype == pl.Float64:
        yield from _ranges(column)
    if column.null_count() and not isinstance(column.dtype, pl.List):
        yield "unknown", column.is_null().to_numpy()


def _ranges(column: pl.Series) -> Iterator[tuple[str, Mask]]:
    edges = cuts(column, 3)
    for low, high in zip([None, *edges], [*edges, None], strict=True):
        rows = column.is_not_null()
        rows &= column >= low if low is not None else rows
        rows &= column < high if high is not None else rows
        yield _range(low, high), rows.to_numpy()


def _range(low: float | None, high: float | None) -> str:
    if low is None:
        return "any number" if high is None else f"below {shown(high)}"
    return f"{shown(low)} or more" if high is None else f"{shown(low)} to below {shown(high)}"


def say(found: Sequence[Promise], notes: Notes) -> None:
    """Warn of groups whose promise was not kept."""
    whole = [one for one in found if one.scale == ALL]
    groups = [one for one in found if one.scale != ALL]
    for one in whole:
        said = f"All {notes.units} of the test part: {_told(one)}. The percentages are wrong as a whole"
        notes.add("promise", f"{said}; groups are named if theirs are off beyond that.", "warning")
    for one in groups[:MOST_NAMED]:
        said = f"{_named(one)}: {_told(one)}, {one.leads:,} {notes.units} of the test part."
        notes.add("promise", f"{said} Do not rely on the percentages of this group.", "warning", one.scale)
    if rest := len(groups[MOST_NAMED:]):
        more = "more groups came" if rest > 1 else "more group came"
        notes.add("promise", f"{rest} {more} clearly otherwise than promised; the report lists them.", "warning")


def _named(one: Promise) -> str:
    """Return what a group is called in a sentence."""
    if one.scale == PERCENTAGE:
        return f"{one.group.capitalize()} by percentage, lowest first"
    return f"{one.scale.capitalize() if one.scale.islower() else one.scale}, {one.group}"


def _told(one: Promise) -> str:
    return f"{one.promised:.1%} were promised and {one.came:.1%} came ({one.low:.1%} to {one.high:.1%})"
