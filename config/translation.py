"""Maps pydantic's errors to their places in the file."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from functools import cache
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config.documents import Document, Path_
from config.options import options_at
from config.schema import WithShortForms
from config.wording import UNKNOWN, Error

SHORTHANDS: Final = {"scorecards": "scorecard"}
"""Options with a short form that is read as the long one."""


def errors_in(document: Document, problem: ValidationError, model: type[BaseModel]) -> list[Error]:
    """Return all errors of a model, each with its path in the file and the options allowed there."""
    schema = _schema_of(model)
    return [_error(details, document, schema) for details in problem.errors(include_url=False)]


@cache
def _schema_of(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema(schema_generator=WithShortForms)


def _error(details: ErrorDetails, document: Document, schema: dict[str, Any]) -> Error:
    path = path_in(document.data, details)
    about_key = details["type"] == UNKNOWN or details["loc"][-1:] == ("[key]",)
    return Error(details, path, list(options_at(schema, path[:-1] if about_key else path)))


def without(document: Document, paths: Sequence[Path_]) -> Document:
    """Return the document without the options at these paths."""
    data = deepcopy(document.data)
    for *around, name in paths:
        section: Any = data
        for part in around:
            section = section[part]
        section.pop(name, None)
    return replace(document, data=data)


def path_in(data: Any, error: ErrorDetails) -> Path_:
    """Return the path in the file that an error is about. pydantic's own path also names union branches."""
    path: list[str | int] = []
    for part in error["loc"]:
        known = SHORTHANDS.get(str(part), part) if not _has(data, part) else part
        if _has(data, known):
            path.append(known)
            data = data[known]
    return (*path, *_last_step(error, data))


def _last_step(error: ErrorDetails, data: Any) -> Path_:
    """Return the name of an option that is missing or that selects the branch of a union."""
    if error["type"] == "missing":
        return (error["loc"][-1],)
    selector = str(error.get("ctx", {}).get("discriminator", "")).strip("'")
    return (selector,) if error["type"] == "union_tag_invalid" and _has(data, selector) else ()


def _has(data: Any, part: str | int) -> bool:
    if isinstance(data, Mapping):
        return part in data
    return isinstance(data, list) and isinstance(part, int) and part < len(data)
