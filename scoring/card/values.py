"""The values of a scorecard: percentages, limits, and operands by the type of their field."""

import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from scoring.card.calendar import UTC_CALENDAR, Calendar
from vocabulary.fields import FieldType
from vocabulary.units import positive_duration, written

Scalar = bool | int | float | str | datetime | date

LIMIT: Final = re.compile(
    r"(?P<count>\d{1,9})(?:\s+per\s+(?P<of>name|url))?"
    r"(?:\s+per\s+(?P<period>day|week|month|quarter|year|\d+(?:\.\d+)?\s*[smhdw])|\s+(?P<ever>ever))?"
)
AS_OF: Final = "#as_of"
"""The column with the time to score for. The engine's columns start with #, which field names cannot."""

TIMES: Final = frozenset({"time", "date"})
"""The types of fields that have a moment."""
_DATE: Final = len("2026-03-31")
PERCENT: Final = re.compile(r"(\d+(?:\.\d+)?)\s*%")


def percent(value: object) -> float:
    """Return a percentage, written as `50%` or 0.5, as a fraction."""
    found = PERCENT.fullmatch(str(value).strip())
    fraction = float(found[1]) / 100 if found else as_number(value)
    if not 0 <= fraction <= 1:
        raise ValueError(f"'{value}' is not a percentage between 0% and 100%: write it like 50%")
    return fraction


Period = Literal["day", "week", "month", "quarter", "year", "ever"] | timedelta


@dataclass(frozen=True, slots=True)
class Limit:
    """How many activities count in each period: `1 per day`, `3 per week`, `2 per 90d` or `1 ever`."""

    count: int
    period: Period
    of: Literal["name", "url"] | None = None
    """Whether each name or each URL has a limit of its own."""

    def __str__(self) -> str:
        """Return the limit as a scorecard writes it."""
        each = f"{self.count} per {self.of}" if self.of else str(self.count)
        if self.period == "ever":
            return f"{each} ever"
        return f"{each} per {written(self.period) if isinstance(self.period, timedelta) else self.period}"


def limit(value: object) -> Limit:
    """Return a limit written like `1 per day`, `2 per 90d`, `1 per name per month` or `1 ever`."""
    if isinstance(value, Limit):
        return value
    found = LIMIT.fullmatch(str(value).strip())
    if not found or int(found["count"]) < 1:
        raise ValueError(
            f"'{value}' is not a limit: write it like 1 per day, 3 per week, 2 per 90d, 1 per name per month or 1 ever"
        )
    return Limit(int(found["count"]), _period(found["period"] or "ever"), _of(found["of"]))


def _of(field: str | None) -> Literal["name", "url"] | None:
    match field:
        case "name" | "url":
            return field
        case _:
            return None


def _period(written_period: str) -> Period:
    match written_period:
        case "day" | "week" | "month" | "quarter" | "year" | "ever":
            return written_period
        case _:
            return positive_duration(written_period)


Percent = Annotated[
    float,
    BeforeValidator(percent),
    PlainSerializer(lambda fraction: f"{fraction * 100:.12g}%"),
    WithJsonSchema({"type": ["string", "number"], "pattern": r"^\d+(\.\d+)?\s*%$", "examples": ["50%"]}),
]
LimitText = Annotated[
    Limit,
    BeforeValidator(limit),
    PlainSerializer(str),
    WithJsonSchema(
        {"type": "string", "examples": ["1 per day", "3 per week", "2 per 90d", "1 per name per month", "1 ever"]}
    ),
]


def normal(text: str) -> str:
    """Return text in the form to compare: lower case, without surrounding spaces."""
    return text.strip().lower()


def as_text(value: object) -> str:
    """Return a scalar as text to compare, whatever its YAML type."""
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, Scalar):
        raise ValueError(f"{value!r} is not text: write a single value")  # noqa: TRY004 - pydantic collects ValueError
    text = normal(value.isoformat() if isinstance(value, date) else str(value))
    if not text:
        raise ValueError("empty text means a missing value: write known: false")
    return text


def as_number(value: object) -> float:
    """Return a scalar as a finite number."""
    try:
        number = math.nan if isinstance(value, bool) else float(value)  # type: ignore[arg-type]  # refused below
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"'{value}' is not a number: write one like 10 or 2.5")
    return number


def as_flag(value: object) -> bool:
    """Return a scalar as true or false."""
    text = str(value).strip().lower()
    if text not in {"true", "false"}:
        raise ValueError(f"'{value}' is not true or false: write true or false")
    return text == "true"


def as_time(value: object, calendar: Calendar = UTC_CALENDAR) -> datetime:
    """Return an ISO time as a datetime in UTC, which is also the default offset; a date is its first moment."""
    if (day := _day(value)) is not None:
        return calendar.begins(day)
    try:
        moment = datetime.fromisoformat(value.isoformat() if isinstance(value, date) else str(value).strip())
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"'{value}' is not a time: write it like 2026-03-31 or 2026-03-31T12:00:00Z") from None


def _day(value: object) -> date | None:
    """Return a date without a clock, None for anything else."""
    if isinstance(value, date):
        return None if isinstance(value, datetime) else value
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError:
        return None


def as_date(value: object) -> date:
    """Return an ISO date; the clock of a time is ignored."""
    try:
        return date.fromisoformat((value.isoformat() if isinstance(value, date) else str(value).strip())[:_DATE])
    except ValueError:
        raise ValueError(f"'{value}' is not a date: write it like 2026-03-31") from None


def typed(value: Any, field_type: FieldType, calendar: Calendar = UTC_CALENDAR) -> str | float | bool | datetime:
    """Return an operand converted to the type of its field. For a list field that is text, the type of its entries."""
    match field_type:
        case "number":
            return as_number(value)
        case "flag":
            return as_flag(value)
        case "time":
            return as_time(value, calendar)
        case "date":
            return calendar.begins(as_date(value))
        case _:
            return as_text(value)


def microseconds(length: timedelta) -> int:
    """Return a duration in microseconds."""
    return length // timedelta(microseconds=1)


DAY: Final = microseconds(timedelta(days=1))
WEEK: Final = 7 * DAY


def in_words(value: str) -> str:
    """Return a value as people write it: HubSpot's COMPUTER_SOFTWARE is Computer software."""
    return value.replace("_", " ").capitalize() if value.isupper() and "_" in value else value
