"""The list of leads, or accounts, of a scorecard."""

from typing import Final

import polars as pl
from starlette.responses import Response
from starlette.routing import Route

from pages.viewing import View, about_a_scorecard

ROWS: Final = 50
ORDER: Final = ("level", "lead_priority_index", "lead")


@about_a_scorecard
def listed(view: View) -> Response:
    """Show the most urgent leads."""
    columns = view.columns
    best = columns.frame.sort(ORDER, descending=[False, True, False], nulls_last=True).head(ROWS)
    rows = best.with_columns(pl.col(pl.Categorical).cast(pl.String)).to_dicts()
    links = view.job.mirror.links()
    return view.render("leads.html", rows=rows, columns=columns, link=lambda lead: links.of(lead, view.of))


ROUTES: Final = [Route("/crm/{connection}/leads", listed)]
