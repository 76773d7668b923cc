"""Proposing an edited scorecard, reviewing a proposal, and putting it into force."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from connectors.plain_files import NotPlain
from pages.scorecard import card_file, planning
from pages.scorecard.comparing import Comparison, counts, note_for_sales
from pages.scorecard.desk import desk_of
from pages.scorecard.drafts import Draft, difference, drafted, of_text, proposals_of, source_of
from pages.scorecard.editing import WRONG, page, preview_of, unreadable
from pages.scorecard.posting import Form, posted
from pages.scorecard.proposals import CannotWrite, Entry, NoProposal, Outdated, Proposal, What, unusable
from pages.viewing import FORBIDDEN, MISSING, View, about_a_scorecard
from pipeline import clock

SEE_OTHER: Final = 303
LONGEST: Final = 4_000
"""Characters of a reason or a note."""
CONFLICT: Final = 409
ENDS: Final[Mapping[str, What]] = {"reject": "rejected", "withdraw": "withdrawn"}
"""What the buttons make of a proposal that is not to come into force."""


@posted("editor")
def asked(view: View, form: Form) -> Response:
    """Ask why a change is proposed, beside what it does."""
    try:
        draft = drafted(view, form)
    except NotPlain as problem:
        return unreadable(view, problem, form.get("text", ""))
    if problem_of := _not_ready(draft):
        return page(view, draft, form.get("view", "forms"), preview_of(view, draft), said=problem_of)
    return _asking(view, draft, form)


def _not_ready(draft: Draft) -> str:
    """Return why a draft cannot be proposed; empty if it can."""
    if draft.mistakes or draft.refused:
        return "The change cannot be proposed before its mistakes are mended."
    if not draft.is_changed:
        return "Nothing is changed yet, so there is nothing to propose."
    return "Look at what changed on disk first, and go on with your text." if draft.is_outdated else ""


def _asking(view: View, draft: Draft, form: Form, said: str = "") -> Response:
    preview = preview_of(view, draft)
    assert preview.found is not None, "a card without mistakes can be previewed"
    note = form.get("note") or note_for_sales(preview.found)
    context: dict[str, Any] = {
        "draft": draft,
        "preview": preview,
        "note": note,
        "why": form.get("why", ""),
        "said": said,
    }
    return view.render("scorecard/propose.html", WRONG if said else 200, **context)


@posted("editor")
def proposed(view: View, form: Form) -> Response:
    """Save a proposal."""
    try:
        draft = drafted(view, form)
    except NotPlain as problem:
        return unreadable(view, problem, form.get("text", ""))
    if problem_of := _not_ready(draft):
        return page(view, draft, "text", preview_of(view, draft), said=problem_of)
    why = form.get("why", "").strip()
    if not why or len(why) > LONGEST:
        return _asking(view, draft, form, f"Say in up to {LONGEST:,} characters why: whoever decides reads it.")
    preview = preview_of(view, draft)
    assert preview.found is not None, "a card without mistakes can be previewed"
    entry = _proposal(view, draft, preview.found, why, form.get("note", "").strip()[:LONGEST])
    try:
        number = proposals_of(view).propose(entry, draft.reading.text, draft.live)
    except (CannotWrite, NotPlain) as problem:
        return _asking(view, draft, form, str(problem))
    return RedirectResponse(view.url(f"scorecard/proposals/{number}"), SEE_OTHER)


def _proposal(view: View, draft: Draft, found: Comparison, why: str, note: str) -> Entry:
    assert draft.card is not None, "a card without mistakes"
    return Entry(
        clock.now(),
        view.person.name,
        "proposed",
        0,
        why,
        draft.base,
        draft.reading.digest,
        draft.card.label,
        view.job.name,
        _counted(view, draft, found),
        note,
    )


def _counted(view: View, draft: Draft, found: Comparison) -> dict[str, Any]:
    """Return how many move: by the plan for everybody if it was made, by the sample otherwise."""
    assert draft.card is not None, "a card without mistakes"
    made = desk_of(view.site).found(planning.key_of(view.job, view.box, draft.card, draft.capacity))
    plans = made.result if made is not None and made.result else ()
    mine = next((one for one in plans if one.of == view.of), None)
    return counts(found) if mine is None else mine.as_json()


@about_a_scorecard
def listed(view: View) -> Response:
    """List the proposals and the log."""
    kept = proposals_of(view)
    try:
        found, log = kept.all(), kept.log()
    except NotPlain as problem:
        return unreadable(view, problem)
    return view.render(
        "scorecard/proposals.html", proposals=found, log=log[::-1], kept=kept, unusable=unusable(kept.home)
    )


@about_a_scorecard
def shown(view: View) -> Response:
    """Show one proposal."""
    return _shown(view, _found(view))


def _found(view: View) -> Proposal:
    try:
        return proposals_of(view).one(view.request.path_params["number"])
    except (NoProposal, NotPlain) as problem:
        raise HTTPException(MISSING, str(problem)) from None


def _shown(view: View, proposal: Proposal, said: str = "", code: int = 200) -> Response:
    draft, problem = None, ""
    try:
        draft = _today(view, proposal)
    except (NoProposal, NotPlain) as wrong:
        problem = str(wrong)
    may = may_decide(view, proposal)
    usable = draft is not None and draft.card is not None and proposal.is_open
    preview = preview_of(view, draft) if draft is not None and usable and view.person.may("editor") else None
    context: dict[str, Any] = {"proposal": proposal, "draft": draft, "problem": problem, "said": said, "may": may}
    context["end"] = may_end(view, proposal)
    changes = _changes(view, proposal, draft) if draft is not None else []
    return view.render(
        "scorecard/proposal.html", code, preview=preview, kept=proposals_of(view), changes=changes, **context
    )


def _today(view: View, proposal: Proposal) -> Draft:
    """Return what a proposal makes of the scorecard of today; of one in force, its text. Raise as `source_of`."""
    if proposal.decided is not None and proposal.decided.what == "approved":
        return of_text(view, proposals_of(view).text(proposal.number), proposal.made.base)
    source = source_of(view, proposal.number)
    return replace(of_text(view, source.merged.text, proposal.made.base), source=source)


def _changes(view: View, proposal: Proposal, draft: Draft) -> list[tuple[str, str]]:
    """Return what a proposal changes in the scorecard of today or, once it is in force, what it changed."""
    before = proposals_of(view).previous(proposal.number)
    if proposal.is_open or not before.exists():
        return draft.changes
    return difference(card_file.text_of(before), draft.reading.text)


def may_decide(view: View, proposal: Proposal) -> str:
    """Return why somebody may not put a proposal into force; empty if they may."""
    if not view.person.may("approver"):
        return "Putting it into force needs the role approver."
    pages = view.site.pages
    own = pages.sign_in is not None and pages.approval == "another" and proposal.made.who == view.person.name
    return "You proposed it, so another person has to put it into force." if own else ""


@posted("editor")
def decided(view: View, form: Form) -> Response:
    """Put a proposal into force, or reject it."""
    proposal, why = _found(view), form.get("why", "").strip()[:LONGEST]
    go = form.get("go", "")
    if go == "approve":
        return _done(view, proposal, lambda: _approve(view, proposal, why))
    if go not in ENDS:
        return _shown(view, proposal, "Choose what is to become of it.", WRONG)
    what = ENDS[go]
    if what != may_end(view, proposal):
        raise HTTPException(
            FORBIDDEN, "Its author withdraws a proposal; somebody else with the role approver rejects it."
        )
    if what == "rejected" and not why:
        return _shown(view, proposal, "Say why it is rejected: its author reads it.", WRONG)
    return _done(view, proposal, lambda: proposals_of(view).reject(_decision(view, proposal, what, why)))


def may_end(view: View, proposal: Proposal) -> What | None:
    """Return whether a person may withdraw a proposal or reject it; None if neither.

    Where nobody signs in, nobody is known to be its author, and it is rejected.
    """
    if view.site.pages.sign_in is not None and proposal.made.who == view.person.name:
        return "withdrawn"
    return "rejected" if view.person.may("approver") else None


def _approve(view: View, proposal: Proposal, why: str) -> None:
    """Put a proposal into force, unless it does not fit the settings any more."""
    if reason := may_decide(view, proposal):
        raise HTTPException(FORBIDDEN, reason)
    draft = of_text(view, proposals_of(view).text(proposal.number), proposal.made.base)
    if draft.mistakes:
        raise NoProposal(f"It has mistakes: {draft.mistakes[0]}")
    proposals_of(view).approve(_decision(view, proposal, "approved", why))


def _decision(view: View, proposal: Proposal, what: What, why: str) -> Entry:
    made = proposal.made
    leads, note = (made.leads, made.note) if what == "approved" else ({}, "")
    who, at = view.person.name, clock.now()
    return Entry(at, who, what, made.proposal, why, made.base, made.digest, made.card, view.job.name, leads, note)


def _done(view: View, proposal: Proposal, act: Callable[[], None]) -> Response:
    """Act, and show the proposal as it is then, or why nothing was done."""
    try:
        act()
    except Outdated:
        said = (
            "The scorecard was changed since this was proposed, so nothing was done. Open it in the editor: what it"
            " changes in the scorecard of today is shown there, and can be proposed anew."
        )
        return _shown(view, proposal, said, CONFLICT)
    except (NoProposal, NotPlain, CannotWrite) as problem:
        return _shown(view, _found(view), str(problem), CONFLICT)
    return RedirectResponse(view.url(f"scorecard/proposals/{proposal.number}"), SEE_OTHER)
