"""How fast activities of a kind fade: chosen from a small grid, and only where the data say so clearly."""

from typing import Final

GRID: Final = (None, 7.0, 14.0, 30.0, 60.0, 120.0)
"""Half-lives in days; None is no decay inside the look-back."""
CAPS: Final = (None, 1.0, 3.0, 10.0)
"""How many (decayed) activities count at most; None is no limit."""
