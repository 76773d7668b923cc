"""Puts an account together as one web application."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette
from starlette.routing import Mount

from sandbox.hubspot import account, associating, defining, marketing, objects, searching
from sandbox.hubspot.calls import Router
from sandbox.hubspot.filling import Filling
from sandbox.hubspot.gate import Gate
from sandbox.hubspot.portal import Portal
from sandbox.population import Population

if TYPE_CHECKING:
    from sandbox.hubspot.clock import Clock

MODULES: Final = (objects, searching, associating, defining, account, marketing)


def create_app(
    population: Population | None = None,
    *,
    clock: Clock | None = None,
    seed: int = 7,
    rate_limit: bool = True,
) -> Starlette:
    """Return a HubSpot that holds a population (an empty one unless given); `app.state` has portal, gate and filling."""
    portal = Portal(clock, seed)
    portal.limits.enforced = rate_limit
    gate = Gate(portal, Router([endpoint for module in MODULES for endpoint in module.ENDPOINTS]))
    app = Starlette(routes=[Mount("/", app=gate)])
    app.state.portal, app.state.gate = portal, gate
    app.state.filling = Filling(portal, Population.empty() if population is None else population)
    app.dates_itself = True  # type: ignore[attr-defined] # the portal's clock may be a test's
    return app
