"""The grid of half-lives and caps. One is chosen only if the data clearly support it."""

from typing import Final

GRID: Final = (None, 7.0, 14.0, 30.0, 60.0, 120.0)
"""Half-lives in days; None means no decay within the look-back."""
CAPS: Final = (None, 1.0, 3.0, 10.0)
"""The most (decayed) activities that count; None means no limit."""
