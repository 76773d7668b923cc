"""HubSpot's journal, from a change in HubSpot to the result written there, and nothing is left for the next `sync`."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.base import Feeds
from pipeline import clock
from pipeline.feeding import due_pass
from pipeline.job import Job
from pipeline.lease import leased
from pipeline.passes import BACKFILL, SYNC
from store import Lease
from tests.radio import do, listening
from tests.stage import Stage

Open = Callable[..., Stage]
START = datetime(2026, 11, 20, 12, tzinfo=UTC)


def opened(hubspot: Open, leads: int = 40) -> Stage:
    stage = hubspot(leads, at=START)
    client = stage.app.state.portal.tokens.client

    def settings(connection: dict[str, Any]) -> None:
        listening(connection)
        secret = stage.secret("HUBSPOT_FEED_SECRET", client.secret)
        connection["feed"] = {"client_id": client.client_id, "client_secret": secret}
        connection["write"] = {"first": "go", "guard": 1.0}

    stage.configure(settings)
    stage.provision()
    return stage


def hear(job: Job, lease: Lease) -> int:
    """Listen until there is nothing new, and store what was heard; return how many rows were due."""
    assert isinstance(job.connector, Feeds)
    found, quiet = 0, 0
    with closing(job.connector.listen(job.due.cursor())) as feed:  # type: ignore[type-var]  # a generator
        for heard in feed:
            assert not heard.gap
            job.due.hear(heard, lease, clock.now())
            found += len(heard.due)
            quiet = 0 if heard.events else quiet + 1
            if quiet > 1:  # the first step, or one after a second
                return found
    return found


def done(job: Job, lease: Lease) -> int:
    """Do passes over what is due until nothing is; return how many rows they wrote."""
    written = 0
    while work := due_pass(job, lease):
        written += work.run().tally.written
    return written


@pytest.mark.slow
def test_what_happens_in_hubspot_is_written_before_the_next_sync_which_has_nothing_left(hubspot: Open) -> None:
    stage = opened(hubspot)
    with stage.job(now=lambda: stage.moment) as job, leased(job, "test", "test") as lease:
        do(job, lease, BACKFILL)
        hear(job, lease)
        done(job, lease)
        stage.live(timedelta(minutes=20), pace=0)
        before = stage.fields("lead_engagement", "lead_priority")
        keen = sorted(lead for lead, values in before.items() if values["lead_priority"] == "P4")[:3]
        for lead in keen:
            stage.act(lead, "demo_request")
        assert hear(job, lease)
        assert done(job, lease) >= len(keen)
        after = stage.fields("lead_engagement")
        assert all(float(after[one]["lead_engagement"]) > float(before[one]["lead_engagement"] or 0) for one in keen)
        do(job, lease, SYNC)
        assert {one: stage.fields("lead_engagement")[one] for one in keen} == {one: after[one] for one in keen}


def test_our_own_writes_of_a_backfill_make_nothing_due(hubspot: Open) -> None:
    stage = opened(hubspot, 20)
    with stage.job(now=lambda: stage.moment) as job, leased(job, "test", "test") as lease:
        hear(job, lease)
        assert do(job, lease, BACKFILL).tally.written == 20
        assert hear(job, lease) == 0
