"""The lines that *why now* names: they change when points cross, and scoring says from when on that could be."""

from datetime import timedelta
from math import log2
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoring import Scorecard, Scorer, touchpoints
from scoring.outlook import Told
from scoring.standing import STATE
from tests.examples import up_to
from tests.scoring.comparing import compare, frames
from tests.scoring.drawing import AS_OF
from tests.scoring.test_outlook import EPOCH, moments

KINDS = ("page_view", "chat", "demo_request", "unsubscribe", "form_submit")
DECAYS: tuple[dict[str, Any], ...] = ({}, {"half_life": "14d"}, {"half_life": "3d"}, {"lifespan": "60d"})
rules = st.fixed_dictionaries(
    {"activity": st.sampled_from(KINDS).map(lambda kind: {"kind": kind}), "decay": st.sampled_from(DECAYS)}
    | {"points": st.sampled_from([1, 1, 2, 5, 5, 5.5, 9, 40, -4, -20])},
    optional={"maximum": st.sampled_from([5, 9, 30]), "award": st.just("once")},
)
groups = st.fixed_dictionaries(
    {"rules": st.lists(rules, min_size=1, max_size=3)},
    optional={"maximum": st.sampled_from([0, 4, 9, 20]), "minimum": st.sampled_from([-5, 0])},
)
sections = st.fixed_dictionaries(
    {"groups": st.lists(groups, min_size=1, max_size=3)}, optional={"maximum": st.sampled_from([6, 15, 40])}
)
done = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(1, 24 * 50)), min_size=1, max_size=7)


def scorecard(drawn: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return a card with these sections, whose groups and rules get names."""
    score: dict[str, Any] = {}
    for part, section in drawn.items():
        named = [
            group | {"name": f"{part} {number}", "rules": [_rule(f"{part} {number}-{at}", rule) for at, rule in found]}
            for number, group in enumerate(section["groups"])
            for found in [list(enumerate(group["rules"]))]
        ]
        score[part] = section | {"groups": named}
    return {"scorecard": "crossing", "fields": {}, "score": score}


def _rule(name: str, rule: dict[str, Any]) -> dict[str, Any]:
    plain = {key: value for key, value in rule.items() if key != "decay"}
    return {"name": name, **plain, **rule["decay"]}


class Person:
    """Somebody who did something some hours ago, scored at any time."""

    def __init__(self, card: dict[str, Any], did: list[tuple[str, int]]) -> None:
        history = [
            {"id": str(number), "kind": kind, "occurred_at": AS_OF - timedelta(hours=hours), "name": None}
            for number, (kind, hours) in enumerate(did)
        ]
        self.person = ({}, history, None)
        self.leads, activities, _ = frames([self.person], {})
        self.activities, touched = touchpoints(activities)
        self.scorer = Scorer(Scorecard.model_validate(card), wanted=["lead_why_now"])
        self.touched = self.scorer.touchpoints(touched)

    def at(self, moment: Any) -> tuple[str | None, int | None]:
        """Return why now, and when the lead is due again."""
        nothing = self.leads.select("lead", *(pl.lit(None).alias(name) for name in ("lead_readiness", *STATE)))
        before = nothing.with_columns(own=False, as_of=None)
        told = Told(self.leads.select("lead"), {})
        scored = self.scorer.score(self.leads, self.activities, self.touched, moment, before, told=told)
        return scored.results["lead_why_now"].item(), scored.due["due_at"].item()


def check(drawn: dict[str, dict[str, Any]], did: list[tuple[str, int]], shares: list[float]) -> None:
    card = scorecard(drawn)
    person = Person(card, did)
    text, due = person.at(AS_OF)
    compare(card, [person.person])
    for moment in moments(due, shares):
        assert person.at(moment)[0] == text, (moment, due)


drawn = given(
    st.fixed_dictionaries({"engagement": sections}, optional={"fit": sections}),
    done,
    st.lists(st.floats(0, 1), max_size=3),
)


@settings(max_examples=up_to(60), deadline=None, suppress_health_check=list(HealthCheck))
@drawn
def test_the_text_stays_until_the_lead_is_due(drawn: dict, did: list, shares: list) -> None:
    check(drawn, did, shares)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@settings(max_examples=up_to(1500), deadline=None, suppress_health_check=list(HealthCheck))
@drawn
def test_the_text_of_many_more_stays_until_the_lead_is_due(drawn: dict, did: list, shares: list) -> None:
    check(drawn, did, shares)


def two(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Return a card in which a page view gives points by one rule, and a chat by another."""
    pair = (("page_view", first), ("chat", second))
    rules = [{"activity": {"kind": kind}, "decay": {}, **rule} for kind, rule in pair]
    return scorecard({"engagement": {"groups": [{"rules": rules}]}})


def test_a_limit_that_takes_more_changes_the_line() -> None:
    """Points lost to a warning let a capped group keep more; as they fade, another section's line comes first."""
    good = {"activity": {"kind": "page_view"}, "decay": {}, "points": 2}
    bad = good | {"points": -20, "decay": {"half_life": "3d"}}
    capped = {"groups": [{"rules": [good, bad], "maximum": 0}]}
    check({"engagement": capped, "fit": {"groups": [{"rules": [good | {"points": 1}]}]}}, [("page_view", 1)], [0.5])


def test_a_limit_that_takes_less_changes_the_line() -> None:
    """Of a group that is cut, a line that does not fade gets more as the others do."""
    chat = {"activity": {"kind": "chat"}, "decay": {}, "points": 4}
    stays = {"activity": {"kind": "page_view"}, "decay": {}, "points": 10}
    fades = {"activity": {"kind": "demo_request"}, "decay": {"half_life": "3d"}, "points": 9}
    groups = [{"rules": [chat]}, {"rules": [stays, fades, fades], "maximum": 6}]
    check({"engagement": {"groups": groups}}, [("page_view", 1), ("chat", 1), ("demo_request", 1)], [0.5])


def days_until_due(card: dict[str, Any]) -> float:
    due = Person(card, [("page_view", 0), ("chat", 0)]).at(AS_OF)[1]
    assert due is not None
    return (EPOCH + timedelta(microseconds=due) - AS_OF) / timedelta(days=1)


@pytest.mark.parametrize(
    ("first", "second", "days"),
    [
        ({"points": 20, "half_life": "7d"}, {"points": 10}, 7),
        ({"points": 20, "half_life": "7d"}, {"points": 10, "half_life": "14d"}, 14),
        ({"points": 20, "lifespan": "60d"}, {"points": 15, "lifespan": "90d"}, 30),
        ({"points": 20, "half_life": "7d"}, {"points": 0.1}, 7 * log2(40)),
    ],
)
def test_the_moment_is_close_to_where_points_cross(first: dict, second: dict, days: float) -> None:
    assert 0.9 * days < days_until_due(two(first, second)) <= days


def test_lines_that_fade_alike_never_cross() -> None:
    """Until less than half a point is left, nothing changes, though the points of both move all the time."""
    alike = {"half_life": "7d"}
    assert 27 < days_until_due(two(alike | {"points": 10}, alike | {"points": 10})) < 30.3
