"""Accounts: whose they are, what leads see of them, and their own card."""

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from scoring import Related, Scorecard, Scorer, touchpoints
from scoring.accounts import assigned
from scoring.card.accounts import ByDomain
from scoring.likelihood import points_digest
from tests.scoring.comparing import ACTIVITY
from tests.scoring.comparing_accounts import compare, scored
from tests.scoring.reference_accounts import account_of

AS_OF = datetime(2026, 3, 1, 12, tzinfo=UTC)
NO_ACTIVITIES = pl.DataFrame(schema=ACTIVITY)
VIEW = {"activity": {"kind": "page_view"}, "points": 10}


def did(kind: str, days: float = 1, number: int = 0) -> dict[str, Any]:
    named = {"url": None, "name": None, "seconds": None, "value": None}
    return {"id": f"{kind}{days}{number}", "kind": kind, "occurred_at": AS_OF - timedelta(days=days), **named}


def groups(*rules: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"name": "All", "rules": [{"name": f"R{place}", **rule} for place, rule in enumerate(rules)]}]


def card(accounts: dict[str, Any], *rules: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A card whose leads have an engagement of `n`, or of 10 for each view; with 20 they are warm."""
    engaged = [
        {"number": "n", "points": {"give": 1, "per": 1}, "maximum": 999},
        {"lead": {"n": {"below": 0}}, "points": -5},
    ]
    return {
        "scorecard": "x",
        "fields": {"role": "text", "roles": "list", "n": "number", "out": "flag", "domain": "text", "back_at": "time"},
        "deals": {"amount": "number", "open": "flag", "closed_at": "time"},
        "score": {"fit": {"groups": groups(*rules)}, "engagement": {"groups": groups(VIEW, *engaged)}},
        "grade": {
            "profiles": [
                {"name": "All", "criteria": [{"name": "Role", "weight": 1, "match": {"role": {"known": True}}}]}
            ],
            "disqualified": {"out": True},
        },
        "readiness": {"stages": [{"name": "Cold"}, {"name": "Warm", "when": {"engagement": {"at_least": 20}}}]},
        "priority": {"matrix": {name: dict.fromkeys("ABCDF?", "P3") for name in ("Cold", "Warm")}},
        "accounts": {"fields": {"employees": "number", "domain": "text", "joined": "time"}} | accounts,
    } | more


def lead(name: str, account: str | None = "A", history: tuple[dict[str, Any], ...] = (), **about: Any) -> Any:
    return {"lead": name, "account": account, **about}, list(history), None


def account(name: str = "A", **about: Any) -> Any:
    return {"account": name, **about}, None


def results(given: dict[str, Any], people: list[Any], records: list[Any], size: int | None = None) -> dict[str, Any]:
    """The results of leads and accounts by id; engine and reference agree on them."""
    compare(given, people, records, AS_OF, size)
    found = scored(given, people, records, AS_OF, size)
    frames = [found.results, *([found.accounts.results] if found.accounts else [])]
    return {row["lead"]: row for frame in frames for row in frame.iter_rows(named=True)}


def lines(given: dict[str, Any], people: list[Any], records: list[Any]) -> list[tuple[str, str, float]]:
    found = scored(given, people, records, AS_OF).accounts
    assert found is not None
    return [(one["type"], one["name"], one["points"]) for one in found.lines.to_dicts() if one["type"] != "rounding"]


def engagement(**parts: Any) -> dict[str, Any]:
    return {"score": {"engagement": parts}}


def test_the_strongest_people_count_up_to_a_maximum_each() -> None:
    given = card(engagement(people={"top": 3, "maximum": 40}))
    people = [lead(name, n=n) for name, n in {"a": 70.0, "b": 30.0, "c": 20.0, "d": 10.0, "e": -5.0}.items()]
    assert results(given, people, [account()])["A"]["lead_engagement"] == 90
    assert lines(given, people, [account()]) == [("person", "a", 40), ("person", "b", 30), ("person", "c", 20)]


def test_of_equal_people_the_first_by_id_has_a_line() -> None:
    given = card(engagement(people={"top": 2, "maximum": 40}))
    people = [lead(name, n=50.0) for name in "cab"]
    assert lines(given, people, [account()]) == [("person", "a", 40), ("person", "b", 40)]
    assert results(given, people, [account()])["A"]["lead_score_reasons"] == "+40 Person a · +40 Person b"


def test_each_covered_value_gives_its_points_once() -> None:
    coverage = {
        "by": "roles",
        "engaged": {"engagement": {"at_least": 10}},
        "points": {"User": 5, "Finance": 10, "Boss": 15},
    }
    given = card(engagement(coverage=coverage))
    people = [
        lead("a", roles=["USER ", "cook"], n=10.0),
        lead("b", roles=["user", "finance"], n=10.0),
        lead("c", roles=["boss"], n=9.0),
        lead("d", roles=None, n=99.0),
    ]
    assert lines(given, people, [account()]) == [("coverage", "User", 5), ("coverage", "Finance", 10)]
    assert results(given, people, [account()])["A"]["lead_score"] == 15


def test_disqualified_leads_are_neither_people_nor_coverage() -> None:
    coverage = {"by": "role", "engaged": {}, "points": {"User": 5}}
    given = card(engagement(people={"top": 3, "maximum": 40}, coverage=coverage))
    people = [lead("a", role="user", n=30.0, out=True), lead("b", role="cook", n=7.0)]
    assert results(given, people, [account()])["A"]["lead_score"] == 7


def test_an_account_that_people_give_points_is_not_unknown() -> None:
    """Its grade is `?`, since nothing is known of its size."""
    grade = {
        "grade": {"profiles": [{"name": "All", "criteria": [{"name": "Size", "weight": 1, "match": {"employees": 5}}]}]}
    }
    given = card(engagement(people={"top": 3, "maximum": 40}) | grade)
    found = results(given, [lead("a", n=3.0)], [account(), account("B")])
    assert [found[name]["lead_score"] for name in "AB"] == [3, None]


def test_leads_read_fields_and_figures_of_their_account() -> None:
    figures = {
        "open_amount": {"sum": "amount", "of": "deals", "where": {"open": True}},
        "visits": {"count": "activities", "where": {"kind": "page_view"}},
        "heads": {"count": "leads"},
    }
    rules = [
        {"lead": {"account.employees": {"at_least": 100}}, "points": 1},
        {"table": "account.visits", "points": {"3+": 2}},
        {"number": "account.open_amount", "points": {"give": 1, "per": 1}, "maximum": 99},
        {"lead": {"account.heads": {"at_least": 0}}, "points": 200},
    ]
    deals = [{"deal": f"d{one}", "account": "A", "amount": 4.0, "open": one > 0} for one in range(3)]
    people = [
        lead("a", history=(did("page_view", 1), did("page_view", 2)), deals=deals[:2]),
        lead("b", history=(did("page_view", 1), did("call", 2)), deals=deals[:2]),
        lead("c", None),
        lead("d", "unknown", deals=deals[:2]),
    ]
    records = [account(employees=100.0, deals=deals), account("B")]
    found = results(card({"figures": figures}, *rules), people, records)
    assert [found[name]["lead_fit"] for name in "abcd"] == [211, 211, 0, 200]


def test_a_deal_of_several_leads_counts_once_for_their_account() -> None:
    deal = {"deal": "d", "account": "A", "amount": 7.0}
    given = card(
        {"figures": {"won": {"count": "deals"}}},
        {"number": "account.won", "points": {"give": 1, "per": 1}, "maximum": 9},
    )
    people = [lead(name, deals=[deal]) for name in "ab"]
    assert results(given, people, [account(deals=[deal])])["a"]["lead_fit"] == 1


def test_priorities_see_what_became_of_all_people_of_the_account() -> None:
    first = [{"is": "P1", "when": {"account.warm": {"at_least": 2}}}]
    figures = {"warm": {"count": "leads", "where": {"stage": "Warm"}}}
    given = card({"figures": figures})
    given["priority"]["first"] = first
    people = [lead("a", n=20.0), lead("b", n=20.0), lead("c", n=1.0), lead("d", "B", n=20.0), lead("e", None, n=20.0)]
    for size in (None, 1, 2):
        found = results(given, people, [account()], size)
        assert [found[name]["lead_priority"] for name in "abcde"] == ["P1", "P1", "P1", "P3", "P3"]


def test_histories_of_leads_begin_where_a_deal_of_their_account_was_lost() -> None:
    figures = {"lost": {"max": "closed_at", "of": "deals"}, "visits": {"count": "activities"}}
    given = card({"figures": figures}, {"number": "account.visits", "points": {"give": 1, "per": 1}, "maximum": 9})
    given["reset"] = [{"name": "Lost", "since": "account.lost"}]
    history = (did("page_view", 1), did("page_view", 3), did("page_view", 9))
    deals = [{"deal": "d", "account": "A", "closed_at": AS_OF - timedelta(days=3)}]
    found = results(given, [lead("a", history=history), lead("b", "B", history)], [account(deals=deals)])
    assert [(found[name]["lead_fit"], found[name]["lead_engagement"]) for name in "ab"] == [(1, 10), (3, 30)]


def test_an_account_begins_anew_for_itself_alone() -> None:
    reset = {"reset": [{"name": "Won", "since": "joined"}]}
    given = card(engagement(groups=groups(VIEW), people={"top": 1, "maximum": 40}) | reset)
    history = (did("page_view", 1), did("page_view", 9))
    found = results(given, [lead("a", history=history)], [account(joined=AS_OF - timedelta(days=5))])
    assert (found["a"]["lead_engagement"], found["A"]["lead_engagement"]) == (20, 30)


def test_what_two_leads_did_together_counts_for_each() -> None:
    given = card(engagement(groups=groups(VIEW)))
    people = [lead("a", history=(did("page_view"),)), lead("b", history=(did("page_view"),))]
    assert results(given, people, [account()])["A"]["lead_engagement"] == 20


DOMAINS = {
    "A": "acme.example",
    "B": "WWW.Other.example ",
    "C": "two.example",
    "D": "www.two.example",
    "E": "gmail.com",
    "F": "www.",
}


@pytest.mark.parametrize(
    ("named", "domain", "expected"),
    [
        (None, " WWW.ACME.example", "A"),
        (None, "other.example", "B"),
        ("X", "acme.example", "X"),
        ("", "acme.example", "A"),
        (None, "two.example", None),
        (None, "gmail.com", None),
        (None, "sub.acme.example", None),
        (None, "www.", None),
        (None, None, None),
    ],
)
def test_a_lead_without_an_account_has_the_only_one_of_its_domain(
    named: str | None, domain: str | None, expected: str | None
) -> None:
    by = {"lead": "site", "account": "web"}
    leads = pl.DataFrame({"account": [named], "site": [domain]}, schema={"account": pl.String, "site": pl.String})
    accounts = pl.DataFrame({"account": list(DOMAINS), "web": list(DOMAINS.values())})
    assert assigned(leads, accounts, ByDomain.model_validate(by)).to_list() == [expected]
    records = [{"account": name, "web": web} for name, web in DOMAINS.items()]
    assert account_of({"accounts": {"by_domain": by}}, {"account": named, "site": domain}, records) == expected


def test_domains_are_asked_only_where_the_card_says_so() -> None:
    assert assigned(pl.DataFrame({"domain": ["a.example"]}), pl.DataFrame({"account": ["A"]}), None).to_list() == [None]


def test_a_lead_that_changes_its_account_counts_where_it_is_now() -> None:
    given = card(engagement(people={"top": 1, "maximum": 40}))
    for now in "AB":
        found = results(given, [lead("a", now, n=9.0)], [account(), account("B")])
        assert [found[name]["lead_engagement"] for name in "AB"] == [9 * (name == now) for name in "AB"]


def test_a_circle_of_parents_is_followed_by_nobody() -> None:
    """A parent is a field like any other."""
    given = card({"fields": {"parent": "text", "employees": "number"}} | engagement(people={"top": 1, "maximum": 40}))
    records = [account(parent="B", employees=1.0), account("B", parent="A")]
    assert results(given, [lead("a", n=9.0)], records)["B"]["lead_engagement"] == 0


def test_leads_and_accounts_without_each_other_are_scored() -> None:
    given = card(engagement(people={"top": 1, "maximum": 40}))
    assert results(given, [lead("a", None, n=3.0)], [account()])["a"]["lead_score"] == 3
    assert results(given, [], [account()])["A"]["lead_score"] == 0
    assert results(given, [lead("a", None, n=3.0)], [])["a"]["lead_score"] == 3


def test_a_previous_stage_keeps_an_account_in_its_stage() -> None:
    stages = [{"name": "Cold"}, {"name": "Warm", "when": {"employees": 5}, "keep": {"employees": {"at_least": 3}}}]
    given = card({"readiness": {"stages": stages}})
    records = [({"account": "A", "employees": 4.0}, "Warm"), ({"account": "B", "employees": 4.0}, "Cold")]
    found = results(given, [], records)
    assert [found[name]["lead_readiness"] for name in "AB"] == ["Warm", "Cold"]


def test_a_card_that_only_reads_fields_needs_no_cohort() -> None:
    rule = {"lead": {"account.employees": {"at_least": 5}}, "points": 5}
    given = card({}, rule)
    assert not Scorer(Scorecard.model_validate(given)).cohorts
    assert Scorer(Scorecard.model_validate(card({"figures": {"won": {"count": "deals"}}}))).cohorts
    found = results(given, [lead("a"), lead("b", "B")], [account(employees=7.0)])
    assert [found[name]["lead_fit"] for name in "ab"] == [5, 0]


def test_values_that_leads_bring_of_their_account_stand() -> None:
    """So what looks ahead holds the account's figures, and an example can state them."""
    given = card(
        {"figures": {"heads": {"count": "leads"}}},
        {"number": "account.heads", "points": {"give": 1, "per": 1}, "maximum": 9},
    )
    scorer = Scorer(Scorecard.model_validate(given))
    empty, places = touchpoints(NO_ACTIVITIES)
    leads = pl.DataFrame({"lead": ["a", "b"], "account.heads": [7.0, None]})
    held = scorer.score(leads, empty, scorer.touchpoints(places), AS_OF)
    assert held.results["lead_fit"].to_list() == [7, 0]
    named = leads.with_columns(account=pl.Series(["A", "A"]))
    mixed = scorer.score(
        named, empty, scorer.touchpoints(places), AS_OF, related=Related(accounts=pl.DataFrame({"account": ["A"]}))
    )
    assert mixed.results["lead_fit"].to_list() == [7, 2]


def test_an_account_may_have_a_hundred_thousand_people() -> None:
    """They are one chunk, four times the usual; the others are computed around it, and leads keep their order."""
    many, figures = 100_000, {"warm": {"count": "leads", "where": {"stage": "Warm"}}}
    given = card({"figures": figures} | engagement(people={"top": 3, "maximum": 40}))
    given["priority"]["first"] = [{"is": "P1", "when": {"account.warm": {"above": 5}}}]
    account = pl.int_range(many + 10, eager=True) % (many // 5 + 2)
    whose = pl.Series(["B", "A"]).gather((account > 1).cast(pl.UInt32))
    leads = pl.DataFrame({"lead": pl.int_range(many + 10, eager=True).cast(pl.String), "account": whose, "n": 20.0})
    scorer, (none, places) = Scorer(Scorecard.model_validate(given)), touchpoints(NO_ACTIVITIES)
    chunks = scorer.chunks(leads, Related())
    assert (len(chunks), chunks.largest) == (2, whose.eq("A").sum())
    found = scorer.score(leads, none, scorer.touchpoints(places), AS_OF)
    assert found.results["lead"].equals(leads["lead"])
    assert found.results["lead_priority"].unique().to_list() == ["P1"]
    assert found.accounts is not None
    assert found.accounts.results["lead_engagement"].to_list() == [60, 60]


def test_a_likelihood_fits_until_what_leads_see_of_accounts_changes() -> None:
    figures = {"visits": {"count": "activities"}}
    given = [card({}), card({"figures": figures}), card(engagement(people={"top": 3, "maximum": 40}))]
    plain, with_figure, with_card = (points_digest(Scorecard.model_validate(one)) for one in given)
    assert plain == with_card != with_figure
