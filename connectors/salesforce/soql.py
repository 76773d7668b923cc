"""SOQL: every value passes through `literal`, every query is a `Query`."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from typing import Final

IDS_PER_QUERY: Final = 400
"""So many ids stay well under the 16,384 bytes that an address may have."""

LONGEST_URL: Final = 16_000
_ESCAPES: Final = str.maketrans(
    {"\\": r"\\", "'": r"\'", '"': r"\"", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\b": r"\b", "\f": r"\f"}
)


def literal(value: str | bool | float | datetime | date) -> str:  # noqa: FBT001 - a value, not a switch
    """Return a value as it stands in SOQL, quoted so that nothing in it can end the quotes."""
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
    """Refuse what SOQL has no way to write."""
    if any(ord(char) < ord(" ") and char not in "\n\r\t\b\f" for char in text):
        raise ValueError("a value with control characters cannot stand in a query")
    return text


def all_of(*conditions: str | None) -> str:
    """Join conditions by AND, each in its parentheses; what is empty is left out."""
    return " AND ".join(f"({condition})" for condition in conditions if condition)


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
    """Columns of one object under a condition; `deleted` also finds deleted and archived records."""

    object: str
    columns: Sequence[str]
    where: str = ""
    order: str = ""
    deleted: bool = False

    def __str__(self) -> str:
        where = f" WHERE {self.where}" if self.where else ""
        order = f" ORDER BY {self.order}" if self.order else ""
        return f"SELECT {', '.join(self.columns)} FROM {self.object}{where}{order}"  # noqa: S608 - names are checked, values pass `literal`

    @property
    def operation(self) -> str:
        """The name of the call that finds what this query asks for."""
        return "queryAll" if self.deleted else "query"
