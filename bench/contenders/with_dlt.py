"""Contenders: dlt, reading with its REST client, and its whole pipeline into DuckDB.

dlt's own sources for HubSpot and Salesforce are not on PyPI: they are copied into a project by `dlt init`. Their way
of reading is stated anew here: of HubSpot, the listing a page of 100 at a time by the link to the next page, the
properties pulled up, the table merged by id; of Salesforce, the pages of a bulk query of simple-salesforce.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dlt
import duckdb
from common import Job, measured, only
from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator
from simple_salesforce import Salesforce

DATASET = "crm"
Rows = list[dict[str, Any]]


def pages(job: Job, path: str, **query: Any) -> Iterator[Rows]:
    """Yield the pages of a listing of HubSpot."""
    client = RESTClient(
        base_url=job["url"],
        auth=BearerTokenAuth(token=job["token"]),
        paginator=JSONResponseCursorPaginator(cursor_path="paging.next.after", cursor_param="after"),
        data_selector="results",
    )
    yield from client.paginate(path, params=query)


def records(job: Job, what: str, path: str, **query: Any) -> Iterator[Rows]:
    """Yield pages of records with their properties pulled up."""
    query["properties"] = ",".join(job["properties"][what])
    for page in pages(job, path, limit=100, **query):
        yield [{**one["properties"], "id": one["id"], **_linked(one)} for one in page]


def _linked(one: dict[str, Any]) -> dict[str, Any]:
    found = one.get("associations")
    return {"contacts": [{"contact": each["id"]} for each in found["contacts"]["results"]]} if found else {}


def views(job: Job) -> Iterator[Rows]:
    """Yield pages of page views."""
    query = {"eventType": job["event"], "occurredAfter": job["since"], "sort": "occurredAt", "limit": 1000}
    for page in pages(job, "/events/v3/events", properties=job["properties"]["views"], **query):
        yield [
            {**one["properties"], "id": one["id"], "contact": one["objectId"], "at": one["occurredAt"]} for one in page
        ]


SOURCES = {
    "people": lambda job: records(job, "people", "/crm/v3/objects/contacts"),
    "accounts": lambda job: records(job, "accounts", "/crm/v3/objects/companies"),
    "calls": lambda job: records(job, "calls", "/crm/v3/objects/calls", associations="contacts"),
    "views": views,
}


def read(job: Job) -> None:
    """Read HubSpot with the REST client alone, as dictionaries."""
    with measured(job, "dlt") as ids:
        for what in job["whats"]:
            ids[what] = [named for page in SOURCES[what](job) for one in page for named in _named(what, one)]


def _named(what: str, one: dict[str, Any]) -> list[Any]:
    if what == "calls":
        return [[one["id"], each["contact"]] for each in one.get("contacts", ())]
    return [[one["id"], one["contact"]]] if what == "views" else [one["id"]]


def load(job: Job) -> None:
    """Load HubSpot by a pipeline into DuckDB."""
    resources = [
        dlt.resource(SOURCES[what](job), name=what, primary_key="id", write_disposition="merge")
        for what in job["whats"]
    ]
    with measured(job, "dlt", "duckdb") as ids:
        _run(job, resources)
        for what in job["whats"]:
            ids[what] = lambda what=what: _held(job, what)


def load_salesforce(job: Job) -> None:
    """Load the records of each query by a pipeline into DuckDB."""
    with measured(job, "dlt", "duckdb", "simple-salesforce") as ids:
        client = signed_in(job)
        resources = [
            dlt.resource(bulk_pages(client, query), name=what, primary_key="Id", write_disposition="merge")
            for what, query in job["queries"].items()
        ]
        _run(job, resources)
        for what in job["queries"]:
            ids[what] = lambda what=what: _held(job, what)


def bulk_pages(client: Salesforce, query: dict[str, Any]) -> Iterator[Rows]:
    """Yield the pages of a query through Bulk API 1.0."""
    handler = getattr(client.bulk, query["object"])
    found = (handler.query_all if query["deleted"] else handler.query)(query["soql"], lazy_operation=True)
    for page in found:
        yield [{name: value for name, value in one.items() if name != "attributes"} for one in page]


def signed_in(job: Job) -> Salesforce:
    """Sign in to Salesforce with the consumer's key and secret."""
    import requests  # noqa: PLC0415 - only here

    form = {"grant_type": "client_credentials", "client_id": job["key"], "client_secret": job["secret"]}
    granted = requests.post(f"{job['url']}/services/oauth2/token", data=form, timeout=30).json()
    return Salesforce(session_id=granted["access_token"], instance_url=granted["instance_url"], version=job["version"])


def _run(job: Job, resources: list[Any]) -> None:
    destination = dlt.destinations.duckdb(str(Path(job["folder"]) / "dlt.duckdb"))
    pipeline = dlt.pipeline(
        pipeline_name="bench", destination=destination, dataset_name=DATASET, pipelines_dir=job["folder"]
    )
    pipeline.run(resources).raise_on_failed_jobs()


def _held(job: Job, what: str) -> list[Any]:
    """Return the ids that DuckDB holds."""
    with duckdb.connect(str(Path(job["folder"]) / "dlt.duckdb"), read_only=True) as base:
        if what == "calls":
            query = f"SELECT p.id, c.contact FROM {DATASET}.calls p JOIN {DATASET}.calls__contacts c ON c._dlt_parent_id = p._dlt_id"  # noqa: E501
            return [list(row) for row in base.execute(query).fetchall()]
        columns = "id, contact" if what == "views" else "id"
        rows = base.execute(f"SELECT {columns} FROM {DATASET}.{what}").fetchall()
        return [list(row) if what == "views" else row[0] for row in rows]


WAYS = {"read": read, "load": load, "load-salesforce": load_salesforce}

if __name__ == "__main__":
    only(WAYS)
