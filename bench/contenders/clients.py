"""Contenders: the vendors' own clients, hubspot-api-client and simple-salesforce, as their examples use them."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import requests
from common import Job, measured, only
from hubspot import HubSpot
from hubspot.crm.contacts import BatchInputSimplePublicObjectBatchInput, SimplePublicObjectBatchInput
from simple_salesforce import Salesforce

HUBSPOT, SALESFORCE = "hubspot-api-client", "simple-salesforce"
BATCH = 100


def hubspot_people(job: Job) -> None:
    """List contacts and companies as the client's models."""
    client = HubSpot(access_token=job["token"], host=job["url"])
    with measured(job, HUBSPOT) as ids:
        for what, objects in (("people", client.crm.contacts), ("accounts", client.crm.companies)):
            wanted = {"limit": 100, "properties": job["properties"][what]}
            ids[what] = [one.id for one in _listed(objects.basic_api.get_page, **wanted)]


def hubspot_activities(job: Job) -> None:
    """List calls with their contacts, and page views, as the client's models."""
    client = HubSpot(access_token=job["token"], host=job["url"])
    calls, events = client.crm.objects.basic_api, client.events.events_api
    wanted = {"limit": 100, "properties": job["properties"]["calls"], "associations": ["contacts"]}
    with measured(job, HUBSPOT) as ids:
        found = _listed(calls.get_page, object_type="calls", **wanted)
        ids["calls"] = [[one.id, linked.id] for one in found for linked in _contacts(one)]
        since = datetime.fromisoformat(job["since"])
        found = _listed(events.get_page, event_type=job["event"], occurred_after=since, sort=["occurredAt"], limit=1000)
        ids["views"] = [[one.id, one.object_id] for one in found]


def _listed(page: Callable[..., Any], **wanted: Any) -> Iterator[Any]:
    after = None
    while True:
        found = page(**wanted) if after is None else page(after=after, **wanted)
        yield from found.results
        if found.paging is None or found.paging.next is None:
            return
        after = found.paging.next.after


def _contacts(one: Any) -> list[Any]:
    linked = (one.associations or {}).get("contacts")
    return linked.results if linked else []


def hubspot_writes(job: Job) -> None:
    """Update contacts in batches of 100, the most that HubSpot takes."""
    api = HubSpot(access_token=job["token"], host=job["url"]).crm.contacts.batch_api
    rows = [SimplePublicObjectBatchInput(id=row["lead"], properties=row["values"]) for row in job["rows"]]
    with measured(job, HUBSPOT) as ids:
        taken: list[Any] = []
        for start in range(0, len(rows), BATCH):
            batch = BatchInputSimplePublicObjectBatchInput(inputs=rows[start : start + BATCH])
            taken += api.update(batch_input_simple_public_object_batch_input=batch).results
        ids["people"] = [one.id for one in taken]


def signed_in(job: Job) -> Salesforce:
    """Sign in to Salesforce with the consumer's key and secret."""
    form = {"grant_type": "client_credentials", "client_id": job["key"], "client_secret": job["secret"]}
    granted = requests.post(f"{job['url']}/services/oauth2/token", data=form, timeout=30).json()
    return Salesforce(session_id=granted["access_token"], instance_url=granted["instance_url"], version=job["version"])


def query_all(job: Job) -> None:
    """Read the records of each query as dictionaries, 2,000 a call."""
    with measured(job, SALESFORCE) as ids:
        client = signed_in(job)
        for what, query in job["queries"].items():
            found = client.query_all(query["soql"], include_deleted=query["deleted"])["records"]
            ids[what] = [one["Id"] for one in found]


def bulk_update(job: Job) -> None:
    """Update through Bulk API 1.0, 10,000 records a batch."""
    with measured(job, SALESFORCE) as ids:
        client, taken = signed_in(job), []
        for name, rows in job["objects"].items():
            taken += getattr(client.bulk, name).update(rows)
        ids["people"] = [one["id"] for one in taken if one["success"]]


def bulk2_update(job: Job) -> None:
    """Update through Bulk API 2.0."""
    with measured(job, SALESFORCE) as ids:
        client, written = signed_in(job), 0
        for name, rows in job["objects"].items():
            texts = [{column: str(value) for column, value in row.items()} for row in rows]
            jobs = getattr(client.bulk2, name).update(records=texts, wait=1)
            written += sum(one["numberRecordsProcessed"] - one["numberRecordsFailed"] for one in jobs)
        ids["count"] = [written]


WAYS = {
    "hubspot-people": hubspot_people,
    "hubspot-activities": hubspot_activities,
    "hubspot-writes": hubspot_writes,
    "query_all": query_all,
    "bulk_update": bulk_update,
    "bulk2_update": bulk2_update,
}

if __name__ == "__main__":
    only(WAYS)
