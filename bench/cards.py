"""The scorecards of `bench.scoring`: a plain one, one with every new option, one with accounts."""

from typing import Any

from bench.data import KINDS, PAGES


def scorecard(lead_rules: int = 20, activity_rules: int = 40) -> dict[str, Any]:
    """Return a scorecard with this many rules, of all kinds."""
    decays = [{"half_life": "14d"}, {"lifespan": "90d"}, {"steps": {"every": "30d", "lose": "25%"}}, {}]
    extras = [{"limit": "1 per day"}, {"within": "60d"}, {"award": "once"}, {"maximum": 30}, {"limit": "3 per week"}]
    conditions = [
        *({"kind": "page_view", "url": {"contains": f"/{page}"}} for page in PAGES),
        *({"kind": kind} for kind in KINDS[1:]),
        {"kind": "page_view", "seconds": {"at_least": 90}},
        *({"kind": "content_download", "name": {"ends_with": str(number)}} for number in range(10)),
    ]
    leads = [
        {"job_title": {"matches": r"\b(chief|vp|head|director|founder)\b"}},
        {"job_title": {"contains": "engineer"}},
        {"is_student": True},
        {"employees": {"between": [5, 200]}},
        {"budget": {"at_least": 10000}},
        {"any": [{"country": ["DE", "FR"]}, {"not": {"industry": "Retail"}}]},
    ]
    fit = [{"name": f"Lead rule {n}", "lead": leads[n % len(leads)], "points": 1 + n % 7} for n in range(lead_rules)]
    engagement = [
        {"name": f"Activity rule {n}", "activity": conditions[n % len(conditions)], "points": (-1) ** n * (1 + n % 9)}
        | decays[n % 4]
        | extras[n % 5]
        for n in range(activity_rules)
    ]
    return {
        "scorecard": "bench",
        "fields": {
            "job_title": "text",
            "industry": "text",
            "country": "text",
            "employees": "number",
            "budget": "number",
            "is_student": "flag",
        },
        "score": {
            "minimum": 0,
            "maximum": 100,
            "fit": {"maximum": 40, "groups": [{"name": "Fit", "rules": fit}]},
            "engagement": {"maximum": 60, "groups": [{"name": "Engagement", "maximum": 50, "rules": engagement}]},
        },
        "grade": {
            "minimum_known": "50%",
            "profiles": [
                {
                    "name": "Everybody",
                    "criteria": [
                        {
                            "name": "Industry",
                            "weight": 3,
                            "match": {"industry": ["Software", "SaaS"]},
                            "partial": {"industry": "IT services"},
                        },
                        {"name": "Size", "weight": 2, "match": {"employees": {"between": [5, 200]}}},
                        {"name": "Country", "weight": 1, "match": {"country": ["DE", "FR", "NL", "GB", "US"]}},
                    ],
                }
            ],
        },
        "readiness": {
            "stages": [
                {"name": "Unaware"},
                {"name": "Aware", "when": {"activities": {"within": "90d"}}},
                {
                    "name": "Ready",
                    "when": {"activities": {"kind": ["demo_request", "pricing_request"], "within": "30d"}},
                },
            ],
            "urgency": [
                {
                    "is": "now",
                    "when": {"unanswered": {"kind": ["demo_request"], "by": ["call", "meeting"], "within": "7d"}},
                },
                {"is": "soon", "when": {"surge": {"at_least": 2, "points": 10}}},
            ],
        },
        "priority": {
            "matrix": {
                stage: dict(zip("ABCDF?", ["P1", "P2", "P3", "P4", "P4", "P3"], strict=True))
                for stage in ("Unaware", "Aware", "Ready")
            },
            "balance": {"fit": 40, "engagement": 30, "readiness": 30},
        },
    }


FIELDS = {
    "created_at": "time",
    "recycled_at": "time",
    "contract_end": "time",
    "segments": "member_of",
    "buying_role": "text",
}


def newest() -> dict[str, Any]:
    """Return a card with as many rules, which uses every option: calendar, resets, ranges, figures, awards, names."""
    card = scorecard()
    return card | {
        "scorecard": "newest",
        "calendar": {"zone": "America/New_York", "year_starts": "February"},
        "fields": card["fields"] | FIELDS,
        "deals": {"amount": "number", "open": "flag", "closed_at": "time"},
        "figures": {
            "largest_deal": {"max": "amount", "of": "deals", "where": {"open": True}},
            "last_lost": {"max": "closed_at", "of": "deals", "where": {"open": False}},
            "minutes": {"sum": "seconds", "of": "activities", "where": {"kind": "page_view", "within": "30d"}},
        },
        "reset": [{"name": "Returned by sales", "since": "recycled_at", "rest": "30d"}],
        "score": {
            "minimum": 0,
            "maximum": 100,
            "fit": {"maximum": 40, "groups": _fit_groups(card["score"]["fit"]["groups"][0]["rules"])},
            "engagement": {
                "maximum": 60,
                "reset": [{"name": "Unsubscribed", "activity": {"kind": "unsubscribe"}}],
                "groups": _engagement_groups(card["score"]["engagement"]["groups"][0]["rules"]),
            },
        },
        "grade": card["grade"]
        | {
            "disqualified": [
                {"name": "Student", "when": {"is_student": True}},
                {"name": "Retail", "when": {"industry": "Retail", "employees": {"below": 3, "or_missing": True}}},
            ],
            "disqualified_score": "zero",
        },
        "priority": {
            "names": {"Hot": "Call today", "Warm": "Call this week", "Cold": "Leave to marketing"},
            "first": [{"is": "Hot", "when": {"urgency": "now", "grade": {"at_least": "C"}}}],
            "matrix": {
                stage: dict(zip("ABCDF?", cells, strict=True))
                for stage, cells in {
                    "Unaware": ["Warm", "Warm", "Cold", "Cold", "Cold", "Cold"],
                    "Aware": ["Warm", "Warm", "Warm", "Cold", "Cold", "Cold"],
                    "Ready": ["Hot", "Hot", "Warm", "Warm", "Cold", "Warm"],
                }.items()
            },
        },
    }


def _fit_groups(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    new = [
        {"table": "employees", "points": {"1-10": 3, "11-50": 8, "51+": 12}, "missing": 1},
        {"number": "largest_deal", "points": {"give": 2, "per": 1000, "shape": "log"}, "maximum": 12},
        {"number": {"days_until": "contract_end"}, "points": {"give": 1, "per": 30}, "maximum": 9},
        {"table": {"days_since": "created_at"}, "points": {"0-30": 10, "30-90": 5}},
        {"lead": {"employees": {"below": 1000, "or_missing": True}}, "points": 2},
        {"lead": {"created_at": {"above": {"field": "contract_end"}}}, "points": 10},
        {"lead": {"created_at": {"during": "this quarter"}}, "points": 5},
        {"lead": {"segments": {"contains": "partners"}}, "points": 5},
        {"lead": {"last_lost": {"within": "90d"}}, "points": -5},
        {
            "table": "budget",
            "points": {"below 5000": 1, "5000-20000": 3, "20000+": 6},
            "when": {"job_title": {"known": True}},
        },
    ]
    named = [{"name": f"New rule {number}", **rule} for number, rule in enumerate(new)]
    best = {"name": "Best", "award": "best", "rules": named[:3]}
    return [best, {"name": "Person", "when": {"country": {"known": True}}, "rules": named[3:] + rules[: -len(new)]}]


def _engagement_groups(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Spread the rules over three groups, and give every third of them a new option."""
    options: list[dict[str, Any]] = [
        {"limit": "1 per name per month"},
        {"during": "this quarter"},
        {"points": {"1-2": 5, "3-9": 10, "10+": 15}},
        {"when": {"is_student": False}},
        {"limit": "2 per url"},
        {"reset": [{"name": "Met", "activity": {"kind": "meeting"}}]},
    ]
    changed = []
    for number, rule in enumerate(rules):
        more = options[number // 3 % len(options)] if number % 3 == 0 else {}
        kept = {name: value for name, value in rule.items() if not ("points" in more and name in {"at_least", "award"})}
        changed.append(kept | more)
    fading = {"name": "Fading", "half_life": "30d", "rules": changed[:14]}
    lost = [{"name": "Lost", "since": "last_lost"}]
    busy = {"name": "Busy", "reset": lost, "when": {"minutes": {"at_least": 0}}, "rules": changed[14:28]}
    return [fading, busy, {"name": "Rest", "maximum": 50, "rules": changed[28:]}]


def with_accounts() -> dict[str, Any]:
    """Return the plain card with accounts: fields and figures that leads read, and a card of their own."""
    card = scorecard()
    first = [{"is": "P1", "when": {"account.hot_people": {"at_least": 2}, "grade": {"at_least": "B"}}}]
    card["score"]["fit"]["groups"][0]["rules"][0] |= {"lead": {"account.employees": {"at_least": 1000}}}
    card["score"]["fit"]["groups"][0]["rules"][1] |= {"lead": {"account.visits": {"at_least": 20}}}
    return card | {
        "scorecard": "with accounts",
        "fields": card["fields"] | {"buying_role": "text"},
        "deals": {"amount": "number", "open": "flag"},
        "priority": card["priority"] | {"first": first},
        "accounts": {
            "fields": {"employees": "number", "industry": "text"},
            "figures": {
                "open_amount": {"sum": "amount", "of": "deals", "where": {"open": True}},
                "visits": {"count": "activities", "where": {"kind": "page_view", "within": "30d"}},
                "hot_people": {"count": "leads", "where": {"stage": "Ready"}},
            },
            "score": {
                "fit": {
                    "maximum": 40,
                    "groups": [
                        {
                            "name": "Company",
                            "rules": [
                                {"name": "Large", "lead": {"employees": {"at_least": 1000}}, "points": 30},
                                {"name": "Industry", "table": "industry", "points": {"Software": 10, "Finance": 5}},
                                {
                                    "name": "Deals",
                                    "number": "open_amount",
                                    "points": {"give": 1, "per": 1000},
                                    "maximum": 10,
                                },
                            ],
                        }
                    ],
                },
                "engagement": {
                    "maximum": 100,
                    "people": {"top": 5, "maximum": 40},
                    "coverage": {
                        "by": "buying_role",
                        "engaged": {"engagement": {"at_least": 10}},
                        "points": {"Decision maker": 15, "User": 5, "Finance": 10},
                    },
                    "groups": [
                        {
                            "name": "Together",
                            "rules": [
                                {
                                    "name": "Pricing page",
                                    "activity": {"kind": "page_view", "url": {"contains": "/pricing"}},
                                    "points": 2,
                                    "half_life": "30d",
                                    "maximum": 20,
                                },
                                {
                                    "name": "Demo request",
                                    "activity": {"kind": "demo_request"},
                                    "points": 20,
                                    "lifespan": "90d",
                                    "award": "once",
                                },
                            ],
                        }
                    ],
                },
            },
            "grade": {
                "profiles": [
                    {
                        "name": "All",
                        "criteria": [{"name": "Size", "weight": 1, "match": {"employees": {"at_least": 100}}}],
                    }
                ]
            },
            "readiness": {"stages": [{"name": "Cold"}, {"name": "Warm", "when": {"score": {"at_least": 50}}}]},
            "priority": {
                "matrix": {
                    "Cold": dict.fromkeys("ABCDF?", "P4"),
                    "Warm": dict(zip("ABCDF?", ["P1", "P2", "P3", "P3", "P4", "P3"], strict=True)),
                }
            },
        },
    }
