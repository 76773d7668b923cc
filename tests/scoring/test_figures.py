"""Figures of deals and activities, and memberships: worked examples of docs/scorecard.md, and what is refused."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scoring import Scorecard
from tests.scoring.comparing import compare, scored

AS_OF = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIELDS = {"employees": "number", "segments": "member_of", "returned": "time"}
DEALS = {"amount": "number", "open": "flag", "closed": "time", "signed": "date", "step": "text"}


def ago(**length: float) -> datetime:
    return AS_OF - timedelta(**length)


def views(*moments: datetime, **facts: Any) -> list[dict[str, Any]]:
    named = {"kind": "page_view", "url": None, "name": None, "seconds": None, "value": None}
    return [{**named, **facts, "id": f"{facts}{moment}", "occurred_at": moment} for moment in moments]


def card(rules: list[dict[str, Any]], figures: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    named = [{"name": f"R{place}", **rule} for place, rule in enumerate(rules)]
    score = {"engagement": {"groups": [{"name": "G", "rules": named}]}}
    return {"scorecard": "x", "fields": FIELDS, "deals": DEALS, "figures": figures or {}, "score": score, **more}


def points(written: dict[str, Any], history: list[dict[str, Any]] | None = None, **lead: Any) -> float:
    """The engagement before rounding; engine and reference agree on it."""
    people = [(lead, history or [], None)]
    compare(written, people, AS_OF)
    lines = scored(written, people, AS_OF).lines
    return float(lines.filter(lines["part"] == "engagement")["points"].sum())


DEAL = {"amount": 500.0, "open": True, "closed": ago(days=3), "step": "Won"}


def worth(figure: dict[str, Any], deals: list[dict[str, Any]]) -> float:
    """The value of a figure of deals; -1 if it is missing."""
    rule = {"number": "f", "points": {"give": 1, "per": 1}, "maximum": 1e6, "missing": -1}
    return points(card([rule], {"f": figure}), deals=deals)


@pytest.mark.parametrize(
    ("figure", "amounts", "value"),
    [
        ({"count": "deals"}, [5.0, None], 2),
        ({"count": "deals"}, [], 0),
        ({"sum": "amount", "of": "deals"}, [5.0, None, 7.5], 12.5),
        ({"sum": "amount", "of": "deals"}, [None], 0),
        ({"average": "amount", "of": "deals"}, [5.0, None, 7.0], 6),
        ({"average": "amount", "of": "deals"}, [None], -1),
        ({"max": "amount", "of": "deals"}, [5.0, float("nan"), 7.0], 7),
        ({"min": "amount", "of": "deals"}, [], -1),
    ],
)
def test_a_figure_makes_one_value_of_deals(figure: dict[str, Any], amounts: list[float | None], value: float) -> None:
    assert worth(figure, [{"amount": amount} for amount in amounts]) == value


def test_only_deals_for_which_where_is_true_count() -> None:
    deals = [{**DEAL, "amount": 1.0}, {**DEAL, "open": False, "amount": 2.0}, {**DEAL, "open": None, "amount": 4.0}]
    total = {"sum": "amount", "of": "deals"}
    assert worth({**total, "where": {"open": True}}, deals) == 1
    assert worth({**total, "where": {"open": {"is_not": True}}}, deals) == 2
    assert worth({**total, "where": {"not": {"open": True}}}, deals) == 2
    assert worth({**total, "where": {"open": {"is_not": True, "or_missing": True}}}, deals) == 6
    assert worth({**total, "where": {"any": [{"open": {"known": False}}, {"amount": {"above": 1}}]}}, deals) == 6


def test_the_order_of_deals_does_not_change_their_sum() -> None:
    ten = [{"amount": 0.1}] * 10
    rule = {"lead": {"f": 1.0}, "points": 1}
    assert points(card([rule], {"f": {"sum": "amount", "of": "deals"}}), deals=ten) == 1


def test_the_greatest_time_is_a_time() -> None:
    figures = {"lost": {"max": "closed", "of": "deals", "where": {"open": False}}}
    deals = [{"open": False, "closed": ago(days=40)}, {"open": False, "closed": ago(days=90)}, DEAL]
    fading = {"lead": {}, "points": 8, "since": "lost", "half_life": "40d"}
    table = {"table": {"days_since": "lost"}, "points": {"0-40": 1, "40-41": 2}}
    within = {"lead": {"lost": {"within": "40d"}}, "points": 100}
    assert points(card([fading, table, within], figures), deals=deals) == 4 + 2


def test_the_greatest_date_is_its_first_moment() -> None:
    figures = {"signed": {"max": "signed", "of": "deals"}}
    written = card([{"lead": {"signed": {"is": "2026-02-02T05:00:00Z"}}, "points": 1}], figures)
    assert points({**written, "calendar": "America/New_York"}, deals=[{"signed": ago(days=27).date()}]) == 1


def test_figures_of_activities_see_what_the_resets_of_the_card_leave() -> None:
    figures = {
        "seconds": {"sum": "seconds", "of": "activities", "where": {"kind": "page_view"}},
        "calls": {"count": "activities", "where": {"kind": "call"}},
        "seen": {"max": "occurred_at", "of": "activities"},
    }
    rules = [
        {"number": "seconds", "points": {"give": 1, "per": 10}, "maximum": 50},
        {"lead": {"calls": 1}, "points": 100},
        {"lead": {"seen": {"within": "2d"}}, "points": 1000},
    ]
    reset = [{"name": "Returned", "since": "returned"}]
    history = [
        *views(ago(days=9), ago(days=5), ago(days=1), seconds=30.0),
        *views(ago(days=2), ago(days=8), kind="call"),
    ]
    assert points(card(rules, figures), history) == 9 + 1000
    assert points(card(rules, figures, reset=reset), history, returned=ago(days=5)) == 3 + 100 + 1000


def test_what_narrows_activities_may_stand_beside_where_and_inside_it() -> None:
    history = views(ago(hours=1), ago(days=2), ago(days=9), ago(days=40))
    for figure, count in (
        ({}, 4),
        ({"within": "9d"}, 2),
        ({"where": {"within": "9d"}}, 2),
        ({"during": "last month"}, 2),
        ({"where": {"during": "last month"}, "within": "9d"}, 1),
    ):
        written = card(
            [{"number": "f", "points": {"give": 1, "per": 1}, "maximum": 9}], {"f": {"count": "activities", **figure}}
        )
        assert points(written, history) == count


def test_a_figure_of_deals_may_be_the_moment_of_a_reset() -> None:
    figures = {"lost": {"max": "closed", "of": "deals"}}
    written = card([{"activity": {}, "points": 5}], figures, reset=[{"name": "Lost", "since": "lost"}])
    assert points(written, views(ago(days=5), ago(days=1)), deals=[{"closed": ago(days=3)}]) == 5
    assert points(written, views(ago(days=5), ago(days=1))) == 10


def test_a_figure_may_be_compared_with_a_field_and_a_field_of_a_deal_with_another() -> None:
    figures = {"late": {"count": "deals", "where": {"closed": {"below": "2026-02-28"}, "amount": {"above": 1}}}}
    rule = {"lead": {"late": {"above": {"field": "employees"}}}, "points": 3}
    assert points(card([rule], figures), employees=0.0, deals=[{**DEAL, "closed": ago(days=5)}]) == 3
    assert points(card([rule], figures), employees=1.0, deals=[{**DEAL, "closed": ago(days=5)}]) == 0


def test_a_figure_says_who_a_lead_is() -> None:
    rules = [{"name": "Worth", "lead": {"deals_sum": {"above": 1}}, "points": 5}]
    written = card(rules, {"deals_sum": {"sum": "amount", "of": "deals"}})
    written["score"] = {"fit": written["score"]["engagement"]}
    people = [({"deals": [DEAL, DEAL]}, [], None)]
    compare(written, people, AS_OF)
    assert scored(written, people, AS_OF).results["lead_why_now"].item() == "deals sum 1,000"


MEMBER = {"segments": ["Partners ", "News"]}
NONE: dict[str, Any] = {"segments": None}


@pytest.mark.parametrize(
    ("test", "member", "nothing"),
    [
        ("partners", True, False),
        (["x", "partners"], True, False),
        ({"contains": "news"}, True, False),
        ({"contains_any": ["x"]}, False, False),
        ({"starts_with": "part"}, True, False),
        ({"ends_with": "s"}, True, False),
        ({"matches": "^n"}, True, False),
        ({"is_not": "x"}, True, True),
        ({"not_in": ["news"]}, False, True),
        ({"known": False}, False, True),
        ({"known": True}, True, False),
    ],
)
def test_of_memberships_none_is_an_answer(test: Any, member: bool, nothing: bool) -> None:
    for lead, holds in ((MEMBER, member), (NONE, nothing), ({"segments": []}, nothing), ({"segments": [" "]}, nothing)):
        assert points(card([{"lead": {"segments": test}, "points": 1}]), **lead) == holds
        assert points(card([{"lead": {"not": {"segments": test}}, "points": 1}]), **lead) == (not holds)


@pytest.mark.parametrize(
    ("figure", "message"),
    [
        ({}, "does not say what the figure is made of; write `of: deals` or `of: activities`"),
        ({"count": "cats"}, "there are no figures of 'cats'; write `count: deals` or `count: activities`"),
        ({"sum": "amount"}, "does not say what"),
        ({"of": "deals"}, "a figure is made in one way"),
        ({"count": "deals", "of": "deals"}, "leave out `of`"),
        ({"sum": "amount", "max": "amount", "of": "deals"}, "a figure is made in one way"),
        ({"sum": "step", "of": "deals"}, "`sum` needs a number, and 'step' is a text; use one of amount"),
        ({"average": "closed", "of": "deals"}, "`average` needs a number, and 'closed' is a time"),
        ({"max": "open", "of": "deals"}, "`max` needs a number or a time, and 'open' is a flag"),
        ({"max": "amonut", "of": "deals"}, "deals have no field 'amonut'; did you mean `amount`"),
        ({"sum": "occurred_at", "of": "activities"}, "`sum` needs a number"),
        ({"max": "kind", "of": "activities"}, "use one of seconds, value, occurred_at"),
        ({"max": "amount", "of": "activities"}, "activities have no field 'amount'"),
        ({"max": "account.employees", "of": "deals"}, "a figure cannot use 'account.employees'"),
        ({"count": "deals", "where": {"account.employees": 5}}, "a figure cannot use 'account.employees'"),
        ({"count": "deals", "where": {"employees": 5}}, "deals have no field 'employees'"),
        ({"count": "deals", "where": {"amount": {"contains": "x"}}}, "'contains' cannot be used on a number"),
        ({"count": "deals", "within": "30d"}, "within"),
        ({"count": "activities", "where": {"kind": "call", "at_least": 2}}, "at_least"),
        ({"count": "activities", "during": "this era"}, "is not a period"),
    ],
)
def test_mistakes_in_figures_are_refused_with_a_remedy(figure: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Scorecard.model_validate(card([], {"f": figure}))


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"figures": {"employees": {"count": "deals"}}}, "'employees' is a field too"),
        ({"figures": {"score": {"count": "deals"}}}, "'score' is a reserved name"),
        ({"deals": {"lead_id": "text"}}, "'lead_id' is a reserved name"),
        ({"deals": {"segments": "member_of"}}, "deals.segments"),
        (
            {"figures": {"f": {"count": "deals"}}, "reset": [{"name": "A", "since": "f"}]},
            "'f' is not a declared time field",
        ),
        (
            {
                "figures": {"f": {"max": "occurred_at", "of": "activities"}},
                "reset": [{"name": "A", "since": "f"}],
            },
            "the figure 'f' does not exist yet",
        ),
        ({"examples": [{"name": "E", "lead": {}, "deals": [{"amuont": 1}], "expect": {}}]}, "did you mean `amount`"),
        (
            {"figures": {"f": {"count": "deals"}}, "examples": [{"name": "E", "lead": {"f": 1}, "expect": {}}]},
            "there is no field 'f'",
        ),
    ],
)
def test_names_and_moments_that_do_not_fit_are_refused(more: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Scorecard.model_validate({**card([]), **more})


def test_a_card_with_figures_reads_back_as_written() -> None:
    figures = {
        "a": {"max": "closed", "of": "deals", "where": {"not": {"open": True}}},
        "b": {"count": "activities", "within": "30d", "where": {"kind": "call", "during": "last week"}},
    }
    first = Scorecard.model_validate(card([{"lead": {"b": {"above": 1}}, "points": 1}], figures))
    assert Scorecard.model_validate(first.written()) == first
