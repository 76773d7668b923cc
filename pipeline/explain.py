"""Explain: why a lead has its score, how the score will change, and what was written before."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from pipeline.job import ActiveScorecard, Job
from scoring import Change, Related, forecast, score
from store import Write


@dataclass(frozen=True, slots=True)
class Explanation:
    """The explanation of one lead by one scorecard."""

    lead: str
    scorecard: str
    as_of: datetime
    zone: ZoneInfo
    """The zone of dates."""
    results: dict[str, Any]
    lines: pl.DataFrame
    grade: dict[str, Any]
    ahead: Sequence[Change]
    link: str | None
    written: dict[str, Any]
    resets: pl.DataFrame
    figures: dict[str, float | datetime | None]

    def as_json(self) -> dict[str, Any]:
        """Return the explanation as JSON."""
        return {
            "lead": self.lead,
            "scorecard": self.scorecard,
            "as_of": self.as_of.isoformat(),
            "results": self.results,
            "lines": self.lines.drop("lead").to_dicts(),
            "grade": self.grade,
            "resets": self.resets.drop("lead").to_dicts(),
            "figures": self.figures,
            "ahead": [asdict(change) for change in self.ahead],
            "in_crm": self.written,
            "link": self.link,
        }


def explain(job: Job, active: ActiveScorecard, lead: str, as_of: datetime) -> Explanation:
    """Score one lead of the mirror, explain the score, and forecast it."""
    frames = job.mirror.frames([lead], active.card.fields, active.card.deals)
    related = Related(frames.deals)
    previous = active.outbox.previous([lead])
    material = (frames.leads, frames.activities, frames.touchpoints, active.card, as_of, previous)
    scored = score(*material, related=related, likelihood=active.likelihood, explain=True)
    return Explanation(
        lead,
        active.name,
        as_of,
        active.card.zone,
        results=_first(scored.results),
        lines=scored.lines,
        grade=_first(scored.grades),
        resets=scored.resets,
        figures={name: time if number is None else number for _, name, number, time in scored.figures.iter_rows()},
        ahead=forecast(*material, related=related),
        link=job.mirror.links().of(lead),
        written=_first(active.outbox.last_written([lead])),
    )


def history(active: ActiveScorecard, lead: str) -> Sequence[Write]:
    """Return the past writes to a lead, and what caused them."""
    return active.outbox.history(lead)


def _first(frame: pl.DataFrame) -> dict[str, Any]:
    return {name: value for name, value in frame.row(0, named=True).items() if name != "lead"} if frame.height else {}
