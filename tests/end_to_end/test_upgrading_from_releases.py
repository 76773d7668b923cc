"""Today's leadgauge goes on with the database that a released version left: `tests/store/release.py` keeps them."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from pipeline.passes import BACKFILL, SYNC
from store import Store
from tests.chaos.seen import held_by_crm
from tests.end_to_end.histories import apart, differing, done, held
from tests.stage import Opener, Stage
from tests.store.release import AT, KINDS, LEADS, RELEASED, live, restore

HOUR = timedelta(hours=1)
KEPT = sorted(RELEASED.glob("*-*.sql"))

pytestmark = pytest.mark.slow


@pytest.fixture(params=KEPT, ids=lambda file: file.stem)
def upgraded(request: pytest.FixtureRequest, opener: Opener, new_database: Callable[[str], str]) -> Stage:
    """Return a CRM as the version left it, with the database that it left, migrated."""
    file = request.param
    crm, kind, _ = file.name.rpartition("-")[2].split(".")
    stage: Stage = getattr(opener, crm)(LEADS, at=AT)
    live(stage)
    stage.repoint(new_database(kind))
    assert stage.database
    restore(stage.database, file)
    stage.leadgauge("upgrade", "--yes")
    told = stage.leadgauge("upgrade", "--check")
    assert (told.returncode, told.stdout) == (0, "Settings, scorecards and database are up to date.\n")
    return stage


def test_every_crm_and_database_is_kept_of_a_release() -> None:
    versions = {file.name.rpartition("-")[0] for file in KEPT}
    assert versions
    assert {file.name for file in KEPT} == {
        f"{version}-{crm}.{kind}.sql" for version in versions for crm, kind in KINDS.items()
    }


def test_nothing_is_written_because_of_an_upgrade_alone(upgraded: Stage) -> None:
    shown = held_by_crm(upgraded)
    report = done(upgraded, SYNC)
    assert report.tally.written == 0
    assert held_by_crm(upgraded) == shown


def test_what_changed_since_is_scored(upgraded: Stage) -> None:
    """A new activity, a new value and an edited scorecard move the scores in the CRM."""
    asked, student = upgraded.people()[1:3]
    before = upgraded.fields("lead_score", "lead_score_status")
    upgraded.live(HOUR, 0)
    upgraded.act(asked, "demo_request")
    upgraded.edit(student, student=True)
    done(upgraded, SYNC)
    after = upgraded.fields("lead_score", "lead_score_status")
    assert {lead for lead in after if after[lead] != before[lead]} == {asked, student}


def test_an_upgraded_database_and_a_new_one_come_to_the_same(upgraded: Stage) -> None:
    """After changes and a backfill, mirror and scores are those of a database that has just begun."""
    card = upgraded.folder / "b2b-saas.yaml"
    card.write_text(card.read_text().replace("      keep:", "      # keep:").replace("points: 20", "points: 18"))
    upgraded.live(HOUR, 0)
    upgraded.act(upgraded.people()[1], "demo_request")
    done(upgraded, SYNC, accept=True)
    done(upgraded, BACKFILL, accept=True)
    ours, shown = held(upgraded), held_by_crm(upgraded)
    upgraded.repoint(f"sqlite:///{upgraded.folder / 'fresh.db'}")
    done(upgraded, BACKFILL, accept=True, rewrite=True)
    assert list(differing(upgraded, ours, held(upgraded))) == []
    differences = apart(shown, held_by_crm(upgraded), 0)
    assert [one for one in differences if not one.startswith("lead_scorecard of")] == [], "it is written along only"


def test_a_run_of_the_released_version_can_be_undone(upgraded: Stage) -> None:
    """What it wrote is known after the upgrade, with what the fields held before."""
    lead = upgraded.people()[0]
    with Store.open(str(upgraded.database)) as store:
        last = store.outbox("main").history(lead)[-1]
    shown = upgraded.fields("lead_score")[lead]["lead_score"]
    assert shown == str(last.after["lead_score"])
    assert upgraded.leadgauge("undo", str(last.run)).returncode == 0
    assert upgraded.fields("lead_score")[lead]["lead_score"] == str(last.before["lead_score"])
