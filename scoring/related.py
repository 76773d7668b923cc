"""What leads are related to: their deals and their accounts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl

from scoring.card.calendar import Calendar
from scoring.card.values import AS_OF
from scoring.frames import fields_of
from vocabulary.arrays import Flags, Ints
from vocabulary.fields import TIME, FieldType

LEAD: Final = "#lead"
"""The column with the lead of a deal; the names of declared fields cannot begin with #."""


@dataclass(frozen=True)
class Related:
    """What leads are related to, beside their fields and activities."""

    deals: pl.DataFrame | None = None
    """`deal`, `lead`, `account` and the declared fields of deals: one row per deal and lead."""
    accounts: pl.DataFrame | None = None
    """`account` and the declared fields of accounts: one row per account."""
    previous: pl.DataFrame | None = None
    """What was computed for accounts last: `lead`, which is the account, and the columns of previous results."""
    assigned: bool = False
    """Whether leads name their account already, those too that have it by domain."""

    def of(self, leads: pl.Series) -> "Related":
        """Return what some leads are related to."""
        if self.deals is None:
            return self
        return replace(self, deals=self.deals.filter(pl.col("lead").is_in(leads.implode())))


NOTHING: Final = Related()


@dataclass(frozen=True)
class Deals:
    """Deals with the fields that conditions compare."""

    frame: pl.DataFrame

    @classmethod
    def of(cls, related: Related, fields: Mapping[str, FieldType], calendar: Calendar) -> "Deals":
        """Return the deals of leads in the form to compare; without any, an empty frame."""
        given = pl.DataFrame(schema={"lead": pl.String()}) if related.deals is None else related.deals
        columns = fields_of(given.schema, fields, calendar)
        return cls(given.select(pl.col("lead").cast(pl.String).alias(LEAD), *columns))

    def open(self, leads: pl.Series) -> Flags:
        """Return which of these leads have an open deal, if deals have a flag `open`."""
        if self.frame.schema.get("open") != pl.Boolean():
            return np.zeros(len(leads), np.bool_)
        return leads.is_in(self.frame.filter("open")[LEAD].implode()).to_numpy()

    @classmethod
    def of_accounts(
        cls, related: Related, accounts: pl.Series, fields: Mapping[str, FieldType], calendar: Calendar
    ) -> "Deals":
        """Return the deals of accounts, each once however many leads it has, as if accounts were leads."""
        if related.deals is None or "account" not in related.deals.columns:
            return cls.of(NOTHING, fields, calendar)
        mine = related.deals.filter(pl.col("account").is_in(accounts.implode()))
        once = mine.with_columns(lead=pl.col("account")).unique(["deal", "lead"], keep="first", maintain_order=True)
        return cls.of(Related(once), fields, calendar)

    def at(self, leads: pl.Series, as_of: Ints) -> pl.DataFrame:
        """Return the deals of each lead with its `row` and time of scoring, in the order of these leads."""
        rows = pl.DataFrame(
            {LEAD: leads, "#row": pl.int_range(len(leads), eager=True), AS_OF: pl.Series(as_of).cast(TIME)}
        )
        return rows.join(self.frame, on=LEAD, how="inner", maintain_order="left")
