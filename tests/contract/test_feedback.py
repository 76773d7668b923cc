"""What sales says in a field that it fills: created, read with its time, shown, and never written by us."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from pipeline.passes import BACKFILL, RECONCILE, SYNC
from tests.stage import Fields, SalesforceStage, Stage

Open = Callable[[int], Stage]


def with_feedback(connection: dict[str, Any]) -> None:
    connection["feedback"] = True


def opened(crm: Open, leads: int = 12) -> tuple[Stage, list[str]]:
    """A CRM with its fields, read once, and its people."""
    stage = crm(leads)
    stage.configure(with_feedback)
    stage.provision()
    stage.do(BACKFILL)
    return stage, stage.people()


def said(stage: Stage) -> list[tuple[str, str | None]]:
    with stage.job() as job:
        return [(lead, text) for lead, text, _ in job.mirror.feedback().iter_rows()]


def explained(stage: Stage, lead: str) -> dict[str, Any]:
    done = stage.leadgauge("explain", lead, "--json")
    assert done.returncode == 0, done.stderr
    [found] = json.loads(done.stdout)
    return dict(found)


def test_what_sales_says_is_read_and_shown_with_its_time(crm: Open) -> None:
    stage, people = opened(crm)
    first, second, *_ = people
    before = stage.moment
    stage.meddle(first, "lead_feedback", "Bad fit")
    stage.meddle(second, "lead_feedback", "Competitor")
    stage.do(SYNC)
    assert said(stage) == sorted([(first, "Bad fit"), (second, "Competitor")])
    found = explained(stage, first)
    assert found["feedback"] == "Bad fit"
    assert found["feedback_at"][:10] == f"{before:%Y-%m-%d}"
    assert "Sales says: Bad fit (" in stage.leadgauge("explain", first).stdout
    assert explained(stage, people[3])["feedback"] is None


def test_what_sales_takes_back_is_taken_back(crm: Open) -> None:
    stage, (lead, *_) = opened(crm)
    for text in ("Bot", ""):
        stage.meddle(lead, "lead_feedback", text)
        stage.do(SYNC)
    assert said(stage) == [(lead, "Bot"), (lead, None)]
    assert explained(stage, lead)["feedback"] is None


def test_no_pass_no_undo_and_no_removal_writes_what_sales_fills(crm: Open) -> None:
    stage, (lead, *others) = opened(crm)
    stage.meddle(lead, "lead_feedback", "Good")
    stage.do(RECONCILE)
    assert not {name for name in stage.trap.names if name.lower().startswith("lead_feedback")}
    done = stage.leadgauge("provision", "--remove", "--yes")
    assert done.returncode == 0, done.stderr
    assert held(stage, "lead_feedback", "lead_score") == {lead: ("Good", None)} | dict.fromkeys(others, (None, None))


def held(stage: Stage, *names: str) -> dict[str, tuple[str | None, ...]]:
    values: Fields = stage.fields(*names)
    return {lead: tuple(one[name] for name in names) for lead, one in values.items()}


def test_check_names_the_missing_field_and_who_makes_it(crm: Open) -> None:
    stage = crm(3)
    stage.provision()
    stage.configure(with_feedback)
    done = stage.leadgauge("check")
    told = " ".join(done.stdout.split())
    assert done.returncode == 2, done.stderr
    assert "lead_feedback" in told.lower()
    assert "(lead_feedback)" not in told, "it is named once"
    assert "Run `leadgauge provision`, which creates it" in told
    assert "Lead feedback" not in told
    stage.provision()
    assert stage.leadgauge("check").returncode == 0


def test_a_card_may_ask_for_feedback_by_its_meaning(crm: Open) -> None:
    stage = crm(12)
    stage.configure(with_feedback)
    card = stage.folder / "b2b-saas.yaml"
    text = card.read_text(encoding="utf-8")
    fields, disqualified = "\n  seniority:", "\n    - {name: Student, when:"
    assert fields in text
    assert disqualified in text
    text = text.replace(fields, f"\n  feedback: text{fields}", 1)
    said_bot = "\n    - {name: Sales says it is a bot, when: {feedback: Bot}}"
    card.write_text(text.replace(disqualified, said_bot + disqualified, 1), encoding="utf-8")
    stage.provision()
    stage.do(BACKFILL)
    lead = next(one for one, (status,) in held(stage, "lead_score_status").items() if status == "scored")
    stage.meddle(lead, "lead_feedback", "Bot")
    stage.do(SYNC)
    assert held(stage, "lead_score_status")[lead] == ("disqualified",)


OWN: dict[str, Any] = {
    "hubspot": {"field": "hs_lead_status", "values": {"bad fit": ["UNQUALIFIED"], "Bad timing": "BAD_TIMING"}},
    "salesforce": {"field": {"Lead": "Status"}, "values": {"Bad fit": ["Closed - Not Converted"], "Bot": "Nobody"}},
}


def test_a_field_of_the_company_tells_the_same_by_its_own_values(crm: Open) -> None:
    stage = crm(12)
    stage.configure(lambda connection: connection.update(feedback=OWN[stage.crm]))
    stage.provision()
    lead = next(one for one in stage.people() if not one.startswith("003"))
    if isinstance(stage, SalesforceStage):
        stage.change(lead, Status="Closed - Not Converted")
    else:
        stage.meddle(lead, "hs_lead_status", "UNQUALIFIED")
    stage.do(BACKFILL)
    assert (lead, "Bad fit") in said(stage)
    told = " ".join(stage.leadgauge("check").stdout.split())
    assert ("has no value Nobody" in told) == (stage.crm == "salesforce")


def test_hubspot_tells_when_it_was_said_though_it_is_read_later(hubspot: Open) -> None:
    stage, (lead, *_) = opened(hubspot)
    said_at = stage.moment
    stage.meddle(lead, "lead_feedback", "Good")
    stage.live(timedelta(hours=5), pace=0)
    stage.do(SYNC, now=lambda: stage.moment)
    with stage.job() as job:
        [at] = job.mirror.feedback()["at"]
    assert abs(at - said_at) < timedelta(minutes=1)


def test_salesforce_tells_it_where_the_org_tracks_the_field(salesforce: Open) -> None:
    stage = salesforce(12)
    stage.configure(with_feedback)
    stage.provision()
    stage.do(BACKFILL)
    lead = next(one for one in stage.people() if one.startswith("00Q"))
    said_at = stage.moment
    stage.meddle(lead, "lead_feedback", "Good")
    stage.live(timedelta(hours=5), pace=0)
    stage.do(SYNC, now=lambda: stage.moment)
    with stage.job() as job:
        [at] = job.mirror.feedback()["at"]
    assert abs(at - said_at) < timedelta(minutes=1)


def test_sellers_who_say_what_they_found_are_heard(crm: Open) -> None:
    """In the sandboxes sellers fill the field once it is there; whatever the CRM holds then, the mirror has heard."""
    stage, _ = opened(crm, 20)
    stage.live(timedelta(days=10), pace=80)
    stage.do(RECONCILE, now=lambda: stage.moment)
    there = {(lead, text) for lead, (text,) in held(stage, "lead_feedback").items() if text}
    assert there
    assert there <= set(said(stage))


def test_what_was_said_stays_where_the_history_of_fields_is_switched_off(crm: Open) -> None:
    stage = crm(6)
    stage.configure(lambda connection: connection.update(feedback=True, history=True))
    stage.provision()
    stage.do(BACKFILL)
    lead = stage.people()[0]
    stage.meddle(lead, "lead_feedback", "Bad timing")
    stage.do(SYNC)
    stage.configure(with_feedback)
    stage.do(SYNC)
    assert said(stage) == [(lead, "Bad timing")]
