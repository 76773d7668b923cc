"""Date literals such as TODAY and LAST_N_DAYS:30, as periods in UTC."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

Span = tuple[date, date]
"""The first day, and the day after the last."""

_DAY: Final = timedelta(days=1)
_NINETY: Final = timedelta(days=90)
_QUARTER: Final = 3
_YEAR: Final = 12


def _shift(month: date, months: int) -> date:
    """Return the first day of the month a number of months away."""
    index = month.year * _YEAR + month.month - 1 + months
    return date(index // _YEAR, index % _YEAR + 1, 1)


def _days(today: date, first: int, last: int) -> Span:
    return today + first * _DAY, today + (last + 1) * _DAY


def _weeks(today: date, first: int, last: int) -> Span:
    sunday = today - timedelta(days=today.isoweekday() % 7)
    return sunday + timedelta(weeks=first), sunday + timedelta(weeks=last + 1)


def _months(today: date, first: int, last: int) -> Span:
    return _shift(today, first), _shift(today, last + 1)


def _quarters(today: date, first: int, last: int) -> Span:
    start = _shift(today, -((today.month - 1) % _QUARTER))
    return _shift(start, first * _QUARTER), _shift(start, (last + 1) * _QUARTER)


def _years(today: date, first: int, last: int) -> Span:
    start = date(today.year, 1, 1)
    return _shift(start, first * _YEAR), _shift(start, (last + 1) * _YEAR)


_UNITS: Final[dict[str, Callable[[date, int, int], Span]]] = {
    "DAY": _days,
    "WEEK": _weeks,
    "MONTH": _months,
    "QUARTER": _quarters,
    "YEAR": _years,
    "FISCAL_QUARTER": _quarters,
    "FISCAL_YEAR": _years,
}
_FIXED: Final[dict[str, Callable[[date], Span]]] = {
    "TODAY": lambda today: _days(today, 0, 0),
    "YESTERDAY": lambda today: _days(today, -1, -1),
    "TOMORROW": lambda today: _days(today, 1, 1),
    "LAST_90_DAYS": lambda today: (today - _NINETY, today + _DAY),
    "NEXT_90_DAYS": lambda today: (today + _DAY, today + _DAY + _NINETY),
}


def span(literal: str, count: int | None, today: date) -> tuple[datetime, datetime] | None:
    """Return the period of a literal, or None if there is no such literal."""
    days = _plain(literal, today) if count is None else _counted(literal, count, today)
    if days is None:
        return None
    first, after = (datetime.combine(day, time(), UTC) for day in days)
    return first, after


def _plain(literal: str, today: date) -> Span | None:
    if literal in _FIXED:
        return _FIXED[literal](today)
    when, _, unit = literal.partition("_")
    offset = {"LAST": -1, "THIS": 0, "NEXT": 1}.get(when)
    return None if offset is None or unit not in _UNITS or unit == "DAY" else _UNITS[unit](today, offset, offset)


def _counted(literal: str, count: int, today: date) -> Span | None:
    """`LAST_N_DAYS` ends now, longer units end before the current one; `N_DAYS_AGO` is a single day."""
    head, _, unit = literal.rpartition("N_")
    if unit.endswith("S_AGO") and not head:
        name = unit.removesuffix("S_AGO")
        return _UNITS[name](today, -count, -count) if name in _UNITS else None
    name = unit.removesuffix("S")
    if name not in _UNITS or not unit.endswith("S"):
        return None
    if head == "LAST_":
        return _UNITS[name](today, -count, 0 if name == "DAY" else -1)
    return _UNITS[name](today, 1, count) if head == "NEXT_" else None
