"""The worked examples of docs/scorecard.md: calendar, ranges, numbers, groups, limits, counts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scoring import Scorecard
from tests.scoring.comparing import compare, scored
from vocabulary.fields import FieldType

AS_OF = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIELDS: dict[str, FieldType] = {"n": "number", "limit": "number", "flag": "flag", "t": "time", "day": "date"}


def ago(**length: float) -> datetime:
    return AS_OF - timedelta(**length)


def visits(*moments: datetime, **facts: Any) -> list[dict[str, Any]]:
    named = {"kind": "page_view", "url": None, "name": None, "seconds": None, "value": None}
    return [{**named, **facts, "id": f"{facts}{moment}", "occurred_at": moment} for moment in moments]


def card(rules: list[dict[str, Any]], calendar: Any = "UTC", **group: Any) -> dict[str, Any]:
    groups = [{"name": "G", "rules": [{"name": f"R{place}", **rule} for place, rule in enumerate(rules)], **group}]
    return {"scorecard": "x", "fields": FIELDS, "calendar": calendar, "score": {"engagement": {"groups": groups}}}


def engagement(
    rules: list[dict[str, Any]], history: list[dict[str, Any]] | None = None, calendar: Any = "UTC", **about: Any
) -> float:
    """The engagement before rounding; engine and reference agree on it."""
    group = about.pop("group", {})
    written, person = card(rules, calendar, **group), [(about, history or [], None)]
    compare(written, person, AS_OF)
    lines = scored(written, person, AS_OF).lines
    return float(lines.filter(lines["part"] == "engagement")["points"].sum())


VIEW = {"activity": {"kind": "page_view"}}


@pytest.mark.parametrize(
    ("rule", "about", "points"),
    [
        ({"lead": {"n": {"below": 50, "or_missing": True}}, "points": 6}, {"n": None}, 6),
        ({"lead": {"n": {"below": 50, "or_missing": True}}, "points": 6}, {"n": 50.0}, 0),
        ({"lead": {"not": {"n": {"below": 50, "or_missing": True}}}, "points": 6}, {"n": None}, 0),
        ({"lead": {"n": {"above": {"field": "limit"}}}, "points": 10}, {"n": 5.0, "limit": 5.0}, 0),
        ({"lead": {"n": {"above": {"field": "limit"}}}, "points": 10}, {"n": 6.0, "limit": 5.0}, 10),
        ({"lead": {"n": {"above": {"field": "limit"}}}, "points": 10}, {"n": 6.0, "limit": None}, 0),
        ({"lead": {"n": {"is": {"field": "limit"}, "or_missing": True}}, "points": 10}, {"n": 6.0}, 10),
        ({"table": "n", "points": {"1000000-10000000": 5, "10000000+": 10}}, {"n": 9999999.99}, 5),
        ({"table": "n", "points": {"1000000-10000000": 5, "10000000+": 10}}, {"n": 1e7}, 10),
        ({"table": "n", "points": {"1-10": 3, "51+": 12}, "otherwise": -1, "missing": 1}, {"n": 20.0}, -1),
        ({"table": "n", "points": {"1-10": 3, "51+": 12}, "otherwise": -1, "missing": 1}, {}, 1),
        ({"table": "n", "points": {"below 5": 3, "5": 4, "5.5\u20138": 6}}, {"n": 5.0}, 4),
        ({"table": "n", "points": {"below 5": 3, "5": 4, "5.5\u20138": 6}}, {"n": 4.999}, 3),
        ({"table": "n", "points": {"-20--10": 3, "-10-0": 4}}, {"n": -10.0}, 4),
        ({"table": {"days_since": "t"}, "points": {"0-30": 10, "30-90": 5}}, {"t": ago(days=30)}, 5),
        ({"table": {"days_since": "t"}, "points": {"0-30": 10, "30-90": 5}}, {"t": ago(days=29, hours=23)}, 10),
        ({"table": {"days_until": "t"}, "points": {"-7-0": 2, "0-7": 9}}, {"t": ago(days=-3)}, 9),
        ({"number": "n", "points": {"give": 2, "per": 100, "from": 50}, "maximum": 12}, {"n": 250.0}, 4),
        (
            {"number": "n", "points": {"give": 2, "per": 100, "from": 50, "shape": "root"}, "maximum": 12},
            {"n": 250.0},
            2.828,
        ),
        (
            {"number": "n", "points": {"give": 2, "per": 100, "from": 50, "shape": "log"}, "maximum": 12},
            {"n": 250.0},
            3.170,
        ),
        ({"number": "n", "points": {"give": -2, "per": 1}, "maximum": 12}, {"n": 250.0}, -12),
        ({"number": "n", "points": {"give": 2, "per": 1}, "maximum": 12, "missing": -3}, {}, -3),
        ({"number": {"days_since": "t"}, "points": {"give": -1, "per": 7}, "maximum": 9}, {"t": ago(days=21)}, -3),
        ({"table": "n", "points": {"1+": 5}, "when": {"flag": True}}, {"n": 3.0}, 0),
        ({"table": "n", "points": {"1+": 5}, "when": {"flag": True}}, {"n": 3.0, "flag": True}, 5),
    ],
)
def test_what_a_lead_is(rule: dict[str, Any], about: dict[str, Any], points: float) -> None:
    assert engagement([rule], **about) == pytest.approx(points, abs=1e-3)


def test_a_limit_per_name_counts_each_name_and_those_without_one_apart() -> None:
    opens = [
        *visits(ago(days=1), ago(days=2), ago(days=3), ago(days=4), name="May"),
        *visits(ago(days=5), name="June "),
        *visits(ago(days=6)),
    ]
    rule = {**VIEW, "points": 2, "limit": "1 per name"}
    assert engagement([rule], opens) == 6
    assert engagement([{**rule, "limit": "2 per name ever"}], opens) == 8
    assert engagement([{**rule, "limit": "1 per name per month"}], [*opens, *visits(ago(days=-1), name="May")]) == 6


def test_points_by_count_fade_with_the_latest() -> None:
    rule = {**VIEW, "points": {"1-2": 5, "3-9": 10}, "half_life": "14d"}
    assert engagement([rule], visits(ago(days=28), ago(days=20), ago(days=14))) == 5
    assert engagement([rule], visits(*(ago(days=28, hours=number) for number in range(10)))) == 0


def test_a_decay_of_the_group_is_for_rules_without_their_own() -> None:
    rules = [
        {**VIEW, "points": 8, "limit": "1 ever"},
        {**VIEW, "points": 10, "limit": "1 ever", "lifespan": "60d"},
        {"lead": {"flag": {"known": False}}, "points": 3},
        {"lead": {}, "points": 4, "since": "t"},
    ]
    assert engagement(rules, visits(ago(days=30)), group={"half_life": "30d"}, t=ago(days=60)) == 4 + 5 + 3 + 1


@pytest.mark.parametrize(("award", "points"), [("best", 20), ("worst", -30), ("all", -5)])
def test_award_leaves_one_of_the_rules_that_gave_points(award: str, points: int) -> None:
    rules = [{"lead": {}, "points": given} for given in (20, 5, 0, -30)]
    assert engagement(rules, group={"award": award}) == points


def test_the_worst_is_below_nothing_only_if_it_fired() -> None:
    rules = [{"lead": {"flag": True}, "points": 20}, {"lead": {}, "points": -10}]
    assert engagement(rules, group={"award": "best"}) == -10
    assert engagement(rules, group={"award": "best"}, flag=True) == 20


def test_a_closed_group_gives_nothing_whatever_its_minimum() -> None:
    group = {"when": {"flag": True}, "minimum": 5}
    assert engagement([{"lead": {}, "points": 2}], group=group) == 0
    assert engagement([{"lead": {}, "points": 2}], group=group, flag=True) == 5


@pytest.mark.parametrize(("zone", "points"), [("America/New_York", 3), ("UTC", 6)])
def test_a_day_of_a_limit_is_one_of_the_calendar(zone: str, points: int) -> None:
    moments = [datetime(2025, 11, 2, 4, 30, tzinfo=UTC), datetime(2025, 11, 3, 4, 30, tzinfo=UTC)]
    assert engagement([{**VIEW, "points": 3, "limit": "1 per day"}], visits(*moments), zone) == points


@pytest.mark.parametrize(
    ("moment", "holds"),
    [
        (datetime(2026, 2, 1, 4, 59, tzinfo=UTC), True),
        (datetime(2026, 2, 1, 5, 0, tzinfo=UTC), False),
        (datetime(2025, 11, 1, 4, 0, tzinfo=UTC), True),
        (datetime(2025, 11, 1, 3, 59, tzinfo=UTC), False),
    ],
)
def test_a_quarter_is_counted_from_the_start_of_the_year(moment: datetime, holds: bool) -> None:
    calendar = {"zone": "America/New_York", "year_starts": "February"}
    rule = {"lead": {"t": {"during": "last quarter"}}, "points": 7}
    assert engagement([rule], [], calendar, t=moment) == 7 * holds
    assert engagement([{**VIEW, "points": 7, "during": "last quarter"}], visits(moment), calendar) == 7 * holds
    asked = {"lead": {"activities": {"kind": "page_view", "during": "last quarter"}}, "points": 7}
    assert engagement([asked], visits(moment), calendar) == 7 * holds


def test_a_day_begins_after_the_hour_that_clocks_skip() -> None:
    """Cairo's clocks went from 23:59 on the 24th to 1:00 on the 25th of April 2025."""
    first = datetime(2025, 4, 24, 22, tzinfo=UTC)
    for moment, holds in ((first, True), (first - timedelta(microseconds=1), False)):
        rule = {"lead": {"t": {"at_least": "2025-04-25"}}, "points": 1}
        assert engagement([rule], [], "Africa/Cairo", t=moment) == holds
    same = {"lead": {"day": {"is": "2025-04-25"}}, "points": 1}
    assert engagement([same], [], "Africa/Cairo", day=first.date() + timedelta(days=1)) == 1


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"table": "n", "points": {"1-10": 3, "5-20": 4}}, "'5-20' overlaps with '1-10'"),
        ({"table": "n", "points": {"10-1": 3}}, "begins above its end: write 1-10"),
        ({"table": "n", "points": {"5": 3, "5-9": 4}}, "'5-9' overlaps with '5'"),
        ({"table": "n", "points": {"many": 3}}, "write it like 1-10, 51\\+, below 5 or 7"),
        ({"table": {"days_since": "n"}, "points": {"1+": 3}}, "'n' is a number field and has no days"),
        ({"table": "t", "points": {"1+": 3}}, "table: {days_since: t}"),
        ({**VIEW, "points": {"0-2": 5}}, "begins below 1"),
        ({**VIEW, "points": {"1-2": 5}, "at_least": 2}, "`at_least` does not go with points for how many"),
        ({**VIEW, "points": {"1-2": 5}, "award": "once"}, "`award` does not go with points for how many"),
        ({"number": "n", "points": {"give": 2, "per": 100}}, "maximum"),
        ({"number": "n", "points": {"give": 2, "per": 0}, "maximum": 1}, "greater than 0"),
        ({"number": "flag", "points": {"give": 2, "per": 1}, "maximum": 1}, "'flag' is no number field"),
        ({"lead": {"n": {"or_missing": True}}, "points": 1}, "`or_missing` has no effect without another operator"),
        ({"lead": {"n": {"known": True, "or_missing": True}}, "points": 1}, "`or_missing` has no effect"),
        ({"lead": {"n": {"above": {"field": "t"}}}, "points": 1}, "a number cannot be compared with 't'"),
        ({"lead": {"n": {"above": {"field": "limt"}}}, "points": 1}, "did you mean `limit`"),
        ({"activity": {"seconds": {"above": {"field": "n"}}}, "points": 1}, "cannot be compared with another field"),
        ({"lead": {"t": {"during": "this decade"}}, "points": 1}, "is not a period"),
        ({"lead": {"n": {"during": "this month"}}, "points": 1}, "'during' cannot be used on a number value"),
        ({"lead": {}, "points": 1, "when": {"flag": True}}, "when"),
    ],
)
def test_mistakes_are_refused_with_a_remedy(rule: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Scorecard.model_validate(card([rule]))


@pytest.mark.parametrize(
    ("calendar", "message"),
    [
        ("Berlin", "there is no time zone 'Berlin'"),
        ({"year_starts": "Febuary"}, "did you mean `February`"),
        ({"zone": "UTC", "months": 12}, "months"),
    ],
)
def test_a_wrong_calendar_is_refused(calendar: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Scorecard.model_validate(card([{"lead": {}, "points": 1}], calendar))


def test_a_decay_on_a_group_that_cannot_fade_is_refused() -> None:
    with pytest.raises(ValueError, match="no rule of this group can fade"):
        Scorecard.model_validate(card([{"lead": {}, "points": 1}], half_life="30d"))


def test_the_zone_of_an_older_card_is_read() -> None:
    older = {"scorecard": "x", "timezone": "Asia/Tokyo"}
    assert Scorecard.model_validate(older) == Scorecard.model_validate({"scorecard": "x", "calendar": "Asia/Tokyo"})


def test_a_card_reads_back_as_written() -> None:
    rules = [
        {**VIEW, "points": {"1-2": 5}, "during": "last week", "limit": "2 per url per quarter"},
        {"number": {"days_until": "t"}, "points": {"give": 1, "per": 2}, "maximum": 3, "when": {"flag": True}},
    ]
    first = Scorecard.model_validate(card(rules, {"zone": "Asia/Tokyo"}, half_life="30d", award="best"))
    assert Scorecard.model_validate(first.written()) == first


def results(written: dict[str, Any], lead: dict[str, Any], history: list[dict[str, Any]], before: Any = None) -> Any:
    person = [(lead, history, before)]
    compare(written, person, AS_OF)
    return scored(written, person, AS_OF)


def test_a_reset_hides_what_is_not_later_than_its_moment() -> None:
    unsubscribed = visits(ago(days=4), kind="unsubscribe")
    history = [*visits(ago(days=10), ago(days=4), ago(days=1)), *unsubscribed]
    reset = [{"name": "Unsubscribed", "activity": {"kind": "unsubscribe"}}]
    assert engagement([{**VIEW, "points": 5}], history, group={"reset": reset}) == 5
    assert engagement([{**VIEW, "points": 5, "reset": reset}, {**VIEW, "points": 1}], history) == 5 + 3
    assert engagement([{**VIEW, "points": 5}], history[:3], group={"reset": reset}) == 15


def test_a_reset_in_the_future_or_without_a_time_is_none() -> None:
    rule = {**VIEW, "points": 5, "reset": [{"name": "Anew", "since": "t"}]}
    assert engagement([rule], visits(ago(days=1)), t=ago(days=-1)) == 5
    assert engagement([rule], visits(ago(days=1))) == 5
    assert engagement([rule], visits(ago(days=1)), t=AS_OF) == 0


def test_inner_places_see_nothing_that_an_outer_one_hides() -> None:
    inner = [{"name": "Inner", "since": "t"}]
    asked = {"lead": {"activities": {"kind": "page_view", "at_least": 2}}, "points": 7}
    written = card(
        [{**VIEW, "points": 5, "reset": inner}, asked], reset=[{"name": "Group", "activity": {"kind": "call"}}]
    )
    history = [*visits(ago(days=9), ago(days=5), ago(days=1)), *visits(ago(days=7), kind="call")]
    found = results(written, {"t": ago(days=20)}, history)
    assert found.results["lead_engagement"].item() == 10 + 7
    told = found.resets.rows()
    assert told == [("0", "G", "Group", ago(days=7), None, 2), ("0", "R0", "Inner", ago(days=20), None, 0)]


RETURNED = {
    "scorecard": "x",
    "fields": {"returned": "time", "why": "text", "school": "flag"},
    "reset": [{"name": "Returned by sales", "since": "returned", "reason": "why", "rest": "30d"}],
    "score": {"engagement": {"groups": [{"name": "G", "rules": [{"name": "Views", **VIEW, "points": 30}]}]}},
    "readiness": {
        "stages": [
            {"name": "New"},
            {
                "name": "Ready",
                "when": {"activities": {"kind": "page_view", "at_least": 2}},
                "keep": {"activities": {"kind": "page_view"}},
            },
        ]
    },
    "priority": {
        "first": [{"is": "P1", "when": {"activities": {"kind": "call"}}}],
        "matrix": {stage: dict.fromkeys("ABCDF?", "P2") for stage in ("New", "Ready")},
    },
}


def test_a_lead_that_sales_returned_rests_without_a_priority() -> None:
    lead = {"returned": ago(days=10), "why": " no budget "}
    found = results(RETURNED, lead, visits(ago(days=12), ago(days=9), ago(days=8))).results.row(0, named=True)
    assert (found["lead_priority"], found["lead_priority_index"]) == (None, None)
    assert (found["lead_score_status"], found["lead_readiness"], found["lead_score"]) == ("resting", "Ready", 60)
    resting = "Resting until 21 Mar 2026: Returned by sales (no budget)"
    assert found["lead_score_reasons"] == f"{resting} · +60 Views (2×, last 21 Feb 2026)"
    over = results(RETURNED, {"returned": ago(days=30)}, visits(ago(days=9))).results.row(0, named=True)
    assert (over["lead_priority"], over["lead_score_status"]) == ("P2", "scored")


def test_a_first_priority_ends_the_rest_and_disqualified_goes_before_it() -> None:
    lead = {"returned": ago(days=10)}
    called = results(RETURNED, lead, visits(ago(days=1), kind="call")).results.row(0, named=True)
    assert (called["lead_priority"], called["lead_score_status"]) == ("P1", "scored")
    criteria = [{"name": "Any", "weight": 1, "match": {"school": False}}]
    graded = {"profiles": [{"name": "I", "criteria": criteria}], "disqualified": {"school": True}}
    refused = results({**RETURNED, "grade": graded}, {**lead, "school": True}, visits(ago(days=1)))
    assert refused.results["lead_score_status"].item() == "disqualified"
    unknown = results({**RETURNED, "grade": {**graded, "minimum_known": "90%"}}, lead, visits(ago(days=1)))
    assert unknown.results["lead_score_status"].item() == "resting"


def test_a_stage_from_before_the_reset_is_not_kept() -> None:
    lead, history = {"returned": ago(days=40)}, visits(ago(days=1))
    for before, stage in (
        (("Ready", ago(days=39)), "Ready"),
        (("Ready", ago(days=40)), "New"),
        (("Ready", None), "Ready"),
        ("Ready", "Ready"),
    ):
        assert results(RETURNED, lead, history, before).results["lead_readiness"].item() == stage


@pytest.mark.parametrize(
    ("reset", "message"),
    [
        ([{"name": "A"}], "a reset has one moment"),
        ([{"name": "A", "since": "t", "activity": {}}], "a reset has one moment"),
        ([{"name": "A", "since": "n"}], "'n' is not a declared time field"),
        ([{"name": "A", "since": "t", "rest": "1d"}], "rest"),
        ([{"name": "A", "since": "t", "reason": "n"}], "reason"),
        ([{"name": "A", "since": "t"}, {"name": " a", "since": "t"}], "there are two resets ' a'"),
        ([{"name": "None", "since": "t"}], "'none' means no value"),
    ],
)
def test_mistakes_in_resets_are_refused(reset: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Scorecard.model_validate(card([{**VIEW, "points": 1, "reset": reset}]))
