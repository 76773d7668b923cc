"""The page of one lead, or account: why it has its score, what comes next, and what was written before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

import polars as pl
from starlette.responses import RedirectResponse, Response

from pages.leads.chart import score_over_time
from pages.leads.listing import SEE_OTHER, lead_address, names_address
from pages.leads.waterfall import waterfall
from pages.moves import words
from pages.rendering import label
from pages.runs.wording import on_page
from pages.viewing import MISSING, View
from pipeline import clock
from pipeline.explain import Explanation, explain, history
from pipeline.job import ActiveScorecard
from pipeline.lookup import UnknownLead, lead_of
from scoring import outputs
from store import Write
from vocabulary.outputs import BY_NAME, STATUS, Of, Output

FELLOWS: Final = 10
"""How many of the other leads of an account are shown."""
TOLD: Final = (
    "lead_priority",
    "lead_grade",
    "lead_readiness",
    "lead_urgency",
    "lead_score",
    "lead_likelihood",
    "lead_score_status",
)
"""The outputs whose changes the history shows."""
WRITES: Final = 50
"""The latest writes that are shown."""


@dataclass(frozen=True, slots=True)
class Field:
    """An output: what was computed, and what the CRM holds."""

    label: str
    field: str
    computed: Any
    held: Any
    note: str


@dataclass(frozen=True, slots=True)
class Past:
    """A write: when, by which run, why, and what it changed."""

    at: datetime
    run: int
    causes: str
    changes: Sequence[tuple[str, Any, Any]]


@dataclass(frozen=True, slots=True)
class Around:
    """The account of a lead, and the leads of an account, the most urgent first."""

    account: str | None
    leads: Sequence[Mapping[str, Any]]
    count: int


def shown(view: View) -> Response:
    """Show a lead; say of one that is not here where it went."""
    id_ = view.request.path_params["lead"]
    here = _resolved(view, id_)
    if here is None:
        return _gone(view, id_)
    if here != id_:
        return RedirectResponse(lead_address(view, here) + _was(view, id_, here), SEE_OTHER)
    explanation = explain(view.job, active_of(view), id_, clock.now(), view.of)
    if not explanation.results:  # it left while the page was being made
        return _gone(view, id_)
    return _page(view, id_, explanation)


def active_of(view: View) -> ActiveScorecard:
    """Return the scorecard of leads that a view is about, or whose accounts it is about."""
    return next(one for one in view.job.scorecards if any(box is view.box for box in one.boxes))


def _resolved(view: View, id_: str) -> str | None:
    if view.of == "leads":
        return view.job.mirror.resolve(id_)
    return id_ if view.job.mirror.has_account(id_) else None


def _was(view: View, old: str, new: str) -> str:
    """Return the end of the address of a survivor that names who was merged into it."""
    return ("&" if "?" in lead_address(view, new) else "?") + urlencode({"was": old})


def _gone(view: View, id_: str) -> Response:
    message = f"{view.job.name} has no account '{id_}'. If it is new, the next pass will read it."
    if view.of == "leads":
        message = f"{view.job.name} has no lead '{id_}'."
        if "@" not in id_:  # else the CRM would be asked for an e-mail address
            try:
                lead_of(view.job, id_)
            except UnknownLead as error:
                message = str(error)
    return view.render("leads/gone.html", MISSING, title="Not here", message=message)


def _page(view: View, id_: str, one: Explanation) -> Response:
    outbox = view.box.outbox
    writes = history(active_of(view), id_, view.of)
    around = _around(view, id_)
    return view.render(
        "leads/lead.html",
        one=one,
        lead=id_,
        was=view.query.get("was"),
        results=one.results,
        bars=waterfall(one),
        grade=_grade(view, one),
        fields=list(_fields(view, one)),
        stored=outbox.computed([id_]).height > 0,
        refused=outbox.refused(id_),
        held=view.held,
        on_page=on_page,
        past=[_past(write) for write in reversed(writes)][:WRITES],
        writes=len(writes),
        chart=score_over_time(writes, one.zone),
        around=around,
        names=_names(view, id_, around),
        priorities=active_of(view).card.priorities,
        status_said=BY_NAME[STATUS].sentence_of(one.results[STATUS]),
        of_lead=lambda of, other: _address_of(view, of, other),
    )


def _address_of(view: View, of: Of, id_: str) -> str:
    """Return the address of a lead or account by the same scorecard; empty if it does not score these."""
    box = next((box for box in active_of(view).boxes if box.of == of), None)
    return "" if box is None else lead_address(View(view.request, view.job, box), id_)


def _names(view: View, id_: str, around: Around) -> list[str]:
    """Return where the names on the page are asked for: those of leads, and that of the account."""
    people = [row["lead"] for row in around.leads]
    accounts = [around.account] if around.account is not None else []
    asked: dict[Of, list[str]] = {"leads": [id_, *people], "accounts": accounts}
    if view.of == "accounts":
        asked = {"accounts": [id_], "leads": people}
    boxes = {box.of: box for box in active_of(view).boxes}
    found = (
        names_address(View(view.request, view.job, boxes[of]), ids) for of, ids in asked.items() if of in boxes and ids
    )
    return [address for address in found if address]


def _grade(view: View, one: Explanation) -> Mapping[str, Any] | None:
    """Return how well a lead matches, by which criteria, and which of them to ask for first."""
    section = view.box.card.grade
    if section is None or not one.grade or one.grade["coverage"] is None:
        return None
    criteria = one.grade["criteria"] or []
    missing = sorted((each for each in criteria if each["value"] is None), key=lambda each: -each["worth"])
    return one.grade | {"criteria": criteria, "missing": missing, "profiles": len(section.profiles)}


def _fields(view: View, one: Explanation) -> Sequence[Field]:
    outbox, id_ = view.box.outbox, one.lead
    drifted = outbox.holds([id_]).get(id_, {})
    ours = (output for output in outputs(view.box.card) if output.name in BY_NAME)
    found = (_field(view, output, one, drifted) for output in ours)
    return [field for field in found if field.computed is not None or field.held is not None]


def _field(view: View, output: Output, one: Explanation, drifted: Mapping[str, Any]) -> Field:
    name = output.name
    told = one.written.get(name)
    held = drifted.get(name, told)
    computed = one.results.get(name, told)  # the time of the last write is not computed
    note = ""
    if name in drifted:
        note = "someone else wrote this"
    elif name not in view.box.outbox.written and name in one.results:
        note = "not written: switched off"
    elif computed != told and one.written:
        note = "differs"
    return Field(label(name), view.box.field(name), computed, held, note)


def _past(write: Write) -> Past:
    changes = [
        (label(name), write.before.get(name), write.after[name])
        for name in TOLD
        if name in write.after and write.after[name] != write.before.get(name)
    ]
    return Past(write.at, write.run, words(",".join(write.causes)), changes)


def _around(view: View, id_: str) -> Around:
    mirror = view.job.mirror
    accounts = [id_] if view.of == "accounts" else mirror.by_account([id_])[0]
    if not accounts or active_of(view).accounts is None:
        return Around(None, [], 0)
    ids = [lead for lead in mirror.leads_of(accounts) if lead != id_]
    columns = view.site.columns(view.job, active_of(view)).frame
    rows = columns.filter(pl.col("lead").is_in(ids)).head(FELLOWS).with_columns(pl.col(pl.Categorical).cast(pl.String))
    return Around(accounts[0], rows.to_dicts(), len(ids))
