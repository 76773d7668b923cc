"""Converts values from JSON or CSV to stored ones, or refuses them with Salesforce's message."""

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, Final

from leadgauge_sandbox.salesforce import identifiers
from leadgauge_sandbox.salesforce.errors import SalesforceError
from leadgauge_sandbox.salesforce.schema.field import NUMBERS, Field

_EMAIL: Final = re.compile(r"[^@\s,;<>\"()]+@[^@\s,;<>\"()]+\.[^@\s,;<>\"().]+")
_TRUE: Final = frozenset({"true", "1"})
_FALSE: Final = frozenset({"false", "0", ""})
_SHOWN: Final = 255
_KINDS: Final = {"datetime": "dateTime", "int": "int", "boolean": "boolean", "date": "date"}

Reader = Callable[[Field, Any], Any]


def read_value(field: Field, raw: Any) -> Any:
    """Return the value to store; None for null and blank text."""
    if raw is None:
        return False if field.type == "boolean" else None
    reader: Reader = _READERS.get(field.type, _read_text)
    return reader(field, raw)


def _ill_typed(field: Field, raw: Any) -> SalesforceError:
    if isinstance(raw, dict | list):
        message = f"{field.label}: value not of required type: {raw}"
        return SalesforceError("INVALID_TYPE_ON_FIELD_IN_RECORD", message, fields=[field.name])
    return _cannot_deserialize(field, _KINDS.get(field.type, "double"), raw)


def _cannot_deserialize(field: Field, kind: str, raw: Any) -> SalesforceError:
    source = "VALUE_STRING" if isinstance(raw, str) else "VALUE_NUMBER"
    return SalesforceError(
        "JSON_PARSER_ERROR",
        f"Cannot deserialize instance of {kind} from {source} value {raw} or request may be missing a required field "
        f"at [line:1, column:1] ({field.name})",
        fields=[field.name],
    )


def _read_boolean(field: Field, raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    text = str(raw).strip().lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise _ill_typed(field, raw)


def _read_number(field: Field, raw: Any) -> float | int | None:
    if isinstance(raw, bool):
        raise _ill_typed(field, raw)
    if isinstance(raw, str) and not raw.strip():
        return None
    try:
        number = float(raw)
    except (TypeError, ValueError):
        raise _ill_typed(field, raw) from None
    if not math.isfinite(number):
        raise _ill_typed(field, raw)
    _check_range(field, number)
    if field.type == "int":
        if number != int(number):
            raise _ill_typed(field, raw)
        return int(number)
    return round(number, field.scale)


def _check_range(field: Field, number: float) -> None:
    whole = field.digits if field.type == "int" else field.precision - field.scale
    if abs(number) >= 10**whole:
        raise SalesforceError(
            "NUMBER_OUTSIDE_VALID_RANGE",
            f"{field.label}: value outside of valid range on numeric field: {number}",
            fields=[field.name],
        )


def _read_date(field: Field, raw: Any) -> date | None:
    if isinstance(raw, str) and not raw:
        return None
    try:
        return date.fromisoformat(_iso(field, raw)[:10])
    except ValueError:
        raise _ill_typed(field, raw) from None


def _read_datetime(field: Field, raw: Any) -> datetime | None:
    if isinstance(raw, str) and not raw:
        return None
    try:
        moment = datetime.fromisoformat(_iso(field, raw))
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        raise _ill_typed(field, raw) from None


def _iso(field: Field, raw: Any) -> str:
    if not isinstance(raw, str):
        raise _ill_typed(field, raw)
    return raw


def _read_text(field: Field, raw: Any) -> str | None:
    if isinstance(raw, dict | list):
        raise _ill_typed(field, raw)
    text = ("true" if raw else "false") if isinstance(raw, bool) else str(raw)
    text = text.rstrip() if field.type == "textarea" else text.strip()
    if not text:
        return None
    if field.length and len(text) > field.length:
        shown = text[:_SHOWN]
        message = f"{field.label}: data value too large: {shown} (max length={field.length})"
        raise SalesforceError("STRING_TOO_LONG", message, fields=[field.name])
    return text


def _read_email(field: Field, raw: Any) -> str | None:
    text = _read_text(field, raw)
    if text is not None and _EMAIL.fullmatch(text) is None:
        message = f"{field.label}: invalid email address: {text}"
        raise SalesforceError("INVALID_EMAIL_ADDRESS", message, fields=[field.name])
    return text


def _read_choice(field: Field, raw: Any) -> str | None:
    text = _read_text(field, raw)
    if text is None or not field.restricted:
        return text
    known = {value.lower(): value for value in field.values}
    chosen = [
        known.get(part.strip().lower()) for part in (text.split(";") if field.type == "multipicklist" else [text])
    ]
    if None in chosen:
        message = f"{field.label}: bad value for restricted picklist field: {text}"
        raise SalesforceError("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, fields=[field.name])
    return ";".join(part for part in chosen if part is not None)


def _read_reference(field: Field, raw: Any) -> str | None:
    text = _read_text(field, raw)
    if text is None:
        return None
    known = identifiers.normalise(text)
    if known is None:
        raise SalesforceError("MALFORMED_ID", f"{field.label}: id value of incorrect type: {text}", fields=[field.name])
    return known


_READERS: Final[dict[str, Reader]] = {
    "boolean": _read_boolean,
    "date": _read_date,
    "datetime": _read_datetime,
    "email": _read_email,
    "picklist": _read_choice,
    "multipicklist": _read_choice,
    "reference": _read_reference,
    "id": _read_reference,
    **dict.fromkeys(NUMBERS, _read_number),
}
