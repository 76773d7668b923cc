"""Participations in webinars that HubSpot shows late, or deletes with the webinar."""

from collections.abc import Callable
from datetime import datetime, timedelta

import requests

from pipeline.passes import BACKFILL, RECONCILE, SYNC
from tests.end_to_end.test_addresses import kinds
from tests.end_to_end.test_removed_activities import did
from tests.stage import Stage

Open = Callable[..., Stage]


def test_who_registers_for_a_webinar_of_weeks_ago_is_noticed_by_a_reconciliation(hubspot: Open) -> None:
    stage = hubspot(30, at=datetime.fromisoformat("2026-11-22T12:00:00+00:00"))
    stage.provision()
    stage.do(BACKFILL, now=lambda: stage.moment)
    portal = stage.app.state.portal
    portal.webinars = dict.fromkeys(
        portal.webinars, portal.clock.now() - timedelta(days=30) // timedelta(milliseconds=1)
    )
    lead = next(one for one in stage.people() if "webinar_register" not in kinds(stage, one))
    stage.act(lead, "webinar_register")
    stage.live(timedelta(hours=1), pace=0)
    stage.do(SYNC, now=lambda: stage.moment)
    assert "webinar_register" not in kinds(stage, lead)
    stage.do(RECONCILE, now=lambda: stage.moment)
    assert "webinar_register" in kinds(stage, lead)


def test_participations_of_a_deleted_webinar_leave_with_a_reconciliation(hubspot: Open) -> None:
    stage = hubspot(30)
    stage.provision()
    stage.do(BACKFILL)
    before = webinars(stage)
    portal = stage.app.state.portal
    gone, *left = sorted({activity.split(":")[1] for activity in before})
    headers = {"Authorization": f"Bearer {portal.tokens.static}"}
    requests.delete(f"{stage.url}/marketing/v3/marketing-events/{gone}", headers=headers, timeout=10).raise_for_status()
    assert stage.do(RECONCILE).state == "done"
    assert {activity.split(":")[1] for activity in webinars(stage)} == set(left)


def webinars(stage: Stage) -> set[str]:
    return {activity for _, activity, _ in did(stage) if activity.startswith("webinar:")}
