"""The engine against the specification written down as plain Python."""

from hypothesis import HealthCheck, given, settings

from tests.scoring.comparing import compare
from tests.scoring.drawing import cards, people


@settings(max_examples=70, deadline=None, suppress_health_check=list(HealthCheck))
@given(cards(), people)
def test_drawn_scorecards_and_histories_score_as_the_reference_says(card: dict, drawn: list) -> None:
    compare(card, drawn)
