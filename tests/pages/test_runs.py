"""The pages of runs: what each did, and accepting and undoing them, once, by those who may."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from time import monotonic, sleep

import pytest
import requests

from config.pages import Pages
from pipeline.lease import leased
from pipeline.passes import BACKFILL, RECONCILE, REFRESH, PassOptions
from tests.pages.conftest import Served, serving
from tests.stage import HubSpotStage, Opener, Stage

LEADS = 60


@pytest.fixture
def desk(tmp_path: object) -> Iterator[Served]:
    """Return pages over a sandbox whose leads are written, of which an edited scorecard would move most."""
    with ExitStack() as stack:
        stage: HubSpotStage = Opener(stack, tmp_path).hubspot(LEADS)  # type: ignore[arg-type]  # a path
        stage.configure()
        stage.provision()
        stage.do(BACKFILL)
        yield serving(stack, stage)


def edited(stage: Stage) -> int:
    """Edit the scorecard so that the guard holds the next pass; return its run."""
    card = stage.folder / "b2b-saas.yaml"
    text = card.read_text(encoding="utf-8")
    bands = text[text.index("A+: 95") : text.index("F: 0") + len("F: 0")]
    card.write_text(
        text.replace(bands, "A+: 1, F: 0").replace("minimum_known: 50%", "minimum_known: 1%"), encoding="utf-8"
    )
    report = stage.do(REFRESH)
    assert report.state == "held", report.message
    return report.run


def post(served: Served, path: str) -> requests.Response:
    """Post the form of a page as a browser does."""
    with requests.Session() as browser:
        page = browser.get(f"{served.url}/crm/main/runs", timeout=30)
        (token,) = re.findall(r'"x-csrftoken": "([^"]+)"', page.text)
        form = {"csrftoken": token}
        return browser.post(served.url + path, data=form, timeout=30, allow_redirects=False)


def seen(served: Served, path: str, words: str) -> str:
    """Return the page once it has these words."""
    end = monotonic() + 90
    while words not in (text := served.get(path).text) and monotonic() < end:
        sleep(0.2)
    assert words in text, text
    return text


def test_a_run_tells_what_it_read_and_wrote(desk: Served) -> None:
    assert ">backfill</td>" in desk.get("/crm/main/runs").text
    text = seen(desk, "/crm/main/runs/1", "Written for the first time")
    assert f"<b>{LEADS}</b><span>written</span>" in text
    assert f"{LEADS} leads were written" in text


@pytest.mark.parametrize("path", ["/crm/main/runs/99", "/crm/main/runs/99999999999999", "/crm/main/runs/99/undo"])
def test_a_run_that_there_is_not_is_said_to_be_missing(served: Served, path: str) -> None:
    assert served.get(path).status_code == 404


def test_runs_are_chosen_by_kind_and_state(served: Served) -> None:
    assert "/runs/1" in served.get("/crm/main/runs?kind=backfill&state=done").text
    assert "No run of that kind" in served.get("/crm/main/runs?kind=undo").text


@pytest.mark.slow
def test_what_is_held_is_accepted_once_and_written(desk: Served) -> None:
    stage, path = desk.stage, f"/crm/main/runs/{(run := edited(desk.stage))}"
    plan = seen(desk, path, "to write</span>")
    writes = int(re.search(r"<b>([\d,]+)</b><span>leads to write", plan)[1])  # type: ignore[index]  # it is there
    asked = desk.get(f"{path}/accept").text
    assert f"<b>{writes} leads</b>" in asked
    assert "this process does it at once" in asked
    before = stage.fields("lead_grade")
    with ThreadPoolExecutor(4) as approvers:
        answers = list(approvers.map(lambda _: post(desk, f"{path}/accept"), range(4)))
    assert sorted(answer.status_code for answer in answers) == [303, 409, 409, 409], "of those who accept, one does"
    assert "this machine accepted what run" in post(desk, f"{path}/accept").text
    text = seen(desk, f"{path}?asked=1", "The pass that was asked for has ended")
    assert f"wrote {writes}" in text
    assert "Accepted by this machine" in text
    assert sum(before[lead] != now for lead, now in stage.fields("lead_grade").items()) > LEADS // 2
    with stage.job() as job:
        passed = job.runs.last("sync")
        assert job.scorecards[0].outbox.held() is None
    assert passed is not None
    assert (passed.counts["asked_by"], passed.run) == ("this machine", run + 1)


@pytest.mark.slow
def test_a_run_is_undone_once_with_what_others_changed_left_alone(desk: Served) -> None:
    stage = desk.stage
    lead, other = sorted(stage.fields("lead_score"))[:2]
    stage.meddle(other, "lead_grade", "F")
    asked = seen(desk, "/crm/main/runs/1/undo", "get the values back")
    assert f"Up to {LEADS} leads" in asked
    assert re.search(rf"written for the first time then.*?<td class=\"n\">{LEADS}</td>", asked)
    answers = [post(desk, "/crm/main/runs/1/undo") for _ in range(2)]
    assert answers[0].status_code == 303
    assert answers[1].status_code in {303, 409}, "the same work is asked for once"
    text = seen(desk, "/crm/main/runs/1?asked=1", "The undo has ended")
    assert "1 were left since someone else had changed them" in text
    assert stage.fields("lead_score")[lead]["lead_score"] in {None, ""}
    assert stage.fields("lead_grade")[other]["lead_grade"] == "F"
    with stage.job() as job:
        undone = job.runs.page(9, kinds=["undo"])
    assert [(one.counts["of"], one.counts["asked_by"]) for one in undone] == [(1, "this machine")]
    refused = post(desk, "/crm/main/runs/1/undo")
    assert (refused.status_code, "was undone already by run" in refused.text) == (409, True)


@pytest.mark.slow
def test_without_the_token_it_is_said_who_must_write_and_nothing_is_undone(
    desk: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = edited(desk.stage)
    for variable in desk.stage.environment:
        monkeypatch.delenv(variable, raising=False)
    asked = desk.get(f"/crm/main/runs/{run}/accept").text
    assert "this process cannot call the CRM" in asked
    assert post(desk, "/crm/main/runs/1/undo").status_code == 409
    assert post(desk, f"/crm/main/runs/{run}/accept").status_code == 303
    text = desk.get(f"/crm/main/runs/{run}").text
    assert "the next pass writes it" in text
    with desk.stage.job() as job:
        assert job.store.requests("main").waiting() == 0
        assert job.scorecards[0].outbox.held() is None


@pytest.mark.slow
def test_what_a_dead_daemon_was_asked_for_is_done_by_the_process_of_the_pages(desk: Served) -> None:
    with desk.stage.job() as job:
        asked = job.store.requests("main")
        with leased(job, "run", "vm:1") as lease:
            number = asked.ask("sync", {"accept": False}, "Ann")
            assert asked.take(lease) is not None
            assert "Sync was asked for by Ann" in desk.get("/crm/main/runs/1").text
        text = seen(desk, f"/crm/main/runs/1?asked={number}", "The pass that was asked for has ended")
        passed = job.runs.last("sync")
    assert "/runs/2" in text
    assert passed is not None
    assert (passed.counts["asked_by"], passed.run) == ("Ann", 2)


def test_a_viewer_looks_at_runs_and_changes_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEN", "ben-has-quite-a-long-token")
    signed = {"type": "token", "people": {"ben": {"token": {"env": "BEN"}}}}
    with ExitStack() as stack, requests.Session() as browser:
        served = serving(stack, stage, Pages.model_validate({"port": 0, "sign_in": signed}))
        browser.headers["Authorization"] = "Bearer ben-has-quite-a-long-token"
        page = browser.get(f"{served.url}/crm/main/runs/1", timeout=30).text
        (token,) = re.findall(r'"x-csrftoken": "([^"]+)"', page)
        looked = [browser.get(f"{served.url}/crm/main/runs/1/{act}", timeout=30) for act in ("undo", "accept")]
        done = [
            browser.post(f"{served.url}/crm/main/{path}", data={"csrftoken": token}, timeout=30)
            for path in ("runs/1/undo", "runs/1/accept", "removals")
        ]
    assert "An approver can undo it." in page
    assert [answer.status_code for answer in (*looked, *done)] == [403] * 5
    assert all("Only an approver may do this" in answer.text for answer in (*looked, *done))


def test_a_later_hold_is_named_to_who_accepts_an_earlier_one(served: Served, stage: Stage) -> None:
    with stage.job() as job, leased(job, "test", "test") as lease:
        number = job.runs.start("sync", lease)
        job.runs.finish(number, "held", {}, lease)
        job.scorecards[0].outbox.hold(number, "too many", lease)
        answer = post(served, "/crm/main/runs/1/accept")
        job.scorecards[0].outbox.release(number)
    assert answer.status_code == 409
    assert "Nothing was done" in served.get("/crm/main/runs/1/accept").text


def test_removals_are_accepted_once(served: Served, stage: Stage) -> None:
    assert "waits for a person" in served.get("/crm/main/removals").text
    answer = post(served, "/crm/main/removals")
    assert answer.status_code == 409


@pytest.mark.slow
def test_removals_that_wait_are_accepted_once_and_removed(desk: Served) -> None:
    stage = desk.stage
    for lead in stage.people()[: LEADS // 2]:
        stage.erase(lead)
    assert stage.do(RECONCILE).state == "held"
    with stage.job() as job:
        held, before = job.removals.held()["leads"], job.removals.leads()
    assert held > LEADS // 3
    assert "are missing from the CRM" in desk.get("/overview/states").text
    asked = desk.get("/crm/main/removals").text
    assert f"up to {held} leads" in asked
    with ThreadPoolExecutor(3) as approvers:
        answers = list(approvers.map(lambda _: post(desk, "/crm/main/removals"), range(3)))
    assert sorted(answer.status_code for answer in answers) == [303, 409, 409]
    seen(desk, "/crm/main/runs", "erased with their history")
    with stage.job() as job:
        assert job.removals.leads() == before - held


@pytest.mark.slow
def test_what_the_crm_refused_is_listed_with_why(desk: Served) -> None:
    stage = desk.stage
    stage.refuse_some()
    report = stage.do(BACKFILL, PassOptions(rewrite=True))
    assert report.tally.refused
    text = desk.get("/crm/main/refused").text
    assert f"{report.tally.refused} rows" in text
    with stage.job() as job:
        row = job.scorecards[0].outbox.refused()[0]
    assert row.code in text
    assert "The CRM refused" in desk.get("/overview/states").text
