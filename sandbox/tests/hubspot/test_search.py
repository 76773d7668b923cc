"""Search compared with a slow, simple reference."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadgauge_sandbox.hubspot.searching import find_all
from tests.examples import up_to

if TYPE_CHECKING:
    from collections.abc import Callable

    from leadgauge_sandbox.hubspot.portal import Portal
    from sandbox.tests.hubspot.conftest import Sandbox

PAGE = "/crm/v3/objects/contacts"
Row = dict[str, str | None]

TYPES = {"jobtitle": str.lower, "budget": float, "lifecyclestage": str, "createdate": str}
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "EQ": lambda held, wish: held == wish,
    "NEQ": lambda held, wish: held != wish,
    "LT": lambda held, wish: held is not None and held < wish,
    "LTE": lambda held, wish: held is not None and held <= wish,
    "GT": lambda held, wish: held is not None and held > wish,
    "GTE": lambda held, wish: held is not None and held >= wish,
}
values = {
    "jobtitle": st.sampled_from(["CEO", "ceo", "Founder", "zzz"]),
    "budget": st.sampled_from(["10000", "9999.5", "1e4", "0"]),
    "lifecyclestage": st.sampled_from(["lead", "customer", "Lead"]),
    "createdate": st.sampled_from(["2026-05-01T00:00:00.000Z", "2025-11-01T00:00:00.000Z"]),
}
conditions = st.sampled_from(sorted(values)).flatmap(
    lambda name: st.tuples(st.just(name), st.sampled_from(sorted(COMPARE)), values[name])
)


@pytest.fixture(scope="module")
def account() -> Portal:
    from leadgauge_sandbox.hubspot import Clock, create_app  # noqa: PLC0415
    from leadgauge_sandbox.population import Population  # noqa: PLC0415

    now = 1_795_000_000_000
    portal: Portal = create_app(Population.generate(200, 3, now), clock=Clock(now)).state.portal
    return portal


def holds(row: dict[str, str], condition: tuple[str, str, str]) -> bool:
    name, operator, wish = condition
    convert = TYPES[name]
    held = row.get(name)
    return COMPARE[operator](convert(held) if held else None, convert(wish))  # type: ignore[operator]


@settings(max_examples=up_to(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(conditions, min_size=1, max_size=3), max_size=3))
def test_filters_agree_with_a_scan(account: Portal, groups: list[list[tuple[str, str, str]]]) -> None:
    """Any group matches if all its filters hold; NEQ includes records without the property."""
    table = account.tables["0-1"]
    wish = {
        "filterGroups": [
            {
                "filters": [
                    {"propertyName": name, "operator": operator, "value": value} for name, operator, value in group
                ]
            }
            for group in groups
        ]
    }
    found = {record.id for record in find_all(account, table, wish)}
    expected = {
        record.id
        for record in table.live()
        if not groups or any(all(holds(record.values, each) for each in group) for group in groups)
    }
    assert found == expected


def moment(text: str) -> int:
    return round(datetime.fromisoformat(text).astimezone(UTC).timestamp() * 1000)


def test_windows_of_change_are_closed(full: Sandbox) -> None:
    """BETWEEN includes both ends and ignores fractions of a millisecond; the pages of a window are complete."""
    rows = full.all(PAGE, limit=100)
    stamps = sorted(moment(row["updatedAt"]) for row in rows)
    low, high = stamps[50], stamps[200]
    window = {"propertyName": "lastmodifieddate", "operator": "BETWEEN", "value": low, "highValue": high}
    wish: dict[str, Any] = {"filterGroups": [{"filters": [window]}], "sorts": ["hs_object_id"], "limit": 40}
    page = full.search(wish)
    ids = [row["id"] for row in page["results"]]
    while "paging" in page:
        assert set(page["paging"]["next"]) == {"after"}
        page = full.search(wish | {"after": page["paging"]["next"]["after"]})
        ids += [row["id"] for row in page["results"]]
    assert ids == sorted((row["id"] for row in rows if low <= moment(row["updatedAt"]) <= high), key=int)
    exact = {"propertyName": "lastmodifieddate", "operator": "EQ", "value": f"{_iso(low)[:-1]}999Z"}
    assert full.search({"filters": [exact]})["total"] == stamps.count(low)


def _iso(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ([("jobtitle", "CONTAINS_TOKEN", "yak")], 1),
        ([("jobtitle", "CONTAINS_TOKEN", "sha*")], 1),
        ([("jobtitle", "NOT_CONTAINS_TOKEN", "yak")], 2),
        ([("jobtitle", "HAS_PROPERTY", None)], 2),
        ([("jobtitle", "NOT_HAS_PROPERTY", None)], 1),
        ([("jobtitle", "IN", ["yak shaver", "nobody"])], 1),
        ([("jobtitle", "NOT_IN", ["yak shaver"])], 2),
    ],
)
def test_operators(empty: Sandbox, filters: list[tuple[str, str, Any]], count: int) -> None:
    titles = ["Yak Shaver", "Founder", ""]
    empty.post(f"{PAGE}/batch/create", {"inputs": [{"properties": {"jobtitle": title}} for title in titles]})
    wish = [
        {"propertyName": name, "operator": operator, ("values" if isinstance(value, list) else "value"): value}
        for name, operator, value in filters
    ]
    assert empty.search({"filterGroups": [{"filters": wish}]})["total"] == count


@pytest.mark.parametrize(
    "wish",
    [
        {"limit": 201},
        {"after": "10000"},
        {"after": "soon"},
        {"sorts": ["email", "phone"]},
        {"filters": [{"propertyName": "nonsense", "operator": "EQ", "value": "1"}]},
        {"filters": [{"propertyName": "email", "operator": "LIKE", "value": "1"}]},
        {"filters": [{"propertyName": "email", "operator": "EQ"}]},
        {"filters": [{"propertyName": "createdate", "operator": "GT", "value": "yesterday"}]},
        {"filterGroups": [{"filters": [{"propertyName": "email", "operator": "HAS_PROPERTY"}]}] * 7},
        {"query": "x" * 3001},
    ],
)
def test_what_search_refuses(full: Sandbox, wish: dict[str, Any]) -> None:
    assert full.call("POST", f"{PAGE}/search", json=wish).status_code == 400


def test_epoch_zero_breaks_search_as_it_breaks_hubspot(full: Sandbox) -> None:
    wish = {"filters": [{"propertyName": "lastmodifieddate", "operator": "GTE", "value": "0"}]}
    assert full.call("POST", f"{PAGE}/search", json=wish).status_code == 500
