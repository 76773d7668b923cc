"""Reads leads, activities, outcomes and field history from CSV or Parquet files for `run`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from calibrate import fields, tables
from calibrate.current_card import part_of
from calibrate.deriving import NOTHING, Derived
from calibrate.errors import CalibrationError
from calibrate.frames import HISTORY, OF_ACCOUNTS, Frames
from calibrate.notes import Notes
from connectors.files.headings import plain_name
from scoring import Scorecard
from scoring import touchpoints as numbered
from scoring.card.accounts import ACCOUNT_ID
from vocabulary.fields import FieldType

LEAD: Final = ("lead_id", "lead", "id")
ACCOUNT: Final = "account_id"
CREATED: Final = ("created_at", "created", "createdate", "created_date", "creation_date", "lead_created_at")
DEAL_MOMENTS: Final = ("created_at", "won_at")
CONVERTED: Final = ("converted_at", "occurred_at", "converted", "closed_at", "date")
CLOSED: Final = "closed_at"
OCCURRED: Final = ("occurred_at", "timestamp", "time", "date")
TEXTS: Final = ("url", "name")
NUMBERS: Final = ("seconds", "value")


@dataclass(frozen=True)
class Paths:
    """Where the files are."""

    leads: Path
    outcomes: Path
    activities: Path | None = None
    history: Path | None = None
    accounts: Path | None = None
    deals: Path | None = None


def read(paths: Paths, card: Scorecard | None, notes: Notes, derived: Derived = NOTHING) -> Frames:
    """Read the files. The scorecard declares the fields; without one, they are inferred from the columns.

    Days without a clock begin in the scorecard's zone.
    """
    declared, zone = (card.fields, card.zone.key) if card else (None, "UTC")
    acts, touchpoints = _activities(paths.activities, notes, zone)
    related = notes.units == "accounts" or paths.accounts is not None
    leads = _leads(paths.leads, declared, notes, derived, zone, related=related)
    history = _history(paths.history, notes, zone)
    return Frames(
        leads,
        acts,
        touchpoints,
        _outcomes(paths.outcomes, notes, zone),
        derived.versions(history.filter(pl.col("lead").is_not_null()).select(*HISTORY)),
        accounts=_accounts(paths.accounts, card, notes, zone) if card and related else None,
        account_history=history.filter(pl.col("lead").is_null()).select(*OF_ACCOUNTS),
        deals=_deals(paths.deals, card, notes, zone) if card else None,
    )


def _column(frame: pl.DataFrame, names: Sequence[str], path: Path) -> str:
    by_name = {plain_name(column): column for column in reversed(frame.columns)}
    found = next((by_name[name] for name in names if name in by_name), None)
    if found is None:
        raise CalibrationError(f"{path}: has no column {names[0]!r}. Its columns are: {', '.join(frame.columns)}.")
    return found


def _ids(column: pl.Series, name: str = "lead") -> pl.Series:
    return fields.cleaned(column.cast(pl.String, strict=False)).alias(name)


def _whose(frame: pl.DataFrame, path: Path, notes: Notes) -> list[pl.Series]:
    """Return the columns that say whose a row is: the lead, and where accounts are calibrated the account."""
    named = {plain_name(column): column for column in reversed(frame.columns)}
    account = named.get(ACCOUNT) if notes.units == "accounts" else None
    if account is None:
        return [_ids(frame[_column(frame, LEAD, path)])]
    lead = next((named[name] for name in ("lead_id", "lead") if name in named), None)
    unknown = pl.Series([None]).new_from_index(0, len(frame))
    return [_ids(unknown if lead is None else frame[lead]), _ids(frame[account], ACCOUNT_ID)]


def _leads(
    path: Path,
    declared: Mapping[str, FieldType] | None,
    notes: Notes,
    derived: Derived,
    zone: str,
    *,
    related: bool,
) -> pl.DataFrame:
    """Read the leads; `related`: with the account of each."""
    frame = derived.added(tables.read(path, notes).frame, path, notes)
    lead, created = _column(frame, LEAD, path), _column(frame, CREATED, path)
    notes.columns = {plain_name(name): name for name in reversed(frame.columns)}
    moment = fields.known_as(frame[created], "time", notes, zone).alias("created_at")
    account = notes.columns.get(ACCOUNT) if related else None
    whose = [] if account is None else [_ids(frame[account], ACCOUNT_ID)]
    columns = _typed(frame, {lead, created, account}, declared, notes, zone)
    return pl.DataFrame([_ids(frame[lead]), moment, *whose, *columns])


def _typed(
    frame: pl.DataFrame,
    apart: Collection[str | None],
    declared: Mapping[str, FieldType] | None,
    notes: Notes,
    zone: str,
) -> list[pl.Series]:
    """Return the columns by their field names, with their types."""
    named = {plain_name(name): frame[name] for name in reversed(frame.columns) if name not in apart}
    kinds = {name: _kind(name, column, declared) for name, column in reversed(named.items())}
    return [fields.known_as(named[name].rename(name), kind, notes, zone).alias(name) for name, kind in kinds.items()]


def _accounts(path: Path | None, card: Scorecard, notes: Notes, zone: str) -> pl.DataFrame | None:
    """Read the accounts; without a file none of their fields is known."""
    if path is None:
        notes.add("accounts", "Without --accounts, no field of an account is known.")
        return None
    frame = tables.read(path, notes).frame
    ids = _column(frame, (ACCOUNT, "id", ACCOUNT_ID), path)
    if notes.units == "accounts":
        notes.columns = {plain_name(name): name for name in reversed(frame.columns)}
    declared = part_of(card, "accounts").fields
    return pl.DataFrame([_ids(frame[ids], ACCOUNT_ID), *_typed(frame, {ids}, declared, notes, zone)])


def _deals(path: Path | None, card: Scorecard, notes: Notes, zone: str) -> pl.DataFrame | None:
    """Read the deals with their fields, and when they were created and won as far as the file says."""
    if path is None:
        return None
    frame = tables.read(path, notes).frame
    named = {plain_name(name): frame[name] for name in reversed(frame.columns)}
    ids, lead = frame[_column(frame, ("id", "deal_id", "deal"), path)], frame[_column(frame, ("lead_id", "lead"), path)]
    account = named.get(ACCOUNT, pl.Series([None]).new_from_index(0, len(frame)))
    kinds: dict[str, FieldType] = {**dict.fromkeys(DEAL_MOMENTS, "time"), **card.deals}
    columns = [
        fields.known_as(named[name].rename(name), kind, notes, zone).alias(name)
        for name, kind in kinds.items()
        if name in named
    ]
    found = pl.DataFrame([_ids(ids, "deal"), _ids(lead), _ids(account, ACCOUNT_ID), *columns])
    return found.drop_nulls("deal").unique(["deal", "lead"], keep="last", maintain_order=True)


def _kind(name: str, column: pl.Series, declared: Mapping[str, FieldType] | None) -> FieldType:
    if name == CLOSED:
        return "time"
    return declared[name] if declared and name in declared else fields.inferred_type(column)


def _outcomes(path: Path, notes: Notes, zone: str) -> pl.DataFrame:
    frame = tables.read(path, notes).frame
    moment = fields.known_as(frame[_column(frame, CONVERTED, path)], "time", notes, zone).alias("occurred_at")
    found = pl.DataFrame([*_whose(frame, path, notes), moment])
    return found.filter(pl.any_horizontal(pl.exclude("occurred_at").is_not_null()))


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
    """Read what fields of leads, and of accounts, held before; a row is one's or the other's."""
    both = {**HISTORY, **OF_ACCOUNTS}
    if path is None:
        return pl.DataFrame(schema=both)
    frame = tables.read(path, notes).frame
    moment = fields.known_as(frame[_column(frame, ("since",), path)], "time", notes, zone).alias("since")
    name = frame[_column(frame, ("field",), path)].cast(pl.String).alias("field")
    held = [_optional(frame, name, pl.String) for name in ("value", "before")]
    found = pl.DataFrame([*_whose(frame, path, notes), name.replace(ACCOUNT, ACCOUNT_ID), moment, *held])
    return pl.concat([pl.DataFrame(schema=both), found], how="diagonal_relaxed")
