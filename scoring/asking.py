"""What a scorecard asks about activities."""

from collections.abc import Iterator

from scoring.card import ActivitiesCondition, ActivityCondition, Scorecard, Unanswered
from scoring.card.mistakes import Path
from scoring.card.walking import placed_conditions
from scoring.figures import Figures
from scoring.resets import Places


def activity_conditions(card: Scorecard) -> Iterator[ActivityCondition]:
    """Yield every condition on activities in the scorecard."""
    for section in card.sections.values():
        for rule in section.rules:
            yield from rule.activity_conditions.values()
    for resets in Places(card).resets.values():
        yield from (one.activity for one in resets if one.activity is not None)
    for one in questions(card):
        yield from (one,) if isinstance(one, ActivitiesCondition) else (one.asking, one.answering)
    yield from Figures(card).conditions
    if card.company is not None:
        yield from activity_conditions(card.company)


def questions(card: Scorecard) -> Iterator[ActivitiesCondition | Unanswered]:
    """Yield every question about the history in conditions on leads."""
    yield from (one for _, one in placed_questions(card))


def placed_questions(card: Scorecard) -> Iterator[tuple[Path, ActivitiesCondition | Unanswered]]:
    """Yield the same, each with the path of its condition."""
    for path, condition in placed_conditions(card):
        yield from ((path, one) for one in (condition.activities, condition.unanswered) if one is not None)


def activity_fields(card: Scorecard) -> frozenset[str]:
    """Return the activity fields that the scorecard uses."""
    cards = [card] if card.company is None else [card, card.company]
    summarised = (figure.field for one in cards for figure in Figures(one).of_activities.values() if figure.field)
    rules = (rule for one in cards for section in one.sections.values() for rule in section.rules)
    limited = (rule.activity_fields for rule in rules)
    tested = (condition.fields for condition in activity_conditions(card))
    return frozenset({"kind", *summarised}).union(*limited, *tested)
