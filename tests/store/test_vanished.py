"""Vanished leads keep their history and get it back when they return; nothing else sees it."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select

from store import Lease, Mirror, Outbox, Runs, Store
from store.mirror.removals import KEEP_VANISHED, Removals, Verdict
from store.sql.schema import vanished
from tests.store.pages import DAY, FIELDS, activities, day, history, leads, outcomes, page, results
from vocabulary.writes import Pushed, Refusal

ANN = {"lead": "1", "address": "ann@", "account": "a", "created_at": DAY, "job_title": "CTO"}
BOB = {"lead": "2", "job_title": "CEO"}
VISIT = {"lead": "1", "id": "page:1", "url": "https://x.example/pricing"}


@pytest.fixture(autouse=True)
def told(mirror: Mirror, outbox: Outbox, run: int, lease: Lease) -> None:
    """Ann and Bob with a visit, an outcome and a history, written to the CRM."""
    won, was = outcomes({"lead": "1", "id": "d1"}), history({"lead": "1", "field": "job_title", "value": "VP"})
    mirror.save(page(leads=leads(ANN, BOB), activities=activities(VISIT), outcomes=won, history=was), lease)
    outbox.stage(results({"lead": "1"}, {"lead": "2"}), run, lease, scored_at=DAY)
    write(outbox, run, lease)


def write(outbox: Outbox, run: int, lease: Lease) -> list[str]:
    rows = outbox.pending(9)
    outbox.sending(rows, run, lease)
    outbox.record([Pushed(row.lead) for row in rows], run, lease)
    return [row.lead for row in rows]


def did(mirror: Mirror) -> list[tuple[str, str]]:
    return sorted(mirror.frames(range(256), FIELDS).activities.select("lead", "id").rows())


def test_nothing_sees_a_vanished_lead(mirror: Mirror, outbox: Outbox, store: Store, run: int, lease: Lease) -> None:
    """Deleted leads are in no sweep, look-up, count or list of writes."""
    assert mirror.save(page(gone=["1"]), lease).gone == 1
    counts = mirror.counts()
    assert (mirror.resolve("1"), mirror.lead_of_address("ann@")) == (None, None)
    assert (counts.leads, counts.activities, counts.outcomes) == (1, 0, 0)
    assert did(mirror) == []
    assert mirror.outcomes().is_empty()
    assert mirror.field_history(["job_title"]).is_empty()
    assert [len(frame) for frame in (outbox.computed(["1"]), outbox.last_written(range(256)), outbox.top(9))] == [
        0,
        1,
        1,
    ]
    assert ([write.lead for write in outbox.writes_of(run)], outbox.history("1"), outbox.dirty()) == (["2"], [], [])
    assert (store.status("main").outboxes[0].leads, store.status("main").vanished) == (1, 1)
    assert mirror.save(page(gone=["1"]), lease).gone == 0


def test_a_return_finds_activities_results_and_what_was_written(
    mirror: Mirror, outbox: Outbox, run: int, lease: Lease
) -> None:
    """A lead that comes back is scored again, and values already in the CRM are not written again."""
    mirror.save(page(gone=["1"]), lease)
    assert mirror.save(page(leads=leads(ANN)), lease).returned == 1
    assert did(mirror) == [("1", "page:1")]
    assert mirror.outcomes()["lead"].to_list() == ["1"]
    assert (len(outbox.last_written(["1"])), len(outbox.history("1")), outbox.dirty()) == (1, 1, ["1"])
    outbox.stage(results({"lead": "1"}), run, lease, scored_at=DAY)
    assert outbox.pending(9) == []


def test_what_a_vanished_lead_does_waits_for_its_return(mirror: Mirror, removals: Removals, lease: Lease) -> None:
    """A listing in between without the lead drops none of its data."""
    mirror.save(page(gone=["1"]), lease)
    mirror.save(page(activities=activities({"lead": "1", "id": "call:1"})), lease)
    mirror.save(page(leads=leads(BOB), listing="l", listed=True), lease)
    removals.close(lease, day(99), whole=True)
    mirror.save(page(leads=leads(ANN)), lease)
    assert did(mirror) == [("1", "call:1"), ("1", "page:1")]


def test_an_activity_deleted_meanwhile_does_not_return(mirror: Mirror, lease: Lease) -> None:
    """Deletions also remove set-aside activities, by lead or not."""
    mirror.save(page(activities=activities({"lead": "1", "id": "call:1"}, {"lead": "1", "id": "call:2"})), lease)
    mirror.save(page(gone=["1"]), lease)
    mirror.save(page(gone_activities=[("1", "page:1"), (None, "call:1")]), lease)
    mirror.save(page(leads=leads(ANN)), lease)
    assert did(mirror) == [("1", "call:2")]


def test_a_row_on_its_way_is_sent_again_after_a_return(mirror: Mirror, outbox: Outbox, run: int, lease: Lease) -> None:
    """It is unknown whether the last write arrived before the deletion."""
    outbox.stage(results({"lead": "1", "lead_grade": "A"}), run, lease, scored_at=DAY)
    outbox.sending(outbox.pending(9), run, lease)
    mirror.save(page(gone=["1"]), lease)
    mirror.save(page(leads=leads(ANN)), lease)
    assert [len(row.values) > 5 for row in outbox.pending(9)] == [True]


def test_a_write_refused_because_the_lead_is_gone_lets_it_vanish(
    mirror: Mirror, outbox: Outbox, run: int, lease: Lease
) -> None:
    """The CRM also refuses a lead in its recycle bin, from which it may be restored."""
    outbox.stage(results({"lead": "1", "lead_grade": "A"}), run, lease, scored_at=DAY)
    outbox.sending(outbox.pending(9), run, lease)
    outbox.record([Pushed("1", Refusal("NOT_FOUND", "gone", gone=True))], run, lease)
    assert mirror.resolve("1") is None
    assert outbox.refused() == []
    mirror.save(page(leads=leads(ANN)), lease)
    assert did(mirror) == [("1", "page:1")]


@pytest.mark.parametrize("survivor", ["2", "9"])
def test_a_vanished_lead_that_lost_a_merge_goes_to_its_survivor(survivor: str, mirror: Mirror, lease: Lease) -> None:
    """Salesforce moves the loser of a merge to the recycle bin, and may report that first."""
    mirror.save(page(gone=["1"]), lease)
    mirror.save(page(merged={"1": survivor}), lease)
    mirror.save(page(leads=leads({"lead": survivor})), lease)
    assert did(mirror) == [(survivor, "page:1")]
    assert mirror.resolve("1") == survivor


def test_after_thirty_days_everything_is_erased(mirror: Mirror, removals: Removals, lease: Lease) -> None:
    """After the grace period, all data of the lead is erased."""
    removals.settle(Verdict(in_bin=["1"]), DAY, lease)
    assert removals.expire(day(30) - KEEP_VANISHED, lease) == 0
    assert removals.expire(day(30.1) - KEEP_VANISHED, lease) == 1
    assert mirror.save(page(leads=leads(ANN)), lease).returned == 0
    assert did(mirror) == []
    assert mirror.field_history(["job_title"]).is_empty()


def test_fields_that_are_named_no_more_leave_vanished_leads_too(
    database_url: str, mirror: Mirror, lease: Lease
) -> None:
    """Only fields in a scorecard are stored, also for vanished leads."""
    mirror.declare(FIELDS, lease)
    mirror.save(page(gone=["1"]), lease)
    mirror.declare({"employees": "number"}, lease)
    engine = create_engine(database_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as sql:
        assert sql.execute(select(vanished.c.fields)).scalar_one() == "{}"
    engine.dispose()


def test_forget_ignores_the_grace_period(tmp_path: Path) -> None:
    """A person forgotten while in the recycle bin leaves no data in the files."""
    secrets = ["lead-0f0f0f", "digest-0f0f0f", "Chief of Nothing", "form:0f0f0f"]
    with Store.open(f"sqlite:///{tmp_path}/x.db") as store:
        mirror, outbox = store.mirror("main"), store.outbox("main")
        lease = store.lease("main", holder="t", ttl=timedelta(minutes=1), purpose="t")
        person = {"lead": secrets[0], "address": secrets[1], "job_title": secrets[2]}
        mirror.save(
            page(leads=leads(person, BOB), activities=activities({"lead": secrets[0], "id": secrets[3]})), lease
        )
        run = store.runs("main").start("sync", lease)
        outbox.stage(results({"lead": secrets[0]}), run, lease, scored_at=DAY)
        write(outbox, run, lease)
        mirror.save(page(gone=[secrets[0]]), lease)
        gone = mirror.vanished(secrets[1])
        assert gone is not None
        assert (gone.lead, gone.why) == (secrets[0], "deleted")
        assert found_in(tmp_path, secrets) == set(secrets)
        assert mirror.forget(secrets[0], lease)
        assert found_in(tmp_path, secrets) == set()


def found_in(folder: Path, words: list[str]) -> set[str]:
    return {word for word in words for file in folder.iterdir() if word.encode() in file.read_bytes()}


def test_forget_reaches_who_was_deleted_and_made_again(mirror: Mirror, lease: Lease) -> None:
    """The lead in the recycle bin has the same e-mail address and another id."""
    mirror.save(page(gone=["1"]), lease)
    mirror.save(page(leads=leads({**ANN, "lead": "7"})), lease)
    assert mirror.forget("7", lease)
    assert mirror.vanished("1") is None


def test_a_run_that_breaks_off_leaves_what_lies_aside_alone(
    mirror: Mirror, outbox: Outbox, runs: Runs, lease: Lease
) -> None:
    """The next run resends unconfirmed writes, except for vanished leads."""
    run = runs.start("sync", lease)
    outbox.stage(results({"lead": "1", "lead_grade": "A"}), run, lease, scored_at=DAY)
    outbox.sending(outbox.pending(9), run, lease)
    mirror.save(page(gone=["1"]), lease)
    runs.start("sync", lease)
    assert outbox.pending(9) == []
