"""Durations and percentages as people write them, with the same grammar and bounds in settings and scorecards."""

import re
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
LONGEST: Final = timedelta(days=36_500)
"""A hundred years: every database and CRM can still represent the date that long before today."""

_DURATION: Final = re.compile(r"(\d+(?:\.\d{1,6})?)\s*([smhdw])", re.ASCII)
_SHARE: Final = re.compile(r"\s*(\d+(?:\.\d+)?)\s*%\s*", re.ASCII)


def duration(value: object) -> timedelta:
    """Parse a duration with a unit, such as `30s`, `10m`, `36h`, `14d` or `8w`. Raise ValueError for anything else."""
    if isinstance(value, timedelta):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise ValueError(f"{value!r} has no unit: add s, m, h, d or w, such as {value}d")  # noqa: TRY004 - pydantic reports ValueError
    found = _DURATION.fullmatch(str(value).strip())
    if not found:
        raise ValueError(
            f"'{value}' is not a duration: write a number followed by s, m, h, d or w, such as 10m, 36h, 14d or 8w"
        )
    seconds = float(found[1]) * SECONDS[found[2]]
    if seconds > LONGEST.total_seconds():
        raise ValueError(f"'{value}' is too long: the maximum is {LONGEST.days}d, a hundred years")
    return timedelta(seconds=seconds)


def positive_duration(value: object) -> timedelta:
    """Parse a duration greater than zero."""
    length = duration(value)
    if length <= timedelta(0):
        raise ValueError(f"'{value}' must be greater than zero, such as 36h, 14d or 8w")
    return length


def written(length: timedelta) -> str:
    """Format a duration as in a scorecard, in days or hours."""
    hours = length / timedelta(hours=1)
    return f"{hours / 24:g}d" if hours % 24 == 0 else f"{hours:g}h"


def how_long(seconds: float) -> str:
    """Return a duration in seconds, minutes or hours, whichever reads best."""
    if seconds < 90:  # noqa: PLR2004 - a minute and a half still reads well in seconds
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.1f} h"  # noqa: PLR2004 - two hours


def counted(number: int, things: str) -> str:
    """Return a number of things, such as `1 lead` or `1,200 leads`."""
    return f"1 {things.removesuffix('s')}" if number == 1 else f"{number:,} {things}"


def _share(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if not (found := _SHARE.fullmatch(value)):
        raise ValueError(f"{value!r} is not a percentage: write one such as 25%")
    return float(found[1]) / 100


def _schema(*examples: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": r"^\d+(\.\d+)?\s*[smhdw]$", "examples": list(examples)})


Span = Annotated[timedelta, BeforeValidator(duration), _schema("10m", "14d")]
"""A span of time in the settings."""

Age = Annotated[timedelta, BeforeValidator(duration), PlainSerializer(written), _schema("36h", "14d", "8w")]
"""A span of time in a scorecard, zero included."""

Duration = Annotated[
    timedelta, BeforeValidator(positive_duration), PlainSerializer(written), _schema("36h", "14d", "8w")
]
"""A span of time in a scorecard, greater than zero."""

Share = Annotated[
    float,
    BeforeValidator(_share),
    Field(ge=0, le=1),
    WithJsonSchema({"type": "string", "pattern": r"^\d+(\.\d+)?\s*%$", "examples": ["25%"]}),
]
"""A fraction in the settings, written as a percentage: `25%`."""


def day(moment: datetime) -> str:
    """Return the day of a time as people write it, such as `26 Feb 2026`."""
    return f"{moment.day} {moment:%b %Y}"


def ending_day(moment: datetime) -> str:
    """Return the day in which something ends, as `day` does: what ends at midnight ends with the day before."""
    return day(moment - timedelta(microseconds=1))
