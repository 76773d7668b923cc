"""Values that could not be read as the type of their field: how many, an example, and what to write."""

import logging
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

import polars as pl

from meaning.derive import Column, FieldSource
from vocabulary.fields import LISTS, FieldType

logger = logging.getLogger(__name__)

_HARMLESS: Final = re.compile(
    r"(?!.*\d[./-]\d+[./-]\d)[\s$€£¥<>~+]{0,3}[\d.,' ]{1,9}\s?[a-zA-Z%€]{0,4}(\s?[-\u2013+]\s?\d{0,6}[kKmM]?)?"
)
"""A number, or a range of numbers, as no date, phone number or name is written."""
_LONGEST: Final = 40
_SECONDS: Final = r"^\s*\d{9,10}\s*$"
"""Seconds since 1970, or milliseconds up to April 1970."""
_READABLE: Final[Mapping[FieldType, str]] = {
    "number": "a plain number",
    "flag": "true, false, yes, no, 1 or 0",
    "time": "an ISO date or time, such as 2026-03-31",
    "date": "an ISO date, such as 2026-03-31",
}
_REMEDIES: Final[Mapping[FieldType, str]] = {
    "number": "Map `number({0})` for 1,001 or 10k, `range({0})` for 11-50.",
    "flag": "Correct them in the CRM, or declare the field as a text.",
    "time": "Correct them in the CRM, or map a date property.",
    "date": "Correct them in the CRM, or map a date property.",
}


def remedy(source: FieldSource, wanted: FieldType) -> str:
    """Return what a person can write so that such values are read."""
    if source.derivation is None:
        return _REMEDIES.get(wanted, "").format(source.paths[0])
    return "Correct them in the CRM" + (
        ", or name more in `words.country`." if source.derivation.name == "country" else "."
    )


def masked(value: str) -> str:
    """Return an example: as it is if it is a number or a range, else its shape, as it could be a name or a birthday."""
    shown = value.strip()[:_LONGEST]
    if _HARMLESS.fullmatch(shown):
        return f"'{shown}'"
    return "the shape '" + re.sub(r"[^\W\d]", "x", re.sub(r"\d", "9", shown)) + "'"


@dataclass
class OddValues:
    """Counts unreadable values by field. Warns the first time, and whenever there are ten times as many."""

    counts: Counter[str] = field(default_factory=Counter)
    _next: dict[str, int] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def __call__(self, name: str, source: FieldSource, wanted: FieldType, count: int, example: str) -> None:
        """Add to a field's count, and warn where it is worth it."""
        if self._counts(name, count):
            readable = source.derivation.readable if source.derivation else _READABLE.get(wanted, "")
            logger.warning(
                "%s values of the field %s are not %s, such as %s; they count as missing. %s",
                self.counts[name],
                name,
                readable,
                masked(example),
                remedy(source, wanted),
            )

    def seconds(self, name: str, count: int) -> None:
        """Warn of times that are read as January 1970 but are seconds rather than milliseconds."""
        if self._counts(f"{name} in seconds", count):
            logger.warning(
                "%s values of the time field %s lie in early 1970: they look like seconds since 1970, and are read as"
                " milliseconds. Store milliseconds or an ISO time in the CRM.",
                self.counts[f"{name} in seconds"],
                name,
            )

    def look(
        self, text: pl.DataFrame, values: pl.DataFrame, fields: Mapping[str, tuple[FieldSource, FieldType]], at: Column
    ) -> None:
        """Report the texts of a page that gave no value, and its times in seconds."""
        for name, (source, wanted) in fields.items():
            if not source.reports or not source.takes(wanted) or (wanted in {"text", *LISTS} and not source.derivation):
                continue
            if wanted in {"time", "date"}:
                self._look_for_seconds(text, name, source, at)
            if values[name].null_count() == 0:
                continue
            lost = text.with_columns(values[name].alias("#")).filter(source.unread(pl.col("#"), at))
            if lost.height:
                example = lost.select(pl.coalesce([at(path) for path in source.paths])).item(0, 0)
                self(name, source, wanted, lost.height, example)

    def _look_for_seconds(self, text: pl.DataFrame, name: str, source: FieldSource, at: Column) -> None:
        found = text.select(at(source.paths[0]).str.contains(_SECONDS).sum()).item()
        if found:
            self.seconds(name, found)

    def _counts(self, name: str, count: int) -> bool:
        """Add to a count and return whether it is worth a warning."""
        with self._lock:
            self.counts[name] += count
            due = self.counts[name] >= self._next.get(name, 1)
            if due:
                self._next[name] = 10 * self.counts[name]
            return due
