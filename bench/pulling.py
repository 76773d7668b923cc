"""Reads the same CRM with leadgauge, with the vendors' clients, with dlt and with Singer's taps.

    python -m bench.pulling [--crm hubspot salesforce] [--leads 3000] [--only-clients]

All ask a sandbox over HTTP for the same records with the same properties; a line for each says what it took, without
importing its libraries. What they read is compared by ids. dlt and the taps are installed in environments of their own.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any
from urllib.parse import parse_qs, urlsplit

import polars as pl

from bench import tools
from bench.contenders import common
from bench.contest import Arena, Contender, Done, arena, line, missing
from bench.hubspot import TOKEN, connect
from connectors.hubspot import HubSpot
from connectors.salesforce import Salesforce
from connectors.salesforce.position import Position
from pipeline.pull import batches
from store import Store
from tests.salesforce import sandboxed
from vocabulary.outputs import Output
from vocabulary.pages import Page, Stream

Job = dict[str, Any]
EVENT = "e_visited_page"
PARALLEL = 4
OURS = Contender("leadgauge", "bench.pulling", "read")
STORED = Contender("leadgauge_into_its_store", "bench.pulling", "store")
WHATS = {
    "hubspot": {"people": ("people", "accounts"), "activities": ("calls", "views")},
    "salesforce": {"people": ("Lead", "Contact", "Account"), "activities": ("Web_Visit__c", "Web_Action__c")},
}
"""What is read in one go: the records that contenders name their ids by."""
STREAMS = {
    "hubspot": {"people": ("companies", "contacts"), "activities": ("calls", f"events.{EVENT}")},
    "salesforce": {"people": ("accounts", "leads"), "activities": ("web_visits", "web_actions")},
}
CONTENDERS: Mapping[str, Mapping[str, Sequence[Contender]]] = {
    "hubspot": {
        "people": (
            Contender("hubspot-api-client", "clients.py", "hubspot-people"),
            Contender("dlt_rest_client", "with_dlt.py", "read", "dlt"),
            Contender("singer_tap-hubspot", "taps.py", "hubspot", "tap-hubspot"),
            Contender("dlt_into_duckdb", "with_dlt.py", "load", "dlt"),
        ),
        "activities": (
            Contender("hubspot-api-client", "clients.py", "hubspot-activities"),
            Contender("dlt_rest_client", "with_dlt.py", "read", "dlt"),
            Contender("dlt_into_duckdb", "with_dlt.py", "load", "dlt"),
        ),
    },
    "salesforce": dict.fromkeys(
        ("people", "activities"),
        (
            Contender("simple-salesforce_query_all", "clients.py", "query_all"),
            Contender("singer_tap-salesforce", "taps.py", "salesforce", "tap-salesforce"),
            Contender("dlt_into_duckdb", "with_dlt.py", "load-salesforce", "dlt"),
        ),
    ),
}


def hubspot_job(place: Arena) -> Job:
    return {"crm": "hubspot", "token": place.printed["token"], "event": EVENT}


def with_properties(place: Arena, job: Job) -> Job:
    """Add the properties that leadgauge has just asked for, and since when it asked for page views."""
    asked: dict[str, list[str]] = {}
    since = []
    names = {"contacts": "people", "companies": "accounts", "calls": "calls"}
    for call in place.ask("GET", "_sandbox/log")["log"]:
        parts = urlsplit(call["path"])
        listed, query = parts.path.rpartition("/")[2], parse_qs(parts.query)
        if (
            call["method"] == "GET"
            and listed in names
            and query.get("properties")
            and query.get("archived") != ["true"]
        ):
            asked[names[listed]] = [name for each in query["properties"] for name in each.split(",")]
        if since_when := query.get("occurredAfter"):
            since += since_when
            asked["views"] = query["properties"]
    return {**job, "properties": asked, "since": min(since, default=None)}


def salesforce_job(place: Arena) -> Job:
    found = place.ask("GET", "_sandbox/credentials")
    form = {"grant_type": "password", "client_id": found["consumer_key"], "client_secret": found["consumer_secret"]}
    form |= {"username": found["username"], "password": found["password"] + found["security_token"]}
    granted = place.ask("POST", "services/oauth2/token", data=form)
    return {
        "crm": "salesforce",
        "key": found["consumer_key"],
        "secret": found["consumer_secret"],
        "refresh": granted["refresh_token"],
        "api": "REST",
        "version": str(sandboxed.SalesforceSettings.model_fields["api_version"].default),
    }


def with_queries(place: Arena, job: Job, what: str) -> Job:
    """Add the queries of leadgauge's listings, by object."""
    connector = salesforce({**job, "url": place.url})
    now = datetime.now(UTC)
    queries = {}
    for stream in chosen(connector, "salesforce", what):
        for part in connector._parts(stream):  # noqa: SLF001 - the very queries that leadgauge asks
            query = part.listing(Position.full("", now, now), ordered=False)
            told = {
                "object": query.object,
                "soql": str(query),
                "deleted": query.deleted,
                "columns": list(query.columns),
            }
            if part.in_listing:
                queries[query.object] = told
    connector.close()
    return {**job, "queries": queries}


def hubspot(job: Job) -> HubSpot:
    os.environ[TOKEN] = job["token"]
    return connect(job["url"])


def salesforce(job: Job, outputs: Sequence[Output] = sandboxed.OUTPUTS) -> Salesforce:
    os.environ |= {"SF_KEY": job["key"], "SF_SECRET": job["secret"]}
    auth = {"flow": "client_credentials", "consumer_key": {"env": "SF_KEY"}, "consumer_secret": {"env": "SF_SECRET"}}
    activities = {name: value for name, value in sandboxed.ACTIVITIES.items() if name != "pardot"}
    given = {"crm": "salesforce", "auth": auth, "base_url": job["url"], "fields": sandboxed.FIELDS}
    settings = sandboxed.SalesforceSettings.model_validate({**given, "activities": activities})
    return Salesforce(settings, sandboxed.WANTED, outputs)


CONNECTORS: Mapping[str, Callable[[Job], Any]] = {"hubspot": hubspot, "salesforce": salesforce}


def chosen(connector: Any, crm: str, what: str) -> list[Stream]:
    """Return the streams that are compared."""
    return [stream for stream in connector.streams() if stream.name in STREAMS[crm][what]]


def read(job: Job) -> None:
    """Read into columns, as a pass of leadgauge does."""
    with common.measured(job, "leadgauge", "polars") as ids:
        pages = list(_pages(job))
        ids.update(_ids(job, pages))


def store(job: Job) -> None:
    """Read into the store, as a pass of leadgauge does."""
    pages: list[Page] = []
    with common.measured(job, "leadgauge", "sqlalchemy") as ids, Store.open(f"sqlite:///{job['folder']}/b.db") as base:
        lease = base.lease("bench", holder="bench", ttl=timedelta(hours=1), purpose="bench")
        mirror = base.mirror("bench")
        for page in _pages(job):
            mirror.save(page, lease)
            pages.append(page)
        lease.release()
        ids.update(_ids(job, pages))


def _pages(job: Job) -> Iterator[Page]:
    connector = CONNECTORS[job["crm"]](job)
    streams = chosen(connector, job["crm"], job["what"])
    yield from chain.from_iterable(batches(connector, dict.fromkeys(streams), parallel=PARALLEL))
    connector.close()


def _ids(job: Job, pages: Sequence[Page]) -> dict[str, Callable[[], list[Any]]]:
    """Return what finds the ids that were read, named as the other contenders name them."""
    return {what: lambda what=what: list(_found(job["crm"], what, pages)) for what in job["whats"]}


def _found(crm: str, what: str, pages: Sequence[Page]) -> Iterator[Any]:
    for page in pages:
        match what:
            case "people" | "Lead" | "Contact":
                leads = page.leads["lead"]
                yield from leads if crm == "hubspot" else leads.filter(leads.str.starts_with(PREFIXES[what]))
            case "accounts" | "Account":
                yield from page.accounts["account"]
            case "calls" | "views":
                done = page.activities.filter(
                    pl.col("id").str.starts_with({"calls": "calls:", "views": "event:"}[what])
                )
                yield from (list(row) for row in done.select(pl.col("id").str.split(":").list.get(1), "lead").rows())
            case _:
                if page.stream == {"Web_Visit__c": "web_visits", "Web_Action__c": "web_actions"}[what]:
                    yield from page.activities["id"].str.split(":").list.get(1)


PREFIXES = {"Lead": "00Q", "Contact": "003"}


def compared(done: Mapping[Contender, Done], whats: Sequence[str]) -> dict[str, int]:
    """Return how many records of each kind were read; stop if a contender read others.

    Of some kinds leadgauge does not keep all: calls that did not take place, leads that were converted.
    """
    counts = {}
    for what in whats:
        found = {contender.name: _set(one.ids[what]) for contender, one in done.items()}
        ours = {name: found.pop(name) for name in (OURS.name, STORED.name)}
        theirs = next(iter(found.values()), ours[OURS.name])
        kept = [one <= theirs if what in NOT_ALL_KEPT else one == theirs for one in ours.values()]
        if not all([*kept, *(one == theirs for one in found.values())]):
            sizes = {name: len(one) for name, one in {**ours, **found}.items()}
            raise SystemExit(f"the contenders read other {what}: {sizes}")
        counts[what.lower()] = len(theirs)
    return counts


NOT_ALL_KEPT = {"calls", "Lead", "Contact"}


def _set(ids: Sequence[Any]) -> set[Any]:
    return {tuple(map(str, one)) if isinstance(one, list) else str(one) for one in ids}


def contest(crm: str, what: str, place: Arena, contenders: Sequence[Contender]) -> Iterator[str]:
    """Let leadgauge and some contenders read; yield their lines."""
    whats = WHATS[crm][what]
    job = {**(hubspot_job if crm == "hubspot" else salesforce_job)(place), "what": what, "whats": whats}
    done = {OURS: place.run(OURS, job)}
    job = with_properties(place, job) if crm == "hubspot" else with_queries(place, job, what)
    left_out = {}
    for contender in (*contenders, STORED):
        try:
            done[contender] = place.run(contender, job)
        except tools.CannotInstallError as error:
            left_out[contender] = str(error)
    counts = compared(done, whats)
    for contender, found in done.items():
        yield line("pulling", contender, found, crm=crm, what=what, **counts)
    for contender, why in left_out.items():
        yield missing("pulling", contender, why, crm=crm, what=what)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--crm", nargs="+", choices=list(WHATS), default=list(WHATS))
    parser.add_argument("--leads", type=int, default=3_000)
    parser.add_argument("--only-clients", action="store_true", help="leave out what has to be installed")
    parser.add_argument("--contend", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.contend:
        job = json.load(sys.stdin)
        {"read": read, "store": store}[job["way"]](job)
        return
    for crm in given.crm:
        with arena(crm, given.leads) as place:
            for what in WHATS[crm]:
                others = [one for one in CONTENDERS[crm][what] if not (one.tool and given.only_clients)]
                for told in contest(crm, what, place, others):
                    print(told, flush=True)


if __name__ == "__main__":
    main()
