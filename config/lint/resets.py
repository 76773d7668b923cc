"""Resets that never hide anything."""

from collections.abc import Iterator

from config.lint.scene import Scene, Slip
from scoring.card import Scorecard
from scoring.card.figures import ActivityFigure
from scoring.card.resets import Reset
from scoring.card.walking import placed_conditions, placed_resets
from scoring.resets import CARD, Place, place_of


def slips(scene: Scene) -> Iterator[Slip]:
    """Yield the resets whose moment never comes, that nothing precedes, or that hide what is hidden already."""
    looking = _looking(scene.card)
    placed = [(place_of(path[:-2]), path, reset) for path, reset in placed_resets(scene.card)]
    for place, path, reset in placed:
        outer = [one for other, _, one in placed if other != place and other == place[: len(other)]]
        if why := _idle(scene, place, reset, looking, outer):
            yield Slip(path, f"the reset '{reset.name}' has no effect: {why}.", "Remove it.", (reset.name,))


def _idle(scene: Scene, place: Place, reset: Reset, looking: set[Place], outer: list[Reset]) -> str | None:
    if reset.activity is not None and (never := scene.plain.never(reset.activity)):
        return f"no activity can match: {never}"
    if not any(one[: len(place)] == place for one in looking) and not (place == CARD and _matters(scene.card, reset)):
        return "nothing in its place looks at activities"
    alike = next((one for one in outer if (one.activity, one.since) == (reset.activity, reset.since)), None)
    return f"the reset '{alike.name}' around it has the same moment" if alike else None


def _matters(card: Scorecard, reset: Reset) -> bool:
    """Return whether a reset of the card does more than hide activities: the lead rests, or leaves its stage."""
    kept = card.readiness is not None and any(stage.keep for stage in card.readiness.stages)
    return getattr(reset, "rest", None) is not None or kept


def _looking(card: Scorecard) -> set[Place]:
    """Return the places of what looks at activities."""
    figures = any(isinstance(figure, ActivityFigure) for figure in card.figures.values())
    by_accounts = card.company is not None and bool(_looking(card.company))
    return {*_rules(card), *_conditions(card), *([CARD] if figures or by_accounts else [])}


def _rules(card: Scorecard) -> Iterator[Place]:
    for name, section in card.sections.items():
        for number, group in enumerate(section.groups):
            yield from ((name, number, place) for place, rule in enumerate(group.rules) if rule.activity_conditions)


def _conditions(card: Scorecard) -> Iterator[Place]:
    for path, condition in placed_conditions(card):
        if condition.activities is not None or condition.unanswered is not None:
            yield place_of(path)
