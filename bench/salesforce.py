"""Times the Salesforce connector: Bulk pages into frames, calls compared with the minimum, memory of a backfill.

`python -m bench.salesforce` prints all three; `--leads` sets the size of the sandbox for the last two.
"""

import contextlib
import csv
import io
import multiprocessing
import os
import random
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import chain
from multiprocessing.connection import Connection
from threading import Event
from urllib.parse import urlsplit, urlunsplit

import click
import polars as pl
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce as Client
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.salesforce import Salesforce, SalesforceSettings, bulk, rest
from connectors.salesforce.people import people
from connectors.salesforce.position import Position
from connectors.salesforce.session import Session
from connectors.salesforce.soql import Query
from leadgauge_sandbox.population import Population
from leadgauge_sandbox.salesforce import create_app
from leadgauge_sandbox.server import serve
from pipeline.pull import batches
from tests.salesforce.sandboxed import ACTIVITIES, FIELDS, OUTPUTS, WANTED
from vocabulary.fields import FieldType

ROWS, COLUMNS, REPEATS = 50_000, 30, 7
TYPES: tuple[FieldType, ...] = ("text", "number", "time", "flag", "text")


def cells(random_: random.Random, wanted: dict[str, FieldType]) -> list[str]:
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=random_.randrange(10**7))
    made: dict[FieldType, Callable[[], str]] = {
        "text": lambda: random_.choice(["Software", "Head of Sales, EMEA", 'The "other" one', "Zoë", "", "数据"]),
        "number": lambda: str(random_.randrange(100_000)),
        "time": lambda: moment.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "flag": lambda: random_.choice(["true", "false"]),
    }
    return [made[type_]() for type_ in wanted.values()]


def page_of_contacts(columns: tuple[str, ...], wanted: dict[str, FieldType]) -> bytes:
    random_ = random.Random(7)
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(columns)
    stamp = "2026-03-01T12:00:00.000Z"
    for number in range(ROWS):
        own = [f"003{number:012}AAA", stamp, "false", f"001{number:012}AAA", f"p{number}@x.example", stamp, ""]
        writer.writerow([*own, *cells(random_, wanted)])
    return text.getvalue().encode()


def wire(body: bytes) -> Starlette:
    """Return a server with one finished job of one page."""

    async def results(_: Request) -> Response:
        headers = {"Sforce-NumberOfRecords": str(ROWS), "Sforce-Locator": "null"}
        return Response(body, media_type="text/csv", headers=headers)

    async def job(_: Request) -> Response:
        return JSONResponse({"id": "750", "state": "JobComplete", "numberRecordsProcessed": ROWS})

    async def token(_: Request) -> Response:
        return JSONResponse({"access_token": "00D!x", "instance_url": "https://bench.my.salesforce.com"})

    base = "/services/data/v{version}/jobs/query"
    return Starlette(
        routes=[
            Route("/services/oauth2/token", token, methods=["POST"]),
            Route(base, job, methods=["POST"]),
            Route(base + "/{id}", job),
            Route(base + "/{id}/results", results),
        ]
    )


def settings(base_url: str, **more: object) -> SalesforceSettings:
    os.environ.setdefault("BENCH_KEY", "key")
    os.environ.setdefault("BENCH_SECRET", "secret")
    auth = {
        "flow": "client_credentials",
        "consumer_key": {"env": "BENCH_KEY"},
        "consumer_secret": {"env": "BENCH_SECRET"},
    }
    return SalesforceSettings.model_validate({"crm": "salesforce", "auth": auth, "base_url": base_url} | more)


def seconds_of(work: Callable[[], int]) -> tuple[float, float]:
    """Return wall time and CPU time of all our threads: the best of several runs, since other load only slows one down.

    The server runs in a separate process. The runs are consecutive, like pages in a backfill.
    """
    runs = [_once(work) for _ in range(REPEATS)]
    return min(wall for wall, _ in runs), min(cpu for _, cpu in runs)


def _once(work: Callable[[], int]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    assert work() == ROWS
    return time.perf_counter() - wall, time.process_time() - cpu


@contextlib.contextmanager
def served(make: Callable[..., Starlette], *arguments: object) -> Iterator[str]:
    """Serve an app from a separate process."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(make, arguments, theirs), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def _serve(make: Callable[..., Starlette], arguments: tuple[object, ...], pipe: Connection) -> None:
    with serve(make(*arguments)) as url:
        pipe.send(url)
        Event().wait()


class Here(HTTPAdapter):
    """Sends requests for Salesforce to a server on this machine."""

    def __init__(self, url: str) -> None:
        self._base = urlsplit(url)
        super().__init__()

    def send(self, request: requests.PreparedRequest, *args: object, **more: object) -> requests.Response:
        """Send a request to that server."""
        request.url = urlunsplit(urlsplit(request.url)._replace(scheme=self._base.scheme, netloc=self._base.netloc))
        return super().send(request, *args, **more)


def bulk_pages() -> None:
    wanted: dict[str, FieldType] = {f"field_{n}": TYPES[n % len(TYPES)] for n in range(COLUMNS - 7)}
    fields = {name: f"Field_{n}__c" for n, name in enumerate(wanted)}
    part = people(settings("http://127.0.0.1", fields=fields), wanted)[0]
    body = page_of_contacts(part.selected, wanted)
    query = Query("Contact", part.selected)
    with served(wire, body) as url:
        session = Session(settings(url), Event())
        http = requests.Session()
        http.mount("https://", Here(url))
        client = Client(session_id="x", instance="bench.my.salesforce.com", session=http)

        def ours() -> int:
            found = bulk.pages(session, bulk.start(session, query).id, bulk.Result(query, ROWS))
            return sum(page.rows.height for page in found)

        def typed() -> int:
            found = bulk.pages(session, bulk.start(session, query).id, bulk.Result(query, ROWS))
            return sum(part.contents(page.rows)["leads"].height for page in found)

        def theirs() -> int:
            found: Iterator[str] = client.bulk2.Contact.query(str(query), max_records=ROWS, wait=0)
            return sum(pl.DataFrame(list(csv.DictReader(io.StringIO(page)))).height for page in found)

        us, them = seconds_of(ours), seconds_of(theirs)
        lines = {
            "simple-salesforce bulk2 rows, as a frame": them,
            "leadgauge, as a frame": us,
            "leadgauge, as typed leads": seconds_of(typed),
        }
    print(f"one Bulk page of {ROWS:,} rows x {len(part.selected)} columns, {len(body) / 1e6:.0f} MB of CSV, over HTTP")
    print(f"  {'':40}{'wall':>10}{'CPU':>10}")
    for name, (wall, cpu) in lines.items():
        print(f"  {name:40}{wall * 1000:7.0f} ms{cpu * 1000:7.0f} ms")
    print(f"  times faster, page into frame           {them[0] / us[0]:10.1f}{them[1] / us[1]:10.1f}")


def org(leads: int) -> Starlette:
    """Return a sandbox with this many people."""
    return create_app(Population.generate(leads), rate_limit=False)


def backfill(leads: int) -> None:
    with served(org, leads) as url, requests.Session() as http:
        http.trust_env = False
        credentials = http.get(f"{url}/_sandbox/credentials").json()
        os.environ |= {"BENCH_KEY": credentials["consumer_key"], "BENCH_SECRET": credentials["consumer_secret"]}
        salesforce = Salesforce(settings(url, fields=FIELDS, activities=ACTIVITIES), WANTED, OUTPUTS)
        before, start, cpu = resident(), time.perf_counter(), time.process_time()
        seen: Counter[str] = Counter()
        found = batches(salesforce, dict.fromkeys(salesforce.streams()), parallel=4)
        for page in chain.from_iterable(found):
            seen.update(leads=page.leads.height, accounts=page.accounts.height, activities=page.activities.height)
            seen.update({page.stream: page.activities.height} if page.stream == "pardot" else {})
        took, cpu = time.perf_counter() - start, time.process_time() - cpu
        calls = http.get(f"{url}/_sandbox/stats").json()["calls"]
        told = ", ".join(f"{count:,} {what}" for what, count in seen.items() if what != "pardot")
        spent = f"{took:.0f} s, {cpu:.1f} s of our CPU, peak {resident():.0f} MB (before it {before:.0f})"
        print(f"full read of {told}: {spent}")
        print_calls(calls, salesforce, seen)
        salesforce.close()


def print_calls(calls: Mapping[str, int], salesforce: Salesforce, seen: Mapping[str, int]) -> None:
    """Compare the calls made with the minimum."""
    for address, number in sorted(calls.items(), key=lambda pair: -pair[1]):
        print(f"  {number:6,}  {address}")
    made, least = sum(calls.values()), floor(salesforce, seen)
    print(f"  {made:6,}  calls in total, {made / least:.2f} times the minimum of {least:,}")


def floor(salesforce: Salesforce, seen: Mapping[str, int]) -> int:
    """Return the minimum: a sign-in, full pages, start and end of each job, one query for changes per object."""
    session = salesforce._session  # noqa: SLF001 - counts what the connector would ask for
    start = Position.full("", session.now(), session.now())
    streams = [stream for stream in salesforce.streams() if stream.name != "pardot"]
    parts = [part for stream in streams for part in salesforce._parts(stream)]  # noqa: SLF001 - as above
    sizes = [rest.count(session, part.listing(start, ordered=False)) for part in parts if part.in_listing]
    return 1 + len(parts) + sum(map(calls_for, sizes)) + -(-seen["pardot"] // 1000)


def calls_for(rows: int) -> int:
    return 2 + -(-rows // 50_000) if rows > 20_000 else max(1, -(-rows // 2_000))


def resident() -> float:
    """Return the peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@click.command()
@click.option("--leads", default=20_000, show_default=True, help="People in the sandbox for calls and memory.")
def main(leads: int) -> None:
    """Print what the connector costs."""
    backfill(leads)
    bulk_pages()


if __name__ == "__main__":
    main()
