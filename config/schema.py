"""The JSON Schemas of settings and scorecards for editors: pydantic's, plus the short forms allowed in YAML."""

from collections.abc import Callable, Mapping
from datetime import time, timedelta
from typing import Any, Final, Literal

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from config.database import DatabaseAddress
from config.schedules import Timing
from config.settings import Connection, Settings
from scoring import Scorecard

Subject = Literal["settings", "scorecard"]
MODELS: Final[Mapping[Subject, type[BaseModel]]] = {"settings": Settings, "scorecard": Scorecard}
UNITS: Final = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def schema(subject: Subject) -> dict[str, Any]:
    """Return the JSON Schema of a settings file or of a scorecard."""
    made = MODELS[subject].model_json_schema(schema_generator=WithShortForms)
    return {"$schema": DIALECT, "title": f"leadgauge {subject}", **{k: v for k, v in made.items() if k != "title"}}


def _one_or_several(inner: JsonSchemaValue) -> JsonSchemaValue:
    """Accept a single entry instead of a list."""
    lists = [branch for branch in inner.get("anyOf", [inner]) if branch.get("type") == "array"]
    return _or(inner, *(branch["items"] for branch in lists))


def _switch(inner: JsonSchemaValue) -> JsonSchemaValue:
    """Accept true or false instead of a section."""
    return _or(inner, {"type": "boolean"}, {"enum": ["on", "off"]})


def _off(inner: JsonSchemaValue) -> JsonSchemaValue:
    """Accept false instead of `off`."""
    return _or(inner, {"const": False})


def _number(inner: JsonSchemaValue) -> JsonSchemaValue:
    """Accept an id that is written as a number."""
    return _or(inner, {"type": "integer"})


def _or(inner: JsonSchemaValue, *others: JsonSchemaValue) -> JsonSchemaValue:
    return {"anyOf": [*inner.get("anyOf", [inner]), *others]}


SHORT_FORMS: Final[Mapping[str, Callable[[JsonSchemaValue], JsonSchemaValue]]] = {
    "_listed": _one_or_several,
    "_one_or_several": _one_or_several,
    "_switch": _switch,
    "_off": _off,
    "_id_as_text": _number,
}
"""The short forms that a `before` validator accepts, by the validator's name."""


class WithShortForms(GenerateJsonSchema):
    """Adds the short forms that validators accept to the schema."""

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> JsonSchemaValue:
        """Add the short form to the schema of the long one."""
        name = getattr(schema["function"]["function"], "__name__", "")
        inner = super().function_before_schema(schema)
        return SHORT_FORMS[name](inner) if name in SHORT_FORMS else inner

    def encode_default(self, dft: Any) -> Any:
        """Return a default the way a person writes it."""
        if isinstance(dft, timedelta):
            return written_span(dft)
        if isinstance(dft, time):
            return f"{dft:%H:%M}"
        return str(dft) if isinstance(dft, Timing | DatabaseAddress) else super().encode_default(dft)

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Return the default of a share as a percentage."""
        made = super().default_schema(schema)
        if "%" in str(made.get("pattern")) and isinstance(made.get("default"), int | float):
            made["default"] = f"{made['default'] * 100:g}%"
        return made

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """Allow `scorecard` instead of `scorecards` in a connection."""
        made = super().model_schema(schema)
        return _with_one_scorecard(made) if issubclass(schema["cls"], Connection) else made


def written_span(span: timedelta) -> str:
    """Return a duration in the largest unit that divides it: `14d`, not `1209600s`."""
    seconds = int(span.total_seconds())
    size, unit = next((size, unit) for size, unit in UNITS if seconds % size == 0)
    return f"{seconds // size}{unit}"


def _with_one_scorecard(made: JsonSchemaValue) -> JsonSchemaValue:
    alone = {"type": "string", "minLength": 1, "description": "The scorecard's file, if there is only one."}
    required = [name for name in made["required"] if name != "scorecards"]
    either = [{"required": ["scorecard"]}, {"required": ["scorecards"]}]
    return {**made, "properties": {"scorecard": alone, **made["properties"]}, "required": required, "oneOf": either}
