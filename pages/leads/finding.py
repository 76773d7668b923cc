"""Finding a lead by what a person typed or pasted: an id, the address of its page in the CRM, or its e-mail address."""

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pages.leads.asking import Unanswered, asking
from pages.leads.listing import SEE_OTHER, lead_address
from pages.viewing import MISSING, View, about_a_scorecard
from pipeline.lookup import Named, UnknownAccount, UnknownLead, named_by

LONGEST: Final = 500
"""Characters of an address or id."""
FAILED: Final = 502


async def found(request: Request) -> Response:
    """Lead to the page of a lead. What was typed is posted, so that an e-mail address is in no address or log."""
    form = await request.form()
    typed = str(form.get("named", "")).strip()[:LONGEST]
    return await run_in_threadpool(about_a_scorecard(lambda view: _answer(view, typed)), request)


def _answer(view: View, typed: str) -> Response:
    if not typed:
        return RedirectResponse(view.url("leads"), SEE_OTHER)
    try:
        with asking(view.job) as asker:
            one = named_by(asker, typed, account=view.of == "accounts" and "@" not in typed)
    except (UnknownLead, UnknownAccount) as error:
        return view.render("leads/gone.html", MISSING, title="Not found", message=str(error))
    except Unanswered as error:
        message = f"{view.job.name} has no lead '{typed}', and the CRM could not be asked. {error}"
        return view.render("leads/gone.html", FAILED, title="Not found", message=message)
    return _page_of(view, one)


def _page_of(view: View, one: Named) -> Response:
    box = next((box for box in view.job.boxes if box.of == one.of and box.prefix == view.box.prefix), None)
    if box is None:
        message = f"'{one.id}' is an account, and this scorecard does not score accounts."
        return view.render("leads/gone.html", MISSING, title="Not scored", message=message)
    return RedirectResponse(lead_address(View(view.request, view.job, box), one.id), SEE_OTHER)
