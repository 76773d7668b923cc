"""An adopted field keeps its values and gets them back; on both CRMs and both databases."""

from collections.abc import Callable
from datetime import timedelta

from pipeline.lease import leased
from pipeline.passes import BACKFILL, SYNC
from pipeline.restoring import restore
from tests.end_to_end.test_fields import theirs
from tests.end_to_end.test_surprises import done
from tests.end_to_end.test_undo import START, undone
from tests.stage import Stage

Open = Callable[..., Stage]


def gold(stage: Stage, count: int = 3) -> dict[str, dict[str, str | None]]:
    """Create a field with the name of ours, with values."""
    theirs(stage)
    for lead in sorted(stage.fields())[:count]:
        stage.meddle(lead, "lead_grade", "Gold")
    return stage.fields("lead_grade")


def test_an_adopted_field_gets_back_what_it_held_by_undo_and_when_it_is_given_back(crm: Open) -> None:
    stage = crm(20)
    before = gold(stage)
    assert stage.leadgauge("provision", "--adopt", "lead_grade").returncode == 0
    run = done(stage, BACKFILL).run
    assert stage.fields("lead_grade") != before
    undone(stage, run)
    assert stage.fields("lead_grade") == before
    done(stage, SYNC, accept=True)
    assert stage.fields("lead_grade") != before
    with stage.job() as job, leased(job, "provision") as lease:
        assert restore(job, ["lead_grade"], lease).restored > 0
    assert stage.fields("lead_grade") == before


def test_a_field_adopted_after_it_was_ours_is_read_before_it_is_written(crm: Open) -> None:
    """An admin replaced our field with one of the same name: its values are not ours."""
    stage = crm(20, at=START)
    stage.provision()
    done(stage, BACKFILL)
    assert stage.leadgauge("provision", "--remove", "--yes").returncode == 0
    before = gold(stage)
    assert stage.leadgauge("provision", "--adopt", "lead_grade").returncode == 0
    stage.live(timedelta(minutes=5), pace=0)
    run = done(stage, SYNC).run
    assert stage.fields("lead_grade") != before
    undone(stage, run)
    assert stage.fields("lead_grade") == before
