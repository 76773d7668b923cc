"""Every output: a result of scoring that is written into a field of the CRM.

A new output is one row of `OUTPUTS` and its computation in `scoring`. Scoring, store, connectors, plan and guard read
this table, and a database gets the columns that it lacks when it is opened.
"""

from dataclasses import dataclass
from typing import Final, Literal

import polars as pl

from vocabulary.fields import TIME

Need = Literal["any", "score", "fit", "engagement", "grade", "readiness", "points", "priority"]
"""The part of a scorecard that an output needs; `points`: score or readiness, which a likelihood is fitted on."""

Why = Literal["band", "drift", "card", "along"]
"""What causes a write: any change, a drift by the tolerance, another scorecard; or nothing: it goes along."""


@dataclass(frozen=True, slots=True)
class Output:
    """One output under its neutral name, such as `lead_score`; a scorecard's prefix goes before the name."""

    name: str
    label: str
    type: Literal["number", "choice", "text", "time"]
    description: str
    choices: tuple[str, ...] = ()
    """The values of a choice, the best first; those of grade and stage depend on the scorecard."""
    decimals: int = 0
    length: int = 255
    """For text: how many characters may be written at most."""
    needs: Need = "any"
    why: Why = "along"
    unit: Literal["points", "percent", ""] = ""
    """What a drift is measured in; the settings give the tolerance of each unit."""
    guarded: bool = False
    """True where a change in many leads at once stops a pass."""

    @property
    def dtype(self) -> pl.DataType:
        """How a frame holds it."""
        if self.type == "number":
            return pl.Float64() if self.decimals else pl.Int64()
        return TIME if self.type == "time" else pl.String()


SCORED_AT: Final = "lead_scored_at"

OUTPUTS: Final[tuple[Output, ...]] = (
    Output(
        "lead_score",
        "Lead score",
        "number",
        "All points, fit and engagement, rounded.",
        needs="score",
        why="drift",
        unit="points",
    ),
    Output(
        "lead_fit",
        "Lead fit",
        "number",
        "Points for who the lead is, rounded.",
        needs="fit",
        why="drift",
        unit="points",
    ),
    Output(
        "lead_engagement",
        "Lead engagement",
        "number",
        "Points for what the lead does, rounded.",
        needs="engagement",
        why="drift",
        unit="points",
    ),
    Output(
        "lead_grade",
        "Lead grade",
        "choice",
        "How well the lead matches the ideal customer profile; empty where too little is known.",
        needs="grade",
        why="band",
        guarded=True,
    ),
    Output(
        "lead_readiness",
        "Lead readiness",
        "choice",
        "The stage of the buying cycle.",
        needs="readiness",
        why="band",
    ),
    Output(
        "lead_urgency",
        "Lead urgency",
        "choice",
        "How soon somebody should act.",
        ("now", "soon", "later", "none"),
        needs="readiness",
        why="band",
    ),
    Output(
        "lead_likelihood",
        "Lead likelihood",
        "number",
        "The chance to convert, in percent; empty until calibrated.",
        decimals=1,
        needs="points",
        why="drift",
        unit="percent",
    ),
    Output(
        "lead_priority",
        "Lead priority",
        "choice",
        "P1 first; empty when disqualified.",
        ("P1", "P2", "P3", "P4"),
        needs="priority",
        why="band",
        guarded=True,
    ),
    Output(
        "lead_priority_index",
        "Lead priority index",
        "number",
        "0 to 100: orders leads of one priority.",
        needs="priority",
        why="drift",
        unit="points",
    ),
    Output(
        "lead_score_reasons",
        "Lead score reasons",
        "text",
        "The strongest reasons, of both signs.",
        needs="score",
    ),
    Output(
        "lead_score_status",
        "Lead score status",
        "choice",
        "Whether the lead could be scored.",
        ("scored", "insufficient data", "disqualified"),
        why="band",
    ),
    Output("lead_scorecard", "Lead scorecard", "text", "Name and content hash of the scorecard.", why="card"),
    Output(SCORED_AT, "Lead scored at", "time", "When a result was written last."),
)
"""All outputs, in the order in which they are written and documented."""

BY_NAME: Final = {output.name: output for output in OUTPUTS}
COMPUTED: Final = tuple(output.name for output in OUTPUTS if output.name != SCORED_AT)
"""What scoring makes: all outputs but the moment, which is written along with them."""
BANDS: Final = tuple(output.name for output in OUTPUTS if output.why == "band")
"""What sales acts on: a change is written at once, shown by `plan`, and counted by the guard where it is guarded."""
GUARDED: Final = tuple(output.name for output in OUTPUTS if output.guarded)
