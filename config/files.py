"""Paths in the settings: relative to the file that names them, wherever the program was started."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, PlainSerializer, ValidationInfo, WithJsonSchema


def folder_of(info: ValidationInfo) -> Path:
    """Return the folder of the file being validated; the working directory where there is none."""
    context: dict[str, Any] = info.context or {}
    return Path(context.get("folder", "."))


def beside(path: Path, info: ValidationInfo) -> Path:
    """Read a relative path as relative to the file that names it."""
    return folder_of(info) / path.expanduser()


LocalFile = Annotated[
    Path,
    AfterValidator(beside),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "minLength": 1, "examples": ["b2b-saas.yaml"]}),
]
"""A file on this machine, relative to the settings file."""
