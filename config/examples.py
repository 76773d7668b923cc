"""Runs the examples of a scorecard and compares the results with what they expect."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final, Literal

import polars as pl

from scoring import Related, Scorecard, score, touchpoints
from scoring.card.accounts import ACCOUNT_ID
from scoring.card.conditions import Test
from scoring.card.examples import EXPECTED, Example, ExampleActivity, field_value
from scoring.card.letters import rank
from scoring.card.values import AS_OF, normal
from scoring.experiment import without_experiment
from scoring.operators import passes
from vocabulary.fields import DTYPES, FieldType
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
    option: Literal["expect", "expect_account"] = "expect"
    """Where it is expected."""


def run_examples(card: Scorecard) -> list[Compared]:
    """Score the leads of all examples, without an experiment, and compare the results."""
    card = without_experiment(card)
    numbered = sorted(enumerate(card.examples), key=lambda pair: pair[1].as_of)
    together = groupby(numbered, key=lambda pair: pair[1].as_of)
    found = [one for as_of, examples in together for one in _run(card, as_of, list(examples))]
    return sorted(found, key=lambda one: one.example)


def _run(card: Scorecard, as_of: datetime, examples: Sequence[tuple[int, Example]]) -> Iterator[Compared]:
    people = [person for number, example in examples for person in _people(number, example)]
    activities, places = touchpoints(_activities(people, as_of))
    related = Related(_deals(card, examples), _accounts(card, examples))
    scored = score(_leads(card, people, as_of), activities, places, card, as_of, _previous(examples), related=related)
    of_leads = _by_lead(scored.results)
    of_accounts = {} if scored.accounts is None else _by_lead(scored.accounts.results)
    for number, example in examples:
        yield from _compared(number, example, "expect", of_leads[str(number)], card, as_of)
        if card.company is not None and example.expect_account is not None:
            found = of_accounts.get(str(number), {})
            yield from _compared(number, example, "expect_account", found, card.company, as_of)


def _compared(
    number: int,
    example: Example,
    option: Literal["expect", "expect_account"],
    results: Mapping[str, Any],
    card: Scorecard,
    as_of: datetime,
) -> Iterator[Compared]:
    for name, test in getattr(example, option).tests.items():
        got = results.get(RESULTS[name])
        passed = _meets(got, name, test, card, as_of)
        shown = "none" if got is None else str(got)
        yield Compared(number, example.name, name, _written(test), shown, passed, option)


def _by_lead(results: pl.DataFrame) -> dict[str, dict[str, Any]]:
    return {row["lead"]: row for row in results.iter_rows(named=True)}


@dataclass(frozen=True, slots=True)
class _Person:
    """A lead of an example: the one it is about, or a colleague."""

    id: str
    account: str | None
    fields: Mapping[str, Any]
    activities: Sequence[ExampleActivity]


def _people(number: int, example: Example) -> Iterator[_Person]:
    account = str(number) if example.has_account else None
    yield _Person(str(number), account, example.lead, example.activities)
    for place, one in enumerate(example.colleagues):
        yield _Person(f"{number} {place}", account, one.lead, one.activities)


def _columns(
    types: Mapping[str, FieldType], rows: Sequence[Mapping[str, Any]], as_of: datetime, card: Scorecard
) -> dict[str, pl.Series]:
    """Return a column per field; a row is its values."""
    return {
        name: pl.Series([field_value(row.get(name), kind, as_of, card.calendar) for row in rows], dtype=DTYPES[kind])
        for name, kind in types.items()
    }


def _leads(card: Scorecard, people: Sequence[_Person], as_of: datetime) -> pl.DataFrame:
    columns = _columns(card.fields, [person.fields for person in people], as_of, card)
    accounts = (
        {} if card.accounts is None else {ACCOUNT_ID: pl.Series([one.account for one in people], dtype=pl.String)}
    )
    return pl.DataFrame({"lead": [person.id for person in people], **accounts, **columns})


def _accounts(card: Scorecard, examples: Sequence[tuple[int, Example]]) -> pl.DataFrame | None:
    if card.accounts is None:
        return None
    known = [(str(number), example) for number, example in examples if example.has_account]
    rows = [example.account or {} for _, example in known]
    columns = _columns(card.accounts.fields, rows, known[0][1].as_of, card) if known else {}
    return pl.DataFrame({ACCOUNT_ID: pl.Series([number for number, _ in known], dtype=pl.String), **columns})


def _deals(card: Scorecard, examples: Sequence[tuple[int, Example]]) -> pl.DataFrame:
    placed = [
        (f"{number} {place}", str(number), str(number) if example.has_account else None, deal)
        for number, example in examples
        for place, deal in enumerate(example.deals)
    ]
    columns = _columns(card.deals, [deal for *_, deal in placed], examples[0][1].as_of, card)
    schema = {"deal": pl.String(), "lead": pl.String(), "account": pl.String()}
    return pl.DataFrame([one[:3] for one in placed], schema, orient="row").hstack(pl.DataFrame(columns))


def _activities(people: Sequence[_Person], as_of: datetime) -> pl.DataFrame:
    rows = [
        {
            "lead": person.id,
            "id": str(place),
            "kind": normal(activity.kind),
            "occurred_at": as_of - activity.age,
            **activity.model_dump(include={"url", "name", "seconds", "value"}),
        }
        for person in people
        for place, activity in enumerate(person.activities)
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
