"""Choosing what the pages are about: a connection, one of its scorecards, leads or accounts."""

from typing import Final
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pages.rendering import PAGES
from pages.viewing import MISSING, site_of

SEE_OTHER: Final = 303


def chosen(request: Request) -> Response:
    """Lead from the form in the header to the page it asks for: `at` is a connection, `box` one of its scorecards."""
    site, query = site_of(request), request.query_params
    name, page = query.get("at", ""), query.get("page", "")
    try:
        boxes = site.job(name).boxes
    except KeyError:
        raise HTTPException(MISSING, f"The settings have no connection {name!r}.") from None
    box = next((box for box in boxes if box.key == query.get("box") and query.get("was") == name), boxes[0])
    about = "" if box is boxes[0] else "?" + urlencode({"scorecard": box.prefix, "of": box.of})
    return RedirectResponse(f"/crm/{name}/{page if page in PAGES else PAGES[0]}{about}", SEE_OTHER)
