"""Explain: why a lead or an account has its score, how the score will change, and what was written before."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from pipeline.compute import Material, around, gathered
from pipeline.job import ActiveScorecard, Job
from pipeline.machines import Machines, machines_of
from scoring import Change, Related, Scorecard, forecast, score
from scoring.experiment import by_chance
from store import Write
from vocabulary.fields import ACCOUNT, TIME
from vocabulary.outputs import Of

HUNDRED: Final = 100
TINY: Final = 1e-6
"""Hundredths by which a number in floating point may miss what it stands for."""
PREFIXED: Final = {"limit": "limit of ", "person": "Person "}
"""What is said before the names of lines of some types."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """The explanation of one lead or account by one scorecard."""

    lead: str
    """The lead, or the account."""
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
    machines: Machines
    of: Of = "leads"
    experiment: str | None = None
    """The experiment whose chance gave the priority index, if it is not computed."""
    feedback: str | None = None
    """What sales says of the lead."""
    feedback_at: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the explanation as JSON."""
        return {
            self.of.removesuffix("s"): self.lead,
            "scorecard": self.scorecard,
            "as_of": self.as_of.isoformat(),
            "results": self.results,
            "lines": self.lines.drop("lead").to_dicts(),
            "grade": self.grade,
            "resets": self.resets.drop("lead").to_dicts(),
            "figures": self.figures,
            "machine_traffic": self.machines.as_json(),
            "ahead": [asdict(change) for change in self.ahead],
            "experiment": self.experiment,
            "feedback": self.feedback,
            "feedback_at": self.feedback_at and self.feedback_at.isoformat(),
            "in_crm": self.written,
            "link": self.link,
        }


class NoResults(Exception):  # noqa: N818 - named for the problem
    """No scorecard scores accounts."""

    exit_code = 1


def concerned(job: Job, of: Of) -> Sequence[ActiveScorecard]:
    """Return the scorecards that score leads, or accounts; raise `NoResults` if none does."""
    found = [active for active in job.scorecards if any(box.of == of for box in active.boxes)]
    if not found:
        raise NoResults(f"No scorecard of {job.name} has a score, grade or readiness for its `accounts`.")
    return found


def box_of(active: ActiveScorecard, of: Of) -> ActiveScorecard:
    """Return the part of a scorecard with the results of leads, or of accounts."""
    return next(box for box in active.boxes if box.of == of)


def explain(
    job: Job, active: ActiveScorecard, id_: str, as_of: datetime, of: Of = "leads", known_at: datetime | None = None
) -> Explanation:
    """Score one lead or account of the mirror, explain the score, and forecast that of a lead.

    `known_at`: by the marks of machine traffic that held then.
    """
    box, given = box_of(active, of), gathered(job, active, around(job, active, id_, of), known_at)
    frames, previous = given.frames, given.previous
    material = (frames.leads, frames.activities, frames.touchpoints, active.card, as_of, previous)
    fitted, of_accounts = active.scorer.likelihood, active.scorer.of_accounts
    found = score(*material, related=given.related, likelihood=fitted, of_accounts=of_accounts, explain=True)
    scored = found if of == "leads" else found.accounts
    assert scored is not None, "the scorecard scores accounts"
    figures = scored.figures.filter(lead=id_)
    said, said_at = _said(job, id_) if of == "leads" else (None, None)
    return Explanation(
        id_,
        box.name,
        as_of,
        box.card.zone,
        results=_first(scored.results.filter(lead=id_)),
        lines=scored.lines.filter(lead=id_),
        grade=_first(scored.grades.filter(lead=id_)),
        resets=scored.resets.filter(lead=id_),
        figures={name: time if number is None else number for _, name, number, time in figures.iter_rows()},
        ahead=_ahead(active, given, figures, id_, as_of) if of == "leads" else (),
        link=job.mirror.links().of(id_, of),
        written=_first(box.outbox.last_written([id_])),
        machines=machines_of(job, active, frames, id_, as_of, of, known_at),
        of=of,
        feedback=said,
        feedback_at=said_at,
        experiment=_experiment(box.card, scored.results.filter(lead=id_)),
    )


def _said(job: Job, lead: str) -> tuple[str | None, datetime | None]:
    """Return what sales says of a lead, and since when; nothing if it said nothing or took it back."""
    if job.connection.feedback is None or not (found := job.mirror.feedback([lead])).height:
        return None, None
    _, said, at = found.row(-1)
    return said, None if said is None else at


def _experiment(card: Scorecard, results: pl.DataFrame) -> str | None:
    """Return the name of the card's experiment if chance gave this lead its index."""
    experiment = card.priority.experiment if card.priority else None
    return experiment.name if experiment and by_chance(results, card).any() else None


def _ahead(
    active: ActiveScorecard, given: Material, figures: pl.DataFrame, lead: str, as_of: datetime
) -> Sequence[Change]:
    """Forecast a lead beside an account that stays as it is now."""
    frames, mine = given.frames, pl.col("lead") == lead
    row = _with_account(active, frames.leads.filter(mine), frames.accounts, figures)
    activities, previous = frames.activities.filter(mine), given.previous.filter(mine)
    related = Related(given.related.deals)
    return forecast(row, activities, frames.touchpoints, active.card, as_of, previous, related=related)


def _with_account(
    active: ActiveScorecard, lead: pl.DataFrame, accounts: pl.DataFrame | None, figures: pl.DataFrame
) -> pl.DataFrame:
    """Return a lead with the fields and the figures of its account that it reads, and without the account."""
    if accounts is not None:
        fields = accounts.select("account", pl.exclude("account").name.prefix(ACCOUNT))
        lead = lead.join(fields, on="account", how="left")
    said = {name: time if number is None else number for _, name, number, time in figures.iter_rows()}
    dtypes = {name: TIME if kind == "time" else pl.Float64() for name, kind in active.scorer.borrowed.items()}
    columns = [pl.lit(said.get(name), dtype).alias(name) for name, dtype in dtypes.items()]
    return lead.drop("account", strict=False).with_columns(columns)


def hundredths(lines: pl.DataFrame) -> pl.DataFrame:
    """Return lines with their points to the hundredth, so that they add up to the score as it is shown.

    Those with the largest remainders are rounded up: each alone might be rounded so that all miss the sum by a few.
    """
    exact = lines["points"].to_numpy() * HUNDRED
    down = np.floor(exact + TINY)
    missing = round(float(exact.sum())) - int(down.sum())
    up = np.argsort(down - exact, kind="stable")[:missing]
    down[up] += 1
    return lines.with_columns(pl.Series("points", down / HUNDRED))


def history(active: ActiveScorecard, id_: str, of: Of = "leads") -> Sequence[Write]:
    """Return the past writes to a lead or an account, and what caused them."""
    return box_of(active, of).outbox.history(id_)


def _first(frame: pl.DataFrame) -> dict[str, Any]:
    return {name: value for name, value in frame.row(0, named=True).items() if name != "lead"} if frame.height else {}
