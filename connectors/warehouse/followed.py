"""A source of activities as a stream."""

from collections import Counter
from dataclasses import dataclass

import polars as pl

from connectors.warehouse import activities, people
from connectors.warehouse.settings import ActivityRows
from connectors.warehouse.wanted import Source
from vocabulary.pages import Page, Stream, plan_of


@dataclass(frozen=True, slots=True)
class Followed:
    """A source of activities, as a stream."""

    name: str
    told: ActivityRows
    zone: str | None
    source: Source

    @property
    def stream(self) -> Stream:
        """The stream. Rows that name an e-mail address wait for it, so that they are not asked for by lead."""
        prefix = activities.prefix(self.name)
        return Stream(
            prefix,
            f"{self.name} of the warehouse",
            plan=plan_of(self.told, self.zone),
            ids=(f"{prefix}:",),
            by_lead=self.told.lead.id is not None,
            compared=prefix,
        )

    def page(self, rows: pl.DataFrame, left_out: Counter[str], *, anew: bool) -> Page:
        """Return a page with what rows are, beside the stream.

        Unless they are read `anew`, they changed: whose an activity is, and whether it is one, its row says now.
        """
        done = self.activities(rows, left_out)
        complete = () if anew else activities.records(rows, self.told, self.name).drop_nulls().unique().to_list()
        return Page(self.stream.name, {}, activities=done, complete_activities=complete, aside=True)

    def activities(self, rows: pl.DataFrame, left_out: Counter[str]) -> pl.DataFrame:
        """Return the activities that rows become, and count those that become none."""
        return activities.activities(rows, self.told, self.name, self.zone, left_out)

    def changed(self, rows: pl.DataFrame) -> pl.Series:
        """Return when rows changed."""
        option = "changed_at" if self.told.changed_at else "at"
        return people.times(rows, self.told.cursor, self.zone, f"activities.{self.name}.{option}")

    def present(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return which activities rows are (`PRESENT`)."""
        return self.activities(rows, Counter()).select("lead", "address", record="id")
