"""What is written back: the table of result fields."""

from dataclasses import dataclass
from typing import Literal, get_args

from scoring.card import Scorecard
from scoring.card.conditions import URGENCIES
from scoring.card.readiness import Level
from scoring.engine import STATUSES
from scoring.explanation import LONGEST


@dataclass(frozen=True, slots=True)
class ResultField:
    """One computed field of a lead."""

    name: str
    label: str
    type: Literal["number", "choice", "text", "time"]
    description: str
    choices: tuple[str, ...] = ()
    decimals: int = 0
    length: int = LONGEST
    """For text: how many characters it has at most."""


def outputs(card: Scorecard) -> tuple[ResultField, ...]:
    """Return the fields that this scorecard fills, in the order of the table `What is written back`."""
    return (*_score(card), *_grade(card), *_readiness(card), *_likelihood(card), *_priority(card), *_about(card))


def _score(card: Scorecard) -> tuple[ResultField, ...]:
    if card.score is None:
        return ()
    labels = {"fit": "points for who the lead is", "engagement": "points for what the lead does"}
    sections = [
        ResultField(f"lead_{name}", f"Lead {name}", "number", f"{labels[name].capitalize()}, rounded.")
        for name in card.score.sections
    ]
    return (ResultField("lead_score", "Lead score", "number", "All points, fit and engagement, rounded."), *sections)


def _grade(card: Scorecard) -> tuple[ResultField, ...]:
    if card.grade is None:
        return ()
    description = "How well the lead matches the ideal customer profile; empty where too little is known."
    return (ResultField("lead_grade", "Lead grade", "choice", description, card.grade.letters),)


def _readiness(card: Scorecard) -> tuple[ResultField, ...]:
    if card.readiness is None:
        return ()
    stages = card.readiness.names
    return (
        ResultField("lead_readiness", "Lead readiness", "choice", "The stage of the buying cycle.", stages),
        ResultField("lead_urgency", "Lead urgency", "choice", "How soon somebody should act.", URGENCIES),
    )


def _likelihood(card: Scorecard) -> tuple[ResultField, ...]:
    """Return the likelihood's field: points are all that a fit needs."""
    if card.score is None and card.readiness is None:
        return ()
    chance = "The chance to convert, in percent; empty until calibrated."
    return (ResultField("lead_likelihood", "Lead likelihood", "number", chance, decimals=1),)


def _priority(card: Scorecard) -> tuple[ResultField, ...]:
    if card.priority is None:
        return ()
    levels = get_args(Level)
    return (
        ResultField("lead_priority", "Lead priority", "choice", "P1 first; empty when disqualified.", levels),
        ResultField("lead_priority_index", "Lead priority index", "number", "0 to 100: orders leads of one priority."),
    )


def _about(card: Scorecard) -> tuple[ResultField, ...]:
    why = ResultField("lead_score_reasons", "Lead score reasons", "text", "The strongest reasons, of both signs.")
    return (
        *((why,) if card.score else ()),
        ResultField("lead_score_status", "Lead score status", "choice", "Whether the lead could be scored.", STATUSES),
        ResultField("lead_scorecard", "Lead scorecard", "text", "Name and content hash of the scorecard."),
        ResultField("lead_scored_at", "Lead scored at", "time", "When a result was written last."),
    )
