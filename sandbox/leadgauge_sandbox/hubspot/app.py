"""Assembles an account as a web application."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette
from starlette.routing import Mount

from leadgauge_sandbox.hubspot import (
    account,
    associating,
    defining,
    events,
    exporting,
    forms,
    importing,
    journaling,
    mailings,
    objects,
    pipelines,
    schemas,
    searching,
    segments,
    webinars,
)
from leadgauge_sandbox.hubspot.calls import Router
from leadgauge_sandbox.hubspot.control import Control
from leadgauge_sandbox.hubspot.filling import Filling
from leadgauge_sandbox.hubspot.gate import Gate
from leadgauge_sandbox.hubspot.mischief import Mischief
from leadgauge_sandbox.hubspot.pages import Pages
from leadgauge_sandbox.hubspot.portal import Portal
from leadgauge_sandbox.living import lifespan
from leadgauge_sandbox.population import Population

if TYPE_CHECKING:
    from leadgauge_sandbox.hubspot.clock import Clock

MODULES: Final = (
    *(objects, searching, associating, defining, account),
    *(events, mailings, forms, webinars),
    *(exporting, importing, pipelines, segments, schemas, journaling),
)


def create_app(
    population: Population | None = None,
    *,
    clock: Clock | None = None,
    seed: int = 7,
    rate_limit: bool = True,
    live: float = 0.0,
    latency: float = 0.0,
    open_leads: bool = False,
) -> Starlette:
    """Return a HubSpot with a population, empty by default.

    `live` is the speed at which the population keeps acting, as a multiple of real time; `latency` is added to every
    call, in seconds. With `open_leads`, sales works on leads (0-136) of those who asked. `app.state` has portal, gate,
    filling and mischief for tests.
    """
    portal = Portal(clock, seed)
    portal.limits.enforced = rate_limit
    gate = Gate(portal, Router([endpoint for module in MODULES for endpoint in module.ENDPOINTS]))
    gate.latency = latency
    people = Population.empty(portal.clock.now()) if population is None else population
    filling = Filling(portal, people, open_leads=open_leads)
    mischief = Mischief(portal)
    control, pages = Control(portal, gate, filling, mischief), Pages(portal)
    routes = [*control.routes(), *pages.routes(), Mount("/", app=gate)]
    app = Starlette(
        routes=routes, lifespan=lifespan(lambda: filling.step(filling.portal.clock.now(), live)) if live else None
    )
    app.state.portal, app.state.gate, app.state.filling, app.state.mischief = portal, gate, filling, mischief
    app.dates_itself = True  # type: ignore[attr-defined] # the portal's clock may be a test's
    return app
