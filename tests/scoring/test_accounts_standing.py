"""What follows from the results before, of accounts and of leads that look at them."""

from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoring import Related, Scorecard, Scorer, touchpoints
from scoring.standing import STATE
from tests.examples import up_to
from tests.scoring.comparing import ACTIVITY
from tests.scoring.comparing_accounts import deals, previous, rows
from tests.scoring.drawing import AS_OF
from tests.scoring.drawing_accounts import cards, cohorts
from tests.scoring.reference_accounts import together
from tests.scoring.test_standing import agree

EARLIER = (AS_OF - timedelta(days=9)).replace(microsecond=0)
KNOWN = {"priority": "P2", "since": EARLIER, "rose_at": EARLIER, "expires_at": EARLIER, "card": "same", "own": True}
states = st.sampled_from([{"own": True}, {"own": False}, KNOWN, KNOWN | {"priority": "P1", "card": "other"}])


def with_states(frame: pl.DataFrame, known: dict[str, Any], label: str) -> pl.DataFrame:
    """Previous stages with what else was computed last."""
    found = [known[who] for who in frame["lead"]]
    columns = {
        "lead_priority": [one.get("priority") for one in found],
        "lead_priority_since": [one.get("since") for one in found],
        "lead_priority_rose_at": [one.get("rose_at") for one in found],
        "lead_expires_at": [one.get("expires_at") for one in found],
        "lead_scorecard": [{None: None, "same": label}.get(one.get("card"), "another") for one in found],
        "lead_scored_at": [None for _ in found],
        "own": [one["own"] for one in found],
    }
    return frame.hstack(pl.DataFrame(columns, schema=STATE))


def check(card: dict[str, Any], people: list[Any], records: list[Any], known: dict[str, Any]) -> None:
    model = Scorecard.model_validate(card)
    leads = rows([lead for lead, _, _ in people], card["fields"], "lead", "account")
    history = [{"lead": lead["lead"], **one} for lead, activities, _ in people for one in activities]
    numbered, places = touchpoints(pl.DataFrame(history, schema=ACTIVITY))
    stood = [(record["account"], before) for record, before in records]
    stood += [(name, None) for name in {lead["account"] for lead, *_ in people} - {name for name, _ in stood} - {None}]
    accounts = rows([record for record, _ in records], card["accounts"]["fields"], "account")
    around = Related(deals(card, people, records), accounts, with_states(previous(stood), known, model.label))
    before = with_states(previous([(lead["lead"], stage) for lead, _, stage in people]), known, model.label)
    scorer = Scorer(model)
    scored = scorer.score(leads, numbered, scorer.touchpoints(places), AS_OF, before, around)
    expected, of_accounts = together(card, people, records, AS_OF, known)
    for row in scored.results.iter_rows(named=True):
        agree(row, expected[row["lead"]])
    for row in scored.accounts.results.iter_rows(named=True) if scored.accounts else ():
        agree(row, of_accounts[row["lead"]])


class States(dict[str, Any]):
    """A state for everybody, drawn when it is asked for."""

    def __init__(self, data: Any) -> None:
        super().__init__()
        self.data = data

    def __missing__(self, who: str) -> Any:
        self[who] = self.data.draw(states)
        return self[who]


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(cards(), cohorts(), st.data())
def test_drawn_accounts_stand_as_the_reference_says(card: dict[str, Any], drawn: Any, data: Any) -> None:
    check(card, *drawn, States(data))


@pytest.mark.slow
@pytest.mark.timeout(1800)
@settings(max_examples=up_to(300), deadline=None, suppress_health_check=list(HealthCheck))
@given(cards(), cohorts(), st.data())
def test_many_more_drawn_accounts_stand_as_the_reference_says(card: dict[str, Any], drawn: Any, data: Any) -> None:
    check(card, *drawn, States(data))
