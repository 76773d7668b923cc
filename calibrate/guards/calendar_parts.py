"""Numbers and texts that are dates in disguise: a year, a month, a serial number of a day."""

import re
from collections.abc import Mapping
from typing import Final

import polars as pl

WHEN: Final = (
    r"^((lead|contact|record|entry|create|created|creation|signup|sign_up|registration|call|last_contact|date)_)*"
)
PARTS: Final[Mapping[str, tuple[int, int]]] = {
    "year": (1970, 2100),
    "quarter": (1, 4),
    "month": (1, 12),
    "week": (0, 53),
    "day": (1, 31),
    "weekday": (0, 7),
    "day_of_week": (0, 7),
    "hour": (0, 23),
}
"""The parts of a date, and between what their numbers are."""
PART: Final = re.compile(WHEN + rf"(?P<part>{'|'.join(PARTS)})(_(of_year|number|name|nr|no))?$")
WORDS: Final = re.compile(
    r"^(jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?$|^(fy)?q[1-4]$|^w?\d{1,2}$"
    r"|^(19|20)\d\d(-?(q[1-4]|w?\d{1,2}))?$"
)
DATED: Final = re.compile(r"(^|_)(date|datetime|timestamp|created|createdate|modified)(_(utc|gmt))?$|_(at|on)$")
SERIALS: Final = ((19_000_101, 21_001_231), (600_000_000, 4_000_000_000), (6e11, 4e12), (25_000, 75_000))
"""Days as 20260131, seconds and milliseconds since 1970, and the days of spreadsheets."""


def is_part(name: str, column: pl.Series) -> bool:
    """Return whether both name and values are those of a part of a date, such as a month."""
    found = PART.search(name)
    if not found:
        return False
    known = column.drop_nulls()
    if known.dtype == pl.String:
        return len(known) > 0 and bool(known.str.strip_chars().str.to_lowercase().str.contains(WORDS.pattern).all())
    return _whole_between(known, *PARTS[found["part"]])


def is_serial(name: str, column: pl.Series) -> bool:
    """Return whether the name says that numbers are dates, and they can be."""
    if not DATED.search(name) or not column.dtype.is_numeric():
        return False
    return any(_whole_between(column.drop_nulls().floor(), low, high) for low, high in SERIALS)


def _whole_between(known: pl.Series, low: float, high: float) -> bool:
    if not known.dtype.is_numeric() or known.is_empty():
        return False
    return bool((known.is_between(low, high) & (known == known.floor())).all())
