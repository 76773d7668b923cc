"""Which lead belonged to which account, from when to when."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from calibrate.errors import CalibrationError
from calibrate.inputs.frames import Frames
from calibrate.notes import Notes
from calibrate.past.outcome import days, once
from calibrate.past.panel import Codes
from calibrate.past.splits import connected
from scoring.accounts import assigned
from scoring.card.accounts import ACCOUNT_ID, ByDomain
from vocabulary.fields import TIME

ADDRESSES: Final = ("address", "email", "email_address")
"""Columns by which two leads are one person."""
EVER: Final = pl.lit(None, TIME)


@dataclass(frozen=True)
class Stays:
    """The times that leads belonged to accounts, in order of the leads' creation."""

    leads: pl.DataFrame
    """The leads that have a creation date, as they are given."""
    frame: pl.DataFrame
    """`lead`, `account`, `begun` (null: as long as is known), `since` (not before the lead was created), `until` (null:
    still)."""

    @classmethod
    def of(cls, given: Frames, by_domain: ByDomain | None, notes: Notes) -> "Stays":
        """Return the times that leads belonged to accounts; without a history, they belong to that of today."""
        leads = once(given.leads, notes, "leads").filter(pl.col("created_at").is_not_null()).sort("created_at", "lead")
        accounts = pl.DataFrame({ACCOUNT_ID: []}) if given.accounts is None else given.accounts
        named = assigned(leads, accounts, None)
        by_name = leads.with_columns(named.set(named.is_not_null(), None))
        domain = assigned(by_name, accounts, by_domain)
        people = leads.select("lead", "created_at", named.alias("now"), domain.alias("else"))
        frame = _stays(people, _moves(given.history, notes))
        if frame.is_empty():
            remedy = "Give the file of leads a column account_id, or the scorecard accounts.by_domain."
            raise CalibrationError(f"No lead belongs to an account. {remedy}")
        return cls(leads, frame)

    @property
    def now(self) -> pl.DataFrame:
        """Return `lead` and the `account` that it belongs to today."""
        return self.frame.filter(pl.col("until").is_null()).select("lead", ACCOUNT_ID)

    @property
    def firsts(self) -> pl.DataFrame:
        """Return when each account (`lead`) had its first person (`created_at`)."""
        first = self.frame.group_by(pl.col(ACCOUNT_ID).alias("lead")).agg(pl.col("since").min().alias("created_at"))
        return first.sort("created_at", "lead")

    def by_account(self, rows: pl.DataFrame, moment: str | None = None) -> pl.DataFrame:
        """Return rows of leads with `lead` replaced by the account of today, or by that of a moment of each."""
        if moment is None:
            return rows.join(self.now, on="lead").drop("lead").rename({ACCOUNT_ID: "lead"})
        met = rows.join(self.frame, on="lead")
        there = (pl.col("begun").is_null() | (pl.col("begun") <= pl.col(moment))) & (
            pl.col("until").is_null() | (pl.col(moment) < pl.col("until"))
        )
        return met.filter(there).drop("lead").rename({ACCOUNT_ID: "lead"}).select(rows.columns)

    def placed(self, accounts: pl.Series) -> pl.DataFrame:
        """Return each stay with the places of `person` and `account`, and `since` and `until` in days."""
        people = self.leads.select("lead", person=pl.int_range(pl.len()))
        firms = pl.DataFrame({ACCOUNT_ID: accounts}).with_columns(place=pl.int_range(pl.len()))
        found = self.frame.join(people, on="lead").join(firms, on=ACCOUNT_ID).sort("place", "person", "since")
        since, until = (pl.Series(name, days(found[name])) for name in ("since", "until"))
        return found.select("person", pl.col("place").alias(ACCOUNT_ID)).with_columns(since, until.fill_nan(np.inf))

    def joined(self, accounts: pl.Series) -> Codes:
        """Return a number for each account, equal for those that had a person in common, or an address."""
        names = [name for name in ADDRESSES if name in self.leads.columns]
        keys = [self.leads.select("lead", key=pl.concat_str(pl.lit(f"{name} "), name)) for name in names]
        keys.append(self.leads.select("lead", key=pl.concat_str(pl.lit("lead "), "lead")))
        shared = pl.concat(keys).drop_nulls().join(self.frame, on="lead").select("key", ACCOUNT_ID).unique()
        firms = pl.DataFrame({ACCOUNT_ID: accounts}).with_columns(place=pl.int_range(pl.len()))
        pairs = shared.join(firms, on=ACCOUNT_ID).with_columns(first=pl.col("place").min().over("key"))
        every = np.arange(len(accounts))
        one, other = (np.concatenate([every, pairs[name].to_numpy()]) for name in ("place", "first"))
        return connected(one, other)


def _moves(history: pl.DataFrame, notes: Notes) -> pl.DataFrame:
    """Return when leads changed their account, and say so if that is not known."""
    moves = history.filter((pl.col("field") == ACCOUNT_ID) & pl.col("since").is_not_null())
    if moves.is_empty():
        said = "Which account a lead belonged to before is not known, so each counts for that of today all along."
        notes.add("accounts", said)
    return moves.select("lead", "since", "value", "before").sort("lead", "since")


def _stays(people: pl.DataFrame, moves: pl.DataFrame) -> pl.DataFrame:
    moved = moves.join(people, on="lead")
    still = people.join(moves, on="lead", how="anti").select(
        "lead", "created_at", "now", "else", begun=EVER, until=EVER
    )
    first = moved.unique("lead", keep="first", maintain_order=True)
    before = first.select("lead", "created_at", pl.col("before").alias("now"), "else", begun=EVER, until="since")
    ends = pl.col("since").shift(-1).over("lead")
    after = moved.select("lead", "created_at", pl.col("value").alias("now"), "else", begun="since", until=ends)
    found = pl.concat([still, before, after]).with_columns(
        pl.coalesce("now", "else").alias(ACCOUNT_ID), since=pl.max_horizontal("begun", "created_at")
    )
    kept = found.filter(pl.col("until").is_null() | (pl.col("until") > pl.col("since"))).drop_nulls(ACCOUNT_ID)
    return kept.select("lead", ACCOUNT_ID, "begun", "since", "until")
