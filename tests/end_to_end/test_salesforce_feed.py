"""From a change in Salesforce to the fields of the lead, by the feed alone; what is written starts nothing again."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from connectors.base import Feeds
from pipeline.feeding import due_pass
from pipeline.job import Job
from pipeline.lease import leased
from pipeline.passes import BACKFILL
from store import Lease
from tests.radio import do, listening
from tests.stage import Stage
from vocabulary.feeds import Heard

Open = Callable[..., Stage]


def told(job: Job, lease: Lease, stage: Stage, events: int) -> list[Heard]:
    """Hear and save until so many events came, as the daemon does."""
    assert isinstance(job.connector, Feeds)
    found: list[Heard] = []
    with closing(cast("Any", job.connector.listen(job.due.cursor()))) as feed:
        for one in cast("Iterator[Heard]", feed):
            job.due.hear(one, lease, stage.moment)
            found.append(one)
            if sum(each.events for each in found) >= events and all(one.cursor["places"].values()):
                return found
    raise AssertionError("a feed does not end by itself")


@pytest.mark.slow
def test_a_request_is_heard_read_scored_and_written_and_what_is_written_is_not_heard(salesforce: Open) -> None:
    stage = salesforce(60, at=datetime(2026, 11, 20, 12, tzinfo=UTC))
    endpoint = stage.app.state.sandbox.feed.address

    def settings(connection: dict[str, Any]) -> None:
        listening(connection)
        connection["feed"] = {"endpoint": endpoint, "most_objects": 20}
        connection["write"] = {"first": "go"}

    stage.configure(settings)
    stage._control("feed", {"select": [], "entities": None, "keepalive": 0.2})
    stage.provision()
    with stage.job(now=lambda: stage.moment) as job, leased(job, "test", "test") as lease:
        do(job, lease, BACKFILL)
        told(job, lease, stage, 0)
        held = stage.fields("lead_priority", "lead_engagement")
        lead = min(one for one, values in held.items() if values["lead_priority"] == "P4")
        stage.act(lead, "demo_request")
        told(job, lease, stage, 1)
        work = due_pass(job, lease)
        assert work is not None
        report = work.run()
        assert (report.state, report.tally.written) == ("done", 1)
        after = stage.fields("lead_priority", "lead_engagement")
        assert {one for one in after if after[one] != held[one]} == {lead}
        (one,) = told(job, lease, stage, 0)
        assert (one.events, len(one.due)) == (0, 0)
        assert due_pass(job, lease) is None
