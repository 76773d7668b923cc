"""Dates as people and spreadsheets write them: `2/1/2018 10:30 AM`, `31.12.2026`, `Dec 31, 2026`.

Whether the day or the month comes first is asked of the whole column; no single cell says so.
"""

from dataclasses import dataclass
from typing import Final, Literal

import polars as pl

Order = Literal["day", "month"]
"""Which comes first in `2/1/2018`."""


@dataclass(frozen=True, slots=True)
class FreeForm:
    """How to read a column whose dates are not all ISO."""

    order: Order | None
    """None if the column does not tell; then `2/1/2018` cannot be read."""


_CLOCK: Final = r"(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(?:([AaPp])\.?[Mm]\.?)?)?$"
NUMBERS: Final = r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})" + _CLOCK
YEAR_FIRST: Final = r"^(\d{4})[/.](\d{1,2})[/.](\d{1,2})" + _CLOCK
MONTH_NAMED: Final = r"^([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})" + _CLOCK
DAY_NAMED: Final = r"^(\d{1,2})[ -]([A-Za-z]{3,9})\.?,?[ -](\d{4}|\d{2})" + _CLOCK
POINTED: Final = r"^\d{1,2}\.\d{1,2}\."
"""Where points are written between them, the day comes first."""

SERIAL: Final = r"^[2-7]\d{4}(?:\.\d+)?$"
"""Days since 1899-12-30, as Excel keeps times: those of 1954 to 2119."""
SINCE_1970: Final = r"^1\d{9}(?:\d{3})?$"
"""Seconds or milliseconds since 1970, as APIs write times: those from 2001 to 2033."""
EXCEL_TO_1970: Final = 25_569
DAY_US: Final = 86_400_000_000

MONTHS: Final = {
    name: number
    for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)  # noqa: SIM905 - reads as a list of words
}
_LAST_MONTH: Final = 12
_CENTURY, _PIVOT = 100, 69
"""Years of two digits are those from 1969 to 2068, as C and POSIX read them."""


def order_of(cells: pl.Series) -> Order | None:
    """Return whether the day or the month comes first in a column; None if no cell tells, or if cells disagree."""
    parts = cells.filter(~cells.str.contains(POINTED)).str.extract_groups(NUMBERS).struct
    first, second = (parts.field(str(number)).cast(pl.Int64, strict=False).max() for number in (1, 2))
    beyond = [isinstance(one, int) and one > _LAST_MONTH for one in (first, second)]
    if beyond[0] == beyond[1]:
        return None
    return "day" if beyond[0] else "month"


def local_time(text: pl.Expr, order: Order | None) -> pl.Expr:
    """Return such dates as times without a zone; null for anything else, and for `2/1/2018` without an order."""
    numbers = text.str.extract_groups(NUMBERS).struct
    day_first = pl.lit(order == "day") | text.str.contains(POINTED)
    known = pl.lit(order is not None) | text.str.contains(POINTED)
    day = pl.when(day_first).then(numbers[0]).otherwise(numbers[1])
    month = pl.when(day_first).then(numbers[1]).otherwise(numbers[0])
    year_first, month_named, day_named = (
        text.str.extract_groups(form).struct for form in (YEAR_FIRST, MONTH_NAMED, DAY_NAMED)
    )
    return pl.coalesce(
        pl.when(known).then(_moment(numbers[2], _number(month), day, numbers)),
        _moment(year_first[0], _number(year_first[1]), year_first[2], year_first),
        _moment(month_named[2], _month(month_named[0]), month_named[1], month_named),
        _moment(day_named[2], _month(day_named[1]), day_named[0], day_named),
        _of_serial(text),
        _since_1970(text),
    )


def with_clock(text: pl.Expr) -> pl.Expr:
    """Return whether such a date has a clock: else it is a day, which begins in a zone."""
    fraction = text.str.contains(SERIAL) & text.str.contains(".", literal=True)
    return text.str.contains(":") | text.str.contains(SINCE_1970) | fraction


def _of_serial(text: pl.Expr) -> pl.Expr:
    days = pl.when(text.str.contains(SERIAL)).then(text).cast(pl.Float64, strict=False) - EXCEL_TO_1970
    seconds = (days * (DAY_US / 1_000_000)).round()
    return (seconds.cast(pl.Int64) * 1_000_000).cast(pl.Datetime("us"))


def _since_1970(text: pl.Expr) -> pl.Expr:
    number = pl.when(text.str.contains(SINCE_1970)).then(text).cast(pl.Int64, strict=False)
    milliseconds = pl.when(text.str.len_chars() > len("1700000000")).then(number).otherwise(number * 1000)
    return (milliseconds * 1000).cast(pl.Datetime("us"))


def _number(text: pl.Expr) -> pl.Expr:
    return text.cast(pl.Int64, strict=False)


def _month(name: pl.Expr) -> pl.Expr:
    return name.str.slice(0, 3).str.to_lowercase().replace_strict(MONTHS, default=None, return_dtype=pl.Int64)


def _moment(year: pl.Expr, month: pl.Expr, day: pl.Expr, parts: "pl.expr.struct.ExprStructNameSpace") -> pl.Expr:
    """Return a moment of its parts; null where a part is missing or out of range."""
    short, half = _number(year), parts[6].str.to_lowercase()
    century = pl.when(short < _PIVOT).then(20 * _CENTURY).otherwise(19 * _CENTURY)
    full = short + pl.when(year.str.len_chars() > len("26")).then(0).otherwise(century)
    told = _number(parts[3]).fill_null(0)
    halved = pl.when(told.is_between(1, 12)).then(told % 12 + pl.when(half == "p").then(12).otherwise(0))
    hour = pl.when(half.is_null()).then(told).otherwise(halved)
    digits = (month, _number(day), hour, _number(parts[4]).fill_null(0), _number(parts[5]).fill_null(0))
    two = [one.cast(pl.String).str.zfill(2) for one in digits]
    written = pl.format("{}-{}-{} {}:{}:{}", full, *two)
    return written.str.strptime(pl.Datetime("us"), "%Y-%m-%d %H:%M:%S", strict=False)
