from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from store import Held, Lease, Mirror, Outbox, Recorded, Runs, Staged, Store, Tolerances, Wanted
from store.outbox.sending import pause
from tests.store.pages import DAY, USUAL, activities, day, leads, page, results
from vocabulary.writes import Pushed, Refusal, Row

ANN, BOB, EVE = {"lead": "1"}, {"lead": "2"}, {"lead": "3"}
LATER = day(1)
PLAIN = {name: value for name, value in USUAL.items() if value is not None}


@pytest.fixture(autouse=True)
def _three_leads(mirror: Mirror, lease: Lease) -> None:
    mirror.declare_outputs(["lead_grade", *PLAIN, "lead_scored_at", "lead_likelihood"], lease)
    mirror.save(page(leads=leads(ANN, BOB, EVE)), lease)


class Desk:
    """Stages, sends and records results as a pass does."""

    def __init__(self, outbox: Outbox, runs: Runs, lease: Lease) -> None:
        self.outbox, self.runs, self.lease = outbox, runs, lease
        self.run = runs.start("sync", lease)

    def stage(self, *rows: dict[str, Any], at: Any = DAY, **options: Any) -> Staged:
        return self.outbox.stage(results(*rows), self.run, self.lease, scored_at=at, **options)

    def send(self, limit: int = 100) -> Sequence[Row]:
        rows = self.outbox.pending(limit, DAY)
        self.outbox.sending(rows, self.run, self.lease)
        return rows

    def answer(self, *pushed: Pushed) -> Recorded:
        return self.outbox.record(pushed, self.run, self.lease, now=DAY)

    def write(self, *rows: dict[str, Any], **options: Any) -> Sequence[Row]:
        self.stage(*rows, **options)
        sent = self.send()
        self.answer(*(Pushed(row.lead) for row in sent))
        return sent


@pytest.fixture
def desk(outbox: Outbox, runs: Runs, lease: Lease) -> Desk:
    return Desk(outbox, runs, lease)


def test_first_results_are_written_whole(desk: Desk) -> None:
    staged = desk.stage(ANN, BOB)
    assert staged == Staged(computed=2, pending=2, band_changed=2, first=2, unchanged=0)
    assert desk.outbox.pending(10) == [
        Row("1", {**PLAIN, "lead_scored_at": DAY}),
        Row("2", {**PLAIN, "lead_scored_at": DAY}),
    ]
    assert desk.outbox.pending_count() == 2


def test_what_the_crm_was_told_is_not_written_again(desk: Desk) -> None:
    desk.write(ANN)
    assert desk.stage(ANN, at=LATER) == Staged(computed=1, unchanged=1)
    assert desk.outbox.pending(10) == []
    assert desk.outbox.last_written(["1"])["lead_scored_at"].to_list() == [DAY]


def test_only_differences_go_out_with_their_moment(desk: Desk) -> None:
    desk.write(ANN)
    desk.stage({**ANN, "lead_grade": "A", "lead_score_reasons": "+21"}, at=LATER)
    assert desk.outbox.pending(10) == [
        Row("1", {"lead_grade": "A", "lead_score_reasons": "+21", "lead_scored_at": LATER})
    ]


@pytest.mark.parametrize(("score", "pending"), [(52, 0), (53, 1), (48, 0), (47, 1), (None, 1)])
def test_a_number_is_written_once_it_drifted_by_the_dead_band(desk: Desk, score: int | None, pending: int) -> None:
    desk.write(ANN)
    assert desk.stage({**ANN, "lead_score": score}).pending == pending


@pytest.mark.parametrize(("likelihood", "pending"), [(4.1, 0), (5.0, 0), (5.1, 1), (None, 1)])
def test_likelihood_has_its_own_tolerance(desk: Desk, likelihood: float | None, pending: int) -> None:
    desk.write({**ANN, "lead_likelihood": 4.1})
    assert desk.stage({**ANN, "lead_likelihood": likelihood}, tolerances=Tolerances(likelihood=1.0)).pending == pending


def test_drift_is_measured_from_what_was_written_not_from_what_was_computed(desk: Desk) -> None:
    desk.write(ANN)
    assert [desk.stage({**ANN, "lead_score": score}).pending for score in (51, 52, 53)] == [0, 0, 1]


def test_reasons_alone_are_no_reason_to_write(desk: Desk) -> None:
    desk.write(ANN)
    assert desk.stage({**ANN, "lead_score_reasons": "+19 Decision maker"}).pending == 0


def test_reasons_that_are_gone_are_emptied_and_come_back(desk: Desk) -> None:
    desk.write(ANN)
    off = {**ANN, "lead_score_reasons": None}
    desk.stage(off, at=LATER)
    assert desk.outbox.pending(10) == [Row("1", {"lead_score_reasons": None, "lead_scored_at": LATER})]
    desk.write(off, at=LATER)
    assert desk.stage(off).pending == 0
    assert desk.stage(ANN).pending == 1


def test_what_is_switched_off_is_kept_but_neither_compared_nor_written(store: Store, runs: Runs, lease: Lease) -> None:
    """The plan compares it with what was computed last."""
    desk = Desk(store.outbox("main", switched_off=["lead_score", "lead_grade"]), runs, lease)
    written = desk.write(ANN)
    assert not {"lead_score", "lead_grade"} & written[0].values.keys()
    better = {**ANN, "lead_score": 99, "lead_grade": "A"}
    compared = desk.outbox.compare(results(better)).row(0, named=True)
    assert (compared["told_lead_score"], compared["told_lead_grade"]) == (50, "B")
    assert not compared["write"]
    assert desk.stage(better).pending == 0
    assert desk.outbox.computed(["1"])["lead_score"].to_list() == [99]


def test_reasons_without_text_are_written_once(desk: Desk) -> None:
    desk.write({**ANN, "lead_score_reasons": ""})
    assert desk.stage({**ANN, "lead_score_reasons": ""}).pending == 0


def test_another_scorecard_alone_is_no_reason_to_write_and_goes_along_with_one(desk: Desk) -> None:
    desk.write(ANN)
    edited = {**ANN, "lead_scorecard": "b2b-saas@2"}
    staged = desk.stage(edited)
    assert (staged.pending, staged.band_changed, staged.unchanged) == (0, 0, 1)
    desk.stage({**edited, "lead_grade": "A"}, at=LATER)
    sent = {"lead_grade": "A", "lead_scorecard": "b2b-saas@2", "lead_scored_at": LATER}
    assert desk.outbox.pending(10) == [Row("1", sent)]


def test_an_emptied_field_is_sent_as_none(desk: Desk) -> None:
    desk.write(ANN)
    desk.stage({**ANN, "lead_grade": None})
    assert desk.outbox.pending(1)[0].values["lead_grade"] is None


def test_a_row_that_went_back_to_what_was_told_is_pending_no_more(desk: Desk) -> None:
    desk.write(ANN)
    desk.stage({**ANN, "lead_grade": "A"})
    desk.stage(ANN)
    assert desk.outbox.pending(10) == []


def test_band_changes_go_first_most_urgent_priority_first(desk: Desk) -> None:
    desk.write(ANN, BOB, EVE)
    desk.stage(
        {**ANN, "lead_score": 90, "lead_priority_index": 99},
        {**BOB, "lead_priority": "P2"},
        {**EVE, "lead_priority": "P1"},
    )
    assert [row.lead for row in desk.outbox.pending(10)] == ["3", "2", "1"]
    assert [row.lead for row in desk.outbox.pending(2)] == ["3", "2"]


def test_outputs_that_the_scorecard_lacks_are_never_written(store: Store, desk: Desk) -> None:
    narrow = store.outbox("main", "", outputs=["lead_score", "lead_grade"])
    desk.stage({**ANN, "lead_grade": None})
    assert set(narrow.pending(1)[0].values) >= {"lead_score", "lead_grade", "lead_scored_at"}
    assert narrow.pending(1)[0].values["lead_grade"] is None
    assert "lead_likelihood" not in narrow.pending(1)[0].values


def test_rows_carry_the_prefix_and_frames_do_not(store: Store, runs: Runs, lease: Lease) -> None:
    desk = Desk(store.outbox("main", "crm_"), runs, lease)
    (row,) = desk.write(ANN)
    assert set(row.values) == {f"crm_{name}" for name in (*PLAIN, "lead_scored_at")}
    assert desk.outbox.last_written(["1"])["lead_grade"].to_list() == ["B"]
    assert desk.outbox.history("1")[0].after["lead_grade"] == "B"


def test_scorecards_stand_side_by_side(store: Store, outbox: Outbox, runs: Runs, lease: Lease) -> None:
    other = Desk(store.outbox("main", "other_"), runs, lease)
    other.write(ANN)
    assert outbox.dirty() == ["1", "2", "3"] or sorted(outbox.dirty()) == ["1", "2", "3"]
    assert sorted(other.outbox.dirty()) == ["2", "3"]
    assert outbox.last_written(["1"]).is_empty()


def test_a_new_scorecard_finds_every_lead_dirty(store: Store, mirror: Mirror) -> None:
    assert sorted(store.outbox("main", "new_").dirty()) == ["1", "2", "3"]


def test_staged_leads_are_clean_but_for_later_changes(desk: Desk, mirror: Mirror, lease: Lease) -> None:
    change = mirror.frames(["1", "2"], {}).change
    mirror.save(page(activities=activities({"lead": "2", "id": "late"})), lease)
    desk.stage(ANN, BOB, change=change)
    assert sorted(desk.outbox.dirty()) == ["2", "3"]


def test_results_of_a_lead_that_left_the_mirror_are_dropped(desk: Desk, mirror: Mirror, lease: Lease) -> None:
    mirror.save(page(gone=["1"]), lease)
    assert desk.stage(ANN, BOB).computed == 1
    assert desk.outbox.computed(["1"]).is_empty()


def test_the_last_computed_stage_is_kept_even_where_nothing_is_written(desk: Desk) -> None:
    desk.write(ANN)
    desk.stage({**ANN, "lead_readiness": "Ready"})
    previous = desk.outbox.previous(["1", "2"]).filter(pl.col("lead_readiness").is_not_null())
    assert previous.select("lead", "lead_readiness", "own").rows() == [("1", "Ready", False)]


def test_compare_writes_nothing(desk: Desk) -> None:
    desk.write(ANN)
    compared = desk.outbox.compare(results({**ANN, "lead_grade": "A"}, BOB, {**EVE, "lead_score": 51}))
    assert compared.select("lead", "lead_grade", "told_lead_grade", "first", "band_changed", "write").rows() == [
        ("1", "A", "B", False, True, True),
        ("2", "B", None, True, True, True),
        ("3", "B", None, True, True, True),
    ]
    assert desk.outbox.pending(10) == []
    assert desk.outbox.computed(["2"]).is_empty()


class TestRefused:
    def test_a_refused_row_is_kept_and_rests(self, desk: Desk) -> None:
        desk.stage(ANN, BOB)
        desk.send()
        recorded = desk.answer(Pushed("1", Refusal("VALIDATION", "must be green")), Pushed("2"))
        assert recorded == Recorded(written=1, refused=1)
        (row,) = desk.outbox.refused()
        assert (row.lead, row.code, row.message, row.attempts) == ("1", "VALIDATION", "must be green", 1)
        assert row.payload == {**PLAIN, "lead_scored_at": DAY}
        assert desk.outbox.pending(10, DAY) == []
        assert [row.lead for row in desk.outbox.pending(10, DAY + pause(1, passing=False))] == ["1"]

    def test_pauses_grow_to_a_day(self) -> None:
        assert [pause(n, passing=False) for n in (1, 2, 3)] == [timedelta(minutes=m) for m in (15, 30, 60)]
        assert pause(99, passing=False) == timedelta(days=1)
        assert pause(1, passing=True) < pause(1, passing=False)

    def test_attempts_are_counted_and_success_ends_them(self, desk: Desk) -> None:
        desk.stage(ANN)
        for attempts in (1, 2):
            rows = desk.outbox.pending(1, day(99))
            desk.outbox.sending(rows, desk.run, desk.lease)
            desk.outbox.record([Pushed("1", Refusal("X", "no"))], desk.run, desk.lease, now=DAY)
            assert desk.outbox.refused()[0].attempts == attempts
        desk.outbox.sending(desk.outbox.pending(1, day(99)), desk.run, desk.lease)
        desk.answer(Pushed("1"))
        assert desk.outbox.refused() == []

    def test_results_staged_anew_keep_the_pause(self, desk: Desk) -> None:
        desk.stage(ANN)
        desk.send()
        desk.answer(Pushed("1", Refusal("X", "no")))
        desk.stage({**ANN, "lead_grade": "A"})
        assert desk.outbox.pending(10, DAY) == []

    def test_a_gone_lead_leaves_everything(self, desk: Desk, mirror: Mirror) -> None:
        desk.stage(ANN)
        desk.send()
        assert desk.answer(Pushed("1", Refusal("NOT_FOUND", "gone", gone=True))) == Recorded(gone=1)
        assert mirror.resolve("1") is None
        assert desk.outbox.computed(["1"]).is_empty()
        assert desk.outbox.refused() == []


class TestMerged:
    def test_a_survivor_that_a_pull_tells_of_is_sent_everything_again(
        self, desk: Desk, mirror: Mirror, lease: Lease
    ) -> None:
        """The CRM fills the survivor's blanks from the lost lead, including values we wrote there."""
        desk.write(ANN, BOB)
        mirror.save(page(merged={"1": "2"}), lease)
        assert desk.outbox.pending(10, DAY) == [Row("2", {**PLAIN, "lead_scored_at": DAY})]

    def test_a_new_survivor_takes_over_what_was_computed_last(self, desk: Desk, mirror: Mirror, lease: Lease) -> None:
        """HubSpot makes a new contact of two: its priority did not rise because it came."""
        desk.write({**ANN, "lead_priority": "P3"}, {**BOB, "lead_priority": "P1"}, EVE)
        mirror.save(page(leads=leads({"lead": "9"}), merged={"1": "9", "2": "9"}), lease)
        assert desk.outbox.previous(["9"])["lead_priority"].to_list() == ["P1"]
        assert [row.lead for row in desk.outbox.pending(10, DAY)] == ["9"]
        mirror.save(page(merged={"3": "gone"}), lease)
        assert desk.outbox.computed(["gone"]).is_empty()

    def test_a_survivor_takes_over_and_is_sent_everything_again(self, desk: Desk, mirror: Mirror) -> None:
        desk.write(ANN, BOB)
        desk.stage({**ANN, "lead_grade": "A"})
        desk.send()
        assert desk.answer(Pushed("1", survivor="2")) == Recorded(written=1, merged=1)
        assert mirror.resolve("1") == "2"
        assert desk.outbox.dirty() == ["2", "3"] or sorted(desk.outbox.dirty()) == ["2", "3"]
        assert desk.outbox.pending(10, DAY) == [Row("2", {**PLAIN, "lead_scored_at": DAY})]


class TestBrokenOff:
    def test_rows_on_their_way_are_not_pending(self, desk: Desk) -> None:
        desk.stage(ANN)
        desk.send()
        assert desk.outbox.pending(10) == []

    def test_rows_whose_answer_never_came_are_sent_whole_by_the_next_run(self, desk: Desk) -> None:
        desk.write(ANN)
        desk.stage({**ANN, "lead_grade": "A"})
        desk.send()
        desk.runs.start("sync", desk.lease)
        assert desk.outbox.pending(10) == [Row("1", {**PLAIN, "lead_grade": "A", "lead_scored_at": DAY})]

    def test_they_stay_so_even_where_the_results_went_back(self, desk: Desk) -> None:
        desk.write(ANN)
        desk.stage({**ANN, "lead_grade": "A"})
        desk.send()
        desk.runs.start("sync", desk.lease)
        desk.stage(ANN)
        assert desk.outbox.pending(10)[0].values["lead_grade"] == "B"
        desk.send()
        desk.answer(Pushed("1"))
        assert desk.stage(ANN).pending == 0

    def test_an_answer_recorded_twice_counts_once(self, desk: Desk) -> None:
        desk.stage(ANN)
        desk.send()
        assert desk.answer(Pushed("1")).written == 1
        assert desk.answer(Pushed("1")).written == 0
        assert len(desk.outbox.history("1")) == 1


class TestHeld:
    def test_a_held_outbox_has_nothing_pending_until_released(self, desk: Desk) -> None:
        desk.stage(ANN)
        desk.outbox.hold(desk.run, "30 % would change", desk.lease)
        assert desk.outbox.held() == Held(desk.run, "30 % would change")
        assert desk.outbox.pending(10) == []
        assert desk.outbox.pending_count() == 0
        assert not desk.outbox.release(desk.run + 1)
        assert desk.outbox.release(desk.run)
        assert desk.outbox.pending_count() == 1
        assert desk.outbox.held() is None


class TestJudging:
    """Staged results wait for the guard."""

    def test_what_a_pass_stages_waits_for_its_judgement(self, desk: Desk) -> None:
        desk.outbox.begin(desk.run, desk.lease)
        desk.stage(ANN)
        assert (desk.outbox.pending_count(), desk.outbox.judging()) == (0, True)
        desk.outbox.settle(desk.lease, desk.run)
        assert (desk.outbox.pending_count(), desk.outbox.judging()) == (1, False)

    def test_a_lead_surprises_as_long_as_its_grade_or_priority_differs(self, desk: Desk) -> None:
        desk.write(ANN, BOB)
        desk.stage({**ANN, "lead_grade": "A"}, BOB, surprising=["1"])
        desk.stage({**ANN, "lead_grade": "A", "lead_score": 70})
        assert desk.outbox.surprises() == 1
        desk.stage({**ANN, "lead_score": 70})
        assert desk.outbox.surprises() == 0

    def test_only_the_leads_of_one_pass_are_taken_as_no_surprise(self, desk: Desk) -> None:
        desk.write(ANN, BOB)
        desk.stage({**ANN, "lead_grade": "A"}, surprising=["1"])
        earlier, desk.run = desk.run, desk.runs.start("sync", desk.lease)
        desk.stage({**BOB, "lead_grade": "A"}, surprising=["2"])
        desk.outbox.settle(desk.lease, desk.run)
        assert desk.outbox.surprises() == 1
        desk.outbox.hold(earlier, "both", desk.lease, most=7)
        assert desk.outbox.held() == Held(earlier, "both", 7)
        desk.outbox.release(earlier)
        assert desk.outbox.surprises() == 0


class TestFieldsMadeAgain:
    """A created or re-created field has no values."""

    def test_its_values_are_written_again(self, desk: Desk) -> None:
        desk.write(ANN, BOB)
        assert desk.outbox.forget_written(["lead_grade", "other_lead_score"], desk.lease) == 2
        assert desk.outbox.last_written(["1"])["lead_grade"].to_list() == [None]
        assert desk.stage(ANN).pending == 1
        sent = desk.send()
        assert [row.values["lead_grade"] for row in sent] == ["B", "B"]
        desk.answer(Pushed("1"), Pushed("2"))
        assert desk.outbox.last_written(["1"])["lead_grade"].to_list() == ["B"]

    def test_with_all_of_them_a_lead_counts_as_never_told(self, desk: Desk) -> None:
        desk.write(ANN)
        desk.outbox.forget_written([*PLAIN, "lead_scored_at"], desk.lease)
        assert desk.outbox.last_written(["1"]).is_empty()
        assert desk.stage(ANN).first == 1
        assert desk.outbox.pending(10) == [Row("1", {**PLAIN, "lead_scored_at": DAY})]

    def test_fields_of_another_prefix_are_left_alone(self, desk: Desk) -> None:
        desk.write(ANN)
        assert desk.outbox.forget_written(["b_lead_grade"], desk.lease) == 0
        assert desk.outbox.pending(10) == []


class TestHistory:
    def test_writes_tell_before_after_and_cause(self, desk: Desk, mirror: Mirror) -> None:
        desk.write(ANN)
        mirror.save(page(activities=activities({"lead": "1", "id": "x"})), desk.lease)
        desk.write({**ANN, "lead_grade": "A"}, at=LATER)
        desk.write({**ANN, "lead_grade": "C"}, at=day(2))
        desk.write({**ANN, "lead_grade": "D", "lead_scorecard": "b2b-saas@2"}, at=day(3))
        desk.stage({**ANN, "lead_grade": "D", "lead_scorecard": "b2b-saas@3"})
        desk.write({**ANN, "lead_grade": "F", "lead_scorecard": "b2b-saas@3"}, at=day(4))
        history = desk.outbox.history("1")
        assert [write.causes for write in history] == [("first",), ("activity",), ("time",), ("scorecard",), ("time",)]
        assert history[0].before == {**dict.fromkeys(PLAIN), "lead_scored_at": None}
        assert history[1].before == {"lead_grade": "B", "lead_scored_at": DAY}
        assert history[1].after == {"lead_grade": "A", "lead_scored_at": LATER}

    def test_causes_gather_until_a_write(self, desk: Desk, mirror: Mirror) -> None:
        desk.write(ANN)
        mirror.save(page(activities=activities({"lead": "1", "id": "x"})), desk.lease)
        desk.stage({**ANN, "lead_score": 52})
        desk.write({**ANN, "lead_score": 53})
        assert desk.outbox.history("1")[-1].causes == ("activity", "time")

    def test_the_writes_of_a_run_are_joined_by_lead(self, desk: Desk) -> None:
        desk.write(ANN, BOB)
        first = desk.run
        desk.run = desk.runs.start("sync", desk.lease)
        desk.write({**ANN, "lead_grade": "A"})
        desk.write({**ANN, "lead_grade": "C", "lead_score": 60})
        (write,) = desk.outbox.writes_of(desk.run)
        assert (write.before["lead_grade"], write.after["lead_grade"]) == ("B", "C")
        assert (write.before["lead_score"], write.after["lead_score"]) == (50, 60)
        assert {write.lead for write in desk.outbox.writes_of(first)} == {"1", "2"}

    def test_an_undo_becomes_what_the_crm_was_told(self, desk: Desk) -> None:
        desk.write(ANN)
        desk.write({**ANN, "lead_grade": "A"})
        desk.outbox.sending([Row("1", {"lead_grade": "B"})], desk.run, desk.lease)
        desk.answer(Pushed("1"))
        assert desk.outbox.last_written(["1"])["lead_grade"].to_list() == ["B"]
        assert desk.outbox.history("1")[-1].causes == ("undo",)
        assert desk.stage({**ANN, "lead_grade": "A"}).pending == 1

    def test_a_refused_undo_is_not_tried_again(self, desk: Desk) -> None:
        desk.write(ANN)
        desk.outbox.sending([Row("1", {"lead_grade": "A"})], desk.run, desk.lease)
        assert desk.answer(Pushed("1", Refusal("X", "no"))).refused == 1
        assert desk.outbox.refused() == []
        assert desk.outbox.pending(10) == []


def test_the_most_urgent_leads_come_first(desk: Desk) -> None:
    desk.stage(
        {**ANN, "lead_priority": None},
        {**BOB, "lead_priority": "P1"},
        {**EVE, "lead_priority": "P1", "lead_priority_index": 90},
    )
    assert desk.outbox.top(2)["lead"].to_list() == ["3", "2"]


def test_priorities_are_ordered_as_the_scorecard_names_them(store: Store, runs: Runs, lease: Lease) -> None:
    desk = Desk(store.outbox("main", "hot_", priorities=["Warm", "Cold", "Arctic"]), runs, lease)
    desk.stage(
        {**ANN, "lead_priority": "Arctic"},
        {**BOB, "lead_priority": "Cold"},
        {**EVE, "lead_priority": "Warm"},
    )
    assert desk.outbox.top(3)["lead"].to_list() == ["3", "2", "1"]
    assert [row.lead for row in desk.outbox.pending(3)] == ["3", "2", "1"]


def test_a_survivor_that_is_the_lead_itself_is_no_merge(desk: Desk) -> None:
    desk.stage(ANN)
    desk.send()
    assert desk.answer(Pushed("1", survivor="1")) == Recorded(written=1)
    assert desk.outbox.pending(10) == []


def test_a_refused_row_rests_from_what_the_caller_calls_now(desk: Desk) -> None:
    """A pass with its own time must not retry the row at once."""
    future = day(9999)
    desk.stage(ANN)
    desk.outbox.sending(desk.outbox.pending(1, future), desk.run, desk.lease)
    desk.outbox.record([Pushed("1", Refusal("X", "no"))], desk.run, desk.lease)
    assert desk.outbox.pending(1, future) == []


def test_the_figures_say_what_waits_since_when(desk: Desk, store: Store) -> None:
    assert store.figures("main").oldest_unwritten is None
    desk.stage(ANN, BOB)
    first = desk.runs.list()[0].started_at
    desk.run = desk.runs.start("sync", desk.lease)
    desk.stage(EVE)
    desk.outbox.hold(desk.run, "too many", desk.lease)
    store.note("main", "settings refused", "line 3")
    found = store.figures("main")
    assert (found.pending, found.held, found.refused, found.notes) == (3, 1, 0, {"settings refused"})
    assert found.oldest_unwritten == first


def test_what_moved_is_the_values_written_since_then(desk: Desk) -> None:
    """The first write is no move, and a move and its way back are both told."""
    for place, priority in enumerate(["P3", "P1", "P3"]):
        desk.stage(ANN | USUAL | {"lead_priority": priority}, BOB | USUAL, at=day(place))
        desk.send()
        desk.answer(Pushed("1"), *([Pushed("2")] if not place else []))
    [moved] = desk.outbox.moved(["1", "2"], DAY)["1"]
    assert (moved.name, moved.values) == ("lead_priority", ("P3", "P1", "P3"))
    assert desk.outbox.top(9, Wanted(moved_since=DAY))["lead"].to_list() == ["1"]
    assert desk.outbox.top(9, Wanted(moved_since=day(300))).is_empty()
    assert desk.outbox.top(9, Wanted({"lead_priority": [None]})).is_empty()
    assert desk.outbox.top(9, Wanted({"lead_priority": [None, "P3"]}))["lead"][0] == "1"


def test_the_time_of_results_that_stayed_is_kept_for_leads_that_began_anew(desk: Desk) -> None:
    """A stage from before a reset counts as none, so the time of one that came out alike must move past the reset."""
    desk.write(ANN, BOB)
    desk.stage(ANN, BOB, at=LATER, anew=["2"])
    computed = {row["lead"]: row["as_of"] for row in desk.outbox.previous(["1", "2"]).iter_rows(named=True)}
    assert computed == {"1": DAY, "2": LATER}
    assert desk.outbox.pending(10) == []
