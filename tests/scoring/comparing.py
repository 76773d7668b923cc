"""Scores random people in frames and compares the results with the reference."""
# ruff: noqa: ANN001, ANN201 - plain data in and out, read beside the specification

import polars as pl
import pytest

from scoring import Related, Scorecard, score, touchpoints
from tests.scoring.drawing import AS_OF, FIELDS
from tests.scoring.reference import Lead
from vocabulary.fields import DTYPES, TIME

ACTIVITY = {
    "lead": pl.String,
    "id": pl.String,
    "kind": pl.String,
    "occurred_at": TIME,
    "url": pl.String,
    "name": pl.String,
    "seconds": pl.Float64,
    "value": pl.Float64,
    "machine": pl.String,
}


def frames(people, fields=FIELDS):
    """Leads, activities with text, and previous stages, as frames."""
    schema = {"lead": pl.String(), **{name: DTYPES[kind] for name, kind in fields.items()}}
    given = [{"lead": str(number), **lead} for number, (lead, _, _) in enumerate(people)]
    leads = pl.DataFrame([{name: lead.get(name) for name in schema} for lead in given], schema=schema)
    rows = [{"lead": str(number), **one} for number, (_, history, _) in enumerate(people) for one in history]
    previous = {
        "lead": [str(number) for number in range(len(people))],
        "lead_readiness": [before[0] if isinstance(before, tuple) else before for _, _, before in people],
        "as_of": [before[1] if isinstance(before, tuple) else None for _, _, before in people],
    }
    return (
        leads,
        pl.DataFrame(rows, schema=ACTIVITY),
        pl.DataFrame(previous, schema={"lead": pl.String, "lead_readiness": pl.String, "as_of": TIME}),
    )


def related(card, people):
    """The deals of these people: each has an id of its own."""
    fields = card.get("deals", {})
    schema = {"deal": pl.String(), "lead": pl.String(), "account": pl.String()}
    schema |= {name: DTYPES[kind] for name, kind in fields.items()}
    rows = [
        {"deal": f"{number} {place}", "lead": str(number), **deal}
        for number, (lead, _, _) in enumerate(people)
        for place, deal in enumerate(lead.get("deals", []))
    ]
    return Related(pl.DataFrame(rows, schema=schema))


def scored(card, people, as_of=AS_OF):
    leads, activities, previous = frames(people, card["fields"])
    numbered, points_of_touch = touchpoints(activities)
    parsed, around = Scorecard.model_validate(card), related(card, people)
    return score(leads, numbered, points_of_touch, parsed, as_of, previous, related=around, explain=True)


def compare(card, people, as_of=AS_OF):
    """Check that the engine's results for these people equal the reference's."""
    answer = scored(card, people, as_of)
    for number, (lead, history, before) in enumerate(people):
        expected = Lead(card, {"lead": str(number), **lead}, history, as_of, before)
        compare_results(answer.results.row(number, named=True), expected)
        compare_lines(answer.lines.filter(pl.col("lead") == str(number)).to_dicts(), expected)
        details = answer.grades.filter(pl.col("lead") == str(number)).to_dicts()
        assert len(details) == ("grade" in card)
        for detail in details:
            compare_grade(detail, expected)


def compare_results(actual, expected):
    computed = expected.computed
    for part, shown in expected.shown.items():
        assert actual[f"lead_{part}"] == shown
    assert actual["lead_grade"] == computed["grade"]
    assert actual["lead_grade_percent"] == pytest.approx(expected.percent, abs=2e-6)
    assert actual["lead_readiness"] == computed["stage"]
    assert actual["lead_urgency"] == computed["urgency"]
    assert actual["lead_priority"] == expected.band
    assert actual["lead_priority_index"] == expected.index
    assert actual["lead_score_status"] == expected.status
    assert actual["lead_score_reasons"] == expected.reasons
    assert actual["lead_why_now"] == expected.why_now


def compare_lines(actual, expected):
    told = [(one["part"], one["type"], one["name"], one["count"], one["latest"]) for one in actual]
    assert told == [(part, kind, name, count, latest) for part, kind, name, _, count, latest in expected.lines]
    assert [one["points"] for one in actual] == pytest.approx([line[3] for line in expected.lines], abs=1e-9)
    assert sum(one["points"] for one in actual) == pytest.approx(expected.shown["score"] or 0, abs=1e-9)


def compare_grade(actual, expected):
    assert actual["percent"] == pytest.approx(expected.percent, abs=2e-6)
    assert actual["coverage"] == (
        None if expected.coverage is None else pytest.approx(float(expected.coverage), abs=1e-9)
    )
    assert (actual["worst"], actual["best"]) == (expected.worst, expected.best)
    assert actual["missing"] == expected.missing
