"""What is written onto leads, and what the CRM answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from vocabulary.outside import clean

Value = str | float | int | datetime | None
"""A value of an output field; `None` empties the field."""

_CODE: Final = 100
"""Characters of an error code that are kept."""


@dataclass(frozen=True, slots=True)
class Row:
    """The values to write onto one lead, by output name."""

    lead: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the CRM did not take a row: its code and words; `gone` where the lead no longer exists."""

    code: str
    message: str
    gone: bool = False
    retry: bool = False
    """True where the same row may succeed later without anybody's doing, such as after a lock."""
    about_fields: bool = False
    """True where a field may be gone, read-only or too narrow by now, so that every row may be refused."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "code", clean(self.code, limit=_CODE))
        object.__setattr__(self, "message", clean(self.message))


@dataclass(frozen=True, slots=True)
class Pushed:
    """The CRM's answer for one row: taken when `refusal` is None. `survivor` where another id carries the lead now."""

    lead: str
    refusal: Refusal | None = None
    survivor: str | None = None
