"""Paths in the settings. A relative path starts at the file that names it, not at the working directory."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, PlainSerializer, ValidationInfo, WithJsonSchema


def folder_of(info: ValidationInfo) -> Path:
    """Return the folder of the file being validated, or the working directory if there is none."""
    context: dict[str, Any] = info.context or {}
    return Path(context.get("folder", "."))


def beside(path: Path, info: ValidationInfo) -> Path:
    """Resolve a path relative to the file that names it."""
    return folder_of(info) / path.expanduser()


LocalFile = Annotated[
    Path,
    AfterValidator(beside),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "minLength": 1, "examples": ["b2b-saas.yaml"]}),
]
"""A local file, relative to the settings file."""
