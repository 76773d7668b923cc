"""Queries through Bulk API 2.0: a job runs in Salesforce, and its result is read in large pages of CSV."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final

import polars as pl

from connectors.base import ConfigurationError, Unavailable
from connectors.limits import pause
from connectors.salesforce import frames
from connectors.salesforce.errors import Rejected, Short, Unreadable
from connectors.salesforce.readings import QUERY_JOB, STARTED_JOB, QueryJob, number_in, text_in
from connectors.salesforce.session import Session
from connectors.salesforce.soql import Query
from connectors.salesforce.wire import Answer

ROWS_PER_PAGE: Final = 50_000
LAST_PAGE: Final = "null"
"""The locator of the last page: the text "null", not an absent header.

https://developer.salesforce.com/docs/atlas.en-us.254.0.api_asynch.meta/api_asynch/query_get_job_results.htm (2026-11).
"""

_FIRST_LOOK, _LONGEST_LOOK, _GROWTH = 0.25, 20.0, 1.6


@dataclass(frozen=True, slots=True)
class BulkPage:
    """One page of a job's result: text columns as queried, and the locator of the next page (None on the last one)."""

    rows: pl.DataFrame
    next: str | None


@dataclass(frozen=True, slots=True)
class Job:
    """A query job, and when it was started, by Salesforce's clock."""

    id: str
    at: datetime


def start(session: Session, query: Query) -> Job:
    """Start a query job."""
    return session.ask(
        lambda answer: Job(STARTED_JOB(answer).id, answer.at),
        "POST",
        "jobs/query",
        body={"operation": query.operation, "query": str(query)},
    )


def is_alive(session: Session, job: str) -> bool:
    """Return whether a job of an earlier run can still be read.

    Finished jobs are deleted after seven days:
    https://developer.salesforce.com/docs/atlas.en-us.228.0.api_bulk_v2.meta/api_bulk_v2/bulk_api_2_limits.htm
    (2026-11).
    """
    try:
        return _state(session, job).state not in ("Failed", "Aborted")
    except Rejected as error:
        if error.status in (400, 404):
            return False
        raise


def wait(session: Session, job: str) -> int:
    """Wait until a job has finished, and return how many records it found."""
    seconds = _FIRST_LOOK
    while (info := _state(session, job)).state not in ("JobComplete", "Failed", "Aborted"):
        pause(session.stop, seconds)
        seconds = min(seconds * _GROWTH, _LONGEST_LOOK)
    if info.state != "JobComplete":
        raise _failure(info)
    assert info.numberRecordsProcessed is not None, "checked by `_state`"
    return info.numberRecordsProcessed


def _state(session: Session, job: str) -> QueryJob:
    def read(answer: Answer) -> QueryJob:
        info = QUERY_JOB(answer)
        if info.state == "JobComplete" and info.numberRecordsProcessed is None:
            raise Unreadable("a finished job without numberRecordsProcessed")
        return info

    return session.ask(read, "GET", f"jobs/query/{job}")


def _failure(info: QueryJob) -> Exception:
    if info.said.startswith(("INVALID_", "MALFORMED_QUERY", "InvalidBatch")):
        return ConfigurationError(
            "Salesforce could not run a query.", answer=info.said, remedy="Check `fields` and `filter`."
        )
    return Unavailable(
        f"A query job of Salesforce ended as {info.state}.", answer=info.said, remedy="A later pass starts it again."
    )


def pages(session: Session, job: str, result: "Result", locator: str | None = None) -> Iterator[BulkPage]:
    """Yield the pages of a finished job, from `locator` on.

    "As long as the associated job exists, the locator string for a set of results does not change", so a page can be
    requested again:
    https://developer.salesforce.com/docs/atlas.en-us.254.0.api_asynch.meta/api_asynch/query_get_job_results.htm
    (2026-11).
    """
    while True:
        params = {"maxRecords": ROWS_PER_PAGE} | ({"locator": locator} if locator else {})
        page = session.ask(
            partial(result.read, locator),
            "GET",
            f"jobs/query/{job}/results",
            params=params,
            headers={"Accept": "text/csv"},
        )
        yield page
        if page.next is None:
            return
        locator = page.next


@dataclass
class Result:
    """Tracks the pages of a job's result, and refuses one that does not continue from the last."""

    query: Query
    found: int
    """Number of records the job found."""
    brought: int = 0
    check: Callable[[pl.DataFrame], None] = lambda _: None
    locators: set[str | None] = field(default_factory=set)
    pages: set[tuple[int, int]] = field(default_factory=set)
    """The pages read so far, as digests of their ids, because the ids themselves would take too much memory."""
    is_short: bool = False
    """Whether the last page was read once and records were missing."""

    def read(self, locator: str | None, answer: Answer) -> BulkPage:
        """Return the page at a locator."""
        rows = frames.of_csv(answer.content, self.query.columns)
        # "The number of records in this set", so a truncated body is noticed (same page as in `pages`).
        announced = number_in(answer.headers, "Sforce-NumberOfRecords")
        if announced != rows.height:
            raise Unreadable(self._said(announced, rows.height))
        self.check(rows)
        frames.ids(rows)
        following = text_in(answer.headers, "Sforce-Locator")
        self._go_on(locator, following, rows)
        return BulkPage(rows, None if following == LAST_PAGE else following)

    def _go_on(self, locator: str | None, following: str, rows: pl.DataFrame) -> None:
        digest = (rows.height, int(rows["Id"].hash().sum() or 0))
        if following in self.locators | {locator} or (digest in self.pages and rows.height):
            raise Unreadable("a page that leads back, or was read before")
        if following != LAST_PAGE and not rows.height:
            raise Unreadable("an empty page that is not the last one")
        self._compare(self.brought + rows.height, is_last=following == LAST_PAGE)
        self.brought += rows.height
        self.locators |= {locator, following}
        self.pages.add(digest)

    def _compare(self, brought: int, *, is_last: bool) -> None:
        """Compare the records with the announced number. If some are missing, the last page is requested once more."""
        if brought > self.found:
            raise Unreadable(self._said(self.found, brought))
        if is_last and brought < self.found:
            again, self.is_short = self.is_short, True
            raise Short(self._said(self.found, brought)) if again else Unreadable(self._said(self.found, brought))

    def _said(self, announced: int, brought: int) -> str:
        return f"Salesforce announced {announced} records of {self.query.object} but returned {brought}"
