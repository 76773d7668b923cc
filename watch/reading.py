"""What a report reads from the store: chunk by chunk, so that memory does not grow with the CRM."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from math import ceil
from typing import Final

import polars as pl

from pipeline.compute import buckets
from pipeline.job import ActiveScorecard, Job
from pipeline.passes import BACKFILL
from pipeline.progress import CURRENCY
from store import Run
from vocabulary.fields import TIME
from watch import cohorts, moves
from watch.timeline import KEPT, timeline

JUDGED_BY: Final = "judged_by"
"""Where a run keeps which card was in force, by prefix."""
USUAL_HORIZON: Final = timedelta(days=90)
PEOPLE: Final = pl.Schema({"lead": pl.String(), "created_at": TIME, "converted_at": TIME})


class Stopped(Exception):  # noqa: N818 - named for what happened
    """The work was stopped before it was done."""


@dataclass(frozen=True)
class Ground:
    """One scorecard of a connection at one time, and what of it is read once."""

    job: Job
    active: ActiveScorecard
    as_of: datetime
    pulse: Callable[[], None] = lambda: None
    """Called for each chunk, to show that the work goes on."""

    @cached_property
    def horizon(self) -> timedelta:
        """How long a lead has to convert: that of the likelihood, that of the settings, or 90 days."""
        fitted = self.active.scorer.likelihood
        if fitted is not None and fitted.horizon is not None:
            return timedelta(days=fitted.horizon)
        return self.job.connection.calibrate.horizon or USUAL_HORIZON

    @property
    def kept_since(self) -> datetime:
        """Since when the history of what was written is kept."""
        return self.as_of - self.job.connection.keep

    @cached_property
    def months(self) -> Sequence[datetime]:
        """The beginnings of the months that the report is about: a year of such as can be matured, and the others.

        What a lead had is known from when history is kept on, so that older months are left out, but for this one.
        """
        most = cohorts.MOST_MONTHS + ceil(self.horizon / timedelta(days=28))
        begun = cohorts.months(self.as_of, self.active.card.zone, self.began or self.as_of, most)
        return [one for one in begun if one >= self.kept_since] or begun[-1:]

    @cached_property
    def began(self) -> datetime | None:
        """When the first row was written, as far as that is kept; None if none was."""
        return self.active.outbox.first_write()

    @cached_property
    def people(self) -> pl.DataFrame:
        """All leads with `created_at` and when they first converted, by the conversions that the settings count."""
        found, wanted = self.job.mirror.outcomes(), self.job.connection.calibrate.outcomes
        kept = found if wanted is None else found.filter(pl.col("outcome").is_in(list(wanted)))
        first = kept.drop_nulls("occurred_at").group_by("lead").agg(converted_at=pl.col("occurred_at").min())
        return self.job.mirror.creations().join(first, on="lead", how="left").select(*PEOPLE)

    @cached_property
    def conversions(self) -> int:
        """How many leads ever converted."""
        return self.people["converted_at"].count()

    @cached_property
    def backfills(self) -> Sequence[int]:
        """The runs that were backfills: what they wrote is no news."""
        return self.job.runs.of_kind(BACKFILL.name)

    @cached_property
    def judged(self) -> Sequence[Run]:
        """The runs with which another card, or another likelihood, came into force, oldest first."""
        return self.job.runs.turns(JUDGED_BY)

    @cached_property
    def currency(self) -> str | None:
        """The currency of the amounts of deals, as the last pass that read learned it; None where no CRM says one."""
        told = self.job.runs.last_with(CURRENCY)
        return None if told is None else told.counts[CURRENCY]

    @property
    def priorities(self) -> Sequence[str]:
        """The priorities, best first."""
        return self.active.card.priorities

    def chunks(self) -> Iterator["Chunk"]:
        """Yield all leads, some buckets at a time."""
        for some in buckets(self.job):
            self.pulse()
            if self.job.stop.is_set():
                raise Stopped
            outbox = self.active.outbox
            line = timeline(outbox.past_writes(some), outbox.told(some, list(KEPT)))
            yield Chunk(self, some, line)


@dataclass(frozen=True)
class Chunk:
    """The leads of some buckets."""

    ground: Ground
    buckets: range
    line: pl.DataFrame
    """`timeline.TIMELINE`."""

    @cached_property
    def moves(self) -> pl.DataFrame:
        """When their priority changed; see `moves.moves`."""
        return moves.moves(self.line)

    @cached_property
    def crossings(self) -> pl.DataFrame:
        """Who reached the first priority; see `moves.crossings`."""
        ground = self.ground
        first = ground.priorities[0] if ground.priorities else None
        return moves.crossings(self.moves, first, ground.people, ground.began or ground.as_of, ground.backfills)

    @cached_property
    def rows(self) -> pl.DataFrame:
        """Who was open in each month; see `cohorts.cohorts`."""
        ground = self.ground
        return cohorts.cohorts(self.line, ground.months, ground.people, ground.horizon, ground.as_of)
