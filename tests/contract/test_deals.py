"""The contract of every connector: deals come into the mirror, and their figures into scores."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from pipeline.passes import BACKFILL, RECONCILE, REFRESH, SYNC, Kind
from tests.selling import Sales, sales_of
from tests.stage import Stage

Open = Callable[..., Stage]
MAPPINGS = {
    "hubspot": {"amount": "amount", "open": "not(hs_is_closed)", "won": "hs_is_closed_won"},
    "salesforce": {"amount": "Amount", "open": "not(IsClosed)", "won": "IsWon"},
}
CARD = """
scorecard: dealing
deals: {amount: number, open: flag, won: flag}
figures:
  pipeline: {sum: amount, of: deals, where: {open: true}}
  bought: {count: deals, where: {won: true}}
score:
  fit:
    groups:
      - name: Deals
        rules:
          - {name: Pipeline, number: pipeline, points: {give: 1, per: 10000000}, maximum: 50}
          - {name: Bought, lead: {bought: {at_least: 1}}, points: 3}
"""
MILLION = 1e6


@dataclass
class Desk:
    """A stage whose card scores deals, with what sales people do."""

    stage: Stage
    sales: Sales
    lead: str
    other: str

    def do(self, kind: Kind, later: timedelta = timedelta(0)) -> None:
        self.stage.live(later, pace=0)
        self.stage.do(kind, now=lambda: self.stage.moment)

    def scores(self, *leads: str) -> list[int]:
        held = self.stage.fields("lead_score")
        return [int(float(held[lead]["lead_score"] or 0)) for lead in leads or (self.lead, self.other)]


@pytest.fixture
def desk(crm: Open) -> Desk:
    stage = crm(12, at=datetime.fromisoformat("2026-11-22T12:00:00+00:00"))
    (stage.folder / "dealing.yaml").write_text(CARD)
    stage.configure(lambda connection: connection.update(settings(stage)))
    stage.provision()
    sales = sales_of(stage)
    found = Desk(stage, sales, *sales.leads[:2])
    found.do(BACKFILL)
    return found


def settings(stage: Stage, **deals: str) -> dict[str, Any]:
    """Return the settings of a connection whose only fields are those of deals."""
    mapping = {**MAPPINGS[stage.crm], **deals}
    return {"scorecard": "dealing.yaml", "deals": mapping, "fields": {}, "write": {"guard": "100%", "dead_band": 1}}


def test_a_deal_counts_for_its_leads_until_it_is_closed_deleted_or_given_away(desk: Desk) -> None:
    bought = desk.scores()
    deal = desk.sales.sell(70 * MILLION, desk.lead, desk.other)

    def then(later: timedelta = timedelta(minutes=5)) -> list[int]:
        """Return by how much each lead's score differs from the one without the deal."""
        desk.do(SYNC, later)
        return [now - before for now, before in zip(desk.scores(), bought, strict=True)]

    assert then() == [7, 7]
    desk.sales.change(deal, amount=90 * MILLION)
    assert then() == [9, 9]
    desk.sales.change(deal, stage="won")
    assert then() == [3 if one < 3 else 0 for one in bought]
    desk.sales.change(deal, stage="open")
    assert then() == [9, 9]
    desk.sales.delete(deal)
    assert then(timedelta(hours=2)) == [0, 0]
    desk.sales.restore(deal)
    assert then(timedelta(hours=2)) == [9, 9]
    desk.sales.give(deal, desk.other)
    assert then(timedelta(hours=6)) == [0, 9]
    shown = desk.stage.leadgauge("explain", desk.other, "--json")
    assert json.loads(shown.stdout)[0]["results"]["lead_score"] == desk.scores()[1]
    for kind in (RECONCILE, SYNC, REFRESH):
        desk.do(kind)
        assert desk.stage.do(SYNC, now=lambda: desk.stage.moment).tally.written == 0


def test_a_field_of_deals_that_a_card_uses_anew_is_read(desk: Desk) -> None:
    desk.sales.sell(10 * MILLION, desk.lead)
    desk.do(SYNC, timedelta(minutes=5))
    before = desk.scores(desk.lead)
    card = desk.stage.folder / "dealing.yaml"
    card.write_text(CARD.replace("won: flag}", "won: flag, size: number}").replace("{sum: amount", "{sum: size"))
    desk.stage.configure(
        lambda connection: connection.update(settings(desk.stage, size=MAPPINGS[desk.stage.crm]["amount"]))
    )
    desk.do(SYNC)
    assert desk.scores(desk.lead) == before


def test_what_is_known_of_a_person_s_deals_is_exported_and_forgotten(desk: Desk) -> None:
    deal = desk.sales.sell(10 * MILLION, desk.lead)
    desk.do(SYNC, timedelta(minutes=5))

    def told() -> dict[str, Any]:
        exported = json.loads(desk.stage.leadgauge("export", desk.lead).stdout or "{}")
        found: dict[str, Any] = exported.get("connections", {}).get("main", {})
        return found

    assert [row["fields"]["amount"] for row in told()["deals"] if row["deal"] == deal] == [10 * MILLION]
    assert desk.stage.leadgauge("forget", desk.lead, "--yes").returncode == 0
    assert "deals" not in told()
