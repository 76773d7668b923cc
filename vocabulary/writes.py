"""Rows to write to leads, and the CRM's answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from vocabulary.outside import clean

Value = str | float | int | datetime | None
"""A value of an output field; `None` clears the field."""

_CODE: Final = 100
"""Maximum characters kept of an error code."""


@dataclass(frozen=True, slots=True)
class Row:
    """The values to write to one lead, by output name."""

    lead: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the CRM rejected a row: its code and message. `gone` means that the lead no longer exists."""

    code: str
    message: str
    gone: bool = False
    retry: bool = False
    """Whether the same row may succeed later without intervention, such as after a lock."""
    about_fields: bool = False
    """Whether a field may have been deleted, made read-only or narrowed, so that every row may be refused."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "code", clean(self.code, limit=_CODE))
        object.__setattr__(self, "message", clean(self.message))


@dataclass(frozen=True, slots=True)
class Pushed:
    """The CRM's answer for one row: accepted if `refusal` is None. `survivor` is set if the lead was merged."""

    lead: str
    refusal: Refusal | None = None
    survivor: str | None = None
