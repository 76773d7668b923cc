"""The overview: every connection, its last passes and what waits."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pages.viewing import render, site_of


def overview(request: Request) -> Response:
    """Show the state of every connection."""
    site = site_of(request)
    statuses = [site.store.status(name) for name in site.connections]
    return render(request, "overview.html", page="overview", statuses=statuses)


ROUTES: Final = [Route("/", overview)]
