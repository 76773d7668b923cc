"""The likelihood file is written, read and evaluated; the likelihood never rises without activity."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.likelihoods import LikelihoodError, load_likelihood, save_likelihood
from scoring.likelihood import Age, DecayedCount, Likelihood

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def likelihood(
    age: float = -0.2, weights: tuple[float, ...] = (0.3, 0.1), half_lives: tuple[float | None, ...] = (14.0, None)
) -> Likelihood:
    counts = tuple(
        DecayedCount(kind=f"kind_{n}", half_life=h, weight=w)
        for n, (w, h) in enumerate(zip(weights, half_lives, strict=True))
    )
    return Likelihood(
        likelihood="card", points="0", fitted_at=NOW, horizon=90.0, look_back=180.0, intercept=-2.0, per_point=0.05,
        age=Age(weight=age, unit=7.0, unknown=30.0), counts=counts,
    )  # fmt: skip


def activities(ages: list[tuple[int, float]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    rows = {
        "lead": ["a"] * len(ages),
        "touchpoint": [n for n, _ in ages],
        "occurred_at": [NOW - timedelta(days=age) for _, age in ages],
    }
    schema = {"lead": pl.String, "touchpoint": pl.UInt32, "occurred_at": pl.Datetime("us", "UTC")}
    return pl.DataFrame(rows, schema=schema), pl.DataFrame(
        {"touchpoint": [0, 1], "kind": ["kind_0", "kind_1"]}, schema={"touchpoint": pl.UInt32, "kind": pl.String}
    )


def percent(of: Likelihood, ages: list[tuple[int, float]], as_of: datetime) -> float:
    acts, touchpoints = activities(ages)
    points = pl.DataFrame({"lead": ["a"], "fit_points": [3.0], "engagement_points": [2.0]})
    leads = pl.DataFrame(
        {"lead": ["a"], "created_at": [NOW - timedelta(days=60)]},
        schema_overrides={"created_at": pl.Datetime("us", "UTC")},
    )
    return float(of.score(points, leads, acts, touchpoints, as_of)["lead_likelihood"][0])


def test_it_comes_back_from_its_file_as_it_was(tmp_path: Path) -> None:
    save_likelihood(likelihood(), tmp_path / "l.yaml")
    assert load_likelihood(tmp_path / "l.yaml") == likelihood()


@given(
    ages=st.lists(st.tuples(st.integers(0, 1), st.floats(0, 300)), max_size=6),
    later=st.floats(0, 400),
    age=st.floats(-2, 0),
    weights=st.tuples(st.floats(0, 2), st.floats(0, 2)),
    half_life=st.one_of(st.none(), st.floats(1, 200)),
)
def test_it_never_rises_while_nothing_happens(
    ages: list[tuple[int, float]], later: float, age: float, weights: tuple[float, float], half_life: float | None
) -> None:
    one = likelihood(age, weights, (half_life, None))
    assert percent(one, ages, NOW + timedelta(days=later)) <= percent(one, ages, NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"per_point": -0.1},
        {"age": {"weight": 0.1, "unit": "7d", "unknown": "30d"}},
        {"counts": [{"kind": "x", "weight": -1}]},
        {"surprise": 1},
    ],
)
def test_a_file_that_could_rise_or_says_more_than_we_know_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    content = likelihood().model_dump(mode="json", exclude_none=True) | change
    (tmp_path / "l.yaml").write_text(json.dumps(content))
    with pytest.raises(LikelihoodError):
        load_likelihood(tmp_path / "l.yaml")


@pytest.mark.parametrize("content", ["", "[", "points: 3", "\x00"])
def test_a_broken_file_says_what_to_do(tmp_path: Path, content: str) -> None:
    (tmp_path / "l.yaml").write_text(content)
    with pytest.raises(LikelihoodError, match="calibrate"):
        load_likelihood(tmp_path / "l.yaml")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LikelihoodError, match="nowhere"):
        load_likelihood(tmp_path / "nowhere.yaml")


def test_a_lead_of_unknown_age_and_without_activities_has_a_chance_too() -> None:
    acts, touchpoints = activities([])
    points = pl.DataFrame({"lead": ["a"], "fit_points": [0.0], "engagement_points": [0.0]})
    got = likelihood().score(points, pl.DataFrame({"lead": ["a"]}), acts, touchpoints, NOW)["lead_likelihood"]
    assert 0 < got[0] < 12
