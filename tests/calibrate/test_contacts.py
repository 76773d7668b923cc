"""Calls as evidence of selection: the report says whom sales never tried, and what that means for the points."""

import json
from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from calibrate import Calibration
from calibrate.options import Options
from calibrate.report.report import page
from scoring import touchpoints as numbered
from tests.calibrate.simulator import BEGIN, World, calibrated

DAYS = 500


def selling(called: dict[str, float], seed: int = 1, leads: int = 1500) -> World:
    """Return a world where only leads convert that sales called, a third of them, whoever they are."""
    rng = np.random.default_rng(seed)
    created = np.sort(rng.uniform(0, DAYS, leads))
    industry = rng.choice(list(called), leads)
    tried = rng.random(leads) < np.array([called[name] for name in industry])
    call = created + rng.uniform(2, 12, leads)
    won = tried & (rng.random(leads) < 1 / 3)
    converted = call + rng.exponential(25, leads)
    frame = pl.DataFrame(
        {
            "lead": [f"L{n}" for n in range(leads)],
            "created_at": [BEGIN + timedelta(days=float(day)) for day in created],
            "industry": industry,
            "size": rng.choice(["small", "large"], leads),
        }
    ).with_columns(pl.col("created_at").cast(pl.Datetime("us", "UTC")))
    viewed = rng.random(leads) < 0.5
    who = np.concatenate([np.flatnonzero(tried), np.flatnonzero(viewed)])
    when = np.concatenate([call[tried], created[viewed] + rng.uniform(0, 40, viewed.sum())])
    kinds = ["call"] * int(tried.sum()) + ["page_view"] * int(viewed.sum())
    activities = pl.DataFrame(
        {
            "lead": [f"L{n}" for n in who],
            "id": [f"a{n}" for n in range(len(who))],
            "kind": kinds,
            "occurred_at": [BEGIN + timedelta(days=float(day)) for day in when],
        }
    ).with_columns(
        pl.col("occurred_at").cast(pl.Datetime("us", "UTC")),
        url=pl.lit(None, pl.String),
        name=pl.lit(None, pl.String),
        seconds=pl.lit(None, pl.Float64),
        value=pl.lit(None, pl.Float64),
    )
    inside = won & (converted < DAYS)
    outcomes = pl.DataFrame(
        {
            "lead": [f"L{n}" for n in np.flatnonzero(inside)],
            "occurred_at": [BEGIN + timedelta(days=float(day)) for day in converted[inside]],
        }
    ).with_columns(pl.col("occurred_at").cast(pl.Datetime("us", "UTC")))
    return World(frame, *numbered(activities), outcomes, BEGIN + timedelta(days=DAYS))


OPTIONS = Options(trees=20, folds=2, bootstraps=10, horizon=60)


@pytest.fixture(scope="module")
def choosy() -> Calibration:
    return calibrated(selling({"Software": 0.9, "Finance": 0.4, "Retail": 0.0, "Public": 0.005}), OPTIONS)


def notes(result: Calibration, kind: str) -> list[str]:
    return [note.message for note in result.notes if note.kind == kind]


def test_groups_that_sales_never_tried_are_named_with_their_numbers(choosy: Calibration) -> None:
    contacts = choosy.contacts
    assert contacts is not None
    assert 0.25 < contacts.contacted / contacts.leads < 0.4
    assert contacts.rate_of_others == 0.0
    assert contacts.rate > 0.2
    assert {one.group for one in contacts.never} == {"Retail", "Public"}
    said = [one for one in notes(choosy, "never tried") if "Retail" in one]
    assert said
    assert "leads 0 were ever contacted by sales; their conversion of 0.0% says little" in said[0]


def test_rules_learned_from_leads_that_nobody_called_are_marked() -> None:
    """Points are taken from a segment whose leads never converted because nobody called them."""
    result = calibrated(selling({"Software": 0.7, "Finance": 0.6, "Retail": 0.005}, seed=2), OPTIONS)
    (rule,) = [one for one in result.rules if one.name == "Industry: Retail"]
    assert rule.after < 0
    assert rule.tried < 0.02
    assert any("points of Industry: Retail were learned from leads" in one for one in notes(result, "never tried"))
    others = [one for one in result.rules if one.name != rule.name]
    assert others
    assert all(one.tried > 0.02 for one in others)


def test_figures_among_the_contacted_show_that_points_only_repeat_who_was_chosen(choosy: Calibration) -> None:
    whole = choosy.performance_of("Proposal")
    among = next(one for one in choosy.performance_contacted if one.name == "Proposal")
    assert whole is not None
    assert whole.auc > among.auc + 0.05
    assert any("repeats whom sales chose to contact" in one for one in notes(choosy, "selection"))


def test_the_report_and_the_json_show_them(choosy: Calibration) -> None:
    html = page(choosy)
    assert "Whom sales contacted" in html
    assert "Industry: Retail" in html
    found = json.loads(choosy.json())
    assert [band["leads"] for band in found["contacts"]["bands"]]
    assert found["contacts"]["bands"][0]["contacted"] > found["contacts"]["bands"][-1]["contacted"]
    assert {one["group"] for one in found["contacts"]["never"]} == {"Retail", "Public"}


@pytest.mark.slow
def test_where_sales_calls_everybody_alike_no_group_is_untried_and_no_rule_marked() -> None:
    fair = calibrated(selling({"Software": 0.6, "Retail": 0.6, "Public": 0.6}), OPTIONS)
    assert fair.contacts is not None
    assert not fair.contacts.never
    assert not notes(fair, "never tried")


def test_without_calls_only_the_general_warning_is_there() -> None:
    made = selling({"Software": 0.95, "Retail": 0.9, "Public": 0.9}, leads=700)
    places = made.touchpoints.with_columns(pl.col("kind").replace("call", "page_view"))
    blind = calibrated(World(made.leads, made.activities, places, made.outcomes, made.as_of), OPTIONS)
    assert blind.contacts is None
    assert not blind.performance_contacted
    assert notes(blind, "selection bias")
    assert "Whom sales contacted" not in page(blind)
