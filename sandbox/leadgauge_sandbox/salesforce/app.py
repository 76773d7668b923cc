"""Assembles an org as a web application."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Final

from starlette.applications import Starlette
from starlette.routing import Mount

from leadgauge_sandbox.faults import Faults, spelled
from leadgauge_sandbox.living import lifespan
from leadgauge_sandbox.population import Population
from leadgauge_sandbox.salesforce import (
    batches,
    bulk1,
    control,
    jobs,
    limits,
    metadata,
    pages,
    pardot,
    queries,
    search,
    signin,
    sobjects,
    tooling,
    tree,
)
from leadgauge_sandbox.salesforce.calls import Route, Router, route
from leadgauge_sandbox.salesforce.clock import Clock
from leadgauge_sandbox.salesforce.composite import Composites
from leadgauge_sandbox.salesforce.cursors import Cursors
from leadgauge_sandbox.salesforce.faults import FAULTS
from leadgauge_sandbox.salesforce.feeds import control as feed_control
from leadgauge_sandbox.salesforce.feeds import serving as feed_serving
from leadgauge_sandbox.salesforce.feeds import tooling as feed_tooling
from leadgauge_sandbox.salesforce.feeds.feed import Feed
from leadgauge_sandbox.salesforce.founding import found
from leadgauge_sandbox.salesforce.gate import Gate
from leadgauge_sandbox.salesforce.job import Jobs
from leadgauge_sandbox.salesforce.living import Living
from leadgauge_sandbox.salesforce.mischief import set_fault
from leadgauge_sandbox.salesforce.org import Org
from leadgauge_sandbox.salesforce.rendering import Setting, place, render
from leadgauge_sandbox.salesforce.state import Budget, Sandbox
from leadgauge_sandbox.salesforce.tooling import tooling as through_tooling
from leadgauge_sandbox.salesforce.users import Credentials, Sessions
from leadgauge_sandbox.salesforce.visitors import VisitorActivities

UNLIMITED: Final = 10**9


def create_app(  # noqa: PLR0913 - what can be chosen about an org
    population: Population | None = None,
    *,
    clock: Clock | None = None,
    seed: int = 7,
    rate_limit: bool = True,
    daily_calls: int = 1_000_000,
    live: float = 0.0,
    latency: float = 0.0,
    faults: str = "",
    public_key: str | None = None,
    job_seconds: float = 0.0,
    feed_port: int = 0,
) -> Starlette:
    """Return a Salesforce with a population, empty by default.

    `rate_limit` refuses calls beyond `daily_calls`; `live` is the speed at which the population keeps acting, as a
    multiple of real time; `latency` is added to every call, in seconds; `faults` have the form `NAME,NAME:ARG`;
    `public_key` is the PEM that verifies JWTs, by default from a new key pair; `job_seconds` is how long bulk jobs
    take; `feed_port` is where the Pub/Sub API is served on loopback, by default a free port. `app.state.sandbox`
    has the whole state for tests.
    """
    org, known = Org(clock or Clock()), Faults(FAULTS, seed)
    organization, robot, seller, queue = found(org, Credentials())
    people = population or Population.empty(int(org.clock.now().timestamp() * 1000))
    setting = Setting(robot, seller)
    placement = place(people)
    render(people, org, placement, setting)
    sandbox = Sandbox(
        org=org,
        population=people,
        sessions=Sessions(org.clock, seed, organization),
        credentials=Credentials(public_key=public_key),
        faults=known,
        budget=Budget(daily_calls if rate_limit else UNLIMITED),
        cursors=Cursors(),
        jobs=Jobs(job_seconds),
        living=Living(org, people, placement, setting, VisitorActivities(people)),
        feed=Feed.of(org, known, feed_port),
        organization=organization,
        integration_user=robot,
        queue=queue,
        latency=latency,
    )
    feed_serving.connect(sandbox, seed)
    for name, argument in spelled(faults):
        set_fault(sandbox, name, argument)
    app = Starlette(routes=[Mount("/", app=Gate(sandbox, router()))], lifespan=_running(sandbox, live))
    app.state.sandbox = sandbox
    app.dates_itself = True  # type: ignore[attr-defined] # the org's clock may be a test's
    return app


def _running(sandbox: Sandbox, live: float) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    """Return a lifespan that serves the feed, and lets the population live if it is to."""
    living = lifespan(lambda: sandbox.living.step(sandbox.faults, live)) if live else None

    @asynccontextmanager
    async def running(app: Starlette) -> AsyncIterator[None]:
        sandbox.feed.start()
        async with living(app) if living else nullcontext():
            yield
        sandbox.feed.stop()

    return running


def router() -> Router:
    """Return all routes of the sandbox."""
    version = "/services/data/v{version}"
    plain = Router(_records(version))
    composites = Composites(plain)
    tools = Router(_tooling(f"{version}/tooling"))
    return Router(
        (
            *control.ROUTES,
            *feed_control.ROUTES,
            *pages.ROUTES,
            route("/services/oauth2/token", post=signin.token),
            route("/services/oauth2/revoke", post=signin.revoke, get=signin.revoke),
            route("/services/oauth2/introspect", post=signin.introspect),
            route("/services/oauth2/userinfo", get=signin.userinfo, post=signin.userinfo),
            route("/id/{organization}/{user}", get=signin.identity, post=signin.identity),
            route("/services/Soap/[uc]/{version}", post=signin.soap),
            route("/services/Soap/[uc]/{version}/{organization}", post=signin.soap),
            route("/services/Soap/m/{version}", post=metadata.answer),
            route("/services/Soap/m/{version}/{organization}", post=metadata.answer),
            route("/api/v5/objects/visitor-activities", get=pardot.visitor_activities),
            route("/services/data", get=limits.versions),
            route(version, get=limits.resources),
            route(f"{version}/composite", post=composites.composite),
            route(f"{version}/composite/batch", post=composites.batch),
            route(f"{version}/composite/graph", post=composites.graph),
            route(f"{version}/composite/tree/{{object}}", post=tree.create),
            route(f"{version}/tooling/composite", post=Composites(tools).composite),
            *tools,
            *plain,
            *_jobs(f"{version}/jobs"),
            *bulk1.routes("/services/async/{version}"),
        )
    )


def _records(version: str) -> tuple[Route, ...]:
    one = f"{version}/sobjects/{{object}}"
    many = f"{version}/composite/sobjects"
    return (
        route(f"{version}/query", get=queries.query),
        route(f"{version}/queryAll", get=queries.query_all),
        route(f"{version}/query(?:All)?/{{locator}}", get=queries.more),
        route(f"{version}/search", get=search.search),
        route(f"{version}/limits", get=limits.limits),
        route(f"{version}/limits/recordCount", get=limits.record_count),
        route(f"{version}/recent", get=limits.recent),
        route(f"{version}/sobjects", get=sobjects.describe_global),
        route(one, get=sobjects.basic, post=sobjects.create),
        route(f"{one}/describe", get=sobjects.describe),
        route(f"{one}/describe/layouts", get=sobjects.layouts),
        route(f"{one}/updated", get=sobjects.updated),
        route(f"{one}/deleted", get=sobjects.deleted),
        route(f"{one}/{{id}}", get=sobjects.read, patch=sobjects.update, delete=sobjects.delete),
        route(
            f"{one}/{{key}}/{{value}}",
            get=sobjects.read_by_key,
            patch=sobjects.upsert,
            delete=sobjects.delete_by_key,
        ),
        route(many, post=batches.create, patch=batches.update, delete=batches.delete),
        route(f"{many}/{{object}}", get=batches.read, post=batches.read),
        route(f"{many}/{{object}}/{{key}}", patch=batches.upsert),
    )


def _tooling(base: str) -> tuple[Route, ...]:
    custom = f"{base}/sobjects/CustomField"
    return (
        route(f"{base}/query", get=through_tooling(queries.query)),
        route(f"{base}/query/{{locator}}", get=through_tooling(queries.more)),
        route(f"{base}/sobjects", get=through_tooling(sobjects.describe_global)),
        route(f"{base}/sobjects/{{object}}/describe", get=through_tooling(sobjects.describe)),
        *feed_tooling.routes(f"{base}/sobjects"),
        route(custom, post=tooling.create_custom_field),
        route(
            f"{custom}/{{id}}",
            get=tooling.read_custom_field,
            patch=tooling.update_custom_field,
            delete=tooling.delete_custom_field,
        ),
    )


def _jobs(base: str) -> tuple[Route, ...]:
    kind = f"{base}/(?P<kind>query|ingest)"
    return (
        route(f"{base}/query", post=jobs.create_query, get=jobs.query_listing),
        route(f"{base}/ingest", post=jobs.create_ingest, get=jobs.ingest_listing),
        route(f"{base}/query/{{job}}/results", get=jobs.query_results),
        route(f"{base}/ingest/{{job}}/batches", put=jobs.upload),
        route(f"{base}/ingest/{{job}}/{{which}}", get=jobs.ingest_results),
        route(f"{kind}/{{job}}", get=jobs.get, patch=jobs.set_state, delete=jobs.delete),
    )
