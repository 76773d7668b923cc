"""Queries through Bulk API 2.0: a job runs in Salesforce, its result comes in large pages of CSV."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import polars as pl

from connectors.base import ConfigurationError, Unavailable
from connectors.limits import pause
from connectors.salesforce import frames
from connectors.salesforce.errors import Rejected
from connectors.salesforce.session import Session
from connectors.salesforce.soql import Query

ROWS_PER_PAGE: Final = 50_000
LAST_PAGE: Final = "null"
"""What Salesforce writes in place of a locator on the last page."""

_FIRST_LOOK, _LONGEST_LOOK, _GROWTH = 0.25, 20.0, 1.6


@dataclass(frozen=True, slots=True)
class BulkPage:
    """One page of a job's result: text columns as queried, and the locator of the page after it (None: no more)."""

    rows: pl.DataFrame
    next: str | None


@dataclass(frozen=True, slots=True)
class Job:
    """A query job, and when it was started by Salesforce's clock."""

    id: str
    at: datetime


def start(session: Session, query: Query) -> Job:
    """Start a query job."""
    answer = session.call("POST", "jobs/query", body={"operation": query.operation, "query": str(query)})
    return Job(str(answer.json["id"]), answer.at)


def is_alive(session: Session, job: str) -> bool:
    """Return whether a job of an earlier run can still be read: Salesforce keeps results for seven days."""
    try:
        return _state(session, job)["state"] not in ("Failed", "Aborted")
    except Rejected as error:
        if error.status in (400, 404):
            return False
        raise


def wait(session: Session, job: str) -> int:
    """Wait until a job has run and return how many records it found."""
    seconds = _FIRST_LOOK
    while (info := _state(session, job))["state"] not in ("JobComplete", "Failed", "Aborted"):
        pause(session.stop, seconds)
        seconds = min(seconds * _GROWTH, _LONGEST_LOOK)
    if info["state"] != "JobComplete":
        raise _failure(info)
    return int(info["numberRecordsProcessed"])


def _state(session: Session, job: str) -> dict[str, Any]:
    info: dict[str, Any] = session.json("GET", f"jobs/query/{job}")
    return info


def _failure(info: dict[str, Any]) -> Exception:
    said = str(info.get("errorMessage", info["state"]))
    if said.startswith(("INVALID_", "MALFORMED_QUERY", "InvalidBatch")):
        return ConfigurationError(
            "Salesforce could not run a query.", answer=said, remedy="Check `fields` and `filter`."
        )
    return Unavailable(f"A query job of Salesforce ended as {info['state']}.", answer=said)


def pages(session: Session, query: Query, job: str, locator: str | None = None) -> Iterator[BulkPage]:
    """Yield the pages of a finished job, from `locator` on."""
    while True:
        page = _page(session, query, job, locator)
        yield page
        if page.next is None:
            return
        locator = page.next


def _page(session: Session, query: Query, job: str, locator: str | None) -> BulkPage:
    params = {"maxRecords": ROWS_PER_PAGE} | ({"locator": locator} if locator else {})
    response = session.call("GET", f"jobs/query/{job}/results", params=params, headers={"Accept": "text/csv"})
    rows = frames.of_csv(response.content, query.columns)
    announced = response.headers.get("Sforce-NumberOfRecords")
    if announced is not None and int(announced) != rows.height:
        raise Unavailable(f"Salesforce announced {announced} records of {query.object} and brought {rows.height}.")
    following = response.headers.get("Sforce-Locator", LAST_PAGE)
    return BulkPage(rows, None if following == LAST_PAGE else following)
