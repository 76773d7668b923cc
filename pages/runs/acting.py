"""Accepting what is held, and undoing a run: what will happen in numbers, then the deed."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from connectors.base import Cost
from pages.keeping import Kept
from pages.rendering import when
from pages.runs.one import can_undo, holds_back, run_of, undone_by
from pages.runs.working import Workers
from pages.site import Site
from pages.told import Ledger
from pages.viewing import View, about_a_scorecard, person_of
from pipeline.handing import DAEMON
from store import Run, Since, Told

FORBIDDEN: Final = 403
CONFLICT: Final = 409
SEE_OTHER: Final = 303
EXAMPLES: Final = 20
"""How many missing leads are shown."""

logger: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a scorecard would write once it may."""

    view: View
    leads: int
    priorities: Sequence[tuple[str, int]]
    cost: Cost


@dataclass(frozen=True, slots=True)
class Reverting:
    """What an undo would do for one scorecard, as far as the database knows."""

    view: View
    told: Told
    since: Since
    cost: Cost

    @property
    def first(self) -> int:
        """How many leads were written for the first time."""
        return sum(writes for causes, writes in self.told.causes.items() if "first" in causes)


class Sinces:
    """What became of the leads that runs wrote, by connection, scorecard and run."""

    def __init__(self, _site: Site) -> None:
        self._kept: dict[tuple[str, str, int], Kept[Since]] = {}

    def of(self, view: View, run: int) -> Since | None:
        """Return it, or None while it is counted."""
        kept = self._kept.setdefault((view.job.name, view.box.key, run), Kept())
        return kept.soon(view.site.store.changes(view.job.name), lambda: view.box.outbox.since(run))


def _may(view: View) -> None:
    if not view.person.may("approver"):
        raise HTTPException(FORBIDDEN, "Only an approver may do this. The administrator gives that role.")


def _views(view: View) -> list[View]:
    return [View(view.request, view.job, box) for box in view.job.boxes]


def _who_does_it(view: View) -> dict[str, Any]:
    """Return who will do the work, and why nobody can."""
    holder = view.site.store.holder(view.job.name)
    return {
        "daemon": holder.holder if holder and holder.purpose == DAEMON else "",
        "busy": holder if holder and holder.purpose != DAEMON else None,
        "hindrance": view.site.part(Workers).hindrance(view.job.name),
    }


# Accepting ------------------------------------------------------------------------------------------------------------


@about_a_scorecard
def ask_to_accept(view: View) -> Response:
    """Show what will be written once a person accepts."""
    _may(view)
    run = run_of(view)
    held = [one for one in _views(view) if holds_back(one.box, run)]
    if not held:
        return _not_held(view, run)
    waiting = [_waiting(one) for one in held]
    return view.render("runs/accept.html", run=run, waiting=waiting, **_who_does_it(view))


def _levels(view: View) -> dict[int | None, int]:
    """Return how many wait by the place of their priority; from memory, if nothing was written since."""
    columns = view.columns
    if columns.change != view.site.store.changes(view.job.name):
        return view.box.outbox.waiting_levels()
    return dict(columns.frame.filter("waits").group_by("level").len().iter_rows())


def _waiting(view: View) -> Waiting:
    levels = _levels(view)
    places = {name: place for place, name in enumerate(view.box.card.priorities, start=1)}
    named = [(name, levels[place]) for name, place in places.items() if place in levels]
    leads = sum(levels.values())
    rest = leads - sum(count for _, count in named)
    counted = [*named, *([("no priority", rest)] if rest else [])]
    return Waiting(view, leads, counted, view.job.connector.cost_of_push(leads))


@about_a_scorecard
def accept(view: View) -> Response:
    """Let what a run holds be written, and ask for a pass that does it."""
    _may(view)
    run, by = run_of(view), person_of(view.request).name
    released = [one for one in _views(view) if holds_back(one.box, run) and one.box.outbox.accept(run.run, by)]
    if not released:
        return _not_held(view, run)
    logger.info("%s: %s accepted what run %d held", view.job.name, by, run.run)
    return _begun(view, run.run, by)


def _begun(view: View, run: int, by: str) -> Response:
    """Ask for a pass, if somebody can do it, and go back to the run."""
    workers = view.site.part(Workers)
    hindered = workers.hindrance(view.job.name)
    asked = "" if hindered else workers.ask_for_a_pass(view.job.name, by)
    return RedirectResponse(view.url(f"runs/{run}", asked=asked), SEE_OTHER)


def _not_held(view: View, run: Run) -> Response:
    return view.render("runs/not.html", CONFLICT, run=run, why=_why_not_held(view, run))


def _why_not_held(view: View, run: Run) -> str:
    """Say why there is nothing to accept."""
    if accepted := run.counts.get("accepted"):
        return f"{accepted['by']} accepted what run {run.run} held already. Nothing was done again."
    others = {held.run for box in view.job.boxes if (held := box.outbox.held())}
    if others:
        return f"Run {run.run} holds nothing any more: a later one does. Look at run {max(others)} instead."
    return f"Run {run.run} holds nothing: it was released, or the hold ended by itself. Nothing was done."


# Undoing --------------------------------------------------------------------------------------------------------------


@about_a_scorecard
def ask_to_undo(view: View) -> Response:
    """Show what an undo will do."""
    _may(view)
    run = run_of(view)
    if why := _why_not_undone(view, run):
        return view.render("runs/not.html", CONFLICT, run=run, why=why)
    found = [_reverting(one, run.run) for one in _views(view)]
    reverting = [one for one in found if one is not None and one.told.writes]
    return view.render(
        "runs/undo.html",
        run=run,
        reverting=reverting,
        counting=None in found,
        empty=bool(view.query.get("empty")),
        **_who_does_it(view),
    )


def _reverting(view: View, run: int) -> Reverting | None:
    told, since = view.site.part(Ledger).of(view.job, view.box, run), view.site.part(Sinces).of(view, run)
    if told is None or since is None:
        return None
    return Reverting(view, told, since, view.job.connector.cost_of_push(told.writes))


def _why_not_undone(view: View, run: Run) -> str:
    """Say why a run cannot be undone; empty if it can."""
    if run.state == "running":
        return f"Run {run.run} still runs. Undo it once it has ended."
    if by := undone_by(view, run):
        who = by.counts.get("asked_by") or "a command"
        return f"Run {run.run} was undone already by run {by.run} ({who}, {when(by.finished_at)} UTC)."
    if not can_undo(run):
        return f"Run {run.run} wrote nothing that could be undone."
    return ""


@about_a_scorecard
def undo(view: View) -> Response:
    """Ask for the undo of a run."""
    _may(view)
    run, workers = run_of(view), view.site.part(Workers)
    why = _why_not_undone(view, run) or workers.hindrance(view.job.name)
    if why:
        return view.render("runs/not.html", CONFLICT, run=run, why=why)
    options = {"run": run.run, "empty": bool(view.query.get("empty"))}
    number = workers.ask(view.job.name, "undo", options, person_of(view.request).name)
    return RedirectResponse(view.url(f"runs/{run.run}", asked=number), SEE_OTHER)


# Removals -------------------------------------------------------------------------------------------------------------


@about_a_scorecard
def removals(view: View) -> Response:
    """Show what is missing from the CRM's answers and waits for a person."""
    held = view.job.removals.held()
    missing = view.job.removals.suspects("held").leads[:EXAMPLES] if held else []
    links = view.job.mirror.links()
    return view.render(
        "runs/removals.html",
        held=held,
        reasons=view.job.removals.reasons(),
        missing=[(lead, links.of(lead)) for lead in missing],
        number=view.query.get("asked", ""),
        **_who_does_it(view),
    )


@about_a_scorecard
def accept_removals(view: View) -> Response:
    """Let what is missing be removed, and ask for a pass that does it."""
    _may(view)
    by = person_of(view.request).name
    if not view.job.removals.accept():
        why = "No removal is held any more: someone accepted it, or the CRM has listed the records again."
        return view.render("runs/not.html", CONFLICT, run=None, why=why)
    logger.info("%s: %s accepted the removals", view.job.name, by)
    workers = view.site.part(Workers)
    asked = "" if workers.hindrance(view.job.name) else workers.ask_for_a_pass(view.job.name, by)
    return RedirectResponse(view.url("removals", asked=asked or "0"), SEE_OTHER)
