"""Runs the examples of a scorecard and compares the results with what they expect."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final

import polars as pl

from scoring import Related, Scorecard, score, touchpoints
from scoring.card.conditions import Test
from scoring.card.examples import EXPECTED, Example, field_value
from scoring.card.letters import rank
from scoring.card.values import AS_OF, normal
from scoring.operators import passes
from vocabulary.fields import DTYPES
from vocabulary.rows import ACTIVITIES

RESULTS: Final = {
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
"""The output column of each result that an example can expect."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One result of one example: expected and actual."""

    example: int
    name: str
    result: str
    expected: str
    got: str
    passed: bool


def run_examples(card: Scorecard) -> list[Compared]:
    """Score the leads of all examples and compare the results."""
    numbered = sorted(enumerate(card.examples), key=lambda pair: pair[1].as_of)
    together = groupby(numbered, key=lambda pair: pair[1].as_of)
    found = [one for as_of, examples in together for one in _run(card, as_of, list(examples))]
    return sorted(found, key=lambda one: one.example)


def _run(card: Scorecard, as_of: datetime, examples: Sequence[tuple[int, Example]]) -> Iterator[Compared]:
    activities, places = touchpoints(_activities(examples))
    related = Related(_deals(card, examples))
    results = score(
        _leads(card, examples), activities, places, card, as_of, _previous(examples), related=related
    ).results
    for (number, example), row in zip(examples, results.iter_rows(named=True), strict=True):
        expected = example.expect.tests
        for name in (name for name in RESULTS if name in expected):
            test, got = expected[name], row[RESULTS[name]]
            passed = _meets(got, name, test, card, as_of)
            yield Compared(number, example.name, name, _written(test), "none" if got is None else str(got), passed)


def _leads(card: Scorecard, examples: Sequence[tuple[int, Example]]) -> pl.DataFrame:
    columns = {
        name: pl.Series(
            [field_value(example.lead.get(name), type_, example.as_of, card.calendar) for _, example in examples],
            dtype=DTYPES[type_],
        )
        for name, type_ in card.fields.items()
    }
    return pl.DataFrame({"lead": [str(number) for number, _ in examples], **columns})


def _deals(card: Scorecard, examples: Sequence[tuple[int, Example]]) -> pl.DataFrame:
    placed = [
        (str(number), f"{number} {place}", deal, example.as_of)
        for number, example in examples
        for place, deal in enumerate(example.deals)
    ]
    columns = {
        name: pl.Series(
            [field_value(deal.get(name), type_, as_of, card.calendar) for *_, deal, as_of in placed],
            dtype=DTYPES[type_],
        )
        for name, type_ in card.deals.items()
    }
    named = {"deal": [deal for _, deal, *_ in placed], "lead": [lead for lead, *_ in placed]}
    return pl.DataFrame({**named, **columns}, schema_overrides={"deal": pl.String, "lead": pl.String})


def _activities(examples: Sequence[tuple[int, Example]]) -> pl.DataFrame:
    rows = [
        {
            "lead": str(number),
            "id": str(place),
            "kind": normal(activity.kind),
            "occurred_at": example.as_of - activity.age,
            **activity.model_dump(include={"url", "name", "seconds", "value"}),
        }
        for number, example in examples
        for place, activity in enumerate(example.activities)
    ]
    return pl.DataFrame(rows, schema={name: ACTIVITIES[name] for name in ACTIVITIES if name != "address"})


def _previous(examples: Sequence[tuple[int, Example]]) -> pl.DataFrame:
    before = {str(number): example.previous for number, example in examples}
    schema = {"lead": pl.String, "lead_readiness": pl.String}
    return pl.DataFrame({"lead": list(before), "lead_readiness": list(before.values())}, schema=schema)


def _meets(got: Any, name: str, test: Test, card: Scorecard, as_of: datetime) -> bool:
    stages = card.readiness.names if card.readiness else ()
    value = pl.Series("got", [_comparable(got, EXPECTED[name], stages)], dtype=_dtype(EXPECTED[name]))
    frame = pl.DataFrame([value]).with_columns(pl.lit(as_of).alias(AS_OF))
    passed = frame.select(passes(pl.col("got"), test, EXPECTED[name], card.scope)).item()
    return passed is True


def _comparable(got: Any, value_type: str, stages: Sequence[str]) -> Any:
    """Return a result in the form that conditions compare: grades as ranks, stages as positions, text in lower case."""
    if got is None:
        return None
    match value_type:
        case "grade":
            return rank(got)
        case "stage":
            return stages.index(got)
        case "number":
            return got
        case _:
            return normal(str(got))


def _dtype(value_type: str) -> pl.DataType:
    return {"number": pl.Float64(), "grade": pl.Int64(), "stage": pl.Int64()}.get(value_type, pl.String())


def _written(test: Test) -> str:
    operators = test.operators
    if set(operators) == {"is"}:
        return str(operators["is"])
    if operators == {"known": False}:
        return "none"
    return ", ".join(f"{name.replace('_', ' ')} {_between(name, operand)}" for name, operand in operators.items())


def _between(name: str, operand: Any) -> str:
    return " and ".join(map(str, operand)) if name == "between" else _listed(operand)


def _listed(operand: Any) -> str:
    return ", ".join(map(str, operand)) if isinstance(operand, list | tuple) else str(operand).lower()
