"""HubSpot's own leads get copies of what is written to their contact, as long as they are open."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from pipeline.passes import BACKFILL, RECONCILE, SYNC, Kind
from tests.stage import Stage

Open = Callable[..., Stage]
LEAD, CONTACT = "0-136", "0-1"
SHOWN = ("lead_score", "lead_grade", "lead_why_now", "lead_scored_at")


class Sales:
    """A stage where sales work on a lead of somebody."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.portal = stage, stage.app.state.portal
        self.table: Any = self.portal.tables[LEAD]
        self.somebody, self.other = stage.people()[:2]

    def open(self, contact: str, stage: str = "new-stage-id") -> Any:
        """Make a lead of a contact."""
        made = self.portal.create(self.table, {"hs_lead_name": "A chance", "hs_pipeline_stage": stage})
        self.portal.associate((LEAD, CONTACT), made.id, int(contact))
        return made

    def move(self, lead: Any, stage: str) -> None:
        self.portal.change(self.table, lead, {"hs_pipeline_stage": stage})

    def do(self, kind: Kind, later: timedelta = timedelta(minutes=5)) -> int:
        """Run a pass some time later; return how many contacts it wrote."""
        self.stage.live(later, pace=0)
        return self.stage.do(kind, now=lambda: self.stage.moment).tally.written

    def copied(self, lead: Any) -> dict[str, str | None]:
        return {name: self.table.find(lead.id).values.get(name) or None for name in SHOWN}

    def of(self, contact: str) -> dict[str, str | None]:
        return self.stage.fields(*SHOWN)[contact]


@pytest.fixture
def sales(hubspot: Open) -> Sales:
    stage = hubspot(25, at=datetime.fromisoformat("2026-11-22T12:00:00+00:00"))
    stage.configure(lambda connection: connection.update(lead_object="auto"))
    stage.provision()
    return Sales(stage)


def test_open_leads_have_what_their_contact_has(sales: Sales) -> None:
    first, closed = sales.open(sales.somebody), sales.open(sales.other, "unqualified-stage-id")
    sales.do(BACKFILL)
    assert sales.copied(first) == sales.of(sales.somebody)
    assert set(sales.copied(closed).values()) == {None}
    sales.stage.act(sales.somebody, "demo_request")
    before = sales.copied(first)
    assert sales.do(SYNC) > 0
    assert before != sales.copied(first) == sales.of(sales.somebody)
    for kind in (SYNC, RECONCILE, SYNC):
        assert sales.do(kind) == 0


def test_the_leads_that_sales_works_on_have_what_their_contacts_have(hubspot: Open) -> None:
    """As `leadgauge sandbox hubspot --open-leads` has them, in every stage of the pipeline."""
    stage = hubspot(90, at=datetime.fromisoformat("2026-11-22T12:00:00+00:00"), open_leads=True)
    stage.configure(lambda connection: connection.update(lead_object="auto"))
    stage.provision()
    sales = Sales(stage)
    sales.do(BACKFILL)
    leads = list(sales.table.live())
    assert {lead.values["hs_lead_is_open"] for lead in leads} == {"true", "false"}
    for lead in leads:
        is_open = lead.values["hs_lead_is_open"] == "true"
        expected = sales.of(lead.values["hs_primary_contact_id"]) if is_open else dict.fromkeys(SHOWN)
        assert sales.copied(lead) == expected
    assert sales.do(SYNC) == 0


def test_a_lead_that_is_made_or_opened_again_gets_its_copies_in_the_next_pass(sales: Sales) -> None:
    sales.do(BACKFILL)
    made, again = sales.open(sales.somebody), sales.open(sales.other, "unqualified-stage-id")
    assert sales.do(SYNC) == 1
    assert sales.copied(made) == sales.of(sales.somebody)
    sales.move(again, "connected-stage-id")
    assert sales.do(SYNC) == 1
    assert sales.copied(again) == sales.of(sales.other)
    assert sales.do(SYNC) == 0


def test_a_portal_without_rights_to_leads_is_scored_without_copies(hubspot: Open) -> None:
    stage = hubspot(25)
    stage.fault("missing-scope", "crm.schemas.leads.read")
    stage.configure(lambda connection: connection.update(lead_object="auto"))
    stage.provision()
    stage.fault("missing-scope", "crm.objects.leads.read")
    sales = Sales(stage)
    sales.open(sales.somebody)
    assert "Open leads get no copies" in stage.leadgauge("check").stdout
    assert sales.do(BACKFILL) == 25


def test_the_properties_of_leads_are_removed_with_those_of_contacts(sales: Sales) -> None:
    assert "lead_score" in sales.table.definitions
    removed = sales.stage.leadgauge("provision", "--remove", "--yes")
    assert removed.returncode == 0, removed.stderr
    assert "leads.lead_score" in removed.stdout
    ours = [one for name, one in sales.table.definitions.items() if name.startswith("lead_")]
    assert all(one.archived for one in ours)
