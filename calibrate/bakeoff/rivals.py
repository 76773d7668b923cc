"""The scores to compare with: what they held at earlier moments, and which of their values ranks above which."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from calibrate.errors import CalibrationError
from calibrate.inputs.fields import cleaned, inferred_type, numbers
from calibrate.inputs.frames import HISTORY
from calibrate.notes import Notes
from calibrate.options import Options
from calibrate.past.outcome import Timeline, days
from calibrate.past.panel import Panel
from calibrate.past.snapshots import Moments, fields_then
from calibrate.statistics.fit import Floats
from connectors.files.headings import plain_name
from vocabulary.command_line import option
from vocabulary.fields import FieldType

MOST_LEVELS: Final = 30
PRIOR: Final = 5.0
"""How many snapshots with the usual rate each level is taken to have besides its own."""
MOSTLY: Final = 0.95
Orders = Mapping[str, Sequence[str]]
"""The names of the scores as they are asked for, each with its values, the best first, if these were given."""


@dataclass(frozen=True)
class Rival:
    """A score that the company has today."""

    name: str
    """What people call it."""
    field: str
    order: tuple[str, ...] = ()
    """Its values, the best first, if they were given."""
    versions: pl.DataFrame | None = None
    """What it held since when (`frames.HISTORY`); None if it is set at creation."""
    values: pl.Series | None = None
    """What it was at creation, in the order of the leads; None if there is a history."""

    @property
    def known(self) -> pl.Series:
        """Return all values that it ever had."""
        found = self.values if self.versions is None else self.versions["value"]
        assert found is not None, "a score has a history, or values at creation"
        return found.drop_nulls()

    def held(self, leads: pl.DataFrame, panel: Panel) -> pl.Series:
        """Return what it held at each snapshot, as text; null before its first known value."""
        if self.versions is None:
            assert self.values is not None
            return self.values[panel.lead]
        bare = leads.select("lead").with_columns(pl.lit(None, pl.String).alias(self.field))
        return cleaned(fields_then(bare, Moments(panel.lead, panel.moment), self.versions, [self.field])[self.field])

    @property
    def origin(self) -> str:
        """Return where its earlier values come from, in words."""
        told = "what it was when the lead was created" if self.versions is None else "what its history says it was then"
        return f"{self.name} counts as {told}, never as it is today."


@dataclass(frozen=True)
class Source:
    """Where the values of scores can come from: the history, and the columns of the leads."""

    line: Timeline | None
    """None for a table without dates."""
    columns: pl.DataFrame
    """One row per lead of the timeline, or of the table."""
    history: pl.DataFrame

    @property
    def tracked(self) -> list[str]:
        """Return the fields with a history."""
        return self.history.filter(pl.col("since").is_not_null())["field"].drop_nulls().unique().sort().to_list()


def named(asked: Orders, source: Source, labels: Mapping[str, str]) -> dict[str, str]:
    """Return the field of each score that is asked for, by its name in the history or among the columns."""
    there = [*source.tracked, *source.columns.columns]
    by_name = {plain_name(name): name for name in reversed(there)}
    by_label = {plain_name(label): field for field, label in labels.items() if field in there}
    found = {one: _first((one, plain_name(one)), there, by_name, by_label) for one in asked}
    if unknown := [one for one, field in found.items() if field is None]:
        listed = ", ".join(dict.fromkeys(there)) or "none"
        raise CalibrationError(f"--against {unknown[0]}: there is no field of this name. There are: {listed}.")
    return {one: field for one, field in found.items() if field is not None}


def _first(spellings: Sequence[str], there: Collection[str], *others: Mapping[str, str]) -> str | None:
    exact = next((one for one in spellings if one in there), None)
    return exact or next((by[one] for by in others for one in spellings if one in by), None)


def rivals(
    asked: Orders, fields: Mapping[str, str], source: Source, options: Options, notes: Notes
) -> tuple[Rival, ...]:
    """Return the scores to compare with. One whose earlier values nothing tells is refused."""
    if twice := [one for one, field in fields.items() if field in options.include]:
        raise CalibrationError(f"--include {twice[0]}: a score to compare with is not learned from. Leave one out.")
    return tuple(
        _rival(one, fields[one], tuple(order), source, options.at_creation, notes) for one, order in asked.items()
    )


def without(others: Sequence[Rival], declared: Mapping[str, FieldType]) -> dict[str, FieldType]:
    """Return the fields to learn from: those that are no score to compare with."""
    fields = {one.field for one in others}
    return {name: kind for name, kind in declared.items() if name not in fields}


def _rival(
    asked: str, field: str, order: tuple[str, ...], source: Source, at_creation: Collection[str], notes: Notes
) -> Rival:
    written = next((one for one in (field, asked) if one != plain_name(one)), None)
    name = written or notes.label(field)
    if field in source.tracked:
        versions = source.history.filter((pl.col("field") == field) & pl.col("since").is_not_null())
        _say_if_never_changed(name, versions, source, notes)
        # a day without a clock is its first moment, when what was set on that day was not known yet
        later = versions.select(*HISTORY).with_columns(pl.col("since") + pl.duration(microseconds=1))
        return Rival(name, field, order, versions=later)
    if field in at_creation:
        values = source.columns[field].cast(pl.String, strict=False)
        return Rival(name, field, order, values=cleaned(values).alias(field))
    raise CalibrationError(_why_refused(asked, source, notes.unit))


def _why_refused(asked: str, source: Source, unit: str) -> str:
    said = f"--against {asked}: nothing says what it was at earlier moments. Its value of today may know the outcome."
    said_so = option("--at-creation", asked)
    constant = f"if it is set when the {unit} is created, and never changed after that, say so: {said_so}"
    if source.line is None:
        return f"{said} A plain table (--outcome) has no history, so {constant}."
    return f"{said} Give its earlier values with --history FILE (lead_id, field, since, value), or {constant}."


def _say_if_never_changed(name: str, versions: pl.DataFrame, source: Source, notes: Notes) -> None:
    """Warn if the history looks like the values of today, dated back."""
    assert source.line is not None, "only dated data has a history"
    leads = source.line.leads.select("lead", pl.Series("#created", source.line.created))
    each = versions.group_by("lead").agg(pl.len().alias("changes"), pl.col("since").min()).join(leads, on="lead")
    if not len(each):
        return
    soon = (days(each["since"]) - each["#created"].to_numpy() < 1) & (each["changes"].to_numpy() == 1)
    if soon.mean() >= MOSTLY:
        said = f"The history of {name} has one value per {notes.unit}, dated at its creation."
        notes.add(
            "against", f"{said} If these are today's values, dated back, the comparison flatters {name}.", "warning"
        )


@dataclass(frozen=True)
class Scale:
    """Which value of a score ranks above which."""

    order: tuple[str, ...] = ()
    """Its values, the best first; none for a number."""
    said: str = ""
    """Where the order comes from."""

    def of(self, values: pl.Series) -> Floats:
        """Return values as numbers, the best the highest; NaN where one is missing."""
        if not self.order:
            return numbers(values).to_numpy().astype(np.float64)
        places = {level: float(len(self.order) - place) for place, level in enumerate(self.order)}
        known = _folded(values)
        return known.replace_strict(places, default=0.0, return_dtype=pl.Float64).set(known.is_null(), None).to_numpy()


def scale(rival: Rival, leads: pl.DataFrame, train: Panel | None) -> Scale:
    """Return how a score ranks: a number by itself, a choice by the order given, else by its conversions in training.

    Raises CalibrationError if that cannot be told.
    """
    known = rival.known
    if rival.order:
        return _as_given(rival, _folded(known))
    match inferred_type(known):
        case "number":
            return Scale(said=f"A higher {rival.name} counts as better.")
        case "time" | "date":
            raise CalibrationError(f"--against {rival.name}: it holds dates, and not a score.")
        case _:
            return _by_rate(rival, leads, train)


def by_rate(rival: Rival) -> bool:
    """Return whether the order of its values has to be found from conversions."""
    return not rival.order and inferred_type(rival.known) not in {"number", "time", "date"}


def _as_given(rival: Rival, known: pl.Series) -> Scale:
    order, there = tuple(_fold(one) for one in rival.order), known.unique().sort().to_list()
    if missing := [given for given, one in zip(rival.order, order, strict=True) if one not in there]:
        listed = ", ".join(there[:MOST_LEVELS])
        raise CalibrationError(f"--against {rival.name}: it never held {missing[0]!r}. It held: {listed}.")
    rest = [one for one in there if one not in order]
    after = f" Other values ({', '.join(rest[:MOST_LEVELS])}) rank after these." if rest else ""
    return Scale(order, f"The order of {rival.name} was given: {', '.join(rival.order)}.{after}")


def _by_rate(rival: Rival, leads: pl.DataFrame, train: Panel | None) -> Scale:
    levels = _folded(rival.known).unique().sort()
    how = f"Give the order of its values, the best first: --against '{rival.name}=Hot,Warm,Cold'"
    if len(levels) > MOST_LEVELS:
        raise CalibrationError(f"--against {rival.name}: it has {len(levels)} different texts. {how}.")
    if train is None or not train.label.any():
        raise CalibrationError(f"--against {rival.name}: no older conversions tell which value is better. {how}.")
    seen = pl.DataFrame({"level": _folded(rival.held(leads, train)), "won": train.label}).drop_nulls()
    counted = seen.group_by("level").agg(pl.col("won").sum(), pl.len().alias("rows"))
    rate = (pl.col("won").fill_null(0) + PRIOR * train.rate) / (pl.col("rows").fill_null(0) + PRIOR)
    ordered = (
        levels.alias("level")
        .to_frame()
        .join(counted, on="level", how="left")
        .sort(rate, "level", descending=[True, False])
    )
    order = tuple(ordered["level"])
    spelled = {_fold(value): value for value in rival.known.unique().sort(descending=True)}
    listed = ", ".join(spelled[level] for level in order)
    return Scale(order, f"The order of {rival.name} is that of its conversions in the training part: {listed}.")


def _folded(values: pl.Series) -> pl.Series:
    """Return values without case and blanks at their ends, and numbers in one spelling."""
    levels = {value: _fold(value) for value in values.drop_nulls().unique()}
    return values.replace_strict(levels, default=None, return_dtype=pl.String)


def _fold(value: str) -> str:
    text = value.strip().lower()
    try:
        return f"{float(text):g}"
    except ValueError:
        return text
