"""Guards against leaks: a value that predicts conversions too well was probably recorded after them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import polars as pl

from calibrate.card.rules import Candidate
from calibrate.guards import emptiness
from calibrate.guards.emptiness import Value
from calibrate.learning.ages import as_numbers
from calibrate.notes import Notes
from calibrate.past.panel import Mask, Panel
from calibrate.statistics.fit import Floats
from calibrate.statistics.metrics import auc
from vocabulary.fields import FieldType

TOO_GOOD: Final = 0.85
TOO_SURE: Final = 0.95
CLEAR_OF_RATE: Final = 0.15
"""A level is only too predictive if the overall rate is at least this far below its own."""
FEWEST: Final = 30
FEWEST_ALONE: Final = 10
"""The converted leads, and others, for an AUC that is only shown."""
MANY_WINS: Final = 0.2
"""If too predictive levels have a larger share of the conversions, the whole field is left out."""
PRIOR: Final = 5.0


@dataclass(frozen=True)
class Usable:
    """The fields to learn from."""

    fields: dict[str, FieldType]
    masked: frozenset[str] = frozenset()
    """Fields whose emptiness must not be used."""
    blanked: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Values, in lower case, that must not be used."""
    usual: Mapping[str, Value] = field(default_factory=dict)
    """Of fields whose emptiness tells the outcome, the value that an empty one counts as."""


def usable(panel: Panel, declared: Mapping[str, FieldType], include: Iterable[str], notes: Notes) -> Usable:
    """Leave out fields whose values reveal the outcome, and mask emptiness that does, judged on the training part only.

    `include` keeps a field, but brings no emptiness back.
    """
    one_each, wanted = first_rows(panel), set(include)
    numbers = as_numbers(one_each)
    blanked: dict[str, list[str]] = {}
    sound = [name for name in declared if name in wanted or not _values_tell(numbers, name, blanked, notes)]
    found = {name: emptiness.looked_at(one_each, name, notes) for name in sound}
    kept = {name: declared[name] for name in sound if found[name].left}
    masked = {name for name in kept if found[name].some}
    usual = {name: value for name in kept if (value := found[name].usual) is not None}
    return Usable(kept, frozenset(masked | set(blanked)), blanked, usual)


def first_rows(panel: Panel) -> Panel:
    """Return the first snapshot of each lead, labelled by whether it has converted to date, as leaks would be."""
    leads, first, place = np.unique(panel.lead, return_index=True, return_inverse=True)
    ever = np.bincount(place, panel.label, len(leads)) > 0 if panel.ahead is None else np.isfinite(panel.ahead[first])
    small = replace(panel, counts=(), ever=np.zeros((0, 0), np.float32), signals=(), age=None, locked=None)
    return replace(small.take(first), label=ever.astype(np.float64))


def _values_tell(panel: Panel, name: str, blanked: dict[str, list[str]], notes: Notes) -> bool:
    column = panel.fields[name]
    if column.dtype == pl.Float64:
        known = column.is_not_null().to_numpy()
        return _too_good(panel.label[known], column.drop_nulls().to_numpy(), name, notes)
    text = _text(column)
    if panel.rate < TOO_SURE - CLEAR_OF_RATE and _sure_levels_tell(text, panel.label, name, blanked, notes):
        return True
    sound = ~text.is_in(blanked.get(name, [])).fill_null(value=False).to_numpy()
    held = sound & (np.arange(len(sound)) % 2 == 1)
    return _too_good(panel.label[held], _rates(text, panel.label, sound & ~held)[held], name, notes)


def alone(panel: Panel, name: str) -> float | None:
    """Return the AUC of a field by itself where it is known, in the better direction; None if there is too little data.

    Texts are scored by the rates of their values in the other half of the rows.
    """
    known = panel.take(panel.fields[name].is_not_null().to_numpy())
    column, label = known.fields[name], known.label
    if min(label.sum(), (1 - label).sum()) < FEWEST_ALONE:
        return None
    if column.dtype == pl.Float64:
        area = auc(label, column.to_numpy())
        return max(area, 1 - area)
    text, odd = _text(column), np.arange(len(column)) % 2 == 1
    return max(0.5, auc(label, np.where(odd, _rates(text, label, ~odd), _rates(text, label, odd))))


def _text(column: pl.Series) -> pl.Series:
    joined = column.list.sort().list.join(";") if isinstance(column.dtype, pl.List) else column
    return joined.cast(pl.String).str.strip_chars().str.to_lowercase()


def _sure_levels_tell(text: pl.Series, label: Floats, name: str, blanked: dict[str, list[str]], notes: Notes) -> bool:
    """Leave out values that almost always convert, or the whole field if they have many of the conversions."""
    levels = (
        pl.DataFrame({"level": text, "won": label}).drop_nulls().group_by("level").agg(pl.len(), pl.col("won").sum())
    )
    sure = levels.filter((pl.col("len") >= FEWEST) & (pl.col("won") > TOO_SURE * pl.col("len")))
    sure = sure.sort("len", "level", descending=[True, False])
    field_tells = bool(len(sure)) and float(sure["won"].sum()) > MANY_WINS * label.sum()
    for level, leads, won in sure.iter_rows():
        convert = f"{won / leads:.0%} of the {leads} {notes.units} with {level!r} convert"
        said = f"{notes.label(name)}: {convert}; it is probably filled in afterwards."
        if field_tells:
            notes.leave_out("too sure", said, name)
        else:
            notes.add("too sure", f"{said} This value gives no points.", "warning", name)
    if len(sure) and not field_tells:
        blanked[name] = sure["level"].to_list()
    return field_tells


def _rates(text: pl.Series, label: Floats, seen: Mask) -> Floats:
    """Return the conversion rate of each lead's value among the seen leads, so that rare values do not overfit."""
    known = pl.DataFrame({"level": text, "won": label}).filter(seen)
    rate = float(label[seen].mean()) if seen.any() else 0.0
    rates = known.group_by("level").agg(((pl.col("won").sum() + PRIOR * rate) / (pl.len() + PRIOR)).alias("rate"))
    asked = pl.DataFrame({"level": text}).join(rates, on="level", how="left", nulls_equal=True, maintain_order="left")
    return asked["rate"].fill_null(rate).to_numpy()


def _too_good(label: Floats, score: Floats, name: str, notes: Notes) -> bool:
    area = _area(label, score)
    if area > TOO_GOOD:
        notes.leave_out(
            "too good",
            f"{notes.label(name)} alone predicts conversions (AUC {area:.2f}), too well to be known beforehand.",
            name,
        )
    return area > TOO_GOOD


def _area(label: Floats, score: Floats) -> float:
    """Return the AUC in the better direction; 0.5 if there is too little data."""
    if min(label.sum(), (1 - label).sum()) < FEWEST:
        return 0.5
    area = auc(label, score)
    return max(area, 1 - area)


def too_good_alone(rules: Sequence[Candidate], columns: Floats, label: Floats, notes: Notes) -> list[bool]:
    """Return whether each rule alone is too predictive, and note those that are."""
    areas = [_area(label, column) for column in columns.T]
    for rule, area in zip(rules, areas, strict=True):
        if area > TOO_GOOD:
            said = (
                f"{rule.name} alone predicts conversions (AUC {area:.2f}); it probably happens because of the outcome."
            )
            notes.add("too good", f"{said} Left out.", "left out", rule.name)
    return [area > TOO_GOOD for area in areas]
