"""How many examples a test of a property draws: all of them in `make test-all`, a fifth in `make test`."""

from hypothesis import settings

USUAL = 100
"""What Hypothesis draws where nothing is said."""
FEWEST = 5


def up_to(many: int) -> int:
    """Return how many of these examples the chosen tests draw."""
    return max(FEWEST, many * settings.default.max_examples // USUAL)
