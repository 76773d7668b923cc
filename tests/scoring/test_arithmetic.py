"""Numbers worked out by hand from the specification."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from scoring import Scorecard, Scored, score, touchpoints
from scoring.chunks import CHUNK
from tests.scoring.comparing import ACTIVITY, compare
from tests.scoring.conftest import AS_OF
from vocabulary.fields import DTYPES


def scored(
    card: Any, lead: dict, activities: Sequence[dict], as_of: datetime = AS_OF, previous: str | None = None
) -> Scored:
    parsed = card if isinstance(card, Scorecard) else Scorecard.model_validate(card)
    leads = pl.DataFrame(
        [{"lead": "a", **lead}], schema={"lead": pl.String, **{name: DTYPES[parsed.fields[name]] for name in lead}}
    )
    rows = [{"lead": "a", "id": str(number), **one} for number, one in enumerate(activities)]
    numbered, places = touchpoints(pl.DataFrame(rows, schema=ACTIVITY))
    before = pl.DataFrame(
        {"lead": ["a"], "lead_readiness": [previous]}, schema={"lead": pl.String, "lead_readiness": pl.String}
    )
    return score(leads, numbered, places, parsed, as_of, before, explain=True)


def result(card: Any, lead: dict, activities: Sequence[dict] = (), **more: Any) -> dict[str, Any]:
    return scored(card, lead, activities, **more).results.row(0, named=True)


def engagement(rule: dict, **score_limits: Any) -> dict[str, Any]:
    section = {"groups": [{"name": "Group", "rules": [{"name": "Rule", **rule}]}]}
    return {"scorecard": "one rule", "fields": {"since": "time"}, "score": {"engagement": section, **score_limits}}


def visits(*moments: datetime) -> list[dict]:
    return [{"kind": "page_view", "occurred_at": moment} for moment in moments]


def ago(**length: float) -> datetime:
    return AS_OF - timedelta(**length)


def test_the_lead_of_the_specification(card: Scorecard) -> None:
    lead = {"job_title": "Founder", "industry": "Software", "employees": 12.0, "country": "DE"}
    found = result(card, lead, [{"kind": "demo_request", "occurred_at": ago(days=1)}])
    assert found["lead_fit"] == 35
    assert found["lead_engagement"] == 39
    assert found["lead_score"] == 74
    assert (found["lead_grade"], found["lead_grade_percent"]) == ("A+", 100)
    assert (found["lead_readiness"], found["lead_urgency"], found["lead_priority"]) == ("Ready", "now", "P1")
    assert found["lead_priority_index"] == 90  # (40 x 100 + 30 x 39/60 + 30 x 100) / 100 = 89.5, away from zero
    assert found["lead_score_reasons"] == "+39 Demo request (21 Nov 2026) \u00b7 +20 Decision maker \u00b7 +15 Software"


def test_the_reference_agrees_on_the_scorecard_of_the_specification(example: dict) -> None:
    lead = {"job_title": "VP Sales", "industry": "IT services", "employees": 300.0, "is_student": None}
    urls = ["/pricing?utm_source=x", "/blog/a", "/careers"]
    history = [
        {
            "id": str(day),
            "kind": "page_view",
            "occurred_at": ago(days=day, hours=day),
            "url": urls[day % 3],
            "seconds": day * 9.0,
        }
        for day in range(60)
    ]
    history += [
        {"id": f"d{day}", "kind": kind, "occurred_at": ago(days=day)}
        for day, kind in enumerate(["email_click", "content_download", "call"] * 9)
    ]
    for previous in (None, "Evaluating", "Ready"):
        compare(example, [(lead, history, previous)], AS_OF)


@pytest.mark.parametrize(
    ("decay", "age", "points"),
    [
        ({}, timedelta(days=400), 10),
        ({"half_life": "14d"}, timedelta(days=14), 5),
        ({"half_life": "36h"}, timedelta(hours=72), 2.5),
        ({"lifespan": "90d"}, timedelta(days=45), 5),
        ({"lifespan": "90d"}, timedelta(days=91), 0),
        ({"steps": {"every": "30d", "lose": "25%"}}, timedelta(days=29, hours=23), 10),
        ({"steps": {"every": "30d", "lose": "25%"}}, timedelta(days=60), 5),
        ({"steps": {"every": "30d", "lose": "25%"}}, timedelta(days=150), 0),
    ],
)
def test_decay(decay: dict, age: timedelta, points: float) -> None:
    lines = scored(
        engagement({"activity": {"kind": "page_view"}, "points": 10, **decay}), {}, visits(AS_OF - age)
    ).lines
    assert lines.filter(pl.col("type") == "rule")["points"].sum() == pytest.approx(points)


@pytest.mark.parametrize(
    ("limit", "moments", "count"),
    [
        (
            "1 per day",
            [
                datetime(2026, 3, 29, 23, 59, tzinfo=UTC),
                datetime(2026, 3, 29, 0, 0, tzinfo=UTC),
                datetime(2026, 3, 28, 23, 59, tzinfo=UTC),
            ],
            2,
        ),
        (
            "1 per week",
            [datetime(2021, 1, 3, tzinfo=UTC), datetime(2020, 12, 28, tzinfo=UTC), datetime(2020, 12, 27, tzinfo=UTC)],
            2,
        ),
        (
            "1 per month",
            [datetime(2024, 2, 29, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC), datetime(2024, 3, 1, tzinfo=UTC)],
            2,
        ),
        ("2 per month", [datetime(2024, 2, day, tzinfo=UTC) for day in (1, 2, 29)], 2),
        ("1 per 90d", [ago(days=89, hours=23), ago(days=90), ago(days=179), ago(days=180)], 3),
        ("2 ever", [ago(days=day) for day in range(5)], 2),
    ],
)
def test_limits_count_in_utc_calendar_periods_or_back_from_now(limit: str, moments: list[datetime], count: int) -> None:
    lines = scored(engagement({"activity": {}, "points": 1, "limit": limit}), {}, visits(*moments)).lines
    assert lines["count"][0] == count


def test_the_day_of_a_clock_change_is_a_utc_day() -> None:
    """29 March 2026 has 23 hours in Berlin and 24 in UTC."""
    moments = [datetime(2026, 3, 29, 0, 30, tzinfo=UTC), datetime(2026, 3, 29, 23, 30, tzinfo=UTC)]
    assert (
        scored(engagement({"activity": {}, "points": 1, "limit": "1 per day"}), {}, visits(*moments)).lines["count"][0]
        == 1
    )


def test_the_window_is_open_at_its_far_end_and_closed_at_now() -> None:
    card = engagement({"activity": {}, "points": 1, "within": "30d"})
    moments = [AS_OF, ago(days=30), ago(days=30) + timedelta(microseconds=1), AS_OF + timedelta(microseconds=1)]
    assert scored(card, {}, visits(*moments)).lines["count"][0] == 2


@pytest.mark.parametrize(
    ("points", "rounded"),
    [(2.5, 3), (-2.5, -3), (0.5, 1), (-0.5, -1), (0.1 + 0.2 + 0.2, 1), (2.4999, 2), (1e300, 10**15)],
)
def test_halves_are_rounded_away_from_zero(points: float, rounded: int) -> None:
    assert result(engagement({"activity": {}, "points": points}), {}, visits(AS_OF))["lead_score"] == rounded


def test_since_fades_a_lead_rule_and_missing_since_gives_nothing() -> None:
    rule = {"name": "New", "lead": {"since": {"known": True}}, "points": 8, "half_life": "10d", "since": "since"}
    card = {
        "scorecard": "since",
        "fields": {"since": "time"},
        "score": {"fit": {"groups": [{"name": "Group", "rules": [rule]}]}},
    }
    assert result(card, {"since": ago(days=20)}, [])["lead_fit"] == 2
    assert result(card, {"since": AS_OF + timedelta(days=5)}, [])["lead_fit"] == 8
    assert result(card, {"since": None}, [])["lead_fit"] == 0


def test_a_stage_is_kept_and_not_reached_by_keep(card: Scorecard) -> None:
    history = visits(ago(days=20))
    assert result(card, {}, history, previous="Ready")["lead_readiness"] == "Evaluating"
    assert result(card, {}, history, previous="Evaluating")["lead_readiness"] == "Evaluating"
    assert result(card, {}, history, previous="Considering")["lead_readiness"] == "Aware"
    assert result(card, {}, history)["lead_readiness"] == "Aware"


def test_an_answer_at_the_same_moment_answers(card: Scorecard) -> None:
    asked = {"kind": "demo_request", "occurred_at": ago(days=1)}
    answered = {"kind": "call", "occurred_at": ago(days=1)}
    assert result(card, {}, [asked])["lead_urgency"] == "now"
    assert result(card, {}, [asked, answered])["lead_urgency"] != "now"


def test_a_student_is_disqualified(card: Scorecard) -> None:
    found = result(card, {"is_student": True, "industry": "Software", "employees": 10.0, "country": "DE"}, [])
    assert (found["lead_grade"], found["lead_score_status"], found["lead_priority"]) == ("F", "disqualified", None)
    assert found["lead_grade_percent"] == 100


def test_each_criterion_says_whether_it_is_met(card: Scorecard) -> None:
    grade = scored(card, {"country": "DE"}, []).grades.row(0, named=True)
    assert [(each["name"], each["value"]) for each in grade["criteria"] if each["name"] in grade["missing"]] == [
        (name, None) for name in grade["missing"]
    ]
    known = [each for each in grade["criteria"] if each["value"] is not None]
    assert sum(each["worth"] for each in known) == pytest.approx(grade["coverage"])
    assert sum(each["worth"] for each in grade["criteria"]) == pytest.approx(1)
    assert [each["value"] for each in known] == [1.0]


def test_unknown_criteria_tell_what_to_find_out_first(card: Scorecard) -> None:
    grade = scored(card, {"country": "DE"}, []).grades.row(0, named=True)
    assert (grade["worst"], grade["best"], grade["missing"]) == ("F", "A+", ["Industry", "Size"])
    assert grade["coverage"] == pytest.approx(1 / 6)
    assert result(card, {"country": "DE"}, [])["lead_score_status"] == "insufficient data"


def test_text_of_any_script_compares_without_case_and_blanks() -> None:
    def fires(value: str, condition: dict) -> bool:
        rule = {"name": "Rule", "lead": {"word": condition}, "points": 1}
        card = {
            "scorecard": "text",
            "fields": {"word": "text"},
            "score": {"fit": {"groups": [{"name": "Group", "rules": [rule]}]}},
        }
        return result(card, {"word": value}, [])["lead_fit"] == 1

    assert fires("\u3000ÉLÈVE\u2003", {"is": "élève"})
    assert fires("Straße", {"starts_with": "STRA"})
    assert fires("営業部長", {"ends_with": "部長"})
    assert fires("Директор", {"matches": "^ДИР"})
    assert not fires(" \t ", {"known": True})
    assert fires(" \t ", {"known": False})


def test_chunks_score_like_one_lead_at_a_time(card: Scorecard) -> None:
    """More leads than fit in a chunk; those next to the boundary have activities."""
    count = CHUNK + 2
    leads = pl.DataFrame({"lead": [str(number) for number in range(count)], "industry": ["Software"] * count})
    rows = [
        {"lead": str(number), "id": "1", "kind": "demo_request", "occurred_at": ago(days=1)}
        for number in (0, CHUNK - 1, CHUNK, CHUNK + 1)
    ]
    numbered, places = touchpoints(pl.DataFrame(rows, schema=ACTIVITY))
    results = score(leads, numbered, places, card, AS_OF).results
    assert results["lead"].to_list() == leads["lead"].to_list()
    asked = results.filter(pl.col("lead_urgency") == "now")
    assert asked["lead"].to_list() == [row["lead"] for row in rows]
    assert asked["lead_score"].unique().to_list() == [
        result(card, {"industry": "Software"}, [{"kind": "demo_request", "occurred_at": ago(days=1)}])["lead_score"]
    ]


def said(rules: list[dict], *moments: datetime, limits: dict | None = None, zone: str = "UTC", **lead: Any) -> str:
    """The reasons of a lead by one group of rules."""
    group = {"name": "Group", "rules": rules, **(limits or {})}
    card = {"scorecard": "one group", "calendar": zone, "score": {"engagement": {"groups": [group]}}}
    card["fields"] = {"industry": "text", "employees": "number", "student": "flag"}
    found = result(card, lead, visits(*moments))
    assert sum(points_of(found["lead_score_reasons"])) == found["lead_score"]
    return str(found["lead_score_reasons"])


def points_of(reasons: str) -> list[int]:
    return [int(one.split()[0].replace("−", "-")) for one in reasons.split(" · ") if one]


def always(points: float, name: str = "Rule") -> dict[str, Any]:
    return {"name": name, "lead": {}, "points": points}


def test_a_limit_is_shared_over_what_it_cuts_and_reasons_add_up() -> None:
    rules = [always(60, "A"), always(48, "B"), always(-8, "C")]
    assert said(rules, limits={"maximum": 50}) == "+32 A (of 60) · +26 B (of 48) · −8 C"
    assert said(rules, limits={"minimum": 104}) == "+60 A · +48 B · −4 C (of 8)"
    assert said(rules, limits={"minimum": 120}) == "+60 A · +48 B · +12 Group"
    assert said([always(-8, "C"), always(2, "D")], limits={"maximum": -10}) == "−8 C · −2 Group"


def test_the_five_largest_are_shown_with_the_sum_of_the_others() -> None:
    rules = [always(points, f"R{points}") for points in (1, 2, 3, 4, 5, 6, -7, 0.4)]
    assert said(rules) == "−7 R-7 · +6 R6 · +5 R5 · +4 R4 · +3 R3 · +3 others"
    assert said([always(1.5, "A"), always(1.5, "B"), always(0.25, "C")]) == "+2 A · +1 B"


def test_reasons_carry_days_in_the_zone_of_the_card_and_values() -> None:
    visited = {"name": "Visited", "activity": {"kind": "page_view"}, "points": 20}
    late = datetime(2026, 2, 26, 4, 30, tzinfo=UTC)
    assert said([visited], late) == "+20 Visited (26 Feb 2026)"
    assert said([visited], late, zone="America/New_York") == "+20 Visited (25 Feb 2026)"
    limits = {"maximum": 32}
    assert said([visited], late, late, late, limits=limits) == "+32 Visited (3×, of 60, last 26 Feb 2026)"
    tables = [
        {"name": "Industry", "table": "industry", "points": {"Software": 15}, "otherwise": 1, "missing": 2},
        {"name": "Employees", "table": "employees", "points": {"12": 10}, "missing": 3},
        {"name": "Student", "table": "student", "points": {"true": -5}, "otherwise": 4, "missing": 4},
    ]
    assert (
        said(tables, industry="software", employees=12.0, student=True)
        == "+15 Software · +10 Employees: 12 · −5 Student: yes"
    )
    assert said(tables, industry="Retail") == "+4 Student: unknown · +3 Employees: unknown · +1 Industry: other"


def test_a_disqualified_lead_has_no_priority_and_no_index_and_says_why_first(example: dict) -> None:
    named = [
        {"name": "School", "when": {"is_student": True}},
        {"name": "Competitor", "when": {"email_domain": "rival.example"}},
    ]
    card = {**example, "grade": {**example["grade"], "disqualified": named}}
    lead = {"job_title": "Founder", "industry": "Software", "is_student": True, "budget": 10000.0}
    found = result(card, {**lead, "email_domain": "rival.example"})
    assert (found["lead_grade"], found["lead_score_status"]) == ("F", "disqualified")
    assert (found["lead_priority"], found["lead_priority_index"]) == (None, None)
    assert (
        found["lead_score_reasons"]
        == "Disqualified: School, Competitor · −30 Student · +20 Decision maker · +15 Software · +10 Budget"
    )
    assert result(card, lead)["lead_score_reasons"].startswith("Disqualified: School · ")
    assert result(example, lead)["lead_score_reasons"].startswith("Disqualified · ")


def test_a_disqualified_lead_can_show_zero_and_conditions_see_what_was_computed() -> None:
    """The row `zero` of the specification: 97, School: 0."""
    card = {**engagement(always(97)), "fields": {"school": "flag", "since": "time"}}
    profile = {"name": "All", "criteria": [{"name": "School", "weight": 1, "match": {"school": True}}]}
    school = [{"name": "School", "when": {"school": True}}]
    card["grade"] = {"profiles": [profile], "disqualified": school, "disqualified_score": "zero"}
    card["readiness"] = {"stages": [{"name": "New"}, {"name": "Ready", "when": {"score": {"at_least": 97}}}]}
    scores = scored(card, {"school": True}, [])
    found = scores.results.row(0, named=True)
    assert (found["lead_score"], found["lead_engagement"], found["lead_readiness"]) == (0, 97, "Ready")
    assert found["lead_score_reasons"] == "Disqualified: School"
    assert scores.lines.select("part", "type", "points").rows() == [
        ("engagement", "rule", 97),
        ("total", "disqualified", -97),
    ]
    negative = {**card, "score": engagement(always(-3))["score"]}
    found = result(negative, {"school": True}, [])
    assert (found["lead_score"], found["lead_score_reasons"]) == (-3, "Disqualified: School · −3 Rule")


def test_a_lead_of_which_nothing_is_known_has_no_numbers(example: dict) -> None:
    lifted = {**example, "score": {**example["score"], "minimum": 10}}
    scores = scored(lifted, {}, [])
    found = scores.results.row(0, named=True)
    numbers = ("lead_score", "lead_fit", "lead_engagement", "lead_priority_index", "lead_grade")
    assert {found[name] for name in numbers} == {None}
    assert (found["lead_priority"], found["lead_score_status"]) == ("P4", "insufficient data")
    assert found["lead_score_reasons"] == "Too little is known"
    assert scores.lines.is_empty()
    cancelled = scored(example, {"job_title": "Engineer"}, [])
    assert cancelled.results["lead_score"].item() == 5


def test_others_fit_into_the_field_however_long_the_names_are() -> None:
    rules = [always(points, f"{points} " + "long " * 15) for points in (9, 8, 7, 6)]
    text = said(rules)
    assert text.endswith(" · +13 others")
    assert len(text) <= 255
    assert said([always(9, "long " * 60), always(4, "B")]).endswith("… · +4 others")


def test_a_reason_that_does_not_fit_by_itself_is_cut() -> None:
    card = engagement({"name": "long " * 60, "activity": {"kind": "call"}, "points": 5})
    text = result(card, {}, [{"kind": "call", "occurred_at": AS_OF}])["lead_score_reasons"]
    assert len(text) == 255
    assert text.startswith("+5 long long")
    assert text.endswith("…")
