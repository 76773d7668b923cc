"""Fields declared with the heading of their column in a table: `lead_source: {type: text, column: Lead Source}`."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, get_args

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, StringConstraints, WithJsonSchema

from scoring.card.mistakes import CardMistake, meant, refuse
from vocabulary.fields import FieldType

KEYS: Final = ("type", "column")
"""What a field that is declared with its column says."""

_TYPES: Final = {"enum": list(get_args(FieldType))}
_LONG: Final = {
    "type": "object",
    "properties": {"type": _TYPES, "column": {"type": "string", "minLength": 1}},
    "required": ["type"],
    "additionalProperties": False,
}
Declared = Annotated[FieldType, WithJsonSchema({"anyOf": [_TYPES, _LONG]})]
"""The type of a field, which may be written with the column beside it."""

Heading = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def _listed(raw: object) -> object:
    return [raw] if isinstance(raw, str) else raw


def _some(headings: tuple[str, ...]) -> tuple[str, ...]:
    if not headings:
        raise ValueError("name at least one column")
    return headings


def _short(headings: tuple[str, ...]) -> str | list[str]:
    return headings[0] if len(headings) == 1 else list(headings)


_TEXT: Final = {"type": "string", "minLength": 1}
Headings = Annotated[
    tuple[Heading, ...],
    BeforeValidator(_listed),
    AfterValidator(_some),
    PlainSerializer(_short),
    WithJsonSchema({"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1}]}),
]
"""One heading, or several."""

Columns = dict[str, str]
"""The heading of the column of each field that is declared with one."""


def without_columns(raw: Any) -> tuple[Any, Columns]:
    """Return a card whose fields are declared by type alone, and the columns; raise if one is written wrongly."""
    declared = raw.get("fields") if isinstance(raw, Mapping) else None
    if not isinstance(declared, Mapping) or not any(isinstance(one, Mapping) for one in declared.values()):
        return raw, {}
    long = {str(name): one for name, one in declared.items() if isinstance(one, Mapping)}
    refuse("fields", (mistake for name, one in long.items() for mistake in _mistakes(name, one)))
    types = {name: one["type"] if isinstance(one, Mapping) else one for name, one in declared.items()}
    return {**raw, "fields": types}, {name: one["column"].strip() for name, one in long.items() if "column" in one}


def with_columns(written: dict[str, Any], columns: Columns) -> dict[str, Any]:
    """Return a card as plain data with the columns beside the types of its fields."""
    if not columns:
        return written
    types = written["fields"].items()
    long = {name: {"type": kind, "column": columns[name]} if name in columns else kind for name, kind in types}
    return {**written, "fields": long}


def _mistakes(name: str, one: Mapping[Any, Any]) -> Iterator[CardMistake]:
    for key in one:
        if key not in KEYS:
            yield CardMistake(
                ("fields", name, str(key)),
                f"a field has no option '{key}'",
                meant(str(key), KEYS, "it has `type` and `column`"),
            )
    if "type" not in one:
        yield CardMistake(("fields", name), "the type is missing", f"write `{name}: {{type: text, column: …}}`")
    if "column" in one and (not isinstance(one["column"], str) or not one["column"].strip()):
        yield CardMistake(
            ("fields", name, "column"), "a column is the heading in the file", "write it as text", one["column"]
        )
