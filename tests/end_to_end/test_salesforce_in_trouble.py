"""A failure of Salesforce during a run gives a sentence that says what to do; the next run completes the fields."""

import contextlib
import threading
from collections.abc import Callable, Iterator

import pytest

from leadgauge_sandbox.server import serve
from tests.stage import Stage

Open = Callable[..., Stage]
OURS = ("lead_score", "lead_grade", "lead_priority")
LEADS = 60
READING = [("/query", 1), ("/query", 9), ("/visitor-activities", 1)]
"""Calls after which something happens."""
WRITING = [("/composite/sobjects", 1)]


def ready(salesforce: Open) -> Stage:
    stage = salesforce(LEADS)
    stage.provision()
    return stage


def right(stage: Stage) -> None:
    """Finish the run and check that all leads are scored as in an undisturbed run."""
    stage.calm()
    done = stage.leadgauge("backfill")
    assert done.returncode == 0, done.stderr
    held = stage.fields(*OURS)
    assert len(held) == LEADS
    assert all(values["lead_score"] is not None for values in held.values())
    again = stage.leadgauge("backfill")
    assert "written=0" in again.stdout, again.stdout


@pytest.mark.parametrize(("path", "call"), READING)
@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        ("revoked", 2, "Salesforce refused the sign-in."),
        ("daily-limit", 1, "The calls to Salesforce of the last 24 hours are used up."),
        ("api-disabled", 2, "The org's edition has no API access"),
    ],
)
def test_rights_taken_away_in_mid_run_are_named_and_the_next_run_goes_on(
    salesforce: Open, fault: str, code: int, words: str, path: str, call: int
) -> None:
    stage = ready(salesforce)
    stage.trap.set(call, lambda: stage.fault(fault), path)
    ended = stage.leadgauge("backfill")
    assert (ended.returncode, words in ended.stderr) == (code, True), ended.stderr
    assert "Traceback" not in ended.stderr
    right(stage)


@pytest.mark.parametrize(("path", "call"), READING + WRITING)
def test_sessions_ended_in_mid_run_are_renewed_without_a_word(salesforce: Open, path: str, call: int) -> None:
    stage = ready(salesforce)
    stage.trap.set(call, stage.app.state.sandbox.sessions.end, path)
    ended = stage.leadgauge("backfill")
    assert ended.returncode == 0, ended.stderr
    right(stage)


@contextlib.contextmanager
def restarting(stage: Stage) -> Iterator[Callable[[], None]]:
    """Serve a stage at its own URL and yield a function that restarts the server: connections break, state stays."""
    down = threading.Event()

    def again(port: int) -> None:
        down.wait()
        running.close()
        running.enter_context(serve(stage.trap, port))

    with contextlib.ExitStack() as running:
        url = running.enter_context(serve(stage.trap))
        stage.configure(lambda connection: connection.update(base_url=url))
        restart = threading.Thread(target=again, args=(int(url.rpartition(":")[2]),), daemon=True)
        restart.start()
        yield down.set
        down.set()
        restart.join(30)


@pytest.mark.parametrize(("path", "call"), [("/query", 5), ("/composite/sobjects", 1)])
def test_a_server_that_restarts_in_mid_run_is_waited_for(salesforce: Open, path: str, call: int) -> None:
    stage = ready(salesforce)
    with restarting(stage) as restart:
        stage.trap.set(call, restart, path)
        ended = stage.leadgauge("backfill")
    assert ended.returncode == 0, ended.stderr
    stage.configure()
    right(stage)


def test_a_refused_sign_in_names_the_setting_and_no_secret(salesforce: Open) -> None:
    stage = ready(salesforce)
    stage.environment["LEADGAUGE_TEST_SECRET"] = "wrong-and-hush-hush"
    ended = stage.leadgauge("backfill")
    assert ended.returncode == 2
    assert "Salesforce refused the sign-in." in ended.stderr
    assert "leadgauge.yaml:" in ended.stderr.splitlines()[-1]
    assert "hush-hush" not in ended.stderr + ended.stdout


def test_an_org_that_cannot_be_reached_is_said_in_one_message(salesforce: Open) -> None:
    stage = salesforce(20)
    stage.configure(lambda connection: connection.update(base_url="http://127.0.0.1:9"))
    ended = stage.leadgauge("backfill")
    assert ended.returncode == 1
    assert "Salesforce" in ended.stderr
    assert "127.0.0.1" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_field_that_the_org_lacks_is_named_before_anything_is_pulled(salesforce: Open) -> None:
    stage = ready(salesforce)
    stage.configure(lambda connection: connection["fields"].update(seniority="seniority(Titel)"))
    ended = stage.leadgauge("backfill")
    assert ended.returncode == 2
    assert "fields.seniority" in ended.stderr
    assert "Did you mean Title?" in ended.stderr


def test_outputs_that_were_never_provisioned_are_named_with_the_remedy(salesforce: Open) -> None:
    ended = salesforce(20).leadgauge("backfill")
    assert ended.returncode == 2
    assert "leadgauge provision" in ended.stderr


@pytest.mark.parametrize("fault", ["empty-object", "html-200", "error-200", "no-content", "truncated-json"])
def test_an_org_that_answers_nonsense_for_long_erases_nothing(salesforce: Open, fault: str) -> None:
    stage = ready(salesforce)
    right(stage)
    held = stage.fields(*OURS)
    stage.fault(fault, "1")
    ended = stage.leadgauge("backfill")
    assert ended.returncode == 1
    assert "Salesforce failed 3 times in a row." in ended.stderr
    assert "Traceback" not in ended.stderr
    stage.calm()
    assert stage.fields(*OURS) == held
    right(stage)
