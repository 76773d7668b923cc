"""The line that says why now: the strongest deed with its day and name, and the values that say who the lead is."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.scoring.comparing import compare, scored

AS_OF = datetime(2026, 11, 29, 12, tzinfo=UTC)
ASKED = {"name": "Demo request", "activity": {"kind": "demo_request"}, "points": 30}
CARD: dict[str, Any] = {
    "scorecard": "why",
    "fields": {"seniority": "text", "industry": "text", "employees": "number", "budget": "number", "member": "flag"},
    "score": {
        "fit": {
            "groups": [
                {
                    "name": "Who",
                    "rules": [
                        {"name": "Boss", "lead": {"seniority": "owner"}, "points": 9},
                        {"name": "Industry", "table": "industry", "points": {"COMPUTER_SOFTWARE": 8}, "missing": 1},
                        {"name": "Size", "lead": {"employees": {"at_least": 5}}, "points": 7},
                        {"name": "Money", "lead": {"budget": {"at_least": 5000}}, "points": 10},
                        {"name": "Member", "lead": {"member": True}, "points": 20},
                        {"name": "Any", "lead": {"any": [{"seniority": "x"}, {"employees": 3}]}, "points": 30},
                    ],
                }
            ]
        },
        "engagement": {
            "groups": [
                {
                    "name": "What",
                    "rules": [
                        ASKED,
                        {"name": "Pricing page", "activity": {"kind": "page_view"}, "points": 4},
                        {"name": "Left", "activity": {"kind": "unsubscribe"}, "points": -90},
                    ],
                }
            ]
        },
    },
}


def did(kind: str, days: float, name: str | None = None, number: str = "1") -> dict[str, Any]:
    return {"id": number, "kind": kind, "occurred_at": AS_OF - timedelta(days=days), "name": name}


def line(lead: dict[str, Any], *history: dict[str, Any]) -> Any:
    person = (lead, list(history), None)
    compare(CARD, [person], AS_OF)
    return scored(CARD, [person], AS_OF).results["lead_why_now"].item()


@pytest.mark.parametrize(
    ("lead", "history", "text"),
    [
        ({"seniority": "owner", "industry": "COMPUTER_SOFTWARE", "employees": 12.0}, [did("demo_request", 2, "Enterprise form")], "Asked for a demo on 27 Nov (Enterprise form) · owner, Computer software, 12 employees"),
        ({"budget": 12000.4}, [did("page_view", 340)], "Pricing page on 24 Dec 2025 · budget 12,000, Industry: unknown"),
        ({"employees": 3.0, "member": True}, [], "Any, Member, Industry: unknown"),
        ({"industry": "Law"}, [did("unsubscribe", 1)], None),
        ({"industry": "Law"}, [did("demo_request", 1, "Zeta\n form"), did("demo_request", 1, " a", "2"), did("demo_request", 3, "A", "3")], "Asked for a demo on 28 Nov (a)"),
        ({"industry": "Law"}, [did("demo_request", 1, "x" * 70)], f"Asked for a demo on 28 Nov ({'x' * 59}…)"),
    ],
)  # fmt: skip
def test_the_line_has_words_dates_and_values(lead: dict[str, Any], history: list[Any], text: str | None) -> None:
    assert line(lead, *history) == text
