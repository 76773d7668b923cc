"""Rules that never fire, always fire or point the wrong way; and leads as they were then."""

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from scoring import Scorecard
from vocabulary.rows import FIELD_HISTORY
from watch.rules import Known, findings, judged, rules_of
from watch.sample import LINES, as_then

CARD = Scorecard.model_validate(
    {
        "scorecard": "a",
        "fields": {"industry": "text", "employees": "number"},
        "score": {
            "fit": {
                "groups": [
                    {
                        "name": "Company",
                        "when": {"employees": {"at_least": 5}},
                        "rules": [{"name": "Software", "lead": {"industry": "Software"}, "points": 5}],
                    }
                ]
            },
            "engagement": {
                "groups": [
                    {
                        "name": "Doings",
                        "rules": [
                            {"name": "Visit", "activity": {"kind": "page_view"}, "points": 1, "half_life": "14d"},
                            {"name": "Visit", "activity": {"kind": "visit"}, "points": 1, "half_life": "14d"},
                        ],
                    }
                ]
            },
        },
    }
)


def test_rules_come_with_the_fields_whose_past_is_not_read() -> None:
    """Those of the group's condition too; a name that two rules share is one."""
    assert rules_of(CARD, ["industry"]) == [Known("fit", "Software", ("employees",)), Known("engagement", "Visit", ())]


def lines(**fired: tuple[range, float]) -> pl.DataFrame:
    rows = [(str(lead), "fit", name, points) for name, (leads, points) in fired.items() for lead in leads]
    return pl.DataFrame([(*row, None) for row in rows], LINES, orient="row")


PEOPLE = pl.DataFrame({"lead": [str(lead) for lead in range(1000)], "came": [lead < 100 for lead in range(1000)]})
"""The first hundred of a thousand leads converted."""


def rows(found: pl.DataFrame, *unread: str) -> dict[str, dict[str, Any]]:
    known = [Known("fit", name, tuple(unread)) for name in ("a", "b", "c")]
    return {one["rule"]: one for one in judged(known, found, 1000, found, PEOPLE)}


def test_each_rule_gets_its_verdict() -> None:
    """Never, always, and the wrong way: points for leads that convert less."""
    found = rows(lines(a=(range(1000), 3.0), c=(range(90, 600), 5.0)))
    assert {name: one["verdict"] for name, one in found.items()} == {"a": "always", "b": "never", "c": "wrong way"}
    assert (found["c"]["with"], found["c"]["without"]) == (10 / 510, 90 / 490)


def test_what_takes_points_points_the_wrong_way_where_leads_convert_more() -> None:
    """And the right way where they convert less."""
    assert rows(lines(a=(range(300), -3.0), b=(range(90, 600), -5.0), c=(range(5), 1.0)))["a"]["verdict"] == "wrong way"
    assert rows(lines(a=(range(300), -3.0), b=(range(90, 600), -5.0), c=(range(5), 1.0)))["b"]["verdict"] == "—"


def test_nothing_is_said_of_the_direction_where_chance_or_the_present_could_explain_it() -> None:
    """Twenty leads, a small difference, or a field of which only today's value is known."""
    assert rows(lines(c=(range(100, 120), 5.0)))["c"]["verdict"] == "—"
    assert rows(lines(c=(range(96, 196), 5.0)))["c"]["verdict"] == "wrong way"
    assert rows(lines(c=(range(91, 191), 5.0)))["c"]["verdict"] == "—"
    assert rows(lines(c=(range(96, 196), 5.0)), "budget")["c"]["verdict"] == "—"


def test_findings_name_the_rules_and_say_what_to_do() -> None:
    """One for all that never fire, one for all that always do, one for each that points the wrong way."""
    found = list(findings(list(rows(lines(a=(range(1000), 3.0), c=(range(90, 600), 5.0))).values()), 1000))
    assert [one.kind for one in found] == ["rules_never", "rules_always", "rules_wrong_way"]
    assert found[0].says == "1 of 3 rules fired for none of 1,000 leads (for less than 0.38 %): b."
    assert found[2].says.startswith("c gives points (+5.0 on average), and leads with it convert less often")
    assert all(one.do for one in found)


AT = datetime(2026, 6, 1, tzinfo=UTC)
TEXTS = st.sampled_from(["x", "y", None])


@given(st.dictionaries(st.integers(-5, 5).filter(bool), TEXTS, max_size=4), TEXTS)
def test_a_lead_has_the_value_that_its_field_had_then(changes: dict[int, str | None], first: str | None) -> None:
    """The last one set before, else what the first change after replaced, else today's."""
    days, value, told = sorted(changes), first, []
    then = first
    for day in days:
        told.append(("1", "industry", AT + timedelta(days=day), changes[day], value))
        value = changes[day]
        then = value if day < 0 else then
    leads = pl.DataFrame({"lead": ["1", "2"], "industry": [value, "today"]}, schema_overrides={"industry": pl.String})
    found = as_then(leads, pl.DataFrame(told, FIELD_HISTORY, orient="row"), AT, {"industry": "text"})
    assert found["industry"].to_list() == [then, "today"]


def test_former_values_get_the_types_of_their_fields() -> None:
    """The history of a CRM is text."""
    day = AT - timedelta(days=1)
    told = [
        ("1", "n", day, "12.5", None),
        ("1", "f", day, "True", None),
        ("1", "d", day, "2026-01-02T00:00:00Z", None),
        ("1", "n2", day, "many", None),
    ]
    leads = pl.DataFrame(
        {"lead": ["1"], "n": [1.0], "n2": [1.0], "f": [False], "d": [None]}, schema_overrides={"d": pl.Date}
    )
    kinds: Any = {"n": "number", "n2": "number", "f": "flag", "d": "date"}
    found = as_then(leads, pl.DataFrame(told, FIELD_HISTORY, orient="row"), AT, kinds)
    assert found.row(0, named=True) == {"lead": "1", "n": 12.5, "n2": None, "f": True, "d": datetime(2026, 1, 2).date()}  # noqa: DTZ001
