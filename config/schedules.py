"""When a daemon job runs: at an interval, at a time of day, on a weekday, or by a crontab line."""

import re
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo, available_timezones

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from pydantic import BeforeValidator, PlainSerializer, TypeAdapter, WithJsonSchema

from vocabulary.closest import closest
from vocabulary.units import Span, duration

CLOCK: Final = re.compile(
    r"^(?:(?P<day>mon|tue|wed|thu|fri|sat|sun)[a-z]*\s+)?(?P<hour>\d{1,2}):(?P<minute>\d\d)$", re.IGNORECASE
)
EXAMPLES: Final = ["5m", "02:30", "sun 03:00", "*/10 6-20 * * mon-fri"]
SHORTEST: Final = timedelta(seconds=10)
_DURATION: Final = re.compile(r"[\d.]+\s*[smhdw]")
_SPAN: Final = TypeAdapter[timedelta](Span)


@dataclass(frozen=True, slots=True)
class Timing:
    """When a job runs, as written: `5m`, `02:30`, `sun 03:00` or a crontab line."""

    text: str

    def __str__(self) -> str:
        return self.text

    def trigger(self, zone: tzinfo) -> BaseTrigger:
        """Return APScheduler's trigger for it, with times of day in `zone`."""
        if clock := CLOCK.match(self.text):
            day = clock["day"].lower() if clock["day"] else "*"
            return CronTrigger(day_of_week=day, hour=clock["hour"], minute=clock["minute"], timezone=zone)
        if len(self.text.split()) == 5:  # noqa: PLR2004 - a crontab line has five parts
            return CronTrigger.from_crontab(self.text, timezone=zone)
        return IntervalTrigger(seconds=int(self.interval.total_seconds()), timezone=zone)

    @property
    def interval(self) -> timedelta:
        """The time between two runs, if the timing is written as a duration."""
        return _SPAN.validate_python(self.text)


def parse_timing(value: Any) -> Timing:
    """Return a schedule. Raise ValueError, with a remedy, if it is not valid."""
    if isinstance(value, Timing):
        return value
    timing = Timing(str(value).strip())
    if _DURATION.fullmatch(timing.text):
        duration(timing.text)  # its own message says if it is too long
    try:
        trigger = timing.trigger(ZoneInfo("UTC"))
    except ValueError:
        raise ValueError(
            f"'{value}' is not a schedule. Write it like {', '.join(EXAMPLES[:-1])} or '{EXAMPLES[-1]}'."
        ) from None
    if isinstance(trigger, IntervalTrigger) and trigger.interval < SHORTEST:
        raise ValueError(f"'{value}' is too short an interval. Write 10s or more.")
    return timing


def parse_zone(value: Any) -> ZoneInfo:
    """Return a time zone such as `Europe/Berlin`. Raise ValueError, with a remedy, if there is none of this name."""
    try:
        return value if isinstance(value, ZoneInfo) else ZoneInfo(str(value))
    except (ValueError, OSError, KeyError):
        near = closest(str(value), sorted(available_timezones())) if "/" in str(value) else None
        remedy = f"Did you mean {near}?" if near else "Write one like Europe/Berlin, America/New_York or UTC."
        raise ValueError(f"'{value}' is not a time zone. {remedy}") from None


When = Annotated[
    Timing,
    BeforeValidator(parse_timing),
    PlainSerializer(lambda timing: timing.text),
    WithJsonSchema({"type": "string", "examples": EXAMPLES}),
]
"""When a job runs: `5m` (every five minutes), `02:30` (daily), `sun 03:00` (weekly) or a crontab line."""

Zone = Annotated[
    ZoneInfo,
    BeforeValidator(parse_zone),
    PlainSerializer(lambda zone: zone.key),
    WithJsonSchema({"type": "string", "examples": ["UTC", "Europe/Berlin"]}),
]
"""A time zone by its IANA name, such as `Europe/Berlin`."""
