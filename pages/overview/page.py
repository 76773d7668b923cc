"""The page of the overview, and its parts that refresh themselves."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pages.keeping import Kept
from pages.moves import Moves, of_present, summed
from pages.overview.standing import Standing, Standings
from pages.overview.state import progress, shown
from pages.site import Site
from pages.told import Lately, Ledger
from pages.viewing import MISSING, View, render, site_of
from pipeline import clock
from store import Held
from vocabulary.units import counted

SPANS: Final = {"1d": timedelta(days=1), "7d": timedelta(days=7)}
GRAIN: Final = 300
"""Seconds after which "the last 24 hours" are counted anew."""


@dataclass(frozen=True, slots=True)
class Span:
    """What moved in some time."""

    name: str
    """As the list of leads takes it: `1d`."""
    words: str
    moves: Moves | None
    counting: int
    """How many runs are still to be counted."""
    is_fresh: bool = True
    """Whether the moves include all that was counted."""

    @property
    def uncounted(self) -> str:
        """What the moves lack, in words; empty if they are whole."""
        if self.counting:
            verb = "is" if self.counting == 1 else "are"
            return f"{counted(self.counting, 'more runs')} {verb} still being counted."
        return "" if self.is_fresh else "The latest runs are still being counted."


@dataclass(frozen=True, slots=True)
class Section:
    """A scorecard's part of the overview."""

    view: View
    standing: Standing
    spans: Sequence[Span]
    held: Held | None = None
    """Why what is computed is not written."""

    @property
    def pending(self) -> bool:
        """Whether something is still being counted."""
        return any(span.uncounted for span in self.spans)

    @property
    def query(self) -> str:
        """How its part that refreshes itself is asked for."""
        return urlencode({"connection": self.view.job.name, "scorecard": self.view.box.key})


@dataclass
class Recent:
    """What moved lately, by scorecard."""

    site: Site
    _kept: dict[tuple[str, str, str], Kept[Moves]] = field(default_factory=dict)

    def spans(self, view: View, now: datetime) -> list[Span]:
        """Return what moved in the last day and the last week."""
        return [self._span(view, name, now) for name in SPANS]

    def _span(self, view: View, name: str, now: datetime) -> Span:
        since = now - SPANS[name]
        lately = self.site.part(Ledger).lately(view.job, view.box, since)
        kept = self._kept.setdefault((view.job.name, view.box.key, name), Kept())
        version = (lately.runs, int(now.timestamp()) // GRAIN, view.box.label)
        words = "Last 24 hours" if name == "1d" else "Last 7 days"
        moves = kept.soon(version, lambda: _summed(lately, since, view))
        return Span(name, words, moves, lately.counting, kept.has(version))


def _summed(lately: Lately, since: datetime, view: View) -> Moves:
    return summed(of_present(lately.moved(since), view.columns), view.box.card)


def overview(request: Request) -> Response:
    """Show the state of every connection, how the leads stand, and what moved."""
    site, now = site_of(request), clock.now()
    sections = [_section(View(request, job, box), now) for job in map(site.job, site.connections) for box in job.boxes]
    return render(request, "overview.html", page="overview", states=_states(site, now), sections=sections)


def _section(view: View, now: datetime) -> Section:
    return Section(view, view.site.part(Standings).of(view), view.site.part(Recent).spans(view, now), view.held)


def _states(site: Site, now: datetime) -> dict[str, object]:
    return {"all": [shown(site, name, now) for name in site.connections], "progress": progress, "at": now}


def states(request: Request) -> Response:
    """Answer with the states alone, which the page asks for every few seconds."""
    return render(request, "overview/states.html", states=_states(site_of(request), clock.now()))


def moved(request: Request) -> Response:
    """Answer with what moved in one scorecard, which the page asks for while it is being counted."""
    site, now = site_of(request), clock.now()
    wanted = request.query_params.get("connection"), request.query_params.get("scorecard", "")
    for job in map(site.job, site.connections):
        for box in job.boxes:
            if (job.name, box.key) == wanted:
                return render(request, "overview/moved.html", section=_section(View(request, job, box), now))
    raise HTTPException(MISSING, "There is no such scorecard any more.")


ROUTES: Final = [Route("/", overview), Route("/overview/states", states), Route("/overview/moved", moved)]
