"""Which outputs a scorecard fills, and a check that scoring makes every one of them and no other."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from scoring.card import Scorecard
from scoring.engine import DETAILS, Scorer
from vocabulary.outputs import BY_NAME, OUTPUTS, SCORED_AT, Need, Output


def outputs(card: Scorecard) -> tuple[Output, ...]:
    """Return the outputs that this scorecard fills, in the order of the table, with the choices that it gives them."""
    parts, choices = _parts(card), _choices(card)
    return tuple(
        replace(output, choices=choices.get(output.name, output.choices)) for output in OUTPUTS if output.needs in parts
    )


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
    return grades | ({"lead_readiness": card.readiness.names} if card.readiness else {})


class UndeclaredOutput(Exception):  # noqa: N818 - named for what is the matter
    """Scoring and the table of outputs disagree: a fault of leadgauge, found before anything is read or written."""

    exit_code = 1


FITTED: Final = "lead_likelihood"
"""Is made only once a likelihood was fitted."""


def verified(scorer: Scorer) -> Scorer:
    """Return a scorer that makes every output that its scorecard has, and none that the table does not declare."""
    made = set(scorer.made(datetime(2000, 1, 1, tzinfo=UTC)))
    wanted = {output.name for output in outputs(scorer.card)} - {SCORED_AT}
    if scorer.likelihood is None:
        wanted.discard(FITTED)
    if undeclared := made - set(BY_NAME) - set(DETAILS):
        raise UndeclaredOutput(f"Scoring makes {_listed(undeclared)}, and `vocabulary.outputs` does not declare it.")
    if missing := wanted - made:
        raise UndeclaredOutput(f"`vocabulary.outputs` declares {_listed(missing)}, and scoring does not make it.")
    return scorer


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))
