"""Sources of activities that have a module of their own: their option in the settings names it."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class ReadBy:
    """Marks an option as a source of activities, and names what reads it, such as `connectors.hubspot.webinars:SOURCE`.

    The settings name modules instead of importing them, since only the CRM in use is imported.
    """

    reader: str


def marked(settings: type[BaseModel]) -> dict[str, str]:
    """Return the options that are sources of activities, with what reads each."""
    fields = settings.model_fields.items()
    return {option: mark.reader for option, field in fields for mark in field.metadata if isinstance(mark, ReadBy)}


def sources(settings: BaseModel) -> Iterator[tuple[str, Any, Any]]:
    """Yield each option that is a source of activities, its value, and what reads it."""
    for option, reader in marked(type(settings)).items():
        module, _, name = reader.partition(":")
        yield option, getattr(settings, option), getattr(import_module(module), name)
