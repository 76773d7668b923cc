"""What scoring returns, and what it takes from an earlier scoring."""

from dataclasses import dataclass, field, replace
from typing import Final

import polars as pl

from scoring.chunks import Chunks
from scoring.explanation import LINES
from scoring.figures import FIGURES
from scoring.grading import CRITERIA
from scoring.likelihood import HIGH, LOW, WHY_LIKELY
from scoring.resets import RESETS
from vocabulary.fields import TIME
from vocabulary.outputs import BY_NAME, COMPUTED

DETAILS: Final = pl.Schema(
    {"lead_grade_percent": pl.Float64(), LOW: pl.Float64(), HIGH: pl.Float64(), WHY_LIKELY: pl.String()}
)
"""Results that explain others and are not written to the CRM. All but the first are computed where they are wanted."""

RESULTS: Final = pl.Schema({"lead": pl.String(), **{name: BY_NAME[name].dtype for name in COMPUTED}, **DETAILS})
"""One row per lead. Columns of sections that the scorecard does not have are null."""

GRADES: Final = pl.Schema(
    {
        "lead": pl.String(),
        "profile": pl.String(),
        "percent": pl.Float64(),
        "coverage": pl.Float64(),
        "worst": pl.String(),
        "best": pl.String(),
        "missing": pl.List(pl.String()),
        "criteria": pl.List(pl.Struct(CRITERIA)),
    }
)
"""Details of the grades: `worst` and `best` are the range that the unknown criteria allow; `missing` names them."""

DUE: Final = pl.Schema({"lead": pl.String(), "due_at": pl.Int64()})
"""From when on time alone can change what is written, in microseconds since 1970; null for never."""


@dataclass(frozen=True)
class Scored:
    """The results, one row per lead, with explanation lines and grade details if requested."""

    results: pl.DataFrame
    lines: pl.DataFrame
    grades: pl.DataFrame
    resets: pl.DataFrame = field(default_factory=RESETS.to_frame)
    anew: tuple[str, ...] = ()
    """The leads whose previous stage was computed at or before the card's last reset."""
    figures: pl.DataFrame = field(default_factory=FIGURES.to_frame)
    accounts: "Scored | None" = None
    """The same of their accounts, if these have a card of their own; `lead` is the account."""
    due: pl.DataFrame = field(default_factory=DUE.to_frame)
    """When each lead has to be scored again (`DUE`); empty unless that was asked."""

    def ordered(self, chunks: Chunks) -> "Scored":
        """Return the same with the leads' results in the order of the leads."""
        grades = self.grades if self.grades.is_empty() else chunks.in_their_order(self.grades)
        return replace(self, results=chunks.in_their_order(self.results), grades=grades)

    @classmethod
    def together(cls, parts: list["Scored"]) -> "Scored":
        """Return the concatenation of chunks."""
        accounts = [part.accounts for part in parts if part.accounts is not None]
        return cls(
            pl.concat([RESULTS.to_frame(), *(part.results for part in parts)]),
            pl.concat([part.lines for part in parts] or [LINES.to_frame()]),
            pl.concat([GRADES.to_frame(), *(part.grades for part in parts)]),
            pl.concat([RESETS.to_frame(), *(part.resets for part in parts)]),
            tuple(lead for part in parts for lead in part.anew),
            pl.concat([FIGURES.to_frame(), *(part.figures for part in parts)]),
            cls.together(accounts) if accounts else None,
            pl.concat([DUE.to_frame(), *(part.due for part in parts)]),
        )


EVERYTHING: Final = (*COMPUTED, *DETAILS)
"""All that scoring can compute, for who looks at single leads."""

PREVIOUS: Final = pl.Schema({"lead_readiness": pl.String(), "as_of": TIME})
"""The last computed stage, and the time it was computed for; null if that is not known."""


def previous_stages(leads: pl.DataFrame, previous: pl.DataFrame | None) -> pl.DataFrame:
    """Return the last computed stage of each lead and its time, null if there is none."""
    if previous is None:
        return PREVIOUS.to_frame().clear(leads.height)
    timed = previous if "as_of" in previous.columns else previous.with_columns(as_of=pl.lit(None, TIME))
    stood = (
        timed.select("lead", *PREVIOUS).cast({"lead_readiness": pl.String(), "as_of": TIME}).unique("lead", keep="last")
    )
    return leads.select("lead").join(stood, on="lead", how="left", maintain_order="left").drop("lead")


def with_schema(columns: dict[str, pl.Series], schema: pl.Schema, height: int) -> pl.DataFrame:
    """Return the columns of a schema, filled with null if absent."""
    nothing = pl.Series([None]).new_from_index(0, height)
    return pl.DataFrame({name: columns.get(name, nothing) for name in schema}).cast(schema)
