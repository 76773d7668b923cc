"""The list of runs, and the rows that the CRM refused."""

from typing import Final

from starlette.responses import Response

from pages.overview.state import progress, shown
from pages.runs import wording
from pages.viewing import View, about_a_scorecard
from pipeline import clock
from store.pruning import KEEP_FED

ROWS: Final = 50
KINDS: Final = ("sync", "refresh", "sweep", "reconcile", "backfill", "read", "undo", "feed")
REFUSED: Final = 200
"""How many refused rows are shown."""


@about_a_scorecard
def listed(view: View) -> Response:
    """Show the runs of a connection, newest first."""
    kinds, states = (view.request.query_params.getlist(name) for name in ("kind", "state"))
    before = view.query.get("before", "")
    found = view.job.runs.page(
        ROWS + 1, before=int(before) if before.isdecimal() else None, kinds=_known(kinds), states=_known(states)
    )
    rows = found[:ROWS]
    return view.render(
        "runs.html",
        rows=rows,
        older=rows[-1].run if len(found) > ROWS else None,
        newer=bool(before),
        kinds=KINDS,
        states=wording.STATES,
        chosen={"kind": kinds, "state": states},
        state=shown(view.site, view.job.name, clock.now()),
        fed=view.job.runs.fed(clock.now() - KEEP_FED),
        progress=progress,
        wording=wording,
    )


def _known(chosen: list[str]) -> list[str]:
    return [value for value in chosen if value]


@about_a_scorecard
def refused(view: View) -> Response:
    """Show the rows that the CRM refused, of all scorecards of the connection."""
    links = view.job.mirror.links()
    rows = [(box, row, links.of(row.lead, box.of)) for box in view.job.boxes for row in box.outbox.refused()]
    return view.render("runs/refused.html", rows=rows[:REFUSED], total=len(rows))
