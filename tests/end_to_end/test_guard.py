"""Changes held by the guard stay held until a person acts or the change is undone; on both CRMs."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from connectors.base import Interrupted
from pipeline.lease import leased
from pipeline.passes import REFRESH, SYNC, Pass, Report
from pipeline.progress import Observer, Tally
from tests.end_to_end.test_surprises import done, loosen, scored
from tests.stage import Stage

Open = Callable[..., Stage]
START = datetime(2026, 11, 20, 12, tzinfo=UTC)
SHOWN = ("lead_grade", "lead_priority")


class Halt(Observer):
    """Ends a pass once its results are staged."""

    def step(self, name: str, tally: Tally) -> None:
        if name == "score":
            raise Interrupted("Asked to stop.")


def act_all(stage: Stage, count: int) -> list[str]:
    """Let many leads that are far from ready request a demo."""
    cold = sorted(lead for lead, values in stage.fields("lead_priority").items() if values["lead_priority"] == "P4")
    for lead in cold[:count]:
        stage.act(lead, "demo_request")
    return cold[:count]


def held(report: Report) -> bool:
    return (report.state, report.tally.written) == ("held", 0)


def test_a_surprise_among_a_few_changed_leads_stays_held_when_everybody_is_measured(scene: Open) -> None:
    """Daemon passes in sequence: 30 changed leads of 150 are a fifth of all, but nearly all the changed ones."""
    stage = scored(scene, 150, at=START)
    stage.live(timedelta(minutes=20), pace=0)
    moved = act_all(stage, 30)
    assert len(moved) >= 25
    before = stage.fields(*SHOWN)
    for minutes in (0, 5, 5, 30):
        stage.live(timedelta(minutes=minutes), pace=0)
        assert held(done(stage, SYNC))
    assert held(done(stage, REFRESH))
    assert stage.fields(*SHOWN) == before
    accepted = done(stage, SYNC, accept=True)
    assert accepted.tally.written >= 25
    assert done(stage, SYNC).state == "done"


def test_a_scorecard_put_back_ends_the_hold_and_what_changed_meanwhile_is_written(scene: Open) -> None:
    stage = scored(scene, 60, at=START)
    card = (stage.folder / "b2b-saas.yaml").read_text()
    loosen(stage)
    assert held(done(stage, SYNC))
    stage.live(timedelta(minutes=20), pace=0)
    (lead,) = act_all(stage, 1)
    assert held(done(stage, SYNC))
    (stage.folder / "b2b-saas.yaml").write_text(card)
    assert done(stage, SYNC).state == "done"
    assert stage.fields("lead_priority")[lead]["lead_priority"] != "P4"


def test_a_pass_that_breaks_off_before_it_is_judged_writes_nothing_afterwards(scene: Open) -> None:
    """Its results are staged already; the next pass writes them only after the guard's check."""
    stage = scored(scene, 60)
    before = stage.fields(*SHOWN)
    loosen(stage)
    with stage.job(now=lambda: stage.moment) as job, leased(job, "sync", "test") as lease, pytest.raises(Interrupted):
        Pass(job, SYNC, lease, observer=Halt()).run()
    assert held(done(stage, SYNC))
    assert stage.fields(*SHOWN) == before
