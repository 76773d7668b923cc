"""Salesforce names of output fields, and values in Salesforce's formats."""

from datetime import UTC, datetime
from typing import Any, Final

from connectors.base import ConfigurationError
from vocabulary.outputs import Output
from vocabulary.writes import Value

NULL: Final = "#N/A"
"""Clears a field in Bulk API 2.0.

"Empty field values are ignored when you update records. To set a field value to null, use a field value of #N/A":
https://developer.salesforce.com/docs/atlas.en-us.264.0.api_asynch.meta/api_asynch/datafiles_csv_valid_record_rows.htm
(2026-11).
"""

_LONGEST_NAME: Final = 40


def field_name(output: str) -> str:
    """Return the API name of an output's field: `lead_score` is `Lead_Score__c`."""
    name = "_".join(part.capitalize() for part in output.split("_") if part)
    if len(name) > _LONGEST_NAME:
        raise ConfigurationError(
            f"The field {name}__c would be longer than Salesforce allows ({_LONGEST_NAME} characters).",
            remedy="Choose a shorter `prefix` for the scorecard.",
        )
    return f"{name}__c"


def as_json(value: Value) -> Any:
    """Return a value for REST."""
    return _moment(value) if isinstance(value, datetime) else value


def as_cell(value: Value) -> str:
    """Return a value as a CSV cell for Bulk API 2.0."""
    match value:
        case None | "":
            return NULL
        case datetime():
            return _moment(value)
        case _:
            return str(value)


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"


def from_text(text: str | None, output: Output | None) -> Value:
    """Parse the content of an output field as the neutral value that was written."""
    if text is None:
        return None
    match output.type if output else "text":
        case "number":
            return float(text)
        case "time":
            return datetime.fromisoformat(text)
        case _:
            return text
