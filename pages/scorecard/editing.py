"""Editing a scorecard: as a form or as text, with who would move beside it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response

from pages.scorecard import card_file, forms, planning, sampling
from pages.scorecard.comparing import Comparison, compared
from pages.scorecard.completing import completions
from pages.scorecard.desk import Count, desk_of
from pages.scorecard.drafts import Draft, NotPlain, begun, drafted, reopened, side_of
from pages.scorecard.posting import Form, posted
from pages.scorecard.proposals import NoProposal
from pages.viewing import MISSING, View, about_a_scorecard
from pipeline.job import ActiveScorecard
from pipeline.trial import unread

WRONG: Final = 422


@dataclass(frozen=True, slots=True)
class Preview:
    """Who moves, over a sample; nothing while the text has mistakes."""

    found: Comparison | None = None
    notes: tuple[str, ...] = ()


@about_a_scorecard
def opened(view: View) -> Response:
    """Show the scorecard's values, or its text, to be edited."""
    view.require("editor")
    number = view.query.get("proposal", "")
    try:
        draft = reopened(view, int(number), side_of(view.query)) if number.isdecimal() else begun(view)
    except NotPlain as problem:
        return unreadable(view, problem)
    except NoProposal as problem:
        raise HTTPException(MISSING, str(problem)) from None
    return page(view, draft, view.query.get("view", "forms"))


@posted("editor")
def edited(view: View, form: Form) -> Response:
    """Take up what a form holds, and do what its button says."""
    try:
        draft = drafted(view, form)
    except NotPlain as problem:
        return unreadable(view, problem, form.get("text", ""))
    go, shown = form.get("go", ""), form.get("view", "forms")
    plan = _plan(view, draft) if go == "plan" else None
    if go == "stop":
        desk_of(view.site).stop(view.person.name)
        plan = desk_of(view.site).found(("shown", plan_key(draft)))
    if go == "rebase":
        draft = drafted(view, {**form, "base": card_file.digest_of(draft.live)})
    shown = go if go in {"forms", "text"} else shown
    return page(view, draft, shown, preview_of(view, draft), plan)


@posted("editor")
def previewed(view: View, form: Form) -> Response:
    """Return the preview of what a form holds."""
    try:
        draft = drafted(view, form)
    except NotPlain as problem:
        return HTMLResponse(f"{problem.reason}. {problem.remedy}", WRONG)
    return view.render("scorecard/preview.html", draft=draft, preview=preview_of(view, draft))


@about_a_scorecard
def planned(view: View) -> Response:
    """Return how far a plan is, or the plan."""
    view.require("editor")
    key = view.query.get("key", "")
    return view.render("scorecard/plan.html", key=key, plan=desk_of(view.site).found(("shown", key)))


@posted("editor")
def completed(view: View, form: Form) -> Response:
    """Return what can be written at a place in a text, for the editor."""
    line, column = (int(form[name]) if form.get(name, "").isdecimal() else 0 for name in ("line", "column"))
    found = completions(form.get("text", ""), line, column, sampling.of_leads(view.job, view.box).card)
    return JSONResponse([one.as_json() for one in found])


@posted("editor")
def marked(view: View, form: Form) -> Response:
    """Return the mistakes and the lint of a text by line, for the editor."""
    try:
        draft = drafted(view, form)
    except NotPlain as problem:
        return HTMLResponse(f"{problem.reason}. {problem.remedy}", WRONG)
    marks = [*(("error", one) for one in draft.mistakes), *(("warning", one) for one in draft.reading.slips)]
    return JSONResponse(
        [{"line": one.line or 1, "type": kind, "text": f"{one.message} {one.remedy}"} for kind, one in marks]
    )


def preview_of(view: View, draft: Draft) -> Preview:
    """Return who moves, over a sample of the leads."""
    if draft.card is None:
        return Preview()
    before = sampling.of_leads(view.job, view.box)
    after = sampling.edited(view.job, view.box, draft.card)
    sample = desk_of(view.site).samples.of(view.job, after)
    found = compared(sample, before, after, view.of)
    return Preview(found, (*unread(view.job, draft.card), *_unfitted(before, after)))


def _unfitted(before: ActiveScorecard, after: ActiveScorecard) -> Iterator[str]:
    """Yield the likelihoods that were fitted on other points than those of the edited card."""
    pairs = {
        "leads": (before.scorer.likelihood, after.scorer.likelihood),
        "accounts": (before.scorer.of_accounts, after.scorer.of_accounts),
    }
    for of, (had, has) in pairs.items():
        if had is not None and has is None:
            yield (
                f"The likelihood of {of} was fitted on the points of before: none is written until `leadgauge"
                " calibrate` has run with the new card."
            )


def _plan(view: View, draft: Draft) -> Count | None:
    if draft.card is None:
        return None
    return planning.plan(view.person.name, desk_of(view.site), view.job, view.box, draft.card, draft.capacity)


def plan_key(draft: Draft) -> str:
    """Return the key of the plan of a draft in an address."""
    return draft.reading.digest[:16]


def page(
    view: View, draft: Draft, shown: str, preview: Preview | None = None, plan: Count | None = None, said: str = ""
) -> Response:
    """Return the page to edit, with what is said above it. A text that is no YAML is shown as text in any case."""
    shown = "text" if shown == "text" or draft.reading.document is None else "forms"
    key = plan_key(draft)
    if plan is not None:
        desk_of(view.site).name(("shown", key), plan)
    context: dict[str, Any] = {
        "draft": draft,
        "shown": shown,
        "parts": _parts(view, draft) if shown == "forms" else [],
        "preview": preview,
        "plan": plan,
        "key": key,
        "said": said,
        "file": card_file.file_of(view.job, view.box),
        "capacity_at": _capacity_at(view),
    }
    wrong = draft.mistakes or draft.refused or said
    return view.render("scorecard/edit.html", WRONG if wrong else 200, **context)


def _parts(view: View, draft: Draft) -> list[forms.Part]:
    live = card_file.read(draft.live, card_file.file_of(view.job, view.box))
    return forms.parts(draft.reading, view.of, draft.refused, live)


def _capacity_at(view: View) -> str:
    """Return where the settings have the capacity, or would have it."""
    return Path(view.job.connection.mistake(("capacity",), "").place).name


def unreadable(view: View, problem: NotPlain, text: str = "") -> Response:
    """Return the page that says that a file cannot be read, with the text that somebody was about to lose."""
    file = card_file.file_of(view.job, view.box)
    return view.render("scorecard/unreadable.html", WRONG, problem=problem, text=text, file=file)
