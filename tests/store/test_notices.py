"""Who reached the first priority is queued once per crossing, with what the CRM was told."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from store import Alerting, Lease, Listener, Mirror, New, Outbox, Runs, Store
from tests.store.pages import DAY, accounts, day, leads, page, results
from vocabulary.writes import Pushed, Refusal

REARM = timedelta(days=7)
SALES = Alerting("P1", REARM, (Listener("sales"),))
HOLD = timedelta(minutes=5)
ALL = ("priority", "digest", "trouble")


class Desk:
    """Stages, sends and records one lead's priority as a pass does."""

    def __init__(self, store: Store, outbox: Outbox, runs: Runs, lease: Lease) -> None:
        self.store, self.outbox, self.runs, self.lease = store, outbox, runs, lease

    def tell(self, priority: str, at: datetime, *, kind: str = "sync", lead: str = "1", **options: object) -> None:
        alerting = options.pop("alerting", SALES)
        card = options.pop("card", "b2b-saas@1")
        answer = options.pop("answer", Pushed(lead))
        run = self.runs.start(kind, self.lease)
        rows = results({"lead": lead, "lead_priority": priority, "lead_scorecard": card})
        self.outbox.stage(rows, run, self.lease, scored_at=at)
        self.outbox.sending(self.outbox.pending(10, at), run, self.lease)
        self.outbox.record([answer], run, self.lease, now=at, alerting=alerting)  # type: ignore[list-item, arg-type]

    def touch(self, mirror: Mirror, *ids: str) -> None:
        """Let leads change, so that what moves them is not only the scorecard or time."""
        mirror.save(page(leads=leads(*({"lead": one, "job_title": f"{DAY} {one}"} for one in ids))), self.lease)

    def queued(self, sink: str = "sales") -> list[str]:
        found = self.store.notices("main").claim(sink, day(1000), HOLD, ALL)
        self.store.notices("main").sent(found, day(1000))
        return [str(one.lead) for one in found]


@pytest.fixture
def desk(store: Store, mirror: Mirror, outbox: Outbox, runs: Runs, lease: Lease) -> Desk:
    mirror.declare({"job_title": "text", "owner": "text"}, lease)
    mirror.save(page(leads=leads({"lead": "1"}, {"lead": "2"}, fields={"job_title": "text"})), lease)
    made = Desk(store, outbox, runs, lease)
    made.tell("P3", DAY)
    outbox.begin_alerts(runs.last().run, "P1", lease)  # type: ignore[union-attr]
    return made


def test_a_lead_that_reaches_the_first_priority_is_told_once(desk: Desk) -> None:
    desk.tell("P1", day(1))
    desk.tell("P1", day(2), card="b2b-saas@2")
    assert desk.queued() == ["1"]
    assert desk.queued() == []


def test_a_new_lead_that_begins_in_the_first_priority_is_told(desk: Desk) -> None:
    desk.tell("P1", day(1), lead="2")
    assert desk.queued() == ["2"]


def test_another_priority_is_not_told(desk: Desk) -> None:
    desk.tell("P2", day(1))
    assert desk.queued() == []


@pytest.mark.parametrize(("away", "again"), [(6.9, []), (7, ["1"])])
def test_a_lead_that_comes_back_is_told_again_only_after_it_was_away(desk: Desk, away: float, again: list[str]) -> None:
    desk.tell("P1", day(1))
    assert desk.queued() == ["1"]
    desk.tell("P2", day(2))
    desk.tell("P1", day(2 + away))
    assert desk.queued() == again


def test_a_lead_that_swings_does_not_arm_itself_by_swinging(desk: Desk) -> None:
    desk.tell("P1", day(1))
    assert desk.queued() == ["1"]
    for number in range(2, 12):
        desk.tell("P2" if number % 2 == 0 else "P1", day(number))
    assert desk.queued() == []


def test_a_backfill_alerts_nobody_but_what_it_told_counts(desk: Desk) -> None:
    desk.tell("P1", day(1), kind="backfill")
    assert desk.queued() == []
    desk.tell("P2", day(2))
    desk.tell("P1", day(3))
    assert desk.queued() == []


def test_rows_of_a_backfill_that_a_later_pass_writes_alert_nobody(desk: Desk) -> None:
    run = desk.runs.start("backfill", desk.lease)
    desk.outbox.stage(results({"lead": "1", "lead_priority": "P1"}), run, desk.lease, scored_at=day(1))
    later = desk.runs.start("sync", desk.lease)
    desk.outbox.sending(desk.outbox.pending(10, day(1)), later, desk.lease)
    desk.outbox.record([Pushed("1")], later, desk.lease, now=day(1), alerting=SALES)
    assert desk.queued() == []


def test_the_first_writing_alerts_nobody(store: Store, mirror: Mirror, runs: Runs, lease: Lease) -> None:
    mirror.save(page(leads=leads({"lead": "1"}, {"lead": "2"})), lease)
    fresh = Desk(store, store.outbox("main", "new_", priorities=["P1", "P2"]), runs, lease)
    fresh.tell("P1", DAY)
    assert fresh.queued() == []


def test_what_an_edited_scorecard_alone_has_moved_alerts_nobody(desk: Desk) -> None:
    desk.outbox.clean(["1"], 1_000, desk.lease)
    desk.tell("P1", day(1), card="b2b-saas@2")
    assert desk.queued() == []


def test_who_had_the_first_priority_before_is_no_news_when_fields_are_created_anew(
    store: Store, mirror: Mirror, runs: Runs, lease: Lease
) -> None:
    mirror.save(page(leads=leads({"lead": "1"})), lease)
    used = Desk(store, store.outbox("main", "new_", priorities=["P1", "P2"]), runs, lease)
    used.tell("P1", DAY, alerting=None)
    used.outbox.begin_alerts(runs.last().run, "P1", lease)  # type: ignore[union-attr]
    used.outbox.forget_written([f"new_{name}" for name in ("lead_priority", "lead_grade", "lead_scored_at")], lease)
    used.tell("P1", day(1))
    assert used.queued() == []


def test_a_lead_whose_priority_an_undo_took_can_be_news_again(desk: Desk) -> None:
    desk.tell("P1", day(1))
    assert desk.queued() == ["1"]
    desk.tell("P2", day(2), alerting=None)  # as an undo, which tells nobody
    desk.tell("P3", day(3))
    desk.tell("P1", day(11))
    assert desk.queued() == ["1"]


def test_a_refused_row_is_no_news_until_the_crm_takes_it(desk: Desk) -> None:
    desk.tell("P1", day(1), answer=Pushed("1", Refusal("RULE", "no")))
    assert desk.queued() == []
    desk.tell("P1", day(3))
    assert desk.queued() == ["1"]


def test_a_process_that_dies_between_writing_and_recording_tells_once(desk: Desk) -> None:
    run = desk.runs.start("sync", desk.lease)
    desk.outbox.stage(results({"lead": "1", "lead_priority": "P1"}), run, desk.lease, scored_at=day(1))
    desk.outbox.sending(desk.outbox.pending(10, day(1)), run, desk.lease)
    desk.tell("P1", day(1))  # the next start makes the rows in flight pending again
    assert desk.queued() == ["1"]
    assert desk.queued() == []


def test_a_sink_is_told_only_of_its_owners(desk: Desk, mirror: Mirror) -> None:
    fields = {"job_title": "text", "owner": "text"}
    rows = leads({"lead": "1", "owner": "7"}, {"lead": "2", "owner": "8"}, fields=fields)  # type: ignore[arg-type]
    mirror.save(page(leads=rows), desk.lease)
    seven = Listener("sales", "owner", frozenset({"7"}))
    both = Alerting("P1", REARM, (seven, Listener("everybody", "owner")))
    desk.tell("P1", day(1), alerting=both)
    desk.tell("P1", day(1), lead="2", alerting=both)
    assert desk.queued() == ["1"]
    assert sorted(desk.queued("everybody")) == ["1", "2"]


def test_a_sink_is_told_of_accounts_by_their_owners_and_so_is_its_digest(
    store: Store, mirror: Mirror, runs: Runs, lease: Lease
) -> None:
    """A lead has the id of an account, as in HubSpot."""
    fields: Any = {"owner": "text", "account.owner": "text"}
    mirror.declare(fields, lease)
    firms = accounts(
        {"account": "1", "account.owner": "7"},
        {"account": "2", "account.owner": "8"},
        fields={"account.owner": "text"},
    )
    people = leads({"lead": "1", "owner": "9"}, fields={"owner": "text"})
    mirror.save(page(leads=people, accounts=firms), lease)
    box = store.outbox("main", "", priorities=["Now", "Later"], of="accounts")
    firm = Desk(store, box, runs, lease)
    firm.tell("Later", DAY)
    box.begin_alerts(runs.last().run, "Now", lease)  # type: ignore[union-attr]
    seven = Alerting("Now", REARM, (Listener("sales", "account.owner", frozenset({"7"})),), "accounts")
    for one in ("1", "2"):
        firm.tell("Now", day(1), lead=one, alerting=seven)
    new = store.notices("main").crossed(DAY, day(2), "owner")
    assert sorted((one.lead, one.of, one.owner) for one in new) == [("1", "accounts", "7"), ("2", "accounts", "8")]
    assert firm.queued() == ["1"]


def test_an_erased_person_leaves_no_trace_in_the_queue(desk: Desk, mirror: Mirror, store: Store) -> None:
    desk.tell("P1", day(1))
    assert store.about("main", ["1"], [])["notices"]
    mirror.forget("1", desk.lease)
    assert "notices" not in store.about("main", ["1"], [])
    assert "crossings" not in store.about("main", ["1"], [])
    assert desk.queued() == []


def test_the_same_is_never_queued_twice_even_after_it_was_sent(store: Store, desk: Desk) -> None:
    news = [New("ops", "failed:3", "trouble", {"what": "failed"})]
    for _ in range(2):
        store.notices("main").add(news, DAY)
        found = store.notices("main").claim("ops", DAY, HOLD, ALL)
        store.notices("main").sent(found, DAY)
    assert found == []


def test_two_processes_never_get_the_same_message_until_a_claim_has_run_out(store: Store, desk: Desk) -> None:
    desk.tell("P1", day(1))
    notices = store.notices("main")
    assert len(notices.claim("sales", day(1), HOLD, ALL)) == 1
    assert notices.claim("sales", day(1), HOLD, ALL) == []
    assert len(notices.claim("sales", day(1) + HOLD, HOLD, ALL)) == 1


def test_status_counts_what_waits_and_what_was_dropped(store: Store, desk: Desk) -> None:
    notices, now = store.notices("main"), datetime.now(DAY.tzinfo)
    notices.add([New("ops", "a", "trouble", {}), New("ops", "b", "trouble", {})], now - timedelta(days=3))
    notices.add([New("ops", "c", "trouble", {})], now)
    assert notices.drop(now - timedelta(days=2), now) == 2
    (state,) = store.status("main").alerts
    assert (state.sink, state.waiting, state.dropped) == ("ops", 1, 2)
