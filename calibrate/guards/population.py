"""Guards on the population: leads that changed over time, activities after the outcome, leads never contacted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.tree import DecisionTreeClassifier

from calibrate.guards.leaks import first_rows
from calibrate.notes import Notes
from calibrate.past.panel import Panel
from calibrate.statistics.fit import Floats
from calibrate.statistics.metrics import auc

TOLD_APART: Final = 0.75
CARRIES_DATE: Final = 0.95
FEWEST: Final = 60
ROWS: Final = 20_000
MOSTLY_AFTER: Final = 0.8
FEWEST_OF_KIND: Final = 30
SALES_KINDS: Final = ("call", "meeting", "sales_email")


@dataclass(frozen=True)
class Adversary:
    """How well a model tells older from newer leads, and which fields do so alone."""

    auc: float
    dated: frozenset[str] = frozenset()


def adversary(train: Panel, test: Panel, fields: Sequence[str], seed: int, notes: Notes) -> Adversary:
    """Note whether the leads have changed, and leave out fields that reveal the date."""
    names = [name for name in fields if not isinstance(train.fields[name].dtype, pl.Datetime | pl.List)]
    if not names or min(train.leads, test.leads) < FEWEST:
        return Adversary(float("nan"))
    columns, newer = _both(train, test, names, seed)
    half = np.random.default_rng(seed).permutation(len(newer)) % 2 == 0
    model = HistGradientBoostingClassifier(max_iter=40, max_leaf_nodes=8, early_stopping=False, random_state=seed)
    area = _held_out(model, columns, newer, half)
    if not area > TOLD_APART:
        return Adversary(area)
    alone = [
        _held_out(DecisionTreeClassifier(max_leaf_nodes=16, random_state=seed), column[:, None], newer, half)
        for column in columns.T
    ]
    return Adversary(area, _named(names, alone, area, notes))


def _named(names: Sequence[str], alone: Sequence[float], area: float, notes: Notes) -> frozenset[str]:
    worst = ", ".join(notes.label(names[place]) for place in np.argsort(alone)[::-1][:3])
    said = (
        f"The {notes.units} have changed: a model can tell older from newer ones (AUC {area:.2f}), mostly by {worst}."
    )
    notes.add("told apart", f"{said} Expect worse results than a random split suggests.", "warning")
    dated = frozenset(name for name, one in zip(names, alone, strict=True) if one > CARRIES_DATE)
    for name in sorted(dated):
        notes.leave_out(
            "carries the date",
            f"{notes.label(name)} alone tells older from newer {notes.units}, so it describes the date and not the"
            f" {notes.unit}.",
            name,
        )
    return dated


def _both(train: Panel, test: Panel, names: Sequence[str], seed: int) -> tuple[Floats, Floats]:
    generator = np.random.default_rng(seed)
    old, new = (first_rows(panel).sample(ROWS, generator).fields.select(names) for panel in (train, test))
    columns = np.column_stack([_ranked(pl.concat([old[name], new[name]])) for name in names])
    return columns, np.concatenate([np.zeros(len(old)), np.ones(len(new))])


def _ranked(column: pl.Series) -> Floats:
    value = column if column.dtype == pl.String else column.cast(pl.Float64)
    return value.rank("dense").cast(pl.Float64).fill_null(-1.0).to_numpy()


def _held_out(
    model: HistGradientBoostingClassifier | DecisionTreeClassifier,
    columns: Floats,
    label: Floats,
    half: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> float:
    """Return the AUC of a model on the half that it was not fitted on."""
    model.fit(columns[half], label[half])
    return auc(label[~half], np.asarray(model.predict_proba(columns[~half])[:, 1], dtype=np.float64))


def say_what_came_after(
    activities: pl.DataFrame, touchpoints: pl.DataFrame, outcomes: pl.DataFrame, notes: Notes
) -> None:
    """Note the number of activities after the outcome, and the kinds that mostly come after it."""
    first = outcomes.drop_nulls("occurred_at").group_by("lead").agg(pl.col("occurred_at").min().alias("converted_at"))
    met = activities.join(first, on="lead").join(touchpoints.select("touchpoint", "kind"), on="touchpoint")
    met = met.select("kind", after=pl.col("occurred_at") > pl.col("converted_at"))
    if later := int(met["after"].sum()):
        notes.add(
            "after the outcome",
            f"{later:,} activities of converted {notes.units} came after the outcome; they are not used.",
        )
    kinds = met.group_by("kind").agg(pl.len(), pl.col("after").mean())
    late = kinds.filter((pl.col("len") >= FEWEST_OF_KIND) & (pl.col("after") > MOSTLY_AFTER)).sort("kind")
    for kind, _, share in late.iter_rows():
        said = f"{notes.label(kind)}: {share:.0%} of them come after the outcome, so it is a consequence."
        notes.add("after the outcome", said, "warning", kind)


def of_sales(activities: pl.DataFrame, touchpoints: pl.DataFrame) -> pl.DataFrame:
    """Return the activities by which sales contacted somebody."""
    sales = touchpoints.filter(pl.col("kind").str.to_lowercase().is_in(SALES_KINDS))["touchpoint"]
    return activities.filter(pl.col("touchpoint").is_in(sales.implode()))


def say_who_is_missing(activities: pl.DataFrame, touchpoints: pl.DataFrame, notes: Notes) -> None:
    """Note the bias from leads that sales never contacted."""
    called = of_sales(activities, touchpoints)["lead"].n_unique()
    reached = f" {called:,} {notes.units} were contacted by sales." if called else ""
    judged = f"{notes.units.capitalize()} that sales never contacted are judged by those it did contact"
    said = f"{judged}; what was not tried cannot be learned."
    notes.add("selection bias", f"{said}{reached}", "warning")
