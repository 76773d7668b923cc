"""A call or meeting belongs to the leads the CRM names now, whenever that was set."""

from collections.abc import Callable
from datetime import datetime, timedelta

from leadgauge_sandbox.hubspot.answers import iso
from pipeline.passes import BACKFILL, RECONCILE, SYNC
from tests.stage import Stage

Open = Callable[..., Stage]
MEETINGS = ("0-47", "0-1")


def logged(stage: Stage, *leads: str) -> int:
    """Log a meeting now as a user does, and return its id."""
    portal = stage.app.state.portal
    now = portal.clock.now()
    values = {"hs_timestamp": iso(now), "hs_meeting_start_time": iso(now), "hs_meeting_title": "Late"}
    record = portal.create(portal.tables["0-47"], values)
    for lead in leads:
        portal.associate(MEETINGS, record.id, int(lead))
    return int(record.id)


def owners(stage: Stage, meeting: int) -> list[str]:
    """Return the leads that have the meeting in the mirror."""
    with stage.job() as job:
        found = job.mirror.frames(job.mirror.buckets, job.fields).activities
        return sorted(row["lead"] for row in found.iter_rows(named=True) if row["id"] == f"meetings:{meeting}")


def started(hubspot: Open) -> Stage:
    stage = hubspot(40, at=datetime.fromisoformat("2026-11-22T12:00:00+00:00"))
    stage.provision()
    return stage


def do(stage: Stage, kind: object, later: timedelta) -> None:
    """Run a pass some time later, at the CRM's time."""
    stage.live(later, pace=0)
    stage.do(kind, now=lambda: stage.moment)  # type: ignore[arg-type]


def test_a_contact_added_to_a_meeting_later_is_noticed_within_six_hours(hubspot: Open) -> None:
    stage = started(hubspot)
    one, other = stage.people()[:2]
    do(stage, BACKFILL, timedelta(0))
    meetings = logged(stage), logged(stage, one)
    for _ in range(4):
        do(stage, SYNC, timedelta(hours=3))
    assert owners(stage, meetings[0]) == []
    for meeting in meetings:
        stage.app.state.portal.associate(MEETINGS, meeting, int(other))
    do(stage, SYNC, timedelta(hours=6))
    assert owners(stage, meetings[0]) == [other]
    assert owners(stage, meetings[1]) == sorted([one, other])


def test_a_contact_added_to_an_old_meeting_is_noticed_by_a_reconciliation(hubspot: Open) -> None:
    stage = started(hubspot)
    one, other = stage.people()[:2]
    meeting = logged(stage)
    stage.live(timedelta(days=60), pace=0)
    do(stage, BACKFILL, timedelta(0))
    stage.app.state.portal.associate(MEETINGS, meeting, int(other))
    do(stage, SYNC, timedelta(days=1))
    assert owners(stage, meeting) == []
    do(stage, RECONCILE, timedelta(days=1))
    assert owners(stage, meeting) == [other]
    stage.app.state.portal.part(MEETINGS, meeting, int(other))
    stage.app.state.portal.associate(MEETINGS, meeting, int(one))
    do(stage, RECONCILE, timedelta(days=7))
    assert owners(stage, meeting) == [one]


def test_a_meeting_given_to_another_leaves_the_first_and_then_nobody(hubspot: Open) -> None:
    stage = started(hubspot)
    one, other = stage.people()[:2]
    meeting = logged(stage, one)
    do(stage, BACKFILL, timedelta(0))
    assert owners(stage, meeting) == [one]
    portal = stage.app.state.portal
    portal.part(MEETINGS, meeting, int(one))
    portal.associate(MEETINGS, meeting, int(other))
    do(stage, SYNC, timedelta(hours=6))
    assert owners(stage, meeting) == [other]
    portal.part(MEETINGS, meeting, int(other))
    do(stage, SYNC, timedelta(hours=6))
    assert owners(stage, meeting) == []


def test_reading_links_again_takes_a_search_per_kind_of_engagement(hubspot: Open) -> None:
    stage = started(hubspot)
    do(stage, BACKFILL, timedelta(0))
    for _ in range(3):
        do(stage, SYNC, timedelta(hours=3))
    calls = []
    for later in (timedelta(minutes=30), timedelta(hours=6)):
        before = stage.calls()
        do(stage, SYNC, later)
        calls.append(stage.calls() - before)
    with stage.job() as job:
        kinds = sum(bool(stream.compared) for stream in job.connector.streams())
    recent = calls[1] - calls[0]
    assert kinds <= recent


def test_a_deleted_meeting_which_no_bin_lists_is_noticed_by_a_reconciliation(hubspot: Open) -> None:
    stage = started(hubspot)
    one = stage.people()[0]
    deleted, kept = logged(stage, one), logged(stage, one)
    do(stage, BACKFILL, timedelta(0))
    table = stage.app.state.portal.tables["0-47"]
    stage.app.state.portal.archive(table, table.find(deleted))
    do(stage, SYNC, timedelta(days=1))
    assert owners(stage, deleted) == [one]
    do(stage, RECONCILE, timedelta(days=7))
    assert owners(stage, deleted) == []
    assert owners(stage, kept) == [one]
