"""One run: its figures, what it wrote, and for one that is held, what it would write."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from pages.keeping import Kept
from pages.moves import Moves, of_present, summed, words
from pages.overview.state import asked, progress
from pages.runs import wording
from pages.runs.planning import HeldPlan, Plans
from pages.runs.working import Workers
from pages.site import Site
from pages.told import Ledger
from pages.viewing import MISSING, View, about_a_scorecard
from pipeline.job import ActiveScorecard
from pipeline.planning.movement import REASONS
from store import Run, Told
from vocabulary.units import how_long

LOOKED: Final = 50
"""How many undone runs are looked at to find the one that undid this."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a run wrote of one scorecard, and the plan of what it holds."""

    view: View
    told: Told | None
    moves: Moves | None
    holds: bool
    plan: HeldPlan | None
    planned: float

    @property
    def causes(self) -> Sequence[tuple[str, int]]:
        """The causes of its writes in words, most frequent first."""
        if self.told is None:
            return ()
        return sorted(((words(cause), writes) for cause, writes in self.told.causes.items()), key=lambda one: -one[1])

    @property
    def pending(self) -> bool:
        """Whether something is still being counted."""
        return self.told is None or self.moves is None or (self.holds and self.plan is None)


@dataclass
class Summaries:
    """The moves of runs."""

    site: Site
    _kept: dict[tuple[str, str, int], Kept[Moves]] = field(default_factory=dict)

    def of(self, view: View, told: Told) -> Moves | None:
        """Return what a run moved, or None while it is summed."""
        key = (view.job.name, view.box.key, told.run)
        if len(self._kept) > LOOKED and key not in self._kept:
            self._kept.clear()
        version = (view.box.label, view.columns.change)
        return self._kept.setdefault(key, Kept()).soon(
            version, lambda: summed(of_present(told.moved, view.columns), view.box.card)
        )


def run_of(view: View) -> Run:
    """Return the run in the path, or answer 404."""
    number = view.request.path_params["run"]
    found = view.job.runs.get(number) if number < 2**31 else None
    if found is None:
        raise HTTPException(MISSING, f"{view.job.name} has no run {number}: its history may be older than `keep`.")
    return found


@about_a_scorecard
def shown(view: View) -> Response:
    """Show a run."""
    return view.render("runs/run.html", **_about(view, run_of(view)))


@about_a_scorecard
def refreshed(view: View) -> Response:
    """Answer with the part of a run that changes, which the page asks for while something does."""
    return view.render("runs/live.html", **_about(view, run_of(view)))


def _about(view: View, run: Run) -> dict[str, Any]:
    view.site.part(Workers).look_after(view.job.name)
    parts = [_part(View(view.request, view.job, box), run) for box in view.job.boxes] if run.state != "running" else []
    requests = view.site.store.requests(view.job.name)
    state = view.site.store.state(view.job.name)
    number = view.query.get("asked", "")
    mine = requests.get(int(number)) if number.isdecimal() else None
    return {
        "run": run,
        "parts": parts,
        "wording": wording,
        "progress": progress,
        "reasons": REASONS,
        "how_long": how_long,
        "open": [asked(request, state) for request in requests.open()],
        "answer": mine.answer if mine else None,
        "asked_for": mine,
        "running": next((one for one in view.job.runs.page(1) if one.state == "running" and state.lease), None),
        "undone_by": undone_by(view, run),
        "can_undo": can_undo(run),
        "number": number if number.isdecimal() else "",
    }


def can_undo(run: Run) -> bool:
    """Return whether a run is over and wrote something."""
    return run.state != "running" and bool(run.counts.get("written") or run.counts.get("restored"))


def undone_by(view: View, run: Run) -> Run | None:
    """Return the run that undid a run and was not undone itself."""
    undoing = view.job.runs.page(LOOKED, kinds=["undo"])
    gone = {one.counts.get("of") for one in undoing if one.state in {"done", "refused"}}
    mine = (one for one in undoing if one.counts.get("of") == run.run and one.state in {"done", "refused"})
    return next((one for one in mine if one.run not in gone), None)


def _part(view: View, run: Run) -> Part:
    told = view.site.part(Ledger).of(view.job, view.box, run.run)
    moves = view.site.part(Summaries).of(view, told) if told else None
    holds = holds_back(view.box, run)
    plan, planned = view.site.part(Plans).of(view) if holds else (None, 0.0)
    return Part(view, told, moves, holds, plan, planned)


def holds_back(box: ActiveScorecard, run: Run) -> bool:
    """Return whether a scorecard's results wait because of this run."""
    held = box.outbox.held()
    return held is not None and held.run == run.run
