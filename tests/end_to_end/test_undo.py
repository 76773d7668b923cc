"""A run's writes are undone and the fields get their old values; on both CRMs and both databases."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.passes import BACKFILL, REFRESH, SYNC
from tests.end_to_end.test_surprises import done, loosen
from tests.stage import Fields, Stage

Open = Callable[..., Stage]
START = datetime(2026, 11, 20, 12, tzinfo=UTC)
OURS = ("lead_score", "lead_grade", "lead_score_reasons", "lead_likelihood", "lead_scored_at", "lead_score_status")
SOMEBODYS = {
    "lead_score": "412",
    "lead_grade": "C",
    "lead_score_reasons": "Met at the fair",
    "lead_scored_at": "2025-03-01T08:30:00.000Z",
}


def fill(stage: Stage, count: int = 7) -> Fields:
    """Fill our fields on some leads as a user does; return the values of all leads."""
    for lead in sorted(stage.fields())[:count]:
        for name, value in SOMEBODYS.items():
            stage.meddle(lead, name, value)
    return stage.fields(*OURS)


def undone(stage: Stage, run: int, *words: str) -> dict[str, Any]:
    ended = stage.leadgauge("undo", str(run), "--json", *words)
    assert ended.returncode == 0, ended.stderr
    told: dict[str, Any] = json.loads(ended.stdout)
    return told


def test_the_first_backfill_is_taken_back_to_what_the_fields_held(scene: Open) -> None:
    stage = scene(25)
    before = fill(stage)
    run = done(stage, BACKFILL).run
    assert stage.fields(*OURS) != before
    assert undone(stage, run)["restored"] == 25
    assert stage.fields(*OURS) == before


def test_the_first_backfill_is_taken_back_after_later_runs_too(scene: Open) -> None:
    stage = scene(25, at=START)
    before = fill(stage)
    run = done(stage, BACKFILL).run
    stage.live(timedelta(days=40), pace=0)
    later = done(stage, REFRESH, accept=True).tally.written
    assert later > 0
    told = undone(stage, run)
    assert (told["restored"], told["later"], told["kept"]) == (25, later, 0)
    assert stage.fields(*OURS) == before


def test_a_lead_that_came_by_a_change_keeps_what_its_fields_held(scene: Open) -> None:
    stage = scene(25, at=START)
    done(stage, BACKFILL)
    stage.live(timedelta(days=3), pace=30)
    new = sorted(lead for lead, values in stage.fields("lead_score_status").items() if not values["lead_score_status"])
    assert new
    for lead in new:
        stage.meddle(lead, "lead_score", "412")
    run = done(stage, SYNC, accept=True).run
    undone(stage, run)
    assert {stage.fields("lead_score")[lead]["lead_score"] for lead in new} == {"412"}


def test_what_was_taken_back_is_written_again_when_a_person_lets_it(scene: Open) -> None:
    stage = scene(25)
    fill(stage)
    run = done(stage, BACKFILL).run
    written = stage.fields("lead_grade", "lead_score")
    undone(stage, run)
    assert done(stage, SYNC).state == "held"
    assert done(stage, SYNC, accept=True).tally.written == 25
    assert stage.fields("lead_grade", "lead_score") == written


def test_an_undo_done_twice_changes_nothing_and_says_so(scene: Open) -> None:
    stage = scene(25)
    before = fill(stage)
    run = done(stage, BACKFILL).run
    undone(stage, run)
    again = undone(stage, run)
    assert (again["restored"], again["kept"], again["already"]) == (0, 0, 25)
    assert stage.fields(*OURS) == before


def test_an_undo_that_is_undone_brings_the_values_back_and_holds_no_longer(scene: Open) -> None:
    stage = scene(25)
    fill(stage)
    run = done(stage, BACKFILL).run
    written = stage.fields(*OURS)
    undone(stage, run)
    last = json.loads(stage.leadgauge("status", "--json").stdout)[0]["runs"][0]["run"]
    assert undone(stage, last)["restored"] == 25
    assert stage.fields(*OURS) == written
    assert done(stage, SYNC).state == "done"
    shown = ("lead_score", "lead_grade", "lead_score_status")
    assert stage.fields(*shown) == {lead: {name: values[name] for name in shown} for lead, values in written.items()}


def test_a_run_between_others_is_taken_back_with_what_later_ones_wrote_over_it(scene: Open) -> None:
    stage = scene(25, at=START)
    done(stage, BACKFILL)
    before = stage.fields("lead_grade")
    loosen(stage)
    run = done(stage, SYNC, accept=True).run
    stage.live(timedelta(days=40), pace=0)
    done(stage, REFRESH, accept=True)
    undone(stage, run)
    assert stage.fields("lead_grade") == before


def test_leads_that_were_deleted_or_merged_since_are_counted_and_left_alone(scene: Open) -> None:
    """In HubSpot both of a merge are gone: they became a new one, which the run did not write."""
    stage = scene(25)
    before = fill(stage)
    run = done(stage, BACKFILL).run
    deleted, loser, primary = sorted(stage.fields())[:3]
    stage.delete(deleted)
    survivor = stage.merge(primary, loser)
    told = undone(stage, run)
    gone = 2 if survivor == primary else 3
    assert (told["gone"], told["restored"]) == (gone, 25 - gone)
    after = stage.fields(*OURS)
    assert {lead: after[lead] for lead in after if lead != survivor} == {
        lead: before[lead] for lead in after if lead != survivor
    }
    assert (after[survivor]["lead_score"] == "412") == (survivor == primary)


def test_of_a_merge_and_a_deletion_that_were_read_the_survivor_is_taken_back(scene: Open) -> None:
    """Where it is one that the run wrote: not in HubSpot, where it is new."""
    stage = scene(25)
    fill(stage)
    run = done(stage, BACKFILL).run
    deleted, loser, primary = sorted(stage.fields())[:3]
    stage.delete(deleted)
    survivor = stage.merge(primary, loser)
    done(stage, SYNC)
    told = undone(stage, run)
    assert told["restored"] == (23 if survivor == primary else 22)
    assert (stage.fields("lead_score")[survivor]["lead_score"] == "412") == (survivor == primary)
