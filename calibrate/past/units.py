"""What is calibrated: leads, each by itself, or accounts with their people. Everything else is the same for both."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

import numpy as np
import polars as pl

from calibrate.card import resets
from calibrate.card.current_card import Old, part_of
from calibrate.card.replay import Past
from calibrate.inputs.fields import inferred_type
from calibrate.inputs.frames import HISTORY, Frames
from calibrate.notes import Notes
from calibrate.past import outcome, splits
from calibrate.past.deals import PastDeals, figures_then
from calibrate.past.membership import Stays
from calibrate.past.outcome import Timeline, days, once
from calibrate.past.panel import Codes
from calibrate.past.snapshots import Moments, People, fields_then
from calibrate.statistics.fit import Floats
from scoring import Scorecard
from scoring.accounts import assigned
from scoring.card.accounts import ACCOUNT_ID
from scoring.card.calendar import UTC_CALENDAR, Calendar
from scoring.card.declarations import ACCOUNT
from scoring.card.walking import named_fields
from vocabulary.fields import FieldType

OWN_COLUMNS: Final = frozenset({"lead", "id", "account", "address", "created_at", "closed_at"})


@dataclass(frozen=True)
class Units(ABC):
    """What is calibrated, with its fields, its history, its people and its conversions; `lead` is always its id."""

    given: Frames
    scorecard: Scorecard | None
    old: Old | None
    as_of: datetime
    notes: Notes

    @cached_property
    @abstractmethod
    def rows(self) -> pl.DataFrame:
        """Each with `lead`, `created_at` and its fields."""

    @cached_property
    @abstractmethod
    def outcomes(self) -> pl.DataFrame:
        """The conversions: `lead`, `occurred_at`."""

    @property
    @abstractmethod
    def history(self) -> pl.DataFrame:
        """What its fields held since when (`frames.HISTORY`)."""

    @cached_property
    @abstractmethod
    def activities(self) -> pl.DataFrame:
        """What each did, to find out what there is; of accounts, what those did who belong to it today."""

    @property
    @abstractmethod
    def doers(self) -> pl.DataFrame:
        """The leads, whose places events and `People` name."""

    @abstractmethod
    def present(self, moments: Moments) -> tuple[Moments, People]:
        """Return the moments at which anybody is there, and who."""

    @abstractmethod
    def ages(self, moments: Moments, people: People) -> Floats:
        """Return the days since each was created, as scoring knows it."""

    @abstractmethod
    def asked(self, moments: Moments, people: People, fields: pl.DataFrame) -> Past:
        """Return what to score; `fields` has those of each moment."""

    @abstractmethod
    def beginnings(self, past: Past, people: People) -> Floats | None:
        """Return the day after which the history of each of the people begins; None without resets."""

    @abstractmethod
    def most(self, rows: int) -> int:
        """Return how many snapshots to take, so that the people in them are at most about this many."""

    @property
    def card(self) -> Scorecard | None:
        """The scorecard, or the part of it about accounts."""
        return None if self.scorecard is None else part_of(self.scorecard, self.notes.units)

    @property
    def calendar(self) -> Calendar:
        """The calendar of the scorecard."""
        return self.scorecard.calendar if self.scorecard else UTC_CALENDAR

    @property
    def zone(self) -> str:
        """The zone in which days begin."""
        return self.scorecard.zone.key if self.scorecard else "UTC"

    @cached_property
    def deals(self) -> PastDeals | None:
        """The deals whose past is known; None without any, or where the scorecard has no use for them."""
        if self.given.deals is None or self.scorecard is None or not self.scorecard.deals:
            return None
        return PastDeals.of(self.given.deals, self.scorecard, self.notes)

    def figures(self, moments: Moments) -> pl.DataFrame:
        """Return the figures of deals whose past is known, as of each moment."""
        if self.deals is None or self.card is None:
            return pl.DataFrame()
        return figures_then(self.card, self.deals, self.line.leads["lead"][moments.lead], moments.day)

    @cached_property
    def line(self) -> Timeline:
        """When each was created and when it converted."""
        return outcome.timeline(self.rows, self.outcomes, self.as_of, self.notes)

    def groups(self, column: str | None, usable: dict[str, FieldType]) -> Codes:
        """Return a number for each, equal for those that must be on one side of every split."""
        return splits.groups(self.line.leads, column, usable)

    @property
    def fields(self) -> Mapping[str, FieldType]:
        """The fields that the scorecard declares."""
        return {} if self.card is None else self.card.fields

    def declared(self) -> dict[str, FieldType]:
        """Return the fields to look at: those that the scorecard declares, without one all of them."""
        if self.card is None:
            return {name: inferred_type(self.rows[name]) for name in self.rows.columns if name not in OWN_COLUMNS}
        extra = [name for name in self.rows.columns if name not in {*OWN_COLUMNS, *self.fields}]
        if extra:
            self.notes.add("undeclared", f"Ignored because the scorecard does not declare them: {', '.join(extra)}.")
        return {name: kind for name, kind in self.fields.items() if name in self.rows.columns}


class LeadUnits(Units):
    """Leads, each by itself, with the fields of their accounts."""

    @cached_property
    def rows(self) -> pl.DataFrame:
        """Each with `lead`, `created_at`, its fields and those of its account."""
        leads, accounts = self.given.leads, self.given.accounts
        if accounts is None or self.scorecard is None or self.scorecard.accounts is None:
            return leads
        known = accounts.drop_nulls(ACCOUNT_ID).unique(ACCOUNT_ID, keep="last")
        fields = [name for name in self.scorecard.accounts.fields if name in known.columns]
        theirs = known.select(pl.col(ACCOUNT_ID).alias("#account"), pl.col(fields).name.prefix(ACCOUNT))
        whose = assigned(leads, accounts, self.scorecard.accounts.by_domain).alias("#account")
        joined = leads.with_columns(whose).join(theirs, on="#account", how="left", maintain_order="left")
        return joined.drop("#account")

    @property
    def fields(self) -> Mapping[str, FieldType]:
        """The fields that the scorecard declares, those of accounts with `account.`."""
        accounts = self.scorecard.accounts if self.scorecard else None
        of_accounts = {} if accounts is None else {ACCOUNT + name: kind for name, kind in accounts.fields.items()}
        return {**super().fields, **of_accounts}

    def declared(self) -> dict[str, FieldType]:
        """Return the fields to look at, and say what of accounts is not known of the past."""
        if self.scorecard is not None and self.scorecard.accounts is not None:
            figures = {ACCOUNT + name for name in self.scorecard.accounts.figures}
            if read := sorted(figures & named_fields(self.scorecard)):
                said = f"{', '.join(read)} counted as for leads without an account."
                self.notes.add("accounts", f"{said} Rules that use them are not learned.", "warning")
        return super().declared()

    @cached_property
    def outcomes(self) -> pl.DataFrame:
        """The conversions."""
        return self.given.outcomes

    @property
    def history(self) -> pl.DataFrame:
        """What its fields held since when."""
        return self.given.history

    @cached_property
    def activities(self) -> pl.DataFrame:
        """What each did."""
        return self.given.activities

    @property
    def doers(self) -> pl.DataFrame:
        """The leads themselves."""
        return self.line.leads

    def present(self, moments: Moments) -> tuple[Moments, People]:
        """Return all moments, and each lead by itself."""
        return moments, People.alone(moments)

    def ages(self, moments: Moments, people: People) -> Floats:
        """Return the days since creation."""
        del people
        return moments.day - self.line.created[moments.lead]

    def asked(self, moments: Moments, people: People, fields: pl.DataFrame) -> Past:
        """Return what to score."""
        del people
        leads = self.line.leads["lead"][moments.lead]
        done = self.given.activities, self.given.touchpoints
        return Past(leads, fields, moments.day, *done, deals=self.deals)

    def beginnings(self, past: Past, people: People) -> Floats | None:
        """Return the day of each lead's last reset."""
        del people
        return resets.beginnings(self.card, past, self.as_of)

    def most(self, rows: int) -> int:
        """Return as many."""
        return rows


class AccountUnits(Units):
    """Accounts, with the leads that belonged to them at the time."""

    @cached_property
    def stays(self) -> Stays:
        """Which lead belonged to which account when."""
        assert self.scorecard is not None
        assert self.scorecard.accounts is not None
        return Stays.of(self.given, self.scorecard.accounts.by_domain, self.notes)

    @cached_property
    def rows(self) -> pl.DataFrame:
        """The accounts that have or had people, each created with its first one."""
        firsts = self.stays.firsts
        if self.given.accounts is None:
            return firsts
        known = once(self.given.accounts.rename({ACCOUNT_ID: "lead"}), self.notes, "accounts")
        alone = known.join(firsts, on="lead", how="anti").height
        if alone:
            self.notes.add("left out rows", f"{alone} accounts without people were skipped.")
        return firsts.join(known.drop("created_at", strict=False), on="lead", how="left", maintain_order="left")

    @cached_property
    def outcomes(self) -> pl.DataFrame:
        """The conversions: those of the account, and those of the leads that belonged to it at the time."""
        given = self.given.outcomes
        if ACCOUNT_ID not in given.columns:
            given = given.with_columns(pl.lit(None, pl.String).alias(ACCOUNT_ID))
        named = given.filter(pl.col(ACCOUNT_ID).is_not_null()).select(pl.col(ACCOUNT_ID).alias("lead"), "occurred_at")
        if "lead" not in given.columns:
            return named
        others = given.filter(pl.col(ACCOUNT_ID).is_null()).select("lead", "occurred_at")
        found = self.stays.by_account(others.drop_nulls(), "occurred_at")
        if lost := len(others) - len(found):
            self.notes.add("outcomes", f"{lost} outcomes of leads that belonged to no account were skipped.")
        return pl.concat([named, found])

    @property
    def history(self) -> pl.DataFrame:
        """What the fields of accounts held since when."""
        if self.given.account_history is None:
            return HISTORY.to_frame()
        return self.given.account_history.rename({ACCOUNT_ID: "lead"}).select(*HISTORY)

    @cached_property
    def activities(self) -> pl.DataFrame:
        """What those did who belong to each account today."""
        return self.stays.by_account(self.given.activities)

    @property
    def doers(self) -> pl.DataFrame:
        """The leads, with or without an account."""
        return self.stays.leads

    @cached_property
    def _placed(self) -> pl.DataFrame:
        return self.stays.placed(self.line.leads["lead"])

    @cached_property
    def _created(self) -> Floats:
        return days(self.doers["created_at"])

    def present(self, moments: Moments) -> tuple[Moments, People]:
        """Return the moments at which an account had people, and these."""
        asked = pl.DataFrame({ACCOUNT_ID: moments.lead, "day": moments.day}).with_row_index("at")
        met = asked.join(self._placed, on=ACCOUNT_ID, maintain_order="left_right")
        there = met.filter((pl.col("since") <= pl.col("day")) & (pl.col("day") < pl.col("until")))
        kept, row = np.unique(there["at"].to_numpy(), return_inverse=True)
        people = People(there["person"].to_numpy(), row.astype(np.int64), there["day"].to_numpy())
        return moments.take(kept.astype(np.int64)), people

    def ages(self, moments: Moments, people: People) -> Floats:
        """Return the days since the first of the people was created."""
        first = np.full(len(moments.day), np.inf)
        np.minimum.at(first, people.row, self._created[people.lead])
        ages: Floats = moments.day - first
        return ages

    def asked(self, moments: Moments, people: People, fields: pl.DataFrame) -> Past:
        """Return what to score: accounts with their people, as both were."""
        assert self.scorecard is not None
        accounts = self.line.leads["lead"][moments.lead]
        known = [name for name in self.scorecard.fields if name in self.doers.columns]
        of_leads = fields_then(self.doers, Moments(people.lead, people.day), self.given.history, known, self.zone)
        belong = accounts[people.row].alias(ACCOUNT_ID)
        done = self.given.activities, self.given.touchpoints
        who = self.doers["lead"][people.lead]
        theirs = Past(who, of_leads.with_columns(belong), people.day, *done, deals=self.deals)
        return Past(accounts, fields, moments.day, *done, people=theirs, deals=self.deals)

    def beginnings(self, past: Past, people: People) -> Floats | None:
        """Return the day of the last reset of each person or of its account."""
        assert self.card is not None
        return resets.of_accounts(self.card, past, people.row, self.as_of)

    def most(self, rows: int) -> int:
        """Return fewer, the more people accounts have."""
        return max(1, round(rows * min(1.0, len(self.line.leads) / len(self._placed))))

    def groups(self, column: str | None, usable: dict[str, FieldType]) -> Codes:
        """Return a number for each, equal too for accounts that had a person in common."""
        shared = self.stays.joined(self.line.leads["lead"])
        return splits.groups(self.line.leads, column, usable, shared)
