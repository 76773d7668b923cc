"""Open query results, which clients fetch page by page."""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from leadgauge_sandbox.salesforce import identifiers
from leadgauge_sandbox.salesforce.errors import SalesforceError
from leadgauge_sandbox.salesforce.soql.run import Result

LASTING: Final = timedelta(days=2)
OPEN: Final = 200
"""Most open results; beyond it, a new one closes the oldest."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """One open result."""

    identifier: str
    result: Result
    size: int
    until: datetime


@dataclass(slots=True)
class Cursors:
    """All open results."""

    _opened: int = 0
    _open: "OrderedDict[str, Cursor]" = field(default_factory=OrderedDict)

    def open(self, result: Result, size: int, now: datetime) -> Cursor:
        """Keep a result for further pages."""
        self._opened += 1
        identifier = identifiers.encode("01g", self._opened)
        cursor = self._open[identifier] = Cursor(identifier, result, size, now + LASTING)
        while len(self._open) > OPEN:
            self._open.popitem(last=False)
        return cursor

    def find(self, locator: str, now: datetime) -> tuple[Cursor, int]:
        """Return the result and the next row of a locator such as `01g…-2000`."""
        identifier, _, offset = locator.rpartition("-")
        cursor = self._open.get(identifier)
        if cursor is None or not offset.isdigit() or cursor.until <= now:
            self._open.pop(identifier, None)
            raise SalesforceError("INVALID_QUERY_LOCATOR", "invalid query locator")
        return cursor, int(offset)

    def close(self) -> None:
        """Forget all results."""
        self._open.clear()
