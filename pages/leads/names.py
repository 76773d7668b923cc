"""The names of the leads on the screen, asked of the CRM and not kept.

htmx asks for them once the page is there, so the page itself needs no token and does not wait.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl
from starlette.exceptions import HTTPException
from starlette.responses import Response

from pages.leads.asking import Unanswered, asking
from pages.leads.listing import BAD, lead_address
from pages.viewing import MISSING, View

MOST: Final = 100
"""The names of a call: what a CRM returns at once, and more than a page shows."""


def named(view: View) -> Response:
    """Return the names as parts that htmx puts into the page, or as a page for a browser that runs no script."""
    if not view.site.pages.names:
        raise HTTPException(MISSING, "The pages show no names: `pages: {names: true}` in the settings asks for them.")
    ids = view.request.query_params.getlist("id")
    if not 0 < len(ids) <= MOST:
        raise HTTPException(BAD, f"id is given {len(ids)} times: name 1 to {MOST} leads.")
    names, problem = _names(view, ids)
    part = "leads/names.html" if "HX-Request" in view.request.headers else "leads/named.html"
    shown = [(place, id_, names.get(id_)) for place, id_ in enumerate(ids)]
    return view.render(part, shown=shown, problem=problem, of_lead=lambda id_: lead_address(view, id_))


def _names(view: View, ids: Sequence[str]) -> tuple[Mapping[str, str], str]:
    """Return the names, and why there are none. Only who is scored here has one: the rest of the CRM is not asked."""
    ours = view.columns.frame.select(pl.col("lead").filter(pl.col("lead").is_in(ids))).to_series().to_list()
    try:
        with asking(view.job) as asker:
            return (asker.connector.names(ours, view.of) if ours else {}), ""
    except Unanswered as error:
        return {}, str(error)
