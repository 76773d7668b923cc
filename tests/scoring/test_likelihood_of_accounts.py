"""The likelihood of accounts: worked out by hand, and refused for other points or other owners."""

import json
from datetime import UTC, datetime
from math import exp, log, log2
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner, Result

from commands.score import command
from config.likelihoods import save_likelihood
from scoring import Likelihood, Scorecard
from scoring.likelihood import Age, DecayedCount, points_digest

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CARD: dict[str, Any] = {
    "scorecard": "abm",
    "fields": {"job": "text"},
    "score": {
        "engagement": {
            "groups": [{"name": "G", "rules": [{"name": "V", "activity": {"kind": "page_view"}, "points": 10}]}]
        }
    },
    "grade": {
        "profiles": [{"name": "All", "criteria": [{"name": "Job", "weight": 1, "match": {"job": "cto"}}]}],
        "disqualified": {"job": "student"},
    },
    "accounts": {
        "fields": {"employees": "number"},
        "score": {
            "maximum": 20,
            "fit": {
                "groups": [
                    {"name": "C", "rules": [{"name": "L", "lead": {"employees": {"at_least": 1000}}, "points": 7}]}
                ]
            },
            "engagement": {"people": {"top": 2, "maximum": 15}},
        },
    },
}
FILES = {
    "leads": "id,account_id,job,created_at\n1,A,cto,2026-11-15T12:00:00Z\n2,A,cto,2026-11-20\n3,B,,\n4,A,student,\n",
    "accounts": "id,employees\nA,2000\nB,5\nC,1\n",
    "activities": "lead_id,id,kind,occurred_at\n1,a,page_view,2026-11-20T12:00:00Z\n1,b,page_view,2026-11-21T12:00:00Z\n"
    "2,c,call,2026-11-12T12:00:00Z\n4,d,call,2026-11-22T12:00:00Z\n3,e,call,2026-01-01\n",
}


def likelihood(card: dict[str, Any] = CARD, **changes: Any) -> Likelihood:
    company = Scorecard.model_validate(card).company
    assert company is not None
    given = {
        "likelihood": "abm", "of": "accounts", "points": points_digest(company), "fitted_at": NOW, "look_back": 180.0,
        "intercept": -3.0, "per_point": 0.1, "age": Age(weight=-0.2, unit=7, unknown=70),
        "counts": (DecayedCount(kind="call", half_life=10, weight=0.5),),
    }  # fmt: skip
    return Likelihood(**(given | changes))


def scored(folder: Path, card: dict[str, Any], fitted: Likelihood, option: str = "--accounts-likelihood") -> Result:
    for name, text in FILES.items():
        (folder / f"{name}.csv").write_text(text)
    (folder / "card.yaml").write_text(json.dumps(card))
    save_likelihood(fitted, folder / "l.yaml")
    words = [word for name in FILES for word in (f"--{name}", str(folder / f"{name}.csv"))]
    outs = [
        "--out",
        str(folder / "out.csv"),
        "--accounts-out",
        str(folder / "firms.csv"),
        option,
        str(folder / "l.yaml"),
    ]
    return CliRunner().invoke(command, ["--scorecard", str(folder / "card.yaml"), *words, *outs, "--as-of", str(NOW)])


def chance(points: float, age: float, calls: float) -> float:
    odds = exp(-3 + 0.1 * points - 0.2 * log2(1 + age / 7) + 0.5 * log(1 + calls))
    return round(100 * odds / (1 + odds), 1)


def test_it_follows_from_points_before_limits_the_first_person_and_what_all_people_did(tmp_path: Path) -> None:
    """A: 7 for its size and 15 of 20 for one person; a call ten days ago and one of a disqualified person just now."""
    found = scored(tmp_path, CARD, likelihood())
    assert found.exit_code == 0, found.output
    accounts = pl.read_csv(tmp_path / "firms.csv")
    assert accounts["account_score"].to_list() == [20, 0, 0]
    assert accounts["account_likelihood"].to_list() == [chance(22, 7, 1.5), chance(0, 70, 0), chance(0, 70, 0)]
    assert "lead_likelihood" not in pl.read_csv(tmp_path / "out.csv").columns


PEOPLE = CARD["accounts"]["score"]["engagement"]


def scoring(**changes: Any) -> dict[str, Any]:
    """Return the section of accounts with other points."""
    return {**CARD["accounts"], "score": {**CARD["accounts"]["score"], **changes}}


OTHERS = {
    "rules of leads": ("score", {"engagement": {"groups": []}}),
    "who is disqualified": ("grade", {**CARD["grade"], "disqualified": {"job": "clerk"}}),
    "people": ("accounts", scoring(engagement={"people": {"top": 3, "maximum": 15}})),
    "coverage": (
        "accounts",
        scoring(engagement={**PEOPLE, "coverage": {"by": "job", "engaged": {}, "points": {"cto": 1}}}),
    ),
    "resets": ("accounts", {**CARD["accounts"], "reset": [{"name": "R", "activity": {"kind": "call"}}]}),
}


@pytest.mark.parametrize("change", OTHERS)
def test_points_other_than_those_fitted_are_refused(change: str, tmp_path: Path) -> None:
    part, other = OTHERS[change]
    refused = scored(tmp_path, CARD | {part: other}, likelihood())
    assert refused.exit_code == 2
    assert "was fitted on different points" in refused.output
    assert "calibrate --of accounts" in refused.output


def test_what_does_not_change_points_is_allowed(tmp_path: Path) -> None:
    bands = {**CARD["accounts"], "readiness": {"stages": [{"name": "New"}]}}
    assert scored(tmp_path, CARD | {"accounts": bands}, likelihood()).exit_code == 0
    bare = {**CARD["accounts"], "score": {"fit": CARD["accounts"]["score"]["fit"]}}
    without = likelihood(CARD | {"accounts": bare})
    assert (
        scored(tmp_path, {name: CARD[name] for name in CARD if name != "grade"} | {"accounts": bare}, without).exit_code
        == 0
    )


def test_a_likelihood_of_leads_is_none_of_accounts_and_the_other_way_round(tmp_path: Path) -> None:
    leads = likelihood(of="leads", points=points_digest(Scorecard.model_validate(CARD)))
    for fitted, option, says in (
        (leads, "--accounts-likelihood", "is a likelihood of leads, not of accounts"),
        (likelihood(), "--likelihood", "is a likelihood of accounts, not of leads"),
    ):
        refused = scored(tmp_path, CARD, fitted, option)
        assert refused.exit_code == 2
        assert says in " ".join(refused.output.split())


def test_a_scorecard_that_scores_no_accounts_has_no_use_for_it(tmp_path: Path) -> None:
    card = CARD | {"accounts": {"fields": {"employees": "number"}}}
    assert "scores no accounts" in scored(tmp_path, card, likelihood()).output
