"""A scorecard prepared for scoring: what every chunk asks, made once."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from scoring.asking import activity_conditions, activity_fields, placed_questions
from scoring.card import ActivitiesCondition, LeadCondition, Scorecard, Test, Unanswered
from scoring.card.conditions import converted
from scoring.card.operands import Other, Scope
from scoring.card.scorecard import AccountCard
from scoring.card.walking import placed_conditions
from scoring.conditions import Terms, feature, split
from scoring.figures import Figures
from scoring.likelihood import LOW, WHY_LIKELY, Likelihood
from scoring.points import SectionRules
from scoring.resets import CARD, Place, Places, place_of
from scoring.trend import TREND
from scoring.turning import Turning, turning
from vocabulary.outputs import COMPUTED

if TYPE_CHECKING:
    from vocabulary.fields import FieldType

POINTS: Final = ("fit", "engagement", "score")


class Prepared:
    """A scorecard, of leads or of accounts, prepared for any chunk."""

    def __init__(
        self,
        card: Scorecard,
        likelihood: Likelihood | None = None,
        wanted: Collection[str] = COMPUTED,
        *,
        texts: bool = True,
        silence: bool = True,
    ) -> None:
        """Prepare; of the results that cost much, only those in `wanted` are computed.

        Without `texts`, reasons and *why now* are not written, which takes most of the time. Without `silence`, no
        reason is that nothing happened: columns of a table do not tell what happened since the times that they hold.
        """
        self.card, self.likelihood, self.texts = card, likelihood, texts
        leads = card.leads if isinstance(card, AccountCard) else card
        self.says_silence = silence and not leads.activity_columns
        self.wanted = frozenset(wanted)
        self.skipped = frozenset({TREND}.difference(wanted))
        self.shows_interval, self.says_chance = LOW in wanted, texts and WHY_LIKELY in wanted
        self.looks_ahead = not {"lead_expires_at", "lead_next_step"}.isdisjoint(wanted)
        self.places, self.figures = Places(card), Figures(card)
        self._terms = {place: Terms(card.scope, str(place) if place else "") for place in self.places.with_history}
        self.terms = self._terms[CARD]
        self.rules_of = {part: SectionRules(part, section, self.terms_at) for part, section in card.sections.items()}
        placed = [(path, place_of(path), one) for path, one in placed_questions(card)]
        named = [(feature(one, self.terms_at(place).place), path, place, one) for path, place, one in placed]
        self.questions = {name: (place, one) for name, _, place, one in named}
        self.types = dict(card.fields)
        """The fields of leads and of their accounts, with their types."""
        self.borrowed: dict[str, FieldType] = {}
        """The figures of their accounts that leads use, with their types."""
        self.of_points = frozenset(name for name, path, _, _ in named if path[0] == "score")
        counted = () if likelihood is None else likelihood.counts
        asked_for = (*activity_conditions(card), *(one.condition for one in counted))
        self.splits = {one.content: split(one, card.scope) for one in asked_for}
        self._look_ahead(card)
        asked = activity_fields(card)
        self.numbers = tuple(name for name in ("seconds", "value") if name in asked)

    def turning(self, *, brief: bool) -> Mapping[str, Turning]:
        """Return by field what makes time change the answers about it; `brief`: those that points depend on."""
        return self._turning[brief]

    def asked_of_history(self, *, brief: bool) -> Sequence[tuple[Place, ActivitiesCondition | Unanswered]]:
        """Return every question about the history, with the place that it is asked at."""
        return self._asked[brief]

    def _look_ahead(self, card: Scorecard) -> None:
        """Note what can make time alone change a result."""
        placed = list(placed_conditions(card))
        self.least_surge = min((one.surge.points for _, one in placed if one.surge is not None), default=None)
        """The least points in a week that any condition calls a surge; None if none asks for one."""
        self.bounds = {part: _bounds(part, [one for _, one in placed], card.scope) for part in POINTS}
        self._turning: dict[bool, dict[str, Turning]] = {}
        self._asked: dict[bool, list[tuple[Place, ActivitiesCondition | Unanswered]]] = {}
        for brief in (False, True):
            kept = [(path, one) for path, one in placed if not brief or path[0] == "score"]
            tests: dict[str, list[Test]] = {}
            for _, one in kept:
                for name, test in one.field_tests.items():
                    tests.setdefault(name, []).append(test)
            found = {name: turning(some) for name, some in tests.items()}
            self._turning[brief] = {name: one for name, one in found.items() if one}
            placed_ones = [(place_of(path), one.activities or one.unanswered) for path, one in kept]
            placed_ones += [(place_of(path), one.unanswered) for path, one in kept if one.activities]
            asked = {(place, one.content): (place, one) for place, one in placed_ones if one is not None}
            self._asked[brief] = list(asked.values())

    def terms_at(self, place: Place) -> Terms:
        """Return the terms of a place's conditions."""
        return self._terms[self.places.innermost(place)]


def _bounds(part: str, conditions: Sequence[LeadCondition], scope: Scope) -> Sequence[float] | None:
    """Return the numbers that conditions compare a sum of points with; None if they compare it with other fields."""
    found = set[float]()
    for test in (one.computed_tests[part] for one in conditions if part in one.computed_tests):
        for name, raw in test.operators.items():
            operand = converted(name, raw, "number", scope)
            several = operand if isinstance(operand, tuple) else (operand,)
            if any(isinstance(one, Other) for one in several):
                return None
            found |= {float(one) for one in several if name != "known"}
    return sorted(found)
