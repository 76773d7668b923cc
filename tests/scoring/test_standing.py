"""What follows from the results before: since when a priority holds, when it rose and falls, and the next step."""

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoring import Scorecard, Scorer, touchpoints
from scoring.chunk import Chunk
from scoring.standing import FEW, STATE, _asked, _first_fall
from tests.scoring.comparing import frames, related
from tests.scoring.drawing import AS_OF as DRAWN_AT
from tests.scoring.drawing import cards, people
from tests.scoring.reference import Lead
from vocabulary.arrays import Flags, Ints

AS_OF = datetime(2026, 11, 27, 15, 30, 12, 345, tzinfo=UTC)
NOW = AS_OF.replace(microsecond=0)
EARLIER = NOW - timedelta(days=9)
CARD: dict[str, Any] = {
    "scorecard": "standing",
    "calendar": "America/New_York",
    "fields": {"size": "number", "budget": "number", "vip": "flag"},
    "grade": {
        "profiles": [
            {
                "name": "All",
                "criteria": [
                    {"name": "Company size", "weight": 2, "match": {"size": {"at_least": 10}}},
                    {"name": "Budget", "weight": 1, "match": {"budget": {"at_least": 10}}},
                ],
            }
        ],
        "disqualified": {"vip": False},
    },
    "readiness": {
        "stages": [
            {"name": "Cold"},
            {"name": "Warm", "when": {"activities": {"within": "30d"}}},
            {
                "name": "Ready",
                "when": {"activities": {"kind": "demo_request", "within": "14d"}},
                "keep": {"activities": {"within": "21d"}},
            },
        ]
    },
    "priority": {
        "matrix": {
            "Ready": dict.fromkeys("ABCDF?", "P1"),
            "Warm": dict.fromkeys("ABCDF?", "P2"),
            "Cold": dict.fromkeys("ABCDF?", "P4"),
        }
    },
}
LASTING = ("lead_priority_since", "lead_priority_rose_at", "lead_expires_at")


def did(kind: str, days: float, number: str = "1") -> dict[str, Any]:
    return {"id": number, "kind": kind, "occurred_at": AS_OF - timedelta(days=days), "name": None}


def standings(card: dict[str, Any], drawn: list[Any], states: list[dict[str, Any]], as_of: datetime) -> pl.DataFrame:
    """Score people whose results before are `states`, {} for none."""
    leads, activities, previous = frames(drawn, card["fields"])
    model = Scorecard.model_validate(card)
    rows = [
        {
            "lead_priority": one.get("priority"),
            "lead_priority_since": one.get("since"),
            "lead_priority_rose_at": one.get("rose_at"),
            "lead_expires_at": one.get("expires_at"),
            "lead_scorecard": {None: None, "same": model.label}.get(one.get("card"), "another"),
            "lead_scored_at": one.get("scored_at"),
            "own": one.get("own", False),
        }
        for one in states
    ]
    before = previous.hstack(pl.DataFrame(rows, schema=STATE))
    scorer, (numbered, places) = Scorer(model), touchpoints(activities)
    around = related(card, drawn)
    return scorer.score(leads, numbered, scorer.touchpoints(places), as_of, before, around).results


def standing(history: list[Any], state: dict[str, Any], lead: dict[str, Any] | None = None) -> dict[str, Any]:
    """Score one lead, and compare the result with the reference."""
    row = standings(CARD, [(lead or {}, history, None)], [state], AS_OF).row(0, named=True)
    agree(row, Lead(CARD, lead or {}, history, AS_OF, None, state))
    return row


def agree(row: dict[str, Any], expected: Any) -> None:
    assert row["lead_priority_since"] == expected.since
    assert row["lead_priority_rose_at"] == expected.rose_at
    assert row["lead_expires_at"] == expected.expires_at
    assert row["lead_next_step"] == expected.next_step
    assert row["lead_score_trend"] == expected.trend


LATER = datetime(2026, 12, 11, 5, tzinfo=UTC)
KNOWN = {"priority": "P2", "since": EARLIER, "rose_at": EARLIER, "expires_at": EARLIER, "card": "same", "own": True}
HELD = KNOWN | {"priority": "P1", "expires_at": LATER, "own": False}


@pytest.mark.parametrize(
    ("days", "state", "since", "rose"),
    [
        (1, KNOWN | {"priority": "P2"}, NOW, NOW),
        (1, KNOWN | {"priority": "P1"}, EARLIER, EARLIER),
        (1, KNOWN | {"own": False}, NOW, EARLIER),
        (1, KNOWN | {"card": "other"}, NOW, EARLIER),
        (25, KNOWN | {"priority": "P1"}, NOW, EARLIER),
        (1, {"own": True}, NOW, NOW),
        (1, {"own": False}, NOW, None),
        (40, {"own": True}, NOW, None),
    ],
    ids=["rose", "stays", "by time alone", "another card", "fell", "new lead", "first backfill", "new and lowest"],
)
def test_a_priority_has_a_moment_and_rises_only_by_the_lead_itself(
    days: float, state: dict[str, Any], since: datetime, rose: datetime | None
) -> None:
    row = standing([did("demo_request", days)], state)
    assert (row["lead_priority_since"], row["lead_priority_rose_at"]) == (since, rose)


def test_a_lead_without_a_priority_has_no_moment_and_no_step_but_keeps_when_it_rose() -> None:
    row = standing([did("demo_request", 1)], KNOWN, {"vip": False})
    assert [row[name] for name in (*LASTING, "lead_next_step")] == [None, EARLIER, None, None]


def test_an_older_database_knows_at_least_when_it_scored_last() -> None:
    """Its rows have no moments; the priority is at least as old as its results."""
    old = {"priority": "P1", "card": "same", "own": True, "scored_at": EARLIER}
    row = standings(CARD, [({}, [did("demo_request", 1)], None)], [old], AS_OF).row(0, named=True)
    assert [row[name] for name in LASTING] == [EARLIER, None, datetime(2026, 12, 18, 5, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("history", "state", "expires"),
    [
        ([did("demo_request", 1)], {"own": True}, datetime(2026, 12, 18, 5, tzinfo=UTC)),
        ([did("demo_request", 1)], HELD, LATER),
        ([did("demo_request", 1)], HELD | {"own": True}, datetime(2026, 12, 18, 5, tzinfo=UTC)),
        ([did("demo_request", 1)], HELD | {"card": "other"}, datetime(2026, 12, 18, 5, tzinfo=UTC)),
        ([did("demo_request", 1)], HELD | {"expires_at": NOW}, datetime(2026, 12, 18, 5, tzinfo=UTC)),
        ([did("page_view", 29.9)], {"own": True}, datetime(2026, 11, 28, 5, tzinfo=UTC)),
        ([did("page_view", 40)], {"own": True}, None),
    ],
    ids=[
        "kept in its stage",
        "stays",
        "it did something",
        "another card",
        "it came, the priority held",
        "tomorrow",
        "lowest",
    ],
)
def test_a_priority_expires_on_the_first_day_on_which_it_is_lower(
    history: list[Any], state: dict[str, Any], expires: datetime | None
) -> None:
    """Days begin at midnight in the card's zone."""
    assert standing(history, state)["lead_expires_at"] == expires


@pytest.mark.parametrize(
    ("history", "lead", "step"),
    [
        ([did("demo_request", 1)], {}, "Call by 17 Dec · ask about company size and budget"),
        ([did("demo_request", 1)], {"size": 20.0}, "Call by 17 Dec · ask about budget"),
        ([did("demo_request", 1)], {"size": 20.0, "budget": 1.0}, "Call by 17 Dec"),
        ([did("demo_request", 4), did("sales_email", 2, "2")], {"size": 20.0, "budget": 1.0}, "Wait for an answer until 28 Nov · wrote on 25 Nov"),
        ([did("demo_request", 4), did("call", 3, "2")], {"size": 20.0, "budget": 1.0}, "Follow up by 15 Dec · called on 24 Nov"),
        ([did("demo_request", 4), did("call", 3, "2"), did("email_reply", 1, "3")], {"size": 2.0, "budget": 1.0}, "Call by 17 Dec"),
        ([did("demo_request", 4), did("call", 3, "2"), did("page_view", 1, "3")], {"size": 2.0, "budget": 1.0}, "Follow up by 17 Dec · called on 24 Nov"),
        ([did("email_reply", 2), did("meeting", 2, "2")], {"size": 2.0, "budget": 1.0}, "Wait for an answer until 28 Nov · met on 25 Nov"),
        ([did("demo_request", 4), did("call_attempt", 2, "2")], {"size": 2.0, "budget": 1.0}, "Call again by 16 Dec · tried to call on 25 Nov"),
        ([did("meeting", 4), did("no_show", 2, "2"), did("call_attempt", 2, "3")], {"size": 2.0, "budget": 1.0}, "Call again by 25 Dec · no-show on 25 Nov"),
        ([did("page_view", 40)], {}, "Leave to marketing"),
    ],
)  # fmt: skip
def test_the_next_step_never_says_call_where_the_last_touch_is_ours(
    history: list[Any], lead: dict[str, Any], step: str
) -> None:
    assert standing(history, {"own": True}, lead)["lead_next_step"] == step


def test_the_sentence_of_a_priority_begins_the_next_step() -> None:
    names = [{"P1": "Call today"}, "P2", {"P4": "Send the newsletter"}]
    card = CARD | {"priority": CARD["priority"] | {"names": names}}
    histories = [[did("demo_request", 1), did("call", 0.5, "2")], [did("page_view", 1)], []]
    found = standings(card, [({}, history, None) for history in histories], [{"own": True}] * 3, AS_OF)
    assert found["lead_next_step"].to_list() == [
        "Call today · called on 26 Nov · ask about company size and budget",
        "Call by 26 Dec · ask about company size and budget",
        "Send the newsletter",
    ]


@pytest.mark.parametrize(
    ("more", "step"),
    [
        ([], "Call now"),
        ([did("call_attempt", 0.5, "2")], "Call again now · tried to call on 26 Nov"),
        ([did("call", 0.5, "2")], "Wait for an answer until 29 Nov · called on 26 Nov"),
    ],
)
def test_who_is_urgent_is_not_to_be_called_by_the_day_on_which_the_priority_falls(more: list[Any], step: str) -> None:
    urgency = [{"is": "now", "when": {"activities": {"kind": "demo_request", "within": "7d"}}}]
    card = CARD | {"readiness": CARD["readiness"] | {"urgency": urgency}}
    history, lead = [did("demo_request", 1), *more], {"size": 20.0, "budget": 1.0}
    row = standings(card, [(lead, history, None)], [{"own": True}], AS_OF).row(0, named=True)
    assert row["lead_next_step"] == Lead(card, lead, history, AS_OF, None, {"own": True}).next_step == step


@pytest.mark.parametrize(
    ("history", "deals", "step"),
    [
        ([did("meeting", 3)], [{"open": False}, {"open": True}], "Follow up by 24 Dec · met on 24 Nov; deal open"),
        ([did("page_view", 3)], [{"open": True}], "Call by 24 Dec · deal open"),
        ([did("meeting", 3)], [{"open": False}, {"open": None}], "Follow up by 24 Dec · met on 24 Nov"),
    ],
)
def test_the_next_step_says_that_a_deal_is_open(history: list[Any], deals: list[Any], step: str) -> None:
    card = CARD | {"deals": {"open": "flag"}}
    lead = {"size": 20.0, "budget": 1.0, "deals": deals}
    row = standings(card, [(lead, history, None)], [{"own": True}], AS_OF).row(0, named=True)
    assert row["lead_next_step"] == Lead(card, lead, history, AS_OF, None, {"own": True}).next_step == step


SCORED = {
    **CARD,
    "score": {
        "engagement": {
            "groups": [
                {
                    "name": "All",
                    "rules": [
                        {"name": "Reply", "activity": {"kind": "email_reply"}, "points": 20, "lifespan": "28d"},
                        {"name": "View", "activity": {"kind": "page_view"}, "points": 4},
                    ],
                }
            ]
        }
    },
}


@pytest.mark.parametrize(
    ("history", "lead", "trend"),
    [
        ([did("page_view", 1), did("email_reply", 60, "2")], {}, "steady"),
        ([did("page_view", 1), did("page_view", 6.9, "2")], {}, "rising"),
        ([did("page_view", 1), did("page_view", 7, "2")], {}, "steady"),
        ([did("email_reply", 7)], {}, "falling"),
        ([did("email_reply", 6)], {}, "rising"),
        ([], {}, None),
        ([did("email_reply", 6)], {"vip": False}, None),
    ],
    ids=["4 more", "8 more", "exactly a week", "5 less", "new", "nothing known", "disqualified"],
)
def test_the_trend_compares_with_the_score_a_week_before(history: list[Any], lead: dict[str, Any], trend: Any) -> None:
    row = standings(SCORED, [(lead, history, None)], [{"own": True}], AS_OF).row(0, named=True)
    assert row["lead_score_trend"] == Lead(SCORED, lead, history, AS_OF, None, {"own": True}).trend == trend


moments = st.sampled_from([DRAWN_AT - timedelta(days=days) for days in (0, 1, 30)]).map(
    lambda one: one.replace(microsecond=0)
)
known = st.fixed_dictionaries(
    {
        "priority": st.sampled_from(["P1", "P4", "Hot", "Cold", "Zz", "Later", "Yes", None]),
        "since": moments,
        "rose_at": moments,
        "expires_at": moments,
        "card": st.sampled_from(["same", "other"]),
        "own": st.booleans(),
    }
)
state = st.one_of(known, st.fixed_dictionaries({"own": st.booleans()}))


@given(st.lists(st.integers(0, 2**91 - 1).map(lambda bits: [bits >> day & 1 == 1 for day in range(91)]), max_size=9))
def test_asking_for_all_days_at_once_finds_the_same_falls(lower: list[list[bool]]) -> None:
    table = np.array(lower, np.bool_).reshape(-1, 91)
    calls: list[int] = []

    def falls(places: Ints, numbers: Ints) -> Flags:
        calls.append(len(places))
        found: Flags = table[places, numbers]
        return found

    right = _first_fall(len(table), falls)
    calls.clear()
    at_once = _asked(len(table), 91, falls)
    assert len(calls) <= 2
    calls.clear()
    assert _first_fall(len(table), at_once).tolist() == right.tolist()
    assert calls == []


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(cards().filter(lambda card: "priority" in card or "score" in card), people, st.data())
def test_drawn_cards_and_states_stand_as_the_reference_says(card: dict, drawn: list, data: Any) -> None:
    states = data.draw(st.lists(state, min_size=len(drawn), max_size=len(drawn)))
    with patch.object(Chunk, "few", data.draw(st.sampled_from([0, FEW]))):
        found = standings(card, drawn, states, DRAWN_AT)
    for number, (lead, history, before) in enumerate(drawn):
        row = found.row(number, named=True)
        agree(row, Lead(card, {**lead, "lead": row["lead"]}, history, DRAWN_AT, before, states[number]))
