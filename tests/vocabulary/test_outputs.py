"""Outputs are declared once: scoring, the store and the plan use one table."""

from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from pipeline.planning.movement import Movement
from scoring import Scorecard, Scorer, outputs, score, touchpoints, verified
from scoring.outputs import UndeclaredOutput
from store.outbox.outputs import SCHEMA, rounded
from tests.scoring.conftest import EXAMPLE
from vocabulary.outputs import BANDS, COMPUTED, OUTPUTS, SCORED_AT

AS_OF = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_scoring_makes_every_declared_output_and_no_other() -> None:
    """The results have a column for each computed output, with its declared type."""
    card = Scorecard.model_validate(EXAMPLE)
    activities, places = touchpoints(
        pl.DataFrame(
            schema={"lead": pl.String, "id": pl.String, "kind": pl.String, "occurred_at": pl.Datetime("us", "UTC")}
        )
    )
    results = score(pl.DataFrame({"lead": ["a"]}), activities, places, card, AS_OF).results
    declared = {output.name: output.dtype for output in OUTPUTS if output.name != SCORED_AT}
    assert {name: results.schema[name] for name in declared} == declared
    assert [output.name for output in outputs(card)] == [output.name for output in OUTPUTS]


class Inventive(Scorer):
    """A scorer with an undeclared result."""

    def made(self, as_of: datetime) -> frozenset[str]:
        return super().made(as_of) | {"lead_mood"}


class Forgetful(Scorer):
    """A scorer without one of the declared results."""

    def made(self, as_of: datetime) -> frozenset[str]:
        return super().made(as_of) - {"lead_grade"}


@pytest.mark.parametrize(("scorer", "names"), [(Inventive, "lead_mood"), (Forgetful, "lead_grade")])
def test_a_result_that_only_one_side_knows_fails_at_start(scorer: type[Scorer], names: str) -> None:
    """Scoring and the table of outputs are compared before anything is read or written."""
    with pytest.raises(UndeclaredOutput, match=names):
        verified(scorer(Scorecard.model_validate(EXAMPLE)))


def test_the_store_refuses_a_column_that_it_would_lose() -> None:
    """A result without a column in the store is an error, not silently dropped."""
    with pytest.raises(ValueError, match="lead_mood"):
        rounded(pl.DataFrame({"lead": ["a"], "lead_mood": ["good"]}))


def test_every_band_that_is_written_because_it_changed_is_shown_by_the_plan() -> None:
    """A change of urgency alone is a move, like a change of any other band."""
    same: dict[str, Any] = {name: [None] for name in (*COMPUTED, *(f"told_{name}" for name in COMPUTED))}
    schema = {name: SCHEMA[name.removeprefix("told_")] for name in same}
    for name in BANDS:
        movement = Movement()
        rows = {**same, name: ["after"], f"told_{name}": ["before"]}
        movement.add(
            pl.DataFrame(rows, schema).with_columns(lead=pl.lit("a"), first=pl.lit(value=False), why=pl.lit("moved"))
        )
        assert [move.field for move in movement.moves()] == [name]
