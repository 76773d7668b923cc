"""What sales says: evidence of fit and of whom it tried, held against rules on request, and never a predictor."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from calibrate import Calibration, run
from calibrate.guards.contacts import contacted
from calibrate.guards.feedback import Feedback
from calibrate.guards.naming import of_sales, spellings
from calibrate.inputs.frames import HISTORY, Frames
from calibrate.notes import Notes
from calibrate.options import Options
from calibrate.past.outcome import Timeline
from calibrate.report.report import page
from tests.calibrate.simulator import BEGIN, World, world
from vocabulary.feedback import SAID
from vocabulary.fields import TIME

OPTIONS = Options(trees=20, folds=2, bootstraps=5, horizon=60)


def rejecting(made: World, shares: dict[str, float], seed: int = 1) -> pl.DataFrame:
    """Return what sales says of every second lead, 20 days after it came: which industries it rejects how often."""
    rng = np.random.default_rng(seed)
    some = made.leads.filter(pl.Series(rng.random(made.leads.height) < 0.5))
    bad = rng.random(some.height) < np.array([shares.get(name, 0.1) for name in some["industry"]])
    said = np.where(bad, "Bad fit", rng.choice(["Good", "Bad timing"], some.height))
    at = some["created_at"] + timedelta(days=20)
    return pl.DataFrame({"lead": some["lead"], "said": said, "at": at}).cast(SAID)


def calibrated(made: World, said: pl.DataFrame | None, options: Options) -> Calibration:
    given = Frames(made.leads, made.activities, made.touchpoints, made.outcomes, HISTORY.to_frame(), feedback=said)
    return run(given, None, options, made.as_of, notes=Notes())


@pytest.fixture(scope="module")
def made() -> World:
    return world(1500)


@pytest.fixture(scope="module")
def told(made: World) -> Calibration:
    return calibrated(made, rejecting(made, {"Software": 0.8}), OPTIONS)


def test_each_rule_says_which_share_of_its_leads_sales_rejected(told: Calibration) -> None:
    of_software = next(one for one in told.rules if one.name == "Industry: Software")
    others = [one for one in told.rules if one.part == "fit" and "Industry" not in one.name and one.judged]
    assert of_software.rejected == pytest.approx(0.8, abs=0.08)
    assert of_software.judged > 100
    assert others
    assert all(one.rejected < 0.6 for one in others)


def test_the_report_and_the_notes_count_what_sales_said(told: Calibration) -> None:
    assert told.feedback is not None
    assert set(told.feedback.counts) == {"Good", "Bad fit", "Bad timing"}
    assert sum(told.feedback.counts.values()) == told.feedback.leads
    assert any("Sales said what it found of" in note.message for note in told.notes)
    assert "Rejected by sales" in page(told)
    assert b'"rejected"' in told.json()


def test_on_request_what_sales_clearly_rejects_gets_no_points(made: World, told: Calibration) -> None:
    assert next(one for one in told.rules if one.name == "Industry: Software").after > 0
    said = rejecting(made, {"Software": 0.8})
    heeding = calibrated(made, said, replace(OPTIONS, heed_feedback=True))
    assert not [one for one in heeding.rules if "Software" in one.name and one.after > 0]
    [note] = [note for note in heeding.notes if note.kind == "rejected" and "Software" in note.message]
    assert "clearly more than of others" in note.message


@pytest.mark.slow
def test_rejections_that_chance_explains_take_no_points(made: World) -> None:
    plain = calibrated(made, None, OPTIONS)
    heeding = calibrated(made, rejecting(made, {}), replace(OPTIONS, heed_feedback=True))
    assert [one.name for one in heeding.rules] == [one.name for one in plain.rules]
    assert plain.feedback is None
    assert "Rejected by sales" not in page(plain)


def test_a_lead_with_feedback_was_tried_before_it_converted() -> None:
    leads = pl.DataFrame({"lead": [f"L{number}" for number in range(200)]})
    begin = BEGIN.timestamp() / 86_400
    converted = np.where(np.arange(200) < 20, begin + 5, np.nan)
    line = Timeline(leads, np.full(200, begin), converted, begin + 100, np.full(200, np.nan))
    nothing = pl.DataFrame(schema={"lead": pl.String, "touchpoint": pl.UInt32, "occurred_at": TIME})
    places = pl.DataFrame(schema={"touchpoint": pl.UInt32, "kind": pl.String})
    said = pl.DataFrame({"lead": leads["lead"].head(60), "said": "Bot", "at": BEGIN + timedelta(days=10)}).cast(SAID)
    assert contacted(nothing, places, line) is None
    tried = contacted(nothing, places, line, said)
    assert tried is not None
    assert np.flatnonzero(tried).tolist() == list(range(20, 60))


def test_what_was_said_later_is_not_known_earlier() -> None:
    leads = pl.DataFrame({"lead": ["a", "b", "c"]})
    line = Timeline(leads, np.zeros(3), np.full(3, np.nan), 40_000.0, np.full(3, np.nan))
    at = [BEGIN, BEGIN + timedelta(days=10), BEGIN + timedelta(days=5)]
    said = pl.DataFrame({"lead": ["a", "b", "c"], "said": ["Bad fit", "Bad fit", "Bot"], "at": at}, SAID)
    found = Feedback.of(said, line)
    assert found is not None
    assert found.share(np.arange(3)) == (2, 1.0)
    assert found.until(float(BEGIN.timestamp() / 86_400) + 1).share(np.arange(3)) == (1, 1.0)
    assert found.share(np.array([2])) == pytest.approx((0, float("nan")), nan_ok=True)


def test_the_field_is_known_as_one_of_sales_by_its_name() -> None:
    assert all(any(map(of_sales, spellings(name, None))) for name in ("feedback", "lead_feedback"))
