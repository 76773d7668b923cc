"""Durations and shares as people write them in settings: `10m`, `14d`, `25%`."""

import re
from datetime import timedelta
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, WithJsonSchema

_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DURATION: Final = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([smhdw])\s*", re.ASCII)
_SHARE: Final = re.compile(r"\s*(\d+(?:\.\d+)?)\s*%\s*", re.ASCII)


def _duration(value: Any) -> Any:
    if not isinstance(value, str):
        return _refuse_a_number(value)
    if not (found := _DURATION.fullmatch(value)):
        raise ValueError(f"{value!r} is no duration: write a number and s, m, h, d or w, such as 10m or 14d")
    return timedelta(seconds=float(found[1]) * _SECONDS[found[2]])


def _refuse_a_number(value: Any) -> Any:
    if isinstance(value, (int, float)):
        raise ValueError(f"{value!r} lacks its unit: write s, m, h, d or w behind it, such as {value}m")  # noqa: TRY004 - pydantic reports ValueError
    return value


def _share(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if not (found := _SHARE.fullmatch(value)):
        raise ValueError(f"{value!r} is no share: write a percentage such as 25%")
    return float(found[1]) / 100


Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    WithJsonSchema({"type": "string", "pattern": r"^\d+(\.\d+)?\s*[smhdw]$", "examples": ["10m", "14d"]}),
]
"""A span of time, written with its unit: `30s`, `10m`, `1h`, `14d`, `8w`."""

Share = Annotated[
    float,
    BeforeValidator(_share),
    Field(ge=0, le=1),
    WithJsonSchema({"type": "string", "pattern": r"^\d+(\.\d+)?\s*%$", "examples": ["25%"]}),
]
"""A part of a whole, written as a percentage: `25%`."""
