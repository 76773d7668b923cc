"""Reads leads, activities, outcomes and field history from CSV or Parquet files for `run`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import polars as pl

from calibrate import fields, tables
from calibrate.deriving import NOTHING, Derived
from calibrate.errors import CalibrationError
from calibrate.fields import plain_name
from calibrate.notes import Notes
from scoring import Scorecard
from scoring import touchpoints as numbered
from vocabulary.fields import FieldType

LEAD: Final = ("lead_id", "lead", "id")
CREATED: Final = ("created_at", "created", "createdate", "created_date", "creation_date", "lead_created_at")
CONVERTED: Final = ("converted_at", "occurred_at", "converted", "closed_at", "date")
CLOSED: Final = "closed_at"
OCCURRED: Final = ("occurred_at", "timestamp", "time", "date")
HISTORY: Final = pl.Schema(
    {
        "lead": pl.String(),
        "field": pl.String(),
        "since": pl.Datetime("us", "UTC"),
        "value": pl.String(),
        "before": pl.String(),
    }
)
TEXTS: Final = ("url", "name")
NUMBERS: Final = ("seconds", "value")


@dataclass(frozen=True)
class Frames:
    """The input of `run`."""

    leads: pl.DataFrame
    activities: pl.DataFrame
    touchpoints: pl.DataFrame
    outcomes: pl.DataFrame
    history: pl.DataFrame

    @property
    def latest(self) -> datetime:
        """Return the last date in any file, the default date of the calibration."""
        columns = [self.leads["created_at"], self.activities["occurred_at"], self.outcomes["occurred_at"]]
        moments = [moment for moment in (column.max() for column in columns) if isinstance(moment, datetime)]
        if not moments:
            raise CalibrationError("These files have no valid date. Write ISO dates, such as 2026-03-31T12:00:00Z.")
        return max(moments)


def read(
    leads: Path, activities: Path | None, outcomes: Path, history: Path | None,
    card: Scorecard | None, notes: Notes, derived: Derived = NOTHING,
) -> Frames:  # fmt: skip
    """Read the files. The scorecard declares the fields; without one, they are inferred from the columns.

    Days without a clock begin in the scorecard's zone.
    """
    declared, zone = (card.fields, card.zone.key) if card else (None, "UTC")
    acts, touchpoints = _activities(activities, notes, zone)
    return Frames(
        _leads(leads, declared, notes, derived, zone),
        acts,
        touchpoints,
        _outcomes(outcomes, notes, zone),
        derived.versions(_history(history, notes, zone)),
    )


def _column(frame: pl.DataFrame, names: Sequence[str], path: Path) -> str:
    by_name = {plain_name(column): column for column in reversed(frame.columns)}
    found = next((by_name[name] for name in names if name in by_name), None)
    if found is None:
        raise CalibrationError(f"{path}: has no column {names[0]!r}. Its columns are: {', '.join(frame.columns)}.")
    return found


def _ids(column: pl.Series) -> pl.Series:
    return fields.cleaned(column.cast(pl.String, strict=False)).alias("lead")


def _leads(
    path: Path, declared: Mapping[str, FieldType] | None, notes: Notes, derived: Derived, zone: str
) -> pl.DataFrame:
    frame = derived.added(tables.read(path, notes).frame, path, notes)
    lead, created = _column(frame, LEAD, path), _column(frame, CREATED, path)
    named = {plain_name(name): frame[name] for name in reversed(frame.columns) if name not in {lead, created}}
    kinds = {name: _kind(name, column, declared) for name, column in reversed(named.items())}
    notes.columns = {plain_name(name): name for name in reversed(frame.columns)}
    moment = fields.known_as(frame[created], "time", notes, zone).alias("created_at")
    columns = [fields.known_as(named[name].rename(name), kind, notes, zone).alias(name) for name, kind in kinds.items()]
    return pl.DataFrame([_ids(frame[lead]), moment, *columns])


def _kind(name: str, column: pl.Series, declared: Mapping[str, FieldType] | None) -> FieldType:
    if name == CLOSED:
        return "time"
    return declared[name] if declared and name in declared else fields.inferred_type(column)


def _outcomes(path: Path, notes: Notes, zone: str) -> pl.DataFrame:
    frame = tables.read(path, notes).frame
    moment = fields.known_as(frame[_column(frame, CONVERTED, path)], "time", notes, zone).alias("occurred_at")
    return pl.DataFrame([_ids(frame[_column(frame, LEAD, path)]), moment]).drop_nulls("lead")


def _activities(path: Path | None, notes: Notes, zone: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    frame = (
        tables.read(path, notes).frame
        if path
        else pl.DataFrame(schema={"lead_id": pl.String, "kind": pl.String, "occurred_at": pl.String})
    )
    where = path or Path("activities")
    lead, kind = _column(frame, ("lead_id", "lead"), where), _column(frame, ("kind", "type"), where)
    moment = fields.known_as(frame[_column(frame, OCCURRED, where)], "time", notes, zone).alias("occurred_at")
    texts = [_optional(frame, name, pl.String) for name in TEXTS]
    figures = [fields.numbers(_optional(frame, name, pl.String)).alias(name) for name in NUMBERS]
    rows = pl.DataFrame(
        [
            _ids(frame[lead]),
            _row_ids(frame, lead),
            fields.cleaned(frame[kind].cast(pl.String)).alias("kind"),
            moment,
            *texts,
            *figures,
        ]
    )
    return numbered(_sound(rows, where, notes))


def _optional(frame: pl.DataFrame, name: str, dtype: type[pl.DataType]) -> pl.Series:
    if name not in frame.columns:
        return pl.Series(name, [None] * len(frame), dtype)
    return fields.cleaned(frame[name].cast(dtype, strict=False))


def _row_ids(frame: pl.DataFrame, lead: str) -> pl.Series:
    if "id" in frame.columns and lead != "id":
        return frame["id"].cast(pl.String).alias("id")
    return pl.Series("id", range(len(frame)), pl.UInt32).cast(pl.String)


def _sound(rows: pl.DataFrame, path: Path, notes: Notes) -> pl.DataFrame:
    known = rows.drop_nulls(["lead", "kind", "occurred_at"])
    if lost := len(rows) - len(known):
        notes.add("left out rows", f"{path.name}: {lost:,} activities without a lead, a kind or a time were skipped.")
    once = known.unique(["lead", "id"], keep="first", maintain_order=True)
    if twice := len(known) - len(once):
        notes.add("left out rows", f"{path.name}: {twice:,} duplicate activities were counted once.")
    return once


def _history(path: Path | None, notes: Notes, zone: str) -> pl.DataFrame:
    if path is None:
        return HISTORY.to_frame()
    frame = tables.read(path, notes).frame
    moment = fields.known_as(frame[_column(frame, ("since",), path)], "time", notes, zone).alias("since")
    name = frame[_column(frame, ("field",), path)].cast(pl.String).alias("field")
    held = [_optional(frame, name, pl.String) for name in ("value", "before")]
    return pl.DataFrame([_ids(frame[_column(frame, LEAD, path)]), name, moment, *held])
