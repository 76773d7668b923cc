"""The scorecard of the specification, and people to score."""

from datetime import UTC, datetime
from typing import Any

import pytest

from scoring import Scorecard

AS_OF = datetime(2026, 11, 22, 12, tzinfo=UTC)

EXAMPLE: dict[str, Any] = {
    "scorecard": "b2b-saas",
    "fields": {"job_title": "text", "industry": "text", "employees": "number", "country": "text", "budget": "number", "email_domain": "text", "is_student": "flag", "purchase_by": "time"},
    "score": {
        "minimum": 0,
        "maximum": 100,
        "fit": {
            "maximum": 40,
            "groups": [
                {
                    "name": "Person",
                    "maximum": 25,
                    "rules": [
                        {"name": "Decision maker", "lead": {"job_title": {"matches": r"\b(chief|c[etfm]o|vp|head|director|founder)\b"}}, "points": 20},
                        {"name": "Individual contributor", "lead": {"job_title": {"matches": r"\b(analyst|engineer|specialist)\b"}}, "points": 5},
                        {"name": "Student", "lead": {"is_student": True}, "points": -30},
                    ],
                },
                {
                    "name": "Company",
                    "rules": [
                        {"name": "Industry", "table": "industry", "points": {"Software": 15, "Finance": 8}, "otherwise": 0},
                        {"name": "Budget", "lead": {"budget": {"at_least": 10000}}, "points": 10},
                    ],
                },
            ],
        },
        "engagement": {
            "maximum": 60,
            "groups": [
                {
                    "name": "Buying intent",
                    "rules": [
                        {"name": "Pricing page", "activity": {"kind": "page_view", "url": {"contains": "/pricing"}}, "points": 10, "half_life": "14d", "limit": "1 per day", "maximum": 30},
                        {"name": "Demo request", "activity": {"kind": "demo_request"}, "points": 40, "half_life": "30d", "award": "once"},
                    ],
                },
                {
                    "name": "Content",
                    "maximum": 25,
                    "rules": [
                        {"name": "Whitepaper or case study", "activity": {"kind": "content_download"}, "points": 8, "lifespan": "90d"},
                        {"name": "Email click", "activity": {"kind": "email_click"}, "points": 3, "half_life": "7d", "limit": "3 per week"},
                        {"name": "Stayed on the blog", "activity": {"kind": "page_view", "url": {"contains": "/blog"}, "seconds": {"at_least": 60}}, "points": 2, "within": "30d"},
                    ],
                },
                {
                    "name": "Warning signs",
                    "rules": [
                        {"name": "Careers page", "activity": {"kind": "page_view", "url": {"contains": "/careers"}}, "points": -10, "limit": "1 per month"},
                        {"name": "Unsubscribed", "activity": {"kind": "unsubscribe"}, "points": -25, "award": "once"},
                    ],
                },
            ],
        },
    },
    "grade": {
        "minimum_known": "50%",
        "missing": "ignore",
        "profiles": [
            {
                "name": "Small software companies",
                "criteria": [
                    {"name": "Industry", "weight": 3, "match": {"industry": ["Software", "SaaS"]}, "partial": {"industry": ["IT services"]}},
                    {"name": "Size", "weight": 2, "match": {"employees": {"between": [5, 200]}}, "partial": {"employees": {"between": [201, 1000]}}},
                    {"name": "Country", "weight": 1, "match": {"country": ["DE", "FR", "NL", "GB", "US"]}},
                ],
            }
        ],
        "disqualified": {"any": [{"email_domain": ["rival.example"]}, {"is_student": True}]},
    },
    "readiness": {
        "stages": [
            {"name": "Unaware"},
            {"name": "Aware", "when": {"activities": {"within": "90d"}}},
            {"name": "Considering", "when": {"any": [{"activities": {"kind": ["content_download", "webinar_attend"], "within": "30d", "at_least": 2}}, {"engagement": {"at_least": 25}}]}},
            {"name": "Evaluating", "when": {"activities": {"kind": "page_view", "url": {"contains": "/pricing"}, "within": "14d", "at_least": 2}}, "keep": {"activities": {"within": "30d"}}},
            {"name": "Ready", "when": {"activities": {"kind": ["demo_request", "pricing_request"], "within": "30d"}}},
        ],
        "urgency": [
            {"is": "now", "when": {"unanswered": {"kind": ["demo_request", "pricing_request"], "by": ["call", "meeting", "sales_email"], "within": "7d"}}},
            {"is": "soon", "when": {"any": [{"surge": {"at_least": 2, "points": 10}}, {"purchase_by": {"within_next": "60d"}}]}},
            {"is": "later", "when": {"activities": {"within": "90d"}}},
        ],
    },
    "priority": {
        "first": [{"is": "P1", "when": {"urgency": "now", "grade": {"at_least": "C"}}}],
        "matrix": {
            "Ready": {"A": "P1", "B": "P1", "C": "P2", "D": "P3", "F": "P4", "?": "P2"},
            "Evaluating": {"A": "P1", "B": "P2", "C": "P3", "D": "P4", "F": "P4", "?": "P3"},
            "Considering": {"A": "P2", "B": "P3", "C": "P3", "D": "P4", "F": "P4", "?": "P3"},
            "Aware": {"A": "P3", "B": "P3", "C": "P4", "D": "P4", "F": "P4", "?": "P4"},
            "Unaware": {"A": "P3", "B": "P4", "C": "P4", "D": "P4", "F": "P4", "?": "P4"},
        },
        "balance": {"fit": 40, "engagement": 30, "readiness": 30},
    },
    "examples": [
        {
            "name": "Founder of a small software firm, demo asked for yesterday",
            "lead": {"job_title": "Founder", "industry": "Software", "employees": 12, "country": "DE"},
            "activities": [{"kind": "demo_request", "age": "1d"}],
            "expect": {"grade": "A+", "stage": "Ready", "urgency": "now", "priority": "P1", "score": {"at_least": 70}},
        }
    ],
}  # fmt: skip


@pytest.fixture
def example() -> dict[str, Any]:
    """The scorecard in the specification, as plain data."""
    return EXAMPLE


@pytest.fixture
def card() -> Scorecard:
    """The scorecard in the specification."""
    return Scorecard.model_validate(EXAMPLE)
