"""Calibrates on a plain table: one row per lead, one column with the outcome, rows in order of time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import polars as pl
from threadpoolctl import threadpool_limits

from calibrate.assess import assess
from calibrate.bakeoff import comparing, rivals
from calibrate.card import current_card, replay
from calibrate.card.current_card import ANY_TIME
from calibrate.card.replay import Past
from calibrate.errors import CalibrationError
from calibrate.from_history import old_card, text_of
from calibrate.guards import names
from calibrate.guards.overrides import There, settled
from calibrate.inputs import placeholders, wide
from calibrate.inputs.deriving import NOTHING, Derived
from calibrate.inputs.fields import cleaned, flags, inferred_type, numbers, times, typed
from calibrate.inputs.frames import HISTORY
from calibrate.inputs.tables import Table
from calibrate.learning import ages
from calibrate.material import Material
from calibrate.notes import Notes
from calibrate.options import Options
from calibrate.past import splits
from calibrate.past.panel import Panel
from calibrate.result import Calibration
from calibrate.statistics.fit import Floats
from connectors.files.headings import Columns, plain_name
from connectors.files.reading import NO_ID
from scoring import Scorecard
from scoring.card.calendar import UTC_CALENDAR, Calendar
from vocabulary.closest import meant
from vocabulary.fields import FieldType

RESERVED = frozenset(
    {
        "all",
        "any",
        "not",
        "activities",
        "unanswered",
        "surge",
        "fit",
        "engagement",
        "score",
        "grade",
        "stage",
        "urgency",
        "id",
        "lead",
    }
)
MOST_OUTCOMES = 5
KEYS = ("lead_id", "lead", "id", "lead_number", "lead_no", "prospect_id", "record_id")
"""Common names of columns that identify a lead."""


@dataclass(frozen=True)
class Ask:
    """How to read a table: its outcome column, its order column and the date of the calibration."""

    outcome: str
    order: str | None
    fitted_at: datetime
    card: Scorecard | None = None
    card_text: str | None = None
    derived: Derived = NOTHING

    @property
    def calendar(self) -> Calendar:
        """The calendar of the card."""
        return self.card.calendar if self.card else UTC_CALENDAR


def run(table: Table, ask: Ask, options: Options, notes: Notes | None = None) -> Calibration:
    """Learn points from a table without activities. Rows are ordered by a column, or used in file order."""
    said = notes or Notes()
    with threadpool_limits(1):
        return assess(_material(table, ask, options, said), options, said)


def _material(table: Table, ask: Ask, options: Options, notes: Notes) -> Material:
    frame, label = _rows(table, ask, notes)
    columns = _columns([name for name in frame.columns if name not in {ask.outcome, ask.order}], ask.card)
    if not columns:
        raise CalibrationError(f"{table.path}: has no column besides the outcome, so there is nothing to learn from.")
    notes.columns = columns
    declared = _declared(frame, columns, ask.card, notes)
    old, keyed = old_card(ask.card, ask.card_text), _keyed(frame)
    raw = frame.select(pl.col(column).alias(name) for name, column in columns.items())
    source = rivals.Source(None, raw, HISTORY.to_frame())
    others = rivals.named(options.against, source, columns) if options.against else {}
    fields_there = {**dict.fromkeys(others.values(), "text"), **declared}
    options = settled(options, There(fields_there, columns, rules=old.names if old else (), columns=keyed.columns))
    compared = rivals.rivals(options.against, others, source, options, notes)
    fields = typed(raw, declared, notes, ask.card.zone.key if ask.card else "UTC")
    fields = placeholders.without(fields, placeholders.counted(old.whole if old else None), notes)
    usable = names.usable(rivals.without(compared, declared), fields, options.include, options.exclude, notes)
    wide.warn_of_counts(usable, notes)
    rules, wider = current_card.lead_rules(old, fields, usable) if old else ([], fields)
    panel = _panel(wider, label, keyed, options, usable)
    panel, usable, as_of = _aged(panel, usable, ask, options, notes)
    if old and options.locked:
        panel = replace(panel, locked=replay.rule_points(old, options.locked, _asked(panel, declared, as_of)))
    notes.add(
        "plain table",
        "A plain table has neither dates of creation nor activities, so points are for its columns alone.",
    )
    split = splits.by_order(panel)

    def all_at_once(_: float) -> tuple[Panel, float]:
        return panel.take(split.test), 1.0

    def reasons(asked: Panel) -> Sequence[replay.Reasons]:
        return replay.reasons(ask.card, _asked(asked, declared, as_of)) if ask.card else []

    return Material(
        panel=panel,
        fields=usable,
        split=split,
        old=old,
        old_rules=tuple(rules),
        scored=lambda asked, card: replay.results(card, _asked(asked, declared, as_of)),
        newest=None,
        name=ask.card.scorecard if ask.card else plain_name(table.path.stem),
        card_text=text_of(old, ask.card_text),
        columns=columns,
        as_of=None,
        fitted_at=ask.fitted_at,
        ages_as_of=None if as_of == ANY_TIME else as_of.astimezone(ask.calendar.clocks).date(),
        horizon=None,
        against=comparing.Asked(compared, options.capacity, _ids(frame), all_at_once, reasons, dated=False)
        if compared
        else None,
    )


def _rows(table: Table, ask: Ask, notes: Notes) -> tuple[pl.DataFrame, Floats]:
    """Return the rows with an outcome, each lead once, in order of time, and which of them converted."""
    whole = Table(table.path, ask.derived.added(table.frame, table.path, notes))
    frame = _ordered(whole, ask.order and _present(whole, ask.order), notes)
    return _once(*_known(frame, _label(frame[_present(whole, ask.outcome)], notes)), notes)


def _ids(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the id of each row, or its place in the order of time."""
    key = _key(frame)
    ids = pl.Series(range(1, len(frame) + 1)).cast(pl.String) if key is None else frame[key].cast(pl.String)
    return pl.DataFrame({"lead": ids})


def _present(table: Table, name: str) -> str:
    if name in table.columns:
        return name
    near = meant(name, table.columns)
    raise CalibrationError(f"{table.path}: has no column {name!r}. {near}Its columns are: {', '.join(table.columns)}.")


def _ordered(table: Table, order: str | None, notes: Notes) -> pl.DataFrame:
    if table.frame.is_empty():
        raise CalibrationError(f"{table.path}: has no complete row. Export it again.")
    frame = table.frame.with_row_index("row")
    if order is None:
        notes.add(
            "order", "Rows are assumed to be in order of time; use --order COLUMN to name the column to order by."
        )
        return frame.drop("row")
    place = _place(frame[order])
    if place.null_count():
        notes.add("order", f"{place.null_count()} rows without {order} were skipped.")
    return frame.with_columns(place.alias("place")).drop_nulls("place").sort("place", "row").drop("place", "row")


def _place(column: pl.Series) -> pl.Series:
    """Return the values to order by: numbers or times if they parse as such, else text."""
    kind = inferred_type(column)
    if kind == "number":
        return numbers(cleaned(column))
    return times(cleaned(column)) if kind == "time" else cleaned(column)


def _label(column: pl.Series, notes: Notes) -> pl.Series:
    bare = cleaned(column) if column.dtype == pl.String else column
    read = flags(bare)
    if (lost := read.null_count() - bare.null_count()) and lost == len(bare) - bare.null_count():
        values = ", ".join(repr(value) for value in bare.drop_nulls().unique().sort().head(MOST_OUTCOMES).to_list())
        raise CalibrationError(
            f"The outcome {column.name!r} holds {values}: write it as yes and no, true and false, or 1 and 0."
        )
    if lost:
        notes.add("outcomes", f"{lost} rows whose outcome is neither yes nor no were skipped.")
    if blank := bare.null_count():
        notes.add("outcomes", f"{blank} rows without an outcome were skipped.")
    return read


def _once(frame: pl.DataFrame, label: Floats, notes: Notes) -> tuple[pl.DataFrame, Floats]:
    """Keep the last row of each lead. Without a column that identifies leads, identical rows are only counted."""
    key = _key(frame)
    if key is None:
        notes.add("no id", f"No column identifies the lead; `score` needs one. {NO_ID}")
    if key is None or not splits.is_key(ids := cleaned(frame[key].cast(pl.String))):
        if twins := len(frame) - frame.n_unique():
            notes.add(
                "leads twice",
                f"{twins:,} rows are identical to another. No column identifies the lead, so all of them count.",
            )
        return frame, label
    sound = ids.is_null() | ids.is_last_distinct()
    if twice := len(frame) - int(sound.sum()):
        notes.add("leads twice", f"{twice:,} rows repeat a lead (by {key}); only the last row of each lead is used.")
    return frame.filter(sound), label[sound.to_numpy()]


def _key(frame: pl.DataFrame) -> str | None:
    """Return the column that identifies a lead."""
    by_name = {plain_name(name): name for name in reversed(frame.columns)}
    return next((by_name[name] for name in KEYS if name in by_name), None)


def _known(frame: pl.DataFrame, label: pl.Series) -> tuple[pl.DataFrame, Floats]:
    sound = frame.filter(label.is_not_null())
    if sound.is_empty():
        raise CalibrationError(f"No row has an outcome in {label.name!r}.")
    return sound, label.drop_nulls().cast(pl.Float64).to_numpy()


def _columns(names: list[str], card: Scorecard | None) -> dict[str, str]:
    """Return the column of each field, by its scorecard name; those of declared fields are found as in scoring."""
    declared = {} if card is None else Columns(declared=card.columns).found(card.fields, names)
    columns = dict(declared)
    for name in (one for one in names if one not in declared.values()):
        field = plain_name(name)
        field = f"{field}_" if field in RESERVED else field
        while field in columns:
            field = f"{field}_2"
        columns[field] = name
    return columns


def _declared(
    frame: pl.DataFrame, columns: Mapping[str, str], card: Scorecard | None, notes: Notes
) -> dict[str, FieldType]:
    if card is None:
        return {field: inferred_type(frame[column]) for field, column in columns.items()}
    extra = [column for field, column in columns.items() if field not in card.fields]
    if extra:
        notes.add("undeclared", f"Not declared in the scorecard, so not looked at: {', '.join(extra)}.")
    return {field: kind for field, kind in card.fields.items() if field in columns}


def _keyed(frame: pl.DataFrame) -> pl.DataFrame:
    """Rename the columns that identify a company or a person to the names that `splits` uses."""
    names = {plain_name(name): name for name in reversed(frame.columns)}
    return frame.rename({name: key for key, name in names.items() if key in splits.GROUP_NAMES})


def _panel(
    fields: pl.DataFrame, label: Floats, keyed: pl.DataFrame, options: Options, usable: Mapping[str, FieldType]
) -> Panel:
    rows = np.arange(len(label))
    group = (
        splits.groups(keyed, options.group, {})
        if options.group or set(keyed.columns) & set(splits.GROUP_NAMES)
        else splits.groups(fields, None, usable)
    )
    return Panel(fields, label, rows, group, rows.astype(np.float64))


def _aged(
    panel: Panel, usable: dict[str, FieldType], ask: Ask, options: Options, notes: Notes
) -> tuple[Panel, dict[str, FieldType], datetime]:
    """Return the panel with the ages of dates, the fields without dates that cannot be used, and the time as of which.

    This is the latest in the table that is not in the future, of those dates that have an age.
    """
    passed = ages.latest(panel.fields, usable, ask.fitted_at, ask.calendar)
    if passed is None:
        return panel, {name: kind for name, kind in usable.items() if kind not in ages.TIMES}, ANY_TIME
    days = ages.judged(panel, usable, _clock(panel, passed, ask), options.include, notes)
    usable = {name: kind for name, kind in usable.items() if name in days or kind not in ages.TIMES}
    latest = ages.latest(panel.fields, usable, ask.fitted_at, ask.calendar) or passed
    if days:
        day = latest.astimezone(ask.calendar.clocks).date()
        said = f"Dates count by their age on {day}, the latest in the table."
        remedy = f"Score with --as-of {day}, or soon after the table was made: ages grow."
        notes.add("ages", f"{said} {remedy}")
    return ages.added(panel, days, usable, _clock(panel, latest, ask)), usable, latest


def _clock(panel: Panel, as_of: datetime, ask: Ask) -> ages.Clock:
    return ages.Clock(np.full(len(panel), ages.moment(as_of)), ask.calendar)


def _asked(panel: Panel, declared: Mapping[str, FieldType], as_of: datetime) -> Past:
    fields = ages.then(panel).select([name for name in declared if name in panel.fields.columns])
    return Past(pl.Series(panel.lead).cast(pl.String), fields, np.full(len(panel), ages.moment(as_of)))
