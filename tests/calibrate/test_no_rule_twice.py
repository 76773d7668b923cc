"""No two rules of a proposal have the same condition, however it is written."""

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from calibrate.card.proposal import plain
from calibrate.card.rules import LeadRule
from calibrate.card.sameness import distinct
from calibrate.learning import bins
from calibrate.learning.selection import Candidates, forward
from calibrate.past.panel import Panel
from tests.calibrate.tables_of import learned


def asked(condition: dict[str, object]) -> set[str]:
    """Return what a condition asks for, with `all` taken apart."""
    inner = [asked(each) for each in condition.get("all", [])]  # type: ignore[attr-defined] # a list of conditions
    return {f"{name}={test}" for name, test in condition.items() if name != "all"}.union(*inner)


def people(seed: int, rows: int = 3000) -> pl.DataFrame:
    """Return leads whose aspects say different things by where they came from first, one of two ways."""
    rng = np.random.default_rng(seed)
    first = rng.choice(["Website", "App"], rows)
    profile = rng.choice(["High", "Medium", "Low"], rows, p=[0.5, 0.4, 0.1])
    asked_for = rng.random((rows, 3)) < 0.5
    web = first == "Website"
    odds = -2.4 + 1.2 * web + (profile == "High") * (0.5 + 1.3 * web) + asked_for @ rng.uniform(0.3, 1.0, 3)
    odds = odds - asked_for[:, 0] * web * rng.uniform(0.5, 1.5)
    won = rng.random(rows) < 1 / (1 + np.exp(-odds))
    flags = {f"asked_{place}": asked_for[:, place] for place in range(3)}
    return pl.DataFrame({"first": first, "profile": profile, **flags, "won": np.where(won, "yes", "no")})


@given(st.integers(0, 10_000))
@settings(max_examples=2, deadline=None, derandomize=True)
def test_no_two_rules_have_the_same_condition(seed: int) -> None:
    """Also where pairs are found, and looked at again within a segment; nor are both of two values rules."""
    found = learned(people(seed), bootstraps=5)
    rules = plain(found.scorecard or "")["score"]["fit"]["groups"][0]["rules"]
    conditions = [frozenset(asked(rule["lead"])) for rule in rules]
    assert len(conditions) > 2
    assert len(set(conditions)) == len(conditions)
    assert len({"first=Website", "first=App"} & {part for one in conditions if len(one) == 1 for part in one}) < 2


def test_who_does_not_meet_a_rule_is_not_another_rule() -> None:
    """Points that the ridge holds back seem to leave something for the opposite condition."""
    rng = np.random.default_rng(2)
    first = rng.choice(["Website", "App"], 500)
    won = rng.random(500) < np.where(first == "Website", 0.97, 0.03)
    frame = pl.DataFrame({"first": first, "won": won.astype(float)})
    rows = np.arange(500)
    panel = Panel(frame.drop("won"), frame["won"].to_numpy(), rows, rows, rows.astype(float))
    levels = bins.lead_rules(panel, {"first": "text"})
    assert len(levels) == 2
    assert len(forward(Candidates(tuple(levels), ()), panel, {}, 10, np.zeros(500))) == 1


def test_a_condition_is_the_same_in_any_order_and_form() -> None:
    """Also nested, and in other letters; a condition that asks for more is another."""
    written: list[dict[str, object]] = [
        {"a": "High", "b": {"at_least": 1}},
        {"b": {"at_least": 1}, "a": "high "},
        {"all": [{"b": {"at_least": 1}}, {"a": "High"}]},
        {"all": [{"a": "High"}, {"all": [{"b": {"at_least": 1}}]}]},
        {"a": "High"},
        {"a": "High", "b": {"at_least": 2}},
    ]
    rules = [LeadRule(str(place), one, pl.lit(1) > 0) for place, one in enumerate(written)]
    assert [rule.name for rule in distinct(rules)] == ["0", "4", "5"]
