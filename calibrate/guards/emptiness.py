"""Fields that are filled in once the outcome is near: their values may give points, their being known may not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl

from calibrate.card.rules import LeadRule, NumberRule
from calibrate.learning.bins import folded
from calibrate.notes import Notes
from calibrate.past.panel import Mask, Panel
from calibrate.statistics.fit import Floats

FEWEST: Final = 30
TELLING: Final = 2.0
APART: Final = 3.9
"""The standard errors between two clearly different rates."""
USUAL: Final = 0.2
"""A number is the usual one if at least this share has it; else the lowest stands for the usual."""
NEARLY_ALL: Final = 0.9
"""A rule that gives this share of the known values the same points says that they are known."""
ROWS: Final = 5_000
"""The snapshots that rules are tried on."""

Value = str | float | bool


@dataclass(frozen=True)
class Found:
    """What the emptiness of a field says: whether it tells the outcome, and the value that an empty one counts as."""

    tells: bool
    some: bool
    """Whether any value is empty, but so few that nothing can be said."""
    usual: Value | None = None
    left: bool = True
    """Whether enough values are neither empty nor the usual one."""


def looked_at(panel: Panel, name: str, notes: Notes) -> Found:
    """Judge the emptiness of a field by the first snapshots of the leads, and say so if it tells the outcome."""
    column = panel.fields[name]
    none = empty(column)
    if min(none.sum(), (~none).sum()) < FEWEST:
        return Found(tells=False, some=bool(none.any()))
    if not _telling(panel.label[~none], panel.label[none]):
        return Found(tells=False, some=False)
    if column.dtype.is_temporal():
        _say(panel.label[none].mean(), panel.label[~none].mean(), name, None, notes)
        return Found(tells=True, some=True, left=False)
    usual = usual_of(column.filter(~none))
    left = int((~none & ~_equal(column, usual)).sum()) >= FEWEST
    _say(panel.label[none].mean(), panel.label[~none].mean(), name, (usual, left), notes)
    return Found(tells=True, some=True, usual=usual, left=left)


def _say(gone: float, there: float, name: str, found: tuple[Value, bool] | None, notes: Notes) -> None:
    said = (
        f"{notes.label(name)}: {gone:.0%} of the {notes.units} without it convert, and {there:.0%} of the others; it is"
        " probably filled in afterwards."
    )
    if found is None:
        notes.add("emptiness", f"{said} So is its date. Left out.", "left out", name)
        return
    usual, left = found
    if not left:
        notes.add("emptiness", f"{said} Nearly all others hold {_shown(usual)}. Left out.", "left out", name)
        return
    counted = f"Being empty gives no points, nor does {_shown(usual)}, which empty ones count as"
    notes.add("emptiness", f"{said} {counted}; --include does not change that.", "warning", name)


def _shown(usual: Value) -> str:
    if isinstance(usual, bool):
        return "yes" if usual else "no"
    return repr(usual) if isinstance(usual, str) else f"{usual:g}"


def empty(column: pl.Series) -> Mask:
    """Return which values are missing; blanks are."""
    blank = column.is_null()
    return (
        (blank | (column.str.strip_chars() == "") if column.dtype == pl.String else blank)
        .fill_null(value=True)
        .to_numpy()
    )


def _telling(one: Floats, other: Floats) -> bool:
    high, low = max(one.mean(), other.mean()), min(one.mean(), other.mean())
    spread = np.sqrt(one.var() / len(one) + other.var() / len(other))
    return bool(high > TELLING * low and high - low > APART * spread)


def usual_of(known: pl.Series) -> Value:
    """Return the value that empty ones count as: the most common one, of numbers without one the lowest."""
    if isinstance(known.dtype, pl.List):
        known = known.explode().drop_nulls()
    if known.dtype == pl.String:
        known = known.str.strip_chars()
    found = known.value_counts().sort(["count", known.name], descending=[True, False]).row(0)
    if known.dtype == pl.Float64 and found[1] < USUAL * len(known):
        return float(known.min())  # type: ignore[arg-type] # it is a number
    usual: Value = found[0]
    return usual


def _equal(column: pl.Series, usual: Value) -> Mask:
    frame = column.to_frame()
    if isinstance(column.dtype, pl.List):
        test = pl.col(column.name).list.eval(pl.element().str.strip_chars()).list.contains(usual)
    elif isinstance(usual, str):
        test = folded(column.name) == usual.lower()
    else:
        test = pl.col(column.name) == usual
    return frame.select(test.fill_null(value=False)).to_series().to_numpy()


def with_filled_in(panel: Panel, usual: Mapping[str, Value]) -> Panel:
    """Return the panel with what must be fitted beside the rules and never scored: whether these fields are known.

    If a field is filled in because of the outcome alone, the log-odds of those with a value are all moved by the same
    amount. With that in the fit, what one value gives over another is what it would give if all were known.
    """
    if not usual:
        return panel
    known = np.column_stack([~empty(panel.fields[name]) for name in usual])
    return replace(panel, filled_in=known.astype(np.float64))


def filled(fields: pl.DataFrame, usual: Mapping[str, Value]) -> pl.DataFrame:
    """Return the fields with the usual value where one is empty."""
    return fields.with_columns(_set(fields[name], value, empty(fields[name])) for name, value in usual.items())


def _set(column: pl.Series, value: Value | None, rows: Mask) -> pl.Series:
    other = like(column, value).new_from_index(0, len(column))
    return pl.select(pl.when(pl.Series(rows)).then(other).otherwise(column).alias(column.name)).to_series()


def like(column: pl.Series, value: Value | None) -> pl.Series:
    """Return one value as a column of the same type."""
    put = [value] if isinstance(column.dtype, pl.List) and value is not None else value
    return pl.Series(column.name, [put], dtype=column.dtype)


@dataclass(frozen=True)
class Views:
    """The snapshots as they are, and as they would be if a field were empty, or the usual one, for all of them."""

    actual: Panel
    emptied: Mapping[str, Panel]
    usual: Mapping[str, Panel]


def views(
    panel: Panel, usual: Mapping[str, Value], derived: Callable[[pl.DataFrame], pl.DataFrame] = lambda fields: fields
) -> Views:
    """Return the views of these fields; `derived` computes anew what follows from the fields."""
    panel = panel.sample(ROWS, np.random.default_rng(0))
    every = np.ones(len(panel), np.bool_)

    def with_all(name: str, value: Value | None) -> Panel:
        changed = panel.fields.with_columns(_set(panel.fields[name], value, every))
        return replace(panel, fields=derived(changed))

    return Views(
        panel,
        {name: with_all(name, None) for name in usual},
        {name: with_all(name, value) for name, value in usual.items()},
    )


def fair(rule: LeadRule | NumberRule, seen: Views) -> bool:
    """Return whether a rule neither tells an empty value from the usual one nor says that a value is known."""
    return all(_fair(rule, name, seen) for name in seen.usual if name in rule.subjects)


def _fair(rule: LeadRule | NumberRule, name: str, seen: Views) -> bool:
    gone = rule.column(seen.emptied[name])
    if not np.array_equal(gone, rule.column(seen.usual[name])):
        return False
    known = ~empty(seen.actual.fields[name])
    moved = (rule.column(seen.actual) - gone)[known]
    _, counts = np.unique(moved[moved != 0], return_counts=True)
    return not len(counts) or bool(counts.max() <= NEARLY_ALL * len(moved))


def fair_ones(rules: Sequence[LeadRule | NumberRule], seen: Views) -> list[LeadRule | NumberRule]:
    """Return the rules that are fair to empty values."""
    return [rule for rule in rules if fair(rule, seen)]
