"""A backfill reads everything, scores all leads, writes changed results, and resumes where it was stopped."""

import signal
import time
from collections.abc import Callable

from pipeline.lease import leased
from pipeline.passes import BACKFILL, SYNC, Pass
from tests.stage import Stage

Open = Callable[..., Stage]
RESULTS = ("lead_score", "lead_grade", "lead_readiness", "lead_urgency", "lead_priority", "lead_score_status")


def test_every_lead_gets_its_fields(hubspot: Open, database_url: str) -> None:
    stage = hubspot(120)
    stage.configure(database=database_url)
    stage.provision()
    report = stage.do(BACKFILL)
    written = stage.fields(*RESULTS)
    assert (report.state, report.tally.written) == ("done", 120)
    assert all(values["lead_readiness"] and values["lead_score_status"] for values in written.values())
    unscored = {values["lead_score_status"] for values in written.values() if not values["lead_score"]}
    assert unscored <= {"insufficient data"}
    assert {values["lead_priority"] for values in written.values()} & {"P1", "P2", "P3", "P4"}


def test_each_pass_of_a_job_counts_its_own_calls(hubspot: Open) -> None:
    """A daemon uses one connector for all its passes."""
    stage = hubspot(30)
    stage.provision()
    with stage.job() as job:
        for kind in (BACKFILL, SYNC, SYNC):
            before = stage.calls()
            with leased(job, kind.name, "test") as lease:
                report = Pass(job, kind, lease).run()
            counts = job.runs.list(1)[0].counts
            assert report.tally.calls == counts["calls"] == stage.calls() - before


def test_a_second_backfill_writes_nothing(hubspot: Open, database_url: str) -> None:
    stage = hubspot(120)
    stage.configure(database=database_url)
    stage.provision()
    stage.do(BACKFILL)
    again = stage.do(BACKFILL)
    assert (again.tally.scored, again.tally.written) == (120, 0)


def test_a_killed_backfill_goes_on_at_the_page_and_ends_as_an_undisturbed_one(hubspot: Open, database_url: str) -> None:
    stage = hubspot(2500)
    stage.configure(database=database_url)
    stage.provision()
    stage.app.state.gate.latency = 0.05
    process = stage.start("backfill")
    _wait_until(lambda: _calls(stage) > 25)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    killed_at = _calls(stage)
    stage.app.state.gate.latency = 0.0
    finished = stage.leadgauge("backfill", "--json")
    assert finished.returncode == 0, finished.stderr
    resumed = _calls(stage) - killed_at
    whole = stage.do(BACKFILL)
    assert whole.tally.written == 0
    assert resumed < whole.tally.calls + 40


def _calls(stage: Stage) -> int:
    return int(sum(stage.app.state.gate.calls.values()))


def _wait_until(true: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
