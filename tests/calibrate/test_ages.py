"""Dates are learned from by their age as of each snapshot, and scored so; what only dates a lead is left out."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from bench.worlds.tables import ages
from calibrate import Calibration, from_table, run
from calibrate.card.proposal import plain
from calibrate.guards.leaks import usable
from calibrate.inputs.frames import HISTORY, Frames
from calibrate.inputs.tables import Table
from calibrate.learning.learn import candidates, learn
from calibrate.notes import Notes
from calibrate.options import Options
from calibrate.past.panel import Panel
from calibrate.statistics.metrics import auc
from scoring import Scorecard, touchpoints
from tests.calibrate.tables_of import TODAY, learned, points_of, scored

END = datetime(2026, 3, 31, tzinfo=UTC)
BEGIN = datetime(2024, 6, 1, tzinfo=UTC)


def left_out(found: Calibration) -> dict[str, str]:
    return {note.subject: note.kind for note in found.notes if note.level == "left out"}


@pytest.fixture(scope="module")
def customers() -> Calibration:
    return learned(ages(seed=1).table, "converted")


def test_a_date_is_learned_as_an_age(customers: Calibration) -> None:
    """The proposal declares the time field and gives points for the days since; new leads are ranked by it."""
    assert customers.scorecard
    written = plain(customers.scorecard)
    assert written["fields"]["customer_since"] == "time"
    entries = written["score"]["fit"]["groups"][0]["rules"]
    assert {"days_since": "customer_since"} in [entry.get("number") for entry in entries]
    fresh = ages(4000, seed=2)
    won = fresh.won.astype(float)
    assert auc(won, scored(customers, _timed(fresh.table), END)) > auc(won, fresh.chance) - 0.015


def _timed(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col("customer_since").cast(pl.Datetime("us", "UTC")))


def test_the_time_as_of_which_ages_count_is_said(customers: Calibration) -> None:
    """It is the latest date of those that count; scoring has to be told."""
    (said,) = [note.message for note in customers.notes if note.kind == "ages"]
    assert "--as-of 2026-03-3" in said


def test_when_a_lead_was_entered_and_a_date_that_is_filled_in_later_are_left_out(customers: Calibration) -> None:
    """By its name, and since it had passed for some only; neither makes a rule."""
    assert left_out(customers)["entered_on"] == "created"
    assert left_out(customers)["handed_over_on"] == "past or future"
    assert not [rule for rule in customers.rules if "entered" in rule.name.lower() or "handed" in rule.name.lower()]


def test_the_order_of_creation_by_another_name_is_left_out() -> None:
    """A date that tells older leads from newer ones describes the date."""
    found = learned(ages(seed=1).table.rename({"entered_on": "stamp"}), "converted")
    assert left_out(found)["stamp"] == "carries the date"


@pytest.mark.parametrize("include", [(), ("visited_on",)])
def test_a_date_that_is_there_for_those_who_convert_is_left_out_even_if_included(include: tuple[str, ...]) -> None:
    """All of them have passed, so only that it is there tells."""
    made = ages(seed=1).table
    rng = np.random.default_rng(0)
    had = rng.random(len(made)) < np.where(made["converted"] == "yes", 0.9, 0.05)
    visited = [date(2026, 1, 1) - timedelta(days=int(d)) if has else None for d, has in zip(rng.integers(0, 300, len(made)), had, strict=True)]  # fmt: skip
    found = learned(made.with_columns(visited_on=pl.Series(visited)), "converted", include=include)
    assert left_out(found)["visited_on"] == "emptiness"
    assert not [rule for rule in found.rules if "Visited" in rule.name]


def mixed(rows: int = 1500) -> pl.DataFrame:
    """Return a table with texts, flags, numbers and dates of which some are missing; all of them matter a little."""
    rng = np.random.default_rng(3)
    income, since = rng.gamma(2, 20_000, rows), rng.integers(0, 2000, rows)
    until, fair = rng.integers(1, 400, rows), rng.random(rows) < 0.3
    known = rng.random(rows) < 0.75
    odds = np.minimum(income, 80_000) / 30_000 + since / 900 + 1.2 * fair - until / 150 - 2
    won = rng.random(rows) < 1 / (1 + np.exp(-odds))
    return pl.DataFrame(
        {
            "income": pl.Series(income.round()).set(pl.Series(~known), None),
            "source": np.where(fair, "fair", "web"),
            "member": rng.random(rows) < 0.5,
            "since": [f"{END - timedelta(days=int(n), hours=7):%Y-%m-%dT%H:%M:%SZ}" for n in since],
            "renewal": [f"{END.date() + timedelta(days=int(n))}" for n in until],
            "birthday": [f"{END.date() - timedelta(days=int(n))}" if n % 4 else None for n in since],
            "won": np.where(won, "yes", "no"),
        }
    )


DECLARED = {
    "income": "number",
    "source": "text",
    "member": "flag",
    "since": "time",
    "renewal": "date",
    "birthday": "date",
}


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
def test_the_proposal_scores_what_was_learned(zone: str) -> None:
    """Rule by rule and to the last digit: numbers, ages, days to come, missing values, days of a zone."""
    card = Scorecard.model_validate({"scorecard": "ours", "calendar": zone, "fields": DECLARED})
    ask = from_table.Ask("won", None, TODAY, card)
    material = from_table._material(Table(Path("t.csv"), mixed()), ask, Options(), Notes())
    panel = material.panel
    fit = usable(panel, material.fields, (), Notes())
    made = learn(candidates(panel, fit, [], Options()), panel, Options(), 20, draws=0)
    as_of = _as_of(panel)
    kinds = {rule.subjects[0] for rule in made.rules}
    assert kinds >= {"income", "since", "renewal"}
    total = np.zeros(len(panel))
    for rule, points in zip(made.rules, made.points.tolist(), strict=True):
        entry = rule.entry(points)
        given = points_of(entry, panel.fields.select(list(DECLARED)), as_of, DECLARED, zone)
        assert rule.column(panel) * points == pytest.approx(given, abs=1e-4), rule.name
        total += given
    assert made.score(panel) == pytest.approx(total, abs=1e-3)


def _as_of(panel: Panel) -> datetime:
    """Return the time as of which the days in a panel count."""
    row = panel.fields.select("since", "days_since since").drop_nulls().row(0)
    when: datetime = row[0] + timedelta(days=row[1])
    return when.replace(microsecond=0)


def dated(leads: int = 1800) -> Frames:
    """Return leads with dates of several kinds; that a contract ends soon, and that one is a customer for long, matter."""
    rng = np.random.default_rng(8)
    created = np.sort(rng.uniform(0, 600, leads))
    customer, ends = rng.uniform(30, 2500, leads), rng.uniform(200, 900, leads)
    odds = customer / 700 - ends / 250 + 0.2
    won = rng.random(leads) < 1 / (1 + np.exp(-odds))
    converted = created + rng.uniform(2, 60, leads)
    seen = won & (converted < 660)

    def at(days: Any, there: Any = None) -> list[datetime | None]:
        known = np.ones(leads, bool) if there is None else there
        return [BEGIN + timedelta(days=float(day)) if one else None for day, one in zip(days, known, strict=True)]

    names = [f"L{n}" for n in range(leads)]
    frame = pl.DataFrame(
        {
            "lead": names,
            "created_at": at(created),
            "signed_up": at(created - rng.uniform(0, 0.4, leads)),
            "customer_from": at(created - customer),
            "contract_until": at(created + ends),
            "welcomed": at(converted + 1, seen | (rng.random(leads) < 0.03)),
            "source": rng.choice(["ads", "web"], leads),
        }
    )
    nothing = pl.DataFrame(
        schema=dict.fromkeys(("lead", "id", "kind", "url", "name"), pl.String)
        | {"occurred_at": pl.Datetime("us", "UTC"), "seconds": pl.Float64, "value": pl.Float64}
    )
    outcomes = pl.DataFrame({"lead": names, "occurred_at": at(converted)}).filter(pl.Series(seen))
    return Frames(frame, *touchpoints(nothing), outcomes, HISTORY.to_frame())


def test_as_of_each_snapshot_dates_have_an_age_or_are_to_come() -> None:
    """What is the creation, or comes with the conversion, gives no points; what is known in advance does."""
    found = run(dated(), None, Options(trees=20, folds=2, bootstraps=10, horizon=60), BEGIN + timedelta(days=660))
    out = left_out(found)
    assert out["signed_up"] == "created"
    assert out["welcomed"] == "created"
    assert found.scorecard
    entries = plain(found.scorecard)["score"]["fit"]["groups"][0]["rules"]
    written = repr(entries)
    assert "'days_until': 'contract_until'" in written or "within_next" in written
    assert "'days_since': 'customer_from'" in written or "older_than" in written
    assert "welcomed" not in written
    assert "signed_up" not in written
    assert found.performance[0].auc > 0.65


def test_a_date_that_comes_with_the_conversion_is_left_out_even_if_included() -> None:
    """It is to come at every snapshot of those that convert, so it would be a perfect leak."""
    options = Options(trees=20, folds=2, bootstraps=10, max_rows=8_000, horizon=60, include=("welcomed",))
    found = run(dated(), None, options, BEGIN + timedelta(days=660))
    assert left_out(found)["welcomed"] == "emptiness"
    assert "welcomed" not in (found.scorecard or "")
