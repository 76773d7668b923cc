"""The moment to score for, which never runs backwards."""

from datetime import UTC, datetime, timedelta
from typing import Final

PATIENCE: Final = timedelta(hours=24)
"""A clock that is behind the last pass by less than this is waited for; by more, it is a mistake to be put right."""


class ClockError(Exception):
    """This machine's clock stands far before a pass that was already done."""

    exit_code = 1


def now() -> datetime:
    """Return this machine's time, in UTC."""
    return datetime.now(UTC)


def moment(current: datetime, last: datetime | None) -> datetime:
    """Return the time to score for: the current one, or the last pass's while the clock has jumped back a little."""
    if last is None or current >= last:
        return current
    if last - current > PATIENCE:
        raise ClockError(
            f"The clock says {current:%Y-%m-%d %H:%M} UTC, but the last pass was at {last:%Y-%m-%d %H:%M} UTC. "
            "Nothing was scored. Set this machine's clock, and run again."
        )
    return last
