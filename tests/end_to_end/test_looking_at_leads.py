"""`explain` and `leads` answer from the database, without a token and without the CRM."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from pipeline.passes import BACKFILL, REFRESH, PassOptions
from tests.stage import Opener, Stage


@pytest.fixture(scope="module")
def backfilled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A HubSpot whose leads were written twice, by two cards, which can no longer be reached, and no secrets."""
    with ExitStack() as stack:
        stage = Opener(stack, tmp_path_factory.mktemp("looking")).hubspot(60)
        card = stage.folder / "b2b-saas.yaml"
        shipped = card.read_text()
        assert "Being worked: {A: P2, B: P2, C: P3" in shipped
        card.write_text(shipped.replace("Being worked: {A: P2, B: P2, C: P3", "Being worked: {A: P4, B: P4, C: P4"))
        stage.provision()
        stage.do(BACKFILL)
        card.write_text(shipped)
        stage.do(REFRESH, PassOptions(accept=True))
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


def test_a_lead_may_be_named_by_the_address_of_its_page(scored: Stage) -> None:
    lead = scored.people()[0]
    [found] = asked(scored, "explain", f"https://app.hubspot.com/contacts/99/record/0-1/{lead}?eschref=x#overview")
    assert found["lead"] == lead
    said = scored.leadgauge("explain", f"https://app.hubspot.com/contacts/{lead}/record/0-1/77777777").stderr
    assert "main has no lead 'https://app.hubspot.com" in said


def test_an_address_that_nobody_has_here_is_answered_without_a_token(scored: Stage) -> None:
    done = scored.leadgauge("explain", "nobody@example.invalid")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: main has no lead 'nobody@example.invalid'. If it is new in the CRM")
    assert "The CRM could not be asked about the address:" in done.stderr
    assert "LEADGAUGE_TEST_TOKEN" in done.stderr


def test_explain_says_that_an_index_is_by_chance(scored: Stage) -> None:
    card = scored.folder / "b2b-saas.yaml"
    calm = asked(scored, "leads", "--priority", "P4", "--status", "scored")[0]["lead"]
    assert asked(scored, "explain", calm)[0]["experiment"] is None
    begins = re.compile(r"^priority:.*$", re.MULTILINE)
    card.write_text(begins.sub(r"\g<0>\n  experiment: {share: 100%, name: May}", card.read_text()))
    assert asked(scored, "explain", calm)[0]["experiment"] == "May"
    said = scored.leadgauge("explain", calm).stdout
    assert "Its index is by chance, not computed: it is in the experiment 'May'." in " ".join(said.split())


def test_leads_come_by_priority_and_index_with_their_links(scored: Stage) -> None:
    found = asked(scored, "leads", "--top", "30")
    ranks = [(one["results"]["lead_priority"] or "P9", -(one["results"]["lead_priority_index"] or 0)) for one in found]
    assert len(found) == 30
    assert ranks == sorted(ranks)
    assert all(one["lead"] in one["link"] for one in found)
    said = scored.leadgauge("leads", "--top", "3").stdout
    assert all(one["link"] in said for one in found[:3])
    assert found[3]["link"] not in said


def test_leads_are_chosen_by_their_results_in_any_case(scored: Stage) -> None:
    found = asked(scored, "leads", "--stage", "being WORKED", "--stage", "READY", "--priority", "p2")
    assert found
    assert {one["results"]["lead_readiness"] for one in found} <= {"Being worked", "Ready"}
    assert {one["results"]["lead_priority"] for one in found} == {"P2"}
    unknown = asked(scored, "leads", "--grade", "?", "--top", "99")
    assert {one["results"]["lead_grade"] for one in unknown} == {None}


def test_moved_leads_show_what_moved_since_when(scored: Stage) -> None:
    moved = asked(scored, "leads", "--moved", "--top", "99")
    assert moved
    for one in moved:
        assert one["results"]["lead_readiness"] == "Being worked"
        [move] = [each for each in one["moved"] if each["name"] == "lead_priority"]
        assert move["values"] == ["P4", one["results"]["lead_priority"]]
    assert "priority P4 → P" in scored.leadgauge("leads", "--moved").stdout
    assert not [one for one in asked(scored, "leads", "--stage", "ready") if one["moved"]]


def test_an_empty_list_is_said_in_words(scored: Stage) -> None:
    said = scored.leadgauge("leads", "--status", "disqualified", "--moved", "--since", "2099-01-01").stdout
    assert said == ("main, b2b-saas: no lead has status disqualified and a move since 2099-01-01 00:00 UTC.\n")
    assert asked(scored, "leads", "--since", "2099-01-01") == []


def test_a_value_that_the_scorecard_does_not_give_is_answered_with_the_one_meant(scored: Stage) -> None:
    done = scored.leadgauge("leads", "--stage", "considerin")
    assert done.returncode == 2
    assert "there is no stage 'considerin'. Did you mean Considering?" in done.stderr
    assert "neither a span such as 7d" in scored.leadgauge("leads", "--since", "yesterday").stderr


def test_leads_before_the_first_pass_says_what_reads_them(hubspot: Callable[..., Stage]) -> None:
    said = hubspot(3).leadgauge("leads").stdout
    assert said == "main, b2b-saas: no lead was read yet. `leadgauge backfill` reads and scores them.\n"


def engaged(stage: Stage) -> str:
    """Return a lead with points for its emails."""
    with stage.job() as job:
        for lead in stage.people():
            if "Email open" in (job.scorecards[0].outbox.computed([lead])["lead_score_reasons"].item() or ""):
                return lead
    raise AssertionError("no lead opened an email")


def test_figures_are_shown_with_their_values(scored: Stage) -> None:
    """The scorecard is edited, but no run has read or scored anew."""
    card, lead = scored.folder / "b2b-saas.yaml", engaged(scored)
    figures = "figures:\n  emails: {count: activities, where: {kind: email_open}}\n  won: {count: deals}\nscore:\n"
    text = card.read_text()
    assert "\nscore:\n" in text
    card.write_text(text.replace("\nscore:\n", f"\n{figures}", 1))
    [found] = asked(scored, "explain", lead)
    assert found["figures"]["emails"] >= 1
    assert found["figures"]["won"] == 0
    assert f"  emails {found['figures']['emails']:.0f}, won 0" in scored.leadgauge("explain", lead).stdout


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


def test_a_plan_that_cannot_be_written_is_named(scored: Stage) -> None:
    done = scored.leadgauge("plan", "--html", f"{scored.folder}/no/plan.html")
    assert done.returncode == 2
    assert f"Error: {scored.folder}/no/plan.html: No such file or directory. Check the name" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_edited_scorecard_replaces_the_one_with_its_name(scored: Stage) -> None:
    text = (scored.folder / "b2b-saas.yaml").read_text()
    (scored.folder / "second.yaml").write_text(text.replace("scorecard: b2b-saas", "scorecard: second"))
    settings = scored.settings_file.read_text()
    uses = "scorecards: [{file: b2b-saas.yaml}, {file: second.yaml, prefix: x_}]"
    scored.settings_file.write_text(settings.replace("scorecard: b2b-saas.yaml", uses))
    lead, edit = scored.people()[0], (OPENS, OPENS.replace("1", "11"))
    [found] = asked(scored, "explain", lead, "--scorecard", edited(scored, *edit))
    assert found["scorecard"] == "b2b-saas"
    third = edited(scored, "scorecard: b2b-saas", "scorecard: third")
    said = scored.leadgauge("explain", lead, "--scorecard", third)
    assert said.returncode == 2
    assert "main has several scorecards (b2b-saas, second), and none or several are called 'third'" in said.stderr
    scored.settings_file.write_text(settings)


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
