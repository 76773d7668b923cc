"""HubSpot's operations as conditions of a scorecard.

The operators are those of the OpenAPI of 3 August 2026, the last that listed them.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from config.importing.card import plain
from config.importing.conditions import Condition, every, field_test, some
from config.importing.findings import NotCarriedError
from config.importing.hubspot.properties import Place, kind_of
from config.importing.hubspot.shapes import (
    AnyOperation,
    AtPoint,
    BetweenPoints,
    CalendarDate,
    Choice,
    Day,
    Flag,
    Indexed,
    Known,
    Moment,
    Moments,
    NumberIs,
    NumberRange,
    Offset,
    OfProperty,
    OtherProperty,
    Point,
    RollingDays,
    Text,
    Texts,
    TimePoint,
    Updated,
)
from vocabulary.units import LONGEST

ALL_PAST: Final = f"{LONGEST.days}d"
"""As long ago as a scorecard can say."""
_COMPARED: Final[Mapping[str, str]] = {
    **dict.fromkeys(("IS_EQUAL_TO", "IS", "EQUAL"), "is"),
    **dict.fromkeys(("IS_NOT_EQUAL_TO", "IS_NOT"), "is_not"),
    "IS_GREATER_THAN": "above",
    "IS_GREATER_THAN_OR_EQUAL_TO": "at_least",
    "IS_LESS_THAN": "below",
    "IS_LESS_THAN_OR_EQUAL_TO": "at_most",
}
_TEXTUAL: Final[Mapping[str, str]] = {"CONTAINS": "contains", "STARTS_WITH": "starts_with", "ENDS_WITH": "ends_with"}
_KNOWN: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("IS_KNOWN", "IS_NOT_BLANK"), True),
    **dict.fromkeys(("IS_UNKNOWN", "IS_NOT_KNOWN", "IS_BLANK"), False),
}
_UNITS: Final[Mapping[str, str]] = {unit.upper(): unit for unit in ("day", "week", "month", "quarter", "year")}
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_NO_HISTORY: Final = "leadgauge does not know what a property held before"


def condition(property_: str, operation: AnyOperation, place: Place) -> Condition:
    """Return the condition that an operation is. Raise NotCarriedError if a scorecard has none."""
    if operation.operator.startswith(("HAS_EVER", "HAS_NEVER")):
        raise NotCarriedError(f"{operation.operator} of `{property_}`: {_NO_HISTORY}")
    if isinstance(operation, Updated) or getattr(operation, "type", "") == "COMPARATIVE_PROPERTY_UPDATED":
        raise NotCarriedError(f"when `{property_}` was last changed: {_NO_HISTORY}")
    field = place.use(property_, kind_of(operation))
    try:
        found = _OF[type(operation)](_Test(property_, field, operation, place))
    except OverflowError:
        raise NotCarriedError(f"the time that `{property_}` is compared with is too far away") from None
    return found if place.is_single(field) else replace(found, only=None)


class _Test:
    """An operation on a field."""

    def __init__(self, property_: str, field: str, operation: Any, place: Place) -> None:
        self.property, self.field, self.operation, self.place = property_, field, operation, place

    def is_(self, operator: str, operand: Any) -> Condition:
        """Return the condition of an operator; HubSpot may count records without a value."""
        return field_test(self.field, operator, operand, or_missing=self.operation.include_missing)

    def unlike(self, operator: str, operand: Any) -> Condition:
        """Return the condition that the operator does not hold, of a record with a value unless others count too."""
        found = field_test(self.field, operator, operand)
        if self.operation.include_missing:
            return found.opposite
        known = field_test(self.field, "known", operand=True)
        return Condition({"not": found.yes}, some([found, known.opposite]).yes, self.field)

    def value(self, text: str) -> str:
        """Return a text as the field holds it."""
        if not text.strip():
            raise NotCarriedError(f"a comparison of `{self.property}` with an empty text")
        return self.place.value(self.property, text)

    def operator(self, operators: Mapping[str, str]) -> str:
        """Return the scorecard's operator for HubSpot's."""
        if self.operation.operator not in operators:
            known = ", ".join(operators)
            raise NotCarriedError(f"the operator {self.operation.operator} of `{self.property}` (known are {known})")
        return operators[self.operation.operator]


def _known(test: _Test) -> Condition:
    if test.operation.operator not in _KNOWN:
        raise NotCarriedError(f"the operator {test.operation.operator} of `{test.property}`")
    return field_test(test.field, "known", _KNOWN[test.operation.operator])


def _number(test: _Test) -> Condition:
    return test.is_(test.operator(_COMPARED), plain(test.operation.value))


def _range(test: _Test) -> Condition:
    bounds = [plain(test.operation.low), plain(test.operation.high)]
    if bounds[0] > bounds[1]:
        raise NotCarriedError(f"the range of `{test.property}` begins above its end")
    return _between(test, bounds)


def _between(test: _Test, bounds: list[Any]) -> Condition:
    match test.operation.operator:
        case "IS_BETWEEN":
            return test.is_("between", bounds)
        case "IS_NOT_BETWEEN":
            return test.unlike("between", bounds)
        case other:
            raise NotCarriedError(f"the operator {other} of `{test.property}` (known are IS_BETWEEN, IS_NOT_BETWEEN)")


def _flag(test: _Test) -> Condition:
    operator = test.operator({name: each for name, each in _COMPARED.items() if "is" in each})
    return test.is_("is", test.operation.value == (operator == "is"))


def _text(test: _Test) -> Condition:
    return _texts_of(test, (test.operation.value,))


def _texts(test: _Test) -> Condition:
    return _texts_of(test, test.operation.values)


def _texts_of(test: _Test, values: tuple[str, ...]) -> Condition:
    held = [test.value(each) for each in values]
    match test.operation.operator:
        case "IS_EQUAL_TO" | "IS":
            return _one_of(test, held)
        case "IS_NOT_EQUAL_TO" | "IS_NOT":
            return _none_of(test, held)
        case "CONTAINS":
            return test.is_("contains", held[0]) if len(held) == 1 else test.is_("contains_any", held)
        case "DOES_NOT_CONTAIN":
            return test.unlike("contains", held[0]) if len(held) == 1 else test.unlike("contains_any", held)
    operator = test.operator({**dict.fromkeys(("IS_EQUAL_TO", "IS_NOT_EQUAL_TO", "DOES_NOT_CONTAIN"), ""), **_TEXTUAL})
    return some([test.is_(operator, each) for each in held])


def _one_of(test: _Test, held: list[str]) -> Condition:
    return test.is_("is", held[0]) if len(held) == 1 else test.is_("in", held)


def _none_of(test: _Test, held: list[str]) -> Condition:
    return test.is_("is_not", held[0]) if len(held) == 1 else test.is_("not_in", held)


def _choice(test: _Test) -> Condition:
    held = [test.value(each) for each in test.operation.values]
    one = len(held) == 1
    match test.operation.operator:
        case "IS_ANY_OF" | "IS_EQUAL_TO":
            return _one_of(test, held)
        case "IS_NONE_OF" | "IS_NOT_EQUAL_TO":
            return _none_of(test, held)
        case "IS_EXACTLY" if one:
            return _one_of(test, held)
        case "IS_NOT_EXACTLY" if one:
            return _none_of(test, held)
        case "CONTAINS_ALL":
            return every([test.is_("is", each) for each in held])
        case "DOES_NOT_CONTAIN_ALL":
            return some([test.is_("is_not", each) for each in held])
        case "IS_EXACTLY" | "IS_NOT_EXACTLY":
            raise NotCarriedError(f"`{test.property}` being exactly these {len(held)} values and no others")
        case other:
            raise NotCarriedError(f"the operator {other} of `{test.property}`")


# --- times ---


def _moment(test: _Test) -> Condition:
    _tell_of_zone(test)
    moment = _at(test.operation.timestamp)
    match test.operation.operator:
        case "IS_AFTER":
            return test.is_("above", _iso(moment))
        case "IS_BEFORE":
            return test.is_("below", _iso(moment))
        case "IS_EQUAL_TO":
            return test.is_("is", _iso(moment))
        case "IS_AFTER_DATE":
            return _on_day(test, "AFTER", moment.date())
        case "IS_BEFORE_DATE":
            return _on_day(test, "BEFORE", moment.date())
        case other:
            raise NotCarriedError(f"the operator {other} of `{test.property}`")


def _tell_of_zone(test: _Test) -> None:
    if test.operation.converts:
        test.place.remarks.differences.append(f"the time of `{test.property}` is one of the portal's zone, here of UTC")


def _moments(test: _Test) -> Condition:
    _tell_of_zone(test)
    return _between(test, [_iso(_at(test.operation.low)), _iso(_at(test.operation.high))])


def _day(test: _Test) -> Condition:
    month = test.operation.month.upper()[:3]
    number = _MONTHS.index(month) + 1 if month in _MONTHS else int(month) if month.isdigit() else 0
    try:
        day = date(test.operation.year, number, test.operation.day)
    except ValueError:
        raise NotCarriedError(f"the date that `{test.property}` is compared with does not exist") from None
    return _on_day(test, test.operation.operator.removeprefix("IS_"), day)


def _on_day(test: _Test, operator: str, day: date) -> Condition:
    """Return a comparison with a day, whose bounds are those of the scorecard's calendar."""
    after = day + timedelta(days=1)
    match operator:
        case "AFTER":
            return test.is_("at_least", after.isoformat())
        case "BEFORE":
            return test.is_("below", day.isoformat())
        case "EQUAL" | "EQUAL_TO":
            return every([test.is_("at_least", day.isoformat()), test.is_("below", after.isoformat())])
        case other:
            raise NotCarriedError(f"the operator {other} of `{test.property}`")


def _rolling(test: _Test) -> Condition:
    if not 1 <= test.operation.days <= LONGEST.days:
        raise NotCarriedError(f"`{test.property}` and {test.operation.days} days")
    length = f"{test.operation.days}d"
    match test.operation.operator:
        case "IS_LESS_THAN_X_DAYS_AGO":
            return test.is_("within", length)
        case "IS_MORE_THAN_X_DAYS_AGO":
            return test.is_("older_than", length)
        case "IS_LESS_THAN_X_DAYS_FROM_NOW":
            return test.is_("within_next", length)
        case "IS_MORE_THAN_X_DAYS_FROM_NOW":
            return _later_than(test, length)
        case other:
            raise NotCarriedError(f"the operator {other} of `{test.property}`")


def _later_than(test: _Test, length: str) -> Condition:
    """Return the condition that a time is further in the future than this."""
    return every([test.unlike("within_next", length), test.unlike("within", ALL_PAST)])


def _sooner_than(test: _Test, length: str) -> Condition:
    """Return the condition that a time is past, or nearer in the future than this."""
    return some([test.is_("within_next", length), test.is_("within", ALL_PAST)])


def _calendar(test: _Test) -> Condition:
    unit = _UNITS.get(test.operation.unit.upper())
    ahead = {"IN_THIS": "this", "IN_LAST": "last", "IN_NEXT": "next"}.get(test.operation.operator[:7])
    so_far = test.operation.operator.endswith("SO_FAR")
    if unit is None or ahead is None:
        raise NotCarriedError(f"{test.operation.operator} {test.operation.unit} of `{test.property}`")
    if unit in {"quarter", "year"}:
        test.place.remarks.year(
            (test.operation.year_starts or "January").capitalize() if test.operation.fiscal else "January"
        )
    if (test.operation.count or 1) > 1:
        raise NotCarriedError(f"the {ahead} {test.operation.count} {unit}s of `{test.property}`: only one can be told")
    if so_far and ahead == "last":
        raise NotCarriedError(f"the last {unit} of `{test.property}` with what there is of this one")
    found = test.is_("during", f"{ahead} {unit}")
    return every([found, test.is_("within", ALL_PAST)]) if so_far else found


def _other(test: _Test) -> Condition:
    if test.operation.default is not None:
        raise NotCarriedError(f"a value to compare `{test.property}` with where `{test.operation.other}` has none")
    other = {"field": test.place.use(test.operation.other, kind_of(test.operation))}
    if test.operation.type == "COMPARATIVE_DATE":
        return test.is_(test.operator({"IS_AFTER": "above", "IS_BEFORE": "below"}), other)
    return test.is_(test.operator({"IS_EQUAL_TO": "is", "IS_NOT_EQUAL_TO": "is_not"}), other)


def _point(test: _Test) -> Condition:
    _refuse_parser(test)
    match test.operation.operator:
        case "IS_AFTER":
            return _after(test, test.operation.point, test.operation.endpoint)
        case "IS_BEFORE":
            return _before(test, test.operation.point, test.operation.endpoint)
        case other:
            raise NotCarriedError(f"the operator {other} of `{test.property}`")


def _points(test: _Test) -> Condition:
    _refuse_parser(test)
    operation: BetweenPoints = test.operation
    inside = every(
        [
            _after(test, operation.low, operation.low_endpoint or "INCLUSIVE"),
            _before(test, operation.high, operation.high_endpoint or "INCLUSIVE"),
        ]
    )
    match operation.operator:
        case "IS_BETWEEN":
            return inside
        case "IS_NOT_BETWEEN" if not operation.include_missing:
            known = field_test(test.field, "known", operand=True)
            return every([known, inside.opposite])
        case other:
            raise NotCarriedError(f"the operator {other} of `{test.property}`")


def _refuse_parser(test: _Test) -> None:
    parser = test.operation.parser
    if parser and not parser.startswith("VALUE"):
        what = "its anniversary" if parser.startswith("ANNIVERSARY") else "when it was changed"
        raise NotCarriedError(f"`{test.property}` by {what}")


def _after(test: _Test, point: TimePoint, endpoint: str | None) -> Condition:
    if not isinstance(point, Indexed):
        return test.is_("at_least" if endpoint == "INCLUSIVE" else "above", _fixed(test, point))
    ahead = _from_now(test, point)
    if ahead:
        return _later_than(test, _length(ahead)) if ahead > timedelta(0) else test.unlike("older_than", _length(-ahead))
    future = test.unlike("within", ALL_PAST)
    return some([test.is_("during", "this day"), future]) if point.reference.type == "TODAY" else future


def _before(test: _Test, point: TimePoint, endpoint: str | None) -> Condition:
    if not isinstance(point, Indexed):
        return test.is_("at_most" if endpoint == "INCLUSIVE" else "below", _fixed(test, point))
    ahead = _from_now(test, point)
    if ahead:
        return _sooner_than(test, _length(ahead)) if ahead > timedelta(0) else test.is_("older_than", _length(-ahead))
    past = test.is_("within", ALL_PAST)
    return every([past, test.unlike("during", "this day")]) if point.reference.type == "TODAY" else past


def _from_now(test: _Test, point: Indexed) -> timedelta:
    """Return how far a point is from now."""
    offset: Offset = point.offset
    if point.reference.type not in {"NOW", "TODAY"}:
        raise NotCarriedError(f"`{test.property}` counted from the start of a {point.reference.type.lower()}")
    if offset.months or offset.quarters or offset.years:
        raise NotCarriedError(f"`{test.property}` counted in months or years, which have no fixed length")
    ahead = timedelta(
        weeks=offset.weeks,
        days=offset.days,
        hours=offset.hours,
        minutes=offset.minutes,
        seconds=offset.seconds,
        milliseconds=offset.milliseconds,
    )
    if ahead and point.reference.type == "TODAY":
        message = f"HubSpot counts `{test.property}` from the start of the day, here it is counted from the hour"
        test.place.remarks.differences.append(message)
    return ahead


def _fixed(test: _Test, point: Point | OfProperty) -> Any:
    if isinstance(point, OfProperty):
        if not point.reference.startswith("VALUE"):
            raise NotCarriedError(f"`{point.property}` by {point.reference.lower().replace('_', ' ')}")
        return {"field": test.place.use(point.property, "time")}
    try:
        moment = datetime(
            *(point.year, point.month, point.day, point.hour, point.minute, point.second, point.millisecond * 1000),
            tzinfo=ZoneInfo(point.zone),
        )
    except (ValueError, ZoneInfoNotFoundError):
        raise NotCarriedError(f"the time that `{test.property}` is compared with does not exist") from None
    return _iso(moment.astimezone(UTC))


def _length(span: timedelta) -> str:
    """Return a duration as a scorecard writes it."""
    if span > LONGEST:
        raise OverflowError
    seconds = span.total_seconds()
    for unit, each in (("d", 86_400), ("h", 3600), ("m", 60)):
        if seconds % each == 0:
            return f"{seconds / each:g}{unit}"
    return f"{seconds:g}s"


def _at(milliseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


_OF: Final[Mapping[type, Callable[[_Test], Condition]]] = {
    Known: _known,
    Flag: _flag,
    NumberIs: _number,
    NumberRange: _range,
    Text: _text,
    Texts: _texts,
    Choice: _choice,
    Moment: _moment,
    Moments: _moments,
    Day: _day,
    RollingDays: _rolling,
    CalendarDate: _calendar,
    OtherProperty: _other,
    AtPoint: _point,
    BetweenPoints: _points,
}
