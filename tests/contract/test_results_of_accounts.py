"""The contract of every connector: passes score accounts from their people and write, guard and undo the results."""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest

from config import load_scorecard
from config.likelihoods import save_likelihood
from pipeline.job import Job
from pipeline.lease import leased
from pipeline.passes import BACKFILL, RECONCILE, REFRESH, SYNC, Kind, PassOptions, Report
from pipeline.watching import EXPECTED
from scoring import Likelihood
from scoring.likelihood import points_digest
from store.leads import staleness
from tests.stage import Stage

Open = Callable[..., Stage]
EMPLOYEES = {"hubspot": "numberofemployees", "salesforce": "NumberOfEmployees"}
CARD = """
scorecard: firms
accounts:
  fields: {employees: number}
  figures:
    asked: {count: activities, where: {kind: demo_request}}
  score:
    fit:
      groups: [{name: Company, rules: [{name: Known, lead: {employees: {known: true}}, points: 5}]}]
    engagement:
      people: {top: 3, maximum: 60}
  grade:
    profiles: [{name: All, criteria: [{name: Size, weight: 1, match: {employees: {at_least: 1}}}]}]
score:
  fit:
    groups: [{name: Company, rules: [{name: Somebody asked, lead: {account.asked: {at_least: 1}}, points: 7}]}]
  engagement:
    groups: [{name: Asking, rules: [{name: Demo, activity: {kind: demo_request}, points: 20, maximum: 40}]}]
"""
STANDING = """
{indent}readiness:
{indent}  stages: [{{name: Quiet}}, {{name: Asking, when: {{{figure}: {{at_least: 1}}}}}}]
{indent}priority:
{indent}  matrix:
{indent}    Quiet: {{A: P4, B: P4, C: P4, D: P4, F: P4, '?': P4}}
{indent}    Asking: {{A: P2, B: P2, C: P2, D: P2, F: P2, '?': P2}}
"""
LATELY = "    lately: {count: activities, where: {kind: demo_request, within: 30d}}\n"
RISING = (
    CARD.replace("  figures:\n", "  figures:\n" + LATELY)
    .replace("\nscore:", STANDING.format(indent="  ", figure="lately") + "score:")
    .removesuffix("\n")
) + STANDING.format(indent="", figure="account.lately")
"""Priorities of accounts and of their leads, by what any of these asked for in the last days."""


@dataclass
class Firms:
    """A stage whose card scores accounts, and the people of one of them."""

    stage: Stage
    account: str = ""
    people: tuple[str, ...] = ()

    def do(self, kind: Kind, later: timedelta = timedelta(minutes=5), options: PassOptions | None = None) -> Report:
        self.stage.live(later, pace=0)
        return self.stage.do(kind, options or PassOptions(), now=lambda: self.stage.moment)

    def scores(self) -> dict[str, int | None]:
        """Return the score of each account in the CRM."""
        return {one: number(held["account_score"]) for one, held in self.stage.accounts("account_score").items()}

    def of_people(self) -> list[int | None]:
        held = self.stage.fields("lead_score")
        return [number(held[lead]["lead_score"]) for lead in self.people]

    def causes(self, *whose: str) -> list[list[str]]:
        """Return the causes of each past write to a lead or an account."""
        (told,) = json.loads(self.stage.leadgauge("explain", *whose, "--history", "--json").stdout)
        return [write["causes"] for write in told["history"]]

    def choose(self, but: Collection[str] = ()) -> None:
        """Choose the account with the most people, but not one of these."""
        with self.stage.job() as job:
            sizes = job.mirror.account_sizes().sort("leads", "account", descending=[True, False])
            self.account = next(one for one in sizes["account"] if one not in but)
            self.people = tuple(job.mirror.leads_of([self.account]))
        assert len(self.people) > 1


def number(value: str | None) -> int | None:
    return int(float(value)) if value else None


def settings(stage: Stage, **write: Any) -> dict[str, Any]:
    return {
        "scorecard": "firms.yaml",
        "fields": {},
        "accounts": {"employees": EMPLOYEES[stage.crm]},
        "write": {"guard": "100%", "dead_band": 1, **write},
    }


def staged(crm: Open, leads: int = 30, **write: Any) -> Firms:
    stage = crm(leads, at=datetime.fromisoformat("2026-11-22T12:00:00+00:00"))
    (stage.folder / "firms.yaml").write_text(CARD)
    stage.configure(lambda connection: connection.update(settings(stage, **write)))
    stage.provision()
    return Firms(stage)


@pytest.fixture
def firms(crm: Open) -> Firms:
    found = staged(crm)
    found.do(BACKFILL)
    found.choose()
    return found


def test_what_one_person_does_is_written_to_the_account_and_to_whom_it_concerns(firms: Firms) -> None:
    before, people = firms.scores(), firms.of_people()
    assert None not in before.values()
    assert firms.do(SYNC).tally.written == 0
    firms.stage.act(firms.people[0], "demo_request")
    firms.stage.act(firms.people[0], "demo_request")
    written = firms.do(SYNC).tally.written
    changed = {account for account, score in firms.scores().items() if score != before[account]}
    assert changed == {firms.account}
    rose = [now != then for now, then in zip(firms.of_people(), people, strict=True)]
    assert rose[0]
    assert written == 1 + sum(rose)
    for kind in (SYNC, RECONCILE, REFRESH, SYNC):
        assert firms.do(kind).tally.written == 0


def test_what_a_colleague_did_is_the_cause_account_and_no_rise_of_ones_own(crm: Open) -> None:
    """The account rose by what its people did, a colleague's priority only beside it."""
    firms = staged(crm)
    (firms.stage.folder / "firms.yaml").write_text(RISING)
    firms.stage.provision()
    firms.do(BACKFILL)
    asked = {one for one, held in firms.stage.accounts("account_priority").items() if held["account_priority"] == "P2"}
    firms.choose(but=asked)
    asking, quiet = firms.people[:2]
    rose = firms.stage.fields("lead_priority_rose_at")[quiet]
    firms.stage.act(asking, "demo_request")
    firms.do(SYNC)
    held = firms.stage.fields("lead_priority", "lead_priority_rose_at")[quiet]
    assert held == {"lead_priority": "P2", **rose}
    assert firms.causes(quiet)[-1] == ["account"]
    assert firms.causes(asking)[-1] == ["activity"]
    assert firms.causes("--account", firms.account)[-1] == ["activity"]
    assert firms.stage.accounts("account_priority_rose_at")[firms.account]["account_priority_rose_at"]
    firms.do(REFRESH, timedelta(days=40), PassOptions(accept=True))
    assert firms.causes(quiet)[-1] == ["time"]


def test_the_first_write_is_asked_for_and_undone_for_accounts_too(crm: Open) -> None:
    firms = staged(crm, first="ask")
    accounts = len(firms.scores())
    held = firms.do(BACKFILL)
    assert (held.state, held.tally.written) == ("held", 0)
    assert f"would write {accounts} accounts for the first time" in held.message
    plans = json.loads(firms.stage.leadgauge("plan", "--json").stdout)
    assert [(one["of"], one["writes"]) for one in plans][1] == ("accounts", accounts)
    done = firms.do(BACKFILL, options=PassOptions(accept=True))
    assert done.tally.written == accounts + len(firms.stage.people())
    assert None not in firms.scores().values()
    undone = json.loads(firms.stage.leadgauge("undo", str(done.run), "--json").stdout)
    assert undone["restored"] == done.tally.written
    assert set(firms.scores().values()) == {None}


def test_a_pass_that_would_move_many_accounts_is_held(crm: Open) -> None:
    firms = staged(crm, 90, guard="25%")
    firms.do(BACKFILL)
    card = firms.stage.folder / "firms.yaml"
    card.write_text(CARD.replace("{employees: {at_least: 1}}", "{employees: {below: 1}}"))
    before = firms.stage.accounts("account_grade")
    held = firms.do(SYNC)
    assert (held.state, held.tally.written) == ("held", 0)
    assert "accounts" in held.message
    assert firms.stage.accounts("account_grade") == before
    assert firms.do(SYNC, options=PassOptions(accept=True)).tally.written > 0
    assert firms.stage.accounts("account_grade") != before


def test_an_account_is_explained_by_its_id_or_its_page(firms: Firms) -> None:
    with firms.stage.job() as job:
        page = job.mirror.links().of(firms.account, "accounts")
    for named in (("--account", firms.account), (page,)):
        (told,) = json.loads(firms.stage.leadgauge("explain", *named, "--history", "--json").stdout)
        assert (told["account"], told["link"]) == (firms.account, page)
        assert round(sum(line["points"] for line in told["lines"])) == told["results"]["lead_score"]
        assert told["results"]["lead_score"] == firms.scores()[firms.account]
        assert told["figures"].keys() == {"asked"}
        assert len(told["history"]) == 1
    shown = firms.stage.leadgauge("explain", "--account", firms.account).stdout
    assert f"{firms.account} by firms for accounts: score" in shown
    listed = json.loads(firms.stage.leadgauge("leads", "--accounts", "--json").stdout)
    assert {one["account"]: one["results"]["lead_score"] for one in listed} == firms.scores()
    (told,) = json.loads(firms.stage.leadgauge("explain", firms.people[0], "--json").stdout)
    assert (told["lead"], told["figures"].keys()) == (firms.people[0], {"account.asked"})


def test_a_deleted_account_takes_its_results_with_it(firms: Firms) -> None:
    firms.stage.delete_account(firms.account)
    firms.do(SYNC, timedelta(hours=2))
    with firms.stage.job() as job:
        (_, accounts) = job.boxes
        assert accounts.outbox.computed([firms.account]).is_empty()
        assert job.mirror.leads_of([firms.account]) == []
    assert firms.do(SYNC).tally.written == 0


def test_a_fitted_likelihood_is_written_to_accounts_until_the_points_change(crm: Open) -> None:
    firms = staged(crm)
    file = firms.stage.folder / "accounts.likelihood.yaml"
    uses = {"scorecards": [{"file": "firms.yaml", "accounts_likelihood": file.name}]}

    def fitted(connection: dict[str, Any]) -> None:
        connection.update(settings(firms.stage) | uses)
        del connection["scorecard"]

    firms.stage.configure(fitted)
    firms.stage.provision()
    firms.do(BACKFILL)
    assert set(likelihoods(firms)) == {None}
    company = load_scorecard(firms.stage.folder / "firms.yaml").company
    assert company is not None
    moment = firms.stage.moment
    save_likelihood(
        Likelihood(
            likelihood="firms", of="accounts", points=points_digest(company), fitted_at=moment, horizon=30,
            look_back=180, intercept=-2, per_point=0.05,
        ),
        file,
    )  # fmt: skip
    firms.do(REFRESH)
    found = likelihoods(firms)
    assert None not in found
    assert len(set(found)) > 1
    with firms.stage.job() as job:
        (forecast,) = job.runs.all_with(EXPECTED)[0].counts[EXPECTED]
    assert forecast["prefix"] == " of accounts"
    assert 0 < forecast["expected"] < forecast["leads"] <= len(found)
    (explained,) = json.loads(firms.stage.leadgauge("explain", min(firms.scores()), "--json").stdout)
    assert explained["results"]["lead_likelihood"] is not None
    card = firms.stage.folder / "firms.yaml"
    card.write_text(CARD.replace("top: 3", "top: 2"))
    firms.do(SYNC)
    assert set(likelihoods(firms)) == {None}


def likelihoods(firms: Firms) -> list[str | None]:
    held = firms.stage.accounts("account_likelihood")
    return [one["account_likelihood"] or None for one in held.values()]


@pytest.mark.parametrize("kind", [SYNC, REFRESH], ids=lambda kind: kind.name)
def test_the_mark_of_an_account_that_has_left_does_not_stay(crm: Open, kind: Kind) -> None:
    """It was marked as changed when its last lead left it, and there is nothing of it to score."""
    firms = staged(crm)
    firms.do(BACKFILL, options=PassOptions(yes=True))
    with firms.stage.job() as job, leased(job, "test") as lease:
        lease.write(job.mirror._id, lambda tx: staleness.mark_accounts(tx, pl.Series(["999999"]), "data"))
        assert marked(job) == ["999999"]
    firms.do(kind)
    with firms.stage.job() as job:
        assert marked(job) == []


def marked(job: Job) -> list[str]:
    (active,) = job.scorecards
    assert active.accounts is not None
    return active.accounts.outbox.dirty()
