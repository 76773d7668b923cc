"""The report as a page: whether the score is right, and the leads behind each figure."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Final

import polars as pl
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from pages.keeping import Kept
from pages.site import Site
from pages.viewing import MISSING, View, about_a_scorecard
from pipeline import clock
from pipeline.job import ActiveScorecard, Job
from watch import html
from watch.report import NoSuchFigure, Report, records, report

MOST: Final = 30
"""How many lists of records are kept, the latest used."""
ROWS: Final = 500
"""How many records a page shows."""

Of = tuple[str, str, bool]
"""Connection, scorecard, and whether it is by person."""


@dataclass(frozen=True, slots=True)
class Records:
    """The leads behind a figure; None if no figure has that key."""

    rows: pl.DataFrame | None
    as_of: datetime


class Reports:
    """The reports of all scorecards, made in the background and again after something was written."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._reports: dict[Of, Kept[Report]] = {}
        self._records: OrderedDict[tuple[str, str, str], Kept[Records]] = OrderedDict()
        self._lock = Lock()

    def report(self, job: Job, active: ActiveScorecard, *, by_person: bool) -> Report | None:
        """Return the report on a scorecard; None while it is made for the first time."""
        with self._lock:
            kept = self._reports.setdefault((job.name, active.prefix, by_person), Kept[Report]())
        return kept.soon(self._version(job, active), lambda: report(job, active, clock.now(), by_person=by_person))

    def records(self, job: Job, active: ActiveScorecard, key: str) -> Records | None:
        """Return the records behind a figure; None while they are looked for the first time."""
        with self._lock:
            kept = self._records.setdefault((job.name, active.prefix, key), Kept[Records]())
            self._records.move_to_end((job.name, active.prefix, key))
            while len(self._records) > MOST:
                self._records.popitem(last=False)
        return kept.soon(self._version(job, active), lambda: _listed(job, active, key))

    def _version(self, job: Job, active: ActiveScorecard) -> Hashable:
        """Return what changes when the report may: what was written, the card, and the day."""
        return self._site.store.changes(job.name), active.label, clock.now().date()


def _listed(job: Job, active: ActiveScorecard, key: str) -> Records:
    now = clock.now()
    try:
        return Records(records(job, active, now, key), now)
    except NoSuchFigure:
        return Records(None, now)


def _active(view: View) -> ActiveScorecard:
    """Return the scorecard of leads that the view is about, also where it is about their accounts."""
    return next(active for active in view.job.scorecards if active.prefix == view.box.prefix)


def _by_person(view: View) -> bool:
    return view.query.get("by_person") == "1" and view.job.connection.report.person is not None


@about_a_scorecard
def shown(view: View) -> Response:
    """Show the report, or that it is being made."""
    by_person = _by_person(view)
    found = view.site.part(Reports).report(view.job, _active(view), by_person=by_person)
    body = None if found is None else html.body(found, lambda key: view.url("report/records", key=key))
    return view.render("report.html", body=body, styles=html.styles(), by_person=by_person)


@about_a_scorecard
def file(view: View) -> Response:
    """Return the report as one file for a board."""
    found = view.site.part(Reports).report(view.job, _active(view), by_person=_by_person(view))
    if found is None:
        return view.render("report.html", body=None, styles=html.styles(), by_person=False)
    name = f"leadgauge-{view.job.name}-{found.as_of:%Y-%m-%d}.html"
    said = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(html.page(found), media_type="text/html", headers=said)


@about_a_scorecard
def listed(view: View) -> Response:
    """Show the leads behind a figure."""
    key = view.query.get("key", "")
    found = view.site.part(Reports).records(view.job, _active(view), key)
    if found is not None and found.rows is None:
        raise HTTPException(MISSING, f"No figure of the report has the key {key!r}.")
    rows = None if found is None or found.rows is None else found.rows.head(ROWS).to_dicts()
    count = 0 if found is None or found.rows is None else found.rows.height
    return view.render("report/records.html", key=key, rows=rows, count=count, most=ROWS)


ROUTES: Final = [
    Route("/crm/{connection}/report", shown),
    Route("/crm/{connection}/report/file", file),
    Route("/crm/{connection}/report/records", listed),
]
