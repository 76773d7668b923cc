"""The outputs: scoring results that are written to CRM fields.

To add an output, add a row to `OUTPUTS` and its computation to `scoring`. Scoring, store, connectors, plan and guard
all read this table, and opening a database adds any missing columns.
"""

from dataclasses import dataclass, replace
from typing import Final, Literal

import polars as pl

from vocabulary.fields import TIME

Need = Literal["any", "score", "fit", "engagement", "grade", "readiness", "points", "priority"]
"""The scorecard section an output requires. `points` means score or readiness, which the likelihood is fitted on."""

Of = Literal["leads", "accounts"]
"""Whose results they are."""

OFS: Final[tuple[Of, ...]] = ("leads", "accounts")

Why = Literal["band", "text", "drift", "along"]
"""What triggers a write: any change (of a `band`, or of a `text` or time) or a change beyond the tolerance (`drift`).

`along` never triggers one; the value is written together with the others.
"""


@dataclass(frozen=True, slots=True)
class Output:
    """One output under its neutral name, such as `lead_score`; in the CRM it is named by `field_of`."""

    name: str
    label: str
    type: Literal["number", "choice", "text", "time"]
    description: str
    choices: tuple[str, ...] = ()
    """Allowed values of a choice. For grade, readiness and priority they come from the scorecard."""
    sentences: tuple[str, ...] = ()
    """What each of the choices means, empty for those that say nothing; as many as choices, or none."""
    order: Literal["best", "earliest", "none"] = "best"
    """Which choice comes first: the best, the earliest, or none in particular."""
    decimals: int = 0
    length: int = 255
    """Maximum characters of a text."""
    needs: Need = "any"
    why: Why = "along"
    unit: Literal["points", "percent", ""] = ""
    """Unit of a drift; the settings define a tolerance per unit."""
    guarded: bool = False
    """Whether a change in many leads at once stops the pass."""
    lasting: bool = False
    """Whether it moves only with the priority, so that it never causes a write, not even where it comes or goes."""
    default: bool = False
    """Whether it is written unless the settings say otherwise."""
    of: Of = "leads"
    by_sales: bool = False
    """Whether people fill the field, so that it is created, but never written, changed or removed."""

    def sentence_of(self, choice: str) -> str:
        """Return what a choice means; empty if that is not said."""
        return dict(zip(self.choices, self.sentences, strict=False)).get(choice, "")

    @property
    def dtype(self) -> pl.DataType:
        """The Polars dtype of its column."""
        if self.type == "number":
            return pl.Float64() if self.decimals else pl.Int64()
        return TIME if self.type == "time" else pl.String()


SCORED_AT: Final = "lead_scored_at"
SCORE: Final = "lead_score"
LIKELIHOOD: Final = "lead_likelihood"
PRIORITY: Final = "lead_priority"
STATUS: Final = "lead_score_status"
SCORECARD: Final = "lead_scorecard"
INSUFFICIENT: Final = "insufficient data"
"""The status of a lead of which too little is known."""
OUT_OF_SCOPE: Final = "out of scope"
"""The status of a lead that left the filter of the settings, where `write.outside` is `mark`."""

OUTPUTS: Final[tuple[Output, ...]] = (
    Output(
        "lead_score",
        "Lead score",
        "number",
        "How strong the lead is: points for who it is and for what it does. Empty if too little is known.",
        needs="score",
        why="drift",
        unit="points",
    ),
    Output(
        "lead_score_trend",
        "Lead score trend",
        "choice",
        "Whether the score rises or falls, against a week ago.",
        ("rising", "steady", "falling"),
        (
            "At least 5 points more than a week ago.",
            "About what it was a week ago.",
            "At least 5 points less than a week ago.",
        ),
        order="none",
        needs="score",
        why="band",
    ),
    Output(
        "lead_fit",
        "Lead fit",
        "number",
        "Points for who the lead is: the person and the company.",
        needs="fit",
        why="drift",
        unit="points",
    ),
    Output(
        "lead_engagement",
        "Lead engagement",
        "number",
        "Points for what the lead did; they fade with time.",
        needs="engagement",
        why="drift",
        unit="points",
    ),
    Output(
        "lead_grade",
        "Lead grade",
        "choice",
        "How well the lead matches our ideal customer: A+ is best. Empty if too little is known.",
        needs="grade",
        why="band",
        guarded=True,
        default=True,
    ),
    Output(
        "lead_readiness",
        "Lead readiness",
        "choice",
        "How far the lead is on its way to buying.",
        order="earliest",
        needs="readiness",
        why="band",
        default=True,
    ),
    Output(
        "lead_urgency",
        "Lead urgency",
        "choice",
        "How soon to act.",
        ("now", "soon", "later", "none"),
        ("Act at once.", "Act within days.", "Act when there is time.", "Nothing to act on."),
        needs="readiness",
        why="band",
    ),
    Output(
        "lead_likelihood",
        "Lead likelihood",
        "number",
        "The chance that the lead becomes a customer, in percent.",
        decimals=1,
        needs="points",
        why="drift",
        unit="percent",
    ),
    Output(
        PRIORITY,
        "Lead priority",
        "choice",
        "Whom to call first: the first choice before the others. Empty if the lead is disqualified.",
        needs="priority",
        why="band",
        guarded=True,
        default=True,
    ),
    Output(
        "lead_priority_index",
        "Lead priority index",
        "number",
        "Sorts leads of the same priority: 100 comes first. Empty if the lead is disqualified.",
        needs="priority",
        why="drift",
        unit="points",
    ),
    Output(
        "lead_score_reasons",
        "Lead score reasons",
        "text",
        "What made the score. The points add up to it.",
        needs="score",
    ),
    Output(
        "lead_why_now",
        "Why now",
        "text",
        "What the lead did that counts most, when, and who it is.",
        needs="score",
        why="text",
        default=True,
    ),
    Output(
        "lead_next_step",
        "Next step",
        "text",
        "What to do about the lead, by when, and what to ask for first.",
        needs="priority",
        why="text",
        default=True,
    ),
    Output(
        "lead_priority_since",
        "Priority since",
        "time",
        "Since when the lead has had its priority.",
        needs="priority",
        lasting=True,
    ),
    Output(
        "lead_priority_rose_at",
        "Priority rose at",
        "time",
        "When what the lead did, or a change of its fields, last raised its priority. Workflows can start here.",
        needs="priority",
        lasting=True,
    ),
    Output(
        "lead_expires_at",
        "Priority expires at",
        "time",
        "When the priority falls if nothing happens. Empty if it does not within 90 days.",
        needs="priority",
        why="text",
    ),
    Output(
        "lead_score_status",
        "Lead score status",
        "choice",
        "Whether the lead could be scored, or why not.",
        ("scored", INSUFFICIENT, "resting", "disqualified", OUT_OF_SCOPE),
        (
            "Enough is known, and the results hold.",
            "Too little is known for a grade: ask for what is missing.",
            "Left alone for a while, by a rule of the scorecard.",
            "Not to be pursued; the reasons begin with why.",
            "Not scored any more: the settings leave it out.",
        ),
        order="none",
        why="band",
    ),
    Output(
        SCORECARD,
        "Lead scorecard",
        "text",
        "For administrators: the scorecard, with its version, that computed these values when they were last written.",
    ),
    Output(SCORED_AT, "Lead scored at", "time", "When these values were last written.", default=True),
)
"""All outputs, in the order they are written and documented."""

BY_NAME: Final = {output.name: output for output in OUTPUTS}
COMPUTED: Final = tuple(output.name for output in OUTPUTS if output.name != SCORED_AT)
"""The outputs that scoring computes: all but the timestamp, which is set when they are written."""
BANDS: Final = tuple(output.name for output in OUTPUTS if output.why == "band")
"""Outputs that sales acts on: every change is written, shown by `plan` and, if guarded, counted by the guard."""
TIMES: Final = frozenset(output.name for output in OUTPUTS if output.type == "time")
GUARDED: Final = tuple(output.name for output in OUTPUTS if output.guarded)
DEFAULTS: Final = tuple(output.name for output in OUTPUTS if output.default)
"""Outputs that are written unless the settings say otherwise."""


_ABOUT_ACCOUNTS: Final = {
    "lead_score": (
        "How strong the account is: points for the company and for what its people did. Empty if too little is known."
    ),
    "lead_fit": "Points for what the account is.",
    "lead_engagement": "Points for what the people of the account did; they fade with time.",
    "lead_why_now": "What the people of the account did that counts most, when, and what the account is.",
    "lead_priority_rose_at": (
        "When what the account's people did, or a change of its fields, last raised its priority. Workflows can start "
        "here."
    ),
}
"""Descriptions of the outputs of accounts where they say more than that they are about an account."""


def field_of(output: str, of: Of, prefix: str = "") -> str:
    """Return the name of an output's field in the CRM: for accounts, `account_` stands for `lead_`."""
    return prefix + (output if of == "leads" else f"account_{output.removeprefix('lead_')}")


SWITCHED: Final = tuple(field_of(name, of) for of in OFS for name in COMPUTED)
"""The fields that the settings switch on and off: all but the timestamps, by which leadgauge recognises its writes."""
STAMPS: Final = tuple(field_of(SCORED_AT, of) for of in OFS)
"""The fields with the time of the last write."""


def fields_of(prefix: str = "") -> frozenset[str]:
    """Return the names of all fields that a scorecard with this prefix may have, of leads and of accounts."""
    return frozenset(field_of(output.name, of, prefix) for of in OFS for output in OUTPUTS)


def whose(field: str) -> Of:
    """Return whose results a field has, by its name."""
    ours = tuple(field_of(output.name, "accounts") for output in OUTPUTS)
    return "accounts" if field.endswith(ours) else "leads"


def in_crm(output: Output, of: Of, prefix: str = "") -> Output:
    """Return an output under the name of its field in the CRM, with label and description for whose result it is."""
    named = replace(output, name=field_of(output.name, of, prefix), of=of)
    if of == "leads":
        return named
    about = _ABOUT_ACCOUNTS.get(output.name) or _about_account(output.description)
    return replace(named, label=_about_account(output.label), description=about)


def _about_account(text: str) -> str:
    return text.replace("Lead", "Account").replace("lead", "account")
