"""Points from `calibrate --apply`, learned from the mirror, are in the CRM after the next pass."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from config import load_scorecard
from config.likelihoods import load_likelihood
from pipeline.passes import BACKFILL, SYNC
from tests.stage import Stage

CARD = """# decided in spring
scorecard: ours
fields: {job_title: text}
score:
  fit:
    groups:
      - {name: Person, rules: [{name: Anybody, lead: {job_title: {known: true}}, points: 9}]}
"""


def calibrated(connection: dict[str, Any]) -> None:
    del connection["scorecard"]
    connection["scorecards"] = [{"file": "b2b-saas.yaml", "likelihood": "likelihood.yaml"}]
    connection["fields"] = {"job_title": {"hubspot": "jobtitle", "salesforce": "Title"}[connection["crm"]]}
    connection |= {"history": True, "calibrate": {"horizon": "14d"}}


@pytest.mark.slow
def test_what_calibrate_applies_is_written_by_the_next_pass(hubspot: Callable[..., Stage]) -> None:
    stage = hubspot(5000)
    stage.configure(calibrated)
    (stage.folder / "b2b-saas.yaml").write_text(CARD)
    stage.provision()
    stage.do(BACKFILL)
    assert not any(values["lead_likelihood"] for values in stage.fields("lead_likelihood").values())
    applied = stage.leadgauge("calibrate", "--apply")
    assert applied.returncode == 0, applied.stderr
    card, likelihood = (stage.folder / name for name in ("b2b-saas.yaml", "likelihood.yaml"))
    assert card.read_text().startswith("# decided in spring")
    assert load_likelihood(likelihood).fits(load_scorecard(card))
    for words in (("provision",), ("sync", "--accept")):
        done = stage.leadgauge(*words)
        assert done.returncode == 0, done.stderr
    chances = [float(values["lead_likelihood"] or "nan") for values in stage.fields("lead_likelihood").values()]
    assert len(chances) == 5000
    assert all(0 <= chance <= 100 for chance in chances)
    assert max(chances) > 5 * min(chances)


@pytest.mark.slow
def test_calibrate_learns_from_the_leads_of_the_demo_with_its_defaults(crm: Callable[..., Stage]) -> None:
    """What leads do before they convert gets points, with rough percentages and no advice to change an option.

    The people and their days depend on the day of the test, so the bounds are wide.
    """
    stage = crm(2000)
    stage.configure()
    stage.provision()
    stage.do(BACKFILL)
    done = stage.leadgauge("calibrate", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    raised = {rule["name"] for rule in found["rules"] if rule["after"] > 0}
    assert found["standing"] in {"rough", "calibrated"}
    assert raised & {"Demo request", "Pricing request", "Pricing page"}
    assert len(raised) >= 2
    assert found["test_conversions"] >= 8
    assert not [
        said for said in (found["message"], *(note["message"] for note in found["notes"])) if "--horizon" in said
    ]


def test_derived_fields_reach_calibrate_with_their_history_and_own_words(crm: Callable[..., Stage]) -> None:
    stage = crm(80)

    def own(connection: dict[str, Any]) -> None:
        connection |= {"history": True, "words": {"seniority": {"owner": ["manager", "head"]}}}

    stage.configure(own)
    stage.provision()
    stage.do(BACKFILL)
    if stage.crm == "salesforce":  # the history of a field begins with its first change
        stage._control("change", {"id": stage.people()[0], "values": {"Title": "Sales Manager"}})
        stage.do(SYNC)
    with stage.job() as job:
        use = job.connection.scorecards[0]
        leads = job.mirror.frames(job.mirror.buckets, use.card.fields).leads
        history = job.mirror.field_history(["seniority"])
    assert "owner" in leads["seniority"].to_list()
    last = history.sort("since").unique("lead", keep="last").select("lead", told="value")
    both = last.join(leads, on="lead")
    assert both.height
    assert both["told"].to_list() == both["seniority"].to_list()


def test_too_few_conversions_leave_the_scorecard_and_say_how_many_are_missing(hubspot: Callable[..., Stage]) -> None:
    stage = hubspot(120)
    stage.configure()
    stage.provision()
    stage.do(BACKFILL)
    before = (stage.folder / "b2b-saas.yaml").read_bytes()
    result = stage.leadgauge("calibrate", "--apply")
    assert result.returncode == 1
    assert "more are needed" in result.stderr
    assert (stage.folder / "b2b-saas.yaml").read_bytes() == before
