"""A lead that enters the mirror later comes with its history, in every CRM."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from connectors.base import ConnectorError
from pipeline.lease import leased
from pipeline.passes import BACKFILL, RECONCILE, SYNC
from tests.stage import Stage

Open = Callable[..., Stage]
Did = set[tuple[str, str]]


def did(stage: Stage, *leads: str) -> Did:
    """Return the id and kind of each activity of leads in the mirror."""
    with stage.job() as job:
        frames = job.mirror.frames(list(leads), job.fields)
        found = frames.activities.join(frames.touchpoints, on="touchpoint").select("id", "kind")
    return set(found.iter_rows())


def by_lead(found: Did) -> Did:
    """Leave out activities that only a listing returns: Account Engagement has no filter by lead."""
    return {(name, kind) for name, kind in found if not name.startswith("pardot:")}


def outcomes(stage: Stage, lead: str) -> set[str]:
    with stage.job() as job:
        found = job.mirror.outcomes()
    return set(found.filter(found["lead"] == lead)["id"])


def busiest(stage: Stage, count: int = 1) -> list[str]:
    return sorted(stage.fields(), key=lambda lead: -len(did(stage, lead)))[:count]


def forget(stage: Stage, *leads: str) -> None:
    with stage.job() as job, leased(job, "forget", "test") as lease:
        for lead in leads:
            job.mirror.forget(lead, lease)


def filled(crm: Open, *, leads: int = 60, change: Callable[[dict[str, Any]], None] | None = None) -> Stage:
    stage = crm(leads)
    stage.configure(change)
    stage.provision()
    stage.do(BACKFILL)
    return stage


def test_a_forgotten_lead_that_is_seen_again_has_its_activities(crm: Open) -> None:
    stage = filled(crm)
    (lead,) = busiest(stage)
    before, won = did(stage, lead), outcomes(stage, lead)
    assert len(before) > 5
    forget(stage, lead)
    stage.meddle(lead, "lead_score_reasons", "somebody")
    stage.do(SYNC)
    assert by_lead(did(stage, lead)) == by_lead(before)
    assert outcomes(stage, lead) == won
    stage.do(RECONCILE)
    assert did(stage, lead) == before


def test_a_lead_restored_after_the_mirror_erased_it_has_its_activities(crm: Open) -> None:
    stage = filled(crm)
    (lead,) = busiest(stage)
    before = did(stage, lead)
    stage.delete(lead)
    with stage.job() as job, leased(job, "sync", "test") as lease:
        job.mirror.reset(["deletions"], lease)
    stage.do(RECONCILE)
    with stage.job() as job, leased(job, "expire", "test") as lease:
        assert job.removals.expire(stage.moment + timedelta(days=31), lease) == 1
    assert not did(stage, lead)
    stage.restore(lead)
    stage.do(RECONCILE)
    assert did(stage, lead) == before


def test_entrants_left_by_a_failed_pass_are_read_by_the_next(crm: Open) -> None:
    stage = filled(crm)
    lead, other = busiest(stage, 2)
    before = did(stage, lead, other)
    forget(stage, lead, other)
    for each in (lead, other):
        stage.meddle(each, "lead_score_reasons", "somebody")
    with stage.job() as job, leased(job, "sync", "test") as lease:
        leads = [stream for stream in job.connector.streams() if stream.fields]
        for stream in leads:
            for page in job.connector.pull(stream, job.mirror.cursor(stream.name)):
                job.mirror.save_all([page], lease, filled=stage.moment)
        assert sorted(job.entrants.waiting(9)) == sorted([lead, other])
    stage.do(SYNC)
    assert by_lead(did(stage, lead, other)) == by_lead(before)
    with stage.job() as job:
        assert job.entrants.count() == 0


def test_the_survivor_of_leads_that_the_mirror_has_is_not_read_again(crm: Open) -> None:
    """HubSpot gives it an id of its own; what both did is in the mirror."""
    stage = filled(crm)
    one, other = busiest(stage, 2)
    before = did(stage, one) | did(stage, other)
    survivor = stage.merge(one, other)
    with stage.job() as job, leased(job, "sync", "test") as lease:
        leads = [stream for stream in job.connector.streams() if stream.fields]
        for stream in leads:
            for page in job.connector.pull(stream, job.mirror.cursor(stream.name)):
                job.mirror.save_all([page], lease, filled=stage.moment)
        assert job.entrants.waiting(9) == []
    assert did(stage, survivor) == before


def test_the_survivor_of_a_lead_that_the_mirror_lacks_is_read(crm: Open) -> None:
    stage = filled(crm)
    one, other = busiest(stage, 2)
    before = did(stage, one) | did(stage, other)
    forget(stage, other)
    survivor = stage.merge(one, other)
    stage.do(SYNC)
    if stage.crm == "hubspot":
        assert by_lead(did(stage, survivor)) == by_lead(before)
    stage.do(RECONCILE)  # Salesforce tells of the merge only whom the mirror has
    assert did(stage, survivor) == before


def test_a_lead_that_the_filter_lets_in_later_has_its_activities(salesforce: Open) -> None:
    stage = filled(salesforce, change=lambda each: each.update(objects={"Lead": True, "Contact": True}))
    lead = next(one for one in busiest(stage, 60) if one.startswith("00Q"))
    everything = did(stage, lead)
    stage.repoint("sqlite:///filtered.db")
    stage.configure(lambda each: each.update(objects={"Lead": {"filter": f"Company != '{company(stage, lead)}'"}}))
    stage.do(BACKFILL)
    assert not did(stage, lead)
    stage._control("change", {"id": lead, "values": {"Company": "Another Ltd"}})
    stage.do(SYNC)
    assert did(stage, lead) == everything


def company(stage: Stage, lead: str) -> str:
    rows = stage.app.state.sandbox.org.rows("Lead")
    return next(str(row["Company"]) for row in rows if row["Id"] == lead)


@pytest.mark.slow
def test_many_entrants_list_a_stream_again_instead_of_being_read_one_by_one(hubspot: Open) -> None:
    stage = filled(hubspot, leads=330)
    everyone = list(stage.fields())
    before = did(stage, *everyone)
    forget(stage, *everyone)
    calls = stage.calls()
    stage.do(RECONCILE)
    assert did(stage, *everyone) == before
    assert stage.calls() - calls < 330


@pytest.mark.slow
def test_submissions_that_no_api_brings_by_lead_come_with_the_next_reconciliation(hubspot: Open) -> None:
    stage = hubspot(400)
    stage.app.state.portal.enterprise = False
    stage.provision()
    stage.do(BACKFILL)
    lead = max(stage.fields(), key=lambda one: sum(kind.startswith("form:") for kind, _ in did(stage, one)))
    before = did(stage, lead)
    forget(stage, lead)
    stage.meddle(lead, "lead_score_reasons", "somebody")
    stage.do(SYNC)
    stage.do(RECONCILE)
    assert did(stage, lead) == before


def test_a_lead_that_the_crm_has_had_for_no_longer_than_the_last_pass_is_no_entrant(crm: Open) -> None:
    stage = filled(crm)
    stage.live(timedelta(minutes=5), pace=500)
    with stage.job() as job, leased(job, "sync", "test") as lease:
        (leads,) = [stream for stream in job.connector.streams() if stream.lists]
        for page in job.connector.pull(leads, job.mirror.cursor(leads.name)):
            job.mirror.save_all([page], lease, filled=stage.moment - timedelta(hours=1))
        assert job.entrants.count() == 0


def test_a_pass_that_fails_while_it_reads_entrants_is_made_up_for_by_the_next(hubspot: Open) -> None:
    stage = filled(hubspot)
    (lead,) = busiest(stage)
    before = did(stage, lead)
    forget(stage, lead)
    stage.meddle(lead, "lead_score_reasons", "somebody")
    stage.fault("500", "1", "/associations/contacts/meetings")
    with pytest.raises(ConnectorError):
        stage.do(SYNC)
    stage.calm()
    stage.do(SYNC)
    assert did(stage, lead) == before
