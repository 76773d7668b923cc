"""The moment to score for: this machine's clock, where the CRM's agrees with it."""

import time
from datetime import UTC, datetime, timedelta
from typing import Final

LEEWAY: Final = timedelta(minutes=5)
"""How far this machine's clock and the CRM's may be apart: scores depend on hours and days."""

PATIENCE: Final = timedelta(hours=24)
"""Where the CRM tells no time, a clock behind the last pass by more than this is a mistake; else it is waited for."""


class ClockError(Exception):
    """This machine's clock is wrong, or the CRM's is."""

    exit_code = 1


def now() -> datetime:
    """Return this machine's time, in UTC."""
    return datetime.now(UTC)


def steady() -> float:
    """Return seconds that go on evenly whatever the wall clock is set to; on Linux while the machine sleeps too."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def agree(ours: datetime, theirs: datetime) -> bool:
    """Return whether two clocks are close enough to score by."""
    return abs(theirs - ours) <= LEEWAY


def confirm(ours: datetime, theirs: datetime, crm: str) -> None:
    """Raise `ClockError` where this machine's clock and the CRM's are too far apart, either way."""
    if agree(ours, theirs):
        return
    apart, way = abs(theirs - ours), "behind" if ours < theirs else "ahead of"
    raise ClockError(
        f"This machine's clock says {ours:%Y-%m-%d %H:%M} UTC, that of {crm} {theirs:%Y-%m-%d %H:%M} UTC: it is "
        f"{in_words(apart)} {way} the CRM's. Nothing was scored or written. Set this machine's clock (with NTP, say), "
        "and the next pass goes on."
    )


def moment(current: datetime, last: datetime | None, *, confirmed: bool) -> datetime:
    """Return the time to score for, which never runs backwards while the clocks are right.

    `confirmed`: the CRM's clock agrees, so a last pass that lies far ahead was dated by a wrong clock, and counts for
    nothing. Without that, the last pass is all there is to tell a wrong clock by.
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
    """Return a span in days, hours or minutes, as a person would say it."""
    minutes = round(span / timedelta(minutes=1))
    for unit, size in (("days", 1440), ("hours", 60)):
        if minutes >= 2 * size:
            return f"{round(minutes / size)} {unit}"
    return f"{minutes} minute{'' if minutes == 1 else 's'}"
