"""When HubSpot's background jobs are the cheaper way: exports for reading, imports for writing."""

from typing import Final, Literal

from connectors.base import Cost

Choice = Literal["auto", "always", "never"]

ROWS_A_SECOND: Final = 2_000
"""What a background job is taken to get done; HubSpot promises nothing."""
START_UP: Final = 60.0
"""Seconds until a job begins."""
LOOKS: Final = 20
"""Calls to start a job, to look after it, and to fetch what came of it."""
_DEAR: Final = 0.1
"""The part of the day's remaining calls from which on calls count for more than time."""


def job(rows: int) -> Cost:
    """Estimate what a background job over so many rows takes."""
    return Cost(LOOKS, START_UP + rows / ROWS_A_SECOND)


def pays(choice: Choice, rows: int, least: int, calls: Cost, left_today: int | None) -> bool:
    """Tell whether a job is to do the work that would take `calls`: it must be large, and quicker or save the day."""
    if choice != "auto":
        return choice == "always"
    dear = left_today is not None and calls.calls > left_today * _DEAR
    return rows >= least and (dear or job(rows).seconds < calls.seconds)
