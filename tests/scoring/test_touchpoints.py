"""Touchpoints that grow from batch to batch, and the rule types that use them."""

import ast
from pathlib import Path

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import scoring
from scoring import Scorecard, Scorer, touchpoints
from scoring.card.rules import TYPES
from tests.scoring.comparing import frames
from tests.scoring.drawing import AS_OF, cards, people

ROOT = Path(scoring.__file__).parent.parent


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(cards(), people, st.integers(0, 5))
def test_touchpoints_asked_batch_by_batch_give_the_same_scores(card: dict, drawn: list, cut: int) -> None:
    """A scorer with growing touchpoints scores like one with all of them at once."""
    scorer = Scorer(Scorecard.model_validate(card))
    leads, activities, _ = frames(drawn, scorer.card.fields)
    numbered, places = touchpoints(activities)
    kept = scorer.touchpoints()
    for known in (places.head(cut), places, places):
        kept.known(known)
    assert_frame_equal(
        scorer.score(leads, numbered, kept, AS_OF, explain=True).lines,
        scorer.score(leads, numbered, scorer.touchpoints(places), AS_OF, explain=True).lines,
    )


def test_a_touchpoint_is_asked_once() -> None:
    """Known touchpoints are not read again."""
    card = {
        "scorecard": "x",
        "score": {
            "engagement": {
                "groups": [{"name": "G", "rules": [{"name": "R", "activity": {"kind": "call"}, "points": 1}]}]
            }
        },
    }
    kept = Scorer(Scorecard.model_validate(card)).touchpoints()
    row = {"touchpoint": [1], "kind": ["call"], "url": [None], "name": [None]}
    schema = {"touchpoint": pl.UInt32, "kind": pl.String, "url": pl.String, "name": pl.String}
    kept.known(pl.DataFrame(row, schema))
    kept.known(pl.DataFrame({**row, "kind": ["never looked at"]}, schema))
    assert kept.frame["kind"].to_list() == ["call"]


def test_only_their_own_modules_know_rule_types_apart() -> None:
    """A new rule type is one module and one entry in `TYPES`: no other code refers to a type."""
    names = {rule.__name__ for rule in TYPES}
    folders = ("scoring", "config", "pipeline", "commands", "store")
    files = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    others = [file for file in files if "scoring/card/rules" not in file.as_posix() and file.name != "__init__.py"]
    found = {
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in others
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Name) and node.id in names
    }
    assert not found
