"""Sources of the warehouse as streams."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from connectors.warehouse import activities, fields, people
from connectors.warehouse.settings import ActivityRows, FieldRows, Rows
from connectors.warehouse.wanted import Source
from vocabulary.fields import FieldType
from vocabulary.pages import Page, Stream, plan_of
from vocabulary.rows import PRESENT


@dataclass(frozen=True)
class Followed(ABC):
    """A source, as a stream."""

    name: str
    zone: str | None
    source: Source

    @property
    @abstractmethod
    def told(self) -> Rows:
        """What the settings say of it."""

    @property
    @abstractmethod
    def stream(self) -> Stream:
        """The stream."""

    @abstractmethod
    def page(self, rows: pl.DataFrame, began: datetime, left_out: Counter[str], *, anew: bool) -> Page:
        """Return a page with what rows are, beside the stream; `began`: when their reading did.

        Unless they are read `anew`, they changed: whose a row is, and whether it is of use, it says now.
        """

    @abstractmethod
    def records(self, rows: pl.DataFrame) -> pl.Series:
        """Return the ids of what rows become."""

    @abstractmethod
    def usable(self, rows: pl.DataFrame, left_out: Counter[str]) -> pl.DataFrame:
        """Return `lead`, `address` and `id` of the rows that are of use, and count the others."""

    @abstractmethod
    def changed(self, rows: pl.DataFrame) -> pl.Series | None:
        """Return when rows changed; None if they do not say."""

    def present(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return which rows there are (`PRESENT`)."""
        return self.usable(rows, Counter()).select("lead", "address", record="id")

    @property
    def _plan(self) -> str:
        """The digest of what decides which rows there are; how far a sync looks back does not."""
        return plan_of(self.told.model_dump(exclude={"late"}), self.zone)


@dataclass(frozen=True)
class Doings(Followed):
    """A source of activities."""

    rows: ActivityRows

    @property
    def told(self) -> ActivityRows:
        """What the settings say of it."""
        return self.rows

    @property
    def stream(self) -> Stream:
        """The stream. Rows that name an e-mail address wait for it, so that they are not asked for by lead."""
        prefix = activities.prefix(self.name)
        return Stream(
            prefix,
            f"{self.name} of the warehouse",
            plan=self._plan,
            ids=(f"{prefix}:",),
            by_lead=self.told.lead.id is not None,
            compared=prefix,
        )

    def page(self, rows: pl.DataFrame, began: datetime, left_out: Counter[str], *, anew: bool) -> Page:  # noqa: ARG002 - activities say when they were
        """Return a page with the activities that rows become."""
        done = activities.activities(rows, self.told, self.name, self.zone, left_out)
        complete = () if anew else self.records(rows).drop_nulls().unique().to_list()
        return Page(self.stream.name, {}, activities=done, complete_activities=complete, aside=True)

    def records(self, rows: pl.DataFrame) -> pl.Series:
        """Return the ids of the activities that rows become."""
        return activities.records(rows, self.told, self.name)

    def usable(self, rows: pl.DataFrame, left_out: Counter[str]) -> pl.DataFrame:
        """Return the activities that rows become."""
        return activities.activities(rows, self.told, self.name, self.zone, left_out)

    def changed(self, rows: pl.DataFrame) -> pl.Series:
        """Return when rows changed."""
        option = "changed_at" if self.told.changed_at else "at"
        return people.times(rows, self.told.cursor, self.zone, f"activities.{self.name}.{option}")


@dataclass(frozen=True)
class Sayings(Followed):
    """A source of fields of leads."""

    rows: FieldRows
    types: Mapping[str, FieldType]
    """The types of those fields that a scorecard declares; others are not read."""

    @property
    def told(self) -> FieldRows:
        """What the settings say of it, of the fields that are read."""
        read = {field: column for field, column in self.rows.columns_of.items() if field in self.types}
        return self.rows.model_copy(update={"columns_of": read})

    @property
    def stream(self) -> Stream:
        """The stream. Values are kept for whoever the rows name, whether the CRM has them or not."""
        prefix = fields.prefix(self.name)
        return Stream(
            f"warehouse-fields.{self.name}",
            f"the fields {self.name} of the warehouse",
            plan=plan_of(self._plan, dict(self.types)),
            ids=(f"{prefix}:",),
            by_lead=False,
            compared=prefix,
            compares="fields",
        )

    def page(self, rows: pl.DataFrame, began: datetime, left_out: Counter[str], *, anew: bool) -> Page:  # noqa: ARG002 - a row always says all
        """Return a page with what rows say."""
        return Page(self.stream.name, {}, further=self._further(rows, began, left_out), aside=True)

    def records(self, rows: pl.DataFrame) -> pl.Series:
        """Return the ids of what rows say: one for each person."""
        return fields.records(rows, self.told, self.name)

    def usable(self, rows: pl.DataFrame, left_out: Counter[str]) -> pl.DataFrame:
        """Return what rows say of whom."""
        return self._further(rows, None, left_out)

    def changed(self, rows: pl.DataFrame) -> pl.Series | None:
        """Return when rows changed; None if they do not say."""
        if self.told.changed_at is None:
            return None
        return people.times(rows, self.told.changed_at, self.zone, f"fields.{self.name}.changed_at")

    def present(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return of whom there are rows, as records of nobody: whose they are, their ids say."""
        ids = self.records(rows).drop_nulls().unique()
        return pl.DataFrame({"lead": None, "address": None, "record": ids}, schema=PRESENT)

    def _further(self, rows: pl.DataFrame, began: datetime | None, left_out: Counter[str]) -> pl.DataFrame:
        changed = self.changed(rows)
        stamps = pl.Series([began] * len(rows), dtype=pl.Datetime("us", "UTC")) if changed is None else changed
        return fields.further(rows, self.told, self.name, self.types, self.zone, stamps, left_out)
