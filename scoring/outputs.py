"""The outputs that a scorecard fills, and a check that scoring produces exactly these."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from scoring.card import Scorecard
from scoring.engine import Scorer
from scoring.results import DETAILS
from vocabulary.outputs import BY_NAME, OUTPUTS, PRIORITY, SCORED_AT, Need, Output


def outputs(card: Scorecard) -> tuple[Output, ...]:
    """Return the outputs that this scorecard fills, in table order, with the choices that it defines."""
    parts, choices = _parts(card), _choices(card)
    chosen = [replace(one, choices=choices.get(one.name, one.choices)) for one in OUTPUTS if one.needs in parts]
    said = card.priority.sentences if card.priority else ()
    return tuple(replace(one, sentences=said) if one.name == PRIORITY else one for one in chosen)


def _parts(card: Scorecard) -> set[Need]:
    given: dict[Need, bool] = {
        "any": True,
        "score": card.score is not None,
        "fit": "fit" in card.sections,
        "engagement": "engagement" in card.sections,
        "grade": card.grade is not None,
        "readiness": card.readiness is not None,
        "points": card.score is not None or card.readiness is not None,
        "priority": card.priority is not None,
    }
    return {part for part, there in given.items() if there}


def _choices(card: Scorecard) -> dict[str, tuple[str, ...]]:
    grades = {"lead_grade": card.grade.letters} if card.grade else {}
    stages = {"lead_readiness": card.readiness.names} if card.readiness else {}
    return grades | stages | ({PRIORITY: card.priorities} if card.priority else {})


class UndeclaredOutput(Exception):  # noqa: N818 - the name says what is wrong
    """Raised if scoring and the table of outputs disagree: a bug, found before anything is read or written."""

    exit_code = 1


FITTED: Final = "lead_likelihood"
"""Produced only once a likelihood has been fitted."""


def verified(scorer: Scorer) -> Scorer:
    """Return the scorer. Raise UndeclaredOutput if its results are not the declared outputs of its scorecard."""
    made = set(scorer.made(datetime(2000, 1, 1, tzinfo=UTC)))
    wanted = {output.name for output in outputs(scorer.card)} - {SCORED_AT}
    wanted -= scorer.skipped
    if scorer.likelihood is None:
        wanted.discard(FITTED)
    if undeclared := made - set(BY_NAME) - set(DETAILS):
        raise UndeclaredOutput(f"Scoring produces {_listed(undeclared)}, which `vocabulary.outputs` does not declare.")
    if missing := wanted - made:
        raise UndeclaredOutput(f"`vocabulary.outputs` declares {_listed(missing)}, which scoring does not produce.")
    return scorer


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))
