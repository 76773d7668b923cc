"""The engine compared with the specification in plain Python."""

import pytest
from hypothesis import HealthCheck, given, settings

from tests.examples import up_to
from tests.scoring.comparing import compare
from tests.scoring.drawing import cards, people


@settings(max_examples=up_to(50), deadline=None, suppress_health_check=list(HealthCheck))
@given(cards(), people)
def test_drawn_scorecards_and_histories_score_as_the_reference_says(card: dict, drawn: list) -> None:
    compare(card, drawn)


@pytest.mark.slow
@pytest.mark.timeout(900)
@settings(max_examples=up_to(1000), deadline=None, suppress_health_check=list(HealthCheck))
@given(cards(), people)
def test_many_more_drawn_scorecards_score_as_the_reference_says(card: dict, drawn: list) -> None:
    compare(card, drawn)
