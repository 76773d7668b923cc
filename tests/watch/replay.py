"""A year of nightly passes in seconds: leads are read once from a sandbox, then scored and written week by week."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from pipeline.compute import everyone, scored
from pipeline.job import Job, opened
from pipeline.lease import leased
from pipeline.passes import READ, Pass, PassOptions
from tests.stage import Stage
from vocabulary.writes import Pushed


@contextmanager
def watched(stage: Stage, now: datetime) -> Iterator[Job]:
    """Open the job of a stage without its CRM, at a time."""
    with opened(stage.settings(), None, now=lambda: now, offline=True) as job:
        yield job


def read(stage: Stage) -> None:
    """Read the CRM, and write nothing."""
    with stage.job() as job, leased(job, "read", "test") as lease:
        Pass(job, READ, lease, PassOptions()).run()


def weeks(until: datetime, count: int) -> list[datetime]:
    """Return moments a week apart."""
    return [until - timedelta(weeks=back) for back in reversed(range(count))]


def replay(stage: Stage, moments: list[datetime]) -> None:
    """Score everybody that existed at each moment, and record that it was written then."""
    for moment in moments:
        with watched(stage, moment) as job, leased(job, "replay", "test") as lease:
            run = job.runs.start("refresh", lease)
            labels = {active.prefix: active.label for active in job.scorecards}
            for active in job.scorecards:
                for chunk in everyone(job, active):
                    results = then(scored(job, active, chunk, moment, own=True).part("leads").results, job, moment)
                    active.outbox.stage(results, run, lease, scored_at=moment)
                while rows := active.outbox.pending(1000, moment):
                    active.outbox.sending(rows, run, lease)
                    active.outbox.record([Pushed(row.lead) for row in rows], run, lease, moment)
            job.runs.finish(run, "done", {"judged_by": labels}, lease)


def then(results: pl.DataFrame, job: Job, moment: datetime) -> pl.DataFrame:
    """Return the results of the leads that existed."""
    there = job.mirror.creations().filter(pl.col("created_at") <= moment)
    return results.join(there, on="lead", how="semi")


def configured(connection: dict[str, Any]) -> None:
    """Read conversions of deals, write every output, and ask for everything that a report can show."""
    of_crm = {
        "hubspot": (True, {"owner": "hubspot_owner_id"}, {"amount": "amount"}),
        "salesforce": ("contact_roles", {"owner": "OwnerId"}, {"amount": "Amount"}),
    }
    opportunities, owner, amount = of_crm[connection["crm"]]
    connection["outcomes"] = {"opportunities": opportunities}
    connection["fields"] |= owner
    connection["deals"] |= amount
    connection["capacity"] = 20
    connection["feedback"] = True
    connection["report"] = {
        "promise": "4h",
        "team": "owner",
        "person": "owner",
        "source": "source",
        "amount": "amount",
    }
