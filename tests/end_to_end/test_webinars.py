"""Participations in webinars that HubSpot shows late."""

from collections.abc import Callable
from datetime import datetime, timedelta

from pipeline.passes import BACKFILL, RECONCILE, SYNC
from tests.end_to_end.test_addresses import kinds
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
