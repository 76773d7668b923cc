"""The time to score for: this machine's clock, if it agrees with the CRM's."""

import time
from datetime import UTC, datetime, timedelta
from typing import Final

LEEWAY: Final = timedelta(minutes=5)
"""How much this machine's clock and the CRM's may differ. Scores depend on hours and days, not on minutes."""

PATIENCE: Final = timedelta(hours=24)
"""If the CRM sends no time, a clock that is further behind the last pass than this is wrong."""


class ClockError(Exception):
    """This machine's clock or the CRM's is wrong."""

    exit_code = 1


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def steady() -> float:
    """Return monotonic seconds that, on Linux, include the time the machine was asleep."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def agree(ours: datetime, theirs: datetime) -> bool:
    """Return whether two clocks are close enough to score."""
    return abs(theirs - ours) <= LEEWAY


def confirm(ours: datetime, theirs: datetime, crm: str) -> None:
    """Raise `ClockError` if this machine's clock and the CRM's differ too much."""
    if agree(ours, theirs):
        return
    apart, way = abs(theirs - ours), "behind" if ours < theirs else "ahead of"
    raise ClockError(
        f"This machine's clock says {ours:%Y-%m-%d %H:%M} UTC, {crm} says {theirs:%Y-%m-%d %H:%M} UTC: it is "
        f"{in_words(apart)} {way} the CRM's. Nothing was scored or written. Set this machine's clock (for example with "
        "NTP); the next pass continues."
    )


def moment(current: datetime, last: datetime | None, *, confirmed: bool) -> datetime:
    """Return the time to score for, which never goes backwards while the clocks are right.

    `confirmed`: the CRM's clock agrees with ours, so if the last pass is far in the future, its clock was wrong, and it
    is ignored. Otherwise the last pass is the only evidence of a wrong clock.
    """
    if last is None or current >= last:
        return current
    if confirmed:
        return last if last - current <= 2 * LEEWAY else current
    if last - current > PATIENCE:
        raise ClockError(
            f"The clock says {current:%Y-%m-%d %H:%M} UTC, but the last pass was at {last:%Y-%m-%d %H:%M} UTC. "
            "Nothing was scored. Set this machine's clock, and run again."
        )
    return last


def in_words(span: timedelta) -> str:
    """Return a duration in days, hours or minutes."""
    minutes = round(span / timedelta(minutes=1))
    for unit, size in (("days", 1440), ("hours", 60)):
        if minutes >= 2 * size:
            return f"{round(minutes / size)} {unit}"
    return f"{minutes} minute{'' if minutes == 1 else 's'}"
