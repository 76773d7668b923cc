"""Reads leads, activities, outcomes and field history from CSV or Parquet files for `run`."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import polars as pl

from calibrate.card.current_card import part_of
from calibrate.errors import CalibrationError
from calibrate.inputs import fields, wide
from calibrate.inputs.deriving import NOTHING, Derived
from calibrate.inputs.frames import HISTORY, OF_ACCOUNTS, Frames
from calibrate.inputs.reading import Reading
from calibrate.notes import Notes
from connectors.files.errors import A_TIME, wrong
from connectors.files.headings import AS_THEY_ARE, ID_OF_LEADS, KNOWN, Columns, plain_name
from connectors.files.reading import NO_ID
from scoring import Scorecard
from scoring import touchpoints as numbered
from scoring.card.accounts import ACCOUNT_ID
from scoring.machine_traffic import by_people
from vocabulary.fields import FieldType

LEAD: Final = ("lead_id", "id", *ID_OF_LEADS)
ACCOUNT: Final = "account_id"
CREATED: Final = ("created_at", *KNOWN["created_at"])
DEAL_MOMENTS: Final = ("created_at", "won_at")
CONVERTED: Final = ("converted_at", *KNOWN["converted_at"])
NO_CREATION: Final = "Name it with --created COLUMN."
OF_LEADS: Final = tuple(name for name in KNOWN["lead_id"] if name != "id")
CLOSED: Final = "closed_at"
OUTCOMES: Final = pl.Schema({"lead": pl.String(), "occurred_at": pl.Datetime("us", "UTC")})
OCCURRED: Final = ("occurred_at", *KNOWN["occurred_at"])
TEXTS: Final = ("url", "name")
NUMBERS: Final = ("seconds", "value")


@dataclass(frozen=True)
class Paths:
    """Where the files are."""

    leads: Path
    outcomes: Path | None = None
    """None if the leads' file has a column of it."""
    activities: Path | None = None
    history: Path | None = None
    accounts: Path | None = None
    deals: Path | None = None


def read(
    paths: Paths, card: Scorecard | None, notes: Notes, derived: Derived = NOTHING, columns: Columns = AS_THEY_ARE
) -> Frames:
    """Read the files. The scorecard declares the fields; without one, they are inferred from the columns.

    Days without a clock begin in the scorecard's zone. `columns` can name `lead_id`, `created_at` and `converted_at` of
    the leads' file.
    """
    how, others = Reading(notes, columns, card), Reading(notes, Columns(dates=columns.dates), card)
    related = notes.units == "accounts" or paths.accounts is not None
    leads, converted, spread = _leads(paths, how, derived, related=related)
    outcomes = converted if paths.outcomes is None else _outcomes(paths.outcomes, others)
    history = _history(paths.history, others)
    listed = _activities(paths.activities, others)
    timed = spread.filter(~pl.col("monthly"))["occurred_at"]
    spread = wide.over(
        spread, _latest(leads["created_at"], outcomes["occurred_at"], listed["occurred_at"], timed), notes
    )
    acts, touchpoints = numbered(pl.concat([listed, spread], how="diagonal"))
    if card is None or not card.counts_machines:
        acts = _by_people(acts, touchpoints, notes)
    return Frames(
        leads,
        acts,
        touchpoints,
        outcomes,
        derived.versions(history.filter(pl.col("lead").is_not_null()).select(*HISTORY)),
        accounts=_accounts(paths.accounts, others) if card and related else None,
        account_history=history.filter(pl.col("lead").is_null()).select(*OF_ACCOUNTS),
        deals=_deals(paths.deals, others) if card else None,
    )


def _by_people(activities: pl.DataFrame, touchpoints: pl.DataFrame, notes: Notes) -> pl.DataFrame:
    """Return the activities without those of machines, and say how many they are."""
    kept = by_people(activities, touchpoints)
    if machines := activities.height - kept.height:
        text = f"{machines:,} opens, clicks and page views of mail scanners and privacy proxies were left out."
        notes.add("left out rows", text)
    return kept.drop("mail", "sent_at", strict=False)


def _latest(*moments: pl.Series) -> datetime | None:
    """Return the latest of these times, which is when the files were made as far as they tell."""
    found = [moment for moment in (one.max() for one in moments) if isinstance(moment, datetime)]
    return max(found, default=None)


def _ids(column: pl.Series, name: str = "lead") -> pl.Series:
    return fields.cleaned(column.cast(pl.String, strict=False)).alias(name)


def _whose(frame: pl.DataFrame, path: Path, how: Reading) -> list[pl.Series]:
    """Return the columns that say whose a row is: the lead, and where accounts are calibrated the account."""
    named = {plain_name(column): column for column in reversed(frame.columns)}
    account = named.get(ACCOUNT) if how.notes.units == "accounts" else None
    if account is None:
        return [_ids(frame[how.column(frame, LEAD, path)])]
    lead = next((named[name] for name in ("lead_id", "lead") if name in named), None)
    unknown = pl.Series([None]).new_from_index(0, len(frame))
    return [_ids(unknown if lead is None else frame[lead]), _ids(frame[account], ACCOUNT_ID)]


def _leads(
    paths: Paths, how: Reading, derived: Derived, *, related: bool
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Read the leads, when they converted where no other file says it, and the activities in their columns.

    `related`: with the account of each.
    """
    path, notes = paths.leads, how.notes
    frame = derived.added(how.table(path), path, notes)
    converted = how.conversion(frame, path) if paths.outcomes is None else None
    lead, created = how.column(frame, LEAD, path, NO_ID), how.column(frame, CREATED, path, NO_CREATION)
    notes.columns = {plain_name(name): name for name in reversed(frame.columns)}
    account = notes.columns.get(ACCOUNT) if related else None
    whose = [] if account is None else [_ids(frame[account], ACCOUNT_ID)]
    declared = how.card.fields if how.card else None
    how = how.telling(frame[one] for one in (created, converted) if one is not None)
    _refuse_unread(path, frame, created, converted, how)
    rest = [name for name in frame.columns if name not in {lead, created, converted, account}]
    known = how.wide(rest, alone=paths.activities is None)
    columns = _typed(frame.select(rest), known.headings, declared, how)
    leads = pl.DataFrame([_ids(frame[lead]), how.typed(frame[created], "time", "created_at"), *whose, *columns])
    spread = wide.rows(frame, leads["lead"], known, notes, how.zone, how.columns.dates)
    return leads, OUTCOMES.to_frame() if converted is None else _converted(frame, lead, converted, how), spread


def _refuse_unread(path: Path, frame: pl.DataFrame, created: str, converted: str | None, how: Reading) -> None:
    """Raise CalibrationError if there is no lead, or if no time can be read of those that leads are calibrated by."""
    if frame.is_empty():
        raise CalibrationError(f"{path}: has no complete row below its header. Export it again.")
    for name in (one for one in (created, converted) if one is not None):
        cells = fields.cleaned(frame[name]).drop_nulls()
        if not cells.is_empty() and fields.times(cells, dates=how.columns.dates).null_count() == len(cells):
            first = cells.cast(pl.String)
            raise CalibrationError(f"{path}: {wrong(name, A_TIME, pl.Series(range(len(first))), first)[0].unplaced}.")


def _converted(frame: pl.DataFrame, lead: str, converted: str, how: Reading) -> pl.DataFrame:
    """Return when leads converted, by a column of theirs."""
    moments = how.typed(frame[converted], "time", "occurred_at")
    how.notes.add("outcomes", f"When a lead converted is read from {converted!r}.")
    return pl.DataFrame([_ids(frame[lead]), moments]).drop_nulls()


def _typed(
    frame: pl.DataFrame, apart: Collection[str], declared: Mapping[str, FieldType] | None, how: Reading
) -> list[pl.Series]:
    """Return the columns by their field names, with their types; those `apart` only if they are declared."""
    said = Columns(declared=how.card.columns if how.card else {}).found(declared or (), frame.columns)
    others = {plain_name(name): name for name in reversed(frame.columns) if name not in {*apart, *said.values()}}
    headings = {**dict(reversed(others.items())), **said}
    how.notes.columns |= said
    kinds = {name: _kind(name, frame[heading], declared) for name, heading in headings.items()}
    return [how.typed(frame[headings[name]].rename(name), kind, name) for name, kind in kinds.items()]


def _accounts(path: Path | None, how: Reading) -> pl.DataFrame | None:
    """Read the accounts; without a file none of their fields is known."""
    notes = how.notes
    if path is None or how.card is None:
        notes.add("accounts", "Without --accounts, no field of an account is known.")
        return None
    frame = how.table(path)
    ids = how.column(frame, (ACCOUNT, "id", ACCOUNT_ID, *KNOWN[ACCOUNT]), path)
    if notes.units == "accounts":
        notes.columns = {plain_name(name): name for name in reversed(frame.columns)}
    declared = part_of(how.card, "accounts").fields
    return pl.DataFrame([_ids(frame[ids], ACCOUNT_ID), *_typed(frame.drop(ids), (), declared, how)])


def _deals(path: Path | None, how: Reading) -> pl.DataFrame | None:
    """Read the deals with their fields, and when they were created and won as far as the file says."""
    if path is None or how.card is None:
        return None
    frame = how.table(path)
    named = {plain_name(name): frame[name] for name in reversed(frame.columns)}
    ids, lead = (frame[how.column(frame, names, path)] for names in (("id", "deal_id", "deal"), ("lead_id", "lead")))
    account = named.get(ACCOUNT, pl.Series([None]).new_from_index(0, len(frame)))
    kinds: dict[str, FieldType] = {**dict.fromkeys(DEAL_MOMENTS, "time"), **how.card.deals}
    columns = [how.typed(named[name].rename(name), kind, name) for name, kind in kinds.items() if name in named]
    found = pl.DataFrame([_ids(ids, "deal"), _ids(lead), _ids(account, ACCOUNT_ID), *columns])
    return found.drop_nulls("deal").unique(["deal", "lead"], keep="last", maintain_order=True)


def _kind(name: str, column: pl.Series, declared: Mapping[str, FieldType] | None) -> FieldType:
    if name == CLOSED:
        return "time"
    return declared[name] if declared and name in declared else fields.inferred_type(column)


def _outcomes(path: Path, how: Reading) -> pl.DataFrame:
    frame = how.table(path)
    moment = how.typed(frame[how.column(frame, CONVERTED, path)], "time", "occurred_at")
    found = pl.DataFrame([*_whose(frame, path, how), moment])
    return found.filter(pl.any_horizontal(pl.exclude("occurred_at").is_not_null()))


def _activities(path: Path | None, how: Reading) -> pl.DataFrame:
    nothing = pl.DataFrame(schema={"lead_id": pl.String, "kind": pl.String, "occurred_at": pl.String})
    frame, where = (nothing, Path("activities")) if path is None else (how.table(path), path)
    lead, kind = (
        how.column(frame, ("lead_id", "lead", *OF_LEADS), where),
        how.column(frame, ("kind", *KNOWN["kind"]), where),
    )
    moment = how.typed(frame[how.column(frame, OCCURRED, where)], "time", "occurred_at")
    texts = [_optional(frame, name, pl.String) for name in TEXTS]
    mails = _optional(frame, "mail", pl.String)
    mail = mails.hash().reinterpret(signed=True).set(mails.is_null(), None)
    sent = how.typed(_optional(frame, "sent_at", pl.String), "time", "sent_at")
    figures = [fields.numbers(_optional(frame, name, pl.String)).alias(name) for name in NUMBERS]
    rows = pl.DataFrame(
        [
            _ids(frame[lead]),
            _row_ids(frame, lead),
            fields.cleaned(frame[kind].cast(pl.String)).alias("kind"),
            moment,
            *texts,
            *figures,
            mail,
            sent,
        ]
    )
    return _sound(rows, where, how.notes)


def _optional(frame: pl.DataFrame, name: str, dtype: type[pl.DataType]) -> pl.Series:
    if name not in frame.columns:
        return pl.Series(name, [None] * len(frame), dtype)
    return fields.cleaned(frame[name].cast(dtype, strict=False))


def _held(frame: pl.DataFrame, name: str) -> pl.Series:
    """Return what fields held; which texts count as missing is decided where these are known."""
    nothing = pl.Series(name, [None] * len(frame), pl.String)
    return fields.stripped(frame[name].cast(pl.String, strict=False)) if name in frame.columns else nothing


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


def _history(path: Path | None, how: Reading) -> pl.DataFrame:
    """Read what fields of leads, and of accounts, held before; a row is one's or the other's."""
    both = {**HISTORY, **OF_ACCOUNTS}
    if path is None:
        return pl.DataFrame(schema=both)
    frame = how.table(path)
    moment = how.typed(frame[how.column(frame, ("since",), path)], "time", "since")
    name = frame[how.column(frame, ("field",), path)].cast(pl.String).alias("field")
    held = [_held(frame, name) for name in ("value", "before")]
    found = pl.DataFrame([*_whose(frame, path, how), name.replace(ACCOUNT, ACCOUNT_ID), moment, *held])
    return pl.concat([pl.DataFrame(schema=both), found], how="diagonal_relaxed")
