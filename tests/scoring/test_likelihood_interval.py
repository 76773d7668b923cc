"""The interval of a likelihood and the sentence about it, worked out by hand."""

import json
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from commands.score import command
from config.likelihoods import load_likelihood, save_likelihood
from scoring import Likelihood, Scorecard
from scoring.likelihood import Age, DecayedCount, points_digest
from scoring.uncertainty import Uncertainty

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CARD: dict[str, Any] = {
    "scorecard": "b2b",
    "fields": {"job": "text", "employees": "number"},
    "score": {
        "maximum": 100,
        "fit": {
            "groups": [
                {
                    "name": "Fit",
                    "rules": [
                        {"name": "Director", "lead": {"job": ["director"]}, "points": 12},
                        {"name": "Large company", "lead": {"employees": {"at_least": 500}}, "points": 20},
                        {"name": "Student", "lead": {"job": ["student"]}, "points": -10},
                    ],
                }
            ]
        },
        "engagement": {
            "groups": [
                {
                    "name": "Did",
                    "rules": [{"name": "Pricing request", "activity": {"kind": "pricing_request"}, "points": 30}],
                }
            ]
        },
    },
}
LEADS = """id,job,employees,created_at
a,director,20,2026-09-01
b,director,900,2026-09-01
c,student,,2026-11-21
d,,,2026-11-21
"""
ACTIVITIES = "lead_id,id,kind,occurred_at\na,1,pricing_request,2026-10-03\nb,2,pricing_request,2026-11-20\n"
COVARIANCE = ((0.04,), (-0.001, 0.0002), (0.0, 0.0, 0.01))
REST = 0.03
SMALL = Uncertainty(covariance=((0.0,), (0.0, 0.0)), rest=1e-5)


def likelihood(card: dict[str, Any] = CARD, **changes: Any) -> Likelihood:
    told: dict[str, Any] = {
        "likelihood": "b2b", "points": points_digest(Scorecard.model_validate(card)), "fitted_at": NOW,
        "horizon": 90.0, "look_back": 180.0, "intercept": -3.0, "per_point": 0.05,
        "counts": (DecayedCount(kind="pricing_request", weight=0.4),),
        "uncertainty": Uncertainty(covariance=COVARIANCE, rest=REST),
    }  # fmt: skip
    return Likelihood(**(told | changes))


def scored(
    folder: Path,
    fitted: Likelihood,
    card: dict[str, Any] = CARD,
    said: tuple[str, str] = ("", ""),
    *more: str,
    leads: str = LEADS,
) -> pl.DataFrame:
    """Return what `score` writes. `said`: what it must say, and what it must not."""
    (folder / "leads.csv").write_text(leads)
    (folder / "activities.csv").write_text(ACTIVITIES)
    (folder / "card.json").write_text(json.dumps(card))
    save_likelihood(fitted, folder / "l.yaml")
    files = {"scorecard": "card.json", "leads": "leads.csv", "activities": "activities.csv", "out": "out.csv"}
    words = [word for name, file in files.items() for word in (f"--{name}", str(folder / file))]
    found = CliRunner().invoke(command, [*words, "--likelihood", str(folder / "l.yaml"), "--as-of", str(NOW), *more])
    assert found.exit_code == 0, found.output
    assert said[0] in found.stderr
    assert not said[1] or said[1] not in found.stderr
    return pl.read_csv(folder / "out.csv")


def by_hand(points: float, count: float) -> tuple[float, float, float]:
    terms = np.array([1.0, points, math.log1p(count)])
    odds = float(terms @ [-3.0, 0.05, 0.4])
    matrix = np.array([[0.04, -0.001, 0], [-0.001, 0.0002, 0], [0, 0, 0.01]])
    half = 1.645 * math.sqrt(terms @ matrix @ terms + REST)
    low, middle, high = (round(100 / (1 + math.exp(-one)), 1) for one in (odds - half, odds, odds + half))
    return low, middle, high


def test_each_lead_has_the_interval_of_its_own_points_and_counts(tmp_path: Path) -> None:
    """In log-odds, 1.645 standard deviations on each side: the quadratic form of its terms, and the rest."""
    out = scored(tmp_path, likelihood())
    told = out.select("lead_likelihood_low", "lead_likelihood", "lead_likelihood_high").rows()
    assert told == [by_hand(42, 1), by_hand(62, 1), by_hand(-10, 0), by_hand(0, 0)]
    at = out.columns.index("lead_likelihood")
    assert out.columns[at + 1 : at + 4] == [f"lead_likelihood_{name}" for name in ("low", "high", "why")]


def test_a_sentence_says_the_chance_and_what_speaks_for_and_against_it(tmp_path: Path) -> None:
    """The strongest lines first; silence counts only where the chance falls with it, after two weeks."""
    a, b, c, d = scored(tmp_path, likelihood())["lead_likelihood_why"]
    assert a == "35 % within 90 days (17 to 59 %): Pricing request, Director; less because nothing happened since 3 Oct"
    assert b == "59 % within 90 days (27 to 86 %): Pricing request, Large company, Director"
    assert c == "2.9 % within 90 days (1.7 to 5 %): less because Student, nothing happened yet"
    assert d == "4.7 % within 90 days (3.1 to 7.1 %): less because nothing happened yet"
    still = scored(tmp_path, likelihood(counts=(), uncertainty=None))["lead_likelihood_why"]
    assert still[0] == "29 % within 90 days: Pricing request, Director"


def test_nothing_is_said_of_silence_where_activities_are_in_columns_of_the_export(tmp_path: Path) -> None:
    """First times do not tell whether anything happened since."""
    card = CARD | {"activity_columns": {"pricing_request": "First pricing request"}}
    why = scored(tmp_path, likelihood(card), card)["lead_likelihood_why"]
    assert not any("nothing happened" in one for one in why)
    assert why[0] == "35 % within 90 days (17 to 59 %): Pricing request, Director"


def test_nothing_is_said_of_silence_where_the_command_line_names_columns_of_activities(tmp_path: Path) -> None:
    """As with `activity_columns` of the card, which a card for a CRM does not have."""
    named = ("--activity", "pricing_request=First pricing request")
    first = LEADS.replace("created_at", "created_at,First pricing request").replace("09-01\n", "09-01,2026-10-02\n")
    table = first.replace("11-21\n", "11-21,\n")
    why = scored(tmp_path, likelihood(), CARD, ("", ""), *named, leads=table)["lead_likelihood_why"]
    assert not any("nothing happened" in one for one in why)
    assert why[0].endswith("Pricing request, Director")


def test_an_interval_never_reads_as_a_single_number(tmp_path: Path) -> None:
    """It has a decimal then; what is as good as sure, or as good as excluded, has no interval."""
    texts = {}
    for odds in (0.01, 5.5, -9.0):
        fitted = likelihood(intercept=odds, per_point=0.0, counts=(), uncertainty=SMALL)
        texts[odds] = scored(tmp_path, fitted)["lead_likelihood_why"][3]
    assert texts[0.01] == "50.2 % within 90 days (50.1 to 50.4 %)"
    assert texts[5.5] == ">99 % within 90 days"
    assert texts[-9.0] == "<1 % within 90 days"


def test_a_sentence_ends_with_a_whole_reason(tmp_path: Path) -> None:
    """As many reasons as fit into a field of a CRM, the heaviest first."""
    card = json.loads(json.dumps(CARD))
    first, second, third = card["score"]["fit"]["groups"][0]["rules"]
    first["name"], second["name"], third["name"] = (f"{letter} {'long ' * 20}end" for letter in "ABC")
    why = scored(tmp_path, likelihood(card), card)["lead_likelihood_why"]
    assert all(len(one) <= 255 and "…" not in one for one in why)
    assert why[1].endswith(f"Pricing request, {second['name']}")


def test_a_value_of_a_table_stands_after_the_name_of_its_rule(tmp_path: Path) -> None:
    """The value alone would not say of what."""
    card = json.loads(json.dumps(CARD))
    card["score"]["fit"]["groups"][0]["rules"] = [{"name": "Job level", "table": "job", "points": {"director": 12}}]
    assert "Pricing request, Job level: director" in scored(tmp_path, likelihood(card), card)["lead_likelihood_why"][0]


def test_a_capacity_says_how_far_calls_reach_and_what_they_bring(tmp_path: Path) -> None:
    """The two likeliest of four leads: 59.3 % and 34.9 %."""
    reach = "By likelihood, 2 calls a week reach 2 of 4 leads, down to 34.9%. Of these 2, 0.9 are expected to convert"
    scored(tmp_path, likelihood(), CARD, (reach, "nobody"), "--capacity", "2")
    words = ["--scorecard", "card.json", "--leads", "leads.csv", "--activities", "activities.csv", "--out", "o.csv"]
    files = [str(tmp_path / word) if "." in word else word for word in words]
    refused = CliRunner().invoke(command, [*files, "--capacity", "2"])
    assert refused.exit_code == 2
    assert "needs --likelihood" in " ".join(refused.output.split())


def test_a_file_of_an_older_version_has_no_interval_and_a_plain_table_no_horizon(tmp_path: Path) -> None:
    """The columns are there, and empty; the sentence leaves out what is not known."""
    out = scored(tmp_path, likelihood(uncertainty=None, horizon=None))
    assert out["lead_likelihood"].to_list() == [by_hand(*one)[1] for one in ((42, 1), (62, 1), (-10, 0), (0, 0))]
    assert out["lead_likelihood_low"].null_count() == out["lead_likelihood_high"].null_count() == 4
    assert out["lead_likelihood_why"][1] == "59 %: Pricing request, Large company, Director"


def test_the_interval_comes_back_from_its_file_as_it_was(tmp_path: Path) -> None:
    save_likelihood(likelihood(), tmp_path / "l.yaml")
    assert load_likelihood(tmp_path / "l.yaml") == likelihood()


@pytest.mark.parametrize(
    ("covariance", "says"),
    [(((1.0,), (0.1,)), "one more in each"), (((-1.0,),), "negative"), ((), "first row"), (((1.0,),), "there are 3")],
)
def test_an_uncertainty_that_is_not_about_the_terms_is_refused(covariance: Any, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        likelihood(uncertainty={"covariance": covariance, "rest": 0.0})


@given(
    root=st.lists(st.floats(-3, 3), min_size=9, max_size=9),
    rest=st.floats(0, 9),
    intercept=st.floats(-40, 40),
    points=st.lists(st.floats(-300, 300), min_size=1, max_size=5),
    aged=st.booleans(),
)
def test_the_likelihood_lies_in_its_interval(
    root: list[float], rest: float, intercept: float, points: list[float], aged: bool
) -> None:
    """For any covariance, chances of nearly 0 and 100 included."""
    square = np.array(root).reshape(3, 3)
    covariance = square @ square.T
    triangle = tuple(tuple(float(value) for value in row[: place + 1]) for place, row in enumerate(covariance))
    age = Age(weight=-0.1, unit=7, unknown=30) if aged else None
    count = () if aged else (DecayedCount(kind="call", weight=0.1),)
    fitted = likelihood(
        intercept=intercept, age=age, counts=count, uncertainty=Uncertainty(covariance=triangle, rest=rest)
    )
    names = [str(number) for number in range(len(points))]
    given_ = pl.DataFrame({"lead": names, "fit_points": points, "engagement_points": 0.0})
    activities = pl.DataFrame(
        schema={"lead": pl.String, "touchpoint": pl.UInt32, "occurred_at": pl.Datetime("us", "UTC")}
    )
    places = pl.DataFrame(schema={"touchpoint": pl.UInt32, "kind": pl.String})
    found = fitted.score(given_, pl.DataFrame({"lead": names}), activities, places, NOW)
    low, chance, high = (found[name] for name in ("lead_likelihood_low", "lead_likelihood", "lead_likelihood_high"))
    assert found.null_count().sum_horizontal()[0] == 0
    assert ((low <= chance) & (chance <= high) & (low >= 0) & (high <= 100)).all()
