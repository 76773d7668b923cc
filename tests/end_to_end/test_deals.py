"""A conversion belongs to the leads that HubSpot names for a deal now, as long as the deal exists."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from pipeline.passes import BACKFILL, RECONCILE, SYNC, Kind
from tests.stage import Stage

Open = Callable[..., Stage]
PAIR = ("0-3", "0-1")


class Deals:
    """A stage with a won deal of one lead."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.portal = stage, stage.app.state.portal
        self.table: Any = self.portal.tables["0-3"]
        self.lead, self.other = stage.people()[:2]
        self.deal = self.portal.create(
            self.table, {"dealname": "One", "dealstage": "closedwon", "closedate": "2026-11-21T12:00:00Z"}
        )
        self.portal.associate(PAIR, self.deal.id, int(self.lead))

    def do(self, kind: Kind, later: timedelta) -> None:
        """Run a pass some time later, at the CRM's time."""
        self.stage.live(later, pace=0)
        self.stage.do(kind, now=lambda: self.stage.moment)

    def owners(self) -> list[str]:
        """Return the leads that the mirror counts as won by the deal."""
        with self.stage.job() as job:
            found = job.mirror.outcomes().iter_rows(named=True)
            return sorted(row["lead"] for row in found if row["id"] == f"deal:{self.deal.id}:opportunity_won")


@pytest.fixture
def deals(hubspot: Open) -> Deals:
    def with_deals(connection: dict[str, Any]) -> None:
        connection["outcomes"] = {"opportunities": True}

    stage = hubspot(30, at=datetime.fromisoformat("2026-11-22T12:00:00+00:00"))
    stage.configure(with_deals)
    stage.provision()
    found = Deals(stage)
    found.do(BACKFILL, timedelta(0))
    assert found.owners() == [found.lead]
    return found


def test_a_deleted_deal_is_no_conversion_until_it_is_restored(deals: Deals) -> None:
    deals.portal.archive(deals.table, deals.deal)
    deals.do(SYNC, timedelta(hours=2))
    assert deals.owners() == []
    deals.portal.restore(deals.table, deals.deal)
    deals.do(SYNC, timedelta(hours=2))
    assert deals.owners() == [deals.lead]


def test_a_deal_given_to_another_contact_is_noticed_within_six_hours(deals: Deals) -> None:
    deals.portal.part(PAIR, deals.deal.id, int(deals.lead))
    deals.portal.associate(PAIR, deals.deal.id, int(deals.other))
    deals.do(SYNC, timedelta(hours=6))
    assert deals.owners() == [deals.other]


def test_an_older_deal_given_to_another_contact_is_noticed_by_a_reconciliation(deals: Deals) -> None:
    deals.do(SYNC, timedelta(days=60))
    deals.portal.part(PAIR, deals.deal.id, int(deals.lead))
    deals.portal.associate(PAIR, deals.deal.id, int(deals.other))
    deals.do(SYNC, timedelta(hours=6))
    assert deals.owners() == [deals.lead]
    deals.do(RECONCILE, timedelta(hours=1))
    assert deals.owners() == [deals.other]
