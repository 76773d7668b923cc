"""What a calibration reads of leads from the mirror, some buckets at a time, here or on the workers of a cluster."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from config.settings import ScorecardUse
from pipeline.cluster.crew import Crew
from pipeline.cluster.errand import Errand
from pipeline.cluster.working import place_of
from pipeline.compute import Reads, buckets
from pipeline.job import Job
from scoring import Scorecard
from scoring.frames import fields_of
from scoring.machine_traffic import counted
from vocabulary.fields import FieldType


@dataclass(frozen=True, slots=True)
class Rows:
    """Leads with what they did, their deals and their accounts, and the moments of time fields as such."""

    leads: pl.DataFrame
    activities: pl.DataFrame
    deals: pl.DataFrame
    accounts: pl.DataFrame | None


def gathered(job: Job, use: ScorecardUse, say: Callable[[str], None]) -> Rows:
    """Return what the mirror has of all leads. It is read by buckets, since one answer of a database has an end.

    `say` is told what this machine had to read alone instead of the cluster, and why.
    """
    if job.cluster is None:
        return _together([rows(job, use.card, some) for some in _parts(job)])
    return _together(_spread(job, use, say))


def rows(place: Reads, card: Scorecard, some: range) -> Rows:
    """Return what the mirror has of the leads in some buckets."""
    of_accounts = None if card.accounts is None else card.accounts.fields
    found = place.mirror.frames(some, card.fields, card.deals, of_accounts)
    return Rows(
        _with_times(found.leads, card.fields, card),
        counted(found.activities, machines=card.counts_machines),
        found.deals,
        None if found.accounts is None else _with_times(found.accounts, of_accounts or {}, card),
    )


def read_part(errand: Errand, some: range) -> Rows:
    """Return the rows of some buckets: this is what a worker does."""
    place = place_of(errand)
    return rows(place, place.active.card, some)


def _spread(job: Job, use: ScorecardUse, say: Callable[[str], None]) -> Sequence[Rows]:
    crew = Crew[range](job, fetches=True)
    parts = _parts(job, crew.options.chunk)
    errand = Errand.of(job, next(one for one in job.scorecards if one.prefix == use.prefix))
    found = dict(crew.done(read_part, {some: (errand, some) for some in parts}))
    if text := crew.report(len(parts) - len(found), len(parts), "read"):
        say(text)
    return [found[some] if some in found else rows(job, use.card, some) for some in parts]


def _parts(job: Job, *most: int) -> Sequence[range]:
    return [*buckets(job, *most)] or [job.mirror.buckets]


def _together(parts: Sequence[Rows]) -> Rows:
    """Return the rows of all parts. Accounts have leads in several, and a deal may have its leads in another."""
    accounts = [one.accounts for one in parts if one.accounts is not None]
    deals = pl.concat([one.deals for one in parts])
    held = deals.drop_nulls("lead")
    shared = deals.filter(pl.col("lead").is_null()).join(held, on="deal", how="anti")
    return Rows(
        pl.concat([one.leads for one in parts]),
        pl.concat([one.activities for one in parts]),
        pl.concat([held, shared.unique("deal", maintain_order=True)]),
        pl.concat(accounts).unique("account", maintain_order=True) if accounts else None,
    )


def _with_times(rows: pl.DataFrame, fields: Mapping[str, FieldType], card: Scorecard) -> pl.DataFrame:
    """Return rows with the moments of their time fields, which the mirror keeps as texts."""
    times = {name: kind for name, kind in fields.items() if kind == "time"}
    return rows.with_columns(fields_of(rows.schema, times, card.calendar))
