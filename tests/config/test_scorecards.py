"""Mistakes in a scorecard are reported together, each with line, path and remedy."""

import copy
import json
import random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config import load_scorecard, load_settings
from config.checking import check_scorecard
from config.documents import Document, read_document
from config.loading import scorecard_in
from scoring import score, touchpoints
from tests.config.cards import SCORECARDS, SHIPPED, SMALL, mistakes_of, mutilate
from tests.config.conftest import Write
from tests.examples import up_to

SAAS = next(path for path in SCORECARDS if path.name == "b2b-saas.yaml")


def broken(write: Write, *changes: tuple[str, str]) -> list[str]:
    """Return the mistakes in b2b-saas.yaml after replacing some of its text."""
    text = SAAS.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = write(text)
    return [str(mistake).replace(str(path), "card.yaml") for mistake in mistakes_of(load_scorecard, path)]


def line_of(text: str) -> int:
    """Return the line of a text in b2b-saas.yaml."""
    lines = SAAS.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_several_mistakes_are_told_together_in_their_order(write: Write) -> None:
    told = broken(
        write,
        ("half_life: 14d, limit: 1 per day, maximum: 30", "half_life: 14x, limit: 1 per day, maximum: 30"),
        ("points: 20", "pionts: 20"),
        ("budget: {at_least: 10000}", "bugdet: {at_least: 10000}"),
        ("award: once", "award: never"),
    )
    assert told == [
        f"card.yaml:{line_of('points: 20')}: score.fit, group 'Person', rule 'Decision maker', pionts: this option does not exist here. Did you mean `points`?",
        f"card.yaml:{line_of('name: Budget')}: score.fit, group 'Company', rule 'Budget', lead.bugdet: there is no field 'bugdet'. Did you mean `budget`?",
        f"card.yaml:{line_of('name: Pricing page')}: score.engagement, group 'Buying intent', rule 'Pricing page', half_life: '14x' is not a duration. Write a number followed by s, m, h, d or w, such as 10m, 36h, 14d or 8w.",
        f"card.yaml:{line_of('name: Demo request')}: score.engagement, group 'Buying intent', rule 'Demo request', award: 'never' is not allowed here. Write one of `each`, `once`.",
    ]


def test_what_stands_beside_an_unknown_option_is_told_at_the_same_time(write: Write) -> None:
    """A misspelt option is reported once and does not hide an unknown stage next to it."""
    told = broken(
        write,
        ("expect: {grade: A+, stage: Ready", "expect: {grad: A+, stage: Redy"),
        ("{between: [5, 500]}", "{betwen: [5, 500]}"),
    )
    assert [one.split(": ")[1] for one in told] == [
        "grade, profile 'Software companies with a team', criterion 'Size', match.employees.betwen",
        "example 'Founder of a small software firm, demo asked for yesterday', expect.grad",
        "example 'Founder of a small software firm, demo asked for yesterday', expect.stage",
    ]


@pytest.mark.parametrize(
    ("old", "new", "path", "words"),
    [
        ("weight: 3", "weight: heavy", "grade, profile 'Software companies with a team', criterion 'Industry', weight", "'heavy' is not a number"),
        ("weight: 3", "weight: -3", "grade, profile 'Software companies with a team', criterion 'Industry', weight", "must be above 0"),
        ("minimum_known: 50%", "minimum_known: 150%", "grade.minimum_known", "between 0% and 100%"),
        ("missing: ignore", "missing: ignroe", "grade.missing", "Did you mean `ignore`?"),
        ("employees: {between: [5, 500]}", "employees: 5-500", "grade, profile 'Software companies with a team', criterion 'Size', match.employees", "Write a range as {between: [5, 500]}."),
        ("budget: {at_least: 10000}", "budget: {gte: 10000}", "score.fit, group 'Company', rule 'Budget', lead.budget.gte", "Did you mean `at_least`?"),
        ("budget: {at_least: 10000}", "budget: {'>': 10000}", "score.fit, group 'Company', rule 'Budget', lead.budget.>", "Did you mean `above`?"),
        ("F: P4, '?': P2", "F: P4, ?: P2", "priority.matrix.Ready.", "Put a question mark in quotes: '?'."),
        ("{is_student: true}", "{is_student: ja}", "score.fit, group 'Person', rule 'Student', lead.any 1, is_student", "'ja' is not true or false. Write true or false."),
        ("balance: {fit: 40", "balance: {fit: 40%", "priority.balance.fit", "'40%' is not a number. Write one such as "),
        ("maximum: 100", "maximum: 1.000,5", "score.maximum", "'1.000,5' is not a number. Write a decimal point: 1000.5."),
        ("minimum_known: 50%", "minimum_known: 50,5%", "grade.minimum_known", "Write a decimal point: 50.5%."),
        ("balance: {fit: 40", "balance: {fit: 40,5", "priority.balance.5", "write a decimal point instead of the comma, such as 40.5."),
        ("limit: 1 per day", "limit: 1 a day", "score.engagement, group 'Buying intent', rule 'Pricing page', limit", "1 per day"),
        ("seniority: text", "seniority: string", "fields.seniority", "Did you mean `text`?"),
        ("employees: number", "employees: text", "grade, profile 'Software companies with a team', criterion 'Size', match.employees.between", "cannot be used on a text value"),
        ("{name: Unaware}", "{nmae: Unaware}", "readiness, stage 1, nmae", "Did you mean `name`?"),
        ("Ready:   ", "Raedy:   ", "priority.matrix.Raedy", "there is no stage 'Raedy'"),
        ("A: P1, B: P1, C: P2", "A: P1, B: P5, C: P2", "priority.matrix.Ready.B", "there is no priority 'P5'. Use P1, P2, P3, P4."),
        ("  first:\n", "  names: [P1, P2, p2, P3, P4]\n  first:\n", "priority.names 3", "there are two priorities 'p2'. Rename one."),
        ("  first:\n", "  names: {P1: Go, P2: Go, P3: Go, P4: Go, None: Go}\n  first:\n", "priority.names.None", "'none' means no value"),
        ("  first:\n", "  names: [P1, P2, P3, P4, 5]\n  first:\n", "priority.names 5", "5 is not the name of a priority"),
        ("  first:\n", "  names: [P1, P2, P4]\n  first:\n", "priority.matrix.Aware.A", "there is no priority 'P3'. Use P1, P2, P4."),
        ("{is: P1, when", "{is: Hot, when", "priority.first 'Hot', is", "there is no priority 'Hot'. Use P1"),
        ("priority: P1, score", "priority: Hot, score", "example 'Founder of a small software firm, demo asked for yesterday', expect.priority", "there is no priority 'Hot'"),
        ("{A+: 95", "{AA: 95", "grade.bands.AA", "is not allowed"),
        ("kind: page_view, url: {contains: /pricing}", "kind: page_view, url: {contain: /pricing}", "score.engagement, group 'Buying intent', rule 'Pricing page', activity.url.contain", "Did you mean `contains`?"),
        ("lead: {seniority: manager}", "lead: {seniority: {matches: 'lead)'}}", "score.fit, group 'Person', rule 'Manager', lead.seniority.matches", "regular expression"),
        ("expect: {grade: A+, stage: Ready", "expect: {grade: A+, stage: Redy", "example 'Founder of a small software firm, demo asked for yesterday', expect.stage", "there is no stage 'Redy'"),
        ("minimum: 0\n  maximum: 100", "minimum: 200\n  maximum: 100", "score.maximum", "less than minimum"),
        ("balance: {fit: 40", "balance: {fti: 40", "priority.balance.fti", "Did you mean `fit`?"),
        ("match: {employees: {between: [5, 500]}}", """match: {employees: "it's: 5"}""", "grade, profile 'Software companies with a team', criterion 'Size', match.employees", "'it's: 5' is not a number. Write one like"),
        ("when: {is_student: true}", "when: {is_student: yes}", "grade, disqualifier 'Student', when.is_student", "'yes' is not true or false. Write"),
        ("{name: Student, when: {is_student: true}}", "{name: competitor, when: {is_student: true}}", "grade, disqualifier 'competitor', name", "there are two disqualifiers 'competitor'"),
        ("{name: Student, when: {is_student: true}}", "{name: None, when: {is_student: true}}", "grade, disqualifier 'None', name", "'none' means no value"),
    ],
)  # fmt: skip
def test_each_kind_of_mistake_has_its_place_and_its_words(
    write: Write, old: str, new: str, path: str, words: str
) -> None:
    told = broken(write, (old, new))
    assert any(f": {path}: " in one and words in one for one in told), told
    assert all(one.startswith("card.yaml:") for one in told)


def test_declared_text_is_text_however_it_is_written(write: Write) -> None:
    """Norway, a code with zeros, a version number and `true` are compared as written in the file."""
    rules = "          - {name: Odd, lead: {code: [007, 1.10, true, 2026-01-02, NO]}, points: 1}\n"
    card = load_scorecard(write(SMALL + rules))
    codes = ["007", "7", "1.10", "1.1", "TRUE", "2026-01-02", "no", None]
    leads = pl.DataFrame({"lead": [str(n) for n in range(len(codes))], "code": codes, "country": [None] * len(codes)})
    schema = {
        "lead": pl.String,
        "id": pl.String,
        "kind": pl.String,
        "occurred_at": pl.Datetime("us", "UTC"),
        "seconds": pl.Float64,
        "value": pl.Float64,
    }
    activities, places = touchpoints(pl.DataFrame(schema=schema))
    as_of = load_scorecard(SAAS).examples[0].as_of
    fits = score(leads, activities, places, card, as_of).results["lead_fit"].to_list()
    assert fits == [1, 0, 1, 0, 1, 1, 1, 0]


def test_norway_scores(write: Write) -> None:
    card = load_scorecard(write(SMALL + "examples:\n  - {name: Oslo, lead: {country: NO}, expect: {fit: 5}}\n"))
    rule = card.score.fit.groups[0].rules[0]  # type: ignore[union-attr]
    assert rule.lead.field_tests["country"].operators == {"is": "NO"}  # type: ignore[union-attr]


def test_a_scorecard_survives_its_own_writing(write: Write) -> None:
    """`written()` as JSON is the same scorecard, although its numbers remember their spelling."""
    for path in SCORECARDS:
        card = load_scorecard(path)
        again = load_scorecard(write(json.dumps(card.written()), f"{path.stem}.json"))
        assert again.digest == card.digest


PLAIN = [read_document(path).data for path in SCORECARDS]


@settings(max_examples=up_to(200), deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_mutilated_scorecard_gives_mistakes_and_never_a_traceback(seed: int) -> None:
    luck = random.Random(seed)
    data = copy.deepcopy(luck.choice(PLAIN))
    for _ in range(luck.randint(1, 3)):
        if data:
            mutilate(data, luck)
    told = mistakes_of(scorecard_in, Document("card.yaml", data, {(): 1}))
    assert all(mistake.message and mistake.line for mistake in told)


def test_an_option_of_another_rule_type_is_said_to_be_that(write: Write) -> None:
    """`maximum` on a lead rule does not suggest "did you mean `maximum`?"."""
    card = write(
        "scorecard: x\nfields: {size: number}\nscore:\n  fit:\n    groups:\n      - name: G\n        rules:\n"
        "          - {name: R, lead: {size: {at_least: 3}}, points: 5, maximum: 3}\n",
    )
    assert "`maximum` is not allowed here. Remove it: only number rules and activity rules have `maximum`." in str(
        mistakes_of(load_scorecard, card)[0]
    )


def test_durations_end_at_a_hundred_years(write: Write) -> None:
    """A duration beyond the calendar is a mistake with its line, in scorecards and settings."""
    card = write(
        "scorecard: x\nscore:\n  engagement:\n    groups:\n      - name: G\n        rules:\n"
        "          - {name: R, activity: {kind: call}, points: 5, within: 99999999999d}\n",
    )
    (mistake,) = map(str, mistakes_of(load_scorecard, card))
    assert ".yaml:7:" in mistake
    assert "within: '99999999999d' is too long. The maximum is 36500d" in mistake


def test_a_type_that_other_programs_have_is_the_only_mistake(write: Write) -> None:
    """The conditions on the field are checked as if the type that is meant stood there."""
    [said] = broken(write, ("employees: number", "employees: integer"))
    assert "fields.employees: 'integer' is not allowed here. Did you mean `number`?" in said


def test_settings_instead_of_a_scorecard_and_the_reverse_are_named(write: Write) -> None:
    settings = write("connections: {main: {crm: hubspot}}", "leadgauge.yaml")
    [said] = mistakes_of(load_scorecard, settings)
    assert said.message == "this file has settings, and a scorecard belongs here."
    [said] = mistakes_of(load_settings, write(SMALL))
    assert said.message == "this file has a scorecard, and a settings file belongs here."


def test_an_account_in_an_example_needs_accounts_in_the_scorecard(write: Write) -> None:
    (told,) = broken(
        write, ("    expect: {fit: 40, grade: A}", "    account: {employees: 5}\n    expect: {fit: 40, grade: A}")
    )
    assert told.endswith("this scorecard has no accounts. Add `accounts`, or remove them from the example.")


def test_what_an_example_expects_of_its_account_is_compared_and_told_at_its_line(write: Write) -> None:
    text = (SHIPPED / "account-based.yaml").read_text(encoding="utf-8")
    wrong = write(
        text.replace("expect_account: {stage: Quiet, priority: Leave}", "expect_account: {stage: Quiet, priority: Now}")
    )
    (told,) = check_scorecard(wrong).mistakes
    assert "expects priority of the account Now, but the result is Leave" in told.message
    assert told.line == next(
        n for n, line in enumerate(wrong.read_text().splitlines(), 1) if "priority: Now}" in line and "Quiet" in line
    )
    unknown = write(
        text.replace("expect_account: {stage: Quiet, priority: Leave}", "expect_account: {stage: Quit, priority: P1}")
    )
    assert {one.message for one in check_scorecard(unknown).mistakes} == {
        "there is no stage 'Quit'.",
        "there is no priority 'P1'.",
    }
