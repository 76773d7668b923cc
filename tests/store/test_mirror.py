import sqlite3
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy.dialects import sqlite

from store import Lease, Mirror, Outbox, Saved, Store
from store.mirror import links
from store.mirror.removals import Removals, Verdict
from store.sql.bulk import bucket
from tests.store.pages import DAY, FIELDS, accounts, activities, day, history, leads, outcomes, page, results
from vocabulary.fields import TIME
from vocabulary.rows import FIELD_HISTORY, address_digest

ADDRESS = address_digest("Ann@acme.example")
ANN = {"lead": "1", "account": "a", "address": ADDRESS, "created_at": DAY, "job_title": "CTO", "tags": ["x", "y"]}
BOB = {
    "lead": "2",
    "account": "a",
    "created_at": DAY,
    "employees": 3.0,
    "is_student": True,
    "purchase_by": "2026-01-10T12:00:00Z",
}
ACME = {"account": "a", "employees": 120.0, "job_title": "never of a person"}
VISIT = {"lead": "1", "id": "page:1", "url": "https://x.example/pricing?utm_source=a&b=1&gclid=2", "seconds": 12.5}
CALL = {"lead": "1", "id": "call:1", "kind": "call", "name": "First call", "occurred_at": day(1), "value": 2.0}


def test_a_page_comes_back_as_frames(mirror: Mirror, lease: Lease) -> None:
    saved = mirror.save(page(leads=leads(ANN, BOB), accounts=accounts(ACME), activities=activities(VISIT, CALL)), lease)
    assert saved == Saved(leads=2, leads_new=2, accounts_changed=1, activities=2, activities_new=2)
    frames = mirror.frames(["1", "2"], FIELDS)
    assert frames.leads.sort("lead").to_dicts() == [
        {**dict.fromkeys(FIELDS), **ANN, "employees": 120.0},
        {**dict.fromkeys(FIELDS), "address": None, **BOB, "job_title": "never of a person"},
    ]
    assert frames.leads.schema["created_at"] == TIME
    shown = frames.activities.join(frames.touchpoints, on="touchpoint").sort("id").drop("touchpoint")
    assert shown.to_dicts() == [
        {
            "lead": "1",
            "id": "call:1",
            "occurred_at": day(1),
            "seconds": None,
            "value": 2.0,
            "kind": "call",
            "url": None,
            "name": "First call",
        },
        {
            "lead": "1",
            "id": "page:1",
            "occurred_at": DAY,
            "seconds": 12.5,
            "value": None,
            "kind": "page_view",
            "url": "https://x.example/pricing?b=1",
            "name": None,
        },
    ]


def test_saving_a_page_twice_changes_nothing(mirror: Mirror, outbox: Outbox, lease: Lease) -> None:
    twice = page(leads=leads(ANN, BOB), accounts=accounts(ACME), activities=activities(VISIT, CALL))
    mirror.save(twice, lease)
    assert mirror.save(twice, lease) == Saved(leads=2, activities=2)


def dirty(outbox: Outbox) -> list[str]:
    return sorted(outbox.dirty())


def settle(outbox: Outbox, lease: Lease) -> None:
    """Clear the list of leads to score, as staging does."""
    outbox.stage(results(*({"lead": lead} for lead in outbox.dirty())), 0, lease, scored_at=DAY)


def ids(mirror: Mirror, *of: str) -> list[tuple[str, str]]:
    return sorted(mirror.frames(of, {}).activities.select("lead", "id").rows())


class TestDirty:
    def test_new_leads_are_dirty(self, mirror: Mirror, outbox: Outbox, lease: Lease) -> None:
        mirror.save(page(leads=leads(ANN, BOB)), lease)
        assert dirty(outbox) == ["1", "2"]
        assert outbox.dirty_count() == 2
        assert len(outbox.dirty(1)) == 1

    def test_a_lead_that_says_nothing_new_stays_clean(self, mirror: Mirror, outbox: Outbox, lease: Lease) -> None:
        both = page(leads=leads(ANN, BOB), accounts=accounts(ACME), activities=activities(VISIT))
        mirror.save(both, lease)
        settle(outbox, lease)
        mirror.save(both, lease)
        assert dirty(outbox) == []

    def test_a_changed_field_dirties_its_lead(self, mirror: Mirror, outbox: Outbox, lease: Lease) -> None:
        mirror.save(page(leads=leads(ANN, BOB)), lease)
        settle(outbox, lease)
        saved = mirror.save(page(leads=leads({**ANN, "job_title": "CEO"}, BOB)), lease)
        assert (saved.leads_new, saved.leads_changed) == (0, 1)
        assert dirty(outbox) == ["1"]

    def test_a_changed_account_dirties_its_leads(self, mirror: Mirror, outbox: Outbox, lease: Lease) -> None:
        mirror.save(page(leads=leads(ANN, BOB, {"lead": "3"}), accounts=accounts(ACME)), lease)
        settle(outbox, lease)
        mirror.save(page(accounts=accounts({**ACME, "employees": 9.0})), lease)
        assert dirty(outbox) == ["1", "2"]

    def test_a_new_and_a_changed_activity_dirty_their_leads(self, mirror: Mirror, outbox: Outbox, lease: Lease) -> None:
        mirror.save(page(leads=leads(ANN, BOB), activities=activities(CALL)), lease)
        settle(outbox, lease)
        saved = mirror.save(page(activities=activities({**CALL, "seconds": 60.0}, {"lead": "2", "id": "x"})), lease)
        assert (saved.activities_new, saved.activities_changed) == (1, 1)
        assert dirty(outbox) == ["1", "2"]

    def test_a_deleted_activity_dirties_its_lead(self, mirror: Mirror, outbox: Outbox, lease: Lease) -> None:
        mirror.save(
            page(leads=leads(ANN, BOB), activities=activities(CALL, VISIT, {"lead": "2", "id": "call:1"})), lease
        )
        settle(outbox, lease)
        gone = page(gone_activities=[("1", "page:1"), (None, "call:1"), (None, "never:1")])
        mirror.save(gone, lease)
        assert dirty(outbox) == ["1", "2"]
        assert ids(mirror, "1", "2") == []
        settle(outbox, lease)
        mirror.save(gone, lease)
        assert dirty(outbox) == []


class TestUnclaimed:
    def test_activities_known_by_address_find_their_lead(self, mirror: Mirror, lease: Lease) -> None:
        saved = mirror.save(page(leads=leads(ANN), activities=activities({"address": ADDRESS, "id": "open:1"})), lease)
        assert saved.unclaimed == 0
        assert ids(mirror, "1") == [("1", "open:1")]

    def test_activities_wait_for_a_lead_by_address_or_by_id(self, mirror: Mirror, outbox: Outbox, lease: Lease) -> None:
        waiting = activities({"address": ADDRESS, "id": "open:1"}, VISIT, {"lead": "2", "id": "x"})
        assert mirror.save(page(activities=waiting), lease).unclaimed == 3
        assert mirror.counts().unclaimed == 3
        mirror.save(page(leads=leads(ANN)), lease)
        assert ids(mirror, "1") == [("1", "open:1"), ("1", "page:1")]
        assert mirror.counts().unclaimed == 1

    def test_a_changed_address_claims_what_waited_for_it(self, mirror: Mirror, lease: Lease) -> None:
        mirror.save(page(leads=leads(BOB), activities=activities({"address": ADDRESS, "id": "open:1"})), lease)
        mirror.save(page(leads=leads({**BOB, "address": ADDRESS})), lease)
        assert ids(mirror, "2") == [("2", "open:1")]

    def test_of_several_leads_with_an_address_the_oldest_gets_the_activity(self, mirror: Mirror, lease: Lease) -> None:
        young = {"lead": "0", "address": ADDRESS, "created_at": day(5)}
        mirror.save(page(leads=leads(young, ANN), activities=activities({"address": ADDRESS, "id": "open:1"})), lease)
        assert ids(mirror, "0", "1") == [("1", "open:1")]
        assert mirror.lead_of_address(str(ADDRESS)) == "1"

    def test_an_activity_of_nobody_at_all_is_left_out(self, mirror: Mirror, lease: Lease) -> None:
        mirror.save(page(activities=activities({"id": "nobody"})), lease)
        assert mirror.counts().unclaimed == 0


class TestGone:
    def test_a_gone_lead_leaves_every_table(self, mirror: Mirror, outbox: Outbox, lease: Lease) -> None:
        everything = page(
            leads=leads(ANN, BOB),
            activities=activities(VISIT),
            outcomes=outcomes({"lead": "1", "id": "d1"}),
            history=history({"lead": "1", "field": "job_title", "value": "CTO"}),
        )
        mirror.save(everything, lease)
        settle(outbox, lease)
        assert mirror.save(page(gone=["1"]), lease).gone == 1
        assert mirror.resolve("1") is None
        assert (mirror.counts().leads, mirror.counts().activities, mirror.counts().outcomes) == (1, 0, 0)
        assert mirror.field_history(["job_title"]).is_empty()
        assert outbox.computed(["1"]).is_empty()
        assert mirror.save(page(gone=["1"]), lease).gone == 0


class TestListing:
    def test_what_a_complete_listing_did_not_bring_is_missing(
        self, mirror: Mirror, removals: Removals, lease: Lease
    ) -> None:
        mirror.save(page(leads=leads(ANN, BOB)), lease)
        mirror.save(page(leads=leads({"lead": "3"}), listing="l"), lease)
        mirror.save(page(leads=leads(BOB), listing="l", listed=True), lease)
        assert removals.suspects("new").leads == ("1",)
        assert [mirror.resolve(lead) for lead in "123"] == ["1", "2", "3"]
        assert removals.settle(Verdict(gone=["1"]), DAY, lease) == 1
        assert [mirror.resolve(lead) for lead in "123"] == [None, "2", "3"]
        assert removals.suspects("new").leads == ()

    def test_a_lead_that_came_while_the_listing_ran_stays(
        self, mirror: Mirror, removals: Removals, lease: Lease
    ) -> None:
        mirror.save(page(leads=leads(BOB), listing="l"), lease)
        mirror.save(page("changes", leads=leads(ANN)), lease)
        mirror.save(page(listing="l", listed=True), lease)
        assert removals.suspects("new").leads == ()

    def test_an_unfinished_listing_misses_nobody(self, mirror: Mirror, removals: Removals, lease: Lease) -> None:
        mirror.save(page(leads=leads(ANN)), lease)
        mirror.save(page(leads=leads(BOB), listing="l"), lease)
        assert removals.suspects("new").leads == ()
        mirror.save(page(leads=leads(ANN), listing="m", listed=True), lease)
        assert removals.suspects("new").leads == ("2",)

    def test_activities_of_leads_older_than_a_whole_listing_are_dropped_and_later_ones_wait(
        self, mirror: Mirror, removals: Removals, lease: Lease
    ) -> None:
        mirror.save(
            page(activities=activities({"lead": "8", "id": "old"}, {"address": ADDRESS, "id": "open:1"})), lease
        )
        mirror.save(page(leads=leads(BOB), listing="l"), lease)
        mirror.save(page(activities=activities({"lead": "9", "id": "new"})), lease)
        mirror.save(page(listing="l", listed=True), lease)
        removals.close(lease, day(99), whole=True)
        mirror.save(page(leads=leads({"lead": "8"}, {"lead": "9"}, ANN)), lease)
        assert ids(mirror, "8", "9", "1") == [("1", "open:1"), ("9", "new")]


def test_an_activity_that_is_gone_does_not_wait_for_an_address_either(mirror: Mirror, lease: Lease) -> None:
    mirror.save(page(leads=leads(ANN), activities=activities(VISIT, {**VISIT, "lead": "", "address": "b@"})), lease)
    assert mirror.counts().unclaimed == 1
    mirror.save(page(gone_activities=[(None, "page:1")]), lease)
    assert (mirror.counts().activities, mirror.counts().unclaimed) == (0, 0)


class TestMerged:
    def test_histories_are_joined_under_the_survivor_and_counted_once(
        self, mirror: Mirror, outbox: Outbox, lease: Lease
    ) -> None:
        both = activities(VISIT, CALL, {**CALL, "lead": "2"}, {"lead": "2", "id": "x"})
        won = outcomes({"lead": "1", "id": "d1"})
        mirror.save(page(leads=leads(ANN, BOB), activities=both, outcomes=won), lease)
        settle(outbox, lease)
        merged = page(merged={"1": "2"})
        mirror.save(merged, lease)
        assert ids(mirror, "1", "2") == [("2", "call:1"), ("2", "page:1"), ("2", "x")]
        assert mirror.outcomes()["lead"].to_list() == ["2"]
        assert mirror.resolve("1") == "2"
        assert dirty(outbox) == ["2"]
        settle(outbox, lease)
        mirror.save(merged, lease)
        assert dirty(outbox) == []

    @pytest.mark.parametrize(("old", "survivor"), [("1", "2"), ("2", "1")])
    def test_what_both_did_counts_from_the_first_time(
        self, old: str, survivor: str, mirror: Mirror, lease: Lease
    ) -> None:
        first, again = {"lead": "1", "id": "w", "occurred_at": day(1)}, {"lead": "2", "id": "w", "occurred_at": day(2)}
        mirror.save(page(leads=leads(ANN, BOB), activities=activities(first, again)), lease)
        mirror.save(page(merged={old: survivor}), lease)
        assert mirror.frames([survivor], FIELDS).activities["occurred_at"].to_list() == [day(1)]

    @pytest.mark.parametrize("merged", [{"1": "9", "2": "9"}, {"2": "9", "1": "9"}])
    def test_what_both_did_counts_from_the_first_time_for_a_survivor_with_an_id_of_its_own(
        self, merged: dict[str, str], mirror: Mirror, lease: Lease
    ) -> None:
        first, again = {"lead": "1", "id": "w", "occurred_at": day(1)}, {"lead": "2", "id": "w", "occurred_at": day(2)}
        mirror.save(page(leads=leads(ANN, BOB), activities=activities(first, again)), lease)
        mirror.save(page(leads=leads({"lead": "9"}), merged=merged), lease)
        assert mirror.frames(["9"], FIELDS).activities["occurred_at"].to_list() == [day(1)]

    def test_chains_are_followed(self, mirror: Mirror, lease: Lease) -> None:
        mirror.save(page(leads=leads(ANN, BOB, {"lead": "3"}), activities=activities(VISIT)), lease)
        mirror.save(page(merged={"1": "2"}), lease)
        mirror.save(page(merged={"2": "3"}), lease)
        assert [mirror.resolve(lead) for lead in "123"] == ["3", "3", "3"]
        assert ids(mirror, "1", "2", "3") == [("3", "page:1")]

    def test_a_merge_that_the_crm_turned_round_is_followed(self, mirror: Mirror, lease: Lease) -> None:
        mirror.save(page(leads=leads(ANN, BOB), activities=activities(VISIT)), lease)
        mirror.save(page(merged={"1": "2"}), lease)
        mirror.save(page(leads=leads(ANN), merged={"2": "1"}), lease)
        assert [mirror.resolve(lead) for lead in "12"] == ["1", "1"]
        assert ids(mirror, "1") == [("1", "page:1")]

    def test_rows_under_the_old_id_go_to_the_survivor(self, mirror: Mirror, lease: Lease) -> None:
        mirror.save(page(leads=leads(ANN, BOB), merged={"1": "2"}), lease)
        mirror.save(page(leads=leads(ANN), activities=activities(VISIT)), lease)
        assert ids(mirror, "1", "2") == [("2", "page:1")]
        assert mirror.frames(["1", "2"], FIELDS).leads["employees"].to_list() == [3.0]

    def test_a_survivor_that_is_not_here_yet_finds_the_history(self, mirror: Mirror, lease: Lease) -> None:
        mirror.save(page(leads=leads(ANN), activities=activities(VISIT)), lease)
        mirror.save(page(merged={"1": "9"}), lease)
        assert mirror.resolve("1") is None
        mirror.save(page(leads=leads({"lead": "9"})), lease)
        assert ids(mirror, "9") == [("9", "page:1")]

    def test_a_listing_that_still_brings_the_old_id_keeps_the_survivor(self, mirror: Mirror, lease: Lease) -> None:
        mirror.save(page(leads=leads(ANN, BOB), merged={"1": "2"}), lease)
        mirror.save(page(leads=leads(ANN), listing="l", listed=True), lease)
        assert mirror.resolve("1") == "2"


class TestForget:
    def test_a_forgotten_person_is_nowhere(self, mirror: Mirror, store: Store, lease: Lease) -> None:
        old = {"lead": "7", "id": "old:7"}
        mirror.save(
            page(leads=leads(ANN, BOB, {"lead": "7"}), activities=activities(VISIT, old), merged={"7": "1"}), lease
        )
        mirror.save(page(activities=activities({"address": "another", "id": "z"})), lease)
        assert mirror.forget("7", lease)
        assert mirror.counts().leads == 1
        assert mirror.counts().activities == 0
        assert mirror.resolve("7") is None
        assert not mirror.forget("7", lease)


class TestFields:
    def test_declared_fields_that_are_named_no_more_are_erased(self, mirror: Mirror, lease: Lease) -> None:
        assert mirror.declare(FIELDS, lease).added == tuple(FIELDS)
        mirror.save(page(leads=leads(ANN, BOB), accounts=accounts(ACME)), lease)
        fewer = {name: kind for name, kind in FIELDS.items() if name != "job_title"}
        declared = mirror.declare(fewer, lease)
        assert (declared.added, declared.removed) == ((), ("job_title",))
        assert mirror.frames(["1", "2"], FIELDS).leads["job_title"].to_list() == [None, None]
        assert mirror.frames(["2"], FIELDS).leads["employees"].to_list() == [3.0]

    def test_a_field_of_another_type_is_new(self, mirror: Mirror, lease: Lease) -> None:
        mirror.declare({"employees": "number"}, lease)
        mirror.save(page(leads=leads(BOB, fields={"employees": "number"})), lease)
        assert mirror.declare({"employees": "text"}, lease).added == ("employees",)
        assert mirror.frames(["2"], {"employees": "text"}).leads["employees"].to_list() == [None]

    def test_odd_values_come_back_as_they_went_in(self, mirror: Mirror, lease: Lease) -> None:
        odd = {
            "lead": "1",
            "job_title": "a\"b'c\\ \u2028 \x7f 🦄 %s :x $1",
            "employees": -1.7976931348623157e308,
            "tags": ["", "ü"],
        }
        mirror.save(
            page(
                leads=leads(odd),
                activities=activities({"lead": "1", "id": "ü:%(x)s", "name": "'; DROP TABLE leads --"}),
            ),
            lease,
        )
        found = mirror.frames(["1"], FIELDS)
        assert found.leads.select(odd.keys()).to_dicts() == [odd]
        assert found.activities["id"].to_list() == ["ü:%(x)s"]
        assert found.touchpoints["name"].to_list() == ["'; DROP TABLE leads --"]

    def test_nul_characters_are_dropped_from_what_becomes_a_key(self, mirror: Mirror, lease: Lease) -> None:
        mirror.save(
            page(
                leads=leads({"lead": "1", "job_title": "a\0b"}),
                activities=activities({"lead": "1", "id": "x\0y", "name": "p\0q"}),
            ),
            lease,
        )
        found = mirror.frames(["1"], FIELDS)
        assert found.activities["id"].to_list() == ["xy"]
        assert found.touchpoints["name"].to_list() == ["pq"]


def test_buckets_hold_every_lead_once(mirror: Mirror, lease: Lease) -> None:
    many = [{"lead": str(number)} for number in range(600)]
    mirror.save(page(leads=leads(*many), activities=activities(*({**row, "id": "a"} for row in many))), lease)
    frames = [mirror.frames(number, {}) for number in mirror.buckets]
    assert sorted(lead for frame in frames for lead in frame.leads["lead"]) == sorted(row["lead"] for row in many)
    assert all(bucket(lead) == number for number, frame in enumerate(frames) for lead in frame.activities["lead"])
    assert mirror.bucket_counts() == [len(frame.leads) for frame in frames]
    assert len(mirror.frames(range(100), {}).leads) == sum(mirror.bucket_counts()[:100])


def test_the_bucket_of_a_lead_is_the_same_forever() -> None:
    assert [bucket(lead) for lead in ("1", "42", "00Q5g00000A1b2CEAR", "ü")] == [183, 136, 63, 213]


def test_cursors_move_with_their_page_and_are_reset(mirror: Mirror, lease: Lease) -> None:
    assert mirror.cursor("contacts") is None
    mirror.save(page(cursor={"after": "5", "since": "2026-01-01"}, total=7), lease)
    assert mirror.cursor("contacts") == {"after": "5", "since": "2026-01-01"}
    mirror.reset(["contacts"], lease)
    assert mirror.cursor("contacts") is None


def test_connections_do_not_see_each_other(store: Store, mirror: Mirror, lease: Lease) -> None:
    other = store.mirror("other")
    theirs = store.lease("other", holder="test", ttl=timedelta(minutes=1), purpose="test")
    mirror.save(page(leads=leads(ANN), activities=activities(VISIT)), lease)
    other.save(page(leads=leads({**ANN, "job_title": "CFO"})), theirs)
    other.save(page(gone=["1"]), theirs)
    assert mirror.frames(["1"], FIELDS).leads["job_title"].to_list() == ["CTO"]
    assert other.cursor("contacts") == mirror.cursor("contacts")
    assert store.connections() == ["main", "other"]


def test_field_history_comes_back(mirror: Mirror, lease: Lease) -> None:
    was = history(
        {"lead": "1", "field": "job_title", "value": "CTO", "before": "VP"},
        {"lead": "1", "field": "job_title", "since": day(1)},
    )
    mirror.save(page(leads=leads(ANN), history=was), lease)
    mirror.save(page(history=was), lease)
    found = mirror.field_history(["job_title"]).sort("since")
    assert found.schema == FIELD_HISTORY
    assert found.rows() == [("1", "job_title", DAY, "CTO", "VP"), ("1", "job_title", day(1), None, None)]


def test_empty_pages_and_empty_questions_are_fine(mirror: Mirror, outbox: Outbox, lease: Lease) -> None:
    assert mirror.save(page(), lease) == Saved()
    assert mirror.frames([], FIELDS).leads.columns == ["lead", "account", "address", "created_at", *FIELDS]
    assert mirror.frames(0, {}).activities.columns == ["lead", "id", "occurred_at", "touchpoint", "seconds", "value"]
    assert outbox.previous([]).columns[:2] == ["lead", "lead_readiness"]


def test_numbers_keep_fifteen_digits(mirror: Mirror, lease: Lease) -> None:
    values = [0.1, 1 / 3, 123456789012345.0, 1e-300, 2.5e300, float("nan"), float("inf"), 0.0]
    rows = [{"lead": "1", "id": str(n), "value": value} for n, value in enumerate(values)]
    mirror.save(page(leads=leads(ANN), activities=activities(*rows)), lease)
    found = mirror.frames(["1"], {}).activities.sort("id")["value"].to_list()
    assert found == [0.1, 0.333333333333333, 123456789012345.0, 1e-300, 2.5e300, None, None, 0.0]


def test_touchpoints_are_shared_and_read_once(mirror: Mirror, lease: Lease) -> None:
    visits = [{"lead": "1", "id": f"p{n}", "url": f"https://x.example/?utm_campaign={n}"} for n in range(50)]
    mirror.save(page(leads=leads(ANN), activities=activities(*visits)), lease)
    assert mirror.frames(["1"], {}).touchpoints.height == 1
    mirror.save(page(activities=activities(CALL)), lease)
    assert mirror.frames(["1"], {}).touchpoints.sort("touchpoint")["kind"].to_list() == ["page_view", "call"]


def test_a_forgotten_person_leaves_no_byte_in_the_files(tmp_path: Path) -> None:
    secrets = ["lead-0f0f0f", "digest-0f0f0f", "Chief of Nothing", "form:0f0f0f"]
    with Store.open(f"sqlite:///{tmp_path}/x.db") as store:
        lease, mirror, outbox = (
            store.lease("main", holder="t", ttl=timedelta(minutes=1), purpose="t"),
            store.mirror("main"),
            store.outbox("main"),
        )
        person = {"lead": secrets[0], "address": secrets[1], "job_title": secrets[2]}
        mirror.save(
            page(leads=leads(person, BOB), activities=activities({"lead": secrets[0], "id": secrets[3]})), lease
        )
        settle(outbox, lease)
        outbox.sending(outbox.pending(10), 0, lease)
        assert found_in(tmp_path, secrets) == set(secrets)
        assert mirror.forget(secrets[0], lease)
        assert found_in(tmp_path, secrets) == set()


def found_in(folder: Path, words: list[str]) -> set[str]:
    return {word for word in words for file in folder.iterdir() if word.encode() in file.read_bytes()}


def test_an_activity_finds_its_lead_by_any_address_and_none_by_one_it_lost(mirror: Mirror, lease: Lease) -> None:
    two = pl.DataFrame({"lead": ["1", "1"], "address": ["b", "c"]})
    mirror.save(page(leads=leads({"lead": "1", "address": "a"}), addresses=two), lease)
    mirror.save(page(leads=leads({"lead": "1", "address": "a"}), addresses=two.head(1)), lease)
    did = activities({"address": "b", "id": "e:1"}, {"address": "c", "id": "e:2"})
    assert mirror.save(page("events", activities=did), lease).unclaimed == 1
    assert mirror.frames(["1"], FIELDS).activities["id"].to_list() == ["e:1"]
    assert (mirror.lead_of_address("b"), mirror.lead_of_address("c")) == ("1", None)
    assert mirror.addresses_of("1") == {"a", "b"}


def test_who_has_an_address_as_the_first_goes_before_who_has_it_besides(mirror: Mirror, lease: Lease) -> None:
    besides = pl.DataFrame({"lead": ["1"], "address": ["b"]})
    both = leads({"lead": "1", "address": "a", "created_at": DAY}, {"lead": "2", "address": "b", "created_at": day(1)})
    mirror.save(page(leads=both, addresses=besides), lease)
    mirror.save(page("events", activities=activities({"address": "b", "id": "e:1"})), lease)
    assert mirror.frames(["2"], FIELDS).activities["id"].to_list() == ["e:1"]
    assert mirror.lead_of_address("b") == "2"


def test_who_returns_has_what_came_to_a_further_address_meanwhile(mirror: Mirror, lease: Lease) -> None:
    besides = pl.DataFrame({"lead": ["1"], "address": ["b"]})
    there = page(leads=leads({"lead": "1", "address": "a"}), addresses=besides)
    mirror.save(there, lease)
    mirror.save(page(gone=["1"]), lease)
    assert mirror.lead_of_address("b") is None
    gone = mirror.vanished("b")
    assert gone
    assert gone.lead == "1"
    mirror.save(page("events", activities=activities({"address": "b", "id": "e:1"})), lease)
    mirror.save(there, lease)
    assert mirror.frames(["1"], FIELDS).activities["id"].to_list() == ["e:1"]
    mirror.save(page(gone=["1"]), lease)
    assert mirror.forget("1", lease)
    assert mirror.addresses_of("1") == frozenset()


def test_an_activity_leaves_who_is_not_named_any_more(mirror: Mirror, removals: Removals, lease: Lease) -> None:
    mirror.save(page(leads=leads({"lead": "1"}, {"lead": "2"}, {"lead": "3"})), lease)
    both = activities({"lead": "1", "id": "calls:7"}, {"lead": "2", "id": "calls:7"}, {"lead": "1", "id": "calls:8"})
    mirror.save(page("calls", activities=both), lease)
    moved = activities({"lead": "3", "id": "calls:7"})
    mirror.save(page("calls", activities=moved, complete_activities=["calls:7"]), lease)
    lost = removals.suspects("new").activities
    assert lost.rows() == [("1", "calls:7", "page_view"), ("2", "calls:7", "page_view")]
    removals.settle(Verdict(dropped=lost), day(2), lease)
    assert mirror.frames(["1", "2", "3"], FIELDS).activities.select("lead", "id").rows() == [
        ("1", "calls:8"),
        ("3", "calls:7"),
    ]


def test_who_lost_a_merge_and_is_named_by_the_survivor_keeps_the_activity(
    mirror: Mirror, removals: Removals, lease: Lease
) -> None:
    call = activities({"lead": "1", "id": "calls:7"})
    mirror.save(page(leads=leads({"lead": "1"}, {"lead": "2"}), activities=call), lease)
    mirror.save(page(merged={"1": "2"}), lease)
    mirror.save(page("calls", activities=call, complete_activities=["calls:7"]), lease)
    assert removals.suspects("new").activities.is_empty()


def test_the_leads_of_an_activity_are_found_by_an_index(tmp_path: Path) -> None:
    """A scan of all activities for every page of calls would take seconds in a large mirror."""
    Store.open(f"sqlite:///{tmp_path}/x.db").close()
    query = links._held("sqlite").params(rows="[]")
    plain = query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    with sqlite3.connect(tmp_path / "x.db") as sql:
        plan = sql.execute(f"EXPLAIN QUERY PLAN {plain}").fetchall()
    sql.close()
    assert any("activities_shared" in row[-1] for row in plan), plan
