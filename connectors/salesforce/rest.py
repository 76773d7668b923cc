"""Queries through the REST API, for small results: pages of up to 2,000 records.

Salesforce may return smaller pages "based on the size and complexity of records queried", so only `done` marks the end:
https://developer.salesforce.com/docs/platform/api-rest/guide/resources-queryall.html (2026-11).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote_plus

import polars as pl

from connectors.base import Unavailable
from connectors.salesforce import frames
from connectors.salesforce.errors import Short, Unreadable
from connectors.salesforce.readings import COUNTED, QUERY_PAGE, QueryPage
from connectors.salesforce.session import Session
from connectors.salesforce.soql import LONGEST_URL, Query
from connectors.salesforce.wire import Answer


@dataclass(frozen=True, slots=True)
class RestPage:
    """One page of a result: text columns as queried, the total number of records, whether it is the last, and when."""

    rows: pl.DataFrame
    total: int
    last: bool
    at: datetime


def fits(query: Query) -> bool:
    """Return whether a query fits into a URL."""
    return len(quote_plus(str(query))) < LONGEST_URL


def pages(session: Session, query: Query, check: Callable[[pl.DataFrame], None] = lambda _: None) -> Iterator[RestPage]:
    """Yield the pages of a result: exactly the announced records, each once, after `check` has accepted them."""
    result = _Result(query, check)
    page, link = session.ask(result.read, "GET", f"{query.operation}/", params={"q": str(query)})
    yield page
    while link:
        page, link = session.ask(result.read, "GET", link)
        yield page


@dataclass
class _Result:
    """Tracks the pages of a result, and refuses one that does not continue from the last."""

    query: Query
    check: Callable[[pl.DataFrame], None]
    total: int | None = None
    ids: set[str] = field(default_factory=set)
    links: set[str] = field(default_factory=set)
    is_short: bool = False
    """Whether the last page was read once and records were missing."""

    def read(self, answer: Answer) -> tuple[RestPage, str | None]:
        """Return a page, and the URL of the next one."""
        found = QUERY_PAGE(answer)
        rows = frames.of_json(found.records, self.query.columns)
        self.check(rows)
        new = frames.ids(rows)
        if new & self.ids:
            raise Unreadable("a page with records that were read before")
        if self.total not in (None, found.totalSize):
            raise Unreadable(f"a page with a total of {found.totalSize} records in a result of {self.total}")
        link = None if found.done else self._onward(found)
        self._compare(len(self.ids) + len(new), found)
        self.total, self.ids, self.links = found.totalSize, self.ids | new, self.links | ({link} if link else set())
        return RestPage(rows, found.totalSize, found.done, answer.at), link

    def _onward(self, found: QueryPage) -> str:
        if not found.nextRecordsUrl:
            raise Unreadable("a page that is not the last one, without nextRecordsUrl")
        if found.nextRecordsUrl in self.links or not found.records:
            raise Unreadable("a page that leads back or is empty")
        return found.nextRecordsUrl

    def _compare(self, brought: int, found: QueryPage) -> None:
        """Compare the records with the announced number. If some are missing, the last page is requested once more."""
        said = f"Salesforce announced {found.totalSize} records of {self.query.object} but returned {brought}"
        if brought > found.totalSize:
            raise Unreadable(said)
        if found.done and brought < found.totalSize:
            again, self.is_short = self.is_short, True
            raise Short(said) if again else Unreadable(said)


def count(session: Session, query: Query) -> int:
    """Return how many records a query would find."""
    where = f" WHERE {query.where}" if query.where else ""
    soql = f"SELECT COUNT() FROM {query.object}{where}"  # noqa: S608 - names are checked, values pass `literal`
    return session.ask(COUNTED, "GET", f"{query.operation}/", params={"q": soql}).totalSize


def rows(session: Session, query: Query) -> pl.DataFrame:
    """Return all rows of a small result."""
    try:
        return pl.concat([page.rows for page in pages(session, query)])
    except Short as short:
        raise Unavailable(f"{short}.", remedy="A later pass requests them again.") from short
