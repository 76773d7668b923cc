"""The application: its addresses, its errors and its files."""

import logging
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from config.pages import Pages
from pages import overview, report, runs
from pages.access import signing_in
from pages.access.guarding import before_pages
from pages.access.signing_in import way_of
from pages.leads import routes as leads
from pages.scorecard import routes as scorecard
from pages.site import Site
from pages.viewing import render

STATIC: Final = Path(__file__).parent / "static"
FAILED: Final = 500

logger: Final = logging.getLogger(__name__)


def app(site: Site, pages: Pages) -> Starlette:
    """Return the application for the pages of a site; raise `ConfigurationError` if nobody could sign in."""
    way = way_of(pages)
    made = Starlette(
        routes=[
            *overview.ROUTES,
            *leads.ROUTES,
            *scorecard.ROUTES,
            *runs.ROUTES,
            *report.ROUTES,
            *way.routes,
            *signing_in.ROUTES,
            Mount("/static", StaticFiles(directory=STATIC), name="static"),
        ],
        middleware=before_pages(pages, way),
        exception_handlers={HTTPException: _refused, Exception: _failed},
    )
    made.state.site = site
    return made


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return render(request, "error.html", error.status_code, status=error.status_code, message=error.detail)


def _failed(request: Request, error: Exception) -> Response:
    logger.error("The page %s failed", request.url.path, exc_info=error)
    message = "The page could not be made. The log of leadgauge says why."
    return render(request, "error.html", FAILED, status=FAILED, message=message)
