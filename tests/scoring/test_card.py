"""Mistakes in a scorecard are reported together, each with its path."""

import copy
from typing import Any

import pytest
from pydantic import ValidationError

from scoring import Scorecard
from scoring.card.values import limit


def mistakes(card: dict[str, Any]) -> dict[tuple[int | str, ...], str]:
    with pytest.raises(ValidationError) as raised:
        Scorecard.model_validate(card)
    found: dict[tuple[int | str, ...], str] = {}
    for error in raised.value.errors():
        found[error["loc"]] = f"{found.get(error['loc'], '')} {error['msg']}"
    return found


@pytest.fixture
def broken(example: dict) -> dict[str, Any]:
    return copy.deepcopy(example)


RULE = ("score", "fit", "groups", 0, "rules", 0, "lead")


@pytest.mark.parametrize(
    ("condition", "path", "says"),
    [
        ({"job_titel": "x"}, ("job_titel",), "no field 'job_titel'"),
        ({"employees": {"contains": "x"}}, ("employees", "contains"), "cannot be used on a number"),
        ({"job_title": {"at_least": 3}}, ("job_title", "at_least"), "cannot be used on a text"),
        ({"job_title": {"matches": "(a"}}, ("job_title", "matches"), "unclosed group"),
        ({"job_title": {"matches": "(?=a)"}}, ("job_title", "matches"), "look-around"),
        ({"employees": "many"}, ("employees", "is"), "is not a number"),
        ({"is_student": "maybe"}, ("is_student", "is"), "is not true or false"),
        ({"purchase_by": {"within": "3 months"}}, ("purchase_by", "within"), "not a duration"),
        ({"purchase_by": {"at_least": "soon"}}, ("purchase_by", "at_least"), "is not a time"),
        ({"employees": {"between": [9, 5]}}, ("employees", "between"), "never holds"),
        ({"job_title": {"is": " "}}, ("job_title", "is"), "known: false"),
        ({"job_title": None}, ("job_title", "is"), "known: false"),
        ({"job_title": {}}, ("job_title",), "an operator is missing"),
        ({"grade": "A"}, ("grade",), "not computed yet"),
        ({"any": [{"not": {"fit": 3}}]}, ("any", 0, "not", "fit"), "not computed yet"),
        ({"surge": {"at_least": 2, "points": 1}}, ("surge",), "not computed yet"),
        ({"activities": {"kind": "call", "at_least": 3, "at_most": 2}}, ("activities", "at_most"), "never holds"),
        ({"activities": {"colour": "red"}}, ("activities", "colour"), "not permitted"),
    ],
)
def test_a_mistake_in_a_condition_is_told_where_it_stands(
    broken: dict, condition: dict, path: tuple, says: str
) -> None:
    broken["score"]["fit"]["groups"][0]["rules"][0]["lead"] = condition
    found = mistakes(broken)
    assert list(found) == [(*RULE, *path)]
    assert says in found[*RULE, *path]


@pytest.mark.parametrize(
    ("path", "value", "where", "says"),
    [
        (("score", "engagement", "groups", 0, "rules", 0, "lifespan"), "3d", (), "a rule has only one decay"),
        (("score", "engagement", "groups", 0, "rules", 0, "limit"), "often", (), "is not a limit"),
        (("score", "engagement", "groups", 0, "rules", 0, "half_life"), "0d", (), "greater than zero"),
        (("score", "engagement", "groups", 0, "rules", 0, "points"), float("nan"), (), "finite"),
        (("score", "maximum"), -1, (), "less than minimum"),
        (("score", "fit", "groups", 1, "rules", 0, "table"), "industri", (), "no field"),
        (("grade", "bands"), {"A": 50, "F": 10}, (), "lowest"),
        (("grade", "bands"), {"A": 50, "B": 60, "F": 0}, ("B",), "not below"),
        (("grade", "profiles"), [], (), "at least one"),
        (("readiness", "stages", 2, "name"), "Aware", (), "two stages"),
        (("readiness", "stages", 1, "when"), {"urgency": "now"}, ("urgency",), "not computed yet"),
        (("readiness", "stages", 1, "when"), {"stage": "Ready"}, ("stage",), "not computed yet"),
        (
            ("readiness", "urgency", 0, "when"),
            {"stage": {"at_least": "Redy"}},
            ("stage", "at_least"),
            "no stage 'Redy'",
        ),
        (("priority", "first", 0, "when"), {"grade": "?"}, ("grade", "is"), "unknown"),
        (("priority", "matrix", "Redy"), {}, (), "no stage"),
        (("examples", 0, "lead", "job_titel"), "x", (), "no field"),
        (("examples", 0, "expect", "score"), {"matches": "x"}, ("matches",), "cannot be used on"),
        (("colour",), "red", (), "not permitted"),
        (("fields", "stage"), "text", (), "reserved name"),
        (("fields", "size"), "integer", (), "text"),
    ],
)
def test_a_mistake_anywhere_is_told_where_it_stands(
    broken: dict, path: tuple, value: Any, where: tuple, says: str
) -> None:
    target: Any = broken
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    found = mistakes(broken)
    assert (*path, *where) in found or path[:-1] in found
    assert any(says in message for message in found.values())


def test_all_mistakes_are_told_together(broken: dict) -> None:
    broken["score"]["fit"]["groups"][0]["rules"][0]["lead"] = {"job_titel": "x", "grade": "A", "any": [{"nope": 1}]}
    broken["score"]["engagement"]["groups"][0]["rules"][0]["limit"] = "often"
    broken["grade"]["bands"] = {"A": 50}
    del broken["priority"]["matrix"]["Aware"]["?"]
    broken["typo"] = 1
    expected = {(*RULE, "job_titel"), (*RULE, "grade"), (*RULE, "any", 0, "nope"), ("grade", "bands"), ("typo",)}
    expected |= {("score", "engagement", "groups", 0, "rules", 0, "limit"), ("priority", "matrix", "Aware")}
    assert set(mistakes(broken)) == expected


def test_priority_without_readiness_is_refused(broken: dict) -> None:
    del broken["readiness"], broken["priority"]["first"]
    assert "readiness" in mistakes(broken)["priority",]


@pytest.mark.parametrize("text", ["1 per day", "3 per week", "2 per month", "2 per 90d", "1 per 36h", "4 ever"])
def test_a_limit_reads_as_it_is_written(text: str) -> None:
    assert str(limit(text)) == text


@pytest.mark.parametrize(
    "text", ["0 per day", "per day", "1 a day", "1 per decade", "1 per day ever", "1 per 0d", "-1 ever"]
)
def test_a_limit_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"limit|greater than zero"):
        limit(text)


def test_the_hash_follows_what_decides_numbers_alone(example: dict) -> None:
    before = Scorecard.model_validate(example).digest
    assert Scorecard.model_validate({**example, "examples": []}).digest == before
    assert Scorecard.model_validate({**example, "grade": {**example["grade"], "minimum_known": "60%"}}).digest != before


def test_text_is_text_however_it_is_written(example: dict) -> None:
    card = copy.deepcopy(example)
    card["score"]["fit"]["groups"][0]["rules"][0]["lead"] = {"country": [5, True, "NO"]}
    Scorecard.model_validate(card)
