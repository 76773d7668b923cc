"""The contract of every connector: two accounts become one, with the people, the deals and the figures of both."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import polars as pl
import pytest

from pipeline.passes import BACKFILL, RECONCILE, SYNC, Kind, Report
from tests.contract.test_deals import MAPPINGS
from tests.contract.test_results_of_accounts import EMPLOYEES
from tests.selling import sales_of
from tests.stage import Stage
from vocabulary.outputs import COMPUTED

Open = Callable[..., Stage]
CARD = """
scorecard: firms
deals: {amount: number, open: flag}
accounts:
  fields: {employees: number}
  figures:
    asked: {count: activities, where: {kind: demo_request}}
    people: {count: leads}
    pipeline: {sum: amount, of: deals, where: {open: true}}
  score:
    fit:
      groups:
        - name: Company
          rules:
            - {name: People, number: people, points: {give: 1, per: 1}, maximum: 50}
            - {name: Pipeline, number: pipeline, points: {give: 1, per: 10000000}, maximum: 50}
    engagement: {people: {top: 50, maximum: 60}}
  readiness:
    stages: [{name: Quiet}, {name: Selling, when: {pipeline: {above: 0}}}]
  priority:
    matrix:
      Quiet: {A: P4, B: P4, C: P4, D: P4, F: P4, '?': P4}
      Selling: {A: P2, B: P2, C: P2, D: P2, F: P2, '?': P2}
score:
  fit:
    groups:
      - name: Company
        rules:
          - {name: Colleagues, number: account.people, points: {give: 1, per: 1}, maximum: 50}
          - {name: Pipeline, number: account.pipeline, points: {give: 1, per: 10000000}, maximum: 50}
  engagement:
    groups: [{name: Asking, rules: [{name: Demo, activity: {kind: demo_request}, points: 20, maximum: 40}]}]
"""
MILLION = 1e6
LASTING = frozenset({"lead_priority_since", "lead_priority_rose_at", "lead_expires_at", "lead_scored_at"})
"""Outputs that say when something became so: a mirror that has just begun cannot know it."""


@dataclass
class Merging:
    """A stage with two accounts that have people and an open deal each."""

    stage: Stage
    accounts: list[str] = field(default_factory=list)
    people: list[list[str]] = field(default_factory=list)

    def do(self, kind: Kind = SYNC, later: timedelta = timedelta(minutes=5)) -> Report:
        self.stage.live(later, pace=0)
        return self.stage.do(kind, now=lambda: self.stage.moment)

    def members(self, account: str) -> set[str]:
        """Return the leads of an account in the mirror."""
        with self.stage.job() as job:
            return set(job.mirror.leads_of([account]))

    def computed(self, of: int) -> dict[str, tuple[object, ...]]:
        """Return what was computed last of all leads (0) or all accounts (1), by id."""
        with self.stage.job() as job:
            rows = job.boxes[of].outbox.computed(range(len(job.mirror.buckets)))
        kept = rows.select("lead", *sorted(set(COMPUTED) - LASTING)).sort("lead")
        return {row[0]: row[1:] for row in kept.with_columns(pl.all().cast(pl.String)).iter_rows()}


@pytest.fixture
def merging(crm: Open) -> Merging:
    stage = crm(30, at=datetime.fromisoformat("2026-11-22T12:00:00+00:00"))
    (stage.folder / "firms.yaml").write_text(CARD)
    mapped = {name: MAPPINGS[stage.crm][name] for name in ("amount", "open")}
    stage.configure(
        lambda connection: connection.update(
            scorecard="firms.yaml",
            fields={},
            accounts={"employees": EMPLOYEES[stage.crm]},
            deals=mapped,
            write={"guard": "100%", "dead_band": 1},
        )
    )
    stage.provision()
    found = Merging(stage)
    found.do(BACKFILL)
    with stage.job() as job:
        sizes = job.mirror.account_sizes().sort("leads", "account", descending=[True, False])
        found.accounts = sizes["account"].to_list()[:2]
        found.people = [sorted(job.mirror.leads_of([account])) for account in found.accounts]
    sales = sales_of(stage)
    for people, amount in zip(found.people, (20, 30), strict=True):
        sales.sell(amount * MILLION, next(lead for lead in people if lead in sales.leads))
    found.do()
    return found


def test_people_deals_and_results_of_both_are_those_of_the_account_that_remains(merging: Merging) -> None:
    stage = merging.stage
    size = sum(len(people) for people in merging.people)
    stood = stage.accounts("account_priority_since", "account_priority_rose_at")
    made = stage.merge_accounts(*merging.accounts)
    old = set(merging.accounts) - {made}
    stage.trap.rows.clear()
    report = merging.do()
    assert (report.state, report.tally.refused) == ("done", 0)
    held = stage.accounts("account_fit", "account_readiness", "account_priority")
    assert old.isdisjoint(held)
    assert stage.accounts("account_priority_since", "account_priority_rose_at")[made] == stood[merging.accounts[0]]
    assert held[made] == {"account_fit": f"{size + 5}", "account_readiness": "Selling", "account_priority": "P2"}
    written = {account for account, _ in stage.trap.rows}
    assert old.isdisjoint(written)
    assert made in written
    assert merging.members(made) == {lead for people in merging.people for lead in people}
    fits = stage.fields("lead_fit")
    assert {fits[lead]["lead_fit"] for lead in merging.members(made)} == {f"{size + 5}"}
    assert old.isdisjoint(merging.computed(1))
    assert all(merging.members(one) == set() for one in old)
    for kind in (SYNC, RECONCILE, SYNC):
        assert merging.do(kind, timedelta(hours=2)).tally.written == 0


def test_the_mirror_holds_of_merged_accounts_what_a_fresh_backfill_finds(merging: Merging) -> None:
    merging.stage.merge_accounts(*merging.accounts)
    merging.do()
    kept = merging.computed(0), merging.computed(1)
    merging.stage.repoint("sqlite:///fresh.db")
    merging.do(BACKFILL, timedelta(0))
    assert (merging.computed(0), merging.computed(1)) == kept
