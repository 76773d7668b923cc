"""`explain` and `leads` answer from the database, without a token and without the CRM."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from pipeline.passes import BACKFILL
from tests.stage import Opener, Stage


@pytest.fixture(scope="module")
def backfilled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A HubSpot after a backfill, which can no longer be reached, and no secrets."""
    with ExitStack() as stack:
        stage = Opener(stack, tmp_path_factory.mktemp("looking")).hubspot(60)
        stage.provision()
        stage.do(BACKFILL)
        stage.configure(lambda connection: connection.update(base_url="http://127.0.0.1:9"))
        stage.environment = dict.fromkeys(stage.environment, "")
        yield stage


@pytest.fixture
def scored(backfilled: Stage) -> Iterator[Stage]:
    """The stage, whose scorecard a test may change."""
    card = backfilled.folder / "b2b-saas.yaml"
    before = card.read_bytes()
    yield backfilled
    card.write_bytes(before)


def asked(stage: Stage, *words: str) -> Any:
    """Return what a command prints as JSON."""
    done = stage.leadgauge(*words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_explain_needs_no_token_and_links_to_the_page_in_the_crm(scored: Stage) -> None:
    lead = scored.people()[0]
    [found] = asked(scored, "explain", lead)
    assert found["link"].startswith("http")
    assert lead in found["link"]


def engaged(stage: Stage) -> str:
    """Return a lead with points for its emails."""
    with stage.job() as job:
        for lead in stage.people():
            if "Email open" in (job.scorecards[0].outbox.computed([lead])["lead_score_reasons"].item() or ""):
                return lead
    raise AssertionError("no lead opened an email")


def edited(stage: Stage, old: str, new: str) -> str:
    """Write an edited copy of the scorecard and return its path."""
    text = (stage.folder / "b2b-saas.yaml").read_text()
    assert old in text
    (stage.folder / "edited.yaml").write_text(text.replace(old, new))
    return str(stage.folder / "edited.yaml")


OPENS = "activity: {kind: email_open}, points: 1,"


@pytest.mark.parametrize("command", [("explain",), ("plan", "--lead")], ids=" ".join)
def test_an_edited_scorecard_is_tried_on_one_lead_beside_the_one_in_force(scored: Stage, command: Any) -> None:
    lead, card = engaged(scored), edited(scored, OPENS, OPENS.replace("1", "11"))
    [found] = asked(scored, *command, lead, "--scorecard", card)
    [line] = [one for one in found["lines"] if one["name"] == "Email open"]
    assert line["after"] == pytest.approx(11 * line["before"])
    changed = {one["name"]: (one["before"], one["after"]) for one in found["differs"]}
    assert changed["lead_score"][1] > changed["lead_score"][0]
    assert "Email open" in changed["lead_score_reasons"][1]
    assert changed["lead_score"][1] == found["after"]["lead_score"]
    assert found["link"]
    text = scored.leadgauge(*command, lead, "--scorecard", card).stdout
    assert "Results that differ" in text
    assert f"{line['after']:+.2f}" in text


def test_a_scorecard_that_changes_nothing_for_a_lead_says_so(scored: Stage) -> None:
    card = edited(scored, "kind: spam_complaint}, points: -40", "kind: spam_complaint}, points: -39")
    said = scored.leadgauge("explain", engaged(scored), "--scorecard", card).stdout
    assert "Nothing differs." in said
    assert "A run would not write this lead." in said


def test_a_broken_edited_scorecard_is_answered_as_check_answers(scored: Stage) -> None:
    card = edited(scored, OPENS, OPENS.replace("points: 1,", "points: lots,"))
    checked = scored.leadgauge("explain", scored.people()[0], "--scorecard", card)
    assert checked.returncode == 2
    assert "edited.yaml:" in checked.stderr
    assert "'lots' is not a number." in checked.stderr
    told = scored.leadgauge("explain", scored.people()[0], "--scorecard", card, "--json")
    assert told.returncode == 2
    assert json.loads(told.stdout)["mistakes"][0]["message"].startswith("'lots' is not a number")


def test_a_field_that_was_never_read_is_named_in_a_trial(scored: Stage) -> None:
    card = edited(scored, "  budget: number ", "  shoe_size: number\n  budget: number ")
    [found] = asked(scored, "explain", scored.people()[0], "--scorecard", card)
    assert "`shoe_size` is empty here: no CRM field is mapped to it" in found["notes"][0]


def test_plan_of_a_lead_compares_with_what_was_written(scored: Stage) -> None:
    lead = engaged(scored)
    assert "Nothing differs." in scored.leadgauge("plan", "--lead", lead).stdout
    (scored.folder / "b2b-saas.yaml").write_text(
        Path(edited(scored, OPENS, OPENS.replace("1", "11"))).read_text(), encoding="utf-8"
    )
    [found] = asked(scored, "plan", "--lead", lead)
    assert found["writes"]
    assert "lead_score" in [one["name"] for one in found["differs"]]
    assert scored.leadgauge("plan", "--scorecard", "x.yaml").returncode == 2
