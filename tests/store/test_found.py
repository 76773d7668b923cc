"""Values in our fields that we did not write: kept before the first write, reported as drift after it."""

from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest

from store import Lease, Mended, Mirror, Outbox, Runs
from tests.store.pages import DAY, leads, page, results
from vocabulary.fields import TIME
from vocabulary.pages import Page
from vocabulary.writes import Pushed, Refusal, Row

ANN, BOB = {"lead": "1"}, {"lead": "2"}
NAMES = ("lead_score", "lead_grade", "lead_likelihood", "lead_score_reasons", "lead_scored_at")
SCHEMA = {
    "lead": pl.String(),
    "lead_score": pl.Float64(),
    "lead_grade": pl.String(),
    "lead_likelihood": pl.Float64(),
    "lead_score_reasons": pl.String(),
    "lead_scored_at": TIME,
}
LONG_AFTER = DAY + timedelta(days=1)


def held(*rows: dict[str, Any], listing: str | None = None) -> Page:
    outputs = pl.DataFrame([{name: row.get(name) for name in SCHEMA} for row in rows], schema=SCHEMA)
    return page(leads=leads(*rows), outputs=outputs, listing=listing)


class Desk:
    """Reads pages and writes results as a pass does."""

    def __init__(self, mirror: Mirror, outbox: Outbox, runs: Runs, lease: Lease) -> None:
        self.mirror, self.outbox, self.runs, self.lease = mirror, outbox, runs, lease
        self.run = runs.start("sync", lease)
        mirror.declare_outputs(NAMES, lease)

    def read(self, *rows: dict[str, Any], listing: str | None = None, at: datetime = LONG_AFTER) -> None:
        self.mirror.save(held(*rows, listing=listing), self.lease, at)

    def send(self, *rows: dict[str, Any]) -> list[Row]:
        self.outbox.stage(results(*rows), self.run, self.lease, scored_at=DAY)
        sent = list(self.outbox.pending(100, DAY))
        self.outbox.sending(sent, self.run, self.lease)
        return sent

    def write(self, *rows: dict[str, Any]) -> None:
        sent = self.send(*rows)
        self.outbox.record([Pushed(row.lead) for row in sent], self.run, self.lease, now=DAY)

    def before(self, lead: str = "1") -> dict[str, Any]:
        return dict(self.outbox.history(lead)[-1].before)


@pytest.fixture
def desk(mirror: Mirror, outbox: Outbox, runs: Runs, lease: Lease) -> Desk:
    return Desk(mirror, outbox, runs, lease)


def test_a_first_write_keeps_what_was_read_and_knows_what_was_empty(desk: Desk) -> None:
    desk.read({**ANN, "lead_score": 412.5, "lead_scored_at": DAY}, BOB)
    desk.write(ANN, BOB)
    assert desk.before() == {
        **dict.fromkeys(("lead_score", "lead_grade", "lead_score_reasons", "lead_scored_at")),
        "lead_score": 412.5,
        "lead_scored_at": DAY,
    }
    assert set(desk.before("2").values()) == {None}


def test_what_was_read_last_before_the_first_write_counts(desk: Desk) -> None:
    desk.read({**ANN, "lead_score": 412.0, "lead_grade": "C"})
    desk.read({**ANN, "lead_grade": "D"})
    desk.write(ANN)
    assert (desk.before()["lead_score"], desk.before()["lead_grade"]) == (None, "D")


def test_of_a_lead_that_was_not_read_with_a_field_it_is_not_known_what_it_held(
    mirror: Mirror, outbox: Outbox, runs: Runs, lease: Lease
) -> None:
    mirror.save(page(leads=leads(ANN)), lease)
    desk = Desk(mirror, outbox, runs, lease)
    desk.write(ANN)
    assert desk.before() == {}
    assert desk.outbox.writes_of(desk.run)[0].before == {}


def test_a_listing_makes_it_known(mirror: Mirror, outbox: Outbox, runs: Runs, lease: Lease) -> None:
    mirror.save(page(leads=leads(ANN)), lease)
    desk = Desk(mirror, outbox, runs, lease)
    desk.read(ANN, listing="all")
    desk.write(ANN)
    assert desk.before()["lead_score"] is None


def test_a_row_that_may_have_reached_the_crm_is_not_taken_for_somebody_elses(desk: Desk) -> None:
    desk.read({**ANN, "lead_score": 412.0})
    desk.send(ANN)
    desk.run = desk.runs.start("sync", desk.lease)
    desk.read({**ANN, "lead_score": 50.0, "lead_grade": "B"}, listing="all")
    desk.write(ANN)
    assert (desk.before()["lead_score"], desk.before()["lead_grade"]) == (412.0, None)


def test_output_fields_that_are_read_from_now_on_are_told_once(desk: Desk) -> None:
    assert desk.mirror.declare_outputs([*NAMES, "b_lead_score"], desk.lease) == ("b_lead_score",)
    assert desk.mirror.declare_outputs([*NAMES, "b_lead_score"], desk.lease) == ()


def test_a_lead_whose_first_write_was_taken_back_counts_as_never_told(desk: Desk) -> None:
    desk.read({**ANN, "lead_score": 412.5})
    desk.write(ANN)
    desk.outbox.sending([Row("1", {"lead_score": 412.5, "lead_grade": None})], desk.run, desk.lease)
    desk.outbox.record([Pushed("1")], desk.run, desk.lease, now=DAY)
    desk.outbox.undone(["1"], {"1": {"lead_score": 412.5, "lead_grade": None}}, desk.lease)
    assert desk.outbox.last_written(["1"]).is_empty()
    assert desk.outbox.dirty() == ["1"]
    desk.write(ANN)
    assert desk.before()["lead_score"] == 412.5


class TestDrift:
    """Values in the CRM's listing compared with the written ones."""

    def listed(self, desk: Desk, **values: Any) -> dict[str, int]:
        told = {
            "lead_score": 50.0,
            "lead_grade": "B",
            "lead_score_reasons": "+20 Decision maker",
            "lead_scored_at": DAY,
        }
        desk.read({**ANN, **told, **values}, listing="later")
        return dict(desk.outbox.drift().fields)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("lead_grade", " b "),
            ("lead_score_reasons", "+20  decision\r\nmaker "),
            ("lead_scored_at", DAY + timedelta(milliseconds=999)),
            ("lead_likelihood", None),
        ],
    )
    def test_the_same_value_as_the_crm_keeps_it_is_none(self, desk: Desk, name: str, value: Any) -> None:
        desk.read(ANN)
        desk.write(ANN)
        assert self.listed(desk, **{name: value}) == {}

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("lead_grade", "B+"),
            ("lead_grade", None),
            ("lead_score", 49.0),
            ("lead_score", 50.4),
            ("lead_score_reasons", "+20"),
            ("lead_scored_at", DAY + timedelta(seconds=1)),
            ("lead_likelihood", 1.0),
        ],
    )
    def test_another_value_is(self, desk: Desk, name: str, value: Any) -> None:
        desk.read(ANN)
        desk.write(ANN)
        assert self.listed(desk, **{name: value}) == {name: 1}

    def test_numbers_may_be_rounded_to_the_decimals_of_the_field_and_texts_cut_to_its_length(self, desk: Desk) -> None:
        reasons = "+36 Demo request (27 Nov 2026) · +28 Pricing page (7×, last 27 Nov 2026)"
        desk.read(ANN)
        desk.write({**ANN, "lead_likelihood": 4.5, "lead_score_reasons": reasons})
        assert self.listed(desk, lead_likelihood=5.0, lead_score_reasons=reasons[:50]) == {}
        assert self.listed(desk, lead_likelihood=6.0, lead_score_reasons=reasons) == {"lead_likelihood": 1}

    def test_what_was_told_after_the_listing_began_or_a_moment_ago_is_none(self, desk: Desk) -> None:
        desk.read(ANN)
        desk.read(BOB, listing="all")
        desk.write(ANN)
        desk.read({**ANN, "lead_grade": "F"}, listing="all")
        assert desk.outbox.drift().leads == 0
        desk.read({**ANN, "lead_grade": "F"}, listing="next", at=DAY + timedelta(minutes=9))
        assert desk.outbox.drift().leads == 0
        desk.read({**ANN, "lead_grade": "F"}, at=LONG_AFTER)
        assert desk.outbox.drift().leads == 0, "a change comes from search, which lags"

    def test_a_row_whose_answer_never_came_is_none(self, desk: Desk) -> None:
        desk.read(ANN)
        desk.write(ANN)
        desk.send({**ANN, "lead_grade": "A"})
        desk.run = desk.runs.start("sync", desk.lease)
        assert self.listed(desk, lead_grade="A") == {}

    def test_a_refused_row_leaves_what_was_told_before(self, desk: Desk) -> None:
        desk.read(ANN)
        desk.write(ANN)
        desk.send({**ANN, "lead_grade": "A"})
        desk.outbox.record([Pushed("1", Refusal("RULE", "no"))], desk.run, desk.lease, now=DAY)
        assert self.listed(desk) == {}

    def test_drift_that_went_by_itself_is_mended_no_more(self, desk: Desk) -> None:
        desk.read(ANN)
        desk.write(ANN)
        self.listed(desk, lead_grade="F")
        assert desk.outbox.mend(desk.run, desk.lease) == Mended(1, 1)
        assert desk.outbox.mend(desk.run, desk.lease).leads == 0
        self.listed(desk)
        assert (desk.outbox.pending_count(), desk.outbox.dirty()) == (0, ["1"])

    def test_only_what_drifted_is_mended(self, desk: Desk) -> None:
        desk.read(ANN)
        desk.write(ANN)
        self.listed(desk, lead_grade="F")
        desk.outbox.mend(desk.run, desk.lease)
        assert desk.outbox.pending(10, LONG_AFTER) == [Row("1", {"lead_grade": "B", "lead_scored_at": DAY})]


class TestOlder:
    """A database that is older than the CRM's values."""

    def ahead(self, desk: Desk, at: datetime) -> int:
        return desk.mirror.save(held({**BOB, "lead_scored_at": at}), desk.lease).ahead

    def test_leads_that_were_scored_later_than_it_ever_wrote_are_counted(self, desk: Desk) -> None:
        desk.read(ANN, BOB)
        assert self.ahead(desk, LONG_AFTER) == 0, "a new database is not an older one"
        desk.write(ANN)
        assert self.ahead(desk, DAY + timedelta(milliseconds=500)) == 0
        assert self.ahead(desk, DAY + timedelta(minutes=1)) == 1

    def test_what_is_on_its_way_counts_as_written(self, desk: Desk) -> None:
        desk.read(ANN, BOB)
        desk.send(ANN)
        assert self.ahead(desk, DAY) == 0
