"""Decide when HubSpot's background jobs are cheaper: exports for reading, imports for writing."""

from typing import Final, Literal

from connectors.base import Cost

Choice = Literal["auto", "always", "never"]

ROWS_A_SECOND: Final = 2_000
"""Assumed throughput of a background job; HubSpot states none."""
START_UP: Final = 60.0
"""Assumed seconds until a job begins."""
LOOKS: Final = 20
"""Calls to start a job, poll it and fetch its result."""
_SCARCE: Final = 0.1
"""Share of the day's remaining calls beyond which saving calls matters more than time."""


def job(rows: int) -> Cost:
    """Estimate the cost of a background job over this number of rows."""
    return Cost(LOOKS, START_UP + rows / ROWS_A_SECOND)


def pays(choice: Choice, rows: int, least: int, calls: Cost, left_today: int | None) -> bool:
    """Return whether to use a job instead of `calls`: the work must be large, and the job faster or calls scarce."""
    if choice != "auto":
        return choice == "always"
    scarce = left_today is not None and calls.calls > left_today * _SCARCE
    return rows >= least and (scarce or job(rows).seconds < calls.seconds)
