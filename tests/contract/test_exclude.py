"""Excluded people have no data in the mirror or our fields in the CRM, on every CRM."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from config import ConfigError, load_settings
from pipeline.passes import BACKFILL, RECONCILE, SYNC
from tests.contract.test_entrants import by_lead, did
from tests.end_to_end.test_privacy import everything_in
from tests.stage import Stage

Open = Callable[..., Stage]
OUTPUTS = ("lead_score", "lead_grade", "lead_priority", "lead_score_reasons", "lead_scored_at")


def excluding(**conditions: Any) -> Callable[[dict[str, Any]], None]:
    return lambda connection: connection.update(exclude=conditions)


def here(stage: Stage) -> set[str]:
    """Return the leads of the mirror."""
    with stage.job() as job:
        return set(job.mirror.people(job.mirror.buckets, job.fields)["lead"])


def some(stage: Stage) -> tuple[dict[str, str], list[str]]:
    """Return a condition that few leads meet, and these leads."""
    with stage.job() as job:
        leads = job.mirror.people(job.mirror.buckets, job.fields)
    for field in ("seniority", "country"):
        counts = Counter(leads[field].drop_nulls())
        for value in sorted(one for one, count in counts.items() if 1 < count < 12):
            return {field: value}, leads.filter(leads[field] == value)["lead"].to_list()
    raise AssertionError("no value is rare enough")


def filled(crm: Open) -> tuple[Stage, dict[str, str], list[str]]:
    stage = crm(80)
    stage.provision()
    stage.do(BACKFILL)
    return stage, *some(stage)


def test_who_is_excluded_later_leaves_mirror_and_fields_and_is_counted(crm: Open) -> None:
    stage, condition, leads = filled(crm)
    stage.configure(excluding(partners=condition))
    report = stage.do(SYNC)
    assert report.tally.excluded == len(leads)
    assert not did(stage, *leads)
    assert not set(leads) & here(stage)
    held = stage.fields(*OUTPUTS)
    assert all(value is None for lead in leads for value in held[lead].values())
    assert f"{len(leads)} leads are excluded by `partners`" in stage.leadgauge("status").stdout
    assert "is excluded by `partners`" in stage.leadgauge("explain", leads[0]).stderr
    stage.act(leads[0], "demo_request")
    stage.do(SYNC)
    assert not did(stage, *leads)
    with stage.job() as job:
        assert job.mirror.outcomes()["lead"].is_in(leads).sum() == 0
        assert job.departures.count() == 0


def test_lifting_an_exclusion_brings_the_history_and_the_score_back(crm: Open) -> None:
    stage, condition, leads = filled(crm)
    before = did(stage, *leads)
    stage.configure(excluding(partners=condition))
    stage.do(SYNC)
    stage.configure()
    stage.do(SYNC)
    assert by_lead(did(stage, *leads)) == by_lead(before)
    assert all(stage.fields("lead_score_status")[lead]["lead_score_status"] for lead in leads)
    stage.do(RECONCILE)
    assert did(stage, *leads) == before


def test_a_fresh_backfill_keeps_and_writes_nothing_about_them(crm: Open) -> None:
    stage = crm(80)
    stage.configure(database="sqlite:///first.db")
    with stage.job() as job:
        name = job.name
    stage.provision()
    stage.do(BACKFILL)
    condition, leads = some(stage)
    stage.configure(excluding(partners=condition), "sqlite:///second.db")
    stage.provision()
    stage.do(BACKFILL)
    with stage.job() as job:
        assert job.excluded.counts() == {"partners": len(leads)}
        stored = {lead: job.store.about(name, [lead], []).keys() for lead in leads}
    # A lead that was converted stays known by its id, so that what names it counts for the contact.
    assert {name for found in stored.values() for name in found} <= {"excluded", "merges"}


def test_who_is_forgotten_to_stay_out_is_not_stored_again(crm: Open) -> None:
    stage, _, (lead, *_) = filled(crm)
    assert stage.leadgauge("forget", lead, "--stay-out", "--yes").returncode == 0
    stage.meddle(lead, "lead_score_reasons", "somebody")
    stage.do(SYNC)
    stage.do(RECONCILE)
    assert lead.encode() not in everything_in(stage.folder) or stage.crm == "hubspot"
    with stage.job() as job:
        assert job.mirror.resolve(lead) is None
        assert job.store.about(job.name, [lead], []).keys() == {"kept_out"}


@pytest.mark.parametrize(("how", "status"), [("empty", None), ("mark", "out of scope"), ("keep", "scored")])
def test_the_fields_of_a_lead_that_leaves_the_filter(salesforce: Open, how: str, status: str | None) -> None:
    stage = salesforce(60)

    def change(connection: dict[str, Any]) -> None:
        connection.update(objects={"Lead": {"filter": "Company != 'Left Ltd'"}, "Contact": True})
        connection.setdefault("write", {})["outside"] = how

    stage.configure(change)
    stage.provision()
    stage.do(BACKFILL)
    lead = next(one for one, held in stage.fields("lead_score").items() if one.startswith("00Q") and held["lead_score"])
    score, company = stage.fields("lead_score")[lead]["lead_score"], _company(stage, lead)
    stage._control("change", {"id": lead, "values": {"Company": "Left Ltd"}})
    stage.do(SYNC)
    held = stage.fields("lead_score", "lead_score_status")[lead]
    assert held["lead_score_status"] == (status if how != "keep" else held["lead_score_status"])
    assert held["lead_score"] == (score if how == "keep" else None)
    stage._control("change", {"id": lead, "values": {"Company": company}})
    stage.do(SYNC)
    assert stage.fields("lead_score")[lead]["lead_score"] == score


def test_undo_leaves_what_was_emptied_and_says_how_to_get_it_back(crm: Open) -> None:
    stage, condition, leads = filled(crm)
    with stage.job() as job:
        backfill = job.runs.list()[0].run
    stage.configure(excluding(partners=condition))
    emptying = stage.do(SYNC).run
    said = (
        f"{len(leads)} leads had their fields emptied or marked, because they are excluded or left the filter; that is"
    )
    done = stage.leadgauge("undo", str(emptying))
    assert said in done.stdout + done.stderr
    assert stage.leadgauge("undo", str(backfill)).returncode == 0
    assert all(stage.fields("lead_score_status")[lead]["lead_score_status"] is None for lead in leads)
    stage.configure()
    assert stage.leadgauge("sync", "--accept").returncode == 0
    assert all(stage.fields("lead_score_status")[lead]["lead_score_status"] for lead in leads)


def test_undo_counts_the_leads_that_left_the_filter_since(salesforce: Open) -> None:
    stage = salesforce(60)
    stage.configure(lambda one: one.update(objects={"Lead": {"filter": "Company != 'Left Ltd'"}, "Contact": True}))
    stage.provision()
    run = stage.do(BACKFILL).run
    lead = next(one for one, held in stage.fields("lead_score").items() if one.startswith("00Q") and held["lead_score"])
    stage._control("change", {"id": lead, "values": {"Company": "Left Ltd"}})
    stage.do(SYNC)
    done = json.loads(stage.leadgauge("undo", str(run), "--json").stdout)
    assert (done["outside"], done["emptied"]) == (1, 0)
    assert stage.fields("lead_score")[lead]["lead_score"] is None


def _company(stage: Stage, lead: str) -> str:
    return next(str(row["Company"]) for row in _rows(stage, "Lead") if row["Id"] == lead)


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ({"objected": True}, "no CRM field is mapped to `objected`"),
        ({"activities": {"kind": "call"}}, "`activities` is not known of people who are left out"),
        ({"employees": {"matches": "x"}}, "'matches' cannot be used on a number value"),
    ],
)
def test_a_condition_that_cannot_decide_is_refused(hubspot: Open, condition: dict[str, Any], said: str) -> None:
    stage = hubspot(5)
    stage.configure(excluding(partners=condition))
    with pytest.raises(ConfigError, match=said):
        load_settings(stage.settings_file)


def test_emptying_more_fields_than_the_guard_allows_waits_to_be_accepted(hubspot: Open) -> None:
    stage = hubspot(80)
    stage.provision()
    stage.do(BACKFILL)
    stage.configure(excluding(everybody={"any": [{"country": {"known": True}}, {"country": {"known": False}}]}))
    assert "would be emptied; `guard` allows" in stage.do(SYNC).message
    assert sum(held["lead_scored_at"] is not None for held in stage.fields("lead_scored_at").values()) > 60
    assert stage.leadgauge("sync", "--accept").returncode == 0
    assert sum(held["lead_scored_at"] is not None for held in stage.fields("lead_scored_at").values()) < 20


def test_a_company_that_changes_excludes_its_people_and_lets_them_in_with_the_next_sync(crm: Open) -> None:
    stage = crm(60)
    stage.configure(excluding(left={"employees": 424242}))
    stage.provision()
    stage.do(BACKFILL)
    lead = _employed(stage)
    before = did(stage, lead)
    for employees, excluded in ((424242, True), (10, False), (424242, True)):
        _set_employees(stage, lead, employees)
        stage.do(SYNC)
        assert (lead in here(stage)) is not excluded
        assert (stage.fields("lead_score_status")[lead]["lead_score_status"] is None) is excluded
        assert by_lead(did(stage, lead)) == (set() if excluded else by_lead(before))


def _employed(stage: Stage) -> str:
    """Return a lead that has a company or an account."""
    if stage.crm == "hubspot":
        return next(lead for lead, held in stage.fields("associatedcompanyid").items() if held["associatedcompanyid"])
    return next(str(row["Id"]) for row in _rows(stage, "Contact") if row["AccountId"])


def _company_of(stage: Stage, lead: str) -> str:
    if stage.crm == "hubspot":
        return str(stage.fields("associatedcompanyid")[lead]["associatedcompanyid"])
    return next(str(row["AccountId"]) for row in _rows(stage, "Contact") if row["Id"] == lead)


def _set_employees(stage: Stage, lead: str, employees: int) -> None:
    """Change a field of a lead's company or account, and nothing of the lead."""
    company = _company_of(stage, lead)
    if stage.crm == "salesforce":
        stage._control("change", {"id": company, "values": {"NumberOfEmployees": employees}})
        return
    portal = stage.app.state.portal
    table = portal.table("companies")
    portal.change(table, table.find(int(company)), {"numberofemployees": str(employees)}, "CRM_UI")


def _rows(stage: Stage, name: str) -> list[dict[str, Any]]:
    return list(stage.app.state.sandbox.org.rows(name))
