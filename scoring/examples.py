"""Run the examples that travel with a scorecard."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import polars as pl

from scoring.card import Scorecard
from scoring.card.conditions import COMPUTED, Test
from scoring.card.examples import EXPECTED, Example, field_value
from scoring.card.letters import rank
from scoring.card.values import normal
from scoring.engine import score
from scoring.frames import DTYPES, TIME
from scoring.operators import passes
from scoring.touchpoints import touchpoints

NO_MOMENT: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""No result is a time, so no test of one looks at the moment."""
RESULT: Final = {
    "score": "lead_score",
    "fit": "lead_fit",
    "engagement": "lead_engagement",
    "grade": "lead_grade",
    "percent": "lead_grade_percent",
    "stage": "lead_readiness",
    "urgency": "lead_urgency",
    "priority": "lead_priority",
    "index": "lead_priority_index",
    "status": "lead_score_status",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """An example that came out differently: `examples[number].expect.<result>`."""

    number: int
    example: str
    result: str
    expected: str
    actual: Any


def failures(card: Scorecard) -> list[Failure]:
    """Run all examples; return what came out differently from what they expect."""
    return [failure for number, example in enumerate(card.examples) for failure in _failures(card, number, example)]


def _failures(card: Scorecard, number: int, example: Example) -> Iterator[Failure]:
    results = score_example(card, example)
    for name, test in example.expect.tests.items():
        if not _met(test, name, results[RESULT[name]], card):
            yield Failure(number, example.name, name, _described(test), results[RESULT[name]])


def score_example(card: Scorecard, example: Example) -> dict[str, Any]:
    """Return the results for the lead of an example."""
    known = {name: field_value(value, card.fields[name], example.as_of) for name, value in example.lead.items()}
    schema = {"lead": pl.String(), **{name: DTYPES[card.fields[name]] for name in known}}
    leads = pl.DataFrame([{"lead": "example", **known}], schema=schema)
    previous = pl.DataFrame({"lead": ["example"], "lead_readiness": [example.previous]})
    activities, points_of_touch = touchpoints(_activities(example))
    scored = score(leads, activities, points_of_touch, card, example.as_of, previous)
    return scored.results.row(0, named=True)


def _activities(example: Example) -> pl.DataFrame:
    rows = [
        {"lead": "example", "id": str(number), "occurred_at": _moment(example, number)}
        | activity.model_dump(exclude={"age"})
        for number, activity in enumerate(example.activities)
    ]
    text = dict.fromkeys(("lead", "id", "kind", "url", "name"), pl.String())
    return pl.DataFrame(rows, schema={**text, "occurred_at": TIME, "seconds": pl.Float64(), "value": pl.Float64()})


def _moment(example: Example, number: int) -> datetime:
    return example.as_of - example.activities[number].age


def _met(test: Test, name: str, actual: Any, card: Scorecard) -> bool:
    stages = card.readiness.names if card.readiness else ()
    value = pl.Series("actual", [_comparable(name, actual, stages)], dtype=None if actual is not None else pl.String)
    kind = COMPUTED.get(name, EXPECTED[name])
    answer = pl.DataFrame([value]).select(passes(pl.col("actual"), test, kind, NO_MOMENT, stages)).item()
    return answer is True


def _comparable(name: str, actual: Any, stages: tuple[str, ...]) -> Any:
    if actual is None:
        return None
    if name == "grade":
        return rank(actual)
    if name == "stage":
        return stages.index(actual)
    return normal(actual) if isinstance(actual, str) else float(actual)


def _described(test: Test) -> str:
    return ", ".join(str(raw) if name in {"is", "in"} else f"{name} {raw}" for name, raw in test.operators.items())
