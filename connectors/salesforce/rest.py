"""Queries through the REST API: pages of up to 2,000 records, for small results."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote_plus

import polars as pl

from connectors.base import Unavailable
from connectors.salesforce import frames
from connectors.salesforce.session import Session
from connectors.salesforce.soql import LONGEST_URL, Query


@dataclass(frozen=True, slots=True)
class RestPage:
    """One page of a result: text columns as queried, the number of records in all, whether it is the last, and when."""

    rows: pl.DataFrame
    total: int
    last: bool
    at: datetime


def fits(query: Query) -> bool:
    """Return whether a query fits into an address."""
    return len(quote_plus(str(query))) < LONGEST_URL


def pages(session: Session, query: Query) -> Iterator[RestPage]:
    """Yield the pages of a result, and fail where Salesforce brought fewer or more records than it announced."""
    response = session.call("GET", f"{query.operation}/", params={"q": str(query)})
    answer = response.json
    total, seen = int(answer["totalSize"]), 0
    while True:
        rows = frames.of_json(answer["records"], query.columns)
        seen += rows.height
        if answer["done"] and seen != total:
            raise Unavailable(f"Salesforce announced {total} records of {query.object} and brought {seen}.")
        yield RestPage(rows, total, bool(answer["done"]), response.at)
        if answer["done"]:
            return
        response = session.call("GET", answer["nextRecordsUrl"])
        answer = response.json


def count(session: Session, query: Query) -> int:
    """Ask how many records a query would find."""
    where = f" WHERE {query.where}" if query.where else ""
    soql = f"SELECT COUNT() FROM {query.object}{where}"  # noqa: S608 - names are checked, values pass `literal`
    return int(session.json("GET", f"{query.operation}/", params={"q": soql})["totalSize"])


def rows(session: Session, query: Query) -> pl.DataFrame:
    """Return the whole of a small result."""
    return pl.concat([page.rows for page in pages(session, query)])
