"""Accounts in the engine compared with the specification in plain Python."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.examples import up_to
from tests.scoring.comparing_accounts import compare
from tests.scoring.drawing_accounts import cards, cohorts


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(cards(), cohorts(), st.sampled_from([None, 1, 2]))
def test_drawn_accounts_score_as_the_reference_says(card: dict, drawn: tuple, size: int | None) -> None:
    compare(card, *drawn, size=size)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@settings(max_examples=up_to(1000), deadline=None, suppress_health_check=list(HealthCheck))
@given(cards(), cohorts(), st.sampled_from([None, 1, 2]))
def test_many_more_drawn_accounts_score_as_the_reference_says(card: dict, drawn: tuple, size: int | None) -> None:
    compare(card, *drawn, size=size)
