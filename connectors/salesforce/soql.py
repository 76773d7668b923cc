"""Build SOQL. Every value passes through `literal`, and every query is a `Query`."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from typing import Final

IDS_PER_QUERY: Final = 400
"""Keeps a query well below the 16,384 bytes that a URL may have."""

LONGEST_URL: Final = 16_000
_ESCAPES: Final = str.maketrans(
    {"\\": r"\\", "'": r"\'", '"': r"\"", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\b": r"\b", "\f": r"\f"}
)


def literal(value: str | bool | float | datetime | date) -> str:  # noqa: FBT001 - a value, not a switch
    """Return a value as a SOQL literal, escaped against injection."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"
        case date():
            return value.isoformat()
        case _:
            return f"'{_printable(value).translate(_ESCAPES)}'"


def _printable(text: str) -> str:
    """Return a text, or raise ValueError if SOQL cannot express it."""
    if any(ord(char) < ord(" ") and char not in "\n\r\t\b\f" for char in text):
        raise ValueError("a query cannot contain control characters")
    return text


def all_of(*conditions: str | None) -> str:
    """Join the non-empty conditions by AND, each in parentheses, which SOQL requires when mixing AND and OR."""
    return " AND ".join(f"({condition})" for condition in conditions if condition)


def any_of(*conditions: str) -> str:
    """Join conditions by OR, each in parentheses if there are several."""
    return conditions[0] if len(conditions) == 1 else " OR ".join(f"({condition})" for condition in conditions)


def one_of(field: str, values: Iterable[str]) -> str:
    """Return the condition that a field is one of some texts."""
    return f"{field} IN ({', '.join(map(literal, values))})"


def in_chunks(ids: Iterable[str], size: int = IDS_PER_QUERY) -> Iterator[list[str]]:
    """Split ids so that each part fits into one query."""
    remaining = iter(ids)
    while chunk := list(islice(remaining, size)):
        yield chunk


@dataclass(frozen=True, slots=True)
class Query:
    """A query for columns of one object.

    `deleted` includes deleted and archived records; `tooling` asks the Tooling API.
    """

    object: str
    columns: Sequence[str]
    where: str = ""
    order: str = ""
    deleted: bool = False
    tooling: bool = False
    limit: int = 0
    """The most records to return; 0 for all."""

    def __str__(self) -> str:
        where = f" WHERE {self.where}" if self.where else ""
        order = f" ORDER BY {self.order}" if self.order else ""
        limit = f" LIMIT {self.limit}" if self.limit else ""
        return f"SELECT {', '.join(self.columns)} FROM {self.object}{where}{order}{limit}"  # noqa: S608 - names are checked, values pass `literal`

    @property
    def operation(self) -> str:
        """The REST resource for this query."""
        name = "queryAll" if self.deleted else "query"
        return f"tooling/{name}" if self.tooling else name
